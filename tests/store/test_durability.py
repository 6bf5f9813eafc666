"""What survives a killed process, damage, a full disk; and that nothing lies on the disk in clear."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import stat
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import pytest

from bridge_gui.errors import DiskFull, StoreDamaged, StoreError
from bridge_gui.model import MessageId
from bridge_gui.secret import Secret
from bridge_gui.store.changes import LabelSet, LiteralReady, MessageSeen
from bridge_gui.store.connection import connect
from bridge_gui.store.db import Store
from bridge_gui.store.reading import Message, Part
from bridge_gui.store.records import Action
from tests.store.samples import ALL_MAIL, INBOX, KEY, SYSTEM, TAG, WORK, literal, meta, mid, opened, shown

CHILD = """
import asyncio, json, random, sys
from pathlib import Path
from tests.store.samples import *
from bridge_gui.store.changes import *
from bridge_gui.store.records import Action

async def main(path, seed):
    rng = random.Random(seed)
    store = await Store.open(Path(path), KEY)
    await store.set_labels([*SYSTEM, WORK, TAG])
    if not await store.listing_complete():
        await store.begin_listing()
        await store.finish_listing()
    inbox, work = await opened(store), await opened(store, WORK.id)
    print("ready", flush=True)
    number = int(await store.get("number") or 0)
    for _ in range(100000):
        new = range(number + 1, number + 1 + rng.randrange(1, 9))
        await store.apply([MessageSeen(meta(n)) for n in new])
        number = new[-1]
        await store.set({"number": str(number)})
        print(json.dumps({"inbox": await store.uids(INBOX, [mid(n) for n in new])}), flush=True)
        await store.apply([LiteralReady(mid(n), literal(n, "word " * rng.randrange(3000))) for n in new])
        chosen = [uid for uid in inbox.columns.uids if rng.random() < 0.1]
        await inbox.store_flags(chosen, lambda before: before | {"\\\\Seen"})
        print(json.dumps({"seen": chosen}), flush=True)
        moving = [uid for uid in inbox.columns.uids if rng.random() < 0.02]
        placed = await inbox.place(moving, [(Action.LABEL, WORK.id)], WORK.id)
        print(json.dumps({"moved": moving, "work": placed.target}), flush=True)
        await store.index(3)
        if rng.random() < 0.1:
            await store.evict(100_000)
        change = await store.queue_next(20)
        if change:
            await store.queue_done(change.id, change.message_ids)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@dataclass
class Told:
    """What the killed process had said was done."""

    inbox: dict[str, int] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)
    work: set[int] = field(default_factory=set)


