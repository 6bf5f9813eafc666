"""Kept connections, byte by byte: framing, reuse, cut and silent answers, limits, cancellation."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import httpx
import pytest

from bridge_gui.proton import connections
from bridge_gui.proton.connections import Connections

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@dataclass
class Peer:
    """A server that does to each connection what its script says."""

    url: str = ""
    connections: int = 0
    heads: list[bytes] = field(default_factory=list)


@contextlib.asynccontextmanager
async def peer(script: Script) -> AsyncIterator[Peer]:
    state = Peer()
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state.connections += 1
        writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await script(reader, writer)
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    state.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield state
    finally:
        listener.close()
        for writer in writers:
            if not writer.transport.is_closing():
                writer.transport.abort()
        await asyncio.sleep(0)


def always(*answers: bytes, pieces: int = 0) -> Script:
    """Answer each request of a connection with the next of `answers`; `pieces`: so many bytes at a time."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.readuntil(b"\r\n\r\n")
            step = pieces or len(answer)
            for at in range(0, len(answer), step):
                writer.write(answer[at : at + step])
                await writer.drain()
                await asyncio.sleep(0)

    return script


@contextlib.asynccontextmanager
async def pool(**options: Any) -> AsyncIterator[Connections]:
    made = Connections(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), **options)
    try:
        yield made
    finally:
        await made.aclose()


async def get(pool: Connections, url: str, timeout: dict[str, float] | None = None) -> httpx.Response:
    """Ask, and read the whole answer."""
    response = await pool.handle_async_request(httpx.Request("GET", url, extensions={"timeout": timeout or {}}))
    try:
        await response.aread()
    finally:
        await response.aclose()
    return response


PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One: a\r\nX-One: b\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: t\r\n\r\n"


@pytest.mark.parametrize("pieces", [0, 1, 7])
async def test_answers_are_framed_and_the_connection_is_used_again(pieces: int) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    script = always(PLAIN, CHUNKED, early + PLAIN, b"HTTP/1.1 204 No Content\r\n\r\n", PLAIN, pieces=pieces)
    async with peer(script) as server, pool() as ours:
        first = await get(ours, server.url)
        assert first.status_code == 200
        assert first.headers.get_list("x-one") == ["a", "b"]
        assert [first.content, (await get(ours, server.url)).content] == [b"hello"] * 2
        third = await get(ours, server.url)
        assert (third.status_code, third.content) == (200, b"hello")
        assert "link" not in third.headers
        assert (await get(ours, server.url)).content == b""
        assert (await get(ours, server.url)).content == b"hello"
        assert server.connections == 1


async def test_an_answer_without_length_ends_with_its_connection() -> None:
    async with peer(always(b"HTTP/1.0 200 OK\r\n\r\nhello")) as server, pool() as ours:
        assert (await get(ours, server.url)).content == b"hello"
        assert (await get(ours, server.url)).content == b"hello"
        assert server.connections == 2


async def test_a_connection_that_is_to_be_closed_is_not_used_again() -> None:
    closing = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
    async with peer(always(closing, closing)) as server, pool() as ours:
        await get(ours, server.url)
        await get(ours, server.url)
        assert server.connections == 2


async def test_a_connection_that_the_service_closed_meanwhile_is_replaced() -> None:
    async with peer(always(PLAIN)) as server, pool() as ours:
        await get(ours, server.url)
        await _until(lambda: not kept(ours))
        assert (await get(ours, server.url)).content == b"hello"


def kept(ours: Connections) -> int:
    """How many idle connections there are."""
    assert ours._session is not None
    assert isinstance(ours._session.connector, aiohttp.BaseConnector)
    return sum(each.is_connected() for idle in ours._session.connector._conns.values() for each, _ in idle)


async def _until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not met():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.001)


