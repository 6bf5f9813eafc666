"""ASCII armor (RFC 9580, section 6), in time linear to the input.

Armor comes from strangers, so nothing here is a regular expression over the whole text. On reading, the checksum line
is optional and not looked at (RFC 9580, 6.1: a message must not be rejected for it). We write it all the same: GnuPG
2.2 takes the end line for data when neither padding nor a checksum precedes it.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from functools import cache

from bridge_gui.openpgp.errors import Malformed

MESSAGE = "MESSAGE"
SIGNATURE = "SIGNATURE"
PUBLIC_KEY = "PUBLIC KEY BLOCK"
PRIVATE_KEY = "PRIVATE KEY BLOCK"

_BEGIN = b"-----BEGIN PGP "
_LINE = 64
"""Characters in a line; RFC 9580 allows 76, and every implementation writes 64."""


def armor(kind: str, data: bytes, headers: Sequence[tuple[str, str]] = ()) -> str:
    """Write `data` as an armored block; `headers` are lines such as ("Comment", "...")."""
    for name, value in headers:
        if not name.isascii() or any(c in name or c in value for c in "\r\n"):
            raise ValueError("an armor header is one line")
    text = binascii.b2a_base64(data, newline=False).decode("ascii")
    lines = [f"-----BEGIN PGP {kind}-----"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines.append("")
    lines += [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    lines.append("=" + binascii.b2a_base64(crc24(data).to_bytes(3, "big"), newline=False).decode("ascii"))
    lines += [f"-----END PGP {kind}-----", ""]
    return "\n".join(lines)


def is_armored(data: str | bytes) -> bool:
    """Say whether the text starts, after blank space, with an armor header line."""
    head = data[:4096].lstrip()
    return head.startswith("-----BEGIN PGP ") if isinstance(head, str) else head.startswith(_BEGIN)


def dearmor(text: str | bytes, kind: str | None = None) -> bytes:
    """Return the bytes of the first armored block of `text`, of the given kind if one is given.

    Text before the block is skipped, as is whatever follows it. Raise `Malformed` where there is no whole block.
    """
    raw = _ascii(text)
    found, start = _begin(raw, kind)
    end = raw.find(b"-----END PGP " + found + b"-----", start)
    if end < 0:
        raise Malformed("the armor has no end line")
    return _decode(raw, _after_headers(raw, start, end), end)


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


def crc24(data: bytes | memoryview) -> int:
    """Return the checksum of armor (RFC 9580, 6.1.1).

    An octet at a time this takes 0.1 s a megabyte in Python, more than all of a message's encryption. So the data is
    taken as one long polynomial over GF(2), and its upper part folded onto the lower one, whose halving is done by
    whole-number shifts and exclusive-ors at memory speed: with r = x^k mod P, the remainder of a·x^k + b is that of
    a·r + b.
    """
    crc = _CRC_INIT
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


def _decode(raw: bytes, start: int, end: int) -> bytes:
    body = raw[start:end].rstrip()
    # The checksum stands on a line of its own, begins with "=", and has four more characters.
    line = body.rfind(b"\n") + 1
    last = body[line:].lstrip()
    if len(last) == 5 and last.startswith(b"="):
        body = body[:line]
    # Line ends are taken out first by themselves: that is four times as fast as looking for any blank space.
    compact = body.replace(b"\r", b"").replace(b"\n", b"")
    try:
        try:
            data = binascii.a2b_base64(compact, strict_mode=True)
        except binascii.Error:
            data = binascii.a2b_base64(compact.translate(None, b" \t"), strict_mode=True)
    except binascii.Error as error:
        raise Malformed("the armor is not base64") from error
    if not data:
        raise Malformed("the armor holds no data")
    return data
