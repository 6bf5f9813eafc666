from __future__ import annotations

import pytest

from bridge_gui.mime.parse import parse
from bridge_gui.model import AddressId, EmailAddress
from bridge_gui.proton.send_routes import DraftAction
from bridge_gui.proton.types import Address
from bridge_gui.send import envelope

MINE = Address(AddressId("1"), "Anna@Example.org")
TAGGED = Address(AddressId("2"), "anna+box@example.org")
GONE = Address(AddressId("3"), "old@example.org", status=0)
CONTACT_ONLY = Address(AddressId("4"), "anna@gmail.example", type=5, send=False)
SILENCED = Address(AddressId("6"), "quiet@example.org", send=False)
BYOE = Address(AddressId("5"), "anna@own.example", type=5, send=True)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("anna@example.org", MINE),
        ("ANNA@EXAMPLE.ORG", MINE),
        ("anna+shop@example.org", MINE),
        ("anna+a+b@example.org", MINE),
        ("anna@example.com", None),
        ("annab@example.org", None),
        ("", None),
    ],
)
def test_own_address(written: str, found: Address | None) -> None:
    assert envelope.own_address([MINE, GONE], written) is found


def test_own_address_that_has_a_tag_itself() -> None:
    assert envelope.own_address([TAGGED], "Anna+Box@example.org") is TAGGED


def test_may_send() -> None:
    assert [envelope.may_send(each) for each in (MINE, GONE, SILENCED, CONTACT_ONLY, BYOE)] == [
        True, False, False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("anna@example.org", "Anna@Example.org"),
        ("anna+Shop@example.org", "Anna+Shop@Example.org"),
        ("anna+a+b@example.org", "Anna@Example.org"),
    ],
)
def test_sender_text(written: str, text: str) -> None:
    assert envelope.sender_text(MINE, written) == text


def test_recipient_lists() -> None:
    outgoing = parse(b"To: A <a@x>, b@x\r\nCc: B@x, c@x\r\nBcc: d@x\r\n\r\n")
    lists = envelope.recipient_lists(outgoing, ["D@x", "a@x", "B@X", "e@x", "a@X"])
    assert lists == envelope.Lists(
        (EmailAddress("A", "a@x"), EmailAddress("", "b@x")),
        (),
        (EmailAddress("", "d@x"), EmailAddress("", "e@x")),
    )


@pytest.mark.parametrize(
    ("header", "action"),
    [
        (b"Subject: x", DraftAction.FORWARD),
        (b"References: <a@x>", DraftAction.FORWARD),
        (b"In-Reply-To: <a@x>", DraftAction.REPLY),
        (b"In-Reply-To: <a@x>\r\nX-Forwarded-Message-Id: <a@x>", DraftAction.FORWARD),
        (b"In-Reply-To: <a@x>\r\nX-Forwarded-Message-Id: <b@x>", DraftAction.REPLY),
    ],
)
def test_action(header: bytes, action: DraftAction) -> None:
    assert envelope.action(parse(header + b"\r\n\r\n")) is action


def test_references() -> None:
    outgoing = parse(
        b"References: <a@x> <id1==@protonmail.internalid>,<b@x>,<id2@protonmail.internalid>\r\n"
        b"In-Reply-To: <c@x>\r\n\r\n"
    )
    assert envelope.references(outgoing) == envelope.References(("id1==", "id2"), "c@x")  # type: ignore[arg-type]
    assert envelope.references(parse(b"\r\n")) == envelope.References((), "")
