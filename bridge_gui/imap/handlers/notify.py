"""NOTIFY (RFC 5465): news of the selected mailbox without IDLE, and STATUS of others."""

from __future__ import annotations

from bridge_gui.imap import commands as c
from bridge_gui.imap import responses
from bridge_gui.imap.conversation import Conversation
from bridge_gui.imap.grammar import NotSupported


async def notify(conv: Conversation, command: c.Notify) -> None:
    if command.groups:
        raise NotSupported("use IDLE")
    conv.say(responses.ok(command.tag, "NOTIFY completed"))
