"""What clients that cannot sign in show of why, so that a person can be told."""

from __future__ import annotations

import contextlib
import re

from bridge_gui.smtp import parse
from bridge_gui.smtp.parse import BadCommand, Command
from bridge_gui.smtp.sasl import Exchange

_IMAP_LINE = re.compile(rb"[A-Za-z0-9.]+ (CAPABILITY|LOGIN|AUTHENTICATE|STARTTLS|ID|NOOP|LOGOUT)\b", re.IGNORECASE)


def is_imap(line: bytes) -> bool:
    """Tell whether a line is a command of IMAP: the client mistook the port."""
    return _IMAP_LINE.match(line) is not None


def name_in(command: Command) -> str:
    """Who a client says it is, in a command that is refused; nothing when it does not say."""
    if isinstance(command, parse.MailFrom):
        return command.address
    if isinstance(command, parse.Auth) and command.initial is not None:
        with contextlib.suppress(BadCommand, UnicodeDecodeError):
            if command.mechanism == "LOGIN":
                return command.initial.reveal().decode()
            credentials = Exchange(command.mechanism).respond(command.initial)
            return credentials.username if credentials is not None else ""
    return ""
