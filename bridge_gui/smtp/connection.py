"""One SMTP submission connection without its socket (RFC 5321, 6409).

`receive_data` takes whatever bytes came; `next_event` gives the next thing the server has to decide (a sign-in, a
sender, a message, TLS), or says that it needs more; everything else is answered here. While an event waits for its
answer nothing further is read, so pipelined commands (RFC 2920) run in order. Feeding the same bytes in any pieces
gives the same events and replies.

The states, and which command is allowed where (`ALLOWED`):

    CLEAR ──STARTTLS──> SECURE ──EHLO──> GREETED ──AUTH──> READY ──MAIL──> MAIL ──RCPT──> RECIPIENTS ──BDAT──> CHUNKS
                                                            ^                                │ DATA, BDAT LAST   │
                                                            └────────── answer to the message, RSET, EHLO ───────┘

CLEAR is a connection without TLS: no password and no mail is taken there. A connection that began with TLS starts in
SECURE. Whatever arrived behind STARTTLS in clear is thrown away (RFC 3207 6), and so is the state from before.

The end of DATA is CR LF . CR LF and nothing else. A message that holds a lone dot between other line ends, which
another server might take for the end, is refused whole (SMTP smuggling).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from bridge_gui.secret import Secret
from bridge_gui.smtp import parse
from bridge_gui.smtp.backend import Reply, Submission
from bridge_gui.smtp.parse import BadCommand, Command

# ------------------------------------------------------------------------------------------- limits


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one connection may ask of us."""

    max_size: int = 36 * 1024 * 1024
    """Octets of a message, told before the account is known: 25 MB of attachments in base64 with its line ends."""
    max_line: int = 16 * 1024
    """Octets of a command line. RFC 5321 4.5.3.1.4 says 512 and more with extensions; RFC 4954 4 asks for 12,288 in
    an authentication."""
    max_recipients: int = 500
    """RFC 5321 4.5.3.1.8 asks for 100 at least."""
    max_errors: int = 20
    """Commands in a row that make no sense, before the connection is closed."""
    max_failed_logins: int = 3


# ------------------------------------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Answer with `authenticated` or `refuse_login`."""

    username: str
    password: Secret[str]


@dataclass(frozen=True, slots=True)
class CheckSender:
    """Answer with `answer`."""

    address: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """Answer with `answer`."""

    submission: Submission


@dataclass(frozen=True, slots=True)
class BeginTls:
    """Send what is to be sent, do the handshake, then call `tls_started`."""


class Idle(Enum):
    NEED_DATA = auto()
    WAITING = auto()
    """An event has not been answered yet."""
    CLOSED = auto()


Event = Authenticate | CheckSender | Deliver | BeginTls | Idle


# ------------------------------------------------------------------------------------------- states


class State(Enum):
    CLEAR = auto()
    SECURE = auto()
    GREETED = auto()
    READY = auto()
    MAIL = auto()
    RECIPIENTS = auto()
    CHUNKS = auto()


_EVERYWHERE = frozenset(State)

ALLOWED: Mapping[type[Command], frozenset[State]] = {
    parse.Ehlo: _EVERYWHERE,
    parse.Helo: _EVERYWHERE,
    parse.Noop: _EVERYWHERE,
    parse.Help: _EVERYWHERE,
    parse.Rset: _EVERYWHERE,
    parse.Quit: _EVERYWHERE,
    parse.StartTls: frozenset({State.CLEAR}),
    parse.Auth: frozenset({State.GREETED}),
    parse.Vrfy: frozenset({State.READY, State.MAIL, State.RECIPIENTS}),
    parse.MailFrom: frozenset({State.READY}),
    parse.RcptTo: frozenset({State.MAIL, State.RECIPIENTS}),
    parse.Data: frozenset({State.RECIPIENTS}),
    parse.Bdat: frozenset({State.RECIPIENTS, State.CHUNKS}),
}

_TLS_FIRST = Reply(530, "5.7.0", "Start TLS first.")
_EHLO_FIRST = Reply(503, "5.5.1", "Say EHLO first.")
_AUTH_FIRST = Reply(530, "5.7.0", "Sign in first.")


