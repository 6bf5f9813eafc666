"""What all configurators of mail programs share: the values they are handed, and the face they show.

A configurator is one module: it finds its program, plans (nothing is written), applies, undoes and repairs. It knows
neither the vault nor the loop: passwords arrive in `Wanted`, and all of it may block. The record of what was done is
the journal's (`clients.journal`); `core.setup` has the table of all configurators and is the only one that calls them.

A program without a file to write is guided: its plan has steps `by_user` with values to copy, `apply` writes the record
alone, and `undo` and `repair` return the steps that are left to the person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from bridge_gui.answers import DEFAULT_SETUP, ProgramFound, ServerAddress, SetupOptions, SetupStep
from bridge_gui.clients.journal import Applied
from bridge_gui.errors import NotFound, Refused, UsageError
from bridge_gui.model import Access, AccountId, ClientId
from bridge_gui.secret import Secret


@dataclass(frozen=True, slots=True)
class Identity:
    """One address that a program sends from."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class AccountSetup:
    """One account as a mail program is to have it. Client and password are None while it is only planned."""

    username: str
    identities: tuple[Identity, ...]
    """What it may send from; the first is the user name's own."""
    imap: ServerAddress
    smtp: ServerAddress
    access: Access = Access.FULL
    client: ClientId | None = None
    password: Secret[str] | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a program must know of the server's certificate."""

    fingerprint: str
    """SHA-256 of the leaf, upper hex with colons."""
    ca_path: Path


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be set up, where, and for whom."""

    account: AccountId
    names: tuple[str, ...]
    """User name and addresses of the account: a set-up is found by them when the account is gone."""
    accounts: tuple[AccountSetup, ...]
    """One with combined addresses, one for each address with split ones."""
    certificate: Certificate
    target: str = ""
    """`ProgramFound.target`."""
    options: SetupOptions = DEFAULT_SETUP
    at: float = 0.0
    """Now; seconds since 1970."""
    gone: tuple[ClientId, ...] = ()
    """For a repair: clients of the set-up whose accounts are to be taken out of the program."""
    addresses_known: bool = True
    """For a repair: the identities are those of now; else those in the program are to stay as they are."""

    def change(self, folder: Path, app: str, record: Mapping[str, Any]) -> Applied:
        """The heading of the record, for `journal.write`."""
        clients = tuple(entry.client for entry in self.accounts if entry.client is not None)
        whole = {"whole": not self.options.address}
        return Applied(folder, app, self.target, self.account, self.names, clients, self.at, {**record, **whole})

    def amended(self, change: Applied, record: Mapping[str, Any]) -> Applied:
        """The heading of a change after its repair, for `journal.rewrite`."""
        clients = [client for client in change.clients if client not in self.gone]
        clients += [entry.client for entry in self.accounts if entry.client is not None]
        names = (*change.names, *self.names)
        return replace(change, record=record, clients=tuple(dict.fromkeys(clients)), names=tuple(dict.fromkeys(names)))


class Configurator(Protocol):
    """One mail program. Everything may block; what cannot be done raises `Refused`, and `ProgramRunning` where closing
    the program is what helps."""

    @property
    def app(self) -> str: ...

    @property
    def mends_alone(self) -> bool:
        """`repair` asks nobody anything, so that it may be done unasked."""
        ...

    @property
    def follows_addresses(self) -> bool:
        """`repair` also brings accounts and identities in line with the addresses of now."""
        ...

    def detect(self) -> Sequence[ProgramFound]:
        """What there is on this computer, each profile by itself, and what can be set up by hand. `clients` is left
        empty: the core fills it in."""
        ...

    def aim(self, target: str | None) -> ProgramFound:
        """The one that is meant; None is the only one there is. `aimed` does it for most."""
        ...

    def plan(self, wanted: Wanted) -> Sequence[SetupStep]:
        """What `apply` would do; nothing is written."""
        ...

    def prepare(self, wanted: Wanted) -> str:
        """Do what has to be done once before anything can be written (a first start), and return the target then."""
        ...

    def check(self, wanted: Wanted) -> None:
        """Raise what `apply` would raise now, before a password is made."""
        ...

    def apply(self, wanted: Wanted, folder: Path) -> Applied:
        """Do it, all or nothing, with its record in `folder` (`journal.write`). Clients and passwords are there."""
        ...

    def guide(self, change: Applied, wanted: Wanted) -> Sequence[SetupStep]:
        """What `apply` has left to the person, with the values of now; clients are there, passwords are not."""
        ...

    def tidy(self, change: Applied) -> None:
        """Remove what only has to be there until the program has signed in. Called then, after ten minutes, and at the
        next start; more than once does no harm."""
        ...

    def undo(self, change: Applied) -> Sequence[SetupStep]:
        """Remove exactly what was added, keeping what was changed since; return what is left to the person.

        Also right for a change that was written in part, or undone in part: it is called again after a crash. The
        record stays; the core forgets it when the passwords are gone as well.
        """
        ...

    def repair(self, change: Applied, wanted: Wanted) -> Sequence[SetupStep]:
        """Bring what was written in line with ports, certificate and passwords as they are now; return what is left to
        the person."""
        ...


def aimed(found: Sequence[ProgramFound], target: str | None, name: str) -> ProgramFound:
    """The one with this target; without one, the only one that is installed, or that there is."""
    if target is not None:
        for entry in found:
            if entry.target == target:
                return entry
        raise NotFound(f"There is no {name} at {target}.")
    installed = [entry for entry in found if entry.installed] or list(found)
    if not installed:
        raise NotFound(f"{name} was not found on this computer.")
    if len(installed) > 1:
        choices = "; ".join(
            f"{entry.target} ({', '.join(entry.addresses) or entry.title or 'no address'})" for entry in installed
        )
        raise UsageError(f"There are several: {choices}.", title="Which one?", remedy="Choose one with --target.")
    return installed[0]


def only_account(wanted: Wanted) -> AccountSetup:
    """The one account, for programs that are set up for one address at a time."""
    if len(wanted.accounts) != 1:
        raise Refused(
            "This program is set up for one address at a time.",
            title="Which address?",
            remedy=f"Choose one with --address: {', '.join(account.username for account in wanted.accounts)}.",
        )
    return wanted.accounts[0]
