"""Cyclic garbage is collected on Qt's thread alone.

Python's collector runs in whichever thread happens to allocate: here mostly the core's. What it finds can hold objects
of Qt, which must not end on another thread than their own: their timers and connections are in use there, and the
application would crash, seldom and without a word.
"""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, QTimer

LOOK_EVERY_MS = 100
WHOLE_EVERY_SECONDS = 10.0
"""Between two looks at everything, each of which takes some milliseconds in which no window answers."""


class Collector(QObject):
    """Takes the place of the automatic collector, on the thread on which it is made, from `start` to `stop`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._whole_at = time.monotonic()
        self._was_enabled = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        if self._was_enabled:
            gc.enable()

    def look(self) -> None:
        """Collect the generation that is due, as the automatic collector would: the oldest of them."""
        generation = due(gc.get_count(), gc.get_threshold(), whole=time.monotonic() >= self._whole_at)
        if generation is None:
            return
        gc.collect(generation)
        if generation == 2:
            self._whole_at = time.monotonic() + WHOLE_EVERY_SECONDS


def due(counts: tuple[int, int, int], thresholds: tuple[int, int, int], *, whole: bool) -> int | None:
    """Which generation is to be collected, if any; the last one only when `whole`."""
    for generation in (2, 1, 0) if whole else (1, 0):
        if thresholds[generation] and counts[generation] > thresholds[generation]:
            return generation
    return None
