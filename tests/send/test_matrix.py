"""Every kind of recipient with every kind of message, from a mail program's socket to what the recipient opens.

The recipient outside who has a key opens with GnuPG and with openpgp.js; a Proton user sees what our own core shows.
Nothing that was written may have been seen by the service on the way.
"""

from __future__ import annotations

import base64
import email
import email.policy
import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

import pytest

from bridge_gui.demo.mailbox import SENT
from bridge_gui.proton.send_routes import PackageType
from tests.openpgp.oracles import Gpg, OpenPgpJs
from tests.send.counter import Counter, hand_in
from tests.send.post_office import ANNA, BO, CARLA, DIETER, ERIN, FRANK, PostOffice
from tests.send.readers import Correspondent, File, View, shown_to, view
from tests.send.test_pipeline import add_contact, certificate_of, key_line, vcard

SECRET = "The meeting is at the old mill"
"""Stands in each text: no request may hold it."""
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PLAIN = f"{SECRET}.\n\n-- \nAnna\n"
HTML = f"<html><head><title>x</title></head><body><p>{SECRET}, <b>dear</b>.</p></body></html>\n"
BIG = random.Random(20).randbytes(1 << 20) * 20


@dataclass(frozen=True)
class Content:
    """A message and what is to be seen of it. A recipient that gets one body gets HTML if there is any."""

    message: EmailMessage
    view: View
    plain: str = PLAIN
    """What those see who get plain text."""


def empty(subject: str = "Matrix") -> EmailMessage:
    made = EmailMessage()
    made["From"] = f"Anna Lindqvist <{ANNA}>"
    made["Subject"] = subject
    made["Date"] = "Mon, 23 Nov 2026 09:00:00 +0000"
    made["Message-ID"] = "<matrix@client.example>"
    return made


def text() -> Content:
    made = empty()
    made.set_content(PLAIN)
    return Content(made, View(None, PLAIN, ()))


def html() -> Content:
    made = empty()
    made.set_content(HTML, subtype="html")
    return Content(made, View(HTML, None, ()), f"{SECRET}, dear.\n")


def alternative() -> Content:
    made = empty()
    made.set_content(PLAIN)
    made.add_alternative(HTML, subtype="html")
    return Content(made, View(HTML, PLAIN, ()))


def attachments() -> Content:
    made = empty()
    made.set_content(PLAIN)
    files = (
        File("report.pdf", "application/pdf", random.Random(1).randbytes(60_000)),
        File("page.html", "text/html", f"<meta charset='iso-8859-1'><p>{SECRET}</p>".encode()),
        File("notes.txt", "text/plain", f"{SECRET}\r\nno line end".encode()),
        File("empty.bin", "application/octet-stream", b""),
    )
    for each in files:
        main, _, sub = each.type.partition("/")
        made.add_attachment(each.data, maintype=main, subtype=sub, filename=each.name, cte="base64")
    return Content(made, View(None, PLAIN, files))


def inline_image() -> Content:
    made = empty()
    shown = HTML.replace("dear", 'dear <img src="cid:dot@client">')
    made.set_content(PLAIN)
    made.add_alternative(shown, subtype="html")
    rich = made.get_payload()[1]  # type: ignore[index]
    rich.add_related(PNG, "image", "png", cid="<dot@client>", filename="dot.png", disposition="inline")  # type: ignore[union-attr]
    return Content(made, View(shown, PLAIN, (File("dot.png", "image/png", PNG, "dot@client"),)))


def calendar() -> Content:
    """An invitation, as calendars send it: the entry is one of the alternatives."""
    made = empty()
    entry = f"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:{SECRET}\r\nEND:VCALENDAR\r\n"
    made.set_content(PLAIN)
    made.add_alternative(entry.encode(), "text", "calendar", cte="base64", params={"method": "REQUEST"})
    return Content(made, View(None, PLAIN, (File("invite.ics", "text/calendar", entry.encode()),)))


def embedded() -> Content:
    inner = attachments().message
    inner.replace_header("Subject", "Forwarded ✓")
    made = empty()
    made.set_content(PLAIN)
    made.add_attachment(inner)
    data = inner.as_bytes(policy=inner.policy.clone(linesep="\r\n"))
    return Content(made, View(None, PLAIN, (File("message.eml", "message/rfc822", data),)))


def names() -> Content:
    made = empty("Prüfung – 検査 ☂")
    made.replace_header("From", Address("Änna Lindqvíst (Büro)", addr_spec=ANNA))
    made.set_content(PLAIN.replace("Anna", "Änna ☂"))
    file = File("Größe – 寸法.pdf", "application/pdf", b"%PDF " + bytes(range(256)))
    made.add_attachment(file.data, maintype="application", subtype="pdf", filename=file.name)
    plain = PLAIN.replace("Anna", "Änna ☂")
    return Content(made, View(None, plain, (file,)), plain)


def large() -> Content:
    made = empty()
    made.set_content(PLAIN)
    made.add_attachment(BIG, maintype="application", subtype="zip", filename="big.zip")
    return Content(made, View(None, PLAIN, (File("big.zip", "application/zip", BIG),)))


