"""When a request is repeated, and after how long (API document 1.5). Pure: the rim owns clock and dice."""

from __future__ import annotations

import asyncio
import random as dice_box
import time as clock_time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

RETRIES = 3
"""Repeats after the first try."""
FIRST_WAIT = 0.1
LONGEST_WAIT = 60.0
RETRY_AFTER_ABSENT = 10.0
RETRY_AFTER_SPREAD = 10
"""0 to 9 seconds are added, so that a crowd of clients does not come back at once."""
RETRY_AFTER_LIMIT = 3600.0
"""A server that asks for more is not waited for within one request."""

TASK_WAITS = (20.0, 40.0, 80.0, 160.0, 300.0, 600.0)
"""Waits of long tasks such as sync and event polling; the last is repeated."""


@dataclass(frozen=True)
class Clock:
    """Time and dice, so that tests own both."""

    time: Callable[[], float] = clock_time.time
    monotonic: Callable[[], float] = clock_time.monotonic
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    random: Callable[[], float] = dice_box.random


def backoff(attempt: int, dice: float) -> float:
    """Return the wait after try `attempt` (from 0) without an answer: doubled each time, between half of it and all."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt, 32))
    return longest / 2 + dice * longest / 2


def throttle_wait(retry_after: float | None, dice: float) -> float:
    """Return the wait after 429 or 503."""
    return (RETRY_AFTER_ABSENT if retry_after is None else retry_after) + int(dice * RETRY_AFTER_SPREAD)


def parse_retry_after(value: str | None) -> float | None:
    """Read `Retry-After` in whole seconds; dates and nonsense count as absent."""
    if value is None or not value.strip().isascii() or not value.strip().isdigit():
        return None
    return float(value)


def task_wait(failures: int, dice: float) -> float:
    """Return how long a task waits after `failures` (from 1) answers of 429 or 5xx in a row."""
    return TASK_WAITS[min(failures, len(TASK_WAITS)) - 1] + int(dice * RETRY_AFTER_SPREAD)
