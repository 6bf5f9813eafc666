"""What a person should know once: kept until it is dismissed or no longer true."""

from __future__ import annotations

from collections.abc import Callable

from bridge_gui.model import AccountId
from bridge_gui.state import Notice, NoticeKind, Problem

KEPT = 50


class Notices:
    """Notices by key, the newest last; a repeat replaces the one before."""

    def __init__(self, changed: Callable[[], None], clock: Callable[[], float]) -> None:
        self._changed = changed
        self._clock = clock
        self._by_key: dict[str, Notice] = {}

    def give(self, key: str, kind: NoticeKind, problem: Problem, account: AccountId | None = None) -> None:
        self._by_key.pop(key, None)
        self._by_key[key] = Notice(key, kind, problem, self._clock(), account)
        while len(self._by_key) > KEPT:
            del self._by_key[next(iter(self._by_key))]
        self._changed()

    def drop(self, key: str) -> None:
        if self._by_key.pop(key, None) is not None:
            self._changed()

    def drop_account(self, account: AccountId) -> None:
        for key in [key for key, notice in self._by_key.items() if notice.account == account]:
            self.drop(key)

    def all(self) -> tuple[Notice, ...]:
        return tuple(self._by_key.values())
