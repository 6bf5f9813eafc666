"""The mail of the outbox in the encrypted store: in pieces, so that a large one is never there again as text."""

from __future__ import annotations

import base64
import contextlib
import io
import json
from collections.abc import Mapping
from typing import Any

from bridge_gui.errors import StoreError
from bridge_gui.send.duplicates import Values

VALUES = "outbox"
"""Beginning of the names of the small values in the store: the list of messages, and with dots each piece of one."""
UNFINISHED = f"{VALUES}-unfinished"
"""Name of the value that says of which message, not listed yet, there may be pieces."""
PIECE = 3 << 20
"""Octets; as base64 they are four mebibytes."""


def pieces(id_: str, count: int) -> list[str]:
    """The names of a message's pieces."""
    return [f"{VALUES}.{id_}.{number}" for number in range(count)]


async def write(values: Values, id_: str, raw: bytes) -> int:
    """Store a message and return the number of its pieces. It counts only once it is listed, and `UNFINISHED` removed
    in the same transaction: a message that is taken but for the last piece is not taken."""
    names = pieces(id_, -(-len(raw) // PIECE))
    await clear(values)
    await values.set({UNFINISHED: json.dumps(names)})
    view = memoryview(raw)
    try:
        for number, name in enumerate(names):
            piece = view[number * PIECE : (number + 1) * PIECE]
            await values.set({name: base64.b64encode(piece).decode("ascii")})
    except StoreError:
        with contextlib.suppress(StoreError):
            await clear(values)  # a full disk needs the room
        raise
    return len(names)


async def clear(values: Values) -> None:
    """Remove what was left when storing a message was interrupted."""
    text = await values.get(UNFINISHED)
    if text is not None:
        await values.set(dict.fromkeys([*json.loads(text), UNFINISHED]))


async def read(values: Values, id_: str, count: int) -> bytes | None:
    """A message; None when it is not there, or not all of it."""
    whole = io.BytesIO()
    for name in pieces(id_, count):
        text = await values.get(name)
        if text is None:
            return None
        whole.write(base64.b64decode(text))
    return whole.getvalue()


def whole_ones(values: Mapping[str, str]) -> dict[str, str]:
    """Of values that were saved from a damaged store, those of messages that can be sent: listed, and with all of their
    mail; the others, which are not the outbox's, as they are."""

    def names(entry: Mapping[str, Any]) -> list[str]:
        return pieces(entry["id"], entry["pieces"])

    kept = [entry for entry in json.loads(values.get(VALUES, "[]")) if all(name in values for name in names(entry))]
    mails = {name for entry in kept for name in names(entry)}
    found = {key: value for key, value in values.items() if key in mails or not key.startswith(VALUES)}
    return found | ({VALUES: json.dumps(kept)} if kept else {})
