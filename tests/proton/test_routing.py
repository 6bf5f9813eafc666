"""Alternative routes against a local resolver and a local route; the system's proxy."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

from bridge_gui.proton import doh, tls
from bridge_gui.proton.errors import Offline
from bridge_gui.proton.http import Request, Transport
from bridge_gui.proton.routing import (
    BACK_TO_DIRECT,
    QUERY_NAME,
    AlternativeRoutes,
    RoutedTransport,
    look_up_routes,
    proxy_for,
    system_proxy,
)
from tests.proton.service import FakeTime
from tests.proton.tls_server import Server, make_identity, serving, txt_answer

GET = Request("GET", "/core/v4/users")


class World:
    """What answers, and what was asked."""

    def __init__(self, *up: str | None, routes: tuple[str, ...] = ("one.example", "two.example")) -> None:
        self.up = set(up)
        self.routes = routes
        self.pinged: list[str | None] = []
        self.look_ups = 0
        self.time = FakeTime()
        self.alternatives = AlternativeRoutes(self.time.clock, look_up=self.look_up, ping=self.ping)
        self.alternatives.enable(True)

    async def look_up(self) -> tuple[str, ...]:
        self.look_ups += 1
        return self.routes

    async def ping(self, host: str | None) -> bool:
        self.pinged.append(host)
        return host in self.up


async def test_the_first_route_that_answers_is_used() -> None:
    world = World("two.example")
    await world.alternatives.search()
    assert world.alternatives.current == "two.example"
    assert world.pinged == [None, "one.example", "two.example"]


async def test_the_direct_way_is_kept_if_it_answers_after_all() -> None:
    world = World(None, "one.example")
    await world.alternatives.search()
    assert world.alternatives.current is None
    assert world.look_ups == 1


async def test_off_means_no_question_to_anybody() -> None:
    world = World("one.example")
    world.alternatives.enable(False)
    await world.alternatives.search()
    assert (world.look_ups, world.pinged) == (0, [])


async def test_at_most_one_search_in_five_seconds() -> None:
    world = World()
    await world.alternatives.search()
    world.time.steady += 4.9
    await world.alternatives.search()
    assert world.look_ups == 1
    world.time.steady += 0.2
    await world.alternatives.search()
    assert world.look_ups == 2


async def test_known_routes_serve_when_no_resolver_answers() -> None:
    world = World()
    await world.alternatives.search()
    world.routes = ()
    world.up = {"one.example"}
    world.time.steady += 6
    await world.alternatives.search()
    assert world.alternatives.current == "one.example"


async def test_after_a_day_the_direct_way_is_tried_again() -> None:
    world = World("one.example")
    await world.alternatives.search()
    world.time.now += BACK_TO_DIRECT - 1
    assert world.alternatives.current == "one.example"
    world.time.now += 1
    assert world.alternatives.current is None


async def test_turning_it_off_goes_back_at_once() -> None:
    world = World("one.example")
    await world.alternatives.search()
    world.alternatives.enable(False)
    assert world.alternatives.current is None


# ---------------------------------------------------------------------------------------------- over real sockets


async def test_the_resolvers_are_asked_in_turn() -> None:
    good = Server(
        body=txt_answer("one.example", "two.example:8443", "not a host!"), content_type="application/dns-message"
    )
    bad = Server(body=b"<html>")
    async with serving(server=bad), serving(server=good):
        resolvers = [
            "http://127.0.0.1:9/dns-query",
            f"http://127.0.0.1:{bad.port}/dns-query",
            f"http://127.0.0.1:{good.port}/dns-query",
        ]
        assert await look_up_routes(resolvers) == ("one.example", "two.example:8443")
        assert f"GET /dns-query?dns={doh.query_parameter(QUERY_NAME)} ".encode() in good.requests[0]
        assert b"application/dns-message" in good.requests[0]
        assert await look_up_routes(resolvers[:2]) == ()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def test_a_blocked_service_is_reached_over_a_route(tmp_path: Path) -> None:
    """The whole way: the host refuses, the resolver names a route, its certificate is checked by pin alone."""
    identity = make_identity(tmp_path, "some.other.name")
    route = Server(body=b'{"Code": 1000, "User": {"ID": "u"}}')
    resolver = Server(content_type="application/dns-message")
    time = FakeTime()
    async with serving(identity, route), serving(server=resolver):
        resolver.body = txt_answer(f"127.0.0.1:{route.port}")
        routes = AlternativeRoutes(
            time.clock, look_up=lambda: look_up_routes([f"http://127.0.0.1:{resolver.port}/dns-query"])
        )
        base = f"https://localhost:{closed_port()}"
        network = RoutedTransport(
            routes,
            tls.client_context(),
            route_context=tls.client_context(lambda _: frozenset({identity.pin}), verify=False),
        )
        async with Transport(base, clock=time.clock, http=network, routes=routes) as transport:
            with pytest.raises(Offline):
                await transport.request(GET)
            assert resolver.requests == [], "the setting is off"
            transport.use_alternative_routing(True)
            answer = await transport.request(GET)
            assert answer.fields().fields("User").text("ID") == "u"
            assert transport.online.value
            host = base.removeprefix("https://")
            assert f"Host: {host}".encode().lower() in route.requests[-1].lower(), "the service sees its own name"
            transport.use_alternative_routing(False)
            with pytest.raises(Offline):
                await transport.request(GET)


async def test_a_route_with_another_key_is_no_route(tmp_path: Path) -> None:
    identity = make_identity(tmp_path, "some.other.name")
    route = Server()
    time = FakeTime()
    async with serving(identity, route):

        async def look_up() -> tuple[str, ...]:
            return (f"127.0.0.1:{route.port}",)

        routes = AlternativeRoutes(time.clock, look_up=look_up)
        base = f"https://localhost:{closed_port()}"
        async with Transport(base, clock=time.clock, routes=routes, alternative_routing=True) as transport:
            with pytest.raises(Offline):
                await transport.request(GET)
        assert routes.current is None
    assert route.requests == []


# ---------------------------------------------------------------------------------------------- the system's proxy


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.usefixtures("no_proxies")
def test_the_environment_names_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    assert system_proxy("https://mail-api.proton.me") is None
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    assert system_proxy("https://mail-api.proton.me") == "http://proxy.example:3128"
    assert system_proxy("http://mail-api.proton.me") is None
    monkeypatch.setenv("NO_PROXY", "proton.me")
    assert system_proxy("https://mail-api.proton.me") is None
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv("ALL_PROXY", "http://all.example:1")
    assert system_proxy("https://mail-api.proton.me") == "http://all.example:1"


@pytest.mark.usefixtures("no_proxies")
async def test_requests_go_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        async with Transport("http://service.example") as transport:
            await transport.request(GET)
    assert proxy.requests[0].startswith(b"GET http://service.example/core/v4/users HTTP/1.1")


async def _socks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: list[bytes]) -> None:
    """A SOCKS 5 proxy (RFC 1928) that answers each connection itself, as the service would."""
    version, methods = await reader.readexactly(2)
    await reader.readexactly(methods)
    writer.write(bytes([version, 0]))
    *_, length = await reader.readexactly(5)
    asked.append(await reader.readexactly(length + 2))
    writer.write(bytes([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"Code":1000}')
    await writer.drain()
    writer.close()


@pytest.mark.usefixtures("no_proxies")
async def test_requests_go_through_a_socks_proxy_which_looks_the_name_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    server = await asyncio.start_server(lambda *ends: _socks(*ends, asked), "127.0.0.1", 0)
    async with server:
        monkeypatch.setenv("ALL_PROXY", f"socks5h://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with Transport("http://service.example") as transport:
            assert (await transport.request(GET)).status == 200
    assert asked == [b"service.example" + (80).to_bytes(2, "big")]


@pytest.mark.usefixtures("no_proxies")
def test_the_socks_proxy_of_the_systems_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"socks": "http://proxy.example:1080"})
    assert system_proxy("https://mail-api.proton.me") == "socks5h://proxy.example:1080"


@pytest.mark.usefixtures("no_proxies")
async def test_a_proxy_that_cannot_be_used_is_not_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://127.0.0.1:70")
    async with Transport("http://service.example", clock=FakeTime().clock) as transport:
        with pytest.raises(Offline) as caught:
            await transport.request(GET)
    assert isinstance(caught.value.__cause__, httpx.ProxyError), "no other way was tried"
    assert not caught.value.sent


@pytest.mark.usefixtures("no_proxies")
def test_a_chosen_proxy_goes_before_the_systems_and_never_for_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://all.example:1")
    assert proxy_for("https://mail-api.proton.me") == "http://all.example:1"
    assert proxy_for("https://mail-api.proton.me", "http://chosen.example:2") == "http://chosen.example:2"
    for here in ("http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1"):
        assert proxy_for(here, "http://chosen.example:2") is None


async def test_cookies_belong_to_the_service_and_not_to_the_route() -> None:
    seen: list[httpx.URL] = []

    class Recording(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            seen.append(request.url)
            return httpx.Response(200, headers={"Set-Cookie": "Session-Id=1; Path=/"})

    time = FakeTime()

    async def look_up() -> tuple[str, ...]:
        return ("route.example:8443",)

    async def ping(host: str | None) -> bool:
        return host is not None

    routes = AlternativeRoutes(time.clock, look_up=look_up, ping=ping)
    network = RoutedTransport(routes, tls.no_trust())
    network._over_route = Recording()
    async with Transport("https://api.example", clock=time.clock, http=network, routes=routes) as transport:
        routes.use_ping(ping)
        routes.enable(True)
        await routes.search()
        await transport.request(GET)
        assert '"domain":"api.example"' in transport.export_cookies()
    assert seen[0].host == "route.example"
    assert seen[0].port == 8443


def test_a_chosen_proxy_comes_first_and_never_for_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    assert proxy_for("https://mail-api.proton.me") == "http://proxy.example:3128"
    assert proxy_for("https://mail-api.proton.me", "http://chosen.example:1") == "http://chosen.example:1"
    assert proxy_for("http://127.0.0.1:9", "http://chosen.example:1") is None
    assert proxy_for("http://localhost:9") is None
