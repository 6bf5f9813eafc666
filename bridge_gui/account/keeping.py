"""What of an account's mail is kept on this computer: counts and progress, the disk budget, the selection of bodies.

Lists are always kept whole. Bodies outside the selection are fetched when a mail program asks for them; those that were
not used for the longest go when the budget is exceeded, and are fetched again when asked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from bridge_gui.account import tree
from bridge_gui.account.progress import Progress
from bridge_gui.account.work import REPAIR
from bridge_gui.config import Settings, SyncSettings
from bridge_gui.errors import BridgeError
from bridge_gui.model import SystemLabel
from bridge_gui.proton.retry import Clock
from bridge_gui.state import SyncPhase, SyncState
from bridge_gui.store.db import Store
from bridge_gui.store.records import Label
from bridge_gui.sync.download import Selection
from bridge_gui.sync.wait import Nudge

REPORT_BUSY, REPORT_IDLE = 1.0, 30.0
"""Seconds between two looks at the counts."""
BUDGET_REACHED = 0.98
"""Part of the disk budget at which the background stops downloading; the rest is for what is asked for."""
MEGABYTE = 1024 * 1024
DAY = 24 * 3600

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Host:
    """What is asked of the account around it."""

    store: Callable[[], Store | None]
    settings: Callable[[], Settings]
    signed_in: Callable[[], bool]
    moving: Callable[[], bool]
    """The service may be asked: online, and not paused."""
    paused: Callable[[], bool]
    select: Callable[[Selection], None]
    """Have the background download these from now on."""
    publish: Callable[[SyncState, int], None]
    """How far the copy is, and how many bytes it takes on the disk."""


class Keeping:
    """Looks at the counts again and again; `run` is a task of the account."""

    def __init__(self, clock: Clock, host: Host) -> None:
        self._clock, self._host = clock, host
        self._progress = Progress()
        self._listed = (0, 0)
        self.usable = False
        """INBOX is listed."""
        self.state = SyncState()
        self.room = asyncio.Event()
        """Set while the disk budget lets the background download."""
        self.room.set()
        self.look = Nudge(clock)
        self._counting = asyncio.Lock()

    def listed(self, done: int, total: int) -> None:
        self._listed = (done, total)

    async def run(self) -> None:
        """Keep counts and progress up to date, and the disk budget."""
        while True:
            busy = await self.count()
            await self._clock.sleep(REPORT_BUSY / 2)
            await self.look.wait(REPORT_BUSY / 2 if busy else REPORT_IDLE)

    async def count(self) -> bool:
        """Look at the counts now, and publish them; whether something is going on."""
        store = self._host.store()
        if store is None:
            return False
        async with self._counting:  # what was counted earlier is published earlier
            try:
                return await self._count(store)
            except BridgeError as error:
                log.info("the counts cannot be read: %s", error.code)
                return False

    async def choose(self, store: Store) -> Selection:
        """Have the bodies downloaded that the settings and the mailboxes of this moment select."""
        labels = [box.label for box in await store.mailboxes()]
        selection = select(self._host.settings().sync, labels, self._clock.time())
        self._host.select(selection)
        return selection

    async def _count(self, store: Store) -> bool:
        host, settings = self._host, self._host.settings()
        complete = await store.listing_complete() and await store.get(REPAIR) is None
        boxes = await store.mailboxes()
        self.usable = any(box.listed for box in boxes if box.label.id == SystemLabel.INBOX)
        totals = await store.totals()
        budget = settings.cache.budget_mb * MEGABYTE
        if budget and totals.literal_bytes > budget:
            await store.evict(budget)
            totals = await store.totals()
        enough = bool(budget) and totals.literal_bytes >= budget * BUDGET_REACHED
        (self.room.clear if enough else self.room.set)()

        selection = await self.choose(store)
        missing = totals.missing
        if missing and selection != Selection():
            missing = await store.missing_count(labels=selection.labels, since=selection.since)
        left_out = totals.missing - missing
        wanted = replace(totals, messages=totals.messages - left_out, missing=missing + totals.stale)

        paused, now = host.paused(), self._clock.monotonic()
        if not host.signed_in():
            sync = replace(self.state, phase=SyncPhase.WAITING, remaining_s=None)
        elif complete:
            sync = self._progress.downloading(wanted, enough=enough, paused=paused, now=now)
        else:
            sync = self._progress.listing(*self._listed, self.usable, paused=paused, now=now)
        if totals.indexed < totals.present and sync.complete:
            sync = replace(sync, phase=SyncPhase.INDEXING)
        if not host.moving():
            sync = replace(sync, remaining_s=None)
        on_demand = left_out + totals.evicted + (missing if enough else 0)
        self.state = replace(sync, on_demand=on_demand)
        host.publish(self.state, totals.file_bytes)
        return not sync.complete


def select(settings: SyncSettings, labels: Iterable[Label], now: float) -> Selection:
    """The bodies that the settings want here: of some mailboxes with all below them, and not older than some days.

    A name that no mailbox has selects nothing: it may come back, or belong to another account.
    """
    since = (int(now) // DAY - settings.days) * DAY if settings.days else None  # moves on once a day
    names = [tree.canonical(name.strip()) for name in settings.mailboxes.split(",") if name.strip()]
    if not names:
        return Selection(None, since)
    chosen = [
        node.label.id
        for node in tree.build(labels).nodes
        if node.label is not None and any(node.name == name or node.name.startswith(f"{name}/") for name in names)
    ]
    return Selection(frozenset(chosen), since)
