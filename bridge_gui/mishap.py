"""What went wrong on a connection before anybody could sign in on it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from enum import Enum


class Mishap(Enum):
    """Why nobody could sign in on a connection, as far as its client showed it."""

    UNTRUSTED = "untrusted"
    """It does not trust the certificate."""
    OLD_TLS = "old-tls"
    """It speaks no version or cipher of TLS that we do."""
    UNENCRYPTED = "unencrypted"
    """It wanted to sign in, or to send, without TLS."""
    LEFT = "left-unencrypted"
    """It asked what there is, and left without TLS."""
    OTHER_PROTOCOL = "other-protocol"
    """It speaks the language of the other port."""


OnMishap = Callable[[Mishap, str], None]
"""Told of a mishap, and of the user name or sender that was given, or nothing."""


def ignore_mishap(mishap: Mishap, name: str) -> None:
    """For servers of which nobody wants to know."""


_DISTRUST = ("UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN", "CERTIFICATE_EXPIRED", "UNSUPPORTED_CERTIFICATE")
_TOO_OLD = ("UNSUPPORTED_PROTOCOL", "VERSION_TOO_LOW", "NO_SHARED_CIPHER", "WRONG_SSL_VERSION")


def mishap_of(error: BaseException) -> Mishap | None:
    """What a failed handshake says of the client; nothing when it just went away."""
    reason = (error.reason or "") if isinstance(error, ssl.SSLError) else ""
    if "ALERT" in reason and any(sign in reason for sign in _DISTRUST):
        return Mishap.UNTRUSTED
    return Mishap.OLD_TLS if any(sign in reason for sign in _TOO_OLD) else None
