"""The doctor: everything that can be wrong, each in one sentence with one remedy.

`judge` is pure: from a snapshot and a few measured facts to a list of checks. `examine` measures the facts. What is
said of vain attempts to sign in is in `doctor_programs`.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bridge_gui.aio import off_loop
from bridge_gui.answers import Check, CheckResult
from bridge_gui.core.attempts import MEMORY_SECONDS, AttemptBook, Attempts
from bridge_gui.core.doctor_programs import of_client, of_strangers
from bridge_gui.core.opened import Opened
from bridge_gui.core.probe import Probe, Reach, probe
from bridge_gui.errors import BridgeError
from bridge_gui.model import Protocol
from bridge_gui.state import AccountPhase, BridgeState, ClientState, CorePhase, ListenerPhase, Problem
from bridge_gui.vault.certificate import RENEW_BEFORE, CertificateInfo, describe
from bridge_gui.vault.vault import KeyPlace

LITTLE_DISK = 500 * 1000 * 1000
CLOCK_WRONG = 60.0
"""Seconds. A two-factor code lives for 30, and services allow one before and one after it."""
CLOCK_VERY_WRONG = 600.0
SIZE_STEP = 1024 if sys.platform == "win32" else 1000
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
    clock_offset: float | None = None
    """Seconds by which the service's clock is ahead; None while nothing is known."""
    probes: Mapping[Protocol, Probe] = field(default_factory=dict)
    """What a mail program meets at each port that we listen on."""
    attempts: tuple[Attempts, ...] = ()
    """Vain attempts to sign in within the last day, the newest last."""


async def examine(
    state: BridgeState, folder: Path, opened: Opened | None, attempts: AttemptBook, now: float
) -> tuple[Check, ...]:
    """Measure and judge. `folder` lies on the disk that is looked at."""
    free = (await off_loop(None, shutil.disk_usage, folder)).free
    facts = Facts(now, free, attempts=attempts.since(now - MEMORY_SECONDS))
    if opened is not None:
        record = opened.vault.content.certificate
        certificate = None
        if record is not None:
            with contextlib.suppress(BridgeError):  # it is judged as missing
                certificate = describe(record)
        facts = replace(
            facts,
            key_place=opened.vault.key_place,
            certificate=certificate,
            clock_offset=opened.service.clock_offset(),
        )
        if record is not None and certificate is not None:
            facts = replace(facts, probes=await _probes(state, record.ca_pem, certificate))
    return tuple(judge(state, facts))


async def _probes(state: BridgeState, ca_pem: str, certificate: CertificateInfo) -> Mapping[Protocol, Probe]:
    listening = [listener for listener in state.listeners if listener.phase is ListenerPhase.LISTENING]

    def name(host: str) -> str:
        return host if host in certificate.hosts or not certificate.hosts else certificate.hosts[0]

    found = await asyncio.gather(
        *(probe(one.protocol, one.host, one.port, ca_pem, certificate.fingerprint, name(one.host)) for one in listening)
    )
    return {one.protocol: met for one, met in zip(listening, found, strict=True)}


def judge(state: BridgeState, facts: Facts) -> Iterator[Check]:
    yield _vault(state, facts)
    if state.core.phase is not CorePhase.LOCKED:
        yield _certificate(facts)
        yield from _listeners(state, facts)
    yield _disk(facts)
    yield from _clock(state, facts)
    yield from _accounts(state)
    yield from (_client(client, state, facts) for client in state.clients)
    yield from of_strangers(state, facts.attempts, facts.now)


def _of_problem(key: str, problem: Problem | None, otherwise: str) -> Check:
    if problem is None:
        return Check(key, BAD, otherwise)
    return Check(key, BAD, problem.message or f"{problem.title}.", problem.remedy)


def _in_words(problem: Problem) -> str:
    """What it is, and what there is to say of it."""
    title = problem.title.rstrip(".") + "."
    return title if problem.message.rstrip(".") + "." in (".", title) else f"{title} {problem.message}"


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


def _listeners(state: BridgeState, facts: Facts) -> Iterator[Check]:
    for listener in state.listeners:
        name = listener.protocol.upper()
        key = f"port-{listener.protocol}"
        if listener.phase is not ListenerPhase.LISTENING:
            found = _of_problem(key, listener.problem, f"{name} does not listen.")
            yield replace(found, cure="use-port" if listener.suggested_port is not None else "port")
        elif (met := facts.probes.get(listener.protocol)) is None or met.reach is Reach.GOOD:
            yield Check(key, GOOD, f"{name} listens on {listener.host}, port {listener.port}.")
        else:
            yield _unreached(key, name, listener.port, met)


FIREWALL = "Let the firewall or security program of this computer allow connections to 127.0.0.1."
SHIELD = "Switch off the mail shield of the security program on this computer, at least for 127.0.0.1."


