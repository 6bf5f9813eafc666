"""Sending (API document 4.6): every package is opened with the recipient's own private key before anything goes out.

The real service cannot look inside; the demo can, as it holds both ends, and refuses a package that its recipient could
not open, that is not signed as promised, or that gives the service a session key it must not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bridge_gui.demo import drafts, letters
from bridge_gui.demo.account import Account, Address
from bridge_gui.demo.calls import integer, object_, objects, text
from bridge_gui.demo.errors import INVALID_VALUE, NOT_ALLOWED, ApiError
from bridge_gui.demo.mailbox import DRAFTS, INBOX, SENT
from bridge_gui.demo.records import Action, Attachment, Flag, Json, Message, Outside, Stored
from bridge_gui.errors import CryptoError
from bridge_gui.openpgp import armor, message, session
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.openpgp.session import SessionKey
from bridge_gui.openpgp.signature import SignatureState
from bridge_gui.secret import Secret

if TYPE_CHECKING:
    from bridge_gui.demo.world import World

INTERNAL, ENCRYPTED_OUTSIDE, CLEAR, PGP_INLINE, PGP_MIME, CLEAR_MIME = 1, 2, 4, 8, 16, 32
IN_CLEAR = CLEAR | CLEAR_MIME
MIME_TYPES = {
    INTERNAL: ("text/html", "text/plain"),
    CLEAR: ("text/html", "text/plain"),
    PGP_INLINE: ("text/plain",),
    PGP_MIME: ("multipart/mixed",),
    CLEAR_MIME: ("multipart/mixed",),
}
"""Which package formats a kind of recipient may get."""


@dataclass(frozen=True, slots=True)
class Package:
    """One body format, with the recipients that get it."""

    mime_type: str
    type: int
    body: bytes
    body_key: SessionKey | None
    attachment_keys: Mapping[str, SessionKey]
    addresses: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Opened:
    """What one recipient finds."""

    email: str
    type: int
    package: Package
    body: bytes
    signed: bool
    attachments: tuple[tuple[Attachment, bytes], ...]
    body_packet: bytes = b""
    attachment_packets: Mapping[str, bytes] | None = None
    local: tuple[Account, Address] | None = None


def send(world: World, account: Account, draft_id: str, data: Json) -> tuple[Message, Message | None]:
    """Send a draft; return the sent message and its parent, if any. All is checked before anything is delivered."""
    draft = drafts.own_draft(account, draft_id)
    if data.get("DelaySeconds") or data.get("DeliveryTime"):
        raise ApiError(422, NOT_ALLOWED, "The demo service sends at once")
    packages = [read_package(each) for each in objects(data, "Packages")]
    content = drafts.stored(draft)
    _check_covered(draft, packages)
    sender = account.address(draft.address_id)
    verify = [held.certificate for held in account.keys_of(sender) if held.active]
    opened = [
        _open(world, draft, content, verify, package, email, recipient)
        for package in packages
        for email, recipient in package.addresses.items()
    ]
    sent = _mark_sent(world, account, draft, opened)
    for each in opened:
        if each.local is not None:
            _deliver(world, sent, each, *each.local)
        else:
            world.outside.append(_outside(world, sent, each))
    return sent, _mark_parent(account, draft)


# -------------------------------------------------------------------------------------------------- reading


def read_package(data: Json) -> Package:
    """Read one package and check what can be told from it alone."""
    recipients = object_(data, "Addresses")
    if not recipients or not all(isinstance(each, dict) for each in recipients.values()):
        raise ApiError(422, INVALID_VALUE, "A package needs recipients")
    addresses = {email.lower(): each for email, each in recipients.items() if isinstance(each, dict)}
    types = [integer(each, "Type") for each in addresses.values()]
    combined = 0
    for each in types:
        combined |= each
    mime_type = text(data, "MIMEType")
    if integer(data, "Type") != combined:
        raise ApiError(422, INVALID_VALUE, "Package Type is not the union of its recipients' types")
    for each in types:
        if each == ENCRYPTED_OUTSIDE:
            raise ApiError(422, NOT_ALLOWED, "Password-protected mail is not offered by the demo service")
        if mime_type not in MIME_TYPES.get(each, ()):
            raise ApiError(422, INVALID_VALUE, f"A recipient of type {each} cannot get {mime_type}")
    body_key, attachment_keys = data.get("BodyKey"), data.get("AttachmentKeys") or {}
    if body_key and not combined & IN_CLEAR:
        raise ApiError(422, INVALID_VALUE, "BodyKey is given though no recipient gets the mail in clear")
    if attachment_keys and not combined & CLEAR:
        raise ApiError(422, INVALID_VALUE, "AttachmentKeys are given though no recipient gets the mail in clear")
    if not isinstance(attachment_keys, dict):
        raise ApiError(422, INVALID_VALUE, "AttachmentKeys is invalid")
    return Package(
        mime_type=mime_type,
        type=combined,
        body=drafts.unbase64(data.get("Body")),
        body_key=_session_key(body_key) if body_key else None,
        attachment_keys={id_: _session_key(key) for id_, key in attachment_keys.items()},
        addresses=addresses,
    )


def _session_key(data: object) -> SessionKey:
    if not isinstance(data, dict):
        raise ApiError(422, INVALID_VALUE, "A session key is invalid")
    try:
        return SessionKey(text(data, "Algorithm"), Secret(drafts.unbase64(data.get("Key"))))
    except CryptoError as error:
        raise ApiError(422, INVALID_VALUE, f"A session key is invalid: {error.message}") from error


def _check_covered(draft: Message, packages: Sequence[Package]) -> None:
    wanted = {person.address.lower() for person in (*draft.to, *draft.cc, *draft.bcc)}
    given = [email for package in packages for email in package.addresses]
    if not wanted:
        raise ApiError(422, INVALID_VALUE, "The message has no recipients")
    if len(given) != len(set(given)):
        raise ApiError(422, INVALID_VALUE, "A recipient is in more than one package")
    if missing := wanted - set(given):
        raise ApiError(422, INVALID_VALUE, f"No package for {', '.join(sorted(missing))}")
    if extra := set(given) - wanted:
        raise ApiError(422, INVALID_VALUE, f"{', '.join(sorted(extra))} is not a recipient of the draft")


# -------------------------------------------------------------------------------------------------- opening


def _open(
    world: World,
    draft: Message,
    content: Stored,
    verify: Sequence[Certificate],
    package: Package,
    email: str,
    recipient: Json,
) -> Opened:
    """Open a package as its recipient would."""
    kind = integer(recipient, "Type")
    local = world.local(email)
    if (kind == INTERNAL) != (local is not None):
        raise ApiError(422, INVALID_VALUE, f"{email}: the package type does not fit the recipient")
    keys = _private_keys(world, email, local)
    encrypted = not kind & IN_CLEAR
    body_packet = drafts.unbase64(recipient.get("BodyKeyPacket")) if encrypted else b""
    if not encrypted and recipient.get("BodyKeyPacket"):
        raise ApiError(422, INVALID_VALUE, f"{email}: a mail in clear has no BodyKeyPacket")
    try:
        key = session.open_pkesk(body_packet, keys) if encrypted else package.body_key
        if key is None:
            raise ApiError(422, INVALID_VALUE, f"{email}: BodyKey is missing")
        found = message.decrypt_data(package.body, key, verify=verify, at=world.now())
        packets, attachments = _open_attachments(email, kind, package, recipient, content, keys)
    except CryptoError as error:
        raise ApiError(422, INVALID_VALUE, f"{email} cannot open the message: {error.message}") from error
    signed = found.state is SignatureState.VALID
    promised = integer(recipient, "Signature", 0) == 1
    if promised and not signed:
        raise ApiError(422, INVALID_VALUE, f"{email}: the body is not signed with the sender's key")
    if kind != CLEAR and not promised:
        raise ApiError(422, INVALID_VALUE, f"{email}: a recipient of type {kind} needs Signature 1")
    if kind == CLEAR and promised and package.mime_type != "text/plain":
        raise ApiError(422, INVALID_VALUE, f"{email}: only plain text can be signed in clear")
    return Opened(email, kind, package, found.data, signed, attachments, body_packet, packets, local)


def _open_attachments(
    email: str, kind: int, package: Package, recipient: Json, content: Stored, keys: Sequence[UnlockedKey]
) -> tuple[Mapping[str, bytes], tuple[tuple[Attachment, bytes], ...]]:
    """Open all attachments of the draft; a MIME package carries them inside its body."""
    given = recipient.get("AttachmentKeyPackets") or {}
    if not isinstance(given, dict):
        raise ApiError(422, INVALID_VALUE, f"{email}: AttachmentKeyPackets is invalid")
    if kind in (PGP_MIME, CLEAR_MIME):
        if given:
            raise ApiError(422, INVALID_VALUE, f"{email}: a MIME package has no attachment keys")
        return {}, ()
    packets = {id_: drafts.unbase64(value) for id_, value in given.items()}
    opened = []
    for each in content.attachments:
        key: SessionKey | None
        if kind == CLEAR:
            key = package.attachment_keys.get(each.id)
        else:
            key = session.open_pkesk(packets[each.id], keys) if each.id in packets else None
        if key is None:
            raise ApiError(422, INVALID_VALUE, f"{email}: no key for the attachment {each.name}")
        opened.append((each, message.decrypt_data(each.data, key).data))
    return packets, tuple(opened)


def _private_keys(world: World, email: str, local: tuple[Account, Address] | None) -> list[UnlockedKey]:
    if local is not None:
        account, address = local
        return [held.unlocked for held in account.keys_of(address) if held.active]
    outsider = world.outsider(email)
    return [outsider.key.unlocked] if outsider is not None and outsider.key is not None else []


# -------------------------------------------------------------------------------------------------- delivering


def _mark_sent(world: World, account: Account, draft: Message, opened: Iterable[Opened]) -> Message:
    kinds = {each.type for each in opened}
    flags = draft.flags | Flag.SENT
    if kinds == {INTERNAL}:
        flags |= Flag.INTERNAL
    if not any(kind & IN_CLEAR for kind in kinds):
        flags |= Flag.E2E
    labels = draft.labels - {DRAFTS} | {SENT}
    sent = replace(draft, flags=int(flags), labels=labels, time=world.now(), unread=False)
    sent = drafts.with_header(world, account, sent)
    account.mailbox.put(sent, Action.UPDATE)
    return sent


def _mark_parent(account: Account, draft: Message) -> Message | None:
    parent = account.mailbox.messages.get(draft.parent_id)
    if parent is None:
        return None
    if draft.draft_action == 0:
        parent = replace(parent, is_replied=True, flags=parent.flags | Flag.REPLIED)
    elif draft.draft_action == 1:
        parent = replace(parent, is_replied=True, is_replied_all=True, flags=parent.flags | Flag.REPLIED_ALL)
    elif draft.draft_action == 2:
        parent = replace(parent, is_forwarded=True, flags=parent.flags | Flag.FORWARDED)
    account.mailbox.put(parent, Action.UPDATE_FLAGS)
    return parent


def _deliver(world: World, sent: Message, each: Opened, account: Account, address: Address) -> None:
    """Put the mail into a local Inbox, encrypted as the sender encrypted it for this recipient."""
    mailbox = account.mailbox
    number = mailbox.next_number()
    message_id = mailbox.message_id(number)
    packets = each.attachment_packets or {}
    attachments = tuple(
        replace(one, id=world.ids.make("t", account.number, number, part), key_packets=packets[one.id])
        for part, (one, _) in enumerate(each.attachments)
    )
    body = armor.armor(armor.MESSAGE, each.body_packet + each.package.body)
    known = next(mailbox.find_external(_parent_reference(sent)), None) if sent.parent_id else None
    arrived = replace(
        sent,
        id=message_id,
        number=number,
        address_id=address.id,
        labels=frozenset({INBOX}),
        flags=int(Flag.RECEIVED | Flag.INTERNAL | Flag.E2E),
        mime_type=each.package.mime_type,
        bcc=(),
        reply_tos=(sent.sender,),
        unread=True,
        is_replied=False,
        is_replied_all=False,
        is_forwarded=False,
        parent_id="",
        conversation_id=mailbox.conversation_of(known) if known else "",
        content=Stored(body, (), attachments),
    )
    header = letters.base_header(arrived, _parents(sent))
    mailbox.add(replace(arrived, content=Stored(body, header, attachments)))


def _parents(sent: Message) -> tuple[str, ...]:
    named = dict(drafts.stored(sent).header).get("References", "")
    return tuple(each.strip("<>") for each in named.split())


def _parent_reference(sent: Message) -> str:
    parents = _parents(sent)
    return parents[-1] if parents else ""


def _outside(world: World, sent: Message, each: Opened) -> Outside:
    packets = each.attachment_packets or {}
    return Outside(
        sender=sent.sender.address,
        recipient=each.email,
        package_type=each.type,
        mime_type=each.package.mime_type,
        subject=sent.subject,
        body=each.body,
        signed=each.signed,
        encrypted=not each.type & IN_CLEAR,
        time=world.now(),
        attachments=tuple((one.name, one.mime_type, data) for one, data in each.attachments),
        header=drafts.stored(sent).header,
        sealed=each.body_packet + each.package.body if each.body_packet else b"",
        sealed_attachments=tuple(packets[one.id] + one.data for one, _ in each.attachments if one.id in packets),
    )
