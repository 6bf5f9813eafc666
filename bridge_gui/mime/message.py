"""A message of the service, decrypted as far as possible: the value of which `build` makes a literal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bridge_gui.mime.headers import one_line
from bridge_gui.model import EmailAddress, MessageId


class SignatureState(StrEnum):
    """What a signature was worth when the message was downloaded."""

    VALID = "valid"
    INVALID = "invalid"
    """The content was changed, or signed with another key than named."""
    UNKNOWN_KEY = "unknown-key"
    """No key of the sender was at hand, so nothing can be said."""
    UNTRUSTED_KEY = "untrusted-key"
    """The key had expired or been revoked, or the signature itself had."""


@dataclass(frozen=True, slots=True)
class Undecryptable:
    """An encrypted part that no key opened: why, and the PGP message in armor as it came."""

    reason: str
    """A fixed word or sentence, the same each time, without technical detail."""
    armored: str


@dataclass(frozen=True, slots=True)
class DetachedSignature:
    """The signature that lay within the encryption of a MIME entity, taken out."""

    armored: str
    micalg: str
    """As RFC 3156 5 names the hash: `pgp-sha256`."""


HeaderFields = Sequence[tuple[str, str]]
"""Names and raw values in the order of the message; a repeated field is repeated."""


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    mime_type: str
    """May carry parameters."""
    inline: bool
    header: HeaderFields
    content: bytes | memoryview | Undecryptable


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the service, decrypted as far as possible."""

    id: MessageId
    external_id: str
    subject: str
    sender: EmailAddress | None
    reply_to: Sequence[EmailAddress]
    to: Sequence[EmailAddress]
    cc: Sequence[EmailAddress]
    bcc: Sequence[EmailAddress]
    time: int
    """Seconds since 1970; 0 when unknown."""
    is_draft: bool
    header: HeaderFields
    mime_type: str
    body: bytes | Undecryptable
    attachments: Sequence[Attachment] = ()
    entity_signature: DetachedSignature | None = None
    """Used with the MIME type multipart/mixed only."""
    signature: SignatureState | None = None

    @property
    def is_entity(self) -> bool:
        """Its body is a MIME entity with all its parts in it (PGP/MIME)."""
        return not self.attachments and self.mime_type.partition(";")[0].strip().lower() == "multipart/mixed"


def substitute(message: Message, error: str) -> Message:
    """The message to show instead of one that cannot be built at all: its metadata, and a text that says why."""
    text = (
        "This message could not be shown.\n\n"
        f"Subject: {one_line(message.subject)}\n"
        f"Error: {one_line(error)}\n"
        f"Message ID: {message.id}\n"
    )
    return replace(
        message,
        header=(),
        mime_type="text/plain",
        body=text.encode("utf-8", "replace"),
        attachments=(),
        entity_signature=None,
        signature=None,
    )
