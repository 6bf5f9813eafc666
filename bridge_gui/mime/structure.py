"""The structure of any literal, found by offsets: what IMAP's ENVELOPE, BODYSTRUCTURE and BODY[section] are made of.

A literal is scanned once, from front to back, into a tree of `Part`s that only hold offsets; nothing is copied, decoded
or written anew, so what is served is always a slice of what is stored. Malformed mail gives a plain result, never an
error:

* a multipart whose boundary is missing or never appears has no children and is told as having one empty text part;
* a boundary line of an outer multipart ends every part within, closed or not;
* beyond `MAX_DEPTH` levels and `MAX_PARTS` parts, what remains is one opaque part;
* an unreadable Content-Type is text/plain, inside multipart/digest message/rfc822 (RFC 2046 5.1.5).

The wire forms are those of RFC 3501 7.4.2, and agree with Dovecot where the RFC leaves a choice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from bridge_gui.mime import fields as rfc5322
from bridge_gui.mime.fields import Address, Disposition, Field, MediaType

MAX_DEPTH = 100
"""Levels of nesting; as Dovecot has it. Real mail has fewer than ten."""
MAX_PARTS = 10_000
"""Parts of one message; as Dovecot has it."""

_TEXT_PLAIN = MediaType(b"text", b"plain", ())
_RFC822 = MediaType(b"message", b"rfc822", ())


@dataclass(slots=True, eq=False)
class Part:
    """One MIME part: its header lies at `start:body`, its content at `body:end` (offsets into the literal)."""

    start: int
    body: int
    end: int
    header: list[Field]
    type: MediaType
    children: list[Part]
    """Of a multipart its parts, of a message/rfc822 the one message within."""

    @property
    def multipart(self) -> bool:
        return self.type.matches(b"multipart")

    @property
    def message(self) -> bool:
        return self.type.matches(b"message", b"rfc822") or self.type.matches(b"message", b"global")


def scan(literal: bytes) -> Part:
    """Find all parts of a message. Linear in its size, whatever it holds."""
    return _Scanner(literal).message()


class _Scanner:
    """One pass over a literal. `_boundaries` are those of the multiparts that are open, outermost first."""

    def __init__(self, literal: bytes) -> None:
        self._literal = literal
        self._boundaries: list[bytes] = []
        self._parts = 0
        self._next = 0
        """Where the next line that begins with `--` may be; never goes back, which keeps the scan linear."""

    def message(self) -> Part:
        part, _, _ = self._part(0, _TEXT_PLAIN, 0)
        return part

    def _part(self, start: int, default: MediaType, depth: int) -> tuple[Part, int, int]:
        """Scan the part at `start`. Return it, the index of the boundary that ended it (-1: the literal's end), and the
        offset of that boundary's line."""
        literal = self._literal
        self._parts += 1
        body = rfc5322.header_end(literal, start)
        ended, line = -1, len(literal)
        if self._boundaries:
            # A header without its empty line may run into the delimiter of the multipart around it.
            ended, line = self._delimiter(start, body)
            if ended >= 0:
                body = self._before(start, line)
        header = rfc5322.fields(literal, start, body)
        type_ = _type_of(literal, header, default)
        part = Part(start, body, body, header, type_, [])
        if ended < 0:
            if self._parts < MAX_PARTS and depth < MAX_DEPTH:
                if part.multipart:
                    ended, line = self._multipart(part, depth)
                elif part.message:
                    child, ended, line = self._part(body, _TEXT_PLAIN, depth + 1)
                    part.children.append(child)
                else:
                    ended, line = self._delimiter(body, len(literal))
            else:
                ended, line = self._delimiter(body, len(literal))
            part.end = len(literal) if ended < 0 else self._before(body, line)
        return part, ended, line

    def _multipart(self, part: Part, depth: int) -> tuple[int, int]:
        literal = self._literal
        boundary = part.type.parameter(b"boundary")
        if not boundary:
            return self._delimiter(part.body, len(literal))
        own = len(self._boundaries)
        self._boundaries.append(b"--" + boundary)
        default = _RFC822 if part.type.matches(b"multipart", b"digest") else _TEXT_PLAIN
        ended, line = self._delimiter(part.body, len(literal))
        while ended == own:
            line_end = literal.find(b"\n", line) + 1 or len(literal)
            closes = literal.startswith(b"--", line + len(self._boundaries[own]))
            if closes or self._parts >= MAX_PARTS:
                self._boundaries.pop()
                return self._delimiter(line_end, len(literal))
            child, ended, line = self._part(line_end, default, depth + 1)
            part.children.append(child)
        self._boundaries.pop()
        return ended, line

    def _delimiter(self, start: int, stop: int) -> tuple[int, int]:
        """The first line in `start:stop` that begins with an open boundary: its index, the line's offset. Else -1, end.

        The longest matching boundary counts, of equal ones the innermost: some programs make a boundary from the outer
        one by adding to it, or use one twice.
        """
        literal = self._literal
        if not self._boundaries:
            return -1, len(literal)
        position = max(start, self._next) if self._next <= stop else self._next
        if position < start:
            position = start
        while True:
            if position == start and literal.startswith(b"--", position):
                line = position
            else:
                found = _find(literal, b"\n--", max(position - 1, 0), stop)
                if found < 0:
                    self._next = max(self._next, stop)
                    return -1, len(literal)
                line = found + 1
            best, length = -1, 0
            for index, boundary in enumerate(self._boundaries):
                if len(boundary) >= length and literal.startswith(boundary, line):
                    best, length = index, len(boundary)
            if best >= 0:
                self._next = line
                return best, line
            position = line + 2

    def _before(self, start: int, line: int) -> int:
        """The end of content before a delimiter line: the line break ahead of it belongs to the delimiter."""
        literal = self._literal
        if line > start and literal[line - 1] == 10:
            line -= 1
            if line > start and literal[line - 1] == 13:
                line -= 1
        return max(line, start)


_PIECE = 1 << 20
"""Octets that are gone through at a time: within one search no other thread gets its turn."""


def _find(literal: bytes, wanted: bytes, start: int, stop: int) -> int:
    while stop - start > _PIECE:
        found = literal.find(wanted, start, start + _PIECE)
        if found >= 0:
            return found
        start += _PIECE - len(wanted) + 1
    return literal.find(wanted, start, stop)


def _lines(part: Part, literal: bytes) -> int:
    """Line breaks of the content."""
    return sum(literal.count(b"\n", at, min(at + _PIECE, part.end)) for at in range(part.body, part.end, _PIECE))


def _type_of(literal: bytes, header: list[Field], default: MediaType) -> MediaType:
    value = rfc5322.first(literal, header, b"content-type")
    if value is None:
        return default
    return rfc5322.media_type(value) or default


# --------------------------------------------------------------------------------------------- wire forms


_QUOTED_SAFE = re.compile(rb"[\x01-\x09\x0b\x0c\x0e-\x7f]*+")
_QUOTED_SPECIAL = re.compile(rb'(["\\])')
_BLANKS = re.compile(rb"[ \t]+")
MAX_QUOTED = 4096
"""Longer strings go out as literals: some programs limit a line."""


def string(value: bytes) -> bytes:
    """A quoted string where one can hold `value`, else a literal (RFC 3501 4.3)."""
    if len(value) <= MAX_QUOTED and _QUOTED_SAFE.fullmatch(value):
        if b'"' in value or b"\\" in value:
            value = _QUOTED_SPECIAL.sub(rb"\\\1", value)
        return b'"' + value + b'"'
    value = value.replace(b"\0", b"\x80")
    return b"{%d}\r\n%s" % (len(value), value)


def nstring(value: bytes | None) -> bytes:
    """`string`, or NIL for None."""
    return b"NIL" if value is None else string(value)


def _readable(value: bytes | None) -> bytes:
    """`nstring` of a text for people: runs of white space, which folding leaves behind, become one space."""
    return b"NIL" if value is None else string(_BLANKS.sub(b" ", value))


def envelope(data: bytes) -> bytes:
    """ENVELOPE of a message, of which only the header is looked at."""
    return envelope_of(data, rfc5322.fields(data))


def envelope_of(data: bytes, header: list[Field], addresses: Mapping[bytes, list[Address]] | None = None) -> bytes:
    """ENVELOPE from a header that has been read; `addresses` is its `address_lists` where the caller has them."""
    addresses = rfc5322.address_lists(data, header) if addresses is None else addresses
    lists = {name: _address_list(found) for name, found in addresses.items()}
    for name in (b"sender", b"reply-to"):
        if lists[name] == b"NIL":
            lists[name] = lists[b"from"]
    return b"(%s %s %s %s %s)" % (
        nstring(rfc5322.last(data, header, b"date")),
        _readable(rfc5322.last(data, header, b"subject")),
        b" ".join(lists.values()),
        nstring(rfc5322.last(data, header, b"in-reply-to")),
        nstring(rfc5322.last(data, header, b"message-id")),
    )


def _address_list(found: list[Address]) -> bytes:
    if not found:
        return b"NIL"
    return b"(" + b"".join([_address(address) for address in found]) + b")"


def _address(address: Address) -> bytes:
    name = _readable(address.name) if address.name else b"NIL"
    return b"(%s %s %s %s)" % (name, nstring(address.route), nstring(address.mailbox), nstring(address.host))


def bodystructure(part: Part, literal: bytes, extended: bool = True) -> bytes:
    """BODYSTRUCTURE of a scanned message, or with `extended` false BODY (RFC 3501 7.4.2)."""
    return structures(part, literal)[0 if extended else 1]


def structures(part: Part, literal: bytes) -> tuple[bytes, bytes]:
    """BODYSTRUCTURE and BODY of a scanned message: most of the two is the same."""
    return _multipart(part, literal) if part.multipart else _single(part, literal)


def _multipart(part: Part, literal: bytes) -> tuple[bytes, bytes]:
    subtype = string(part.type.subtype)
    if part.children:
        both = [structures(child, literal) for child in part.children]
        extended, plain = b"".join([each[0] for each in both]), b"".join([each[1] for each in both])
    else:
        empty = b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0'
        extended, plain = empty + b" NIL NIL NIL NIL)", empty + b")"
    more = b"%s %s" % (_parameters(part.type.parameters), _extension(part, literal))
    return b"(%s %s %s)" % (extended, subtype, more), b"(%s %s)" % (plain, subtype)


def _single(part: Part, literal: bytes) -> tuple[bytes, bytes]:
    header = part.header
    text = part.type.matches(b"text")
    given = part.type.parameters
    if text and part.type.parameter(b"charset") is None:
        given = (*given, (b"charset", b"us-ascii"))
    extended = plain = b"(%s %s %s %s %s %s %d" % (
        string(part.type.type),
        string(part.type.subtype),
        _parameters(given),
        nstring(rfc5322.first(literal, header, b"content-id")),
        _readable(rfc5322.first(literal, header, b"content-description")),
        string(transfer_encoding(part, literal)),
        part.end - part.body,
    )
    counted = b""
    if part.message:
        if part.children:
            inner = part.children[0]
            envelope_, (inner_extended, inner_plain) = envelope_of(literal, inner.header), structures(inner, literal)
        else:
            envelope_ = b"(%s)" % b" ".join([b"NIL"] * 10)
            inner_extended = inner_plain = b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0)'
        extended += b" %s %s" % (envelope_, inner_extended)
        plain += b" %s %s" % (envelope_, inner_plain)
    if part.message or text:
        counted = b" %d" % _lines(part, literal)
    md5 = rfc5322.first(literal, header, b"content-md5")
    return b"%s%s %s %s)" % (extended, counted, nstring(md5), _extension(part, literal)), plain + counted + b")"


