"""Read a message that a mail program hands in, for sending it or keeping it as a draft (API document 6.2).

The service takes a message apart: one body, HTML or plain text, and attachments. `parse` finds them without changing
the message; what needs the whole of it (PGP/MIME) uses `Outgoing.mime_body`. Reading is lenient about the form of a
message, as in the rest of this room, but for addresses: a field whose addresses cannot be read is named in
`Outgoing.malformed`, so that nobody is left out silently.
"""

from __future__ import annotations

import binascii
import codecs
import hashlib
import mimetypes
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bridge_gui.mime import entity
from bridge_gui.mime import fields as rfc5322
from bridge_gui.mime.fields import MISSING_HOST, MISSING_MAILBOX, MediaType
from bridge_gui.mime.plaintext import html_to_text, text_to_html
from bridge_gui.mime.structure import Part, scan
from bridge_gui.mime.words import decode_header, decode_transfer
from bridge_gui.model import EmailAddress

HTML = "text/html"
PLAIN = "text/plain"


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a message. `read` decodes it, so that only what is being sent lies decoded in memory."""

    name: str
    mime_type: str
    """With its parameters, `name` and `filename` left out."""
    inline: bool
    content_id: str
    """Without angle brackets; empty when nothing refers to the file."""
    source: bytes | memoryview = field(repr=False)
    encoding: bytes = b"binary"
    """Content-Transfer-Encoding of `source`."""

    def read(self) -> bytes:
        """The file's content. An unknown or broken transfer encoding is left as it is."""
        if self.encoding == b"base64":
            try:
                return binascii.a2b_base64(self.source)
            except binascii.Error:
                pass  # cut short: the lenient way below takes what there is
        data = decode_transfer(bytes(self.source), self.encoding)
        return bytes(self.source) if data is None else data

    def pieces(self) -> Iterable[bytes]:
        """The same content piece by piece, as often as it is gone through: a large file is never decoded as a whole."""
        return decoded_pieces(self.source, self.encoding) or (self.read(),)


_PIECE = 1 << 20
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def decoded_pieces(source: bytes | memoryview, encoding: bytes) -> Iterable[bytes] | None:
    """The octets of a large base64 text, piece by piece, as often as it is gone through; None when it is small, or only
    the lenient reading of the whole can make sense of it."""
    if encoding == b"base64" and len(source) > _PIECE:
        pieces = _Base64Pieces(source)
        if pieces.clean:
            return pieces
    return None


class _Base64Pieces:
    """Decodes base64 of many lines again and again, a mebibyte at a time."""

    def __init__(self, source: bytes | memoryview) -> None:
        self._source = memoryview(source)
        rest = b"".join(piece.translate(None, _BASE64) for piece in self._encoded())
        self.clean = rest in (b"", b"=", b"==") and sum(map(len, self._encoded())) % 4 == 0 and self._ends_with(rest)
        """Whether there is nothing in it that only the lenient reading of the whole can make sense of."""

    def _ends_with(self, padding: bytes) -> bool:
        return bytes(self._source[-64:]).translate(None, b"\r\n").endswith(padding)

    def _encoded(self) -> Iterator[bytes]:
        for at in range(0, len(self._source), _PIECE):
            yield bytes(self._source[at : at + _PIECE]).translate(None, b"\r\n")

    def __iter__(self) -> Iterator[bytes]:
        left = b""
        for encoded in self._encoded():
            encoded = left + encoded
            whole = len(encoded) // 4 * 4
            yield binascii.a2b_base64(encoded[:whole])
            left = encoded[whole:]


