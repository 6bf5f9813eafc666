"""Comparing texts in a search."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.store.folding import fold, fold_lines, header_values, trigrams


@pytest.mark.parametrize(
    ("text", "needle"),
    [
        ("Straße", "STRASSE"),
        ("Grüße", "gru\u0308sse"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("one\r\n two", "ONE TWO"),
        ("a\0b", "ab"),
        ("İstanbul", "i\u0307stanbul"),
    ],
)
def test_the_same_without_case(text: str, needle: str) -> None:
    assert fold(needle) in fold(text)


@given(st.text(), st.text(), st.text())
def test_a_part_stays_a_part(before: str, part: str, after: str) -> None:
    """A needle taken from a text is found in it, unless it was cut inside a composed character."""
    if fold(before) + fold(part) + fold(after) == fold(before + part + after):
        assert fold(part) in fold(before + part + after)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert "\0" not in once
    assert "\n" not in once


def test_trigrams() -> None:
    assert trigrams("ab") is None
    assert trigrams("abcd") == '"abc" AND "bcd"'
    assert trigrams('a"b') == '"a""b"'


def test_header_values() -> None:
    lines = fold_lines("Subject: One\nX-A: Two\nSubject:Three\nX-Subject: four")
    assert header_values(lines, "subject") == ["one", "three"]
    assert header_values(lines, "X-a") == ["two"]
    assert header_values(lines, "none") == []
