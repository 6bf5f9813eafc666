"""Drafts and uploads: what is kept, and what is refused."""

from __future__ import annotations

import time

import pytest

from bridge_gui.demo.server import DemoServer
from bridge_gui.openpgp import armor, message
from tests.demo.client import Client

NOW = int(time.time())


async def test_a_draft_can_be_read_back(demo: DemoServer, anna: Client) -> None:
    saved = await anna.draft(
        "Hällo\n", NOW, Subject="Grüße", ToList=[{"Name": "Bo", "Address": "bo@bridge.example"}], ExternalID="x@y"
    )
    full = await anna.message(saved["ID"])
    assert anna.open_body(full) == "Hällo\n".encode()
    assert full["Flags"] == 0
    assert set(full["LabelIDs"]) == {"1", "5", "8", "15"}
    assert full["ParsedHeaders"]["Subject"] == "=?utf-8?b?R3LDvMOfZQ==?="
    assert full["ParsedHeaders"]["Message-Id"] == "<x@y>"
    changed = {
        "Message": {
            "Sender": {"Name": "", "Address": "anna+tag@bridge.example"},
            "MIMEType": "text/html",
            "Subject": "New",
            "Body": "",
        }
    }
    await anna.good("PUT", f"/mail/v4/messages/{saved['ID']}", json=changed)
    again = await anna.message(saved["ID"])
    assert (again["Subject"], again["MIMEType"], again["Body"]) == ("New", "text/html", full["Body"])


async def test_a_reply_names_its_parent(anna: Client) -> None:
    parent = (await anna.listing(Subject="Re: Lisbon in March", Desc=1))["Messages"][0]
    full_parent = await anna.message(parent["ID"])
    saved = await anna.draft("Yes\n", NOW, ParentID=parent["ID"], Action=0)
    assert saved["ParsedHeaders"]["In-Reply-To"] == f"<{parent['ExternalID']}>"
    older = full_parent["ParsedHeaders"]["References"].split()
    assert saved["ParsedHeaders"]["References"].split() == [*older, f"<{parent['ExternalID']}>"]
    assert saved["ConversationID"] == parent["ConversationID"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Sender": {"Name": "", "Address": "bo@bridge.example"}}, 2001),
        ({"Sender": {"Name": "", "Address": "old.anna@bridge.example"}}, 2011),
        ({"MIMEType": "multipart/mixed"}, 2001),
        ({"Body": "plain words"}, 2001),
        ({"ToList": [{"Name": "", "Address": "nonsense"}]}, 2050),
        ({"ToList": [{"Name": "", "Address": "a@b.example>, <c@d.example"}]}, 2050),
        ({"ParentID": "unknown"}, 2501),
    ],
)
async def test_drafts_that_are_refused(anna: Client, change: dict[str, object], code: int) -> None:
    given = {
        "Subject": "x",
        "Sender": {"Name": "", "Address": "anna@bridge.example"},
        "Body": anna.sealed(b"x", NOW),
        "MIMEType": "text/plain",
    }
    outer = {"ParentID": change.pop("ParentID")} if "ParentID" in change else {}
    answer = await anna.call("POST", "/mail/v4/messages", json={"Message": {**given, **change}, **outer})
    assert (answer.status_code, answer.json()["Code"]) == (422, code)


async def test_a_body_for_somebody_else_is_refused(anna: Client, bo: Client) -> None:
    foreign = armor.armor(armor.MESSAGE, message.encrypt(b"x", [bo.primary.certificate], at=NOW))
    given = {"Sender": {"Name": "", "Address": "anna@bridge.example"}, "Body": foreign, "MIMEType": "text/plain"}
    answer = await anna.call("POST", "/mail/v4/messages", json={"Message": given})
    assert answer.status_code == 422


async def test_a_draft_cannot_be_a_parent(anna: Client) -> None:
    draft = await anna.draft("x", NOW)
    given = {
        "Sender": {"Name": "", "Address": "anna@bridge.example"},
        "Body": anna.sealed(b"x", NOW),
        "MIMEType": "text/plain",
    }
    answer = await anna.call("POST", "/mail/v4/messages", json={"Message": given, "ParentID": draft["ID"]})
    assert (answer.status_code, answer.json()["Code"]) == (422, 2001)


async def test_an_attachment_comes_back_as_it_was(anna: Client) -> None:
    draft = await anna.draft("x", NOW)
    answer = await anna.upload(
        draft["ID"], "dåta.bin", b"\x00\x01" * 500, NOW, MIMEType="image/png", Disposition="inline", ContentID="c@d"
    )
    assert answer.status_code == 200
    full = await anna.message(draft["ID"])
    (attachment,) = full["Attachments"]
    assert (attachment["Name"], attachment["Size"], full["NumAttachments"]) == ("dåta.bin", 1000, 1)
    assert attachment["Headers"]["content-id"] == "<c@d>"
    assert await anna.open_attachment(full, attachment) == b"\x00\x01" * 500
    await anna.good("DELETE", f"/mail/v4/attachments/{attachment['ID']}")
    assert (await anna.message(draft["ID"]))["Attachments"] == []


@pytest.mark.parametrize(
    "fields",
    [{"Disposition": "inline"}, {"Disposition": "odd"}, {"MIMEType": ""}, {"MessageID": "unknown"}],
)
async def test_uploads_that_are_refused(anna: Client, fields: dict[str, str]) -> None:
    draft = await anna.draft("x", NOW)
    answer = await anna.upload(draft["ID"], "a.txt", b"x", NOW, **fields)
    assert answer.status_code == 422


async def test_nothing_is_uploaded_to_a_sent_message(anna: Client) -> None:
    sent = (await anna.listing(LabelID="7", PageSize=1))["Messages"][0]
    answer = await anna.upload(sent["ID"], "a.txt", b"x", NOW)
    assert (answer.status_code, answer.json()["Code"]) == (422, 2011)


async def test_attachments_of_the_parent_can_be_taken_over(anna: Client) -> None:
    parent = (await anna.listing(Subject="Фотографии маяка"))["Messages"][0]
    full = await anna.message(parent["ID"])
    taken = full["Attachments"][0]
    draft = await anna.draft(
        "fwd", NOW, ParentID=parent["ID"], Action=2, AttachmentKeyPackets={taken["ID"]: taken["KeyPackets"]}
    )
    (copy,) = (await anna.message(draft["ID"]))["Attachments"]
    assert copy["ID"] != taken["ID"]
    assert await anna.open_attachment(draft, copy) == await anna.open_attachment(full, taken)