@dataclass(frozen=True, slots=True, eq=False)
class Outgoing:
    """A message taken apart. Bcc stands here and nowhere else: `mime_body` does not hold it."""

    subject: str
    sender: EmailAddress | None
    """The first address of From."""
    to: tuple[EmailAddress, ...]
    cc: tuple[EmailAddress, ...]
    bcc: tuple[EmailAddress, ...]
    reply_to: tuple[EmailAddress, ...]
    external_id: str
    """Message-ID without angle brackets."""
    in_reply_to: str
    references: tuple[str, ...]
    forwarded_id: str
    """X-Forwarded-Message-Id, by which Thunderbird tells a forward from a reply."""
    has_date: bool
    mime_type: str
    """Of `body`: HTML if there is any outside of attachments."""
    body: str = field(repr=False)
    attachments: tuple[Attachment, ...] = ()
    malformed: tuple[str, ...] = ()
    """Names of address fields that cannot be read."""
    raw: bytes = field(default=b"", repr=False)
    root: Part = field(default_factory=lambda: scan(b""), repr=False)
    added: tuple[Attachment, ...] = ()
    """Attachments that are not in `raw`."""

    @property
    def protected(self) -> bool:
        """Whether its author has signed or encrypted it as a whole (RFC 1847, RFC 8551): whoever takes it apart breaks
        that."""
        kind = self.root.type
        return any(kind.matches(b"multipart", each) for each in (b"signed", b"encrypted")) or any(
            kind.matches(b"application", each) for each in (b"pkcs7-mime", b"x-pkcs7-mime")
        )

    def plain_body(self) -> str:
        """The body as plain text: the message's own where it has one, else made from the HTML."""
        if self.mime_type == PLAIN:
            return self.body
        pieces = []
        for part in _bodies(self.raw, self.root, b"plain"):
            text = part_text(self.raw, part)
            pieces.append(html_to_text(text).replace("\n", "\r\n") if _is_html(part) else text)
        return _joined(pieces)

    def mime_body(self) -> entity.Pieces:
        """The whole message as one MIME entity that begins with its Content-Type, for PGP/MIME: its parts untouched
        where they can travel as they are, no field of the outer header but Content-*. In pieces, to be joined."""
        body = entity.safe_entity(self.raw, self.root)
        if not self.added:
            return body
        parts = [body]
        parts += [[entity.attachment_entity(each.name, each.mime_type, each.read())] for each in self.added]
        return entity.mixed(parts)

    def with_attachment(self, attachment: Attachment) -> Outgoing:
        return replace(
            self, attachments=(*self.attachments, attachment), added=(*self.added, attachment)
        )  # fmt: skip


def parse(raw: bytes) -> Outgoing:
    """Take a message apart. Never raises for what a message may hold; linear in its size."""
    if raw.endswith(b"\r\n.\r\n"):
        raw = raw[:-3]
    root = scan(raw)
    header = root.header
    malformed: list[str] = []

    def addresses(name: str) -> tuple[EmailAddress, ...]:
        found, readable = read_addresses(raw, header, name.lower().encode())
        if not readable:
            malformed.append(name)
        return found

    senders = addresses("From")
    body, mime_type, made_ids = _rich_body(raw, root)
    return Outgoing(
        subject=_text_field(raw, header, b"subject"),
        sender=senders[0] if senders else None,
        to=addresses("To"),
        cc=addresses("Cc"),
        bcc=addresses("Bcc"),
        reply_to=addresses("Reply-To"),
        external_id=_message_id(raw, header, b"message-id"),
        in_reply_to=_message_id(raw, header, b"in-reply-to"),
        references=_references(raw, header),
        forwarded_id=_message_id(raw, header, b"x-forwarded-message-id"),
        has_date=bool(rfc5322.first(raw, header, b"date")),
        mime_type=mime_type,
        body=body,
        attachments=tuple(_attachment(raw, part, made_ids) for part in attachment_parts(raw, root)),
        malformed=tuple(malformed),
        raw=raw,
        root=root,
    )


def subject_of(raw: bytes) -> str:
    """The subject alone, without a look at the rest."""
    return _text_field(raw, rfc5322.fields(raw, 0, rfc5322.header_end(raw)), b"subject")


# ------------------------------------------------------------------------------------------- header


def read_addresses(
    raw: bytes, header: Sequence[rfc5322.Field], name: bytes
) -> tuple[tuple[EmailAddress, ...], bool]:  # fmt: skip
    """All addresses of the fields called `name`, and whether all of them could be read."""
    found: list[EmailAddress] = []
    readable = True
    for item in header:
        if item.name != name:
            continue
        value = rfc5322.unfold(raw[item.value : item.end])
        listed = rfc5322.addresses(value)
        if value and not listed:
            readable = False
        for each in listed:
            if each.host is None or each.mailbox is None:
                continue  # a group's begin or end
            if each.mailbox == MISSING_MAILBOX or each.host == MISSING_HOST:
                readable = False
                continue
            local, domain = decode_header(each.mailbox), decode_header(each.host)
            if not _is_local_part(local):
                local = '"' + local.replace("\\", "\\\\").replace('"', '\\"') + '"'
            found.append(EmailAddress(_one_line(decode_header(each.name or b"")), _one_line(f"{local}@{domain}")))
    return tuple(found), readable


