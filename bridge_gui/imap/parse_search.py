"""Search programs (RFC 3501 6.4.4 and its extensions), SORT and THREAD."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from bridge_gui.imap import commands as c
from bridge_gui.imap.backend import ContentKey, DateKey, Field, IdKey, SizeKey, TextKey
from bridge_gui.imap.grammar import MAX_NESTING, Cursor, NotSupported, ParseError, canonical_flag
from bridge_gui.imap.search_keys import (
    Age,
    And,
    HasFlag,
    InSet,
    Modseq,
    Not,
    Or,
    SearchKey,
    SearchReturn,
    SortBy,
    SortCriterion,
    ThreadBy,
)
from bridge_gui.imap.sequences import Saved

MAX_KEYS = 5_000
"""Keys of one search program."""


class _Program:
    """One search program; keeps its charset and counts its keys."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.charset = "utf-8"
        self.keys = 0

    def top(self) -> SearchKey:
        """search-program = ["CHARSET" SP charset SP] search-key *(SP search-key)"""
        cursor = self.cursor
        if cursor.text[cursor.position : cursor.position + 8].upper() == b"CHARSET ":
            cursor.position += 8
            self.use_charset(cursor.astring())
            cursor.space()
        return self.conjunction()

    def use_charset(self, name: bytes) -> None:
        try:
            info = codecs.lookup(name.decode("ascii"))
            known = getattr(info, "_is_text_encoding", True)
        except (LookupError, UnicodeDecodeError, ValueError):
            known = False
        if not known:
            raise NotSupported("this charset is not known", "BADCHARSET (UTF-8 US-ASCII ISO-8859-1)")
        self.charset = info.name

    def conjunction(self) -> SearchKey:
        found = [self.key()]
        while not self.cursor.at_end() and self.cursor.peek() == b" ":
            self.cursor.space()
            if self.cursor.at_end():
                break
            found.append(self.key())
        return found[0] if len(found) == 1 else And(tuple(found))

    def key(self) -> SearchKey:
        cursor = self.cursor
        self.keys += 1
        if self.keys > MAX_KEYS:
            raise ParseError("too many search keys")
        octet = cursor.peek()
        if octet == b"(":
            return And(tuple(cursor.listed(self.key)))
        if octet == b"*" or octet.isdigit():
            return InSet(cursor.sequence_set(), uid=False)
        if octet == b"$":
            cursor.position += 1
            return InSet(Saved.RESULT, uid=False)
        word = cursor.keyword()
        if word in _PLAIN:
            return _PLAIN[word]
        reader = _WITH_ARGUMENT.get(word)
        if reader is None:
            raise ParseError("no such search key")
        cursor.space()
        return reader(self)

    def nested(self) -> SearchKey:
        self.cursor.depth += 1
        if self.cursor.depth > MAX_NESTING:
            raise ParseError("too many search keys within each other")
        found = self.key()
        self.cursor.depth -= 1
        return found

    def text(self) -> str:
        raw = self.cursor.astring()
        try:
            return raw.decode(self.charset)
        except (UnicodeDecodeError, ValueError):
            return raw.decode("latin-1")


def _or(program: _Program) -> SearchKey:
    first = program.nested()
    program.cursor.space()
    return Or(first, program.nested())


def _header(program: _Program) -> ContentKey:
    name = program.cursor.astring().decode("ascii", "replace").lower()
    program.cursor.space()
    return TextKey(Field.HEADER, program.text(), name)


def _keyword(program: _Program) -> HasFlag:
    return HasFlag(canonical_flag(program.cursor.atom().decode("ascii")))


def _uid(program: _Program) -> InSet:
    if program.cursor.skip(b"$"):
        return InSet(Saved.RESULT, uid=True)
    return InSet(program.cursor.sequence_set(), uid=True)


def _modseq(program: _Program) -> Modseq:
    """search-modsequence = "MODSEQ" [search-modseq-ext] SP mod-sequence-valzer (RFC 7162 3.1.5)"""
    cursor = program.cursor
    if cursor.peek() == b'"':
        # The entry of one flag and its kind; as we keep one MODSEQ for all flags of a message, it changes nothing.
        cursor.string()
        cursor.space()
        if cursor.keyword() not in ("PRIV", "SHARED", "ALL"):
            raise ParseError("expected priv, shared or all")
        cursor.space()
    return Modseq(cursor.number64())


def _date(name: str) -> Callable[[_Program], ContentKey]:
    sent, saved = name.startswith("SENT"), name.startswith("SAVED")
    kind = name.removeprefix("SENT").removeprefix("SAVED")

    def read(program: _Program) -> ContentKey:
        day = program.cursor.date()
        first = None if kind == "BEFORE" else day
        before = None if kind == "SINCE" else day if kind == "BEFORE" else day + 1
        return DateKey(first, before, sent=sent, saved=saved)

    return read


def _text(field: Field, header: str = "") -> Callable[[_Program], ContentKey]:
    return lambda program: TextKey(field, program.text(), header)


