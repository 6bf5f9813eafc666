"""Mailboxes that are open: their columns in memory, shared by all sessions, and what sessions ask of them.

A view is one mailbox, or the part of it that belongs to one address (split mode): the same UIDs, some of them left
out. Views live on the store's loop. Those in use stay; of the others the last used ones are kept up to a bound.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import replace
from typing import TypeVar

import apsw

from bridge_gui.errors import StoreError
from bridge_gui.model import AddressId, LabelId, MessageId
from bridge_gui.store import edits, reading
from bridge_gui.store import search as searching
from bridge_gui.store.columns import Columns, Delta, advance, columns_of
from bridge_gui.store.edits import FlagFunction, Placed
from bridge_gui.store.engine import Engine
from bridge_gui.store.reading import Batch, Part, Row
from bridge_gui.store.records import Action
from bridge_gui.store.search import Found, Query
from bridge_gui.store.transaction import Outcome, Transaction

M = TypeVar("M")

KEPT_MESSAGES = 200_000
"""Columns of unused views are kept up to so many messages: less than 3 MB."""

Listener = Callable[[Delta], None]


class View:
    """One open mailbox. `columns` is its state after the last transaction that was published."""

    def __init__(
        self,
        engine: Engine,
        label: LabelId,
        mailbox: int,
        address: int | None,
        uidvalidity: int,
        used: set[int],
        columns: Columns,
    ) -> None:
        self.label = label
        self.uidvalidity = uidvalidity
        self.columns = columns
        self.users = 0
        self._engine = engine
        self.mailbox = mailbox
        self._address = address
        self._used = used
        self._listeners: list[Listener] = []
        self._ends: list[Callable[[str], None]] = []

    # ---------------------------------------------------------------------------------------- being told

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell every change from now on; the result ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def on_gone(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call back when the mailbox ends or gets another UIDVALIDITY; the result ends it."""
        self._ends.append(callback)
        return lambda: self._ends.remove(callback)

    def take(self, outcome: Outcome) -> None:
        """Move on to the state after a transaction, and tell it."""
        touched = outcome.touched.get(self.mailbox)
        if touched is None:
            return
        here = self._address
        uidnext = outcome.uidnext.get(self.mailbox, 0)
        delta = advance(
            self.columns,
            added={uid: flags for uid, (flags, address) in touched.added.items() if here is None or address == here},
            removed=touched.removed,
            changed=touched.changed,
            modseq=outcome.modseq,
            uidnext=uidnext,
            origin=outcome.origin,
        )
        if delta is None:
            # What came and went at once, or belongs to another address, has still used up UIDs and a MODSEQ.
            self.columns = replace(
                self.columns,
                uidnext=max(uidnext, self.columns.uidnext),
                highest_modseq=max(outcome.modseq, self.columns.highest_modseq),
            )
            return
        self.columns = delta.columns
        for listener in list(self._listeners):
            listener(delta)

    def end(self, reason: str) -> None:
        for callback in list(self._ends):
            callback(reason)

    # ---------------------------------------------------------------------------------------- reading

    async def fetch(self, uids: Sequence[int], parts: int, make: Callable[[Row], M]) -> AsyncIterator[Batch[M]]:
        """Read `parts` (of `reading.Part`) of what is here of `uids` (ascending) in batches of about a megabyte; each
        names what has to be fetched first.

        `make` is called with a row of the fields of `reading.Message`. Of literals the next batch is read while the
        caller handles one; small things are not, as two threads that both want the interpreter hold each other up.
        """

        def ahead(after: int) -> asyncio.Future[Batch[M]]:
            return self._engine.read(reading.read_batch, self.mailbox, uids, after, plain, self._address, make)

        plain = int(parts)
        if len(uids) == 1:
            only = await self._engine.read_short(reading.read_at_once, self.mailbox, uids, plain, self._address, make)
            self._used.update(only.numbers)
            if only.messages or only.absent:
                yield only
            return
        large = bool(parts & Part.LITERAL)
        coming: asyncio.Future[Batch[M]] | None = ahead(0)
        try:
            while coming is not None:
                batch = await coming
                coming = ahead(batch.after) if large and batch.after is not None else None
                self._used.update(batch.numbers)
                if batch.messages or batch.absent:
                    yield batch
                if not large and batch.after is not None:
                    coming = ahead(batch.after)
        finally:
            if coming is not None:
                coming.cancel()

    async def absent(self, uids: Sequence[int], parts: Part) -> bool:
        """Whether any of these that still exist has not yet what is asked for."""
        return await self._engine.read(reading.any_absent, self.mailbox, uids, parts)

    async def ids(self, uids: Sequence[int]) -> dict[int, MessageId]:
        return await self._engine.read(reading.ids_of, self.mailbox, uids)

    async def search(self, uids: Sequence[int], query: Query) -> Found:
        return await self._engine.read(searching.search, self.mailbox, uids, query, self._address)

    async def sort_rows(self, uids: Sequence[int], make: Callable[..., M]) -> tuple[list[M], list[int]]:
        """What SORT and THREAD need (`make` is called with the fields of `reading.SortRow`), and UIDs to be fetched
        first."""
        return await self._engine.read(reading.sort_rows, self.mailbox, uids, self._address, make)

    async def vanished(self, since: int) -> list[tuple[int, int]] | None:
        """Runs of UIDs expunged after a MODSEQ, ascending; None when that is no longer known."""
        return await self._engine.read(reading.vanished, self.mailbox, since)

    # ---------------------------------------------------------------------------------------- changing

    async def store_flags(
        self, uids: Sequence[int], change: FlagFunction, unchanged_since: int | None = None, origin: object = None
    ) -> list[int]:
        """Give each message the flags `change` makes of its own; return the UIDs changed after `unchanged_since`."""
        return await self._engine.edit(
            edits.store_flags, origin, self.mailbox, uids, change, unchanged_since, self._address
        )

    async def place(
        self, uids: Sequence[int], steps: Sequence[tuple[Action, LabelId]], target: LabelId, origin: object = None
    ) -> Placed:
        """Queue `steps` for messages, so that they appear in `target` under new UIDs."""

        def work(tx: Transaction) -> Placed:
            if (number := tx.book.labels.get(target)) not in tx.book.mailboxes or number is None:
                raise StoreError("The target mailbox is gone.")
            if not tx.book.mailboxes[number].listed:
                raise StoreError("The target mailbox is not listed yet.")
            numbered = [(action, tx.label_number(label)) for action, label in steps]
            return edits.place(tx, self.mailbox, uids, numbered, number, self._address)

        return await self._engine.edit(work, origin)

    async def expunge(
        self,
        uids: Sequence[int] | None,
        forever: Callable[[Collection[LabelId]], bool] | None,
        origin: object = None,
    ) -> list[int]:
        """Remove messages with \\Deleted: from this mailbox, or for ever where `forever` says so of their other
        labels."""
        return await self._engine.edit(edits.expunge, origin, self.mailbox, uids, self._address, forever)


