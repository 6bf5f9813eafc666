"""Encrypt a message for import: the service gets its header and structure, and nothing of its content (4.7).

Part mode keeps the structure and encrypts each leaf, so that the service's own apps show text and attachments. Full
mode encrypts the whole message as PGP/MIME: for what must stay whole to the byte (signed, encrypted), what has several
texts, and what cannot be read. It is not signed here, unlike elsewhere: a signature of ours would be shown as the
sender's own, and the message would come back wrapped into a multipart/signed that it never was.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator

from bridge_gui.mime import fields as rfc5322
from bridge_gui.mime.build import base64_pieces
from bridge_gui.mime.parse import declare_utf8, decode_text, decoded_pieces, leaves, transfer_encoding
from bridge_gui.mime.structure import Part, scan
from bridge_gui.mime.words import decode_transfer
from bridge_gui.openpgp import armor, message
from bridge_gui.openpgp.keys import Certificate

_FULL_HEADER = frozenset((b"message-id", b"from", b"to", b"cc", b"subject", b"date", b"received"))
_WHOLE = (b"encrypted", b"signed")
_IDENTITIES = (b"7bit", b"8bit", b"binary")
_MBOX_LINE = re.compile(rb"\A(?:>?From [^\n]*\n)+")


def encrypt_literal(literal: bytes, certificate: Certificate, now: int) -> bytes:
    """The message as the service imports it, encrypted to the account's own key, and a line end behind it. Slow: never
    on the loop."""
    if (mbox := _MBOX_LINE.match(literal)) is not None:
        literal = literal[mbox.end() :]
    root = scan(literal)
    sealer = _Sealer(literal, certificate, now)
    # Written as it comes: beside a message of many megabytes there is nothing but its encrypted form.
    encrypted = io.BytesIO()
    encrypted.writelines(sealer.full(root) if needs_full(literal, root) else sealer.parts(root))
    encrypted.write(b"\r\n")
    return encrypted.getvalue()


def needs_full(literal: bytes, root: Part) -> bool:
    """Whether the message has to be encrypted whole."""
    texts = 0
    stack = [root]
    while stack:
        part = stack.pop()
        stack += part.children if part.multipart else ()
        if not _readable(literal, part) or part.type.subtype.lower() in _WHOLE:
            return True
        # A multipart without parts would lose its content.
        if part.multipart and not part.children:
            return True
        texts += part.type.matches(b"text")
    return texts > 1


def _readable(literal: bytes, part: Part) -> bool:
    """Whether Content-Type and Content-Disposition, where given, mean something, and the encoding is known."""
    type_ = rfc5322.first(literal, part.header, b"content-type")
    disposition = rfc5322.first(literal, part.header, b"content-disposition")
    if type_ is not None and rfc5322.media_type(type_) is None:
        return False
    if disposition is not None and rfc5322.disposition(disposition) is None:
        return False
    if any(item.name == b"" for item in part.header):
        return False
    return part.multipart or decode_transfer(b"", transfer_encoding(literal, part)) is not None


Pieces = Iterator[bytes | memoryview]


class _Sealer:
    def __init__(self, literal: bytes, certificate: Certificate, now: int) -> None:
        self._literal = literal
        self._certificate = certificate
        self._now = now

    def _encrypt(self, data: message.Plaintext) -> Iterator[bytes]:
        return message.encrypt_pieces(data, [self._certificate], at=self._now)

    def _armored(self, data: message.Plaintext) -> Iterator[bytes]:
        return armor.armored_pieces(armor.MESSAGE, self._encrypt(data))

    def _boundary(self) -> bytes:
        return hashlib.sha256(self._literal).hexdigest().encode()

    # ---------------------------------------------------------------- full mode

    def full(self, root: Part) -> Pieces:
        boundary = self._boundary()
        yield from [self._field(item) for item in root.header if item.name in _FULL_HEADER]
        yield from (
            b"MIME-Version: 1.0\r\n"
            b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r\n boundary="',
            boundary,
            b'"\r\n\r\n--',
            boundary,
            b"\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--",
            boundary,
            b'\r\nContent-Type: application/octet-stream; name="encrypted.asc"\r\n'
            b'Content-Disposition: inline; filename="encrypted.asc"\r\n\r\n',
        )
        yield from self._armored(self._literal)
        yield from (b"\r\n--", boundary, b"--\r\n")

    # ---------------------------------------------------------------- part mode

    def parts(self, root: Part) -> Pieces:
        if any(part.type.matches(b"text") for part in leaves(root)):
            yield from self._part(root)
            return
        # The service wants a text (6.3): an empty one is put before what there is.
        boundary = self._boundary()
        yield from [self._field(item) for item in root.header if not item.name.startswith(b"content-")]
        yield from (b'Content-Type: multipart/mixed; boundary="', boundary, b'"\r\n\r\n--', boundary, b"\r\n")
        yield b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
        yield from self._armored(b"")
        yield from (b"\r\n--", boundary, b"\r\n")
        if root.multipart:
            yield from [self._field(item) for item in root.header if item.name.startswith(b"content-")]
            yield b"\r\n"
            yield from self._multipart(root)
        else:
            yield from self._leaf(root)
        yield from (b"\r\n--", boundary, b"--\r\n")

    def _part(self, part: Part) -> Pieces:
        if part.multipart:
            yield from [self._field(item) for item in part.header if item.name != b"content-transfer-encoding"]
            yield b"\r\n"
            yield from self._multipart(part)
        else:
            yield from [self._field(item) for item in part.header if not item.name.startswith(b"content-")]
            yield from self._leaf(part)

    def _multipart(self, part: Part) -> Pieces:
        """The parts behind their boundaries. What stands before and after them is for nobody, and is left out."""
        boundary = part.type.parameter(b"boundary") or b""
        for child in part.children:
            yield from (b"--", boundary, b"\r\n")
            yield from self._part(child)
            yield b"\r\n"
        yield from (b"--", boundary, b"--\r\n")

    def _leaf(self, part: Part) -> Pieces:
        """A leaf's Content-* fields with the empty line, and its body."""
        if not (part.type.matches(b"text") or part.type.matches(b"message")):
            yield self._content_fields(part) + b"Content-Transfer-Encoding: base64\r\n\r\n"
            yield from _base64(self._encrypt(self._content(part)))
            return
        charset = part.type.parameter(b"charset")
        if charset is None or not part.type.matches(b"text"):
            yield self._content_fields(part) + b"\r\n"
            yield from self._armored(self._content(part))
            return
        is_html = part.type.matches(b"text", b"html")
        text = decode_text(b"".join(self._content(part)), charset, html=is_html)
        yield self._content_fields(part, utf8=True) + b"\r\n"
        yield from self._armored((declare_utf8(text) if is_html else text).encode())

    def _content(self, part: Part) -> Iterable[bytes | memoryview]:
        """What a leaf holds, decoded; in pieces if it is large."""
        encoding = transfer_encoding(self._literal, part)
        source = memoryview(self._literal)[part.body : part.end]
        if encoding in _IDENTITIES:
            return (source,)
        if (pieces := decoded_pieces(source, encoding)) is not None:
            return pieces
        data = decode_transfer(bytes(source), encoding)
        if data is None:  # `needs_full` has looked at this
            raise ValueError("a transfer encoding is not known")
        return (data,)

    def _content_fields(self, part: Part, *, utf8: bool = False) -> bytes:
        out: list[bytes] = []
        for item in part.header:
            if not item.name.startswith(b"content-") or item.name == b"content-transfer-encoding":
                continue
            if item.name == b"content-type" and utf8:
                out.append(_with_utf8(part))
            else:
                out.append(self._field(item))
        return b"".join(out)

    def _field(self, item: rfc5322.Field) -> bytes:
        line = self._literal[item.start : item.end]
        return line if line.endswith(b"\n") else line + b"\r\n"


def _base64(pieces: Iterable[bytes]) -> Pieces:
    """Octets as lines of base64, without a line end after the last."""
    for number, block in enumerate(armor.regrouped(pieces, _BASE64_AT_ONCE)):
        if number:
            yield b"\r\n"
        yield from base64_pieces(block)


_BASE64_AT_ONCE = 2048 * 57
"""57 octets make a line."""
_TOKEN = re.compile(rb"[A-Za-z0-9!#$%&'*+\-.^_`{|}~]+")


def _with_utf8(part: Part) -> bytes:
    """The Content-Type with charset=utf-8 in the place of its own."""
    written = [part.type.type + b"/" + part.type.subtype, b"charset=utf-8"]
    for name, value in part.type.parameters:
        if name.lower().split(b"*")[0] == b"charset":
            continue
        if _TOKEN.fullmatch(value) is None:
            value = b'"' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        written.append(name + b"=" + value)
    return b"Content-Type: " + b";\r\n ".join(written) + b"\r\n"
