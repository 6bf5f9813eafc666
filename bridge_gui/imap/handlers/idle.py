"""IDLE (RFC 2177): changes are told the moment they happen, until DONE."""

from __future__ import annotations

from bridge_gui.imap import commands as c
from bridge_gui.imap import responses
from bridge_gui.imap.connection import Line
from bridge_gui.imap.conversation import IDLE_SIGN, Conversation


async def idle(conv: Conversation, command: c.Idle) -> None:
    conv.say(responses.continuation("idling"))
    conv.connection.expect_lines(True)
    conv.link.working(False)
    conv.signed_in().activity("waiting")
    try:
        while True:
            if conv.push is not None:
                await conv.push()
            if conv.view is not None and conv.view.news:
                conv.say(conv.view.tell(expunges=True))
            await conv.flush()
            event = conv.connection.next_event()
            if isinstance(event, Line):
                break
            if conv.link.closed or conv.connection.over or conv.bye is not None:
                return
            if not await conv.link.wait(IDLE_SIGN):
                conv.say(responses.ok("*", "still here"))
    finally:
        conv.connection.expect_lines(False)
    if event.text.strip().upper() == b"DONE":
        conv.say(responses.ok(command.tag, "IDLE completed"))
    else:
        conv.say(responses.bad(command.tag, "expected DONE"))
