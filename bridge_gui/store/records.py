"""What the store keeps, as values: labels, messages as the service lists them, and literals with all that is derived
from them once.

The store knows neither the service's wire format nor MIME. Who fills it (`sync`) computes everything that depends
on the literal's bytes, so that each answer to a mail program is a read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bridge_gui.model import AddressId, EmailAddress, LabelId, LabelKind, MessageId


@dataclass(frozen=True, slots=True)
class Label:
    """A label, folder or system label (API document 4.8). `name` is the last part of its path, as the service has
    it."""

    id: LabelId
    kind: LabelKind
    name: str
    parent_id: LabelId | None = None
    color: str = ""
    order: int = 0


NOBODY = EmailAddress("", "")


@dataclass(frozen=True, slots=True)
class MessageMeta:
    """A message as the service lists it (API document 4.1)."""

    id: MessageId
    address_id: AddressId
    label_ids: frozenset[LabelId]
    """All of them, also those that are no mailbox (1, 2, 15 ...) and those not known yet."""
    time: int
    """Seconds since 1970; becomes INTERNALDATE and the order of UIDs at the first listing."""
    size: int = 0
    """The service's size: a guess for download budgets, never RFC822.SIZE."""
    flags: int = 0
    """The service's 64-bit mask."""
    unread: bool = False
    replied: bool = False
    replied_all: bool = False
    forwarded: bool = False
    subject: str = ""
    sender: EmailAddress = NOBODY
    to: tuple[EmailAddress, ...] = ()
    cc: tuple[EmailAddress, ...] = ()
    bcc: tuple[EmailAddress, ...] = ()
    reply_to: tuple[EmailAddress, ...] = ()
    external_id: str = ""
    """Message-ID without angle brackets."""
    conversation_id: str = ""
    num_attachments: int = 0
    order: int = 0
    """The service's running number; tells messages of the same second apart."""

    @property
    def is_draft(self) -> bool:
        """Neither received nor sent (API document 4.1)."""
        return self.flags & 3 == 0


@dataclass(frozen=True, slots=True)
class SortColumns:
    """What SORT and THREAD need (RFC 5256), normalised; the fields of `imap.backend.SortValues` that depend on the
    literal."""

    sent: int
    """Date header in seconds since 1970 UTC, or INTERNALDATE when it cannot be read (RFC 5256 2.2)."""
    sent_day: int
    """Day of the Date header in its own zone, as days since 1970-01-01 (SENTON and its sisters)."""
    subject: str = ""
    """Base subject (RFC 5256 2.1)."""
    sender: str = ""
    to: str = ""
    cc: str = ""
    display_from: str = ""
    display_to: str = ""
    message_id: str = ""
    references: tuple[str, ...] = ()
    """References, or In-Reply-To when there is none (RFC 5256, REFERENCES)."""
    is_reply: bool = False


@dataclass(frozen=True, slots=True)
class SearchText:
    """What SEARCH looks at, decoded to Unicode (RFC 2047, charsets, transfer encodings); folded by the store."""

    header: str
    """All header fields, one a line: `name: value` with folding undone, name as it stands, value decoded."""
    body: str
    """The decoded text of all text parts, and of the headers of embedded messages and parts."""


@dataclass(frozen=True, slots=True)
class Literal:
    """The RFC 5322 bytes of a message and what is derived from them, computed once."""

    data: bytes
    header_size: int
    """Length of the header with its closing empty line; data[:header_size] is BODY[HEADER]."""
    envelope: bytes
    """ENVELOPE, BODYSTRUCTURE and BODY as they are sent, parentheses included."""
    bodystructure: bytes
    body: bytes
    sort: SortColumns
    search: SearchText
    brief: bytes
    """The header fields that lists of messages show (`mime.brief`)."""
    preview: str = ""
    """RFC 8970, at most 200 characters."""


class Action(StrEnum):
    """What a queued change asks of the service (API document 4.3)."""

    READ = "read"
    UNREAD = "unread"
    FORWARDED = "forwarded"
    UNFORWARDED = "unforwarded"
    LABEL = "label"
    UNLABEL = "unlabel"
    DELETE = "delete"
    """For ever."""


@dataclass(frozen=True, slots=True)
class QueuedChange:
    """One call to the service: the head of the durable queue, at most as many messages as were asked for."""

    id: int
    action: Action
    label_id: LabelId | None
    """With LABEL and UNLABEL."""
    message_ids: tuple[MessageId, ...]
    created_at: float
    tries: int
    """How often `queue_failed` was called for it."""


class LiteralState(StrEnum):
    """Where a message's literal is."""

    MISSING = "missing"
    PRESENT = "present"
    EVICTED = "evicted"
    """Dropped for the disk budget: size, structure and header are kept; fetched again only when asked for."""
    FAILED = "failed"
    """Could not be fetched or built; tried again when asked for and after a repair."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store already has of a message: enough for `sync.plan` to decide."""

    id: MessageId
    address_id: AddressId
    is_draft: bool
    literal: LiteralState


@dataclass(frozen=True, slots=True)
class Missing:
    """A literal to be downloaded."""

    id: MessageId
    address_id: AddressId
    time: int
    size: int
    """The service's size, for budgets."""
    stale: bool
    """There is one, but the service has a newer content."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts for progress and for the window."""

    messages: int
    present: int
    evicted: int
    missing: int
    failed: int
    indexed: int
    """Messages in the full-text index."""
    queued: int
    """Changes of messages that the service has not heard of."""
    literal_bytes: int
    """Sum of the literals kept here."""
    file_bytes: int
    """Size of the database and its journal on disk."""
    stale: int = 0
    """Literals that are here, and to be downloaded again as their content has changed."""
