"""How far the local copy is, and how long the rest takes, from a few counts: pure."""

from __future__ import annotations

from collections import deque

from bridge_gui.state import SyncPhase, SyncState
from bridge_gui.store.records import Totals

WINDOW = 60.0
"""Seconds over which the speed is measured: long enough to even out big messages, short enough to notice a change."""
LEAST = 3.0
"""Seconds of measuring before a guess is made."""


class Progress:
    """Keeps the little that an honest guess needs."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()
        self._phase: SyncPhase | None = None

    def listing(self, done: int, total: int, usable: bool, *, paused: bool, now: float) -> SyncState:
        """While metadata are being read."""
        if paused:
            self._samples.clear()
            return SyncState(SyncPhase.PAUSED, usable, False, done, total, None)
        return SyncState(
            SyncPhase.LISTING, usable, False, done, total, self._remaining(SyncPhase.LISTING, done, total, now)
        )

    def downloading(self, totals: Totals, *, enough: bool, paused: bool, now: float) -> SyncState:
        """Everything is listed. `enough`: nothing more is to be kept here, whatever is missing."""
        done = totals.messages - totals.missing
        if totals.missing == 0 or enough:
            self._samples.clear()
            return SyncState(SyncPhase.DONE, True, True, done, totals.messages, None)
        if paused:
            self._samples.clear()
            return SyncState(SyncPhase.PAUSED, True, False, done, totals.messages, None)
        remaining = self._remaining(SyncPhase.DOWNLOADING, done, totals.messages, now)
        return SyncState(SyncPhase.DOWNLOADING, True, False, done, totals.messages, remaining)

    def _remaining(self, phase: SyncPhase, done: int, total: int, now: float) -> float | None:
        if phase is not self._phase or (self._samples and done < self._samples[-1][1]):
            self._samples.clear()
            self._phase = phase
        self._samples.append((now, done))
        while now - self._samples[0][0] > WINDOW:
            self._samples.popleft()
        began, first = self._samples[0]
        if now - began < LEAST or done <= first:
            return None
        return (total - done) * (now - began) / (done - first)
