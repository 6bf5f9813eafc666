"""The service in the words of `sync` and the store: wire values become records here, and errors become verdicts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum

from bridge_gui.errors import BridgeError, StoreError, Unreachable, VaultError
from bridge_gui.model import AttachmentId, EventId, LabelId, LabelKind, MessageId, SystemLabel
from bridge_gui.proton import errors, event_types, mail_types, types
from bridge_gui.proton.api import Api
from bridge_gui.store.records import Action, Label, MessageMeta
from bridge_gui.sync.pace import Gate
from bridge_gui.sync.plan import EventAction, EventPage, MessageEvent

PAGE = 150
"""Messages in one page of a listing (API document 4.2)."""

_WANTED_KINDS = (LabelKind.SYSTEM, LabelKind.FOLDER, LabelKind.LABEL)


class Verdict(Enum):
    """What an error means for who asked."""

    OFFLINE = "offline"
    """No answer: wait until there is a network."""
    THROTTLED = "throttled"
    TROUBLE = "trouble"
    """The service fails, or its answer cannot be read: try again later."""
    GONE = "gone"
    """What was asked for is not there."""
    REFUSED = "refused"
    """The request itself is not accepted; asking again changes nothing."""
    SIGNED_OUT = "signed-out"
    BLOCKED = "blocked"
    """The account or this program may not use the service now; a person has to do something."""
    STORE = "store"
    """Not the service: our own disk."""
    VAULT = "vault"
    """Nor this: new tokens of the session cannot be kept, and without that are not used."""


def judge(error: BridgeError) -> Verdict:
    """Sort an error (API document 1.4 and 5.3). Nothing but a refused refresh or an ended session signs out."""
    match error:
        case StoreError():
            return Verdict.STORE
        case VaultError():
            return Verdict.VAULT
        case Unreachable():
            return Verdict.OFFLINE
        case errors.Throttled():
            return Verdict.THROTTLED
        case errors.Malformed() | errors.ServerTrouble():
            return Verdict.TROUBLE
        case errors.SessionExpired() if not error.api_code:
            return Verdict.TROUBLE  # 401 right after a refresh: strange, and no proof that the session has ended
        case errors.SignedOut() | errors.SessionExpired() | errors.ScopeMissing():
            return Verdict.SIGNED_OUT
        case errors.Gone():
            return Verdict.GONE
        case (
            errors.UpdateForced()
            | errors.VersionMissing()
            | errors.AccountDisabled()
            | errors.AccountRestricted()
            | errors.PaidPlanNeeded()
            | errors.HumanCheckNeeded()
            | errors.HumanCheckRefused()
            | errors.DeviceCheckNeeded()
        ):
            return Verdict.BLOCKED
        case errors.ApiError() if not error.api_code and error.status not in _REFUSING:
            return Verdict.TROUBLE  # a redirection, or a 403 without a word: something before the service says so
        case _:
            return Verdict.REFUSED


_REFUSING = (400, 404, 409, 410, 422)
"""Statuses that count as the service's refusal even when the answer has no body (API document 1.3)."""


