"""The one writer: what it remembers between transactions, and what one transaction may do."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import apsw

from bridge_gui.model import AddressId, LabelId, LabelKind, SystemLabel
from bridge_gui.store.connection import let_go, numbers, translated
from bridge_gui.store.flags import FlagTable
from bridge_gui.store.overlay import BY_NATURE, Places, is_exclusive
from bridge_gui.store.told import Marks, Told

R = TypeVar("R")

VANISHED_KEPT = 20_000
"""Runs of expunged UIDs remembered for each mailbox; a client that is further behind gets all UIDs it may have
missed."""
NATURES = (SystemLabel.INBOX, SystemLabel.SENT, SystemLabel.DRAFTS)
"""How `message.nature` says where a message belongs by its flags."""
UIDVALIDITY_EPOCH = 1_675_209_600
"""2023-02-01, from which UIDVALIDITY counts (API document 8.5)."""
UIDVALIDITY_MOST = 0xFFFF_FFFF
UIDVALIDITY_PER_SECOND = 8
"""So fine that a store made anew never repeats a value of a lost one; 32 bits last until 2040, and a counter goes
on."""


@dataclass(slots=True)
class MailboxRow:
    """What the writer remembers of a mailbox."""

    uidvalidity: int
    uidnext: int
    listed: bool


@dataclass(slots=True)
class Touched:
    """What a transaction did to one mailbox; told only if it is watched. Values: (flags, address); `changed` flags
    only."""

    added: dict[int, tuple[int, int]] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    changed: dict[int, int] = field(default_factory=dict)

    def change(self, uids: Iterable[int], flags: int) -> None:
        """Note new flags; messages that came in the same transaction come with them."""
        changed = dict.fromkeys(uids, flags)
        for uid in changed.keys() & self.added.keys() if self.added else ():
            del changed[uid]
            self.added[uid] = (flags, self.added[uid][1])
        self.changed.update(changed)

    def remove(self, uids: Sequence[int]) -> None:
        """Note that messages went; nobody hears of those that came in the same transaction."""
        for uid in self.changed.keys() & set(uids) if self.changed else ():
            del self.changed[uid]
        came = self.added.keys() & set(uids) if self.added else ()
        for uid in came:
            del self.added[uid]
        self.removed += [uid for uid in uids if uid not in came] if came else uids


@dataclass(slots=True)
class Outcome:
    """What a committed transaction tells the open mailboxes."""

    modseq: int
    touched: dict[int, Touched]
    uidnext: dict[int, int]
    gone: list[tuple[int, str]]
    """Mailboxes that ended or got another UIDVALIDITY, with the reason."""
    tree: bool
    """Mailboxes came, went or were renamed."""
    queued: bool
    sized: bool
    """Sizes became known."""
    origin: object


class Book:
    """What the writer remembers between transactions; read anew after a failed one."""

    def __init__(self, connection: apsw.Connection, table: FlagTable, floor: int) -> None:
        self._connection = connection
        self._floor = floor
        self.table = table
        self.watched: Counter[int] = Counter()
        """How many open views a mailbox has. Only of those is it worked out which UIDs a transaction changes."""
        self.load()

    def load(self) -> None:
        query = self._connection.execute
        self.values: dict[str, int] = {
            key: int(value)
            for key, value in query(
                "SELECT key, value FROM value WHERE key IN ('modseq', 'uidvalidity', 'stamp', 'complete')"
            )
        }
        self.labels: dict[LabelId, int] = {}
        self.kinds: dict[int, tuple[LabelId, LabelKind]] = {}
        for number, remote, known, kind in query("SELECT id, remote, known, kind FROM label"):
            self.labels[LabelId(remote)] = number
            if known:
                self.kinds[number] = (LabelId(remote), LabelKind(kind))
        self.mailboxes: dict[int, MailboxRow] = {
            number: MailboxRow(uidvalidity, uidnext, bool(listed))
            for number, uidvalidity, uidnext, listed in query("SELECT id, uidvalidity, uidnext, listed FROM mailbox")
        }
        self.addresses: dict[AddressId, int] = {
            AddressId(remote): number for number, remote in query("SELECT id, remote FROM address")
        }
        self.modseq = self.values.get("modseq", 0)
        self.uidvalidity = max(self.values.get("uidvalidity", 0), self._floor)
        self.stamp = self.values.get("stamp", 0)
        self.complete = bool(self.values.get("complete", 0))
        self.find_places()

    def find_places(self) -> None:
        """Work out the rules' numbers, after labels have changed."""
        self.places = Places(
            frozenset(number for number, (id, kind) in self.kinds.items() if is_exclusive(id, kind)),
            frozenset(self.labels[id] for id in BY_NATURE if id in self.labels),
        )

    def number(self, id: LabelId) -> int:
        return self.labels.get(id, 0)


