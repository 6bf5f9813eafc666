"""Build the RFC 5322 literal of a decrypted message: what a mail program gets from FETCH.

The one promise: **the same `Message` gives the same bytes, always**. A literal that was dropped from the disk is built
again later, perhaps by a newer Python, and IMAP allows no message to change under its UID. So boundaries are a chain
of hashes that starts at the message's id, there is no clock, no randomness and no dictionary without an order, and the
generators of the standard library's `email`, whose output differs between versions, have no part in it.

Shape (the service's own bridge builds the same):

    attachments              multipart/mixed( text | multipart/related(text, inline ...), attachment ... )
    none, multipart/mixed    the decrypted body is a MIME entity: it becomes the message's body (PGP/MIME), inside a
                             multipart/signed when its signature was within the encryption
    none, else               the text alone
    undecryptable text       multipart/mixed with the armored text, so that another program with the key may try
    undecryptable entity     multipart/encrypted (RFC 3156 4)

What the signature of the message was worth when it was downloaded stands in the header field `X-Bridge-Signature`, one
of `SignatureState`'s words; no field means that the message was not signed. It is part of the message's value, and who
builds again passes what was found the first time.
"""

from __future__ import annotations

import binascii
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from bridge_gui.mime.envelope import Fields, is_name, set_envelope
from bridge_gui.mime.headers import encode_text, encoded_words, fold, one_line
from bridge_gui.mime.message import Attachment, DetachedSignature, Message, Undecryptable
from bridge_gui.model import MessageId

CRLF = b"\r\n"
Pieces = Iterator[bytes | memoryview]


def build(message: Message) -> bytes:
    """The literal of `message`, with CRLF line ends."""
    fields = Fields(message.header)
    set_envelope(fields, message)
    boundaries = _boundaries(message.id)
    if message.is_entity:
        chunks: Iterable[bytes | memoryview] = _entity(fields, message, boundaries)
    elif message.attachments or isinstance(message.body, Undecryptable):
        boundary = next(boundaries)
        fields.add("MIME-Version", "1.0")
        fields.add_raw("Content-Type", f'multipart/mixed;\r\n boundary="{boundary}"')
        chunks = _mixed(message, boundary, boundaries)
    else:
        fields.add("MIME-Version", "1.0")
        content_type, encoded = _text(message.mime_type, message.body)
        fields.add_raw("Content-Type", content_type)
        fields.add("Content-Transfer-Encoding", "quoted-printable")
        chunks = [encoded]
    # Written as it comes: beside a message of many megabytes there is nothing but its literal.
    literal = io.BytesIO()
    literal.writelines((fields.encode(), CRLF))
    literal.writelines(chunks)
    return literal.getvalue()


# ------------------------------------------------------------------------------------------- parts


def _boundaries(message_id: MessageId) -> Iterator[str]:
    """The chain of boundaries: SHA-256 of the id, then of the boundary before."""
    boundary = message_id
    while True:
        boundary = MessageId(hashlib.sha256(boundary.encode("utf-8", "replace")).hexdigest())
        yield boundary


_SIGNED_BOUNDARY = hashlib.sha256(b"").hexdigest()


def _mixed(message: Message, boundary: str, boundaries: Iterator[str]) -> Pieces:
    inline = [part for part in message.attachments if part.inline]
    others = [part for part in message.attachments if not part.inline]
    delimiter = f"--{boundary}".encode()
    yield from (delimiter, CRLF)
    text = _text_part(message)
    if inline:
        related = next(boundaries)
        yield f'Content-Type: multipart/related;\r\n boundary="{related}"\r\n\r\n'.encode()
        inner = f"--{related}".encode()
        yield from (inner, CRLF, *text, CRLF)
        for part in inline:
            yield from (inner, CRLF)
            yield from _attachment(part)
            yield CRLF
        yield from (inner, b"--", CRLF)
    else:
        yield from text
    for part in others:
        yield from (CRLF, delimiter, CRLF)
        yield from _attachment(part)
    yield from (CRLF, delimiter, b"--", CRLF)


