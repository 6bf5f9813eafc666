"""Commands are begun where their octets arrive, and nobody can tell by the answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from bridge_gui.imap.backend import Need, Peer, Record
from bridge_gui.imap.conversation import Shared
from tests.imap.clients import MemoryClient, in_the_inbox
from tests.imap.memory import MemoryStore, Opened
from tests.imap.transcript import MAILS, NOW


@pytest.fixture
async def client() -> AsyncIterator[MemoryClient]:
    store = MemoryStore(now=NOW)
    for mail in MAILS.values():
        store.deliver(mail)
    client = await in_the_inbox(store)
    yield client
    await client.close()


def at_once(client: MemoryClient, data: bytes) -> bytes:
    """What is said before anything else has its turn."""
    client.send(data)
    said = bytes(client.link.out)
    client.link.out.clear()
    return said


class Gate:
    """Holds up what is read of mailboxes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = asyncio.Event()
        self.reading = 0
        real = Opened.fetch

        async def fetch(mailbox: Opened, uids: Sequence[int], need: Need) -> AsyncIterator[Sequence[Record]]:
            self.reading += 1
            try:
                await self.open.wait()
                async for batch in real(mailbox, uids, need):
                    yield batch
            finally:
                self.reading -= 1

        monkeypatch.setattr(Opened, "fetch", fetch)


async def test_what_needs_no_waiting_is_answered_at_once(client: MemoryClient) -> None:
    assert at_once(client, b"a NOOP\r\nb FETCH 1 (FLAGS)\r\n") == (
        b"a OK NOOP completed\r\n* 1 FETCH (FLAGS ())\r\nb OK FETCH completed\r\n"
    )
    assert at_once(client, b"c NO") == b""
    assert at_once(client, b"OP\r\n") in (b"", b"c OK NOOP completed\r\n")
    await client.rest()
    assert at_once(client, b"d FETCH 9999 FLAGS\r\n").startswith(b"d BAD")


async def test_answers_keep_their_order_whatever_has_to_wait(
    client: MemoryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(monkeypatch)
    said = at_once(client, b"a NOOP\r\nb FETCH 1 BODY.PEEK[]\r\nc NOOP\r\nd NAMESPACE\r\ne NOOP\r\n")
    assert said == b"a OK NOOP completed\r\n"
    assert at_once(client, b"f NOOP\r\n") == b""
    assert await client.rest() == b""
    assert gate.reading == 1
    gate.open.set()
    said = await client.rest()
    tags = [line[:1] for line in said.split(b"\r\n") if b" OK " in line]
    assert tags == [b"b", b"c", b"d", b"e", b"f"]
    assert at_once(client, b"g NOOP\r\n") == b"g OK NOOP completed\r\n"


async def test_an_error_in_what_was_begun_is_answered(client: MemoryClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(mailbox: Opened, uids: Sequence[int], need: Need) -> AsyncIterator[Sequence[Record]]:
        from bridge_gui.imap.backend import No

        await asyncio.sleep(0)
        raise No("not now", "UNAVAILABLE")
        yield ()

    monkeypatch.setattr(Opened, "fetch", refuse)
    assert at_once(client, b"a FETCH 1 BODY.PEEK[]\r\n") == b""
    assert await client.rest() == b"a NO [UNAVAILABLE] not now\r\n"


async def test_a_client_that_leaves_ends_what_was_begun(client: MemoryClient, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    at_once(client, b"a FETCH 1 BODY.PEEK[]\r\n")
    assert gate.reading == 1
    client.link.closed = True
    client.link.stir()
    await client.rest()
    gate.open.set()
    await client.close()
    assert gate.reading == 0
    assert client.conversation.user is None


async def test_a_server_that_stops_ends_what_was_begun(client: MemoryClient, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(monkeypatch)
    at_once(client, b"a FETCH 1 BODY.PEEK[]\r\n")
    client._task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client._task
    await client.rest()
    assert gate.reading == 0


async def test_nobody_is_answered_at_once_before_signing_in() -> None:
    """The time for signing in would begin anew with each command."""
    client = MemoryClient(Shared(MemoryStore(now=NOW)))
    await client.rest()
    assert at_once(client, b"a NOOP\r\n") == b""
    assert await client.rest() == b"a OK NOOP completed\r\n"
    assert client.conversation.peer == Peer("127.0.0.1", 1, True)
    await client.close()