class Transaction:
    """One write transaction: reads and writes through `query`, and keeps account of what open mailboxes must be
    told."""

    def __init__(self, connection: apsw.Connection, book: Book, origin: object) -> None:
        self.connection = connection
        self.query: Callable[..., Any] = connection.execute
        self.many = connection.executemany
        self.book = book
        self.now = int(time.time())
        self.outcome = Outcome(0, {}, {}, [], False, False, False, origin)
        self.large = False
        """It wrote a content that has filled the caches."""
        self._vanished: dict[int, list[int]] = {}
        self._uidvalidity: int | None = None

    # ---------------------------------------------------------------------------------------- bookkeeping

    @property
    def modseq(self) -> int:
        """The MODSEQ of everything this transaction changes."""
        if not self.outcome.modseq:
            self.book.modseq += 1
            self.outcome.modseq = self.book.modseq
        return self.outcome.modseq

    def is_watched(self, mailbox: int) -> bool:
        """Whether anybody is told what happens in a mailbox."""
        return self.book.watched[mailbox] > 0

    def touched(self, mailbox: int) -> Touched:
        """What happened in a mailbox so far; with this call, something did."""
        found = self.outcome.touched.get(mailbox)
        if found is None:
            found = self.outcome.touched[mailbox] = Touched()
        return found

    def put(self, key: str, value: int | str | None) -> None:
        if value is None:
            self.query("DELETE FROM value WHERE key = ?", (key,))
        else:
            self.query("INSERT INTO value VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (key, value))

    def label_number(self, id: LabelId) -> int:
        """The store's number for a label id, a new one when it was never met."""
        found = self.book.labels.get(id)
        if found is None:
            self.query("INSERT INTO label VALUES (NULL, ?, 0, 0, '', NULL, '', 0)", (id,))
            found = self.book.labels[id] = self.connection.last_insert_rowid()
            self.book.find_places()
        return found

    def address_number(self, id: AddressId) -> int:
        found = self.book.addresses.get(id)
        if found is None:
            self.query("INSERT INTO address VALUES (NULL, ?)", (id,))
            found = self.book.addresses[id] = self.connection.last_insert_rowid()
        return found

    def labels_text(self, ids: Iterable[LabelId]) -> str:
        return labels_text(self.label_number(id) for id in ids)

    def new_uidvalidity(self) -> int:
        """A value above all given before, and by the clock above those of a store that was lost.

        Mailboxes made in one transaction share it: it only has to grow for each name.
        """
        if self._uidvalidity is None:
            book = self.book
            clock = int((time.time() - UIDVALIDITY_EPOCH) * UIDVALIDITY_PER_SECOND)
            book.uidvalidity = self._uidvalidity = min(max(book.uidvalidity + 1, clock), UIDVALIDITY_MOST)
            self.put("uidvalidity", book.uidvalidity)
        return self._uidvalidity

    # ---------------------------------------------------------------------------------------- memberships

    def add_members(self, mailbox: int, messages: Sequence[int], *, in_order: bool) -> None:
        """Give messages the next UIDs, by date or in this order."""
        row = self.book.mailboxes[mailbox]
        first = row.uidnext
        if not in_order and len(messages) > 1:
            messages = json.loads(
                self.query(
                    "SELECT json_group_array(id ORDER BY time, position, id) FROM carray(?) CROSS JOIN message"
                    " ON id = value",
                    (numbers(messages),),
                ).get
            )
        self.query(  # the rows of a carray are numbered from 1
            "INSERT INTO member SELECT ?, ? + rowid, value, ?, 0, ? FROM carray(?)",
            (mailbox, first - 1, self.modseq, self.now, numbers(messages)),
        )
        row.uidnext += len(messages)
        touched = self.touched(mailbox)
        if self.is_watched(mailbox):
            touched.added.update(
                (uid, (flags, address))
                for uid, flags, address in self.query(
                    "SELECT uid, flags, address FROM member CROSS JOIN message ON id = message"
                    " WHERE mailbox = ? AND uid >= ?",
                    (mailbox, first),
                )
            )

    def remove_members(self, mailbox: int, uids: Sequence[int]) -> None:
        """Remove messages from a mailbox and remember their UIDs as vanished."""
        if not uids:
            return
        self.outcome.modseq = self.modseq
        self.query(
            "DELETE FROM member WHERE mailbox = ? AND uid IN (SELECT value FROM carray(?))", (mailbox, numbers(uids))
        )
        touched = self.touched(mailbox)
        if self.is_watched(mailbox):
            touched.remove(uids)
        self._vanished.setdefault(mailbox, []).extend(uids)

    # ---------------------------------------------------------------------------------------- the end

    def finish(self) -> None:
        """Write what was only remembered: UIDNEXT, MODSEQs, vanished UIDs, new flag sets."""
        outcome, book = self.outcome, self.book
        for mailbox, uids in self._vanished.items():
            if mailbox in book.mailboxes:
                self._vanish(mailbox, uids)
        if outcome.modseq:
            self.put("modseq", outcome.modseq)
        for mailbox in outcome.touched:
            row = book.mailboxes.get(mailbox)
            if row is not None:
                self.query(
                    "UPDATE mailbox SET uidnext = ?, modseq = ? WHERE id = ?", (row.uidnext, self.modseq, mailbox)
                )
                outcome.uidnext[mailbox] = row.uidnext
        table = book.table
        if len(table) > table.saved:
            self.many(
                "INSERT OR REPLACE INTO flagset VALUES (?, ?)",
                [(number, " ".join(sorted(table.flags(number)))) for number in range(table.saved, len(table))],
            )

    def _vanish(self, mailbox: int, uids: list[int]) -> None:
        self.many(
            "INSERT OR REPLACE INTO vanished VALUES (?, ?, ?, ?)",
            [(mailbox, self.modseq, first, last) for first, last in runs(uids)],
        )
        kept = self.query("SELECT count(*) FROM vanished WHERE mailbox = ?", (mailbox,)).get
        if kept > VANISHED_KEPT:
            floor = self.query(
                "SELECT modseq FROM vanished WHERE mailbox = ? ORDER BY modseq LIMIT 1 OFFSET ?",
                (mailbox, kept - VANISHED_KEPT // 2),
            ).get
            self.query("DELETE FROM vanished WHERE mailbox = ? AND modseq <= ?", (mailbox, floor))
            self.query("UPDATE mailbox SET vanished_floor = ? WHERE id = ?", (floor, mailbox))


class Writer:
    """Runs transactions, one after the other, on the writer's thread."""

    def __init__(
        self,
        connection: apsw.Connection,
        table: FlagTable,
        floor: int,
        publish: Callable[[Outcome], None],
        told: Told,
    ) -> None:
        self.connection = connection
        self.table = table
        self._publish = publish
        self._told = told
        self.book = Book(connection, table, max(floor, told.marks.uidvalidity))

    def catch_up(self) -> bool:
        """Tell whether the file is behind what programs were told; then nothing may be given out for a second time."""
        if self.book.modseq >= self._told.marks.modseq or not self.book.mailboxes:
            return False
        self.book.modseq = self._told.marks.modseq
        self.run(renew_uidvalidity, durable=True)
        return True

    def run(self, work: Callable[[Transaction], R], *, durable: bool, origin: object = None) -> R:
        """Run `work` in a transaction; when it is committed, publish what it did. All or nothing."""
        with translated():
            self.connection.pragma("synchronous", "full" if durable else "normal")
            transaction = Transaction(self.connection, self.book, origin)
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                result = work(transaction)
                transaction.finish()
                known = len(self.table)
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                self.book.load()
                raise
            self.table.saved = known
            if transaction.outcome.modseq:
                self._told.note(Marks(self.book.modseq, self.book.uidvalidity))
            self._publish(transaction.outcome)
            if transaction.large:
                let_go(self.connection)
            return result


def renew_uidvalidity(tx: Transaction) -> None:
    """Give every mailbox a new, higher UIDVALIDITY, at a new MODSEQ."""
    for mailbox, row in tx.book.mailboxes.items():
        row.uidvalidity = tx.new_uidvalidity()
        tx.query("UPDATE mailbox SET uidvalidity = ?, modseq = ? WHERE id = ?", (row.uidvalidity, tx.modseq, mailbox))
        tx.outcome.gone.append((mailbox, "The mailbox was rebuilt"))
    tx.outcome.tree = True


def labels_text(labels: Iterable[int]) -> str:
    """A set of label numbers as it is stored: `,3,17,`, so that SQL finds one with instr()."""
    ordered = sorted(labels)
    return f",{','.join(map(str, ordered))}," if ordered else ""


def parse_labels(text: str) -> frozenset[int]:
    return frozenset(map(int, text.strip(",").split(","))) if text else frozenset()


def runs(uids: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending runs (first, last) of a list of UIDs in any order."""
    found: list[tuple[int, int]] = []
    for uid in sorted(uids):
        if found and found[-1][1] + 1 == uid:
            found[-1] = (found[-1][0], uid)
        else:
            found.append((uid, uid))
    return found
