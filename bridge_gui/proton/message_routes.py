"""Listing, reading and changing messages, and the event feed (API document 4.1 to 4.3, 5.1)."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

import httpx

from bridge_gui.model import AddressId, AttachmentId, EventId, LabelId, MessageId
from bridge_gui.proton.errors import ApiError, Gone, InvalidInput, Malformed, Offline
from bridge_gui.proton.event_types import Event
from bridge_gui.proton.http import MAX_ANSWER, Request
from bridge_gui.proton.mail_types import ItemResult, Message, MessageCount, MessageMeta, MessagePage
from bridge_gui.proton.routes import BATCH, PAGE_SIZE, Routes, chunks, item_results, path_id
from bridge_gui.proton.wire import Fields

log = logging.getLogger(__name__)

MESSAGES = "/mail/v4/messages"
OVERRIDE_GET = (("X-HTTP-Method-Override", "GET"),)
IDS_LIMIT = 1000

STALE_TRIES = 12
STALE_WAIT = 0.25
STALE_WAIT_LIMIT = 8.0


@dataclass(frozen=True, slots=True)
class _Undo:
    token: str
    valid_until: int


class AttachmentStream:
    """An attachment's encrypted data, read piece by piece. `size` is None when the service does not say."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        length = response.headers.get("Content-Length", "")
        plain = "Content-Encoding" not in response.headers
        self.size: int | None = int(length) if plain and length.isascii() and length.isdigit() else None

    async def chunks(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.aiter_bytes():
                yield chunk
        except httpx.DecodingError as error:
            raise Malformed("The attachment cannot be decompressed.") from error
        except httpx.TransportError as error:
            raise Offline("The connection was cut within an attachment.") from error


class MessageRoutes(Routes):
    # ------------------------------------------------------------------ listing

    async def message_page(
        self,
        *,
        label_id: LabelId | None = None,
        ids: Sequence[MessageId] | None = None,
        address_id: AddressId | None = None,
        external_id: str | None = None,
        subject: str | None = None,
        end_id: MessageId | None = None,
        page: int = 0,
        page_size: int = PAGE_SIZE,
        desc: bool = True,
    ) -> MessagePage:
        """Return one page of metadata. With `end_id` it holds what comes after that message, which is not repeated.

        While the service says that its index is stale the request is repeated.
        """
        body = _filter(label_id, ids, address_id, external_id, subject)
        body |= {"Desc": int(desc), "Page": page, "PageSize": min(page_size, PAGE_SIZE), "Sort": "ID"}
        if end_id is not None:
            body["EndID"] = end_id
        fields = await self._listing(body)
        fields.demand("Messages")
        messages = fields.many("Messages", MessageMeta.read)
        if end_id is not None and messages and messages[0].id == end_id:
            messages = messages[1:]
        return MessagePage(messages, fields.number("Total"))

    async def message_total(
        self, *, label_id: LabelId | None = None, external_id: str | None = None, address_id: AddressId | None = None
    ) -> int:
        """Count the messages of a filter."""
        body = _filter(label_id, None, address_id, external_id, None) | {"Limit": "0"}
        return (await self._listing(body)).number("Total")

    async def _listing(self, body: dict[str, object]) -> Fields:
        clock = self._session.transport.clock
        for attempt in range(STALE_TRIES):
            fields = await self._post(MESSAGES, body, headers=OVERRIDE_GET)
            if not fields.flag("Stale"):
                return fields
            await clock.sleep(min(STALE_WAIT * 2**attempt, STALE_WAIT_LIMIT))
        raise Malformed("The service's list of messages is not up to date.")

    async def message_ids(self, after: MessageId | None = None, limit: int = IDS_LIMIT) -> tuple[MessageId, ...]:
        """Return ids only, after the given one; empty at the end."""
        params: dict[str, str | int] = {"Limit": min(limit, IDS_LIMIT)}
        if after is not None:
            params["AfterID"] = after
        fields = await self._get(f"{MESSAGES}/ids", **params)
        fields.demand("IDs")
        return tuple(MessageId(each) for each in fields.texts("IDs"))

    async def message_counts(self) -> tuple[MessageCount, ...]:
        return (await self._get(f"{MESSAGES}/count")).many("Counts", MessageCount.read)

    # ------------------------------------------------------------------ reading

    async def message(self, id: MessageId) -> Message:
        """Return a whole message. Raise `Gone` if it was deleted meanwhile."""
        with _gone_if_refused():
            request = Request("GET", f"{MESSAGES}/{path_id(id)}", long_text="Body")
            return Message.read((await self._session.request(request)).fields().fields("Message"))

    async def attachment(self, id: AttachmentId, limit: int = MAX_ANSWER) -> bytes:
        """Return an attachment's data packet. Raise `Malformed` beyond `limit` octets."""
        collected = io.BytesIO()  # which hands its content out without a copy of it
        async with self.open_attachment(id) as stream:
            async for chunk in stream.chunks():
                collected.write(chunk)
                if collected.tell() > limit:
                    raise Malformed("An attachment is larger than expected.")
            if stream.size is not None and stream.size != collected.tell():
                raise Offline("The connection was cut within an attachment.")
        return collected.getvalue()

    @contextlib.asynccontextmanager
    async def open_attachment(self, id: AttachmentId) -> AsyncIterator[AttachmentStream]:
        """Open an attachment's data packet for reading in pieces."""
        request = Request("GET", f"/mail/v4/attachments/{path_id(id)}")
        async with contextlib.AsyncExitStack() as stack:
            with _gone_if_refused():
                response = await stack.enter_async_context(self._session.stream(request))
            yield AttachmentStream(response)

    # ------------------------------------------------------------------ changing

    async def mark_read(self, ids: Sequence[MessageId]) -> tuple[ItemResult, ...]:
        return await self._change("read", ids)

    async def mark_unread(self, ids: Sequence[MessageId]) -> tuple[ItemResult, ...]:
        return await self._change("unread", ids)

    async def mark_forwarded(self, ids: Sequence[MessageId], *, forwarded: bool = True) -> tuple[ItemResult, ...]:
        return await self._change("forward" if forwarded else "unforward", ids)

    async def delete(self, ids: Sequence[MessageId], label_id: LabelId | None = None) -> tuple[ItemResult, ...]:
        """Delete for good. `label_id` says where the messages are deleted from."""
        return await self._change("delete", ids, {} if label_id is None else {"CurrentLabelID": label_id})

    async def undelete(self, ids: Sequence[MessageId]) -> tuple[ItemResult, ...]:
        return await self._change("undelete", ids)

    async def label(self, ids: Sequence[MessageId], label_id: LabelId) -> tuple[ItemResult, ...]:
        """Put into a label; a folder is left for it. If a later batch fails, the earlier ones are undone."""
        return await self._change_labels("label", ids, label_id)

    async def unlabel(self, ids: Sequence[MessageId], label_id: LabelId) -> tuple[ItemResult, ...]:
        return await self._change_labels("unlabel", ids, label_id)

    async def _change(
        self, action: str, ids: Sequence[MessageId], extra: dict[str, str] | None = None
    ) -> tuple[ItemResult, ...]:
        """Send in batches and return one result for each id. These actions may be repeated: nothing is undone."""
        results: list[ItemResult] = []
        for batch in chunks(ids, BATCH):
            fields = await self._put(f"{MESSAGES}/{action}", {"IDs": list(batch), **(extra or {})})
            results += item_results(batch, fields)
        return tuple(results)

    async def _change_labels(self, action: str, ids: Sequence[MessageId], label_id: LabelId) -> tuple[ItemResult, ...]:
        results: list[ItemResult] = []
        undo: list[_Undo] = []
        for batch in chunks(ids, BATCH):
            try:
                fields = await self._put(f"{MESSAGES}/{action}", {"LabelID": label_id, "IDs": list(batch)})
            except ApiError:
                await self._undo(undo)
                raise
            results += item_results(batch, fields)
            token = fields.fields("UndoToken")
            if token.text("Token"):
                undo.append(_Undo(token.text("Token"), token.number("ValidUntil")))
        return tuple(results)

    async def _undo(self, tokens: Sequence[_Undo]) -> None:
        """Take back, the last first. What cannot be taken back shows itself as an event."""
        for each in reversed(tokens):
            if each.valid_until and each.valid_until <= self._session.transport.now():
                continue
            try:
                await self._post("/mail/v4/undoactions", {"Token": each.token, "ValidUntil": each.valid_until})
            except ApiError as error:
                log.info("a change of labels could not be undone (%s)", error.technical)

    # ------------------------------------------------------------------ events

    async def latest_event(self) -> EventId:
        return EventId((await self._get("/core/v4/events/latest")).identity("EventID"))

    async def events(self, cursor: EventId) -> Event:
        """Return what changed since `cursor`; its id equals `cursor` when nothing did."""
        return Event.read(await self._get(f"/core/v4/events/{path_id(cursor)}"))


def _filter(
    label_id: LabelId | None,
    ids: Sequence[MessageId] | None,
    address_id: AddressId | None,
    external_id: str | None,
    subject: str | None,
) -> dict[str, object]:
    given: dict[str, object | None] = {
        "LabelID": label_id,
        "ID": None if ids is None else list(ids),
        "AddressID": address_id,
        "ExternalID": None if external_id is None else external_id.strip().removeprefix("<").removesuffix(">"),
        "Subject": subject,
    }
    return {name: value for name, value in given.items() if value is not None}


@contextlib.contextmanager
def _gone_if_refused() -> Iterator[None]:
    """Reading something by id: whatever code the refusal has, the thing cannot be had (API document 1.4, 422 other)."""
    try:
        yield
    except Gone:
        raise
    except InvalidInput as error:
        raise Gone(error.status, error.api_code, error.text, error.details) from error
