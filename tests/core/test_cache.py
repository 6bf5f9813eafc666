"""Moving the local copy of the mail."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bridge_gui.core import cache
from bridge_gui.errors import DiskFull, Refused
from bridge_gui.model import AccountId
from bridge_gui.state import CorePhase
from tests.core.fakes import Rig


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    folder.mkdir()
    for name in ("a.db", "b.db"):
        (folder / name).write_bytes(name.encode() * 1000)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.parametrize("links", [True, False])
def test_files_are_moved(links: bool, old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    if not links:
        monkeypatch.setattr(os, "link", refuse)
    before, new = content(old), tmp_path / "deep" / "new"
    told: list[tuple[int, int]] = []
    cache.copy_store(old, new, lambda done, total: told.append((done, total)))
    assert told == [(4000, 8000), (8000, 8000)]
    assert content(old) == before
    assert content(new) == {**before, cache.MOVED: str(old).encode()}
    cache.finish_move(new)
    assert (content(old), content(new)) == ({}, before)
    cache.finish_move(new)
    assert content(new) == before, "there is nothing left to be finished"
    assert (new / "a.db").stat().st_mode & 0o077 == 0 or links


def test_an_interrupted_move_is_taken_up_again(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = tmp_path / "new"
    copy = cache._copy

    def stop_at_b(file: Path, target: Path) -> Iterator[int]:
        if file.name == "b.db":
            target.write_bytes(b"half")
            raise OSError(5, "Input/output error")
        yield from copy(file, target)

    before = content(old)
    with monkeypatch.context() as patch:
        patch.setattr(cache, "_copy", stop_at_b)
        with pytest.raises(Refused, match="Input/output"):
            cache.copy_store(old, new)
    assert content(old) == before
    cache.copy_store(old, new)
    cache.finish_move(new)
    assert content(new) == before


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("links", [True, False])
def test_a_move_that_is_killed_anywhere_goes_on_from_the_old_or_the_new(
    links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every change of the file system in turn; then comes the next start, and the move is tried again."""
    whole = {"a.db": b"a" * 3000, "a.db-wal": b"not in a.db yet", "b.db": b"b" * 3000}
    calls = [0, 0]

    def dying(do: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            calls[0] += 1
            if calls[0] == calls[1]:
                raise Killed
            return do(*arguments, **options)

        return call

    def no_link(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    ended = False
    while not ended:
        calls[:] = [0, calls[1] + 1]
        root = tmp_path / f"{links} {calls[1]}"
        old, new = root / "old", root / "new"
        old.mkdir(parents=True)
        for name, data in whole.items():
            (old / name).write_bytes(data)
        counts = [old]
        with monkeypatch.context() as patch:
            patch.setattr(os, "link", dying(os.link) if links else no_link)
            for name in ("unlink", "rename", "mkdir", "write_text", "open"):
                patch.setattr(Path, name, dying(getattr(Path, name)))
            try:
                move(old, new, counts)
                ended = True
            except Killed:
                pass
        cache.finish_move(counts[0])
        assert content(counts[0]) == whole, f"killed at change {calls[1]}"
        if counts == [old]:
            move(old, new, counts)
        assert (content(old), content(new)) == ({}, whole), f"killed at change {calls[1]}"
    assert calls[1] > 10


def move(old: Path, new: Path, counts: list[Path]) -> None:
    """What `Opened.move_store` does."""
    cache.copy_store(old, new)
    counts[:] = [new]
    cache.finish_move(new)


def test_mail_of_another_profile_is_not_overwritten(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    (new / "a.db").write_bytes(b"theirs")
    with pytest.raises(Refused, match="already"):
        cache.copy_store(old, new)
    assert content(new) == {"a.db": b"theirs"}


def test_a_disk_without_room_is_refused_beforehand(old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = tmp_path / "new"
    stat = Path.stat

    def elsewhere(self: Path, **options: bool) -> object:
        found = stat(self, **options)
        return SimpleNamespace(st_dev=-1, st_size=0, st_mode=found.st_mode) if self == new else found

    monkeypatch.setattr(Path, "stat", elsewhere)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=10))
    with pytest.raises(DiskFull):
        cache.copy_store(old, new)
    monkeypatch.undo()
    assert content(new) == {}


@pytest.mark.parametrize("name", ["old/inside", "."])
def test_folders_within_each_other_are_refused(name: str, old: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        cache.check_target(old, tmp_path / name)
    cache.check_target(old, old)
    cache.check_target(old, tmp_path / "older")


async def test_the_setting_moves_the_mail_and_back(tmp_path: Path) -> None:
    other = tmp_path / "other"
    async with Rig(tmp_path / "profile") as rig:
        await rig.signed_in()
        (rig.profile.store / "x.db").write_bytes(b"mail")
        await rig.bridge.move_cache(str(other))
        assert content(other) == {"x.db": b"mail"}
        assert content(rig.profile.store) == {}
        assert rig.service.settings.cache.folder == str(other)
        assert rig.bridge.now().accounts[0].id == AccountId("id-anna")
        assert rig.service.accounts["anna"].calls[0] == "start"
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "x.db").write_bytes(b"theirs")
        with pytest.raises(Refused):
            await rig.bridge.move_cache(str(tmp_path / "full"))
        assert (await rig.bridge.setting("cache.folder")).value == str(other)
        assert rig.service.accounts["anna"].calls[0] == "start"
        await rig.bridge.reset_settings("cache.folder")
        assert content(rig.profile.store) == {"x.db": b"mail"}


async def test_a_missing_folder_is_a_state_and_never_an_empty_mailbox(tmp_path: Path) -> None:
    other = tmp_path / "other"
    async with Rig(tmp_path / "profile") as rig:
        await rig.signed_in()
        await rig.bridge.move_cache(str(other))
    other.rename(tmp_path / "unplugged")
    async with Rig(tmp_path / "profile") as rig:
        core = rig.bridge.now().core
        assert core.phase is CorePhase.LOCKED
        assert core.problem is not None
        assert core.problem.code == "cache-folder-missing"
        (tmp_path / "unplugged").rename(other)
        await rig.bridge.unlock(None)
        assert rig.bridge.now().core.phase is CorePhase.RUNNING
