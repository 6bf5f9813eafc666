"""What the vault holds, as values: accounts, mail programs' passwords, the certificate, cookies.

`VaultContent` is immutable; a change makes a new one (`Vault.update`). Everything secret is a `Secret`, so a record
that ends in a log or a traceback shows a mask.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from bridge_gui.answers import ServerAddress
from bridge_gui.errors import NotFound
from bridge_gui.model import Access, AccountId, AddressMode, ClientId
from bridge_gui.secret import Secret


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session with the service. The refresh token is single-use: a new pair is saved before it is used."""

    uid: str
    access_token: Secret[str]
    refresh_token: Secret[str]


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """One account. Signing out empties `session` and `key_pass` only: signing in again needs no new download."""

    id: AccountId
    username: str
    store_key: Secret[bytes]
    """32 random bytes: the key of the account's database."""
    mode: AddressMode = AddressMode.COMBINED
    session: SessionRecord | None = None
    key_pass: Secret[bytes] | None = None
    """What opens the user keys: the salted and hashed mailbox password, never the password itself."""
    emails: tuple[str, ...] = ()
    """The addresses as last seen, in the service's order; a copy for the time before the account is up."""


@dataclass(frozen=True, slots=True)
class SetupRecord:
    """How Bridge Manager set a mail program up: what was written then, and the first sign-ins since."""

    id: str
    """Names the record beside the backups."""
    target: str
    imap: ServerAddress
    smtp: ServerAddress
    fingerprint: str
    """Of the server's certificate."""
    written_at: float | None = None
    """None while it is being written. Found so at a start, the set-up was interrupted."""
    renewed: bool = False
    """The password was replaced since."""
    imap_at: float | None = None
    smtp_at: float | None = None


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """One mail program and its password, which can be shown again because people set up programs twice."""

    id: ClientId
    label: str
    account: AccountId
    app: str
    access: Access
    username: str
    """The address the program signs in with; in split mode it also names the mailbox tree."""
    password: Secret[str]
    created_at: float
    last_used: float | None = None
    program: str = ""
    last_failure: float | None = None
    former: tuple[Secret[bytes], ...] = ()
    """SHA-256 of passwords this program had before, newest last: a program that still uses one can be named."""
    setup: SetupRecord | None = None


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """The server's certificate with its key, and the CA that signed it, whose key exists no more."""

    ca_pem: str
    leaf_pem: str
    key_pem: Secret[str]


@dataclass(frozen=True, slots=True)
class VaultContent:
    accounts: tuple[AccountRecord, ...] = ()
    clients: tuple[ClientRecord, ...] = ()
    """Those of removed accounts stay, unseen and without effect: adding the account again revives them."""
    certificate: CertificateRecord | None = None
    cookies: Secret[str] | None = None
    """The service's cookie jar, in the form its owner gave it."""

    def account(self, account: AccountId) -> AccountRecord:
        for record in self.accounts:
            if record.id == account:
                return record
        raise NotFound("There is no such account.")

    def client(self, client: ClientId) -> ClientRecord:
        for record in self.clients:
            if record.id == client:
                return record
        raise NotFound("There is no such mail program.")

    def with_account(self, record: AccountRecord) -> VaultContent:
        """Add an account, or put a changed one in the place it had."""
        kept = [record if known.id == record.id else known for known in self.accounts]
        if record not in kept:
            kept.append(record)
        return replace(self, accounts=tuple(kept))

    def without_account(self, account: AccountId) -> VaultContent:
        return replace(self, accounts=tuple(known for known in self.accounts if known.id != account))

    def with_client(self, record: ClientRecord) -> VaultContent:
        kept = [record if known.id == record.id else known for known in self.clients]
        if record not in kept:
            kept.append(record)
        return replace(self, clients=tuple(kept))

    def without_clients(self, clients: Collection[ClientId]) -> VaultContent:
        return replace(self, clients=tuple(known for known in self.clients if known.id not in clients))
