from __future__ import annotations

import base64
import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.smtp import parse
from bridge_gui.smtp.parse import BadCommand, parse_command


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("EHLO client.example.org", parse.Ehlo("client.example.org")),
        ("ehlo [127.0.0.1]", parse.Ehlo("[127.0.0.1]")),
        ("EHLO my_computer", parse.Ehlo("my_computer")),
        ("HELO x", parse.Helo("x")),
        ("STARTTLS", parse.StartTls()),
        ("MAIL FROM:<a@example.org>", parse.MailFrom("a@example.org")),
        ("mail from: <a@example.org>", parse.MailFrom("a@example.org")),
        ("MAIL FROM:a@example.org SIZE=12", parse.MailFrom("a@example.org", 12)),
        ("MAIL FROM:<>", parse.MailFrom("")),
        (
            "MAIL FROM:<a@example.org> SIZE=100 BODY=8BITMIME SMTPUTF8",
            parse.MailFrom("a@example.org", 100, True, True),
        ),
        ("MAIL FROM:<a@example.org> BODY=7bit AUTH=<>", parse.MailFrom("a@example.org")),
        ("MAIL FROM:<@relay.org,@b.org:a@example.org>", parse.MailFrom("a@example.org")),
        ('MAIL FROM:<"a > b"@example.org>', parse.MailFrom('"a > b"@example.org')),
        ("MAIL FROM:<ü@example.org> SMTPUTF8", parse.MailFrom("ü@example.org", None, False, True)),
        ("RCPT TO:<a+b@example.org>", parse.RcptTo("a+b@example.org")),
        ("RCPT TO:<a@[127.0.0.1]>", parse.RcptTo("a@[127.0.0.1]")),
        ("RCPT TO:<a@bücher.example>", parse.RcptTo("a@bücher.example")),
        ("DATA", parse.Data()),
        ("BDAT 12", parse.Bdat(12, False)),
        ("bdat 0 last", parse.Bdat(0, True)),
        ("RSET", parse.Rset()),
        ("NOOP whatever", parse.Noop()),
        ("VRFY someone", parse.Vrfy()),
        ("QUIT ", parse.Quit()),
    ],
)
def test_commands(line: str, command: parse.Command) -> None:
    assert parse_command(line.encode()) == command


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", 500),
        (b"XYZZY", 500),
        (b"EHLO", 501),
        (b"EHLO a\x01b", 501),
        (b"NOOP\x00", 500),
        (b"NOOP\rQUIT", 500),
        (b"NOOP \xff\xfe", 500),
        (b"STARTTLS now", 501),
        (b"MAIL", 501),
        (b"MAIL TO:<a@example.org>", 501),
        (b"MAIL FROM:", 501),
        (b"MAIL FROM:<a@example.org", 501),
        (b"MAIL FROM:<a@example.org>x", 501),
        (b"MAIL FROM:<a@example.org> RET=FULL", 555),
        (b"MAIL FROM:<a@example.org> SIZE=big", 555),
        (b"MAIL FROM:<a@example.org> BODY=BINARYMIME", 555),
        (b"MAIL FROM:<a@example.org> ==", 501),
        (b"MAIL FROM:<a b@example.org>", 553),
        (b"MAIL FROM:<a@b@example.org>", 553),
        (b"MAIL FROM:<a..b@example.org>", 553),
        (b"MAIL FROM:<alice>", 553),
        ("MAIL FROM:<ü@example.org>".encode(), 553),
        (b"RCPT TO:<>", 501),
        (b"RCPT TO:<postmaster>", 553),
        (b"RCPT TO:<a@example.org> NOTIFY=NEVER", 555),
        (b"RCPT TO:<" + b"a" * 400 + b"@example.org>", 553),
        (b"DATA now", 501),
        (b"BDAT", 501),
        (b"BDAT -1", 501),
        (b"BDAT 1 FIRST", 501),
        (b"AUTH", 501),
        (b"AUTH PLAIN ???", 501),
    ],
)
def test_refused(line: bytes, code: int) -> None:
    with pytest.raises(BadCommand) as refused:
        parse_command(line)
    assert refused.value.reply.code == code
    assert refused.value.reply.status[0] == "5"


def test_initial_response_is_decoded_and_masked() -> None:
    secret = base64.b64encode(b"\0me\0pass").decode()
    command = parse_command(f"AUTH plain {secret}".encode())
    assert isinstance(command, parse.Auth)
    assert command.mechanism == "PLAIN"
    assert command.initial is not None
    assert command.initial.reveal() == b"\0me\0pass"
    assert "pass" not in repr(command)


def test_empty_initial_response() -> None:
    command = parse_command(b"AUTH LOGIN =")
    assert isinstance(command, parse.Auth)
    assert command.initial is not None
    assert command.initial.reveal() == b""


@given(st.binary(max_size=200))
def test_hostile_bytes_raise_only_bad_command(line: bytes) -> None:
    for prefix in (b"", b"MAIL FROM:", b"RCPT TO:<", b"AUTH PLAIN ", b"BDAT "):
        with contextlib.suppress(BadCommand):
            parse_command(prefix + line)


@pytest.mark.parametrize("piece", [b"a-", b"a.", b'"', b"\\", b"<", b"@a,", b" A=1"])
def test_long_lines_take_linear_time(piece: bytes) -> None:
    started = time.process_time()
    with pytest.raises(BadCommand):
        parse_command(b"RCPT TO:<" + piece * 8000)
    assert time.process_time() - started < 0.5
