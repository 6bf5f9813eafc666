"""Programs that want a terminal, in a pseudo-terminal that types nothing but what they were told to."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.programs.core import program

KEPT = 4000


@dataclass
class Terminal:
    """A program on a terminal: what it has drawn, and hands on its keyboard."""

    master: int
    drawn: bytes = b""

    def until(self, found: Callable[[], object], what: str, seconds: float = 40) -> None:
        """Take in what the program draws until something is true."""
        end = time.monotonic() + seconds
        while not found():
            assert time.monotonic() < end, f"{what}: not within {seconds} s:\n{self.text[-KEPT:]}"
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.drawn += os.read(self.master, 65536)
                except OSError as error:
                    raise AssertionError(f"{what}: the program has ended:\n{self.text[-KEPT:]}") from error

    def shows(self, wanted: str) -> None:
        """Wait until it has drawn this since keys were typed the last time."""
        self.until(lambda: wanted in self.text, wanted)

    @property
    def text(self) -> str:
        return self.drawn.decode(errors="replace")

    def type(self, keys: str) -> None:
        self.drawn = b""
        os.write(self.master, keys.encode())


@contextlib.contextmanager
def terminal(command: Sequence[str], env: Mapping[str, str]) -> Iterator[Terminal]:
    """Run a program on a terminal, and end it."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
    process = subprocess.Popen(
        [program("setsid"), "--ctty", "--wait", *command],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, **env},
    )
    os.close(slave)
    try:
        yield Terminal(master)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(master)


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