def passes(error: BridgeError) -> bool:
    """Whether the same request may succeed later."""
    return judge(error) in (Verdict.OFFLINE, Verdict.THROTTLED, Verdict.TROUBLE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the messages of one change fared."""

    accepted: tuple[MessageId, ...]
    refused: tuple[MessageId, ...]
    reason: str = ""
    """The service's own text for the first refusal."""


class Service:
    """One account's view of the service. Every request passes the gate, which adapts to what the service bears."""

    def __init__(self, api: Api, gate: Gate, throttles: Callable[[], int] = lambda: 0) -> None:
        """`throttles` counts the refusals that were waited out within a request, of which no error tells."""
        self._api = api
        self._gate = gate
        self._throttles = throttles

    @property
    def width(self) -> int:
        """Requests that may run at once now."""
        return self._gate.width.now

    @asynccontextmanager
    async def _request(self, *, urgent: bool = False) -> AsyncIterator[None]:
        async with self._gate.slot(urgent=urgent):
            width, round_, throttles = self._gate.width, self._gate.width.round, self._throttles()
            try:
                yield
            except BridgeError as error:
                if judge(error) in (Verdict.THROTTLED, Verdict.TROUBLE):
                    width.throttled(round_)
                raise
            if self._throttles() == throttles:
                width.succeeded(round_)
            else:
                width.throttled(round_)

    # ------------------------------------------------------------------------------------ events and lists

    async def latest_event(self) -> EventId:
        return await self._api.latest_event()

    async def events(self, cursor: EventId) -> EventPage:
        """The next event after `cursor`; the same id when there is nothing new."""
        return event_page(await self._api.events(cursor))

    async def labels(self) -> list[Label]:
        """System labels, folders and labels; contact groups and kinds unknown to us are left out."""
        found: list[Label] = []
        for kind in _WANTED_KINDS:
            found += [label(each) for each in await self._api.labels(kind) if each.kind in _WANTED_KINDS]
        if not any(each.id == SystemLabel.INBOX for each in found):
            raise errors.Malformed("The service's list of mailboxes is not complete.")
        return found

    async def total(self) -> int:
        """Messages of the account, for progress."""
        counts = await self._api.message_counts()
        return next((count.total for count in counts if count.label_id == SystemLabel.ALL_MAIL), 0)

    async def label_page(self, label_id: LabelId, page: int) -> tuple[list[MessageMeta], int]:
        """One page of a label's messages, newest first, and how many there are."""
        async with self._request():
            found = await self._api.message_page(label_id=label_id, page=page, page_size=PAGE)
        return [meta(each) for each in found.messages], found.total

    async def ids(self, after: MessageId | None, limit: int) -> list[MessageId]:
        async with self._request():
            return list(await self._api.message_ids(after=after, limit=limit))

    async def metas(self, ids: Sequence[MessageId]) -> list[MessageMeta]:
        """Metadata of these messages; those that are gone are left out."""
        found: list[MessageMeta] = []
        for at in range(0, len(ids), PAGE):
            async with self._request():
                page = await self._api.message_page(ids=ids[at : at + PAGE], page_size=PAGE)
            found += [meta(each) for each in page.messages]
        return found

    # ------------------------------------------------------------------------------------ messages

    async def message(self, id: MessageId, begun: Callable[[], None], *, urgent: bool = False) -> mail_types.Message:
        """A whole message; `begun` is called when its turn has come."""
        async with self._request(urgent=urgent):
            begun()
            return await self._api.message(id)

    async def attachment(self, id: AttachmentId, *, urgent: bool = False) -> bytes:
        """The encrypted data packet of an attachment."""
        async with self._request(urgent=urgent):
            return await self._api.attachment(id)

    async def public_keys(self, email: str) -> Sequence[types.RecipientKey]:
        """The public keys of an address whose signatures may be trusted (API document 3.3, flag 1)."""
        async with self._request():
            found = await self._api.recipient_keys(email)
        return [key for key in found.keys if key.flags & types.KeyFlag.NOT_COMPROMISED]

    async def change(self, action: Action, label_id: LabelId | None, ids: Sequence[MessageId]) -> Outcome:
        """Send one change of at most 150 messages (API document 4.3)."""
        async with self._request(urgent=True):
            results = await self._send(action, label_id, ids)
        refused = {MessageId(result.id): result.error for result in results if not result.ok}
        return Outcome(
            tuple(id for id in ids if id not in refused),
            tuple(id for id in ids if id in refused),
            next(iter(refused.values()), ""),
        )

    async def _send(
        self, action: Action, label_id: LabelId | None, ids: Sequence[MessageId]
    ) -> Sequence[mail_types.ItemResult]:
        match action:
            case Action.READ:
                return await self._api.mark_read(ids)
            case Action.UNREAD:
                return await self._api.mark_unread(ids)
            case Action.FORWARDED:
                return await self._api.mark_forwarded(ids)
            case Action.UNFORWARDED:
                return await self._api.mark_forwarded(ids, forwarded=False)
            case Action.DELETE:
                return await self._api.delete(ids)
            case Action.LABEL | Action.UNLABEL:
                if label_id is None:
                    raise ValueError("a change of labels without a label")
                if action is Action.LABEL:
                    return await self._api.label(ids, label_id)
                return await self._api.unlabel(ids, label_id)


# ------------------------------------------------------------------------------------------- records


def label(wire: mail_types.Label) -> Label:
    return Label(wire.id, wire.kind or LabelKind.LABEL, wire.name, wire.parent_id, wire.color, wire.order)


def meta(wire: mail_types.MessageMeta) -> MessageMeta:
    return MessageMeta(
        id=wire.id,
        address_id=wire.address_id,
        label_ids=frozenset(wire.label_ids),
        time=wire.time,
        size=wire.size,
        flags=wire.flags,
        unread=wire.unread,
        replied=wire.replied,
        replied_all=wire.replied_all,
        forwarded=wire.forwarded,
        subject=wire.subject,
        sender=wire.sender,
        to=wire.to,
        cc=wire.cc,
        bcc=wire.bcc,
        reply_to=wire.reply_to,
        external_id=wire.external_id,
        conversation_id=wire.conversation_id,
        num_attachments=wire.num_attachments,
        order=wire.order,
    )


_ACTIONS = frozenset(EventAction)


def event_page(wire: event_types.Event) -> EventPage:
    """An event, without what we do not know (12, item 13)."""
    return EventPage(
        event_id=wire.id,
        more=wire.more,
        refresh_mail=wire.refresh_mail,
        messages=tuple(
            MessageEvent(MessageId(change.id), EventAction(change.action), meta(change.item) if change.item else None)
            for change in wire.messages
            if change.action in _ACTIONS
        ),
        labels=any(change.item is None or change.item.kind in _WANTED_KINDS for change in wire.labels),
        identity=wire.user is not None or bool(wire.addresses),
        used_bytes=wire.used_space,
    )
