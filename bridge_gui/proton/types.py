"""What the service sends, as immutable values, checked once when they are read (API document 3 and 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Generic, TypeVar

from bridge_gui.model import AccountId, AddressId, AttachmentId, EmailAddress, EventId, LabelId, LabelKind, MessageId
from bridge_gui.proton.wire import Fields
from bridge_gui.secret import Secret

T = TypeVar("T")

NOBODY = EmailAddress("", "")

CODE_SUCCESS = 1000
CODE_MULTI = 1001


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """A session. The refresh token is single-use: a new pair is persisted before anything is done with it."""

    uid: str
    access_token: Secret[str]
    """Empty when only the lasting part is known: the first request then refreshes."""
    refresh_token: Secret[str]


# ---------------------------------------------------------------------------------------------- account


@dataclass(frozen=True, slots=True)
class Key:
    """A private key of the user or of an address (API document 3.3), locked."""

    id: str
    private_key: str
    token: str = ""
    """Armored message with the passphrase of an address key; empty for user keys and for old address keys."""
    signature: str = ""
    primary: bool = False
    active: bool = True
    flags: int = 0

    @staticmethod
    def read(fields: Fields) -> Key:
        return Key(
            fields.text("ID"),
            fields.text("PrivateKey"),
            fields.text("Token"),
            fields.text("Signature"),
            fields.flag("Primary"),
            fields.flag("Active"),
            fields.number("Flags"),
        )


@dataclass(frozen=True, slots=True)
class User:
    id: AccountId
    name: str
    display_name: str = ""
    email: str = ""
    keys: tuple[Key, ...] = ()
    used_space: int = 0
    max_space: int = 0
    max_upload: int = 0

    @staticmethod
    def read(fields: Fields) -> User:
        products = fields.fields("ProductUsedSpace")
        return User(
            AccountId(fields.identity("ID")),
            fields.text("Name"),
            fields.text("DisplayName"),
            fields.text("Email"),
            fields.many("Keys", Key.read),
            fields.number("UsedSpace") or products.number("Mail"),
            fields.number("MaxSpace"),
            fields.number("MaxUpload"),
        )


class AddressStatus(IntEnum):
    DISABLED = 0
    ENABLED = 1
    DELETING = 2


class AddressType(IntEnum):
    ORIGINAL = 1
    ALIAS = 2
    CUSTOM = 3
    PREMIUM = 4
    EXTERNAL = 5


@dataclass(frozen=True, slots=True)
class Address:
    id: AddressId
    email: str
    send: bool = True
    receive: bool = True
    status: int = AddressStatus.ENABLED
    type: int = AddressType.ORIGINAL
    order: int = 0
    display_name: str = ""
    keys: tuple[Key, ...] = ()

    @property
    def enabled(self) -> bool:
        """Usable for mail. An external address that may not send is only a contact address of the account."""
        return self.status == AddressStatus.ENABLED and (self.type != AddressType.EXTERNAL or self.send)

    @staticmethod
    def read(fields: Fields) -> Address:
        return Address(
            AddressId(fields.identity("ID")),
            fields.text("Email"),
            fields.flag("Send"),
            fields.flag("Receive"),
            fields.number("Status"),
            fields.number("Type"),
            fields.number("Order"),
            fields.text("DisplayName"),
            fields.many("Keys", Key.read),
        )


@dataclass(frozen=True, slots=True)
class KeySalt:
    key_id: str
    salt: str
    """Base64; empty for very old keys, whose passphrase is the password itself."""

    @staticmethod
    def read(fields: Fields) -> KeySalt:
        return KeySalt(fields.text("ID"), fields.text("KeySalt"))


class KeyFlag(IntFlag):
    """What a public key of an address may be used for (API document 3.3)."""

    NOT_COMPROMISED = 1
    NOT_OBSOLETE = 2
    NO_ENCRYPTION = 4
    NO_SIGNING = 8


@dataclass(frozen=True, slots=True)
class RecipientKey:
    flags: int
    public_key: str

    @staticmethod
    def read(fields: Fields) -> RecipientKey:
        return RecipientKey(fields.number("Flags"), fields.text("PublicKey"))


@dataclass(frozen=True, slots=True)
class RecipientKeys:
    """Public keys of an address, in order of preference (API document 3.6)."""

    internal: bool
    keys: tuple[RecipientKey, ...] = ()
    mime_type: str = ""

    @staticmethod
    def read(fields: Fields) -> RecipientKeys:
        return RecipientKeys(
            fields.number("RecipientType") == 1, fields.many("Keys", RecipientKey.read), fields.text("MIMEType")
        )


# ---------------------------------------------------------------------------------------------- mail


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
    body: str = field(default="", repr=False)
    """Armored."""
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
            fields.text("Body"),
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


# ---------------------------------------------------------------------------------------------- settings, contacts


@dataclass(frozen=True, slots=True)
class MailSettings:
    display_name: str = ""
    signature: str = ""
    draft_mime_type: str = "text/html"
    attach_public_key: bool = False
    sign: bool = False
    pgp_scheme: int = 0
    """8 inline, 16 PGP/MIME; 0 where the service does not say."""

    @staticmethod
    def read(fields: Fields) -> MailSettings:
        return MailSettings(
            fields.text("DisplayName"),
            fields.text("Signature"),
            fields.text("DraftMIMEType") or "text/html",
            fields.flag("AttachPublicKey"),
            fields.flag("Sign"),
            fields.number("PGPScheme"),
        )


@dataclass(frozen=True, slots=True)
class UserSettings:
    telemetry: bool = False
    crash_reports: bool = False

    @staticmethod
    def read(fields: Fields) -> UserSettings:
        return UserSettings(fields.flag("Telemetry"), fields.flag("CrashReports"))


@dataclass(frozen=True, slots=True)
class ContactEmail:
    id: str
    name: str
    email: str
    contact_id: str
    label_ids: tuple[LabelId, ...] = ()

    @staticmethod
    def read(fields: Fields) -> ContactEmail:
        return ContactEmail(
            fields.text("ID"),
            fields.text("Name"),
            fields.text("Email"),
            fields.text("ContactID"),
            tuple(LabelId(each) for each in fields.texts("LabelIDs")),
        )


class CardType(IntFlag):
    CLEAR = 0
    ENCRYPTED = 1
    SIGNED = 2


@dataclass(frozen=True, slots=True)
class Card:
    """One vCard of a contact. Preferences for sending lie in the first whose type is exactly SIGNED."""

    type: int
    data: str = field(repr=False)
    signature: str = ""

    @staticmethod
    def read(fields: Fields) -> Card:
        return Card(fields.number("Type"), fields.text("Data"), fields.text("Signature"))


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    name: str
    uid: str = ""
    emails: tuple[ContactEmail, ...] = ()
    cards: tuple[Card, ...] = ()

    @staticmethod
    def read(fields: Fields) -> Contact:
        return Contact(
            fields.text("ID"),
            fields.text("Name"),
            fields.text("UID"),
            fields.many("ContactEmails", ContactEmail.read),
            fields.many("Cards", Card.read),
        )


# ---------------------------------------------------------------------------------------------- events


class EventAction(IntEnum):
    DELETE = 0
    CREATE = 1
    UPDATE = 2
    UPDATE_FLAGS = 3


class RefreshFlag(IntFlag):
    MAIL = 1
    CONTACTS = 2
    ALL = 255


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """One object's change; `item` is its present state, absent on deletion."""

    id: str
    action: int
    item: T | None = None

    @property
    def deleted(self) -> bool:
        return self.action == EventAction.DELETE


