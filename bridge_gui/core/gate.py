"""The gate: how a mail program signs in to IMAP or SMTP.

`judge` decides, and is pure: the password names the mail program, the program has a scope, the user name has to be an
address of its account. `Gate` is the thin rest: it delays refusals, opens the session and hands out what the account
has.

A right password is never delayed. A wrong one is answered later the more of them one origin sent; origin means the
other end's address together with the user name, as all programs of this computer share one address. The passwords are
128 random bits, so the delay is there against programs that try again in a tight loop, not against guessing.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol as Face

from bridge_gui.core.sessions import Session, Sessions, SessionSubmitter, SessionUser
from bridge_gui.errors import BridgeError
from bridge_gui.imap import backend as imap
from bridge_gui.mishap import Mishap, OnMishap
from bridge_gui.model import Access, AccountId, AddressId, AddressMode, ClientId, Protocol
from bridge_gui.secret import Secret
from bridge_gui.smtp import backend as smtp
from bridge_gui.state import AccountState
from bridge_gui.vault import passwords
from bridge_gui.vault.records import ClientRecord

WRONG = "The user name or the password is wrong. Copy both again from Bridge Manager."


class Refusal(Enum):
    UNKNOWN = WRONG
    FORMER = "This password was replaced by a new one. Copy the new one from Bridge Manager."
    NAME = "The user name does not belong to this password. Copy both again from Bridge Manager."
    SEND_ONLY = "This password may only send mail."
    READ_ONLY = "This password may only read mail."
    NO_ACCOUNT = "The account of this password is not ready yet. Look at Bridge Manager."


@dataclass(frozen=True, slots=True)
class Admitted:
    client: ClientRecord
    address: AddressId | None
    """With split addresses: whose mailbox tree; None for the whole account."""


@dataclass(frozen=True, slots=True)
class Refused:
    reason: Refusal
    client: ClientId | None = None
    """The program, when the password told which it is."""


Verdict = Admitted | Refused


def judge(
    records: Iterable[ClientRecord],
    accounts: Mapping[AccountId, AccountState],
    username: str,
    password: Secret[str],
    protocol: Protocol,
) -> Verdict:
    """Decide about one attempt. Every way through compares the password with all that are known."""
    match = passwords.find(records, password)
    if match is None:
        return Refused(Refusal.UNKNOWN)
    client = match.client
    if match.former:
        return Refused(Refusal.FORMER, client.id)
    account = accounts.get(client.account)
    if account is not None and not account.addresses:
        account = None  # it has only just been started
    name = username.strip().casefold()
    if name != client.username.casefold() and (account is None or name not in _names(account)):
        return Refused(Refusal.NAME, client.id)
    if protocol is Protocol.IMAP and not client.access.reads:
        return Refused(Refusal.SEND_ONLY, client.id)
    if protocol is Protocol.SMTP and not client.access.sends:
        return Refused(Refusal.READ_ONLY, client.id)
    if account is None:
        return Refused(Refusal.NO_ACCOUNT, client.id)
    if account.mode is AddressMode.COMBINED:
        return Admitted(client, None)
    for address in account.addresses:
        if address.email.casefold() == client.username.casefold():
            return Admitted(client, address.id)
    return Refused(Refusal.NAME, client.id)


def _names(account: AccountState) -> set[str]:
    """What may be typed as user name: with combined addresses any of them, with split ones only the program's own."""
    if account.mode is AddressMode.SPLIT:
        return set()
    return {
        account.username.casefold(),
        *(address.email.casefold() for address in account.addresses if address.enabled),
    }


