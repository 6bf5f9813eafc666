"""Messages, their parts and labels as the service sends them: immutable values, checked once when they are read
(API document 4.1 to 4.8)."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from enum import IntFlag

from bridge_gui.model import AddressId, AttachmentId, EmailAddress, LabelId, LabelKind, MessageId
from bridge_gui.proton.wire import Fields

NOBODY = EmailAddress("", "")

CODE_SUCCESS = 1000
CODE_MULTI = 1001


class MessageFlag(IntFlag):
    """The bits of `MessageMeta.flags` that we look at (API document 4.1)."""

    RECEIVED = 1 << 0
    SENT = 1 << 1
    INTERNAL = 1 << 2
    E2E = 1 << 3
    REPLIED = 1 << 5
    REPLIED_ALL = 1 << 6
    FORWARDED = 1 << 7
    IMPORTED = 1 << 9
    SCHEDULED = 1 << 20


def read_person(fields: Fields) -> EmailAddress:
    return EmailAddress(fields.text("Name"), fields.text("Address"))


@dataclass(frozen=True, slots=True)
class MessageMeta:
    """A message as listed, without header and body (API document 4.1)."""

    id: MessageId
    address_id: AddressId
    label_ids: tuple[LabelId, ...] = ()
    external_id: str = ""
    """Message-ID without angle brackets."""
    subject: str = ""
    sender: EmailAddress = NOBODY
    to: tuple[EmailAddress, ...] = ()
    cc: tuple[EmailAddress, ...] = ()
    bcc: tuple[EmailAddress, ...] = ()
    reply_to: tuple[EmailAddress, ...] = ()
    flags: int = 0
    time: int = 0
    size: int = 0
    unread: bool = False
    replied: bool = False
    replied_all: bool = False
    forwarded: bool = False
    num_attachments: int = 0
    conversation_id: str = ""
    order: int = 0

    @property
    def is_draft(self) -> bool:
        return not self.flags & (MessageFlag.RECEIVED | MessageFlag.SENT)

    @staticmethod
    def read(fields: Fields) -> MessageMeta:
        return MessageMeta(
            id=MessageId(fields.identity("ID")),
            address_id=AddressId(fields.text("AddressID")),
            label_ids=tuple(LabelId(each) for each in fields.texts("LabelIDs")),
            external_id=fields.text("ExternalID"),
            subject=fields.text("Subject"),
            sender=read_person(fields.fields("Sender")),
            to=fields.many("ToList", read_person),
            cc=fields.many("CCList", read_person),
            bcc=fields.many("BCCList", read_person),
            reply_to=fields.many("ReplyTos", read_person),
            flags=fields.number("Flags"),
            time=fields.number("Time"),
            size=fields.number("Size"),
            unread=fields.flag("Unread"),
            replied=fields.flag("IsReplied"),
            replied_all=fields.flag("IsRepliedAll"),
            forwarded=fields.flag("IsForwarded"),
            num_attachments=fields.number("NumAttachments"),
            conversation_id=fields.text("ConversationID"),
            order=fields.number("Order"),
        )


@dataclass(frozen=True, slots=True)
class Attachment:
    id: AttachmentId
    name: str
    size: int = 0
    """Of the encrypted data; 0 when the service does not say."""
    mime_type: str = ""
    """May carry parameters."""
    disposition: str = "attachment"
    headers: tuple[tuple[str, str], ...] = ()
    key_packets: bytes = b""
    signature: str = ""
    """Armored, or empty. What an upload answers here is not usable."""

    @staticmethod
    def read(fields: Fields) -> Attachment:
        return Attachment(
            AttachmentId(fields.identity("ID")),
            fields.text("Name"),
            fields.number("Size"),
            fields.text("MIMEType"),
            fields.text("Disposition"),
            fields.ordered("Headers"),
            fields.binary("KeyPackets"),
            fields.text("Signature"),
        )


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message, its body still encrypted (API document 4.1)."""

    meta: MessageMeta
    header: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    """`ParsedHeaders`, in order; a repeated field is repeated here."""
    body: str | io.BytesIO = field(default="", repr=False)
    """Armored; octets when it is large."""
    mime_type: str = "text/plain"
    attachments: tuple[Attachment, ...] = ()

    @property
    def id(self) -> MessageId:
        return self.meta.id

    @staticmethod
    def read(fields: Fields) -> Message:
        return Message(
            MessageMeta.read(fields),
            fields.text("Header"),
            fields.ordered("ParsedHeaders"),
            fields.large("Body"),
            fields.text("MIMEType"),
            fields.many("Attachments", Attachment.read),
        )


@dataclass(frozen=True, slots=True)
class MessagePage:
    messages: tuple[MessageMeta, ...]
    total: int


@dataclass(frozen=True, slots=True)
class MessageCount:
    label_id: LabelId
    total: int
    unread: int

    @staticmethod
    def read(fields: Fields) -> MessageCount:
        return MessageCount(LabelId(fields.text("LabelID")), fields.number("Total"), fields.number("Unread"))


@dataclass(frozen=True, slots=True)
class Label:
    id: LabelId
    parent_id: LabelId | None
    name: str
    path: str
    color: str
    type: int
    order: int = 0

    @property
    def kind(self) -> LabelKind | None:
        """None for a kind that came into being after us."""
        return LabelKind(self.type) if self.type in LabelKind._value2member_map_ else None

    @staticmethod
    def read(fields: Fields) -> Label:
        parent = fields.text("ParentID")
        return Label(
            LabelId(fields.identity("ID")),
            LabelId(parent) if parent else None,
            fields.text("Name"),
            fields.text("Path"),
            fields.text("Color"),
            fields.number("Type"),
            fields.number("Order"),
        )


@dataclass(frozen=True, slots=True)
class ItemResult:
    """How one item of a batch fared (answers of code 1001)."""

    id: str
    code: int = CODE_SUCCESS
    error: str = ""

    @property
    def ok(self) -> bool:
        return self.code in (CODE_SUCCESS, 0)

    @staticmethod
    def read(fields: Fields) -> ItemResult:
        answer = fields.fields("Response")
        return ItemResult(fields.text("ID"), answer.number("Code"), answer.text("Error"))


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How one message of an import fared. A message known already answers with the id it has."""

    code: int
    message_id: MessageId | None = None
    error: str = ""

    @property
    def ok(self) -> bool:
        return self.code in (CODE_SUCCESS, 0) and self.message_id is not None
