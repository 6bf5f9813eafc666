"""Records in the service's JSON (API document 3 and 4)."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import TYPE_CHECKING

from bridge_gui.demo import letters
from bridge_gui.demo.account import Account, Address
from bridge_gui.demo.keyring import HeldKey
from bridge_gui.demo.mailbox import Mailbox
from bridge_gui.demo.records import Attachment, Contact, Json, Label, Message

if TYPE_CHECKING:
    from bridge_gui.demo.world import World


def key(account: Account, held: HeldKey, owner: str) -> Json:
    """Write a private key; user keys have no Token."""
    data: Json = {
        "ID": key_id(account, owner, held.number),
        "Version": 3,
        "PrivateKey": held.private_key,
        "Fingerprint": held.fingerprint,
        "Primary": int(held.primary),
        "Active": int(held.active),
        "Flags": held.flags,
    }
    if held.token:
        data["Token"] = held.token
        data["Signature"] = held.signature
    return data


def key_id(account: Account, owner: str, number: int) -> str:
    """Return a key's id: user keys are owner 0, address keys carry their address's number."""
    parsed = account.ids.parse("a", owner) if owner else None
    return account.ids.make("k", account.number, parsed[1] if parsed else 0, number)


def user(account: Account) -> Json:
    used = account.mailbox.used
    return {
        "ID": account.id,
        "Name": account.name,
        "DisplayName": account.primary.display_name,
        "Email": account.primary.email,
        "Currency": "EUR",
        "Credit": 0,
        "Type": 1,
        "Role": 0,
        "Private": 1,
        "Subscribed": 1,
        "Services": 1,
        "Delinquent": 0,
        "UsedSpace": used,
        "MaxSpace": account.profile.max_space,
        "MaxUpload": 26_214_400,
        "ProductUsedSpace": {"Calendar": 0, "Contact": 0, "Drive": 0, "Mail": used, "Pass": 0},
        "Keys": [key(account, held, "") for held in account.kit.user_keys],
    }


def address(account: Account, each: Address) -> Json:
    keys = account.keys_of(each)
    return {
        "ID": each.id,
        "DomainID": account.ids.make("d", 0, 1),
        "Email": each.email,
        "Send": int(each.send),
        "Receive": int(each.receive),
        "Status": each.status,
        "Type": each.type,
        "Order": each.order,
        "DisplayName": each.display_name,
        "Signature": "",
        "HasKeys": int(bool(keys)),
        "Keys": [key(account, held, each.id) for held in keys],
    }


def label(mailbox: Mailbox, each: Label) -> Json:
    data: Json = {
        "ID": each.id,
        "Name": each.name,
        "Path": mailbox.path(each),
        "Type": each.type,
        "Color": each.color,
        "Order": each.order,
        "Notify": 1,
        "Display": 1,
        "Sticky": 0,
    }
    if each.is_folder:
        data["Expanded"] = 1
    if each.parent_id:
        data["ParentID"] = each.parent_id
    return data


@lru_cache(maxsize=4096)
def shown_labels(labels: frozenset[str]) -> tuple[str, ...]:
    """Put label ids into a steady order: system labels by number, then the others."""
    return tuple(sorted(labels, key=lambda each: (len(each), each)))


def metadata(mailbox: Mailbox, message: Message) -> Json:
    """Write a message as listings and events show it (4.1)."""
    return {
        "ID": message.id,
        "Order": message.number,
        "ConversationID": mailbox.conversation_of(message),
        "AddressID": message.address_id,
        "LabelIDs": shown_labels(mailbox.all_labels(message)),
        "ExternalID": message.external_id or None,
        "Subject": message.subject,
        "Sender": message.sender.wire(),
        "ToList": [person.wire() for person in message.to],
        "CCList": [person.wire() for person in message.cc],
        "BCCList": [person.wire() for person in message.bcc],
        "ReplyTos": [person.wire() for person in message.reply_tos],
        "Flags": int(message.flags),
        "Time": message.time,
        "Size": message.size,
        "Unread": int(message.unread),
        "IsReplied": int(message.is_replied),
        "IsRepliedAll": int(message.is_replied_all),
        "IsForwarded": int(message.is_forwarded),
        "NumAttachments": message.attachment_count,
        "ExpirationTime": 0,
        "SnoozeTime": 0,
    }


def attachment(each: Attachment) -> Json:
    return {
        "ID": each.id,
        "Name": each.name,
        "Size": each.size,
        "MIMEType": each.mime_type,
        "Disposition": each.disposition,
        "Headers": letters.parsed(each.headers),
        "KeyPackets": base64.b64encode(each.key_packets).decode(),
        "Signature": each.signature,
        "EncSignature": None,
    }


def message(world: World, account: Account, each: Message) -> Json:
    """Write a full message: metadata, header, body and attachments."""
    sealed = world.sealed(account, each)
    header = world.header(each)
    return {
        **metadata(account.mailbox, each),
        "Header": letters.raw(header),
        "ParsedHeaders": letters.parsed(header),
        "Body": sealed.body,
        "MIMEType": sealed.mime_type,
        "Attachments": [attachment(one) for one in sealed.attachments],
    }


def counts(mailbox: Mailbox) -> list[Json]:
    return [{"LabelID": label_id, "Total": total, "Unread": unread} for label_id, total, unread in mailbox.counts()]


def contact(each: Contact, *, cards: bool) -> Json:
    data: Json = {
        "ID": each.id,
        "Name": each.name,
        "UID": each.uid,
        "Size": sum(len(card.data) for card in each.cards),
        "CreateTime": each.created,
        "ModifyTime": each.modified,
        "ContactEmails": contact_emails(each),
        "LabelIDs": list(each.label_ids),
    }
    if cards:
        data["Cards"] = [
            {"Type": card.type, "Data": card.data, "Signature": card.signature or None} for card in each.cards
        ]
    return data


def contact_emails(each: Contact) -> list[Json]:
    return [
        {
            "ID": id_,
            "Name": each.name,
            "Email": email,
            "Type": ["email"],
            "Defaults": 1,
            "Order": order,
            "ContactID": each.id,
            "LabelIDs": list(each.label_ids),
        }
        for order, (id_, email) in enumerate(each.emails, 1)
    ]
