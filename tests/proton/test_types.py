"""Wire values: the documented shapes, absent parts, null lists, and what the older servers send."""

from __future__ import annotations

import pytest

from bridge_gui.model import EmailAddress, LabelKind
from bridge_gui.proton import event_types, mail_types, types
from bridge_gui.proton.errors import Malformed
from bridge_gui.proton.wire import Fields
from tests.proton.service import tokens

META = {
    "ID": "m1",
    "AddressID": "a1",
    "LabelIDs": ["0", "5"],
    "ExternalID": "x@y",
    "Subject": "Grüße",
    "Sender": {"Name": "Anna", "Address": "anna@bridge.example", "IsProton": 1},
    "ToList": [{"Name": "", "Address": "bo@bridge.example"}],
    "CCList": None,
    "Flags": 1 << 38 | 1,
    "Time": 1_700_000_000,
    "Size": 1234,
    "Unread": 1,
    "IsReplied": 1,
    "IsRepliedAll": 0,
    "IsForwarded": 1,
    "NumAttachments": 2,
    "Order": 7,
    "SomethingNew": {"a": 1},
}


def test_metadata() -> None:
    meta = mail_types.MessageMeta.read(Fields(META))
    assert meta.sender == EmailAddress("Anna", "anna@bridge.example")
    assert meta.to == (EmailAddress("", "bo@bridge.example"),)
    assert meta.cc == meta.bcc == meta.reply_to == ()
    assert meta.flags == 1 << 38 | 1
    assert (meta.unread, meta.replied, meta.replied_all, meta.forwarded) == (True, True, False, True)
    assert not meta.is_draft


@pytest.mark.parametrize(("flags", "draft"), [(0, True), (1, False), (2, False), (32, True), (3, False)])
def test_a_draft_is_neither_received_nor_sent(flags: int, draft: bool) -> None:
    assert mail_types.MessageMeta.read(Fields({"ID": "m", "Flags": flags})).is_draft is draft


def test_a_message_without_id_is_malformed() -> None:
    with pytest.raises(Malformed):
        mail_types.MessageMeta.read(Fields({}))


def test_a_whole_message() -> None:
    message = mail_types.Message.read(
        Fields(
            META
            | {
                "Header": "From: a\r\n",
                "ParsedHeaders": {"Received": ["one", "two"], "From": "a"},
                "Body": "-----BEGIN",
                "MIMEType": "text/html",
                "Attachments": [
                    {
                        "ID": "att",
                        "Name": "a.txt",
                        "Size": 5,
                        "MIMEType": "text/plain; charset=utf-8",
                        "Disposition": "inline",
                        "Headers": {"content-id": "<1>"},
                        "KeyPackets": "AAEC",
                        "Signature": None,
                    },
                    {"ID": "bare", "KeyPackets": ""},
                ],
            }
        )
    )
    assert message.headers == (("Received", "one"), ("Received", "two"), ("From", "a"))
    first, second = message.attachments
    assert first.key_packets == b"\x00\x01\x02"
    assert first.headers == (("content-id", "<1>"),)
    assert first.signature == ""
    assert (second.size, second.headers) == (0, ())
    assert "-----BEGIN" not in repr(message)


@pytest.mark.parametrize(
    ("status", "kind", "send", "enabled"),
    [(1, 1, 1, True), (0, 1, 1, False), (2, 1, 1, False), (1, 5, 1, True), (1, 5, 0, False), (1, 2, 0, True)],
)
def test_which_addresses_are_usable(status: int, kind: int, send: int, enabled: bool) -> None:
    data = {"ID": "a", "Email": "x@y", "Status": status, "Type": kind, "Send": send, "Receive": 1}
    assert types.Address.read(Fields(data)).enabled is enabled


def test_used_space_comes_from_the_mail_product_where_the_sum_is_missing() -> None:
    assert types.User.read(Fields({"ID": "u", "UsedSpace": 5})).used_space == 5
    data = {"ID": "u", "UsedSpace": 0, "ProductUsedSpace": {"Mail": 7}}
    assert types.User.read(Fields(data)).used_space == 7


def test_labels_of_kinds_yet_unknown() -> None:
    assert mail_types.Label.read(Fields({"ID": "l", "Type": 3, "ParentID": ""})).kind is LabelKind.FOLDER
    assert mail_types.Label.read(Fields({"ID": "l", "Type": 3, "ParentID": ""})).parent_id is None
    assert mail_types.Label.read(Fields({"ID": "l", "Type": 99})).kind is None


def test_an_event() -> None:
    event = event_types.Event.read(
        Fields(
            {
                "EventID": "e2",
                "More": 1,
                "Refresh": 0,
                "Messages": [
                    {"ID": "m1", "Action": 1, "Message": META},
                    {"ID": "m2", "Action": 0},
                    {"ID": "m3", "Action": 3, "Message": META | {"ID": "m3"}},
                ],
                "Labels": [{"ID": "l", "Action": 2, "Label": {"ID": "l", "Type": 1, "Name": "x"}}],
                "Addresses": None,
                "UsedSpace": 0,
                "Conversations": [{"ID": "c"}],
            }
        )
    )
    assert event.more
    assert [(change.id, change.action, change.deleted) for change in event.messages] == [
        ("m1", 1, False),
        ("m2", 0, True),
        ("m3", 3, False),
    ]
    assert event.messages[1].item is None
    assert event.labels[0].item is not None
    assert event.addresses == ()
    assert event.user is None
    assert event.used_space == 0, "zero was said; it is not absent"
    assert event_types.Event.read(Fields({"EventID": "e"})).used_space is None


@pytest.mark.parametrize(
    ("refresh", "mail", "contacts"), [(0, False, False), (1, True, False), (2, False, True), (255, True, True)]
)
def test_refresh_bits(refresh: int, mail: bool, contacts: bool) -> None:
    event = event_types.Event.read(Fields({"EventID": "e", "Refresh": refresh}))
    assert (event.refresh_mail, event.refresh_contacts) == (mail, contacts)


def test_an_event_without_id_is_malformed() -> None:
    with pytest.raises(Malformed):
        event_types.Event.read(Fields({"Code": 1000}))


def test_recipient_keys_may_be_missing() -> None:
    assert types.RecipientKeys.read(Fields({"RecipientType": 2})) == types.RecipientKeys(False)
    found = types.RecipientKeys.read(Fields({"RecipientType": 1, "Keys": [{"Flags": 3, "PublicKey": "k"}]}))
    assert found.internal
    assert found.keys == (types.RecipientKey(3, "k"),)


def test_settings_of_a_bare_server() -> None:
    settings = types.MailSettings.read(Fields({"PGPScheme": 0}))
    assert (settings.draft_mime_type, settings.pgp_scheme, settings.sign) == ("text/html", 0, False)


def test_tokens_do_not_show() -> None:
    assert "access-1" not in repr(tokens())
    assert "refresh-1" not in repr(tokens())
