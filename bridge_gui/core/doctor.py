"""The doctor: everything that can be wrong, each in one sentence with one remedy.

`judge` is pure: from a snapshot and a few measured facts to a list of checks. `examine` measures the facts.
"""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from bridge_gui.aio import off_loop
from bridge_gui.answers import Check, CheckResult
from bridge_gui.config import Profile
from bridge_gui.errors import BridgeError
from bridge_gui.state import AccountPhase, BridgeState, ClientState, CorePhase, ListenerPhase, Problem
from bridge_gui.vault.certificate import RENEW_BEFORE, CertificateInfo, describe
from bridge_gui.vault.vault import KeyPlace, Vault

LITTLE_DISK = 500 * 1024 * 1024
SECONDS_A_DAY = 86400.0

GOOD, ATTENTION, BAD = CheckResult.GOOD, CheckResult.ATTENTION, CheckResult.BAD


@dataclass(frozen=True, slots=True)
class Facts:
    """What was measured at this moment."""

    now: float
    free_bytes: int
    key_place: KeyPlace | None = None
    """None while the vault is closed."""
    certificate: CertificateInfo | None = None


async def examine(state: BridgeState, profile: Profile, vault: Vault | None, now: float) -> tuple[Check, ...]:
    """Measure and judge."""
    free = (await off_loop(None, shutil.disk_usage, profile.data)).free
    certificate = None
    if vault is not None and vault.content.certificate is not None:
        try:
            certificate = describe(vault.content.certificate)
        except BridgeError:
            certificate = None  # judged as missing
    return tuple(judge(state, Facts(now, free, vault.key_place if vault else None, certificate)))


def judge(state: BridgeState, facts: Facts) -> Iterator[Check]:
    yield _vault(state, facts)
    if state.core.phase is not CorePhase.LOCKED:
        yield _certificate(facts)
        yield from _listeners(state)
    yield _disk(facts)
    yield from _accounts(state)
    yield from (_client(client, state, facts) for client in state.clients)


def _of_problem(key: str, problem: Problem | None, otherwise: str) -> Check:
    if problem is None:
        return Check(key, BAD, otherwise)
    return Check(key, BAD, problem.message or problem.title, problem.remedy)


def _vault(state: BridgeState, facts: Facts) -> Check:
    if facts.key_place is None:
        return _of_problem("vault", state.core.problem, "The stored passwords are not open.")
    where = {
        KeyPlace.KEYCHAIN: "the keychain of this computer",
        KeyPlace.PASSPHRASE: "a passphrase",
        KeyPlace.FILE: "a key of the demonstration only",
    }[facts.key_place]
    return Check("vault", GOOD, f"The stored passwords are open; they are protected by {where}.")


def _certificate(facts: Facts) -> Check:
    if facts.certificate is None:
        return Check("certificate", BAD, "The certificate cannot be read.", "Renew the certificate.")
    until = facts.certificate.not_after
    left = until - datetime.datetime.fromtimestamp(facts.now, datetime.UTC)
    if left <= RENEW_BEFORE:
        return Check("certificate", ATTENTION, f"The certificate ends on {until:%Y-%m-%d}.", "Renew the certificate.")
    return Check("certificate", GOOD, f"The certificate is valid until {until:%Y-%m-%d}.")


def _listeners(state: BridgeState) -> Iterator[Check]:
    for listener in state.listeners:
        name = listener.protocol.upper()
        key = f"port-{listener.protocol}"
        if listener.phase is ListenerPhase.LISTENING:
            yield Check(key, GOOD, f"{name} listens on {listener.host}, port {listener.port}.")
        else:
            yield _of_problem(key, listener.problem, f"{name} does not listen.")


def _disk(facts: Facts) -> Check:
    megabytes = facts.free_bytes // (1024 * 1024)
    if facts.free_bytes < LITTLE_DISK:
        remedy = "Free some space, or keep less mail on this computer (Settings)."
        return Check("disk", ATTENTION, f"Only {megabytes} MB are free on the disk.", remedy)
    return Check("disk", GOOD, f"{megabytes} MB are free on the disk.")


def _accounts(state: BridgeState) -> Iterator[Check]:
    if not state.accounts and state.core.phase is CorePhase.RUNNING:
        yield Check("accounts", ATTENTION, "No account is signed in.", "Sign in to one.")
    for account in state.accounts:
        key = f"account-{account.id}"
        if account.phase is AccountPhase.CONNECTED:
            yield Check(key, GOOD, f"{account.email} is connected.")
        elif account.phase in (AccountPhase.CONNECTING, AccountPhase.OFFLINE):
            what = "is being connected" if account.phase is AccountPhase.CONNECTING else "is offline"
            remedy = account.problem.remedy if account.problem else ""
            yield Check(key, ATTENTION, f"{account.email} {what}; mail on this computer can be read.", remedy)
        elif account.problem is not None:
            problem = account.problem
            yield Check(key, BAD, f"{account.email}: {problem.message or problem.title}", problem.remedy)
        else:
            yield Check(key, BAD, f"{account.email} is {account.phase.replace('-', ' ')}.", "Sign in again.")


def _client(client: ClientState, state: BridgeState, facts: Facts) -> Check:
    key = f"client-{client.id}"
    if client.last_failure is not None and client.last_failure > (client.last_used or 0.0):
        sentence = f"{client.label} was refused at its last sign-in."
        return Check(key, BAD, sentence, f"Copy user name and password into {client.label} again.")
    if client.last_used is None:
        sentence = f"{client.label} has never signed in."
        return Check(key, ATTENTION, sentence, f"Set up {client.label}, and look at its own error message.")
    if any(session.client == client.id for session in state.sessions):
        return Check(key, GOOD, f"{client.label} is connected.")
    days = int((facts.now - client.last_used) // SECONDS_A_DAY)
    if days >= 30:
        return Check(
            key, ATTENTION, f"{client.label} has not signed in for {days} days.", "Revoke it if it is not used."
        )
    return Check(key, GOOD, f"{client.label} signed in {'today' if days == 0 else f'{days} days ago'}.")
