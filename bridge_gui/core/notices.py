"""What a person should know once: kept until it is dismissed or no longer true."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bridge_gui.core.gate import Refusal
from bridge_gui.model import AccountId
from bridge_gui.state import AccountState, Mails, Notice, NoticeKind, Problem

KEPT = 50
SHARED = ("update-forced", "disk-full")
"""Codes of problems of an account that are not that account's own."""


class Notices:
    """Notices by key, the newest last; a repeat replaces the one before."""

    def __init__(self, changed: Callable[[], None], clock: Callable[[], float]) -> None:
        self._changed = changed
        self._clock = clock
        self._by_key: dict[str, Notice] = {}
        self._told: dict[AccountId, float] = {}
        """When the newest change was taken back of which a notice was given."""
        self._seen: set[str] = set()
        """Shared codes whose notice a person has dismissed, until no account has them."""

    def give(
        self,
        key: str,
        kind: NoticeKind,
        problem: Problem,
        account: AccountId | None = None,
        messages: Mails | None = None,
    ) -> None:
        self._by_key.pop(key, None)
        self._by_key[key] = Notice(key, kind, problem, self._clock(), account, messages)
        while len(self._by_key) > KEPT:
            del self._by_key[next(iter(self._by_key))]
        self._changed()

    def drop(self, key: str) -> None:
        if self._by_key.pop(key, None) is not None:
            self._changed()

    def dismiss(self, key: str) -> None:
        """A person has seen it; what lasts is not told again before it has gone."""
        if key in SHARED and key in self._by_key:
            self._seen.add(key)
        self.drop(key)

    def drop_account(self, account: AccountId) -> None:
        for key in [key for key, notice in self._by_key.items() if notice.account == account]:
            self.drop(key)

    def follow_accounts(self, accounts: Iterable[AccountState]) -> None:
        """Give one notice for what concerns the whole application although an account met it, until none has it; and
        one for each change that was taken back."""
        accounts = list(accounts)
        for account in accounts:
            for back in account.taken_back:
                if self._told.get(account.id, 0.0) < back.at:
                    self._told[account.id] = back.at
                    key = f"change {account.id} {back.at:.3f}"
                    self.give(key, NoticeKind.ATTENTION, back.problem, account.id, back.messages)
        problems = [account.problem for account in accounts if account.problem is not None]
        for code in SHARED:
            found = next((problem for problem in problems if problem.code == code), None)
            if found is None:
                self.drop(code)
                self._seen.discard(code)
            elif code not in self._by_key and code not in self._seen:
                self.give(code, NoticeKind.BAD, found)

    def all(self) -> tuple[Notice, ...]:
        return tuple(self._by_key.values())


_REFUSED = {
    Refusal.UNKNOWN: (
        "wrong-password",
        "{label} uses a wrong password",
        "Mail programs sign in with a password of their own, which Bridge Manager made, and not with that of Proton.",
        "Copy the password into {label} again.",
    ),
    Refusal.FORMER: (
        "old-password",
        "{label} uses an old password",
        "It was replaced by a new one.",
        "Copy the new password into {label}.",
    ),
    Refusal.NAME: (
        "wrong-name",
        "{label} uses a wrong user name",
        "It does not belong to its password.",
        "Copy the user name into {label} again.",
    ),
    Refusal.SEND_ONLY: (
        "send-only",
        "{label} may only send",
        "It tried to read mail.",
        "Allow it to read, or remove its incoming server.",
    ),
    Refusal.READ_ONLY: (
        "read-only",
        "{label} may only read",
        "It tried to send mail.",
        "Allow it to send, or remove its outgoing server.",
    ),
}


def of_refusal(reason: Refusal, label: str) -> Problem | None:
    """What a person should know of a mail program that was refused; nothing when it only came too early."""
    if reason not in _REFUSED:
        return None
    code, title, message, remedy = _REFUSED[reason]
    return Problem(code, title.format(label=label), message, remedy.format(label=label))
