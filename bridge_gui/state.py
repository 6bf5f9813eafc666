"""What the core shows of itself: immutable snapshots, and the watch that hands out the newest.

Data flows one way. The core builds a `BridgeState` whenever something changed and puts it into a `Watched`; window,
control interface and command line read it and keep no second copy. Questions to a person are values too: each step of a
sign-in ends in one of the `LoginStep`s, and goes on when the answer is passed to the next call.

Everything that can be wrong is a `Problem` with a code for programs, and title, message and remedy for people. Where
each stands, and the codes:

    core.phase LOCKED, core.problem      vault-locked, keychain-missing, vault-damaged, vault; locked-by-user;
                                         cache-folder-missing
    core.phase RUNNING, core.problem     cache-moving: the local copy is on its way to another folder
    listeners[n].phase BUSY, .problem    port-busy; `suggested_port` is free
    accounts[n].phase and .problem
        CONNECTING   none                signing in with the kept session, opening the keys
                     throttled, server-trouble, service-malformed     the service bids us wait; tried again by itself
        CONNECTED    none, or one of the same three, or disk-full: shown until a poll goes through
        OFFLINE      none                no network; mail on this computer is served
                     untrusted           the connection does not lead to Proton (TLS, pins)
        SIGNED_OUT   none                a person signed out
                     signed-out          the service ended the session
                     session-expired, scope     it asks for a new sign-in
        LOCKED       keys-locked         the kept password does not open the keys any more: sign in again
        ERROR        bad-events          the changes cannot be followed: repair, or sign out
                     disk-full           tried again by itself
                     store-damaged, store       the local copy cannot be used: repair
                     update-forced, version-missing
                     paid-plan, account-disabled, account-restricted, human-check, device-check
                     keys-unsupported, address-keys-locked, crypto
                     anything else       the service refused, or a mistake of ours (`error`)
    accounts[n].sync.phase               LISTING, DOWNLOADING, INDEXING: synchronising; PAUSED; WAITING: no session
    notices[n].problem.code              what concerns the whole application, or happened once; by key:
        network      offline             no way to the service
        tls          untrusted
        update-forced, disk-full         the same codes, given once for all accounts
        password <client id>             old-password, wrong-password, wrong-name, send-only, read-only: a mail program
        sign-in <account id>             wrong-password: one of several programs, which is not known
        change <account id>              change-refused: what a mail program did was taken back
        vault-restored, certificate (certificate-renewed), settings
    LoginFailed.problem.code             wrong-credentials, paid-plan, sso, security-key, human-check-refused, ...
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from bridge_gui.model import Access, AccountId, AddressId, AddressMode, ClientId, FlowId, Protocol, SessionId
from bridge_gui.secret import Secret

T = TypeVar("T")


class AccountPhase(StrEnum):
    CONNECTED = "connected"
    CONNECTING = "connecting"
    OFFLINE = "offline"
    SIGNED_OUT = "signed-out"
    LOCKED = "locked"
    """The session is good, and the kept password does not open the keys: somebody has to sign in again."""
    ERROR = "error"


class SyncPhase(StrEnum):
    WAITING = "waiting"
    LISTING = "listing"
    """Labels and metadata are being read."""
    DOWNLOADING = "downloading"
    """Everything is listed; bodies arrive."""
    INDEXING = "indexing"
    PAUSED = "paused"
    DONE = "done"


class CorePhase(StrEnum):
    STARTING = "starting"
    RUNNING = "running"
    LOCKED = "locked"
    """The vault cannot be opened; `CoreState.problem` says why and what helps."""
    STOPPING = "stopping"


class ListenerPhase(StrEnum):
    LISTENING = "listening"
    BUSY = "busy"
    """Another program has the port."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in a person's words: `message` says what happened, `remedy` what to do, `code` is for programs."""

    code: str
    title: str
    message: str = ""
    remedy: str = ""
    detail: str = ""
    """The technical line, shown under Details; never a secret, never mail."""


@dataclass(frozen=True, slots=True)
class CoreState:
    version: str = ""
    phase: CorePhase = CorePhase.STARTING
    api: str = ""
    """Base URL of the service."""
    problem: Problem | None = None
    demo: bool = False
    pid: int = 0
    passphrase_opens: bool = False
    """With LOCKED: a passphrase may open the stored passwords."""
    show_requests: int = 0
    """How often somebody asked for the window, by starting the application again."""
    settings_changes: int = 0
    """How often a setting was changed: a reason to read the settings again."""


@dataclass(frozen=True, slots=True)
class AddressState:
    id: AddressId
    email: str
    display_name: str = ""
    enabled: bool = True
    can_send: bool = True


@dataclass(frozen=True, slots=True)
class SyncState:
    """How far the local copy is. `done` and `total` count messages; `remaining_s` is None without an honest guess."""

    phase: SyncPhase = SyncPhase.WAITING
    usable: bool = False
    """INBOX is listed: all its messages have UIDs and flags, each can be read on demand."""
    complete: bool = False
    """Everything that is to be kept on this computer is here."""
    done: int = 0
    total: int = 0
    remaining_s: float | None = None
    on_demand: int = 0
    """Messages that are listed, and whose bodies are fetched when they are read: older than the settings keep, of other
    mailboxes, or beyond the disk budget. They are not part of `total`."""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message that waits to be sent. `problem` says why it did not go yet, or never will by itself."""

    id: str
    subject: str
    recipients: int
    since: float
    problem: Problem | None = None
    failed: bool = False
    """It will not go by itself any more."""


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


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a mail program did, and the service refused: mail programs see the service's state again."""

    problem: Problem
    at: float


