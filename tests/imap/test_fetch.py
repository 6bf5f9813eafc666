"""What FETCH asks of the backend."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence

import pytest

from bridge_gui.imap import conversation
from bridge_gui.imap.backend import Need, Record
from bridge_gui.imap.conversation import Shared
from tests.imap.clients import MemoryClient
from tests.imap.memory import MemoryStore, Opened
from tests.imap.transcript import MAILS


async def run(client: MemoryClient, command: str) -> bytes:
    """Everything said up to the tagged OK."""
    client.send(b"t " + command.encode() + b"\r\n")
    said = b""
    while not (line := await client.line()).startswith(b"t "):
        said += line + b"\r\n"
    assert line.startswith(b"t OK"), line
    return said


async def test_a_message_read_piece_by_piece_is_read_once(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[int]] = []
    fetch = Opened.fetch

    def counted(self: Opened, uids: Sequence[int], need: Need) -> AsyncIterator[Sequence[Record]]:
        asked.append(list(uids))
        return fetch(self, uids, need)

    monkeypatch.setattr(Opened, "fetch", counted)
    monkeypatch.setattr(conversation, "HELD_FOR", 0.01)
    for name in ("mixed", "plain"):
        store.deliver(MAILS[name])
    shared = Shared(store)
    client = MemoryClient(shared)
    await client.line()
    await run(client, "LOGIN user pass")
    await run(client, "SELECT INBOX")
    whole = MAILS["mixed"].replace(b"\n", b"\r\n")
    pieces = b""
    for start in range(0, len(whole), 100):
        answer = await run(client, f"UID FETCH 1 (UID BODY.PEEK[]<{start}.100>)")
        pieces += answer.partition(b"}\r\n")[2][:-3]
        assert shared.holdings.size == (len(whole) if start + 100 < len(whole) else 0), "the last piece has gone out"
    assert pieces == whole
    assert asked == [[1]]

    assert b"Shall" in await run(client, "FETCH 2 BODY.PEEK[TEXT]<0.5>")
    await run(client, "NOOP")
    assert shared.holdings.size == 0, "something else was asked"
    await run(client, "FETCH 2 BODY.PEEK[TEXT]<0.5>")
    assert asked == [[1], [2], [2]]
    await client.close()
    assert shared.holdings.size == 0


async def test_a_message_that_was_read_is_let_go(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with the next command, but now: it may have many megabytes, and the next may come tomorrow."""
    store.deliver(MAILS["plain"])
    literal = bytes(bytearray(MAILS["plain"]))
    known = sys.getrefcount(literal)
    fetch = Opened.fetch

    async def slow(self: Opened, uids: Sequence[int], need: Need) -> AsyncIterator[Sequence[Record]]:
        async for records in fetch(self, uids, need):
            loop = asyncio.get_running_loop()
            read: asyncio.Future[list[Record]] = loop.create_future()
            loop.call_soon(read.set_result, [record._replace(literal=literal) for record in records])
            yield await read

    monkeypatch.setattr(Opened, "fetch", slow)
    client = MemoryClient(Shared(store))
    await client.line()
    await run(client, "LOGIN user pass")
    await run(client, "SELECT INBOX")
    assert b"Shall" in await run(client, "FETCH 1 BODY.PEEK[]")
    await run(client, "NOOP")
    assert sys.getrefcount(literal) == known
    await client.close()
