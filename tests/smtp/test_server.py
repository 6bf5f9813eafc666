"""The server on real sockets: smtplib over both kinds of TLS, time-outs, throttling, closing, and Debian's programs."""

from __future__ import annotations

import asyncio
import base64
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest

from bridge_gui.errors import PortBusy, Unreachable
from bridge_gui.smtp.backend import LoginRefusal, Reply
from bridge_gui.smtp.server import SmtpServer, Timeouts
from tests.programs.core import program as program_path
from tests.smtp.conftest import PASSWORD, USER, FakeBackend


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"] = USER
    message["To"] = "bob@example.com"
    message["Subject"] = "Grüße"
    message.set_content("Hallo\n.\n..\nEnde\n")
    message.add_attachment(bytes(range(256)) * 40, maintype="application", subtype="octet-stream", filename="a.bin")
    return message


@pytest.mark.parametrize("kind", ["starttls", "tls"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_smtplib(
    server: SmtpServer, backend: FakeBackend, client_context: ssl.SSLContext, kind: str, host: str
) -> None:
    def send() -> None:
        client: smtplib.SMTP
        if kind == "tls":
            client = smtplib.SMTP_SSL(host, server.port, context=client_context, timeout=10)
        else:
            client = smtplib.SMTP(host, server.port, timeout=10)
            client.starttls(context=client_context)
        with client:
            client.login(USER, PASSWORD)
            client.ehlo()
            assert client.esmtp_features["size"] == "1000000"
            client.send_message(letter())

    await asyncio.to_thread(send)
    (mail,) = backend.submitter.mails
    assert mail.sender == USER
    assert list(mail.recipients) == ["bob@example.com"]
    assert b"\r\n.\r\n..\r\nEnde\r\n" in mail.raw
    assert backend.peers[0].tls
    assert backend.submitter.activities == ["sending a message", "waiting"]


async def test_size_before_sign_in_is_the_general_one(server: SmtpServer, client_context: ssl.SSLContext) -> None:
    def ask() -> str:
        with smtplib.SMTP("127.0.0.1", server.port, timeout=10) as client:
            client.starttls(context=client_context)
            client.ehlo()
            return client.esmtp_features["size"]

    assert await asyncio.to_thread(ask) == str(36 * 1024 * 1024)


async def test_no_password_in_clear(server: SmtpServer, backend: FakeBackend) -> None:
    def sign_in() -> None:
        with smtplib.SMTP("127.0.0.1", server.port, timeout=10) as client:
            client.login(USER, PASSWORD)

    with pytest.raises(smtplib.SMTPNotSupportedError):
        await asyncio.to_thread(sign_in)
    assert backend.peers == []


async def test_bytes_injected_behind_starttls_are_not_run(
    server: SmtpServer, backend: FakeBackend, client_context: ssl.SSLContext
) -> None:
    """CVE-2011-0411: what came with STARTTLS in clear must neither be answered nor run inside TLS."""
    auth = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode())

    def attack() -> bytes:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as clear:
            clear.recv(1000)
            clear.sendall(b"EHLO x\r\nSTARTTLS\r\nEHLO y\r\nAUTH PLAIN " + auth + b"\r\n")
            seen = b""
            while b"220 2.0.0" not in seen:
                seen += clear.recv(1000)
            with client_context.wrap_socket(clear, server_hostname="127.0.0.1") as secure:
                secure.sendall(b"NOOP\r\n")
                return secure.recv(1000)

    assert await asyncio.to_thread(attack) == b"250 2.0.0 Here.\r\n"
    assert backend.peers == []


@pytest.mark.parametrize(
    ("reason", "code"),
    [(LoginRefusal.CREDENTIALS, 535), (LoginRefusal.ACCESS, 535), (LoginRefusal.UNAVAILABLE, 454)],
)
async def test_login_refusals(
    server: SmtpServer, backend: FakeBackend, client_context: ssl.SSLContext, reason: LoginRefusal, code: int
) -> None:
    backend.refusal = reason

    def attempt() -> int:
        with smtplib.SMTP_SSL("127.0.0.1", server.port, context=client_context, timeout=10) as client:
            client.ehlo()
            return client.docmd("AUTH", "PLAIN " + base64.b64encode(b"\0x\0y").decode())[0]

    assert await asyncio.to_thread(attempt) == code


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Reply(550, "5.7.1", "No."), 550),
        (Reply(451, "4.4.1", "Proton cannot be reached."), 451),
        (Unreachable(), 451),
    ],
)
async def test_refusals_reach_the_client(
    server: SmtpServer, backend: FakeBackend, client_context: ssl.SSLContext, outcome: Reply | Exception, code: int
) -> None:
    backend.submitter.outcome = outcome
    with pytest.raises(smtplib.SMTPDataError) as refused:
        await asyncio.to_thread(_send_one, server.port, client_context)
    assert refused.value.smtp_code == code


