"""`sync.shelf`: what is written is let go."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Any, cast

from bridge_gui.aio import cancelled
from bridge_gui.store.changes import Change, MessageGone
from bridge_gui.store.db import Store
from bridge_gui.sync.shelf import Shelf
from tests.store.samples import mid


class _Store:
    async def apply(self, changes: Sequence[Change]) -> None:
        """Takes everything."""


async def test_what_is_written_does_not_stay_until_the_next_comes() -> None:
    """A message may have many megabytes, and the next one come tomorrow."""
    shelf = Shelf(cast(Store, _Store()))
    task = asyncio.ensure_future(shelf.run())
    change: Any = MessageGone(mid(1))
    known = sys.getrefcount(change)
    await shelf.put(change, 40_000_000, most=1, urgent=True)
    await asyncio.sleep(0)
    assert sys.getrefcount(change) == known
    await cancelled(task)
