"""Drafts, attachments, sending and importing (API document 4.4 to 4.7)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Any

from bridge_gui.model import AddressId, AttachmentId, EmailAddress, LabelId, MessageId
from bridge_gui.proton.body import Base64
from bridge_gui.proton.errors import LimitExceeded, Malformed
from bridge_gui.proton.http import Part
from bridge_gui.proton.mail_types import Attachment, ImportResult, Message
from bridge_gui.proton.message_routes import MESSAGES
from bridge_gui.proton.routes import Routes, chunks, path_id
from bridge_gui.proton.wire import Fields
from bridge_gui.secret import Secret

IMPORT_MESSAGES = 10
IMPORT_BYTES = 70 << 20
"""Limits of one import request; a single message beyond it cannot be imported at all."""


class DraftAction(IntEnum):
    """How a draft relates to its parent."""

    REPLY = 0
    REPLY_ALL = 1
    FORWARD = 2
    AUTO_RESPONSE = 3
    READ_RECEIPT = 4


@dataclass(frozen=True, slots=True)
class Draft:
    sender: EmailAddress
    body: str = field(repr=False)
    """Armored, encrypted to the first key of the sender's address."""
    mime_type: str = "text/plain"
    subject: str = ""
    to: tuple[EmailAddress, ...] = ()
    cc: tuple[EmailAddress, ...] = ()
    bcc: tuple[EmailAddress, ...] = ()
    unread: bool = False
    external_id: str = ""
    """Message-ID without angle brackets; the service makes one if it is empty."""

    def wire(self) -> dict[str, Any]:
        message: dict[str, Any] = {
            "Subject": self.subject,
            "Sender": _person(self.sender),
            "ToList": [_person(each) for each in self.to],
            "CCList": [_person(each) for each in self.cc],
            "BCCList": [_person(each) for each in self.bcc],
            "Body": self.body,
            "MIMEType": self.mime_type,
            "Unread": int(self.unread),
        }
        if self.external_id:
            message["ExternalID"] = self.external_id
        return message


@dataclass(frozen=True, slots=True)
class Upload:
    """An attachment on its way, encrypted. `inline` needs a content id, or the service refuses it."""

    filename: str
    mime_type: str
    key_packets: bytes = field(repr=False)
    data_packet: bytes = field(repr=False)
    signature: bytes = field(default=b"", repr=False)
    inline: bool = False
    content_id: str = ""


class PackageType(IntFlag):
    """How a recipient gets the mail (API document 4.6)."""

    INTERNAL = 1
    ENCRYPTED_OUTSIDE = 2
    CLEAR = 4
    PGP_INLINE = 8
    PGP_MIME = 16
    CLEAR_MIME = 32


@dataclass(frozen=True, slots=True)
class PlainKey:
    """A session key that is handed to the service, for recipients who get the mail in clear."""

    key: Secret[bytes]
    algorithm: str = "aes256"

    def wire(self) -> dict[str, str]:
        return {"Key": _b64(self.key.reveal()), "Algorithm": self.algorithm}


@dataclass(frozen=True, slots=True)
class PackageRecipient:
    type: PackageType
    signed: bool = False
    body_key_packet: bytes = field(default=b"", repr=False)
    attachment_key_packets: Mapping[AttachmentId, bytes] = field(default_factory=dict, repr=False)

    def wire(self) -> dict[str, Any]:
        data: dict[str, Any] = {"Type": int(self.type), "Signature": int(self.signed)}
        if self.body_key_packet:
            data["BodyKeyPacket"] = _b64(self.body_key_packet)
        if self.attachment_key_packets:
            data["AttachmentKeyPackets"] = {id: _b64(each) for id, each in self.attachment_key_packets.items()}
        return data


@dataclass(frozen=True, slots=True)
class Package:
    """One form of the body, with those who get it."""

    mime_type: str
    body: bytes = field(repr=False)
    """The data packet."""
    recipients: Mapping[str, PackageRecipient]
    body_key: PlainKey | None = None
    attachment_keys: Mapping[AttachmentId, PlainKey] = field(default_factory=dict)

    def wire(self) -> dict[str, Any]:
        kinds = PackageType(0)
        for recipient in self.recipients.values():
            kinds |= recipient.type
        data: dict[str, Any] = {
            "MIMEType": self.mime_type,
            "Type": int(kinds),
            "Body": Base64(self.body),
            "Addresses": {email: each.wire() for email, each in self.recipients.items()},
        }
        if self.body_key is not None:
            data["BodyKey"] = self.body_key.wire()
        if self.attachment_keys:
            data["AttachmentKeys"] = {id: each.wire() for id, each in self.attachment_keys.items()}
        return data


@dataclass(frozen=True, slots=True)
class Import:
    """A message to be imported, encrypted already, with the line end behind it that the service wants. `flags` hold
    received or sent, or it becomes a draft."""

    address_id: AddressId
    label_ids: tuple[LabelId, ...]
    unread: bool
    flags: int
    literal: bytes = field(repr=False)


