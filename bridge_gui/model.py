"""Ids and small value types that every room shares.

Ids are opaque texts of the service (never parsed, always quoted in a path) or numbers of our own; each has its type, so
that mypy refuses an address's id where a label's is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NewType

AccountId = NewType("AccountId", str)
"""The service's user id; one for each signed-in account."""
AddressId = NewType("AddressId", str)
MessageId = NewType("MessageId", str)
LabelId = NewType("LabelId", str)
AttachmentId = NewType("AttachmentId", str)
EventId = NewType("EventId", str)
ClientId = NewType("ClientId", str)
"""One mail program's password, by its own short id (not secret)."""
SessionId = NewType("SessionId", str)
"""One live IMAP or SMTP connection."""
FlowId = NewType("FlowId", str)
"""One sign-in that is under way."""


class SystemLabel:
    """Ids of the service's own labels (API document 4.8)."""

    INBOX = LabelId("0")
    ALL_DRAFTS = LabelId("1")
    ALL_SENT = LabelId("2")
    TRASH = LabelId("3")
    SPAM = LabelId("4")
    ALL_MAIL = LabelId("5")
    ARCHIVE = LabelId("6")
    SENT = LabelId("7")
    DRAFTS = LabelId("8")
    OUTBOX = LabelId("9")
    STARRED = LabelId("10")
    SCHEDULED = LabelId("12")
    ALMOST_ALL_MAIL = LabelId("15")
    SNOOZED = LabelId("16")


class LabelKind(IntEnum):
    """What a label is (API document 4.8, field Type)."""

    LABEL = 1
    CONTACT_GROUP = 2
    FOLDER = 3
    SYSTEM = 4


class AddressMode(StrEnum):
    """One mailbox tree for all addresses of an account, or one for each."""

    COMBINED = "combined"
    SPLIT = "split"


class Access(StrEnum):
    """What a mail program's password may do."""

    FULL = "full"
    READ_ONLY = "read-only"
    SEND_ONLY = "send-only"

    @property
    def reads(self) -> bool:
        return self is not Access.SEND_ONLY

    @property
    def sends(self) -> bool:
        return self is not Access.READ_ONLY


class Protocol(StrEnum):
    """The two protocols we serve."""

    IMAP = "imap"
    SMTP = "smtp"


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """A mail address with its display name, which may be empty (RFC 5322 3.4 calls this a mailbox)."""

    name: str
    address: str
