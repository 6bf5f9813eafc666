"""FETCH's data items and modifiers (RFC 3501 6.4.5, RFC 3516, RFC 7162)."""

from __future__ import annotations

import re

from bridge_gui.imap import commands as c
from bridge_gui.imap.fetch_items import Binary, BinarySize, BodySection, FetchAtt, FetchItem
from bridge_gui.imap.grammar import Cursor, ParseError
from bridge_gui.imap.parse_search import partial_range
from bridge_gui.imap.sequences import MessageSet
from bridge_gui.mime.structure import Section, SectionKind

MAX_PATH = 100
"""Part numbers in a section; messages nest no deeper."""

_ITEM = re.compile(rb"[A-Za-z0-9.]+")
_PATH_NUMBER = re.compile(rb"\d{1,9}")
_SECTION_WORD = re.compile(rb"[A-Za-z.]+")

_MACROS = {
    "ALL": (FetchAtt.FLAGS, FetchAtt.INTERNALDATE, FetchAtt.RFC822_SIZE, FetchAtt.ENVELOPE),
    "FAST": (FetchAtt.FLAGS, FetchAtt.INTERNALDATE, FetchAtt.RFC822_SIZE),
    "FULL": (
        FetchAtt.FLAGS,
        FetchAtt.INTERNALDATE,
        FetchAtt.RFC822_SIZE,
        FetchAtt.ENVELOPE,
        FetchAtt.BODY,
    ),
}

_RFC822 = {
    "RFC822": (SectionKind.ALL, False),
    "RFC822.HEADER": (SectionKind.HEADER, True),
    "RFC822.TEXT": (SectionKind.TEXT, False),
}


def fetch(tag: str, cursor: Cursor, messages: MessageSet, uid: bool) -> c.Command:
    """fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")"""
    cursor.space()
    items = fetch_items(cursor)
    since: int | None = None
    vanished = False
    partial: tuple[int, int] | None = None

    def modifier() -> None:
        nonlocal since, vanished, partial
        word = cursor.keyword()
        if word == "CHANGEDSINCE" and since is None:
            cursor.space()
            since = cursor.number64()
        elif word == "VANISHED" and uid:
            vanished = True
        elif word == "PARTIAL" and uid:
            cursor.space()
            partial = partial_range(cursor)
        else:
            raise ParseError("no such modifier of FETCH")

    if not cursor.at_end() and cursor.skip(b" ") and cursor.peek() == b"(":
        cursor.listed(modifier)
    cursor.end()
    if vanished and since is None:
        raise ParseError("VANISHED wants CHANGEDSINCE (RFC 7162 3.2.6)")
    return c.Fetch(tag, messages, items, uid, since, vanished, partial)


def fetch_items(cursor: Cursor) -> tuple[FetchItem, ...]:
    """A macro, one item, or items in parentheses. A program asks for the same of one message after the other, so the
    last ones are remembered by their text."""
    plain = cursor.rest()
    known = _known.get(plain) if plain is not None else None
    if known is not None:
        items, cursor.position = known[0], cursor.position + known[1]
        return items
    start = cursor.position
    items = _fetch_items(cursor)
    if plain is not None and len(plain) <= MAX_REMEMBERED:
        if len(_known) >= REMEMBERED:
            _known.clear()
        _known[plain] = items, cursor.position - start
    return items


_known: dict[bytes, tuple[tuple[FetchItem, ...], int]] = {}
"""Items by the rest of the line that they begin, with their length."""
REMEMBERED, MAX_REMEMBERED = 64, 512


def _fetch_items(cursor: Cursor) -> tuple[FetchItem, ...]:
    if cursor.peek() == b"(":
        found = [one for group in cursor.listed(lambda: _item(cursor, macros=True)) for one in group]
    else:
        found = list(_item(cursor, macros=True))
    return tuple(dict.fromkeys(found))


