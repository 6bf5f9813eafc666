"""Owned tasks, and work that leaves the loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)


class TaskOwner:
    """Own tasks that come and go one by one, where no `TaskGroup` fits: a failed one is logged, none is lost.

    Used by servers (one task a connection) and by accounts (start, pause, stop). `close` cancels all and waits.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    def start(self, work: Coroutine[Any, Any, R], name: str) -> asyncio.Task[R]:
        """Run `work` as a task of this owner; its name shows in logs and in asyncio's debug output."""
        if self._closed:
            work.close()
            raise RuntimeError(f"{self._name} is closed")
        task = asyncio.get_running_loop().create_task(work, name=f"{self._name}: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s ended with %s", task.get_name(), type(error).__name__, exc_info=error)

    def __len__(self) -> int:
        return len(self._tasks)

    async def close(self, timeout: float = 5.0) -> None:
        """Cancel every task and wait until they have ended, at most `timeout` seconds."""
        self._closed = True
        me = asyncio.current_task()
        tasks = [task for task in self._tasks if task is not me]
        for task in tasks:
            task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=timeout)
            for task in late:
                log.warning("%s did not stop within %s s", task.get_name(), timeout)


async def off_loop(executor: Executor | None, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run `work` in a thread (or in `executor`) and await its result, so that the loop goes on."""
    loop = asyncio.get_running_loop()
    if kwargs:
        return await loop.run_in_executor(executor, lambda: work(*args, **kwargs))
    return await loop.run_in_executor(executor, work, *args)


async def cancelled(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end; its own error is not raised here."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task
