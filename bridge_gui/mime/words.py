"""From bytes to text: encoded words, charsets, transfer encodings; and what text gives: base subjects, dates, previews.

Everything here is lenient: an unknown charset is read as UTF-8, then as Windows-1252, and never raises.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import email.utils
import html
import quopri
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from bridge_gui.mime import fields as rfc5322
from bridge_gui.mime.structure import Part, transfer_encoding

PREVIEW_CHARACTERS = 200
"""RFC 8970 3.1 allows up to 256; this is what Dovecot gives."""
_PREVIEW_INPUT = 64 * 1024
"""Characters of a text looked at for a preview; it may begin with pages of white space."""

_ALIASES = {
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "default": "utf-8",
    "cp-850": "cp850",
    "ks_c_5601-1987": "cp949",
}

_PLAIN = frozenset({b"utf-8", b"UTF-8", b"us-ascii", "utf-8"})


def decode_charset(data: bytes, charset: bytes | str | None) -> str:
    """Text of `data` in the charset named, as well as can be."""
    if charset is None or charset in _PLAIN:
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace")
    name = charset.decode("ascii", "replace") if isinstance(charset, bytes) else charset or "utf-8"
    name = _ALIASES.get(name.lower().strip(), name.strip())
    if name.lower() in ("us-ascii", "ascii"):
        name = "utf-8"
    try:
        info = codecs.lookup(name)
        if getattr(info, "_is_text_encoding", True):
            return data.decode(name)
    except (LookupError, UnicodeError, ValueError):
        pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


_ENCODED_WORD = re.compile(rb"=\?([^?\s]{1,80})\?([BbQq])\?([^?\s]*)\?=")
_BETWEEN_WORDS = re.compile(rb"(\?=)[ \t\r\n]+(?==\?[^?\s]{1,80}\?[BbQq]\?[^?\s]*\?=)")


def decode_header(value: bytes) -> str:
    """A field's value as text: encoded words decoded (RFC 2047), 8-bit bytes read as UTF-8 or Windows-1252.

    Bytes of neighbouring words of one charset are joined before they are decoded: mailers cut characters in two.
    """
    value = rfc5322.unfold(value)
    if b"=?" not in value:
        return decode_charset(value, None)
    value = _BETWEEN_WORDS.sub(rb"\1", value)
    out: list[str] = []
    pending, pending_charset = b"", b""
    position = 0
    for found in _ENCODED_WORD.finditer(value):
        between = value[position : found.start()]
        charset = found[1].split(b"*", 1)[0].lower()
        if pending and (between or charset != pending_charset):
            out.append(decode_charset(pending, pending_charset))
            pending = b""
        if between:
            out.append(decode_charset(between, None))
        pending += _decode_word(found[2], found[3])
        pending_charset = charset
        position = found.end()
    if pending:
        out.append(decode_charset(pending, pending_charset))
    out.append(decode_charset(value[position:], None))
    return "".join(out)


def _decode_word(how: bytes, text: bytes) -> bytes:
    if how in b"Qq":
        return quopri.decodestring(text, header=True)
    return _decode_base64(text)


_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def _decode_base64(text: bytes) -> bytes:
    """As much as can be decoded: foreign characters are skipped, missing padding is put back."""
    clean = _NOT_BASE64.sub(b"", text)
    if len(clean) % 4 == 1:
        clean = clean[:-1]
    try:
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))
    except binascii.Error:
        return b""


def decode_transfer(data: bytes, encoding: bytes) -> bytes | None:
    """Undo a Content-Transfer-Encoding; None for one that is not known (RFC 3516 4.3: UNKNOWN-CTE)."""
    encoding = encoding.lower()
    if encoding in (b"7bit", b"8bit", b"binary", b""):
        return data
    if encoding == b"base64":
        return _decode_base64(data)
    if encoding == b"quoted-printable":
        return quopri.decodestring(data)
    return None


# ------------------------------------------------------------------------------------------- RFC 5256


MAX_SUBJECT = 2_000
"""Characters of a subject that threading compares; bounds the work for absurd ones."""

_BLOB = re.compile(r"\A\[[^\[\]]*\]\s*")
_LEADER = re.compile(r"\A(?:re|fwd?)\s*(?:\[[^\[\]]*\]\s*)?:\s*", re.IGNORECASE)
_TRAILER = re.compile(r"(?:\s|\(fwd\))+\Z", re.IGNORECASE)
_FORWARDED = re.compile(r"\A\[fwd:(.*)\]\Z", re.IGNORECASE | re.DOTALL)
_SPACES = re.compile(r"\s+")


def base_subject(subject: str) -> tuple[str, bool]:
    """The base subject of a decoded Subject, and whether it was a reply or forward (RFC 5256 2.1)."""
    text = _SPACES.sub(" ", subject[:MAX_SUBJECT]).strip()
    reply = False
    while True:
        shorter = _TRAILER.sub("", text)
        reply = reply or len(shorter.rstrip()) < len(text.rstrip())
        text = shorter
        while True:
            stripped = text
            after_blobs = text
            while (blob := _BLOB.match(after_blobs)) is not None:
                after_blobs = after_blobs[blob.end() :]
            leader = _LEADER.match(after_blobs)
            if leader is not None:
                text = after_blobs[leader.end() :]
                reply = True
            elif (blob := _BLOB.match(text)) is not None and blob.end() < len(text):
                text = text[blob.end() :]
            if text == stripped:
                break
        wrapped = _FORWARDED.match(text)
        if wrapped is None:
            return text.strip(), reply
        text = wrapped[1].strip()
        reply = True


# ------------------------------------------------------------------------------------------------ dates


_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
_USUAL_DATE = re.compile(
    rb"[A-Z][a-z]{2}, (\d{1,2}) (%s) ([1-9]\d{3}) (\d\d):(\d\d):(\d\d) ([+-]\d{4})" % b"|".join(_MONTHS)
)


def parse_date(value: bytes) -> datetime | None:
    """A Date field's moment in its own zone, or None when it cannot be read."""
    usual = _USUAL_DATE.fullmatch(value)
    if usual is not None and usual[7] != b"-0000":  # which says that the zone is not known
        day, month, year, hour, minute, second, zone = usual.groups()
        east = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
        try:
            return datetime(
                *(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second)),
                tzinfo=timezone(-east if zone[:1] == b"-" else east),
            )
        except ValueError:
            pass
    try:
        return email.utils.parsedate_to_datetime(value.decode("ascii", "replace"))
    except (ValueError, TypeError, IndexError, OverflowError):
        pass
    parts = email.utils.parsedate_tz(value.decode("ascii", "replace"))
    if parts is None:
        return None
    try:
        zone = timezone(timedelta(seconds=parts[9] or 0)) if abs(parts[9] or 0) < 86_400 else UTC
        return datetime(*parts[:6], tzinfo=zone)
    except (ValueError, OverflowError):
        return None