async def test_what_nobody_asked_for_ends_the_connection() -> None:
    async def talkative(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(PLAIN)
        await writer.drain()
        await asyncio.sleep(0)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        await reader.read()

    async with peer(talkative) as server, pool() as ours:
        assert (await get(ours, server.url)).content == b"hello"
        await _until(lambda: not kept(ours))
        assert (await get(ours, server.url)).content == b"hello"


async def test_two_answers_to_one_request_are_not_confused() -> None:
    """The second comes in the same packet, so it is there before anything else can be asked."""
    async with peer(always(PLAIN + PLAIN.replace(b"hello", b"evil!"), PLAIN)) as server, pool() as ours:
        assert (await get(ours, server.url)).content == b"hello"
        assert (await get(ours, server.url)).content == b"hello"
        assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * (connections.MAX_LINE + 1),
    ],
    ids=[
        "nothing",
        "in the head",
        "in the body",
        "in chunks",
        "other protocol",
        "two lengths",
        "both",
        "head",
    ],
)
async def test_cut_and_senseless_answers_are_errors(answer: bytes) -> None:
    async with peer(always(answer)) as server, pool() as ours:
        with pytest.raises(httpx.TransportError) as caught:
            await get(ours, server.url)
        assert not isinstance(caught.value, httpx.TimeoutException)
        await _until(lambda: not kept(ours))


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_silence_is_a_timeout() -> None:
    async with peer(silent) as server, pool() as ours:
        with pytest.raises(httpx.ReadTimeout):
            await get(ours, server.url, {"read": 0.05})


async def test_silence_within_the_body_is_one_too() -> None:
    async def stalls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        await reader.read()

    async with peer(stalls) as server, pool() as ours:
        with pytest.raises(httpx.ReadTimeout):
            await get(ours, server.url, {"read": 0.05})


async def test_nobody_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with pool() as ours:
        with pytest.raises(httpx.ConnectError):
            await get(ours, f"http://127.0.0.1:{port}")
        with pytest.raises(httpx.UnsupportedProtocol):
            await get(ours, "ftp://127.0.0.1")


async def test_at_most_so_many_at_once() -> None:
    async with peer(silent) as server, pool(most=1) as ours:
        first = asyncio.create_task(get(ours, server.url))
        await _until(lambda: server.connections == 1)
        with pytest.raises(httpx.ConnectTimeout):
            await get(ours, server.url, {"pool": 0.02})
        first.cancel()
        await asyncio.wait([first])
        with pytest.raises(httpx.ReadTimeout):  # the place is free again, and the connection was not kept
            await get(ours, server.url, {"pool": 5.0, "read": 0.02})
        assert server.connections == 2


async def test_closing_ends_what_is_under_way() -> None:
    async with peer(silent) as server, pool() as ours:
        waiting = asyncio.create_task(get(ours, server.url))
        await _until(lambda: server.connections == 1)
        await ours.aclose()
        with pytest.raises(httpx.TransportError):
            await waiting
        with pytest.raises(httpx.ConnectError):
            await get(ours, server.url)


@pytest.mark.parametrize("head", [b"Content-Length: 10", b"Transfer-Encoding: chunked", b"Connection: close"])
async def test_closing_ends_a_body_that_is_being_read(head: bytes) -> None:
    """Whoever reads it would wait for ever otherwise, as after a sleep of the computer."""
    begun = asyncio.Event()

    async def stalls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n5\r\nhe")
        begun.set()
        await reader.read()

    async with peer(stalls) as server, pool() as ours:
        response = await ours.handle_async_request(httpx.Request("GET", server.url))
        reading = asyncio.create_task(response.aread())
        await begun.wait()
        for _ in range(5):
            await asyncio.sleep(0)
        await ours.aclose()
        async with asyncio.timeout(5):
            with pytest.raises(httpx.TransportError):
                await reading
        await response.aclose()


async def test_idle_connections_are_closed_after_a_while() -> None:
    async with peer(always(PLAIN, PLAIN)) as server, pool(kept=0.03) as ours:
        await get(ours, server.url)
        assert kept(ours) == 1
        await _until(lambda: not kept(ours))


# ------------------------------------------------------------------------------------------ what is sent


