"""Send what mail programs changed: the store's queue, in order, in batches (design.md, changes are local first).

A change leaves the queue only when the service has answered for it. No answer (offline, 5xx, 429) keeps it; a refusal
takes it back, so that mail programs see the service's state again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bridge_gui.errors import BridgeError
from bridge_gui.model import LabelId, MessageId
from bridge_gui.proton.retry import Clock, task_wait
from bridge_gui.store.db import Store
from bridge_gui.store.records import Action, QueuedChange
from bridge_gui.sync.service import Outcome, Service, Verdict, judge, passes
from bridge_gui.sync.wait import GiveWay, Nudge

BATCH = 150
"""Most ids in one call (API document 4.3)."""
_ALIKE = 3
"""After so many messages that were refused one by one, and the last one too, the rest of a refused batch is taken to be
refused as well."""

log = logging.getLogger(__name__)

TAKEN_OVER = "push.taken-over"
"""Name of the small value with changes that come from a damaged store: a list of [action, label, ids]."""

NAMED = 3
"""Of so many messages that were refused a person is told the subjects."""

Refusal = Callable[[QueuedChange, Sequence[MessageId], Sequence[str], str], None]
"""What was refused: the change, for which messages, the subjects of the first, the reason."""


def taken_over_text(changes: Sequence[QueuedChange]) -> str | None:
    """The value of `TAKEN_OVER` for these changes."""
    if not changes:
        return None
    return json.dumps([[change.action, change.label_id, change.message_ids] for change in changes])


def read_taken_over(text: str | None) -> tuple[QueuedChange, ...]:
    return tuple(
        QueuedChange(0, Action(action), LabelId(label) if label else None, tuple(map(MessageId, ids)), 0.0, 0)
        for action, label, ids in json.loads(text or "[]")
    )


class Pusher:
    """Drains one account's queue."""

    def __init__(
        self,
        service: Service,
        store: Store,
        clock: Clock,
        *,
        ready: Callable[[], Awaitable[None]],
        refused: Refusal,
        sent: Callable[[], None],
    ) -> None:
        self._service, self._store, self._clock = service, store, clock
        self._ready, self._refused, self._sent = ready, refused, sent
        self._give_way = GiveWay(store, clock)
        self.nudge = Nudge(clock)

    async def run(self) -> None:
        """Send for ever. Raise the error that a call ended with and that waiting does not mend, such as a sign-out."""
        stop_listening = self._store.on_queued(self.nudge)
        try:
            untold = await self._send_taken_over()
            while True:
                await self._ready()
                await self._give_way()
                change = await self._store.queue_next(BATCH)
                if change is not None:
                    await self._send(change)
                    untold = True
                    continue
                if untold:
                    untold = False
                    self._sent()
                await self.nudge.wait()
        finally:
            stop_listening()

    async def _send_taken_over(self) -> bool:
        """First what comes from a damaged store: it is older than all that waits here. Whether there was something."""
        sent, tries = False, 0
        while changes := read_taken_over(await self._store.get(TAKEN_OVER)):
            await self._ready()
            first, *others = changes
            now = replace(first, message_ids=first.message_ids[:BATCH], tries=tries)
            outcome = await self._attempt(now)
            if outcome is None:
                tries += 1
                await self._wait(tries)
                continue
            sent, tries = True, 0
            if len(first.message_ids) > BATCH:
                others.insert(0, replace(first, message_ids=first.message_ids[BATCH:]))
            await self._store.set({TAKEN_OVER: taken_over_text(others)})
            if outcome.refused:
                self._refused(now, outcome.refused, [], outcome.reason)
        return sent

    async def _send(self, change: QueuedChange) -> None:
        with self._store.told_meanwhile() as told:
            outcome = await self._attempt(change)
        if outcome is None:
            await self._store.queue_failed(change.id)
            await self._wait(change.tries + 1)
            return
        if outcome.accepted:
            await self._store.queue_done(change.id, outcome.accepted, told)
        if outcome.refused:
            named = {meta.id: meta.subject for meta in await self._store.metas(outcome.refused[:NAMED])}
            await self._store.queue_refused(change.id, outcome.refused)
            subjects = [named[id] for id in outcome.refused[:NAMED] if id in named]
            self._refused(change, outcome.refused, subjects, outcome.reason)

    async def _attempt(self, change: QueuedChange) -> Outcome | None:
        """Send it; None when there is no answer, and it has to wait."""
        try:
            return await self._ask(change, change.message_ids)
        except BridgeError as error:
            if not passes(error):
                raise
            log.info("a change waits: %s", type(error).__name__)
            return None

    async def _wait(self, tries: int) -> None:
        await self.nudge.wait(task_wait(tries, self._clock.random()))

    async def _ask(self, change: QueuedChange, ids: Sequence[MessageId]) -> Outcome:
        """One call; when the service refuses all of several, find out which, as one that is gone spoils the others."""
        try:
            return await self._service.change(change.action, change.label_id, ids)
        except BridgeError as error:
            if judge(error) not in (Verdict.GONE, Verdict.REFUSED):
                raise
            if len(ids) == 1:
                return Outcome((), tuple(ids), error.message)
        middle = len(ids) // 2
        first = await self._ask(change, ids[:middle])
        rest, parts = ids[middle:], [first]
        if not first.accepted and len(first.refused) >= _ALIKE and len(rest) > 1:
            last = await self._ask(change, rest[-1:])
            if not last.accepted:
                return Outcome((), tuple(ids), first.reason)
            rest, parts = rest[:-1], [first, last]
        parts.append(await self._ask(change, rest))
        return Outcome(
            tuple(id for part in parts for id in part.accepted),
            tuple(id for part in parts for id in part.refused),
            next((part.reason for part in parts if part.reason), ""),
        )
