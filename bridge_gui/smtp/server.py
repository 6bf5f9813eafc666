"""The submission server on asyncio: moves bytes between sockets and `connection.Connection`, and asks the backend.

One `_Session` for each connection. What the backend is asked runs as a task of the session, but for a message that was
received whole: that is sent on even when its client has left meanwhile, as the client cannot know how far it came and
will ask again (RFC 1047); the backend recognises it then.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, cast

from bridge_gui.aio import TaskOwner
from bridge_gui.aio_listen import (
    LOOPBACK,
    Arrival,
    Listener,
    is_client_hello,
    listen,
    upgrade,
)
from bridge_gui.errors import BridgeError
from bridge_gui.mishap import Mishap, OnMishap, ignore_mishap, mishap_of
from bridge_gui.smtp.backend import Backend, LoginRefusal, LoginRefused, Peer, Reply, Submission, Submitter
from bridge_gui.smtp.connection import (
    Authenticate,
    BeginTls,
    CheckSender,
    Connection,
    Deliver,
    Idle,
    Limits,
)

log = logging.getLogger(__name__)

READ_AHEAD = 64 * 1024
"""Octets a client may send while an answer is awaited; beyond, its socket is not read."""
CLOSING_GRACE = 5.0
"""Seconds that a closing server lets messages under way come to their end."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds without a byte from the client."""

    greeting: float = 60.0
    """Until it has signed in."""
    idle: float = 300.0
    """Afterwards, within a message too (RFC 5321 4.5.3.2.7: five minutes at least)."""


class SmtpServer:
    """Serve submission on one port of loopback, with TLS from the first byte as well as STARTTLS."""

    def __init__(
        self,
        backend: Backend,
        *,
        hostname: str = "localhost",
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
        on_mishap: OnMishap = ignore_mishap,
    ) -> None:
        self._backend = backend
        self._on_mishap = on_mishap
        self._hostname = hostname
        self._limits = limits if limits is not None else Limits()
        self._timeouts = timeouts if timeouts is not None else Timeouts()
        self._sessions: set[_Session] = set()
        self._tasks = TaskOwner("smtp")
        self._deliveries: set[asyncio.Task[None]] = set()
        self._listener: Listener | None = None
        self._context: ssl.SSLContext | None = None

    @property
    def host(self) -> str:
        assert self._listener is not None
        return self._listener.host

    @property
    def port(self) -> int:
        assert self._listener is not None
        return self._listener.port

    @property
    def connections(self) -> int:
        return len(self._sessions)

    async def start(
        self, port: int, context: ssl.SSLContext, hosts: Sequence[str] = LOOPBACK, strangers: int = 0
    ) -> None:
        """Listen; raise `PortBusy`."""
        self._context = context
        self._listener = await listen(
            port, context, self._session, hosts=hosts, on_mishap=self._on_mishap, strangers=strangers
        )

    def use_certificate(self, context: ssl.SSLContext) -> None:
        """Serve from now on with another certificate; connections under way keep theirs."""
        self._context = context
        if self._listener is not None:
            self._listener.use_certificate(context)

    async def close(self) -> None:
        """Say 421 to every client, let messages under way come to their end, and stop."""
        if self._listener is not None:
            await self._listener.close()
        if self._deliveries:
            await asyncio.wait(self._deliveries, timeout=CLOSING_GRACE)
        for session in list(self._sessions):
            session.stop("Bridge Manager is closing.")
        await self._tasks.close()
        for session in list(self._sessions):
            await session.ended()

    def _session(self, arrival: Arrival) -> asyncio.Protocol:
        return _Session(self, arrival)

    def _begin_delivery(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._tasks.start(work, "message")
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)


