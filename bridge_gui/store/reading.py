"""What mail programs read: batches of records by UID. Runs on the readers' threads.

A batch is bounded in bytes, so that a mailbox of any size streams through a megabyte; between batches no
transaction stays open, so that a slow program never holds up the journal's checkpoint.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntFlag
from functools import lru_cache
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

import apsw

from bridge_gui.model import LabelId, MessageId
from bridge_gui.store.connection import LARGE_VALUE, let_go, numbers, snapshot
from bridge_gui.store.literals import PRESENT, SMALL_CONTENT, with_large_content

M = TypeVar("M")

BATCH_BYTES = 1_000_000
BATCH_ROWS = 4000
CHUNK_ROWS = 200
"""Rows without a literal that are taken at once; what they hold is added up after each such chunk."""
SPARSE = 4
"""UIDs are read as one range when they are at least every n-th of it, one by one otherwise."""


class Part(IntFlag):
    """Which parts of a message are asked for; the values are those of `imap.backend.Need`."""

    SIZE = 1
    DATE = 2
    ENVELOPE = 4
    BODYSTRUCTURE = 8
    BODY = 16
    HEADER = 32
    LITERAL = 64
    EMAIL_ID = 128
    THREAD_ID = 256
    PREVIEW = 512
    SAVE_DATE = 1024
    BRIEF = 2048


_SHAPE = Part.ENVELOPE | Part.BODYSTRUCTURE | Part.BODY | Part.PREVIEW
SHAPED = Part.SIZE | _SHAPE | Part.HEADER | Part.BRIEF | Part.LITERAL
"""What needs the literal to have been here once; LITERAL needs it to be here now."""
_ROW_BY_ROW = Part.LITERAL | Part.EMAIL_ID | Part.THREAD_ID
"""Parts of which each row needs a hand, or of which a single one may be large."""


class Message(NamedTuple):
    """One message as far as it was asked for. Callers may have another tuple of these fields made instead."""

    uid: int
    size: int
    date: int
    envelope: bytes
    bodystructure: bytes
    body: bytes
    header: bytes
    literal: bytes
    email_id: str
    thread_id: str
    preview: str | None
    save_date: int | None
    brief: bytes


Row = tuple[Any, ...]
"""The fields of `Message`."""
_UID, _SIZE, _, _ENVELOPE, _BODYSTRUCTURE, _BODY, _HEADER, _LITERAL, _EMAIL_ID, _THREAD_ID, _, _, _BRIEF = range(13)
_TEXTS = itemgetter(_ENVELOPE, _BODYSTRUCTURE, _BODY, _HEADER, _BRIEF)


@dataclass(frozen=True, slots=True)
class Batch(Generic[M]):
    messages: list[M]
    numbers: list[int]
    """The store's numbers of those whose literal was read."""
    absent: list[int]
    """UIDs of messages whose literal has to be fetched first."""
    after: int | None
    """Go on above this UID; None at the end."""


def read_batch(
    connection: apsw.Connection,
    mailbox: int,
    uids: Sequence[int],
    after: int,
    parts: int,
    address: int | None,
    make: Callable[[Row], M],
    *,
    pieces: bool = True,
) -> Batch[M]:
    """Read messages of `uids` (ascending) above `after`, in UID order, about a megabyte of them; large literals in
    `pieces`."""
    from_ = _position(uids, after) if after else 0
    rest = uids[from_:] if from_ else uids
    if not rest:
        return Batch([], [], [], None)
    first, last = rest[0], rest[-1]
    dense = (last - first) < SPARSE * len(rest)
    wanted: set[int] | None = None
    if dense:
        if last - first + 1 != len(rest):
            wanted = set(rest)
        bound: tuple[Any, ...] = (mailbox, first, last)
    else:
        rest = rest[:BATCH_ROWS]
        last = rest[-1]
        bound = (numbers(rest), mailbox)
    if address is not None:
        bound = (*bound, address)
    query = (_statement(parts, dense, address is not None), bound)
    if parts & _PLAIN_LITERAL and pieces:
        with snapshot(connection):
            found, read, absent, stopped = _row_by_row(connection, query, wanted, parts)
    elif parts & _PLAIN_ROW_BY_ROW:
        found, read, absent, stopped = _row_by_row(connection, query, wanted, parts, pieces=pieces)
    else:
        found, read, absent, stopped = _in_chunks(connection.execute(*query), wanted, parts)
    reached = stopped or last
    return Batch(list(map(make, found)), read, absent, reached if reached < uids[-1] else None)


