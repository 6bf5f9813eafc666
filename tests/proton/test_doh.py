"""The DNS question and its answers, in wire format."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.proton import doh
from bridge_gui.proton.errors import Malformed
from bridge_gui.proton.routing import QUERY_NAME
from tests.proton.tls_server import txt_answer


def test_the_question_is_the_example_of_the_rfc_but_for_its_type() -> None:
    # RFC 8484 4.1.1 asks for the A record (type 1) of www.example.com.
    example = base64.urlsafe_b64decode("AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB")
    assert doh.query("www.example.com") == example[:-4] + b"\x00\x10\x00\x01"


def test_the_parameter_has_no_padding() -> None:
    value = doh.query_parameter(QUERY_NAME)
    assert "=" not in value
    assert base64.urlsafe_b64decode(value + "==") == doh.query(QUERY_NAME)


def test_the_name_is_the_api_host_in_base32() -> None:
    encoded = QUERY_NAME.split(".")[0].removeprefix("d")
    assert base64.b32decode(encoded + "=" * (-len(encoded) % 8)) == b"api.protonmail.ch"


def test_texts_are_read_in_order_and_long_ones_joined() -> None:
    long = "x" * 300
    assert doh.texts(txt_answer("a.example", "b.example:8443", long)) == ("a.example", "b.example:8443", long)


def test_other_records_and_refusals_give_nothing() -> None:
    cname = txt_answer("a.example").replace(b"\xc0\x0c\x00\x10", b"\xc0\x0c\x00\x05")
    assert doh.texts(cname) == ()
    assert doh.texts(txt_answer(code=3)) == ()


@pytest.mark.parametrize("cut", [1, 11, 13, 20, 30, 40])
def test_a_cut_answer_is_malformed(cut: int) -> None:
    with pytest.raises(Malformed):
        doh.texts(txt_answer("a.example")[:cut])


def test_a_question_is_no_answer() -> None:
    with pytest.raises(Malformed):
        doh.texts(doh.query("a.example"))


@given(st.binary(max_size=100) | st.binary(max_size=60).map(lambda tail: txt_answer("a.example")[:25] + tail))
def test_any_bytes_give_texts_or_our_error(data: bytes) -> None:
    try:
        doh.texts(data)
    except Malformed:
        pass