CONTENTS: list[Callable[[], Content]] = [
    text, html, alternative, attachments, inline_image, calendar, embedded, names, large,
]  # fmt: skip
INLINE = ERIN
"""Her contact asks for inline PGP."""
RECIPIENTS = {
    "internal": [BO],
    "external, key found": [DIETER],
    "external, key pinned": [FRANK],
    "external, inline": [INLINE],
    "external, clear": [CARLA],
    "mixed": [BO, DIETER, FRANK, INLINE, CARLA],
}
CLEAR_TYPES = {PackageType.CLEAR, PackageType.CLEAR_MIME}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("who", RECIPIENTS)
@pytest.mark.parametrize("content", CONTENTS, ids=lambda make: make.__name__)
async def test_opens_what_was_sent(
    counter: Counter,
    port: int,
    tls: tuple[ssl.SSLContext, Path],
    gpg: Gpg,
    js: OpenPgpJs,
    content: Callable[[], Content],
    who: str,
) -> None:
    office = counter.office
    add_contact(office, vcard(FRANK, key_line(certificate_of(office, FRANK)), "X-PM-ENCRYPT:true"))
    add_contact(office, vcard(INLINE, "X-PM-SCHEME:pgp-inline").replace("uid-1", "uid-2"))
    written = content()
    written.message["To"] = ", ".join(f"Frau Größe <{each}>" for each in RECIPIENTS[who])
    raw = written.message.as_bytes(policy=written.message.policy.clone(linesep="\r\n"))
    await hand_in(port, tls[1], raw, RECIPIENTS[who])
    small = written.view.files[:1] != (File("big.zip", "application/zip", BIG),)
    for each in RECIPIENTS[who]:
        if each == BO:
            await _internal(office, written)
        elif each == CARLA:
            _clear(office, written)
        elif each == INLINE:
            _inline(office, Correspondent(office, each, gpg, js), written, in_javascript=small)
        else:
            _pgp_mime(office, Correspondent(office, each, gpg, js), each, written, raw, in_javascript=small)
    (sent,) = [each for each in office.world.account("anna").mailbox.messages.values() if SENT in each.labels and
               each.external_id == "matrix@client.example"]  # fmt: skip
    assert {each.address for each in sent.to} == set(RECIPIENTS[who])
    assert {each.name for each in sent.to} == {"Frau Größe"}
    _unseen(office, written)


def _unseen(office: PostOffice, written: Content) -> None:
    """Texts and files are nowhere in what the service was given, neither as they are nor in base64."""
    needles = [SECRET.encode(), *(each.data[:60] for each in written.view.files if len(each.data) > 40)]
    for needle in needles:
        assert not office.world.received.contains(needle)
        assert not any(office.world.received.contains(_base64_core(needle, shift)) for shift in range(3))


def _base64_core(data: bytes, shift: int) -> bytes:
    """How bytes look within base64 that begins `shift` octets before them."""
    return base64.b64encode(b"\0" * shift + data)[4:-4][:40]


def _one_body(written: Content) -> View:
    """What is left where only one body goes: HTML, or the text."""
    seen = written.view
    return replace(seen, plain=None) if seen.html is not None else seen


async def _internal(office: PostOffice, written: Content) -> None:
    literal, signature = await shown_to(office, "bo")
    assert signature == "valid"
    assert view(literal) == _one_body(written)
    outer, mine = _header(literal), written.message
    assert outer["Subject"] == mine["Subject"]
    assert outer["From"].addresses[0].display_name == mine["From"].addresses[0].display_name
    assert outer["From"].addresses[0].addr_spec == ANNA
    assert outer["Message-ID"] == "<matrix@client.example>"
    if written.view.files and written.view.files[0].type == "text/calendar":
        assert b"method=REQUEST" in literal


def _header(literal: bytes) -> EmailMessage:
    return email.message_from_bytes(literal, policy=email.policy.SMTP)


def _pgp_mime(
    office: PostOffice, reader: Correspondent, who: str, written: Content, raw: bytes, *, in_javascript: bool
) -> None:
    (arrived,) = office.outside(who)
    assert arrived.package_type == PackageType.PGP_MIME
    entity = reader.open(arrived.sealed, in_javascript=in_javascript)
    seen = view(entity)
    # A part that has no name keeps none: nothing is taken apart here.
    assert replace(seen, files=_named(seen.files, written.view.files)) == written.view
    if raw.isascii():
        assert entity.partition(b"\r\n\r\n")[2] == raw.partition(b"\r\n\r\n")[2]


def _named(files: tuple[File, ...], wanted: tuple[File, ...]) -> tuple[File, ...]:
    return tuple(
        replace(mine, name=mine.name or theirs.name) for mine, theirs in zip(files, wanted, strict=True)
    )  # fmt: skip


def _inline(office: PostOffice, reader: Correspondent, written: Content, *, in_javascript: bool) -> None:
    (arrived,) = office.outside(INLINE)
    assert arrived.package_type == PackageType.PGP_INLINE
    assert reader.open(arrived.sealed).decode().replace("\r\n", "\n") == written.plain
    wanted = [replace(each, content_id="") for each in written.view.files]
    assert list(reader.files(arrived, in_javascript=in_javascript)) == wanted


def _clear(office: PostOffice, written: Content) -> None:
    (arrived,) = office.outside(CARLA)
    assert arrived.package_type in CLEAR_TYPES
    body = arrived.body.decode().replace("\r\n", "\n")
    assert body == (written.view.html if written.view.html is not None else written.view.plain)
    assert [(name, kind.partition(";")[0], data) for name, kind, data in arrived.attachments] == [
        (each.name, each.type, each.data) for each in written.view.files
    ]
