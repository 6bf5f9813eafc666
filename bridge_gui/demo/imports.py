"""Import of encrypted mails (API document 4.7): a literal whose leaves are encrypted becomes a message."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message as Entity
from email.utils import getaddresses, parsedate_to_datetime
from typing import TYPE_CHECKING

from bridge_gui.demo.account import EXTERNAL, Account, Address
from bridge_gui.demo.calls import Part, integer, text, texts
from bridge_gui.demo.errors import INVALID_VALUE, NOT_FOUND, ApiError
from bridge_gui.demo.mailbox import NOT_FOR_CLIENTS, PLACES, fitting
from bridge_gui.demo.records import Action, Attachment, Flag, Json, Message, Person, Stored
from bridge_gui.errors import CryptoError
from bridge_gui.openpgp import armor, message

if TYPE_CHECKING:
    from bridge_gui.demo.world import World

MESSAGES_LIMIT = 10


def import_all(world: World, account: Account, parts: Sequence[Part]) -> list[Json]:
    """Import each message on its own; a bad one does not stop the others."""
    metadata = next((part for part in parts if part.name == "Metadata"), None)
    if metadata is None or metadata.filename is not None:
        raise ApiError(422, INVALID_VALUE, "Metadata is missing, or is sent as a file")
    try:
        given = json.loads(metadata.data)
    except ValueError as error:
        raise ApiError(422, INVALID_VALUE, "Metadata is not JSON") from error
    if not isinstance(given, dict) or not 1 <= len(given) <= MESSAGES_LIMIT:
        raise ApiError(422, INVALID_VALUE, f"Metadata must name 1 to {MESSAGES_LIMIT} messages")
    files = {part.name: part for part in parts if part.filename is not None}
    if sum(len(part.data) for part in files.values()) > world.options.import_limit:
        raise ApiError(422, INVALID_VALUE, "The import is too large")
    results: list[Json] = []
    for name, each in given.items():
        try:
            if name not in files or not isinstance(each, dict):
                raise ApiError(422, INVALID_VALUE, "The message is missing")
            message_id = _import(world, account, each, files[name].data)
            response: Json = {"Code": 1000, "MessageID": message_id}
        except ApiError as error:
            response = {"Code": error.code, "Error": error.text, "MessageID": ""}
        results.append({"Name": name, "Response": response})
    # The real service does not promise the order of its answers, so a client must go by name.
    return results[::-1]


def _import(world: World, account: Account, given: Json, literal: bytes) -> str:
    mailbox = account.mailbox
    address = account.addresses.get(text(given, "AddressID"))
    if address is None or (address.type == EXTERNAL and not address.send):
        raise ApiError(422, INVALID_VALUE, "AddressID is invalid")
    flags = integer(given, "Flags", 0)
    if flags & Flag.RECEIVED and flags & Flag.SENT:
        raise ApiError(422, INVALID_VALUE, "Flags name a message both received and sent")
    labels = _labels(account, texts(given, "LabelIDs"), flags)
    number = mailbox.last_number + 1
    read = read_literal(world, account, address, number, literal)
    if world.options.deduplicate_imports and (known := _known(account, read, flags)) is not None:
        places = {label for label in labels if label in PLACES or mailbox.labels[label].is_folder}
        kept = known.labels
        if places:
            kept = frozenset(i for i in kept if i not in PLACES and not mailbox.labels[i].is_folder)
        mailbox.put(replace(known, labels=kept | labels), Action.UPDATE_FLAGS)
        return known.id
    imported = Message(
        id=mailbox.message_id(number),
        number=number,
        address_id=address.id,
        subject=read.subject,
        sender=read.sender,
        time=read.time,
        size=read.size,
        flags=flags | Flag.IMPORTED,
        content=read.content,
        labels=labels,
        mime_type=read.mime_type,
        to=read.people["To"],
        cc=read.people["Cc"],
        bcc=read.people["Bcc"],
        reply_tos=read.people["Reply-To"] or ((read.sender,) if flags & Flag.RECEIVED else ()),
        unread=bool(integer(given, "Unread", 0)),
        is_replied=bool(flags & Flag.REPLIED),
        is_replied_all=bool(flags & Flag.REPLIED_ALL),
        is_forwarded=bool(flags & Flag.FORWARDED),
        attachment_count=len(read.content.attachments),
        external_id=read.external_id,
    )
    mailbox.next_number()
    mailbox.add(imported)
    return imported.id


def _labels(account: Account, wanted: Sequence[str], flags: int) -> frozenset[str]:
    mailbox = account.mailbox
    for label_id in wanted:
        if label_id not in mailbox.labels:
            raise ApiError(422, NOT_FOUND, "Label does not exist")
        if label_id in NOT_FOR_CLIENTS:
            raise ApiError(422, INVALID_VALUE, f"{mailbox.labels[label_id].name} cannot be set")
    places = [i for i in wanted if i in PLACES or mailbox.labels[i].is_folder]
    if len(places) > 1:
        raise ApiError(422, INVALID_VALUE, "A message lies in one folder only")
    return frozenset(fitting(i, flags) for i in wanted)


def _known(account: Account, read: Read, flags: int) -> Message | None:
    """Find the same mail: one with its Message-Id, sender, time and direction."""
    if not read.external_id:
        return None
    direction = Flag.RECEIVED | Flag.SENT
    return next(
        (
            each
            for each in account.mailbox.find_external(read.external_id)
            if each.sender.address.lower() == read.sender.address.lower()
            and each.time == read.time
            and (each.flags & direction) == (flags & direction)
        ),
        None,
    )


# -------------------------------------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class Read:
    """What a literal says of itself."""

    subject: str
    sender: Person
    people: Mapping[str, tuple[Person, ...]]
    time: int
    external_id: str
    mime_type: str
    content: Stored
    size: int


def read_literal(world: World, account: Account, address: Address, number: int, literal: bytes) -> Read:
    """Read an encrypted literal; each encrypted leaf must open with a key of the address."""
    entity = message_from_bytes(literal.removesuffix(b"\r\n"))
    header = tuple((name, _unfolded(value)) for name, value in entity.raw_items())
    fields = {name: tuple(_addresses(header, name)) for name in ("To", "Cc", "Bcc", "Reply-To")}
    senders = _addresses(header, "From")
    reader = _Reader(world, account, address, number)
    body, mime_type = reader.read(entity)
    identifier = next((value for name, value in header if name.lower() == "message-id"), "")
    return Read(
        subject=_decoded(next((value for name, value in header if name.lower() == "subject"), "")),
        sender=senders[0] if senders else Person("", ""),
        people=fields,
        time=_time(header, world.now()),
        external_id=identifier.strip().removeprefix("<").removesuffix(">"),
        mime_type=mime_type,
        content=Stored(body, header, tuple(reader.attachments)),
        size=reader.size,
    )


class _Reader:
    """Walks the tree: the first text leaf is the body, other leaves are attachments."""

    def __init__(self, world: World, account: Account, address: Address, number: int) -> None:
        self._world = world
        self._account = account
        self._keys = [held.unlocked for held in account.keys_of(address) if held.active]
        self._number = number
        self.attachments: list[Attachment] = []
        self.size = 0
        self._body: tuple[str, str] | None = None

    def read(self, entity: Entity) -> tuple[str, str]:
        """Return the armored body and its type."""
        if entity.get_content_type() == "multipart/encrypted":
            parts = entity.get_payload()
            if not isinstance(parts, list) or len(parts) != 2:
                raise ApiError(422, INVALID_VALUE, "The PGP/MIME message needs two parts")
            sealed = parts[1]
            if not isinstance(sealed, Entity):
                raise ApiError(422, INVALID_VALUE, "The PGP/MIME message needs two parts")
            return self._text(sealed), "multipart/mixed"
        for leaf in _leaves(entity):
            is_text = leaf.get_content_maintype() == "text"
            if is_text and self._body is None and leaf.get_content_disposition() != "attachment":
                self._body = self._text(leaf), leaf.get_content_type()
            else:
                self._attachment(leaf)
        if self._body is None:
            raise ApiError(422, INVALID_VALUE, "The message has no text part")
        return self._body

    def _text(self, leaf: Entity) -> str:
        payload = leaf.get_payload(decode=True)
        if not isinstance(payload, bytes):
            raise ApiError(422, INVALID_VALUE, "A part is not encrypted")
        text = payload.decode("ascii", "replace").replace("\r\n", "\n").strip() + "\n"
        self._open(_packets(text.encode()))
        return text

    def _attachment(self, leaf: Entity) -> None:
        payload = leaf.get_payload(decode=True) if not isinstance(leaf.get_payload(), list) else None
        if payload is None and isinstance(leaf.get_payload(), list):
            inner = leaf.get_payload(0)
            payload = inner.as_bytes() if isinstance(inner, Entity) else b""
        if not isinstance(payload, bytes):
            raise ApiError(422, INVALID_VALUE, "A part is not encrypted")
        packets = _packets(payload)
        plain = self._open(packets)
        key_packets, data = message.split(packets)
        content_id = leaf.get("Content-Id", "").strip().strip("<>")
        disposition = leaf.get_content_disposition() or ("inline" if content_id else "attachment")
        if disposition == "inline" and not content_id:
            disposition = "attachment"
        part = len(self.attachments)
        self.attachments.append(
            Attachment(
                id=self._world.ids.make("t", self._account.number, self._number, part),
                name=_decoded(leaf.get_filename() or "") or f"attachment-{part + 1}.bin",
                mime_type=_type_without_name(leaf),
                disposition=disposition,
                key_packets=key_packets,
                data=data,
                size=len(plain),
                content_id=content_id,
                headers=tuple((name.lower(), _unfolded(value)) for name, value in leaf.raw_items()),
            )
        )

    def _open(self, packets: bytes) -> bytes:
        try:
            plain = message.decrypt(packets, self._keys).data
        except CryptoError as error:
            raise ApiError(422, INVALID_VALUE, f"A part cannot be opened: {error.message}") from error
        self.size += len(plain)
        return plain


def _packets(payload: bytes) -> bytes:
    try:
        return armor.dearmor(payload, armor.MESSAGE) if armor.is_armored(payload) else payload
    except CryptoError as error:
        raise ApiError(422, INVALID_VALUE, "A part is not an OpenPGP message") from error


def _leaves(entity: Entity) -> list[Entity]:
    """Return the leaves in order; an embedded message counts as one."""
    if entity.get_content_maintype() != "multipart":
        return [entity]
    children = entity.get_payload()
    if not isinstance(children, list):
        raise ApiError(422, INVALID_VALUE, "The message's structure is broken")
    return [leaf for child in children if isinstance(child, Entity) for leaf in _leaves(child)]


def _type_without_name(leaf: Entity) -> str:
    """Return the content type with its parameters but the name, as an attachment's MIMEType holds it."""
    params = [(k, v) for k, v in leaf.get_params([], unquote=True)[1:] if k.lower() not in ("name", "filename")]
    return "; ".join([leaf.get_content_type(), *(f"{k}={v}" for k, v in params if isinstance(v, str))])


def _unfolded(value: object) -> str:
    """Join folded lines; 8-bit headers are taken as UTF-8, else as Latin-1."""
    raw = str(value).encode("utf-8", "surrogateescape")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.replace("\r\n", "").replace("\n", "").strip()


def _decoded(value: str) -> str:
    """Decode encoded words; what cannot be decoded stays as it is."""
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError):
        return value


def _addresses(header: Sequence[tuple[str, str]], name: str) -> list[Person]:
    values = [value for field, value in header if field.lower() == name.lower()]
    return [Person(_decoded(display), address) for display, address in getaddresses(values) if address]


def _time(header: Sequence[tuple[str, str]], now: int) -> int:
    """Return the Date; none or one that cannot be read means now, one before 1970 means 0."""
    for name, value in header:
        if name.lower() == "date":
            try:
                return max(0, int(parsedate_to_datetime(value).timestamp()))
            except (ValueError, OverflowError):
                return now
    return now
