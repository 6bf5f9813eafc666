"""Hostile and clumsy clients over real sockets: what is refused, and what ends."""

from __future__ import annotations

import asyncio
import ssl
import time

import pytest

from bridge_gui.core.gate import Door, Gate, Throttle
from bridge_gui.core.sessions import Sessions
from bridge_gui.imap import conversation
from bridge_gui.imap.backend import User
from bridge_gui.imap.server import ImapServer
from bridge_gui.model import Access, AccountId, AddressId
from bridge_gui.smtp.backend import Submitter
from bridge_gui.vault import passwords
from tests.core.test_gate import PASSWORD, House
from tests.imap.clients import SocketClient
from tests.imap.memory import MemoryStore, MemoryUser
from tests.imap.transcript import MAILS


async def connected(server: ImapServer, tls: ssl.SSLContext, *, login: bool = True) -> SocketClient:
    client = await SocketClient.connect(server.port, tls)
    await client.line()
    if login:
        client.send(b"l LOGIN user pass\r\n")
        assert (await client.line()).startswith(b"l OK")
    return client


async def trickle(client: SocketClient, data: bytes, pause: float) -> None:
    """Send octet by octet until the server has had enough."""
    for octet in data:
        if client.writer.is_closing():
            return
        client.send(bytes([octet]))
        await asyncio.sleep(pause)


async def ended(client: SocketClient) -> list[bytes]:
    """All lines until the server ends the connection."""
    lines = []
    while line := await client.line():
        lines.append(line)
    await client.close()
    return lines


@pytest.mark.parametrize("chatter", [b"a LOGIN user " * 100, b"a NOOP\r\n" * 100], ids=["octets", "commands"])
async def test_trickling_does_not_put_off_signing_in(
    chatter: bytes, server: ImapServer, client_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "LOGIN_TIMEOUT", 0.2)
    client = await connected(server, client_tls, login=False)
    async with asyncio.TaskGroup() as group:
        slow = group.create_task(trickle(client, chatter, 0.01))
        began = time.monotonic()
        assert (await ended(client))[-1] == b"* BYE nobody signed in"
        assert time.monotonic() - began < 2
        slow.cancel()


async def test_a_command_that_trickles_ends_the_session(
    server: ImapServer, client_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "COMMAND_TIMEOUT", 0.2)
    client = await connected(server, client_tls)
    async with asyncio.TaskGroup() as group:
        slow = group.create_task(trickle(client, b"a SELECT " + b"x" * 200, 0.01))
        assert (await ended(client))[-1] == b"* BYE this command takes too long to arrive"
        slow.cancel()


async def test_a_session_that_says_nothing_ends(
    server: ImapServer, client_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "IDLE_TIMEOUT", 0.05)
    client = await connected(server, client_tls)
    assert await ended(client) == [b"* BYE signed out after a long silence"]


async def test_commands_that_come_in_time_do_not_end(
    server: ImapServer, client_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command has its own time, and a pause between them is not counted."""
    monkeypatch.setattr(conversation, "COMMAND_TIMEOUT", 0.3)
    client = await connected(server, client_tls)
    for _ in range(3):
        await trickle(client, b"a NOOP\r\n", 0.02)
        assert (await client.line()).startswith(b"a OK")
        await asyncio.sleep(0.15)
    await client.close()


async def test_lines_and_literals_have_bounds(server: ImapServer, client_tls: ssl.SSLContext) -> None:
    anonymous = await connected(server, client_tls, login=False)
    anonymous.send(b"a LOGIN {1025}\r\n")
    assert (await anonymous.line()).startswith(b"a NO [TOOBIG]")
    anonymous.send(b"b LOGIN " + b"x" * 9000 + b"\r\n")
    assert (await ended(anonymous))[-1].startswith(b"* BYE")
    client = await connected(server, client_tls)
    client.send(b"a CREATE {300000}\r\n")
    assert (await client.line()).startswith(b"a NO [TOOBIG]")
    client.send(b"b SEARCH " + b"ALL " * 70_000 + b"\r\n")
    assert (await ended(client))[-1].startswith(b"* BYE")


async def test_sets_up_to_the_largest_number_cost_nothing(
    server: ImapServer, store: MemoryStore, client_tls: ssl.SSLContext
) -> None:
    store.deliver(MAILS["plain"])
    client = await connected(server, client_tls)
    client.send(b"a SELECT INBOX\r\n")
    while not (await client.line()).startswith(b"a OK"):
        pass
    began = time.monotonic()
    client.send(
        b"b UID FETCH 1:4294967295 UID\r\nc UID SEARCH UID 1:4294967295\r\nd UID STORE 1:* +FLAGS.SILENT (x)\r\n"
    )
    lines = [await client.line() for _ in range(5)]
    assert [line[:4] for line in lines if line[:1] != b"*"] == [b"b OK", b"c OK", b"d OK"]
    assert time.monotonic() - began < 1
    await client.close()


class Open(House):
    """A house whose account shows the reference backend's mail."""

    def door(self, account: AccountId) -> Door:
        return self

    def imap_user(self, access: Access, address: AddressId | None) -> User:
        store = MemoryStore()
        store.users.append(MemoryUser(store))
        return store.users[0]

    def submitter(self, access: Access, address: AddressId | None) -> Submitter:
        raise AssertionError("nobody sends here")


async def test_wrong_passwords_are_delayed_and_the_right_one_of_another_program_is_not(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Throttle, "FIRST", 0.3)
    gate = Gate(Open(), Sessions(lambda: None, lambda *_: None), {})
    server = ImapServer(gate.imap)
    await server.start(0, server_tls)
    try:
        wrong = await connected(server, client_tls, login=False)
        right = await connected(server, client_tls, login=False)
        guess = b"LOGIN anna@proton.test " + passwords.new_password().reveal().encode() + b"\r\n"
        wrong.send(b"a " + guess)
        assert (await wrong.line()).startswith(b"a NO [AUTHENTICATIONFAILED]")
        began = time.monotonic()
        wrong.send(b"b " + guess)
        right.send(b"c LOGIN anna@proton.test " + PASSWORD.reveal().encode() + b"\r\n")
        assert (await right.line()).startswith(b"c OK")
        assert time.monotonic() - began < 0.25
        assert (await wrong.line()).startswith(b"b NO [AUTHENTICATIONFAILED]")
        assert time.monotonic() - began >= 0.3
        await wrong.close()
        await right.close()
    finally:
        await server.close()


async def test_five_wrong_passwords_end_the_connection(server: ImapServer, client_tls: ssl.SSLContext) -> None:
    client = await connected(server, client_tls, login=False)
    client.send(b"a LOGIN user wrong\r\n" * 6)
    lines = await ended(client)
    assert [line[:4] for line in lines] == [b"a NO"] * 5 + [b"* BY"]
