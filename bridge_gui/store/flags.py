"""Flags of messages, as small numbers that stand for sets.

A mailbox of any size keeps two bytes a message; the table of sets is part of the database and only grows. Written
on the writer's thread, read on any.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

SEEN = "\\Seen"
FLAGGED = "\\Flagged"
ANSWERED = "\\Answered"
DELETED = "\\Deleted"
DRAFT = "\\Draft"
FORWARDED = frozenset({"$Forwarded", "Forwarded"})
"""Programs use either name, so both are shown and either sets both (API document 8.6)."""
UNANSWERED = "!\\Answered"
"""Never shown: a program took \\Answered away, which the service cannot be told; kept among the local flags."""

FULL = 60_000
"""Sets beyond this are refused: a number has two bytes. Reached only by a program that invents keywords without end."""


class TooManyFlags(Exception):
    """The table of flag sets is full."""


class FlagTable:
    """Number sets of flags; number 0 is the empty set. Sets past `saved` are not in the database yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sets: list[frozenset[str]] = [frozenset()]
        self._numbers: dict[frozenset[str], int] = {frozenset(): 0}
        self._spelling: dict[str, str] = {}
        self.saved = 1

    def number(self, flags: frozenset[str]) -> int:
        """The number of a set, a new one if need be. Raise `TooManyFlags`."""
        found = self._numbers.get(flags)
        if found is not None:
            return found
        with self._lock:
            found = self._numbers.get(flags)
            if found is None:
                found = len(self._sets)
                if found > FULL:
                    raise TooManyFlags
                self._sets.append(flags)
                self._numbers[flags] = found
                for flag in flags:
                    self._spelling.setdefault(flag.lower(), flag)
            return found

    def flags(self, number: int) -> frozenset[str]:
        return self._sets[number]

    def __len__(self) -> int:
        return len(self._sets)

    def load(self, sets: Iterable[frozenset[str]]) -> None:
        """Take the saved sets in the order of their numbers, the empty one left out."""
        for flags in sets:
            self.number(flags)
        self.saved = len(self._sets)

    def spelled(self, flags: Iterable[str]) -> frozenset[str]:
        """Keywords in the spelling first seen, since they are compared without case (RFC 3501 2.3.2)."""
        return frozenset(self._spelling.get(flag.lower(), flag) for flag in flags)

    def with_deleted(self, number: int) -> int:
        return self.number(self._sets[number] | {DELETED})

    def keywords(self) -> frozenset[str]:
        """All keywords (flags without backslash) seen so far."""
        return frozenset(flag for flag in self._spelling.values() if flag[0] not in "\\!")
