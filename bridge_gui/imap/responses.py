"""What the server says, as bytes (RFC 3501 7). Each function is one kind of response, with its CRLF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from bridge_gui.imap import utf7
from bridge_gui.imap.backend import MailboxInfo, MailboxStatus
from bridge_gui.imap.commands import StatusItem
from bridge_gui.imap.grammar import MONTHS
from bridge_gui.mime.structure import string

CRLF = b"\r\n"


def status(tag: str, kind: str, text: str, code: str = "") -> bytes:
    """`tag OK [CODE] text`; tag `*` for an untagged one. The text is made harmless: it may come from elsewhere."""
    shown = " ".join(text.split()) or "-"
    bracket = f"[{code}] " if code else ""
    return f"{tag} {kind} {bracket}{shown}\r\n".encode("utf-8", "replace")


def ok(tag: str, text: str, code: str = "") -> bytes:
    return status(tag, "OK", text, code)


def no(tag: str, text: str, code: str = "") -> bytes:
    return status(tag, "NO", text, code)


def bad(tag: str, text: str) -> bytes:
    return status(tag or "*", "BAD", text)


def bye(text: str, code: str = "") -> bytes:
    return status("*", "BYE", text, code)


def untagged(text: bytes) -> bytes:
    return b"* " + text + CRLF


def continuation(text: str = "") -> bytes:
    return f"+ {text}\r\n".encode("ascii")


def capability(names: Iterable[str]) -> bytes:
    return untagged(b"CAPABILITY " + " ".join(names).encode("ascii"))


def name(mailbox: str, *, utf8: bool) -> bytes:
    """A mailbox name as an astring."""
    if not utf8:
        return string(utf7.encode(mailbox))
    raw = mailbox.encode("utf-8", "surrogatepass")
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def list_line(word: bytes, info: MailboxInfo, attributes: Iterable[str], extra: bytes, *, utf8: bool) -> bytes:
    """LIST and LSUB (RFC 3501 7.2.2); `extra` is the extended data of RFC 5258 or empty."""
    shown = " ".join(attributes).encode("ascii")
    return b'* %s (%s) "/" %s%s\r\n' % (word, shown, name(info.name, utf8=utf8), extra)


def mailbox_status(
    mailbox: str, values: MailboxStatus, items: Iterable[StatusItem], append_limit: int, *, utf8: bool
) -> bytes:
    """STATUS (RFC 3501 7.2.4)."""
    numbers: Mapping[StatusItem, int | None] = {
        StatusItem.MESSAGES: values.messages,
        StatusItem.RECENT: 0,
        StatusItem.UIDNEXT: values.uidnext,
        StatusItem.UIDVALIDITY: values.uidvalidity,
        StatusItem.UNSEEN: values.unseen,
        StatusItem.HIGHESTMODSEQ: values.highest_modseq,
        StatusItem.SIZE: values.size,
        StatusItem.DELETED: values.deleted,
        StatusItem.DELETED_STORAGE: values.deleted_size,
        StatusItem.APPENDLIMIT: append_limit,
    }
    parts: list[str] = []
    for item in items:
        if item is StatusItem.MAILBOXID:
            parts.append(f"MAILBOXID ({values.mailbox_id})")
        elif (number := numbers[item]) is not None:
            parts.append(f"{item.value} {number}")
    return b"* STATUS %s (%s)\r\n" % (name(mailbox, utf8=utf8), " ".join(parts).encode("ascii"))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def internal_date(seconds: int) -> bytes:
    """date-time in UTC; a moment out of its range becomes the nearest that can be said."""
    day, second = divmod(seconds, 86_400)
    shown = _day(day)
    if not shown:
        shown, second = _day(0), 0
    minute, second = divmod(second, 60)
    return b'"%s %02d:%02d:%02d +0000"' % (shown, *divmod(minute, 60), second)


@lru_cache(maxsize=4096)
def _day(day: int) -> bytes:
    """`01-Jan-1970` for a number of days since then; empty for one out of range."""
    try:
        moment = _EPOCH + timedelta(days=day)
    except OverflowError:
        return b""
    return b"%02d-%s-%04d" % (moment.day, MONTHS[moment.month - 1].encode("ascii"), moment.year) * (moment.year >= 1000)


def flag_list(flags: Iterable[str]) -> bytes:
    return b"(%s)" % " ".join(sorted(flags, key=_flag_order)).encode("ascii", "replace")


def _flag_order(flag: str) -> tuple[bool, str]:
    """System flags first."""
    return not flag.startswith("\\"), flag
