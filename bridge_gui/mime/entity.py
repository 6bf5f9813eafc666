"""A message as one MIME entity that can travel anywhere, its parts untouched where that is possible (RFC 3156 3).

What is signed or encrypted as PGP/MIME is the message as its program wrote it: the same parts, boundaries and
encodings. Only a part that could be damaged on its way (8-bit, long lines, NUL) is encoded anew. A multipart/signed of
the user's own stays as it is to the byte, or its signature would be lost.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Sequence

from bridge_gui.mime import fields as rfc5322
from bridge_gui.mime.build import base64_lines
from bridge_gui.mime.fields import Field
from bridge_gui.mime.headers import encode_text
from bridge_gui.mime.structure import Part
from bridge_gui.mime.words import decode_charset, decode_transfer

MAX_LINE = 998
"""Octets without CRLF (RFC 5322 2.1.1)."""

_LINE_END = re.compile(rb"\r\n|\r|\n")
_PIECE = 1 << 20


Pieces = list[bytes | memoryview]
"""An entity of perhaps many megabytes, not put together: most of it are views of the message."""


def is_safe(data: bytes, start: int = 0, end: int | None = None) -> bool:
    """Whether `data[start:end]` passes 7-bit transports unchanged (RFC 2045 2.7)."""
    end = len(data) if end is None else end
    for at in range(start, end, _PIECE):
        piece = data[at : min(at + _PIECE, end)]
        if not piece.isascii() or b"\0" in piece:
            return False
    line = start
    while line + MAX_LINE + 2 <= end:  # with its CR, or without a line end
        found = data.rfind(b"\n", line, line + MAX_LINE + 2)
        if found < 0:
            return False
        line = found + 1
    return True


def safe_entity(raw: bytes, root: Part) -> Pieces:
    """The message's Content-* fields and its body, safe to travel."""
    out: Pieces = []
    _write(raw, root, out, outermost=True)
    return out


def mixed(parts: Sequence[Pieces]) -> Pieces:
    """A multipart/mixed of finished entities. The boundary follows from them: the same input gives the same bytes."""
    digest = hashlib.sha256()
    for part in parts:
        whole = hashlib.sha256()
        for piece in part:
            whole.update(piece)
        digest.update(whole.digest())
    boundary = digest.hexdigest().encode()
    out: Pieces = [b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n']
    for part in parts:
        out += (b"\r\n--", boundary, b"\r\n", *part)
    out += (b"\r\n--", boundary, b"--\r\n")
    return out


def attachment_entity(name: str, mime_type: str, data: bytes) -> bytes:
    """One file as a part in base64. `mime_type` is trusted to be one line of ASCII."""
    written = encode_text(name).replace("\\", "\\\\").replace('"', '\\"').encode("ascii", "replace")
    return b"".join(
        (
            b"Content-Type: ", mime_type.encode("ascii", "replace"), b';\r\n name="', written, b'"\r\n',
            b'Content-Disposition: attachment;\r\n filename="', written, b'"\r\n',
            b"Content-Transfer-Encoding: base64\r\n\r\n",
            base64_lines(data),
        )
    )  # fmt: skip


def _write(raw: bytes, part: Part, out: Pieces, *, outermost: bool = False) -> None:
    signed = part.type.matches(b"multipart", b"signed")
    if signed or is_safe(raw, part.body, part.end):
        out += (_header(raw, part, outermost=outermost), memoryview(raw)[part.body : part.end])
    elif part.children:
        # 8bit is not allowed for what is 7-bit from now on (RFC 2045 6.4).
        out.append(_header(raw, part, outermost=outermost, encoding=b"7bit"))
        position = part.body
        for child in part.children:
            out.append(memoryview(raw)[position : child.start])
            _write(raw, child, out)
            position = child.end
        out.append(memoryview(raw)[position : part.end])
    else:
        _write_encoded(raw, part, out, outermost=outermost)


def _write_encoded(raw: bytes, part: Part, out: Pieces, *, outermost: bool) -> None:
    source = raw[part.body : part.end]
    written = (rfc5322.first(raw, part.header, b"content-transfer-encoding") or b"").lower()
    data = decode_transfer(source, written.split(b";")[0].strip() or b"8bit")
    if data is None:
        data = source
    if not part.type.matches(b"text") and not part.multipart:
        out += (_header(raw, part, outermost=outermost, encoding=b"base64"), base64_lines(data))
        return
    charset = part.type.parameter(b"charset")
    if charset is None:
        data = decode_charset(data, None).encode()
        charset = b"utf-8"
        media = b"/".join((part.type.type, part.type.subtype)) if not part.multipart else b"text/plain"
        out.append(_header(raw, part, outermost=outermost, encoding=b"quoted-printable", media=media))
    elif charset.lower().startswith((b"utf-16", b"utf-32", b"ucs")) or b"\0" in data:
        out += (_header(raw, part, outermost=outermost, encoding=b"base64"), base64_lines(data))
        return
    else:
        out.append(_header(raw, part, outermost=outermost, encoding=b"quoted-printable"))
    out.append(_LINE_END.sub(b"\r\n", binascii.b2a_qp(data)))


def _header(raw: bytes, part: Part, *, outermost: bool, encoding: bytes = b"", media: bytes = b"") -> bytes:
    """A part's own fields as they are, but for the transfer encoding, and the Content-Type where a charset is added."""
    drop: set[bytes] = set()
    if encoding:
        drop.add(b"content-transfer-encoding")
    if media:
        drop.add(b"content-type")
    kept: list[Field] = [
        item for item in part.header if item.name not in drop and (not outermost or item.name.startswith(b"content-"))
    ]
    out = [_with_line_end(raw[item.start : item.end]) for item in kept]
    if media:
        out.append(b"Content-Type: " + media + b"; charset=utf-8\r\n")
    elif outermost and not any(item.name == b"content-type" for item in kept):
        out.append(b"Content-Type: text/plain; charset=utf-8\r\n")
    if encoding:
        out.append(b"Content-Transfer-Encoding: " + encoding + b"\r\n")
    out.append(b"\r\n")
    return b"".join(out)


def _with_line_end(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + b"\r\n"
