"""The mail programs and their passwords: added, changed, revoked and revived, in the vault.

What changes with every sign-in (last use, the program's name, the last refusal) is gathered in memory and written from
time to time: a program that polls every minute must not cost a write to the disk each time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bridge_gui.errors import NotFound, UsageError
from bridge_gui.model import Access, AccountId, ClientId, Protocol
from bridge_gui.state import ClientState
from bridge_gui.vault import passwords
from bridge_gui.vault.records import ClientRecord, SetupRecord, VaultContent
from bridge_gui.vault.vault import Vault

APPS = ("thunderbird", "apple-mail", "outlook", "other")
LABEL_LIMIT = 60
REVIVABLE = 20
"""How many revoked programs can be had back, until the application ends."""


@dataclass(frozen=True, slots=True)
class _Use:
    """What happened to one program since it was last written."""

    last_used: float | None = None
    program: str = ""
    last_failure: float | None = None
    imap_at: float | None = None
    smtp_at: float | None = None

    def on(self, record: ClientRecord) -> ClientRecord:
        setup = record.setup
        if setup is not None:
            setup = replace(setup, imap_at=setup.imap_at or self.imap_at, smtp_at=setup.smtp_at or self.smtp_at)
        return replace(
            record,
            setup=setup,
            last_used=self.last_used if self.last_used is not None else record.last_used,
            program=self.program or record.program,
            last_failure=self.last_failure if self.last_failure is not None else record.last_failure,
        )


class Clients:
    """The records of the vault with what is newer than it laid over."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._uses: dict[ClientId, _Use] = {}
        self._revoked: OrderedDict[ClientId, ClientRecord] = OrderedDict()

    def records(self) -> list[ClientRecord]:
        return [self._newest(record) for record in self._vault.content.clients]

    def record(self, client: ClientId) -> ClientRecord:
        return self._newest(self._vault.content.client(client))

    def states(self, accounts: Iterable[AccountId]) -> tuple[ClientState, ...]:
        """What is shown: the programs of accounts that exist, in the order in which they were added."""
        known = set(accounts)
        return tuple(
            ClientState(
                id=record.id,
                label=record.label,
                account=record.account,
                app=record.app,
                access=record.access,
                username=record.username,
                created_at=record.created_at,
                last_used=record.last_used,
                program=record.program,
                last_failure=record.last_failure,
            )
            for record in self.records()
            if record.account in known
        )

    async def add(
        self, label: str, account: AccountId, app: str, access: Access, username: str, now: float
    ) -> ClientRecord:
        """Make a password for a program that signs in as `username`, an address of the account."""
        record = new_record(label, account, app, access, username, now)
        await self.keep([record])
        return record

    async def keep(self, records: Sequence[ClientRecord]) -> None:
        """Add or change records, all in one step."""

        def change(content: VaultContent) -> VaultContent:
            for record in records:
                content = content.with_client(record)
            return content

        await self._vault.update(change)

    async def rename(self, client: ClientId, label: str) -> None:
        label = checked_label(label)
        await self._change(client, lambda record: replace(record, label=label))

    async def set_access(self, client: ClientId, access: Access) -> None:
        await self._change(client, lambda record: replace(record, access=access))

    async def renew(self, client: ClientId) -> ClientRecord:
        """Give a program a new password; the old one is refused from now on."""

        def renewed(record: ClientRecord) -> ClientRecord:
            made = passwords.renewed(record)
            return replace(made, setup=replace(made.setup, renewed=True)) if made.setup is not None else made

        await self._change(client, renewed)
        return self.record(client)

    async def revoke(self, client: ClientId) -> None:
        """Take a program's password away; `restore` gives it back while the application runs."""
        record = self.record(client)
        await self._vault.update(lambda content: content.without_clients([client]))
        self._uses.pop(client, None)
        self._revoked[client] = record
        while len(self._revoked) > REVIVABLE:
            self._revoked.popitem(last=False)

    async def drop(self, clients: Collection[ClientId]) -> None:
        """Take passwords away for good: what they were written into is gone, or never came to be."""
        await self._vault.update(lambda content: content.without_clients(clients))
        for client in clients:
            self._uses.pop(client, None)

    async def set_up(self, client: ClientId, setup: SetupRecord) -> None:
        """Note that a program was set up or repaired; it has not signed in since."""
        use = self._uses.get(client, _Use())
        await self._change(client, lambda record: replace(use.on(record), setup=setup))
        self._uses.pop(client, None)

    async def restore(self, client: ClientId) -> None:
        """Undo `revoke`: the program goes on with the password it has."""
        record = self._revoked.get(client)
        if record is None:
            raise NotFound("This mail program cannot be had back any more. Add it again.")
        await self._vault.update(lambda content: content.with_client(record))
        del self._revoked[client]

    def used(self, client: ClientId, protocol: Protocol, now: float) -> None:
        use = replace(self._uses.get(client, _Use()), last_used=now)
        if protocol is Protocol.IMAP:
            use = replace(use, imap_at=use.imap_at or now)
        else:
            use = replace(use, smtp_at=use.smtp_at or now)
        self._uses[client] = use

    def named(self, client: ClientId, program: str) -> None:
        self._uses[client] = replace(self._uses.get(client, _Use()), program=program)

    def failed(self, client: ClientId, now: float) -> None:
        self._uses[client] = replace(self._uses.get(client, _Use()), last_failure=now)

    async def flush(self) -> None:
        """Write what was gathered. When that fails it stays gathered."""
        uses = dict(self._uses)
        if not uses:
            return
        await self._vault.update(lambda content: _with_uses(content, uses))
        for client, use in uses.items():
            if self._uses.get(client) is use:
                del self._uses[client]

    def _newest(self, record: ClientRecord) -> ClientRecord:
        use = self._uses.get(record.id)
        return record if use is None else use.on(record)

    async def _change(self, client: ClientId, change: Callable[[ClientRecord], ClientRecord]) -> None:
        await self._vault.update(lambda content: content.with_client(change(content.client(client))))


def _with_uses(content: VaultContent, uses: Mapping[ClientId, _Use]) -> VaultContent:
    return replace(
        content,
        clients=tuple(uses[record.id].on(record) if record.id in uses else record for record in content.clients),
    )


def new_record(label: str, account: AccountId, app: str, access: Access, username: str, now: float) -> ClientRecord:
    """A record with a new password, which is not in the vault yet."""
    if app not in APPS:
        raise UsageError(f"A mail program is one of: {', '.join(APPS)}.")
    return ClientRecord(
        id=passwords.new_client_id(),
        label=checked_label(label),
        account=account,
        app=app,
        access=access,
        username=username,
        password=passwords.new_password(),
        created_at=now,
    )


def checked_label(label: str) -> str:
    label = " ".join(label.split())
    if not label or len(label) > LABEL_LIMIT or not label.isprintable():
        raise UsageError(f"A name has 1 to {LABEL_LIMIT} characters.")
    return label


def chosen_address(emails: Sequence[str], wanted: str | None) -> str:
    """Return the address that was asked for, as it is written at the service; the first one for None."""
    if wanted is None and emails:
        return emails[0]
    for email in emails:
        if wanted is not None and wanted.strip().casefold() == email.casefold():
            return email
    raise UsageError(
        f"{wanted or 'Nothing'} is not an address of this account.", remedy=f"Its addresses: {', '.join(emails)}"
    )
