"""Import: literals with encrypted leaves become messages; bad items do not stop good ones."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest

from bridge_gui.demo.server import DemoServer
from bridge_gui.openpgp import message
from tests.demo.client import Client

NOW = int(time.time())
HEAD = (
    b"From: =?utf-8?q?S=C3=B8ren?= <soren@boatyard.example>\r\nTo: anna@bridge.example\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n aus dem Hafen\r\nDate: Tue, 05 Mar 2024 10:00:00 +0100\r\n"
    b"Message-Id: <imported-1@boatyard.example>\r\nReceived: one\r\nReceived: two\r\nMIME-Version: 1.0\r\n"
)


def simple(client: Client, text: str = "Hällo\r\n", head: bytes = HEAD) -> bytes:
    return head + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + client.sealed(text.encode(), NOW).encode()


def mixed(client: Client, data: bytes) -> bytes:
    binary = message.encrypt(data, [client.primary.certificate], at=NOW)
    return (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        + client.sealed(b"<p>x</p>", NOW).encode()
        + b'\r\n--b1\r\nContent-Type: image/png; name="a.png"\r\nContent-Disposition: inline; filename="a.png"\r\n'
        b"Content-Id: <c@d>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(binary)
        + b"\r\n--b1--\r\n"
    )


def full(client: Client, literal: bytes) -> bytes:
    return (
        HEAD + b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=e\r\n\r\n--e\r\n'
        b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--e\r\n"
        b"Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\n"
        + client.sealed(literal, NOW).encode()
        + b"\r\n--e--\r\n"
    )


def meta(client: Client, *labels: str, **more: Any) -> dict[str, Any]:
    return {"AddressID": client.addresses[0]["ID"], "LabelIDs": list(labels), "Unread": 0, "Flags": 1, **more}


async def imported(client: Client, literal: bytes, metadata: dict[str, Any]) -> dict[str, Any]:
    (result,) = (await client.import_literals([literal], {"0": metadata})).json()["Responses"]
    assert result["Response"]["Code"] == 1000, result
    return await client.message(result["Response"]["MessageID"])


async def test_a_plain_mail_keeps_everything(anna: Client) -> None:
    full_message = await imported(anna, simple(anna), meta(anna, "6", "10", Unread=1, Flags=1 | 32))
    assert anna.open_body(full_message) == "Hällo\r\n".encode()
    assert (full_message["Subject"], full_message["Time"]) == ("Grüße aus dem Hafen", 1709629200)
    assert full_message["Sender"] == {"Name": "Søren", "Address": "soren@boatyard.example"}
    assert full_message["ExternalID"] == "imported-1@boatyard.example"
    assert full_message["Flags"] == 1 | 32 | 512
    assert (full_message["Unread"], full_message["IsReplied"]) == (1, 1)
    assert {"6", "10", "5"} <= set(full_message["LabelIDs"])
    assert full_message["ParsedHeaders"]["Received"] == ["one", "two"]
    assert next(iter(full_message["ParsedHeaders"])) == "From"


async def test_parts_become_attachments(anna: Client) -> None:
    full_message = await imported(anna, mixed(anna, b"\x89PNG data"), meta(anna, "0"))
    assert (full_message["MIMEType"], anna.open_body(full_message)) == ("text/html", b"<p>x</p>")
    (attachment,) = full_message["Attachments"]
    assert (attachment["Name"], attachment["MIMEType"], attachment["Disposition"]) == ("a.png", "image/png", "inline")
    assert attachment["Headers"]["content-id"] == "<c@d>"
    assert await anna.open_attachment(full_message, attachment) == b"\x89PNG data"


async def test_a_signed_mail_comes_whole(anna: Client) -> None:
    literal = b"Content-Type: multipart/signed; boundary=s\r\n\r\n--s--\r\n"
    full_message = await imported(anna, full(anna, literal), meta(anna, "0"))
    assert (full_message["MIMEType"], full_message["Attachments"]) == ("multipart/mixed", [])
    assert anna.open_body(full_message) == literal


async def test_the_same_mail_twice_is_one_with_both_labels(anna: Client) -> None:
    first = await imported(anna, simple(anna), meta(anna, "6"))
    second = await imported(anna, simple(anna), meta(anna, "0", "10"))
    assert first["ID"] == second["ID"]
    assert {"0", "10"} <= set(second["LabelIDs"])
    assert "6" not in second["LabelIDs"]
    sent = await imported(anna, simple(anna), meta(anna, "7", Flags=2))
    assert sent["ID"] != first["ID"]


async def test_items_have_their_own_fate_and_are_matched_by_name(demo: DemoServer, anna: Client) -> None:
    before = len(demo.world.account("anna").mailbox.messages)
    literals = [simple(anna), simple(anna, head=HEAD.replace(b"imported-1", b"imported-2")), b"From: x\r\n\r\nplain"]
    metadata = {"0": meta(anna, "5"), "1": meta(anna, "0"), "2": meta(anna, "0")}
    answer = (await anna.import_literals(literals, metadata)).json()
    assert answer["Code"] == 1001
    codes = {each["Name"]: each["Response"]["Code"] for each in answer["Responses"]}
    assert codes == {"0": 2001, "1": 1000, "2": 2001}
    assert [each["Name"] for each in answer["Responses"]] != ["0", "1", "2"]
    assert len(demo.world.account("anna").mailbox.messages) == before + 1


@pytest.mark.parametrize(
    ("labels", "more", "code"),
    [
        (("5",), {}, 2001),
        (("12",), {}, 2001),
        (("0", "6"), {}, 2001),
        (("unknown",), {}, 2501),
        (("0",), {"AddressID": "unknown"}, 2001),
        (("0",), {"Flags": 3}, 2001),
    ],
)
async def test_metadata_that_is_refused(anna: Client, labels: tuple[str, ...], more: dict[str, Any], code: int) -> None:
    answer = await anna.import_literals([simple(anna)], {"0": meta(anna, *labels, **more)})
    assert answer.json()["Responses"][0]["Response"]["Code"] == code


async def test_a_request_that_is_refused_as_a_whole(demo: DemoServer, anna: Client) -> None:
    many = {str(n): meta(anna, "0") for n in range(11)}
    assert (await anna.import_literals([simple(anna)] * 11, many)).status_code == 422
    demo.world.options.import_limit = 100
    assert (await anna.import_literals([simple(anna)], {"0": meta(anna, "0")})).status_code == 422
    files = {"0": ("0.eml", b"x"), "Metadata": ("meta.json", b"{}")}
    assert (await anna.call("POST", "/mail/v4/messages/import", files=files)).status_code == 422


@pytest.mark.parametrize(
    ("date", "time_"),
    [(b"Date: nonsense\r\n", None), (b"", None), (b"Date: Mon, 01 Jan 1962 00:00:00 +0000\r\n", 0)],
)
async def test_dates_that_are_odd(anna: Client, date: bytes, time_: int | None) -> None:
    head = HEAD.replace(b"Date: Tue, 05 Mar 2024 10:00:00 +0100\r\n", date)
    full_message = await imported(anna, simple(anna, head=head), meta(anna, "0"))
    assert full_message["Time"] == time_ if time_ is not None else full_message["Time"] >= NOW
