"""Connections to the service: aiohttp under httpx's face, as a request over it costs a tenth of what httpcore takes.

Requests and answers stay httpx's, so that another httpx transport (a proxy's, a test's) can stand in its place; errors
are httpx's as well, and tell apart what matters above: whether the request can have reached the service.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable, Iterator

import aiohttp
import httpx
from yarl import URL

MOST = 100
"""Requests at once; the accounts' own limits are far lower."""
KEPT = 300.0
"""Seconds that an idle connection is kept, as the service's own bridge does (API document 1.5)."""
CLOSING = 1.0
"""Seconds that connections get to end in good order."""
READ_AHEAD = 256 * 1024
"""Half of the octets of an answer that are read before whoever wants them takes some."""
MAX_LINE = 64 * 1024
"""Octets of one line in the head of an answer; the service's have a few hundred."""


class Connections(httpx.AsyncBaseTransport):
    """Send requests over kept HTTP/1.1 connections. Belongs to the loop on which it is first used.

    Raise `httpx.ConnectError` or `ConnectTimeout` when nothing was sent, other `TransportError`s when the service may
    have the request.
    """

    def __init__(self, context: ssl.SSLContext, *, most: int = MOST, kept: float = KEPT) -> None:
        self._context = context
        self._most = most
        self._kept = kept
        self._session: aiohttp.ClientSession | None = None
        self._read: set[aiohttp.ClientResponse] = set()
        """Answers whose bodies are being read."""
        self._closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol("the address of the service begins with neither http:// nor https://")
        with _errors():
            answer = await self._ask(request, request.extensions.get("timeout") or {})
        self._read.add(answer)
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer, self._read.discard))

    async def _ask(self, request: httpx.Request, timeouts: dict[str, float | None]) -> aiohttp.ClientResponse:
        stream = request.stream
        try:
            async with asyncio.timeout(None) as limit:
                return await self._opened().request(
                    request.method,
                    URL(str(request.url), encoded=True),
                    headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw],
                    # None where there is none: an empty body would cost a task of its own.
                    data=(b"".join(stream) or None) if isinstance(stream, httpx.ByteStream) else _paced(request, limit),
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(
                        total=None,
                        connect=timeouts.get("pool"),
                        sock_connect=timeouts.get("connect"),
                        sock_read=timeouts.get("read"),
                    ),
                )
        except aiohttp.ClientError:
            raise
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # Nobody cancelled us: aiohttp cancels what waits for a connection or a name when it is closed. Passed
            # on, it would end the task that asked without anybody being told.
            raise httpx.ConnectError("the connections were dropped") from error
        except TimeoutError as error:
            raise httpx.WriteTimeout("the service took nothing of the request for too long") from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._closed:
            raise httpx.ConnectError("the connections were closed")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._most, ssl=self._context, keepalive_timeout=self._kept),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
                max_line_size=MAX_LINE,
                max_field_size=MAX_LINE,
                read_bufsize=READ_AHEAD,
            )
        return self._session

    async def aclose(self) -> None:
        """End all connections, also those in use: what waits on them fails."""
        self._closed = True
        for answer in tuple(self._read):
            answer.close()  # aiohttp forgets whoever reads a body, and its timeout, when it closes the connection below
        if self._session is not None:
            with contextlib.suppress(TimeoutError):  # aiohttp waits until all that was to be sent has been taken
                async with asyncio.timeout(CLOSING):
                    await self._session.close()


async def _paced(request: httpx.Request, limit: asyncio.Timeout) -> AsyncIterator[bytes]:
    """The body in its pieces, each of which moves the moment at which sending counts as stuck."""
    assert isinstance(request.stream, httpx.AsyncByteStream)
    patience = (request.extensions.get("timeout") or {}).get("write")
    async for chunk in request.stream:
        if patience is not None:
            _move(limit, asyncio.get_running_loop().time() + patience)
        yield chunk
    _move(limit, None)


def _move(limit: asyncio.Timeout, when: float | None) -> None:
    # Once the answer has begun nobody waits within the limit any more, and it cannot be moved.
    with contextlib.suppress(RuntimeError):
        limit.reschedule(when)


class _Body(httpx.AsyncByteStream):
    """The body of an answer, and the end of its exchange."""

    def __init__(self, answer: aiohttp.ClientResponse, ended: Callable[[aiohttp.ClientResponse], None]) -> None:
        self._answer, self._ended = answer, ended

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _errors():
            async for chunk in self._answer.content.iter_any():
                yield chunk

    async def aclose(self) -> None:
        # What was not read to its end would be read by the next to use the connection; aiohttp closes it then.
        self._answer.release()
        self._ended(self._answer)


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    """Turn aiohttp's errors into httpx's."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx.ConnectTimeout("no connection was made in time") from error
    except aiohttp.SocketTimeoutError as error:
        raise httpx.ReadTimeout("no answer came in time") from error
    except aiohttp.ClientConnectorError as error:
        raise httpx.ConnectError(str(error)) from error
    except aiohttp.ClientOSError as error:
        raise httpx.ReadError(str(error)) from error
    except aiohttp.ServerDisconnectedError as error:
        raise httpx.RemoteProtocolError("the connection was closed before the answer was complete") from error
    except aiohttp.ClientError as error:
        raise httpx.RemoteProtocolError(f"the answer is not what HTTP allows ({type(error).__name__})") from error
    except ValueError as error:
        # Such as a line break within a header's value.
        raise httpx.LocalProtocolError("the request cannot be written as HTTP") from error
