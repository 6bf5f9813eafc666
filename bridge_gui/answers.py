"""What calls of the bridge take, and are answered with: frozen values, beside the snapshots of `state`.

Questions to a person are values too: each step of a sign-in ends in one of the `LoginStep`s, and goes on when the
answer is passed to the next call.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bridge_gui.model import Access, AccountId, ClientId, FlowId
from bridge_gui.secret import Secret
from bridge_gui.state import Problem

# ---------------------------------------------------------------------------------------------- signing in


@dataclass(frozen=True, slots=True)
class NeedTwoFactor:
    """The account asks for the six digits of the authenticator; `problem` is set when the last code was wrong."""

    flow: FlowId
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class NeedMailboxPassword:
    """Two-password mode: the second password opens the keys and never leaves this computer."""

    flow: FlowId
    attempts_left: int = 3
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class NeedHumanCheck:
    """The service wants to see a person: open `url` in the browser, then go on with `Bridge.login_verified`."""

    flow: FlowId
    url: str
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    account: AccountId


@dataclass(frozen=True, slots=True)
class LoginFailed:
    """The sign-in ended; `retry` is True when the same form with other input may succeed."""

    problem: Problem
    retry: bool = True


LoginStep = NeedTwoFactor | NeedMailboxPassword | NeedHumanCheck | SignedIn | LoginFailed


# ---------------------------------------------------------------------------------------------- mail programs


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a mail program connects to. Both TLS from the first byte and STARTTLS are served on the port."""

    host: str
    port: int
    security: str = "STARTTLS"


@dataclass(frozen=True, slots=True)
class Credentials:
    """All that is typed into a mail program."""

    id: ClientId
    label: str
    access: Access
    username: str
    password: Secret[str]
    imap: ServerAddress
    smtp: ServerAddress


# ---------------------------------------------------------------------------------------------- setting programs up


@dataclass(frozen=True, slots=True)
class SetupOptions:
    """What a person may choose about how a mail program is set up."""

    security: str = "STARTTLS"
    """STARTTLS, or TLS from the first byte."""
    keep_copies: bool = True
    """The program keeps its own copies of the mail on the disk."""
    address: str = ""
    """With split addresses: the only one to be set up. Empty is all of them."""
    label: str = ""
    """What the program is called in the list. Empty: its own name."""
    file: str = ""
    """Where a text that is made for the program is saved, as a whole path. Empty: the person copies it."""


DEFAULT_SETUP = SetupOptions()


@dataclass(frozen=True, slots=True)
class ProgramFound:
    """A mail program, or one profile of it. Also one that was not found on this computer but can be set up by hand."""

    app: str
    """thunderbird, apple-mail, outlook or other: with `target` what the set-up is asked for with."""
    name: str
    """What people call it: `Thunderbird`."""
    target: str = ""
    """Which profile (its folder) or which program of `other`; empty where there is only one."""
    title: str = ""
    """The profile's own name, to tell several apart."""
    addresses: tuple[str, ...] = ()
    """The addresses it has already."""
    installed: bool = True
    running: bool = False
    guided: bool = False
    """The person does it, by steps with values to copy; nothing is written by us."""
    unproven: bool = False
    """Written by the book and not tried with the real program yet: say so."""
    problem: Problem | None = None
    """Why it cannot be set up at all, and what to do instead."""
    accesses: tuple[Access, ...] = tuple(Access)
    """What its password may be allowed to do, the most fitting first; the rest is of no use to it."""
    one_address: bool = False
    """With split addresses it is set up for one of them at a time."""
    clients: tuple[ClientId, ...] = ()
    """What Bridge Manager has set up there and not taken back; their passwords may be revoked by now."""


@dataclass(frozen=True, slots=True)
class SetupValue:
    """A value to copy into a program. The password is never in it: with `secret`, ask `Bridge.credentials`."""

    label: str
    value: str = ""
    secret: bool = False
    client: ClientId | None = None
    """Whose password, where a set-up has several; None is its first."""


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step of a plan, in words: what happens, where, and the exact lines, passwords masked."""

    title: str
    where: str = ""
    lines: tuple[str, ...] = ()
    by_user: bool = False
    """The person does it: the program offers no way to."""
    values: tuple[SetupValue, ...] = ()
    picture: str = ""
    """Name of a picture in `resources/`."""
    unproven: bool = False


@dataclass(frozen=True, slots=True)
class SetupPlan:
    """All that a set-up would do; nothing has been written. `program` says what was aimed at."""

    program: ProgramFound
    access: Access
    options: SetupOptions
    steps: tuple[SetupStep, ...]


@dataclass(frozen=True, slots=True)
class SetupMade:
    """One set-up that was made and not taken back, as its record beside the backups says."""

    id: str
    app: str
    target: str
    account: AccountId
    names: tuple[str, ...]
    """User name and addresses of the account, which may be gone by now."""
    clients: tuple[ClientId, ...]
    made_at: float


# ---------------------------------------------------------------------------------------------- settings, certificate


@dataclass(frozen=True, slots=True)
class SettingState:
    """One setting with its meaning; values travel as text: `true`, `false`, numbers, words."""

    key: str
    value: str
    default: str
    meaning: str
    choices: tuple[str, ...] = ()
    needs: str = ""
    """What a change needs to take effect, as a sentence; empty when it does at once."""


@dataclass(frozen=True, slots=True)
class CertificateState:
    fingerprint: str
    """SHA-256 of the server's certificate, upper hex with colons."""
    ca_fingerprint: str
    path: str
    """The CA certificate as a PEM file."""
    not_after: float
    hosts: tuple[str, ...] = ()


# ---------------------------------------------------------------------------------------------- help


class CheckResult(StrEnum):
    GOOD = "good"
    ATTENTION = "attention"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor."""

    key: str
    result: CheckResult
    sentence: str
    remedy: str = ""
    cure: str = ""
    """What a button would do, where `key` and `result` do not tell: a value of the window's `Cure`; `none` for nothing.
    """


@dataclass(frozen=True, slots=True)
class ReportPart:
    """One piece of a report of a problem: exactly the text that would be sent under that name."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Something of a message that arrived otherwise than it was sent. `known`: the service has to change it."""

    what: str
    sent: str
    arrived: str
    known: bool


@dataclass(frozen=True, slots=True)
class LetterResult:
    """One letter of the self-test. `seconds` until it was here; None when it did not come, and `problem` says why."""

    name: str
    seconds: float | None
    differences: tuple[Difference, ...] = ()
    problem: str = ""

    @property
    def good(self) -> bool:
        """Whether it came, changed in nothing but what the service has to change."""
        return self.seconds is not None and all(each.known for each in self.differences)