_DOT_ATOM = re.compile(r"[^\s\x00-\x20\x7f()<>\[\]:;@\\,.\"]+(?:\.[^\s\x00-\x20\x7f()<>\[\]:;@\\,.\"]+)*")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


def _is_local_part(local: str) -> bool:
    return _DOT_ATOM.fullmatch(local) is not None


def _one_line(text: str) -> str:
    return _CONTROLS.sub(" ", text).strip()


def _text_field(raw: bytes, header: Sequence[rfc5322.Field], name: bytes) -> str:
    value = rfc5322.first(raw, header, name)
    return _one_line(decode_header(value)) if value else ""


def _message_id(raw: bytes, header: Sequence[rfc5322.Field], name: bytes) -> str:
    """The first id of a field, without its brackets. Ids without brackets are seen too."""
    ids = _ids(rfc5322.first(raw, header, name) or b"")
    return ids[0] if ids else ""


def _references(raw: bytes, header: Sequence[rfc5322.Field]) -> tuple[str, ...]:
    """Separated by white space as in RFC 5322 3.6.4, or by commas as some programs write them."""
    return tuple(
        reference
        for item in header
        if item.name == b"references"
        for reference in _ids(rfc5322.unfold(raw[item.value : item.end]))
    )


def _ids(value: bytes) -> list[str]:
    if b"=?" in value:  # Python's email package writes long ids as encoded words
        value = decode_header(value).encode("utf-8", "replace")
    words = value.replace(b"><", b"> <").replace(b",", b" ").split()
    return [text for word in words if (text := word.strip(b"<>").decode("utf-8", "replace"))]


# ------------------------------------------------------------------------------------------- parts


def leaves(part: Part) -> Iterator[Part]:
    """All parts that are no multipart, in order; an embedded message is one of them."""
    stack = [part]
    while stack:
        each = stack.pop()
        if each.multipart and each.children:
            stack += reversed(each.children)
        else:
            yield each


def transfer_encoding(raw: bytes, part: Part) -> bytes:
    """Content-Transfer-Encoding, lower case; some programs write it as an encoded word."""
    value = rfc5322.first(raw, part.header, b"content-transfer-encoding") or b""
    if b"=?" in value:
        value = decode_header(value).encode("ascii", "replace")
    words = rfc5322.tokens(value)
    return words[0].lower() if words else b"7bit"


def _disposition(raw: bytes, part: Part) -> rfc5322.Disposition | None:
    value = rfc5322.first(raw, part.header, b"content-disposition")
    return rfc5322.disposition(value) if value else None


def _says_attachment(raw: bytes, part: Part) -> bool:
    disposition = _disposition(raw, part)
    return disposition is not None and disposition.type.lower() == b"attachment"


def _is_text(part: Part) -> bool:
    # A multipart that cannot be taken apart (no boundary, or never used) is shown as text rather than lost.
    return (part.type.matches(b"text") and not part.type.matches(b"text", b"calendar")) or part.multipart


def _is_html(part: Part) -> bool:
    return part.type.matches(b"text", b"html")


def _is_body(raw: bytes, part: Part, root: Part) -> bool:
    """Whether a leaf is text to be shown. A text with a file name is a file: Apple Mail sends such as inline."""
    if not _is_text(part) or _says_attachment(raw, part):
        return False
    return part is root or _disposition(raw, part) is None or not file_name(raw, part)


def attachment_parts(raw: bytes, root: Part) -> Iterator[Part]:
    return (part for part in leaves(root) if not _is_body(raw, part, root))


def _attachment(raw: bytes, part: Part, made_ids: dict[int, str]) -> Attachment:
    content_id = (rfc5322.first(raw, part.header, b"content-id") or b"").strip(b"<> \t").decode("utf-8", "replace")
    content_id = _one_line(content_id) or made_ids.get(part.start, "")
    disposition = _disposition(raw, part)
    kind = disposition.type.lower() if disposition is not None else b""
    # Hard-won: inline needs a Content-ID; without a disposition, or with an odd one, the Content-ID decides.
    inline = bool(content_id) and kind != b"attachment"
    name = file_name(raw, part) or _made_name(part)
    return Attachment(
        name,
        type_text(part.type),
        inline,
        content_id if inline else "",
        memoryview(raw)[part.body : part.end],
        transfer_encoding(raw, part),
    )


