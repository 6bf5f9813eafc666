"""Changes of other programs' files that can be taken back, and the record of them.

Each change has a folder: the files as they were, and a manifest that is on the disk before the first file is replaced.
Its stage says what a crash left: WRITING and UNDOING mean that it is to be undone, by the configurator that made it,
under its program's own lock. Nothing is put back without that lock.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from bridge_gui.errors import BridgeError, NotFound, Refused
from bridge_gui.model import AccountId, ClientId

MANIFEST = "manifest.json"
TEMPORARY = (".bridge-gui-", ".tmp")
"""How a file that is being written is called, before and after its random letters."""


class Stage(StrEnum):
    WRITING = "writing"
    DONE = "done"
    UNDOING = "undoing"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file's old and new content; None is no file."""

    path: Path
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Applied:
    """A change as its manifest says."""

    folder: Path
    app: str
    target: str
    account: AccountId
    names: tuple[str, ...]
    clients: tuple[ClientId, ...]
    at: float
    record: Mapping[str, Any]
    """The configurator's own: what it added. JSON, without secrets."""
    stage: Stage = Stage.DONE

    @property
    def id(self) -> str:
        return self.folder.name


# ---------------------------------------------------------------------------------------------- files


def read(path: Path) -> bytes | None:
    """Return a file's content, None when there is none; a link is refused, as it may lead out of the profile."""
    _refuse_link(path)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def put(path: Path, content: bytes | None) -> None:
    """Put content into place in one step, keeping the file's mode (0600 for a new one); None deletes."""
    _refuse_link(path)
    if content is None:
        path.unlink(missing_ok=True)
        return
    descriptor, name = tempfile.mkstemp(TEMPORARY[1], TEMPORARY[0], path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileNotFoundError):
            os.chmod(name, path.stat().st_mode & 0o777)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise Refused(f"{path} is a link to somewhere else. It is not written.")


def _hash(content: bytes | None) -> str:
    return "" if content is None else hashlib.sha256(content).hexdigest()


# ---------------------------------------------------------------------------------------------- changes


def new_folder(backups: Path) -> Path:
    """A name for a change's folder, which is not made yet; names sort by time."""
    return backups / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"


def write(change: Applied, changes: Sequence[FileChange] = (), finish: Callable[[], None] = lambda: None) -> Applied:
    """Make the changes in their order, all or none, and keep their record. `finish` does what is no file; when it
    cannot, it has taken back its own part before it says so. Only after it the change is done: whatever else ends it
    leaves a record that says what is to be taken back."""
    folder, change = change.folder, replace(change, stage=Stage.WRITING)
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    files = []
    for number, entry in enumerate(changes):
        if entry.before is not None:
            put(folder / f"{number}.before", entry.before)
        files.append({"path": str(entry.path), "before": _hash(entry.before), "after": _hash(entry.after)})
    _save(change, files)
    try:
        for entry in changes:
            put(entry.path, entry.after)
    except BaseException:
        _put_back(change, changes)
        raise
    try:
        finish()
    except (BridgeError, OSError):
        _put_back(change, changes)
        raise
    change = replace(change, stage=Stage.DONE)
    _save(change, files)
    return change


def _put_back(change: Applied, changes: Sequence[FileChange]) -> None:
    for entry in changes:
        if _hash(read(entry.path)) != _hash(entry.before):
            put(entry.path, entry.before)
    forget(change)


def rewrite(
    change: Applied, changes: Sequence[FileChange], record: Mapping[str, Any], then: Applied | None = None
) -> Applied:
    """Change files of a set-up again. `record` covers both what was there and what comes, as a crash may leave either;
    `then` is what is recorded once all is written. A file that nobody else changed still comes back byte by byte at its
    undo."""
    files = _load(change.folder)["files"]
    change = replace(change, record=record)
    known = {entry["path"]: entry for entry in files}
    _save(change, files)
    for entry in changes:
        if str(entry.path) not in known:
            number = len(files)
            if entry.before is not None:
                put(change.folder / f"{number}.before", entry.before)
            files.append({"path": str(entry.path), "before": _hash(entry.before), "after": _hash(entry.before)})
            known[str(entry.path)] = files[-1]
            _save(change, files)
        untouched = known[str(entry.path)]["after"] == _hash(entry.before)
        put(entry.path, entry.after)
        if untouched:
            known[str(entry.path)]["after"] = _hash(entry.after)
    change = then or change
    _save(change, files)
    return change


def begin_undo(change: Applied) -> None:
    """Note that a change is being taken back: after a crash it is taken back to the end."""
    _save(replace(change, stage=Stage.UNDOING), _load(change.folder)["files"])


def changes_of(backups: Path) -> tuple[Applied, ...]:
    """All that is recorded, oldest first."""
    return tuple(_changes(backups))


def others_with(change: Applied, name: str) -> list[Applied]:
    """Other set-ups, of any program, whose record has the same value under that name."""
    return [
        other
        for other in changes_of(change.folder.parent)
        if other.id != change.id and other.stage is Stage.DONE and other.record.get(name) == change.record[name]
    ]


@dataclass(frozen=True, slots=True)
class Original:
    """One file of a change: as it was before, and whether it is still exactly as the change left it."""

    path: Path
    content: bytes | None
    untouched: bool


def originals(change: Applied) -> tuple[Original, ...]:
    """The files of a change, last written first: the order in which they are to be taken back."""
    found = []
    for number, entry in enumerate(_load(change.folder)["files"]):
        path = Path(entry["path"])
        before = (change.folder / f"{number}.before").read_bytes() if entry["before"] else None
        found.append(Original(path, before, _hash(read(path)) in (entry["after"], entry["before"])))
    return tuple(reversed(found))


def sweep(change: Applied) -> None:
    """Delete what an interrupted `put` left beside the files of a change. Only under the program's lock."""
    for folder in {original.path.parent for original in originals(change)}:
        for left in folder.glob("*".join(TEMPORARY)):
            if left.is_file():
                left.unlink(missing_ok=True)


def forget(change: Applied) -> None:
    """Delete the record and the backups of a change that was taken back."""
    # The manifest goes first: what is left of an interrupted deletion is then no set-up any more.
    (change.folder / MANIFEST).unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        for file in change.folder.iterdir():
            file.unlink()
        change.folder.rmdir()


def _save(change: Applied, files: Sequence[Mapping[str, Any]]) -> None:
    manifest = {
        "app": change.app,
        "target": change.target,
        "stage": change.stage.value,
        "account": change.account,
        "names": list(change.names),
        "clients": list(change.clients),
        "at": change.at,
        "record": dict(change.record),
        "files": list(files),
    }
    put(change.folder / MANIFEST, json.dumps(manifest, indent=1).encode())


def _load(folder: Path) -> dict[str, Any]:
    content = read(folder / MANIFEST)
    if content is None:
        raise NotFound("The record of this set-up is gone.")
    try:
        loaded: dict[str, Any] = json.loads(content)
    except ValueError as error:
        raise NotFound("The record of this set-up is damaged.") from error
    return loaded


def _changes(backups: Path) -> Iterator[Applied]:
    if not backups.is_dir():
        return
    for folder in sorted(backups.iterdir()):
        with contextlib.suppress(NotFound, NotADirectoryError):
            raw = _load(folder)
            yield Applied(
                folder,
                raw["app"],
                raw["target"],
                AccountId(raw["account"]),
                tuple(raw["names"]),
                tuple(ClientId(client) for client in raw["clients"]),
                raw["at"],
                raw["record"],
                Stage(raw["stage"]),
            )
