"""Vain attempts of mail programs to sign in, counted: what the doctor says of each program comes from here.

Kept in memory only. A program's attempts at a port are forgotten when it signs in there; all others when they grow old.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridge_gui.model import AccountId, ClientId, Protocol

KEPT = 100
MEMORY_SECONDS = 86400.0


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts of one kind at one port. `client` is the program where a password or user name told it, else `account`
    whose address was given, else both are None."""

    protocol: Protocol
    trouble: str
    """wrong-password, old-password, wrong-name, send-only, read-only, or the value of a `Mishap`."""
    client: ClientId | None = None
    account: AccountId | None = None
    count: int = 1
    last: float = 0.0


_Key = tuple[Protocol, str, ClientId | None, AccountId | None]


class AttemptBook:
    """All of them, the newest last."""

    def __init__(self) -> None:
        self._known: dict[_Key, Attempts] = {}

    def note(self, attempt: Attempts) -> None:
        """Count one more."""
        key = (attempt.protocol, attempt.trouble, attempt.client, attempt.account)
        before = self._known.pop(key, None)
        if before is not None and attempt.last - before.last < MEMORY_SECONDS:
            attempt = replace(attempt, count=before.count + 1)
        self._known[key] = attempt
        while len(self._known) > KEPT:
            del self._known[next(iter(self._known))]

    def succeeded(self, client: ClientId, protocol: Protocol) -> bool:
        """A program signed in at a port. Return whether nothing is left of what it tried in vain."""
        for key in [key for key in self._known if key[0] is protocol and key[2] == client]:
            del self._known[key]
        return not any(entry.client == client for entry in self._known.values())

    def forget(self, client: ClientId) -> None:
        """Its password is gone, or is another one."""
        for key in [key for key in self._known if key[2] == client]:
            del self._known[key]

    def since(self, then: float) -> tuple[Attempts, ...]:
        return tuple(entry for entry in self._known.values() if entry.last >= then)
