"""The header of a built message: the sender's own fields, in line with the service's metadata (API document 6.1).

Fields keep their order and, where they say the same as the metadata, their bytes.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from functools import lru_cache

from bridge_gui.mime.headers import decode_text, encode_text, fold, format_addresses, one_line, parse_addresses
from bridge_gui.mime.message import HeaderFields, Message
from bridge_gui.model import EmailAddress

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


class Fields:
    """The header while it is made: fields in order, found without regard to case."""

    def __init__(self, fields: HeaderFields) -> None:
        self._lines: list[tuple[str, str, str]] = []  # lower-case name, name, raw value
        for name, value in fields:
            if is_name(name):
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
        places = [at for at, line in enumerate(self._lines) if line[0] == lower]
        if places:
            self._lines[places[0]] = (lower, name, value)
            for at in reversed(places[1:]):
                del self._lines[at]
        else:
            self._lines.append((lower, name, value))

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


@lru_cache(maxsize=512)
def is_name(name: str) -> bool:
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


def set_envelope(fields: Fields, message: Message) -> None:
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


def _set_addresses(fields: Fields, name: str, addresses: Sequence[EmailAddress]) -> None:
    # A name that only repeats the address is none: the service fills empty ones in like that.
    addresses = [entry if entry.name != entry.address else EmailAddress("", entry.address) for entry in addresses]
    present = fields.all(name)
    if len(present) == 1 and (
        (len(addresses) == 1 and _is_plainly(present[0], addresses[0]))
        or _same(parse_addresses(_unfolded(present[0])), addresses)
    ):
        return
    fields.set(name, format_addresses(addresses))


_PLAIN_NAME = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")


def _is_plainly(value: str, address: EmailAddress) -> bool:
    """Whether a field says this address in its simplest form, which most do and which needs no reading."""
    return (
        value == f"{address.name} <{address.address}>"
        and _PLAIN_NAME.fullmatch(address.name) is not None
        and _PLAIN_ADDRESS.fullmatch(address.address) is not None
    )


def _same(present: Sequence[EmailAddress], wanted: Sequence[EmailAddress]) -> bool:
    return len(present) == len(wanted) and all(
        have.address == want.address and have.name.strip() == one_line(want.name).strip()
        for have, want in zip(present, wanted, strict=True)
    )


_USUAL_DATE = re.compile(
    rf"(?:{'|'.join(_DAYS)}), (?:0?[1-9]|1\d|2[0-8]) (?:{'|'.join(_MONTHS)}) (?:19[89]\d|20\d\d)"
    r" (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d [+-](?:0\d|1[0-4])[0-5]\d",
    re.ASCII,
)
"""One that can be read and is not from before 1970, in the form that RFC 5322 wants; most are."""


def _set_date(fields: Fields, time: int) -> None:
    """Set Date where it is missing, unreadable or before 1970, and keep what it said in X-Original-Date."""
    present = fields.first("Date")
    if present and _USUAL_DATE.fullmatch(present):
        return
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