def transfer_encoding(part: Part, literal: bytes) -> bytes:
    """Content-Transfer-Encoding as written, `7bit` when there is none (RFC 2045 6.1)."""
    value = rfc5322.first(literal, part.header, b"content-transfer-encoding")
    if value:
        found = rfc5322.tokens(value)
        if found:
            return found[0]
    return b"7bit"


def _extension(part: Part, literal: bytes) -> bytes:
    """Disposition, language and location, which every extended part ends with."""
    header = part.header
    raw = rfc5322.first(literal, header, b"content-disposition")
    shown: Disposition | None = rfc5322.disposition(raw) if raw is not None else None
    how = b"(%s %s)" % (string(shown.type), _parameters(shown.parameters)) if shown is not None else b"NIL"
    raw = rfc5322.first(literal, header, b"content-language")
    spoken = rfc5322.tokens(raw) if raw is not None else ()
    language = b"(%s)" % b" ".join(map(string, spoken)) if spoken else b"NIL"
    return b"%s %s %s" % (how, language, nstring(rfc5322.first(literal, header, b"content-location")))


def _parameters(given: Iterable[tuple[bytes, bytes]]) -> bytes:
    listed = b" ".join(b"%s %s" % (string(name), string(value)) for name, value in given)
    return b"(%s)" % listed if listed else b"NIL"


