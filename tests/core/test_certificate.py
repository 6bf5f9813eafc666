"""The certificate of a running core: who accepts it, where its key is not, what follows a renewal, one of one's own."""

# ruff: noqa: ASYNC240 - a test may wait for its own small files

from __future__ import annotations

import asyncio
import base64
import datetime
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bridge_gui.core import setup
from bridge_gui.errors import Refused
from bridge_gui.secret import Secret
from bridge_gui.state import SetupPhase
from bridge_gui.vault import certificate, versions
from tests.clients.homes import make_profile, running, thunderbird_of
from tests.core.fakes import Rig

NOW = datetime.datetime.now(datetime.UTC)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return make_profile(tmp_path / "home")


@pytest.fixture
async def rig(tmp_path: Path, profile: Path) -> AsyncIterator[Rig]:
    async with Rig(tmp_path / "core", programs=thunderbird_of(tmp_path / "home")) as made:
        await made.signed_in()
        yield made


@pytest.mark.parametrize("protocol", [0, 1], ids=["imap", "smtp"])
@pytest.mark.parametrize(
    ("address", "name"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("127.0.0.1", "localhost"), ("::1", "localhost")]
)
async def test_a_client_that_knows_our_ca_only_accepts_both_servers(
    protocol: int, address: str, name: str, rig: Rig
) -> None:
    port = rig.bridge.now().listeners[protocol].port
    fingerprint = (await rig.bridge.certificate()).fingerprint

    def shake_hands() -> str:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(rig.profile.certificate_file)
        with (
            socket.create_connection((address, port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=name) as secured,
        ):
            shown = secured.getpeercert(binary_form=True)
        assert shown is not None
        return x509.load_der_x509_certificate(shown).fingerprint(hashes.SHA256()).hex(":").upper()

    assert await asyncio.to_thread(shake_hands) == fingerprint


async def test_no_key_of_the_ca_and_none_in_clear_is_on_the_disk(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither as text nor as the number itself; and the vault, which is sealed, holds the server's key alone."""
    made: list[ec.EllipticCurvePrivateKey] = []
    generate = ec.generate_private_key

    def remember(curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        made.append(generate(curve))
        return made[-1]

    monkeypatch.setattr(certificate.ec, "generate_private_key", remember)
    await rig.bridge.renew_certificate()
    assert rig.bridge._opened is not None
    kept = versions.encode(rig.bridge._opened.vault.content)
    ca = x509.load_pem_x509_certificate(rig.profile.certificate_file.read_bytes())
    assert sum(key.public_key() == ca.public_key() for key in made) == 1
    for key in made:
        number = key.private_numbers().private_value.to_bytes(32, "big")
        der = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        in_clear = {number, number.hex().encode(), der, base64.b64encode(number), pem.split(b"\n")[1]}
        for file in (path for path in tmp_path.rglob("*") if path.is_file()):
            content = file.read_bytes()
            assert b"PRIVATE KEY" not in content, file
            assert not any(form in content for form in in_clear), file
        assert any(form in kept for form in in_clear) == (key.public_key() != ca.public_key())


async def test_a_renewal_brings_every_pin_along_and_names_the_others(
    rig: Rig, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "CLOSED_SECONDS", 0.02)
    account = rig.bridge.now().accounts[0].id
    await rig.bridge.add_client("Mutt", account)
    await rig.bridge.setup_apply(account, "thunderbird")
    monkeypatch.setattr(certificate, "RENEW_BEFORE", certificate.LIFETIME + datetime.timedelta(days=1))
    before = (await rig.bridge.certificate()).fingerprint
    opened = rig.bridge._opened
    assert opened is not None

    with running(profile):
        assert await opened.certificates.ensure()
        rig.bridge._certificate_renewed()
        async for state in rig.bridge.state.watch():
            if state.notices:
                break
        assert "Mutt, Thunderbird." in state.notices[0].problem.remedy
        assert before in (profile / "cert_override.txt").read_text()
    async for state in rig.bridge.state.watch():
        if [entry.phase for entry in state.setups] == [SetupPhase.WAITING]:
            break
    after = (await rig.bridge.certificate()).fingerprint
    assert (profile / "cert_override.txt").read_text().count(after) == 2

    await rig.bridge.renew_certificate()
    newest = (await rig.bridge.certificate()).fingerprint
    assert (profile / "cert_override.txt").read_text().count(newest) == 2


def own(
    *,
    hosts: tuple[str, ...] = ("127.0.0.1",),
    days: int = 30,
    ca: bool = False,
    other_key: bool = False,
    words: str = "",
) -> str:
    """A self-signed certificate with its key, as one PEM text."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mine")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - datetime.timedelta(days=40))
        .not_valid_after(NOW + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host)) for host in hosts]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    shown = ec.generate_private_key(ec.SECP256R1()) if other_key else key
    sealing = serialization.BestAvailableEncryption(words.encode()) if words else serialization.NoEncryption()
    key_pem = shown.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealing)
    return made.public_bytes(serialization.Encoding.PEM).decode() + key_pem.decode()


async def test_a_certificate_of_ones_own_is_served_and_stays(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = own()
    shown = await rig.bridge.import_certificate(Secret(pem))
    assert shown.hosts == ("127.0.0.1",)
    port = rig.bridge.now().listeners[0].port
    served = await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port))
    assert served.strip() in pem
    monkeypatch.setattr(certificate, "RENEW_BEFORE", datetime.timedelta(days=60))
    assert rig.bridge._opened is not None
    assert not await rig.bridge._opened.certificates.ensure()
    assert (await rig.bridge.renew_certificate()).fingerprint != shown.fingerprint


@pytest.mark.parametrize(
    ("pem", "words"),
    [
        pytest.param("nonsense", "does not hold", id="nothing"),
        pytest.param(own(words="secret"), "does not hold", id="a key under a passphrase"),
        pytest.param(own(other_key=True), "does not belong", id="a key of another"),
        pytest.param(own(days=-1), "not valid today", id="ended"),
        pytest.param(own(ca=True), "authority", id="a CA"),
        pytest.param(own(hosts=("10.0.0.1",)), "not for 127.0.0.1", id="another address"),
    ],
)
def test_what_programs_would_not_take_is_refused(pem: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        certificate.read_certificate(Secret(pem), NOW)
