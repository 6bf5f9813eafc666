"""Ask a running core: the other end of `control.server`, for the command line.

Synchronous, and on the standard library: a command is over in the time that a larger HTTP client takes to be imported.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from types import TracebackType
from typing import Any
from urllib.parse import quote

from bridge_gui.config import Profile
from bridge_gui.errors import BridgeError, NoCore, NotFound, Refused, UsageError

CONNECT_SECONDS = 5.0


class Answered(Refused):
    """The core refused; code and words are its own."""

    def __init__(self, code: str, message: str, *, title: str, remedy: str) -> None:
        super().__init__(message, title=title, remedy=remedy)
        self.code = code  # type: ignore[misc]


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("core", timeout=CONNECT_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self._path)
        except OSError:
            self.close()
            raise


class ControlClient:
    """The way to the core of a profile. Raise `NoCore` when none is running."""

    def __init__(self, profile: Profile) -> None:
        try:
            card = json.loads(profile.control_file.read_bytes())
            self._token = str(card["token"])
            self._path: str | None = card.get("socket")
            self._address = ("", 0) if self._path else (str(card["host"]), int(card["port"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoCore() from error
        self._open: list[http.client.HTTPConnection] = []

    def __enter__(self) -> ControlClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in self._open:
            connection.close()

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._ask("POST", path, body or {})

    def put(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask("PUT", path, body)

    def events(self) -> Iterator[Any]:
        """Yield the status each time it has changed, until the core ends."""
        answer = self._send("GET", "/v1/events", None)
        while True:
            try:
                line = answer.readline()
            except (OSError, http.client.HTTPException):
                return
            if not line:
                return
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self._send(method, path, body)
        try:
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoCore("Bridge Manager ended before it answered.") from error
        if answer.status == 200:
            return json.loads(content)
        raise _error(answer.status, content)

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> http.client.HTTPResponse:
        connection = (
            _UnixConnection(self._path)
            if self._path
            else http.client.HTTPConnection(*self._address, timeout=CONNECT_SECONDS)
        )
        self._open.append(connection)
        headers = {"Authorization": f"Bearer {self._token}", "Connection": "close"}
        try:
            connection.connect()
        except OSError as error:
            raise NoCore() from error
        if connection.sock is not None:
            connection.sock.settimeout(None)  # some answers are waited for, such as that of a sign-in
        try:
            connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
            return connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise NoCore("Bridge Manager ended before it answered.") from error


def _error(status: int, content: bytes) -> BridgeError:
    try:
        raw = json.loads(content)["error"]
        code, message = str(raw["code"]), str(raw.get("message", ""))
        title, remedy = str(raw.get("title", "")), str(raw.get("remedy", ""))
    except (ValueError, KeyError, TypeError):
        return BridgeError(f"The core answered with status {status}.")
    if status == 400:
        return UsageError(message, title=title, remedy=remedy)
    if status == 404:
        return NotFound(message, title=title, remedy=remedy)
    return Answered(code, message, title=title, remedy=remedy)


def quoted(text: str) -> str:
    """A text as one segment of a path."""
    return quote(text, safe="")