def file_name(raw: bytes, part: Part) -> str:
    """The name of a part's file: Content-Disposition's, else Content-Type's; empty when it has none."""
    disposition = _disposition(raw, part)
    if disposition is not None and (name := parameter(disposition.parameters, b"filename")):
        return _with_blanks(name, rfc5322.first(raw, part.header, b"content-disposition") or b"")
    name = parameter(part.type.parameters, b"name")
    return _with_blanks(name, rfc5322.first(raw, part.header, b"content-type") or b"") if name else ""


_UNQUOTED_NAME = re.compile(rb"; *(?:file)?name *= *([^\"; ][^\";]{0,300})", re.IGNORECASE)


def _with_blanks(name: str, value: bytes) -> str:
    """The whole of a name that lacks the quotation marks it needs (hard-won 43): all up to the next parameter."""
    found = _UNQUOTED_NAME.search(rfc5322.unfold(value))
    if found is not None and (whole := _one_line(decode_header(found[1]))).startswith(f"{name} "):
        return whole
    return name


def _made_name(part: Part) -> str:
    if part.message:
        return "message.eml"
    if part.type.matches(b"text", b"calendar"):
        return "invite.ics"
    kind = f"{part.type.type.decode('ascii', 'replace')}/{part.type.subtype.decode('ascii', 'replace')}".lower()
    return "attachment" + (mimetypes.guess_extension(kind) or ".bin")


def parameter(parameters: Sequence[tuple[bytes, bytes]], name: bytes) -> str:
    """A parameter as text: RFC 2231 with charset and percents, else encoded words, else 8-bit."""
    for key, value in parameters:
        if key.lower() == name + b"*":
            charset, _, rest = value.partition(b"'")
            _, _, encoded = rest.partition(b"'")
            data = urllib.parse.unquote_to_bytes(encoded if rest else value)
            return _one_line(decode_text(data, charset if rest else None))
    for key, value in parameters:
        if key.lower() == name and value:
            return _one_line(decode_header(value))
    return ""


