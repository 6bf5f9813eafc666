"""What is read quickly reads the same as what is read at length."""

from __future__ import annotations

import email.utils

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.mime.words import PREVIEW_CHARACTERS, BodyText, parse_date, preview

MONTHS = st.sampled_from(["Jan", "Feb", "Jun", "Dec", "dec", "Foo"])
ZONES = st.sampled_from(["+0000", "-0000", "+0130", "-1200", "+0099", "+2400", "-0001", "GMT", ""])


@given(st.integers(0, 32), MONTHS, st.integers(0, 10_000), st.integers(0, 25), st.integers(0, 61), ZONES)
def test_usual_dates_are_those_of_the_library(
    day: int, month: str, year: int, hour: int, second: int, zone: str
) -> None:
    value = f"Tue, {day} {month} {year:04d} {hour:02d}:05:{second:02d} {zone}"
    try:
        expected = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return  # what is made of those is not the library's business
    found = parse_date(value.encode())
    assert found == expected
    assert found is not None
    assert found.tzinfo == expected.tzinfo


@pytest.mark.parametrize(
    "words",
    [
        "",
        "  \n\t ",
        "Few words",
        "\n\n  One   and\nanother ",
        "word " * 400,
        " " * 5000 + "late words " * 100,
        "x" * 5000,
        "a" + " " * 900 + "b c",
    ],
)
def test_a_preview_is_the_first_words_in_one_line(words: str) -> None:
    assert preview([BodyText(False, words)]) == " ".join(words.split())[:PREVIEW_CHARACTERS]
