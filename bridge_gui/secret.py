"""A value that must not be shown: passwords, tokens, keys.

A `Secret` prints as a mask wherever it ends up by accident (a log line, an exception, a dataclass's repr, a test's
assertion), and cannot be pickled or written as JSON. Its content is had in one way only, by asking for it.
"""

from __future__ import annotations

import hmac
from typing import Generic, NoReturn, TypeVar

T_co = TypeVar("T_co", covariant=True)

MASK = "Secret(****)"


class Secret(Generic[T_co]):
    """Hold one secret value; `reveal()` is the only way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: T_co) -> None:
        self._value = value

    def reveal(self) -> T_co:
        """Return the secret itself. Call it where the value is used, never earlier."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        """Compare in constant time for text and bytes, so that a comparison tells nothing about the value."""
        if not isinstance(other, Secret):
            return NotImplemented
        mine, theirs = self._value, other._value
        if isinstance(mine, str) and isinstance(theirs, str):
            return hmac.compare_digest(mine.encode(), theirs.encode())
        if isinstance(mine, bytes) and isinstance(theirs, bytes):
            return hmac.compare_digest(mine, theirs)
        return bool(mine == theirs)

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled: hand its value over on purpose, where the other side protects it")
