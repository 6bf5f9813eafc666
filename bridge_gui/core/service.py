"""What the bridge asks of the service's side: accounts, and the way to sign in to one.

The bridge is handed a `Service`; it never makes an account or a connection itself. So it runs, in tests, on an account
that serves mail from memory.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bridge_gui.answers import LetterResult, LoginStep
from bridge_gui.config import Settings
from bridge_gui.core.gate import Door
from bridge_gui.model import AccountId, AddressMode, FlowId
from bridge_gui.secret import Secret
from bridge_gui.state import AccountState, Problem
from bridge_gui.vault.records import AccountRecord, SessionRecord

Keep = Callable[[Callable[[AccountRecord], AccountRecord]], Awaitable[None]]
"""Change the account's record in the vault; durable when it returns."""
OnState = Callable[[AccountState], None]


class Account(Door, Protocol):
    """One account put together: keys, local copy, synchronisation, sending."""

    @property
    def state(self) -> AccountState: ...

    async def start(self) -> None:
        """Begin to work and return soon; every change of `state` is told from now on. Without a session in the record
        the account is signed out, and serves what it has if it can."""
        ...

    async def stop(self) -> None:
        """End all work; local files are whole when it returns."""
        ...

    def use_settings(self, settings: Settings) -> None: ...

    async def set_mode(self, mode: AddressMode) -> None:
        """Combine or split the addresses; the record is kept by the account."""
        ...

    async def repair(self) -> None: ...

    async def pause(self, seconds: float | None) -> None: ...

    async def resume(self) -> None: ...

    async def outbox_retry(self, item: str) -> None:
        """Try to send a waiting message now; raise `NotFound` when it waits no more."""
        ...

    async def outbox_cancel(self, item: str) -> None:
        """Send a waiting message never; raise `NotFound`."""
        ...

    async def self_test(self) -> tuple[LetterResult, ...]:
        """Send letters to oneself, and compare what arrives; raise `BridgeError` while not connected."""
        ...

    async def sign_out(self) -> None:
        """End the session at the service as far as it can be reached, and work with none from now on."""
        ...

    async def wipe(self) -> None:
        """Delete everything that is kept on this computer; after `stop`."""
        ...


@dataclass(frozen=True, slots=True)
class Entered:
    """A sign-in has succeeded: the keys could be opened."""

    account: AccountId
    username: str
    session: SessionRecord
    key_pass: Secret[bytes]
    emails: tuple[str, ...]


SignInStep = LoginStep | Entered


class SignIn(Protocol):
    """One sign-in, as a series of values. Flow ids in the steps are the bridge's own."""

    async def begin(self, username: str, password: Secret[str]) -> SignInStep: ...

    async def code(self, code: str) -> SignInStep: ...

    async def mailbox_password(self, password: Secret[str]) -> SignInStep: ...

    async def verified(self) -> SignInStep: ...

    async def cancel(self) -> None:
        """Give up what was reached, the session at the service included. Harmless at any time."""
        ...


class Service(Protocol):
    """The service's side."""

    def account(self, record: AccountRecord, keep: Keep, on_state: OnState) -> Account: ...

    def sign_in(self, flow: FlowId, is_signed_in: Callable[[AccountId], bool]) -> SignIn: ...

    def use_settings(self, settings: Settings) -> None: ...

    def use_client_name(self, name: str, version: str) -> None:
        """Tell the service which mail program works with us."""
        ...

    def look_now(self) -> None:
        """While offline: look for the network at once."""
        ...

    def clock_offset(self) -> float | None:
        """Seconds by which the service's clock is ahead of this computer's; None before it has answered."""
        ...

    async def send_report(self, fields: Mapping[str, str], files: Mapping[str, bytes]) -> None:
        """Send a report of a problem; `fields` are Username, Email, Title and Description. Raise a `BridgeError` when
        the service does not take it."""
        ...

    def cookies(self) -> Secret[str]:
        """The service's cookie jar, to be kept and handed in at the next start."""
        ...

    async def close(self) -> None: ...


OnNetwork = Callable[[Problem | None], None]
"""Told what is wrong with the way to the service, and when nothing is any more."""
MakeService = Callable[[Settings, Secret[str] | None, OnNetwork], Service]
"""From the settings and the cookies of the last time."""