class Views:
    """The open views of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._views: OrderedDict[tuple[LabelId, AddressId | None], View] = OrderedDict()
        self.used: set[int] = set()
        """Messages whose literal was read since this was last noted."""

    async def open(self, label: LabelId, address: AddressId | None) -> View | None:
        """A view to be given back by `release`, or None when there is no such listed mailbox."""
        table = self._engine.table
        key = (label, address)

        def load(connection: apsw.Connection) -> tuple[int, int | None, int, Columns] | None:
            row = connection.execute(
                "SELECT mailbox.id, uidvalidity, uidnext, modseq FROM mailbox JOIN label ON label.id = mailbox.id"
                " WHERE remote = ? AND listed",
                (label,),
            ).get
            if row is None:
                return None
            mailbox, uidvalidity, uidnext, modseq = row
            self._engine.watch(mailbox)
            owner = (
                None
                if address is None
                else connection.execute("SELECT id FROM address WHERE remote = ?", (address,)).get or 0
            )
            deleted = {}
            rows = list(
                connection.execute(
                    "SELECT uid, flags, max(member.modseq, message.modseq), deleted FROM member"
                    " CROSS JOIN message ON message.id = member.message WHERE mailbox = ?"
                    + ("" if owner is None else " AND address = ?")
                    + " ORDER BY uid",
                    (mailbox, *(() if owner is None else (owner,))),
                )
            )
            if any(row[3] for row in rows):
                deleted = {row[1]: table.with_deleted(row[1]) for row in rows if row[3]}
            plain = [(uid, deleted[flags] if marked else flags, seq) for uid, flags, seq, marked in rows]
            return mailbox, owner, uidvalidity, columns_of(plain, table, uidnext, modseq)

        def install(loaded: tuple[int, int | None, int, Columns] | None) -> None:
            if loaded is None:
                return
            mailbox, owner, uidvalidity, columns = loaded
            if key in self._views:
                self._engine.unwatch(mailbox)
            else:
                self._views[key] = View(self._engine, label, mailbox, owner, uidvalidity, self.used, columns)

        if key not in self._views:
            await self._engine.read_in_order(load, install)
        view = self._views.get(key)
        if view is not None:
            view.users += 1
            self._views.move_to_end(key)
        return view

    def release(self, view: View) -> None:
        view.users -= 1
        self._trim()

    def take(self, outcome: Outcome) -> None:
        """Hand a transaction's outcome to the views it touched."""
        for view in list(self._views.values()):
            view.take(outcome)
        for mailbox, reason in outcome.gone:
            for key in [key for key, view in self._views.items() if view.mailbox == mailbox]:
                self._engine.unwatch(mailbox)
                self._views.pop(key).end(reason)

    def _trim(self) -> None:
        kept = 0
        for key, view in reversed(list(self._views.items())):
            if not view.users:
                kept += len(view.columns.uids)
                if kept > KEPT_MESSAGES:
                    self._engine.unwatch(view.mailbox)
                    del self._views[key]


__all__ = ["Batch", "View", "Views"]
