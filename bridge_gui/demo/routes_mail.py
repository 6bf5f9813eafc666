"""Writing mail: drafts, uploads, sending, import (API document 4.4 to 4.7)."""

from __future__ import annotations

from bridge_gui.demo import delivery, drafts, imports, wire
from bridge_gui.demo.calls import Call, Op, Reply, many, ok
from bridge_gui.demo.records import Json
from bridge_gui.demo.routes_messages import listing


def post_messages(call: Call) -> Reply:
    """`POST /mail/v4/messages`: a new draft; with the override header a listing."""
    if call.headers.get("x-http-method-override", "").upper() == "GET":
        return listing(call, call.json)
    draft = drafts.create(call.world, call.account, call.json)
    return ok(Message=wire.message(call.world, call.account, draft))


def update_draft(call: Call) -> Reply:
    draft = drafts.update(call.world, call.account, call.path["id"], call.json)
    return ok(Message=wire.message(call.world, call.account, draft))


def upload(call: Call) -> Reply:
    return ok(Attachment=wire.attachment(drafts.upload(call.world, call.account, call.parts)))


def remove_attachment(call: Call) -> Reply:
    drafts.remove_attachment(call.account, call.path["id"])
    return ok()


def send(call: Call) -> Reply:
    sent, parent = delivery.send(call.world, call.account, call.path["id"], call.json)
    answer: Json = {"Sent": wire.message(call.world, call.account, sent)}
    if parent is not None:
        answer["Parent"] = wire.message(call.world, call.account, parent)
    return ok(**answer)


def import_messages(call: Call) -> Reply:
    return many(Responses=imports.import_all(call.world, call.account, call.parts))


OPS = (
    Op("POST", "/mail/v4/messages", post_messages),
    Op("POST", "/mail/v4/messages/import", import_messages),
    Op("POST", "/mail/v4/attachments", upload),
    Op("DELETE", "/mail/v4/attachments/{id}", remove_attachment),
    Op("POST", "/mail/v4/messages/{id}", send),
    Op("PUT", "/mail/v4/messages/{id}", update_draft),
)