def _text_part(message: Message) -> list[bytes]:
    body = message.body
    if isinstance(body, Undecryptable):
        body = _with_comment(body.armored, f"This message could not be decrypted: {body.reason}").encode()
    content_type, encoded = _text(message.mime_type, body)
    return [f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode(), encoded]


def _text(mime_type: str, body: bytes) -> tuple[str, bytes]:
    """Content-Type and quoted-printable of a text; charset=utf-8 exactly where it is UTF-8."""
    content_type = one_line(mime_type).partition(";")[0].strip() or "text/plain"
    if not content_type.isascii():
        content_type = "text/plain"
    try:
        body.decode("utf-8", "strict")
    except UnicodeDecodeError:
        return content_type, _quoted_printable(body)
    return f"{content_type}; charset=utf-8", _quoted_printable(body)


def _quoted_printable(text: bytes) -> bytes:
    """RFC 2045 6.7 with CRLF, whether the text came with that or with LF. A CR that ends no line is content: patches of
    files with the line ends of another system hold it."""
    if b"\r" in text:
        text = text.replace(CRLF, b"\n")
    if b"\r" not in text:
        return binascii.b2a_qp(text, istext=True).replace(b"\n", CRLF)
    # The encoder lets a CR pass as it is, so another octet, which the text does not hold, takes its place.
    free = next((each for each in range(0x80, 0x100) if each not in text), None)
    if free is None:
        return _quoted_printable(text.replace(b"\r", b"\n"))
    encoded = binascii.b2a_qp(text.replace(b"\r", bytes([free])), istext=True)
    return encoded.replace(b"=%02X" % free, b"=0D").replace(b"\n", CRLF)


def _attachment(part: Attachment) -> Pieces:
    if isinstance(part.content, Undecryptable):
        comment = f"This attachment could not be decrypted: {part.content.reason}"
        yield from _undecryptable_attachment(part, _with_comment(part.content.armored, comment))
        return
    fields = Fields(part.header)
    media_type, parameters = _parse_type(part.mime_type)
    encoded_name = encode_text(part.name)
    if media_type:
        parameters = [(name, value) for name, value in parameters if name not in ("name", "filename")]
        parameters += [("name", encoded_name), ("filename", encoded_name)]
        fields.set_raw("Content-Type", _with_parameters(media_type, parameters))
    elif raw := one_line(part.mime_type).strip():
        fields.set_raw("Content-Type", raw)
    else:
        fields.set_raw(
            "Content-Type",
            _with_parameters("application/octet-stream", [("name", encoded_name), ("filename", encoded_name)]),
        )
    disposition = "inline" if part.inline else "attachment"
    fields.set_raw("Content-Disposition", _with_parameters(disposition, [("filename", encoded_name)]))
    if media_type == "message/rfc822":
        # RFC 2046 5.2.1: no transfer encoding may be applied to an enclosed message.
        fields.drop({"content-transfer-encoding"})
        yield from (fields.encode(), CRLF, part.content)
        return
    fields.set_raw("Content-Transfer-Encoding", "base64")
    yield from (fields.encode(), CRLF)
    yield from base64_pieces(part.content)


def _undecryptable_attachment(part: Attachment, armored: str) -> Pieces:
    fields = Fields(())
    name = encode_text(f"{part.name}.pgp")
    fields.set_raw("Content-Type", _with_parameters("application/octet-stream", [("name", name), ("filename", name)]))
    fields.set_raw("Content-Disposition", _with_parameters("attachment", [("filename", name)]))
    fields.set_raw("Content-Transfer-Encoding", "base64")
    yield from (fields.encode(), CRLF)
    yield from base64_pieces(armored.encode())


_LINE = 57
"""Octets that make a line of base64."""
_AT_ONCE = 2048 * _LINE
"""Octets that are encoded at a time: what is between is too little to be felt, in memory and by other threads."""


def base64_pieces(data: bytes | memoryview) -> Pieces:
    """`data` as base64 in lines of 76 characters (RFC 2045 6.8), without a line end after the last."""
    view = memoryview(data)
    for start in range(0, len(view), _AT_ONCE):
        encoded = binascii.b2a_base64(view[start : start + _AT_ONCE], newline=False)
        if start:
            yield CRLF
        yield CRLF.join([encoded[at : at + 76] for at in range(0, len(encoded), 76)])


