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

import base64
import binascii
import hashlib
import re
from calendar import timegm
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from enum import StrEnum

from bridge_gui.mime.headers import (
    decode_text,
    encode_text,
    encoded_words,
    fold,
    format_addresses,
    one_line,
    parse_addresses,
)
from bridge_gui.model import EmailAddress, MessageId

CRLF = b"\r\n"

INTERNAL_ID_DOMAIN = "protonmail.internalid"
"""Right side of the Message-Id and the reference by which a reply names its parent at the service."""

SIGNATURE_FIELD = "X-Bridge-Signature"

_EARLIEST = int(datetime(1982, 8, 13, tzinfo=UTC).timestamp())
"""RFC 822's birthday: the date of messages that have none, or one before 1970, on which Apple Mail crashed."""

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_BODY_FIELDS = frozenset(
    {
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-md5",
        "content-length",
        "lines",
        "mime-version",
    }
)
"""Fields that describe the body as it once was; ours is another, and gets its own."""


class SignatureState(StrEnum):
    """What a signature was worth when the message was downloaded."""

    VALID = "valid"
    INVALID = "invalid"
    """The content was changed, or signed with another key than named."""
    UNKNOWN_KEY = "unknown-key"
    """No key of the sender was at hand, so nothing can be said."""
    UNTRUSTED_KEY = "untrusted-key"
    """The key had expired or been revoked, or the signature itself had."""


@dataclass(frozen=True, slots=True)
class Undecryptable:
    """An encrypted part that no key opened: why, and the PGP message in armor as it came."""

    reason: str
    """A fixed word or sentence, the same each time, without technical detail."""
    armored: str


@dataclass(frozen=True, slots=True)
class DetachedSignature:
    """The signature that lay within the encryption of a MIME entity, taken out."""

    armored: str
    micalg: str
    """As RFC 3156 5 names the hash: `pgp-sha256`."""


