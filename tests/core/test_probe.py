"""A port as a mail program meets it: ours in good order, and what can stand in between; and who has a port of ours."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bridge_gui.core import probe as room
from bridge_gui.core.probe import Probe, Reach, occupant, probe, who
from bridge_gui.model import Protocol
from bridge_gui.secret import Secret
from bridge_gui.vault.certificate import describe, make_certificate, server_context
from bridge_gui.vault.records import CertificateRecord
from tests.certificates import self_signed
from tests.core.fakes import Rig
from tests.core.rigs import port

OURS = make_certificate(datetime.datetime.now(datetime.UTC))
IMAP, SMTP = Protocol.IMAP, Protocol.SMTP

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(talk: Talk, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server of the test's own; it lets go of whoever has gone."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
            await reader.read()
        except OSError:
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def says(*lines: bytes) -> Talk:
    """Greet with the first line, and answer each of the client's lines with the next."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(lines[0])
        for line in lines[1:]:
            await reader.readline()
            writer.write(line)

    return talk


def starts_tls(protocol: Protocol, record: CertificateRecord) -> Talk:
    """What a mail shield does: the greeting goes through, TLS ends at it."""
    lines = {
        IMAP: (b"* OK ready\r\n", b"1 OK go on\r\n"),
        SMTP: (b"220 localhost ready\r\n", b"250-localhost\r\n250 STARTTLS\r\n", b"220 go on\r\n"),
    }[protocol]

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await says(*lines)(reader, writer)
        await writer.start_tls(server_context(record))

    return talk


def issued_by(organisation: str) -> CertificateRecord:
    """A self-signed certificate, as other programs make it."""
    made = self_signed("127.0.0.1", organisation=organisation)
    return CertificateRecord(made.pem.decode(), made.pem.decode(), Secret(made.key_pem.decode()))


async def looked_at(protocol: Protocol, number: int) -> Probe:
    return await probe(protocol, "127.0.0.1", number, OURS.ca_pem, describe(OURS).fingerprint, "127.0.0.1")


@pytest.mark.parametrize(("protocol", "number"), [(IMAP, 0), (SMTP, 1)])
async def test_our_own_servers_are_reached(rig: Rig, protocol: Protocol, number: int) -> None:
    record = rig.bridge._open.vault.content.certificate
    assert record is not None
    fingerprint = describe(record).fingerprint
    met = await probe(protocol, "127.0.0.1", port(rig, number), record.ca_pem, fingerprint, "127.0.0.1")
    assert met == Probe(Reach.GOOD)
    assert rig.bridge._household.attempts.since(0) == ()


@pytest.mark.parametrize("protocol", [IMAP, SMTP])
async def test_a_mail_shield_is_named(protocol: Protocol) -> None:
    async with serving(starts_tls(protocol, issued_by("Shield Corp"))) as number:
        assert await looked_at(protocol, number) == Probe(Reach.OTHER_CERTIFICATE, "Shield Corp, 127.0.0.1")


@pytest.mark.parametrize("protocol", [IMAP, SMTP])
async def test_our_own_certificate_passes_and_an_expired_one_does_not(protocol: Protocol) -> None:
    async with serving(starts_tls(protocol, OURS)) as number:
        assert await looked_at(protocol, number) == Probe(Reach.GOOD)
    old = make_certificate(datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC))
    async with serving(starts_tls(protocol, old)) as number:
        met = await probe(protocol, "127.0.0.1", number, old.ca_pem, describe(old).fingerprint, "127.0.0.1")
        assert met == Probe(Reach.UNVERIFIED)


@pytest.mark.parametrize(
    ("protocol", "lines", "expected"),
    [
        pytest.param(IMAP, (b"* OK hello\r\n", b"1 BAD what\r\n"), Probe(Reach.PLAIN), id="IMAP without STARTTLS"),
        pytest.param(
            SMTP, (b"220 hello\r\n", b"250 me\r\n", b"502 no\r\n"), Probe(Reach.PLAIN), id="SMTP without STARTTLS"
        ),
        pytest.param(IMAP, (b"220 web.test FTP\r\n",), Probe(Reach.OTHER, "web.test FTP"), id="another server"),
        pytest.param(SMTP, (b"x" * 20_000,), Probe(Reach.OTHER), id="no end of line"),
    ],
)
async def test_what_does_not_speak_as_we_do(protocol: Protocol, lines: tuple[bytes, ...], expected: Probe) -> None:
    async with serving(says(*lines)) as number:
        assert await looked_at(protocol, number) == expected


async def test_tls_that_does_not_come_up() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await says(b"* OK hello\r\n", b"1 OK go on\r\n")(reader, writer)
        await reader.read(1)
        writer.write(b"* what was that\r\n")

    async with serving(talk) as number:
        assert await looked_at(IMAP, number) == Probe(Reach.BROKEN)


async def test_silence_and_a_closed_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PROBE_SECONDS", 0.05)
    async with serving(says(b"")) as number:
        assert await looked_at(IMAP, number) == Probe(Reach.SILENT)
    assert await looked_at(IMAP, number) == Probe(Reach.REFUSED)


# ---------------------------------------------------------------------------------------------- who has a port


@pytest.mark.parametrize(
    ("said", "certified", "name"),
    [
        ("* OK [CAPABILITY IMAP4rev1] Proton Mail Bridge 03.21.0 - gluon session ID 1", "", "Proton Mail Bridge"),
        ("220 127.0.0.1 ESMTP Service Ready", "Proton AG, 127.0.0.1", "Proton Mail Bridge"),
        ("* OK [CAPABILITY IMAP4rev1] Bridge Manager is ready", "", "another Bridge Manager"),
        ("220 localhost ESMTP Bridge Manager", "", "another Bridge Manager"),
        ("* OK [CAPABILITY IMAP4rev1] Dovecot (Debian) ready.", "", "Dovecot"),
        ("SSH-2.0-OpenSSH_9.2", "", "an SSH server"),
        ("* OK [ALERT] My own\x07 mail  server.", "", "My own mail server"),
        ("220 " + "long " * 50, "", "long long long long long long long long long long long long"),
        ("", "", ""),
    ],
)
def test_programs_are_named_by_what_they_say(said: str, certified: str, name: str) -> None:
    assert who(said, certified) == name


async def test_the_certificate_tells_the_bridge_of_proton() -> None:
    async with serving(starts_tls(SMTP, issued_by("Proton AG"))) as number:
        assert await occupant(number) == "Proton Mail Bridge"


async def test_a_server_that_begins_with_tls_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SPEAKS_FIRST_SECONDS", 0.2)
    async with serving(says(b"* OK Dovecot ready.\r\n"), server_context(issued_by("Somebody"))) as number:
        assert await occupant(number) == "Dovecot"


async def test_who_says_nothing_stays_nameless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SPEAKS_FIRST_SECONDS", 0.05)
    monkeypatch.setattr(room, "PROBE_SECONDS", 0.2)
    async with serving(says(b"")) as number:
        assert await occupant(number) == ""
