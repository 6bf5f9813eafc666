"""Waiting that can be cut short, with the clock handed in so that tests never wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from typing import Any

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