class _Large(Exception):
    """A literal that is read in pieces, if at all."""


def read_at_once(
    connection: apsw.Connection,
    here: bool,
    mailbox: int,
    uids: Sequence[int],
    parts: int,
    address: int | None,
    make: Callable[[Row], M],
) -> Batch[M] | None:
    """`read_batch` of few messages for `Engine.read_short`: with `here`, None instead of a large literal."""
    try:
        return read_batch(connection, mailbox, uids, 0, parts, address, make, pieces=not here)
    except _Large:
        return None


_PLAIN_ROW_BY_ROW, _PLAIN_SHAPED, _PLAIN_LITERAL = int(_ROW_BY_ROW), int(SHAPED), int(Part.LITERAL)
"""As plain numbers: arithmetic with flags of an enumeration costs as much as reading a message."""

_Read = tuple[list[Row], list[int], list[int], int]
"""Rows, the store's numbers, absent UIDs, and the UID after which more follows, or 0."""


def _in_chunks(rows: Iterator[Row], wanted: set[int] | None, parts: int) -> _Read:
    """Small rows, many at once. One whose literal was never here has no size."""
    found: list[Row] = []
    absent: list[int] = []
    size, count, last = 0, 0, 0
    while chunk := list(islice(rows, CHUNK_ROWS)):
        last = chunk[-1][_UID]
        if wanted is not None:
            chunk = [row for row in chunk if row[_UID] in wanted]
        if parts & _PLAIN_SHAPED:
            here = [row for row in chunk if row[_SIZE] is not None]
            if len(here) < len(chunk):
                absent += [row[_UID] for row in chunk if row[_SIZE] is None]
                chunk = here
        found += chunk
        count += CHUNK_ROWS
        size += sum(map(len, chain.from_iterable(map(_TEXTS, chunk))))
        if size >= BATCH_BYTES or count >= BATCH_ROWS:
            return found, [], absent, last
    return found, [], absent, 0


def _row_by_row(
    connection: apsw.Connection,
    query: tuple[str, tuple[Any, ...]],
    wanted: set[int] | None,
    parts: int,
    *,
    pieces: bool = True,
) -> _Read:
    """Rows with a literal, each perhaps of megabytes, or with ids. Behind the message's fields there come the store's
    number, whether the literal is absent, and its two halves, the second only if it is not large."""
    found: list[Row] = []
    read: list[int] = []
    absent: list[int] = []
    large: tuple[int, bytes, list[Any]] | None = None
    size, count, stopped = 0, 0, 0
    literal = parts & _PLAIN_LITERAL
    for *fields, number, is_absent, head, content in connection.execute(*query):
        uid: int = fields[_UID]
        if wanted is not None and uid not in wanted:
            continue
        count += 1
        if is_absent:
            absent.append(uid)
        else:
            if literal:
                read.append(number)
                size += fields[_SIZE]
            size += 100 + len(fields[_ENVELOPE]) + len(fields[_BODYSTRUCTURE]) + len(fields[_HEADER])
            if fields[_EMAIL_ID]:
                fields[_EMAIL_ID] = object_id(fields[_EMAIL_ID])
            if fields[_THREAD_ID]:
                fields[_THREAD_ID] = object_id(fields[_THREAD_ID])
            if literal and content is None:
                if not pieces:
                    raise _Large
                large, stopped = (number, head, fields), uid
                break
            if literal:
                fields[_LITERAL] = head + content
            found.append(tuple(fields))
        if size >= BATCH_BYTES or count >= BATCH_ROWS:
            stopped = uid
            break
    if large is not None:
        number, head, fields = large
        fields[_LITERAL] = with_large_content(connection, number, head)
        found.append(tuple(fields))
    return found, read, absent, stopped


