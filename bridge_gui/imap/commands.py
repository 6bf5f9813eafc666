"""The commands of IMAP as values: one dataclass each, checked when it is made; no bytes of the wire left. They are
frozen, but for the literal of an APPEND, which is handed over. What FETCH may ask for is in `fetch_items.py`, what
SEARCH, SORT and THREAD may ask for in `search_keys.py`.

`parse.py` makes them, `connection.py` says in which state they are allowed, `handlers/` carries them out. A command's
`repr` never shows a password.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from bridge_gui.imap.backend import StoreMode
from bridge_gui.imap.fetch_items import FetchItem
from bridge_gui.imap.search_keys import SearchKey, SearchReturn, SortCriterion, ThreadBy
from bridge_gui.imap.sequences import MessageSet, SequenceSet
from bridge_gui.secret import Secret


@dataclass(frozen=True, slots=True)
class Command:
    """What every command has."""

    tag: str

    @property
    def name(self) -> str:
        """As in logs and in `... completed`."""
        return type(self).__name__.upper()


# ---------------------------------------------------------------------------------------------- any state


@dataclass(frozen=True, slots=True)
class Capability(Command):
    pass


@dataclass(frozen=True, slots=True)
class Noop(Command):
    pass


@dataclass(frozen=True, slots=True)
class Logout(Command):
    pass


@dataclass(frozen=True, slots=True)
class Id(Command):
    """RFC 2971. Field names in lower case; a NIL value is empty."""

    fields: tuple[tuple[str, str], ...] = ()


# ---------------------------------------------------------------------------------------- not authenticated


@dataclass(frozen=True, slots=True)
class StartTls(Command):
    pass


@dataclass(frozen=True, slots=True)
class Authenticate(Command):
    """RFC 3501 6.2.2; `initial` is the decoded initial response of SASL-IR (RFC 4959)."""

    mechanism: str
    initial: Secret[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Login(Command):
    username: str
    password: Secret[str]


# -------------------------------------------------------------------------------------------- authenticated


@dataclass(frozen=True, slots=True)
class Enable(Command):
    """RFC 5161."""

    capabilities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Qresync:
    """What a client remembers of a mailbox (RFC 7162 3.2.5)."""

    uidvalidity: int
    modseq: int
    known: SequenceSet | None = None
    match_sequence: SequenceSet | None = None
    match_uids: SequenceSet | None = None


@dataclass(frozen=True, slots=True)
class Select(Command):
    """SELECT, and with `read_only` EXAMINE."""

    mailbox: str
    read_only: bool = False
    condstore: bool = False
    qresync: Qresync | None = None

    @property
    def name(self) -> str:
        return "EXAMINE" if self.read_only else "SELECT"


@dataclass(frozen=True, slots=True)
class Create(Command):
    """`special_use` holds the attributes of RFC 6154 3, which we cannot give."""

    mailbox: str
    special_use: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delete(Command):
    mailbox: str


@dataclass(frozen=True, slots=True)
class Rename(Command):
    mailbox: str
    new_name: str


@dataclass(frozen=True, slots=True)
class Subscribe(Command):
    mailbox: str
    subscribed: bool = True

    @property
    def name(self) -> str:
        return "SUBSCRIBE" if self.subscribed else "UNSUBSCRIBE"


class StatusItem(Enum):
    """RFC 3501 6.3.10, RFC 7162, RFC 8438, RFC 8474, RFC 9051, RFC 9208, RFC 7889."""

    MESSAGES = "MESSAGES"
    RECENT = "RECENT"
    UIDNEXT = "UIDNEXT"
    UIDVALIDITY = "UIDVALIDITY"
    UNSEEN = "UNSEEN"
    HIGHESTMODSEQ = "HIGHESTMODSEQ"
    SIZE = "SIZE"
    MAILBOXID = "MAILBOXID"
    DELETED = "DELETED"
    DELETED_STORAGE = "DELETED-STORAGE"
    APPENDLIMIT = "APPENDLIMIT"


class ListSelect(Enum):
    """Selection options of LIST (RFC 5258 3.1, RFC 6154 2)."""

    SUBSCRIBED = "SUBSCRIBED"
    REMOTE = "REMOTE"
    RECURSIVEMATCH = "RECURSIVEMATCH"
    SPECIAL_USE = "SPECIAL-USE"


class ListReturn(Enum):
    """Return options of LIST (RFC 5258 3.2, RFC 6154 2); STATUS (RFC 5819) has items of its own."""

    SUBSCRIBED = "SUBSCRIBED"
    CHILDREN = "CHILDREN"
    SPECIAL_USE = "SPECIAL-USE"


@dataclass(frozen=True, slots=True)
class List(Command):
    """LIST and LSUB. `extended` says that the form of RFC 5258 was used."""

    reference: str
    patterns: tuple[str, ...]
    select: frozenset[ListSelect] = frozenset()
    returns: frozenset[ListReturn] = frozenset()
    status: tuple[StatusItem, ...] = ()
    lsub: bool = False
    extended: bool = False

    @property
    def name(self) -> str:
        return "LSUB" if self.lsub else "LIST"


@dataclass(frozen=True, slots=True)
class Namespace(Command):
    pass


@dataclass(frozen=True, slots=True)
class Status(Command):
    mailbox: str
    items: tuple[StatusItem, ...]


@dataclass(slots=True)
class AppendMessage:
    """One message of APPEND; `literal` is not shown in logs."""

    literal: bytes = field(repr=False)
    flags: frozenset[str] = frozenset()
    date: int | None = None

    def take(self) -> bytes:
        """Hand the literal over: it may be large, and is not to stay here until the command is done."""
        literal, self.literal = self.literal, b""
        return literal


@dataclass(frozen=True, slots=True)
class Append(Command):
    """Several messages by MULTIAPPEND (RFC 3502)."""

    mailbox: str
    messages: tuple[AppendMessage, ...]


@dataclass(frozen=True, slots=True)
class Idle(Command):
    """RFC 2177."""


@dataclass(frozen=True, slots=True)
class GetQuota(Command):
    """RFC 9208."""

    root: str


@dataclass(frozen=True, slots=True)
class GetQuotaRoot(Command):
    mailbox: str


@dataclass(frozen=True, slots=True)
class Compress(Command):
    """RFC 4978."""

    mechanism: str


class NotifyEvent(Enum):
    """Events of RFC 5465 5."""

    MESSAGE_NEW = "MessageNew"
    MESSAGE_EXPUNGE = "MessageExpunge"
    FLAG_CHANGE = "FlagChange"
    ANNOTATION_CHANGE = "AnnotationChange"
    MAILBOX_NAME = "MailboxName"
    SUBSCRIPTION_CHANGE = "SubscriptionChange"
    MAILBOX_METADATA_CHANGE = "MailboxMetadataChange"
    SERVER_METADATA_CHANGE = "ServerMetadataChange"


NOTIFIED = frozenset(
    {
        NotifyEvent.MESSAGE_NEW,
        NotifyEvent.MESSAGE_EXPUNGE,
        NotifyEvent.FLAG_CHANGE,
        NotifyEvent.MAILBOX_NAME,
        NotifyEvent.SUBSCRIPTION_CHANGE,
    }
)
"""Those that are told here."""
BAD_EVENT = f"BADEVENT ({' '.join(sorted(event.value for event in NOTIFIED))})"
"""The answer to all others, with those that are told (RFC 5465 5)."""


class NotifyScope(Enum):
    """Which mailboxes an event group is for (RFC 5465 6)."""

    SELECTED = "selected"
    SELECTED_DELAYED = "selected-delayed"
    INBOXES = "inboxes"
    PERSONAL = "personal"
    SUBSCRIBED = "subscribed"
    SUBTREE = "subtree"
    MAILBOXES = "mailboxes"


@dataclass(frozen=True, slots=True)
class NotifyGroup:
    scope: NotifyScope
    names: tuple[str, ...] = ()
    events: frozenset[NotifyEvent] = frozenset()
    fetch: tuple[FetchItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Notify(Command):
    """RFC 5465; without groups NOTIFY NONE."""

    groups: tuple[NotifyGroup, ...] = ()
    status: bool = False


# -------------------------------------------------------------------------------------------------- selected


@dataclass(frozen=True, slots=True)
class Check(Command):
    pass


@dataclass(frozen=True, slots=True)
class Close(Command):
    """CLOSE, and with `expunge` false UNSELECT (RFC 3691)."""

    expunge: bool = True

    @property
    def name(self) -> str:
        return "CLOSE" if self.expunge else "UNSELECT"


@dataclass(frozen=True, slots=True)
class Expunge(Command):
    """EXPUNGE, and with `uids` UID EXPUNGE (RFC 4315)."""

    uids: MessageSet | None = None


@dataclass(frozen=True, slots=True)
class Fetch(Command):
    messages: MessageSet
    items: tuple[FetchItem, ...]
    uid: bool = False
    changed_since: int | None = None
    vanished: bool = False
    partial: tuple[int, int] | None = None
    """RFC 9394: first and last of the messages by rank; negative ones count from the end."""

    @property
    def name(self) -> str:
        return "UID FETCH" if self.uid else "FETCH"


@dataclass(frozen=True, slots=True)
class Store(Command):
    messages: MessageSet
    mode: StoreMode
    flags: frozenset[str]
    silent: bool = False
    uid: bool = False
    unchanged_since: int | None = None

    @property
    def name(self) -> str:
        return "UID STORE" if self.uid else "STORE"


@dataclass(frozen=True, slots=True)
class Copy(Command):
    """COPY, and with `move` MOVE (RFC 6851)."""

    messages: MessageSet
    mailbox: str
    move: bool = False
    uid: bool = False

    @property
    def name(self) -> str:
        return ("UID " if self.uid else "") + ("MOVE" if self.move else "COPY")


# ---------------------------------------------------------------------------------------------------- search


@dataclass(frozen=True, slots=True)
class Search(Command):
    """`returns` is None for the form of RFC 3501, which is answered by `* SEARCH`."""

    key: SearchKey
    uid: bool = False
    returns: frozenset[SearchReturn] | None = None
    partial: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        return "UID SEARCH" if self.uid else "SEARCH"


@dataclass(frozen=True, slots=True)
class Sort(Command):
    criteria: Sequence[SortCriterion]
    key: SearchKey
    uid: bool = False
    returns: frozenset[SearchReturn] | None = None
    partial: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        return "UID SORT" if self.uid else "SORT"


@dataclass(frozen=True, slots=True)
class Thread(Command):
    algorithm: ThreadBy
    key: SearchKey
    uid: bool = False

    @property
    def name(self) -> str:
        return "UID THREAD" if self.uid else "THREAD"
