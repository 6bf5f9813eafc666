"""List all mail: at the first sign-in, for a repair, and when the service asks for a refresh.

Metadata first. INBOX is listed before anything else and is usable from then on: its messages have UIDs by date, and
each can be read on demand. Then come all others. Bodies are `download`'s business.

    start     the event cursor, if there is none yet: whatever changes from now on comes as an event, and the store lets
              an event win over a page, so polling goes on during the listing and nothing in between is lost
    labels    all labels and folders
    inbox     pages of INBOX in parallel -> UIDs by date -> usable
    rest      all ids, in the service's own walk which no arrival or deletion shifts; metadata of those not yet listed
    (done)    UIDs by date for all other mailboxes; what the service no longer has is removed

The phase and the place within it are kept in the store, so that a listing that was interrupted goes on where it was.
Pages of INBOX may shift while mail comes and goes; the walk over all ids finds whatever slipped through.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from bridge_gui.errors import BridgeError
from bridge_gui.model import EventId, MessageId, SystemLabel
from bridge_gui.store.changes import Change
from bridge_gui.store.db import Store
from bridge_gui.store.records import MessageMeta
from bridge_gui.sync.labels import read_labels
from bridge_gui.sync.pace import MOST_PARALLEL
from bridge_gui.sync.plan import relisted
from bridge_gui.sync.service import PAGE, Service, Verdict, judge
from bridge_gui.sync.wait import together

PHASE, INBOX_PAGES, WALKED, REPAIRING = "listing.phase", "listing.inbox", "listing.walked", "listing.repair"
"""Names of the small values in the store."""
_INBOX, _REST = "inbox", "rest"

IDS = 1000
"""Ids in one call (API document 4.2)."""

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Messages listed so far, and all of them."""


class _Restarted(Exception):
    """Another listing has begun while this one was under way."""


class Listing:
    """One account's listing; `run` goes on where an earlier one stopped, and `begin` may come while it runs."""

    def __init__(self, service: Service, store: Store, *, usable: Callable[[], None], progress: Progress) -> None:
        self._service, self._store = service, store
        self._usable, self._progress = usable, progress
        self._done = self._total = 0
        self._generation = 0
        self._writing = asyncio.Lock()

    async def begin(self, cursor: EventId | None = None) -> None:
        """Start a listing, or start it anew (a repair, a refresh). Events go on from `cursor`, or from now.

        All in one transaction: with the place of an old listing, what lies before that would pass for gone. What a
        listing under way still gets is thrown away.
        """
        cursor = cursor or await self._service.latest_event()
        await read_labels(self._service, self._store)
        async with self._writing:
            repairing = await self._store.listing_complete() or await self._store.get(REPAIRING) is not None
            place = {PHASE: _INBOX, INBOX_PAGES: None, WALKED: None, REPAIRING: "yes" if repairing else None}
            self._generation += 1  # what lists now knows the old place
            try:
                await self._store.begin_listing(place, cursor)
            finally:
                self._generation += 1  # and what has begun to list meanwhile as well

    async def prepare(self) -> None:
        """Begin the account's first listing, unless it has begun or is done; from then on there is an event cursor."""
        if await self._store.listing_complete():
            return  # without a cursor, the poll will find that out: starting anew would hide that events were missed
        if await self._store.get(PHASE) is None or await self._store.cursor() is None:  # None: it was cut short
            await self.begin()

    async def run(self) -> None:
        """List everything that is not listed yet. Interrupted at any point, it goes on there the next time."""
        while True:
            try:
                await self._run()
            except _Restarted:
                continue
            return

    async def _run(self) -> None:
        await self.prepare()
        generation = self._generation
        phase = await self._store.get(PHASE)
        if phase is None:
            self._usable()
            return
        self._done, self._total = 0, await self._service.total()
        if phase == _INBOX:
            await self._list_inbox(generation)
            await self._write(
                generation,
                lambda: self._store.finish_listing([SystemLabel.INBOX]),
                lambda: self._store.set({PHASE: _REST, INBOX_PAGES: None}),
            )
        self._usable()
        await self._walk(generation)
        await self._write(
            generation,
            lambda: self._store.finish_listing(),
            lambda: self._store.set({PHASE: None, WALKED: None, REPAIRING: None}),
        )
        log.info("all mail is listed")

    async def _write(self, generation: int, *steps: Callable[[], Awaitable[None]]) -> None:
        """Write, unless another listing has begun: a page of the old one would pass for one of the new."""
        async with self._writing:
            if generation != self._generation:
                raise _Restarted
            for step in steps:
                await step()

    async def _list_inbox(self, generation: int) -> None:
        first = int(await self._store.get(INBOX_PAGES) or 0)
        metas, total = await self._service.label_page(SystemLabel.INBOX, first)
        await self._add(generation, metas)
        pages = range(first + 1, -(-total // PAGE))
        # A wave of pages at a time: the place that is kept means that everything before it is stored.
        for at in range(0, len(pages), MOST_PARALLEL):
            wave = pages[at : at + MOST_PARALLEL]
            await together(self._list_page(generation, page) for page in wave)
            await self._keep_place(generation, INBOX_PAGES, str(wave[-1] + 1))

    async def _keep_place(self, generation: int, name: str, place: str) -> None:
        await self._write(generation, lambda: self._store.set({name: place}))

    async def _list_page(self, generation: int, page: int) -> None:
        metas, _ = await self._service.label_page(SystemLabel.INBOX, page)
        await self._add(generation, metas)

    async def _walk(self, generation: int) -> None:
        after = await self._store.get(WALKED)
        while True:
            try:
                ids = await self._service.ids(MessageId(after) if after else None, IDS)
            except BridgeError as error:
                if after is None or judge(error) not in (Verdict.GONE, Verdict.REFUSED):
                    raise
                after = None  # the message that marked the place was deleted; what is listed is skipped quickly
                continue
            if not ids:
                return
            unlisted = await self._store.unlisted(ids)
            await together(self._list_ids(generation, unlisted[at : at + PAGE]) for at in range(0, len(unlisted), PAGE))
            after = ids[-1]
            await self._keep_place(generation, WALKED, after)

    async def _list_ids(self, generation: int, ids: Sequence[MessageId]) -> None:
        await self._add(generation, await self._service.metas(ids))

    async def _add(self, generation: int, metas: Sequence[MessageMeta]) -> None:
        stale: list[Change] = []
        if await self._store.get(REPAIRING) is not None:
            before = {meta.id: meta for meta in await self._store.metas([meta.id for meta in metas])}
            for meta in metas:
                stale += relisted(meta, before.get(meta.id))
        await self._write(generation, lambda: self._store.add_listing(metas))
        if stale:
            await self._store.apply(stale)
        self._done += len(metas)
        self._progress(min(self._done, self._total), self._total)
