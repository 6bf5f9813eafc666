"""Every command comes back as it was written; what is not in the grammar raises `Refused` and nothing else."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge_gui.imap import commands as c
from bridge_gui.imap.parse import Refused, parse
from bridge_gui.imap.wire import Limits, Raw, Reader
from tests.imap.encode import commands, encode


def raw(data: bytes) -> Raw:
    reader = Reader(Limits(), lambda line: 1 << 20)
    reader.line_limit = 1 << 20
    reader.feed(data)
    event = reader.next_event()
    assert isinstance(event, Raw), event
    return event


def read(text: str) -> c.Command:
    return parse(raw(text.encode() + b"\r\n"))


@given(commands)
def test_what_was_written_is_read(command: c.Command) -> None:
    assert parse(raw(encode(command))) == command


words = st.sampled_from(
    [
        *(b"a", b"UID", b"FETCH", b"STORE", b"SEARCH", b"SELECT", b"LIST", b"APPEND", b"SORT", b"THREAD", b"ID"),
        *(b"NOTIFY", b"SET", b"(", b")", b"()", b"[", b"]", b"BODY[", b"1.2", b"<0.1>", b"*", b"1:*", b"$", b"NIL"),
        *(b'"x"', b'"', b"{3+}\r\nabc", b"~{1+}\r\n\0", b"CHARSET", b"UTF-8", b"NOT", b"OR", b"RETURN", b"PARTIAL"),
        *(b"-1:-2", b"CHANGEDSINCE", b"QRESYNC", b"(1 2)", b"\\Seen", b"1-Jan-2024", b"&", b"&AAA-", b"%", b"STATUS"),
        *(b'"01-Jan-2024 00:00:00 +0000"', b"UTF8", b"ENABLE", b"AUTHENTICATE", b"PLAIN", b"=", b"9" * 20),
    ]
)
almost = st.lists(st.tuples(words, st.sampled_from([b" ", b" ", b" ", b""])), max_size=14).map(
    lambda pairs: b"a " + b"".join(word + gap for word, gap in pairs)
)


@settings(deadline=None)
@given(almost | st.binary(max_size=80).filter(lambda data: b"\n" not in data and b"{" not in data))
@example(b"a FETCH 1 BODY[" + b"1." * 200)
@example(b"a SEARCH " + b"NOT " * 500 + b"ALL")
@example(b"a SEARCH " + b"OR ALL " * 500 + b"ALL")
@example(b"a LIST (((((((((((((((((((((")
@example(b'a LOGIN "' + b"\\" * 999)
@example(b"a STORE 1 +FLAGS (" + b"x " * 5000)
@example(b"a ID (" + b'"a" NIL ' * 1000)
@example(b"a FETCH " + b"1,2:*," * 20_000 + b"1 FLAGS")
def test_hostile_lines_are_refused_quickly(data: bytes) -> None:
    began = time.process_time()
    with contextlib.suppress(Refused):
        assert isinstance(parse(raw(data + b"\r\n")), c.Command)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a FETCH 1 BODY[HEADER.FIELDS ()]", "expected a string"),
        ("a FETCH 1 (FLAGS", "expected a space"),
        ("a SELECT a\0b", "unexpected"),
        ("a STORE 1 FLAGS \\Recent", "Recent"),
        ("a UID FETCH 1 FLAGS (VANISHED)", "CHANGEDSINCE"),
        ("a SEARCH RETURN (ALL PARTIAL 1:2) ALL", "PARTIAL"),
        ("a NOTIFY SET (selected (MessageNew))", "together"),
        ("a NOTIFY SET (selected (MailboxName))", "only message events"),
        ("a SELECT x (QRESYNC (0 1))", "out of range"),
        ("a LIST (RECURSIVEMATCH) x y", "RECURSIVEMATCH"),
        ("a ENABLE", "expected a capability"),
    ],
)
def test_refusals_say_why(text: str, why: str) -> None:
    with pytest.raises(Refused, match=why) as caught:
        read(text)
    assert caught.value.tag == "a"


def test_names_without_modified_utf7_are_understood() -> None:
    assert read("a SELECT Entwürfe") == c.Select("a", "Entwürfe")
    assert read('a SELECT "R&D"') == c.Select("a", "R&D")
    assert read("a SELECT inbox/x") == c.Select("a", "INBOX/x")


def test_a_command_never_shows_its_password() -> None:
    assert "hunter2" not in repr(read("a LOGIN me hunter2"))
    assert "SecretMail" not in repr(read("a APPEND x {10+}\r\nSecretMail"))
