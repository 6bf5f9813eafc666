"""A mail program of the smallest kind, for measuring: signed in over STARTTLS, commands and their time."""

from __future__ import annotations

import imaplib
import ssl
import time
from types import TracebackType
from typing import Any, Self


class Program:
    def __init__(self, ready: dict[str, Any], username: str, password: str) -> None:
        imaplib._MAXLINE = 10_000_000
        self._imap = imaplib.IMAP4(ready["imap"]["host"], ready["imap"]["port"])
        self._imap.starttls(ssl.create_default_context(cafile=ready["certificate"]))
        self._imap.login(username, password)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._imap.shutdown()

    def command(self, line: str) -> None:
        """Send one command and read all of its answer, literals included. Raise RuntimeError unless it is OK."""
        self._imap.send(f"x {line}\r\n".encode())
        while True:
            answer = self._imap.readline()
            if answer.startswith(b"x "):
                if not answer.startswith(b"x OK"):
                    raise RuntimeError(f"{line}: {answer!r}")
                return
            if not answer:
                raise RuntimeError(f"{line}: the connection was closed")
            while answer.endswith(b"}\r\n"):
                self._imap.read(int(answer[answer.rindex(b"{") + 1 : -3]))
                answer = self._imap.readline()


class Idle(Program):
    """Sits in IDLE on INBOX from the start."""

    def __init__(self, ready: dict[str, Any], username: str, password: str) -> None:
        super().__init__(ready, username, password)
        self.command("SELECT INBOX")
        self._imap.send(b"x IDLE\r\n")
        if not self._imap.readline().startswith(b"+"):
            raise RuntimeError("IDLE is refused")

    def wait_for(self, word: bytes) -> float:
        """Read until a line has this word; return when it came, as `time.perf_counter`."""
        self._imap.sock.settimeout(30)
        while True:
            line = self._imap.readline()
            if word in line:
                return time.perf_counter()
            if not line:
                raise RuntimeError("the connection was closed")
