"""Which machine a request really goes to: direct, through the system's proxy, or over an alternative route.

Alternative routes (API document 1.8, a setting that is off by default) are for networks that block Proton. Only the
target of the connection changes; URL, `Host` and cookies stay those of the service. The route's own certificate is
checked by pins alone.
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
import urllib.request
from collections.abc import Awaitable, Callable, Sequence

import httpx

from bridge_gui.proton import doh, tls
from bridge_gui.proton.connections import Connections
from bridge_gui.proton.errors import Malformed
from bridge_gui.proton.retry import Clock

log = logging.getLogger(__name__)

QUERY_NAME = "dMFYGSLTQOJXXI33ONVQWS3BOMNUA.protonpro.xyz"
"""`d`, then the base32 of the API's host name, below the domain that holds the routes."""
RESOLVERS = (
    "https://dns11.quad9.net/dns-query",
    "https://dns11.quad9.net:5053/dns-query",
    "https://dns.google/dns-query",
)
SEARCH_PAUSE = 5.0
"""At most one search in so many seconds."""
SEARCH_TIME = 20.0
"""For the look-up as a whole, for one resolver, and for one ping."""
BACK_TO_DIRECT = 24 * 3600.0

PROXIED = httpx.Limits(max_connections=100, max_keepalive_connections=100, keepalive_expiry=300.0)
"""Connections through a proxy, which are httpx's own; the others are those of `connections`."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")


def system_proxy(url: str) -> str | None:
    """Return the proxy that the system or its environment variables set for `url`."""
    target = httpx.URL(url)
    if not target.host or urllib.request.proxy_bypass(target.host):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(target.scheme) or proxies.get("all")
    if not proxy and (socks := proxies.get("socks")):  # as the settings of macOS name it
        proxy = f"socks5h://{socks.rpartition('://')[2]}"
    if proxy and "://" not in proxy:
        proxy = "http://" + proxy
    return proxy or None


def proxy_for(url: str, chosen: str = "") -> str | None:
    """Return the proxy for `url`: the one that was chosen, else the system's; never one for this computer itself."""
    if httpx.URL(url).host in LOOPBACK:
        return None
    return chosen or system_proxy(url)


Look = Callable[[], Awaitable[tuple[str, ...]]]
Ping = Callable[[str | None], Awaitable[bool]]


class AlternativeRoutes:
    """Know the route in use, and search for one when the direct way fails.

    `look_up` gives the routes' hosts, `ping(host)` says whether the service answers there (None: directly).
    """

    def __init__(self, clock: Clock | None = None, *, look_up: Look | None = None, ping: Ping | None = None) -> None:
        self._clock = clock or Clock()
        self._look_up = look_up or look_up_routes
        self._ping = ping
        self._enabled = False
        self._route: str | None = None
        self._until = 0.0
        self._searched: float | None = None
        self._lock = asyncio.Lock()
        self._known: tuple[str, ...] = ()

    def use_ping(self, ping: Ping) -> None:
        self._ping = ping

    def enable(self, enabled: bool) -> None:
        self._enabled = enabled
        if not enabled:
            self._route = None

    @property
    def current(self) -> str | None:
        """The host (and port) of the route in use; None while connections go straight to the service."""
        if self._route is not None and self._clock.time() >= self._until:
            self._route = None
        return self._route

    async def search(self) -> None:
        """Look for a way after a connection could not be made. The direct one is kept if it answers after all."""
        if not self._enabled or self._ping is None:
            return
        async with self._lock:
            now = self._clock.monotonic()
            if self._searched is not None and now - self._searched < SEARCH_PAUSE:
                return
            self._searched = now
            direct, found = await asyncio.gather(self._ping(None), self._look_up())
            self._known = found or self._known
            if direct:
                self._route = None
                return
            for host in self._known:
                if await self._ping(host) and self._enabled:
                    log.info("using an alternative route")
                    self._route = host
                    self._until = self._clock.time() + BACK_TO_DIRECT
                    return


async def look_up_routes(
    resolvers: Sequence[str] = RESOLVERS, http: Callable[[], httpx.AsyncClient] | None = None
) -> tuple[str, ...]:
    """Ask the resolvers in turn for the hosts of alternative routes; none when no resolver answers."""
    client = http() if http else httpx.AsyncClient(timeout=SEARCH_TIME)
    try:
        async with asyncio.timeout(SEARCH_TIME), client:
            for resolver in resolvers:
                try:
                    answer = await client.get(
                        resolver,
                        params={"dns": doh.query_parameter(QUERY_NAME)},
                        headers={"Accept": "application/dns-message"},
                    )
                    hosts = tuple(each for each in doh.texts(answer.content) if _HOST.fullmatch(each))
                except (httpx.HTTPError, Malformed) as error:
                    log.debug("no routes from a resolver: %s", type(error).__name__)
                    continue
                if answer.status_code == 200 and hosts:
                    return hosts
    except TimeoutError:
        log.debug("no routes in time")
    return ()


class RoutedTransport(httpx.AsyncBaseTransport):
    """Send each request directly, or to the alternative route in use.

    A request may force its way with the extension `route`: a host, or None for the direct one.
    """

    def __init__(
        self,
        routes: AlternativeRoutes,
        context: ssl.SSLContext,
        *,
        route_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
    ) -> None:
        self._routes = routes
        self._proxy = proxy
        self._context = context
        self._route_context = route_context or tls.client_context(lambda _: tls.ALTERNATIVE_PINS, verify=False)
        self._direct = self._open(self._context)
        self._over_route = self._open(self._route_context)

    def _open(self, context: ssl.SSLContext) -> httpx.AsyncBaseTransport:
        if self._proxy is None:
            return Connections(context)
        try:
            return httpx.AsyncHTTPTransport(verify=context, http2=True, limits=PROXIED, proxy=self._proxy)
        except (ImportError, ValueError) as error:
            # Going past the proxy would be worse than not going at all.
            return _UnusableProxy(str(error))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        route = request.extensions.get("route", self._routes.current)
        if route is None:
            return await self._direct.handle_async_request(request)
        host, _, port = route.partition(":")
        # The Host header is set already and stays, so that the service sees its own name. The request itself stays as
        # it is too: cookies belong to the service, not to the route.
        rerouted = httpx.Request(
            request.method,
            request.url.copy_with(host=host, port=int(port) if port else None),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await self._over_route.handle_async_request(rerouted)

    async def reconnect(self) -> None:
        """Drop all connections, also those in use: what waits on them fails and is tried again over new ones."""
        old = self._direct, self._over_route
        self._direct, self._over_route = self._open(self._context), self._open(self._route_context)
        for each in old:
            await each.aclose()

    async def aclose(self) -> None:
        await self._direct.aclose()
        await self._over_route.aclose()


class _UnusableProxy(httpx.AsyncBaseTransport):
    """Stands where the system's proxy is of a kind that cannot be used."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ProxyError(f"the system's proxy cannot be used: {self._reason}")
