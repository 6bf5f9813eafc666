from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bridge_gui.secret import Secret
from bridge_gui.smtp.backend import LoginRefusal, LoginRefused, Peer, Reply, Submission
from bridge_gui.smtp.server import SmtpServer
from tests.certificates import self_signed

PASSWORD = "correct-horse"
SENT = Reply(250, "2.0.0", "Sent.")
USER = "alice@example.org"


@dataclass
class FakeSubmitter:
    """Keeps what it is handed; `outcome` decides the answer."""

    mails: list[Submission] = field(default_factory=list)
    activities: list[str] = field(default_factory=list)
    max_size: int = 1_000_000
    outcome: Reply | Exception = SENT
    closed: int = 0
    revoke: Callable[[str], None] | None = None

    def activity(self, text: str) -> None:
        self.activities.append(text)

    def on_revoked(self, callback: Callable[[str], None]) -> None:
        self.revoke = callback

    async def check_sender(self, address: str) -> Reply:
        if address.endswith("@example.org"):
            return Reply(250, "2.1.0", "Sender noted.")
        return Reply(550, "5.7.1", "This is not an address of yours.")

    async def submit(self, submission: Submission) -> Reply:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        self.mails.append(submission)
        return self.outcome

    def close(self) -> None:
        self.closed += 1


@dataclass
class FakeBackend:
    submitter: FakeSubmitter = field(default_factory=FakeSubmitter)
    peers: list[Peer] = field(default_factory=list)
    refusal: LoginRefusal = LoginRefusal.CREDENTIALS

    async def login(self, username: str, password: Secret[str], peer: Peer) -> FakeSubmitter | LoginRefused:
        self.peers.append(peer)
        if (username, password.reveal()) == (USER, PASSWORD):
            return self.submitter
        return LoginRefused(self.refusal, "The user name or the password is wrong.")


@pytest.fixture(scope="session")
def certificate_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate with its key in one PEM file."""
    return self_signed("127.0.0.1", "localhost").write(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture(scope="session")
def server_context(certificate_file: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file)
    return context


@pytest.fixture(scope="session")
def client_context(certificate_file: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate_file))


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()


@pytest.fixture
async def server(backend: FakeBackend, server_context: ssl.SSLContext) -> AsyncIterator[SmtpServer]:
    server = SmtpServer(backend)
    await server.start(0, server_context, hosts=("127.0.0.1",))
    yield server
    await server.close()
