"""Listen on loopback; one port takes TLS from the first byte as well as plain text that turns to TLS by STARTTLS.

A TLS client speaks first: its ClientHello arrives with the connection, or a moment after it. An IMAP or SMTP client
that means STARTTLS waits for our greeting. So an accepted socket is looked at, without taking anything from it, for up
to `PATIENCE`: a first byte of 0x16 (a TLS handshake record, RFC 8446 5.1) decides for TLS, anything else or silence for
plain text.

A client under load may send its ClientHello later than that. Then the plain-text protocol sees it, says so through
`Arrival.late_client_hello`, the connection is lost, and for `LATE_MEMORY` seconds the port waits `LATE_PATIENCE`, so
that the client's next try succeeds. A port at which such a client was seen in time waits as long: where one program
speaks TLS first, its next connection will too, and a busy computer must not make it fail. For the same reason the
first `STRANGERS` connections are waited for as long, where a port is opened for programs that are not known.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
import sys
from asyncio import sslproto
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bridge_gui.aio import TaskOwner
from bridge_gui.errors import PortBusy, PortForbidden
from bridge_gui.mishap import OnMishap, ignore_mishap, mishap_of

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "::1")
"""Mail is served to programs of this computer, nothing else."""

PATIENCE = 0.030
"""Seconds to wait for a first byte while the computer is not busy. A ClientHello takes 1 or 2 ms; a STARTTLS client
waits that long to be greeted."""
LATE_PATIENCE = 0.250
LATE_MEMORY = 3600.0
STRANGERS = 3
"""Connections that have waited to be greeted, until a port takes it that such programs are what it is used by."""
HANDSHAKE_TIMEOUT = 60.0
"""Seconds; a client that opens a connection and never finishes its handshake is let go. When fifty open at once on a
starved computer, one handshake takes half a minute, and whoever is let go then has done nothing wrong."""
MAX_CONNECTIONS = 4096
"""Beyond this, connections are closed at once: each costs a descriptor and tens of kilobytes."""
BACKLOG = 1024

TLS_BUFFER = 32 * 1024
"""Two TLS records. asyncio gives each TLS connection 256 KB, which a thousand idle connections would make 256 MB."""

_TLS_HANDSHAKE = 0x16
_POLL = 0.002


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new connection, as its protocol learns of it."""

    tls: bool
    late_client_hello: Callable[[], None]
    """To be called by a plain-text protocol whose first byte received is 0x16."""


ProtocolFactory = Callable[[Arrival], asyncio.BaseProtocol]


def is_client_hello(data: bytes) -> bool:
    """Tell whether the first bytes of a plain-text connection are a TLS client's."""
    return data[:1] == bytes([_TLS_HANDSHAKE])


