"""A database that lost its end, or was lost whole, gives no UID a second time under the same UIDVALIDITY."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bridge_gui.store import salvage, transaction
from bridge_gui.store.changes import MessageSeen
from bridge_gui.store.db import Store
from bridge_gui.store.told import Marks, Told, file_of
from tests.store.samples import INBOX, KEY, SYSTEM, meta, mid


async def filled(path: Path, messages: range) -> int:
    """Messages with UIDs; the UIDVALIDITY."""
    store = await Store.open(path, KEY)
    if not await store.mailboxes():
        await store.set_labels(SYSTEM)
        await store.begin_listing()
        await store.finish_listing()
    await store.apply([MessageSeen(meta(n)) for n in messages])
    validity = await store.highest_uidvalidity()
    await store.close()
    return validity


async def validity_of(path: Path) -> tuple[int, int, bool]:
    """The mailboxes' lowest and highest UIDVALIDITY, and whether the store says that it was behind."""
    store = await Store.open(path, KEY)
    values = [box.uidvalidity for box in await store.mailboxes()]
    behind = store.rolled_back
    await store.close()
    return min(values), max(values), behind


async def test_an_older_copy_put_back_gets_new_uidvalidities_once(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    before = await filled(path, range(1, 5))
    shutil.copy(path, tmp_path / "old")
    await filled(path, range(5, 9))
    assert await validity_of(path) == (before, before, False)
    shutil.copy(tmp_path / "old", path)
    lowest, highest, behind = await validity_of(path)
    assert lowest == highest > before
    assert behind
    assert await validity_of(path) == (lowest, highest, False)
    store = await Store.open(path, KEY)
    await store.apply([MessageSeen(meta(7))])
    assert await store.uids(INBOX, [mid(7)]) == {mid(7): 5}
    await store.close()


async def test_a_database_made_anew_begins_above_the_lost_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the computer's clock was set back meanwhile."""
    path = tmp_path / "mail.db"
    before = await filled(path, range(1, 5))
    monkeypatch.setattr(transaction, "UIDVALIDITY_PER_SECOND", 0)
    salvage.put_aside(path)
    assert await filled(path, range(1, 5)) > before
    await Store.remove(path)
    assert not file_of(path).exists()


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-1], lambda data: b"\xff" * len(data)])
async def test_damaged_numbers_say_nothing(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "mail.db"
    before = await filled(path, range(1, 5))
    file = file_of(path)
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    assert await validity_of(path) == (before, before, False)
    await filled(path, range(5, 6))
    kept = Told(path)
    assert kept.marks.modseq > 0
    kept.close()


def test_numbers_only_grow(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    for marks in (Marks(5, 70), Marks(4, 80), Marks(6, 10)):
        one = Told(path)
        one.note(marks)
        one.close()
    kept = Told(path)
    assert kept.marks == Marks(6, 80)
    kept.close()
    assert file_of(path).stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_is_no_error_here(tmp_path: Path) -> None:
    nowhere = Told(tmp_path / "missing" / "mail.db")
    nowhere.note(Marks(1, 1))
    assert nowhere.marks == Marks()
    nowhere.close()
