"""Moving the local copy of the mail to another folder, so that an interruption at any moment loses nothing.

The files are copied (or, on the same disk, linked) under their own names, then the setting is changed, then the old
ones are deleted. Until the setting is changed the old folder counts, and from then on the new one; both are whole at
that moment.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from bridge_gui.config import sync_folder
from bridge_gui.errors import DiskFull, Refused

MARK = "bridge-gui-moving"
"""Lies in the new folder while files are copied into it: they may be overwritten by the next try."""
SPARE_BYTES = 100 * 1024 * 1024
PIECE = 4 * 1024 * 1024


Progress = Callable[[int, int], None]
"""Told of the bytes that are copied, of how many."""


def copy_store(old: Path, new: Path, progress: Progress = lambda done, total: None) -> None:
    """Copy all databases to `new`. The accounts are stopped, so each is one whole file. Blocking; raise `Refused` or
    `DiskFull`, and leave the old folder as it is in any case."""
    files = databases(old)
    try:
        new.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark = new / MARK
        if not mark.exists() and any((new / file.name).exists() for file in files):
            raise Refused(f"There is mail of Bridge Manager in {new} already.", remedy="Choose an empty folder.")
        needed = sum(file.stat().st_size for file in files)
        if old.stat().st_dev != new.stat().st_dev and shutil.disk_usage(new).free < needed + SPARE_BYTES:
            raise DiskFull(f"{new} has not enough room for the mail.", remedy="Choose another folder.")
        mark.write_bytes(b"")
        done = 0
        for file in files:
            for count in _copy(file, new / file.name):
                done += count
                progress(done, needed)
        sync_folder(new)
        mark.unlink()
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


def delete_store(old: Path) -> None:
    """Delete the databases that were moved away. Blocking."""
    for file in databases(old):
        file.unlink(missing_ok=True)


def databases(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.db"))


def check_target(old: Path, new: Path) -> None:
    """Refuse a folder within the old one, and the other way round: deleting one would take the other along."""
    first, second = old.resolve(), new.resolve()
    if first != second and (first.is_relative_to(second) or second.is_relative_to(first)):
        raise Refused("The new folder may not lie within the old one, nor around it.", remedy="Choose another folder.")
