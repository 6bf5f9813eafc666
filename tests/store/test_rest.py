"""Memory is given back once little has been done for a while, and nothing is lost by it."""

from __future__ import annotations

import asyncio

import apsw
import pytest

from bridge_gui.store.changes import LiteralReady, MessageSeen
from bridge_gui.store.connection import SMALL_CACHE
from bridge_gui.store.db import Store
from bridge_gui.store.engine import Engine
from tests.store.samples import literal, meta, mid

COUNT = 400


def cached(connection: apsw.Connection) -> int:
    return connection.status(apsw.SQLITE_DBSTATUS_CACHE_USED)[0]


async def work(store: Store) -> None:
    """Fill the caches of the writer and of a reader."""
    await store.apply([MessageSeen(meta(n)) for n in range(1, COUNT + 1)])
    await store.apply([LiteralReady(mid(n), literal(n, "x" * 20_000)) for n in range(1, COUNT + 1)])
    for n in range(1, COUNT + 1):
        assert await store.literal(mid(n)) == literal(n, "x" * 20_000).data


async def test_the_caches_are_emptied_when_little_is_done(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    await work(store)
    engine, loop, rested = store._engine, asyncio.get_running_loop(), asyncio.Event()
    connections = [engine._writer.connection, *engine._threads._opened]
    assert sum(cached(each) for each in connections) > 4 * 1024 * 1024
    give_back = Engine._give_back

    def give_back_and_tell(self: Engine) -> None:
        give_back(self)
        loop.call_soon_threadsafe(rested.set)

    monkeypatch.setattr(Engine, "_give_back", give_back_and_tell)
    monkeypatch.setattr(Engine, "rests_after", 0.01)
    engine._look_whether_quiet()  # the timer of the real wait is not waited for
    assert not rested.is_set()  # much was done since the last look
    await asyncio.wait_for(rested.wait(), 10)
    assert all(cached(each) < SMALL_CACHE for each in connections)
    assert await store.literal(mid(1)) == literal(1, "x" * 20_000).data


async def test_a_small_cache_is_left_alone(store: Store) -> None:
    await store.apply([MessageSeen(meta(1))])
    engine = store._engine
    assert not await asyncio.to_thread(engine._threads.shrink, engine._writer.connection)
    await work(store)
    assert await asyncio.to_thread(engine._threads.shrink, engine._writer.connection)


async def test_a_store_that_is_closed_meanwhile_is_left_alone(store: Store) -> None:
    await work(store)
    giving = asyncio.create_task(asyncio.to_thread(store._engine._give_back))
    await store.close()
    await giving
    await asyncio.to_thread(store._engine._give_back)  # one that comes too late ends as well
