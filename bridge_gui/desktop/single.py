"""One core for each profile: a lock on a file of the profile, held while the core runs.

Two cores on one profile would use the same session of the service, and each would end the other's: refresh tokens are
single-use. The system frees the lock when the process ends, however it ends.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType

from bridge_gui.errors import Refused

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class AlreadyRunning(Refused):
    """Another core has the profile."""

    code = "already-running"
    default_title = "Bridge Manager is running already"
    default_remedy = "Use the running one, or end it with `bridge-gui quit`."


class ProfileLock:
    """Hold the lock from `with` to its end; raise `AlreadyRunning` when another process holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def __enter__(self) -> ProfileLock:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise AlreadyRunning("Another Bridge Manager uses this profile.") from error
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)  # the file stays: removing it would let two processes lock two files of one name
            self._descriptor = None
