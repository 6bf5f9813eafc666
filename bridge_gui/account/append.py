"""APPEND of one account: a message that a mail program stores becomes a draft or is imported (6.4).

Two things are recognised before anything is uploaded, so that no mail is doubled: a message of this account that comes
back (programs that move by APPEND and delete), and the program's own copy of what it has just sent. What the service
knows already, it recognises itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from bridge_gui.account.outbox import Current
from bridge_gui.account.ports import AppendFailed
from bridge_gui.aio import off_loop
from bridge_gui.errors import BridgeError, Unreachable
from bridge_gui.mime import fields as rfc5322
from bridge_gui.mime.parse import Outgoing, parse, read_addresses
from bridge_gui.model import AddressId, EmailAddress, LabelId, MessageId, SystemLabel
from bridge_gui.openpgp.keys import UnlockedKey
from bridge_gui.proton.errors import LimitExceeded
from bridge_gui.proton.mail_types import MessageFlag
from bridge_gui.proton.send_routes import Draft, Import
from bridge_gui.proton.types import Address, AddressType
from bridge_gui.send import drafts, envelope, sealing
from bridge_gui.send.duplicates import Recorder, message_hash
from bridge_gui.send.importing import encrypt_literal
from bridge_gui.send.parents import find_parent
from bridge_gui.send.pipeline import Sending
from bridge_gui.send.sealing import Signer

log = logging.getLogger(__name__)

Arrived = Callable[[MessageId], Awaitable[None]]
"""Put a message of the service into the store, with its literal, and return when it is there."""

_REFUSED = frozenset(
    (
        SystemLabel.ALL_DRAFTS,
        SystemLabel.ALL_SENT,
        SystemLabel.ALL_MAIL,
        SystemLabel.OUTBOX,
        SystemLabel.SCHEDULED,
        SystemLabel.ALMOST_ALL_MAIL,
        SystemLabel.SNOOZED,
    )
)
"""Mailboxes that the service fills by itself."""
DELETION_LOOKS = 40
DELETION_PAUSE = 0.25
"""Seconds between looks whether a deletion has been sent; ten in all, as mail programs wait for minutes at most."""
_FORWARDED = frozenset(("$Forwarded", "Forwarded"))


class Known(Protocol):
    """What is asked of the store."""

    async def literal(self, id: MessageId) -> bytes | None: ...

    async def bring_back(self, id: MessageId, labels: Sequence[LabelId], address: AddressId | None = None) -> bool:
        """Put a message into mailboxes, behind all changes that wait; False when it is not here, or about to be
        deleted for ever."""
        ...

    async def waits_for_deletion(self, id: MessageId) -> bool: ...


class Append:
    """`account.ports.Appender`."""

    def __init__(self, known: Known, current: Current, recorder: Recorder, arrived: Arrived) -> None:
        self._known = known
        self._current = current
        self._recorder = recorder
        self._arrived = arrived

    async def append(
        self, label_id: LabelId, address_id: AddressId | None, literal: bytes, flags: frozenset[str], date: int | None
    ) -> MessageId:
        """Store a message, and return its id when it is in the store. The service takes the message's time from its
        Date field, so `date` is not used. Raise `AppendFailed` or `Unreachable`."""
        if label_id in _REFUSED:
            raise AppendFailed("Nothing can be put into this mailbox.", "CANNOT")
        outgoing = await off_loop(None, parse, literal)
        del literal
        if label_id != SystemLabel.DRAFTS:
            _check_header(outgoing)
            known = await self._comes_back(outgoing)
            if known is not None:
                if await self._known.bring_back(known, _labels(label_id, flags), address_id):
                    return known
                await self._wait_for_deletion(known)
        sending = self._current()
        if sending is None:
            raise Unreachable("The account is not connected to Proton at the moment.")
        try:
            id_ = await self._store(sending, label_id, address_id, outgoing, flags)
            del outgoing  # it may be large, and now comes back
            await self._arrived(id_)
        except Unreachable:
            raise
        except LimitExceeded as error:
            raise AppendFailed(error.message, "TOOBIG") from error
        except BridgeError as error:
            raise AppendFailed(error.message) from error
        return id_

    async def _store(
        self,
        sending: Sending,
        label_id: LabelId,
        address_id: AddressId | None,
        outgoing: Outgoing,
        flags: frozenset[str],
    ) -> MessageId:
        if label_id == SystemLabel.DRAFTS:
            return await self._draft(sending, address_id, outgoing)
        if (id_ := await self._was_sent(outgoing)) is not None:
            await self._place(sending, id_, label_id, flags)
            return id_
        return await self._import(sending, label_id, address_id, outgoing, flags)

    # ---------------------------------------------------------------- recognised

    async def _comes_back(self, outgoing: Outgoing) -> MessageId | None:
        """A message that we have served, unchanged. Programs that cut attachments off a message store it with the
        same header, so its content is compared as well."""
        value = rfc5322.first(outgoing.raw, outgoing.root.header, b"x-pm-internal-id")
        if not value:
            return None
        id_ = MessageId(value.decode("ascii", "replace").strip().strip("<>"))
        kept = await self._known.literal(id_)
        if kept is None:
            return None
        same = await off_loop(None, lambda: message_hash(kept) == message_hash(outgoing.raw))
        return id_ if same else None

    async def _wait_for_deletion(self, id_: MessageId) -> None:
        """Programs that move out of Trash may delete first. The service must have done so before it is given the
        message again, or it might recognise the one that is about to go."""
        for _ in range(DELETION_LOOKS):
            if not await self._known.waits_for_deletion(id_):
                return
            await asyncio.sleep(DELETION_PAUSE)
        raise Unreachable("This message is still being deleted at Proton.")

    async def _was_sent(self, outgoing: Outgoing) -> MessageId | None:
        recipients = [each.address for each in (*outgoing.to, *outgoing.cc, *outgoing.bcc)]
        return await self._recorder.find_sent(await off_loop(None, message_hash, outgoing.raw), recipients)

    async def _place(self, sending: Sending, id_: MessageId, label_id: LabelId, flags: frozenset[str]) -> None:
        """Label a message that the service has. What was just sent lies in Sent already."""
        for each in _labels(label_id, flags):
            for result in await sending.api.label([id_], each):
                if not result.ok:
                    raise AppendFailed(result.error or "Proton does not allow this.", "CANNOT")

    # ---------------------------------------------------------------- drafts

    async def _draft(self, sending: Sending, address_id: AddressId | None, outgoing: Outgoing) -> MessageId:
        """A new draft each time: what the program saved before, it removes itself when this has succeeded."""
        address = _import_address(sending, address_id, outgoing, draft=True)
        signer = Signer(_first_key(sending, address), sending.api.now())
        written = outgoing.sender if outgoing.sender is not None else EmailAddress(address.display_name, address.email)
        own = envelope.own_address((address,), written.address)
        parent, _ = await find_parent(sending.api, outgoing, address_id)
        draft = await drafts.create(
            sending.api,
            Draft(
                sender=EmailAddress(
                    written.name, envelope.sender_text(address, written.address) if own else address.email
                ),
                body=await off_loop(None, sealing.draft_body, outgoing, signer),
                mime_type=outgoing.mime_type,
                subject=outgoing.subject,
                to=outgoing.to,
                cc=outgoing.cc,
                bcc=outgoing.bcc,
                external_id=outgoing.external_id,
            ),
            parent_id=parent,
            action=envelope.action(outgoing),
        )
        try:
            # One after the other: their order is kept.
            for attachment in outgoing.attachments:
                sealed = await off_loop(None, sealing.seal_attachment, attachment, signer)
                await drafts.attach(sending.api, draft.id, sealed)
        except BridgeError:
            # Half a draft would be taken for the whole one; the mail program still has it.
            await _delete_quietly(sending, draft.id)
            raise
        return draft.id

    # ---------------------------------------------------------------- import

    async def _import(
        self,
        sending: Sending,
        label_id: LabelId,
        address_id: AddressId | None,
        outgoing: Outgoing,
        flags: frozenset[str],
    ) -> MessageId:
        address = _import_address(sending, address_id, outgoing, draft=False)
        key = _first_key(sending, address)
        labels = _labels(label_id, flags)
        message_flags = _direction(label_id, outgoing)
        if "\\Answered" in flags:
            message_flags |= MessageFlag.REPLIED
        (result,) = await sending.api.import_messages(
            [
                Import(
                    address.id,
                    labels,
                    "\\Seen" not in flags,
                    message_flags,
                    await off_loop(None, encrypt_literal, outgoing.raw, key.certificate, sending.api.now()),
                )
            ]
        )
        if not result.ok or result.message_id is None:
            raise AppendFailed(f"Proton does not take this message: {result.error or 'no reason was given'}")
        if flags & _FORWARDED:
            await sending.api.mark_forwarded([result.message_id])
        return result.message_id


def _labels(label_id: LabelId, flags: frozenset[str]) -> tuple[LabelId, ...]:
    """What a stored message is labelled with; its own mailbox first."""
    starred = "\\Flagged" in flags and label_id != SystemLabel.STARRED
    return (label_id, SystemLabel.STARRED) if starred else (label_id,)


def _check_header(outgoing: Outgoing) -> None:
    """Mail needs a Date and an author (RFC 5322 3.6); drafts do not."""
    if not outgoing.has_date:
        raise AppendFailed("The message has no Date.")
    if "From" in outgoing.malformed or outgoing.sender is None:
        raise AppendFailed("The message has no From that can be read.")
    header = outgoing.root.header
    authors, _ = read_addresses(outgoing.raw, header, b"from")
    sender, readable = read_addresses(outgoing.raw, header, b"sender")
    present = rfc5322.first(outgoing.raw, header, b"sender") is not None
    if (present and (not readable or not sender)) or (len(authors) > 1 and not sender):
        raise AppendFailed("The message has no Sender that can be read.")


def _direction(label_id: LabelId, outgoing: Outgoing) -> MessageFlag:
    """Received or sent; exactly one, or the service takes it for a draft."""
    if label_id == SystemLabel.INBOX:
        return MessageFlag.RECEIVED
    if label_id == SystemLabel.SENT:
        return MessageFlag.SENT
    received = rfc5322.first(outgoing.raw, outgoing.root.header, b"received") is not None
    return MessageFlag.RECEIVED if received else MessageFlag.SENT


def _import_address(sending: Sending, address_id: AddressId | None, outgoing: Outgoing, *, draft: bool) -> Address:
    """The own address that a message belongs to (hard-won 37): in split mode the mailbox's; else From's or Sender's if
    it is ours, else the primary one."""
    usable = [each for each in sending.addresses if sending.address_keys.get(each.id) and _may_import(each)]
    if not usable:
        raise AppendFailed("No address of this account can be used at the moment.")
    if address_id is not None:
        return next((each for each in usable if each.id == address_id), usable[0])
    sender, _ = read_addresses(outgoing.raw, outgoing.root.header, b"sender")
    for written in (outgoing.sender, *sender[:1]):
        found = envelope.own_address(usable, written.address) if written is not None else None
        if found is not None and (found.enabled or not draft):
            return found
    return next((each for each in usable if each.enabled), usable[0])


def _may_import(address: Address) -> bool:
    return address.type != AddressType.EXTERNAL or address.send


def _first_key(sending: Sending, address: Address) -> UnlockedKey:
    return sending.address_keys[address.id][0]


async def _delete_quietly(sending: Sending, id_: MessageId) -> None:
    try:
        await sending.api.delete([id_], SystemLabel.DRAFTS)
    except BridgeError as error:
        log.info("an unfinished draft stays: %s", type(error).__name__)
