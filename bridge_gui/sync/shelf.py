"""Finished messages on their way into the store: written together, as one big transaction is cheaper than ten."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from dataclasses import dataclass

from bridge_gui.errors import BridgeError
from bridge_gui.store.changes import Change
from bridge_gui.store.db import Store

WRITTEN_AT_ONCE = 64
WRITTEN_BYTES = 8 * 1024 * 1024
GATHERED = 0.1
"""Seconds that what nobody waits for waits for more of its kind."""
GATHERED_BYTES = 2 * 1024 * 1024
"""With so much of them, a transaction is big enough."""


@dataclass(eq=False, slots=True)
class _Entry:
    change: Change
    size: int
    done: asyncio.Future[None]


class Shelf:
    """Takes changes from many, and writes them in batches; `run` is a task of its owner."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[_Entry] = []
        self._size = 0
        """Bytes of all that waits."""
        self._arrived = asyncio.Event()
        self._enough = asyncio.Event()
        """A whole batch, or something that a mail program waits for."""

    async def put(self, change: Change, size: int, *, most: int, urgent: bool) -> None:
        """Have a change of `size` bytes written, and wait until it is. `most`: how many may be about to come, itself
        included, so that none waits for others that never do."""
        entry = _Entry(change, size, asyncio.get_running_loop().create_future())
        self._waiting.append(entry)
        self._size += size
        self._arrived.set()
        if urgent or len(self._waiting) >= min(WRITTEN_AT_ONCE, most) or self._size >= GATHERED_BYTES:
            self._enough.set()
        await entry.done

    async def run(self) -> None:
        """Write for ever."""
        while True:
            await self._arrived.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GATHERED):
                    await self._enough.wait()
            self._enough.clear()
            batch = self._take()
            try:
                await self._store.apply([entry.change for entry in batch])
            except BridgeError as error:
                _settle(batch, error)
            else:
                _settle(batch, None)
            del batch  # perhaps of many megabytes, and the next one may be long in coming

    def _take(self) -> list[_Entry]:
        batch: list[_Entry] = []
        size = 0
        while self._waiting and len(batch) < WRITTEN_AT_ONCE and size < WRITTEN_BYTES:
            entry = self._waiting.pop(0)
            self._size -= entry.size
            batch.append(entry)
            size += entry.size
        if not self._waiting:
            self._arrived.clear()
        return batch


def _settle(batch: Collection[_Entry], error: BridgeError | None) -> None:
    for entry in batch:
        if entry.done.done():  # its job was cancelled while it waited
            continue
        if error is None:
            entry.done.set_result(None)
        else:
            entry.done.set_exception(error)
