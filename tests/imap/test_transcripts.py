"""Each conversation in `tests/conversations/imap`, against the sans-IO parts (whole, and octet by octet) and over
sockets."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from bridge_gui.imap.conversation import Shared
from bridge_gui.imap.server import ImapServer
from tests.imap.clients import Client, MemoryClient, SocketClient
from tests.imap.memory import MemoryStore
from tests.imap.transcript import TRANSCRIPTS, play, read

every_transcript = pytest.mark.parametrize("path", TRANSCRIPTS, ids=[path.stem for path in TRANSCRIPTS])


def plain_text(path: Path) -> bool:
    """Transcripts of what happens before TLS."""
    return path.stem.startswith("plain_text")


@every_transcript
@pytest.mark.parametrize("piece", [0, 1], ids=["whole", "octets"])
async def test_sans_io(path: Path, piece: int, store: MemoryStore) -> None:
    shared = Shared(store)

    async def connect() -> Client:
        return MemoryClient(shared, tls=not plain_text(path), piece=piece)

    await play(path.name, read(path), store, connect)


@every_transcript
async def test_over_a_socket(path: Path, store: MemoryStore, server: ImapServer, client_tls: ssl.SSLContext) -> None:
    async def connect() -> Client:
        return await SocketClient.connect(server.port, None if plain_text(path) else client_tls)

    await play(path.name, read(path), store, connect)
