"""A mail program puts messages into every kind of mailbox, and saves drafts, over IMAP on a whole core; and what the
limited passwords of mail programs may not do in either server."""

from __future__ import annotations

import datetime
import imaplib
import re
import smtplib
import ssl
import time

import pytest

from tests.programs.core import DemoCore, signed_in

pytestmark = [pytest.mark.programs, pytest.mark.timeout(120)]

MAIL = (
    "From: Carla <carla@outside.example>\r\nTo: anna@bridge.example\r\nSubject: {subject}\r\n"
    "Date: Tue, 3 Feb 2015 10:20:30 +0100\r\nMessage-ID: <{name}@append.example>\r\nReceived: from x by y; now\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "Grüße {name}\r\n"
)
THEN = datetime.datetime(2015, 2, 3, 9, 20, 30, tzinfo=datetime.UTC)


def mail(name: str) -> bytes:
    return MAIL.format(subject=f"Appended {name}", name=name).encode()


def appended(imap: imaplib.IMAP4, mailbox: str, flags: str, literal: bytes) -> str:
    """APPEND, and return the UID that the server tells."""
    kind, data = imap.append(f'"{mailbox}"', flags, "", literal)  # type: ignore[arg-type]
    assert kind == "OK", data
    found = re.search(rb"APPENDUID \d+ (\d+)", data[0])
    assert found, data
    return found[1].decode()


def test_into_every_mailbox_with_flags_and_dates(demo_core: DemoCore) -> None:
    address = demo_core.sign_in(0)
    with signed_in(demo_core, address) as imap:
        for made in ("Folders/Appended", "Labels/Appended too"):
            assert imap.create(f'"{made}"')[0] == "OK"
        for number, mailbox in enumerate(
            ("INBOX", "Sent", "Archive", "Spam", "Trash", "Starred", "Folders/Appended", "Labels/Appended too")
        ):
            uid = appended(imap, mailbox, r"(\Seen \Flagged \Answered)", mail(f"m{number}"))
            assert imap.select(f'"{mailbox}"')[0] == "OK"
            _, data = imap.uid("FETCH", uid, "(FLAGS INTERNALDATE BODY.PEEK[])")
            told, literal = data[0]
            flags = {each.decode() for each in imaplib.ParseFlags(told + data[1])}
            assert {"\\Seen", "\\Flagged", "\\Answered"} <= flags, mailbox
            when = imaplib.Internaldate2tuple(told + data[1])
            assert when is not None
            assert time.mktime(when) == THEN.timestamp(), mailbox
            # Quoted-printable now, as all texts that come from the service.
            assert f"Gr=C3=BC=C3=9Fe m{number}".encode() in literal
            assert b"Date: Tue, 3 Feb 2015 10:20:30 +0100" in literal
        for refused in ("All Mail", "Scheduled"):
            kind, data = imap.append(f'"{refused}"', "", "", mail("refused"))  # type: ignore[arg-type]
            assert kind == "NO", (refused, data)
        kind, data = imap.append("INBOX", "", "", b"Subject: neither From nor Date\r\n\r\nx\r\n")  # type: ignore[arg-type]
        assert (kind, data[0]) == ("NO", b"The message has no Date.")


def test_a_program_that_saves_a_draft_again_and_again(demo_core: DemoCore) -> None:
    address = demo_core.sign_in(0)
    with signed_in(demo_core, address) as imap:
        imap.select("Drafts")
        old = ""
        for version in range(4):
            literal = f"From: {address}\r\nTo: bo@bridge.example\r\nSubject: Saved often\r\n\r\nversion {version}\r\n"
            new = appended(imap, "Drafts", r"(\Draft \Seen)", literal.encode())
            if old:
                imap.uid("STORE", old, "+FLAGS.SILENT", r"(\Deleted)")
                imap.uid("EXPUNGE", old)
            old = new
        imap.noop()
        _, found = imap.uid("SEARCH", "SUBJECT", '"Saved often"')
        assert found[0].decode() == old
        _, data = imap.uid("FETCH", old, "(BODY.PEEK[TEXT])")
        assert b"version 3" in data[0][1]


def test_limited_passwords(demo_core: DemoCore) -> None:
    address = demo_core.sign_in(0)
    context = ssl.create_default_context(cafile=demo_core.certificate)
    reader = demo_core.add_program("only reads", address, "read-only")
    sender = demo_core.add_program("only sends", address, "send-only")
    with smtplib.SMTP_SSL("127.0.0.1", demo_core.smtp_port, context=context, timeout=20) as smtp:
        with pytest.raises(smtplib.SMTPAuthenticationError, match="may only read mail"):
            smtp.login(reader.username, reader.password)
        smtp.login(sender.username, sender.password)
    imap = imaplib.IMAP4_SSL("127.0.0.1", demo_core.imap_port, ssl_context=context)
    with pytest.raises(imaplib.IMAP4.error, match="may only send mail"):
        imap.login(sender.username, sender.password)
    imap.login(reader.username, reader.password)
    imap.select("INBOX", readonly=True)
    for attempt in (
        lambda: imap.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)"),
        lambda: imap.uid("COPY", "1", "Archive"),
        lambda: imap.uid("MOVE", "1", "Archive"),
        lambda: imap.append("INBOX", "", "", mail("by a reader")),  # type: ignore[arg-type]
        lambda: imap.create('"Folders/By a reader"'),
        lambda: imap.expunge(),
    ):
        kind, data = attempt()
        assert kind == "NO", data
        assert b"only" in data[0]
    imap.logout()
