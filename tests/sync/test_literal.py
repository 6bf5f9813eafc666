"""What is derived from a literal: the short way of usual headers gives what the long way gives."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.sync import literal

PIECES = st.sampled_from(
    [b"Subject", b"X-A", b":", b": ", b" ", b"\t", b"\r\n", b"\r\n ", b"\r\n\t", b"\n", b"\r", b"\0", b"Hello", b"=?",
     b"=?utf-8?q?=C3=A9?=", b"\xc3\xa9", b"\xff", b"a, b", b"\r\n\r\n"]
)  # fmt: skip


def header_text(data: bytes) -> str:
    return literal.derive(data, 0).search.header


def long_way(data: bytes) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(literal, "_ORDINARY", re.compile(b"(?!)"))
        return header_text(data)


@given(st.lists(PIECES, max_size=14).map(b"".join))
def test_both_ways_say_the_same(data: bytes) -> None:
    assert header_text(data) == long_way(data)


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (b"Subject: Hello\r\nTo: a@b.example\r\n\r\nSubject: no\r\n", "Subject: Hello\nTo: a@b.example"),
        (b"Subject: one\r\n two\r\n\tthree\r\n\r\n", "Subject: one two\tthree"),
        (b"Subject:Hello \r\n\r\n", "Subject: Hello"),
        (b"Subject: =?utf-8?q?=C3=A9?=\r\n\r\n", "Subject: é"),
        (b"Subject: \xc3\xa9\r\n\r\n", "Subject: é"),
        (b"From somebody\r\nSubject: x\r\n\r\n", "From somebody\nSubject: x"),
    ],
)
def test_one_field_a_line(header: bytes, text: str) -> None:
    assert header_text(header) == text
    assert long_way(header) == text
