"""Fills the full-text index of one account in the background. A search is exact without it, and quicker with it."""

from __future__ import annotations

from collections.abc import Callable

from bridge_gui.proton.retry import Clock
from bridge_gui.store.db import Store
from bridge_gui.sync.wait import Nudge

STEP = 200
"""Messages between two looks at whether bodies are being downloaded."""
WAIT = 60.0
REST = 20.0
"""While bodies are downloaded, indexing rests for so many times as long as it worked: it takes the same processors, and
the same thread that writes."""
GATHER = 2.0
"""Seconds without another message after which those that came are indexed. A program that stores one after the other
waits for the same thread, which the index may take for 0.2 s when it merges its parts."""
MOST_GATHERS = 30
"""In a row; then they are indexed although more come."""


class Indexing:
    """Soon when nothing is left to be downloaded, and slowly while something is; `run` is a task of the account."""

    def __init__(
        self, store: Store, downloading: Callable[[], bool], changed: Callable[[], None], clock: Clock
    ) -> None:
        self._store, self._downloading, self._changed, self._clock = store, downloading, changed, clock
        self.nudge = Nudge(clock)
        """Nothing is left to be downloaded."""

    async def run(self) -> None:
        monotonic = self._clock.monotonic
        while True:
            if await self.nudge.wait(WAIT):
                for _ in range(MOST_GATHERS):
                    if not await self.nudge.wait(GATHER):
                        break
            began = monotonic()
            while await self._store.index(STEP):
                self._changed()
                if self._downloading():
                    await self.nudge.wait(REST * (monotonic() - began))
                began = monotonic()
