"""Vain attempts to sign in: counted, and provoked at the true servers as mail programs make them."""

from __future__ import annotations

import asyncio
import imaplib
import smtplib
import socket
import ssl
import warnings
from collections.abc import Callable

import pytest

from bridge_gui.answers import Check
from bridge_gui.core.attempts import KEPT, MEMORY_SECONDS, AttemptBook, Attempts
from bridge_gui.model import AccountId, ClientId, Protocol
from tests.core.fakes import Rig
from tests.core.rigs import ANNA, imap_login, port, smtp_send, trust

IMAP, SMTP = Protocol.IMAP, Protocol.SMTP
MAIL, PHONE = ClientId("mail"), ClientId("phone")


def test_the_same_is_counted_and_a_sign_in_forgets_it_at_that_port() -> None:
    book = AttemptBook()
    for moment in (10.0, 20.0):
        book.note(Attempts(SMTP, "old-password", MAIL, last=moment))
    book.note(Attempts(IMAP, "old-password", MAIL, last=30.0))
    book.note(Attempts(IMAP, "old-password", PHONE, last=40.0))
    assert [(entry.protocol, entry.client, entry.count) for entry in book.since(0)] == [
        (SMTP, MAIL, 2),
        (IMAP, MAIL, 1),
        (IMAP, PHONE, 1),
    ]
    assert [entry.client for entry in book.since(35.0)] == [PHONE]
    assert not book.succeeded(MAIL, IMAP)
    assert book.succeeded(MAIL, SMTP)
    assert [entry.client for entry in book.since(0)] == [PHONE]
    book.forget(PHONE)
    assert book.since(0) == ()


def test_what_is_old_is_not_counted_on_and_memory_is_bounded() -> None:
    book = AttemptBook()
    book.note(Attempts(IMAP, "untrusted", last=0.0))
    book.note(Attempts(IMAP, "untrusted", last=MEMORY_SECONDS + 1))
    assert [entry.count for entry in book.since(0)] == [1]
    for number in range(2 * KEPT):
        book.note(Attempts(IMAP, "wrong-password", account=AccountId(str(number))))
    assert len(book.since(0)) == KEPT


# ---------------------------------------------------------------------------------------------- provoked


def imap_plain(number: int, name: str) -> None:
    with imaplib.IMAP4("127.0.0.1", number, timeout=10) as client, pytest.raises(imaplib.IMAP4.error):
        client.login(name, "secret")


def imap_looks_and_leaves(number: int, name: str) -> None:
    imaplib.IMAP4("127.0.0.1", number, timeout=10).logout()


def smtp_plain(number: int, name: str) -> None:
    with smtplib.SMTP("localhost", number, timeout=10) as client:
        client.ehlo()
        client.esmtp_features["auth"] = "PLAIN"
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(name, "secret")


def smtp_sends_plain(number: int, name: str) -> None:
    with smtplib.SMTP("localhost", number, timeout=10) as client, pytest.raises(smtplib.SMTPSenderRefused):
        client.sendmail(name, ["x@y.test"], b"Subject: s\r\n\r\nhello\r\n")


def smtp_looks_and_leaves(number: int, name: str) -> None:
    with smtplib.SMTP("localhost", number, timeout=10) as client:
        client.ehlo()


