"""How fast we may ask: the width of parallel requests, and the bytes in flight.

The rule of the width (API document 9.5): it doubles while all goes well, up to a most, and falls to two when the
service says that it is too much (429) or in trouble (5xx). A request that began before a fall says nothing about the
width after it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from bridge_gui.proton.retry import task_wait

K = TypeVar("K")

MOST_PARALLEL = 16
"""Requests at once by default; the service's own bridge allows itself 64, the API's team 32 (9.5)."""
LEAST_PARALLEL = 2
URGENT_EXTRA = 4
"""Requests a mail program waits for may exceed the width by so many, so that none waits for a background download."""

BYTES_IN_FLIGHT = 32 * 1024 * 1024
"""Mail that is being downloaded, decrypted or stored at once; memory follows this and not the size of the mailbox."""


class Width:
    """The width of parallel requests, as a pure state."""

    def __init__(self, most: int = MOST_PARALLEL, first: int = 4) -> None:
        self._most = max(most, 1)
        self._now = min(first, self._most)
        self._round = 0
        self._successes = 0

    @property
    def now(self) -> int:
        return self._now

    @property
    def round(self) -> int:
        """Taken when a request begins, and given back with its outcome."""
        return self._round

    def succeeded(self, round_: int) -> None:
        """One request went well. When as many as the width did, it doubles."""
        if round_ != self._round:
            return
        self._successes += 1
        if self._successes >= self._now:
            self._successes = 0
            self._now = min(self._now * 2, self._most)

    def throttled(self, round_: int) -> None:
        """The service refused one for now. The width falls, once for all that were under way."""
        if round_ != self._round:
            return
        self._round += 1
        self._successes = 0
        self._now = min(LEAST_PARALLEL, self._most)


class Gate:
    """Admit as many requests as the width allows; urgent ones first, and a few of them beyond it."""

    def __init__(self, width: Width) -> None:
        self.width = width
        self._running = 0
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._patient: deque[asyncio.Future[None]] = deque()

    @property
    def running(self) -> int:
        return self._running

    @asynccontextmanager
    async def slot(self, *, urgent: bool = False) -> AsyncIterator[None]:
        """Hold one place among the parallel requests."""
        queue = self._urgent if urgent else self._patient
        if self._admits(urgent) and not queue:
            self._running += 1
        else:
            await self._turn(queue)
        try:
            yield
        finally:
            self._running -= 1
            self._wake()

    async def _turn(self, queue: deque[asyncio.Future[None]]) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # admitted and cancelled at once: pass the place on
                self._running -= 1
                self._wake()
            elif turn in queue:
                queue.remove(turn)
            raise

    def _admits(self, urgent: bool) -> bool:
        return self._running < self.width.now + (URGENT_EXTRA if urgent else 0)

    def _wake(self) -> None:
        for queue, urgent in ((self._urgent, True), (self._patient, False)):
            while queue and self._admits(urgent):
                turn = queue.popleft()
                if not turn.done():
                    self._running += 1
                    turn.set_result(None)


class Budget:
    """Bytes that may be in memory at once, taken in the order of asking; urgent requests have as much again."""

    def __init__(self, most: int = BYTES_IN_FLIGHT) -> None:
        self._most = most
        self._used = 0
        self._urgent: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._patient: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def used(self) -> int:
        return self._used

    async def take(self, size: int, *, urgent: bool = False) -> None:
        """Wait until `size` bytes fit. What is larger than everything is let in when nothing else is there."""
        queue = self._urgent if urgent else self._patient
        if not queue and self._fits(size, urgent):
            self._used += size
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (size, turn)
        queue.append(entry)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back(size)
            elif entry in queue:
                queue.remove(entry)
                self._wake()
            raise

    def give_back(self, size: int) -> None:
        self._used -= size
        self._wake()

    def _fits(self, size: int, urgent: bool) -> bool:
        return self._used == 0 or self._used + size <= self._most * (2 if urgent else 1)

    def _wake(self) -> None:
        for queue, urgent in ((self._urgent, True), (self._patient, False)):
            while queue and self._fits(queue[0][0], urgent):
                size, turn = queue.popleft()
                if not turn.done():
                    self._used += size
                    turn.set_result(None)


class CoolDown(Generic[K]):
    """Items that failed on their own while others go well: each waits for itself, longer each time (9.5)."""

    def __init__(self) -> None:
        self._items: dict[K, tuple[int, float]] = {}

    def __len__(self) -> int:
        return len(self._items)

    def failed(self, item: K, now: float, dice: float) -> None:
        """Let an item rest."""
        tries = self.tries(item) + 1
        self._items[item] = (tries, now + task_wait(tries, dice))

    def over(self, item: K) -> None:
        """It went well, or is gone."""
        self._items.pop(item, None)

    def tries(self, item: K) -> int:
        """How often it has failed."""
        return self._items.get(item, (0, 0.0))[0]

    def rests(self, item: K, now: float) -> bool:
        return item in self._items and now < self._items[item][1]

    def next(self, now: float) -> float | None:
        """Seconds until an item that rests now may be tried again."""
        return min((until - now for _, until in self._items.values() if until > now), default=None)
