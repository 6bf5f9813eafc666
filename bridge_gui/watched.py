"""A watch that hands out the newest value, and never a queue of old ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Waiter:
    event: asyncio.Event = field(default_factory=asyncio.Event)


class Watched(Generic[T]):
    """Hold the newest value, and wake those who watch; a slow watcher skips to the newest and never queues.

    Belongs to one event loop: `set` and `watch` are called on it.
    """

    def __init__(self, value: T) -> None:
        self._value = value
        self._version = 0
        self._waiters: set[_Waiter] = set()

    @property
    def value(self) -> T:
        return self._value

    def set(self, value: T) -> None:
        """Publish a value; equal ones wake nobody."""
        if value == self._value:
            return
        self._value = value
        self._version += 1
        for waiter in self._waiters:
            waiter.event.set()

    async def watch(self) -> AsyncIterator[T]:
        """Yield the present value at once, and then the newest one each time it has changed."""
        waiter = _Waiter()
        self._waiters.add(waiter)
        try:
            while True:
                waiter.event.clear()
                seen = self._version
                yield self._value
                if seen == self._version:
                    await waiter.event.wait()
        finally:
            self._waiters.discard(waiter)