async def test_a_body_is_sent_with_its_length() -> None:
    received = asyncio.get_running_loop().create_future()

    async def reads(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        received.set_result((head, await reader.readexactly(length)))
        writer.write(PLAIN)
        await reader.read()

    async with peer(reads) as server, pool() as ours:
        request = httpx.Request("POST", server.url + "/a%20b?c=d", files=[("f", ("n", b"x" * 3_000_000, None))])
        response = await ours.handle_async_request(request)
        assert await response.aread() == b"hello"
        await response.aclose()
        head, body = await received
    assert head.startswith(b"POST /a%20b?c=d HTTP/1.1\r\nHost: 127.0.0.1:")
    assert body.count(b"x") >= 3_000_000


async def test_a_refusal_before_the_body_was_sent_is_heard() -> None:
    """The service stops reading; whoever waited until all is sent would wait for ever."""
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"
    async with peer(_refuses(refusal)) as server, pool() as ours:
        request = httpx.Request("POST", server.url, files=[("f", ("n", b"x" * 30_000_000, None))])
        response = await ours.handle_async_request(request)
        assert (response.status_code, await response.aread()) == (413, b"no")
        await response.aclose()
        assert not kept(ours)


def _refuses(answer: bytes) -> Script:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await asyncio.Event().wait()

    return script


async def test_a_request_that_is_not_taken_is_a_timeout() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with peer(deaf) as server, pool() as ours:
        request = httpx.Request(
            "POST", server.url, files=[("f", ("n", b"x" * 30_000_000, None))], extensions={"timeout": {"write": 0.05}}
        )
        with pytest.raises(httpx.WriteTimeout):
            await ours.handle_async_request(request)


async def test_a_big_answer_is_read_no_faster_than_it_is_taken() -> None:
    total = 64 * connections.READ_AHEAD
    sent = 0

    async def pours(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % total)
        while sent < total:
            writer.write(b"x" * connections.READ_AHEAD)
            await writer.drain()
            sent += connections.READ_AHEAD

    async with peer(pours) as server, pool() as ours:
        response = await ours.handle_async_request(
            httpx.Request("GET", server.url, extensions={"timeout": {"read": 5.0}})
        )
        before = -1
        while before != sent:  # until the sender has stopped
            before = sent
            await asyncio.sleep(0.05)
        assert sent < total // 2
        assert sum([len(chunk) async for chunk in response.aiter_raw()]) == total
        await response.aclose()


async def test_an_answer_that_is_left_is_not_read_by_the_next() -> None:
    async with peer(always(PLAIN.replace(b": 5", b": 500"))) as server, pool() as ours:
        response = await ours.handle_async_request(httpx.Request("GET", server.url))
        await response.aclose()
        await _until(lambda: not kept(ours))


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb"])
async def test_no_value_breaks_out_of_its_line(value: str) -> None:
    async with peer(always(PLAIN)) as server, pool() as ours:
        with pytest.raises(httpx.LocalProtocolError):
            await ours.handle_async_request(httpx.Request("GET", server.url, headers={"X": value}))


async def test_closing_tells_whoever_waits_for_a_connection() -> None:
    """A cancellation that nobody asked for would end the waiting task in silence."""
    asked = asyncio.Event()
    async with peer(_silent(asked)) as server, pool(most=1) as ours:
        first = asyncio.create_task(get(ours, server.url))
        await asked.wait()
        second = asyncio.create_task(get(ours, server.url))
        await _turns()
        await ours.aclose()
        with pytest.raises(httpx.ConnectError, match="dropped"):
            await second
        with pytest.raises(httpx.TransportError):
            await first


async def test_closing_tells_whoever_waits_for_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = _never_resolve(monkeypatch)
    async with pool() as ours:
        asking = asyncio.create_task(get(ours, "http://mail.example"))
        await looking.wait()
        await ours.aclose()
        with pytest.raises(httpx.ConnectError, match="dropped"):
            await asking


@pytest.mark.parametrize("closing", [False, True])
async def test_a_task_that_is_cancelled_while_it_waits_stays_cancelled(closing: bool) -> None:
    asked = asyncio.Event()
    async with peer(_silent(asked)) as server, pool(most=1) as ours:
        first = asyncio.create_task(get(ours, server.url))
        await asked.wait()
        second = asyncio.create_task(get(ours, server.url))
        await _turns()
        second.cancel()
        if closing:
            await ours.aclose()
        with pytest.raises(asyncio.CancelledError):
            await second
        first.cancel()
        await asyncio.wait([first])


def _silent(asked: asyncio.Event) -> Script:
    async def script(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()

    return script


def _never_resolve(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    looking = asyncio.Event()

    async def resolve(*_: Any, **__: Any) -> list[Any]:
        looking.set()
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", resolve)
    monkeypatch.setattr(aiohttp.connector, "DefaultResolver", aiohttp.ThreadedResolver)
    return looking


async def _turns() -> None:
    """Let what was started come to where it waits."""
    for _ in range(10):
        await asyncio.sleep(0)