@dataclass(frozen=True, slots=True)
class AccountState:
    id: AccountId
    username: str
    phase: AccountPhase
    addresses: tuple[AddressState, ...] = ()
    """In the service's order; the first is the primary one."""
    mode: AddressMode = AddressMode.COMBINED
    problem: Problem | None = None
    sync: SyncState = SyncState()
    used_bytes: int = 0
    """Space used at the service."""
    max_bytes: int = 0
    disk_bytes: int = 0
    """Space used on this computer."""
    checked_at: float | None = None
    """When the service's events were last read; seconds since 1970."""
    taken_back: TakenBack | None = None
    """The newest change by a mail program that the service did not accept."""
    outbox: tuple[OutboxItem, ...] = ()

    @property
    def email(self) -> str:
        """The primary address, or the user name while no address is known."""
        return self.addresses[0].email if self.addresses else self.username


@dataclass(frozen=True, slots=True)
class ListenerState:
    protocol: Protocol
    host: str
    port: int
    phase: ListenerPhase
    problem: Problem | None = None
    suggested_port: int | None = None
    """With BUSY: the next free one."""


@dataclass(frozen=True, slots=True)
class ClientState:
    """One mail program that has a password of its own. The password itself is asked for by `Bridge.credentials`."""

    id: ClientId
    label: str
    account: AccountId
    app: str
    """thunderbird, apple-mail, outlook or other."""
    access: Access
    username: str
    """What the program signs in with: an address."""
    created_at: float = 0.0
    last_used: float | None = None
    program: str = ""
    """Name and version the program gave itself (IMAP ID), such as `Thunderbird 153.7`."""
    last_failure: float | None = None


@dataclass(frozen=True, slots=True)
class SessionState:
    id: SessionId
    client: ClientId
    protocol: Protocol
    since: float
    program: str = ""
    activity: str = ""
    """What it does now, in words: `reading INBOX`, `waiting`."""


class NoticeKind(StrEnum):
    INFO = "info"
    ATTENTION = "attention"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened and that a person should know once; `key` tells repeats of the same thing apart."""

    key: str
    kind: NoticeKind
    problem: Problem
    at: float
    account: AccountId | None = None


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


@dataclass(frozen=True, slots=True)
class ReportPart:
    """One piece of a report of a problem: exactly the text that would be sent under that name."""

    name: str
    text: str


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


class SetupPhase(StrEnum):
    CLOSING = "closing"
    """Waits until the person has closed the program."""
    PREPARING = "preparing"
    """The program is started once, without a window, to make its profile."""
    WRITING = "writing"
    WAITING = "waiting"
    """Our part is done; the program has not signed in yet."""
    SIGNED_IN = "signed-in"
    REPAIR = "repair"
    """What was written does not fit any more (`problem`); `Bridge.setup_repair` mends it."""


@dataclass(frozen=True, slots=True)
class SetupProgress:
    """How far a set-up is: while it is being made, and from then on for each client that was set up."""

    account: AccountId
    app: str
    target: str
    phase: SetupPhase
    client: ClientId | None = None
    """None until the password is made."""
    written_at: float | None = None
    imap_at: float | None = None
    """The first sign-in to IMAP since it was set up; seconds since 1970."""
    smtp_at: float | None = None
    program: str = ""
    """Name and version that the program gave itself."""
    problem: Problem | None = None
    """What keeps it from going on: a wrong password was tried, or nothing came within a minute."""


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


# ---------------------------------------------------------------------------------------------- all of it


@dataclass(frozen=True, slots=True)
class BridgeState:
    core: CoreState = CoreState()
    accounts: tuple[AccountState, ...] = ()
    listeners: tuple[ListenerState, ...] = ()
    clients: tuple[ClientState, ...] = ()
    sessions: tuple[SessionState, ...] = ()
    notices: tuple[Notice, ...] = ()
    setups: tuple[SetupProgress, ...] = ()
    """Set-ups under way, then one for each client that was set up by Bridge Manager."""


# ---------------------------------------------------------------------------------------------- the watch


@dataclass(slots=True, eq=False)
class _Waiter:
    event: asyncio.Event = field(default_factory=asyncio.Event)


class Watched(Generic[T]):
    """Hold the newest value, and wake those who watch; a slow watcher skips to the newest and never queues.

    Belongs to one event loop: `set` and `watch` are called on it.
    """

    def __init__(self, value: T) -> None:
        self._value = value
        self._version = 0
        self._waiters: set[_Waiter] = set()

    @property
    def value(self) -> T:
        return self._value

    def set(self, value: T) -> None:
        """Publish a value; equal ones wake nobody."""
        if value == self._value:
            return
        self._value = value
        self._version += 1
        for waiter in self._waiters:
            waiter.event.set()

    async def watch(self) -> AsyncIterator[T]:
        """Yield the present value at once, and then the newest one each time it has changed."""
        waiter = _Waiter()
        self._waiters.add(waiter)
        try:
            while True:
                waiter.event.clear()
                seen = self._version
                yield self._value
                if seen == self._version:
                    await waiter.event.wait()
        finally:
            self._waiters.discard(waiter)
