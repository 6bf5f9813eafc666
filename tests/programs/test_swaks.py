"""swaks sends a mail with an attachment; the other account fetches it, decrypted, byte for byte."""

from __future__ import annotations

import email
import email.policy
import random
from pathlib import Path

import pytest

from tests.programs.core import DemoCore, program, run, signed_in, wait_for

pytestmark = [pytest.mark.programs, pytest.mark.timeout(120)]


@pytest.mark.parametrize("security", ["--tls", "--tls-on-connect"], ids=["STARTTLS", "TLS"])
def test_an_attachment_arrives_byte_for_byte(demo_core: DemoCore, tmp_path: Path, security: str) -> None:
    sender, receiver = demo_core.sign_in(0), demo_core.sign_in(1)
    made = demo_core.add_program(f"swaks {security}", sender)
    content = random.Random(7).randbytes(200_000)
    attachment = tmp_path / "holiday.bin"
    attachment.write_bytes(content)
    subject = f"With an attachment {security}"
    run(
        program("swaks"),
        "--server",
        f"127.0.0.1:{demo_core.smtp_port}",
        security,
        "--tls-verify",
        "--tls-ca-path",
        demo_core.certificate,
        "--auth",
        "PLAIN",
        "--auth-user",
        made.username,
        "--auth-password",
        made.password,
        "--from",
        sender,
        "--to",
        receiver,
        "--header",
        f"Subject: {subject}",
        "--body",
        "See the attachment.",
        "--attach",
        f"@{attachment}",
        "--hide-all",
    )
    with signed_in(demo_core, receiver) as imap:
        assert wait_for(imap, subject) == 1
        _, found = imap.search(None, "HEADER", "Subject", f'"{subject}"')
        _, data = imap.fetch(found[0].decode(), "(BODY.PEEK[])")
        assert isinstance(data[0], tuple)
        message = email.message_from_bytes(data[0][1], policy=email.policy.default)
        attachments = [part for part in message.walk() if part.get_filename() == "holiday.bin"]
        assert [part.get_payload(decode=True) for part in attachments] == [content]
        body = message.get_body(("plain",))
        assert body is not None
        assert "See the attachment." in body.get_content()
    with signed_in(demo_core, sender) as imap:
        imap.select("Sent")
        assert wait_for(imap, subject) == 1


def test_a_wrong_password_is_refused(demo_core: DemoCore) -> None:
    sender = demo_core.sign_in(0)
    with pytest.raises(AssertionError, match="535"):
        run(
            program("swaks"),
            "--server",
            f"127.0.0.1:{demo_core.smtp_port}",
            "--tls",
            "--auth",
            "PLAIN",
            "--auth-user",
            sender,
            "--auth-password",
            "AAAAAAAAAAAAAAAAAAAAAA",
            "--from",
            sender,
            "--to",
            sender,
        )
