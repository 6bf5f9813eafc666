"""What the IMAP server asks of whoever holds the mail.

Three short faces, one for each state of RFC 3501 section 3: `Backend` (not authenticated), `User` (authenticated) and
`Mailbox` (selected). The server never learns what is behind them. Expected outcomes are values (`LoginRefused`, `No`);
`No` becomes a tagged NO with its response code.

How changes reach a session. A mailbox's messages are an immutable `Snapshot`: columns sorted by UID. A change makes
a new snapshot and a `Delta` that says which UIDs went, came or changed; it is handed to the listener of every session
that has the mailbox selected. The session keeps what it has told its client and translates sequence numbers through
what is still untold. So the cost of a change follows its size, not the mailbox's.
"""

from __future__ import annotations

from array import array
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntFlag
from typing import NamedTuple, Protocol

from bridge_gui.secret import Secret

# ------------------------------------------------------------------------------------------- values


class No(Exception):
    """A refusal with the response code of RFC 3501 7.1 or RFC 5530: CANNOT, UNAVAILABLE, TRYCREATE, NONEXISTENT ..."""

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.code = code


class LoginRefusal(Enum):
    """Why a sign-in was refused; decides the response code (RFC 5530)."""

    CREDENTIALS = "AUTHENTICATIONFAILED"
    ACCESS = "AUTHORIZATIONFAILED"
    """The password is right, but may not read mail (send-only)."""
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class LoginRefused:
    reason: LoginRefusal
    text: str


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a connection."""

    address: str
    port: int
    tls: bool


@dataclass(frozen=True, slots=True)
class MailboxInfo:
    """One line of LIST. `name` is Unicode with `/` between levels; `attributes` as `\\HasNoChildren`, `\\Sent` ..."""

    name: str
    attributes: tuple[str, ...] = ()
    selectable: bool = True
    subscribed: bool = True
    mailbox_id: str = ""
    """RFC 8474; empty when not selectable."""


@dataclass(frozen=True, slots=True)
class MailboxStatus:
    messages: int
    unseen: int
    uidnext: int
    uidvalidity: int
    highest_modseq: int
    size: int | None = None
    """Sum of the messages' sizes in bytes; None where some are not known yet."""
    deleted: int = 0
    mailbox_id: str = ""
    deleted_size: int | None = None
    """Sum of the sizes of messages with \\Deleted, as `size`."""


class Flags(Protocol):
    """Which set of flags a number stands for. Sets are only ever added, so what was read once stays true."""

    def flags(self, number: int) -> frozenset[str]: ...

    def __len__(self) -> int: ...


class FlagTable:
    """Sets of flags as small numbers, so that a mailbox of any size keeps two bytes a message.

    One table serves a whole store; it only grows. Number 0 is the empty set. Flags are kept in their canonical spelling
    (`\\Seen`, `$Forwarded`, keywords as first seen).
    """

    def __init__(self) -> None:
        self._sets: list[frozenset[str]] = [frozenset()]
        self._numbers: dict[frozenset[str], int] = {frozenset(): 0}

    def number(self, flags: frozenset[str]) -> int:
        found = self._numbers.get(flags)
        if found is None:
            found = len(self._sets)
            self._sets.append(flags)
            self._numbers[flags] = found
        return found

    def flags(self, number: int) -> frozenset[str]:
        return self._sets[number]

    def __len__(self) -> int:
        return len(self._sets)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Snapshot:
    """The messages of a mailbox at one moment, in UID order: three columns of the same length. Whoever holds the mail
    gives all sessions the same one, as what is found out about it is remembered with it."""

    uids: array[int]
    """array('I')"""
    flags: array[int]
    """array('H'), numbers of `table`"""
    modseqs: array[int]
    """array('Q')"""
    table: Flags
    uidnext: int
    highest_modseq: int


@dataclass(frozen=True, slots=True)
class Delta:
    """What one change did; UIDs ascending. `snapshot` is the state after it."""

    snapshot: Snapshot
    added: Sequence[int] = ()
    removed: Sequence[int] = ()
    changed: Sequence[int] = ()
    """Flags or MODSEQ changed."""
    origin: object = None
    """The `Mailbox` through which the change was made, so that .SILENT and RFC 7162 3.1.3 can be kept."""


Listener = Callable[[Delta], None]
Trace = Callable[[str], None]
"""Takes the lines of a session's log."""


