"""The accounts of this core: started from the vault, added by a sign-in, signed out, removed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace

from bridge_gui.config import Settings
from bridge_gui.core.service import Account, Entered, Service
from bridge_gui.errors import NotFound, Refused
from bridge_gui.model import AccountId
from bridge_gui.proton.errors import SessionExpired
from bridge_gui.secret import Secret
from bridge_gui.state import AccountPhase, AccountState
from bridge_gui.vault.records import AccountRecord
from bridge_gui.vault.vault import Vault

STORE_KEY_BYTES = 32
ENDED = (AccountPhase.SIGNED_OUT, AccountPhase.LOCKED, AccountPhase.ERROR)
"""Phases that nothing but a person ends, and in which signing in again makes sense."""


class Accounts:
    """Running accounts by id, in the order in which they were added."""

    def __init__(self, vault: Vault, service: Service, changed: Callable[[], None]) -> None:
        self._vault = vault
        self._service = service
        self._changed = changed
        self._running: dict[AccountId, Account] = {}

    def __getitem__(self, account: AccountId) -> Account:
        found = self._running.get(account)
        if found is None:
            raise NotFound("There is no such account.")
        return found

    def __contains__(self, account: object) -> bool:
        return account in self._running

    def chosen(self, account: AccountId | None) -> list[Account]:
        """One account, or all of them."""
        return list(self._running.values()) if account is None else [self[account]]

    def is_signed_in(self, account: AccountId) -> bool:
        """Tell whether an account is in use, so that signing in to it again is a mistake."""
        found = self._running.get(account)
        return found is not None and found.state.phase not in ENDED and not _is_refused(found.state)

    def emails(self, account: AccountId) -> tuple[str, ...]:
        """The account's addresses; those last seen while the newest are not known yet."""
        known = tuple(address.email for address in self[account].state.addresses)
        return known or self._vault.content.account(account).emails

    def states(self) -> Mapping[AccountId, AccountState]:
        return {known: account.state for known, account in self._running.items()}

    def find(self, name: str) -> AccountId:
        """Return the account of that id, user name or address; raise `NotFound`."""
        wanted = name.strip().casefold()
        for known, state in self.states().items():
            emails = [email.casefold() for email in self.emails(known)]
            if known == name.strip() or wanted == state.username.casefold() or wanted in emails:
                return known
        raise NotFound(f"There is no account {name}.", remedy="`bridge-gui account list` shows all of them.")

    async def start(self) -> None:
        for record in self._vault.content.accounts:
            await self._start(record)

    async def stop(self) -> None:
        await asyncio.gather(*(account.stop() for account in self._running.values()))

    def use_settings(self, settings: Settings) -> None:
        for account in self._running.values():
            account.use_settings(settings)

    async def try_again(self) -> None:
        """A person may have mended what stopped an account."""
        for account in self._running.values():
            if account.state.phase is AccountPhase.ERROR:
                await account.resume()

    async def enter(self, entered: Entered) -> None:
        """Take a new session over: for a new account, or for one that was signed out, which keeps its mail and
        everything else. Raise `Refused` when the account is in use already."""
        if self.is_signed_in(entered.account):
            raise Refused("This account is signed in already.", title="Already signed in")
        running = self._running.get(entered.account)
        if running is not None:
            await running.stop()
            known = self._vault.content.account(entered.account)
        else:
            key = Secret(secrets.token_bytes(STORE_KEY_BYTES))
            known = AccountRecord(entered.account, entered.username, key)
        record = replace(
            known,
            username=entered.username,
            session=entered.session,
            key_pass=entered.key_pass,
            emails=entered.emails,
        )
        await self._vault.update(lambda content: content.with_account(record))
        await self._start(record)

    async def sign_out(self, account: AccountId) -> None:
        """End the session with the service; the local copy stays."""
        await self[account].sign_out()
        await self._vault.update(
            lambda content: content.with_account(replace(content.account(account), session=None, key_pass=None))
        )

    async def remove(self, account: AccountId) -> None:
        """Sign out and delete everything of the account from this computer."""
        running = self[account]
        await running.sign_out()
        await running.stop()
        del self._running[account]
        await self._vault.update(lambda content: content.without_account(account))
        await running.wipe()
        self._changed()

    async def _start(self, record: AccountRecord) -> None:
        async def keep(change: Callable[[AccountRecord], AccountRecord]) -> None:
            await self._vault.update(lambda content: content.with_account(change(content.account(record.id))))

        account = self._service.account(record, keep, lambda _: self._changed())
        self._running[record.id] = account
        await account.start()
        self._changed()


def _is_refused(state: AccountState) -> bool:
    """The service takes none of the session's tokens: it is tried again, and only a new sign-in may help."""
    return state.problem is not None and state.problem.code == SessionExpired.code
