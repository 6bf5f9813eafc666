"""The seeded mailbox: a year of a person's mail, some three hundred messages, of every kind a mailbox meets."""

from __future__ import annotations

import hashlib
import html
import random
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from functools import cache, lru_cache

from bridge_gui.demo import mails_text as words
from bridge_gui.demo import pictures
from bridge_gui.demo.letters import Enclosure, Letter, Shape
from bridge_gui.demo.mailbox import ARCHIVE, DRAFTS, INBOX, SCHEDULED, SENT, SPAM, STARRED, TRASH
from bridge_gui.demo.profiles import Profile
from bridge_gui.demo.records import Flag, Person

DAY = 86_400
FOLDERS: tuple[tuple[str, str, str], ...] = (
    ("Projects", "#415DF0", ""),
    ("Harbour house", "#179FD9", "Projects"),
    ("Travel", "#3CBB3A", ""),
    ("2026", "#3CBB3A", "Travel"),
    ("Lisbon", "#B4A40E", "2026"),
    ("Receipts", "#936D58", ""),
    ("Mailing lists", "#807304", ""),
)
"""Name, colour and parent of each folder."""
LABELS: tuple[tuple[str, str], ...] = (
    ("Family", "#DB60D6"),
    ("Important", "#EC3E7C"),
    ("To read", "#1DA583"),
    ("Überraschungen", "#F78400"),
)


@lru_cache(maxsize=8)
def seeded(profile: Profile, seed: str, newest: int) -> tuple[Letter, ...]:
    """Return the mailbox of the first account, oldest first; the same for the same seed and time."""
    writer = _Writer(profile, seed, newest)
    _conversations(writer)
    _single(writer)
    _recurring(writer)
    _special(writer)
    _own(writer)
    _unwanted(writer)
    return tuple(sorted(writer.letters, key=lambda letter: (letter.time, letter.external_id)))


@lru_cache(maxsize=64)
def welcome(profile: Profile, newest: int) -> tuple[Letter, ...]:
    """Return the few mails every other account starts with."""
    me = Person(profile.addresses[0].display_name, profile.addresses[0].email)
    anna = Person("Anna Lindqvist", "anna@bridge.example")
    first = Letter(
        subject=f"Hello {me.name}",
        sender=anna,
        to=(me,),
        body=f"Hello {me.name},\n\nthis is your mailbox at the demo service. Write me a line!\n\nAnna\n",
        time=newest - 3 * DAY,
        flags=Flag.RECEIVED | Flag.INTERNAL | Flag.E2E,
        labels=(INBOX,),
        external_id=f"welcome.1.{profile.username}@bridge.example",
        signed=True,
    )
    answer = Letter(
        subject=f"Re: Hello {me.name}",
        sender=me,
        to=(anna,),
        body="Hello Anna,\n\nthank you, everything works.\n",
        time=newest - 2 * DAY,
        flags=Flag.SENT | Flag.INTERNAL | Flag.E2E,
        labels=(SENT,),
        external_id=f"welcome.2.{profile.username}@bridge.example",
        in_reply_to=first.external_id,
        references=(first.external_id,),
        signed=True,
    )
    news = Letter(
        subject="Your tickets for the light ship",
        sender=words.MUSEUM,
        to=(me,),
        body="Two tickets are waiting at the counter.\n\nMaritime Museum\n",
        time=newest - DAY,
        labels=(INBOX,),
        unread=True,
        external_id=f"welcome.3.{profile.username}@maritime.example",
    )
    return first, answer, news


