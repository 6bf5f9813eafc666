"""A small HTTPS server with a certificate of its own, and a small DNS-over-HTTPS stand-in."""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from bridge_gui.proton.tls import spki_pin
from tests.certificates import self_signed


@dataclass(frozen=True)
class Identity:
    """A self-signed certificate with its key in one PEM file."""

    path: Path
    pin: str


def make_identity(folder: Path, *names: str) -> Identity:
    made = self_signed(*names)
    return Identity(made.write(folder / f"{names[0]}.pem"), spki_pin(made.certificate.public_bytes(Encoding.DER)))


@dataclass
class Server:
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    """Head of each request that arrived."""
    body: bytes = b"{}"
    content_type: str = "application/json"
    connections: int = 0


@asynccontextmanager
async def serving(identity: Identity | None = None, server: Server | None = None) -> AsyncIterator[Server]:
    """Answer every request with 200 and the server's body; with TLS if there is an identity."""
    state = server or Server()
    writers: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state.connections += 1
        writers.add(writer)
        try:
            while True:
                state.requests.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                    % (state.content_type.encode(), len(state.body), state.body)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writers.discard(writer)
            writer.close()

    context = None
    if identity is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(identity.path)
    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    state.port = listener.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        listener.close()
        for writer in list(writers):
            writer.transport.abort()
        await asyncio.sleep(0)


def txt_answer(*records: str, code: int = 0, question: bytes = b"\x01d\x07example\x00\x00\x10\x00\x01") -> bytes:
    """A DNS answer with TXT records, their names compressed."""
    message = struct.pack("!6H", 0, 0x8180 | code, 1, len(records), 0, 0) + question
    for record in records:
        data = b"".join(bytes([len(part)]) + part for part in _parts(record.encode()))
        message += b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 60, len(data)) + data
    return message


def _parts(data: bytes) -> list[bytes]:
    return [data[at : at + 255] for at in range(0, len(data), 255)] or [b""]