def distrusts_at_once(number: int, name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        imaplib.IMAP4_SSL("127.0.0.1", number, ssl_context=ssl.create_default_context(), timeout=10)


def imap_distrusts(number: int, name: str) -> None:
    client = imaplib.IMAP4("127.0.0.1", number, timeout=10)
    with pytest.raises(ssl.SSLCertVerificationError):
        client.starttls(ssl.create_default_context())
    client.file.close()


def smtp_distrusts(number: int, name: str) -> None:
    with smtplib.SMTP("localhost", number, timeout=10) as client, pytest.raises(ssl.SSLCertVerificationError):
        client.starttls(context=ssl.create_default_context())


def speaks_old_tls(number: int, name: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", number), 10) as sock, pytest.raises(ssl.SSLError):
        context.wrap_socket(sock)


def speaks(line: bytes) -> Callable[[int, str], None]:
    def speak(number: int, name: str) -> None:
        with socket.create_connection(("127.0.0.1", number), 10) as sock:
            sock.recv(1000)
            sock.sendall(line)
            sock.recv(1000)

    return speak


async def seen(rig: Rig, key: str) -> Check:
    """What the doctor says, once the server has noticed that the client is gone."""
    async with asyncio.timeout(10):
        while True:
            for check in await rig.bridge.doctor():
                if check.key == key and (check.result.value == "bad" or check.key.startswith("sign-in")):
                    return check
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("provoke", "number", "words", "cure"),
    [
        pytest.param(imap_plain, 0, "Mail wants to use IMAP without encryption (refused: 1).", "show-program"),
        pytest.param(smtp_plain, 1, "Mail wants to use SMTP without encryption (refused: 1).", "show-program"),
        pytest.param(smtp_sends_plain, 1, "Mail wants to use SMTP without encryption (refused: 1).", "show-program"),
    ],
)
async def test_a_program_that_tells_its_name(
    rig: Rig, provoke: Callable[[int, str], None], number: int, words: str, cure: str
) -> None:
    await rig.signed_in()
    made = await rig.bridge.add_client("Mail", ANNA)
    await asyncio.to_thread(provoke, port(rig, number), made.username)
    check = await seen(rig, f"client-{made.id}")
    assert (check.sentence, check.cure) == (words, cure)


@pytest.mark.parametrize(
    ("provoke", "number", "key"),
    [
        pytest.param(imap_looks_and_leaves, 0, "sign-in-imap-left-unencrypted"),
        pytest.param(smtp_looks_and_leaves, 1, "sign-in-smtp-left-unencrypted"),
        pytest.param(distrusts_at_once, 0, "sign-in-imap-untrusted"),
        pytest.param(imap_distrusts, 0, "sign-in-imap-untrusted"),
        pytest.param(smtp_distrusts, 1, "sign-in-smtp-untrusted"),
        pytest.param(speaks_old_tls, 0, "sign-in-imap-old-tls"),
        pytest.param(speaks(b"EHLO me\r\n"), 0, "sign-in-imap-other-protocol", id="SMTP at the port of IMAP"),
        pytest.param(speaks(b"a1 CAPABILITY\r\n"), 1, "sign-in-smtp-other-protocol", id="IMAP at the port of SMTP"),
    ],
)
async def test_a_program_that_tells_nothing(
    rig: Rig, provoke: Callable[[int, str], None], number: int, key: str
) -> None:
    await rig.signed_in()
    await rig.bridge.add_client("Mail", ANNA)
    await asyncio.to_thread(provoke, port(rig, number), "")
    check = await seen(rig, key)
    assert check.remedy.endswith("It may be Mail: not signed in yet.")
    assert [one.key for one in await rig.bridge.doctor() if one.key.startswith("sign-in")] == [key]


async def test_an_old_password_at_one_port_is_not_forgotten_for_the_other(rig: Rig) -> None:
    """The program was given the new password for IMAP, and not for SMTP: IMAP goes on every minute."""
    await rig.signed_in()
    old = await rig.bridge.add_client("Mail", ANNA)
    new = await rig.bridge.renew_client(old.id)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        await smtp_send(rig, old)  # it tries PLAIN, then LOGIN
    client = await imap_login(rig, new.username, new.password)
    check = await seen(rig, f"client-{old.id}")
    assert check.sentence == "Mail signs in to SMTP with a password that was replaced (refused: 2)."
    assert [notice.problem.code for notice in rig.bridge.now().notices] == ["old-password"]
    await smtp_send(rig, new)
    assert rig.bridge.now().notices == ()
    assert {check.result.value for check in await rig.bridge.doctor() if check.key.startswith("client")} == {"good"}
    await asyncio.to_thread(client.logout)


async def test_a_wrong_password_of_no_known_program(rig: Rig) -> None:
    await rig.signed_in()
    for label in ("Mail", "Phone"):
        made = await rig.bridge.add_client(label, ANNA)
    with pytest.raises(imaplib.IMAP4.error):
        await imap_login(rig, made.username, type(made.password)("the-password-of-proton"))
    check = await seen(rig, "sign-in-imap-wrong-password")
    assert "A mail program of anna@proton.test uses a wrong password for IMAP (refused: 1)." in check.sentence


async def test_a_sign_in_with_tls_leaves_no_trace(rig: Rig) -> None:
    await rig.signed_in()
    made = await rig.bridge.add_client("Mail", ANNA)

    def starttls() -> None:
        client = imaplib.IMAP4("127.0.0.1", port(rig, 0), timeout=10)
        client.starttls(trust(rig))
        client.login(made.username, made.password.reveal())
        client.logout()

    await asyncio.to_thread(starttls)
    await smtp_send(rig, made)
    assert rig.bridge._household.attempts.since(0) == ()
