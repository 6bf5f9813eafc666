"""Fields of an answer: any case, zero values, our own error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.proton.errors import Malformed
from bridge_gui.proton.wire import Fields, parse_json


def test_names_match_in_any_case() -> None:
    fields = Fields({"toggles": ["a"], "UserID": "u"})
    assert fields.texts("Toggles") == ("a",)
    assert fields.text("userid") == "u"


def test_exact_name_wins_over_a_similar_one() -> None:
    assert Fields({"id": "small", "ID": "exact"}).text("ID") == "exact"


def test_absent_and_null_are_zero_values() -> None:
    for fields in (Fields({}), Fields({"X": None}), Fields(None)):
        assert fields.text("X") == ""
        assert fields.number("X") == 0
        assert fields.flag("X") is False
        assert fields.binary("X") == b""
        assert fields.values("X") == []
        assert fields.ordered("X") == ()
        assert fields.one("X", lambda each: each) is None
        assert fields.many("X", lambda each: each) == ()
        assert fields.fields("X").text("Y") == ""


@pytest.mark.parametrize(
    ("read", "value"),
    [
        ("text", 1),
        ("number", "1"),
        ("number", 1.5),
        ("values", {}),
        ("texts", [1]),
        ("numbers", ["1"]),
        ("binary", "*"),
        ("fields", []),
        ("ordered", "x"),
        ("ordered", {"a": 1}),
        ("ordered", {"a": [1]}),
        ("identity", ""),
    ],
)
def test_wrong_types_are_malformed(read: str, value: object) -> None:
    with pytest.raises(Malformed):
        getattr(Fields({"X": value}), read)("X")


def test_headers_keep_their_order_and_their_repeats() -> None:
    fields = Fields(parse_json(b'{"H": {"Received": ["one", "two"], "From": "a", "received": "three"}}'))
    assert fields.ordered("H") == (("Received", "one"), ("Received", "two"), ("From", "a"), ("received", "three"))


def test_empty_body_is_nothing_and_html_is_malformed() -> None:
    assert parse_json(b" \n") is None
    with pytest.raises(Malformed):
        parse_json(b"<html>")
    with pytest.raises(Malformed):
        parse_json(b"[" * 100_000)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_our_error(body: bytes) -> None:
    try:
        Fields(parse_json(body)).text("X")
    except Malformed:
        pass
