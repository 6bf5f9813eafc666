"""The reader's answer depends on the bytes alone, and it never keeps more than its limits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.imap.wire import Limits, LiteralWanted, Raw, Reader, TooLong

LIMITS = Limits(line=100, literal=30, literals=3, anonymous_line=100, anonymous_literal=30)


def reader() -> Reader:
    return Reader(LIMITS, lambda line: 100 if b"APPEND" in line else 30)


def events(data: bytes, cuts: list[int]) -> list[object]:
    """All events; literals that wait are let come."""
    made, one = [], reader()
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    for start, stop in zip([0, *places], [*places, len(data)], strict=True):
        one.feed(data[start:stop])
        while (event := one.next_event()) is not None:
            made.append(event)
            if isinstance(event, LiteralWanted):
                one.go_on()
        assert one.buffered <= LIMITS.line + 100 + 2
    return made


pieces = st.sampled_from(
    [
        *(b"a NOOP\r\n", b"b NOOP\n", b"a LOGIN {3}\r\nabc {2+}\r\nde\r\n", b"c X ~{1}\r\n\0\r\n", b"\r\n", b"\n"),
        *(b"x" * 110 + b"\r\n", b"y" * 101 + b"\r\n", b"z" * 100 + b"\r\n", b"w" * 101, b"a S {31}\r\n"),
        *(b"a S {31+}\r\n", b"q" * 31 + b"\r\n", b"a APPEND x {90+}\r\n" + b"m" * 90 + b"\r\n", b"\r"),
        *(b"a {1+}\r\n.{1+}\r\n.{1+}\r\n.{1+}\r\n.\r\n", b"a {99999999999999999999}\r\n", b"{", b"}", b" ", b"+"),
    ]
)
whole = st.lists(pieces, max_size=8).map(b"".join) | st.binary(max_size=200)


@given(whole, st.lists(st.integers(0, 10_000), max_size=20))
def test_any_cut_gives_the_same_events(data: bytes, cuts: list[int]) -> None:
    assert events(data, cuts) == events(data, [])
    assert events(data, list(range(len(data)))) == events(data, [])


def test_a_literal_is_announced_before_it_is_taken() -> None:
    one = reader()
    one.feed(b"a LOGIN {4}\r\n")
    assert one.next_event() == LiteralWanted(4)
    assert one.next_event() is None
    one.go_on()
    one.feed(b"user pass\r\n")
    assert one.next_event() == Raw((b"a LOGIN {4}", b" pass"), (b"user",))


def test_what_is_too_large_is_refused_with_its_tag_and_the_next_command_is_read() -> None:
    one = reader()
    one.feed(b"a SELECT {31}\r\n")
    assert one.next_event() == TooLong("a", "literal", literal=True)
    one.feed(b"b SELECT {31+}\r\n" + b"x" * 31 + b"\r\nc NOOP\r\n")
    assert one.next_event() == TooLong("b", "literal", literal=True)
    assert one.next_event() == Raw((b"c NOOP",), ())


def test_an_endless_line_is_not_kept() -> None:
    one = reader()
    for _ in range(1000):
        one.feed(b"x" * 1000)
        assert one.next_event() is None
        assert one.buffered == 0
    one.feed(b"\r\nd NOOP\r\n")
    assert one.next_event() == TooLong("", "line", literal=False)
    assert one.next_event() == Raw((b"d NOOP",), ())
