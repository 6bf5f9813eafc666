"""From bytes to raw commands: lines, the literals inside them, and limits on both. No grammar.

A command is one line, which may be interrupted by literals: `{5}` at the end of a line announces five octets, after
which the line goes on (RFC 3501 4.3, 7.5). `{5+}` does not wait for our leave (RFC 7888), `~{5}` may hold NUL (RFC
3516).

The reader's answer depends on the bytes only, not on how they were cut. It never keeps more than the limits allow: too
long a line, and a literal that is refused although it comes unasked, are read and thrown away.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_LITERAL = re.compile(rb"(~?)\{(\d{1,20})(\+?)\}\Z")
_TAG = re.compile(rb"[^\x00-\x20(){%*\"\\\]+\x7f-\xff]{1,64}(?= )")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what one client may make us hold."""

    line: int = 256 * 1024
    """Octets of a command without its literals. Dovecot takes 64 KB; a set of 20,000 scattered UIDs has 140 KB."""
    literal: int = 256 * 1024
    """One literal of any command but APPEND: a search string, a mailbox name."""
    literals: int = 1_000
    """Literals in one command."""
    anonymous_line: int = 8 * 1024
    """The same for a client that has not signed in."""
    anonymous_literal: int = 1024


@dataclass(frozen=True, slots=True)
class Raw:
    """One whole command: `fragments` of its line and the `literals` between them, always one fewer."""

    fragments: tuple[bytes, ...]
    literals: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LiteralWanted:
    """A literal is announced and waits for `+`; until `go_on` nothing is read."""

    size: int


@dataclass(frozen=True, slots=True)
class TooLong:
    """A line or literal was over its limit. `tag` is the command's, empty when it had none that can be read."""

    tag: str
    what: str
    literal: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line by itself (the client's part of AUTHENTICATE, and DONE)."""

    text: bytes


Event = Raw | LiteralWanted | TooLong


class Reader:
    """Feed bytes, take events. `literal_limit` says for a line so far how large its literal may be."""

    def __init__(self, limits: Limits, literal_limit: Callable[[bytes], int]) -> None:
        self._limits = limits
        self._literal_limit = literal_limit
        self.line_limit = limits.anonymous_line
        self._buffer = bytearray()
        self._searched = 0
        self._fragments: list[bytes] = []
        self._literals: list[bytes] = []
        self._line_size = 0
        self._literal_left = -1
        """Octets of the literal still to come; -1 outside of one."""
        self._skip_line = False
        self._skip_octets = 0
        self._problem: TooLong | None = None
        self._waiting = False

    def feed(self, data: bytes) -> None:
        """Take in what the socket gave."""
        if self._skip_octets and not self._buffer:
            skipped = min(self._skip_octets, len(data))
            self._skip_octets -= skipped
            data = data[skipped:]
        self._buffer += data

    @property
    def buffered(self) -> int:
        """Octets not yet turned into events."""
        return len(self._buffer)

    @property
    def unfinished(self) -> bool:
        """A command has begun and is not whole."""
        return bool(self._buffer or self._fragments or self._skip_line or self._skip_octets)

    def take_rest(self) -> bytes:
        """Hand over all that is buffered (before TLS: to drop; before COMPRESS: to inflate)."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        self._searched = 0
        return rest

    def go_on(self) -> None:
        """The literal that was announced may come."""
        self._waiting = False

    def refuse_literal(self) -> None:
        """The announced literal will not come: the command ends here."""
        self._waiting = False
        self._reset()

    def next_line(self) -> Line | TooLong | None:
        """The next line by itself, outside of any command."""
        line = self._line()
        if line is None:
            return None
        if self._problem is not None:
            problem, self._problem = self._problem, None
            return problem
        return Line(line)

    def next_event(self) -> Event | None:
        """The next event, or None when more bytes are needed."""
        while not self._waiting:
            if self._skip_octets:
                skipped = min(self._skip_octets, len(self._buffer))
                del self._buffer[:skipped]
                self._searched = 0
                self._skip_octets -= skipped
                if self._skip_octets:
                    return None
            if self._literal_left >= 0:
                if len(self._buffer) < self._literal_left:
                    return None
                if self._problem is None:
                    self._literals.append(bytes(memoryview(self._buffer)[: self._literal_left]))
                del self._buffer[: self._literal_left]
                self._literal_left = -1
            line = self._line()
            if line is None:
                return None
            event = self._add_line(line)
            if event is not None:
                return event
        return None

    def _line(self) -> bytes | None:
        """The next line without its end; an over-long one is thrown away and leaves a problem behind."""
        allowed = self.line_limit - self._line_size
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            if len(self._buffer) > allowed + 1 and not self._skip_line:
                self._complain("line", bytes(self._buffer[:65]), literal=False)
                self._skip_line = True
            if self._skip_line:
                # The last octet may be the CR of a line end, which changes nothing: an over-long line is over.
                self._buffer.clear()
                self._searched = 0
            return None
        line = bytes(memoryview(self._buffer)[:end])
        del self._buffer[: end + 1]
        self._searched = 0
        if line.endswith(b"\r"):
            line = line[:-1]
        if self._skip_line:
            self._skip_line = False
            return b""
        if len(line) > allowed:
            self._complain("line", line[:65], literal=False)
            return b""
        return line

    def _add_line(self, line: bytes) -> Event | None:
        if self._problem is not None and not self._problem.literal:
            return self._finish()
        self._line_size += len(line)
        announced = _LITERAL.search(line) if line.endswith(b"}") else None
        if self._problem is None:
            self._fragments.append(line)
        if announced is None:
            return self._finish()
        size, waits = int(announced[2]), not announced[3]
        if self._problem is None:
            if len(self._literals) >= self._limits.literals:
                self._complain("number of literals", self._fragments[0], literal=True)
            elif size > self._literal_limit(self._fragments[0]):
                self._complain("literal", self._fragments[0], literal=True)
        if self._problem is not None:
            if waits:
                return self._finish()  # it is refused before it is sent
            self._skip_octets = size
            return None
        self._literal_left = size
        if waits:
            self._waiting = True
            return LiteralWanted(size)
        return None

    def _finish(self) -> Event:
        event: Event
        if self._problem is not None:
            event = self._problem
        else:
            event = Raw(tuple(self._fragments), tuple(self._literals))
        self._reset()
        return event

    def _reset(self) -> None:
        self._fragments, self._literals = [], []
        self._line_size, self._literal_left = 0, -1
        self._problem = None

    def _complain(self, what: str, start: bytes, *, literal: bool) -> None:
        if self._fragments:
            start = self._fragments[0]
        tag = _TAG.match(start)
        self._problem = TooLong(tag.group().decode("ascii") if tag else "", what, literal)