HeaderFields = Sequence[tuple[str, str]]
"""Names and raw values in the order of the message; a repeated field is repeated."""


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    mime_type: str
    """May carry parameters."""
    inline: bool
    header: HeaderFields
    content: bytes | Undecryptable


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the service, decrypted as far as possible."""

    id: MessageId
    external_id: str
    subject: str
    sender: EmailAddress | None
    reply_to: Sequence[EmailAddress]
    to: Sequence[EmailAddress]
    cc: Sequence[EmailAddress]
    bcc: Sequence[EmailAddress]
    time: int
    """Seconds since 1970; 0 when unknown."""
    is_draft: bool
    header: HeaderFields
    mime_type: str
    body: bytes | Undecryptable
    attachments: Sequence[Attachment] = ()
    entity_signature: DetachedSignature | None = None
    """Used with the MIME type multipart/mixed only."""
    signature: SignatureState | None = None


def build(message: Message) -> bytes:
    """The literal of `message`, with CRLF line ends."""
    fields = _Fields(message.header)
    _set_envelope(fields, message)
    boundaries = _boundaries(message.id)
    if not message.attachments and message.mime_type.partition(";")[0].strip().lower() == "multipart/mixed":
        chunks = _entity(fields, message, boundaries)
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
    return b"".join([fields.encode(), CRLF, *chunks])


def substitute(message: Message, error: str) -> Message:
    """The message to show instead of one that cannot be built at all: its metadata, and a text that says why."""
    text = (
        "This message could not be shown.\n\n"
        f"Subject: {one_line(message.subject)}\n"
        f"Error: {one_line(error)}\n"
        f"Message ID: {message.id}\n"
    )
    return replace(
        message,
        header=(),
        mime_type="text/plain",
        body=text.encode("utf-8", "replace"),
        attachments=(),
        entity_signature=None,
        signature=None,
    )


# ------------------------------------------------------------------------------------------- header


class _Fields:
    """The header while it is made: fields in order, found without regard to case."""

    def __init__(self, fields: HeaderFields) -> None:
        self._lines: list[tuple[str, str, str]] = []  # lower-case name, name, raw value
        for name, value in fields:
            if _is_name(name):
                self._lines.append((name.lower(), name, _clean(value)))

    def first(self, name: str) -> str | None:
        wanted = name.lower()
        return next((value for lower, _, value in self._lines if lower == wanted), None)

    def all(self, name: str) -> list[str]:
        wanted = name.lower()
        return [value for lower, _, value in self._lines if lower == wanted]

    def set(self, name: str, value: str) -> None:
        """Put one field in the place of the first of that name, or at the end; the others of that name go."""
        self.set_raw(name, _folded(name, value))

    def set_raw(self, name: str, value: str) -> None:
        lower = name.lower()
        lines: list[tuple[str, str, str]] = []
        placed = False
        for line in self._lines:
            if line[0] != lower:
                lines.append(line)
            elif not placed:
                lines.append((lower, name, value))
                placed = True
        if not placed:
            lines.append((lower, name, value))
        self._lines = lines

    def add(self, name: str, value: str) -> None:
        self.add_raw(name, _folded(name, value))

    def add_raw(self, name: str, value: str) -> None:
        self._lines.append((name.lower(), name, value))

    def drop(self, names: Iterable[str]) -> None:
        unwanted = frozenset(names)
        self._lines = [line for line in self._lines if line[0] not in unwanted]

    def encode(self) -> bytes:
        """The fields, each with its line end; text beyond ASCII as UTF-8 (RFC 6532)."""
        return "".join([f"{name}: {value}\r\n" for _, name, value in self._lines]).encode("utf-8", "replace")


_NAME = re.compile(r"[!-9;-~]+")


def _is_name(name: str) -> bool:
    """Whether `name` can be a field's name (RFC 5322 3.6.8). What cannot is dropped, such as an mbox's `From ` line."""
    return _NAME.fullmatch(name) is not None


_LINE_END = re.compile(r"\r\n|\r|\n")


def _clean(value: str) -> str:
    """A raw value whose every line end is CRLF followed by white space, so that it stays one field."""
    if "\n" not in value and "\r" not in value and "\0" not in value:
        return value.strip(" \t")
    lines = [line.rstrip(" \t") for line in _LINE_END.split(value.replace("\0", ""))]
    lines = [line for line in lines if line]
    if not lines:
        return ""
    first, *rest = lines
    return "\r\n".join([first.lstrip(" \t"), *(line if line[0] in " \t" else f" {line}" for line in rest)])


def _folded(name: str, value: str) -> str:
    return fold(name, value)[len(name) + 2 :]


def _unfolded(value: str) -> str:
    return value.replace("\r\n", "")


def _set_envelope(fields: _Fields, message: Message) -> None:
    """Bring the header in line with the metadata; what says the same already stays as the sender wrote it."""
    fields.drop(_BODY_FIELDS | {SIGNATURE_FIELD.lower(), "x-pm-external-id"})
    subject = one_line(message.subject)
    if subject and subject != decode_text(_unfolded(fields.first("Subject") or "")):
        fields.set("Subject", encode_text(subject))
    if message.sender is not None and (message.sender.name or message.sender.address):
        _set_addresses(fields, "From", [message.sender])
    if not message.is_draft and any(entry.name or entry.address for entry in message.reply_to):
        _set_addresses(fields, "Reply-To", message.reply_to)
    for name, addresses in (("To", message.to), ("Cc", message.cc), ("Bcc", message.bcc)):
        if addresses:
            _set_addresses(fields, name, addresses)
    own_id = f"<{message.id}@{INTERNAL_ID_DOMAIN}>"
    if not (fields.first("Message-Id") or "").strip():
        fields.set_raw("Message-Id", f"<{_id(message.external_id)}>" if message.external_id else own_id)
    _set_date(fields, message.time)
    references = fields.all("References")
    if not any(message.id in value for value in references):
        fields.set("References", " ".join([*" ".join(references).split(), own_id]))
    fields.set_raw("X-Pm-Internal-Id", message.id)
    if message.external_id:
        fields.set_raw("X-Pm-External-Id", f"<{_id(message.external_id)}>")
    fields.set_raw("X-Pm-Date", format_date(message.time))
    if message.signature is not None:
        fields.add(SIGNATURE_FIELD, message.signature.value)


def _id(external_id: str) -> str:
    return re.sub(r"[\s<>]", "", external_id)


def _set_addresses(fields: _Fields, name: str, addresses: Sequence[EmailAddress]) -> None:
    # A name that only repeats the address is none: the service fills empty ones in like that.
    addresses = [entry if entry.name != entry.address else EmailAddress("", entry.address) for entry in addresses]
    present = fields.all(name)
    if len(present) == 1 and _same(parse_addresses(_unfolded(present[0])), addresses):
        return
    fields.set(name, format_addresses(addresses))


def _same(present: Sequence[EmailAddress], wanted: Sequence[EmailAddress]) -> bool:
    return len(present) == len(wanted) and all(
        have.address == want.address and have.name.strip() == one_line(want.name).strip()
        for have, want in zip(present, wanted, strict=True)
    )


def _set_date(fields: _Fields, time: int) -> None:
    """Set Date where it is missing, unreadable or before 1970, and keep what it said in X-Original-Date."""
    present = fields.first("Date")
    moment = _parse_date(present) if present else None
    if moment is not None and moment >= 0:
        return
    fields.set_raw("Date", format_date(time if time > 0 else _EARLIEST))
    if moment is not None and fields.first("X-Original-Date") is None:
        fields.set_raw("X-Original-Date", format_date(moment))


def _parse_date(value: str) -> int | None:
    """Seconds since 1970 of a Date field, or None."""
    try:
        parts = parsedate_tz(_unfolded(value))
        if parts is None or not 1 <= parts[1] <= 12 or not 1 <= parts[2] <= 31 or parts[0] < 1:
            return None
        return timegm((*parts[:6], 0, 1, 0)) - (parts[9] or 0)
    except (ValueError, OverflowError, TypeError, IndexError):  # what hostile dates make of the parser
        return None


def format_date(seconds: int) -> str:
    """A moment as RFC 5322 3.3 writes it, in UTC."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=max(min(seconds, 253402300799), -62135596800))
    return (
        f"{_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year:04d} "
        f"{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} +0000"
    )