def sent_date(literal: bytes) -> datetime | None:
    """When the Date header says the message was written; aware, UTC where it names no zone."""
    value = rfc5322.last(literal, rfc5322.fields(literal), b"date")
    found = parse_date(value) if value else None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


_EPOCH_DAY = datetime(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Summary:
    """What SORT, THREAD and SENTSINCE want of a header (RFC 5256 2.2, 3; RFC 5957)."""

    subject: str
    base_subject: str
    is_reply: bool
    sent: int | None
    """Date header, seconds since 1970 UTC."""
    sent_day: int | None
    """Its day in its own zone, days since 1970-01-01 (RFC 3501 6.4.4 disregards time and zone)."""
    sender: str
    """Mailbox part of the first From address, lower case; so for `to` and `cc`."""
    to: str
    cc: str
    display_from: str
    display_to: str
    message_id: str
    references: tuple[str, ...]
    """References, or else the first id of In-Reply-To (RFC 5256 3)."""


def summarize(
    literal: bytes,
    header: Sequence[rfc5322.Field] | None = None,
    addresses: Mapping[bytes, Sequence[rfc5322.Address]] | None = None,
) -> Summary:
    """Read the header of a message; `header` and `addresses` are its fields and `address_lists`."""
    header = rfc5322.fields(literal) if header is None else header
    addresses = rfc5322.address_lists(literal, header) if addresses is None else addresses
    subject = decode_header(rfc5322.last(literal, header, b"subject") or b"")
    base, reply = base_subject(subject)
    date = parse_date(rfc5322.last(literal, header, b"date") or b"")
    if date is not None and date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    own = rfc5322.message_ids(rfc5322.last(literal, header, b"message-id") or b"")
    references = rfc5322.message_ids(rfc5322.last(literal, header, b"references") or b"")
    if not references:
        references = rfc5322.message_ids(rfc5322.last(literal, header, b"in-reply-to") or b"")[:1]
    mailbox, display = {}, {}
    for name in (b"from", b"to", b"cc"):
        address = next((each for each in addresses[name] if each.host is not None), None)
        mailbox[name], display[name] = "", ""
        if address is not None:
            mailbox[name] = decode_charset(address.mailbox or b"", None).lower()
            shown = decode_header(address.name) if address.name else ""
            display[name] = shown or decode_charset((address.mailbox or b"") + b"@" + (address.host or b""), None)
    return Summary(
        subject=subject,
        base_subject=base,
        is_reply=reply,
        sent=_timestamp(date),
        sent_day=None if date is None else date.toordinal() - _EPOCH_DAY,
        sender=mailbox[b"from"],
        to=mailbox[b"to"],
        cc=mailbox[b"cc"],
        display_from=display[b"from"],
        display_to=display[b"to"],
        message_id=decode_charset(own[0], None) if own else "",
        references=tuple(decode_charset(one, None) for one in references),
    )


def _timestamp(date: datetime | None) -> int | None:
    if date is None:
        return None
    return (date - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


# ------------------------------------------------------------------------------------------- text of bodies


def part_text(part: Part, literal: bytes) -> str:
    """Decoded text of one text part."""
    data = decode_transfer(literal[part.body : part.end], transfer_encoding(part, literal))
    if data is None:
        return ""
    return decode_charset(data, part.type.parameter(b"charset"))


_HIDDEN = re.compile(r"(?is)<(style|script|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)")
_TAG = re.compile(r"<[^<>]*>?")


def html_text(source: str) -> str:
    """The words of an HTML text, without tags, styles and scripts."""
    return html.unescape(_TAG.sub(" ", _HIDDEN.sub(" ", source)))


def text_parts(root: Part) -> list[Part]:
    """Text parts of a message that are not attachments' files, in order; of embedded messages too."""
    found: list[Part] = []
    stack = [root]
    while stack:
        part = stack.pop()
        if part.children:
            stack += reversed(part.children)
        elif part.type.matches(b"text"):
            found.append(part)
    return found


def body_texts(literal: bytes, root: Part) -> list[BodyText]:
    """The text parts of a message, each decoded once for all that is made of it."""
    return [_body_text(part, literal) for part in text_parts(root)]


class BodyText(NamedTuple):
    html: bool
    words: str
    """Without the tags, if it is HTML."""


def _body_text(part: Part, literal: bytes) -> BodyText:
    text = part_text(part, literal)
    html = part.type.matches(b"text", b"html")
    return BodyText(html, html_text(text) if html else text)


def preview(texts: Sequence[BodyText]) -> str:
    """The first words of a message in one line (RFC 8970); the plain text if it says anything, else the HTML."""
    plain = [text for text in texts if not text.html]
    for text in [*plain[:1], *(text for text in texts if text.html)]:
        start = text.words[:_PREVIEW_INPUT].partition("\0")[0]
        words = " ".join(start[: 4 * PREVIEW_CHARACTERS].split())
        if len(words) < PREVIEW_CHARACTERS < len(start):
            words = " ".join(start.split(None, PREVIEW_CHARACTERS)[:PREVIEW_CHARACTERS])
        if words:
            return words[:PREVIEW_CHARACTERS]
    return ""


def search_text(texts: Sequence[BodyText]) -> str:
    """All that SEARCH BODY looks at: the decoded text parts (RFC 3501 6.4.4), HTML without its tags."""
    return "\n".join([text.words for text in texts])
