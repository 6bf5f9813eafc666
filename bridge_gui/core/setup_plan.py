"""What a set-up of a mail program is to be, and how far it is: decided from values alone, without files or a loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge_gui.answers import DEFAULT_SETUP, ProgramFound, ServerAddress, SetupOptions
from bridge_gui.clients.base import AccountSetup, Certificate, Identity, Wanted
from bridge_gui.clients.journal import Applied, Stage
from bridge_gui.core.clients import LABEL_LIMIT, checked_label
from bridge_gui.core.sessions import NOTHING_SEEN, Seen
from bridge_gui.errors import Refused, UsageError
from bridge_gui.model import Access, AccountId, AddressMode, ClientId
from bridge_gui.state import AccountState, AddressState, Problem, SetupPhase, SetupProgress
from bridge_gui.vault.records import ClientRecord, SetupRecord

PATIENCE_SECONDS = 60.0
"""After so long without a sign-in something is wrong."""
SECURITIES = ("STARTTLS", "TLS")


@dataclass(frozen=True, slots=True)
class Serving:
    """What programs are to connect to, as it is now."""

    imap: ServerAddress
    smtp: ServerAddress
    certificate: Certificate


def accounts_of(
    state: AccountState, serving: Serving, access: Access, options: SetupOptions
) -> tuple[AccountSetup, ...]:
    """The accounts a program gets: with split addresses one for each, else one that sends from all of them.

    An address that is switched off has none; one that cannot send is read, and sent from by nobody.
    """
    if options.security not in SECURITIES:
        raise UsageError(f"The security is one of: {', '.join(SECURITIES)}.")
    enabled = [address for address in state.addresses if address.enabled]
    if options.address and state.mode is AddressMode.SPLIT:
        enabled = [address for address in enabled if address.email.casefold() == options.address.casefold()]
        if not enabled:
            raise UsageError(f"{options.address} is not an address of this account.")
    if not enabled:
        raise Refused("The addresses of this account are not known yet.", remedy="Sign in first.")
    imap, smtp = (replace(server, security=options.security) for server in (serving.imap, serving.smtp))
    name = next((address.display_name for address in enabled if address.display_name), "")

    def identity(address: AddressState) -> Identity:
        return Identity(address.email, address.display_name or name)

    if state.mode is AddressMode.SPLIT:
        groups = [[address] for address in enabled]
    else:
        groups = [[enabled[0], *(other for other in enabled[1:] if other.can_send)]]
    return tuple(
        AccountSetup(group[0].email, tuple(identity(address) for address in group), imap, smtp, access)
        for group in groups
    )


def wanted_of(state: AccountState, serving: Serving, access: Access, options: SetupOptions, now: float) -> Wanted:
    """What is wanted for an account; the target comes later."""
    names = (state.username, *(address.email for address in state.addresses))
    accounts = accounts_of(state, serving, access, options)
    return Wanted(state.id, names, accounts, serving.certificate, options=options, at=now)


@dataclass(frozen=True, slots=True)
class Mending:
    """A set-up as it would be made now."""

    wanted: Wanted
    """With the clients it has, and their passwords."""
    fresh: tuple[AccountSetup, ...] = ()
    """Accounts for addresses that came since, which have no client yet."""


def mending_of(
    change: Applied,
    records: Sequence[ClientRecord],
    serving: Serving,
    state: AccountState | None,
    now: float,
    *,
    follows_addresses: bool,
) -> Mending | None:
    """A set-up as it would be made now; `records` are what is left of its clients. None when there are none.

    Accounts are added and taken out only if the set-up was for all addresses, and none of its passwords was revoked:
    what a person has taken away does not come back by a repair.
    """
    desired = _desired(state, serving)
    made = [entry for record in records if (entry := _as_made(record, serving)) is not None]
    if not made:
        return None
    names = (*change.names, *((state.username, *(entry.email for entry in state.addresses)) if state else ()))
    whole = bool(change.record.get("whole", len(change.clients) > 1)) and len(made) == len(change.clients)
    kept, gone, fresh = made, list[ClientId](), list[AccountSetup]()
    if follows_addresses and whole and desired:
        usernames = [entry.username for entry in desired]
        if len(desired) == 1 and not any(entry.username in usernames for entry in made):
            usernames = [made[0].username]  # combined: any address of the account signs in
        kept = [entry for entry in made if entry.username in usernames]
        gone = [entry.client for entry in made if entry not in kept and entry.client is not None]
        present = {entry.username for entry in kept}
        pattern = made[0]
        fresh = [
            replace(entry, imap=pattern.imap, smtp=pattern.smtp, access=pattern.access)
            for entry in desired
            if entry.username not in present and not (len(desired) == 1 and kept)
        ]
        if not kept:
            kept, gone, fresh = made, [], []
    accounts = tuple(_sending_as(entry, desired) for entry in kept)
    wanted = Wanted(
        change.account,
        tuple(dict.fromkeys(names)),
        accounts,
        serving.certificate,
        change.target,
        at=now,
        gone=tuple(gone),
        addresses_known=bool(desired),
    )
    return Mending(wanted, tuple(fresh))


def _desired(state: AccountState | None, serving: Serving) -> tuple[AccountSetup, ...]:
    """What a new set-up would have; nothing while the addresses are not known."""
    if state is None or not any(address.enabled for address in state.addresses):
        return ()
    return accounts_of(state, serving, Access.FULL, DEFAULT_SETUP)


def _as_made(record: ClientRecord, serving: Serving) -> AccountSetup | None:
    if record.setup is None:
        return None
    security = record.setup.imap.security
    imap, smtp = (replace(server, security=security) for server in (serving.imap, serving.smtp))
    own = (Identity(record.username),)
    return AccountSetup(record.username, own, imap, smtp, record.access, record.id, record.password)


def _sending_as(entry: AccountSetup, desired: Sequence[AccountSetup]) -> AccountSetup:
    """With the identities of now, its own address first; its own alone when it is none of the account's any more."""
    for other in desired:
        own = [identity for identity in other.identities if identity.email == entry.username]
        if own or len(desired) == 1:
            rest = [identity for identity in other.identities if identity not in own]
            return replace(entry, identities=(*own, *rest))
    return entry


