"""Mailbox names on the wire: modified UTF-7 (RFC 3501 5.1.3), or UTF-8 where the client enabled it (RFC 6855)."""

from __future__ import annotations

import base64
import binascii
import re

_PRINTABLE = re.compile(r"[\x20-\x25\x27-\x7e]+")
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")


def encode(name: str) -> bytes:
    """Modified UTF-7 of a name."""
    out: list[str] = []
    position = 0
    while position < len(name):
        plain = _PRINTABLE.match(name, position)
        if plain is not None:
            out.append(plain.group())
            position = plain.end()
            continue
        if name[position] == "&":
            out.append("&-")
            position += 1
            continue
        end = position
        while end < len(name) and name[end] != "&" and _PRINTABLE.match(name, end) is None:
            end += 1
        units = name[position:end].encode("utf-16-be", "surrogatepass")
        out.append("&" + base64.b64encode(units).decode("ascii").rstrip("=").replace("/", ",") + "-")
        position = end
    return "".join(out).encode("ascii")


def decode(raw: bytes) -> str:
    """A name from the wire. What is not valid modified UTF-7 is taken as it stands: UTF-8, else Latin-1.

    Programs that never learned modified UTF-7 send UTF-8 or a bare `&`; their users mean the obvious mailbox.
    """
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError:
        return decode_utf8(raw)
    if "&" not in text:
        return text
    out: list[str] = []
    position = 0
    for shift in _SHIFTED.finditer(text):
        out.append(text[position : shift.start()])
        piece = _unshift(shift[1])
        out.append(shift.group() if piece is None else piece)
        position = shift.end()
    out.append(text[position:])
    return "".join(out)


def _unshift(encoded: str) -> str | None:
    if not encoded:
        return "&"
    try:
        padded = encoded.replace(",", "/") + "=" * (-len(encoded) % 4)
        return base64.b64decode(padded, validate=True).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return None


def decode_utf8(raw: bytes) -> str:
    """A name where UTF-8 is agreed on: `&` means itself."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