class _Writer:
    """Collects letters; what is not given is chosen from the seed."""

    def __init__(self, profile: Profile, seed: str, newest: int) -> None:
        first, second = profile.addresses[0], profile.addresses[min(1, len(profile.addresses) - 1)]
        self.me = Person(first.display_name, first.email)
        self.alias = Person(second.display_name, second.email)
        self.chance = random.Random(f"{seed} {profile.username}")
        self.newest = newest
        self.letters: list[Letter] = []

    def at(self, days_ago: float) -> int:
        return self.newest - int(days_ago * DAY)

    def add(self, subject: str, sender: Person, body: str, days_ago: float, **more: object) -> Letter:
        """Add a letter from somebody to me, or from me; the fields of `Letter` can be given."""
        mine = sender.address in (self.me.address, self.alias.address)
        inside = sender.address.endswith("@bridge.example")
        place = SENT if mine else INBOX
        flags = Flag.SENT if mine else Flag.RECEIVED
        name = hashlib.sha256(f"{subject} {days_ago:.4f} {len(self.letters)}".encode()).hexdigest()[:20]
        given: dict[str, object] = {
            "to": (self.me,),
            "labels": (place,),
            "flags": flags | (Flag.INTERNAL | Flag.E2E if inside and not mine else 0),
            "external_id": f"{name}@{sender.address.partition('@')[2]}",
            "signed": inside,
            **more,
        }
        letter = Letter(subject=subject, sender=sender, body=body, time=self.at(days_ago), **given)  # type: ignore[arg-type]
        self.letters.append(letter)
        return letter


def _conversations(writer: _Writer) -> None:
    for subject, days_ago, place, labels, turns in words.CONVERSATIONS:
        before: list[Letter] = []
        other = next(who for who, _ in turns if isinstance(who, Person))
        for n, (who, text) in enumerate(turns):
            mine = not isinstance(who, Person)
            sender = writer.me if mine else who
            quoted = "\n\n" + _quote(before[-1]) if before else ""
            letter = writer.add(
                subject if n == 0 else f"Re: {subject}",
                sender if isinstance(sender, Person) else writer.me,
                text + quoted + "\n",
                days_ago - n * 0.21,
                to=(other,) if mine else (writer.me,),
                labels=((SENT,) if mine else (place,)) + (() if mine else labels),
                in_reply_to=before[-1].external_id if before else "",
                references=tuple(each.external_id for each in before),
                unread=days_ago < 3 and n == len(turns) - 1 and not mine,
                is_replied=not mine and n + 1 < len(turns) and turns[n + 1][0] == words.ME,
                cc=(words.BO,) if n == 1 and other is words.LEILA else (),
                shape=Shape.SIGNED_MIME if who is words.DIETER else Shape.PLAIN,
                flags=_thread_flags(mine, other),
                signed=who is words.DIETER or who is words.BO or mine,
                enclosures=_plan() if subject.startswith("Harbour house") and n == 0 else (),
            )
            before.append(letter)


def _thread_flags(mine: bool, other: Person) -> int:
    inside = other.address.endswith("@bridge.example")
    secure = inside or other is words.DIETER
    return (Flag.SENT if mine else Flag.RECEIVED) | (Flag.INTERNAL if inside else 0) | (Flag.E2E if secure else 0)


def _quote(letter: Letter) -> str:
    own = letter.body.split("\n\nOn ")[0].rstrip()
    lines = "\n".join(f"> {line}" for line in own.splitlines())
    return f"On {formatdate(letter.time)[:16]}, {letter.sender.name} wrote:\n{lines}"


def _plan() -> tuple[Enclosure, ...]:
    return (
        Enclosure("Grundriss Küche (2. Fassung).pdf", "application/pdf", _pdf("Kitchen, ground floor")),
        Enclosure("kitchen-light.png", "image/png", _sea()),
    )


@cache
def _sea() -> bytes:
    return pictures.png(320, 180, (40, 90, 150), (240, 190, 150))


@cache
def _meadow() -> bytes:
    return pictures.png(240, 135, (120, 170, 220), (200, 225, 190))


@cache
def _pdf(title: str) -> bytes:
    return pictures.pdf(title, ["Drawn to scale 1:50", "All measures in centimetres", "Harbour Street 3"])


