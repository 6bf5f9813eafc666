"""Contacts (API document 4.9): vCards in clear, signed, or encrypted and signed with the user's key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bridge_gui.demo.account import Account
from bridge_gui.demo.calls import integer, objects, text
from bridge_gui.demo.errors import INVALID_VALUE, NOT_FOUND, ApiError
from bridge_gui.demo.records import Action, Card, Contact, Json
from bridge_gui.errors import CryptoError
from bridge_gui.openpgp import armor, message
from bridge_gui.openpgp.signature import SignatureState

if TYPE_CHECKING:
    from bridge_gui.demo.world import World

CLEAR, ENCRYPTED, SIGNED = 0, 1, 2
_EMAIL = re.compile(r"^(?:[\w-]+\.)?EMAIL(?:;[^:]*)?:(.+)$", re.IGNORECASE | re.MULTILINE)
_NAME = re.compile(r"^FN(?:;[^:]*)?:(.+)$", re.IGNORECASE | re.MULTILINE)
_UID = re.compile(r"^UID(?:;[^:]*)?:(.+)$", re.IGNORECASE | re.MULTILINE)


def add(world: World, account: Account, cards: Sequence[Card], *, check: bool = True) -> Contact:
    """Add a contact; its signed card must be signed with the user's key, unless a test wants it otherwise."""
    if check:
        _check(account, cards)
    account.last_contact += 1
    contact = _contact(world, account, account.last_contact, cards)
    account.contacts[contact.id] = contact
    _tell(account, contact, Action.CREATE)
    return contact


def signed_card(account: Account, vcard: str, at: int) -> Card:
    """Return a card signed with the user's key, as the service's own apps write it."""
    signature = message.sign_detached(vcard.encode(), account.kit.user_keys[0].unlocked, at=at)
    return Card(SIGNED, vcard, armor.armor(armor.SIGNATURE, signature))


def change(world: World, account: Account, contact_id: str, cards: Sequence[Card]) -> Contact:
    old = get(account, contact_id)
    _check(account, cards)
    parsed = world.ids.parse("C", contact_id)
    assert parsed is not None
    contact = replace(_contact(world, account, parsed[1], cards), created=old.created, label_ids=old.label_ids)
    for id_, _ in old.emails:
        if id_ not in [each for each, _ in contact.emails]:
            account.feed.add("ContactEmails", id_, Action.DELETE)
    account.contacts[contact_id] = contact
    _tell(account, contact, Action.UPDATE)
    return contact


def remove(account: Account, contact_ids: Iterable[str]) -> list[Json]:
    results: list[Json] = []
    for contact_id in contact_ids:
        contact = account.contacts.pop(contact_id, None)
        if contact is None:
            results.append({"ID": contact_id, "Response": {"Code": NOT_FOUND, "Error": "Contact does not exist"}})
            continue
        account.feed.add("Contacts", contact_id, Action.DELETE)
        for id_, _ in contact.emails:
            account.feed.add("ContactEmails", id_, Action.DELETE)
        results.append({"ID": contact_id, "Response": {"Code": 1000}})
    return results


def get(account: Account, contact_id: str) -> Contact:
    contact = account.contacts.get(contact_id)
    if contact is None:
        raise ApiError(422, NOT_FOUND, "Contact does not exist")
    return contact


def read_cards(data: Json) -> list[Card]:
    """Read the cards of a request."""
    cards = [
        Card(integer(each, "Type"), text(each, "Data"), text(each, "Signature", "")) for each in objects(data, "Cards")
    ]
    if not cards:
        raise ApiError(422, INVALID_VALUE, "Cards are required")
    return cards


def _check(account: Account, cards: Sequence[Card]) -> None:
    """Refuse cards that the user could not use: unsigned where a signature is promised, or not openable."""
    keys = [held.unlocked for held in account.kit.user_keys]
    certificates = [held.certificate for held in account.kit.user_keys]
    for card in cards:
        data = card.data.encode()
        try:
            if card.type & ENCRYPTED:
                data = message.decrypt(armor.dearmor(card.data, armor.MESSAGE), keys).data
            if card.type & SIGNED:
                state = message.verify_detached(data, armor.dearmor(card.signature, armor.SIGNATURE), certificates)
                if state is not SignatureState.VALID:
                    raise ApiError(422, INVALID_VALUE, "A card's signature is not good")
        except CryptoError as error:
            raise ApiError(422, INVALID_VALUE, f"A card cannot be read: {error.message}") from error
    if not any(_EMAIL.search(card.data) or _NAME.search(card.data) for card in cards if not card.type & ENCRYPTED):
        raise ApiError(422, INVALID_VALUE, "A contact needs a name or an email in a card that is not encrypted")


def _contact(world: World, account: Account, number: int, cards: Sequence[Card]) -> Contact:
    readable = "\n".join(card.data.replace("\r\n", "\n") for card in cards if not card.type & ENCRYPTED)
    emails = [found.strip() for found in _EMAIL.findall(readable)]
    name, uid = _NAME.search(readable), _UID.search(readable)
    return Contact(
        id=world.ids.make("C", account.number, number),
        name=name.group(1).strip() if name else emails[0],
        uid=uid.group(1).strip() if uid else f"demo-contact-{number}",
        emails=tuple((world.ids.make("E", account.number, number, n), email) for n, email in enumerate(emails)),
        cards=tuple(cards),
        created=world.now(),
        modified=world.now(),
    )


def _tell(account: Account, contact: Contact, action: Action) -> None:
    account.feed.add("Contacts", contact.id, action)
    for id_, _ in contact.emails:
        account.feed.add("ContactEmails", id_, action)
