from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.smtp.content import Content, DataReader, Fault


def read(pieces: list[bytes], max_size: int = 1000) -> tuple[bytes | None, Fault | None, bytes]:
    """What follows the end, what is wrong, and the message; the pieces after the end are put to what follows."""
    reader = DataReader(max_size)
    for place, piece in enumerate(pieces):
        rest = reader.feed(piece)
        if rest is not None:
            return rest + b"".join(pieces[place + 1 :]), reader.fault, reader.content.take()
    return None, reader.fault, b""


@given(st.text(alphabet="\r\n.ab", max_size=60), st.lists(st.integers(0, 80), max_size=8))
def test_any_split_reads_the_same(text: str, cuts: list[int]) -> None:
    """The alphabet is what marks are made of, so that ends, dots and line ends are cut at each place."""
    data = text.encode() + b"\r\n.\r\nNOOP\r\n"
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    assert read([data[a:b] for a, b in itertools.pairwise(places)]) == read([data])


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (b".\r\n", b""),
        (b"a\r\n.\r\n", b"a\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b".a\r\n..b\r\nc.\r\n.\r\n", b"a\r\n.b\r\nc.\r\n"),
        (b"a\nb\rc\r\n.\r\n", b"a\r\nb\r\nc\r\n"),
        (b"x\n\r\n..\r\n.\r\n", b"x\r\n\r\n.\r\n"),  # a stuffed dot is no lone one
    ],
)
def test_messages(sent: bytes, message: bytes) -> None:
    assert read([sent]) == (b"", None, message)


def test_size_is_that_of_the_message() -> None:
    assert read([b"..345678\r\n.\r\n"], 9) == (b"", None, b".345678\r\n")
    assert read([b"..345678\r\n.\r\n"], 8)[1] is Fault.TOO_BIG


def test_what_is_too_big_is_not_kept() -> None:
    content = Content(10)
    for _ in range(100):
        content.add(b"x" * 9)
    assert content.too_big
    assert content.size == 900
    assert content.take() == b""
