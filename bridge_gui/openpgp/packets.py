"""Packet framing (RFC 9580, section 4): a strict reader and a small writer.

Bodies are views into the input wherever they lie in one piece, so that a message of many megabytes is not copied by
reading it.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from bridge_gui.openpgp.errors import Malformed, TooLarge

MAX_PACKETS = 4096
"""Packets in one sequence. The largest genuine keys (many third-party signatures) hold a few thousand."""


class Tag(IntEnum):
    """Packet types (RFC 9580, section 5)."""

    PKESK = 1
    SIGNATURE = 2
    SKESK = 3
    ONE_PASS = 4
    SECRET_KEY = 5
    PUBLIC_KEY = 6
    SECRET_SUBKEY = 7
    COMPRESSED = 8
    SED = 9
    MARKER = 10
    LITERAL = 11
    TRUST = 12
    USER_ID = 13
    PUBLIC_SUBKEY = 14
    USER_ATTRIBUTE = 17
    SEIPD = 18
    MDC = 19
    AEAD = 20
    PADDING = 21


_STREAMED = frozenset({Tag.COMPRESSED, Tag.SED, Tag.LITERAL, Tag.SEIPD, Tag.AEAD})
"""Only data packets may have partial or indeterminate lengths (RFC 9580, 4.2.1.4)."""


class Packet(NamedTuple):
    """One packet: its type, its body, and where its encoding begins and ends in the input.

    A tuple and not a dataclass: this one is made for each packet of each message, in a third of the time.
    """

    tag: int
    body: memoryview
    start: int
    end: int


def read(data: bytes | memoryview, *, most: int = MAX_PACKETS) -> Iterator[Packet]:
    """Yield the packets of `data` in order; raise `Malformed` at the first byte that does not fit."""
    view = memoryview(data)
    size = len(view)
    at = count = 0
    while at < size:
        if count == most:
            raise TooLarge("too many packets")
        count += 1
        start = at
        head = view[at]
        if not head & 0x80:
            raise Malformed("a packet does not begin with its marker bit")
        at += 1
        if head & 0x40:
            tag = head & 0x3F
            # The two usual lengths are read here, as this is done for each packet of each message.
            first = view[at] if at < size else 255
            if first < 192:
                at, end = at + 1, at + 1 + first
            elif first < 224 and at + 1 < size:
                at, end = at + 2, at + 2 + ((first - 192) << 8) + view[at + 1] + 192
            else:
                end = 0
            if end > size:
                raise Malformed("a packet is cut short")
            if end:
                body, at = view[at:end], end
            else:
                body, at = _new_body(view, at, tag)
        else:
            tag = (head >> 2) & 0x0F
            body, at = _old_body(view, at, tag, head & 3)
        if tag == 0:
            raise Malformed("packet type 0 is reserved")
        yield Packet(tag, body, start, at)


def _take(view: memoryview, at: int, length: int) -> tuple[memoryview, int]:
    end = at + length
    if end > len(view):
        raise Malformed("a packet is cut short")
    return view[at:end], end


def _old_body(view: memoryview, at: int, tag: int, kind: int) -> tuple[memoryview, int]:
    if kind == 3:
        if tag not in _STREAMED:
            raise Malformed("a packet of this type needs a length")
        return view[at:], len(view)
    octets, at = _take(view, at, 1 << kind)
    return _take(view, at, int.from_bytes(octets, "big"))


def _new_body(view: memoryview, at: int, tag: int) -> tuple[memoryview, int]:
    first, partial, at = _new_length(view, at)
    if not partial:
        return _take(view, at, first)
    if tag not in _STREAMED:
        raise Malformed("a packet of this type must not have partial lengths")
    if first < 512:
        raise Malformed("the first partial length is under 512 octets")
    pieces = []
    length = first
    while partial:
        piece, at = _take(view, at, length)
        pieces.append(piece)
        length, partial, at = _new_length(view, at)
    piece, at = _take(view, at, length)
    pieces.append(piece)
    return memoryview(b"".join(pieces)), at


def _new_length(view: memoryview, at: int) -> tuple[int, bool, int]:
    """Return (length, whether it is partial, next offset)."""
    try:
        first = view[at]
        if first < 192:
            return first, False, at + 1
        if first < 224:
            return ((first - 192) << 8) + view[at + 1] + 192, False, at + 2
    except IndexError:
        raise Malformed("a packet is cut short") from None
    if first == 255:
        octets, at = _take(view, at + 1, 4)
        return int.from_bytes(octets, "big"), False, at
    return 1 << (first & 0x1F), True, at + 1


def header(tag: int, length: int) -> bytes:
    """Write a packet header in the new format with a fixed length."""
    return bytes([0xC0 | tag]) + encode_length(length)


def write(tag: int, body: bytes | bytearray | memoryview) -> bytes:
    """Write one whole packet."""
    return b"".join((header(tag, len(body)), body))


def encode_length(length: int) -> bytes:
    """Write a length as packets and signature subpackets hold it (RFC 9580, 4.2.1 and 5.2.3.7)."""
    if length < 192:
        return bytes([length])
    if length < 8384:
        return bytes([((length - 192) >> 8) + 192, (length - 192) & 0xFF])
    return b"\xff" + length.to_bytes(4, "big")


class Cursor:
    """Read the fields of a packet's body from front to back; running off the end raises `Malformed`."""

    __slots__ = ("at", "view")

    def __init__(self, data: bytes | memoryview) -> None:
        self.view = memoryview(data)
        self.at = 0

    def take(self, count: int) -> bytes:
        start = self.at
        end = self.at = start + count
        if end > len(self.view):
            raise Malformed("a packet is cut short")
        return self.view[start:end].tobytes()

    def number(self, count: int) -> int:
        start = self.at
        end = self.at = start + count
        if end > len(self.view):
            raise Malformed("a packet is cut short")
        return self.view[start] if count == 1 else int.from_bytes(self.view[start:end], "big")

    def mpi(self) -> int:
        """Read a multiprecision integer (RFC 9580, 3.2).

        The count of bits rules how many octets there are, and nothing else: leading zero bits are let through, since a
        genuine signature of the service's modulus has a number written that way.
        """
        return int.from_bytes(self.mpi_octets(), "big")

    def mpi_octets(self) -> bytes:
        return self.take((self.number(2) + 7) // 8)

    def rest(self) -> memoryview:
        piece = self.view[self.at :]
        self.at = len(self.view)
        return piece

    def end(self) -> None:
        """Demand that nothing is left."""
        if self.at != len(self.view):
            raise Malformed("a packet has octets left over")


def mpi(value: int) -> bytes:
    """Write a multiprecision integer."""
    bits = value.bit_length()
    return bits.to_bytes(2, "big") + value.to_bytes((bits + 7) // 8, "big")


def mpi_from(octets: bytes) -> bytes:
    """Write octets as a multiprecision integer, without their leading zeros."""
    return mpi(int.from_bytes(octets, "big"))
