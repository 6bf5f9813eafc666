"""Pins: looked at in the handshake, so that nothing is sent to the wrong one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge_gui.proton import tls
from bridge_gui.proton.errors import Offline, Untrusted
from bridge_gui.proton.http import Request, Transport
from tests.proton.service import FakeTime
from tests.proton.tls_server import make_identity, serving

GET = Request("GET", "/core/v4/users", headers=(("Authorization", "Bearer secret"),))


@pytest.mark.parametrize(
    ("host", "pinned"),
    [
        ("mail-api.proton.me", True),
        ("proton.me", True),
        ("MAIL.PROTON.ME.", True),
        ("api.protonmail.ch", True),
        ("mail.protonmail.com", True),
        ("protonmail.ch", False),
        ("notproton.me", False),
        ("proton.me.example", False),
        ("127.0.0.1", False),
        ("localhost", False),
    ],
)
def test_only_protons_own_hosts_are_pinned(host: str, pinned: bool) -> None:
    assert bool(tls.pins_for(host)) == pinned


def test_every_pin_is_a_sha_256() -> None:
    pins = tls.ALTERNATIVE_PINS.union(*(pins for _, pins in tls.PINS))
    assert len(pins) == 13
    assert all(len(pin) == 44 and pin.endswith("=") for pin in pins)


def test_one_fitting_certificate_of_the_chain_is_enough(tmp_path: Path) -> None:
    def der(name: str) -> tuple[bytes, str]:
        identity = make_identity(tmp_path, name)
        return x509.load_pem_x509_certificate(identity.path.read_bytes()).public_bytes(Encoding.DER), identity.pin

    (leaf, leaf_pin), (root, root_pin) = der("leaf.example"), der("root.example")
    tls.check_pins([leaf, root], frozenset({root_pin, "other"}))
    tls.check_pins([leaf, root], frozenset({leaf_pin}))
    for chain, pins in (([leaf], frozenset({root_pin})), ([leaf], frozenset()), ([], frozenset({root_pin}))):
        with pytest.raises(tls.PinMismatch):
            tls.check_pins(chain, pins)


async def test_a_pinned_host_with_the_right_key_is_asked(tmp_path: Path) -> None:
    identity = make_identity(tmp_path, "localhost")
    async with (
        serving(identity) as server,
        Transport(
            f"https://localhost:{server.port}",
            pins=lambda _: frozenset({identity.pin}),
            ca_file=str(identity.path),
        ) as transport,
    ):
        await transport.request(GET)
    assert b"Bearer secret" in server.requests[0]


async def test_a_valid_certificate_with_another_key_gets_nothing(tmp_path: Path) -> None:
    identity = make_identity(tmp_path, "localhost")
    async with (
        serving(identity) as server,
        Transport(
            f"https://localhost:{server.port}",
            pins=lambda _: frozenset({"CT56BhOTmj5ZIPgb/xD5mH8rY3BLo/MlhP7oPyJUEDo="}),
            ca_file=str(identity.path),
        ) as transport,
    ):
        with pytest.raises(Untrusted) as caught:
            await transport.request(GET)
        assert not transport.online.value
        assert transport.trouble.value is caught.value
    assert server.connections <= 1, "and it is not tried again"
    assert server.requests == []


async def test_an_unknown_certificate_is_not_trusted_either(tmp_path: Path) -> None:
    identity = make_identity(tmp_path, "localhost")
    async with serving(identity) as server, Transport(f"https://localhost:{server.port}") as transport:
        with pytest.raises(Untrusted):
            await transport.request(GET)
        assert not await transport.ping()
    assert server.requests == []


async def test_a_name_that_does_not_fit_is_not_trusted(tmp_path: Path) -> None:
    identity = make_identity(tmp_path, "other.example")
    async with (
        serving(identity) as server,
        Transport(f"https://localhost:{server.port}", ca_file=str(identity.path)) as transport,
    ):
        with pytest.raises(Untrusted):
            await transport.request(GET)


async def test_trust_is_seen_again_when_the_right_one_answers(tmp_path: Path) -> None:
    identity = make_identity(tmp_path, "localhost")
    pins = {"CT56BhOTmj5ZIPgb/xD5mH8rY3BLo/MlhP7oPyJUEDo="}
    async with (
        serving(identity) as server,
        Transport(
            f"https://localhost:{server.port}", pins=lambda _: frozenset(pins), ca_file=str(identity.path)
        ) as transport,
    ):
        with pytest.raises(Untrusted):
            await transport.request(GET)
        pins.add(identity.pin)
        await transport.request(GET)
        assert transport.trouble.value is None
        assert transport.online.value


async def test_a_server_without_tls_is_offline_and_not_untrusted() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 This is no TLS\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        async with Transport(f"https://localhost:{port}", clock=FakeTime().clock) as transport:
            with pytest.raises(Offline):
                await transport.request(GET)
            assert transport.trouble.value is None


async def test_connections_are_used_again_until_they_are_dropped(tmp_path: Path) -> None:
    identity = make_identity(tmp_path, "localhost")
    async with (
        serving(identity) as server,
        Transport(f"https://localhost:{server.port}", ca_file=str(identity.path)) as transport,
    ):
        await transport.request(GET)
        await transport.request(GET)
        assert server.connections == 1
        await transport.reconnect()
        await transport.request(GET)
        assert server.connections == 2
