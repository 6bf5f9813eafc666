"""One IMAP conversation without I/O: bytes in, commands out; bytes out again.

    not authenticated --LOGIN, AUTHENTICATE--> authenticated --SELECT, EXAMINE--> selected
           ^  STARTTLS leads back to itself       ^---CLOSE, UNSELECT, a SELECT that fails---'
    any --LOGOUT, BYE--> logout

The rules: a command is carried out only in the states that `ALLOWED` gives for it; before TLS no password is taken;
text that a client sent behind STARTTLS, before TLS began, is dropped unread (RFC 3501 6.2.1); after `MAX_ERRORS`
commands in a row that were not understood, or a line that is too long to be read, the server says BYE.

The owner feeds `receive_data`, takes `next_event` until None, answers with `send`, and moves `data_to_send` to the
socket.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bridge_gui.imap import commands as c
from bridge_gui.imap import responses
from bridge_gui.imap.fetch_items import BodySection, FetchAtt, FetchItem
from bridge_gui.imap.parse import Refused, command_word, parse
from bridge_gui.imap.sequences import MessageSet, Saved
from bridge_gui.imap.wire import Limits, LiteralWanted, Reader, TooLong

MAX_ERRORS = 20
"""Commands in a row that are not understood; a program that talks HTTP or worse is let go."""


class State(Enum):
    """RFC 3501 3."""

    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"
    LOGOUT = "logout"


_ANY = frozenset({State.NOT_AUTHENTICATED, State.AUTHENTICATED, State.SELECTED})
_BEFORE = frozenset({State.NOT_AUTHENTICATED})
_SIGNED_IN = frozenset({State.AUTHENTICATED, State.SELECTED})
_SELECTED = frozenset({State.SELECTED})

ALLOWED: dict[type[c.Command], frozenset[State]] = {
    c.Capability: _ANY,
    c.Noop: _ANY,
    c.Logout: _ANY,
    c.Id: _ANY,
    c.StartTls: _BEFORE,
    c.Authenticate: _BEFORE,
    c.Login: _BEFORE,
    c.Enable: _SIGNED_IN,
    c.Select: _SIGNED_IN,
    c.Create: _SIGNED_IN,
    c.Delete: _SIGNED_IN,
    c.Rename: _SIGNED_IN,
    c.Subscribe: _SIGNED_IN,
    c.List: _SIGNED_IN,
    c.Namespace: _SIGNED_IN,
    c.Status: _SIGNED_IN,
    c.Append: _SIGNED_IN,
    c.Idle: _SIGNED_IN,
    c.GetQuota: _SIGNED_IN,
    c.GetQuotaRoot: _SIGNED_IN,
    c.Compress: _SIGNED_IN,
    c.Notify: _SIGNED_IN,
    c.Check: _SELECTED,
    c.Close: _SELECTED,
    c.Expunge: _SELECTED,
    c.Search: _SELECTED,
    c.Fetch: _SELECTED,
    c.Store: _SELECTED,
    c.Copy: _SELECTED,
    c.Sort: _SELECTED,
    c.Thread: _SELECTED,
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is no command: the client's part of AUTHENTICATE, or DONE."""

    text: bytes


Event = c.Command | Line


