"""How texts are compared in a search: without case, and composed the same way. Pure.

Texts are folded once when they are stored and needles once when they are asked for, so that every comparison is one
of bytes.
"""

from __future__ import annotations

import re
import unicodedata

MIN_TRIGRAM = 3


def fold(text: str) -> str:
    """Casefolded, canonically composed, white space runs as one space (a folded line and a long one read the same).

    NUL is dropped, since SQLite's text functions end there.
    """
    if text.isascii():
        folded = text.lower()
    else:
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    if "\0" in folded:
        folded = folded.replace("\0", "")
    joined = " ".join(folded.split())
    if folded[:1].isspace():
        joined = " " + joined
    return joined + " " if folded[-1:].isspace() and joined != " " else joined


_UNEVEN = re.compile(r"[^\S \n]|  |\0")
"""Blank space that folding would change in lines of ASCII, and NUL."""


def fold_lines(text: str) -> str:
    """Fold each line by itself; lines stay apart."""
    if text.isascii() and not text.endswith("\n") and _UNEVEN.search(text) is None:
        return text.lower()
    return "\n".join(fold(line) for line in text.splitlines())


def trigrams(needle: str) -> str | None:
    """An FTS5 query for the messages that may hold a folded needle: all its trigrams. None when it is too short."""
    if len(needle) < MIN_TRIGRAM:
        return None
    parts = {needle[at : at + 3] for at in range(len(needle) - 2)}
    return " AND ".join('"' + part.replace('"', '""') + '"' for part in sorted(parts))


def header_values(folded_header: str, name: str) -> list[str]:
    """The folded values of the fields of one name, from lines `name: value`."""
    start = name.lower() + ":"
    return [line[len(start) :].lstrip(" ") for line in folded_header.split("\n") if line.startswith(start)]
