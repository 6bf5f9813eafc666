"""How the sending of a message can end. A refusal says whether trying again may help, and why, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bridge_gui.errors import BridgeError, CryptoError, Unreachable
from bridge_gui.model import MessageId
from bridge_gui.proton.errors import (
    AccountDisabled,
    AccountRestricted,
    LimitExceeded,
    SessionExpired,
    SignedOut,
    UpdateForced,
    transient,
)


class Why(Enum):
    """Kind of a refusal; decides the SMTP reply."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    MALFORMED = "malformed"
    TOO_BIG = "too-big"
    ACCOUNT = "account"
    """The service has restricted the account."""
    KEYS = "keys"
    SERVICE = "service"
    """The service refuses the message."""
    OFFLINE = "offline"
    BUSY = "busy"
    """The service has trouble, or is asked too much."""
    SIGNED_OUT = "signed-out"
    PENDING = "pending"
    """The same message is on its way, or nobody knows yet whether it went."""

    @property
    def passes(self) -> bool:
        """Whether the same message may be taken later."""
        return self in (Why.OFFLINE, Why.BUSY, Why.SIGNED_OUT, Why.PENDING)


@dataclass(frozen=True, slots=True)
class Sent:
    message_id: MessageId
    again: bool = False
    """It had been sent before, and was not sent anew."""


@dataclass(frozen=True, slots=True)
class NotSent:
    why: Why
    text: str


Outcome = Sent | NotSent


def not_sent(error: BridgeError) -> NotSent:
    """What an error of the service or of a key means for the message."""
    text = " ".join(part for part in (error.message, error.remedy) if part)
    match error:
        case Unreachable():
            return NotSent(Why.OFFLINE, text)
        case SignedOut() | SessionExpired():
            return NotSent(Why.SIGNED_OUT, "The account is signed out. Sign in again in Bridge Manager.")
        case UpdateForced():
            return NotSent(Why.SIGNED_OUT, text)
        case AccountDisabled() | AccountRestricted():
            return NotSent(Why.ACCOUNT, text)
        case LimitExceeded():
            return NotSent(Why.TOO_BIG, text)
        case CryptoError():
            return NotSent(Why.KEYS, text)
        case _ if transient(error):
            return NotSent(Why.BUSY, text)
        case _:
            return NotSent(Why.SERVICE, f"Proton refuses the message: {text}")