def _refusal(command: Command, state: State) -> Reply:
    """Why a command is not allowed in a state."""
    match command, state:
        case parse.StartTls(), _:
            return Reply(503, "5.5.1", "TLS is in use already.")
        case _, State.CLEAR:
            return _TLS_FIRST
        case _, State.SECURE:
            return _EHLO_FIRST
        case _, State.GREETED:
            return _AUTH_FIRST
        case parse.Auth(), _:
            return Reply(503, "5.5.1", "You are signed in already.")
        case parse.MailFrom(), _:
            return Reply(503, "5.5.1", "A sender was given already; RSET begins anew.")
        case _, State.READY:
            return Reply(503, "5.5.1", "Give the sender with MAIL first.")
        case _, State.MAIL:
            return Reply(503, "5.5.1", "Give a recipient with RCPT first.")
        case _:
            return Reply(503, "5.5.1", "The message is being sent with BDAT; finish it or say RSET.")


class _Reading(Enum):
    """What the next bytes are."""

    COMMAND = auto()
    SASL = auto()
    DATA = auto()
    CHUNK = auto()


@dataclass(slots=True)
class _Transaction:
    """One mail on its way (RFC 5321 3.3)."""

    sender: str = ""
    utf8: bool = False
    recipients: list[str] = field(default_factory=list)
    message: bytearray = field(default_factory=bytearray)
    too_big: bool = False


@dataclass(slots=True)
class _Sasl:
    """An exchange under way: which answers are here already."""

    mechanism: str
    username: str | None = None


_END = b"\r\n.\r\n"
_LONE_DOT = re.compile(rb"[\r\n]\.[\r\n]")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LINE_TEXT = 480
"""Octets of text in one line of a reply, which may have 512 with its code and CRLF (RFC 5321 4.5.3.1.5)."""


