"""Headers of letters: encoded words, quoting, order, repetition."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.utils import getaddresses

import pytest

from bridge_gui.demo import letters
from bridge_gui.demo.letters import Enclosure, Letter, Shape
from bridge_gui.demo.records import Flag, Person

ANNA = Person("Anna", "anna@bridge.example")


@pytest.mark.parametrize("name", ["Plain Name", "O'Shea", 'Says "hi", often', "Søren Ælgård", "佐藤 ゆき", "", "a\\b"])
def test_names_survive_the_way_through_a_header(name: str) -> None:
    written = letters.mailboxes([Person(name, "x@y.example"), ANNA])
    assert written.isascii()
    parsed = message_from_bytes(f"To: {written}\r\n\r\n".encode(), policy=policy.default)["To"].addresses
    assert [(each.display_name, each.addr_spec) for each in parsed] == [(name, "x@y.example"), ("Anna", ANNA.address)]
    assert len(getaddresses([written])) == 2


def test_repeated_fields_become_a_list_at_the_first_place() -> None:
    header = (("Received", "1"), ("Subject", "s"), ("Received", "2"), ("Received", "3"))
    assert list(letters.parsed(header).items()) == [("Received", ["1", "2", "3"]), ("Subject", "s")]
    assert letters.raw(header) == "Received: 1\r\nSubject: s\r\nReceived: 2\r\nReceived: 3\r\n"


def test_only_what_came_from_outside_has_trace_fields() -> None:
    def names(flags: int) -> list[str]:
        letter = Letter("s", ANNA, (ANNA,), "b", 0, flags=flags)
        return [name for name, _ in letters.letter_header(letter, "id@x")]

    assert names(Flag.RECEIVED)[:2] == ["Return-Path", "X-Original-To"]
    assert "Received" not in names(Flag.RECEIVED | Flag.INTERNAL)
    assert "Received" not in names(Flag.SENT)


def test_the_entity_of_a_pgp_mime_letter_parses() -> None:
    plain = Letter("s", ANNA, (ANNA,), "Größe = 3\nFrom here\n", 0, shape=Shape.MIME)
    parsed = message_from_bytes(letters.mime_entity(plain, "b"), policy=policy.default)
    assert parsed.get_content().replace("\r\n", "\n").rstrip() == plain.body.rstrip()
    data = bytes(range(256))
    with_file = Letter("s", ANNA, (ANNA,), "x", 0, enclosures=(Enclosure("a.bin", "application/octet-stream", data),))
    parsed = message_from_bytes(letters.mime_entity(with_file, "b"), policy=policy.default)
    (attachment,) = parsed.iter_attachments()
    assert (attachment.get_filename(), attachment.get_content()) == ("a.bin", data)
