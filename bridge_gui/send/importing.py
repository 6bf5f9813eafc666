"""Encrypt a message for import: the service gets its header and structure, and nothing of its content (4.7).

Part mode keeps the structure and encrypts each leaf, so that the service's own apps show text and attachments. Full
mode encrypts the whole message as PGP/MIME: for what must stay whole to the byte (signed, encrypted), what has several
texts, and what cannot be read. It is not signed here, unlike elsewhere: a signature of ours would be shown as the
sender's own, and the message would come back wrapped into a multipart/signed that it never was.
"""

from __future__ import annotations

import hashlib
import re

from bridge_gui.mime import fields as rfc5322
from bridge_gui.mime.build import base64_lines
from bridge_gui.mime.parse import declare_utf8, decode_text, leaves, transfer_encoding
from bridge_gui.mime.structure import Part, scan
from bridge_gui.mime.words import decode_transfer
from bridge_gui.openpgp import armor, message
from bridge_gui.openpgp.keys import Certificate

_FULL_HEADER = frozenset((b"message-id", b"from", b"to", b"cc", b"subject", b"date", b"received"))
_WHOLE = (b"encrypted", b"signed")
_MBOX_LINE = re.compile(rb"\A(?:>?From [^\n]*\n)+")


def encrypt_literal(literal: bytes, certificate: Certificate, now: int) -> bytes:
    """The message as the service imports it, encrypted to the account's own key. Slow: never on the loop."""
    literal = _MBOX_LINE.sub(b"", literal)
    root = scan(literal)
    sealer = _Sealer(literal, certificate, now)
    return sealer.full(root) if needs_full(literal, root) else sealer.parts(root)


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


class _Sealer:
    def __init__(self, literal: bytes, certificate: Certificate, now: int) -> None:
        self._literal = literal
        self._certificate = certificate
        self._now = now

    def _encrypt(self, data: bytes) -> bytes:
        return message.encrypt(data, [self._certificate], at=self._now)

    def _armored(self, data: bytes) -> bytes:
        text = armor.armor(armor.MESSAGE, self._encrypt(data)).encode("ascii")
        return b"\r\n".join(text.splitlines()) + b"\r\n"

    def _boundary(self) -> bytes:
        return hashlib.sha256(self._literal).hexdigest().encode()

    # ---------------------------------------------------------------- full mode

    def full(self, root: Part) -> bytes:
        boundary = self._boundary()
        kept = [self._field(item) for item in root.header if item.name in _FULL_HEADER]
        return b"".join(
            (
                *kept,
                b"MIME-Version: 1.0\r\n"
                b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";\r\n boundary="',
                boundary,
                b'"\r\n\r\n--',
                boundary,
                b"\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--",
                boundary,
                b'\r\nContent-Type: application/octet-stream; name="encrypted.asc"\r\n'
                b'Content-Disposition: inline; filename="encrypted.asc"\r\n\r\n',
                self._armored(self._literal),
                b"\r\n--",
                boundary,
                b"--\r\n",
            )
        )

    # ---------------------------------------------------------------- part mode

    def parts(self, root: Part) -> bytes:
        if any(part.type.matches(b"text") for part in leaves(root)):
            return self._part(root)
        # The service wants a text (6.3): an empty one is put before what there is.
        empty = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + self._armored(b"")
        boundary = self._boundary()
        outer = [self._field(item) for item in root.header if not item.name.startswith(b"content-")]
        inner = [self._field(item) for item in root.header if item.name.startswith(b"content-")]
        own, body = (b"".join(inner) + b"\r\n", self._multipart(root)) if root.multipart else self._leaf(root)
        return b"".join(
            (
                *outer,
                b'Content-Type: multipart/mixed; boundary="', boundary, b'"\r\n\r\n--', boundary, b"\r\n", empty,
                b"\r\n--", boundary, b"\r\n", own, body, b"\r\n--", boundary, b"--\r\n",
            )
        )  # fmt: skip

    def _part(self, part: Part) -> bytes:
        if part.multipart:
            kept = [self._field(item) for item in part.header if item.name != b"content-transfer-encoding"]
            return b"".join((*kept, b"\r\n", self._multipart(part)))
        content, body = self._leaf(part)
        kept = [self._field(item) for item in part.header if not item.name.startswith(b"content-")]
        return b"".join((*kept, content, body))

    def _multipart(self, part: Part) -> bytes:
        """The parts behind their boundaries. What stands before and after them is for nobody, and is left out."""
        boundary = part.type.parameter(b"boundary") or b""
        pieces: list[bytes] = []
        for child in part.children:
            pieces += (b"--", boundary, b"\r\n", self._part(child), b"\r\n")
        return b"".join((*pieces, b"--", boundary, b"--\r\n"))

    def _leaf(self, part: Part) -> tuple[bytes, bytes]:
        """A leaf's Content-* fields with the empty line, and its body."""
        source = self._literal[part.body : part.end]
        data = decode_transfer(source, transfer_encoding(self._literal, part))
        if data is None:  # `needs_full` has looked at this
            raise ValueError("a transfer encoding is not known")
        if not (part.type.matches(b"text") or part.type.matches(b"message")):
            content = self._content_fields(part) + b"Content-Transfer-Encoding: base64\r\n\r\n"
            return content, base64_lines(self._encrypt(data))
        charset = part.type.parameter(b"charset")
        if charset is None or not part.type.matches(b"text"):
            return self._content_fields(part) + b"\r\n", self._armored(data)
        is_html = part.type.matches(b"text", b"html")
        text = decode_text(data, charset, html=is_html)
        return (
            self._content_fields(part, utf8=True) + b"\r\n",
            self._armored((declare_utf8(text) if is_html else text).encode()),
        )  # fmt: skip

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
