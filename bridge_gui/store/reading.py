"""What mail programs read: batches of records by UID. Runs on the readers' threads.

A batch is bounded in bytes, so that a mailbox of any size streams through a megabyte; between batches no
transaction stays open, so that a slow program never holds up the journal's checkpoint.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Any, Generic, NamedTuple, TypeVar

import apsw

from bridge_gui.model import LabelId, MessageId
from bridge_gui.store.connection import numbers, snapshot
from bridge_gui.store.literals import PRESENT, SMALL_CONTENT, with_large_content

M = TypeVar("M")

BATCH_BYTES = 1_000_000
BATCH_ROWS = 4000
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


SHAPED = Part.SIZE | Part.ENVELOPE | Part.BODYSTRUCTURE | Part.BODY | Part.HEADER | Part.LITERAL | Part.PREVIEW
"""What needs the literal to have been here once; LITERAL needs it to be here now."""
_SHAPE = Part.ENVELOPE | Part.BODYSTRUCTURE | Part.BODY | Part.PREVIEW


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
    parts: Part,
    address: int | None,
    make: Callable[..., M],
) -> Batch[M]:
    """Read messages of `uids` (ascending) above `after`, in UID order, about a megabyte of them."""
    from_ = _position(uids, after)
    rest = uids[from_:]
    if not rest:
        return Batch([], [], [], None)
    first, last = rest[0], rest[-1]
    dense = (last - first) < SPARSE * len(rest)
    wanted: set[int] | None = None
    if dense:
        if last - first + 1 != len(rest):
            wanted = set(rest)
        source, bound = "member WHERE mailbox = ? AND uid BETWEEN ? AND ?", (mailbox, first, last)
    else:
        rest = rest[:BATCH_ROWS]
        last = rest[-1] if from_ + len(rest) < len(uids) else last
        source, bound = "carray(?) CROSS JOIN member ON mailbox = ? AND uid = value WHERE 1", (numbers(rest), mailbox)  # type: ignore[assignment]
    head, _, condition = source.partition(" WHERE ")
    literal = bool(parts & Part.LITERAL)
    columns, joins = _columns(parts)
    sql = f"SELECT {columns} FROM {head} CROSS JOIN message ON message.id = member.message{joins} WHERE {condition}"
    if address is not None:
        sql += " AND address = ?"
        bound = (*bound, address)  # type: ignore[assignment]
    found: list[M] = []
    read: list[int] = []
    absent: list[int] = []
    large: tuple[int, bytes, list[Any]] | None = None
    after_all: int | None = last if last < uids[-1] else None
    size, rows = 0, 0
    with snapshot(connection) if literal else contextlib.nullcontext():
        for number, is_absent, data, content, *fields in connection.execute(sql + " ORDER BY uid", bound):
            uid = fields[0]
            if wanted is not None and uid not in wanted:
                continue
            rows += 1
            if is_absent:
                absent.append(uid)
            else:
                if literal:
                    read.append(number)
                    size += fields[1]
                size += 100 + len(fields[3]) + len(fields[4]) + len(fields[6])
                if fields[8]:
                    fields[8] = object_id(fields[8])
                if fields[9]:
                    fields[9] = object_id(fields[9])
                if literal and content is None:
                    large, after_all = (number, data, fields), uid if uid < uids[-1] else None
                    break
                if literal:
                    fields[7] = data + content
                found.append(make(*fields))
            if size >= BATCH_BYTES or rows >= BATCH_ROWS:
                after_all = uid
                break
        if large is not None:
            number, data, fields = large
            fields[7] = with_large_content(connection, number, data)
            found.append(make(*fields))
    return Batch(found, read, absent, after_all)


def _columns(parts: Part) -> tuple[str, str]:
    """What to select and to join for `parts`: number, whether it is absent, the literal's two halves, then the
    fields of `Message`. What is not asked for is not read."""

    def given(part: Part, column: str, otherwise: str = "x''") -> str:
        return column if parts & part else otherwise

    absent = "0"
    if parts & Part.LITERAL:
        absent = f"message.state <> {PRESENT}"
    elif parts & SHAPED:
        absent = "message.size IS NULL"
    columns = (
        "message.id",
        absent,
        given(Part.LITERAL, "header.data", "NULL"),
        given(Part.LITERAL, SMALL_CONTENT, "NULL"),
        "uid",
        "coalesce(message.size, 0)",
        "time",
        given(Part.ENVELOPE, "envelope"),
        given(Part.BODYSTRUCTURE, "bodystructure"),
        given(Part.BODY, "body"),
        given(Part.HEADER, "header.data"),
        "x''",
        given(Part.EMAIL_ID, "remote", "''"),
        given(Part.THREAD_ID, "conversation", "''"),
        given(Part.PREVIEW, "preview", "NULL"),
        "saved",
    )
    joins = "".join(
        f" LEFT JOIN {table} ON {table}.message = member.message"
        for table, needed in (
            ("shape", _SHAPE),
            ("header", Part.HEADER | Part.LITERAL),
            ("content", Part.LITERAL),
            ("meta", Part.THREAD_ID),
        )
        if parts & needed
    )
    return ", ".join(columns), joins


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


def status(connection: apsw.Connection, mailbox: int, address: int | None, unseen_flags: Sequence[int]) -> Status:
    """Counts of a mailbox. `unseen_flags`: the numbers of the flag sets without \\Seen."""
    with connection:
        row = connection.execute("SELECT uidnext, uidvalidity, modseq FROM mailbox WHERE id = ?", (mailbox,)).get
        if row is None:
            return Status(0, 0, 0, 1, 1, 1, 0)
        counts = connection.execute(
            "SELECT count(*), coalesce(sum(flags IN (SELECT value FROM carray(?))), 0), coalesce(sum(deleted),"
            " 0), sum(message.size),"
            " count(message.size) FROM member CROSS JOIN message ON message.id = member.message WHERE mailbox = ?"
            + (" AND address = ?" if address is not None else ""),
            (numbers(unseen_flags), mailbox, *(() if address is None else (address,))),
        ).get
    messages, unseen, deleted, size, sized = counts
    uidnext, uidvalidity, modseq = row
    return Status(messages, unseen, deleted, uidnext, uidvalidity, modseq, (size or 0) if sized == messages else None)


def label_ids(connection: apsw.Connection) -> dict[int, LabelId]:
    return {number: LabelId(remote) for number, remote in connection.execute("SELECT id, remote FROM label")}