@lru_cache(maxsize=256)
def _statement(asked: int, dense: bool, of_address: bool) -> str:
    """How to read these parts: the fields of `Message`, and for `_row_by_row` what it wants. What is not asked for is
    not read."""
    parts = Part(asked)

    def given(part: Part, column: str, otherwise: str = "x''") -> str:
        return column if parts & part else otherwise

    # Which literals never were here shows in the size, but a brief shows it too, and spares the look at `message`.
    in_message = parts & ~(Part.BRIEF | Part.SAVE_DATE) or of_address
    size = "coalesce(message.size, 0)" if in_message else "0"
    if parts & SHAPED and not parts & _ROW_BY_ROW:
        size = "message.size" if in_message else "length(brief.data)"
    columns = [
        "uid",
        size,
        given(Part.DATE, "time", "0"),
        given(Part.ENVELOPE, "envelope"),
        given(Part.BODYSTRUCTURE, "bodystructure"),
        given(Part.BODY, "body"),
        given(Part.HEADER, "header.data"),
        "x''",
        given(Part.EMAIL_ID, "remote", "''"),
        given(Part.THREAD_ID, "conversation", "''"),
        given(Part.PREVIEW, "preview", "NULL"),
        given(Part.SAVE_DATE, "saved", "NULL"),
        given(Part.BRIEF, "coalesce(brief.data, x'')"),
    ]
    if parts & _ROW_BY_ROW:
        absent = "0"
        if parts & Part.LITERAL:
            absent = f"message.state <> {PRESENT}"
        elif parts & SHAPED:
            absent = "message.size IS NULL"
        halves = (given(Part.LITERAL, "header.data", "NULL"), given(Part.LITERAL, SMALL_CONTENT, "NULL"))
        columns += ["member.message", absent, *halves]
    joins = " CROSS JOIN message ON message.id = member.message" if in_message else ""
    joins += "".join(
        f" LEFT JOIN {table} ON {table}.message = member.message"
        for table, needed in (
            ("shape", _SHAPE),
            ("header", Part.HEADER | Part.LITERAL),
            ("brief", Part.BRIEF),
            ("content", Part.LITERAL),
            ("meta", Part.THREAD_ID),
        )
        if parts & needed
    )
    source, condition = "member", "mailbox = ? AND uid BETWEEN ? AND ?"
    if not dense:
        source, condition = "carray(?) CROSS JOIN member ON mailbox = ? AND uid = value", "1"
    owner = " AND address = ?" if of_address else ""
    return f"SELECT {', '.join(columns)} FROM {source}{joins} WHERE {condition}{owner} ORDER BY uid"


def _position(uids: Sequence[int], after: int) -> int:
    low, high = 0, len(uids)
    while low < high:
        middle = (low + high) // 2
        if uids[middle] <= after:
            low = middle + 1
        else:
            high = middle
    return low


_OBJECT_ID = re.compile("[A-Za-z0-9_-]+")


def object_id(remote: str) -> str:
    """A service's id as an RFC 8474 objectid, which allows letters, digits, `-` and `_`, but not base64's padding."""
    plain = remote.rstrip("=")
    if _OBJECT_ID.fullmatch(plain):
        return plain
    return "".join(_OBJECT_ID.findall(plain)) or "x"


class SortRow(NamedTuple):
    """In the fields' order of `imap.backend.SortValues`."""

    uid: int
    arrival: int
    sent: int
    size: int
    subject: str
    sender: str
    to: str
    cc: str
    display_from: str
    display_to: str
    message_id: str
    references: tuple[str, ...]
    is_reply: bool


def sort_rows(
    connection: apsw.Connection, mailbox: int, uids: Sequence[int], address: int | None, make: Callable[..., M]
) -> tuple[list[M], list[int]]:
    """What SORT and THREAD need of these messages, and the UIDs of those whose literal has to be fetched first."""
    rows: list[M] = []
    absent: list[int] = []
    sql = (
        "SELECT uid, time, message.size, sent, subject, sender, recipient, cc, display_from,"
        " display_to, message_id, refs, is_reply"
        " FROM carray(?) CROSS JOIN member ON mailbox = ? AND uid = value CROSS JOIN message ON message.id ="
        " member.message"
        " LEFT JOIN sort ON sort.message = member.message" + (" WHERE address = ?" if address is not None else "")
    )
    for (
        uid,
        time,
        size,
        sent,
        subject,
        sender,
        to,
        cc,
        display_from,
        display_to,
        message_id,
        refs,
        is_reply,
    ) in connection.execute(sql, (numbers(uids), mailbox, *(() if address is None else (address,)))):
        if sent is None:
            absent.append(uid)
        else:
            rows.append(
                make(
                    uid,
                    time,
                    sent,
                    size,
                    subject,
                    sender,
                    to,
                    cc,
                    display_from,
                    display_to,
                    message_id,
                    tuple(refs.split(" ")) if refs else (),
                    bool(is_reply),
                )
            )
    return rows, absent


