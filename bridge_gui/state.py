"""What the core shows of itself: immutable snapshots.

Data flows one way. The core builds a `BridgeState` whenever something changed and puts it into a `Watched`; window,
control interface and command line read it and keep no second copy. What calls are answered with is in `answers`.

Everything that can be wrong is a `Problem` with a code for programs, and title, message and remedy for people. Where
each stands, and the codes:

    core.phase LOCKED, core.problem      vault-locked, keychain-missing, vault-damaged, vault; locked-by-user;
                                         cache-folder-missing
    core.phase RUNNING, core.problem     cache-moving: the local copy is on its way to another folder
    listeners[n].phase BUSY, .problem    port-busy; `suggested_port` is free. port-forbidden
    accounts[n].phase and .problem
        CONNECTING   none                signing in with the kept session, opening the keys
                     throttled, server-trouble, service-malformed     the service bids us wait; tried again by itself
        CONNECTED    none, or one of the same three, session-expired or disk-full: shown until a poll goes through
        OFFLINE      none                no network; mail on this computer is served
                     untrusted           the connection does not lead to Proton (TLS, pins)
        SIGNED_OUT   none                a person signed out
                     signed-out          the service ended the session
                     scope               the session may not do what is needed: sign in again
        LOCKED       keys-locked         the kept password does not open the keys any more: sign in again
        ERROR        bad-events          the changes cannot be followed: repair, or sign out
                     disk-full           tried again by itself
                     store-damaged, store       the local copy cannot be used: repair
                     update-forced, version-missing
                     paid-plan, account-disabled, account-restricted, human-check, device-check
                     keys-unsupported, address-keys-locked
                     error               a mistake of ours; tried again by itself
                     anything else       the service's own refusal
    accounts[n].sync.phase               LISTING, DOWNLOADING, INDEXING: synchronising; PAUSED; WAITING: no session
    notices[n].problem.code              what concerns the whole application, or happened once; by key:
        network      offline             no way to the service
        tls          untrusted
        update-forced, disk-full         the same codes, given once for all accounts
        password <client id>             old-password, wrong-password, wrong-name, send-only, read-only: a mail program
        sign-in <account id>             wrong-password: one of several programs, which is not known
        change <account id>              change-refused: what a mail program did was taken back
                                         changes-lost: a damaged local copy was made anew, and may have held some
        vault-restored, certificate (certificate-renewed), settings
    LoginFailed.problem.code             wrong-credentials, paid-plan, sso, security-key, human-check-refused, ...
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bridge_gui.model import Access, AccountId, AddressId, AddressMode, ClientId, Protocol, SessionId


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
    can_start_anew: bool = False
    """With LOCKED: nothing here opens the stored passwords, or a passphrase alone, which may be forgotten. A backup
    helps, or `Bridge.start_anew`."""
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
class Mails:
    """Which messages something is about. Subjects are mail: shown, but never in a log or a report."""

    subjects: tuple[str, ...] = field(default=(), repr=False)
    """Of the first few."""
    more: int = 0
    """How many others there are."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a mail program did, and the service refused: mail programs see the service's state again. Or what a damaged
    local copy may have lost of it."""

    problem: Problem
    at: float
    """Later than that of the one before."""
    messages: Mails = Mails()


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
    taken_back: tuple[TakenBack, ...] = ()
    """The newest changes by mail programs that the service did not accept, or that were lost, in their order."""
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
    messages: Mails | None = None
    """Which messages it is about."""


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
    folders: int = 0
    """How many it has listed since the core was started; 0 until it does."""
    messages: int | None = None
    """How many were in INBOX when it opened it the last time since then."""
    problem: Problem | None = None
    """What keeps it from going on: a wrong password was tried, or nothing came within a minute."""


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
