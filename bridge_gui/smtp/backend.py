"""What the SMTP submission server asks of whoever sends the mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bridge_gui.secret import Secret


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a connection, and the name it gave in EHLO."""

    address: str
    port: int
    tls: bool
    helo: str = ""


class LoginRefusal(Enum):
    CREDENTIALS = "credentials"
    """535 5.7.8"""
    ACCESS = "access"
    """The password is right, but may not send (read-only): 535 5.7.8 with its own text."""
    UNAVAILABLE = "unavailable"
    """454 4.7.0"""


@dataclass(frozen=True, slots=True)
class LoginRefused:
    reason: LoginRefusal
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply: code (RFC 5321), enhanced status (RFC 3463) and a sentence."""

    code: int
    status: str
    text: str

    @property
    def accepted(self) -> bool:
        return 200 <= self.code < 300


@dataclass(frozen=True, slots=True)
class Submission:
    """One message as a mail program handed it in: `raw` is the message with CRLF line ends, dots unstuffed, no
    end-of-data mark."""

    sender: str
    recipients: Sequence[str]
    raw: bytes


class Backend(Protocol):
    """Not authenticated."""

    async def login(self, username: str, password: Secret[str], peer: Peer) -> Submitter | LoginRefused:
        """Check a password. Takes the same time for a wrong name and a wrong password, and delays repeated failures of
        one origin without holding up the right password of another."""
        ...


class Submitter(Protocol):
    """Authenticated: one for each session; it ends with `close`."""

    @property
    def max_size(self) -> int:
        """Largest message in bytes (SIZE, RFC 1870)."""
        ...

    def activity(self, text: str) -> None: ...

    def on_revoked(self, callback: Callable[[str], None]) -> None:
        """Called once with the text for 421 when this password is revoked or the account goes away."""
        ...

    async def check_sender(self, address: str) -> Reply:
        """MAIL FROM: 250, or 550/553 with a sentence."""
        ...

    async def submit(self, submission: Submission) -> Reply:
        """Send. 250 only when the service has accepted the whole message for every recipient, or it lies in the
        outbox; 4xx when trying again later may help; 5xx when it never will."""
        ...

    def close(self) -> None: ...
