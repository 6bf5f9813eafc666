"""The IMAP server over asyncio: sockets, TLS, time-outs; one task for each connection. What is said, others decide."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Sequence
from typing import cast

from bridge_gui.aio import TaskOwner
from bridge_gui.aio_listen import (
    LOOPBACK,
    Arrival,
    Listener,
    is_client_hello,
    listen,
    upgrade,
)
from bridge_gui.imap.backend import Backend, Peer, ServerIdentity
from bridge_gui.imap.connection import Connection
from bridge_gui.imap.conversation import Conversation, Shared
from bridge_gui.imap.handlers.auth import greeting
from bridge_gui.imap.handlers.table import HANDLERS
from bridge_gui.imap.wire import Limits
from bridge_gui.mishap import Mishap, OnMishap, ignore_mishap, mishap_of

log = logging.getLogger(__name__)

WRITE_HIGH = 256 * 1024
"""Octets waiting for a slow reader before the session stops producing more; it goes on at half."""
PATIENCE = 15.0
"""Seconds of work on one command before the client gets a sign of life, and between such signs. Thunderbird gives up
after 100 s of silence, Outlook after 60."""
CLOSE_TIMEOUT = 3.0


class ImapServer:
    """Listens on one port and serves each connection until it ends."""

    def __init__(
        self,
        backend: Backend,
        *,
        identity: ServerIdentity | None = None,
        limits: Limits | None = None,
        on_mishap: OnMishap = ignore_mishap,
    ) -> None:
        self._shared = Shared(backend, identity or ServerIdentity(), on_mishap)
        self._context: ssl.SSLContext | None = None
        self._limits = limits or Limits()
        self._tasks = TaskOwner("imap")
        self._links: set[_Link] = set()
        self._busy: dict[_Link, float] = {}
        """Links that work on a command, and when their clients want the next sign of life."""
        self._patience: asyncio.TimerHandle | None = None
        self._listener: Listener | None = None
        self._empty = asyncio.Event()
        self._empty.set()

    async def start(
        self, port: int, context: ssl.SSLContext, hosts: Sequence[str] = LOOPBACK, strangers: int = 0
    ) -> None:
        """Listen; raise `errors.PortBusy` when another program has the port."""
        self._context = context
        self._listener = await listen(
            port, context, self._welcome, hosts=hosts, on_mishap=self._shared.on_mishap, strangers=strangers
        )

    @property
    def host(self) -> str:
        assert self._listener is not None
        return self._listener.host

    @property
    def port(self) -> int:
        assert self._listener is not None
        return self._listener.port

    @property
    def sessions(self) -> int:
        return len(self._links)

    def use_certificate(self, context: ssl.SSLContext) -> None:
        """Serve new connections with another certificate."""
        self._context = context
        if self._listener is not None:
            self._listener.use_certificate(context)

    async def close(self) -> None:
        """Stop listening, say BYE to everybody, and wait a moment for them to take it."""
        if self._listener is not None:
            await self._listener.close()
            self._listener = None
        for link in list(self._links):
            link.shut_down("the server is shutting down")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._empty.wait()
        await self._tasks.close()
        for link in list(self._links):
            link.abort()

    def _welcome(self, arrival: Arrival) -> asyncio.BaseProtocol:
        return _Link(self, arrival)

    # -- for the links

    def _opened(self, link: _Link) -> None:
        self._links.add(link)
        self._empty.clear()
        self._tasks.start(link.serve(), f"session {link.peer.port}")

    def _closed(self, link: _Link) -> None:
        self._links.discard(link)
        self._busy.pop(link, None)
        if not self._links:
            self._empty.set()

    def _works(self, link: _Link, busy: bool) -> None:
        """Note when a command begins and ends. One timer looks after all, as most commands take no time."""
        if not busy:
            self._busy.pop(link, None)
            return
        loop = asyncio.get_running_loop()
        self._busy[link] = loop.time() + PATIENCE
        if self._patience is None:
            self._patience = loop.call_later(PATIENCE, self._look_after)

    def _look_after(self) -> None:
        self._patience = None
        if not self._busy:
            return
        loop = asyncio.get_running_loop()
        for link, due in list(self._busy.items()):
            if due <= loop.time():
                link.sign_of_life()
                self._busy[link] = loop.time() + PATIENCE
        self._patience = loop.call_at(min(self._busy.values()), self._look_after)


class _Link(asyncio.Protocol):
    """One connection's socket, as `conversation.Link`."""

    def __init__(self, server: ImapServer, arrival: Arrival) -> None:
        self._server = server
        self._arrival = arrival
        self._connection = Connection(server._limits, tls=arrival.tls)
        self._conversation: Conversation | None = None
        self._transport: asyncio.Transport
        self._stirred = False
        self._waiter: asyncio.Future[bool] | None = None
        self._timeout = self._due = 0.0
        """Of the present wait, or the last one: how long, and until when."""
        self._timer: asyncio.TimerHandle | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._soon: asyncio.Handle | None = None
        self._upgrading = False
        self._handshake_failed = False
        self._first = True
        self._paused = False
        self.closed = False
        self.peer = Peer("", 0, arrival.tls)

    # -- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._upgrading:
            return
        self._transport.set_write_buffer_limits(high=WRITE_HIGH)
        address = self._transport.get_extra_info("peername") or ("", 0)
        self.peer = Peer(str(address[0]), int(address[1]), self._arrival.tls)
        self._server._opened(self)

    def data_received(self, data: bytes) -> None:
        if self._first:
            self._first = False
            if not self._arrival.tls and is_client_hello(data):
                self._arrival.late_client_hello()
                self._transport.abort()
                return
            if data[:5].upper() in (b"EHLO ", b"HELO "):
                self._server._shared.on_mishap(Mishap.OTHER_PROTOCOL, "")
        self._connection.receive_data(data)
        if self._connection.buffered > self._connection.most_buffered and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        if self._conversation is not None and self._writable.is_set():
            more = self._conversation.begin()
            self._flush_now()
            if not more and not self._paused:
                self._due = asyncio.get_running_loop().time() + self._timeout
                return
        self.stir()

    def eof_received(self) -> bool:
        self.closed = True
        self.stir()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self.stir()
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    # -- the conversation's side

    async def serve(self) -> None:
        """The task of this connection."""
        conversation = Conversation(self._server._shared, self._connection, self, self.peer)
        self._conversation = conversation
        try:
            await conversation.converse(HANDLERS, greeting(conversation))
        except (ConnectionError, ssl.SSLError):
            log.debug("the client has gone")
        finally:
            if self._timer is not None:
                self._timer.cancel()
            self.working(False)
            self._server._closed(self)
            if not self.peer.tls and conversation.left_unencrypted and not self._handshake_failed:
                self._server._shared.on_mishap(Mishap.LEFT, "")
            if not self._transport.is_closing():
                self._transport.close()

    async def flush(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        data = self._connection.data_to_send()
        if data:
            if self._transport.is_closing():
                raise ConnectionResetError("the client has gone")
            self._transport.write(data)
        if not self._writable.is_set():
            await self._writable.wait()
            if self.closed:
                raise ConnectionResetError("the client has gone")

    def flush_soon(self) -> None:
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_soon(self._flush_now)

    def _flush_now(self) -> None:
        self._soon = None
        if not self._upgrading and not self._transport.is_closing():
            data = self._connection.data_to_send()
            if data:
                self._transport.write(data)

    def time(self) -> float:
        return asyncio.get_running_loop().time()

    async def wait(self, timeout: float) -> bool:
        if self._paused and self._connection.buffered <= self._connection.most_buffered:
            self._paused = False
            self._transport.resume_reading()
        if self._stirred:
            self._stirred = False
            return True
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        self._timeout, self._due = timeout, loop.time() + timeout
        if self._timer is None or self._timer.when() > self._due:
            self._set_timer()
        try:
            return await self._waiter
        finally:
            self._waiter = None

    def _set_timer(self) -> None:
        """One timer serves many waits: most end long before, and setting one costs as much as a small command."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(self._due, self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        self._timer = None
        if self._waiter is None or self._waiter.done():
            return
        if self._due > self.time():
            self._set_timer()
        else:
            self._waiter.set_result(False)

    def stir(self) -> None:
        if self._waiter is None or self._waiter.done():
            self._stirred = True
        else:
            self._waiter.set_result(True)

    def stir_later(self, delay: float) -> None:
        asyncio.get_running_loop().call_later(delay, self.stir)

    def working(self, busy: bool) -> None:
        self._server._works(self, busy)

    def sign_of_life(self) -> None:
        """Between two responses, never inside one: what is queued are whole responses, and so is what was written."""
        if not self._transport.is_closing() and self._transport.get_write_buffer_size() == 0 and not self._upgrading:
            self._connection.send(b"* OK still working on it\r\n")
            self._transport.write(self._connection.data_to_send())

    @property
    def can_start_tls(self) -> bool:
        return not self._arrival.tls

    async def start_tls(self) -> None:
        assert self._server._context is not None
        self._upgrading = True
        try:
            self._transport = await upgrade(self._transport, self, self._server._context)
        except OSError as error:
            self.closed = self._handshake_failed = True
            if (mishap := mishap_of(error)) is not None:
                self._server._shared.on_mishap(mishap, "")
            raise ConnectionResetError("the TLS handshake failed") from error
        finally:
            self._upgrading = False
        self._transport.set_write_buffer_limits(high=WRITE_HIGH)
        self.peer = Peer(self.peer.address, self.peer.port, True)
        if self._conversation is not None:
            self._conversation.peer = self.peer

    def shut_down(self, text: str) -> None:
        if self._conversation is not None:
            self._conversation.end(text)
        else:
            self._transport.close()

    def abort(self) -> None:
        self._transport.abort()