def _single(writer: _Writer) -> None:
    enclosures: dict[str, tuple[Enclosure, ...]] = {
        "Bilder från sommaren": (
            Enclosure("brygga-på-morgonen.png", "image/png", _sea()),
            Enclosure("ängen.png", "image/png", _meadow()),
        ),
        "Your ticket: Port Station → Northgate, 12 December": (
            Enclosure("ticket.pdf", "application/pdf", _pdf("Coast Rail, coach 4, seat 61")),
        ),
        "Фотографии маяка": (
            Enclosure("маяк-1.png", "image/png", _meadow()),
            Enclosure("маяк-2.png", "image/png", _sea()),
        ),
    }
    for sender, subject, days_ago, place, labels, unread, text in words.SINGLE:
        star = (STARRED,) if subject.startswith(("Welcome", "A recipe")) else ()
        writer.add(
            subject,
            sender,
            text + "\n",
            days_ago,
            labels=(place, *labels, *star),
            unread=unread,
            enclosures=enclosures.get(subject, ()),
            is_forwarded=subject.startswith("A recipe"),
            shape=Shape.SIGNED_MIME if sender is words.DIETER else Shape.PLAIN,
            signed=sender in (words.DIETER, words.BO),
        )


# -------------------------------------------------------------------------------------------------- series


def _recurring(writer: _Writer) -> None:
    """A year of what comes by itself."""
    for week in range(50):
        topic = words.FERRY_TOPICS[week % len(words.FERRY_TOPICS)]
        writer.add(
            f"The Morning Ferry, no. {312 - week}: {topic}",
            words.FERRY,
            _newsletter(topic, 312 - week),
            week * 7 + 1.1,
            mime_type="text/html",
            labels=(INBOX,) if week < 6 else (ARCHIVE, "To read") if week % 9 == 0 else (ARCHIVE,),
            unread=week < 2,
            enclosures=(Enclosure("ferry.png", "image/png", _sea(), content_id="ferry-head@morningferry.example"),),
            extra_header=(
                ("List-Id", "The Morning Ferry <news.morningferry.example>"),
                ("List-Unsubscribe", "<https://morningferry.example/leave>, <mailto:leave@morningferry.example>"),
            ),
        )
    for month in range(12):
        amount = 38 + writer.chance.randint(0, 40)
        writer.add(
            f"Faktura {2026 * 100 + 12 - month}: {amount},40 kr",
            words.ENERGY,
            f"Hej Anna,\n\ndin faktura för el finns bilagd. Beloppet är {amount},40 kr.\n\nNordlys Energi\n",
            month * 30.4 + 4.6,
            labels=("Receipts",),
            enclosures=(Enclosure(f"faktura-{12 - month:02}.pdf", "application/pdf", _pdf(f"Faktura {amount},40 kr")),),
        )
        writer.add(
            "Your account statement is ready",
            words.BANK,
            "Dear customer,\n\nyour statement can be read in your online bank. We never ask for your password.\n",
            month * 30.4 + 6.1,
            labels=("Receipts",) if month else (INBOX,),
        )
        writer.add(
            "Books due in five days",
            words.LIBRARY,
            "These books are due:\n\n- The Sea Around Us\n- A Short History of Knots\n\nYou can extend them twice.\n",
            month * 30.4 + 8.3,
            labels=(INBOX,) if month < 2 else (ARCHIVE,),
        )
    for n in range(72):
        _list_mail(writer, n)
    for n in range(60):
        _backup_report(writer, n)


def _newsletter(topic: str, number: int) -> str:
    return (
        '<!doctype html><html><head><meta charset="utf-8"><title>The Morning Ferry</title></head>'
        '<body style="font-family:Georgia,serif;color:#24313d;max-width:36em;margin:auto">'
        '<img src="cid:ferry-head@morningferry.example" alt="Sunrise over the harbour" width="320" height="180">'
        f"<h1>{html.escape(topic)}</h1><p><em>No. {number}. Coffee time: four minutes.</em></p>"
        "<p>Good morning! The first boat leaves at ten past six, and so does this letter. Today: what the tide "
        "left behind, who found it, and why the harbour master keeps a second clock.</p>"
        "<h2>In short</h2><ul><li>The café on pier four opens again.</li><li>Seals: eleven. Umbrellas: three.</li>"
        "<li>Tickets stay at 4.20.</li></ul>"
        '<p style="color:#7a8894">You read this because you asked for it. '
        '<a href="https://morningferry.example/leave">Stop reading</a>.</p></body></html>'
    )


