"""How long the answer to a failed sign-in waits; pure.

Only refusals wait, so the right password of another program is never held up, and guessing through one origin gets
slower with each try. An origin is an address of a computer together with the user name tried.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

FIRST_DELAY = 0.25
LONGEST_DELAY = 8.0
FORGET_AFTER = 600.0
"""Seconds without a failure after which an origin begins anew."""
MAX_ORIGINS = 1024
"""Origins remembered; the one that failed longest ago goes first, so that made-up names cost no memory."""


class LoginThrottle:
    """Count failures by origin. `now` is any clock that only goes forward, in seconds."""

    def __init__(self) -> None:
        self._failures: OrderedDict[Hashable, tuple[int, float]] = OrderedDict()

    def failed(self, origin: Hashable, now: float) -> float:
        """Note a failure and return the seconds its answer is to wait: 0 for the first, then doubling."""
        count, last = self._failures.pop(origin, (0, now))
        if now - last > FORGET_AFTER:
            count = 0
        self._failures[origin] = (count + 1, now)
        while len(self._failures) > MAX_ORIGINS:
            self._failures.popitem(last=False)
        return 0.0 if count == 0 else min(FIRST_DELAY * 2 ** min(count - 1, 16), LONGEST_DELAY)

    def succeeded(self, origin: Hashable) -> None:
        self._failures.pop(origin, None)