def run_and_kill(path: Path, seed: int, after: float, told: Told) -> None:
    """Run CHILD, kill it after some seconds of work, and note what it told until then."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(seed)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        timer = threading.Timer(after, child.kill)
        timer.start()
        for line in child.stdout:
            if not line.endswith("\n"):
                break
            words = json.loads(line)
            told.inbox.update(words.get("inbox", {}))
            told.seen.update(words.get("seen", ()))
            told.moved.update(words.get("moved", ()))
            told.work.update(words.get("work", ()))
        timer.join()
    assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_process_loses_nothing_that_was_told(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    told = Told()
    for turn in range(2):
        run_and_kill(tmp_path / "mail.db", seed * 100 + turn, rng.uniform(0.02, 0.5), told)
    asyncio.run(check_after_kill(tmp_path / "mail.db", told))


async def check_after_kill(path: Path, told: Told) -> None:
    store = await Store.open(path, KEY)
    await store.check()
    view = await opened(store)
    uids = await store.uids(INBOX, [mid(n) for n in range(1, 5000)])
    # A move may have been committed and not told.
    moved = await store.uids(WORK.id, [mid(n) for n in range(1, 5000)])
    for id, uid in told.inbox.items():
        assert uids.get(MessageId(id)) == (None if MessageId(id) in moved else uid)
    assert not told.moved & set(view.columns.uids)
    assert all("\\Seen" in flags for uid, flags in shown(view).items() if uid in told.seen)
    assert told.work <= set((await opened(store, WORK.id)).columns.uids)
    assert view.columns.uidnext > max(told.inbox.values(), default=0)
    number = int(await store.get("number") or 0)
    for n in (number, number // 2):
        data = await store.literal(mid(n)) if n else None
        assert data is None or data.startswith(b"From: Ann")
    await store.close()


WORDS = (
    "xylophonesubject",
    "xylophonebody",
    "xylophonelabel",
    "xylophonekeyword",
    "xylophone@example.org",
    "Xylophone",
)


async def test_nothing_lies_on_the_disk_in_clear(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "mail.db", KEY)
    label = TAG.__class__(TAG.id, TAG.kind, "xylophonelabel")
    await store.set_labels([*SYSTEM, label])
    await store.begin_listing()
    await store.finish_listing()
    message = meta(1, [INBOX, TAG.id], subject="xylophonesubject")
    header = "X-Who: xylophone@example.org\nX-Other: Xyloph\n"
    for n in range(1, 200):
        await store.apply(
            [
                MessageSeen(meta(n, subject="xylophonesubject") if n > 1 else message),
                LiteralReady(mid(n), literal(n, "xylophonebody " * 500, subject="xylophonesubject", header=header)),
            ]
        )
    view = await opened(store)
    await view.store_flags(view.columns.uids, lambda before: before | {"xylophonekeyword"})
    await store.subscribe("Labels/xylophonelabel", False)
    await store.index(500)

    def grep() -> set[str]:
        files = list(tmp_path.rglob("*"))
        assert sum(file.stat().st_size for file in files) > 200_000
        content = b"\n".join(file.read_bytes() for file in files)
        patterns = {word: (word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")) for word in WORDS}
        return {word for word, forms in patterns.items() if any(form in content for form in forms)}

    assert modes(tmp_path) == {"mail.db": 0o600, "mail.db-wal": 0o600, "mail.db-shm": 0o600, "mail.db-told": 0o600}
    assert grep() == set()
    await store.close()
    assert grep() == set()
    # The same search does find them where they are in clear.
    (tmp_path / "clear").write_text(" ".join(WORDS))
    assert grep() == set(WORDS)


def modes(folder: Path) -> dict[str, int]:
    """The files there and who may do what with them."""
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


async def filled(path: Path) -> None:
    store = await Store.open(path, KEY)
    await store.set_labels(SYSTEM)
    await store.begin_listing()
    await store.finish_listing()
    await store.apply([MessageSeen(meta(n)) for n in range(1, 60)])
    await store.apply([LiteralReady(mid(n), literal(n, "text " * 1000)) for n in range(1, 60)])
    await store.close()


async def test_a_wrong_key_or_a_foreign_file_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    await filled(path)
    before = path.read_bytes()
    with pytest.raises(StoreDamaged):
        await Store.open(path, Secret(bytes(32)))
    assert path.read_bytes() == before, "looking at it with a wrong key changes nothing"
    store = await Store.open(path, KEY)
    assert (await store.totals()).present == 59
    await store.close()
    path.write_bytes(b"This is no database at all. " * 1000)
    with pytest.raises(StoreDamaged):
        await Store.open(path, KEY)
    await Store.remove(path)
    assert modes(tmp_path) == {}
    await Store.remove(path)
    with pytest.raises(ValueError, match="32 bytes"):
        await Store.open(path, Secret(b"short"))


async def open_and_check(path: Path) -> None:
    store = await Store.open(path, KEY)
    try:
        await store.check()
    finally:
        await store.close()


@pytest.mark.parametrize("seed", range(4))
async def test_changed_bytes_are_noticed(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "mail.db"
    await filled(path)
    data = bytearray(path.read_bytes())
    at = random.Random(seed).randrange(8192, len(data))
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreDamaged):
        await open_and_check(path)


async def test_a_full_disk_loses_nothing_and_ends(store: Store) -> None:
    await store.apply([MessageSeen(meta(n)) for n in range(1, 30)])
    view = await opened(store)
    before = shown(view)
    connection = store._engine._writer.connection
    pages = connection.pragma("page_count")
    connection.pragma("max_page_count", pages + 2)
    with pytest.raises(DiskFull):
        await store.apply([LiteralReady(mid(n), literal(n, "long " * 20_000)) for n in range(1, 30)])
    assert shown(view) == before
    assert (await store.totals()).present == 0
    await store.apply([MessageSeen(meta(1, unread=False))])
    connection.pragma("max_page_count", 1_000_000)
    await store.apply([LiteralReady(mid(n), literal(n, "long " * 20_000)) for n in range(1, 30)])
    assert (await store.totals()).present == 29
    await store.check()


async def test_a_failed_transaction_leaves_no_trace(store: Store) -> None:
    """Neither in the file nor in what the writer remembers: the next UIDs are those that would have come."""
    await store.apply([LabelSet(WORK), MessageSeen(meta(1))])
    view = await opened(store)
    with pytest.raises(StoreError):
        await view.place([1], [(Action.LABEL, TAG.id)], TAG.id)
    with pytest.raises(RuntimeError):
        await store._engine.write(_half_done, True)
    assert await store.queue_next() is None
    assert shown(view) == {1: set()}
    await store.apply([MessageSeen(meta(2))])
    assert list(view.columns.uids) == [1, 2]
    assert await store.uids(ALL_MAIL, [mid(2)]) == {mid(2): 2}
    assert [label.id for label in await store.labels() if label.id == WORK.id] == [WORK.id]


def _half_done(tx: object) -> None:
    from bridge_gui.store import incoming
    from bridge_gui.store.transaction import Transaction

    assert isinstance(tx, Transaction)
    incoming.apply(tx, [LabelSet(TAG), MessageSeen(meta(7, [INBOX, TAG.id]))], None, None)
    raise RuntimeError("the power went off")


async def test_the_first_layout_gets_its_briefs(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    store = await Store.open(path, KEY)
    await store.set_labels(SYSTEM)
    await store.begin_listing()
    await store.finish_listing()
    await store.apply([MessageSeen(meta(n)) for n in (1, 2)])
    await store.apply([LiteralReady(mid(1), literal(1))])
    await store.close()
    connection = connect(path, KEY, cache_kb=100)
    connection.execute("DROP TABLE brief")
    connection.pragma("user_version", 1)
    connection.close()
    store = await Store.open(path, KEY)
    view = await opened(store)
    (batch,) = [batch async for batch in view.fetch([1, 2], Part.BRIEF, Message._make)]
    assert [(message.uid, message.brief) for message in batch.messages] == [(1, literal(1).brief)]
    assert batch.absent == [2]
    store.release(view)
    await store.close()


async def test_a_newer_layout_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    await filled(path)
    connection = connect(path, KEY, cache_kb=100)
    connection.pragma("user_version", 999)
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        await Store.open(path, KEY)


async def test_uidvalidity_grows_even_when_the_file_was_lost(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    values = []
    for _ in range(3):
        store = await Store.open(path, KEY)
        await store.set_labels(SYSTEM)
        values.append(await store.highest_uidvalidity())
        await store.renew_uidvalidity()
        values.append(await store.highest_uidvalidity())
        await store.close()
        await Store.remove(path)
        await asyncio.sleep(0.3)
    assert values == sorted(set(values))
    store = await Store.open(path, KEY, uidvalidity_floor=4_000_000_000)
    await store.set_labels(SYSTEM)
    assert await store.highest_uidvalidity() == 4_000_000_001
    await store.close()


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "mail.db", KEY)
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.labels()
    assert modes(tmp_path) == {"mail.db": 0o600, "mail.db-told": 0o600}


def test_the_library_has_what_is_needed() -> None:
    assert {"ENABLE_FTS5", "ENABLE_CARRAY", "TEMP_STORE=2"} <= set(apsw.compile_options)
