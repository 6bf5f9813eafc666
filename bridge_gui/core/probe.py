"""Looking at a port of this computer as a mail program does: who answers there, and with whose certificate.

Our own ports are looked at to find what stands in between: a firewall, a mail shield that opens TLS. A port that
somebody else has is looked at to name the program: `who` knows some by what they say, and is pure.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum, auto

from bridge_gui.model import Protocol
from bridge_gui.vault.certificate import Shown, shown

PROBE_SECONDS = 5.0
SPEAKS_FIRST_SECONDS = 1.0
"""A server that speaks first has done so by then; one that has not waits for TLS, or for something else."""
_LINE_LIMIT = 8 * 1024
_SAID_LIMIT = 60


class Reach(Enum):
    """How far a mail program comes."""

    GOOD = auto()
    REFUSED = auto()
    """The connection is refused or cut."""
    SILENT = auto()
    """Nothing comes back."""
    OTHER = auto()
    """What answers speaks another language; `Probe.who` has its words."""
    PLAIN = auto()
    """STARTTLS is refused, which our own server never does."""
    OTHER_CERTIFICATE = auto()
    """TLS with a certificate that is not ours; `Probe.who` issued it."""
    UNVERIFIED = auto()
    """Our own certificate, and it does not stand the checks of mail programs."""
    BROKEN = auto()
    """TLS does not come up."""


@dataclass(frozen=True, slots=True)
class Probe:
    reach: Reach
    who: str = ""


# ---------------------------------------------------------------------------------------------- our own ports


async def probe(protocol: Protocol, host: str, port: int, ca_pem: str, fingerprint: str, name: str) -> Probe:
    """Connect, start TLS and check the certificate, which is to be valid for `name` and ours by its `fingerprint`."""
    context = ssl.create_default_context(cadata=ca_pem)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # of a certificate of one's own we may know the issuer only
    try:
        async with asyncio.timeout(PROBE_SECONDS), _start_tls(protocol, host, port, context, name):
            return Probe(Reach.GOOD)
    except TimeoutError:
        return Probe(Reach.SILENT)
    except _OtherWords as other:
        return Probe(Reach.OTHER, other.said)
    except _NoTls:
        return Probe(Reach.PLAIN)
    except ssl.SSLCertVerificationError:
        return await _whose(protocol, host, port, fingerprint)
    except ssl.SSLError:
        return Probe(Reach.BROKEN)
    except OSError:
        return Probe(Reach.REFUSED)


async def _whose(protocol: Protocol, host: str, port: int, fingerprint: str) -> Probe:
    """Look again without checking, and say whose certificate it is."""
    try:
        async with asyncio.timeout(PROBE_SECONDS), _start_tls(protocol, host, port, _any_certificate()) as writer:
            found = _certificate(writer)
    except (OSError, TimeoutError, _OtherWords, _NoTls):
        return Probe(Reach.BROKEN)
    if found is None or found.fingerprint == fingerprint:
        return Probe(Reach.UNVERIFIED)
    return Probe(Reach.OTHER_CERTIFICATE, _plain(found.issuer))


class _OtherWords(Exception):
    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said


class _NoTls(Exception):
    pass


@contextlib.asynccontextmanager
async def _start_tls(
    protocol: Protocol, host: str, port: int, context: ssl.SSLContext, name: str | None = None
) -> AsyncIterator[asyncio.StreamWriter]:
    """A connection that has begun TLS by STARTTLS, until the end of the block."""
    async with _connected(host, port) as (reader, writer):
        await _ask_for_tls(protocol, reader, writer, await _greeting(reader))
        await writer.start_tls(context, server_hostname=name)
        yield writer


async def _ask_for_tls(
    protocol: Protocol, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, greeting: str
) -> None:
    if protocol is Protocol.IMAP:
        if not greeting.upper().startswith("* OK"):
            raise _OtherWords(_plain(greeting))
        writer.write(b"1 STARTTLS\r\n")
        answer = await _line(reader)
        while answer.startswith("*"):
            answer = await _line(reader)
        if not answer.upper().startswith("1 OK"):
            raise _NoTls
    else:
        if not greeting.startswith("220"):
            raise _OtherWords(_plain(greeting))
        writer.write(b"EHLO localhost\r\n")
        await _reply(reader)
        writer.write(b"STARTTLS\r\n")
        if not (await _reply(reader)).startswith("220"):
            raise _NoTls


# ---------------------------------------------------------------------------------------------- another's port


async def occupant(port: int) -> str:
    """Name the program that listens on a port of this computer, as far as it shows itself; else nothing."""
    return await _occupant("127.0.0.1", port) or await _occupant("::1", port)


async def _occupant(host: str, port: int) -> str:
    said, certificate = "", None
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(PROBE_SECONDS):
            said, certificate = await _spoken(host, port)
            if not said:
                async with _connected(host, port, _any_certificate()) as (reader, writer):
                    certificate = _certificate(writer)
                    said = await _first_words(reader)
    return who(said, certificate.subject if certificate is not None else "")


async def _spoken(host: str, port: int) -> tuple[str, Shown | None]:
    """What a server says first, and the certificate it shows after STARTTLS."""
    async with _connected(host, port) as (reader, writer):
        said = await _first_words(reader)
        protocol = Protocol.IMAP if said.startswith("*") else Protocol.SMTP if said.startswith("220") else None
        certificate = None
        if protocol is not None:
            with contextlib.suppress(OSError, TimeoutError, _NoTls, _OtherWords):
                async with asyncio.timeout(SPEAKS_FIRST_SECONDS):
                    await _ask_for_tls(protocol, reader, writer, said)
                    await writer.start_tls(_any_certificate())
                    certificate = _certificate(writer)
        return said, certificate


KNOWN = (
    ("proton ag", "Proton Mail Bridge"),
    ("proton mail bridge", "Proton Mail Bridge"),
    ("gluon", "Proton Mail Bridge"),
    ("bridge manager", "another Bridge Manager"),
    *((name.lower(), name) for name in ("hydroxide", "DavMail", "Dovecot", "Postfix", "Exim", "Cyrus", "Courier")),
    *((name.lower(), name) for name in ("hMailServer", "Stalwart", "Sendmail", "Mailpit", "MailHog", "GreenMail")),
    ("ssh-", "an SSH server"),
)
"""What a program says or has in its certificate, in small letters, and what people call it."""


def who(said: str, certified: str) -> str:
    """Name a program by its first words and the subject of its certificate; unknown ones in their own words."""
    shown = f"{said}\n{certified}".lower()
    for sign, name in KNOWN:
        if sign in shown:
            return name
    return _plain(said)


def _plain(said: str) -> str:
    """What a server says, as words that can be shown: without status and capabilities, printable, short."""
    words = said.split("]", 1)[-1] if "[" in said else said
    for status in ("* OK", "* PREAUTH", "* BYE", "220-", "220 "):
        words = words.removeprefix(status)
    words = " ".join("".join(char if char.isprintable() else " " for char in words).split())
    return words.strip(" .")[:_SAID_LIMIT].strip()


# ---------------------------------------------------------------------------------------------- bytes


def _any_certificate() -> ssl.SSLContext:
    """Only to read the certificate: nothing is said on such a connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@contextlib.asynccontextmanager
async def _connected(
    host: str, port: int, context: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(host, port, limit=_LINE_LIMIT, ssl=context)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _line(reader: asyncio.StreamReader) -> str:
    try:
        line = await reader.readline()
    except ValueError as error:
        raise _OtherWords("") from error
    if not line:
        raise ConnectionResetError("the server has gone")
    return line.decode("utf-8", "replace").rstrip("\r\n")


async def _greeting(reader: asyncio.StreamReader) -> str:
    said = await _line(reader)
    line = said
    while line.startswith("220-"):
        line = await _line(reader)
    return said


async def _reply(reader: asyncio.StreamReader) -> str:
    """The last line of an SMTP reply."""
    line = await _line(reader)
    while line[3:4] == "-":
        line = await _line(reader)
    return line


async def _first_words(reader: asyncio.StreamReader) -> str:
    with contextlib.suppress(OSError, TimeoutError, _OtherWords):
        async with asyncio.timeout(SPEAKS_FIRST_SECONDS):
            return await _greeting(reader)
    return ""


def _certificate(writer: asyncio.StreamWriter) -> Shown | None:
    tls = writer.get_extra_info("ssl_object")
    der = tls.getpeercert(binary_form=True) if tls is not None else None
    return shown(der) if der else None
