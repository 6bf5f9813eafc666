from __future__ import annotations

import pytest

from bridge_gui.openpgp import packets
from bridge_gui.openpgp.errors import CryptoError, Malformed, TooLarge
from bridge_gui.openpgp.packets import Cursor, Tag


def bodies(data: bytes) -> list[tuple[int, bytes]]:
    return [(packet.tag, bytes(packet.body)) for packet in packets.read(data)]


@pytest.mark.parametrize("size", [0, 1, 191, 192, 193, 8383, 8384, 70_000])
def test_what_is_written_is_read(size: int) -> None:
    body = bytes(size)
    data = packets.write(Tag.LITERAL, body) + packets.write(Tag.USER_ID, b"x")
    assert bodies(data) == [(11, body), (13, b"x")]
    first, second = packets.read(data)
    assert (first.start, first.end, second.start, second.end) == (0, second.start, first.end, len(data))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (bytes([0x80 | 13 << 2, 2]) + b"ab", [(13, b"ab")]),
        (bytes([0x80 | 13 << 2 | 1, 0, 2]) + b"ab", [(13, b"ab")]),
        (bytes([0x80 | 13 << 2 | 2, 0, 0, 0, 2]) + b"ab", [(13, b"ab")]),
        (bytes([0x80 | 11 << 2 | 3]) + b"to the end", [(11, b"to the end")]),
        (bytes([0xC0 | 11, 0xE0 | 9]) + bytes(512) + bytes([0xE1]) + b"ab" + b"\x01c", [(11, bytes(512) + b"abc")]),
        (bytes([0xC0 | 11, 0xE0 | 9]) + bytes(512) + b"\x00", [(11, bytes(512))]),
        (bytes([0xC0 | 13, 0xFF, 0, 0, 0, 1]) + b"a", [(13, b"a")]),
    ],
    ids=["old 1", "old 2", "old 4", "old to the end", "partial", "partial, then nothing", "five octets"],
)
def test_every_kind_of_length(data: bytes, expected: list[tuple[int, bytes]]) -> None:
    assert bodies(data) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"\x00",
        b"\x7f",
        bytes([0xC0 | 13]),
        bytes([0xC0 | 13, 5]) + b"abcd",
        bytes([0xC0 | 13, 0xC0]),
        bytes([0xC0 | 13, 0xFF, 0, 0]),
        bytes([0xC0 | 13, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        bytes([0xC0 | 13, 0xE0 | 9]) + bytes(512) + b"\x00",
        bytes([0xC0 | 11, 0xE0 | 8]) + bytes(256) + b"\x00",
        bytes([0xC0 | 11, 0xE0 | 9]) + bytes(512),
        bytes([0x80 | 13 << 2 | 3]) + b"ab",
        bytes([0xC0, 0]),
        bytes([0x80 | 13 << 2 | 1, 0]),
    ],
)
def test_what_does_not_fit_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        bodies(data)


def test_too_many_packets() -> None:
    with pytest.raises(TooLarge):
        bodies(packets.write(Tag.MARKER, b"PGP") * (packets.MAX_PACKETS + 1))


def test_bodies_in_one_piece_are_not_copied() -> None:
    data = packets.write(Tag.LITERAL, bytes(100_000))
    (packet,) = packets.read(data)
    assert packet.body.obj is data


@pytest.mark.parametrize("value", [0, 1, 255, 256, 2**255 - 19, 2**2048 - 1])
def test_numbers(value: int) -> None:
    at = Cursor(packets.mpi(value) + b"x")
    assert at.mpi() == value
    assert bytes(at.rest()) == b"x"


def test_a_cursor_never_reads_past_the_end() -> None:
    for read in (lambda at: at.take(3), lambda at: at.number(4), lambda at: at.mpi(), lambda at: at.end()):
        with pytest.raises(CryptoError):
            read(Cursor(b"\xff\xff"))
