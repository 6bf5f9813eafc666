"""What is known about a recipient: keys from the service, the contact's card; and what follows for sending (7)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bridge_gui.aio import off_loop
from bridge_gui.errors import CryptoError
from bridge_gui.openpgp.keys import Certificate
from bridge_gui.proton.errors import RecipientKeysError
from bridge_gui.proton.types import Contact, ContactEmail, KeyFlag, MailSettings, RecipientKeys
from bridge_gui.send.contacts import UnusableCard, contact_settings, public_key
from bridge_gui.send.preferences import (
    AccountSettings,
    ContactSettings,
    PublicKey,
    Reason,
    Recipient,
    Refusal,
    Scheme,
    SendPreference,
    preference,
)

log = logging.getLogger(__name__)

LOOKUPS_AT_ONCE = 8
_EXTERNAL_DOMAIN = 33103
"""Code of the service for an address outside that has no keys (API document 1.4)."""


class Directory(Protocol):
    """The part of the API that knows people."""

    async def recipient_keys(self, email: str) -> RecipientKeys: ...

    async def contact_emails(self, email: str) -> tuple[ContactEmail, ...]: ...

    async def contact(self, id: str) -> Contact: ...

    def now(self) -> int: ...


@dataclass(frozen=True, slots=True)
class RefusedRecipient:
    """Nothing is sent to anybody because of this recipient; `text` says why."""

    address: str
    text: str


def account_settings(settings: MailSettings) -> AccountSettings:
    scheme = {8: Scheme.INLINE, 16: Scheme.MIME}.get(settings.pgp_scheme)
    return AccountSettings(settings.sign, scheme, settings.draft_mime_type)


async def preferences(
    directory: Directory,
    recipients: Sequence[str],
    settings: MailSettings,
    composed: str,
    user_certificates: Sequence[Certificate],
) -> Mapping[str, SendPreference] | RefusedRecipient:
    """How each recipient gets the message, by address as given; or the first one who cannot get it.

    Errors of the service pass through: without an answer about keys nothing is sent.
    """
    account = account_settings(settings)
    gate = asyncio.Semaphore(LOOKUPS_AT_ONCE)

    async def one(address: str) -> SendPreference | RefusedRecipient:
        async with gate:
            return await _one(directory, address, account, composed, user_certificates)

    # Not a TaskGroup: its errors come as a group, and one failure is enough to know.
    found = await asyncio.gather(*map(one, recipients), return_exceptions=True)
    chosen: dict[str, SendPreference] = {}
    for address, each in zip(recipients, found, strict=True):
        if isinstance(each, BaseException):
            raise each
        if isinstance(each, RefusedRecipient):
            return each
        chosen[address] = each
    return chosen


async def _one(
    directory: Directory,
    address: str,
    account: AccountSettings,
    composed: str,
    user_certificates: Sequence[Certificate],
) -> SendPreference | RefusedRecipient:
    try:
        answer = await directory.recipient_keys(address)
    except RecipientKeysError as error:
        if error.api_code != _EXTERNAL_DOMAIN:
            return RefusedRecipient(address, f"Proton says about {address}: {error.message}")
        answer = RecipientKeys(internal=False)
    now = directory.now()
    try:
        recipient = await off_loop(None, _recipient, answer, now)
        contact = await _contact(directory, address, user_certificates, now)
    except UnusableCard as error:
        return RefusedRecipient(address, f"The contact of {address} cannot be used. {error.message} {error.remedy}")
    except CryptoError:
        return RefusedRecipient(address, f"A key of {address} cannot be read, so nothing was sent.")
    chosen = preference(recipient, contact, account, composed)
    if isinstance(chosen, Refusal):
        return RefusedRecipient(address, _sentence(address, chosen.reason))
    return chosen


def _recipient(answer: RecipientKeys, now: int) -> Recipient:
    """Only keys that the service allows for mail, in its order. One that cannot be read counts as not usable: it must
    not make room for mail in clear."""
    keys: list[PublicKey] = []
    for each in answer.keys:
        if not each.flags & KeyFlag.NOT_OBSOLETE or each.flags & KeyFlag.NO_ENCRYPTION:
            continue
        try:
            keys.append(public_key(Certificate.from_armor(each.public_key), now))
        except CryptoError:
            keys.append(PublicKey("", usable=False))
    if answer.keys and not keys and not answer.internal:
        # Keys exist and none may be used: that is not the same as no keys.
        keys.append(PublicKey("", usable=False))
    return Recipient(answer.internal, tuple(keys))


async def _contact(
    directory: Directory, address: str, user_certificates: Sequence[Certificate], now: int
) -> ContactSettings:
    """The settings of the contact that holds this address. With several, one that pins keys counts before others."""
    found = [each for each in await directory.contact_emails(address) if each.email.casefold() == address.casefold()]
    settings = ContactSettings()
    for contact_id in dict.fromkeys(each.contact_id for each in found):
        contact = await directory.contact(contact_id)
        read = await off_loop(None, contact_settings, contact.cards, address, user_certificates, now)
        if settings == ContactSettings() or (read.keys and not settings.keys):
            settings = read
    return settings


def _sentence(address: str, reason: Reason) -> str:
    match reason:
        case Reason.NO_INTERNAL_KEY:
            return f"{address} is a Proton address without a key for mail; it may be disabled or misspelt."
        case Reason.NO_USABLE_KEY:
            return f"The key of {address} has expired, was revoked or cannot be used, so nothing was sent."
        case Reason.NOT_PINNED:
            return (
                f"The key that Proton gives for {address} is not one of those trusted in the contact, so nothing was "
                "sent. Compare the keys with the recipient, then change the contact in Proton Mail."
            )
        case Reason.MISSING_KEY:
            return f"The contact of {address} asks for encryption, but holds no key. Add one in Proton Mail."
