"""Changes by mail programs: committed together with their queue entries. Runs on the writer's thread.

What a program may do is decided above (`account.moves`); here it is done for many messages at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import apsw

from bridge_gui.model import AddressId, LabelId, MessageId, SystemLabel
from bridge_gui.store import queue
from bridge_gui.store.connection import numbers
from bridge_gui.store.flags import ANSWERED, DELETED, DRAFT, FLAGGED, FORWARDED, SEEN, UNANSWERED
from bridge_gui.store.records import Action
from bridge_gui.store.transaction import Transaction

OWN = frozenset({SEEN, FLAGGED, ANSWERED, DELETED, DRAFT, *FORWARDED})
"""Flags that are not plain keywords."""

FlagFunction = Callable[[frozenset[str]], frozenset[str]]


class Row(NamedTuple):
    """One message of a mailbox as an edit sees it."""

    uid: int
    message: int
    flags: int
    """Of the message, \\Deleted left out."""
    deleted: int
    """0 or 1."""
    modseq: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Where messages went: pairs in the same order, target UIDs ascending."""

    uidvalidity: int
    source: tuple[int, ...]
    target: tuple[int, ...]


def rows_of(tx: Transaction, mailbox: int, uids: Sequence[int], address: int | None) -> list[Row]:
    """The messages of these UIDs that are (still) there, by UID."""
    condition = " AND message.address = ?" if address is not None else ""
    found = tx.query(
        "SELECT uid, member.message, flags, deleted, max(member.modseq, message.modseq) FROM carray(?)"
        " CROSS JOIN member ON mailbox = ? AND uid = value CROSS JOIN message ON message.id = member.message"
        + condition,
        (numbers(sorted(uids)), mailbox, *(() if address is None else (address,))),
    )
    return list(map(Row._make, found))


def store_flags(
    tx: Transaction,
    mailbox: int,
    uids: Sequence[int],
    change: FlagFunction,
    unchanged_since: int | None,
    address: int | None,
) -> list[int]:
    """Give each message the flags `change` makes of those it has; return the UIDs whose MODSEQ is above
    `unchanged_since`."""
    left_alone: list[int] = []
    groups: dict[tuple[int, int], list[Row]] = {}
    rows = rows_of(tx, mailbox, uids, address)
    if unchanged_since is not None:
        left_alone = [row.uid for row in rows if row.modseq > unchanged_since]
        rows = [row for row in rows if row.modseq <= unchanged_since]
    for row in rows:
        groups.setdefault(row[2:4], []).append(row)
    actions: dict[tuple[Action, int], list[int]] = {}
    local: dict[tuple[frozenset[str], frozenset[str]], list[int]] = {}
    deleted: list[Row] = []
    undeleted: list[Row] = []
    starred = tx.book.number(SystemLabel.STARRED)
    for (flags, was_deleted), rows in groups.items():
        shown = tx.book.table.flags(flags)
        before = shown | {DELETED} if was_deleted else shown
        after = change(before)
        new, gone = after - before, before - after
        messages = [row.message for row in rows]
        for flag, on, off, label in (
            (SEEN, Action.READ, Action.UNREAD, 0),
            (FLAGGED, Action.LABEL, Action.UNLABEL, starred),
        ):
            if flag in new:
                actions.setdefault((on, label), []).extend(messages)
            elif flag in gone:
                actions.setdefault((off, label), []).extend(messages)
        if new & FORWARDED:
            actions.setdefault((Action.FORWARDED, 0), []).extend(messages)
        elif gone & FORWARDED:
            actions.setdefault((Action.UNFORWARDED, 0), []).extend(messages)
        if DELETED in new:
            deleted += rows
        elif DELETED in gone:
            undeleted += rows
        plain = (frozenset(new - OWN), frozenset(gone - OWN))
        if ANSWERED in new:
            plain = (plain[0] | {ANSWERED}, plain[1] | {UNANSWERED})
        elif ANSWERED in gone:
            plain = (plain[0] | {UNANSWERED}, plain[1] | {ANSWERED})
        if plain[0] or plain[1]:
            local.setdefault(plain, []).extend(messages)
    for (action, label), messages in actions.items():
        queue.add(tx, action, label, messages)
    for (add, drop), messages in local.items():
        _change_local(tx, messages, add, drop)
    changed = [message for messages in (*actions.values(), *local.values()) for message in messages]
    if changed:
        tx.project(sorted(set(changed)))
    _mark(tx, mailbox, deleted, True)
    _mark(tx, mailbox, undeleted, False)
    return left_alone


def _change_local(tx: Transaction, messages: Sequence[int], add: frozenset[str], drop: frozenset[str]) -> None:
    table = tx.book.table
    by_number: dict[int, list[int]] = {}
    for message, number in tx.query(
        "SELECT id, local FROM carray(?) CROSS JOIN message ON id = value", (numbers(messages),)
    ):
        by_number.setdefault(number, []).append(message)
    for number, ids in by_number.items():
        tx.query(
            "UPDATE message SET local = ? WHERE id IN (SELECT value FROM carray(?))",
            (table.number((table.flags(number) - drop) | add), numbers(ids)),
        )


def _mark(tx: Transaction, mailbox: int, rows: Sequence[Row], deleted: bool) -> None:
    """Set or remove \\Deleted, which belongs to the mailbox and stays here."""
    if not rows:
        return
    tx.query(
        "UPDATE member SET deleted = ?, modseq = ? WHERE mailbox = ? AND uid IN (SELECT value FROM carray(?))",
        (deleted, tx.modseq, mailbox, numbers(row.uid for row in rows)),
    )
    touched = tx.touched(mailbox)
    table = tx.book.table
    flags = dict(
        tx.query(
            "SELECT id, flags FROM carray(?) CROSS JOIN message ON id = value", (numbers(row.message for row in rows),)
        )
    )
    for row in rows:
        number = flags[row.message]
        touched.change(row.uid, table.with_deleted(number) if deleted else number)


def place(
    tx: Transaction,
    mailbox: int,
    uids: Sequence[int],
    steps: Sequence[tuple[Action, int]],
    target: int,
    address: int | None,
) -> Placed:
    """Do `steps` to the messages, so that they appear in `target` under new UIDs, also those that were there before."""
    rows = rows_of(tx, mailbox, uids, address)
    messages = [row.message for row in rows]
    if mailbox != target:
        there = tx.query(
            "SELECT mailbox, uid FROM carray(?) CROSS JOIN member ON message = value AND mailbox = ?",
            (numbers(messages), target),
        ).fetchall()
        if there:
            tx.remove_members(there)
    elif steps:
        tx.remove_members([(mailbox, row.uid) for row in rows])
    for action, label in steps:
        queue.add(tx, action, label, messages)
    tx.project(messages, in_order=True)
    new = dict(
        tx.query(
            "SELECT message, uid FROM carray(?) CROSS JOIN member ON message = value AND mailbox = ?",
            (numbers(messages), target),
        )
    )
    pairs = sorted((new[row.message], row.uid) for row in rows if row.message in new)
    return Placed(
        tx.book.mailboxes[target].uidvalidity, tuple(source for _, source in pairs), tuple(uid for uid, _ in pairs)
    )


def expunge(
    tx: Transaction,
    mailbox: int,
    uids: Sequence[int] | None,
    address: int | None,
    forever: Callable[[Collection[LabelId]], bool] | None,
) -> list[int]:
    """Remove the messages with \\Deleted from the mailbox; those for whose other labels `forever` is true, for ever.

    Return the UIDs removed.
    """
    if uids is None:
        uids = [row[0] for row in tx.query("SELECT uid FROM member WHERE mailbox = ? AND deleted = 1", (mailbox,))]
    rows = [row for row in rows_of(tx, mailbox, uids, address) if row.deleted]
    if not rows:
        return []
    doomed: set[int] = set()
    if forever is not None:
        names = {number: id for id, number in tx.book.labels.items()}
        doomed = {
            message
            for message, labels in tx.effective_labels(row.message for row in rows).items()
            if forever([names[label] for label in labels if label != mailbox])
        }
    queue.add(tx, Action.UNLABEL, mailbox, [row.message for row in rows if row.message not in doomed])
    queue.add(tx, Action.DELETE, 0, [row.message for row in rows if row.message in doomed])
    tx.project([row.message for row in rows])
    return [row.uid for row in rows]


def bring_back(tx: Transaction, id: MessageId, labels: Sequence[LabelId], address: AddressId | None) -> bool:
    """Put a message of the store into mailboxes, the first of which gives it a new UID, behind all that is queued.

    False when there is none such (of this address), or when its deletion for ever is queued: then it will be gone.
    """
    row = tx.query("SELECT id, address FROM message WHERE remote = ?", (id,)).get
    if row is None or (address is not None and row[1] != tx.address_number(address)) or is_doomed(tx.connection, id):
        return False
    message: int = row[0]
    target = tx.label_number(labels[0])
    there = tx.query("SELECT mailbox, uid FROM member WHERE message = ? AND mailbox = ?", (message, target)).fetchall()
    if there:
        tx.remove_members(there)
    for label in labels:
        queue.add(tx, Action.LABEL, tx.label_number(label), [message])
    tx.project([message])
    return True


def is_doomed(connection: apsw.Connection, id: MessageId) -> bool:
    """Whether a message's deletion for ever is queued, sent or not."""
    return bool(
        connection.execute(
            "SELECT EXISTS (SELECT 1 FROM message CROSS JOIN pending ON pending.message = message.id"
            " CROSS JOIN change ON change.id = pending.change WHERE remote = ? AND action = ?)",
            (id, Action.DELETE.value),
        ).get
    )


def waits_for_deletion(connection: apsw.Connection, id: MessageId) -> bool:
    """Whether the service is yet to be told of a deletion for ever."""
    return bool(
        connection.execute(
            "SELECT EXISTS (SELECT 1 FROM message CROSS JOIN pending ON pending.message = message.id AND sent = 0"
            " CROSS JOIN change ON change.id = pending.change WHERE remote = ? AND action = ?)",
            (id, Action.DELETE.value),
        ).get
    )


def address_number(tx: Transaction, id: AddressId | None) -> int | None:
    return tx.address_number(id) if id is not None else None
