"""Drafts, uploads, packages and imports as they go out."""

from __future__ import annotations

import base64
import json
import re

import httpx
import pytest

from bridge_gui.model import AddressId, AttachmentId, EmailAddress, LabelId, MessageId
from bridge_gui.proton import errors, send_routes
from bridge_gui.proton.send_routes import (
    Draft,
    DraftAction,
    Import,
    Package,
    PackageRecipient,
    PackageType,
    PlainKey,
    Upload,
    import_groups,
)
from bridge_gui.secret import Secret
from tests.proton.service import Service, ok

ANNA = EmailAddress("Anna", "anna@bridge.example")
BO = EmailAddress("", "bo@bridge.example")


async def test_a_draft() -> None:
    service = Service([ok(Message={"ID": "d1", "ToList": None})])
    draft = Draft(ANNA, "-----BEGIN", "text/html", "Hi", to=(BO,), external_id="x@y")
    made = await service.api().create_draft(
        draft,
        parent_id=MessageId("p"),
        action=DraftAction.FORWARD,
        attachment_key_packets={AttachmentId("a"): b"\x00"},
    )
    assert made.id == "d1"
    assert service.paths() == ["POST /mail/v4/messages"]
    assert service.body() == {
        "Message": {
            "Subject": "Hi",
            "Sender": {"Name": "Anna", "Address": "anna@bridge.example"},
            "ToList": [{"Name": "", "Address": "bo@bridge.example"}],
            "CCList": [],
            "BCCList": [],
            "Body": "-----BEGIN",
            "MIMEType": "text/html",
            "Unread": 0,
            "ExternalID": "x@y",
        },
        "AttachmentKeyPackets": {"a": "AA=="},
        "ParentID": "p",
        "Action": 2,
    }


async def test_a_draft_without_parent_and_its_update() -> None:
    service = Service([ok(Message={"ID": "d1"}), ok(Message={"ID": "d1"})])
    api = service.api()
    draft = Draft(ANNA, "body")
    await api.create_draft(draft)
    assert "ParentID" not in service.body()
    assert "ExternalID" not in service.body()["Message"]
    assert service.body()["AttachmentKeyPackets"] is None
    await api.update_draft(MessageId("d1"), draft)
    assert service.paths()[1] == "PUT /mail/v4/messages/d1"


