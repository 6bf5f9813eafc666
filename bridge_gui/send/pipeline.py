"""One message from the mail program to the service: parse, decide, draft, attachments, packages, send (6.3).

Everything that can refuse the message comes first: address, recipients, their keys, sizes. Only then a draft is made,
so a refusal leaves nothing behind. Before each step at the service that matters, the recorder notes durably how far the
message has come; a try that was cut goes on from there (`duplicates.py`):

    no entry     begin anew; at worst an unused draft lies in Drafts
    DRAFTING     nothing was sent: throw that draft away, begin anew
    SENDING      ask for the draft's state; sent: done; a draft still: send that same draft, never another one

Sending one draft twice is refused by the service, so a message goes out once even when an answer was lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from bridge_gui.aio import off_loop
from bridge_gui.errors import BridgeError, CryptoError
from bridge_gui.mime.parse import Outgoing, parse
from bridge_gui.model import AddressId, EmailAddress, MessageId, SystemLabel
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.proton import mail_types
from bridge_gui.proton.api import Api
from bridge_gui.proton.errors import Gone, transient
from bridge_gui.proton.mail_types import MessageFlag, MessageMeta
from bridge_gui.proton.send_routes import Draft
from bridge_gui.proton.types import Address
from bridge_gui.send import drafts, envelope, sealing
from bridge_gui.send.duplicates import AlreadySent, Claim, Phase, Recorder, StillBeingSent, message_hash
from bridge_gui.send.outcome import NotSent, Outcome, Sent, Why, not_sent
from bridge_gui.send.packages import forms, packages
from bridge_gui.send.parents import find_parent
from bridge_gui.send.preferences import SendPreference, in_one_piece
from bridge_gui.send.recipients import RefusedRecipient, preferences
from bridge_gui.send.sealing import Signer

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

SMALL = 64 * 1024
"""Octets of a message that is parsed and encrypted on the loop: a millisecond or two for each step."""
ATTACHMENT_BYTES = 25 * 1024 * 1024
"""What the service takes for all attachments of a message, where the account names no limit."""


@dataclass(frozen=True, slots=True)
class Sending:
    """The signed-in side of an account, as it is now: made anew whenever keys or addresses change."""

    api: Api
    addresses: Sequence[Address]
    """In the account's order."""
    address_keys: Mapping[AddressId, Sequence[UnlockedKey]] = field(repr=False)
    """The first of each encrypts and signs; all of them decrypt."""
    user_certificates: Sequence[Certificate] = ()
    """By which contacts' cards are signed."""
    max_upload: int = 0
    """Bytes of all attachments of a message; 0 when the service does not say."""

    @property
    def attachment_limit(self) -> int:
        return self.max_upload if self.max_upload > 0 else ATTACHMENT_BYTES


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as the mail program handed it in."""

    sender: str
    recipients: Sequence[str]
    raw: bytes = field(repr=False)


async def send(sending: Sending, recorder: Recorder, mail: Mail, *, address_id: AddressId | None = None) -> Outcome:
    """Send a message once. `address_id`: in split mode, the only address whose mail is looked at.

    Cancelling is safe at any moment: what was begun is found again by the next try.
    """
    outgoing = await _worked(mail, parse, mail.raw)
    address = _sender(sending, mail, outgoing)
    if isinstance(address, NotSent):
        return address
    hash_ = await _worked(mail, message_hash, mail.raw)
    claim = await recorder.claim(hash_, mail.recipients)
    match claim:
        case AlreadySent(message_id):
            log.info("a message was handed in again and not sent anew")
            return Sent(message_id, again=True)
        case StillBeingSent():
            return NotSent(Why.PENDING, "The same message is still being sent. Please wait.")
        case Claim():
            pass
    try:
        return await _Run(sending, claim, mail, outgoing, address, address_id).run()
    except BridgeError as error:
        return not_sent(error)
    finally:
        claim.release()


async def _worked(mail: Mail, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The outcome of some work on a message: done at once for a small one, as a thread costs more than it frees; for
    others off the loop."""
    return work(*args, **kwargs) if len(mail.raw) <= SMALL else await off_loop(None, work, *args, **kwargs)