class Need(IntFlag):
    """Which fields of a `Record` a FETCH needs."""

    SIZE = 1
    DATE = 2
    ENVELOPE = 4
    BODYSTRUCTURE = 8
    BODY = 16
    HEADER = 32
    LITERAL = 64
    EMAIL_ID = 128
    THREAD_ID = 256
    PREVIEW = 512
    SAVE_DATE = 1024
    BRIEF = 2048


class Record(NamedTuple):
    """The immutable side of one message, as far as it was asked for. Texts are ready to be sent."""

    uid: int
    size: int = 0
    date: int = 0
    """INTERNALDATE, seconds since 1970 UTC; may be negative."""
    envelope: bytes = b""
    bodystructure: bytes = b""
    body: bytes = b""
    header: bytes = b""
    """The RFC 5322 header with its closing empty line."""
    literal: bytes = b""
    email_id: str = ""
    thread_id: str = ""
    preview: str | None = None
    save_date: int | None = None
    brief: bytes = b""
    """The header fields that lists of messages show, ready to be picked from (`mime.brief`)."""


class StoreMode(Enum):
    REPLACE = "FLAGS"
    ADD = "+FLAGS"
    REMOVE = "-FLAGS"


@dataclass(frozen=True, slots=True)
class FlagChange:
    mode: StoreMode
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Copied:
    """COPYUID (RFC 4315): both sequences in the same order, target UIDs ascending."""

    uidvalidity: int
    source: Sequence[int]
    target: Sequence[int]


@dataclass(slots=True)
class Append:
    """One message of an APPEND. `date` is seconds since 1970 or None for now."""

    literal: bytes
    flags: frozenset[str] = frozenset()
    date: int | None = None

    def take(self) -> bytes:
        """Hand the literal over: it may be large, and is not to stay here until it is stored."""
        literal, self.literal = self.literal, b""
        return literal


@dataclass(frozen=True, slots=True)
class Appended:
    uidvalidity: int
    uids: Sequence[int]


class Field(Enum):
    """Which text a content search looks at (RFC 3501 6.4.4)."""

    TEXT = "text"
    BODY = "body"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class TextKey:
    """TEXT, BODY and HEADER, and with them FROM, TO, CC, BCC, SUBJECT. `needle` is Unicode, matched without case."""

    field: Field
    needle: str
    header: str = ""
    """With HEADER: the field's name, lower case; an empty needle asks for its presence."""


@dataclass(frozen=True, slots=True)
class SizeKey:
    """LARGER (more than) or SMALLER (less than) so many bytes."""

    larger: bool
    size: int


@dataclass(frozen=True, slots=True)
class DateKey:
    """INTERNALDATE, or with `sent` the Date header's day in its own zone, or with `saved` SAVEDATE.

    first <= date < before, as days since 1970-01-01; either may be None."""

    first: int | None
    before: int | None
    sent: bool = False
    saved: bool = False


@dataclass(frozen=True, slots=True)
class IdKey:
    """EMAILID or THREADID (RFC 8474)."""

    thread: bool
    value: str


ContentKey = TextKey | SizeKey | DateKey | IdKey


class SortValues(NamedTuple):
    """What SORT and THREAD need of one message (RFC 5256), already normalised."""

    uid: int
    arrival: int
    sent: int
    size: int
    subject: str
    """Base subject (RFC 5256 2.1)."""
    sender: str
    """Mailbox part of the first From address, lower case; `display_from` its display name."""
    to: str
    cc: str
    display_from: str
    display_to: str
    message_id: str
    references: tuple[str, ...]
    is_reply: bool


# ------------------------------------------------------------------------------------------- faces


class Backend(Protocol):
    """Not authenticated."""

    async def login(self, username: str, password: Secret[str], peer: Peer) -> User | LoginRefused:
        """Check a password. Takes the same time for a wrong name and a wrong password, and delays repeated failures of
        one origin without holding up the right password of another."""
        ...

    @property
    def server_id(self) -> Mapping[str, str]:
        """Our own fields for ID (RFC 2971)."""
        ...


