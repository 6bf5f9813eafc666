"""SEARCH by content: exact, with the trigram index only naming candidates. Runs on the readers' threads.

Messages whose text is not known yet are named, so that the caller can have them fetched and ask again for those alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import apsw

from bridge_gui.store.connection import numbers, snapshot
from bridge_gui.store.folding import fold, header_values, trigrams
from bridge_gui.store.literals import SHORT
from bridge_gui.store.reading import SPARSE, object_id


@dataclass(frozen=True, slots=True)
class TextQuery:
    """TEXT, BODY (`header` and `body` say where to look), or one header field by its lower-case `name`."""

    needle: str
    header: bool = False
    body: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class SizeQuery:
    larger: bool
    size: int


@dataclass(frozen=True, slots=True)
class DateQuery:
    """first <= day < before, as days since 1970-01-01, of one of `arrival`, `sent` or `saved`."""

    first: int | None
    before: int | None
    column: str = "arrival"


@dataclass(frozen=True, slots=True)
class IdQuery:
    thread: bool
    value: str


Query = TextQuery | SizeQuery | DateQuery | IdQuery


@dataclass(frozen=True, slots=True)
class Found:
    uids: list[int]
    """Ascending."""
    absent: list[int] = field(default_factory=list)
    """UIDs of messages of which it is not known."""


DAY = 86_400
_COLUMNS = {"subject": "subject", "from": "sender", "to": "recipient", "cc": "cc", "bcc": "bcc"}
assert tuple(_COLUMNS) == SHORT


def search(connection: apsw.Connection, mailbox: int, uids: Sequence[int], query: Query, address: int | None) -> Found:
    """Those of `uids` (ascending) that match.

    All queries see the same moment: what is indexed, or arrives, between two of them would be seen by neither.
    """
    if not uids:
        return Found([])
    with snapshot(connection):
        found = _search(connection, mailbox, uids, query, address)
    return found


def _search(connection: apsw.Connection, mailbox: int, uids: Sequence[int], query: Query, address: int | None) -> Found:
    match query:
        case TextQuery():
            return _text(_Scope(connection, mailbox, uids, address), query)
        case SizeQuery(larger, size):
            scope = _Scope(connection, mailbox, uids, address)
            return scope.find("", f"message.size {'>' if larger else '<'} ?", (size,), absent=True)
        case DateQuery(first, before, column):
            scope = _Scope(connection, mailbox, uids, address)
            join, day, absent = {
                # Days in UTC: the zone in which INTERNALDATE is told.
                "arrival": ("", f"CAST(floor(time / {DAY}.0) AS INTEGER)", False),
                "saved": ("", f"saved / {DAY}", False),
                "sent": (" CROSS JOIN sort ON sort.message = member.message", "sent_day", True),
            }[column]
            conditions = [f"{day} >= ?"] * (first is not None) + [f"{day} < ?"] * (before is not None)
            return scope.find(
                join, " AND ".join(conditions) or "1", tuple(v for v in (first, before) if v is not None), absent=absent
            )
        case IdQuery(thread, value):
            return _id(_Scope(connection, mailbox, uids, address), thread, value)


class _Scope:
    """The messages a search looks at."""

    def __init__(self, connection: apsw.Connection, mailbox: int, uids: Sequence[int], address: int | None) -> None:
        self.connection = connection
        first, last = uids[0], uids[-1]
        self.wanted: set[int] | None = None
        self.values: tuple[object, ...]
        if last - first < SPARSE * len(uids):
            self.wanted = set(uids) if last - first + 1 != len(uids) else None
            self.source, self.condition = "member", "mailbox = ? AND uid BETWEEN ? AND ?"
            self.values = (mailbox, first, last)
        else:
            self.source, self.condition = "carray(?) CROSS JOIN member ON mailbox = ? AND uid = value", "1"
            self.values = (numbers(uids), mailbox)
        if address is not None:
            self.condition += " AND address = ?"
            self.values = (*self.values, address)

    def rows(self, columns: str, join: str, condition: str, values: Sequence[object]) -> list[tuple[int, ...]]:
        rows = self.connection.execute(
            f"SELECT uid, {columns} FROM {self.source} CROSS JOIN message ON message.id = member.message{join}"
            f" WHERE {self.condition} AND ({condition}) ORDER BY uid",
            (*self.values, *values),
        )
        if self.wanted is None:
            return list(rows)
        return [row for row in rows if row[0] in self.wanted]

    def find(self, join: str, condition: str, values: Sequence[object], *, absent: bool) -> Found:
        found = [row[0] for row in self.rows("0", join, condition, values)]
        return Found(found, self.absent() if absent else [])

    def absent(self) -> list[int]:
        return [row[0] for row in self.rows("0", "", "message.size IS NULL", ())]


def _text(scope: _Scope, query: TextQuery) -> Found:
    needle = fold(query.needle)
    if query.name in _COLUMNS:
        column = _COLUMNS[query.name]
        join = " CROSS JOIN short ON short.message = member.message"
        if not needle:
            return scope.find(join, f"short.{column} IS NOT NULL", (), absent=True)
        return scope.find(join, f"instr(short.{column}, ?)", (needle,), absent=True)
    if query.name:
        return _header(scope, query.name, needle)
    where = [f"instr(text.{column}, ?)" for column, on in (("header", query.header), ("body", query.body)) if on]
    condition, values = " OR ".join(where), (needle,) * len(where)
    join = " CROSS JOIN text ON text.message = member.message"
    return _with_candidates(scope, needle, join, condition, values)


def _with_candidates(scope: _Scope, needle: str, join: str, condition: str, values: tuple[str, ...]) -> Found:
    """Check only messages whose index entry has all trigrams, and those not in the index yet."""
    grams = trigrams(needle)
    if grams is None:
        return scope.find(join, condition, values, absent=True)
    candidates = {
        row[0] for row in scope.connection.execute("SELECT rowid FROM trigram WHERE trigram MATCH ?", (grams,))
    }
    everything = scope.rows("message.id, indexed", "", "message.size IS NOT NULL", ())
    chosen = [(uid, number) for uid, number, indexed in everything if not indexed or number in candidates]
    hits = {
        row[0]
        for row in scope.connection.execute(
            f"SELECT value FROM carray(?) CROSS JOIN text ON text.message = value WHERE {condition}",
            (numbers(number for _, number in chosen), *values),
        )
    }
    return Found([uid for uid, number in chosen if number in hits], scope.absent())


def _header(scope: _Scope, name: str, needle: str) -> Found:
    join = " CROSS JOIN text ON text.message = member.message"
    rows = scope.rows(
        "text.header", join, "instr(text.header, ?) AND instr(text.header, ?)", (name.lower() + ":", needle)
    )
    return Found(
        [row[0] for row in rows if any(needle in value for value in header_values(str(row[1]), name))], scope.absent()
    )


def _id(scope: _Scope, thread: bool, value: str) -> Found:
    join, column = (" CROSS JOIN meta ON meta.message = member.message", "conversation") if thread else ("", "remote")
    # The id is told without characters that RFC 8474 does not allow; those are at most paddings at its end.
    rows = scope.rows(column, join, f"substr({column}, 1, 4) = substr(?, 1, 4)", (value,))
    return Found([row[0] for row in rows if row[1] and object_id(str(row[1])) == value])
