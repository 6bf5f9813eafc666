"""Writing mail: drafts, uploads, sending, import (API document 4.4 to 4.7)."""

from __future__ import annotations

from bridge_gui.demo.calls import Call, Op, Reply
from bridge_gui.demo.errors import NOT_ALLOWED, ApiError
from bridge_gui.demo.routes_messages import listing


def post_messages(call: Call) -> Reply:
    """`POST /mail/v4/messages`: with the override header a listing."""
    if call.headers.get("x-http-method-override", "").upper() == "GET":
        return listing(call, call.json)
    raise ApiError(422, NOT_ALLOWED, "Not allowed")


OPS = (Op("POST", "/mail/v4/messages", post_messages),)
