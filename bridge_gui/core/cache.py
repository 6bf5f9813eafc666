"""Moving the local copy of the mail to another folder, so that an interruption at any moment loses nothing.

The files are copied (or, on the same disk, linked) under their own names, then the setting is changed, then the old
ones are deleted. Until the setting is changed the old folder counts, and from then on the new one; both are whole at
that moment. A move that was interrupted after it is finished at the next start (`finish_move`), and what one before it
left in the new folder is overwritten by the next try.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from bridge_gui.config import sync_folder
from bridge_gui.errors import DiskFull, Refused

MARK = "bridge-gui-moving"
"""Lies in the new folder while files are copied into it: they may be overwritten by the next try."""
MOVED = "bridge-gui-moved-from"
"""Lies in the new folder once all is there, and says which folder is to be emptied when the new one counts."""
SPARE_BYTES = 100 * 1024 * 1024
PIECE = 4 * 1024 * 1024

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Told of the bytes that are copied, of how many."""


def copy_store(old: Path, new: Path, progress: Progress = lambda done, total: None) -> None:
    """Copy all databases to `new`. The accounts are stopped, so nobody writes to them. Blocking; raise `Refused` or
    `DiskFull`, and leave the old folder as it is in any case."""
    files = databases(old)
    try:
        new.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark, moved = new / MARK, new / MOVED
        if not mark.exists() and not moved.exists() and any((new / file.name).exists() for file in files):
            raise Refused(f"There is mail of Bridge Manager in {new} already.", remedy="Choose an empty folder.")
        needed = sum(file.stat().st_size for file in files)
        if old.stat().st_dev != new.stat().st_dev and shutil.disk_usage(new).free < needed + SPARE_BYTES:
            raise DiskFull(f"{new} has not enough room for the mail.", remedy="Choose another folder.")
        mark.write_text(str(old))
        moved.unlink(missing_ok=True)
        done = 0
        for file in files:
            for count in _copy(file, new / file.name):
                done += count
                progress(done, needed)
        sync_folder(new)
        mark.rename(moved)
        sync_folder(new)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{new} has not enough room for the mail.", remedy="Choose another folder.") from error
        text = f"The mail cannot be moved to {new}: {error.strerror}."
        raise Refused(text, remedy="Choose another folder.") from error


def _copy(file: Path, target: Path) -> Iterator[int]:
    """Yield how many bytes each step copied; a link is one step."""
    target.unlink(missing_ok=True)
    try:
        os.link(file, target)
    except OSError:
        # Another disk, or a file system without links. What really is wrong comes up again here.
        with file.open("rb") as source, target.open("wb") as copy:
            os.chmod(target, 0o600)
            while piece := source.read(PIECE):
                copy.write(piece)
                yield len(piece)
            copy.flush()
            os.fsync(copy.fileno())
    else:
        yield file.stat().st_size


def finish_move(folder: Path) -> None:
    """Delete the databases in the folder from which those in `folder`, which counts now, were moved. Blocking; does
    nothing when none is to be finished, or when the old folder cannot be reached now."""
    moved = folder / MOVED
    try:
        old = Path(moved.read_text())
    except OSError:
        return  # nothing was moved here, or all is done
    if old.is_dir() and old.resolve() != folder.resolve():
        try:
            for file in databases(old):
                if (folder / file.name).exists():
                    file.unlink(missing_ok=True)
            for index in old.glob("*.db-shm"):
                index.unlink(missing_ok=True)
        except OSError as error:
            log.info("the old copy of the mail cannot be deleted yet: %s", error.strerror)
            return
        for mark in (MARK, MOVED):
            (old / mark).unlink(missing_ok=True)
        moved.unlink(missing_ok=True)


def databases(folder: Path) -> list[Path]:
    """The databases, what an account left that could not be closed, and up to where numbers were given out."""
    return sorted([*folder.glob("*.db"), *folder.glob("*.db-wal"), *folder.glob("*.db-told")])


def discard(folder: Path) -> None:
    """Delete the databases, whose keys are lost. How far mail programs were told stays: what is downloaded anew begins
    above it. Blocking; raise `Refused`."""
    try:
        for kind in ("*.db", "*.db-wal", "*.db-shm"):
            for file in folder.glob(kind):
                file.unlink(missing_ok=True)
    except OSError as error:
        raise Refused(f"The mail in {folder} cannot be deleted: {error.strerror}.") from error


def check_target(old: Path, new: Path) -> None:
    """Refuse a folder within the old one, and the other way round: deleting one would take the other along."""
    first, second = old.resolve(), new.resolve()
    if first != second and (first.is_relative_to(second) or second.is_relative_to(first)):
        raise Refused("The new folder may not lie within the old one, nor around it.", remedy="Choose another folder.")