class Listener:
    """A port that accepts connections until `close`."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        context: ssl.SSLContext,
        factory: ProtocolFactory,
        on_mishap: OnMishap = ignore_mishap,
        strangers: int = 0,
    ) -> None:
        self._sockets = list(sockets)
        self._context = context
        self._factory = factory
        self._on_mishap = on_mishap
        self._tasks = TaskOwner("listener")
        self._patience_until = 0.0
        self._strangers = strangers

    @property
    def host(self) -> str:
        return str(self._sockets[0].getsockname()[0])

    @property
    def port(self) -> int:
        return int(self._sockets[0].getsockname()[1])

    def use_certificate(self, context: ssl.SSLContext) -> None:
        """Serve connections that come from now on with another certificate."""
        self._context = context

    def start(self) -> None:
        for sock in self._sockets:
            self._tasks.start(self._accept(sock), "accept")

    async def close(self) -> None:
        """Stop accepting; connections already handed to their protocol go on."""
        await self._tasks.close()
        for sock in self._sockets:
            sock.close()

    async def _accept(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(sock)
            except OSError as error:
                # Out of descriptors, or the client left already. Neither may end the port; the pause keeps the first
                # from becoming a busy loop.
                log.info("a connection could not be accepted: %s", error.strerror)
                await asyncio.sleep(0.05)
                continue
            if len(self._tasks) > MAX_CONNECTIONS:
                connection.close()
                continue
            self._tasks.start(self._welcome(connection), "welcome")

    async def _welcome(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            first = await self._first_byte(connection)
            if first == b"":
                connection.close()
                return
            tls = first is not None and first[0] == _TLS_HANDSHAKE
            if tls:
                self._be_patient()
            else:
                self._strangers -= 1
            arrival = Arrival(tls, self._be_patient)
            await loop.connect_accepted_socket(
                lambda: self._factory(arrival),
                connection,
                ssl=self._context if tls else None,
                ssl_handshake_timeout=HANDSHAKE_TIMEOUT if tls else None,
            )
        except (TimeoutError, OSError) as error:
            # ssl.SSLError is an OSError too: a client that does not trust us, or speaks something else.
            log.info("a connection ended before it began: %s", type(error).__name__)
            connection.close()
            if (mishap := mishap_of(error)) is not None:
                self._on_mishap(mishap, "")
        except BaseException:
            connection.close()
            raise

    async def _first_byte(self, connection: socket.socket) -> bytes | None:
        """Peek at the first byte: None when nothing came in time, empty when the client has left.

        Looks again every few milliseconds rather than asking the loop: not each loop can watch a socket without
        reading it (Windows' has no readers). The looks are counted, not the time: on a busy computer they come later,
        as the client's first byte does.
        """
        patient = self._strangers > 0 or asyncio.get_running_loop().time() < self._patience_until
        for _ in range(round((LATE_PATIENCE if patient else PATIENCE) / _POLL)):
            with contextlib.suppress(BlockingIOError, InterruptedError):
                return connection.recv(1, socket.MSG_PEEK)
            await asyncio.sleep(_POLL)
        return None

    def _be_patient(self) -> None:
        """A client that speaks TLS first uses this port."""
        self._patience_until = asyncio.get_running_loop().time() + LATE_MEMORY


async def listen(
    port: int,
    context: ssl.SSLContext,
    factory: ProtocolFactory,
    *,
    hosts: Sequence[str] = LOOPBACK,
    on_mishap: OnMishap = ignore_mishap,
    strangers: int = 0,
) -> Listener:
    """Listen on `port` (0: any free one) of all `hosts` and return the running listener.

    `factory` makes the protocol of each connection; with `Arrival.tls` its `connection_made` comes after the handshake.
    `strangers`: how many connections to wait for longer, since programs are expected that were not met yet. Raise
    `PortBusy` when another program has the port, or we may not have it. A host that this computer lacks (no IPv6) is
    left out, but for the first.
    """
    _keep_tls_buffers_small()
    sockets: list[socket.socket] = []
    try:
        for host in hosts:
            chosen = sockets[0].getsockname()[1] if sockets else port
            try:
                sockets.append(_bind(host, chosen))
            except OSError as error:
                if sockets and error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    continue
                if error.errno == errno.EACCES and sys.platform != "win32":
                    raise PortForbidden(f"Port {chosen} is kept for administrators.") from error
                if error.errno in (errno.EADDRINUSE, errno.EACCES):
                    raise PortBusy(f"Port {chosen} of {host} is used by another program.") from error
                raise
    except BaseException:
        for sock in sockets:
            sock.close()
        raise
    listener = Listener(sockets, context, factory, on_mishap, strangers)
    listener.start()
    return listener


async def upgrade(
    transport: asyncio.Transport, protocol: asyncio.Protocol, context: ssl.SSLContext
) -> asyncio.Transport:
    """Turn a plain-text connection to TLS (STARTTLS) and return its new transport.

    The client's first encrypted bytes may reach `protocol.data_received` before this returns: the protocol has to hold
    them, as an answer written to the old transport would go out in plain text. Raise `OSError` when the handshake
    fails.
    """
    upgraded = await asyncio.get_running_loop().start_tls(
        transport, protocol, context, server_side=True, ssl_handshake_timeout=HANDSHAKE_TIMEOUT
    )
    if upgraded is None:
        raise ConnectionResetError("the client left during the TLS handshake")
    return upgraded


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock


def _keep_tls_buffers_small() -> None:
    """See `TLS_BUFFER`. asyncio offers no parameter; a loop without this attribute keeps its own size."""
    if getattr(sslproto.SSLProtocol, "max_size", 0) > TLS_BUFFER:
        sslproto.SSLProtocol.max_size = TLS_BUFFER
