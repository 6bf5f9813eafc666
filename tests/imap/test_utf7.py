from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.imap import utf7


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("INBOX", b"INBOX"),
        ("~peter/mail/台北/日本語", b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"),  # RFC 3501 5.1.3
        ("A&B", b"A&-B"),
        ("Entwürfe", b"Entw&APw-rfe"),
        ("📧", b"&2D3c5w-"),
        ("a\tb", b"a&AAk-b"),
    ],
)
def test_names(name: str, wire: bytes) -> None:
    assert utf7.encode(name) == wire
    assert utf7.decode(wire) == name


@given(st.text(st.characters(codec="utf-8")))
def test_what_is_encoded_is_decoded(name: str) -> None:
    assert utf7.decode(utf7.encode(name)) == name


@given(st.binary())
def test_any_bytes_are_some_name(raw: bytes) -> None:
    assert isinstance(utf7.decode(raw), str)
    assert isinstance(utf7.decode_utf8(raw), str)


@pytest.mark.parametrize(("raw", "name"), [(b"R&D", "R&D"), (b"&!!!-", "&!!!-"), (b"&AA-", "&AA-"), (b"\xc3\xbc", "ü")])
def test_what_is_no_modified_utf7_is_taken_as_it_stands(raw: bytes, name: str) -> None:
    assert utf7.decode(raw) == name
