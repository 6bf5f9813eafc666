"""A DNS question over HTTPS: TXT records in wire format (RFC 1035, RFC 8484). Pure; `routing` does the asking."""

from __future__ import annotations

import base64
import struct

from bridge_gui.proton.errors import Malformed

_TXT = 16
_IN = 1
_HEADER = struct.Struct("!6H")
_RECORD = struct.Struct("!HHIH")


def query(name: str) -> bytes:
    """Write a question for the TXT records of `name`. Its id is 0, so that caches between can help (RFC 8484 4.1)."""
    labels = name.rstrip(".").split(".")
    encoded = b"".join(bytes([len(label)]) + label.encode("ascii") for label in labels)
    return _HEADER.pack(0, 0x0100, 1, 0, 0, 0) + encoded + b"\0" + struct.pack("!HH", _TXT, _IN)


def query_parameter(name: str) -> str:
    """Return the value of `?dns=`: base64url without padding (RFC 8484 6)."""
    return base64.urlsafe_b64encode(query(name)).rstrip(b"=").decode()


def texts(answer: bytes) -> tuple[str, ...]:
    """Return the TXT records of an answer, each with its parts joined. A server's refusal gives none."""
    try:
        _, flags, questions, answers, _, _ = _HEADER.unpack_from(answer)
        if not flags & 0x8000:
            raise Malformed("The DNS answer is a question.")
        if flags & 0x000F:
            return ()
        position = _HEADER.size
        for _ in range(questions):
            position = _skip_name(answer, position) + 4
        found: list[str] = []
        for _ in range(answers):
            position = _skip_name(answer, position)
            kind, group, _, length = _RECORD.unpack_from(answer, position)
            position += _RECORD.size
            if position + length > len(answer):
                raise Malformed("The DNS answer is cut short.")
            if (kind, group) == (_TXT, _IN):
                found.append(_text(answer[position : position + length]))
            position += length
        return tuple(found)
    except (struct.error, IndexError) as error:
        raise Malformed("The DNS answer is cut short.") from error


def _skip_name(data: bytes, position: int) -> int:
    """Return where the name at `position` ends; a compression pointer ends it (RFC 1035 4.1.4)."""
    while True:
        length = data[position]
        if length & 0xC0 == 0xC0:
            return position + 2
        position += 1 + length
        if length == 0:
            return position


def _text(data: bytes) -> str:
    parts: list[bytes] = []
    position = 0
    while position < len(data):
        length = data[position]
        parts.append(data[position + 1 : position + 1 + length])
        position += 1 + length
    return b"".join(parts).decode("ascii", "replace")
