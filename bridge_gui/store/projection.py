"""What mailboxes show of messages, brought in line with what is stored: the heart of every transaction.

`project` works out the effective state (the service's with the pending changes laid over), compares it with what
mailboxes show, and changes flags, memberships, UIDs and MODSEQs accordingly. Everything that changes a message ends in
it, so that what is shown is always that function of what is stored.

Thousands of messages share a few combinations of labels, marks and changes: SQLite groups them, here each group is
decided once, and statements over whole groups write it. Nothing is done message by message.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable
from typing import NamedTuple

from bridge_gui.model import SystemLabel
from bridge_gui.store.connection import numbers
from bridge_gui.store.overlay import State, effective, shown_flags
from bridge_gui.store.records import Action
from bridge_gui.store.transaction import NATURES, Transaction, parse_labels


class Alike(NamedTuple):
    """Messages that are alike in all that decides what is shown."""

    messages: list[int]
    flags: int
    """The number of the flags that are shown now."""
    state: State
    """Effective: with the pending changes laid over."""
    answered: bool
    nature: int
    local: int


def alike(tx: Transaction, messages: Iterable[int]) -> list[Alike]:
    """These messages in groups, with their effective state; none without any."""
    rows = tx.query(
        "SELECT json_group_array(id), flags, labels, unread, forwarded, answered, nature, local,"
        " (SELECT group_concat(change) FROM pending WHERE pending.message = id) AS laid_over"
        " FROM carray(?) CROSS JOIN message ON id = value"
        " GROUP BY flags, labels, unread, forwarded, answered, nature, local, laid_over",
        (numbers(messages),),
    ).fetchall()
    orders = {row[8]: sorted(map(int, row[8].split(","))) if row[8] else [] for row in rows}
    changes = _changes(tx, {change for order in orders.values() for change in order})
    book = tx.book
    return [
        Alike(
            json.loads(ids),
            flags,
            effective(
                State(parse_labels(labels), bool(unread), bool(forwarded)),
                [changes[change] for change in orders[laid_over] if change in changes],
                book.places,
                book.number(NATURES[nature]),
            ),
            bool(answered),
            nature,
            local,
        )
        for ids, flags, labels, unread, forwarded, answered, nature, local, laid_over in rows
    ]


def _changes(tx: Transaction, changes: set[int]) -> dict[int, tuple[Action, int]]:
    """What each of these changes does."""
    if not changes:
        return {}
    rows = tx.query("SELECT id, action, label FROM carray(?) CROSS JOIN change ON id = value", (numbers(changes),))
    return {change: (Action(action), label) for change, action, label in rows}


def project(tx: Transaction, messages: Iterable[int], *, in_order: bool = False) -> None:
    """Bring flags and memberships of these messages in line with the service's state and the pending changes.

    New UIDs are given by date, or with `in_order` in the order of `messages`.
    """
    ids = messages if isinstance(messages, array) else array("q", messages)
    flags: dict[tuple[int, frozenset[int]], list[int]] = {}
    places: dict[frozenset[int], list[int]] = {}
    for group in alike(tx, ids):
        mailboxes = frozenset(n for n in group.state.labels if (row := tx.book.mailboxes.get(n)) and row.listed)
        places.setdefault(mailboxes, []).extend(group.messages)
        number = _shown(tx, group)
        if number != group.flags:
            flags.setdefault((number, mailboxes), []).extend(group.messages)
    for (number, mailboxes), changed in flags.items():
        tx.query(
            "UPDATE message SET flags = ?, modseq = ? WHERE id IN (SELECT value FROM carray(?))",
            (number, tx.modseq, numbers(changed)),
        )
        for mailbox in mailboxes:
            _tell_flags(tx, mailbox, number, changed)
    removed: dict[int, list[int]] = {}
    added: dict[int, list[int]] = {}
    for mailboxes, placed in places.items():
        _compare(tx, mailboxes, placed, removed, added)
    for mailbox, uids in removed.items():
        tx.remove_members(mailbox, uids)
    rank = {message: at for at, message in enumerate(ids)} if in_order and added else None
    for mailbox, coming in added.items():
        if rank is not None:
            coming.sort(key=rank.__getitem__)
        tx.add_members(mailbox, coming, in_order=in_order)


def remove_everywhere(tx: Transaction, messages: Iterable[int]) -> None:
    """Take messages out of all mailboxes; `project` gives them new UIDs."""
    for mailbox, uids in _outside(tx, (), messages):
        tx.remove_members(mailbox, uids)


def _shown(tx: Transaction, group: Alike) -> int:
    """The number of the flags that a group is to show."""
    table = tx.book.table
    return table.number(
        shown_flags(
            unread=group.state.unread,
            forwarded=group.state.forwarded,
            starred=tx.book.number(SystemLabel.STARRED) in group.state.labels,
            answered=group.answered,
            draft=NATURES[group.nature] == SystemLabel.DRAFTS,
            local=table.flags(group.local),
        )
    )


def _tell_flags(tx: Transaction, mailbox: int, number: int, messages: list[int]) -> None:
    """Note the new flags of those of `messages` that are in this mailbox."""
    touched = tx.touched(mailbox)
    if not tx.is_watched(mailbox):
        return
    uids = uids_in(tx, mailbox, messages)
    touched.change(uids, number)
    marked = {row[0] for row in tx.query("SELECT uid FROM member WHERE mailbox = ? AND deleted = 1", (mailbox,))}
    if marked:
        touched.change(marked.intersection(uids), tx.book.table.with_deleted(number))


def uids_in(tx: Transaction, mailbox: int, messages: Iterable[int]) -> list[int]:
    """The UIDs under which messages are in a mailbox, of those that are, in no order."""
    uids: list[int] = json.loads(
        tx.query(
            "SELECT json_group_array(uid) FROM carray(?) CROSS JOIN member ON message = value AND mailbox = ?",
            (numbers(messages), mailbox),
        ).get
    )
    return uids


def _compare(
    tx: Transaction,
    mailboxes: frozenset[int],
    messages: list[int],
    removed: dict[int, list[int]],
    added: dict[int, list[int]],
) -> None:
    """Find where messages are that belong into exactly these mailboxes: UIDs to remove and messages to add."""
    wanted = sorted(mailboxes)
    counts = "".join(f", count(mailbox = {mailbox} OR NULL)" for mailbox in wanted)
    there, *right = tx.query(
        f"SELECT count(*){counts} FROM carray(?) CROSS JOIN member ON message = value", (numbers(messages),)
    ).fetchone()
    if there != sum(right):
        for mailbox, uids in _outside(tx, mailboxes, messages):
            removed.setdefault(mailbox, []).extend(uids)
    for mailbox, count in zip(wanted, right, strict=True):
        if count == len(messages):
            continue
        coming = messages
        if count:
            lacking = tx.query(
                "SELECT json_group_array(value) FROM carray(?)"
                " WHERE NOT EXISTS (SELECT 1 FROM member WHERE message = value AND mailbox = ?)",
                (numbers(messages), mailbox),
            ).get
            coming = json.loads(lacking)
        added.setdefault(mailbox, []).extend(coming)


def _outside(tx: Transaction, mailboxes: Iterable[int], messages: Iterable[int]) -> list[tuple[int, list[int]]]:
    """Under which UIDs messages are in other mailboxes than these."""
    return [
        (mailbox, json.loads(uids))
        for mailbox, uids in tx.query(
            "SELECT mailbox, json_group_array(uid) FROM carray(?) CROSS JOIN member ON message = value"
            " WHERE mailbox NOT IN (SELECT value FROM carray(?)) GROUP BY mailbox",
            (numbers(messages), numbers(mailboxes)),
        )
    ]
