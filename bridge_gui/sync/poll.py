"""Ask the event feed from the saved cursor, and apply what it tells (API document 5.2 and 5.3).

The cursor moves in the transaction that applies a page, so a crash or an error repeats a page at most. Trouble with the
network or the service is waited out; anything else about the feed is a bad event: polling ends, and a person decides
between a repair and signing out.
"""

from __future__ import annotations

import logging
from typing import Protocol

from bridge_gui.errors import BridgeError
from bridge_gui.model import EventId
from bridge_gui.proton.retry import Clock, task_wait
from bridge_gui.store.changes import Change, MessageGone
from bridge_gui.store.db import Store
from bridge_gui.sync.labels import read_labels
from bridge_gui.sync.plan import EventAction, EventPage, message_changes, plan, touched
from bridge_gui.sync.service import Service, Verdict, judge, passes
from bridge_gui.sync.wait import GiveWay, Nudge

PERIOD = 20.0
"""Seconds between polls, to which chance adds up to as much again (5.2)."""
MOST_PAGES = 50
"""Events taken in one poll; the rest is left to the next (5.1)."""

log = logging.getLogger(__name__)


class BadEvents(BridgeError):
    """The feed cannot be followed any more."""

    code = "bad-events"
    default_title = "The account's changes cannot be followed any more"
    default_remedy = "Repair the account: its mail is compared with Proton's anew. Nothing is lost."


class Listener(Protocol):
    """Who owns the account."""

    async def ready(self) -> None:
        """Return when polling makes sense: online, and not paused."""
        ...

    async def refresh(self, cursor: EventId) -> None:
        """The service says that local mail is out of date: list it anew, events go on from `cursor`."""
        ...

    async def read_identity(self) -> None:
        """The user, an address or a key was changed."""
        ...

    def used(self, used_bytes: int) -> None: ...

    async def polled(self) -> None:
        """A poll came to the end of the feed."""
        ...

    def trouble(self, error: BridgeError) -> None:
        """A poll failed and is tried again."""
        ...


class Poller:
    """Follows one account's events."""

    def __init__(self, service: Service, store: Store, listener: Listener, clock: Clock) -> None:
        self._service, self._store, self._listener, self._clock = service, store, listener, clock
        self._give_way = GiveWay(store, clock)
        self.nudge = Nudge(clock)
        """Poll at once: after an action of our own, or when a sleep of the computer was noticed."""

    async def run(self) -> None:
        """Poll for ever. Raise `BadEvents`, or the error that a poll ended with and that waiting does not mend."""
        tries = 0
        while True:
            await self._listener.ready()
            try:
                up_to_date = await self.poll()
            except BridgeError as error:
                if not passes(error):
                    raise
                tries += 1
                self._listener.trouble(error)
                delay = task_wait(tries, self._clock.random())
            else:
                tries = 0
                if up_to_date:
                    await self._listener.polled()
                delay = PERIOD * (1 + self._clock.random())
            await self.nudge.wait(delay)

    async def poll(self) -> bool:
        """Take what the feed has, at most `MOST_PAGES` events; whether nothing is left."""
        for _ in range(MOST_PAGES):
            await self._give_way()
            mark = self._store.queue_mark()
            cursor = await self._store.cursor()
            if not cursor:  # (12, item 10): starting at the newest event would lose what lies between
                raise BadEvents("The place in the account's list of changes is lost.")
            try:
                page = await self._service.events(cursor)
            except BridgeError as error:
                if judge(error) in (Verdict.GONE, Verdict.REFUSED):
                    raise BadEvents("Proton does not know the place in the account's list of changes.") from error
                raise
            await self._take(page, None if page.more else mark)
            if not page.more:
                return True
        self.nudge()
        return False

    async def _take(self, page: EventPage, mark: int | None) -> None:
        decided = plan(page, await self._store.known(touched(page)))
        if decided.used_bytes is not None:
            self._listener.used(decided.used_bytes)
        if decided.refresh:
            log.info("the service asks for a refresh")
            await self._listener.read_identity()
            await self._listener.refresh(page.event_id)
            return
        if decided.read_labels:
            await read_labels(self._service, self._store)
        if decided.read_identity:
            await self._listener.read_identity()
        changes: list[Change] = list(decided.changes)
        if decided.unclear:
            found = {meta.id: meta for meta in await self._service.metas(decided.unclear)}
            known = await self._store.known(decided.unclear)
            for id in decided.unclear:
                if id in found:
                    changes += message_changes(found[id], EventAction.UPDATE, known.get(id))
                else:
                    changes.append(MessageGone(id))
        await self._store.apply(changes, page.event_id, mark)
