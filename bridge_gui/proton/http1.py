"""One HTTP/1.1 connection to the service: a request goes out, its answer comes in, the next request may follow.

The parsing is `httptools`' (llhttp, the parser of Node.js); this file moves bytes, keeps time and bounds memory. It
stands where httpcore does otherwise, because of what a request costs: 0.1 ms of CPU against 0.9, and the first download
of a mailbox is nothing but requests. Errors are those of httpx, so that both can serve `Transport`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import httptools
import httpx

MAX_HEAD = 256 * 1024
"""Octets of an answer before its body begins; the service's have less than two thousand."""
READ_AHEAD = 1024 * 1024
"""Octets of a body that are read before whoever wants them takes some."""
NO_BODY = (204, 304)
_UNSAFE = (b"\r", b"\n", b"\0")


@dataclass(eq=False, slots=True)
class Exchange:
    """A request that is under way, and what has come of its answer."""

    silence: float
    """Seconds without a byte after which the answer will not come any more."""
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    begun: bool = False
    """Status and headers are here."""
    framed: bool = False
    """The answer says where it ends; one that does not ends with the connection."""
    sent: bool = False
    complete: bool = False
    reusable: bool = False
    error: httpx.TransportError | None = None
    chunks: deque[bytes] = field(default_factory=deque)
    waiting: int = 0
    """Octets in `chunks`."""