# ----------------------------------------------------------------------------------------------- sections


class SectionKind(Enum):
    """What of a part is meant (RFC 3501 6.4.5)."""

    ALL = ""
    HEADER = "HEADER"
    FIELDS = "HEADER.FIELDS"
    FIELDS_NOT = "HEADER.FIELDS.NOT"
    TEXT = "TEXT"
    MIME = "MIME"


@dataclass(frozen=True, slots=True)
class Section:
    """`1.2.HEADER.FIELDS (FROM TO)`: a path of part numbers, what of that part, field names in lower case."""

    path: tuple[int, ...] = ()
    kind: SectionKind = SectionKind.ALL
    fields: tuple[bytes, ...] = ()


def section(literal: bytes, spec: Section, root: Part | None = None) -> bytes:
    """The bytes of a section; empty when the message has no such part (RFC 3501 6.4.5).

    `root` is `scan(literal)` where the caller has it already; without it the message is scanned only when the path asks
    for a part.
    """
    if not spec.path:
        if spec.kind is SectionKind.ALL:
            return literal
        body = rfc5322.header_end(literal)
        if spec.kind is SectionKind.HEADER:
            return literal[:body]
        if spec.kind is SectionKind.TEXT:
            return literal[body:]
        return header_fields(literal, 0, body, spec.fields, keep=spec.kind is SectionKind.FIELDS)
    part = find_part(root if root is not None else scan(literal), spec.path)
    if part is None:
        return b""
    if spec.kind is SectionKind.ALL:
        return literal[part.body : part.end]
    if spec.kind is SectionKind.MIME:
        return literal[part.start : part.body]
    if not part.message or not part.children:
        return b""  # HEADER and TEXT are of a message within, and this is none
    inner = part.children[0]
    if spec.kind is SectionKind.HEADER:
        return literal[inner.start : inner.body]
    if spec.kind is SectionKind.TEXT:
        return literal[inner.body : inner.end]
    return header_fields(literal, inner.start, inner.body, spec.fields, keep=spec.kind is SectionKind.FIELDS)


