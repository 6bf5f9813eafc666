"""What the service says of an account, as immutable values, checked once when they are read (API document 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

from bridge_gui.model import AccountId, AddressId, LabelId
from bridge_gui.proton.wire import Fields
from bridge_gui.secret import Secret


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