class Throttle:
    """How long to wait before a refusal is answered. The first is answered at once, for everybody mistypes."""

    FIRST = 0.5
    MOST = 8.0
    MEMORY = 600.0
    """Seconds without a failure after which an origin begins anew."""
    ORIGINS = 500
    """How many origins are remembered; beyond, the longest unused is forgotten."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    def failed(self, origin: tuple[str, str], now: float) -> float:
        """Note a failure and return the delay it earns."""
        count, last = self._failures.pop(origin, (0, now))
        count = 1 if now - last > self.MEMORY else count + 1
        self._failures[origin] = (count, now)
        while len(self._failures) > self.ORIGINS:
            self._failures.popitem(last=False)
        return 0.0 if count == 1 else min(self.FIRST * 2.0 ** (min(count, 20) - 2), self.MOST)

    def succeeded(self, origin: tuple[str, str]) -> None:
        self._failures.pop(origin, None)


class Door(Face):
    """What an account hands to a signed-in program."""

    def imap_user(self, access: Access, address: AddressId | None) -> imap.User: ...

    def submitter(self, access: Access, address: AddressId | None) -> smtp.Submitter: ...


class House(Face):
    """What the gate asks of the bridge."""

    def client_records(self) -> Iterable[ClientRecord]: ...

    def account_states(self) -> Mapping[AccountId, AccountState]: ...

    def door(self, account: AccountId) -> Door:
        """Raise a `BridgeError` when the account cannot serve mail programs now."""
        ...

    def used(self, client: ClientId, protocol: Protocol, now: float) -> None:
        """A program signed in."""
        ...

    def refused(
        self, client: ClientId | None, username: str, reason: Refusal, protocol: Protocol, now: float
    ) -> None: ...

    def mishap(self, mishap: Mishap, username: str, protocol: Protocol, now: float) -> None:
        """A connection ended, or was refused, before a password could be looked at."""
        ...


class Gate:
    """Sign mail programs in. `imap` and `smtp` are the backends for the two servers."""

    def __init__(
        self,
        house: House,
        sessions: Sessions,
        server_id: Mapping[str, str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._house = house
        self._sessions = sessions
        self._clock = clock
        self._throttle = Throttle()
        self.server_id = server_id
        self.imap = ImapGate(self)
        self.smtp = SmtpGate(self)

    async def admit(self, username: str, password: Secret[str], origin: str, protocol: Protocol) -> Verdict:
        """Judge an attempt; a refusal takes its time."""
        house = self._house
        verdict = judge(house.client_records(), house.account_states(), username, password, protocol)
        source = (origin, username.strip().casefold()[:200])
        now = self._clock()
        if isinstance(verdict, Admitted):
            self._throttle.succeeded(source)
            return verdict
        house.refused(verdict.client, username, verdict.reason, protocol, now)
        if verdict.reason is not Refusal.NO_ACCOUNT:
            await asyncio.sleep(self._throttle.failed(source, now))
        return verdict

    def on_mishap(self, protocol: Protocol) -> OnMishap:
        """What the server of a protocol tells of connections on which nobody could sign in."""
        return lambda mishap, name: self._house.mishap(mishap, name, protocol, self._clock())

    def enter(self, client: ClientRecord, protocol: Protocol) -> Session:
        now = self._clock()
        self._house.used(client.id, protocol, now)
        session = self._sessions.open(client.id, client.account, protocol, now)
        session.program = client.program
        return session

    def door(self, client: ClientRecord) -> Door:
        return self._house.door(client.account)


class ImapGate:
    """`imap.backend.Backend`."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    @property
    def server_id(self) -> Mapping[str, str]:
        return self._gate.server_id

    async def login(self, username: str, password: Secret[str], peer: imap.Peer) -> imap.User | imap.LoginRefused:
        verdict = await self._gate.admit(username, password, peer.address, Protocol.IMAP)
        if isinstance(verdict, Refused):
            kind = _IMAP_REFUSALS.get(verdict.reason, imap.LoginRefusal.CREDENTIALS)
            return imap.LoginRefused(kind, verdict.reason.value)
        client = verdict.client
        try:
            user = self._gate.door(client).imap_user(client.access, verdict.address)
        except BridgeError as error:
            return imap.LoginRefused(imap.LoginRefusal.UNAVAILABLE, error.message)
        return SessionUser(user, self._gate.enter(client, Protocol.IMAP), client.access)


class SmtpGate:
    """`smtp.backend.Backend`."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def login(self, username: str, password: Secret[str], peer: smtp.Peer) -> smtp.Submitter | smtp.LoginRefused:
        verdict = await self._gate.admit(username, password, peer.address, Protocol.SMTP)
        if isinstance(verdict, Refused):
            kind = _SMTP_REFUSALS.get(verdict.reason, smtp.LoginRefusal.CREDENTIALS)
            return smtp.LoginRefused(kind, verdict.reason.value)
        client = verdict.client
        try:
            submitter = self._gate.door(client).submitter(client.access, verdict.address)
        except BridgeError as error:
            return smtp.LoginRefused(smtp.LoginRefusal.UNAVAILABLE, error.message)
        return SessionSubmitter(submitter, self._gate.enter(client, Protocol.SMTP))


_IMAP_REFUSALS = {
    Refusal.SEND_ONLY: imap.LoginRefusal.ACCESS,
    Refusal.NO_ACCOUNT: imap.LoginRefusal.UNAVAILABLE,
}
_SMTP_REFUSALS = {
    Refusal.READ_ONLY: smtp.LoginRefusal.ACCESS,
    Refusal.NO_ACCOUNT: smtp.LoginRefusal.UNAVAILABLE,
}
