"""Requests to the service: connections, headers, retries, cookies, the server's clock, and whether it can be reached.

`Transport` knows nothing of sessions: `session.Session` lays tokens and their refresh over it. One transport serves the
whole application, so that all accounts share connections, the cookie jar and one view of being online.
"""

from __future__ import annotations

import contextlib
import email.utils
import importlib.util
import io
import logging
import platform
import re
import sys
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx

from bridge_gui.proton import cookies, tls
from bridge_gui.proton.body import JsonBody
from bridge_gui.proton.errors import ApiError, Malformed, Offline, Throttled, Untrusted, api_error
from bridge_gui.proton.long_text import LongText
from bridge_gui.proton.retry import RETRIES, RETRY_AFTER_LIMIT, Clock, backoff, parse_retry_after, throttle_wait
from bridge_gui.proton.routing import AlternativeRoutes, RoutedTransport, proxy_for
from bridge_gui.proton.wire import Fields, parse_json
from bridge_gui.watched import Watched

if importlib.util.find_spec("sniffio") is None:
    # httpcore tries to import this optional package for each lock it makes, and Python looks for a missing one on the
    # disk each time: 2 ms of every request. This entry says that it is missing, once and for all.
    sys.modules["sniffio"] = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

DEFAULT_URL = "https://mail-api.proton.me"
TIMEOUT = {"connect": 30.0, "read": 30.0, "write": 30.0, "pool": 120.0}
"""Dial, handshake and silence while reading, each 30 s. The wait for a free connection is longer: nothing is wrong."""
MAX_ANSWER = 256 << 20
"""Octets of one answer held in memory; the largest message the service takes is 70 MiB."""
LONG = 1 << 20
"""Octets of an answer from which on its long text is taken out of it."""

_SYSTEMS = {"darwin": "macos", "win32": "windows"}


def default_app_version(version: str = "3.21.1") -> str:
    """Return the version header for this system, in the form that the service is known to take (API document 1.2)."""
    return f"{_SYSTEMS.get(sys.platform, 'linux')}-bridge@{version}"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body. Without a filename it is a plain form field."""

    name: str
    content: bytes = field(repr=False)
    filename: str | None = None
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask. It holds no stream, so each try builds its body anew."""

    method: str
    path: str
    json: Any = field(default=None, repr=False)
    params: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    wait_when_throttled: bool = True
    """False where a person waits: 429 and 503 are told at once."""
    repeat_unanswered: bool = True
    """False for what makes something new each time it is asked: without an answer it may have been made."""
    retries: int = RETRIES
    long_text: str = ""
    """The name of a text that may be megabytes of the answer: `Fields.large` gives it as octets then."""


_ALWAYS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "Connection": "keep-alive"}

PING = Request("GET", "/tests/ping", retries=0)
PING_TIME = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    long_texts: Mapping[str, io.BytesIO] = field(default_factory=dict, repr=False)
    """What was taken out of the body, by the marks that stand there."""

    def fields(self) -> Fields:
        """Return the JSON object of the answer; an empty body is one without fields."""
        return Fields(parse_json(self.body, self.long_texts))