_PLAIN: dict[str, SearchKey] = {
    "ALL": And(),
    "ANSWERED": HasFlag("\\Answered"),
    "DELETED": HasFlag("\\Deleted"),
    "DRAFT": HasFlag("\\Draft"),
    "FLAGGED": HasFlag("\\Flagged"),
    "SEEN": HasFlag("\\Seen"),
    "RECENT": HasFlag("\\Recent"),
    "UNANSWERED": Not(HasFlag("\\Answered")),
    "UNDELETED": Not(HasFlag("\\Deleted")),
    "UNDRAFT": Not(HasFlag("\\Draft")),
    "UNFLAGGED": Not(HasFlag("\\Flagged")),
    "UNSEEN": Not(HasFlag("\\Seen")),
    "OLD": Not(HasFlag("\\Recent")),
    "NEW": And((HasFlag("\\Recent"), Not(HasFlag("\\Seen")))),
    "SAVEDATESUPPORTED": And(),
}

_WITH_ARGUMENT: dict[str, Callable[[_Program], SearchKey]] = {
    "BCC": _text(Field.HEADER, "bcc"),
    "BODY": _text(Field.BODY),
    "CC": _text(Field.HEADER, "cc"),
    "FROM": _text(Field.HEADER, "from"),
    "SUBJECT": _text(Field.HEADER, "subject"),
    "TEXT": _text(Field.TEXT),
    "TO": _text(Field.HEADER, "to"),
    "HEADER": _header,
    "KEYWORD": _keyword,
    "UNKEYWORD": lambda program: Not(_keyword(program)),
    "LARGER": lambda program: SizeKey(True, program.cursor.number64()),
    "SMALLER": lambda program: SizeKey(False, program.cursor.number64()),
    "NOT": lambda program: Not(program.nested()),
    "OR": _or,
    "UID": _uid,
    "MODSEQ": _modseq,
    "OLDER": lambda program: Age(True, program.cursor.number(least=1)),
    "YOUNGER": lambda program: Age(False, program.cursor.number(least=1)),
    "EMAILID": lambda program: IdKey(False, program.cursor.astring().decode("ascii", "replace")),
    "THREADID": lambda program: IdKey(True, program.cursor.astring().decode("ascii", "replace")),
} | {
    name: _date(name)
    for name in (
        *("BEFORE", "ON", "SINCE"),
        *("SENTBEFORE", "SENTON", "SENTSINCE"),
        *("SAVEDBEFORE", "SAVEDON", "SAVEDSINCE"),
    )
}


Returns = tuple[frozenset[SearchReturn] | None, tuple[int, int] | None]


def _returns(cursor: Cursor) -> Returns:
    """search-return-opts = SP "RETURN" SP "(" ... ")" (RFC 4731, RFC 5182, RFC 9394); with its closing space."""
    if cursor.text[cursor.position : cursor.position + 7].upper() != b"RETURN ":
        return None, None
    cursor.position += 7
    partial: list[tuple[int, int]] = []

    def option() -> SearchReturn | None:
        word = cursor.keyword()
        if word == "PARTIAL":
            cursor.space()
            partial.append(partial_range(cursor))
            return None
        try:
            return SearchReturn(word)
        except ValueError as error:
            raise ParseError("no such result option") from error

    given = cursor.listed(option, empty=True)
    cursor.space()
    chosen = frozenset(one for one in given if one is not None)
    if partial and (len(partial) > 1 or SearchReturn.ALL in chosen):
        raise ParseError("PARTIAL stands once and without ALL")
    if not chosen and not partial:
        chosen = frozenset({SearchReturn.ALL})
    return chosen, partial[0] if partial else None


def partial_range(cursor: Cursor) -> tuple[int, int]:
    """partial-range = nz-number ":" nz-number, or both negative (RFC 9394 4)"""
    negative = cursor.skip(b"-")
    first = cursor.number(least=1)
    cursor.expect(b":", "a colon")
    if negative:
        cursor.expect(b"-", "a minus sign")
    last = cursor.number(least=1)
    low, high = min(first, last), max(first, last)
    return (-low, -high) if negative else (low, high)


def search(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """search = "SEARCH" [search-return-opts] SP search-program"""
    cursor.space()
    returns, partial = _returns(cursor)
    key = _Program(cursor).top()
    cursor.end()
    return c.Search(tag, key, uid, returns, partial)


def sort(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """sort = "SORT" [search-return-opts] SP sort-criteria SP search-charset 1*(SP search-key) (RFC 5256, RFC 5267)"""
    cursor.space()
    returns, partial = _returns(cursor)
    criteria = cursor.listed(lambda: _criterion(cursor))
    key = _charset_and_keys(cursor)
    return c.Sort(tag, tuple(criteria), key, uid, returns, partial)


def _criterion(cursor: Cursor) -> SortCriterion:
    word = cursor.keyword()
    reverse = word == "REVERSE"
    if reverse:
        cursor.space()
        word = cursor.keyword()
    try:
        return SortCriterion(SortBy(word), reverse)
    except ValueError as error:
        raise ParseError("no such sort criterion") from error


def thread(tag: str, cursor: Cursor, uid: bool) -> c.Command:
    """thread = "THREAD" SP thread-alg SP search-charset 1*(SP search-key) (RFC 5256)"""
    cursor.space()
    word = cursor.keyword()
    try:
        algorithm = ThreadBy(word)
    except ValueError as error:
        raise ParseError("no such threading algorithm") from error
    return c.Thread(tag, algorithm, _charset_and_keys(cursor), uid)


def _charset_and_keys(cursor: Cursor) -> SearchKey:
    cursor.space()
    program = _Program(cursor)
    program.use_charset(cursor.astring())
    cursor.space()
    key = program.conjunction()
    cursor.end()
    return key
