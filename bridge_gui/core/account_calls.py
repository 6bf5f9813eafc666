"""Calls of the bridge: signing in, and accounts."""

from __future__ import annotations

import asyncio

from bridge_gui.answers import LetterResult, LoginStep
from bridge_gui.core.accounts import ENDED
from bridge_gui.core.life import Life
from bridge_gui.errors import Refused, UsageError
from bridge_gui.model import AccountId, AddressMode, FlowId
from bridge_gui.secret import Secret
from bridge_gui.state import AccountState, CorePhase


class AccountCalls(Life):
    """Sign in, look after accounts, sign out."""

    # ------------------------------------------------------------------------------------------ signing in

    async def login(self, username: str, password: Secret[str]) -> LoginStep:
        """Begin to sign in. Each answer leads to the next step or ends the flow."""
        return await self._sign_ins.begin(username, password)

    async def login_code(self, flow: FlowId, code: str) -> LoginStep:
        return await self._sign_ins.code(flow, code)

    async def login_mailbox_password(self, flow: FlowId, password: Secret[str]) -> LoginStep:
        return await self._sign_ins.mailbox_password(flow, password)

    async def login_verified(self, flow: FlowId) -> LoginStep:
        return await self._sign_ins.verified(flow)

    async def login_cancel(self, flow: FlowId) -> None:
        await self._sign_ins.cancel(flow)

    # ------------------------------------------------------------------------------------------ accounts

    async def logout(self, account: AccountId) -> None:
        """End the session with the service. The local copy of the mail and the programs' passwords stay."""
        accounts = self._open.accounts
        self._sessions.end_account(account, "This account was signed out in Bridge Manager.")
        await accounts.sign_out(account)
        self._publish()

    async def remove(self, account: AccountId) -> None:
        """Sign out and delete everything of the account from this computer."""
        accounts = self._open.accounts
        self._sessions.end_account(account, "This account was removed from Bridge Manager.")
        await accounts.remove(account)
        self._notices.drop_account(account)
        self._publish()

    async def repair(self, account: AccountId) -> None:
        await self._open.accounts[account].repair()

    async def set_mode(self, account: AccountId, mode: AddressMode) -> None:
        """Combine or split the account's addresses; mail programs have to connect again."""
        running = self._open.accounts[account]
        if running.state.mode is not mode:
            self._sessions.end_account(account, "The address mode of this account was changed.")
            await running.set_mode(mode)
            self._publish()

    async def pause(self, account: AccountId | None, seconds: float | None = None) -> None:
        """Stop downloading, of one account or all, for some time or until `resume`."""
        for running in self._open.accounts.chosen(account):
            await running.pause(seconds)

    async def resume(self, account: AccountId | None) -> None:
        for running in self._open.accounts.chosen(account):
            await running.resume()

    async def look_now(self) -> None:
        """While offline: look for the network at once."""
        self._open.service.look_now()

    async def outbox_retry(self, account: AccountId, item: str) -> None:
        """Try to send a waiting message now."""
        await self._open.accounts[account].outbox_retry(item)

    async def outbox_cancel(self, account: AccountId, item: str) -> None:
        """Never send a waiting message."""
        await self._open.accounts[account].outbox_cancel(item)

    async def self_test(self, account: AccountId) -> tuple[LetterResult, ...]:
        """Send letters of many kinds to oneself, and compare what arrives with what was sent."""
        return await self._open.accounts[account].self_test()

    async def wait(self, account: AccountId, goal: str = "synced", timeout: float | None = None) -> AccountState:
        """Wait until an account is `usable` (its INBOX can be read) or `synced` (all is here). Raise `Refused` when
        that cannot come any more, or not in time."""
        if goal not in ("usable", "synced"):
            raise UsageError("What is waited for is `usable` or `synced`.")
        try:
            async with asyncio.timeout(timeout):
                async for _ in self.state.watch():
                    if self._core.phase is CorePhase.STOPPING:
                        break
                    found = self._open.accounts[account].state
                    if found.sync.complete or (goal == "usable" and found.sync.usable):
                        return found
                    if found.phase in ENDED:
                        raise _refusal(found)
        except TimeoutError as error:
            raise Refused("The account did not get there in time.", title="Still busy") from error
        raise Refused("Bridge Manager is ending.")

    async def account_state(self, account: AccountId) -> AccountState:
        return self._open.accounts[account].state

    async def find_account(self, name: str) -> AccountId:
        """Return the account of that id, user name or address; raise `NotFound`."""
        return self._open.accounts.find(name)


def _refusal(account: AccountState) -> Refused:
    """Why waiting for an account makes no sense."""
    if account.problem is not None:
        return Refused(account.problem.message, title=account.problem.title, remedy=account.problem.remedy)
    return Refused("The account is signed out.", remedy="Sign in again.")