def _list_mail(writer: _Writer, n: int) -> None:
    topic = words.LIST_TOPICS[n % len(words.LIST_TOPICS)]
    sender = (words.LEILA, words.ERIN, words.SOREN, words.BO)[n % 4]
    writer.add(
        f"[choir] {topic}" if n % 3 else f"Re: [choir] {topic}",
        sender,
        f"Dear singers,\n\n{topic.lower()}. Details are on the board by the piano; ask me if anything is unclear.\n\n"
        f"{sender.name}\n-- \nharbour choir, list no. {240 - n}\n",
        n * 5.3 + 2.9,
        to=(words.CHOIR,),
        reply_tos=(words.CHOIR,),
        labels=("Mailing lists",),
        unread=n < 4,
        flags=Flag.RECEIVED,
        signed=False,
        extra_header=(("List-Id", "Harbour Choir <choir.lists.harbour.example>"), ("Precedence", "list")),
    )


def _backup_report(writer: _Writer, n: int) -> None:
    gigabytes = 412 + n * 3 % 17
    bad = n == 7
    writer.add(
        "attic: backup FAILED" if bad else "attic: backup done",
        words.BACKUP,
        f"host     attic\nresult   {'disk /dev/sdb did not answer' if bad else 'ok'}\nfiles    {184_220 - n * 37}\n"
        f"size     {gigabytes}.{n % 10} GB\nseconds  {1900 - n * 11}\n",
        n * 3.0 + 0.6,
        labels=(INBOX, STARRED) if bad else (ARCHIVE,),
        extra_header=(("Auto-Submitted", "auto-generated"),),
    )


# -------------------------------------------------------------------------------------------------- odd shapes


def _special(writer: _Writer) -> None:
    """One of each kind that is easily got wrong."""
    add: Callable[..., Letter] = writer.add
    add(
        "Invitation: harbour walk",
        words.PAOLA,
        "Dear Anna,\n\nwe walk along the new quay on 3 December at nine. The entry is attached.\n\nPaola\n",
        2.05,
        unread=True,
        enclosures=(
            Enclosure(
                "invite.ics",
                "text/calendar; charset=utf-8; method=REQUEST",
                pictures.calendar(
                    "walk-1@harbourhouse.example", "Harbour walk", "New quay", "20261203T080000Z", "20261203T100000Z",
                    words.PAOLA.address, writer.me.address,
                ),
            ),
        ),
    )  # fmt: skip
    original = (
        b"From: Keeper <keeper@lighthouse.example>\r\nTo: Oleg <oleg@archive.example>\r\nSubject: Lamp log 1913\r\n"
        b"Date: Mon, 02 Jun 2025 10:00:00 +0000\r\nMessage-ID: <lamp-1913@lighthouse.example>\r\n\r\n"
        b"Lit at 21:14, put out at 03:02. Wind from the west.\r\n"
    )
    add(
        "Fwd: Lamp log 1913",
        words.OLEG,
        "Анна, пересылаю письмо смотрителя целиком.\n\nОлег\n",
        10.7,
        enclosures=(Enclosure("message.eml", "message/rfc822", original),),
    )
    add(
        "Encrypted with attachments (PGP/MIME)",
        words.DIETER,
        "Hello Anna,\n\nthis one carries its table inside the encryption.\n\nDieter\n",
        14.9,
        shape=Shape.MIME,
        flags=Flag.RECEIVED | Flag.E2E,
        enclosures=(Enclosure("readings.csv", "text/csv", b"hour,level\n6,1.20\n7,1.34\n8,1.41\n"),),
    )
    add(
        "You will not be able to read this",
        words.CARLA,
        "Nobody has the key to this mail any more.\n",
        16.2,
        shape=Shape.LOST,
    )
    add(
        "Table of tides, made with care",
        words.SOREN,
        '<html><body><p>Anna, sieh mal: <b>Größe</b> &amp; Höhe</p><table border="1"><tr><th>Hafen</th><th>m</th></tr>'
        "<tr><td>Ålesund</td><td>1,9</td></tr><tr><td>Гданьск</td><td>0,2</td></tr></table>"
        "<p>😀 ⚓ naïve café</p></body></html>",
        18.4,
        mime_type="text/html",
        cc=(words.BO, words.YUKI),
        reply_tos=(Person("Søren (yard)", "yard@boatyard.example"),),
    )
    add("", words.ERIN, "No subject, no greeting, just this line.\n", 20.3)
    add(
        "A very long subject line that goes on and on, as if the writer had been paid by the word, and mentions in "
        "passing the harbour, the choir, the boat, the bread and the weather before it comes to an end",
        words.LEILA,
        "Short text.\n",
        22.0,
    )
    add("Empty", words.BO, "", 23.1)
    add(
        "To your old self",
        words.CARLA,
        "I found this address in an old notebook. Does it still reach you?\n\nCarla\n",
        24.4,
        to=(writer.alias,),
        own_address=writer.alias.address,
        labels=(INBOX, "Überraschungen"),
    )
    add(
        "Big scan of the harbour map",
        words.OLEG,
        "Карта большая, поэтому одним файлом.\n",
        27.7,
        enclosures=(Enclosure("harbour-map.bin", "application/octet-stream", _noise(600_000)),),
        labels=(ARCHIVE,),
    )
    older = add("From the last century", words.MOTHER, "An old letter, typed again.\n", 300.0, labels=(ARCHIVE,))
    writer.letters[-1] = replace(
        older, extra_header=(("X-Mailer", "Typewriter 1.0"), ("X-Note", "one"), ("X-Note", "two"))
    )


