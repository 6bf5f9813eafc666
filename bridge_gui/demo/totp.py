"""Time-based one-time codes (RFC 6238: SHA-1, 30 seconds, six digits), for the account with an authenticator."""

from __future__ import annotations

import base64
import hashlib
import hmac

STEP_SECONDS = 30
DIGITS = 6


def code(secret: str, at: float) -> str:
    """Return the code that the authenticator with this base32 secret shows at that time."""
    counter = int(at) // STEP_SECONDS
    digest = hmac.new(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def accepts(secret: str, given: str, at: float) -> bool:
    """Tell whether the code is right now, or was one step ago or will be in one (RFC 6238 5.2)."""
    shown = (code(secret, at + drift * STEP_SECONDS) for drift in (0, -1, 1))
    return any(hmac.compare_digest(each, given.strip()) for each in shown)
