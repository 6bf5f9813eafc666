"""Literals: parts, eviction, index, what is missing."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any

import apsw
import pytest

from bridge_gui.model import LabelId
from bridge_gui.store.changes import LiteralFailed, LiteralReady, LiteralStale, MessageGone, MessageSeen
from bridge_gui.store.db import Store
from bridge_gui.store.reading import BATCH_BYTES, BATCH_ROWS, Message, Part
from bridge_gui.store.records import LiteralState
from bridge_gui.store.search import TextQuery, _Scope
from bridge_gui.store.views import View
from tests.store.samples import INBOX, literal, meta, mid, opened


async def fill(store: Store, count: int, body: str = "") -> View:
    await store.apply([MessageSeen(meta(n)) for n in range(1, count + 1)])
    await store.apply([LiteralReady(mid(n), literal(n, body)) for n in range(1, count + 1)])
    return await opened(store)


async def read(view: View, uids: list[int] | range, parts: Part) -> list[Message]:
    return [message async for batch in view.fetch(uids, parts, Message._make) for message in batch.messages]


async def test_what_was_dropped_and_is_edited_elsewhere_is_to_be_fetched_again(store: Store) -> None:
    """What is shown of it, its envelope say, is out of date although its content is not here."""
    await fill(store, 2)
    await store.evict(0)
    assert await store.missing_literals(10) == []
    await store.apply([LiteralStale(mid(1))])
    assert [(each.id, each.stale) for each in await store.missing_literals(10)] == [(mid(1), True)]
    totals = await store.totals()
    assert (totals.evicted, totals.stale) == (2, 1)
    await store.apply([LiteralReady(mid(1), literal(1, "edited"))])
    totals = await store.totals()
    assert (totals.evicted, totals.present, totals.stale) == (1, 1, 0)


async def test_totals_follow_every_step(store: Store) -> None:
    await store.apply([MessageSeen(meta(n)) for n in range(1, 6)])
    totals = await store.totals()
    assert (totals.messages, totals.missing, totals.present, totals.literal_bytes) == (5, 5, 0, 0)
    await store.apply([LiteralReady(mid(n), literal(n)) for n in (1, 2, 3)])
    await store.apply([LiteralFailed(mid(4), "no key"), LiteralFailed(mid(1), "not now"), LiteralFailed(mid(99), "?")])
    totals = await store.totals()
    assert (totals.missing, totals.present, totals.failed) == (1, 3, 1)
    assert totals.literal_bytes == sum(len(literal(n).data) for n in (1, 2, 3))
    assert await store.index(2) == 2
    assert await store.evict(len(literal(1).data)) == 2
    totals = await store.totals()
    assert (totals.present, totals.evicted, totals.indexed) == (1, 2, 2)
    await store.apply([MessageGone(mid(n)) for n in range(1, 6)])
    totals = await store.totals()
    assert (totals.messages, totals.indexed, totals.literal_bytes, totals.evicted, totals.failed) == (0, 0, 0, 0, 0)
    assert totals.file_bytes > 0


async def test_eviction_drops_the_longest_unused_and_keeps_what_was_shown(store: Store) -> None:
    view = await fill(store, 6)
    size = len(literal(1).data)
    await store._engine.write(_used_long_ago, False)
    assert [m.literal for m in await read(view, [2, 5], Part.LITERAL)] == [literal(2).data, literal(5).data]
    assert await store.evict(3 * size, keep=[mid(3)]) == 3
    kept = [n for n in range(1, 7) if await store.literal(mid(n)) is not None]
    assert kept == [2, 3, 5]
    assert await store.missing_literals(9) == [], "what was dropped is fetched only when asked for"
    shown = await read(view, range(1, 7), Part.SIZE | Part.ENVELOPE | Part.HEADER | Part.BODYSTRUCTURE | Part.BODY)
    briefs = await read(view, range(1, 7), Part.BRIEF)
    assert [m.brief for m in briefs] == [literal(n).brief for n in range(1, 7)]
    assert [m.envelope for m in shown] == [literal(n).envelope for n in range(1, 7)]
    assert [m.size for m in shown] == [len(literal(n).data) for n in range(1, 7)]
    assert (await store.known([mid(1)]))[mid(1)].literal is LiteralState.EVICTED
    batches = [batch async for batch in view.fetch(range(1, 7), Part.LITERAL, Message._make)]
    assert [uid for batch in batches for uid in batch.absent] == [1, 4, 6]
    assert await view.absent([1, 2], Part.LITERAL)
    assert not await view.absent([1, 2], Part.SIZE)
    assert not await view.absent([2, 99], Part.LITERAL)
    assert (await view.search(range(1, 7), TextQuery("number 4", body=True))).uids == [4], "its text is still known"
    await store.apply([LiteralReady(mid(1), literal(1))])
    assert list(view.columns.uids) == list(range(1, 7)), "the same bytes again: the same UID"
    assert await store.literal(mid(1)) == literal(1).data


def _used_long_ago(tx: object) -> None:
    from bridge_gui.store.transaction import Transaction

    assert isinstance(tx, Transaction)
    tx.query("UPDATE cached SET used = 0")


async def test_headers_outlive_eviction(store: Store) -> None:
    await fill(store, 2)
    await store.evict(0)
    expected = literal(1)
    assert await store.headers([mid(1), mid(7)]) == {mid(1): expected.data[: expected.header_size]}


async def test_a_replaced_literal_leaves_the_index(store: Store) -> None:
    view = await fill(store, 2, "alpha")
    assert await store.index(9) == 2
    await store.apply([LiteralStale(mid(1)), LiteralReady(mid(1), literal(1, "beta"))])
    assert list(view.columns.uids) == [2, 3]
    assert (await view.search([2, 3], TextQuery("alpha", body=True))).uids == [2]
    assert (await view.search([2, 3], TextQuery("beta", body=True))).uids == [3]
    assert await store.index(9) == 1
    assert (await view.search([2, 3], TextQuery("alpha", body=True))).uids == [2]
    assert (await view.search([2, 3], TextQuery("beta", body=True))).uids == [3]


async def test_a_failed_rebuild_goes_on_showing_the_old_one(store: Store) -> None:
    await fill(store, 1)
    await store.apply([LiteralStale(mid(1)), LiteralFailed(mid(1), "no key")])
    assert await store.missing_literals(9) == []
    assert await store.literal(mid(1)) == literal(1).data


async def test_batches_are_bounded_in_bytes_and_rows(store: Store) -> None:
    view = await fill(store, 12, "x" * (BATCH_BYTES // 4))
    sizes = [len(batch.messages) async for batch in view.fetch(range(1, 13), Part.LITERAL, Message._make)]
    assert sizes == [4, 4, 4]
    assert [len(batch.messages) async for batch in view.fetch(range(1, 13), Part.ENVELOPE, Message._make)] == [12]
    assert BATCH_ROWS * 100 < BATCH_BYTES


async def test_any_choice_of_uids_is_read_alike(store: Store) -> None:
    view = await fill(store, 40)
    for uids in (range(1, 41), [1, 3, 4, 9], [2, 39], [40], [41, 77], [], list(range(5, 30, 2))):
        got = await read(view, uids, Part.DATE | Part.HEADER)
        assert [m.uid for m in got] == [uid for uid in uids if uid <= 40]
        for message in got:
            expected = literal(message.uid)
            assert message.header == expected.data[: expected.header_size]
            assert message.date == 1_700_000_000 + message.uid
            assert (message.envelope, message.literal, message.email_id, message.preview) == (b"", b"", "", None)


async def test_unlisted(store: Store) -> None:
    await store.apply([MessageSeen(meta(n)) for n in (1, 2, 3)])
    await store.begin_listing()
    await store.add_listing([meta(1)])
    await store.apply([MessageGone(mid(3)), MessageSeen(meta(4))])
    assert await store.unlisted([mid(n) for n in (5, 4, 3, 2, 1)]) == [mid(5), mid(2)]


async def test_small_values(store: Store) -> None:
    await store.set({"a": "1", "b": "2"})
    await store.set({"a": None, "cursor": "not the feed's"})
    assert (await store.get("a"), await store.get("b"), await store.get("cursor")) == (None, "2", "not the feed's")
    assert await store.cursor() is None


async def test_unused_views_are_let_go(store: Store) -> None:
    await fill(store, 3)
    first = await opened(store)
    assert await opened(store) is first
    store.release(first)
    store.release(first)
    assert await opened(store) is first, "kept while there is room"
    assert await store.open_view(LabelId("nothing")) is None
    assert (await opened(store, INBOX)).columns is first.columns


async def test_a_large_content_is_stored_and_read_in_pieces(store: Store) -> None:
    """Bound as a value or read as one, SQLite would hold it twice, beside the copy that we hold."""
    large = 40_000_000
    view = await fill(store, 1)
    data = literal(1).data + random.Random(1).randbytes(large)
    before = apsw.memory_used()
    apsw.memory_high_water(True)
    await store.apply([LiteralStale(mid(1)), LiteralReady(mid(1), replace(literal(1), data=data))])
    assert (await store.literal(mid(1))) == data
    assert [m.literal for m in await read(view, list(view.columns.uids), Part.LITERAL)] == [data]
    assert apsw.memory_high_water() - before < 1.5 * large, "the caches hold some 26 MB when they are full"
    assert apsw.memory_used() - before < large / 20, "nor is it kept: nobody needs these pages soon"


@pytest.mark.parametrize("indexed", [False, True])
async def test_a_search_sees_one_state(store: Store, monkeypatch: pytest.MonkeyPatch, indexed: bool) -> None:
    """What is indexed, or arrives, while a search is under way is found, or told to be absent."""
    await store.apply([MessageSeen(meta(n)) for n in (1, 2)])
    if indexed:
        await store.apply([LiteralReady(mid(1), literal(1, "needle")), LiteralReady(mid(2), literal(2, "needle"))])
    view = await opened(store)
    loop = asyncio.get_running_loop()
    rows = _Scope.rows

    def late(scope: _Scope, *args: Any) -> list[tuple[int, ...]]:
        """Rows, asked for after a transaction that came in between."""
        change = store.index(10) if indexed else store.apply([LiteralReady(mid(2), literal(2, "needle"))])
        asyncio.run_coroutine_threadsafe(change, loop).result()
        return rows(scope, *args)

    if indexed:
        monkeypatch.setattr(_Scope, "rows", late)
    else:
        monkeypatch.setattr(
            _Scope, "absent", lambda scope: [row[0] for row in late(scope, "0", "", "size IS NULL", ())]
        )
    found = await view.search([1, 2], TextQuery("needle", body=True))
    assert (found.uids, found.absent) == (([1, 2], []) if indexed else ([], [1, 2]))
