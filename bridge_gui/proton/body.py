"""Bodies of requests that are written piece by piece while they go out.

A message of many megabytes is base64 inside JSON. Made as a whole it would be in memory four more times: as base64, in
the document, encoded, and in the socket's buffer.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

PIECE = 3 * 2**16
"""Octets that are encoded at a time; a multiple of 3, so that base64 goes on without padding."""


@dataclass(frozen=True, slots=True)
class Base64:
    """Bytes that stand in a JSON document as a string of base64."""

    data: bytes = field(repr=False)

    @property
    def length(self) -> int:
        return 4 * ((len(self.data) + 2) // 3)


class JsonBody:
    """A JSON document with `Base64` values in it. Each iteration writes it anew."""

    def __init__(self, document: Any) -> None:
        large: list[Base64] = []
        mark = secrets.token_hex(16)

        def default(value: object) -> str:
            if not isinstance(value, Base64):
                raise TypeError(f"{type(value).__name__} does not go into JSON")
            if value.length <= PIECE:
                return base64.b64encode(value.data).decode()
            large.append(value)
            return f"{mark}{len(large) - 1}"

        text = json.dumps(document, default=default, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        # Odd places of the split are the numbers of large values. Most documents have none.
        pieces = re.split(f"{mark}([0-9]+)", text) if large else [text]
        self._pieces: list[bytes | Base64] = [
            large[int(piece)] if place % 2 else piece.encode() for place, piece in enumerate(pieces)
        ]

    @property
    def whole(self) -> bytes | None:
        """The body at once, when nothing in it is large."""
        return self._pieces[0] if len(self._pieces) == 1 and isinstance(self._pieces[0], bytes) else None

    def __len__(self) -> int:
        return sum(len(each) if isinstance(each, bytes) else each.length for each in self._pieces)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            view = memoryview(piece.data)
            for at in range(0, len(view), PIECE):
                yield base64.b64encode(view[at : at + PIECE])