def _changes(fields: Fields, name: str, item: str, read: Callable[[Fields], T]) -> tuple[Change[T], ...]:
    return fields.many(name, lambda change: Change(change.text("ID"), change.number("Action"), change.one(item, read)))


@dataclass(frozen=True, slots=True)
class Event:
    """What changed since an event id (API document 5.1). Absent parts did not change."""

    id: EventId
    refresh: int = 0
    more: bool = False
    user: User | None = None
    user_settings: UserSettings | None = None
    mail_settings: MailSettings | None = None
    messages: tuple[Change[MessageMeta], ...] = ()
    labels: tuple[Change[Label], ...] = ()
    addresses: tuple[Change[Address], ...] = ()
    contacts: tuple[Change[Contact], ...] = ()
    used_space: int | None = None

    @property
    def refresh_mail(self) -> bool:
        """The local mail is not valid any more."""
        return bool(self.refresh & RefreshFlag.MAIL)

    @property
    def refresh_contacts(self) -> bool:
        return bool(self.refresh & RefreshFlag.CONTACTS)

    @staticmethod
    def read(fields: Fields) -> Event:
        return Event(
            id=EventId(fields.identity("EventID")),
            refresh=fields.number("Refresh"),
            more=fields.flag("More"),
            user=fields.one("User", User.read),
            user_settings=fields.one("UserSettings", UserSettings.read),
            mail_settings=fields.one("MailSettings", MailSettings.read),
            messages=_changes(fields, "Messages", "Message", MessageMeta.read),
            labels=_changes(fields, "Labels", "Label", Label.read),
            addresses=_changes(fields, "Addresses", "Address", Address.read),
            contacts=_changes(fields, "Contacts", "Contact", Contact.read),
            used_space=fields.number("UsedSpace") if fields.has("UsedSpace") else None,
        )
