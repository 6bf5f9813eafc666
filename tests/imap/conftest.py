"""A server with its reference backend, and TLS for both sides."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge_gui.imap.server import ImapServer
from tests.certificates import self_signed
from tests.imap.memory import MemoryStore
from tests.imap.transcript import NOW


@pytest.fixture(scope="session")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed("127.0.0.1", "localhost").write(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture(scope="session")
def server_tls(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.fixture(scope="session")
def client_tls(pem: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=pem)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(now=NOW)


@pytest.fixture
async def server(store: MemoryStore, server_tls: ssl.SSLContext) -> AsyncIterator[ImapServer]:
    running = ImapServer(store)
    await running.start(0, server_tls)
    yield running
    await running.close()
