"""Messages: listing, reading, actions, attachments (API document 4.1 to 4.3, 4.5)."""

from __future__ import annotations

import random
from collections.abc import Mapping

from bridge_gui.demo import wire
from bridge_gui.demo.calls import Call, Op, Reply, integer, many, ok, text, texts
from bridge_gui.demo.errors import INVALID_VALUE, NOT_ALLOWED, NOT_FOUND, ApiError
from bridge_gui.demo.mailbox import DRAFTS, SPAM, TRASH, Filter
from bridge_gui.demo.records import ItemResult, Json

IDS_LIMIT = 1_000


def listing(call: Call, conditions: Mapping[str, object]) -> Reply:
    """Answer one page of messages; with `Limit` 0 only their number."""
    mailbox = call.account.mailbox
    messages, total = mailbox.page(read_filter(conditions))
    options = call.world.options
    stale = options.stale_once > 0
    if stale:
        options.stale_once -= 1
    if options.shuffled_once > 0:
        options.shuffled_once -= 1
        random.Random(total).shuffle(messages)
    return ok(Total=total, Limit=150, Stale=int(stale), Messages=[wire.metadata(mailbox, each) for each in messages])


def read_filter(conditions: Mapping[str, object]) -> Filter:
    """Read a listing's conditions from JSON or from a query; both have the same names (4.2)."""
    ids = conditions.get("ID")
    wanted = frozenset([ids] if isinstance(ids, str) else texts(conditions, "ID")) if ids else None
    unread = conditions.get("Unread")
    labels = conditions.get("LabelID")
    label = str(labels[0]) if isinstance(labels, list) and labels else text(conditions, "LabelID", "")
    return Filter(
        label_id=label,
        address_id=text(conditions, "AddressID", ""),
        ids=wanted,
        external_id=text(conditions, "ExternalID", "").strip("<>"),
        subject=text(conditions, "Subject", ""),
        unread=None if unread is None else str(unread) == "1",
        end_id=text(conditions, "EndID", ""),
        begin_id=text(conditions, "BeginID", ""),
        descending=integer(conditions, "Desc", 0) != 0,
        by_time=text(conditions, "Sort", "ID") == "Time",
        page=integer(conditions, "Page", 0),
        page_size=integer(conditions, "Limit", integer(conditions, "PageSize", 100)),
    )


def get_listing(call: Call) -> Reply:
    return listing(call, call.query)


def ids(call: Call) -> Reply:
    limit = max(1, min(integer(call.query, "Limit", 100), IDS_LIMIT))
    return ok(IDs=call.account.mailbox.ids_after(call.query.get("AfterID", ""), limit))


def counts(call: Call) -> Reply:
    return ok(Counts=wire.counts(call.account.mailbox))


def message(call: Call) -> Reply:
    """`GET /mail/v4/messages/{id}`: everything about one message; 422 when it is gone."""
    found = call.account.mailbox.get(call.path["id"])
    return ok(Message=wire.message(call.world, call.account, found))


def attachment(call: Call) -> Reply:
    """`GET /mail/v4/attachments/{id}`: the data packet as it is."""
    found = call.world.attachment(call.account, call.path["id"])
    if found is None:
        raise ApiError(422, NOT_FOUND, "Attachment does not exist")
    return Reply(content=found.data, content_type="application/octet-stream")


# -------------------------------------------------------------------------------------------------- actions


def _answer(call: Call, results: list[ItemResult], **more: object) -> Reply:
    if call.world.options.empty_actions:
        return Reply(None)
    return many(Responses=[each.wire() for each in results], **more)


def read(call: Call) -> Reply:
    return _answer(call, call.account.mailbox.mark(texts(call.json, "IDs"), unread=False))


def unread(call: Call) -> Reply:
    return _answer(call, call.account.mailbox.mark(texts(call.json, "IDs"), unread=True))


def forward(call: Call) -> Reply:
    return _answer(call, call.account.mailbox.mark_forwarded(texts(call.json, "IDs"), forwarded=True))


def unforward(call: Call) -> Reply:
    return _answer(call, call.account.mailbox.mark_forwarded(texts(call.json, "IDs"), forwarded=False))


def label(call: Call) -> Reply:
    results, token = call.account.mailbox.label(texts(call.json, "IDs"), text(call.json, "LabelID"))
    return _answer(call, results, UndoToken=_undo_token(call, token))


def unlabel(call: Call) -> Reply:
    results, token = call.account.mailbox.unlabel(texts(call.json, "IDs"), text(call.json, "LabelID"))
    return _answer(call, results, UndoToken=_undo_token(call, token))


def delete(call: Call) -> Reply:
    return _answer(call, call.account.mailbox.delete(texts(call.json, "IDs")))


def undo(call: Call) -> Reply:
    """`POST /mail/v4/undoactions`: take a label or unlabel call back while its token is good."""
    if integer(call.json, "ValidUntil", 0) < call.world.now():
        raise ApiError(422, INVALID_VALUE, "Undo token is unknown or expired")
    mailbox = call.account.mailbox
    messages = mailbox.undo(text(call.json, "Token"))
    return ok(Messages=[wire.metadata(mailbox, each) for each in messages])


def empty(call: Call) -> Reply:
    """`DELETE /mail/v4/messages/empty?LabelID=`: empty Trash, Spam, Drafts or an own folder."""
    label_id = call.query.get("LabelID", "")
    mailbox = call.account.mailbox
    target = mailbox.labels.get(label_id)
    if target is None:
        raise ApiError(422, NOT_FOUND, "Label does not exist")
    if label_id not in (TRASH, SPAM, DRAFTS) and not target.is_folder:
        raise ApiError(422, NOT_ALLOWED, f"{target.name} cannot be emptied")
    mailbox.empty(label_id, call.query.get("AddressID", ""))
    return ok()


def _undo_token(call: Call, token: str) -> Json:
    return {"Token": token, "ValidUntil": call.world.now() + call.world.options.undo_life}


OPS = (
    Op("GET", "/mail/v4/messages/count", counts),
    Op("GET", "/mail/v4/messages/ids", ids),
    Op("GET", "/mail/v4/messages/{id}", message),
    Op("GET", "/mail/v4/attachments/{id}", attachment),
    Op("GET", "/mail/v4/messages", get_listing),
    Op("PUT", "/mail/v4/messages/read", read),
    Op("PUT", "/mail/v4/messages/unread", unread),
    Op("PUT", "/mail/v4/messages/forward", forward),
    Op("PUT", "/mail/v4/messages/unforward", unforward),
    Op("PUT", "/mail/v4/messages/label", label),
    Op("PUT", "/mail/v4/messages/unlabel", unlabel),
    Op("PUT", "/mail/v4/messages/delete", delete),
    Op("POST", "/mail/v4/undoactions", undo),
    Op("DELETE", "/mail/v4/messages/empty", empty),
)
