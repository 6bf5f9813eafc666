"""Mailboxes of any size: letter n is made from the seed and its number whenever it is asked for, always the same.

The metadata of 50,000 must be there in a second, so subject, sender, flags and size come from one hash of the number;
the text is written only when the message is read.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from bridge_gui.demo.letters import Enclosure, Letter
from bridge_gui.demo.mailbox import ARCHIVE, INBOX, SENT, STARRED
from bridge_gui.demo.profiles import Profile
from bridge_gui.demo.records import Flag, Person

SPACING = 900
"""Seconds between two mails."""
_PEOPLE = tuple(
    Person(f"{first} {last}", f"{first}.{last}@mail.example".lower())
    for first in ("Ingrid", "Marco", "Wei", "Fatima", "Jonas", "Priya", "Tomas", "Grace")
    for last in ("Berg", "Rossi", "Chen", "Haddad", "Novak", "Sharma", "Oliveira", "Kim")
)
_TOPICS = (
    "Minutes of Tuesday's meeting", "Invoice for last month", "Tickets for the concert", "Draft of the contract",
    "Photos from the weekend", "Question about the budget", "Delivery of the new chairs", "Holiday plans",
    "Review of the first chapter", "Travel to Lisbon", "Lunch on Friday?", "Minor changes to the schedule",
    "Zusammenfassung der Besprechung", "Préparation du voyage", "Reservación confirmada", "会議の予定",
)  # fmt: skip
_SENTENCES = (
    "Thank you for the quick answer, that helps a lot.", "I have put the figures into the shared table.",
    "Could you have a look at the second page before Thursday?", "The train leaves at 8:14 from platform 6.",
    "We agreed to keep the old name for now.", "Attached is what the printer sent this morning.",
    "Let me know whether the new date suits everybody.", "The garden needs water, and so do the neighbours' plants.",
    "I would rather wait until the offer is in writing.", "Nobody has found the key to the cellar yet.",
    "The children loved the museum, above all the whale.", "Please forward this to whoever keeps the list.",
    "Die Unterlagen liegen im gemeinsamen Ordner.", "Le devis est un peu plus élevé que prévu.",
)  # fmt: skip


class Bulk:
    """The letters of one big mailbox; number 0 is the oldest."""

    def __init__(self, profile: Profile, seed: str, *, newest: int, count: int) -> None:
        self._me = Person(profile.addresses[0].display_name, profile.addresses[0].email)
        self._seed = seed.encode()
        self._newest = newest
        self._count = count

    def letter(self, index: int) -> Letter:
        """Return letter `index` with its text."""
        digest, size = self._dice(index)
        return replace(self.metadata(index), body=_text(digest, size))

    def metadata(self, index: int) -> Letter:
        """Return letter `index` without its text: all that a listing shows."""
        digest, size = self._dice(index)
        person = _PEOPLE[digest[0] % len(_PEOPLE)]
        sent = digest[1] % 8 == 0
        labels = [SENT if sent else ARCHIVE if digest[1] % 8 < 3 else INBOX]
        if digest[2] % 20 == 0:
            labels.append(STARRED)
        topic = _TOPICS[digest[5] % len(_TOPICS)]
        enclosures = (Enclosure("notes.txt", "text/plain", b"Note %d\n" % index),) if digest[10] % 25 == 0 else ()
        return Letter(
            subject=f"{topic} ({index + 1})" if digest[6] % 4 else f"Re: {topic} ({index + 1})",
            sender=self._me if sent else person,
            to=(person if sent else self._me,),
            body="",
            time=self._newest - (self._count - 1 - index) * SPACING + digest[7],
            flags=Flag.SENT if sent else Flag.RECEIVED,
            labels=tuple(labels),
            unread=not sent and digest[8] % 16 == 0,
            is_replied=not sent and digest[9] % 6 == 0,
            external_id=f"{digest[:8].hex()}.{index}@{(self._me if sent else person).address.partition('@')[2]}",
            enclosures=enclosures,
            stated_size=size + 600,
            shared_key=f"shared {self._me.address} {index // 64}",
        )

    def _dice(self, index: int) -> tuple[bytes, int]:
        """Return the hash that decides everything about a letter, and the length of its text."""
        digest = hashlib.blake2b(self._seed + index.to_bytes(8, "big"), digest_size=16).digest()
        return digest, 400 + digest[3] * 12 + (digest[4] * 150 if digest[4] % 8 == 0 else 0)


def _text(digest: bytes, size: int) -> str:
    """Write about `size` characters of plausible mail."""
    dice = hashlib.shake_128(digest).digest(size // 40 + 8)
    sentences = [_SENTENCES[each % len(_SENTENCES)] for each in dice]
    paragraphs = [" ".join(sentences[n : n + 4]) for n in range(0, len(sentences), 4)]
    return "\n\n".join(("Hello,", *paragraphs))[: max(size, 40)] + "\n\nBest regards\n"
