"""Programs that want a terminal, in a pseudo-terminal that types nothing but what they were told to."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import time
from collections.abc import Mapping

KEPT = 4000


def run_in_terminal(*command: str, env: Mapping[str, str], timeout: float = 40) -> str:
    """Run a program to its end and return what it drew; one that waits for a key fails with its last screen."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, {**os.environ, **env, "TERM": "vt100", "LINES": "40", "COLUMNS": "160"})
    drawn = bytearray()
    end = time.monotonic() + timeout
    over = False
    try:
        while not over and time.monotonic() < end:
            if select.select([terminal], [], [], 0.2)[0]:
                # The end of the program is an error for whoever reads its terminal.
                data = b""
                with contextlib.suppress(OSError):
                    data = os.read(terminal, 65_536)
                drawn += data
                over = not data
    finally:
        if not over:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
    screen = drawn.decode("utf-8", "replace")
    assert over, f"{command[0]} waits for something:\n{screen[-KEPT:]}"
    assert os.waitstatus_to_exitcode(status) == 0, f"{command[0]} failed:\n{screen[-KEPT:]}"
    return screen
