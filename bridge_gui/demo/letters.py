"""A mail in clear, as the demo's corpora write it, before the service encrypts it for its owner."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Iterable
from dataclasses import dataclass
from email.header import Header
from email.utils import formatdate
from enum import StrEnum
from functools import lru_cache

from bridge_gui.demo.records import Flag, Message, Person


class Shape(StrEnum):
    """How a letter's body is kept."""

    PLAIN = "plain"
    """Encrypted text or HTML with separate attachments: the service's own form."""
    MIME = "mime"
    """PGP/MIME from outside: the encrypted body is a whole MIME entity and holds its attachments."""
    SIGNED_MIME = "signed-mime"
    """PGP/MIME from outside with a signature inside the encryption."""
    LOST = "lost"
    """Encrypted to a key that nobody has any more."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """One attachment in clear; with a `content_id` it is shown inside the text."""

    name: str
    mime_type: str
    data: bytes
    content_id: str = ""

    @property
    def disposition(self) -> str:
        return "inline" if self.content_id else "attachment"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail: what its reader sees, and where it lies."""

    subject: str
    sender: Person
    to: tuple[Person, ...]
    body: str
    time: int
    mime_type: str = "text/plain"
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()
    reply_tos: tuple[Person, ...] = ()
    flags: int = Flag.RECEIVED
    labels: tuple[str, ...] = ()
    """System label ids, or paths of own labels and folders such as `Travel/2026`."""
    own_address: str = ""
    """Which of the owner's addresses it belongs to; empty means the first."""
    unread: bool = False
    is_replied: bool = False
    is_replied_all: bool = False
    is_forwarded: bool = False
    enclosures: tuple[Enclosure, ...] = ()
    extra_header: tuple[tuple[str, str], ...] = ()
    """Fields beside the usual ones, repeated ones included."""
    external_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    conversation: str = ""
    shape: Shape = Shape.PLAIN
    signed: bool = False
    """Signed with the sender's key, when the sender has an account here."""
    shared_key: str = ""
    """Letters with the same name here share a session key, which makes mailboxes of many thousands quicker to serve."""
    stated_size: int = 0
    """Size in the listing, for letters whose text is not written yet."""

    @property
    def size(self) -> int:
        return self.stated_size or len(self.body) + sum(len(each.data) for each in self.enclosures) + 600


@lru_cache(maxsize=2048)
def encoded(text: str) -> str:
    """Encode a header value's words as RFC 2047 asks, in one line."""
    return text if text.isascii() else Header(text, "utf-8", maxlinelen=10_000).encode(maxlinelen=10_000)


@lru_cache(maxsize=2048)
def mailbox(person: Person) -> str:
    """Write a person as a header's mailbox (RFC 5322 3.4)."""
    if not person.name:
        return person.address
    if not person.name.isascii():
        return f"{encoded(person.name)} <{person.address}>"
    plain = all(c.isalnum() or c in " -_" for c in person.name)
    name = person.name if plain else '"' + person.name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{person.address}>"


def mailboxes(people: Iterable[Person]) -> str:
    return ", ".join(mailbox(person) for person in people)


def base_header(message: Message, parents: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
    """Return the header of a message that was written here: the fields the service itself puts, in its order."""
    fields = [
        ("Date", formatdate(message.time)),
        ("Subject", encoded(message.subject)),
        ("From", mailbox(message.sender)),
        ("To", mailboxes(message.to)),
        ("Cc", mailboxes(message.cc)),
        ("Reply-To", mailboxes(message.reply_tos)),
        ("Message-Id", f"<{message.external_id}>" if message.external_id else ""),
        ("In-Reply-To", f"<{parents[-1]}>" if parents else ""),
        ("References", " ".join(f"<{parent}>" for parent in parents)),
        ("Mime-Version", "1.0"),
        ("Content-Type", message.mime_type),
        ("X-Pm-Origin", "internal" if message.flags & Flag.INTERNAL else "external"),
        ("X-Pm-Content-Encryption", "end-to-end" if message.flags & Flag.E2E else "on-delivery"),
    ]
    return tuple((name, value) for name, value in fields if value)


def letter_header(letter: Letter, external_id: str) -> tuple[tuple[str, str], ...]:
    """Return the header a letter travelled with: trace fields first, as they stand in real mail."""
    arrived = letter.flags & Flag.RECEIVED
    host = letter.sender.address.partition("@")[2]
    stamp = formatdate(letter.time)
    trace: list[tuple[str, str]] = []
    if arrived and not letter.flags & Flag.INTERNAL:
        trace = [
            ("Return-Path", f"<{letter.sender.address}>"),
            ("X-Original-To", letter.to[0].address if letter.to else ""),
            ("Delivered-To", letter.to[0].address if letter.to else ""),
            ("Received", f"from mail.{host} (mail.{host} [203.0.113.7]) by mx.bridge.example; {stamp}"),
            ("Received", f"from desk.{host} (desk.{host} [192.0.2.14]) by mail.{host}; {stamp}"),
            ("Authentication-Results", f"mx.bridge.example; dkim=pass header.d={host}; dmarc=pass"),
        ]
    fields = [
        *trace,
        ("Date", stamp),
        ("From", mailbox(letter.sender)),
        ("To", mailboxes(letter.to)),
        ("Cc", mailboxes(letter.cc)),
        ("Reply-To", mailboxes(letter.reply_tos)),
        ("Subject", encoded(letter.subject)),
        ("Message-Id", f"<{external_id}>" if external_id else ""),
        ("In-Reply-To", f"<{letter.in_reply_to}>" if letter.in_reply_to else ""),
        ("References", " ".join(f"<{reference}>" for reference in letter.references)),
        ("Mime-Version", "1.0"),
        ("Content-Type", letter.mime_type),
        *letter.extra_header,
        ("X-Pm-Origin", "internal" if letter.flags & Flag.INTERNAL else "external"),
        ("X-Pm-Content-Encryption", "end-to-end" if letter.flags & Flag.E2E else "on-delivery"),
        ("X-Pm-Spamscore", "0"),
    ]
    return tuple((name, value) for name, value in fields if value)


def parsed(header: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Return `ParsedHeaders`: the header's order kept, a repeated field as a list at its first place (4.1)."""
    result: dict[str, object] = {}
    for name, value in header:
        if name not in result:
            result[name] = value
            continue
        before = result[name]
        if isinstance(before, list):
            before.append(value)
        else:
            result[name] = [before, value]
    return result


def raw(header: Iterable[tuple[str, str]]) -> str:
    """Return the header block as text."""
    return "".join(f"{name}: {value}\r\n" for name, value in header)


def mime_entity(letter: Letter, boundary: str) -> bytes:
    """Return the entity that a PGP/MIME sender encrypts: text and attachments with their own headers (RFC 3156)."""
    text = quopri.encodestring(letter.body.encode()).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    text_head = (
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        + text
        + b"\r\n"
    )
    if not letter.enclosures:
        return text_head
    edge = b"--" + boundary.encode()
    parts = [
        b'Content-Type: multipart/mixed; boundary="' + boundary.encode() + b'"\r\n\r\n',
        edge + b"\r\n" + text_head,
    ]
    for each in letter.enclosures:
        content = base64.encodebytes(each.data).replace(b"\n", b"\r\n")
        head = (
            f'Content-Type: {each.mime_type}; name="{each.name}"\r\nContent-Transfer-Encoding: base64\r\n'
            f'Content-Disposition: {each.disposition}; filename="{each.name}"\r\n\r\n'
        )
        parts.append(edge + b"\r\n" + head.encode() + content)
    parts.append(edge + b"--\r\n")
    return b"".join(parts)
