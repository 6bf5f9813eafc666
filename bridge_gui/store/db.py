"""The store's door: one account's mail in one encrypted SQLite file.

All work on SQLite happens on the store's own threads (one writer, a few readers); every method here is called on
one event loop and awaited. Open mailboxes (`views`) are kept in memory and told of each transaction in the order of
commits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from bridge_gui.errors import StoreError
from bridge_gui.model import AddressId, EventId, LabelId, LabelKind, MessageId
from bridge_gui.secret import Secret
from bridge_gui.store import edits, incoming, literals, queue, reading
from bridge_gui.store.changes import Change, LabelGone, LabelSet, MessageSeen
from bridge_gui.store.connection import remove_files, size_on_disk, texts
from bridge_gui.store.engine import Engine
from bridge_gui.store.flags import SEEN, FlagTable
from bridge_gui.store.reading import Status
from bridge_gui.store.records import Known, Label, MessageMeta, Missing, QueuedChange, Totals
from bridge_gui.store.told import file_of
from bridge_gui.store.transaction import Outcome, Transaction, renew_uidvalidity
from bridge_gui.store.views import View, Views

log = logging.getLogger(__name__)

USED_NOTED = 2000
"""Reads are noted before each eviction, and with `totals` when so many messages have been read."""
EVICT_STEP = 500
"""Literals dropped in one transaction, so that other writers wait for milliseconds only."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A label that is a mailbox."""

    label: Label
    uidvalidity: int
    listed: bool
    """Its messages have UIDs."""