def find_part(root: Part, path: tuple[int, ...]) -> Part | None:
    """Follow part numbers. A message that is no multipart has one part, number 1, which is its content."""
    part: Part | None = None
    inside = root
    for number in path:
        if part is not None:
            # Numbers below a message/rfc822 count the parts of the message within (RFC 3501 6.4.5).
            if part.message and part.children:
                inside = part.children[0]
            elif part.multipart:
                inside = part
            else:
                return None
        if inside.multipart and inside.children:
            if not 1 <= number <= len(inside.children):
                return None
            part = inside.children[number - 1]
        elif number == 1:
            part = inside
        else:
            return None
    return part


def header_fields(data: bytes, start: int, stop: int, names: Iterable[bytes], *, keep: bool) -> bytes:
    """The fields called `names` (or, with `keep` false, all others) as they are, and the empty line."""
    names = frozenset(names)
    header = data[start:stop] if start or stop < len(data) else data
    if keep and not header.startswith(b"\r") and b"\n\r\r" not in header:
        # One walk of the regular expression finds what `fields` would, an order of magnitude sooner.
        chosen = _field_pattern(names).findall(header) if names else []
    else:
        chosen = [header[item.start : item.end] for item in rfc5322.fields(header) if (item.name in names) == keep]
    if chosen and not chosen[-1].endswith(b"\n"):
        chosen.append(b"\r\n")
    chosen.append(b"\r\n")
    return b"".join(chosen)


@lru_cache(maxsize=64)
def _field_pattern(names: frozenset[bytes]) -> re.Pattern[bytes]:
    """Fields of these names, with their continuation lines. Blanks before the colon are tolerated (RFC 5322 4.5.1)."""
    either = b"|".join(map(re.escape, sorted(names)))
    return re.compile(rb"^(?:%s)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*\n?" % either, re.IGNORECASE | re.MULTILINE)