class Connection(asyncio.Protocol):
    """One connection; it takes one exchange at a time. `lost` is called once, when it is of no more use."""

    def __init__(self, lost: Callable[[Connection], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._exchange: Exchange | None = None
        self._wake: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._heard = 0.0
        self._head = 0
        self._reading = True
        self._unasked = False
        """More has come than was asked for."""
        self.closed = self._loop.create_future()
        self.idle_since = 0.0

    @property
    def usable(self) -> bool:
        """Whether another exchange may begin."""
        return self._exchange is None and self._transport is not None and not self._transport.is_closing()

    def abort(self) -> None:
        """End the connection at once, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()

    # ------------------------------------------------------------------------------------ an exchange

    async def ask(self, request: httpx.Request) -> Exchange:
        """Send the request, and return when status and headers of the answer are here.

        After any error, cancellation included, the connection is of no more use. `finish` must follow in any case.
        """
        timeouts = request.extensions.get("timeout") or {}
        exchange = Exchange(silence=timeouts.get("read") or float("inf"))
        head = write_head(request)
        self._exchange = exchange
        self._head = 0
        self._heard = self._loop.time()
        self._keep_time(exchange)
        await self._send(head, request, exchange, timeouts.get("write"))
        while not exchange.begun:
            await self._news(exchange)
        return exchange

    async def _send(self, head: bytes, request: httpx.Request, exchange: Exchange, timeout: float | None) -> None:
        stream = request.stream
        if isinstance(stream, httpx.ByteStream):
            self._write(head + b"".join(stream))
        else:
            assert isinstance(stream, httpx.AsyncByteStream)
            self._write(head)
            chunked = "transfer-encoding" in request.headers
            async for chunk in stream:
                # An answer before the request has been sent is a refusal of it: the rest is not wanted.
                if exchange.begun or exchange.error:
                    return
                if chunked and chunk:
                    chunk = b"%x\r\n%b\r\n" % (len(chunk), chunk)
                self._write(chunk)
                await self._drain(exchange, timeout)
            if chunked:
                self._write(b"0\r\n\r\n")
        await self._drain(exchange, timeout)
        exchange.sent = True
        self._heard = self._loop.time()

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        if not self._transport.is_closing():
            self._transport.write(data)

    async def _drain(self, exchange: Exchange, timeout: float | None) -> None:
        while self._drained is not None and not exchange.error:
            try:
                async with asyncio.timeout(timeout):
                    await asyncio.shield(self._drained)
            except TimeoutError as error:
                raise httpx.WriteTimeout("the request could not be sent in time") from error
            self._heard = self._loop.time()

    async def _news(self, exchange: Exchange) -> None:
        """Wait until something has come, or raise what has gone wrong."""
        if exchange.error is not None:
            raise exchange.error
        self._wake = self._loop.create_future()
        try:
            await self._wake
        finally:
            self._wake = None
        if exchange.error is not None:
            raise exchange.error

    async def body(self, exchange: Exchange) -> AsyncIterator[bytes]:
        """Yield the body as it comes."""
        while True:
            while exchange.chunks:
                chunk = exchange.chunks.popleft()
                exchange.waiting -= len(chunk)
                yield chunk
            if exchange.complete:
                return
            if not self._reading:
                self._heard = self._loop.time()
                self._resume()
            await self._news(exchange)

    def finish(self, exchange: Exchange) -> None:
        """End an exchange. Unless all of it was sent and received, the connection ends with it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._exchange = None
        if self._unasked or not (exchange.complete and exchange.sent and exchange.reusable):
            self.abort()
        elif not self._reading:
            self._resume()

    def _resume(self) -> None:
        self._reading = True
        if self._transport is not None:
            self._transport.resume_reading()

    def _tell(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def _fail(self, error: httpx.TransportError) -> None:
        exchange = self._exchange
        if exchange is not None and not exchange.complete and exchange.error is None:
            exchange.error = error
            self._tell()
        self.abort()

    # ------------------------------------------------------------------------------------ time

    def _keep_time(self, exchange: Exchange) -> None:
        if exchange.silence != float("inf"):
            self._timer = self._loop.call_at(self._heard + exchange.silence, self._look_at_the_time, exchange)

    def _look_at_the_time(self, exchange: Exchange) -> None:
        self._timer = None
        if exchange is not self._exchange or exchange.complete:
            return
        if not self._reading or not exchange.sent:
            self._heard = self._loop.time()  # it is we who keep the service waiting
        if self._loop.time() - self._heard >= exchange.silence:
            self._fail(httpx.ReadTimeout("no answer came in time"))
        else:
            self._keep_time(exchange)

    # ------------------------------------------------------------------------------------ asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        exchange = self._exchange
        if exchange is None or exchange.complete:
            self.abort()  # nothing was asked
            return
        self._heard = self._loop.time()
        if not exchange.begun:
            self._head += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(httpx.RemoteProtocolError("the service changed the protocol"))
            return
        except httptools.HttpParserError as error:
            self._fail(httpx.RemoteProtocolError(f"the answer is not HTTP: {error}"))
            return
        if exchange.begun and not exchange.sent:
            self.resume_writing()  # the rest of the request is not wanted any more
        if not exchange.begun and self._head > MAX_HEAD:
            self._fail(httpx.RemoteProtocolError("the head of the answer is too large"))
            return
        if exchange.waiting > READ_AHEAD and not exchange.complete and self._reading and self._transport is not None:
            self._reading = False
            self._transport.pause_reading()
        self._tell()

    def connection_lost(self, exc: Exception | None) -> None:
        exchange = self._exchange
        if exchange is not None and not exchange.complete and exchange.error is None:
            if exc is None and exchange.begun and not exchange.framed:
                exchange.complete = True
            else:
                exchange.error = httpx.ReadError(str(exc) or type(exc).__name__) if exc else _cut()
                exchange.error.__cause__ = exc
            self._tell()
        self.resume_writing()
        if not self.closed.done():
            self.closed.set_result(None)
        self._lost(self)

    def pause_writing(self) -> None:
        self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    # ------------------------------------------------------------------------------------ httptools' callbacks

    def on_message_begin(self) -> None:
        exchange = self._exchange
        if exchange is not None and exchange.complete:
            self._unasked = True

    def on_header(self, name: bytes, value: bytes) -> None:
        exchange = self._exchange
        if exchange is not None and not exchange.begun:
            exchange.headers.append((name, value))
            if name.lower() in (b"content-length", b"transfer-encoding"):
                exchange.framed = True

    def on_headers_complete(self) -> None:
        exchange = self._exchange
        if exchange is None or exchange.begun:
            return
        status = self._parser.get_status_code()
        if status < 200:  # "go on" and the like: the answer is still to come
            exchange.headers.clear()
            exchange.framed = False
            return
        exchange.status = status
        exchange.framed = exchange.framed or status in NO_BODY
        exchange.begun = True

    def on_body(self, body: bytes) -> None:
        exchange = self._exchange
        if exchange is not None and not exchange.complete:
            exchange.chunks.append(body)
            exchange.waiting += len(body)

    def on_message_complete(self) -> None:
        exchange = self._exchange
        if exchange is not None and exchange.begun and not exchange.complete:
            exchange.complete = True
            exchange.reusable = self._parser.should_keep_alive()


def _cut() -> httpx.TransportError:
    return httpx.RemoteProtocolError("the connection was closed before the answer was complete")


def write_head(request: httpx.Request) -> bytes:
    """Request line and headers. Raise `httpx.LocalProtocolError` where a value would break out of its line."""
    method = request.method.encode("ascii")
    if method in (b"HEAD", b"CONNECT"):
        raise httpx.UnsupportedProtocol(f"{request.method} is not spoken here")
    lines = [b"%b %b HTTP/1.1" % (method, request.url.raw_path)]
    lines += [b"%b: %b" % pair for pair in request.headers.raw]
    if any(unsafe in line for unsafe in _UNSAFE for line in lines):
        raise httpx.LocalProtocolError("a header of the request holds a line break")
    lines.append(b"\r\n")
    return b"\r\n".join(lines)
