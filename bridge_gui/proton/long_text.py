"""A long text of an answer, taken out of its JSON while it comes.

The armored body of one message can have 50 MB. Parsed with the rest it would be in memory five times: as it came,
decoded, in the pieces between its escaped line ends, put together, and as octets for whoever opens it.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Mapping
from enum import Enum, auto


class _Place(Enum):
    BEFORE = auto()
    WITHIN = auto()
    BEHIND = auto()


class LongText:
    """Takes a JSON document piece by piece. Of the first text called `name` a mark stays in it."""

    def __init__(self, name: str) -> None:
        # Within a text a quotation mark is escaped, so this is nowhere but at a member of an object.
        self._key = re.compile(rb'"%s"\s*:\s*"' % re.escape(name.encode()))
        self._overlap = len(name) + 64
        self._mark = secrets.token_hex(16)
        self._place = _Place.BEFORE
        self._rest = bytearray()
        self._text = io.BytesIO()
        self._held = b""

    def feed(self, data: bytes) -> None:
        if self._place is _Place.BEFORE:
            looked_at = max(0, len(self._rest) - self._overlap)
            self._rest += data
            found = self._key.search(self._rest, looked_at)
            if found is None:
                return
            self._place = _Place.WITHIN
            data = bytes(self._rest[found.end() :])
            self._rest[found.end() :] = self._mark.encode()
        if self._place is _Place.WITHIN:
            data = self._held + data
            end = _closing_quote(data)
            cut = _whole_escapes(data) if end < 0 else end
            self._text.write(_unescaped(data[:cut]))
            self._held = data[cut:]
            if end < 0:
                return
            self._place, data, self._held = _Place.BEHIND, self._held, b""
        self._rest += data

    def document(self) -> bytes:
        """What came, with the mark in place of the text."""
        return bytes(self._rest)

    def texts(self) -> Mapping[str, io.BytesIO]:
        """The text in UTF-8, by the mark that stands in the document for it."""
        return {} if self._place is _Place.BEFORE else {self._mark: self._text}


def _closing_quote(data: bytes) -> int:
    """Where the text ends that begins before `data`; -1 when it goes on."""
    at = data.find(b'"')
    while at >= 0 and _backslashes(data, at) % 2:
        at = data.find(b'"', at + 1)
    return at


def _backslashes(data: bytes, end: int) -> int:
    """How many stand directly before `end`."""
    start = end
    while start and data[start - 1] == 0x5C:
        start -= 1
    return end - start


_LONGEST_ESCAPE = 6


def _whole_escapes(data: bytes) -> int:
    """Where to cut so that no escape is cut in two."""
    last = data.rfind(b"\\")
    if last < 0 or len(data) - last >= _LONGEST_ESCAPE or not _backslashes(data, last + 1) % 2:
        return len(data)
    return last


_ESCAPE = re.compile(rb"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_MEANT = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _unescaped(data: bytes) -> bytes:
    """A text's octets without JSON's escapes (RFC 8259 7)."""
    if data.count(b"\\") == data.count(b"\\n") + data.count(b"\\r") + data.count(b"\\/"):
        # Armor has no others.
        return data.replace(b"\\n", b"\n").replace(b"\\r", b"\r").replace(b"\\/", b"/")
    return _ESCAPE.sub(_meant, data)


def _meant(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return chr(int(found[1], 16)).encode("utf-8", "surrogatepass")
    return _MEANT.get(found[2], found[2])
