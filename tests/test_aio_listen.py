"""One port, both ways of TLS; what happens to late, silent and busy ones."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge_gui import aio_listen
from bridge_gui.aio_listen import Arrival, Listener, is_client_hello, listen, upgrade
from bridge_gui.errors import PortBusy
from tests.certificates import self_signed


class Greeter(asyncio.Protocol):
    """Says how it was reached, and answers STARTTLS by starting TLS."""

    def __init__(self, arrival: Arrival, context: ssl.SSLContext) -> None:
        self._arrival = arrival
        self._context = context
        self._upgrade: asyncio.Task[None] | None = None
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"tls\n" if self._arrival.tls else b"plain\n")

    def data_received(self, data: bytes) -> None:
        if not self._arrival.tls and is_client_hello(data):
            self._arrival.late_client_hello()
            self._transport.abort()
        elif data == b"STARTTLS\n":
            self._transport.write(b"go\n")
            self._upgrade = asyncio.get_running_loop().create_task(self._start_tls())
        elif self._upgrade is not None and not self._upgrade.done():
            self._held += data
        else:
            self._transport.write(data)

    async def _start_tls(self) -> None:
        self._transport = await upgrade(self._transport, self, self._context)
        self._transport.write(self._held)


@pytest.fixture
def server_context(tmp_path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed("127.0.0.1", "localhost").write(tmp_path / "server.pem"))
    return context


@pytest.fixture
def client_context(tmp_path: Path, server_context: ssl.SSLContext) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=tmp_path / "server.pem")


@pytest.fixture
async def port(server_context: ssl.SSLContext) -> AsyncIterator[Listener]:
    listener = await listen(0, server_context, lambda arrival: Greeter(arrival, server_context))
    yield listener
    await listener.close()


async def test_tls_from_the_first_byte(port: Listener, client_context: ssl.SSLContext) -> None:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port.port, ssl=client_context, server_hostname="localhost"
    )
    assert await reader.readline() == b"tls\n"
    writer.close()
    await writer.wait_closed()


async def test_a_client_that_waits_is_greeted_in_plain_text_and_may_start_tls(
    port: Listener, client_context: ssl.SSLContext
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
    assert await reader.readline() == b"plain\n"
    writer.write(b"STARTTLS\n")
    assert await reader.readline() == b"go\n"
    await writer.start_tls(client_context, server_hostname="localhost")
    writer.write(b"hello\n")
    assert await reader.readline() == b"hello\n"
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("starttls", [False, True])
async def test_a_handshake_may_take_half_a_minute(
    port: Listener, client_context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, starttls: bool
) -> None:
    """On a starved computer it does."""
    loop = asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
    if starttls:
        assert await reader.readline() == b"plain\n"
        writer.write(b"STARTTLS\n")
        assert await reader.readline() == b"go\n"
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    writer.write(outgoing.read())
    answer = await reader.read(10_000)  # the server's side has begun
    late = loop.time
    monkeypatch.setattr(loop, "time", lambda: late() + 30)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    while True:
        incoming.write(answer)
        with contextlib.suppress(ssl.SSLWantReadError):
            client.do_handshake()
            break
        answer = await reader.read(10_000)
        assert answer
    client.write(b"hello\n")
    writer.write(outgoing.read())
    while True:
        incoming.write(await reader.read(10_000))
        assert not reader.at_eof()
        with contextlib.suppress(ssl.SSLWantReadError):
            assert client.read(100) in (b"tls\n", b"hello\n")
            break
    writer.close()


async def test_a_late_client_hello_makes_the_port_more_patient(
    port: Listener, client_context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aio_listen, "LATE_PATIENCE", 5.0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
    assert await reader.readline() == b"plain\n"
    writer.write(b"\x16\x03\x01 a hello that came too late")
    assert await reader.read() == b""
    writer.close()

    loop = asyncio.get_running_loop()
    raw = socket.create_connection(("127.0.0.1", port.port))
    raw.setblocking(False)
    with pytest.raises(TimeoutError):  # no greeting within several times the usual patience
        await asyncio.wait_for(loop.sock_recv(raw, 10), aio_listen.PATIENCE * 5)
    reader, writer = await asyncio.open_connection(sock=raw, ssl=client_context, server_hostname="localhost")
    assert await reader.readline() == b"tls\n"
    writer.close()
    await writer.wait_closed()


async def test_programs_not_met_yet_are_waited_for(
    server_context: ssl.SSLContext, client_context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first that speaks TLS first may be slow; once some have waited to be greeted, they need not wait so long."""
    monkeypatch.setattr(aio_listen, "LATE_PATIENCE", 5.0)
    port = await listen(0, server_context, lambda arrival: Greeter(arrival, server_context), strangers=1)
    raw = socket.create_connection(("127.0.0.1", port.port))
    raw.setblocking(False)
    await asyncio.sleep(aio_listen.PATIENCE * 3)
    reader, writer = await asyncio.open_connection(sock=raw, ssl=client_context, server_hostname="localhost")
    assert await reader.readline() == b"tls\n"
    writer.close()
    await writer.wait_closed()
    await port.close()

    monkeypatch.setattr(aio_listen, "LATE_PATIENCE", 0.1)
    port = await listen(0, server_context, lambda arrival: Greeter(arrival, server_context), strangers=1)
    reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
    assert await reader.readline() == b"plain\n"
    writer.close()
    monkeypatch.setattr(aio_listen, "LATE_PATIENCE", 3600.0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
    assert await reader.readline() == b"plain\n"
    writer.close()
    await port.close()


async def test_a_busy_loop_does_not_use_up_the_patience(port: Listener, client_context: ssl.SSLContext) -> None:
    raw = socket.create_connection(("127.0.0.1", port.port))
    raw.setblocking(False)
    await asyncio.sleep(0.002)  # the port has it, and looks for a first byte
    time.sleep(aio_listen.PATIENCE * 2)  # noqa: ASYNC251 the loop does something else
    reader, writer = await asyncio.open_connection(sock=raw, ssl=client_context, server_hostname="localhost")
    assert await reader.readline() == b"tls\n"
    writer.close()
    await writer.wait_closed()


async def test_a_client_that_leaves_at_once_costs_nothing(port: Listener) -> None:
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", port.port)
        writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
    assert await reader.readline() == b"plain\n"
    writer.close()


async def test_a_client_that_breaks_the_handshake_is_let_go(port: Listener) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
    writer.write(b"\x16 this is no handshake")
    assert b"plain" not in await reader.read()
    writer.close()


async def test_a_busy_port_is_an_error_of_its_own(port: Listener, server_context: ssl.SSLContext) -> None:
    with pytest.raises(PortBusy):
        await listen(port.port, server_context, lambda arrival: Greeter(arrival, server_context))


async def test_the_port_is_free_again_after_close(server_context: ssl.SSLContext) -> None:
    first = await listen(0, server_context, lambda arrival: Greeter(arrival, server_context))
    number = first.port
    await first.close()
    again = await listen(number, server_context, lambda arrival: Greeter(arrival, server_context))
    assert again.port == number
    await again.close()
