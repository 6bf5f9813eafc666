"""`store.salvage`: what was only in a damaged file is read as far as it can be, and never wrongly."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bridge_gui.store import salvage
from bridge_gui.store.changes import LiteralReady, MessageSeen
from bridge_gui.store.connection import PAGE_SIZE
from bridge_gui.store.db import Store
from bridge_gui.store.records import Action, QueuedChange
from tests.store.samples import KEY, STARRED, SYSTEM, WORK, literal, meta, mid, opened

MAIL = "A mail that waits. " * 3000
VALUES = {"outbox": "the list", "outbox.one": MAIL, "outgoing.a": "{}"}
EVERY = {mid(number) for number in range(1, 301) if number != 5}
"""What is in INBOX."""
TOGGLED = 3
"""So often that the list of what waits takes several pages."""
CHANGES = [
    (Action.READ, None, {*EVERY, mid(5)}),
    (Action.LABEL, STARRED, {mid(2), mid(3)}),
    (Action.LABEL, WORK.id, {mid(5)}),
    *([(Action.UNREAD, None, EVERY), (Action.READ, None, EVERY)] * TOGGLED),
]


@pytest.fixture
async def whole(tmp_path: Path) -> Path:
    """A database, in one file, with changes that wait and one that was sent."""
    path = tmp_path / "whole.db"
    store = await Store.open(path, KEY)
    await store.set_labels([*SYSTEM, WORK])
    await store.begin_listing()
    await store.finish_listing()
    await store.apply([MessageSeen(meta(number)) for number in range(1, 301)])
    await store.apply([LiteralReady(mid(number), literal(number)) for number in range(1, 301)])
    view = await opened(store)
    await view.store_flags([7], lambda before: before | {"$Forwarded", "Forwarded"})
    sent = await store.queue_next()
    assert sent is not None
    await store.queue_done(sent.id, sent.message_ids)
    await view.store_flags(range(1, 301), lambda before: before | {"\\Seen"})
    await view.store_flags([2, 3], lambda before: before | {"\\Flagged"})
    await view.place([5], [(Action.LABEL, WORK.id)], WORK.id)
    for _ in range(TOGGLED):
        await view.store_flags(view.columns.uids, lambda before: before - {"\\Seen"})
        await view.store_flags(view.columns.uids, lambda before: before | {"\\Seen"})
    await store.set({**VALUES, "listing.phase": "rest", "outboxes": None})
    await store.close()
    return path


def read(path: Path) -> tuple[list[tuple[Action, object, set[str]]], dict[str, str], bool]:
    found = salvage.read(path, KEY, ("outbox", "outgoing"))
    return [plain(each) for each in found.changes], dict(found.values), found.whole


def plain(change: QueuedChange) -> tuple[Action, object, set[str]]:
    return change.action, change.label_id, {str(id) for id in change.message_ids}


def test_all_is_read_of_a_file_without_damage(whole: Path) -> None:
    salvage.put_aside(whole)
    assert not whole.exists()
    assert salvage.is_aside(whole)
    assert read(whole) == (CHANGES, VALUES, True)
    salvage.drop(whole)
    assert not salvage.is_aside(whole)
    assert [file.name for file in whole.parent.iterdir() if "damaged" in file.name] == []


async def test_the_journal_is_put_aside_too(whole: Path, tmp_path: Path) -> None:
    store = await Store.open(whole, KEY)
    await (await opened(store)).store_flags([9], lambda before: before | {"\\Flagged"})
    killed = tmp_path / "killed.db"
    for end in ("", "-wal"):
        shutil.copy(f"{whole}{end}", f"{killed}{end}")
    await store.close()
    salvage.put_aside(killed)
    assert read(killed)[0] == [*CHANGES, (Action.LABEL, STARRED, {mid(9)})]


def test_whichever_page_is_damaged_nothing_is_wrong_and_what_is_missing_is_said(whole: Path, tmp_path: Path) -> None:
    """Most pages hold other things: then nothing is missing."""
    data = whole.read_bytes()
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(data)
    salvage.put_aside(damaged)
    there = {each.id: plain(each) for each in salvage.read(damaged, KEY, ()).changes}
    salvage.drop(damaged)
    ends = {"whole": 0, "in part": 0, "nothing": 0}
    from_both_ends = False
    for page in range(len(data) // PAGE_SIZE):
        at = page * PAGE_SIZE + PAGE_SIZE // 2
        damaged.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        salvage.put_aside(damaged)
        found = salvage.read(damaged, KEY, ("outbox", "outgoing"))
        salvage.drop(damaged)
        assert found.values.items() <= VALUES.items()
        ids = [each.id for each in found.changes]
        assert ids == sorted(ids), "in their order"
        for each in found.changes:
            action, label, messages = there[each.id]
            assert (each.action, each.label_id) == (action, label)
            assert messages.issuperset(each.message_ids)
        all_of_it = {each.id: plain(each) for each in found.changes} == there and dict(found.values) == VALUES
        assert found.whole is all_of_it
        ends["whole" if all_of_it else "in part" if ids or found.values else "nothing"] += 1
        lost = [there[id] for id in there.keys() - set(ids)]
        between = min(there) in ids and max(there) in ids and any(label is None for _, label, _ in lost)
        from_both_ends = from_both_ends or between
    assert ends["whole"] > ends["in part"] + ends["nothing"] > 0
    assert ends["in part"] > 3
    assert from_both_ends, "what lies behind a damaged page is read too"


@pytest.mark.parametrize("content", [b"", b"not a database" * 1000])
def test_what_is_no_database_has_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mail.db"
    path.write_bytes(content)
    salvage.put_aside(path)
    assert read(path)[:2] == ([], {})
    assert not read(path)[2]


def test_one_that_waits_to_be_read_is_not_replaced(whole: Path) -> None:
    salvage.put_aside(whole)
    whole.write_bytes(b"made anew, and damaged before anything was brought over")
    salvage.put_aside(whole)
    assert read(whole) == (CHANGES, VALUES, True)
    assert not whole.exists()