def _unreached(key: str, name: str, port: int, met: Probe) -> Check:
    """We listen, and a mail program does not come through to us."""
    match met.reach:
        case Reach.REFUSED:
            sentence = f"{name} listens on port {port}, but connections to it are refused."
            return Check(key, BAD, sentence, FIREWALL, "none")
        case Reach.SILENT:
            sentence = f"{name} listens on port {port}, but nothing comes back from there."
            return Check(key, BAD, sentence, FIREWALL, "none")
        case Reach.OTHER:
            sentence = f"Another program answers at port {port} in the place of {name}: {met.who}."
            return Check(key, BAD, sentence, "Close that program, or choose another port.", "port")
        case Reach.PLAIN:
            sentence = f"Something between mail programs and {name} takes the encryption away."
            return Check(key, BAD, sentence, SHIELD, "none")
        case Reach.OTHER_CERTIFICATE:
            sentence = f"Something opens the encryption of {name}: its certificate was issued by {met.who}."
            return Check(key, BAD, sentence, SHIELD, "none")
        case Reach.UNVERIFIED:
            sentence = f"The certificate that {name} shows does not stand the checks of mail programs."
            return Check(key, BAD, sentence, "Renew the certificate.", "renew")
        case _:
            sentence = f"Mail programs cannot start the encryption of {name}."
            return Check(key, BAD, sentence, SHIELD, "none")


def _disk(facts: Facts) -> Check:
    free = size_text(facts.free_bytes)
    if facts.free_bytes < LITTLE_DISK:
        remedy = "Free some space, or keep less mail on this computer (Settings)."
        return Check("disk", ATTENTION, f"Only {free} are free on the disk.", remedy)
    return Check("disk", GOOD, f"{free} are free on the disk.")


def size_text(count: int, step: int = SIZE_STEP) -> str:
    """Bytes as the system's own programs say it: by 1024 in Windows, by 1000 elsewhere."""
    amount, units = float(count) / step, ["KB", "MB", "GB", "TB"]
    while amount >= step and len(units) > 1:
        amount, units = amount / step, units[1:]
    return f"{amount:.0f} {units[0]}" if amount >= 9.95 else f"{amount:.1f} {units[0]}"


SET_CLOCK = "Let the system set date and time by itself (system settings)."
UNTIL_THEN = "Until then codes of two-factor sign-ins can be refused."


def _clock(state: BridgeState, facts: Facts) -> Iterator[Check]:
    """A clock that is wrong by minutes makes two-factor codes fail; by days, every certificate."""
    if facts.clock_offset is None:
        seen = [account.checked_at for account in state.accounts] + [client.last_used for client in state.clients]
        if max((moment for moment in seen if moment is not None), default=0.0) > facts.now + CLOCK_WRONG:
            sentence = "The clock of this computer was set back: it shows a time that was before the last use."
            yield Check("clock", BAD, sentence, SET_CLOCK, "none")
        return
    off = abs(facts.clock_offset)
    if off <= CLOCK_WRONG:
        yield Check("clock", GOOD, "The clock of this computer agrees with Proton's.")
        return
    span = span_text(off)
    slow = f"The clock of this computer is {span} slow."
    fast = f"The clock of this computer is {span} fast."
    result = BAD if off >= CLOCK_VERY_WRONG else ATTENTION
    remedy = " ".join((SET_CLOCK, UNTIL_THEN))
    yield Check("clock", result, slow if facts.clock_offset > 0 else fast, remedy, "none")


def span_text(seconds: float) -> str:
    """A span of time, rounded, in a unit that fits."""
    if seconds >= 2 * SECONDS_A_DAY:
        return f"{round(seconds / SECONDS_A_DAY)} d"
    return f"{round(seconds / 3600)} h" if seconds >= 7200 else f"{round(seconds / 60)} min"


def _accounts(state: BridgeState) -> Iterator[Check]:
    if not state.accounts and state.core.phase is CorePhase.RUNNING:
        yield Check("accounts", ATTENTION, "No account is signed in.", "Sign in to one.")
    for account in state.accounts:
        key = f"account-{account.id}"
        if account.phase is AccountPhase.CONNECTED and account.problem is not None:
            yield Check(key, ATTENTION, f"{account.email}: {_in_words(account.problem)}", account.problem.remedy)
        elif account.phase is AccountPhase.CONNECTED:
            yield Check(key, GOOD, f"{account.email} is connected.")
        elif account.phase in (AccountPhase.CONNECTING, AccountPhase.OFFLINE):
            what = "is being connected" if account.phase is AccountPhase.CONNECTING else "is offline"
            remedy = account.problem.remedy if account.problem else ""
            yield Check(key, ATTENTION, f"{account.email} {what}; mail on this computer can be read.", remedy)
        elif account.problem is not None:
            problem = account.problem
            yield Check(key, BAD, f"{account.email}: {_in_words(problem)}", problem.remedy)
        else:
            signed_out, locked = f"{account.email} is signed out.", f"{account.email} is locked."
            yield Check(key, BAD, locked if account.phase is AccountPhase.LOCKED else signed_out, "Sign in again.")


def _client(client: ClientState, state: BridgeState, facts: Facts) -> Check:
    key = f"client-{client.id}"
    vain = [attempt for attempt in facts.attempts if attempt.client == client.id]
    if vain:
        return of_client(client, vain[-1], state)
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