@cache
def _noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


# -------------------------------------------------------------------------------------------------- own and unwanted


def _own(writer: _Writer) -> None:
    people = (words.BO, words.CARLA, words.ERIN, words.MOTHER, words.PAOLA, words.SOREN)
    for n in range(24):
        person = people[n % len(people)]
        inside = person is words.BO
        writer.add(
            ("Thank you for yesterday", "The key is under the third stone", "Running late", "Notes for Sunday")[n % 4],
            writer.me,
            f"Dear {person.name.split()[0]},\n\njust a line so that you know. More when we meet.\n\nAnna\n",
            n * 9.7 + 1.2,
            to=(person,),
            flags=Flag.SENT | (Flag.INTERNAL | Flag.E2E if inside else 0),
            is_forwarded=n == 5,
        )
    for n, (to, subject, text) in enumerate(words.DRAFT_TEXTS):
        writer.add(
            subject,
            writer.me,
            text,
            0.4 + n * 2.3,
            to=(to,) if to else (),
            flags=0,
            labels=(DRAFTS,),
            mime_type="text/plain",
        )
    writer.add(
        "Happy birthday!",
        writer.me,
        "Grattis på födelsedagen, mamma!\n\nAnna\n",
        -3.0,
        to=(words.MOTHER,),
        flags=Flag.SENT | Flag.SCHEDULED,
        labels=(SCHEDULED,),
    )
    writer.add(
        "Note to self",
        writer.me,
        "Buy stamps. Return the ladder.\n",
        3.9,
        to=(writer.me,),
        flags=Flag.SENT | Flag.RECEIVED | Flag.INTERNAL | Flag.E2E,
        labels=(INBOX, SENT),
    )


def _unwanted(writer: _Writer) -> None:
    for n, (name, subject, text) in enumerate(words.SPAM_MAILS):
        writer.add(
            subject,
            Person(name, f"offer{n}@cheap.example"),
            text + "\n",
            n * 2.7 + 0.8,
            labels=(SPAM,),
            unread=n % 2 == 0,
            flags=Flag.RECEIVED | Flag.SPAM_AUTO,
        )
    for n, (sender, subject, text) in enumerate(words.TRASHED):
        writer.add(subject, sender, text + "\n", n * 3.1 + 5.5, labels=(TRASH,))