def _item(cursor: Cursor, *, macros: bool) -> tuple[FetchItem, ...]:
    word = cursor.take(_ITEM, "a data item").decode("ascii").upper()
    bracket = cursor.peek() == b"["
    if bracket:
        if word in ("BODY", "BODY.PEEK"):
            return (_body(cursor, peek=word == "BODY.PEEK"),)
        if word in ("BINARY", "BINARY.PEEK"):
            path = _binary_path(cursor)
            return (Binary(path, word == "BINARY.PEEK", _partial(cursor)),)
        if word == "BINARY.SIZE":
            return (BinarySize(_binary_path(cursor)),)
        raise ParseError("no such data item")
    if word in _RFC822:
        kind, peek = _RFC822[word]
        return (BodySection(Section((), kind), word.encode("ascii"), peek),)
    if word == "PREVIEW" and cursor.text.startswith(b" (", cursor.position):
        cursor.space()
        cursor.listed(lambda: _preview_modifier(cursor))
    if macros and word in _MACROS:
        return _MACROS[word]
    try:
        return (FetchAtt(word),)
    except ValueError as error:
        raise ParseError("no such data item") from error


def _preview_modifier(cursor: Cursor) -> None:
    """LAZY (RFC 8970 3.2): a preview may be left out if it costs much. Ours are ready, or NIL."""
    if cursor.keyword() != "LAZY":
        raise ParseError("no such modifier of PREVIEW")


def _path(cursor: Cursor) -> tuple[int, ...]:
    """section-part = nz-number *("." nz-number)"""
    numbers: list[int] = []
    while cursor.peek().isdigit():
        number = int(cursor.take(_PATH_NUMBER, "a part number"))
        if number < 1 or len(numbers) >= MAX_PATH:
            raise ParseError("no such part number")
        numbers.append(number)
        if not cursor.skip(b"."):
            break
        if cursor.peek() == b"]":
            raise ParseError("a section ends with a dot")
    return tuple(numbers)


def _body(cursor: Cursor, *, peek: bool) -> BodySection:
    """section = "[" [section-spec] "]" """
    cursor.expect(b"[", "a section")
    start = cursor.position
    path = _path(cursor)
    kind = SectionKind.ALL
    names: list[bytes] = []
    label = cursor.text[start : cursor.position].rstrip(b".")
    if cursor.peek() != b"]":
        if path and not cursor.text.startswith(b".", cursor.position - 1):
            raise ParseError("expected a dot in the section")
        word = cursor.take(_SECTION_WORD, "a section").decode("ascii").upper()
        try:
            kind = SectionKind(word)
        except ValueError as error:
            raise ParseError("no such section") from error
        if kind is SectionKind.MIME and not path:
            raise ParseError("MIME is the header of a part")
        label = b".".join(filter(None, (label, word.encode("ascii"))))
        if kind in (SectionKind.FIELDS, SectionKind.FIELDS_NOT):
            cursor.space()
            names = cursor.listed(cursor.astring)
            label += b" (%s)" % b" ".join(_field_name(name) for name in names)
    cursor.expect(b"]", "the end of the section")
    section = Section(path, kind, tuple(name.lower() for name in names))
    return BodySection(section, b"BODY[%s]" % label, peek, _partial(cursor))


_PLAIN_NAME = re.compile(rb"[^\x00-\x20(){%*\"\\\]\x7f-\xff]+\Z")


def _field_name(name: bytes) -> bytes:
    """As it goes out again."""
    if _PLAIN_NAME.match(name):
        return name
    if any(octet < 32 or octet > 126 for octet in name):
        raise ParseError("no such field name")
    return b'"%s"' % name.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def _binary_path(cursor: Cursor) -> tuple[int, ...]:
    """section-binary = "[" [section-part] "]" """
    cursor.expect(b"[", "a section")
    path = _path(cursor)
    cursor.expect(b"]", "the end of the section")
    return path


def _partial(cursor: Cursor) -> tuple[int, int] | None:
    """partial = "<" number "." nz-number ">" """
    if not cursor.skip(b"<"):
        return None
    first = cursor.number()
    cursor.expect(b".", "a dot")
    length = cursor.number(least=1)
    cursor.expect(b">", "the end of the range")
    return first, length
