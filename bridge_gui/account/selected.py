"""One mailbox as one session has opened it: `imap.backend.Mailbox` over a view of the store."""

from __future__ import annotations

from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from weakref import WeakKeyDictionary

from bridge_gui.account import moves
from bridge_gui.account.ports import Literals
from bridge_gui.errors import BridgeError, StoreError
from bridge_gui.imap import backend, masks
from bridge_gui.imap.backend import (
    ContentKey,
    Copied,
    DateKey,
    Delta,
    FlagChange,
    IdKey,
    Listener,
    Need,
    No,
    Record,
    SizeKey,
    Snapshot,
    SortValues,
    StoreMode,
    TextKey,
)
from bridge_gui.store import columns as store_columns
from bridge_gui.store import search
from bridge_gui.store.db import Store
from bridge_gui.store.flags import ANSWERED, DELETED, DRAFT, FLAGGED, FORWARDED, SEEN, TooManyFlags
from bridge_gui.store.reading import Part, object_id
from bridge_gui.store.records import Label
from bridge_gui.store.views import View

URGENT_CHUNK = 500
"""Literals are asked for in such groups, so that a FETCH of a whole mailbox keeps no list of all its ids."""

SYSTEM_FLAGS = {flag.lower(): flag for flag in (SEEN, FLAGGED, ANSWERED, DELETED, DRAFT, *FORWARDED)}

Resolve = Callable[[str], Awaitable[Label | None]]


class SelectedMailbox:
    """An open mailbox. `resolve` finds the label of a mailbox name, for COPY and MOVE; `refusal` says why nothing
    may be changed, if so."""

    def __init__(
        self,
        store: Store,
        view: View,
        label: Label,
        name: str,
        literals: Literals,
        resolve: Resolve,
        *,
        read_only: bool,
        refusal: str,
        on_close: Callable[[SelectedMailbox], None],
    ) -> None:
        self._store = store
        self._view = view
        self._label = label
        self._name = name
        self._literals = literals
        self._resolve = resolve
        self._read_only = read_only
        self._refusal = refusal
        self._on_close = on_close
        self._ends: list[Callable[[], None]] = []
        self._closed = False

    @property
    def name(self) -> str:
        return self._name

    @property
    def uidvalidity(self) -> int:
        return self._view.uidvalidity

    @property
    def mailbox_id(self) -> str:
        return object_id(self._label.id)

    @property
    def read_only(self) -> bool:
        return self._read_only

    @property
    def permanent_flags(self) -> tuple[str, ...]:
        return () if self._read_only else moves.permanent_flags(self._label)

    # ---------------------------------------------------------------------------------------- being told

    def snapshot(self) -> Snapshot:
        return _snapshot(self._view.columns)

    def listen(self, listener: Listener) -> None:
        def tell(delta: store_columns.Delta) -> None:
            listener(Delta(_snapshot(delta.columns), delta.added, delta.removed, delta.changed, delta.origin))

        self._ends.append(self._view.listen(tell))

    def on_gone(self, callback: Callable[[str], None]) -> None:
        self._ends.append(self._view.on_gone(callback))

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            for end in self._ends:
                end()
            self._store.release(self._view)
            self._on_close(self)

    # ---------------------------------------------------------------------------------------- reading

    async def fetch(self, uids: Sequence[int], need: Need) -> AsyncIterator[Sequence[Record]]:
        absent = array("I")
        parts = int(need)
        async for batch in self._view.fetch(uids, parts, Record._make):
            if batch.messages:
                yield batch.messages
            absent.extend(batch.absent)
        if not absent:
            return
        async for ready in self._urgent(absent):
            async for batch in self._view.fetch(ready, parts, Record._make):
                if batch.messages:
                    yield batch.messages
        if await self._view.absent(absent, Part(parts)):
            raise _not_here()

    async def _urgent(self, uids: Sequence[int]) -> AsyncIterator[Sequence[int]]:
        """Have the literals of these fetched; yield UIDs as they come in, ascending within each group."""
        for at in range(0, len(uids), URGENT_CHUNK):
            by_id = {id: uid for uid, id in (await self._view.ids(uids[at : at + URGENT_CHUNK])).items()}
            if not by_id:
                continue
            try:
                async for ids in self._literals.urgent(list(by_id)):
                    ready = sorted(by_id[id] for id in ids if id in by_id)
                    if ready:
                        yield ready
            except BridgeError as error:
                raise No(error.message, "UNAVAILABLE") from error

    async def _fetch_all(self, uids: Sequence[int]) -> None:
        """Have all these fetched, or raise `No`."""
        async for _ in self._urgent(uids):
            pass
        if await self._view.absent(uids, Part.SIZE):
            raise _not_here()

    async def match(self, uids: Sequence[int], key: ContentKey) -> Sequence[int]:
        query = _query(key)
        found = await self._view.search(uids, query)
        if not found.absent:
            return found.uids
        await self._fetch_all(found.absent)
        rest = await self._view.search(found.absent, query)
        return sorted({*found.uids, *rest.uids})

    async def sort_values(self, uids: Sequence[int]) -> Sequence[SortValues]:
        rows, absent = await self._view.sort_rows(uids, SortValues)
        if absent:
            await self._fetch_all(absent)
            more, _ = await self._view.sort_rows(absent, SortValues)
            rows += more
        return rows

    async def vanished(self, since_modseq: int) -> Sequence[int]:
        runs = await self._view.vanished(since_modseq)
        columns = self._view.columns
        if runs is not None:
            return [uid for first, last in runs for uid in range(first, last + 1)]
        here = set(columns.uids)
        return [uid for uid in range(1, columns.uidnext) if uid not in here]

    # ---------------------------------------------------------------------------------------- changing

    async def store(self, uids: Sequence[int], change: FlagChange, unchanged_since: int | None = None) -> Sequence[int]:
        self._check_writable()
        flags = self._store.flag_table.spelled(SYSTEM_FLAGS.get(flag.lower(), flag) for flag in change.flags)
        if DELETED in flags and change.mode is not StoreMode.REMOVE and not moves.may_delete_flag(self._label):
            raise No(f"Messages cannot be deleted in {self._name}", "CANNOT")
        try:
            return await self._view.store_flags(uids, _flag_function(change.mode, flags), unchanged_since, self)
        except TooManyFlags as error:
            raise No("Too many different keywords", "LIMIT") from error

    async def copy(self, uids: Sequence[int], target: str) -> Copied:
        return await self._place(uids, target, moves.copy)

    async def move(self, uids: Sequence[int], target: str) -> Copied:
        return await self._place(uids, target, moves.move)

    async def _place(
        self, uids: Sequence[int], target: str, rule: Callable[[Label, Label], tuple[moves.Step, ...] | moves.Forbidden]
    ) -> Copied:
        self._check_writable()
        label = await self._resolve(target)
        if label is None:
            raise No("There is no such mailbox", "TRYCREATE")
        steps = rule(self._label, label)
        if isinstance(steps, moves.Forbidden):
            raise No(steps.text, "CANNOT")
        try:
            placed = await self._view.place(uids, steps, label.id, self)
        except StoreError as error:
            raise No(error.message, "UNAVAILABLE") from error
        return Copied(placed.uidvalidity, placed.source, placed.target)

    async def expunge(self, uids: Sequence[int] | None = None) -> None:
        self._check_writable()
        if not moves.may_expunge(self._label):
            raise No(f"Messages cannot be deleted in {self._name}", "CANNOT")
        columns = self._view.columns
        if not any(DELETED in columns.table.flags(number) for number in masks.distinct(columns.flags)):
            return  # CLOSE, mostly: nothing to write
        await self._view.expunge(uids, moves.unheld if moves.deletes_for_ever(self._label) else None, self)

    def _check_writable(self) -> None:
        if self._refusal:
            raise No(self._refusal, "NOPERM")
        if self._read_only:
            raise No("The mailbox is open for reading only", "CANNOT")


