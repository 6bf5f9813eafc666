"""What all configurators of mail programs share: the plan as data, and changes of files that can be taken back.

A configurator finds its program, plans (nothing is written), applies, undoes. A change of several files is all or
nothing: the old content and a manifest are on the disk before the first file is replaced; an error puts everything back
at once, and what a crash left half done is put back by `recover` at the next start.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge_gui.errors import NotFound, Refused
from bridge_gui.secret import Secret
from bridge_gui.state import ServerAddress

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Identity:
    """One address that a program sends from."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class AccountSetup:
    """One account as a mail program is to have it; the password is None while it is only planned."""

    username: str
    identities: tuple[Identity, ...]
    imap: ServerAddress
    smtp: ServerAddress
    password: Secret[str] | None = None
    client: str = ""
    """The id of the bridge's record of this program."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a program must know of the server's certificate."""

    fingerprint: str
    """SHA-256 of the leaf, upper hex with colons."""
    ca_path: Path


@dataclass(frozen=True, slots=True)
class Found:
    """A program, or one profile of it, on this computer."""

    app: str
    folder: Path
    addresses: tuple[str, ...] = ()
    running: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan: what happens, in words; where; and the exact lines, passwords masked."""

    title: str
    where: str = ""
    lines: tuple[str, ...] = ()
    by_user: bool = False
    """The person does it: the program offers no way to."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file's old and new content; None is no file."""

    path: Path
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Applied:
    """A change that was made: its folder of backups, and the configurator's own record of what it added."""

    folder: Path
    app: str
    target: Path
    record: Mapping[str, Any]


def read(path: Path) -> bytes | None:
    """Return a file's content, None when there is none; a link is refused, as it may lead out of the profile."""
    if path.is_symlink():
        raise Refused(f"{path} is a link to somewhere else. It is not written.")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def write(path: Path, content: bytes | None) -> None:
    """Put content into place in one step, keeping the file's mode (0600 for a new one); None deletes."""
    if path.is_symlink():
        raise Refused(f"{path} is a link to somewhere else. It is not written.")
    if content is None:
        path.unlink(missing_ok=True)
        return
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".bridge-gui-")
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


def _hash(content: bytes | None) -> str:
    return "" if content is None else hashlib.sha256(content).hexdigest()


def apply(backups: Path, app: str, target: Path, changes: Sequence[FileChange], record: Mapping[str, Any]) -> Applied:
    """Make the changes, all or none, and remember how to take them back."""
    folder = backups / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    files = []
    for number, change in enumerate(changes):
        if change.before is not None:
            write(folder / f"{number}.before", change.before)
        files.append(
            {"path": str(change.path), "before": _hash(change.before), "after": _hash(change.after), "number": number}
        )
    manifest = {"app": app, "target": str(target), "done": False, "files": files, "record": dict(record)}
    _save(folder, manifest)
    try:
        for change in changes:
            write(change.path, change.after)
    except BaseException:
        for change in changes:
            if _hash(read(change.path)) != _hash(change.before):
                write(change.path, change.before)
        _forget(folder)
        raise
    manifest["done"] = True
    _save(folder, manifest)
    return Applied(folder, app, target, record)


def recover(backups: Path) -> int:
    """Put back what an interrupted `apply` has written; return how many of them there were."""
    count = 0
    for folder, manifest in _manifests(backups):
        if manifest["done"]:
            continue
        for entry in manifest["files"]:
            path = Path(entry["path"])
            if _hash(read(path)) == entry["after"]:
                write(path, _backup(folder, entry))
        _forget(folder)
        count += 1
    return count


def applied(backups: Path, app: str, target: Path | None = None) -> tuple[Applied, ...]:
    """What was applied and not undone, oldest first."""
    return tuple(
        Applied(folder, manifest["app"], Path(manifest["target"]), manifest["record"])
        for folder, manifest in _manifests(backups)
        if manifest["done"] and manifest["app"] == app and (target is None or Path(manifest["target"]) == target)
    )


def originals(change: Applied) -> dict[Path, tuple[bytes | None, bool]]:
    """For each file: its content before the change, and whether it is still exactly as the change left it."""
    manifest = _load(change.folder)
    if manifest is None:
        raise NotFound("The record of this set-up is gone.")
    return {
        Path(entry["path"]): (_backup(change.folder, entry), _hash(read(Path(entry["path"]))) == entry["after"])
        for entry in manifest["files"]
    }


def forget(change: Applied) -> None:
    """Delete the record and the backups of a change that was taken back."""
    _forget(change.folder)


def _backup(folder: Path, entry: Mapping[str, Any]) -> bytes | None:
    return (folder / f"{entry['number']}.before").read_bytes() if entry["before"] else None


def _save(folder: Path, manifest: Mapping[str, Any]) -> None:
    write(folder / MANIFEST, json.dumps(manifest, indent=1).encode())


def _load(folder: Path) -> dict[str, Any] | None:
    content = read(folder / MANIFEST)
    return None if content is None else json.loads(content)


def _manifests(backups: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if not backups.is_dir():
        return
    for folder in sorted(backups.iterdir()):
        manifest = _load(folder) if folder.is_dir() else None
        if manifest is not None:
            yield folder, manifest


def _forget(folder: Path) -> None:
    # The manifest goes first: what is left of an interrupted deletion is then no set-up any more.
    (folder / MANIFEST).unlink(missing_ok=True)
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
