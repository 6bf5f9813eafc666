"""APPEND of large messages."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

from bridge_gui.imap.backend import Append, Appended
from bridge_gui.imap.conversation import Shared
from tests.imap.clients import MemoryClient
from tests.imap.memory import MemoryStore, MemoryUser
from tests.imap.transcript import MAILS


async def test_the_backend_is_the_only_one_that_holds_the_message(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have many megabytes, and takes a while to be stored."""
    counts: list[int] = []

    async def append(self: MemoryUser, name: str, messages: Sequence[Append]) -> Appended:
        literal = messages[0].take()
        fresh = bytes(bytearray(literal))
        counts.extend((sys.getrefcount(literal), sys.getrefcount(fresh)))
        return Appended(1, [])

    monkeypatch.setattr(MemoryUser, "append", append)
    client = MemoryClient(Shared(store))
    await client.line()
    mail = MAILS["plain"].replace(b"\n", b"\r\n")
    for command in (b"LOGIN user pass", b"APPEND INBOX {%d+}\r\n%s" % (len(mail), mail)):
        client.send(b"t " + command + b"\r\n")
        while not (line := await client.line()).startswith(b"t "):
            pass
        assert line.startswith(b"t OK"), line
    assert counts[0] == counts[1]
    await client.close()