def parts_of(request: httpx.Request) -> list[tuple[str, bytes]]:
    """Head and body of each part of a multipart request."""
    boundary = re.search(r"boundary=(\S+)", request.headers["Content-Type"])
    assert boundary is not None
    pieces = request.content.split(b"--" + boundary[1].encode())[1:-1]
    heads = [piece.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n") for piece in pieces]
    return [(head.decode(), body) for head, _, body in heads]


async def test_an_upload() -> None:
    service = Service([ok(Attachment={"ID": "a1", "KeyPackets": "AAE=", "Signature": "\ufffd\x00garbage"})])
    upload = Upload("Grüße.txt", "text/plain", b"\x00key", b"\x01data", b"\x02sig", inline=True, content_id="1@x")
    attachment = await service.api().upload_attachment(MessageId("d1"), upload)
    assert attachment.key_packets == b"\x00\x01"
    parts = {head.split('"')[1]: (head, body) for head, body in parts_of(service.asked[0])}
    assert [parts[name][1] for name in ("MessageID", "Filename", "MIMEType", "Disposition", "ContentID")] == [
        b"d1",
        "Grüße.txt".encode(),
        b"text/plain",
        b"inline",
        b"1@x",
    ]
    for name, body in (("KeyPackets", b"\x00key"), ("DataPacket", b"\x01data"), ("Signature", b"\x02sig")):
        head, content = parts[name]
        assert content == body
        assert 'filename="blob"' in head
        assert "Content-Type: application/octet-stream" in head
    assert "filename" not in parts["Filename"][0].replace('name="Filename"', "")


async def test_packages() -> None:
    service = Service([ok(Sent={"ID": "d1", "Flags": 2})])
    recipients = {
        "bo@bridge.example": PackageRecipient(PackageType.INTERNAL, True, b"\x00packet", {AttachmentId("a"): b"\x01"}),
        "out@side.example": PackageRecipient(PackageType.CLEAR),
    }
    package = Package(
        "text/plain",
        b"\x02data",
        recipients,
        PlainKey(Secret(b"k" * 32)),
        {AttachmentId("a"): PlainKey(Secret(b"l" * 16), "aes128")},
    )
    sent = await service.api().send(MessageId("d1"), [package])
    assert sent.meta.flags == 2
    assert service.paths() == ["POST /mail/v4/messages/d1"]
    b64 = lambda data: base64.b64encode(data).decode()  # noqa: E731
    assert service.body() == {
        "Packages": [
            {
                "MIMEType": "text/plain",
                "Type": 5,
                "Body": b64(b"\x02data"),
                "Addresses": {
                    "bo@bridge.example": {
                        "Type": 1,
                        "Signature": 1,
                        "BodyKeyPacket": b64(b"\x00packet"),
                        "AttachmentKeyPackets": {"a": b64(b"\x01")},
                    },
                    "out@side.example": {"Type": 4, "Signature": 0},
                },
                "BodyKey": {"Key": b64(b"k" * 32), "Algorithm": "aes256"},
                "AttachmentKeys": {"a": {"Key": b64(b"l" * 16), "Algorithm": "aes128"}},
            }
        ]
    }
    assert "kkkk" not in repr(package)


def mail(size: int = 10, label: str = "0") -> Import:
    return Import(AddressId("addr"), (LabelId(label),), True, 1, b"x" * size + b"\r\n")


async def test_an_import_matches_its_results_by_name() -> None:
    responses = [
        {"Name": "1", "Response": {"Code": 2001, "Error": "Unparsable"}},
        {"Name": "0", "Response": {"Code": 1000, "MessageID": "m0"}},
    ]
    service = Service([httpx.Response(200, json={"Code": 1001, "Responses": responses})])
    first, second = await service.api().import_messages([mail(), mail(label="6")])
    assert (first.ok, first.message_id) == (True, "m0")
    assert (second.ok, second.error) == (False, "Unparsable")
    parts = parts_of(service.asked[0])
    assert len(parts) == 3
    assert 'name="0"; filename="0.eml"' in parts[0][0]
    assert "Content-Type: message/rfc822" in parts[0][0]
    assert parts[0][1] == b"x" * 10 + b"\r\n"
    head, metadata = parts[2]
    assert 'name="Metadata"' in head
    assert "filename" not in head
    assert "Content-Type: application/json" in head
    assert json.loads(metadata)["1"] == {"AddressID": "addr", "LabelIDs": ["6"], "Unread": 1, "Flags": 1}


async def test_imports_go_out_in_tens() -> None:
    def answer(count: int) -> httpx.Response:
        return ok(Responses=[{"Name": str(n), "Response": {"Code": 1000, "MessageID": f"m{n}"}} for n in range(count)])

    service = Service([answer(10), answer(10), answer(3)])
    assert len(await service.api().import_messages([mail()] * 23)) == 23


def test_imports_keep_below_the_size_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_routes, "IMPORT_BYTES", 100)
    sizes = [
        [len(each.literal) - 2 for each in group] for group in import_groups([mail(n) for n in (50, 40, 60, 98, 1)])
    ]
    assert sizes == [[50, 40], [60], [98], [1]]


async def test_a_message_too_large_is_refused_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_routes, "IMPORT_BYTES", 100)
    with pytest.raises(errors.LimitExceeded, match="50 MB"):
        await Service().api().import_messages([mail(10), mail(99)])


async def test_an_import_with_a_result_missing_is_malformed() -> None:
    service = Service([ok(Responses=[{"Name": "0", "Response": {"Code": 1000, "MessageID": "m"}}])])
    with pytest.raises(errors.Malformed):
        await service.api().import_messages([mail(), mail()])
