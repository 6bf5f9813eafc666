"""A bridge for tests of the window: it answers as told and remembers what was asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any


class RecordingBridge:
    """Every method exists, is awaited, and is written down; `answers` holds what it returns or raises."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Any, ...]]] = []
        self.answers: dict[str, Any] = {"settings": (), "setups_made": ()}

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def method(*args: Any) -> Any:
            self.asked.append((name, args))
            answer = self.answers.get(name)
            if isinstance(answer, list):
                answer = answer.pop(0)
            if isinstance(answer, BaseException):
                raise answer
            return answer

        method.__name__ = name
        return method

    def was_asked(self, name: str) -> list[tuple[Any, ...]]:
        return [args for asked, args in self.asked if asked == name]