def _sender(sending: Sending, mail: Mail, outgoing: Outgoing) -> Address | NotSent:
    """The own address that the message comes from: From counts, and the envelope where there is no From."""
    if outgoing.malformed:
        return NotSent(Why.MALFORMED, f"The addresses in {outgoing.malformed[0]} cannot be read.")
    written = outgoing.sender.address if outgoing.sender is not None else mail.sender
    address = envelope.own_address(sending.addresses, written)
    if address is None:
        return NotSent(Why.SENDER, f"{written} is not an address of this account.")
    if not envelope.may_send(address):
        return NotSent(Why.SENDER, f"{written} is disabled or cannot send.")
    if not sending.address_keys.get(address.id):
        return NotSent(Why.KEYS, f"The key of {written} is locked, so nothing can be sent from it.")
    return address


class _Run:
    """One try at one message."""

    def __init__(
        self,
        sending: Sending,
        claim: Claim,
        mail: Mail,
        outgoing: Outgoing,
        address: Address,
        address_id: AddressId | None,
    ) -> None:
        self._sending = sending
        self._api = sending.api
        self._claim = claim
        self._mail = mail
        self._outgoing = outgoing
        self._address = address
        self._only_address = address_id
        self._keys = sending.address_keys[address.id]
        self._signer = Signer(self._keys[0], sending.api.now())

    async def run(self) -> Outcome:
        earlier = await self._earlier()
        if isinstance(earlier, Sent):
            return earlier
        settings = await self._api.mail_settings()
        if settings.attach_public_key:
            key = sealing.key_attachment(self._signer.key.certificate, self._address.email)
            self._outgoing = self._outgoing.with_attachment(key)
        if too_big := self._too_big():
            return too_big
        lists = envelope.recipient_lists(self._outgoing, self._mail.recipients)
        everybody = [each.address for each in (*lists.to, *lists.cc, *lists.bcc)]
        ways = await preferences(
            self._api, everybody, settings, self._outgoing.mime_type, self._sending.user_certificates
        )
        if isinstance(ways, RefusedRecipient):
            return NotSent(Why.RECIPIENT, ways.text)
        if self._outgoing.protected:
            ways = {address: in_one_piece(way) for address, way in ways.items()}
        old_drafts: Sequence[MessageId] = ()
        draft = earlier
        if draft is None:
            parent, old_drafts = await find_parent(self._api, self._outgoing, self._only_address)
            draft = await self._new_draft(lists, parent)
        listed = _by_draft(draft.meta, ways)
        if isinstance(listed, NotSent):
            await self._throw_away([draft.id])
            await self._claim.forget()
            return listed
        outcome = await self._send(draft, listed)
        if isinstance(outcome, Sent):
            await self._throw_away(old_drafts)
        return outcome

    def _too_big(self) -> NotSent | None:
        # Base64 is a third longer than what it holds; good enough to refuse before anything is decoded.
        size = sum(
            len(each.source) * (3 if each.encoding == b"base64" else 4) // 4 for each in self._outgoing.attachments
        )
        limit = self._sending.attachment_limit
        if size <= limit * 1.03:  # line ends of base64
            return None
        return NotSent(Why.TOO_BIG, f"The attachments are larger than the {limit // 1_000_000} MB this account allows.")

    # ---------------------------------------------------------------- an earlier try

    async def _earlier(self) -> mail_types.Message | Sent | None:
        """What an earlier try has left: the message sent, a complete draft to go on with, or nothing."""
        entry = self._claim.unfinished
        if entry is None:
            return None
        try:
            message = await self._api.message(entry.message_id)
        except Gone:
            message = None
        if message is not None and message.meta.flags & MessageFlag.SENT:
            log.info("an earlier try had sent the message already")
            await self._claim.note(Phase.SENT, message.id)
            return Sent(message.id, again=True)
        if message is not None and entry.phase is Phase.SENDING:
            return message
        if message is not None:
            await self._throw_away([message.id])
        await self._claim.forget()
        return None

    # ---------------------------------------------------------------- draft and attachments

    async def _new_draft(self, lists: envelope.Lists, parent: MessageId | None) -> mail_types.Message:
        outgoing = self._outgoing
        written = outgoing.sender if outgoing.sender is not None else EmailAddress("", self._mail.sender)
        draft = await drafts.create(
            self._api,
            Draft(
                sender=EmailAddress(written.name, envelope.sender_text(self._address, written.address)),
                body=await _worked(self._mail, sealing.draft_body, outgoing, self._signer),
                mime_type=outgoing.mime_type,
                subject=outgoing.subject,
                to=lists.to,
                cc=lists.cc,
                bcc=lists.bcc,
                external_id=outgoing.external_id,
            ),
            parent_id=parent,
            action=envelope.action(outgoing),
        )
        await self._claim.note(Phase.DRAFTING, draft.id)
        try:
            uploaded = await self._upload_all(draft.id)
        except BridgeError:
            await self._throw_away([draft.id])
            await self._claim.forget()
            raise
        return mail_types.Message(draft.meta, draft.header, draft.headers, draft.body, draft.mime_type, uploaded)

    async def _upload_all(self, draft_id: MessageId) -> tuple[mail_types.Attachment, ...]:
        """One after the other: the service keeps them in the order in which they come, and one at a time is decoded
        and encrypted in memory."""
        uploaded: list[mail_types.Attachment] = []
        for attachment in self._outgoing.attachments:
            sealed = await _worked(self._mail, sealing.seal_attachment, attachment, self._signer)
            uploaded.append(await drafts.attach(self._api, draft_id, sealed))
        return tuple(uploaded)

    # ---------------------------------------------------------------- sending

    async def _send(self, draft: mail_types.Message, ways: Mapping[str, SendPreference]) -> Outcome:
        outgoing, signer = self._outgoing, self._signer
        try:
            keys = await _worked(self._mail, sealing.attachment_keys, draft.attachments, self._keys)
            bodies = await _worked(self._mail, sealing.seal_bodies, outgoing, forms(list(ways.values())), signer)
            made = await _worked(self._mail, packages, ways, bodies, keys, signer.wrap)
        except CryptoError:
            await self._throw_away([draft.id])
            await self._claim.forget()
            raise
        await self._claim.note(Phase.SENDING, draft.id)
        try:
            sent = await self._api.send(draft.id, made)
        except BridgeError as error:
            return await self._after_failure(draft.id, error)
        await self._claim.note(Phase.SENT, sent.id or draft.id)
        return Sent(sent.id or draft.id)

    async def _after_failure(self, draft_id: MessageId, error: BridgeError) -> Outcome:
        """An error does not tell that nothing was sent: an answer may have been lost. The draft's state does."""
        try:
            state = await self._state(draft_id)
        except BridgeError as second:
            # Not even that can be asked. The entry stays, and the next try begins by asking.
            log.info("whether a message was sent is not known yet: %s", type(second).__name__)
            if transient(error):
                return not_sent(error)
            return NotSent(Why.PENDING, "Whether Proton has sent the message is not known yet. Please try again.")
        if state is not None and state.flags & MessageFlag.SENT:
            await self._claim.note(Phase.SENT, draft_id)
            return Sent(draft_id)
        if not transient(error):
            await self._throw_away([draft_id] if state is not None else [])
            await self._claim.forget()
        return not_sent(error)

    async def _state(self, id_: MessageId) -> MessageMeta | None:
        page = await self._api.message_page(ids=[id_])
        return next((each for each in page.messages if each.id == id_), None)

    async def _throw_away(self, unused: Sequence[MessageId]) -> None:
        """Delete drafts that are not needed any more; they can stay if that fails."""
        if not unused:
            return
        try:
            await self._api.delete(unused, SystemLabel.DRAFTS)
        except BridgeError as error:
            log.info("an unused draft stays: %s", type(error).__name__)


def _by_draft(meta: MessageMeta, ways: Mapping[str, SendPreference]) -> Mapping[str, SendPreference] | NotSent:
    """The ways by the addresses as the service spells them in its draft. It has to list the same people."""
    wanted = {address.casefold(): way for address, way in ways.items()}
    listed = {each.address: each.address.casefold() for each in (*meta.to, *meta.cc, *meta.bcc)}
    if set(listed.values()) != set(wanted):
        return NotSent(Why.SERVICE, "Proton lists other recipients than those given. Nothing was sent.")
    return {address: wanted[folded] for address, folded in listed.items()}