@pytest.mark.expects_log
async def test_a_mistake_of_ours_is_a_4xx(
    server: SmtpServer, backend: FakeBackend, client_context: ssl.SSLContext
) -> None:
    backend.submitter.outcome = RuntimeError("oops")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        await asyncio.to_thread(_send_one, server.port, client_context)
    assert refused.value.smtp_code == 451
    assert b"oops" not in refused.value.smtp_error


def _send_one(port: int, context: ssl.SSLContext) -> None:
    with smtplib.SMTP_SSL("127.0.0.1", port, context=context, timeout=10) as client:
        client.login(USER, PASSWORD)
        client.send_message(letter())


class SlowSubmitter:
    """Stands before a fake submitter and lets a message wait for `go`."""

    def __init__(self, backend: FakeBackend) -> None:
        self.started = asyncio.Event()
        self.go = asyncio.Event()
        inner = backend.submitter.submit

        async def submit(submission: object) -> Reply:
            self.started.set()
            await self.go.wait()
            return await inner(submission)  # type: ignore[arg-type]

        backend.submitter.submit = submit  # type: ignore[method-assign,assignment]


async def test_a_whole_message_is_sent_on_when_its_client_has_left(
    server: SmtpServer, backend: FakeBackend, client_context: ssl.SSLContext
) -> None:
    slow = SlowSubmitter(backend)
    reader, writer = await _signed_in(server.port, client_context)
    writer.write(b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n")
    await writer.drain()
    await _reply(reader, 3)
    writer.write(b"Subject: x\r\n\r\n.\r\n")
    await slow.started.wait()
    writer.transport.abort()
    await _until(lambda: not server.connections)
    assert backend.submitter.closed == 0
    slow.go.set()
    await _until(lambda: backend.submitter.closed == 1)
    assert len(backend.submitter.mails) == 1


async def test_closing_lets_messages_end_and_says_421(
    server: SmtpServer, backend: FakeBackend, client_context: ssl.SSLContext
) -> None:
    slow = SlowSubmitter(backend)
    reader, writer = await _signed_in(server.port, client_context)
    idle_reader, _ = await _signed_in(server.port, client_context)
    writer.write(b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<b@example.com>\r\nBDAT 4 LAST\r\nabcd")
    await slow.started.wait()
    closing = asyncio.ensure_future(server.close())
    await asyncio.sleep(0)
    slow.go.set()
    await closing
    assert (await reader.read()).splitlines()[-2:] == [b"250 2.0.0 Sent.", b"421 4.3.2 Bridge Manager is closing."]
    assert (await idle_reader.read()) == b"421 4.3.2 Bridge Manager is closing.\r\n"


async def test_revoking_a_password_ends_its_sessions(
    server: SmtpServer, backend: FakeBackend, client_context: ssl.SSLContext
) -> None:
    reader, _ = await _signed_in(server.port, client_context)
    assert backend.submitter.revoke is not None
    backend.submitter.revoke("This password was revoked.")
    assert await reader.read() == b"421 4.3.2 This password was revoked.\r\n"


async def test_silence_ends_a_connection(
    backend: FakeBackend, server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    server = SmtpServer(backend, timeouts=Timeouts(greeting=0.3, idle=0.6))
    await server.start(0, server_context, hosts=("127.0.0.1",))
    reader, greeted = await asyncio.open_connection("127.0.0.1", server.port)
    assert (await reader.read()).endswith(b"421 4.4.2 Nothing was heard for too long.\r\n")
    began = time.monotonic()
    reader, writer = await _signed_in(server.port, client_context)
    assert (await reader.read()).endswith(b"421 4.4.2 Nothing was heard for too long.\r\n")
    assert 0.5 < time.monotonic() - began < 3
    for each in (greeted, writer):
        each.close()
    await server.close()


async def test_a_client_that_reads_nothing_is_not_read_either(
    server: SmtpServer, client_context: ssl.SSLContext
) -> None:
    """Endless commands without taking the answers must not fill our memory."""
    _, writer = await _signed_in(server.port, client_context)
    (session,) = server._sessions
    block = b"HELP\r\n" * 10_000

    async def flood() -> None:
        while True:
            writer.write(block)
            await writer.drain()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(flood(), 1.0)
    assert session._transport is not None
    assert session._transport.get_write_buffer_size() < 8_000_000
    assert session._connection.buffered < 1_000_000
    writer.transport.abort()


async def test_failed_handshake_leaves_nothing(server: SmtpServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    await reader.readline()
    writer.write(b"STARTTLS\r\n")
    await reader.readline()
    writer.write(b"this is no TLS\r\n" * 4)
    await _until(lambda: not server.connections)
    writer.close()


async def test_busy_port(server: SmtpServer, backend: FakeBackend, server_context: ssl.SSLContext) -> None:
    with pytest.raises(PortBusy):
        await SmtpServer(backend).start(server.port, server_context, hosts=("127.0.0.1",))


async def _until(condition: Callable[[], bool]) -> None:
    """Wait for something that comes about by itself; the test's time-out is the limit."""
    event = asyncio.Event()
    while not condition():
        asyncio.get_running_loop().call_later(0.01, event.set)
        await event.wait()
        event.clear()


async def _signed_in(port: int, context: ssl.SSLContext) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, limit=2**20)
    auth = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode())
    writer.write(b"HELO x\r\nAUTH PLAIN " + auth + b"\r\n")
    await _reply(reader, 3)
    return reader, writer


async def _reply(reader: asyncio.StreamReader, lines: int) -> None:
    for _ in range(lines):
        assert (await reader.readline())[:3] in (b"220", b"235", b"250", b"354")


# ------------------------------------------------------------------------------------------- real programs


async def _run(*command: str, stdin: bytes = b"") -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate(stdin)
    return process.returncode or 0, output.decode(errors="replace")


RAW = b"From: alice@example.org\r\nTo: bob@example.com\r\nSubject: curl\r\n\r\nline\r\n.dot\r\n"


def _swaks(port: int, pem: Path, _: Path) -> list[str]:
    return ["swaks", "--server", "127.0.0.1", "--port", str(port), "--tls", "--tls-ca-path", str(pem),
            "--auth", "LOGIN", "--auth-user", USER, "--auth-password", PASSWORD,
            "--from", USER, "--to", "bob@example.com", "--attach", "@" + str(pem)]  # fmt: skip


def _curl_tls(port: int, pem: Path, mail: Path) -> list[str]:
    return ["curl", "-sS", "--cacert", str(pem), "--user", f"{USER}:{PASSWORD}", "--mail-from", USER,
            "--mail-rcpt", "bob@example.com", "--upload-file", str(mail), f"smtps://127.0.0.1:{port}"]  # fmt: skip


def _curl_starttls(port: int, pem: Path, mail: Path) -> list[str]:
    return [*_curl_tls(port, pem, mail)[:-1], "--ssl-reqd", f"smtp://127.0.0.1:{port}"]


def _msmtp(port: int, pem: Path, _: Path) -> list[str]:
    return ["msmtp", "-C", "/dev/null", "--host=127.0.0.1", f"--port={port}", "--tls=on", f"--tls-trust-file={pem}",
            "--auth=plain", f"--user={USER}", f"--passwordeval=printf %s {PASSWORD}", f"--from={USER}",
            "bob@example.com"]  # fmt: skip


@pytest.mark.programs
@pytest.mark.parametrize("program", [_swaks, _curl_tls, _curl_starttls, _msmtp], ids=lambda p: p.__name__[1:])
async def test_programs(
    server: SmtpServer,
    backend: FakeBackend,
    certificate_file: Path,
    tmp_path: Path,
    program: Callable[[int, Path, Path], list[str]],
) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(RAW)
    command = program(server.port, certificate_file, mail)
    command[0] = program_path(command[0])
    code, output = await _run(*command, stdin=RAW.replace(b"\r\n", b"\n"))
    assert code == 0, output
    (submitted,) = backend.submitter.mails
    assert list(submitted.recipients) == ["bob@example.com"]
    if not command[0].endswith("swaks"):
        assert submitted.raw.endswith(b"\r\n\r\nline\r\n.dot\r\n")