def any_absent(connection: apsw.Connection, mailbox: int, uids: Sequence[int], parts: Part) -> bool:
    """Whether the literal of any of these has to be fetched for `parts`."""
    if not parts & SHAPED:
        return False
    condition = "state <> ?" if parts & Part.LITERAL else "size IS NULL OR ? IS NULL"
    found: int = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM carray(?) CROSS JOIN member ON mailbox = ? AND uid = value"
        f" CROSS JOIN message ON message.id = member.message WHERE {condition})",
        (numbers(uids), mailbox, PRESENT),
    ).get
    return bool(found)


def ids_of(connection: apsw.Connection, mailbox: int, uids: Sequence[int]) -> dict[int, MessageId]:
    """The messages of UIDs."""
    return {
        uid: MessageId(remote)
        for uid, remote in connection.execute(
            "SELECT uid, remote FROM carray(?) CROSS JOIN member ON mailbox = ? AND uid = value"
            " CROSS JOIN message ON message.id = member.message",
            (numbers(uids), mailbox),
        )
    }


def vanished(connection: apsw.Connection, mailbox: int, since: int) -> list[tuple[int, int]] | None:
    """Runs of UIDs expunged after a MODSEQ, or None when the record does not reach back so far."""
    floor = connection.execute("SELECT vanished_floor FROM mailbox WHERE id = ?", (mailbox,)).get
    if floor is None or since < floor:
        return None
    return list(
        connection.execute(
            "SELECT first, last FROM vanished WHERE mailbox = ? AND modseq > ? ORDER BY first", (mailbox, since)
        )
    )


class Status(NamedTuple):
    messages: int
    unseen: int
    deleted: int
    uidnext: int
    uidvalidity: int
    highest_modseq: int
    size: int | None
    deleted_size: int | None


def status(connection: apsw.Connection, mailbox: int, address: int | None, unseen_flags: Sequence[int]) -> Status:
    """Counts of a mailbox. `unseen_flags`: the numbers of the flag sets without \\Seen."""
    with connection:
        row = connection.execute("SELECT uidnext, uidvalidity, modseq FROM mailbox WHERE id = ?", (mailbox,)).get
        if row is None:
            return Status(0, 0, 0, 1, 1, 1, 0, 0)
        counts = connection.execute(
            "SELECT count(*), coalesce(sum(flags IN (SELECT value FROM carray(?))), 0), coalesce(sum(deleted), 0),"
            " coalesce(sum(message.size), 0), count(*) - count(message.size),"
            " coalesce(sum(CASE WHEN deleted THEN message.size END), 0),"
            " coalesce(sum(deleted AND message.size IS NULL), 0)"
            " FROM member CROSS JOIN message ON message.id = member.message WHERE mailbox = ?"
            + (" AND address = ?" if address is not None else ""),
            (numbers(unseen_flags), mailbox, *(() if address is None else (address,))),
        ).get
    messages, unseen, deleted, size, unknown, deleted_size, deleted_unknown = counts
    uidnext, uidvalidity, modseq = row
    return Status(
        *(messages, unseen, deleted, uidnext, uidvalidity, modseq),
        None if unknown else size,
        None if deleted_unknown else deleted_size,
    )


def label_ids(connection: apsw.Connection) -> dict[int, LabelId]:
    return {number: LabelId(remote) for number, remote in connection.execute("SELECT id, remote FROM label")}


def value(connection: apsw.Connection, key: str) -> str | None:
    """One of the callers' values."""
    found: str | None = connection.execute("SELECT value FROM value WHERE key = ?", (f"_{key}",)).get
    if found is not None and len(found) >= LARGE_VALUE:
        let_go(connection)
    return found