class Transport:
    """One client of the service for the whole application. Use as `async with`, or `close` it."""

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        app_version: str = "",
        clock: Clock | None = None,
        http: httpx.AsyncBaseTransport | None = None,
        pins: Callable[[str], frozenset[str]] = tls.pins_for,
        ca_file: str | None = None,
        alternative_routing: bool = False,
        routes: AlternativeRoutes | None = None,
        proxy: str = "",
    ) -> None:
        """`http` replaces the network (tests); `pins` and `ca_file` say whom to trust; `proxy` goes before the
        system's."""
        self.base_url = base_url.rstrip("/")
        self.clock = clock or Clock()
        self.online: Watched[bool] = Watched(True)
        self.trouble: Watched[Untrusted | None] = Watched(None)
        """Set while connections fail because they do not lead to Proton."""
        self.throttles = 0
        """Answers of 429 and 503 so far; those who work in parallel fall back when it grows."""
        self._offset: float | None = None
        self._stamp = ""
        """The `Date` from which the offset was taken; within a second all answers have the same."""
        self._same_headers: tuple[object, httpx.Headers] = (None, httpx.Headers())
        self._user_agent = user_agent("NoClient", "0.0.1")
        self._app_version = app_version or default_app_version()
        self._routes = routes or AlternativeRoutes(self.clock)
        self._routes.use_ping(self._ping_over)
        self._routes.enable(alternative_routing)
        if http is None:
            secure = self.base_url.startswith("https://")
            http = RoutedTransport(
                self._routes,
                # A service without TLS is one on this computer; loading the system's CAs for it takes a while.
                tls.client_context(pins, ca_file=ca_file) if secure else tls.no_trust(),
                proxy=proxy_for(self.base_url, proxy),
            )
        self._http = http
        self._cookies = cookies.Cookies(self.clock.time)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def reconnect(self) -> None:
        """Drop all connections: after a sleep, or a change of network, they would hang."""
        if isinstance(self._http, RoutedTransport):
            await self._http.reconnect()

    # ------------------------------------------------------------------ settings

    def use_client_name(self, name: str, version: str = "") -> None:
        """Tell the service which mail program works with us, as its own bridge does (API document 1.2)."""
        if name and name != "Mac OS X Notes":
            self._user_agent = user_agent(name, version)

    def use_app_version(self, app_version: str) -> None:
        self._app_version = app_version or default_app_version()

    def use_alternative_routing(self, enabled: bool) -> None:
        """Turn the search for other ways to the service on or off; off takes effect at once."""
        self._routes.enable(enabled)

    def now(self) -> int:
        """Return the service's time in seconds since 1970: the clock of signatures."""
        return int(self.clock.time() + (self._offset or 0.0))

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the service's clock is ahead of this computer's; None before its first answer."""
        return self._offset

    def export_cookies(self) -> str:
        """Return the cookie jar as text, to be kept with the secrets."""
        return self._cookies.export()

    def import_cookies(self, text: str) -> None:
        """Take over a kept jar; what cannot be read is left out, as cookies only spare the service some work."""
        self._cookies.load(text)

    # ------------------------------------------------------------------ asking

    async def request(self, request: Request) -> Answer:
        """Send and return a good answer. Raise `ApiError`, `Offline` or `Untrusted` when all tries have failed."""
        attempt = 0
        while True:
            try:
                return await self._once(request)
            except (ApiError, Offline) as error:
                wait = self._wait_before_repeat(request, error, attempt)
                if wait is None:
                    self._note_failure(error)
                    raise
                log.debug("%s %s: %s; again in %.1f s", request.method, request.path, type(error).__name__, wait)
            attempt += 1
            await self.clock.sleep(wait)

    @contextlib.asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[httpx.Response]:
        """Open an answer whose body is read piece by piece. Tries are repeated until it has begun, never within it."""
        attempt = 0
        while True:
            try:
                response = await self._send(request)
                if response.status_code != 200:
                    raise await self._refused(response)
                break
            except (ApiError, Offline) as error:
                wait = self._wait_before_repeat(request, error, attempt)
                if wait is None:
                    self._note_failure(error)
                    raise
            attempt += 1
            await self.clock.sleep(wait)
        try:
            yield response
        except httpx.TransportError as error:
            raise self._failed(error) from error
        finally:
            await response.aclose()

    async def ping(self, timeout: float = PING_TIME) -> bool:
        """Ask whether the service answers at all, once."""
        try:
            response = await self._ask(self._build(PING, timeout))
        except httpx.TransportError as error:
            failure = self._failed(error)
            if isinstance(failure, Untrusted):
                self.trouble.set(failure)
            return False
        self._note_answer(response)
        await response.aclose()
        return True

    async def _ping_over(self, route: str | None) -> bool:
        """Ask over one way whether the service answers; says nothing about being online."""
        ping = self._build(PING, PING_TIME)
        ping.extensions["route"] = route
        try:
            response = await self._ask(ping)
        except httpx.TransportError:
            return False
        await response.aclose()
        return True

    async def _once(self, request: Request) -> Answer:
        response = await self._send(request)
        if response.status_code != 200:
            raise await self._refused(response)
        body, long_texts = await self._body(response, request.long_text)
        return Answer(response.status_code, response.headers, body, long_texts)

    async def _send(self, request: Request) -> httpx.Response:
        """Send one try and return the answer with its body unread. Whatever answers means: online."""
        try:
            response = await self._ask(self._build(request))
        except httpx.TransportError as error:
            failure = self._failed(error)
            if isinstance(failure, Untrusted):
                self._note_failure(failure)
            elif isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                await self._routes.search()
            raise failure from error
        self._note_answer(response)
        return response

    def _build(self, request: Request, timeout: float | None = None) -> httpx.Request:
        headers = self._headers(request.headers)
        # Read from a file-like object, a part goes out in pieces instead of at once.
        files = [(part.name, (part.filename, io.BytesIO(part.content), part.content_type)) for part in request.parts]
        content: bytes | JsonBody | None = None
        if request.json is not None:
            body = JsonBody(request.json)
            content = body.whole or body
            headers = headers.copy()
            headers.update({"Content-Type": "application/json", "Content-Length": str(len(body))})
        built = httpx.Request(
            request.method,
            self.base_url + request.path,
            params=list(request.params) or None,
            content=content,
            files=files or None,
            headers=headers,
            extensions={"timeout": TIMEOUT if timeout is None else dict.fromkeys(TIMEOUT, timeout)},
        )
        self._cookies.put_on(built)
        return built

    def _headers(self, own: tuple[tuple[str, str], ...]) -> httpx.Headers:
        """The headers of a request with these of its own. Those of one session are the same each time, and kept."""
        wanted = (own, self._app_version, self._user_agent)
        if wanted != self._same_headers[0]:
            sent = _ALWAYS | dict(own) | {"x-pm-appversion": self._app_version, "User-Agent": self._user_agent}
            self._same_headers = wanted, httpx.Headers(sent)
        return self._same_headers[1]

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        """Send, and take the answer's cookies. Redirects are not followed: they would take the tokens elsewhere."""
        response = await self._http.handle_async_request(request)
        response.request = request
        self._cookies.take(response)
        return response

    async def _body(self, response: httpx.Response, long_text: str = "") -> tuple[bytes, Mapping[str, io.BytesIO]]:
        """The body, and what was taken out of it."""
        chunks: list[bytes] = []
        large: LongText | None = None
        size = 0
        try:
            async for chunk in _decoded(response):
                size += len(chunk)
                if size > MAX_ANSWER:
                    raise Malformed("The answer is larger than any that is expected.")
                if large is not None:
                    large.feed(chunk)
                    continue
                chunks.append(chunk)
                if long_text and size > LONG:
                    large = LongText(long_text)
                    large.feed(b"".join(chunks))
        except httpx.DecodingError as error:
            raise Malformed("The answer cannot be decompressed.") from error
        except httpx.TransportError as error:
            raise self._failed(error) from error
        finally:
            await response.aclose()
        return (b"".join(chunks), {}) if large is None else (large.document(), large.texts())

    async def _refused(self, response: httpx.Response) -> ApiError:
        """Make the error of an answer; a body that is no JSON object counts as none (API document 1.3)."""
        retry_after = parse_retry_after(response.headers.get("Retry-After"))
        try:
            body, _ = await self._body(response)
            fields = Fields(parse_json(body))
            code, text, details = fields.number("Code"), fields.text("Error"), fields.get("Details")
        except Malformed:
            code, text, details = 0, "", None
        error = api_error(response.status_code, code, text, details, retry_after=retry_after)
        if isinstance(error, Throttled):
            self.throttles += 1
        return error

    def _wait_before_repeat(self, request: Request, error: ApiError | Offline, attempt: int) -> float | None:
        """Return how long to wait before the next try, or None when there is none."""
        if attempt >= request.retries:
            return None
        if isinstance(error, Offline):
            safe = request.repeat_unanswered or not error.sent
            return backoff(attempt, self.clock.random()) if safe else None
        if error.status in (429, 503):
            wait = throttle_wait(error.retry_after, self.clock.random())
            return wait if request.wait_when_throttled and wait <= RETRY_AFTER_LIMIT else None
        return None

    def _failed(self, error: httpx.TransportError) -> Offline | Untrusted:
        if tls.untrusted(error):
            return Untrusted("The certificate shown is not Proton's.")
        connecting = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError)
        reason = "No answer came in time." if isinstance(error, httpx.TimeoutException) else ""
        return Offline(reason, sent=not connecting)

    def _note_failure(self, failure: ApiError | Offline | Untrusted) -> None:
        """Without an answer we are offline; a refusal is an answer."""
        if isinstance(failure, ApiError):
            return
        if isinstance(failure, Untrusted):
            self.trouble.set(failure)
        self.online.set(False)

    def _note_answer(self, response: httpx.Response) -> None:
        self.online.set(True)
        self.trouble.set(None)
        stamp = response.headers.get("Date")
        if stamp and stamp != self._stamp:
            self._stamp = stamp
            with contextlib.suppress(ValueError, TypeError):
                served = email.utils.parsedate_to_datetime(stamp)
                self._offset = served.timestamp() - self.clock.time()


def _decoded(response: httpx.Response) -> AsyncIterable[bytes]:
    """The body without its Content-Encoding; most have none, and then httpx's decoding would cost more than reading."""
    if "content-encoding" in response.headers or not isinstance(response.stream, httpx.AsyncByteStream):
        return response.aiter_bytes()
    return response.stream


def user_agent(name: str, version: str = "") -> str:
    """Return `Name/version (platform)`; a version such as `x (y)` becomes `x-y`, as brackets have a meaning here."""
    plain = re.sub(r"[^\x21-\x7e]+", "", name.replace(" ", "")) or "UnknownClient"
    number = re.sub(r"\s*\(([^)]*)\)", r"-\1", version)
    number = re.sub(r"[^\x21-\x7e]+|[()]", "", number) or "0.0.1"
    return f"{plain[:64]}/{number[:64]} ({platform.system().lower() or 'linux'})"
