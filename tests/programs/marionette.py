"""Marionette, Mozilla's remote control: messages `LENGTH:[0, id, name, parameters]` over TCP on loopback.

Scripts run in Thunderbird's own privileged context, so a test asks the program itself what it has and sees.
"""

from __future__ import annotations

import json
import socket
from typing import Any

ANSWER_SECONDS = 30.0


class Marionette:
    """One session."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self._buffer = b""
        self._id = 0
        self._receive()  # it introduces itself
        self.command("WebDriver:NewSession", capabilities={"alwaysMatch": {"unhandledPromptBehavior": "ignore"}})
        self.command("Marionette:SetContext", value="chrome")

    def command(self, name: str, **parameters: Any) -> Any:
        self._id += 1
        data = json.dumps([0, self._id, name, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(data), data))
        _, _, error, result = self._receive()
        assert error is None, (name, error)
        return result

    def script(self, text: str, *arguments: Any) -> Any:
        """Run JavaScript in the program; what it returns, as JSON."""
        return self.command("WebDriver:ExecuteScript", script=text, args=list(arguments), sandbox="system")["value"]

    def close(self) -> None:
        self._socket.close()

    def _receive(self) -> Any:
        while b":" not in self._buffer:
            self._read()
        length, _, self._buffer = self._buffer.partition(b":")
        while len(self._buffer) < int(length):
            self._read()
        data, self._buffer = self._buffer[: int(length)], self._buffer[int(length) :]
        return json.loads(data)

    def _read(self) -> None:
        data = self._socket.recv(65536)
        assert data, "Thunderbird closed the connection"
        self._buffer += data
