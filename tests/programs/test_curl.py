"""curl reads a decrypted message, over STARTTLS and over TLS from the first byte, trusting nothing but our CA."""

from __future__ import annotations

import pytest

from tests.programs.core import DemoCore, program, run, signed_in, wait_for

pytestmark = [pytest.mark.programs, pytest.mark.timeout(120)]


@pytest.mark.parametrize(("scheme", "options"), [("imap", ("--ssl-reqd",)), ("imaps", ())], ids=["STARTTLS", "TLS"])
def test_fetches_a_decrypted_message(demo_core: DemoCore, scheme: str, options: tuple[str, ...]) -> None:
    address = demo_core.sign_in(0)
    made = demo_core.add_program(f"curl {scheme}", address)
    text = run(
        program("curl"),
        "--silent",
        "--show-error",
        "--cacert",
        demo_core.certificate,
        *options,
        "--user",
        f"{made.username}:{made.password}",
        f"{scheme}://127.0.0.1:{demo_core.imap_port}/INBOX;MAILINDEX=1",
    )
    assert "Subject:" in text
    assert "BEGIN PGP MESSAGE" not in text


@pytest.mark.parametrize(("scheme", "options"), [("smtp", ("--ssl-reqd",)), ("smtps", ())], ids=["STARTTLS", "TLS"])
def test_sends(demo_core: DemoCore, scheme: str, options: tuple[str, ...]) -> None:
    sender, receiver = demo_core.sign_in(0), demo_core.sign_in(1)
    made = demo_core.add_program(f"curl {scheme}", sender)
    subject = f"Sent by curl over {scheme}"
    run(
        program("curl"),
        "--silent",
        "--show-error",
        "--cacert",
        demo_core.certificate,
        *options,
        "--user",
        f"{made.username}:{made.password}",
        "--mail-from",
        sender,
        "--mail-rcpt",
        receiver,
        "--upload-file",
        "-",
        f"{scheme}://127.0.0.1:{demo_core.smtp_port}",
        stdin=f"From: {sender}\r\nTo: {receiver}\r\nSubject: {subject}\r\n\r\nHello.\r\n",
    )
    with signed_in(demo_core, receiver) as imap:
        assert wait_for(imap, subject) == 1
