"""How a message goes to one recipient: encrypted or not, signed or not, in which form. Pure (API document 7).

Three things decide: the recipient's public keys as the service gives them, the contact's card, and the account's mail
settings. The outcome is a `SendPreference`, or `Refusal` with a sentence: whenever the keys leave a doubt, nothing is
sent, and never is something sent in clear instead.

Three rules are stricter than the table, for the sake of whoever has pinned a key in a contact: a pinned key that the
service does not name any more is a refusal rather than a reason to take another one; a contact that asks for encryption
to a pinned key is obeyed although keys found on the web are switched off for it; and one that asks for encryption to
keys found is encrypted to with its pinned key when none is found any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from bridge_gui.openpgp.keys import Certificate
from bridge_gui.proton.send_routes import PackageType

HTML = "text/html"
PLAIN = "text/plain"
MIXED = "multipart/mixed"


class Scheme(Enum):
    """Form of OpenPGP mail outside of the service."""

    INLINE = "pgp-inline"
    MIME = "pgp-mime"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that may be encrypted to. `usable` is False when it has expired, was revoked or cannot encrypt at all."""

    fingerprint: str
    usable: bool = True
    certificate: Certificate | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Recipient:
    """What the service says of an address. `keys` are those it allows to encrypt to, in its order of preference."""

    internal: bool
    keys: tuple[PublicKey, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactSettings:
    """What the contact's signed card says; None where it says nothing (API document 4.9)."""

    encrypt: bool | None = None
    """X-PM-ENCRYPT: for the keys pinned in the card."""
    encrypt_untrusted: bool | None = None
    """X-PM-ENCRYPT-UNTRUSTED: for keys found on the web; nothing said means yes."""
    sign: bool | None = None
    scheme: Scheme | None = None
    mime_type: str | None = None
    keys: tuple[PublicKey, ...] = ()
    """Pinned ones, in order of preference."""


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """The account's mail settings, as far as they matter here (API document 4.10)."""

    sign: bool = False
    scheme: Scheme | None = None
    mime_type: str = HTML


@dataclass(frozen=True, slots=True)
class SendPreference:
    type: PackageType
    signed: bool
    mime_type: str
    key: PublicKey | None = None
    """To encrypt to; None exactly when the recipient gets the message in clear."""


class Reason(Enum):
    NO_INTERNAL_KEY = "the service has no key for this Proton address that mail may be encrypted to"
    NO_USABLE_KEY = "the key of this address has expired, was revoked or cannot be used"
    NOT_PINNED = "the key that Proton gives for this address is not one of those trusted in the contact"
    MISSING_KEY = "the contact asks for encryption, but holds no key"


@dataclass(frozen=True, slots=True)
class Refusal:
    reason: Reason


def preference(
    recipient: Recipient, contact: ContactSettings, account: AccountSettings, composed: str
) -> SendPreference | Refusal:
    """Decide for one recipient. `composed` is the MIME type of the message's body: text/html or text/plain."""
    if recipient.internal and not recipient.keys:
        return Refusal(Reason.NO_INTERNAL_KEY)
    wish = _of_recipient(recipient, contact)
    encrypt = wish.encrypt
    sign = encrypt or (wish.sign if wish.sign is not None else account.sign)
    scheme = wish.scheme or account.scheme
    mime_type = _mime_type(recipient, wish, sign, scheme, account, composed)
    if not encrypt:
        type_ = PackageType.CLEAR_MIME if mime_type == MIXED else PackageType.CLEAR
        return SendPreference(type_, sign, mime_type)
    key = _key(recipient, contact)
    if isinstance(key, Refusal):
        return key
    if recipient.internal:
        return SendPreference(PackageType.INTERNAL, True, mime_type, key)
    type_ = PackageType.PGP_MIME if mime_type == MIXED else PackageType.PGP_INLINE
    return SendPreference(type_, True, mime_type, key)


def in_one_piece(way: SendPreference) -> SendPreference:
    """The same way for a message that its author has signed or encrypted: outside of the service it can travel as the
    MIME entity that it is, and its signature stays good. In clear that form goes with a signature of ours around it
    (API document 4.6); at Proton addresses there is no such form."""
    if way.type is PackageType.CLEAR:
        return SendPreference(PackageType.CLEAR_MIME, True, MIXED)
    if way.type is PackageType.PGP_INLINE:
        return replace(way, type=PackageType.PGP_MIME, mime_type=MIXED)
    return way


@dataclass(frozen=True, slots=True)
class _Wish:
    encrypt: bool
    sign: bool | None
    scheme: Scheme | None
    mime_type: str | None


def _of_recipient(recipient: Recipient, contact: ContactSettings) -> _Wish:
    """Step 1 of the table: by kind of recipient."""
    if recipient.internal:
        return _Wish(True, True, None, contact.mime_type)
    if recipient.keys:
        untrusted = contact.encrypt_untrusted is not False
        encrypt = untrusted or (contact.encrypt is True and bool(contact.keys))
        sign = True if encrypt else contact.sign
        return _Wish(encrypt, sign, contact.scheme, _of_scheme(contact.scheme, contact.mime_type))
    vanished = contact.encrypt is None and contact.encrypt_untrusted is True and bool(contact.keys)
    encrypt = contact.encrypt is True or vanished
    sign = True if encrypt else contact.sign
    mime_type = _of_scheme(contact.scheme, None) if contact.sign else contact.mime_type
    return _Wish(encrypt, sign, contact.scheme, mime_type)


def _of_scheme(scheme: Scheme | None, otherwise: str | None) -> str | None:
    match scheme:
        case Scheme.INLINE:
            return PLAIN
        case Scheme.MIME:
            return None
        case None:
            return otherwise


def _mime_type(
    recipient: Recipient,
    wish: _Wish,
    sign: bool,
    scheme: Scheme | None,
    account: AccountSettings,
    composed: str,
) -> str:
    """Steps 2 and 3: which form the recipient gets."""
    if sign and not recipient.internal:
        return PLAIN if scheme is Scheme.INLINE else MIXED
    if composed == PLAIN:
        return PLAIN
    wanted = wish.mime_type if wish.mime_type in (HTML, PLAIN) else account.mime_type
    return PLAIN if wanted == PLAIN else HTML


def _key(recipient: Recipient, contact: ContactSettings) -> PublicKey | Refusal:
    """The key to encrypt to: one that the contact pins, if it pins any; else the service's first."""
    if not recipient.keys:
        if not contact.keys:
            return Refusal(Reason.MISSING_KEY)
        return _first_usable(contact.keys)
    if not contact.keys:
        return _first_usable(recipient.keys)
    pinned = {key.fingerprint for key in contact.keys}
    trusted = [key for key in recipient.keys if key.fingerprint in pinned]
    return _first_usable(trusted) if trusted else Refusal(Reason.NOT_PINNED)


def _first_usable(keys: Sequence[PublicKey]) -> PublicKey | Refusal:
    return next((key for key in keys if key.usable), Refusal(Reason.NO_USABLE_KEY))
