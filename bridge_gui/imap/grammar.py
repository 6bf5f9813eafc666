"""The words of IMAP's grammar (RFC 3501 9, RFC 9051 9), read from one raw command."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeVar

from bridge_gui.imap import utf7
from bridge_gui.imap.sequences import MAX_NUMBER, STAR, SequenceSet
from bridge_gui.imap.wire import Raw

T = TypeVar("T")

MAX_NESTING = 50
"""Parentheses within parentheses; OR and NOT count too."""
MAX_ITEMS = 100_000
"""Elements of one list, ranges of one set."""

_ATOM = re.compile(rb"[^\x00-\x20(){%*\"\\\]\x7f-\xff]+")
_ASTRING = re.compile(rb"[^\x00-\x20(){%*\"\\\x7f]+")
"""Also takes 8-bit octets: programs that never learned modified UTF-7 send them in names."""
_LIST_MAILBOX = re.compile(rb"[^\x00-\x20(){\"\\\x7f]+")
_QUOTED = re.compile(rb'"((?:[^"\\\r\n\x00]|\\.)*)"')
_UNQUOTE = re.compile(rb"\\(.)")
_NUMBER = re.compile(rb"\d{1,20}")
_SET = re.compile(rb"(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?(?:,(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?)*")
_FLAG = re.compile(rb"\\?[^\x00-\x20(){%*\"\\\]\x7f-\xff]+")
_MARKER = re.compile(rb"~?\{\d{1,20}\+?\}\Z")


class ParseError(Exception):
    """A command that is not in the grammar: answered by BAD with this text."""


class NotSupported(Exception):
    """A command in the grammar that asks for what we cannot do: answered by NO with this code and text."""

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class Cursor:
    """A place in a raw command. Methods take what they are called after, or raise `ParseError`."""

    __slots__ = ("_fragments", "_index", "_literals", "depth", "position", "text", "utf8")

    def __init__(self, raw: Raw, *, utf8: bool = False) -> None:
        self._fragments = raw.fragments
        self._literals = raw.literals
        self._index = 0
        self.text = raw.fragments[0]
        self.position = 0
        self.depth = 0
        self.utf8 = utf8

    # -- the smallest pieces

    def peek(self) -> bytes:
        """The next octet, empty at the end."""
        return self.text[self.position : self.position + 1]

    def rest(self) -> bytes | None:
        """All that follows, or None when there are literals in it."""
        return self.text[self.position :] if self._index == len(self._literals) else None

    def at_end(self) -> bool:
        return self.position >= len(self.text) and self._index == len(self._literals)

    def end(self) -> None:
        """Nothing may follow. Trailing spaces are forgiven: some programs send one."""
        if self.text[self.position :].strip(b" ") or self._index != len(self._literals):
            raise ParseError("unexpected text at the end of the command")

    def take(self, pattern: re.Pattern[bytes], what: str) -> bytes:
        found = pattern.match(self.text, self.position)
        if found is None:
            raise ParseError(f"expected {what}")
        self.position = found.end()
        return found.group()

    def skip(self, octet: bytes) -> bool:
        """Take `octet` if it is next."""
        if self.text.startswith(octet, self.position):
            self.position += len(octet)
            return True
        return False

    def expect(self, octet: bytes, what: str) -> None:
        if not self.skip(octet):
            raise ParseError(f"expected {what}")

    def space(self) -> None:
        self.expect(b" ", "a space")

    # -- words

    def keyword(self) -> str:
        """An atom that is one of the grammar's own words, in upper case."""
        return self.take(_ATOM, "a word").decode("ascii").upper()

    def atom(self) -> bytes:
        return self.take(_ATOM, "an atom")

    def literal(self) -> bytes | None:
        """The literal that is next, if one is."""
        if self._index >= len(self._literals):
            return None
        marker = _MARKER.match(self.text, self.position)
        if marker is None:
            return None
        value = self._literals[self._index]
        self._index += 1
        self.text = self._fragments[self._index]
        self.position = 0
        return value

    def string(self) -> bytes | None:
        """A quoted string or literal, or None when something else is next."""
        if self.peek() == b'"':
            found = _QUOTED.match(self.text, self.position)
            if found is None:
                raise ParseError("a quoted string has no end")
            self.position = found.end()
            inner = found.group(1)
            return _UNQUOTE.sub(rb"\1", inner) if b"\\" in inner else inner
        return self.literal()

    def astring(self) -> bytes:
        value = self.string()
        return value if value is not None else self.take(_ASTRING, "a string")

    def nstring(self) -> bytes | None:
        value = self.string()
        if value is not None:
            return value
        if self.keyword() != "NIL":
            raise ParseError("expected a string or NIL")
        return None

    def unicode(self) -> str:
        """An astring as text."""
        return utf7.decode_utf8(self.astring())

    def mailbox(self) -> str:
        """mailbox = "INBOX" / astring; INBOX in any case is INBOX."""
        return self._mailbox_name(self.astring())

    def list_mailbox(self) -> str:
        """list-mailbox: as a mailbox, with wildcards."""
        value = self.string()
        return self._decode(value if value is not None else self.take(_LIST_MAILBOX, "a pattern"))

    def _decode(self, raw: bytes) -> str:
        if b"\0" in raw or b"\r" in raw or b"\n" in raw:
            raise ParseError("a mailbox name may not hold control characters")
        return utf7.decode_utf8(raw) if self.utf8 else utf7.decode(raw)

    def _mailbox_name(self, raw: bytes) -> str:
        name = self._decode(raw)
        return inbox(name)

    # -- numbers

    def number(self, largest: int = MAX_NUMBER, least: int = 0) -> int:
        value = int(self.take(_NUMBER, "a number"))
        if not least <= value <= largest:
            raise ParseError("a number is out of range")
        return value

    def number64(self) -> int:
        """mod-sequence-valzer: up to 63 bits (RFC 7162 7)."""
        return self.number(2**63 - 1)

    def sequence_set(self) -> SequenceSet:
        found = self.take(_SET, "a set of message numbers")
        ranges: list[tuple[int, int]] = []
        for piece in found.split(b","):
            first, colon, last = piece.partition(b":")
            low = self._set_number(first)
            ranges.append((low, self._set_number(last) if colon else low))
        if len(ranges) > MAX_ITEMS:
            raise ParseError("a set of message numbers has too many parts")
        return SequenceSet(tuple(ranges))

    @staticmethod
    def _set_number(text: bytes) -> int:
        if text == b"*":
            return STAR
        value = int(text)
        if not 1 <= value <= MAX_NUMBER:
            raise ParseError("a message number is out of range")
        return value

    # -- lists

    def listed(self, item: Callable[[], T], *, empty: bool = False) -> list[T]:
        """( item SP item ... )"""
        self.expect(b"(", "a list in parentheses")
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise ParseError("too many parentheses within each other")
        found: list[T] = []
        if empty and self.skip(b")"):
            self.depth -= 1
            return found
        while True:
            found.append(item())
            if self.skip(b")"):
                break
            self.space()
            if len(found) > MAX_ITEMS:
                raise ParseError("a list is too long")
            if self.skip(b")"):  # a space before the parenthesis is forgiven
                break
        self.depth -= 1
        return found

    def one_or_listed(self, item: Callable[[], T]) -> list[T]:
        return self.listed(item) if self.peek() == b"(" else [item()]

    def flag(self) -> str:
        """flag, canonical where it is a system flag; `\\Recent` is the server's alone."""
        flag = canonical_flag(self.take(_FLAG, "a flag").decode("ascii"))
        if flag == "\\Recent":
            raise ParseError("\\Recent cannot be set")
        if flag.startswith("\\") and flag not in SYSTEM_FLAGS.values():
            raise ParseError("no such system flag")
        return flag

    # -- dates

    def date_time(self) -> int:
        """date-time, as seconds since 1970."""
        raw = self.string()
        found = _DATE_TIME.fullmatch(raw) if raw is not None else None
        if found is None:
            raise ParseError("expected a date and time")
        day, month, year, hour, minute, second, sign, zone_hour, zone_minute = (
            part.decode("ascii") for part in found.groups()
        )
        shift = timedelta(hours=int(zone_hour), minutes=int(zone_minute))
        try:
            zone = timezone(-shift if sign == "-" else shift)
            moment = datetime(
                int(year), month_number(month), int(day), int(hour), int(minute), min(int(second), 59), tzinfo=zone
            )
        except ValueError as error:
            raise ParseError("no such date") from error
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)

    def date(self) -> int:
        """date, as days since 1970-01-01."""
        raw = self.string()
        if raw is None:
            raw = self.take(_ATOM, "a date")
        found = _DATE.fullmatch(raw)
        if found is None:
            raise ParseError("expected a date such as 1-Feb-2024")
        try:
            moment = datetime(int(found[3]), month_number(found[2].decode("ascii")), int(found[1]))
        except ValueError as error:
            raise ParseError("no such date") from error
        return moment.toordinal() - _EPOCH_DAY


_DATE_TIME = re.compile(rb"([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_DATE = re.compile(rb"(\d{1,2})-([A-Za-z]{3})-(\d{4})")
_EPOCH_DAY = datetime(1970, 1, 1).toordinal()

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBERS = {name.upper(): number for number, name in enumerate(MONTHS, 1)}

SYSTEM_FLAGS = {
    name.lower(): name for name in ("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "\\Recent")
}


def month_number(name: str) -> int:
    number = _MONTH_NUMBERS.get(name.upper())
    if number is None:
        raise ParseError("no such month")
    return number


def canonical_flag(flag: str) -> str:
    """System flags in the spelling of RFC 3501; keywords as they are."""
    return SYSTEM_FLAGS.get(flag.lower(), flag)


def inbox(name: str) -> str:
    """INBOX in any case is INBOX (RFC 3501 5.1), also as the first level of a longer name."""
    if name[:5].upper() == "INBOX" and (len(name) == 5 or name[5] == "/"):
        return "INBOX" + name[5:]
    return name
