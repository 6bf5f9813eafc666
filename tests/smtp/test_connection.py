"""The sans-IO connection: transcripts, splits, limits, and what must never happen."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.smtp.backend import Reply, Submission
from bridge_gui.smtp.connection import (
    Authenticate,
    BeginTls,
    CheckSender,
    Connection,
    Deliver,
    Idle,
    Limits,
)
from bridge_gui.smtp.parse import Command
from bridge_gui.smtp.states import ALLOWED, State

CONVERSATIONS = sorted((Path(__file__).parent.parent / "conversations" / "smtp").glob("*.txt"))
AUTH = b"AUTH PLAIN " + base64.b64encode(b"\0alice@example.org\0correct-horse") + b"\r\n"
ENVELOPE = b"MAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.com>\r\n"


class Driver:
    """Answers what the connection asks, as the fake backend of the server tests does."""

    def __init__(self, *, tls: bool = True, limits: Limits | None = None) -> None:
        self.connection = Connection("localhost", tls=tls, limits=limits)
        self.mails: list[Submission] = []
        self.logins: list[Authenticate] = []
        self.outcome = Reply(250, "2.0.0", "Sent.")
        self.out = self.connection.data_to_send()

    def feed(self, data: bytes) -> bytes:
        """Feed bytes and return what comes back."""
        self.connection.receive_data(data)
        while True:
            event = self.connection.next_event()
            match event:
                case Idle():
                    break
                case BeginTls():
                    self.connection.tls_started()
                case Authenticate():
                    self.logins.append(event)
                    if (event.username, event.password.reveal()) == ("alice@example.org", "correct-horse"):
                        self.connection.authenticated(1_000_000)
                    else:
                        self.connection.refuse_login(Reply(535, "5.7.8", "The user name or the password is wrong."))
                case CheckSender(address):
                    mine = address.endswith("@example.org")
                    self.connection.answer(
                        Reply(250, "2.1.0", "Sender noted.")
                        if mine
                        else Reply(550, "5.7.1", "This is not an address of yours.")
                    )
                case Deliver(submission):
                    self.mails.append(submission)
                    self.connection.answer(self.outcome)
        answer = self.connection.data_to_send()
        self.out += answer
        return answer

    def feed_all(self, pieces: Iterable[bytes]) -> bytes:
        return b"".join(self.feed(piece) for piece in pieces)


def ready(limits: Limits | None = None) -> Driver:
    driver = Driver(limits=limits)
    assert driver.feed(b"EHLO test\r\n" + AUTH).endswith(b"235 2.7.0 Signed in.\r\n")
    return driver


def codes(answer: bytes) -> list[int]:
    return [int(line[:3]) for line in answer.splitlines() if line[3:4] == b" "]


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_conversation(path: Path) -> None:
    """Run a transcript: `C:` is sent, `S:` has to come; `TLS` is the handshake; `\\xNN` escapes as in Python."""
    lines = path.read_text(encoding="utf-8").splitlines()
    driver = Driver(tls="# tls" in lines)
    expected = driver.out
    sent = b""
    for line in lines:
        kind, _, text = line.partition(" ")
        if kind == "C:":
            sent += text.encode().decode("unicode_escape").encode("latin-1") + b"\r\n"
        elif kind == "S:":
            if sent:
                expected += driver.feed(sent)
                sent = b""
            head, _, expected = expected.partition(b"\r\n")
            assert re.fullmatch(re.escape(text).replace(r"\.\.\.", ".*"), head.decode()), (text, head)
    if sent:
        expected += driver.feed(sent)
    assert expected == b""


def test_conversations_exist() -> None:
    assert len(CONVERSATIONS) >= 6


@pytest.mark.parametrize("command", ALLOWED)
@pytest.mark.parametrize("state", State)
def test_each_command_is_told_of_in_each_state(command: type[Command], state: State) -> None:
    """The table knows every pair, and a refused command leaves the state as it was."""
    lines = {
        "Ehlo": b"EHLO x", "Helo": b"HELO x", "Noop": b"NOOP", "Help": b"HELP", "Rset": b"RSET", "Quit": b"QUIT",
        "StartTls": b"STARTTLS", "Auth": b"AUTH LOGIN", "Vrfy": b"VRFY x", "MailFrom": b"MAIL FROM:<a@example.org>",
        "RcptTo": b"RCPT TO:<b@example.org>", "Data": b"DATA", "Bdat": b"BDAT 0",
    }  # fmt: skip
    ways = {
        State.CLEAR: b"",
        State.SECURE: b"",
        State.GREETED: b"EHLO x\r\n",
        State.READY: b"EHLO x\r\n" + AUTH,
        State.MAIL: b"EHLO x\r\n" + AUTH + b"MAIL FROM:<a@example.org>\r\n",
        State.RECIPIENTS: b"EHLO x\r\n" + AUTH + ENVELOPE,
        State.CHUNKS: b"EHLO x\r\n" + AUTH + ENVELOPE + b"BDAT 0\r\n",
    }
    driver = Driver(tls=state is not State.CLEAR)
    driver.feed(ways[state])
    assert driver.connection.state is state
    answer = driver.feed(lines[command.__name__] + b"\r\n")
    allowed = state in ALLOWED[command]
    assert (codes(answer)[-1] < 400) == allowed
    if not allowed:
        assert driver.connection.state is state


@pytest.mark.parametrize("line", [AUTH, ENVELOPE, b"DATA\r\n", b"BDAT 3 LAST\r\nabc", b"VRFY x\r\n"])
def test_nothing_before_tls(line: bytes) -> None:
    driver = Driver(tls=False)
    driver.feed(b"EHLO test\r\n")
    assert set(codes(driver.feed(line))) == {530}
    assert driver.logins == []
    assert b"AUTH" not in driver.out


def test_what_was_buffered_behind_starttls_is_dropped() -> None:
    driver = Driver(tls=False)
    driver.feed(b"EHLO test\r\nSTARTTLS\r\nEHLO injected\r\n" + AUTH)
    assert driver.connection.state is State.SECURE
    assert driver.logins == []
    assert driver.connection.helo == ""


MESSAGE = b"Subject: x\r\n\r\n.first\r\n..\r\nlast\r\n"
STUFFED = MESSAGE.replace(b"\r\n.", b"\r\n..")
PIPELINE = (
    b"EHLO t\r\n" + AUTH + ENVELOPE + b"DATA\r\n" + STUFFED + b".\r\n" + ENVELOPE + b"BDAT 4 LAST\r\nabcdQUIT\r\n"
)


@given(st.lists(st.integers(0, len(PIPELINE)), max_size=12))
def test_any_split_gives_the_same_answers_and_mails(cuts: list[int]) -> None:
    whole = Driver()
    whole.feed(PIPELINE)
    places = [0, *sorted(cuts), len(PIPELINE)]
    pieces = Driver()
    pieces.feed_all(PIPELINE[a:b] for a, b in itertools.pairwise(places))
    assert pieces.out == whole.out
    assert pieces.mails == whole.mails == [
        Submission("alice@example.org", ("bob@example.com",), MESSAGE),
        Submission("alice@example.org", ("bob@example.com",), b"abcd"),
    ]  # fmt: skip
    assert pieces.connection.closed


@given(st.binary(max_size=400))
def test_hostile_bytes_raise_nothing_and_sign_in_nobody(data: bytes) -> None:
    for tls in (False, True):
        driver = Driver(tls=tls)
        driver.feed(data)
        driver.feed(b"\r\n")
        assert driver.mails == []


@given(st.binary(max_size=300))
def test_any_message_comes_out_as_it_went_in(body: bytes) -> None:
    """Dot-stuffing is undone exactly; only lone CR and LF change, to CR LF."""
    message = re.sub(rb"\r\n|\r|\n", b"\r\n", body)
    if not message.endswith(b"\r\n"):
        message += b"\r\n"
    driver = ready()
    stuffed = (b"\r\n" + message).replace(b"\r\n.", b"\r\n..")[2:]
    driver.feed(ENVELOPE + b"DATA\r\n" + stuffed + b".\r\n")
    assert [mail.raw for mail in driver.mails] == [message]
    chunked = ready()
    chunked.feed(ENVELOPE + b"BDAT %d\r\n" % len(body) + body + b"BDAT 0 LAST\r\n")
    assert [mail.raw for mail in chunked.mails] == [re.sub(rb"\r\n|\r|\n", b"\r\n", body)]


@pytest.mark.parametrize(
    "mark", [b"\n.\n", b"\n.\r\n", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r.\r", b"\n.\r", b"\r\n.\r\r\n"]
)
def test_a_lone_dot_between_other_line_ends_is_refused(mark: bytes) -> None:
    """Neither the end of the message, nor something to be handed on to servers that might take it for the end."""
    driver = ready()
    smuggled = b"MAIL FROM:<mallory@example.org>\r\nRCPT TO:<victim@example.com>\r\nDATA\r\nSubject: no\r\n"
    answer = driver.feed(ENVELOPE + b"DATA\r\nSubject: x\r\n\r\nHi" + mark + smuggled + b"\r\n.\r\nNOOP\r\n")
    assert codes(answer) == [250, 250, 354, 550, 250]
    assert driver.mails == []


def test_lone_line_ends_elsewhere_become_crlf() -> None:
    driver = ready()
    driver.feed(ENVELOPE + b"DATA\r\na\nb\rc\r\n.\r\n")
    assert driver.mails[0].raw == b"a\r\nb\r\nc\r\n"


def test_header_injection_by_addresses_is_impossible() -> None:
    driver = ready()
    assert codes(driver.feed(b"MAIL FROM:<a@example.org\rBcc: x>\r\n")) == [500]
    assert codes(driver.feed(b"MAIL FROM:<a@example.org\nRCPT TO:<b@example.com>\r\n")) == [500, 503]


def test_empty_message() -> None:
    driver = ready()
    assert codes(driver.feed(ENVELOPE + b"DATA\r\n.\r\n")) == [250, 250, 354, 250]
    assert driver.mails[0].raw == b""


def test_too_big_by_size_parameter() -> None:
    assert codes(ready().feed(b"MAIL FROM:<a@example.org> SIZE=1000001\r\n")) == [552]
    large = ready()
    large.connection._max_size = 36_920_912  # what an account with 25 MiB of attachments may send
    said = large.feed(b"MAIL FROM:<a@example.org> SIZE=36920913\r\n")
    assert b"can send 36 MB, which is about 26 MB of files." in said, "files become a third larger on their way"


def test_too_big_in_data_is_discarded_without_being_kept() -> None:
    driver = ready()
    driver.feed(ENVELOPE + b"DATA\r\n")
    for _ in range(300):
        assert driver.feed(b"x" * 9_998 + b"\r\n") == b""
        assert driver.connection._data is not None
        assert len(driver.connection._data.content._kept.getvalue()) <= 1_000_000
    assert codes(driver.feed(b".\r\nNOOP\r\n")) == [552, 250]
    assert driver.mails == []
    assert driver.connection.state is State.READY


def test_the_largest_allowed_message_passes() -> None:
    driver = ready()
    assert codes(driver.feed(ENVELOPE + b"DATA\r\n" + b"x" * 999_998 + b"\r\n.\r\n"))[-1] == 250
    assert codes(driver.feed(ENVELOPE + b"DATA\r\n" + b"x" * 999_999 + b"\r\n.\r\n"))[-1] == 552


def test_too_big_in_chunks() -> None:
    driver = ready()
    driver.feed(ENVELOPE + b"BDAT 600000\r\n" + b"x" * 600_000)
    answer = driver.feed(b"BDAT 600000\r\n" + b"\r\nQUIT\r\n" + b"x" * 599_992 + b"BDAT 3 LAST\r\nabcRSET\r\n")
    assert codes(answer) == [552, 503, 250]
    assert driver.mails == []


def test_octets_of_a_refused_chunk_are_no_commands() -> None:
    driver = ready()
    answer = driver.feed(b"BDAT 35 LAST\r\nMAIL FROM:<mallory@example.org>\r\n\r\nNOOP\r\n")
    assert codes(answer) == [503, 250]


@pytest.mark.parametrize(
    ("commands", "expected", "mails"),
    [
        (b"BDAT 0 LAST\r\n", [250], [b""]),
        (b"BDAT 0\r\nBDAT 0\r\nBDAT 1 LAST\r\nx", [250, 250, 250], [b"x"]),
        (b"BDAT 3\r\nab\rBDAT 2 LAST\r\n\nc", [250, 250], [b"ab\r\nc"]),  # CR LF across two pieces
        (b"BDAT 11 LAST\r\na\r\n.\r\n..\r\nb", [250], [b"a\r\n.\r\n..\r\nb"]),  # dots mean nothing here
        (b"bdat 1 last\r\nx", [250], [b"x"]),
        (b"BDAT 1\r\nxDATA\r\n", [250, 503], []),
        (b"BDAT 1\r\nxRCPT TO:<c@example.com>\r\nMAIL FROM:<a@example.org>\r\n", [250, 503, 503], []),
        (b"BDAT 1\r\nxRSET\r\nBDAT 1 LAST\r\ny", [250, 250, 503], []),
        (b"BDAT\r\n", [501], []),
        (b"BDAT -1\r\n", [501], []),
        (b"BDAT +1 LAST\r\n", [501], []),
        (b"BDAT 0x10\r\n", [501], []),
        (b"BDAT \xd9\xa3 LAST\r\n", [501], []),  # a digit of another script
        (b"BDAT 1 LAST LAST\r\n", [501], []),
        (b"BDAT 99999999999999999999\r\n", [501], []),
    ],
)
def test_edges_of_bdat(commands: bytes, expected: list[int], mails: list[bytes]) -> None:
    driver = ready()
    assert codes(driver.feed(ENVELOPE + commands))[2:] == expected
    assert [mail.raw for mail in driver.mails] == mails


def test_a_piece_that_never_ends_is_not_kept() -> None:
    driver = ready()
    driver.feed(ENVELOPE + b"BDAT 9999999999999999999\r\n")
    for _ in range(50):
        assert driver.feed(b"QUIT\r\n" * 20_000) == b""
        assert driver.connection.buffered == 0


def test_pieces_go_on_behind_a_refused_one_without_being_kept() -> None:
    """RFC 3030 2: what a client has sent ahead is refused with 503 until RSET."""
    driver = ready(Limits(max_size=10))
    driver.connection._max_size = 10
    answer = driver.feed(ENVELOPE + b"BDAT 20\r\n" + b"x" * 20 + b"BDAT 5\r\nyyyyyBDAT 0 LAST\r\nRSET\r\n")
    assert codes(answer) == [250, 250, 552, 503, 503, 250]
    assert driver.mails == []


def test_long_line_is_refused_in_bounded_memory() -> None:
    driver = ready()
    for _ in range(200):
        driver.feed(b"x" * 10_000)
        assert driver.connection.buffered < 30_000
    assert codes(driver.feed(b"\r\nNOOP\r\n")) == [500, 250]


def test_too_many_recipients() -> None:
    driver = ready(Limits(max_recipients=2))
    answer = driver.feed(b"MAIL FROM:<a@example.org>\r\n" + b"RCPT TO:<b@example.org>\r\n" * 3)
    assert codes(answer) == [250, 250, 250, 452]


def test_too_many_errors_end_the_connection() -> None:
    driver = ready(Limits(max_errors=3))
    assert codes(driver.feed(b"A\r\nB\r\nC\r\nNOOP\r\n")) == [500, 500, 500, 421]
    assert driver.connection.closed


def test_three_failed_sign_ins_end_the_connection() -> None:
    driver = Driver()
    wrong = b"AUTH PLAIN " + base64.b64encode(b"\0alice@example.org\0wrong") + b"\r\n"
    assert codes(driver.feed(b"EHLO x\r\n" + wrong * 4)) == [250, 535, 535, 535, 421]
    assert len(driver.logins) == 3


def test_acting_for_another_user_is_refused() -> None:
    driver = Driver()
    other = base64.b64encode(b"bob@example.org\0alice@example.org\0correct-horse")
    same = base64.b64encode(b"alice@example.org\0alice@example.org\0correct-horse")
    assert codes(driver.feed(b"EHLO x\r\nAUTH PLAIN %s\r\nAUTH PLAIN %s\r\n" % (other, same))) == [250, 535, 235]


def test_refused_sender_leaves_nothing_behind() -> None:
    driver = ready()
    answer = driver.feed(b"MAIL FROM:<x@elsewhere.org>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nNOOP\r\n")
    assert codes(answer) == [550, 503, 503, 250]


def test_answers_are_folded_and_hold_no_line_ends() -> None:
    driver = ready()
    driver.outcome = Reply(550, "5.7.1", "word " * 300 + "\r\n250 faked\r\nümlaut")
    answer = driver.feed(ENVELOPE + b"DATA\r\nx\r\n.\r\n")
    lines = answer.split(b"\r\n")[3:-1]
    assert all(len(line) < 510 and line.startswith(b"550") for line in lines)
    assert all(line[3:4] == b"-" for line in lines[:-1])
    assert lines[-1].startswith(b"550 5.7.1")
    answer.decode("ascii")


def test_shutting_down_while_an_answer_is_awaited() -> None:
    connection = Connection("localhost", tls=True)
    connection.receive_data(b"EHLO x\r\n" + AUTH)
    assert isinstance(connection.next_event(), Authenticate)
    assert connection.next_event() is Idle.WAITING
    connection.shut_down("Bridge Manager is closing.")
    assert connection.data_to_send().endswith(b"421 4.3.2 Bridge Manager is closing.\r\n")
    assert connection.next_event() is Idle.CLOSED


def test_an_answer_nobody_asked_for_is_a_mistake() -> None:
    with pytest.raises(RuntimeError):
        Connection("localhost", tls=True).answer(Reply(250, "2.0.0", "x"))