def progress_of(
    record: ClientRecord, setup: SetupRecord, serving: Serving | None, now: float, seen: Seen = NOTHING_SEEN
) -> SetupProgress:
    """How far a client's set-up is, and what the program has seen. Without servers nothing is said about a repair."""
    phase, problem = SetupPhase.SIGNED_IN, _unfit(record, setup, serving)
    signed_in = setup.imap_at is not None or (not record.access.reads and setup.smtp_at is not None)
    if setup.written_at is None:
        phase, problem = SetupPhase.WRITING, None
    elif problem is not None:
        phase = SetupPhase.REPAIR
    elif not signed_in:
        phase, problem = SetupPhase.WAITING, _silent(record, setup.written_at, now)
    return SetupProgress(
        record.account,
        record.app,
        setup.target,
        phase,
        record.id,
        setup.written_at,
        setup.imap_at,
        setup.smtp_at,
        record.program,
        seen.folders if setup.imap_at is not None else 0,
        seen.messages if setup.imap_at is not None else None,
        problem,
    )


def _unfit(record: ClientRecord, setup: SetupRecord, serving: Serving | None) -> Problem | None:
    """What was written and is not so any more."""
    remedy = f"Repair the set-up of {record.label}."
    if setup.renewed:
        return Problem("setup-password", f"{record.label} has an old password", "The password was replaced.", remedy)
    if serving is None:
        return None
    if setup.fingerprint != serving.certificate.fingerprint:
        return Problem(
            "setup-certificate",
            f"{record.label} trusts an old certificate",
            "The certificate was renewed since it was set up.",
            remedy,
        )
    for written, present in ((setup.imap, serving.imap), (setup.smtp, serving.smtp)):
        if (written.host, written.port) != (present.host, present.port):
            return Problem(
                "setup-ports",
                f"{record.label} connects to an old port",
                f"It was set up for port {written.port}; it is {present.port} now.",
                remedy,
            )
    return None


def _silent(record: ClientRecord, written_at: float, now: float) -> Problem | None:
    if record.last_failure is not None and record.last_failure > written_at:
        return Problem(
            "setup-refused",
            f"{record.label} was refused",
            "It tried to sign in with an old password, or with another user name.",
            f"Repair the set-up of {record.label}.",
        )
    if now - written_at < PATIENCE_SECONDS:
        return None
    return Problem(
        "setup-silent",
        f"{record.label} has not signed in yet",
        "",
        f"Start {record.label}. If it runs and says that it cannot connect, open the Doctor.",
    )


def fitting(program: ProgramFound, wanted: Wanted) -> Wanted:
    """With an access that the program can use: full access becomes the most that it can."""
    access = wanted.accounts[0].access
    if access in program.accesses:
        return wanted
    if access is not Access.FULL:
        raise Refused(
            f"{program.name} has no use for a {access.value} password.",
            remedy=f"It can be: {', '.join(entry.value for entry in program.accesses)}.",
        )
    return replace(wanted, accounts=tuple(replace(entry, access=program.accesses[0]) for entry in wanted.accounts))


def label_of(program: ProgramFound, account: AccountSetup, wanted: Wanted) -> str:
    name = checked_label(wanted.options.label) if wanted.options.label else program.name
    return (name if len(wanted.accounts) == 1 else f"{name} ({account.username})")[:LABEL_LIMIT]


def label_beside(records: Sequence[ClientRecord], account: AccountSetup) -> str:
    """What one more account of a set-up is called in the list."""
    first = records[0]
    name = first.label.removesuffix(f" ({first.username})")
    return f"{name} ({account.username})"[:LABEL_LIMIT]


def clients_at(program: ProgramFound, account: AccountId, changes: Sequence[Applied]) -> tuple[ClientId, ...]:
    return tuple(
        client
        for change in changes
        if (change.app, change.target, change.account, change.stage)
        == (program.app, program.target, account, Stage.DONE)
        for client in change.clients
    )
