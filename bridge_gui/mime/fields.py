"""Header fields of RFC 5322 as they lie in the bytes, and the small grammars inside them.

Nothing here raises on malformed mail: each function says what it makes of it. Values stay bytes, undecoded; decoding of
encoded words and charsets is in `words.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

MAX_ADDRESSES = 2_000
"""Of one field. A field of megabytes must not become an ENVELOPE of more megabytes."""

_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_LINE_BREAKS = re.compile(rb"[\r\n]+")


class Field(NamedTuple):
    """One field and where it lies: `start` of its name to `end` after its last line break."""

    name: bytes
    """Lower case, without white space before the colon."""
    start: int
    value: int
    end: int


def header_end(data: bytes, start: int = 0, stop: int | None = None) -> int:
    """Offset behind the empty line that closes the header at `start`; `stop` when there is none."""
    stop = len(data) if stop is None else stop
    if data.startswith((b"\r\n", b"\n"), start, stop):
        return min(start + (2 if data[start] == 13 else 1), stop)
    found = _HEADER_CLOSE.search(data, start, stop)
    return found.end() if found else stop


_HEADER_CLOSE = re.compile(rb"\n\r?\n")


def fields(data: bytes, start: int = 0, stop: int | None = None) -> list[Field]:
    """All fields of the header at `start`, in order; `stop` as from `header_end`.

    A line without colon that is no continuation has an empty name, so that it is served with the rest and found by
    nobody.
    """
    stop = header_end(data, start) if stop is None else stop
    found: list[Field] = []
    for field in _FIELD.finditer(data, start, stop):
        position, end = field.span()
        if position == end or (
            data[position] in b"\r\n" and not data[position : data.find(b"\n", position, end) + 1 or end].strip(b"\r\n")
        ):
            break
        colon = field.end(1)
        if colon == end or data[colon] != 0x3A:
            found.append(Field(b"", position, position, end))
        else:
            found.append(Field(field[1].rstrip(b" \t").lower(), position, colon + 1, end))
    return found


_FIELD = re.compile(rb"([^:\n]*+):?[^\n]*+\n?(?:[ \t][^\n]*+\n?)*+")
"""A field with the lines that continue it."""


def unfold(raw: bytes) -> bytes:
    """A field's value on one line: line breaks of folding taken out (RFC 5322 2.2.3), white space around it too."""
    raw = raw.rstrip(b"\r\n")
    if b"\n" not in raw and b"\r" not in raw:
        return raw.strip(b" \t")
    raw = _FOLD.sub(b"", raw)
    return _LINE_BREAKS.sub(b"", raw).strip(b" \t")


def first(data: bytes, header: Sequence[Field], name: bytes) -> bytes | None:
    """Unfolded value of the first field called `name` (lower case), or None."""
    for item in header:
        if item.name == name:
            return unfold(data[item.value : item.end])
    return None


def last(data: bytes, header: Sequence[Field], name: bytes) -> bytes | None:
    """Unfolded value of the last field called `name` (lower case), or None."""
    for item in reversed(header):
        if item.name == name:
            return unfold(data[item.value : item.end])
    return None


# ---------------------------------------------------------------------------------------- structured values


def skip_comment(value: bytes, position: int) -> int:
    """Offset behind the comment that opens at `position`, nested ones included (RFC 5322 3.2.2)."""
    depth = 0
    size = len(value)
    while position < size:
        byte = value[position]
        if byte == 0x5C:
            position += 1
        elif byte == 0x28:
            depth += 1
        elif byte == 0x29:
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return size


def skip_space(value: bytes, position: int) -> int:
    """Offset of the next byte that is neither white space nor comment."""
    size = len(value)
    while position < size:
        byte = value[position]
        if byte in b" \t\r\n":
            position += 1
        elif byte == 0x28:
            position = skip_comment(value, position)
        else:
            break
    return position


def quoted(value: bytes, position: int) -> tuple[bytes, int]:
    """Content of the quoted string that opens at `position`, and the offset behind it; it may lack its close."""
    out = bytearray()
    size = len(value)
    position += 1
    while position < size:
        byte = value[position]
        if byte == 0x22:
            return bytes(out), position + 1
        if byte == 0x5C and position + 1 < size:
            position += 1
            byte = value[position]
        out.append(byte)
        position += 1
    return bytes(out), size