class Connection:
    """The server's side of one connection."""

    def __init__(self, hostname: str, *, tls: bool, limits: Limits | None = None) -> None:
        self._hostname = hostname
        self._limits = limits if limits is not None else Limits()
        self._max_size = self._limits.max_size
        self._state = State.SECURE if tls else State.CLEAR
        self._reading = _Reading.COMMAND
        self._in = bytearray()
        self._out = bytearray()
        self._asked: Authenticate | CheckSender | Deliver | BeginTls | None = None
        self._pending_sender: parse.MailFrom | None = None
        self._mail = _Transaction()
        self._sasl: _Sasl | None = None
        self._chunk_left = 0
        self._chunk_last = False
        self._chunk_reply: Reply | None = None
        self._errors = 0
        self._failed_logins = 0
        self._closed = False
        self._skipping_line = False
        self.helo = ""
        self._send(Reply(220, "", f"{hostname} ESMTP Bridge Manager"))

    # ---------------------------------------------------------------- bytes

    @property
    def state(self) -> State:
        return self._state

    @property
    def closed(self) -> bool:
        """Nothing further is read; close the socket when `data_to_send` has gone out."""
        return self._closed

    @property
    def waiting(self) -> bool:
        """An event has not been answered yet: the client waits for us."""
        return self._asked is not None

    @property
    def buffered(self) -> int:
        """Octets received and not looked at yet; stop reading the socket when there are many."""
        return len(self._in)

    def receive_data(self, data: bytes) -> None:
        if not self._closed:
            self._in += data

    def data_to_send(self) -> bytes:
        out = bytes(self._out)
        self._out.clear()
        return out

    def next_event(self) -> Event:
        """Go on with what was received until something has to be decided."""
        while not self._closed:
            if self._asked is not None:
                return Idle.WAITING
            event: Event | None
            match self._reading:
                case _Reading.DATA:
                    event = self._read_data()
                case _Reading.CHUNK:
                    event = self._read_chunk()
                case _:
                    event = self._read_line()
            if isinstance(event, Idle):
                return event
            if event is not None:
                self._asked = event
                return event
        return Idle.CLOSED

    # ---------------------------------------------------------------- answers

    def authenticated(self, max_size: int) -> None:
        """The password is right. `max_size` is what the account allows (RFC 1870)."""
        self._answered(Authenticate)
        self._failed_logins = 0
        self._max_size = max_size
        self._state = State.READY
        self._send(Reply(235, "2.7.0", "Signed in."))

    def refuse_login(self, reply: Reply) -> None:
        self._answered(Authenticate)
        self._failed_logins += 1
        self._send(reply)
        if self._failed_logins >= self._limits.max_failed_logins:
            self.shut_down("Too many failed sign-ins.", status="4.7.0")

    def answer(self, reply: Reply) -> None:
        """Answer `CheckSender` or `Deliver`."""
        asked = self._answered(CheckSender, Deliver)
        if isinstance(asked, CheckSender):
            assert self._pending_sender is not None
            if reply.accepted:
                self._mail = _Transaction(self._pending_sender.address, self._pending_sender.utf8)
                self._state = State.MAIL
            self._pending_sender = None
        else:
            self._reset()
            self._errors = 0
        self._send(reply)

    def tls_started(self) -> None:
        """The handshake is done: forget everything from before, buffered bytes first (RFC 3207 4.2)."""
        self._answered(BeginTls)
        self._in.clear()
        self.helo = ""
        self._state = State.SECURE

    def shut_down(self, text: str, status: str = "4.3.2") -> None:
        """Say 421 and end the connection."""
        if not self._closed:
            self._send(Reply(421, status, text))
            self._close()

    def _answered(self, *kinds: type) -> object:
        asked = self._asked
        if not isinstance(asked, kinds):
            raise RuntimeError(f"no {kinds[0].__name__} waits for an answer")
        self._asked = None
        return asked

    # ---------------------------------------------------------------- lines

    def _read_line(self) -> Authenticate | CheckSender | BeginTls | Idle | None:
        end = self._in.find(b"\n")
        if end < 0:
            if len(self._in) > self._limits.max_line:
                self._skipping_line = True
                del self._in[:-1]  # the last octet may be the CR of the line's end
            return Idle.NEED_DATA
        line = bytes(self._in[:end])
        del self._in[: end + 1]
        if self._skipping_line or len(line) > self._limits.max_line:
            self._skipping_line = False
            self._sasl_over()
            self._complain(Reply(500, "5.5.6", "The line is too long."))
            return None
        if not line.endswith(b"\r"):
            self._sasl_over()
            self._complain(Reply(500, "5.5.2", "Lines end with CR LF."))
            return None
        try:
            if self._reading is _Reading.SASL:
                return self._sasl_response(parse.decode_response(line[:-1]))
            return self._run(parse.parse_command(line[:-1]))
        except BadCommand as bad:
            self._sasl_over()
            self._complain(bad.reply)
            return None

    def _run(self, command: Command) -> Authenticate | CheckSender | BeginTls | None:
        if self._state not in ALLOWED[type(command)]:
            refusal = _refusal(command, self._state)
            if isinstance(command, parse.Bdat):
                # Its octets follow in any case (RFC 3030 2), and must not be taken for commands.
                self._begin_chunk(command, refusal)
                return None
            raise BadCommand(refusal)
        match command:
            case parse.Ehlo(name):
                self._greet(name)
                self._send_lines(250, [f"{self._hostname} at your service", *self._extensions()])
            case parse.Helo(name):
                self._greet(name)
                self._send(Reply(250, "", self._hostname))
            case parse.StartTls():
                self._in.clear()
                self._send(Reply(220, "2.0.0", "Begin the TLS handshake."))
                return BeginTls()
            case parse.Auth():
                return self._begin_sasl(command)
            case parse.MailFrom():
                return self._begin_mail(command)
            case parse.RcptTo(address):
                self._add_recipient(address)
            case parse.Data():
                self._send(Reply(354, "", "Send the message; end it with a line that holds a dot only."))
                self._mail.message += b"\r\n"  # so that a dot in the very first line is found like any other
                self._reading = _Reading.DATA
            case parse.Bdat():
                self._begin_chunk(command, None)
            case parse.Rset():
                self._reset()
                self._send(Reply(250, "2.0.0", "Begin anew."))
            case parse.Noop():
                self._send(Reply(250, "2.0.0", "Here."))
            case parse.Vrfy():
                self._send(Reply(252, "2.5.0", "Addresses are checked when a message is sent."))
            case parse.Help():
                self._send(Reply(214, "2.0.0", "RFC 6409 is spoken here."))
            case parse.Quit():
                self._send(Reply(221, "2.0.0", "Goodbye."))
                self._close()
        return None

    def _greet(self, name: str) -> None:
        self.helo = name
        self._reset()
        if self._state is State.SECURE:
            self._state = State.GREETED

    def _extensions(self) -> Sequence[str]:
        yield_first = [
            "PIPELINING",
            f"SIZE {self._max_size}",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            "CHUNKING",
        ]
        return [*yield_first, "STARTTLS" if self._state is State.CLEAR else "AUTH PLAIN LOGIN"]

    def _reset(self) -> None:
        """Forget the mail under way (RSET); whoever is signed in stays so."""
        self._mail = _Transaction()
        if self._state in (State.MAIL, State.RECIPIENTS, State.CHUNKS):
            self._state = State.READY

    # ---------------------------------------------------------------- signing in

    def _begin_sasl(self, command: parse.Auth) -> Authenticate | None:
        if command.mechanism not in ("PLAIN", "LOGIN"):
            raise BadCommand(Reply(504, "5.5.4", "PLAIN and LOGIN are the mechanisms here."))
        self._sasl = _Sasl(command.mechanism)
        self._reading = _Reading.SASL
        if command.initial is not None:
            return self._sasl_response(command.initial)
        self._send(Reply(334, "", "VXNlcm5hbWU6" if command.mechanism == "LOGIN" else ""))
        return None

    def _sasl_response(self, response: Secret[bytes]) -> Authenticate | None:
        assert self._sasl is not None
        try:
            text = response.reveal().decode()
        except UnicodeDecodeError:
            raise BadCommand(Reply(501, "5.5.2", "The response is not UTF-8.")) from None
        if self._sasl.mechanism == "LOGIN":
            if self._sasl.username is None:
                self._sasl.username = text
                self._send(Reply(334, "", "UGFzc3dvcmQ6"))
                return None
            event = Authenticate(self._sasl.username, Secret(text))
        else:
            # message = [authzid] NUL authcid NUL passwd (RFC 4616 2)
            parts = text.split("\0")
            if len(parts) != 3 or not parts[1]:
                raise BadCommand(Reply(501, "5.5.2", "The response is not of the form of PLAIN."))
            if parts[0] not in ("", parts[1]):
                raise BadCommand(Reply(535, "5.7.8", "Acting for another user is not possible."))
            event = Authenticate(parts[1], Secret(parts[2]))
        self._sasl_over()
        return event

    def _sasl_over(self) -> None:
        self._sasl = None
        if self._reading is _Reading.SASL:
            self._reading = _Reading.COMMAND

    # ---------------------------------------------------------------- one mail

    def _begin_mail(self, command: parse.MailFrom) -> CheckSender:
        if command.size is not None and command.size > self._max_size:
            raise BadCommand(self._too_big())
        self._pending_sender = command
        return CheckSender(command.address)

    def _add_recipient(self, address: str) -> None:
        if not address.isascii() and not self._mail.utf8:
            raise BadCommand(Reply(553, "5.6.7", "An address that is not ASCII needs SMTPUTF8."))
        if len(self._mail.recipients) >= self._limits.max_recipients:
            self._send(Reply(452, "4.5.3", "Too many recipients for one message."))
            return
        self._mail.recipients.append(address)
        self._state = State.RECIPIENTS
        self._send(Reply(250, "2.1.5", "Recipient noted."))

    def _too_big(self) -> Reply:
        return Reply(552, "5.3.4", f"The message is too big; this account can send {self._max_size} bytes.")

    def _read_data(self) -> Deliver | Idle | None:
        mail = self._mail
        # The mark may lie across two pieces: look again at the last octets that were here.
        start = max(0, len(mail.message) - len(_END) + 1)
        mail.message += self._in
        self._in.clear()
        end = mail.message.find(_END, start)
        if end < 0:
            if mail.too_big or len(mail.message) > self._max_size + 2:
                mail.too_big = True
                del mail.message[: -len(_END)]
            return Idle.NEED_DATA
        self._in += mail.message[end + len(_END) :]
        self._reading = _Reading.COMMAND
        if mail.too_big or end > self._max_size:
            self._refuse_message(self._too_big())
            return None
        del mail.message[end + 2 :]
        if _has_bare_line_end(mail.message) and _LONE_DOT.search(mail.message) is not None:
            self._refuse_message(
                Reply(550, "5.6.0", "A lone dot stands between line ends that are not CR LF; such mail is not sent.")
            )
            return None
        raw = bytes(memoryview(mail.message)[2:])
        stuffed = mail.message.find(b"\r\n.") >= 0
        mail.message = bytearray()
        if stuffed:
            raw = (b"\r\n" + raw).replace(b"\r\n.", b"\r\n")[2:]
        return Deliver(self._submission(raw))

    def _begin_chunk(self, command: parse.Bdat, refusal: Reply | None) -> None:
        self._chunk_left = command.size
        self._chunk_last = command.last
        self._chunk_reply = refusal
        if refusal is None:
            self._state = State.CHUNKS
            if len(self._mail.message) + command.size > self._max_size:
                self._mail.message = bytearray()
                self._mail.too_big = True
                self._chunk_reply = self._too_big()
        self._reading = _Reading.CHUNK

    def _read_chunk(self) -> Deliver | Idle | None:
        taken = min(self._chunk_left, len(self._in))
        if self._chunk_reply is None:
            self._mail.message += memoryview(self._in)[:taken]
        del self._in[:taken]
        self._chunk_left -= taken
        if self._chunk_left:
            return Idle.NEED_DATA
        self._reading = _Reading.COMMAND
        if self._chunk_reply is not None:
            reply, self._chunk_reply = self._chunk_reply, None
            # RFC 3030 2: after a failed chunk the rest of the message is refused with 503, until RSET.
            if self._mail.too_big:
                self._reset()
            self._complain(reply)
            return None
        if not self._chunk_last:
            self._send(Reply(250, "2.0.0", "Piece noted."))
            return None
        raw = bytes(self._mail.message)
        self._mail.message = bytearray()
        return Deliver(self._submission(raw))

    def _submission(self, raw: bytes) -> Submission:
        # RFC 5321 2.3.8: CR and LF stand together only. What stands alone was a line end to whoever wrote it.
        if _has_bare_line_end(raw):
            raw = _LINE_END.sub(b"\r\n", raw)
        return Submission(self._mail.sender, tuple(self._mail.recipients), raw)

    def _refuse_message(self, reply: Reply) -> None:
        self._reset()
        self._complain(reply)

    # ---------------------------------------------------------------- replies

    def _complain(self, reply: Reply) -> None:
        self._send(reply)
        self._errors += 1
        if self._errors >= self._limits.max_errors:
            self.shut_down("Too many errors.", status="4.7.0")

    def _send(self, reply: Reply) -> None:
        status = f"{reply.status} " if reply.status else ""
        self._send_lines(reply.code, [status + line for line in _wrapped(reply.text)])

    def _send_lines(self, code: int, lines: Sequence[str]) -> None:
        for number, line in enumerate(lines, 1):
            mark = "-" if number < len(lines) else " "
            self._out += f"{code}{mark}{line}\r\n".encode("ascii", "backslashreplace")

    def _close(self) -> None:
        self._closed = True
        self._in.clear()
        self._mail = _Transaction()


def _has_bare_line_end(message: bytes | bytearray) -> bool:
    return not message.count(b"\n") == message.count(b"\r") == message.count(b"\r\n")


def _wrapped(text: str) -> list[str]:
    """Split a sentence over lines that fit into a reply; whatever would end a line early becomes a space."""
    words = "".join(character if character.isprintable() else " " for character in text).split()
    lines = [""]
    for word in words:
        word = word[:_LINE_TEXT]
        if len(lines[-1]) + len(word) >= _LINE_TEXT // 4 * 3:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines
