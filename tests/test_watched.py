"""The watch: the newest value, to whoever is awake."""

from __future__ import annotations

import asyncio

from bridge_gui.watched import Watched


async def test_a_slow_watcher_skips_to_the_newest() -> None:
    watched = Watched(0)
    watch = watched.watch()
    assert await anext(watch) == 0
    for value in range(1, 100):
        watched.set(value)
    assert await anext(watch) == 99


async def test_a_change_while_a_watcher_is_busy_is_not_lost() -> None:
    watched = Watched("old")
    seen = []
    async with asyncio.timeout(5):
        async for value in watched.watch():
            seen.append(value)
            if value == "new":
                break
            watched.set("new")
    assert seen == ["old", "new"]


async def test_an_equal_value_wakes_nobody() -> None:
    watched = Watched((1, 2))
    watch = watched.watch()
    await anext(watch)
    following = asyncio.ensure_future(anext(watch))
    await asyncio.sleep(0)
    watched.set((1, 2))
    await asyncio.sleep(0)
    assert not following.done()
    watched.set((3,))
    assert await following == (3,)