# ------------------------------------------------------------------------------------------- parts


def _boundaries(message_id: MessageId) -> Iterator[str]:
    """The chain of boundaries: SHA-256 of the id, then of the boundary before."""
    boundary = message_id
    while True:
        boundary = MessageId(hashlib.sha256(boundary.encode("utf-8", "replace")).hexdigest())
        yield boundary


_SIGNED_BOUNDARY = hashlib.sha256(b"").hexdigest()


def _mixed(message: Message, boundary: str, boundaries: Iterator[str]) -> list[bytes]:
    inline = [part for part in message.attachments if part.inline]
    others = [part for part in message.attachments if not part.inline]
    delimiter = f"--{boundary}".encode()
    chunks = [delimiter, CRLF]
    text = _text_part(message)
    if inline:
        related = next(boundaries)
        chunks += [f'Content-Type: multipart/related;\r\n boundary="{related}"\r\n\r\n'.encode()]
        inner = f"--{related}".encode()
        chunks += [inner, CRLF, *text, CRLF]
        for part in inline:
            chunks += [inner, CRLF, *_attachment(part), CRLF]
        chunks += [inner, b"--", CRLF]
    else:
        chunks += text
    for part in others:
        chunks += [CRLF, delimiter, CRLF, *_attachment(part)]
    chunks += [CRLF, delimiter, b"--", CRLF]
    return chunks


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


def _attachment(part: Attachment) -> list[bytes]:
    if isinstance(part.content, Undecryptable):
        comment = f"This attachment could not be decrypted: {part.content.reason}"
        return _undecryptable_attachment(part, _with_comment(part.content.armored, comment))
    fields = _Fields(part.header)
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
        return [fields.encode(), CRLF, part.content]
    fields.set_raw("Content-Transfer-Encoding", "base64")
    return [fields.encode(), CRLF, base64_lines(part.content)]


