"""Comparing texts in a search."""

from __future__ import annotations

import sys

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


@pytest.mark.parametrize("blank", [each for each in map(chr, range(sys.maxunicode + 1)) if each.isspace()])
def test_blank_space_of_every_kind_is_one_space(blank: str) -> None:
    assert fold(f"{blank}a{blank} \n {blank}b{blank}") == " a b "
    assert fold(f"é{blank}b") == "é b"


@given(st.text(alphabet="aB \n\r\t\x0b\x1c\0é"))
def test_lines_are_folded_one_by_one(text: str) -> None:
    assert fold_lines(text) == "\n".join(fold(line) for line in text.splitlines())
