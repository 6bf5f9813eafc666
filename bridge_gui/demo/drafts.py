"""Drafts and their attachments (API document 4.4, 4.5), with the checks the real service makes and one more: what is
uploaded must open with the sender's own key, so a client that encrypts wrongly is refused at once."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bridge_gui.demo import letters
from bridge_gui.demo.account import ENABLED, Account, Address, canonical
from bridge_gui.demo.calls import Part, integer, object_, objects, text
from bridge_gui.demo.errors import INVALID_VALUE, NOT_ALLOWED, NOT_FOUND, ApiError
from bridge_gui.demo.mailbox import DRAFTS
from bridge_gui.demo.profiles import DOMAIN
from bridge_gui.demo.records import Action, Attachment, Json, Message, Person, Stored
from bridge_gui.demo.sealing import attachment_headers
from bridge_gui.errors import CryptoError
from bridge_gui.openpgp import armor, message, session

if TYPE_CHECKING:
    from bridge_gui.demo.world import World

BAD_EMAIL = 2050
BODY_TYPES = ("text/html", "text/plain")


def create(world: World, account: Account, data: Json) -> Message:
    """Save a new draft."""
    given = object_(data, "Message")
    address, sender = _sender(account, given)
    mime_type = _mime_type(given)
    body = text(given, "Body")
    _check_body(account, address, body)
    parent = _parent(account, text(data, "ParentID", ""))
    number = account.mailbox.next_number()
    inherited = _inherited(world, account, number, address, parent, data)
    external_id = text(given, "ExternalID", "").strip("<>") or f"{secrets.token_urlsafe(24)}@{DOMAIN}"
    draft = Message(
        id=account.mailbox.message_id(number),
        number=number,
        address_id=address.id,
        subject=text(given, "Subject", ""),
        sender=sender,
        time=world.now(),
        size=len(body) + sum(each.size for each in inherited),
        flags=0,
        content=Stored(body, (), inherited),
        labels=frozenset({DRAFTS}),
        mime_type=mime_type,
        to=_people(given, "ToList"),
        cc=_people(given, "CCList"),
        bcc=_people(given, "BCCList"),
        unread=bool(integer(given, "Unread", 0)),
        attachment_count=len(inherited),
        external_id=external_id,
        conversation_id=account.mailbox.conversation_of(parent) if parent else "",
        parent_id=parent.id if parent else "",
        draft_action=integer(data, "Action", 0),
    )
    draft = with_header(world, account, draft)
    account.mailbox.add(draft)
    return draft


def update(world: World, account: Account, draft_id: str, data: Json) -> Message:
    """Save a draft again; an empty body keeps the old one."""
    draft = own_draft(account, draft_id)
    given = object_(data, "Message")
    address, sender = _sender(account, given)
    mime_type = _mime_type(given)
    content = stored(draft)
    if body := text(given, "Body", ""):
        _check_body(account, address, body)
        content = replace(content, body=body)
    if address.id != draft.address_id and content.attachments:
        raise ApiError(422, NOT_ALLOWED, "The sender of a draft with attachments cannot be changed")
    changed = replace(
        draft,
        address_id=address.id,
        sender=sender,
        subject=text(given, "Subject", ""),
        mime_type=mime_type,
        to=_people(given, "ToList"),
        cc=_people(given, "CCList"),
        bcc=_people(given, "BCCList"),
        time=world.now(),
        content=content,
        size=len(content.body) + sum(each.size for each in content.attachments),
    )
    changed = with_header(world, account, changed)
    account.mailbox.put(changed, Action.UPDATE)
    return changed


def upload(world: World, account: Account, parts: Sequence[Part]) -> Attachment:
    """Add an attachment to a draft."""
    fields = {part.name: part for part in parts}

    def field(name: str) -> str:
        part = fields.get(name)
        return part.data.decode("utf-8", "replace") if part else ""

    draft = own_draft(account, field("MessageID"))
    disposition, content_id = field("Disposition") or "attachment", field("ContentID").strip("<>")
    if disposition not in ("attachment", "inline"):
        raise ApiError(422, INVALID_VALUE, "Disposition is invalid")
    if disposition == "inline" and not content_id:
        raise ApiError(422, INVALID_VALUE, "An inline attachment needs a ContentID")
    if not field("Filename") or not field("MIMEType"):
        raise ApiError(422, INVALID_VALUE, "Filename and MIMEType are required")
    key_packets, data_packet = _file(fields, "KeyPackets"), _file(fields, "DataPacket")
    if len(data_packet) > world.options.upload_limit:
        raise ApiError(422, INVALID_VALUE, "Attachment is too large")
    plain = _opened(account, account.address(draft.address_id), key_packets, data_packet)
    signature = fields.get("Signature")
    content = stored(draft)
    attachment = Attachment(
        id=_next_attachment_id(world, account, draft.number, content.attachments),
        name=field("Filename"),
        mime_type=field("MIMEType"),
        disposition=disposition,
        key_packets=key_packets,
        data=data_packet,
        size=len(plain),
        content_id=content_id,
        signature=armor.armor(armor.SIGNATURE, signature.data) if signature and signature.data else None,
        headers=attachment_headers(disposition, field("Filename"), content_id),
    )
    attachments = (*content.attachments, attachment)
    account.mailbox.put(_with_attachments(draft, content, attachments), Action.UPDATE)
    return attachment


def remove_attachment(account: Account, attachment_id: str) -> None:
    """Take an attachment off a draft."""
    parsed = account.ids.parse("t", attachment_id)
    if parsed is None or parsed[0] != account.number:
        raise ApiError(422, NOT_FOUND, "Attachment does not exist")
    draft = own_draft(account, account.mailbox.message_id(parsed[1]))
    content = stored(draft)
    left = tuple(each for each in content.attachments if each.id != attachment_id)
    account.mailbox.put(_with_attachments(draft, content, left), Action.UPDATE)


# -------------------------------------------------------------------------------------------------- pieces


def own_draft(account: Account, draft_id: str) -> Message:
    """Return a message that is a draft, or refuse."""
    draft = account.mailbox.get(draft_id)
    if not draft.is_draft:
        raise ApiError(422, NOT_ALLOWED, "Message is not a draft")
    return draft


def stored(draft: Message) -> Stored:
    """Return an uploaded content; a seeded draft must be sealed before it is changed."""
    if not isinstance(draft.content, Stored):
        raise ApiError(422, NOT_ALLOWED, "This draft of the demo cannot be changed")
    return draft.content


def with_header(world: World, account: Account, draft: Message) -> Message:
    """Give a draft the header that its fields and its parent make."""
    parents: tuple[str, ...] = ()
    parent = account.mailbox.messages.get(draft.parent_id)
    if parent is not None and parent.external_id:
        parents = (*_references(world, parent), parent.external_id)
    return replace(draft, content=replace(stored(draft), header=letters.base_header(draft, parents)))


def _references(world: World, parent: Message) -> tuple[str, ...]:
    named = dict(world.header(parent)).get("References", "")
    return tuple(each.strip("<>") for each in named.split() if each != f"<{parent.external_id}>")


def _with_attachments(draft: Message, content: Stored, attachments: tuple[Attachment, ...]) -> Message:
    return replace(
        draft,
        content=replace(content, attachments=attachments),
        attachment_count=len(attachments),
        size=len(content.body) + sum(each.size for each in attachments),
    )


def _sender(account: Account, given: Json) -> tuple[Address, Person]:
    person = object_(given, "Sender")
    email = text(person, "Address")
    address = account.address_of(email)
    if address is None:
        raise ApiError(422, INVALID_VALUE, "Sender address is not yours")
    if address.status != ENABLED or not address.send:
        raise ApiError(422, NOT_ALLOWED, "Sender address is disabled or may not send")
    if canonical(email) != address.email.lower():
        raise ApiError(422, INVALID_VALUE, "Sender address is invalid")
    return address, Person(text(person, "Name", ""), email)


def _mime_type(given: Json) -> str:
    mime_type = text(given, "MIMEType")
    if mime_type not in BODY_TYPES:
        raise ApiError(422, INVALID_VALUE, "MIMEType must be text/html or text/plain")
    return mime_type


def _people(given: Mapping[str, object], name: str) -> tuple[Person, ...]:
    people = tuple(Person(text(each, "Name", ""), text(each, "Address")) for each in objects(given, name))
    for person in people:
        local, at, domain = person.address.rpartition("@")
        if not (local and at and "." in domain) or any(c in person.address for c in "\r\n <>"):
            raise ApiError(422, BAD_EMAIL, f"{person.address} is not a valid email address")
    return people


def _parent(account: Account, parent_id: str) -> Message | None:
    if not parent_id:
        return None
    parent = account.mailbox.messages.get(parent_id)
    if parent is None:
        raise ApiError(422, NOT_FOUND, "Parent message does not exist")
    if parent.is_draft:
        raise ApiError(422, INVALID_VALUE, "A draft cannot be the parent of a message")
    return parent


def _inherited(
    world: World, account: Account, number: int, address: Address, parent: Message | None, data: Json
) -> tuple[Attachment, ...]:
    """Take over attachments of the parent, their session keys encrypted anew (forwarding)."""
    packets = data.get("AttachmentKeyPackets") or {}
    if isinstance(packets, list) and not packets:
        return ()
    if not isinstance(packets, dict):
        raise ApiError(422, INVALID_VALUE, "AttachmentKeyPackets is invalid")
    offered = {each.id: each for each in world.sealed(account, parent).attachments} if parent else {}
    taken = []
    for part, (attachment_id, packet) in enumerate(packets.items()):
        original = offered.get(attachment_id)
        if original is None:
            raise ApiError(422, NOT_FOUND, "An attachment of the parent does not exist")
        key_packets = unbase64(packet)
        _opened(account, address, key_packets, original.data)
        taken.append(replace(original, id=world.ids.make("t", account.number, number, part), key_packets=key_packets))
    return tuple(taken)


def _next_attachment_id(world: World, account: Account, number: int, present: Sequence[Attachment]) -> str:
    parts = [parsed[2] for each in present if (parsed := world.ids.parse("t", each.id)) is not None]
    return world.ids.make("t", account.number, number, max(parts, default=-1) + 1)


def _file(fields: Mapping[str, Part], name: str) -> bytes:
    part = fields.get(name)
    if part is None or part.filename is None or not part.data:
        raise ApiError(422, INVALID_VALUE, f"{name} is required")
    return part.data


def _check_body(account: Account, address: Address, body: str) -> None:
    """A body must be an armored message that the sender's own key opens."""
    try:
        key_packets, data_packet = message.split(armor.dearmor(body, armor.MESSAGE))
    except CryptoError as error:
        raise ApiError(422, INVALID_VALUE, "Body is not an OpenPGP message") from error
    _opened(account, address, key_packets, data_packet)


def _opened(account: Account, address: Address, key_packets: bytes, data_packet: bytes) -> bytes:
    keys = [held.unlocked for held in account.keys_of(address) if held.active]
    try:
        return message.decrypt_data(data_packet, session.open_pkesk(key_packets, keys)).data
    except CryptoError as error:
        raise ApiError(422, INVALID_VALUE, f"This cannot be opened with your own key: {error.message}") from error


def unbase64(value: object) -> bytes:
    """Decode a base64 field strictly."""
    if not isinstance(value, str):
        raise ApiError(422, INVALID_VALUE, "A base64 field is missing")
    try:
        return base64.b64decode(value, validate=True)
    except ValueError as error:
        raise ApiError(422, INVALID_VALUE, "A field is not base64") from error
