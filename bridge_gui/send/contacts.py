"""Contacts' cards: how a person wants mail to somebody to be encrypted (API document 4.9, vCard 4.0 of RFC 6350).

The settings lie in the first card of a contact that is signed and not encrypted. A card is used only when its signature
by a key of the user is good: whoever could change it unseen could swap the recipient's key.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Sequence

from bridge_gui.errors import CryptoError
from bridge_gui.openpgp import armor, certpolicy, message
from bridge_gui.openpgp.keys import Certificate
from bridge_gui.openpgp.signature import SignatureState
from bridge_gui.proton.types import Card, CardType
from bridge_gui.send.preferences import ContactSettings, PublicKey, Scheme


class UnusableCard(CryptoError):
    """The card's signature is missing or wrong, or the card cannot be read: nothing it says may be relied upon."""

    code = "contact-card"
    default_title = "The contact's settings cannot be trusted"
    default_remedy = "Open the contact in Proton Mail and save it again, then send once more."


def contact_settings(cards: Sequence[Card], email: str, user_keys: Sequence[Certificate], now: int) -> ContactSettings:
    """The settings for one address of a contact; empty ones when the contact has no signed card or says nothing.

    Raise `UnusableCard`.
    """
    card = next((each for each in cards if each.type == CardType.SIGNED), None)
    if card is None:
        return ContactSettings()
    _check_signature(card, user_keys)
    return read_card(card.data, email, now)


def _check_signature(card: Card, user_keys: Sequence[Certificate]) -> None:
    if not card.signature:
        raise UnusableCard("The contact's card has no signature.")
    try:
        state = message.verify_detached(card.data.encode(), armor.dearmor(card.signature), user_keys)
    except CryptoError as error:
        raise UnusableCard("The signature of the contact's card cannot be read.") from error
    if state is not SignatureState.VALID:
        raise UnusableCard("The signature of the contact's card is not good.")


def read_card(text: str, email: str, now: int) -> ContactSettings:
    """Read a vCard whose signature was checked. Raise `UnusableCard` when it is none, or holds a key that is none."""
    import vobject  # brings 2 MB along, for the few contacts that have settings

    try:
        # Its higher level splits a key's data: URI at the comma.
        properties = [
            vobject.base.textLineToContentLine(line, number)
            for line, number in vobject.base.getLogicalLines(io.StringIO(text))
        ]
    except Exception as error:  # vobject raises its own errors, and IndexError and ValueError on odd input
        raise UnusableCard("The contact's card cannot be read.") from error
    group = next(
        (
            each.group
            for each in properties
            if each.name == "EMAIL" and _unescaped(each.value).strip().casefold() == email.casefold()
        ),
        None,
    )
    if not group:
        return ContactSettings()
    mine = [each for each in properties if each.group == group]
    values = {each.name: _unescaped(each.value).strip() for each in reversed(mine)}
    keys = sorted((each for each in mine if each.name == "KEY"), key=_preference)
    return ContactSettings(
        encrypt=_boolean(values.get("X-PM-ENCRYPT")),
        encrypt_untrusted=_boolean(values.get("X-PM-ENCRYPT-UNTRUSTED")),
        sign=_boolean(values.get("X-PM-SIGN")),
        scheme=_scheme(values.get("X-PM-SCHEME", "")),
        mime_type=values.get("X-PM-MIMETYPE", "").lower() or None,
        keys=tuple(public_key(_key(each.value), now) for each in keys),
    )


def public_key(certificate: Certificate, now: int) -> PublicKey:
    """A certificate as the table of preferences sees it."""
    usable = certpolicy.encryption_key(certificate, now) is not None
    return PublicKey(certificate.fingerprint, usable, certificate)


def _unescaped(value: str) -> str:
    r"""A text value without its backslashes (RFC 6350 3.4); line ends do not matter here."""
    return re.sub(r"\\(.)", r"\1", value)


def _preference(line: object) -> int:
    """PREF of a property, 1 the best; without one it comes last (RFC 6350 5.3)."""
    given = getattr(line, "params", {}).get("PREF", [""])[0]
    return int(given) if given.isdecimal() else 101


def _boolean(value: str | None) -> bool | None:
    if value is None:
        return None
    return value.lower() == "true"


def _scheme(value: str) -> Scheme | None:
    return next((each for each in Scheme if each.value == value.lower()), None)


def _key(value: str) -> Certificate:
    """A pinned key: `data:application/pgp-keys;base64,...` with the binary key or one in armor; older cards have the
    base64 alone."""
    try:
        data = base64.b64decode(value.rpartition(",")[2])
        if armor.is_armored(data):
            return Certificate.from_armor(data)
        return Certificate.from_bytes(data)
    except (CryptoError, binascii.Error, ValueError) as error:
        raise UnusableCard("A key pinned in the contact cannot be read.") from error