class _Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, server: SmtpServer, arrival: Arrival) -> None:
        self._server = server
        self._arrival = arrival
        self._tls = arrival.tls
        self._connection = Connection(server._hostname, tls=arrival.tls, limits=server._limits)
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None
        """What the backend is asked, or the handshake; there is never more than one."""
        self._submitter: Submitter | None = None
        self._first_bytes = True
        self._handshake_begun = False
        self._held = bytearray()
        """Decrypted bytes that came before the handshake was told to be done."""
        self._writable = True
        self._lost = asyncio.Event()
        self._last_heard = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._delivering = False

    # ---------------------------------------------------------------- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server._sessions.add(self)
        self._last_heard = asyncio.get_running_loop().time()
        self._watch_clock()
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._last_heard = asyncio.get_running_loop().time()
        if self._handshake_begun:
            self._held += data
            return
        if self._first_bytes and not self._tls and is_client_hello(data):
            self._arrival.late_client_hello()
            self._hang_up()
            return
        self._first_bytes = False
        self._connection.receive_data(data)
        self._advance()

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self._writable = False
        self._regulate()

    def resume_writing(self) -> None:
        self._writable = True
        self._advance()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._lost.is_set():
            return
        self._lost.set()
        if self._timer is not None:
            self._timer.cancel()
        self._server._sessions.discard(self)
        if self._task is not None:
            self._task.cancel()
        if not self._delivering:
            self._finish()
        self._tell_mishap()

    def _tell_mishap(self) -> None:
        """What the client showed of why nobody signed in."""
        connection = self._connection
        if connection.other_protocol:
            self._server._on_mishap(Mishap.OTHER_PROTOCOL, "")
        elif not self._tls and not self._handshake_begun:
            if connection.unencrypted is not None:
                self._server._on_mishap(Mishap.UNENCRYPTED, connection.unencrypted)
            elif connection.helo:
                self._server._on_mishap(Mishap.LEFT, "")

    def _finish(self) -> None:
        submitter, self._submitter = self._submitter, None
        if submitter is not None:
            submitter.close()

    # ---------------------------------------------------------------- moving on

    def stop(self, text: str) -> None:
        self._connection.shut_down(text)
        self._flush()

    async def ended(self) -> None:
        """Wait until the socket is closed; a client that does not take its last bytes is cut off."""
        try:
            async with asyncio.timeout(1.0):
                await self._lost.wait()
        except TimeoutError:
            self._hang_up()

    def _advance(self) -> None:
        """Let the connection go on with what it has; ask the backend when it has to."""
        while self._writable and not self._lost.is_set():
            event = self._connection.next_event()
            self._flush()
            match event:
                case Idle():
                    break
                case BeginTls():
                    self._task = self._server._tasks.start(self._start_tls(), "STARTTLS")
                case Authenticate():
                    self._task = self._server._tasks.start(self._sign_in(event), "AUTH")
                case CheckSender(address):
                    self._task = self._server._tasks.start(self._check_sender(address), "MAIL")
                case Deliver(submission):
                    self._delivering = True
                    self._server._begin_delivery(self._deliver(submission))
        self._regulate()

    def _flush(self) -> None:
        if self._transport is None or self._lost.is_set():
            return
        if data := self._connection.data_to_send():
            self._transport.write(data)
        if self._connection.closed:
            self._transport.close()

    def _regulate(self) -> None:
        """Read the socket only as fast as we and the client get on."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        wanted = self._writable and self._connection.buffered < READ_AHEAD
        if wanted and not transport.is_reading():
            transport.resume_reading()
        elif not wanted and transport.is_reading():
            transport.pause_reading()

    def _hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _watch_clock(self) -> None:
        """End a connection that has been silent for too long. The timer is looked at when it runs out, not at each
        byte."""
        loop = asyncio.get_running_loop()
        times = self._server._timeouts
        allowed = times.greeting if self._submitter is None else times.idle
        left = self._last_heard + allowed - loop.time()
        waiting_for_us = self._connection.waiting
        if left <= 0 and not waiting_for_us:
            self._connection.shut_down("Nothing was heard for too long.", status="4.4.2")
            self._flush()
            # A client that is gone does not take the line either.
            self._timer = loop.call_later(5.0, self._hang_up)
            return
        self._timer = loop.call_later(max(left, 0.05) if not waiting_for_us else allowed, self._watch_clock)

    # ---------------------------------------------------------------- what takes time

    async def _start_tls(self) -> None:
        transport, context = self._transport, self._server._context
        assert transport is not None
        assert context is not None
        # From the next line on, bytes that reach `data_received` come out of TLS: `upgrade` puts it in between before
        # it first waits. Clear-text bytes that came until now are dropped by `tls_started`.
        self._handshake_begun = True
        try:
            self._transport = await upgrade(transport, self, context)
        except OSError as error:
            log.info("a TLS handshake failed: %s", type(error).__name__)
            if (mishap := mishap_of(error)) is not None:
                self._server._on_mishap(mishap, "")
            self._hang_up()
            self._task = None
            # asyncio tells a protocol nothing of a connection lost within the handshake.
            self.connection_lost(error)
            return
        self._handshake_begun = False
        self._tls = True
        self._connection.tls_started()
        self._connection.receive_data(bytes(self._held))
        self._held.clear()
        self._advance()

    async def _sign_in(self, event: Authenticate) -> None:
        assert self._transport is not None
        address, port, *_ = self._transport.get_extra_info("peername") or ("", 0)
        peer = Peer(str(address), int(port), self._tls, self._connection.helo)
        try:
            answer = await self._server._backend.login(event.username, event.password, peer)
        except BridgeError as error:
            answer = LoginRefused(LoginRefusal.UNAVAILABLE, error.message)
        except Exception:
            log.exception("a sign-in could not be checked")
            answer = LoginRefused(LoginRefusal.UNAVAILABLE, "Signing in is not possible at the moment.")
        if isinstance(answer, LoginRefused):
            if not self._connection.closed:
                self._connection.refuse_login(_login_reply(answer))
        elif self._lost.is_set() or self._connection.closed:
            answer.close()
            return
        else:
            self._submitter = answer
            answer.on_revoked(self.stop)
            self._connection.authenticated(answer.max_size)
        self._advance()

    async def _check_sender(self, address: str) -> None:
        assert self._submitter is not None
        try:
            reply = await self._submitter.check_sender(address)
        except BridgeError as error:
            reply = Reply(451, "4.3.0", error.message)
        except Exception:
            log.exception("a sender could not be checked")
            reply = Reply(451, "4.3.0", "The sender could not be checked.")
        self._answer(reply)

    async def _deliver(self, submission: Submission) -> None:
        submitter = self._submitter
        assert submitter is not None
        submitter.activity("sending a message")
        try:
            reply = await submitter.submit(submission)
        except BridgeError as error:
            reply = Reply(451, "4.3.0", error.message)
        except Exception:
            log.exception("a message could not be sent")
            reply = Reply(451, "4.3.0", "The message could not be sent because of a mistake in Bridge Manager.")
        finally:
            self._delivering = False
            if self._lost.is_set():
                self._finish()
        if not self._lost.is_set():
            submitter.activity("waiting")
        self._answer(reply)

    def _answer(self, reply: Reply) -> None:
        if not self._connection.closed:
            self._connection.answer(reply)
            self._last_heard = asyncio.get_running_loop().time()
            self._advance()


def _login_reply(refused: LoginRefused) -> Reply:
    match refused.reason:
        case LoginRefusal.UNAVAILABLE:
            return Reply(454, "4.7.0", refused.text)
        case LoginRefusal.CREDENTIALS | LoginRefusal.ACCESS:
            return Reply(535, "5.7.8", refused.text)
