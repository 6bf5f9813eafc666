"""The few header fields that mail programs ask for of every message, apart from the long rest of a header.

A list of messages is drawn from From, Subject, Date and their like, which are a small part of what a message brings
(signatures and traces are the large one). A *brief* holds those fields as they stand in the header, in their order,
cut so that any of them can be picked without searching: its pieces are separated by a NUL, and the first piece has one
octet for each piece: which field it is. Mail that holds NULs is cut by a line feed and a NUL, which no field can hold
(its lines go on with a blank).

What is picked is what `structure.header_fields` finds in the whole header.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import compress

from bridge_gui.mime.fields import Field

NAMES = (
    # Envelopes, as all programs show them, and what threads are made of.
    *(b"from", b"to", b"cc", b"bcc", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"reply-to"),
    *(b"sender", b"newsgroups"),
    # Thunderbird, Evolution, Apple Mail, K-9: a mark for attachments and for haste.
    *(b"content-type", b"content-transfer-encoding", b"mime-version", b"priority", b"x-priority", b"importance"),
    # mutt, neomutt; lists in Apple Mail and Evolution.
    *(b"content-description", b"lines", b"x-label", b"x-original-to", b"mail-followup-to", b"list-id", b"list-post"),
    *(b"list-subscribe", b"list-unsubscribe", b"list-unsubscribe-post"),
    # Programs that know their own mail again.
    *(b"x-mailer", b"user-agent", b"x-tuid", b"x-offlineimap", b"chat-version"),
)
"""The fields, lower case. Briefs are stored: a change here wants a step of the store's ladder that makes them anew."""

_FIRST_CODE = 0x21
"""Of `NAMES[0]`. Codes are printable, so that they are neither line feed nor NUL."""
_CODES = {name: bytes((_FIRST_CODE + number,)) for number, name in enumerate(NAMES)}
_CUT, _RARE_CUT = b"\0", b"\n\0"
_COMMON, _RARE = b" ", b"\t"
"""The code of the first piece itself, which says how the pieces are cut."""


def make(data: bytes, header: Iterable[Field]) -> bytes:
    """The brief of a message with these header fields."""
    chosen = [field for field in header if field.name in _CODES]
    codes = b"".join([_CODES[field.name] for field in chosen])
    pieces = [data[field.start : field.end] for field in chosen]
    if pieces and not pieces[-1].endswith(b"\n"):
        pieces[-1] += b"\r\n"  # a literal that ends within its header
    rare = any(_CUT in piece for piece in pieces)
    head, cut = (_RARE + codes, _RARE_CUT) if rare else (_COMMON + codes, _CUT)
    return cut.join([head, *(piece[:-1] for piece in pieces)])


def holds(names: Iterable[bytes]) -> bool:
    """Whether a brief has all that HEADER.FIELDS of these names asks for."""
    return all(name in _CODES for name in names)


def pick(briefs: Sequence[bytes], names: frozenset[bytes]) -> list[bytes]:
    """HEADER.FIELDS of these names (RFC 3501 6.4.5), for each of the briefs: the fields and an empty line."""
    wanted = _wanted(names)
    cut = [brief.split(_CUT) if brief[:1] == _COMMON else brief.split(_RARE_CUT) for brief in briefs]
    texts = [b"\n".join(compress(pieces, pieces[0].translate(wanted))) for pieces in cut]
    return [text + b"\n\r\n" if text else b"\r\n" for text in texts]


@lru_cache(maxsize=64)
def _wanted(names: frozenset[bytes]) -> bytes:
    """For each code 1 if its field is wanted, else 0."""
    table = bytearray(256)
    for name in names:
        table[_CODES[name][0]] = 1
    return bytes(table)