_TOKEN = re.compile(rb'[^\x00-\x20()<>@,;:\\"/\[\]?=]+')
_LOOSE_VALUE = re.compile(rb'[^;" \t\r\n(]+')


class MediaType(NamedTuple):
    """A Content-Type: `type` and `subtype` as written, parameters in order with their names as written."""

    type: bytes
    subtype: bytes
    parameters: tuple[tuple[bytes, bytes], ...]

    def parameter(self, name: bytes) -> bytes | None:
        """Value of the first parameter called `name` (lower case)."""
        for key, value in self.parameters:
            if key.lower() == name:
                return value
        return None

    def matches(self, type_: bytes, subtype: bytes | None = None) -> bool:
        """Compare without case; both given in lower case."""
        return self.type.lower() == type_ and (subtype is None or self.subtype.lower() == subtype)


def media_type(value: bytes) -> MediaType | None:
    """Read a Content-Type (RFC 2045 5.1); None when it does not begin with type/subtype."""
    return _usual_type(value) if len(value) < _USUAL else _media_type(value)


_USUAL = 64
"""Octets of a value that may be one of those which most mail has, and so are remembered as read."""


@lru_cache(maxsize=64)
def _usual_type(value: bytes) -> MediaType | None:
    return _media_type(value)


def _media_type(value: bytes) -> MediaType | None:
    position = skip_space(value, 0)
    found = _TOKEN.match(value, position)
    if found is None:
        return None
    position = skip_space(value, found.end())
    if value[position : position + 1] != b"/":
        return None
    position = skip_space(value, position + 1)
    sub = _TOKEN.match(value, position)
    if sub is None:
        return None
    return MediaType(found.group(), sub.group(), parameters(value, sub.end()))


class Disposition(NamedTuple):
    """A Content-Disposition (RFC 2183)."""

    type: bytes
    parameters: tuple[tuple[bytes, bytes], ...]


def disposition(value: bytes) -> Disposition | None:
    """Read a Content-Disposition; None when it does not begin with a token."""
    position = skip_space(value, 0)
    found = _TOKEN.match(value, position)
    if found is None:
        return None
    return Disposition(found.group(), parameters(value, found.end()))


def parameters(value: bytes, position: int = 0) -> tuple[tuple[bytes, bytes], ...]:
    """The `; name=value` list from `position` on, RFC 2231 continuations joined.

    An unquoted value may hold what RFC 2045 wants quoted, but for `;`, quotes and white space: mail programs wrote such
    file names. What is no parameter at all is skipped up to the next `;`.
    """
    found: list[tuple[bytes, bytes]] = []
    size = len(value)
    while True:
        position = value.find(b";", position)
        if position < 0:
            break
        position = skip_space(value, position + 1)
        name = _TOKEN.match(value, position)
        if name is None:
            continue
        position = skip_space(value, name.end())
        if value[position : position + 1] != b"=":
            continue
        position = skip_space(value, position + 1)
        if position < size and value[position] == 0x22:
            text, position = quoted(value, position)
        else:
            loose = _LOOSE_VALUE.match(value, position)
            text = loose.group() if loose else b""
            position = loose.end() if loose else position
        found.append((name.group(), text))
    return _join_continuations(found)


_CONTINUED = re.compile(rb"([^*]+)\*(\d{1,4})(\*?)\Z")
_PERCENT_UNSAFE = re.compile(rb"[\x00-\x20\x7f-\xff%*'()<>@,;:\\\"/\[\]?=]")


