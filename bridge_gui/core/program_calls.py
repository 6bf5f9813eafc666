"""Calls of the bridge: mail programs, their passwords, and setting them up."""

from __future__ import annotations

from bridge_gui.answers import DEFAULT_SETUP, Credentials, ProgramFound, SetupMade, SetupOptions, SetupPlan, SetupStep
from bridge_gui.clients.base import Wanted
from bridge_gui.core.clients import chosen_address
from bridge_gui.core.life import Life
from bridge_gui.core.setup_plan import wanted_of
from bridge_gui.model import Access, AccountId, ClientId, Protocol
from bridge_gui.state import AccountState
from bridge_gui.vault.records import ClientRecord


class ProgramCalls(Life):
    """Give mail programs passwords and take them away; set programs up."""

    # ------------------------------------------------------------------------------------------ passwords

    async def add_client(
        self,
        label: str,
        account: AccountId,
        app: str = "other",
        access: Access = Access.FULL,
        address: str | None = None,
    ) -> Credentials:
        """Make a password for a mail program; `address` is an address of the account, None the first."""
        opened = self._open
        username = chosen_address(opened.accounts.emails(account), address)
        record = await opened.clients.add(label, account, app, access, username, self._clock())
        self._publish()
        return self._credentials(record)

    async def credentials(self, client: ClientId) -> Credentials:
        """All that is typed into a mail program, its password included."""
        return self._credentials(self._open.clients.record(client))

    async def rename_client(self, client: ClientId, label: str) -> None:
        await self._open.clients.rename(client, label)
        self._publish()

    async def set_client_access(self, client: ClientId, access: Access) -> None:
        """Change what a program may do; its live sessions end, as they were let in under the old rule."""
        await self._open.clients.set_access(client, access)
        self._sessions.end_client(client, "What this mail program may do was changed.")
        self._publish()

    async def renew_client(self, client: ClientId) -> Credentials:
        """Make a new password for a program; the old one is refused at once."""
        record = await self._open.clients.renew(client)
        self._sessions.end_client(client, "The password of this mail program was replaced.")
        self._publish()
        return self._credentials(record)

    async def disconnect_client(self, client: ClientId) -> int:
        """End the live sessions of a program, which may come back; return how many there were."""
        self._open.clients.record(client)
        return self._sessions.end_client(client, "Disconnected in Bridge Manager.")

    async def log_client(self, client: ClientId, on: bool) -> int:
        """Write the conversations of a program into the log from now on, without passwords and mail; or stop. Return
        how many live sessions it has."""
        self._open.clients.record(client)
        return self._sessions.log_client(client, on)

    async def revoke_client(self, client: ClientId) -> None:
        """Take a program's password away and end its sessions."""
        await self._open.clients.revoke(client)
        self._client_gone(client)
        self._publish()

    async def restore_client(self, client: ClientId) -> None:
        """Undo `revoke_client`."""
        await self._open.clients.restore(client)
        self._publish()

    def _credentials(self, record: ClientRecord) -> Credentials:
        imap, smtp = (self._server_address(protocol) for protocol in (Protocol.IMAP, Protocol.SMTP))
        return Credentials(record.id, record.label, record.access, record.username, record.password, imap, smtp)

    # ------------------------------------------------------------------------------------------ setting up

    async def setup_programs(self, account: AccountId) -> tuple[ProgramFound, ...]:
        """The mail programs that can be set up, those on this computer with what they have already."""
        return await self._open.setups.found(account)

    async def setup_plan(
        self,
        account: AccountId,
        app: str,
        target: str | None = None,
        access: Access = Access.FULL,
        options: SetupOptions = DEFAULT_SETUP,
    ) -> SetupPlan:
        """What `setup_apply` would do: nothing is written. `target` None is the only one there is."""
        return await self._open.setups.plan(app, target, self._wanted(account, access, options))

    async def setup_apply(
        self,
        account: AccountId,
        app: str,
        target: str | None = None,
        access: Access = Access.FULL,
        options: SetupOptions = DEFAULT_SETUP,
        timeout: float | None = 0,
    ) -> tuple[ClientId, ...]:
        """Make the passwords and set a program up; return its clients: one, or one for each address where they are
        split. While the program runs wait, at most `timeout` seconds (None: until it is closed or this is cancelled),
        and raise `ProgramRunning` then. `BridgeState.setups` says how far it is, and when the program signs in."""
        wanted = self._wanted(account, access, options)
        made = await self._open.setups.apply(app, target, wanted, timeout)
        self._publish()
        return made

    async def setup_undo(self, client: ClientId, timeout: float | None = 0) -> tuple[SetupStep, ...]:
        """Take back the set-up that a client belongs to, whose password may be gone already, and revoke all passwords
        of it; return what is left to the person."""
        left = await self._open.setups.undo(client, timeout)
        self._publish()
        return left

    async def setup_repair(self, client: ClientId, timeout: float | None = 0) -> tuple[SetupStep, ...]:
        """Bring a set-up in line with ports, certificate and password as they are now; return what is left to the
        person."""
        left = await self._open.setups.repair(client, self._serving(), self._account_of(client), timeout)
        self._publish()
        return left

    async def setup_guide(self, client: ClientId) -> tuple[SetupStep, ...]:
        """What a set-up that was made has left to the person, with the values of now."""
        return await self._open.setups.guide(client, self._serving(), self._account_of(client))

    async def setups_made(self) -> tuple[SetupMade, ...]:
        """Every set-up that was not taken back, also those whose account or password is gone."""
        return await self._open.setups.made()

    def _wanted(self, account: AccountId, access: Access, options: SetupOptions) -> Wanted:
        state = self._open.accounts[account].state
        return wanted_of(state, self._serving(), access, options, self._clock())

    def _account_of(self, client: ClientId) -> AccountState | None:
        """The account of a mail program, unless one of the two is gone."""
        record = next((record for record in self._open.clients.records() if record.id == client), None)
        return self._open.accounts.states().get(record.account) if record is not None else None
