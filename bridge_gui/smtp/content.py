"""The content of a message on its way in: where it ends, its dots, its size.

The end of DATA is CR LF . CR LF and nothing else (RFC 5321 4.1.1.4). A message that holds a lone dot between other line
ends, which another server might take for the end, is refused whole (SMTP smuggling). BDAT says how long its pieces are,
and dots mean nothing there (RFC 3030).

A message is collected once: what is kept while it comes is what is handed on, without a copy.
"""

from __future__ import annotations

import io
import re
from enum import Enum, auto

_END = b"\r\n.\r\n"
_LONE_DOT = re.compile(rb"[\r\n]\.[\r\n]")
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Fault(Enum):
    """Why a message is not taken."""

    TOO_BIG = auto()
    LONE_DOT = auto()


class Content:
    """The octets of one message, up to a size; what comes beyond it is counted and not kept."""

    def __init__(self, max_size: int) -> None:
        self._max_size = max_size
        self._kept = io.BytesIO()
        self.size = 0

    @property
    def too_big(self) -> bool:
        return self.size > self._max_size

    def add(self, data: bytes | memoryview) -> None:
        self.size += len(data)
        if self.too_big:
            self._kept = io.BytesIO()
        else:
            self._kept.write(data)

    def take(self) -> bytes:
        """The message, its line ends CR LF: what stands alone was a line end to whoever wrote it (RFC 5321 2.3.8)."""
        raw = self._kept.getvalue()
        self._kept = io.BytesIO()
        return _LINE_END.sub(b"\r\n", raw) if has_bare_line_end(raw) else raw


class DataReader:
    """Reads what follows DATA, in whatever pieces it comes."""

    def __init__(self, max_size: int) -> None:
        self.content = Content(max_size)
        # As if a line had just ended, so that a dot in the very first line is found like any other.
        self._held = b"\r\n"
        self._begun = False
        self._last = b""
        self._bare = self._lone_dot = False

    def feed(self, data: bytes | bytearray) -> bytes | None:
        """Take octets. None while the end has not come; then what follows it."""
        data = self._held + data
        end = data.find(_END)
        if end >= 0:
            self._take(data[: end + 2])
            return data[end + len(_END) :]
        # What may be the beginning of the mark waits for more; so no CR LF and no stuffed dot is ever cut in two.
        hold = next((size for size in range(min(len(data), len(_END) - 1), 0, -1) if _END.startswith(data[-size:])), 0)
        self._held = data[len(data) - hold :]
        self._take(data[: len(data) - hold])
        return None

    @property
    def fault(self) -> Fault | None:
        """Why the message cannot be taken, when its end has come."""
        if self.content.too_big:
            return Fault.TOO_BIG
        return Fault.LONE_DOT if self._bare and self._lone_dot else None

    def _take(self, data: bytes) -> None:
        if not data:
            return
        self._bare = self._bare or has_bare_line_end(data)
        self._lone_dot = self._lone_dot or _LONE_DOT.search(self._last + data) is not None
        self._last = (self._last + data)[-2:]
        clean = data.replace(b"\r\n.", b"\r\n")
        # The line end that was put in front is nobody's.
        self.content.add(clean if self._begun else memoryview(clean)[2:])
        self._begun = True


def has_bare_line_end(data: bytes) -> bool:
    """Whether a CR or LF stands alone."""
    return not data.count(b"\n") == data.count(b"\r") == data.count(b"\r\n")
