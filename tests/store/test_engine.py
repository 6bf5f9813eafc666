"""Short reads: on the loop while they are quick, on a thread when they are not."""

from __future__ import annotations

import threading

import apsw
import pytest

from bridge_gui.errors import StoreDamaged
from bridge_gui.store import engine, reading
from bridge_gui.store.changes import LiteralReady, MessageSeen
from bridge_gui.store.db import Store
from bridge_gui.store.engine import PROVEN
from bridge_gui.store.literals import with_large_content
from bridge_gui.store.reading import Message, Part
from tests.store.samples import literal, meta, mid, opened


def where(connection: apsw.Connection, here: bool) -> tuple[bool, bool]:
    """What the reader was told of where it runs, and what is true."""
    return here, threading.current_thread() is threading.main_thread()


async def reads(store: Store, count: int) -> list[tuple[bool, bool]]:
    return [await store._engine.read_short(where) for _ in range(count)]


async def test_after_some_quick_reads_the_next_are_done_on_the_loop(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "QUICK", 60.0)
    assert await reads(store, PROVEN) == [(False, False)] * PROVEN
    assert await reads(store, 3) == [(True, True)] * 3


async def test_one_slow_read_sends_the_next_to_a_thread(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "QUICK", 60.0)
    await reads(store, PROVEN)
    monkeypatch.setattr(engine, "QUICK", 0.0)
    assert await reads(store, 3) == [(True, True), (False, False), (False, False)]
    monkeypatch.setattr(engine, "QUICK", 60.0)
    assert await reads(store, PROVEN + 1) == [*[(False, False)] * PROVEN, (True, True)]


async def test_what_is_large_or_locked_goes_to_a_thread(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "QUICK", 60.0)
    await reads(store, PROVEN)

    def refused(connection: apsw.Connection, here: bool) -> str | None:
        return None if here else "a thread"

    def locked(connection: apsw.Connection, here: bool) -> str:
        if here:
            raise apsw.BusyError("the file is locked")
        return "a thread"

    assert await store._engine.read_short(refused) == "a thread"
    assert await store._engine.read_short(locked) == "a thread"


async def test_messages_are_the_same_from_wherever_they_are_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "QUICK", 60.0)
    texts = {1: "short", 2: "long " * 1_000_000}
    await store.apply([MessageSeen(meta(number)) for number in (1, 2, 3)])
    await store.apply([LiteralReady(mid(number), literal(number, text)) for number, text in texts.items()])
    view = await opened(store)

    async def fetched(uid: int) -> list[tuple[list[Message], list[int]]]:
        return [(each.messages, each.absent) async for each in view.fetch([uid], Part.LITERAL, Message._make)]

    before = [await fetched(uid) for uid in (1, 2, 3, 9)]
    assert before[0][0][0][0].literal == literal(1, texts[1]).data
    assert before[1][0][0][0].literal == literal(2, texts[2]).data
    assert before[2:] == [[([], [3])], []]
    await reads(store, PROVEN)
    threads: list[threading.Thread] = []

    def in_pieces(connection: apsw.Connection, message: int, header: bytes) -> bytes:
        threads.append(threading.current_thread())
        return with_large_content(connection, message, header)

    monkeypatch.setattr(reading, "with_large_content", in_pieces)
    assert [await fetched(uid) for uid in (1, 2, 3, 9)] == before
    assert threads
    assert threading.main_thread() not in threads, "a large one is never read on the loop"
    store.release(view)


async def test_damage_that_is_met_on_the_loop_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "QUICK", 60.0)
    await reads(store, PROVEN)
    told: list[str] = []
    store.on_damage(lambda: told.append("damage"))

    def damaged(connection: apsw.Connection, here: bool) -> None:
        raise apsw.CorruptError("malformed")

    with pytest.raises(StoreDamaged):
        await store._engine.read_short(damaged)
    await store.totals()  # a turn of the loop
    assert told == ["damage"]
