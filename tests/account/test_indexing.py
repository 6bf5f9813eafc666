"""The full-text index is filled beside the download of bodies, and does not hold it up."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from bridge_gui.account.indexing import GATHER, MOST_GATHERS, REST, STEP, WAIT, Indexing
from bridge_gui.proton.retry import Clock
from bridge_gui.store.db import Store


class Index:
    """Stands for the store: so many messages, each of which takes a millisecond."""

    def __init__(self, messages: int) -> None:
        self.left = messages
        self.now = 0.0
        self.emptied = asyncio.Event()

    async def index(self, limit: int) -> int:
        added = min(limit, self.left)
        self.left -= added
        self.now += added / 1000
        if not self.left:
            self.emptied.set()
        return added


@pytest.mark.parametrize("downloading", [True, False])
async def test_indexing_rests_while_bodies_are_downloaded(downloading: bool) -> None:
    index = Index(3 * STEP)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        index.now += seconds

    clock = Clock(sleep=sleep, monotonic=lambda: index.now)
    indexing = Indexing(cast(Store, index), lambda: downloading, lambda: None, clock)
    task = asyncio.create_task(indexing.run())
    await index.emptied.wait()
    task.cancel()
    assert slept == pytest.approx([WAIT, *[REST * STEP / 1000] * 2] if downloading else [WAIT])


@pytest.mark.parametrize("more", [0, 5, 2 * MOST_GATHERS])
async def test_indexing_waits_for_those_that_come_soon_after_but_not_for_ever(more: int) -> None:
    index = Index(3 * STEP)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        if seconds == WAIT:
            await asyncio.Event().wait()
        assert index.left == 3 * STEP
        slept.append(seconds)
        if len(slept) <= more:
            indexing.nudge()
            await asyncio.Event().wait()

    indexing = Indexing(cast(Store, index), lambda: False, lambda: None, Clock(sleep=sleep))
    task = asyncio.create_task(indexing.run())
    indexing.nudge()
    await asyncio.wait_for(index.emptied.wait(), 5)
    task.cancel()
    assert slept == [GATHER] * min(more + 1, MOST_GATHERS)
