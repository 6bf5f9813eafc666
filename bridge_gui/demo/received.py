"""What reached the service, kept for tests that search it for plaintext; bounded in bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from bridge_gui.demo.records import Received


class Recorder:
    """Keep the last requests, at most `limit` bytes of bodies; a limit of 0 keeps nothing."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._requests: deque[Received] = deque()
        self._bytes = 0
        self.total = 0
        """How many requests there were, kept or not."""

    def add(self, request: Received) -> None:
        self.total += 1
        if not self.limit:
            return
        self._requests.append(request)
        self._bytes += len(request.body) + 500
        while self._bytes > self.limit and len(self._requests) > 1:
            self._bytes -= len(self._requests.popleft().body) + 500

    def __iter__(self) -> Iterator[Received]:
        return iter(list(self._requests))

    def __len__(self) -> int:
        return len(self._requests)

    def clear(self) -> None:
        self._requests.clear()
        self._bytes = 0

    def paths(self) -> list[str]:
        """Return `METHOD /path` of each request, in order."""
        return [f"{each.method} {each.path}" for each in self]

    def contains(self, text: str | bytes) -> bool:
        """Tell whether a text stands in any request as it is."""
        needle = text.encode() if isinstance(text, str) else text
        return any(needle in each.body or needle in each.path.encode() for each in self)