def _undecryptable_attachment(part: Attachment, armored: str) -> list[bytes]:
    fields = _Fields(())
    name = encode_text(f"{part.name}.pgp")
    fields.set_raw("Content-Type", _with_parameters("application/octet-stream", [("name", name), ("filename", name)]))
    fields.set_raw("Content-Disposition", _with_parameters("attachment", [("filename", name)]))
    fields.set_raw("Content-Transfer-Encoding", "base64")
    return [fields.encode(), CRLF, base64_lines(armored.encode())]


def base64_lines(data: bytes) -> bytes:
    """`data` as base64 in lines of 76 characters (RFC 2045 6.8), without a line end after the last."""
    encoded = base64.b64encode(data)
    return CRLF.join([encoded[at : at + 76] for at in range(0, len(encoded), 76)])


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


def _entity(fields: _Fields, message: Message, boundaries: Iterator[str]) -> list[bytes]:
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
    return [_crlf(body)]


def _describe_bare(fields: _Fields, body: bytes) -> None:
    """A body without a Content-Type is plain text (RFC 2045 5.2); say so, with its charset where it is UTF-8."""
    if body.isascii():
        fields.add("Content-Type", "text/plain; charset=us-ascii")
        return
    try:
        body.decode("utf-8", "strict")
    except UnicodeDecodeError:
        fields.add("Content-Type", "text/plain")
    else:
        fields.add("Content-Type", "text/plain; charset=utf-8")
    if fields.first("Content-Transfer-Encoding") is None:
        fields.add("Content-Transfer-Encoding", "8bit")


def _signed(fields: _Fields, entity: bytes, signature: DetachedSignature) -> list[bytes]:
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
        *(delimiter, CRLF, _without_mbox_lines(entity)),
        *(CRLF, delimiter, CRLF),
        b'Content-Type: application/pgp-signature; name="OpenPGP_signature.asc"\r\n',
        b"Content-Description: OpenPGP digital signature\r\n",
        b'Content-Disposition: attachment; filename="OpenPGP_signature"\r\n\r\n',
        _crlf(signature.armored.strip().encode()),
        *(CRLF, CRLF, delimiter, b"--", CRLF),
    ]


def _token(text: str) -> str:
    return text if _TOKEN.fullmatch(text) else "pgp-sha256"


def _encrypted(fields: _Fields, body: Undecryptable, boundary: str) -> list[bytes]:
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


def split_entity(entity: bytes) -> tuple[list[tuple[str, str]], bytes]:
    """Header fields and body of a MIME entity. A header that is none (a line without a colon) makes all of it body.

    Lines beginning `From ` or `>From ` are left out of the header: an mbox that was imported left them there."""
    blank = _BLANK_LINE.search(entity)
    if blank is None:
        return [], entity
    head, body = _MBOX_LINE.sub(b"", entity[: blank.start()] + b"\n"), entity[blank.end() :]
    fields: list[tuple[str, str]] = []
    for line in head.decode("utf-8", "surrogateescape").replace("\r\n", "\n").rstrip("\n").split("\n"):
        if not line:
            continue
        if line[0] in " \t" and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value}\r\n {line.strip()}" if line.strip() else value)
            continue
        name, colon, value = line.partition(":")
        if not colon or not _is_name(name.strip()):
            return [], entity
        fields.append((name.strip(), value.strip(" \t")))
    return [(name, value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")) for name, value in fields], body


def _without_mbox_lines(entity: bytes) -> bytes:
    blank = _BLANK_LINE.search(entity)
    if blank is None:
        return entity
    return _MBOX_LINE.sub(b"", entity[: blank.start() + 1]) + entity[blank.start() + 1 :]


def _crlf(text: bytes) -> bytes:
    return text.replace(CRLF, b"\n").replace(b"\n", CRLF)