class SendRoutes(Routes):
    async def create_draft(
        self,
        draft: Draft,
        *,
        parent_id: MessageId | None = None,
        action: DraftAction = DraftAction.REPLY,
        attachment_key_packets: Mapping[AttachmentId, bytes] | None = None,
    ) -> Message:
        """Make a draft. `parent_id` is a message sent or received, never a draft; sending this one marks it.

        Not repeated when no answer came: it may have been made.
        """
        body: dict[str, Any] = {
            "Message": draft.wire(),
            "AttachmentKeyPackets": _key_packets(attachment_key_packets),
            "Action": int(action),
        }
        if parent_id is not None:
            body["ParentID"] = parent_id
        return Message.read((await self._post(MESSAGES, body, makes_new=True)).fields("Message"))

    async def update_draft(
        self, id: MessageId, draft: Draft, attachment_key_packets: Mapping[AttachmentId, bytes] | None = None
    ) -> Message:
        body = {"Message": draft.wire(), "AttachmentKeyPackets": _key_packets(attachment_key_packets)}
        return Message.read((await self._put(f"{MESSAGES}/{path_id(id)}", body)).fields("Message"))

    async def upload_attachment(self, draft_id: MessageId, upload: Upload) -> Attachment:
        """Add an attachment to a draft. Its session key is to be read from the answer's key packets.

        Not repeated when no answer came: it may have been added.
        """
        parts = [
            Part("MessageID", draft_id.encode()),
            Part("Filename", upload.filename.encode()),
            Part("MIMEType", upload.mime_type.encode()),
            Part("Disposition", b"inline" if upload.inline else b"attachment"),
            Part("ContentID", upload.content_id.encode()),
            Part("KeyPackets", upload.key_packets, "blob", "application/octet-stream"),
            Part("DataPacket", upload.data_packet, "blob", "application/octet-stream"),
            Part("Signature", upload.signature, "blob", "application/octet-stream"),
        ]
        fields = await self._post_parts("/mail/v4/attachments", parts, makes_new=True)
        return Attachment.read(fields.fields("Attachment"))

    async def send(self, draft_id: MessageId, packages: Sequence[Package], *, deliver_at: int | None = None) -> Message:
        """Send a draft. Each of its recipients has to be in exactly one package. Return the sent message."""
        body: dict[str, Any] = {"Packages": [each.wire() for each in packages]}
        if deliver_at is not None:
            body["DeliveryTime"] = deliver_at
        return Message.read((await self._post(f"{MESSAGES}/{path_id(draft_id)}", body)).fields("Sent"))

    async def import_messages(self, imports: Sequence[Import]) -> tuple[ImportResult, ...]:
        """Import messages, in as many requests as the limits ask for; one result for each, in the same order.

        Raise `LimitExceeded`, before anything is sent, if one of them is too large.
        """
        if any(_import_size(each) > IMPORT_BYTES for each in imports):
            raise LimitExceeded("This message is larger than 50 MB, the most that Proton imports.")
        results: list[ImportResult] = []
        for group in import_groups(imports):
            fields = await self._post_parts(f"{MESSAGES}/import", _import_parts(group))
            results += _import_results(len(group), fields)
        return tuple(results)


def import_groups(imports: Sequence[Import]) -> list[Sequence[Import]]:
    """Split by number and size, keeping the order."""
    groups: list[Sequence[Import]] = []
    for chunk in chunks(imports, IMPORT_MESSAGES):
        group: list[Import] = []
        size = 0
        for each in chunk:
            if group and size + _import_size(each) > IMPORT_BYTES:
                groups.append(group)
                group, size = [], 0
            group.append(each)
            size += _import_size(each)
        groups.append(group)
    return groups


def _import_size(item: Import) -> int:
    return len(item.literal)


def _import_parts(group: Sequence[Import]) -> list[Part]:
    parts = [Part(str(index), each.literal, f"{index}.eml", "message/rfc822") for index, each in enumerate(group)]
    metadata = {
        str(index): {
            "AddressID": each.address_id,
            "LabelIDs": list(each.label_ids),
            "Unread": int(each.unread),
            "Flags": each.flags,
        }
        for index, each in enumerate(group)
    }
    parts.append(Part("Metadata", json.dumps(metadata).encode(), None, "application/json"))
    return parts


def _import_results(count: int, fields: Fields) -> list[ImportResult]:
    """Match by name, as the order is not promised. Each message has to have a result."""
    told: dict[str, ImportResult] = {}
    for each in fields.many("Responses", lambda item: item):
        answer = each.fields("Response")
        id = answer.text("MessageID")
        told[each.text("Name")] = ImportResult(
            answer.number("Code"), MessageId(id) if id else None, answer.text("Error")
        )
    try:
        return [told[str(index)] for index in range(count)]
    except KeyError as error:
        raise Malformed("The answer to an import lacks one of the messages.") from error


def _person(person: EmailAddress) -> dict[str, str]:
    return {"Name": person.name, "Address": person.address}


def _key_packets(packets: Mapping[AttachmentId, bytes] | None) -> dict[str, str] | None:
    return {id: _b64(each) for id, each in packets.items()} if packets else None


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