def _join_continuations(found: list[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """Make `name*0`, `name*1*` ... one parameter (RFC 2231 3): `name`, or `name*` when a piece is percent-encoded.

    Joined ones stand behind the plain ones. Pieces from the first missing number on keep their own names.
    """
    if not any(b"*" in name for name, _ in found):
        return tuple(found)
    plain: list[tuple[bytes, bytes]] = []
    pieces: dict[bytes, dict[int, tuple[bytes, bytes, bytes]]] = {}
    for name, text in found:
        piece = _CONTINUED.match(name)
        if piece is None:
            plain.append((name, text))
            continue
        pieces.setdefault(piece[1].lower(), {}).setdefault(int(piece[2]), (piece[1], piece[3], text))
    for numbered in pieces.values():
        count = 0
        while count in numbered:
            count += 1
        run = [numbered[number] for number in range(count)]
        if run:
            encoded = any(star for _, star, _ in run)
            joined = b"".join(text if star or not encoded else _percent(text) for _, star, text in run)
            plain.append((run[0][0] + (b"*" if encoded else b""), joined))
        for number in sorted(numbered):
            if number >= count:
                name, star, text = numbered[number]
                plain.append((b"%s*%d%s" % (name, number, star), text))
    return tuple(plain)


def _percent(text: bytes) -> bytes:
    return _PERCENT_UNSAFE.sub(lambda found: b"%%%02X" % found.group()[0], text)


def tokens(value: bytes) -> tuple[bytes, ...]:
    """Comma-separated tokens, such as Content-Language (RFC 3282)."""
    if _TOKEN.fullmatch(value):
        return (value,)
    found: list[bytes] = []
    position = skip_space(value, 0)
    while position < len(value):
        word = _TOKEN.match(value, position)
        if word is not None:
            found.append(word.group())
            position = word.end()
        else:
            position += 1
        position = skip_space(value, position)
    return tuple(found)


_MESSAGE_ID = re.compile(rb"<[^<>]+>")


def message_ids(value: bytes) -> tuple[bytes, ...]:
    """The `<...>` of In-Reply-To, References or Message-ID, white space inside taken out."""
    return tuple(b"".join(found.split()) for found in _MESSAGE_ID.findall(value))


# ---------------------------------------------------------------------------------------------- addresses


@dataclass(frozen=True, slots=True)
class Address:
    """One address as ENVELOPE has it (RFC 3501 7.4.2).

    `host` is None for the start of a group (`mailbox` is its name) and, with `mailbox` None too, for its end.
    """

    name: bytes | None
    route: bytes | None
    mailbox: bytes | None
    host: bytes | None


MISSING_MAILBOX = b"MISSING_MAILBOX"
MISSING_HOST = b"MISSING_DOMAIN"
"""For an address without one. It may not be empty: NIL would say that this is a group."""

_ATOM = re.compile(rb'[^\x00-\x20()<>@,;:\\"\[\].]+')


class _AddressReader:
    """RFC 5322 3.4 with its obsolete forms, read leniently."""

    def __init__(self, value: bytes) -> None:
        self.value = value
        self.size = len(value)
        self.position = 0
        self.comment: bytes | None = None

    def space(self) -> bool:
        """Skip white space and comments, keep the last comment's text; tell whether anything was skipped."""
        began = self.position
        value = self.value
        while self.position < self.size:
            byte = value[self.position]
            if byte in b" \t\r\n":
                self.position += 1
            elif byte == 0x28:
                end = skip_comment(value, self.position)
                inner = value[self.position + 1 : end - 1 if value[end - 1 : end] == b")" else end]
                self.comment = re.sub(rb"\\(.)", rb"\1", inner, flags=re.DOTALL).strip()
                self.position = end
            else:
                break
        return self.position > began

    def peek(self) -> int:
        return self.value[self.position] if self.position < self.size else -1

    def word(self) -> bytes | None:
        if self.peek() == 0x22:
            text, self.position = quoted(self.value, self.position)
            return text
        found = _ATOM.match(self.value, self.position)
        if found is None:
            return None
        self.position = found.end()
        return found.group()

    def words(self) -> bytes:
        """A phrase or local part: words and dots; white space between two words becomes one space."""
        out = bytearray()
        gap = False
        while True:
            if self.peek() == 0x2E:
                self.position += 1
                out += b" ." if gap and out else b"."
            else:
                word = self.word()
                if word is None:
                    return bytes(out)
                if gap and out:
                    out += b" "
                out += word
            gap = self.space()

    def host(self) -> bytes:
        """A domain or domain literal; white space within it is dropped."""
        self.space()
        if self.peek() == 0x5B:
            end = self.value.find(b"]", self.position)
            end = self.size if end < 0 else end + 1
            text = self.value[self.position : end]
            self.position = end
            self.space()
            return text
        out = bytearray()
        while True:
            if self.peek() == 0x2E:
                out += b"."
                self.position += 1
            else:
                found = _ATOM.match(self.value, self.position)
                if found is None:
                    return bytes(out)
                out += found.group()
                self.position = found.end()
            self.space()


_PLAIN_WORD = rb'[^\x00-\x20()<>@,;:\\"\[\]]++'
_SIMPLE = re.compile(
    rb'[ \t]*+(?:(?:"([^"\\]*+)"|(WORD(?: WORD)*+))?[ \t]*+<(WORD)@(WORD)>|(WORD)@(WORD))[ \t]*+(?:,|\Z)'.replace(
        b"WORD", _PLAIN_WORD
    )
)
"""The forms that nearly all addresses have, and a tenth of the work: `local@host`, and a name before `<local@host>`."""


def addresses(value: bytes) -> list[Address]:
    """Read an address list, groups included. What cannot be read is skipped up to the next comma."""
    position, size = 0, len(value)
    plain: list[Address] = []
    while position < size and len(plain) < MAX_ADDRESSES:
        simple = _SIMPLE.match(value, position)
        if simple is None:
            return _any_addresses(value)
        quoted_name, name, mailbox, host, bare, bare_host = simple.groups()
        plain.append(Address(quoted_name or name or None, None, mailbox or bare, host or bare_host))
        position = simple.end()
    return plain


def _any_addresses(value: bytes) -> list[Address]:
    reader = _AddressReader(value)
    found: list[Address] = []
    in_group = False
    while len(found) < MAX_ADDRESSES:
        reader.comment = None
        reader.space()
        byte = reader.peek()
        if byte < 0:
            break
        if byte == 0x2C:
            reader.position += 1
            continue
        if byte == 0x3B:
            reader.position += 1
            if in_group:
                found.append(Address(None, None, None, None))
                in_group = False
            continue
        began = reader.position
        text = reader.words()
        byte = reader.peek()
        if byte == 0x3A and not in_group:
            reader.position += 1
            found.append(Address(None, None, text, None))
            in_group = True
            continue
        if byte == 0x3C:
            found.append(_angle(reader, text or None))
        elif byte == 0x40:
            reader.position += 1
            host = reader.host()
            found.append(Address(reader.comment, None, text or MISSING_MAILBOX, host or MISSING_HOST))
        elif text:
            found.append(Address(reader.comment, None, text, MISSING_HOST))
        _resynchronise(reader, in_group)
        if reader.position == began:
            reader.position += 1
    if in_group:
        found.append(Address(None, None, None, None))
    return found


def _angle(reader: _AddressReader, name: bytes | None) -> Address:
    """`<route:local@host>` from its `<` on."""
    reader.position += 1
    reader.space()
    route = None
    if reader.peek() == 0x40:
        colon = reader.value.find(b":", reader.position)
        close = reader.value.find(b">", reader.position)
        if colon >= 0 and (close < 0 or colon < close):
            route = b"".join(reader.value[reader.position : colon].split())
            reader.position = colon + 1
            reader.space()
    mailbox = reader.words()
    host = b""
    if reader.peek() == 0x40:
        reader.position += 1
        host = reader.host()
    while reader.peek() not in (-1, 0x3E, 0x2C):
        reader.position += 1
    if reader.peek() == 0x3E:
        reader.position += 1
    reader.space()
    return Address(
        name if name is not None else reader.comment, route, mailbox or MISSING_MAILBOX, host or MISSING_HOST
    )


def _resynchronise(reader: _AddressReader, in_group: bool) -> None:
    """Go on to the next comma, or to the `;` that closes a group, over whatever does not belong here."""
    while True:
        reader.space()
        byte = reader.peek()
        if byte in (-1, 0x2C) or (in_group and byte == 0x3B):
            return
        if byte == 0x22:
            _, reader.position = quoted(reader.value, reader.position)
        else:
            reader.position += 1


ADDRESS_FIELDS = (b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc")
"""Those of ENVELOPE, in its order (RFC 3501 7.4.2)."""


def address_lists(data: bytes, header: Sequence[Field]) -> dict[bytes, list[Address]]:
    """What the address fields of a header hold, each list that of all fields of its name."""
    found: dict[bytes, list[Address]] = {name: [] for name in ADDRESS_FIELDS}
    for item in header:
        addressed = found.get(item.name)
        if addressed is not None and len(addressed) < MAX_ADDRESSES:
            addressed += addresses(unfold(data[item.value : item.end]))
    return found


def walk(data: bytes, header: Sequence[Field], name: bytes) -> Iterator[Address]:
    """Addresses of all fields called `name`, groups' marks left out."""
    for item in header:
        if item.name == name:
            for address in addresses(unfold(data[item.value : item.end])):
                if address.host is not None:
                    yield address
