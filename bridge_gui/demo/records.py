"""What the service keeps, as frozen values; a change makes a new value, so an undo is the old one kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

Json = dict[str, "object"]


class Flag:
    """Bits of a message's flags (API document 4.1); 64 bits wide on the wire, and plain numbers here for speed."""

    RECEIVED = 1 << 0
    SENT = 1 << 1
    INTERNAL = 1 << 2
    E2E = 1 << 3
    REPLIED = 1 << 5
    REPLIED_ALL = 1 << 6
    FORWARDED = 1 << 7
    IMPORTED = 1 << 9
    SCHEDULED = 1 << 20
    DMARC_PASS = 1 << 23
    SPAM_AUTO = 1 << 28
    PHISHING_AUTO = 1 << 30


class Action(IntEnum):
    """What happened to an object of the event feed (5.1)."""

    DELETE = 0
    CREATE = 1
    UPDATE = 2
    UPDATE_FLAGS = 3


@dataclass(frozen=True, slots=True)
class Person:
    """A mail address with its display name."""

    name: str
    address: str

    def wire(self) -> Json:
        return {"Name": self.name, "Address": self.address}


@dataclass(frozen=True, slots=True)
class Label:
    """A label (type 1), contact group (2), folder (3) or system label (4)."""

    id: str
    name: str
    type: int
    color: str = "#8080FF"
    parent_id: str = ""
    order: int = 0

    @property
    def is_folder(self) -> bool:
        return self.type == 3


@dataclass(frozen=True, slots=True)
class Attachment:
    """One uploaded or delivered attachment, encrypted: key packets and data packet apart."""

    id: str
    name: str
    mime_type: str
    disposition: str
    key_packets: bytes
    data: bytes
    size: int
    content_id: str = ""
    signature: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Seeded:
    """Content that is made from the seed whenever it is asked for: letter `index` of a corpus."""

    corpus: str
    index: int


@dataclass(frozen=True, slots=True)
class Stored:
    """Content as it was uploaded or delivered: the armored body and the header fields in their order."""

    body: str
    header: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message of one user: the metadata of 4.1, and where its content comes from."""

    id: str
    number: int
    """Order of creation; ids sort by it."""
    address_id: str
    subject: str
    sender: Person
    time: int
    size: int
    flags: int
    content: Seeded | Stored
    labels: frozenset[str]
    """Only what was chosen: the labels that follow from flags (1, 2, 5, 15) are added on the wire."""
    mime_type: str = "text/plain"
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()
    reply_tos: tuple[Person, ...] = ()
    unread: bool = False
    is_replied: bool = False
    is_replied_all: bool = False
    is_forwarded: bool = False
    attachment_count: int = 0
    external_id: str = ""
    conversation_id: str = ""
    """Empty: a conversation of its own."""
    parent_id: str = ""
    """A draft's parent: marked replied or forwarded when the draft is sent."""
    draft_action: int = 0

    @property
    def is_draft(self) -> bool:
        return not self.flags & (Flag.RECEIVED | Flag.SENT)


@dataclass(frozen=True, slots=True)
class Card:
    """One part of a contact: a vCard, clear (0), signed (2) or encrypted and signed (3)."""

    type: int
    data: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    name: str
    uid: str
    emails: tuple[tuple[str, str], ...]
    """Id and address of each."""
    cards: tuple[Card, ...]
    created: int = 0
    modified: int = 0
    label_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outside:
    """A mail that left the service for one outside recipient, as that recipient opens it."""

    sender: str
    recipient: str
    package_type: int
    mime_type: str
    subject: str
    body: bytes
    """Plaintext after opening with the recipient's key, or as it was given in clear."""
    signed: bool
    """The body carries a good signature of the sender's address key."""
    encrypted: bool
    time: int
    attachments: tuple[tuple[str, str, bytes], ...] = ()
    """Name, MIME type and content of each."""
    header: tuple[tuple[str, str], ...] = ()
    sealed: bytes = b""
    """The OpenPGP message as it travelled (binary), for another program to open; empty for mail in clear."""
    sealed_attachments: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A problem report that somebody sent (4.11): its text fields, and its files by name."""

    fields: dict[str, str]
    files: dict[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it reached the service; kept so that tests can search it for plaintext."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ItemResult:
    """The fate of one id of a batch (1.3: an inner code for each)."""

    id: str
    code: int = 1000
    error: str = ""

    def wire(self) -> Json:
        response: Json = {"Code": self.code}
        if self.error:
            response["Error"] = self.error
        return {"ID": self.id, "Response": response}