class Connection:
    """The protocol of one connection."""

    def __init__(self, limits: Limits | None = None, *, tls: bool = False, append_limit: int = 0) -> None:
        self._limits = limits or Limits()
        self._reader = Reader(self._limits, self._literal_limit)
        self._state = State.NOT_AUTHENTICATED
        self._out: list[bytes] = []
        self._errors = 0
        self._lines = False
        self._inflate: zlib._Decompress | None = None
        self._deflate: zlib._Compress | None = None
        self._trace: Callable[[str], None] | None = None
        self.tls = tls
        self.append_limit = append_limit
        self.utf8 = False
        """UTF8=ACCEPT or IMAP4rev2 was enabled: mailbox names are UTF-8."""

    # -- state

    @property
    def state(self) -> State:
        return self._state

    @property
    def over(self) -> bool:
        """Nothing more is read, and nothing said but what is queued."""
        return self._state is State.LOGOUT

    def move_to(self, state: State) -> None:
        """Enter another state; what a signed-in client may send is longer."""
        self._state = state
        if state in _SIGNED_IN:
            self._reader.line_limit = self._limits.line

    def trace(self, sink: Callable[[str], None] | None) -> None:
        """Report each command in a form without secrets and content."""
        self._trace = sink

    # -- in

    def receive_data(self, data: bytes) -> None:
        """Take in what the socket gave. Compressed data that is none ends the conversation."""
        if self._inflate is None:
            self._reader.feed(data)
            return
        try:
            self._reader.feed(self._inflate.decompress(data, MAX_INFLATED))
            while self._inflate.unconsumed_tail:
                self._reader.feed(self._inflate.decompress(self._inflate.unconsumed_tail, MAX_INFLATED))
                if self._reader.buffered > self.most_buffered:
                    self.say_bye("this is more than a command may hold")
                    return
        except zlib.error:
            self.say_bye("the compressed data is damaged")

    @property
    def buffered(self) -> int:
        """Octets received that are no event yet. The owner stops reading while it is above `most_buffered`."""
        return self._reader.buffered

    @property
    def unfinished(self) -> bool:
        """The client has begun a command that is not whole yet."""
        return self._reader.unfinished

    @property
    def most_buffered(self) -> int:
        return max(self.append_limit, self._limits.literal) + self._limits.line + MAX_INFLATED

    def expect_lines(self, lines: bool) -> None:
        """Until told otherwise, give what comes as lines, not as commands."""
        self._lines = lines

    def next_event(self) -> Event | None:
        """The next command that is understood and allowed, or None when more bytes are needed. Answer the others."""
        while self._state is not State.LOGOUT:
            if self._lines:
                line = self._reader.next_line()
                if line is None:
                    return None
                if isinstance(line, TooLong):
                    self.say_bye("this line is too long")
                    return None
                return Line(line.text)
            event = self._reader.next_event()
            if event is None:
                return None
            if isinstance(event, LiteralWanted):
                self.send(responses.continuation("go on"))
                self._reader.go_on()
                continue
            if isinstance(event, TooLong):
                self._too_long(event)
                continue
            try:
                command = parse(event, utf8=self.utf8)
                self._check_state(command)
            except Refused as refused:
                self._refuse(refused)
                continue
            self._errors = 0
            if self._trace is not None:
                self._trace(f"C: {log_form(command)}")
            return command
        return None

    def _literal_limit(self, fragment: bytes) -> int:
        if self._state is State.NOT_AUTHENTICATED:
            return self._limits.anonymous_literal
        if command_word(fragment) == "APPEND":
            return max(self.append_limit, self._limits.literal)
        return self._limits.literal

    def _check_state(self, command: c.Command) -> None:
        if self._state not in ALLOWED[type(command)]:
            raise Refused(command.tag, f"{command.name} is not possible in this state ({self._state.value})")

    def _too_long(self, event: TooLong) -> None:
        if event.literal:
            # RFC 7889 4, RFC 4469: the client learns of it before it has sent the octets, if it waits for our leave.
            self.send(responses.no(event.tag or "*", f"the {event.what} is too large", "TOOBIG"))
            self._count_error()
        else:
            self.send(responses.bad(event.tag, f"the {event.what} is too long"))
            self.say_bye("this line is too long")

    def _refuse(self, refused: Refused) -> None:
        if self._trace is not None:
            self._trace("C: (a command that is refused)")
        if refused.bad:
            self.send(responses.bad(refused.tag, refused.text))
            self._count_error()
        else:
            self.send(responses.no(refused.tag, refused.text, refused.code))

    def _count_error(self) -> None:
        self._errors += 1
        if self._errors >= MAX_ERRORS:
            self.say_bye("too many commands that are not understood")

    # -- out

    def send(self, data: bytes, *, goes_on: bool = False) -> None:
        """Queue responses for the socket: whole ones, or the next piece of what was begun (`goes_on`)."""
        if data and self._state is not State.LOGOUT:
            self._queue(data, traced=not goes_on)

    def _queue(self, data: bytes, *, traced: bool = True) -> None:
        if self._trace is not None and traced:
            self._trace(trace_form(data))
        if self._deflate is not None:
            data = self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        self._out.append(data)

    def data_to_send(self) -> bytes:
        """All that is queued, which is then no longer queued."""
        if not self._out:
            return b""
        data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out.clear()
        return data

    def say_bye(self, text: str, code: str = "") -> None:
        """End the conversation from our side."""
        if self._state is not State.LOGOUT:
            self._queue(responses.bye(text, code))
            self._state = State.LOGOUT

    # -- transitions of the transport

    def begin_tls(self) -> None:
        """The next bytes come through TLS. What was sent ahead of it is dropped: it came from anybody."""
        self._reader.take_rest()
        self.tls = True

    def begin_compression(self) -> None:
        """COMPRESS=DEFLATE from the next octet on, in both directions (RFC 4978). Raw deflate, no header."""
        rest = self._reader.take_rest()
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        self.receive_data(rest)

    @property
    def compressed(self) -> bool:
        return self._deflate is not None