def _not_here() -> No:
    return No("Some messages could not be fetched from Proton; try again when it can be reached", "UNAVAILABLE")


_snapshots: WeakKeyDictionary[store_columns.Columns, Snapshot] = WeakKeyDictionary()
"""One for all sessions."""


def _snapshot(columns: store_columns.Columns) -> Snapshot:
    found = _snapshots.get(columns)
    if found is None:
        found = _snapshots[columns] = Snapshot(
            columns.uids, columns.flags, columns.modseqs, columns.table, columns.uidnext, columns.highest_modseq
        )
    return found


def _flag_function(mode: StoreMode, flags: frozenset[str]) -> Callable[[frozenset[str]], frozenset[str]]:
    """What a STORE makes of a message's flags. `$Forwarded` and `Forwarded` are one flag with two names."""
    settable = flags - moves.READ_ONLY_FLAGS
    both = settable | FORWARDED if settable & FORWARDED else settable
    match mode:
        case StoreMode.ADD:
            return lambda before: before | both
        case StoreMode.REMOVE:
            return lambda before: before - both
        case StoreMode.REPLACE:
            return lambda before: both | (before & moves.READ_ONLY_FLAGS)


def _query(key: ContentKey) -> search.Query:
    match key:
        case TextKey(field, needle, header):
            if field is backend.Field.HEADER:
                return search.TextQuery(needle, name=header)
            return search.TextQuery(needle, header=field is backend.Field.TEXT, body=True)
        case SizeKey(larger, size):
            return search.SizeQuery(larger, size)
        case DateKey(first, before, sent, saved):
            return search.DateQuery(first, before, "sent" if sent else "saved" if saved else "arrival")
        case IdKey(thread, value):
            return search.IdQuery(thread, value)
