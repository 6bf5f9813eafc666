"""Waiting that can be cut short, with the clock handed in so that tests never wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from typing import Any, Protocol

from bridge_gui.proton.retry import Clock


class Nudge:
    """Somebody waits for a while, or until nudged; a nudge that comes earlier is kept for the next wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = asyncio.Event()

    def __call__(self) -> None:
        self._event.set()

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait at most `seconds` (None: for ever); tell whether it was a nudge that ended it."""
        if seconds is None:
            await self._event.wait()
        elif not self._event.is_set():
            async with asyncio.TaskGroup() as group:
                sleeper = group.create_task(_await(self._clock.sleep(seconds)))
                nudged = group.create_task(self._event.wait())
                try:
                    await asyncio.wait((sleeper, nudged), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    sleeper.cancel()
                    nudged.cancel()
        was_nudged = self._event.is_set()
        self._event.clear()
        return was_nudged


PAUSE = 0.1
"""Seconds without a change by a mail program after which background work goes on."""
MOST_PAUSES = 5
"""In a row; then a part of the work is done all the same."""


class Edited(Protocol):
    """What tells of the changes that mail programs make: the store."""

    @property
    def edits(self) -> int: ...

    @property
    def editing(self) -> bool: ...


class GiveWay:
    """Lets mail programs go first. Sending, and taking in what changed elsewhere, costs processor time and the writer;
    a program that changes one thing after the other waits for each and would feel it."""

    def __init__(self, edited: Edited, clock: Clock) -> None:
        self._edited, self._clock = edited, clock
        self._seen = edited.edits

    async def __call__(self) -> None:
        """Return when no program has changed anything for a moment, or when that has lasted long enough."""
        for _ in range(MOST_PAUSES):
            if self._edited.edits == self._seen and not self._edited.editing:
                return
            self._seen = self._edited.edits
            await self._clock.sleep(PAUSE)


async def _await(what: Awaitable[object]) -> None:
    await what


async def together(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all at once and wait for them; when one fails, the others are cancelled and its own error is raised.

    Raise `RuntimeError` when one was cancelled by something else: a task group takes that for done, and what it was
    to do would be missing without a word.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except BaseExceptionGroup as failed:
        raise _first(failed) from None
    if any(task.cancelled() for task in tasks):
        raise RuntimeError("a part of the work was cancelled by something else")


def _first(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = failed
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
