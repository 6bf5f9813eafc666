"""Changes by mail programs: committed together with their queue entries. Runs on the writer's thread.

What a program may do is decided above (`account.moves`); here it is done for many messages at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import apsw

from bridge_gui.model import AddressId, LabelId, MessageId, SystemLabel
from bridge_gui.store import queue
from bridge_gui.store.connection import numbers
from bridge_gui.store.flags import ANSWERED, DELETED, DRAFT, FLAGGED, FORWARDED, SEEN, UNANSWERED
from bridge_gui.store.projection import alike, project, uids_in
from bridge_gui.store.records import Action
from bridge_gui.store.transaction import Transaction

OWN = frozenset({SEEN, FLAGGED, ANSWERED, DELETED, DRAFT, *FORWARDED})
"""Flags that are not plain keywords."""

FlagFunction = Callable[[frozenset[str]], frozenset[str]]


class Group(NamedTuple):
    """Messages of a mailbox that are alike in what STORE changes. The two lists are in no common order."""

    uids: list[int]
    messages: list[int]
    flags: int
    """Of the messages, \\Deleted left out."""
    deleted: int
    """0 or 1."""
    local: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Where messages went: pairs in the same order, target UIDs ascending."""

    uidvalidity: int
    source: tuple[int, ...]
    target: tuple[int, ...]


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
    if unchanged_since is not None:
        left_alone = _changed_since(tx, mailbox, uids, unchanged_since, address)
        uids = sorted(set(uids).difference(left_alone))
    actions: dict[tuple[Action, int], list[int]] = {}
    changed: set[int] = set()
    marks: dict[bool, list[Group]] = {True: [], False: []}
    """Which get \\Deleted, and which lose it."""
    starred = tx.label_number(SystemLabel.STARRED)
    table = tx.book.table
    for group in _groups(tx, mailbox, uids, address):
        shown = table.flags(group.flags)
        before = shown | {DELETED} if group.deleted else shown
        after = change(before)
        new, gone = after - before, before - after
        for flag, on, off, label in (
            (SEEN, Action.READ, Action.UNREAD, 0),
            (FLAGGED, Action.LABEL, Action.UNLABEL, starred),
        ):
            if flag in new:
                actions.setdefault((on, label), []).extend(group.messages)
            elif flag in gone:
                actions.setdefault((off, label), []).extend(group.messages)
        if new & FORWARDED:
            actions.setdefault((Action.FORWARDED, 0), []).extend(group.messages)
        elif gone & FORWARDED:
            actions.setdefault((Action.UNFORWARDED, 0), []).extend(group.messages)
        if DELETED in after ^ before:
            marks[DELETED in after].append(group)
        local = _local(table.flags(group.local), new, gone)
        if local is not None:
            tx.query(
                "UPDATE message SET local = ? WHERE id IN (SELECT value FROM carray(?))",
                (table.number(local), numbers(group.messages)),
            )
            changed.update(group.messages)
    for (action, label), messages in actions.items():
        queue.add(tx, action, label, messages)
        changed.update(messages)
    if changed:
        project(tx, changed)
    for deleted, groups in marks.items():
        _mark(tx, mailbox, groups, deleted, others_too=bool(changed))
    return left_alone


def _changed_since(tx: Transaction, mailbox: int, uids: Sequence[int], modseq: int, address: int | None) -> list[int]:
    """Those of `uids`, ascending, whose MODSEQ is above this one."""
    return [
        row[0]
        for row in tx.query(
            "SELECT uid FROM carray(?) CROSS JOIN member ON mailbox = ? AND uid = value"
            " CROSS JOIN message ON id = message"
            f" WHERE max(member.modseq, message.modseq) > ?{_OF_ADDRESS[address is not None]} ORDER BY uid",
            (numbers(uids), mailbox, modseq, *_bound(address)),
        )
    ]


def _groups(tx: Transaction, mailbox: int, uids: Sequence[int], address: int | None) -> list[Group]:
    """The messages of these UIDs that are (still) there."""
    return [
        Group(json.loads(uids_), json.loads(messages), *state)
        for uids_, messages, *state in tx.query(
            "SELECT json_group_array(uid), json_group_array(message), flags, deleted, local FROM carray(?)"
            " CROSS JOIN member ON mailbox = ? AND uid = value CROSS JOIN message ON id = message"
            f" WHERE 1{_OF_ADDRESS[address is not None]} GROUP BY flags, deleted, local",
            (numbers(uids), mailbox, *_bound(address)),
        ).fetchall()
    ]


def _there(tx: Transaction, mailbox: int, uids: Sequence[int], address: int | None) -> dict[int, int]:
    """Message numbers by UID of those that are (still) there, ascending."""
    owned = "" if address is None else " CROSS JOIN message ON id = message AND address = ?"
    return dict(
        tx.query(
            f"SELECT uid, message FROM carray(?) CROSS JOIN member ON mailbox = ? AND uid = value{owned} ORDER BY uid",
            (numbers(uids), mailbox, *_bound(address)),
        )
    )


