"""One SMTP submission connection without its socket (RFC 5321, 6409).

`receive_data` takes whatever bytes came; `next_event` gives the next thing the server has to decide (a sign-in, a
sender, a message, TLS), or says that it needs more; everything else is answered here. While an event waits for its
answer nothing further is read, so pipelined commands (RFC 2920) run in order. Feeding the same bytes in any pieces
gives the same events and replies.

Which command is allowed where says `states.py`, how a message is read `content.py`. Whatever arrived behind STARTTLS in
clear is thrown away (RFC 3207 6), and so is the state from before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from bridge_gui.secret import Secret
from bridge_gui.smtp import parse
from bridge_gui.smtp.astray import is_imap, name_in
from bridge_gui.smtp.backend import Reply, Submission
from bridge_gui.smtp.content import Content, DataReader, Fault
from bridge_gui.smtp.parse import BadCommand, Command
from bridge_gui.smtp.sasl import MECHANISMS, Credentials, Exchange
from bridge_gui.smtp.states import ALLOWED, IN_MAIL, State, refusal

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


# ------------------------------------------------------------------------------------------- the connection


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
    content: Content | None = None
    """What BDAT has brought so far."""


@dataclass(slots=True)
class _Chunk:
    """A piece of BDAT: how much of it is still to come, and why it is not wanted, if it is not."""

    left: int
    last: bool
    refused: Reply | None


BASE64 = 57 / 78
"""Octets of a file in a line of base64, by the octets of that line."""


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
        self._sasl: Exchange | None = None
        self._data: DataReader | None = None
        self._chunk: _Chunk | None = None
        self._errors = 0
        self._failed_logins = 0
        self._closed = False
        self._skipping_line = False
        self.helo = ""
        self.unencrypted: str | None = None
        """Set when the client wanted to sign in or to send before TLS: the user name or sender it gave, or nothing."""
        self.other_protocol = False
        """The client's first line is a command of IMAP."""
        self._first_line = True
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
        if self._first_line:
            self._first_line = False
            self.other_protocol = is_imap(line)
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
            refused = refusal(command, self._state)
            if self._state is State.CLEAR and isinstance(command, (parse.Auth, parse.MailFrom)):
                self.unencrypted = self.unencrypted or name_in(command)
            if isinstance(command, parse.Bdat):
                # Its octets follow in any case (RFC 3030 2), and must not be taken for commands.
                self._begin_chunk(command, refused)
                return None
            raise BadCommand(refused)
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
                self._data = DataReader(self._max_size)
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
        return [
            "PIPELINING",
            f"SIZE {self._max_size}",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
            "CHUNKING",
            "STARTTLS" if self._state is State.CLEAR else f"AUTH {' '.join(MECHANISMS)}",
        ]

    def _reset(self) -> None:
        """Forget the mail under way (RSET); whoever is signed in stays so."""
        self._mail = _Transaction()
        if self._state in IN_MAIL:
            self._state = State.READY

    # ---------------------------------------------------------------- signing in

    def _begin_sasl(self, command: parse.Auth) -> Authenticate | None:
        self._sasl = Exchange(command.mechanism)
        self._reading = _Reading.SASL
        if command.initial is not None:
            return self._sasl_response(command.initial)
        self._send(self._sasl.challenge)
        return None

    def _sasl_response(self, response: Secret[bytes]) -> Authenticate | None:
        assert self._sasl is not None
        match self._sasl.respond(response):
            case Credentials(username, password):
                self._sasl_over()
                return Authenticate(username, password)
            case None:
                self._send(self._sasl.challenge)
                return None

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
        whole, files = self._max_size // 1_000_000, int(self._max_size * BASE64) // 1_000_000
        text = f"The message is too big; this account can send {whole} MB, which is about {files} MB of files."
        return Reply(552, "5.3.4", text)

    def _read_data(self) -> Deliver | Idle | None:
        reader = self._data
        assert reader is not None
        rest = reader.feed(self._in)
        self._in.clear()
        if rest is None:
            return Idle.NEED_DATA
        self._in += rest
        self._data = None
        self._reading = _Reading.COMMAND
        match reader.fault:
            case Fault.TOO_BIG:
                self._refuse_message(self._too_big())
                return None
            case Fault.LONE_DOT:
                self._refuse_message(_LONE_DOT)
                return None
            case None:
                return Deliver(self._submission(reader.content))

    def _begin_chunk(self, command: parse.Bdat, refused: Reply | None) -> None:
        if refused is None:
            self._state = State.CHUNKS
            if self._mail.content is None:
                self._mail.content = Content(self._max_size)
            if self._mail.content.size + command.size > self._max_size:
                refused = self._too_big()
        self._chunk = _Chunk(command.size, command.last, refused)
        self._reading = _Reading.CHUNK

    def _read_chunk(self) -> Deliver | Idle | None:
        chunk, content = self._chunk, self._mail.content
        assert chunk is not None
        taken = min(chunk.left, len(self._in))
        if chunk.refused is None and content is not None:
            content.add(bytes(self._in[:taken]))
        del self._in[:taken]
        chunk.left -= taken
        if chunk.left:
            return Idle.NEED_DATA
        self._chunk = None
        self._reading = _Reading.COMMAND
        if chunk.refused is not None:
            # RFC 3030 2: after a failed chunk the rest of the message is refused with 503, until RSET.
            if self._state is State.CHUNKS:
                self._reset()
            self._complain(chunk.refused)
            return None
        if not chunk.last:
            self._send(Reply(250, "2.0.0", "Piece noted."))
            return None
        assert content is not None
        return Deliver(self._submission(content))

    def _submission(self, content: Content) -> Submission:
        return Submission(self._mail.sender, tuple(self._mail.recipients), content.take())

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
        self._data = None


_LONE_DOT = Reply(550, "5.6.0", "A lone dot stands between line ends that are not CR LF; such mail is not sent.")
_LINE_TEXT = 480
"""Octets of text in one line of a reply, which may have 512 with its code and CRLF (RFC 5321 4.5.3.1.5)."""


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
