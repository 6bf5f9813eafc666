"""Connections that are kept and used again: an httpx transport over `http1`."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import httpx

from bridge_gui.proton.http1 import Connection, Exchange

MOST = 100
"""Requests at once; the accounts' own limits are far lower."""
KEPT = 300.0
"""Seconds that an idle connection is kept, as the service's own bridge does (API document 1.5)."""
ATTEMPT_DELAY = 0.25
"""Seconds until the next address of a host is tried beside the first (RFC 8305 5)."""

Origin = tuple[str, str, int]


class Pool(httpx.AsyncBaseTransport):
    """Send requests over kept connections. Belongs to the loop on which it is first used."""

    def __init__(self, context: ssl.SSLContext, *, most: int = MOST, kept: float = KEPT) -> None:
        self._context = context
        self._kept = kept
        self._places = asyncio.Semaphore(most)
        self._connections: set[Connection] = set()
        self._idle: dict[Origin, list[Connection]] = {}
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeouts = request.extensions.get("timeout") or {}
        if self._closed:
            raise httpx.ConnectError("the connections were closed")
        try:
            async with asyncio.timeout(timeouts.get("pool")):
                await self._places.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("no connection became free in time") from error
        origin = _origin(request.url)
        body: _Body | None = None
        try:
            connection = self._take(origin) or await self._connect(origin, timeouts.get("connect"))
            body = _Body(self, origin, connection)
            body.exchange = await connection.ask(request)
            return httpx.Response(body.exchange.status, headers=body.exchange.headers, stream=body)
        except BaseException:
            if body is not None:
                body.end()
            else:
                self._places.release()
            raise

    async def aclose(self) -> None:
        """End all connections, also those in use: what waits on them fails."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        ended = [connection.closed for connection in self._connections]
        for connection in list(self._connections):
            connection.abort()
        if ended:
            await asyncio.wait(ended)

    # ------------------------------------------------------------------------------------ connections

    def _take(self, origin: Origin) -> Connection | None:
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if connection.usable:
                return connection
        return None

    async def _connect(self, origin: Origin, timeout: float | None) -> Connection:
        scheme, host, port = origin
        secure = scheme == "https"
        try:
            async with asyncio.timeout(timeout):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self._forget),
                    host,
                    port,
                    ssl=self._context if secure else None,
                    server_hostname=host if secure else None,
                    happy_eyeballs_delay=ATTEMPT_DELAY,
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection was made in time") from error
        except OSError as error:
            raise httpx.ConnectError(str(error) or type(error).__name__) from error
        self._connections.add(connection)
        if self._closed:
            connection.abort()
        return connection

    def _forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        for idle in self._idle.values():
            with contextlib.suppress(ValueError):
                idle.remove(connection)

    def give_back(self, origin: Origin, connection: Connection) -> None:
        """An exchange has ended: keep its connection, if it can be used again."""
        self._places.release()
        if connection.usable and not self._closed:
            loop = asyncio.get_running_loop()
            connection.idle_since = loop.time()
            self._idle.setdefault(origin, []).append(connection)
            if self._sweep is None:
                self._sweep = loop.call_later(self._kept, self._sweep_idle)

    def _sweep_idle(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweep = None
        oldest = loop.time() - self._kept
        left = [each for idle in self._idle.values() for each in idle if each.idle_since > oldest]
        for idle in self._idle.values():
            for connection in idle:
                if connection.idle_since <= oldest:
                    connection.abort()
        if left:
            self._sweep = loop.call_at(min(each.idle_since for each in left) + self._kept, self._sweep_idle)


class _Body(httpx.AsyncByteStream):
    """The body of an answer, and the end of its exchange."""

    def __init__(self, pool: Pool, origin: Origin, connection: Connection) -> None:
        self._pool, self._origin, self._connection = pool, origin, connection
        self._ended = False
        self.exchange = Exchange(silence=0.0)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._connection.body(self.exchange)

    async def aclose(self) -> None:
        self.end()

    def end(self) -> None:
        if not self._ended:
            self._ended = True
            self._connection.finish(self.exchange)
            self._pool.give_back(self._origin, self._connection)


def _origin(url: httpx.URL) -> Origin:
    secure = url.scheme == "https"
    if not secure and url.scheme != "http":
        raise httpx.UnsupportedProtocol("the address of the service begins with neither http:// nor https://")
    return url.scheme, url.host, url.port or (443 if secure else 80)