def _marked(tx: Transaction, mailbox: int, address: int | None) -> dict[int, int]:
    """Message numbers by UID of those with \\Deleted, ascending. SQLite would rather walk the whole mailbox."""
    owned = "" if address is None else " CROSS JOIN message ON id = message AND address = ?"
    return dict(
        tx.query(
            f"SELECT uid, message FROM member INDEXED BY member_deleted{owned}"
            " WHERE mailbox = ? AND deleted = 1 ORDER BY uid",
            (*_bound(address), mailbox),
        )
    )


_OF_ADDRESS = ("", " AND message.address = ?")


def _bound(address: int | None) -> tuple[int, ...]:
    return () if address is None else (address,)


def _local(local: frozenset[str], new: frozenset[str], gone: frozenset[str]) -> frozenset[str] | None:
    """The flags kept here alone after a change, or None when it is no matter of theirs."""
    add, drop = new - OWN, gone - OWN
    if ANSWERED in new:
        add, drop = add | {ANSWERED}, drop | {UNANSWERED}
    elif ANSWERED in gone:
        add, drop = add | {UNANSWERED}, drop | {ANSWERED}
    return (local - drop) | add if add or drop else None


def _mark(tx: Transaction, mailbox: int, groups: Sequence[Group], deleted: bool, *, others_too: bool) -> None:
    """Set or remove \\Deleted, which belongs to the mailbox and stays here. `others_too`: flags of the messages have
    changed since they were put into these groups."""
    uids = [uid for group in groups for uid in group.uids]
    if not uids:
        return
    tx.query(
        "UPDATE member SET deleted = ?, modseq = ? WHERE mailbox = ? AND uid IN (SELECT value FROM carray(?))",
        (deleted, tx.modseq, mailbox, numbers(uids)),
    )
    touched = tx.touched(mailbox)
    if not tx.is_watched(mailbox):
        return
    alike_now = [(group.flags, group.uids) for group in groups]
    if others_too:
        rows = tx.query(
            "SELECT flags, json_group_array(uid) FROM carray(?) CROSS JOIN member ON mailbox = ? AND uid = value"
            " CROSS JOIN message ON id = message GROUP BY flags",
            (numbers(uids), mailbox),
        ).fetchall()
        alike_now = [(number, json.loads(same)) for number, same in rows]
    for number, same in alike_now:
        touched.change(same, tx.book.table.with_deleted(number) if deleted else number)


def place(
    tx: Transaction,
    mailbox: int,
    uids: Sequence[int],
    steps: Sequence[tuple[Action, int]],
    target: int,
    address: int | None,
) -> Placed:
    """Do `steps` to the messages, so that they appear in `target` under new UIDs, also those that were there before."""
    sources = {message: uid for uid, message in _there(tx, mailbox, uids, address).items()}
    if mailbox != target:
        tx.remove_members(target, uids_in(tx, target, sources))
    elif steps:
        tx.remove_members(mailbox, list(sources.values()))
    for action, label in steps:
        queue.add(tx, action, label, list(sources))
    project(tx, sources, in_order=True)
    pairs = tx.query(
        "SELECT uid, message FROM carray(?) CROSS JOIN member ON message = value AND mailbox = ? ORDER BY uid",
        (numbers(sources), target),
    ).fetchall()
    return Placed(
        tx.book.mailboxes[target].uidvalidity,
        tuple([sources[message] for _, message in pairs]),
        tuple([uid for uid, _ in pairs]),
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
    doing = _marked(tx, mailbox, address)
    if uids is not None:
        doing = {uid: doing[uid] for uid in sorted(doing.keys() & set(uids))}
    if not doing:
        return []
    kept = list(doing.values())
    doomed: list[int] = []
    if forever is not None:
        kept = []
        names = {number: id for id, number in tx.book.labels.items()}
        for group in alike(tx, doing.values()):
            ends = forever([names[label] for label in group.state.labels if label != mailbox])
            (doomed if ends else kept).extend(group.messages)
    queue.add(tx, Action.UNLABEL, mailbox, kept)
    queue.add(tx, Action.DELETE, 0, doomed)
    project(tx, doing.values())
    return list(doing)


def bring_back(tx: Transaction, id: MessageId, labels: Sequence[LabelId], address: AddressId | None) -> bool:
    """Put a message of the store into mailboxes, the first of which gives it a new UID, behind all that is queued.

    False when there is none such (of this address), or when its deletion for ever is queued: then it will be gone.
    """
    row = tx.query("SELECT id, address FROM message WHERE remote = ?", (id,)).get
    if row is None or (address is not None and row[1] != tx.address_number(address)) or is_doomed(tx.connection, id):
        return False
    message: int = row[0]
    target = tx.label_number(labels[0])
    tx.remove_members(target, uids_in(tx, target, [message]))
    for label in labels:
        queue.add(tx, Action.LABEL, tx.label_number(label), [message])
    project(tx, [message])
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