def base64_lines(data: bytes | memoryview) -> bytes:
    """All `base64_pieces` together."""
    return b"".join(base64_pieces(data))


_TYPE_LIMIT = 4096
"""A Content-Type beyond this many characters is not taken apart; none that is meant well comes near."""
_TYPE = re.compile(r"\s*([A-Za-z0-9!#$&^_.+\-]+/[A-Za-z0-9!#$&^_.+\-]+)\s*(?:;|$)")
_PARAMETER = re.compile(r';?\s*([A-Za-z0-9!#$&^_.+*\-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))\s*(?=;|$)', re.DOTALL)
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`{|}~]+")


def _parse_type(value: str) -> tuple[str, list[tuple[str, str]]]:
    """Media type, lower case, and its parameters; an empty type when it cannot be read (RFC 2045 5.1)."""
    head = _TYPE.match(value)
    if head is None or len(value) > _TYPE_LIMIT:
        return "", []
    parameters: list[tuple[str, str]] = []
    at = head.end()
    while at < len(value) and value[at:].strip(" \t\r\n;"):
        match = _PARAMETER.match(value, at)
        if match is None:
            return "", []
        name, quoted, token = match.groups()
        text = re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL) if quoted is not None else token
        parameters.append((name.lower(), text))
        at = match.end()
    return head.group(1).lower(), parameters


def _with_parameters(value: str, parameters: Sequence[tuple[str, str]]) -> str:
    """`value` with its parameters, one on each line."""
    written: list[str] = [value]
    for name, text in parameters:
        text = one_line(text)
        if not text.isascii():
            text = encoded_words(text)
        if _TOKEN.fullmatch(text):
            written.append(f"{name}={text}")
        else:
            escaped = text.replace("\\", "\\\\").replace('"', '\\"')
            written.append(fold(" ", f'{name}="{escaped}"')[3:])
    return ";\r\n ".join(written)


def _with_comment(armored: str, comment: str) -> str:
    """Armor with one more Comment header (RFC 9580 6.2), directly after its first line."""
    text = one_line(comment).encode("ascii", "replace").decode()
    lines = armored.replace("\r\n", "\n").split("\n")
    for index, line in enumerate(lines):
        if line.startswith("-----BEGIN PGP"):
            return "\n".join([*lines[: index + 1], f"Comment: {text}", *lines[index + 1 :]])
    return armored  # not armor: shown as it came


# ------------------------------------------------------------------------------------------- PGP/MIME


def _entity(fields: Fields, message: Message, boundaries: Iterator[str]) -> Iterable[bytes | memoryview]:
    """The decrypted body is a MIME entity of its own (RFC 3156); `fields` gets what belongs to the outer header."""
    if isinstance(message.body, Undecryptable):
        return _encrypted(fields, message.body, next(boundaries))
    if message.entity_signature is not None:
        return _signed(fields, message.body, message.entity_signature)
    header, body = split_entity(message.body)
    fields.add("MIME-Version", "1.0")
    for name, value in header:
        if name.lower() != "mime-version" and fields.first(name) is None:
            fields.add_raw(name, value)
    if fields.first("Content-Type") is None:
        _describe_bare(fields, body)
    return _crlf_pieces(body)


def _describe_bare(fields: Fields, body: memoryview) -> None:
    """A body without a Content-Type is plain text (RFC 2045 5.2); say so, with its charset where it is UTF-8."""
    text = bytes(body)
    if text.isascii():
        fields.add("Content-Type", "text/plain; charset=us-ascii")
        return
    try:
        text.decode("utf-8", "strict")
    except UnicodeDecodeError:
        fields.add("Content-Type", "text/plain")
    else:
        fields.add("Content-Type", "text/plain; charset=utf-8")
    if fields.first("Content-Transfer-Encoding") is None:
        fields.add("Content-Transfer-Encoding", "8bit")


def _signed(fields: Fields, entity: bytes, signature: DetachedSignature) -> list[bytes | memoryview]:
    """RFC 3156 5. The entity stays as it is to the byte, or its signature would be worth nothing."""
    delimiter = f"--{_SIGNED_BOUNDARY}".encode()
    fields.add("MIME-Version", "1.0")
    fields.add_raw(
        "Content-Type",
        f"multipart/signed; micalg={_token(signature.micalg)};\r\n"
        ' protocol="application/pgp-signature";\r\n'
        f' boundary="{_SIGNED_BOUNDARY}"',
    )
    return [
        *(delimiter, CRLF, *_without_mbox_lines(entity)),
        *(CRLF, delimiter, CRLF),
        b'Content-Type: application/pgp-signature; name="OpenPGP_signature.asc"\r\n',
        b"Content-Description: OpenPGP digital signature\r\n",
        b'Content-Disposition: attachment; filename="OpenPGP_signature"\r\n\r\n',
        _crlf(signature.armored.strip().encode()),
        *(CRLF, CRLF, delimiter, b"--", CRLF),
    ]


def _token(text: str) -> str:
    return text if _TOKEN.fullmatch(text) else "pgp-sha256"


def _encrypted(fields: Fields, body: Undecryptable, boundary: str) -> list[bytes]:
    """RFC 3156 4: hand the encrypted body on, so that a program that has the key may open it."""
    delimiter = f"--{boundary}".encode()
    fields.add("MIME-Version", "1.0")
    fields.add_raw(
        "Content-Type", f'multipart/encrypted; protocol="application/pgp-encrypted";\r\n boundary="{boundary}"'
    )
    return [
        *(delimiter, CRLF),
        b"Content-Type: application/pgp-encrypted\r\n",
        b"Content-Description: PGP/MIME version identification\r\n\r\n",
        b"Version: 1\r\n",
        *(CRLF, delimiter, CRLF),
        b'Content-Type: application/octet-stream; name="encrypted.asc"\r\n',
        b"Content-Description: OpenPGP encrypted message\r\n",
        b'Content-Disposition: inline; filename="encrypted.asc"\r\n\r\n',
        _crlf(body.armored.encode()),
        *(CRLF, delimiter, b"--", CRLF),
    ]


_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n|\A[ \t]*\r?\n")
_MBOX_LINE = re.compile(rb"^>?From [^\n]*(?:\n|\Z)", re.MULTILINE)


def split_entity(entity: bytes) -> tuple[list[tuple[str, str]], memoryview]:
    """Header fields and body of a MIME entity, the body as a view of it. A header that is none (a line without a colon)
    makes all of it body.

    Lines beginning `From ` or `>From ` are left out of the header: an mbox that was imported left them there."""
    blank = _BLANK_LINE.search(entity)
    if blank is None:
        return [], memoryview(entity)
    head, body = _MBOX_LINE.sub(b"", entity[: blank.start()] + b"\n"), memoryview(entity)[blank.end() :]
    fields: list[tuple[str, str]] = []
    for line in head.decode("utf-8", "surrogateescape").replace("\r\n", "\n").rstrip("\n").split("\n"):
        if not line:
            continue
        if line[0] in " \t" and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value}\r\n {line.strip()}" if line.strip() else value)
            continue
        name, colon, value = line.partition(":")
        if not colon or not is_name(name.strip()):
            return [], memoryview(entity)
        fields.append((name.strip(), value.strip(" \t")))
    return [(name, value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")) for name, value in fields], body


def _without_mbox_lines(entity: bytes) -> tuple[bytes | memoryview, ...]:
    blank = _BLANK_LINE.search(entity)
    if blank is None:
        return (entity,)
    return _MBOX_LINE.sub(b"", entity[: blank.start() + 1]), memoryview(entity)[blank.start() + 1 :]


def _crlf(text: bytes) -> bytes:
    return text.replace(CRLF, b"\n").replace(b"\n", CRLF)


_PIECE = 1 << 20
"""Octets of an entity that are gone through at a time."""


def _crlf_pieces(text: memoryview) -> Pieces:
    """`_crlf` of a text of perhaps many megabytes."""
    at = 0
    while at < len(text):
        end = min(at + _PIECE, len(text))
        while text[end - 1] == 13 and end < len(text):  # its LF may follow
            end += 1
        yield _crlf(bytes(text[at:end]))
        at = end
