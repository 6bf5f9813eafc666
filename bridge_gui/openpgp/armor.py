"""ASCII armor (RFC 9580, section 6), in time linear to the input.

Armor comes from strangers, so nothing here is a regular expression over the whole text. On reading, the checksum line
is optional and not looked at (RFC 9580, 6.1: a message must not be rejected for it). We write it all the same: GnuPG
2.2 takes the end line for data when neither padding nor a checksum precedes it.
"""

from __future__ import annotations

import binascii
import io
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from bridge_gui.openpgp.errors import Malformed

MESSAGE = "MESSAGE"
SIGNATURE = "SIGNATURE"
PUBLIC_KEY = "PUBLIC KEY BLOCK"
PRIVATE_KEY = "PRIVATE KEY BLOCK"

_BEGIN = b"-----BEGIN PGP "
_LINE = 64
"""Characters in a line; RFC 9580 allows 76, and every implementation writes 64."""
_BLOCK = 1024 * 48
"""Octets that are written as lines at a time; 48 make a line."""
_PIECE = 1 << 20
"""Characters that are read at a time, so that beside what is read and what comes of it there is nothing."""


def armor(kind: str, data: bytes, headers: Sequence[tuple[str, str]] = ()) -> str:
    """Write `data` as an armored block; `headers` are lines such as ("Comment", "...")."""
    for name, value in headers:
        if not name.isascii() or any(c in name or c in value for c in "\r\n"):
            raise ValueError("an armor header is one line")
    lines = [f"-----BEGIN PGP {kind}-----"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines.append("")
    view = memoryview(data)
    for start in range(0, len(view), _BLOCK):  # a line is small, and hundreds of thousands of them are not
        text = binascii.b2a_base64(view[start : start + _BLOCK], newline=False).decode("ascii")
        lines.append("\n".join([text[at : at + _LINE] for at in range(0, len(text), _LINE)]))
    lines.append("=" + binascii.b2a_base64(crc24(data).to_bytes(3, "big"), newline=False).decode("ascii"))
    lines += [f"-----END PGP {kind}-----", ""]
    return "\n".join(lines)


def armored_pieces(kind: str, data: Iterable[bytes]) -> Iterator[bytes]:
    """`armor` of what comes piece by piece, written so, with CR LF."""
    crc = _CRC_INIT
    yield f"-----BEGIN PGP {kind}-----\r\n\r\n".encode("ascii")
    for block in regrouped(data, _BLOCK):
        crc = crc24(block, crc)
        text = binascii.b2a_base64(block, newline=False)
        yield b"".join([text[at : at + _LINE] + b"\r\n" for at in range(0, len(text), _LINE)])
    yield b"=" + binascii.b2a_base64(crc.to_bytes(3, "big"), newline=False) + b"\r\n"
    yield f"-----END PGP {kind}-----\r\n".encode("ascii")


def regrouped(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same octets in pieces of `size` but for the last."""
    held = bytearray()
    for piece in pieces:
        held += piece
        whole = len(held) // size * size
        for at in range(0, whole, size):
            yield bytes(held[at : at + size])
        del held[:whole]
    if held:
        yield bytes(held)


def is_armored(data: str | bytes) -> bool:
    """Say whether the text starts, after blank space, with an armor header line."""
    head = data[:4096].lstrip()
    return head.startswith("-----BEGIN PGP ") if isinstance(head, str) else head.startswith(_BEGIN)


def dearmor(text: str | bytes, kind: str | None = None) -> bytes:
    """Return the bytes of the first armored block of `text`, of the given kind if one is given.

    Text before the block is skipped, as is whatever follows it. Raise `Malformed` where there is no whole block.
    """
    raw = _ascii(text)
    data = io.BytesIO()
    data.writelines(_decoded(raw, *_content(raw, kind)))
    return data.getvalue()


def dearmor_in_place(text: io.BytesIO) -> bytes:
    """As `dearmor`, for a large text: the octets take its place, so that both are never in memory at once.

    After `Malformed` it is as it was.
    """
    raw = text.getvalue()
    start, end = _content(raw, None)
    for _ in _decoded(raw, start, end):
        pass  # none of it is wrong
    del raw  # or what is written would be written into a copy
    size = 0
    with text.getbuffer() as view:
        for piece in _decoded(view, start, end):  # what is read is always ahead of what is written
            view[size : size + len(piece)] = piece
            size += len(piece)
    text.truncate(size)
    return text.getvalue()


def block_end(raw: bytes, start: int, kind: str) -> int:
    """Return the offset just after the end line of the block that begins at or after `start`."""
    line = b"-----END PGP " + kind.encode("ascii") + b"-----"
    end = raw.find(line, start)
    if end < 0:
        raise Malformed("the armor has no end line")
    return end + len(line)


_CRC_INIT = 0xB704CE
_CRC_POLYNOMIAL = 0x1864CFB
_CRC_BLOCK = 1 << 16


def crc24(data: bytes | memoryview, crc: int = _CRC_INIT) -> int:
    """Return the checksum of armor (RFC 9580, 6.1.1); `crc` is that of what came before.

    An octet at a time this takes 0.1 s a megabyte in Python, more than all of a message's encryption. So the data is
    taken as one long polynomial over GF(2), and its upper part folded onto the lower one, whose halving is done by
    whole-number shifts and exclusive-ors at memory speed: with r = x^k mod P, the remainder of a·x^k + b is that of
    a·r + b.
    """
    view = memoryview(data)
    for start in range(0, len(view), _CRC_BLOCK):
        block = view[start : start + _CRC_BLOCK]
        crc = _remainder((int.from_bytes(block, "big") << 24) ^ (crc << (8 * len(block))))
    return crc


def _remainder(value: int) -> int:
    while (bits := value.bit_length()) > 64:
        power = (bits - 1).bit_length() - 1
        upper = value >> (1 << power)
        value &= (1 << (1 << power)) - 1
        for shift in _fold(power):
            value ^= upper << shift
    for bit in range(value.bit_length() - 1, 23, -1):
        if value >> bit & 1:
            value ^= _CRC_POLYNOMIAL << (bit - 24)
    return value


@cache
def _fold(power: int) -> tuple[int, ...]:
    """Return the exponents of x^(2^power) mod P, found by squaring x that many times."""
    remainder = 2
    for _ in range(power):
        square = sum(1 << (2 * bit) for bit in range(24) if remainder >> bit & 1)
        for bit in range(47, 23, -1):
            if square >> bit & 1:
                square ^= _CRC_POLYNOMIAL << (bit - 24)
        remainder = square
    return tuple(bit for bit in range(24) if remainder >> bit & 1)


def _ascii(text: str | bytes) -> bytes:
    # Header lines (Comment) may hold UTF-8; base64 itself may not, and is checked by the decoder.
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else bytes(text)


def _begin(raw: bytes, kind: str | None) -> tuple[bytes, int]:
    """Find the header line; return the block's kind and the offset of the next line."""
    at = -1
    while True:
        at = raw.find(_BEGIN, at + 1)
        if at < 0:
            raise Malformed("there is no armored block")
        if at and raw[at - 1 : at] not in b"\n\r \t":
            continue
        eol = raw.find(b"\n", at)
        eol = len(raw) if eol < 0 else eol
        line = raw[at : min(eol, at + 200)].rstrip()
        if not line.endswith(b"-----"):
            continue
        found = line[len(_BEGIN) : -5]
        if kind is None or found == kind.encode("ascii"):
            return found, eol + 1


def _after_headers(raw: bytes, start: int, end: int) -> int:
    """Skip the armor headers and the blank line after them (a block without headers may lack the blank line)."""
    at = start
    while at < end:
        eol = raw.find(b"\n", at, end)
        eol = end if eol < 0 else eol
        line = raw[at:eol].strip()
        if not line:
            return eol + 1
        if b":" not in line:
            if at == start:
                return at
            raise Malformed("an armor header has no colon")
        at = eol + 1
    raise Malformed("the armor holds no data")


def _content(raw: bytes, kind: str | None) -> tuple[int, int]:
    """Where the lines of base64 of the first block begin and end."""
    found, start = _begin(raw, kind)
    end = raw.find(b"-----END PGP " + found + b"-----", start)
    if end < 0:
        raise Malformed("the armor has no end line")
    start = _after_headers(raw, start, end)
    end = _without_blanks(raw, start, end)
    # The checksum stands on a line of its own, begins with "=", and has four more characters.
    line = raw.rfind(b"\n", start, end) + 1 or start
    last = raw[max(line, end - _LINE) : end].lstrip()
    return start, line if len(last) == 5 and last.startswith(b"=") else end


def _decoded(raw: bytes | memoryview, start: int, end: int) -> Iterator[bytes]:
    """The octets of these lines, piece by piece."""
    held = b""
    some = False
    try:
        for at in range(start, end, _PIECE):
            # Line ends are taken out first by themselves: that is four times as fast as looking for any blank space.
            piece = bytes(raw[at : min(at + _PIECE, end)]).replace(b"\r", b"").replace(b"\n", b"")
            if b" " in piece or b"\t" in piece:
                piece = piece.translate(None, b" \t")
            piece = held + piece
            # Four characters are three octets. What is not whole waits for the next piece, and something always does:
            # padding may stand at the very end only.
            whole = len(piece) if at + _PIECE >= end else max(0, (len(piece) - 1) // 4 * 4)
            held = piece[whole:]
            if held and piece[:whole].endswith(b"="):
                raise binascii.Error("something follows the padding")
            octets = binascii.a2b_base64(piece[:whole], strict_mode=True)
            some = some or bool(octets)
            yield octets
    except binascii.Error as error:
        raise Malformed("the armor is not base64") from error
    if not some:
        raise Malformed("the armor holds no data")


def _without_blanks(raw: bytes, start: int, end: int) -> int:
    """The end of `raw[start:end]` without the blank space behind it."""
    while end > start:
        at = max(start, end - _PIECE)
        kept = len(raw[at:end].rstrip())
        if kept:
            return at + kept
        end = at
    return end
