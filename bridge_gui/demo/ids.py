"""Opaque ids in the service's form: 88 characters of base64url ending in `==`.

An id carries its own numbers under a keyed digest, so the demo finds the object without a table (an attachment of one
of 50,000 messages needs no memory until it is asked for), and no client can forge one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct

_LAYOUT = struct.Struct(">cxHIII")
_DIGEST_BYTES = 64 - _LAYOUT.size


class Ids:
    """Make and recognise ids; the same seed gives the same ids."""

    def __init__(self, seed: str) -> None:
        self._key = hashlib.blake2b(seed.encode(), digest_size=32).digest()

    def make(self, kind: str, owner: int, number: int, part: int = 0) -> str:
        """Return the id of object `number` (and its `part`) of user `owner`; `kind` is one letter."""
        head = _LAYOUT.pack(kind.encode(), 0, owner, number, part)
        return base64.urlsafe_b64encode(head + self._digest(head)).decode()

    def parse(self, kind: str, value: str) -> tuple[int, int, int] | None:
        """Return owner, number and part, or None when this is no id of ours of that kind."""
        try:
            raw = base64.urlsafe_b64decode(value.encode())
        except ValueError:
            return None
        head, digest = raw[: _LAYOUT.size], raw[_LAYOUT.size :]
        if len(raw) != 64 or head[:1] != kind.encode() or not hmac.compare_digest(digest, self._digest(head)):
            return None
        _, _, owner, number, part = _LAYOUT.unpack(head)
        return owner, number, part

    def _digest(self, head: bytes) -> bytes:
        return hashlib.blake2b(head, key=self._key, digest_size=_DIGEST_BYTES).digest()
