"""An outbox over an office, and the SMTP server in front of it: the whole way of a mail program's message."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import smtplib
import ssl
from collections.abc import AsyncIterator, Sequence
from email.message import EmailMessage
from pathlib import Path

from bridge_gui.account.outbox import AccountSubmitter, Outbox
from bridge_gui.proton.retry import Clock
from bridge_gui.secret import Secret
from bridge_gui.smtp.backend import LoginRefusal, LoginRefused, Peer, Reply, Submission
from bridge_gui.smtp.server import SmtpServer
from bridge_gui.vault import certificate
from tests.send.post_office import ANNA, Dictionary, PostOffice

PASSWORD = "app-password"


class Counter:
    """An outbox over an office whose connection can be taken away."""

    def __init__(self, office: PostOffice, values: Dictionary | None = None) -> None:
        self.office = office
        self.values = values if values is not None else Dictionary()
        self.connected = True
        self.enabled = False
        self.changes = 0
        self.now = 1000.0
        self.outbox = self.opened()

    def opened(self) -> Outbox:
        """A new outbox over what is kept, as after a restart."""
        return Outbox(
            self.values,
            lambda: self.office.sending if self.connected else None,
            lambda: self.enabled,
            known_addresses=lambda: [ANNA],
            on_changed=self._changed,
            clock=Clock(monotonic=lambda: self.now),
        )

    def _changed(self) -> None:
        self.changes += 1

    async def submit(self, mail: EmailMessage | bytes, *recipients: str) -> Reply:
        raw = mail if isinstance(mail, bytes) else mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
        return await self.outbox.submitter().submit(Submission(ANNA, recipients, raw))

    async def empty(self) -> None:
        """Wait until nothing waits any more."""
        async with asyncio.timeout(20):
            while self.outbox.waiting:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


class Door:
    """`smtp.backend.Backend` with one password."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def login(self, username: str, password: Secret[str], peer: Peer) -> AccountSubmitter | LoginRefused:
        if (username, password.reveal()) != (ANNA, PASSWORD):
            return LoginRefused(LoginRefusal.CREDENTIALS, "wrong")
        return self._outbox.submitter()


def tls_files(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context and the CA file that its clients trust."""
    made = certificate.make_certificate(datetime.datetime.now(datetime.UTC))
    path = folder / "ca.pem"
    path.write_text(made.ca_pem)
    return certificate.server_context(made), path


@contextlib.asynccontextmanager
async def listening(outbox: Outbox, context: ssl.SSLContext) -> AsyncIterator[int]:
    """The SMTP server over an outbox; yields its port."""
    server = SmtpServer(Door(outbox))
    await server.start(0, context, hosts=("127.0.0.1",))
    try:
        yield server.port
    finally:
        await server.close()


async def hand_in(port: int, ca: Path, raw: bytes, recipients: Sequence[str], sender: str = ANNA) -> None:
    """Submit as a mail program does, with smtplib over STARTTLS."""

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=50) as client:
            client.starttls(context=ssl.create_default_context(cafile=str(ca)))
            client.login(ANNA, PASSWORD)
            client.sendmail(sender, list(recipients), raw)

    await asyncio.to_thread(send)