class User(Protocol):
    """Authenticated: one for each session; it ends with `close`."""

    @property
    def read_only(self) -> bool: ...

    def identify(self, fields: Mapping[str, str]) -> None:
        """The client named itself (RFC 2971)."""
        ...

    def activity(self, text: str) -> None:
        """What the session does now, in words, for the list of live sessions: `reading INBOX`, `waiting`."""
        ...

    def listed(self, count: int) -> None:
        """The client was told the names of so many mailboxes by one LIST or LSUB."""
        ...

    def on_revoked(self, callback: Callable[[str], None]) -> None:
        """`callback` is called, once, with the text for BYE, when this password is revoked or the account goes away."""
        ...

    def on_traced(self, callback: Callable[[Trace | None], None]) -> None:
        """`callback` is called with where lines go to when the log of this session is asked for, also at once; and with
        None when it is so no longer. The lines hold no secrets and no content."""
        ...

    async def mailboxes(self) -> Sequence[MailboxInfo]:
        """The whole tree, parents before children; hidden mailboxes that may still be selected are left out."""
        ...

    async def status(self, name: str) -> MailboxStatus:
        """Raise `No` (NONEXISTENT) for an unknown or unselectable mailbox."""
        ...

    async def select(self, name: str, *, read_only: bool) -> Mailbox:
        """Open a mailbox. Raise `No` when it does not exist or is not listed yet (UNAVAILABLE)."""
        ...

    async def create(self, name: str) -> str:
        """Make a mailbox and return its MAILBOXID."""
        ...

    async def delete(self, name: str) -> None: ...

    async def rename(self, name: str, new_name: str) -> None: ...

    async def subscribe(self, name: str, subscribed: bool) -> None: ...

    async def append(self, name: str, messages: Sequence[Append]) -> Appended:
        """Store messages, all or none. Raise `No` (TRYCREATE, TOOBIG, OVERQUOTA, CANNOT, UNAVAILABLE)."""
        ...

    async def quota(self) -> tuple[int, int] | None:
        """Used and allowed bytes at the service (RFC 9208), or None when unknown."""
        ...

    @property
    def append_limit(self) -> int:
        """Largest literal in bytes that APPEND takes (RFC 7889)."""
        ...

    def on_mailboxes_changed(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back whenever the tree or a mailbox's counts changed (NOTIFY); the result ends it."""
        ...

    def close(self) -> None: ...


class Mailbox(Protocol):
    """Selected: one mailbox as one session has opened it."""

    @property
    def name(self) -> str: ...

    @property
    def uidvalidity(self) -> int: ...

    @property
    def mailbox_id(self) -> str: ...

    @property
    def read_only(self) -> bool: ...

    @property
    def permanent_flags(self) -> tuple[str, ...]:
        """Flags a client may set here, `\\*` among them where keywords are kept."""
        ...

    def snapshot(self) -> Snapshot: ...

    def listen(self, listener: Listener) -> None:
        """Tell every change from now on; synchronously, on the loop, in order. One listener for each opened mailbox."""
        ...

    def on_gone(self, callback: Callable[[str], None]) -> None:
        """Called with the text for BYE when the mailbox is deleted or its UIDVALIDITY changes."""
        ...

    def fetch(self, uids: Sequence[int], need: Need) -> AsyncIterator[Sequence[Record]]:
        """Yield records in batches of bounded bytes. Those at hand come in UID order; a message whose literal must be
        fetched from the service first comes when it is ready. UIDs that no longer exist are left out. Raise `No`
        (UNAVAILABLE) at the end when some could not be had; those that could have been yielded by then."""
        ...

    async def store(self, uids: Sequence[int], change: FlagChange, unchanged_since: int | None = None) -> Sequence[int]:
        """Change flags of all in one transaction; the Delta is told before this returns. Return the UIDs left alone
        because their MODSEQ is above `unchanged_since` (RFC 7162, MODIFIED). Raise `No` (CANNOT) for what the mailbox
        does not allow."""
        ...

    async def copy(self, uids: Sequence[int], target: str) -> Copied:
        """Raise `No`: TRYCREATE when there is no such mailbox, CANNOT when the rules forbid it."""
        ...

    async def move(self, uids: Sequence[int], target: str) -> Copied:
        """As `copy`; the messages that leave this mailbox are told by a Delta before this returns."""
        ...

    async def expunge(self, uids: Sequence[int] | None = None) -> None:
        """Remove messages with \\Deleted, all or those among `uids`; told by a Delta before this returns."""
        ...

    async def match(self, uids: Sequence[int], key: ContentKey) -> Sequence[int]:
        """Those of `uids` (ascending) that match one key of content; exact."""
        ...

    async def sort_values(self, uids: Sequence[int]) -> Sequence[SortValues]: ...

    async def vanished(self, since_modseq: int) -> Sequence[int]:
        """UIDs expunged after that MODSEQ, ascending (RFC 7162 3.2.5); all unknown ones below UIDNEXT when the record
        does not reach back so far."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """What the server says of itself in the greeting and in ID."""

    name: str = "Bridge Manager"
    version: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