_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`{|}~]+")


def type_text(media: MediaType) -> str:
    """A Content-Type on one line, without the file's name and without boundary."""
    text = f"{media.type.decode('ascii', 'replace')}/{media.subtype.decode('ascii', 'replace')}".lower()
    seen: set[bytes] = set()
    for key, _ in media.parameters:
        plain = key.lower().split(b"*")[0]
        if plain in (b"name", b"filename", b"boundary") or plain in seen:
            continue
        seen.add(plain)
        written = parameter(media.parameters, plain).encode("ascii", "replace").decode()
        if _TOKEN.fullmatch(written) is None:
            written = '"' + written.replace("\\", "\\\\").replace('"', '\\"') + '"'
        text += f"; {plain.decode('ascii', 'replace')}={written}"
    return text


# ------------------------------------------------------------------------------------------- bodies


def _bodies(raw: bytes, root: Part, wanted: bytes) -> list[Part]:
    """The text parts that make up one body: of alternatives the one of subtype `wanted`, else the last.

    RFC 2046 5.1.4 puts the richest alternative last. One counts as `wanted` when all its parts are of that kind.
    """
    found: list[Part] = []
    stack = [root]
    while stack:
        part = stack.pop()
        if not (part.multipart and part.children):
            if _is_body(raw, part, root):
                found.append(part)
        elif part.type.matches(b"multipart", b"alternative"):
            stack.append(_choice(raw, part, root, wanted))
        else:
            stack += reversed(part.children)
    return found


def _choice(raw: bytes, alternative: Part, root: Part, wanted: bytes) -> Part:
    for child in reversed(alternative.children):
        if all(part.type.matches(b"text", wanted) for part in leaves(child)):
            return child
    # A calendar or another file may stand last; it is an attachment, and the text is before it.
    for child in reversed(alternative.children):
        if any(_is_body(raw, part, root) for part in leaves(child)):
            return child
    return alternative.children[-1]


def _rich_body(raw: bytes, root: Part) -> tuple[str, str, dict[int, str]]:
    """The body for the draft, its MIME type, and the Content-IDs made for images that had none (by part's start)."""
    parts = _bodies(raw, root, b"html")
    pictures = _apple_images(raw, root)
    any_html = any(_is_html(part) and _is_body(raw, part, root) for part in leaves(root))
    if not any_html and not pictures:
        return _joined([part_text(raw, part) for part in parts]), PLAIN, {}
    pieces: list[tuple[int, str]] = [(start, f'<img src="cid:{made}"/>') for start, made in pictures.items()]
    for part in parts:
        text = part_text(raw, part)
        pieces.append((part.start, declare_utf8(text) if _is_html(part) else text_to_html(text)))
    body = _joined([text for _, text in sorted(pieces)])
    if not any_html:
        body = f"<html><body>{body}</body></html>"
    return body, HTML, pictures


def _apple_images(raw: bytes, root: Part) -> dict[int, str]:
    """Images that Apple Mail puts between texts, inline and without Content-ID: ids to show them by."""
    if not root.multipart or root.type.matches(b"multipart", b"alternative"):
        return {}
    made: dict[int, str] = {}
    for part in root.children:
        disposition = _disposition(raw, part)
        if (
            part.type.matches(b"image")
            and disposition is not None
            and disposition.type.lower() == b"inline"
            and not rfc5322.first(raw, part.header, b"content-id")
        ):
            digest = hashlib.sha256(raw[part.start : part.end]).hexdigest()
            made[part.start] = f"{digest[:32]}.{len(made)}@bridge"
    return made


def _joined(pieces: Sequence[str]) -> str:
    """Pieces one below the other."""
    out: list[str] = []
    for piece in pieces:
        if out and out[-1] and not out[-1].endswith("\n"):
            out.append("\r\n")
        out.append(piece)
    return "".join(out)


_META = re.compile(r"<meta\b[^<>]*>", re.IGNORECASE)
_META_CHARSET = re.compile(r"""(charset\s*=\s*["']?\s*)([A-Za-z0-9_.:\-]+)""", re.IGNORECASE)
_HEAD = 64 * 1024
"""Characters in which an HTML document's meta elements are looked for."""


def declare_utf8(source: str) -> str:
    """Change a meta element that names another charset, as the body goes out in UTF-8; nothing else."""

    def change(meta: re.Match[str]) -> str:
        return _META_CHARSET.sub(
            lambda found: found[0] if found[2].lower() in ("utf-8", "utf8") else f"{found[1]}UTF-8", meta[0]
        )

    return _META.sub(change, source[:_HEAD]) + source[_HEAD:]


# ------------------------------------------------------------------------------------------- charsets


_SUPERSETS = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
"""Charsets that mail programs name while they mean a larger one (WHATWG Encoding 4.2)."""
_ALIASES = {"ks_c_5601-1987": "cp949", "cp-850": "cp850", "iso-8859-8-i": "iso8859-8", "x-sjis": "cp932"}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def part_text(raw: bytes, part: Part) -> str:
    """A text part's text, its transfer encoding and charset undone."""
    source = raw[part.body : part.end]
    data = decode_transfer(source, transfer_encoding(raw, part))
    charset = part.type.parameter(b"charset")
    return decode_text(source if data is None else data, charset, html=_is_html(part))


def decode_text(data: bytes, charset: bytes | None, *, html: bool = False) -> str:
    """Text in the charset declared, if that is known and fits; else as UTF-8 if it is that; else as the bytes
    suggest."""
    for mark, unicode in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(unicode, "replace")
    for name in (_python_charset(charset), "utf-8", _declared_in_html(data) if html else None):
        if name is not None:
            try:
                return data.decode(name)
            except UnicodeError:
                continue
    return data.decode("cp1252", "replace")


def _python_charset(charset: bytes | None) -> str | None:
    """Python's name of a text encoding, or None."""
    if not charset:
        return None
    name = charset.decode("ascii", "replace").strip().lower()
    try:
        info = codecs.lookup(_ALIASES.get(name, name))
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True):
        return None
    return _SUPERSETS.get(info.name, info.name)


def _declared_in_html(data: bytes) -> str | None:
    head = data[:_HEAD].decode("latin-1")
    for meta in _META.findall(head):
        if found := _META_CHARSET.search(meta):
            return _python_charset(found[2].encode())
    return None