MAX_INFLATED = 64 * 1024
"""Octets inflated at once: compressed data must not become a thousandfold in memory."""


def log_form(command: c.Command) -> str:
    """A command without passwords, texts that were searched for, mailbox names, or mail."""
    if isinstance(command, c.Authenticate):
        return f"{command.tag} AUTHENTICATE {command.mechanism} ****"
    if isinstance(command, c.Append):
        sizes = " ".join(f"{{{len(message.literal)}}}" for message in command.messages)
        return f"{command.tag} APPEND **** {sizes}"
    if isinstance(command, c.Fetch):
        items = " ".join(_item_form(item) for item in command.items)
        since = "" if command.changed_since is None else f" (CHANGEDSINCE {command.changed_since})"
        return f"{command.tag} {command.name} {_set_form(command.messages)} ({items}){since}"
    if isinstance(command, c.Store):
        flags = " ".join(sorted(flag for flag in command.flags if flag.startswith(("\\", "$"))))
        return f"{command.tag} {command.name} {_set_form(command.messages)} {command.mode.value} ({flags})"
    if isinstance(command, c.Copy):
        return f"{command.tag} {command.name} {_set_form(command.messages)} ****"
    if isinstance(command, c.Expunge) and command.uids is not None:
        return f"{command.tag} UID EXPUNGE {_set_form(command.uids)}"
    if isinstance(command, c.Enable):
        return f"{command.tag} ENABLE {' '.join(command.capabilities)}"
    if isinstance(command, c.Status):
        return f"{command.tag} STATUS **** ({' '.join(item.value for item in command.items)})"
    bare = not any(field not in ("tag",) for field in command.__dataclass_fields__)
    return f"{command.tag} {command.name}" + ("" if bare else " ****")


def _set_form(messages: MessageSet) -> str:
    return messages.value if isinstance(messages, Saved) else messages.encode()[:200].decode("ascii")


def _item_form(item: FetchItem) -> str:
    if isinstance(item, FetchAtt):
        return item.value
    if isinstance(item, BodySection):
        return item.label.decode("ascii", "replace")
    return f"{type(item).__name__.upper()}[{'.'.join(map(str, item.path))}]"


_STATUS_LINES = (b"+ ", b"* OK", b"* NO", b"* BAD", b"* BYE", b"* CAPABILITY")


def trace_form(data: bytes) -> str:
    """What we said, short: tagged and status lines whole, of data only what kind it was."""
    shown: list[str] = []
    # What follows the first literal may be mail that looks like a response.
    for line in data[:4096].split(b"}\r\n", 1)[0].split(b"\r\n")[:20]:
        words = line.split(b" ", 3)
        tagged = len(words) > 1 and words[0] != b"*" and words[1] in (b"OK", b"NO", b"BAD")
        if tagged or line.startswith(_STATUS_LINES):
            shown.append(line.decode("utf-8", "replace"))
        elif words[0] == b"*":
            kept = 3 if words[1:2] and words[1].isdigit() else 2
            shown.append(b" ".join(words[:kept]).decode("ascii", "replace"))
    return f"S: ({len(data)} octets) " + " | ".join(shown)
