"""The states of a submission connection, and which command is allowed where.

    CLEAR ──STARTTLS──> SECURE ──EHLO──> GREETED ──AUTH──> READY ──MAIL──> MAIL ──RCPT──> RECIPIENTS ──BDAT──> CHUNKS
                                                            ^                                │ DATA, BDAT LAST   │
                                                            └────────── answer to the message, RSET, EHLO ───────┘

CLEAR is a connection without TLS: no password and no mail is taken there. A connection that began with TLS starts in
SECURE.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from bridge_gui.smtp import parse
from bridge_gui.smtp.backend import Reply
from bridge_gui.smtp.parse import Command


class State(Enum):
    CLEAR = auto()
    SECURE = auto()
    GREETED = auto()
    READY = auto()
    MAIL = auto()
    RECIPIENTS = auto()
    CHUNKS = auto()


IN_MAIL = frozenset((State.MAIL, State.RECIPIENTS, State.CHUNKS))
"""A mail is under way (RFC 5321 3.3)."""
_EVERYWHERE = frozenset(State)

ALLOWED: Mapping[type[Command], frozenset[State]] = {
    parse.Ehlo: _EVERYWHERE,
    parse.Helo: _EVERYWHERE,
    parse.Noop: _EVERYWHERE,
    parse.Help: _EVERYWHERE,
    parse.Rset: _EVERYWHERE,
    parse.Quit: _EVERYWHERE,
    parse.StartTls: frozenset({State.CLEAR}),
    parse.Auth: frozenset({State.GREETED}),
    parse.Vrfy: frozenset({State.READY, State.MAIL, State.RECIPIENTS}),
    parse.MailFrom: frozenset({State.READY}),
    parse.RcptTo: frozenset({State.MAIL, State.RECIPIENTS}),
    parse.Data: frozenset({State.RECIPIENTS}),
    parse.Bdat: frozenset({State.RECIPIENTS, State.CHUNKS}),
}


def refusal(command: Command, state: State) -> Reply:
    """Why a command is not allowed in a state."""
    match command, state:
        case parse.StartTls(), _:
            return Reply(503, "5.5.1", "TLS is in use already.")
        case _, State.CLEAR:
            return Reply(530, "5.7.0", "Start TLS first.")
        case _, State.SECURE:
            return Reply(503, "5.5.1", "Say EHLO first.")
        case _, State.GREETED:
            return Reply(530, "5.7.0", "Sign in first.")
        case parse.Auth(), _:
            return Reply(503, "5.5.1", "You are signed in already.")
        case parse.MailFrom(), _:
            return Reply(503, "5.5.1", "A sender was given already; RSET begins anew.")
        case _, State.READY:
            return Reply(503, "5.5.1", "Give the sender with MAIL first.")
        case _, State.MAIL:
            return Reply(503, "5.5.1", "Give a recipient with RCPT first.")
        case _:
            return Reply(503, "5.5.1", "The message is being sent with BDAT; finish it or say RSET.")