class Store:
    """One account's local copy of its mail."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._views = Views(engine)
        self._mark = 0
        self._told: list[set[MessageId]] = []
        self._queued: list[Callable[[], None]] = []
        self._changed: list[Callable[[], None]] = []
        self._mailboxes: list[Mailbox] | None = None
        self._numbers: dict[LabelId, int] = {}
        self._statuses: dict[tuple[int, AddressId | None], Status] = {}
        self._version = 0
        self.label_edits = 0
        """Grows with each single label that `apply` sets or removes."""

    # ------------------------------------------------------------------------------------------ life

    @classmethod
    async def open(cls, path: Path, key: Secret[bytes], *, uidvalidity_floor: int = 0) -> Store:
        """Open or create the database at `path` (mode 0600) with a key of 32 bytes.

        `uidvalidity_floor`: new mailboxes get a UIDVALIDITY above it (the vault may remember the highest one ever
        given, so that an account that was removed and added again never repeats one). Raise `StoreDamaged` when the
        file is no database or does not open with the key; `DiskFull`; `StoreError`.
        """
        store = cls(Engine(path, key, uidvalidity_floor))
        try:
            await store._engine.open(store._published)
            store._mark = await store._engine.read(_highest_mark)
        except BaseException:
            await store._engine.close()
            raise
        return store

    async def close(self) -> None:
        """Finish the work under way, move the journal into the file, close; idempotent."""
        if self._engine.is_closed:
            return
        try:
            await self._note_used()
        except StoreError as error:
            log.info("when messages were last read is not noted: %s", error.code)
        try:
            await self._engine.close()
        except StoreError as error:
            log.info("the journal stays beside the local copy: %s", error.code)

    @staticmethod
    async def remove(path: Path) -> None:
        """Delete the database with its journals and what was told of it; missing files are fine."""

        def remove() -> None:
            remove_files(path)
            file_of(path).unlink(missing_ok=True)

        await asyncio.get_running_loop().run_in_executor(None, remove)

    async def check(self) -> None:
        """Check the whole file (pages' authentication, B-trees, indexes). Raise `StoreDamaged`."""
        await self._engine.check()

    @property
    def rolled_back(self) -> bool:
        """The file had lost its newest changes when it was opened; its mailboxes have got new UIDVALIDITYs."""
        return self._engine.rolled_back

    def on_damage(self, callback: Callable[[], None]) -> None:
        """Call back on the loop whenever reading or writing meets damage, whoever asked for it."""
        self._engine.on_damage = callback

    @property
    def flag_table(self) -> FlagTable:
        """The numbers of flag sets, as `Columns.flags` has them."""
        return self._engine.table

    async def highest_uidvalidity(self) -> int:
        return await self._engine.read(lambda c: int(c.execute("SELECT max(uidvalidity) FROM mailbox").get or 0))

    # ------------------------------------------------------------------------------------------ coming in

    async def labels(self) -> list[Label]:
        """All labels known, system labels included."""
        return await self._engine.read(
            lambda c: incoming.all_labels(
                c.execute("SELECT remote, kind, name, parent, color, position FROM label WHERE known")
            )
        )

    async def set_labels(self, labels: Sequence[Label], edits: int | None = None) -> bool:
        """Take the service's whole list: what is not in it is gone. New ones get a mailbox, listed by
        `finish_listing`.

        `edits`: the value of `label_edits` before the list was asked for. When single labels were set or removed since,
        the list is out of date: nothing is done, and False returned.
        """
        if edits is not None and edits != self.label_edits:
            return False
        await self._engine.write(incoming.set_labels, True, None, labels)
        return True

    async def begin_listing(
        self, values: Mapping[str, str | None] | None = None, cursor: EventId | None = None
    ) -> None:
        """Start (or start anew, for a repair) to list all messages, with new values of `get`/`set` and the place from
        which events go on, in the same transaction. Nothing is removed yet; UIDs stay."""
        await self._engine.write(incoming.begin_listing, True, None, values or {}, cursor)

    async def add_listing(self, metas: Sequence[MessageMeta], progress: Mapping[str, str] | None = None) -> None:
        """Take a page of the listing, in any order, with new values of `get`/`set` in the same transaction.

        What an event said since `begin_listing` (a newer state, a deletion) is not overwritten by a page.
        """
        await self._engine.write(incoming.add_listing, True, None, metas, progress)

    async def finish_listing(self, label_ids: Collection[LabelId] | None = None) -> None:
        """Give UIDs in date order (oldest lowest) to the mailboxes of these labels that have none yet.

        With None: to all mailboxes; the listing is then complete: messages that were not seen since `begin_listing` are
        removed, and from now on new mailboxes are listed when they appear, new messages get the next UID on arrival.
        """
        await self._engine.write(incoming.finish_listing, True, None, label_ids)

    async def unlisted(self, ids: Sequence[MessageId]) -> list[MessageId]:
        """Those of `ids`, in their order, that neither a page nor an event has told of since `begin_listing`."""
        return await self._engine.read(incoming.unlisted, ids)

    async def listing_complete(self) -> bool:
        """A listing has been finished once with None and no other is under way."""
        query = "SELECT key FROM value WHERE key IN ('complete', 'listing')"
        return await self._engine.read(lambda c: list(c.execute(query)) == [("complete",)])

    async def apply(self, changes: Sequence[Change], cursor: EventId | None = None, mark: int | None = None) -> None:
        """Apply changes in order and move the event cursor, in one transaction; then tell the open mailboxes.

        `mark`: the value of `queue_mark()` taken before the event page was requested, given with the last page of a
        poll (no `More`). Changes sent before it have had their echo: from then on the service's word stands alone
        for them.
        """
        if any(isinstance(change, LabelSet | LabelGone) for change in changes):
            self.label_edits += 1
        for told in self._told:
            told.update(change.meta.id for change in changes if isinstance(change, MessageSeen))
        await self._engine.write(incoming.apply, incoming.is_durable(changes, cursor), None, changes, cursor, mark)

    @contextmanager
    def told_meanwhile(self) -> Iterator[Set[MessageId]]:
        """Collect the messages of which `apply` is told while the block runs: an answer that was asked for in it may be
        older than what is here of them by then."""
        told: set[MessageId] = set()
        self._told.append(told)
        try:
            yield told
        finally:
            self._told = [each for each in self._told if each is not told]

    async def cursor(self) -> EventId | None:
        """The event cursor, moved only by `apply` and `set_cursor`."""
        found = await self._engine.read(lambda c: c.execute("SELECT value FROM value WHERE key = 'cursor'").get)
        return EventId(str(found)) if found is not None else None

    async def set_cursor(self, cursor: EventId | None) -> None:
        await self._engine.write(Transaction.put, True, None, "cursor", cursor)

    async def known(self, ids: Collection[MessageId]) -> dict[MessageId, Known]:
        """What is here of these messages; unknown ids are left out."""
        return await self._engine.read(incoming.known, ids)

    async def metas(self, ids: Collection[MessageId]) -> list[MessageMeta]:
        """The service's state as last told, without pending changes; unknown ids are left out."""
        return await self._engine.read(incoming.metas, ids)

    # ------------------------------------------------------------------------------------------ literals

    async def missing_literals(
        self, limit: int, *, labels: Collection[LabelId] | None = None, since: int | None = None
    ) -> list[Missing]:
        """Literals to be downloaded: stale ones first, then the newest; optionally only of messages in one of
        `labels` and not older than `since` (seconds). Not those that were evicted or have failed."""
        return await self._engine.read(literals.missing, limit, labels, since)

    async def missing_count(self, *, labels: Collection[LabelId] | None = None, since: int | None = None) -> int:
        """How many literals are to be downloaded of these labels, not older than `since`."""
        return await self._engine.read(literals.missing_count, labels, since)

    async def literal(self, id: MessageId) -> bytes | None:
        """The literal's bytes, or None when they are not here."""
        return await self._engine.read(literals.whole, id)

    async def headers(self, ids: Collection[MessageId]) -> dict[MessageId, bytes]:
        """The header bytes of literals that are or once were here; others are left out."""
        return await self._engine.read(literals.headers, ids)

    async def bring_back(self, id: MessageId, labels: Sequence[LabelId], address: AddressId | None = None) -> bool:
        """Put a message that is here into mailboxes, behind all that is queued; under a new UID in the first of them,
        also when it is there already. False when it is not here (or another address's, in split mode), or is being
        deleted for ever."""
        return await self._engine.write(edits.bring_back, True, None, id, labels, address)

    async def waits_for_deletion(self, id: MessageId) -> bool:
        """Whether the service is yet to be told that this message is deleted for ever."""
        return await self._engine.read(edits.waits_for_deletion, id)

    async def retry_failed(self) -> int:
        """Make failed literals missing again (after a repair or a change of keys); how many."""
        return await self._engine.write(literals.retry_failed, False)

    async def evict(self, budget: int, keep: Collection[MessageId] = ()) -> int:
        """Drop literals, the longest unused first, until at most `budget` bytes are kept; how many were dropped."""
        await self._note_used()
        total = 0
        while dropped := await self._engine.write(literals.evict, False, None, budget, keep, EVICT_STEP):
            total += dropped
        return total

    async def index(self, limit: int) -> int:
        """Add up to `limit` messages to the full-text index, newest first; how many were added. For the background; a
        search is exact without it too."""
        total = 0
        while total < limit:
            added = await self._engine.write(literals.index, False, None, limit - total)
            total += added
            if not added:
                break
        return total

    async def totals(self) -> Totals:
        if len(self._views.used) >= USED_NOTED:
            await self._note_used()
        return await self._engine.read(_totals, self._engine.path)

    async def _note_used(self) -> None:
        if self._views.used:
            used, self._views.used = self._views.used, set()
            await self._engine.write(literals.used, False, None, used)

    # ------------------------------------------------------------------------------------------ the queue

    async def queue_next(self, limit: int = 150) -> QueuedChange | None:
        """The head of the queue with up to `limit` of its messages, or None. Stays there until done or refused."""
        return await self._engine.read(queue.head, limit)

    async def queue_done(self, id: int, message_ids: Sequence[MessageId], told: Collection[MessageId] = ()) -> None:
        """The service has accepted the change for these messages.

        `told`: those of `told_meanwhile`, while the service was asked. What an event said of them may be newer than
        the change, so it stays the service's word.
        """
        # At once: the service has answered, so whatever poll begins from now on brings the echo; and what is written
        # though who asked for it was cancelled is let go as well.
        self._mark += 1
        await self._engine.write(queue.done, True, None, id, message_ids, self._mark, frozenset(told))

    async def queue_refused(self, id: int, message_ids: Sequence[MessageId]) -> None:
        """The service refuses the change for these messages: take it back, and tell the open mailboxes."""
        await self._engine.write(queue.refused, True, None, id, message_ids)

    async def queue_failed(self, id: int) -> None:
        """An attempt ended without an answer (offline, 5xx): the change stays at the head, `tries` grows."""
        await self._engine.write(queue.failed, False, None, id)

    def queue_mark(self) -> int:
        """A number that grows with each `queue_done`; see `apply`."""
        return self._mark

    @property
    def edits(self) -> int:
        """Grows when a mail program begins to change something and when that has ended."""
        return self._engine.edits

    @property
    def editing(self) -> bool:
        """Whether a mail program's change is under way."""
        return self._engine.editing > 0

    def on_queued(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back on the loop whenever a change was added to the queue; the result ends it."""
        self._queued.append(callback)
        return lambda: self._queued.remove(callback)

    # ------------------------------------------------------------------------------------------ small values

    async def get(self, key: str) -> str | None:
        """A value of the caller's (progress of the first sync, for example)."""
        return await self._engine.read(reading.value, key)

    async def set(self, values: Mapping[str, str | None]) -> None:
        """Set or remove (None) values of the caller's in one transaction."""
        await self._engine.write(incoming.set_values, True, None, values)

    async def unsubscribed(self) -> frozenset[str]:
        """Names of mailboxes a program unsubscribed from; everything else is subscribed."""
        return await self._engine.read(
            lambda c: frozenset(row[0] for row in c.execute("SELECT name FROM unsubscribed"))
        )

    async def subscribe(self, name: str, subscribed: bool) -> None:
        statement = (
            "DELETE FROM unsubscribed WHERE name = ?" if subscribed else "INSERT OR IGNORE INTO unsubscribed VALUES (?)"
        )
        await self._engine.write(lambda tx: tx.query(statement, (name,)) and None, True)

    # ------------------------------------------------------------------------------------------ mailboxes

    async def mailboxes(self) -> list[Mailbox]:
        """Labels that are mailboxes, listed or not, in no order."""
        while self._mailboxes is None:
            version = self._version
            found = await self._engine.read(_mailboxes)
            if version == self._version:
                self._mailboxes = found
        return self._mailboxes

    async def open_view(self, label: LabelId, address: AddressId | None = None) -> View | None:
        """Open a listed mailbox, or the part of it that belongs to `address`; to be given back by `release`. None
        when there is no such mailbox, or it is not listed yet."""
        return await self._views.open(label, address)

    def release(self, view: View) -> None:
        self._views.release(view)

    async def status(self, label: LabelId, address: AddressId | None = None) -> Status | None:
        """Counts of a mailbox, or None when there is none."""
        table = self._engine.table
        unseen = [number for number in range(len(table)) if SEEN not in table.flags(number)]
        version = self._version
        number = self._numbers.get(label)
        if number is None:
            number = await self._engine.read(_mailbox_number, label)
            if number is None:
                return None
            if version == self._version:
                self._numbers[label] = number
        found = self._statuses.get((number, address))
        if found is None:
            found = await self._engine.read(_status, number, address, unseen)
            if version == self._version:
                self._statuses[number, address] = found
        return found

    async def uids(self, label: LabelId, ids: Sequence[MessageId]) -> dict[MessageId, int]:
        """UIDs of messages in a mailbox; those that are not in it are left out."""
        return await self._engine.read(_uids, label, ids)

    async def renew_uidvalidity(self) -> None:
        """Give every mailbox a new, higher UIDVALIDITY (after a switch between combined and split view)."""
        await self._engine.write(renew_uidvalidity, True)

    def on_changed(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back whenever the tree or a mailbox's counts changed; the result ends it."""
        self._changed.append(callback)
        return lambda: self._changed.remove(callback)

    # ------------------------------------------------------------------------------------------ telling

    def _published(self, outcome: Outcome) -> None:
        """A transaction was committed; called on the loop, in the order of commits."""
        if outcome.tree or outcome.gone:
            self._mailboxes = None
            self._numbers.clear()
        if outcome.tree or outcome.gone or outcome.touched or outcome.sized:
            self._version += 1
            if outcome.tree or outcome.sized:
                self._statuses.clear()
            else:
                for key in [key for key in self._statuses if key[0] in outcome.touched]:
                    del self._statuses[key]
        self._views.take(outcome)
        if outcome.queued:
            for callback in list(self._queued):
                callback()
        if outcome.tree or outcome.touched or outcome.gone:
            for callback in list(self._changed):
                callback()


# ------------------------------------------------------------------------------------------- reads


def _highest_mark(connection: apsw.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(sent), 0) FROM pending").get)


def _totals(connection: apsw.Connection, path: Path) -> Totals:
    rows = {
        state: (messages, size, indexed) for state, messages, size, indexed in connection.execute("SELECT * FROM total")
    }
    counts = [rows[state][0] for state in (literals.MISSING, literals.PRESENT, literals.EVICTED, literals.FAILED)]
    return Totals(
        messages=sum(counts),
        present=counts[1],
        evicted=counts[2],
        missing=counts[0],
        failed=counts[3],
        indexed=sum(row[2] for row in rows.values()),
        queued=queue.pending_messages(connection),
        literal_bytes=rows[literals.PRESENT][1],
        file_bytes=size_on_disk(path),
        stale=literals.stale_count(connection),
    )


def _mailboxes(connection: apsw.Connection) -> list[Mailbox]:
    return [
        Mailbox(
            Label(
                LabelId(remote), LabelKind(kind), name, LabelId(parent) if parent is not None else None, color, position
            ),
            uidvalidity,
            bool(listed),
        )
        for remote, kind, name, parent, color, position, uidvalidity, listed in connection.execute(
            "SELECT remote, kind, name, parent, color, position, uidvalidity, listed FROM mailbox JOIN label USING (id)"
        )
    ]


def _mailbox_number(connection: apsw.Connection, label: LabelId) -> int | None:
    found: int | None = connection.execute(
        "SELECT id FROM mailbox JOIN label USING (id) WHERE remote = ?", (label,)
    ).get
    return found


def _status(connection: apsw.Connection, mailbox: int, address: AddressId | None, unseen: Sequence[int]) -> Status:
    number = None
    if address is not None:
        number = connection.execute("SELECT id FROM address WHERE remote = ?", (address,)).get or 0
    return reading.status(connection, mailbox, number, unseen)


def _uids(connection: apsw.Connection, label: LabelId, ids: Sequence[MessageId]) -> dict[MessageId, int]:
    mailbox = _mailbox_number(connection, label)
    return {
        MessageId(remote): uid
        for remote, uid in connection.execute(
            "SELECT remote, uid FROM carray(?) CROSS JOIN message ON remote = value CROSS JOIN member ON"
            " message = id AND"
            " mailbox = ?",
            (texts(ids), mailbox),
        )
    }


__all__ = ["Mailbox", "Store", "View"]
