"""What is typed into a mail program, value by value: pure rows for the card, for the dialog that makes a password, and
for the text that is copied into a support chat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from bridge_gui.model import Access, Protocol
from bridge_gui.state import ClientState, ListenerState
from bridge_gui.ui import words

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Value:
    """One value with the words that say what it is, for its copy button and for people who hear the window."""

    text: str
    copy: str
    """What the copy button does, such as *Copy the IMAP port*."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where one of the two servers is."""

    protocol: Protocol
    name: str
    host: Value
    port: Value

    @property
    def values(self) -> tuple[Value, Value]:
        return self.host, self.port


def security() -> Value:
    """Both work on each port; mail programs call the second one SSL/TLS."""
    return Value(translate("program", "STARTTLS or SSL/TLS"), translate("program", "Copy the security"))


def server_name(protocol: Protocol) -> str:
    return {
        Protocol.IMAP: translate("program", "Incoming (IMAP)"),
        Protocol.SMTP: translate("program", "Outgoing (SMTP)"),
    }[protocol]


def server(protocol: Protocol, host: str, port: int) -> Server:
    if protocol is Protocol.IMAP:
        return Server(
            protocol,
            server_name(protocol),
            Value(host, translate("program", "Copy the IMAP server")),
            Value(str(port), translate("program", "Copy the IMAP port")),
        )
    return Server(
        protocol,
        server_name(protocol),
        Value(host, translate("program", "Copy the SMTP server")),
        Value(str(port), translate("program", "Copy the SMTP port")),
    )


def servers(listeners: Iterable[ListenerState], access: Access) -> tuple[Server, ...]:
    """The servers that a program of this access uses, incoming first."""
    found = {listener.protocol: listener for listener in listeners}
    wanted = [
        protocol
        for protocol, allowed in ((Protocol.IMAP, access.reads), (Protocol.SMTP, access.sends))
        if allowed and protocol in found
    ]
    return tuple(server(protocol, found[protocol].host, found[protocol].port) for protocol in wanted)


def all_but_the_password(client: ClientState, rows: Sequence[Server]) -> str:
    """Everything as text, for a support chat."""
    lines = [
        f"{translate('program', 'Mail program')}: {client.label}" + (f" ({client.program})" if client.program else ""),
        f"{translate('program', 'Access')}: {words.access(client.access)}",
        f"{translate('program', 'User name')}: {client.username}",
    ]
    lines += [f"{row.name}: {row.host.text}, {row.port.text}, {security().text}" for row in rows]
    return "\n".join(lines)
