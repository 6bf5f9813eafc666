"""How texts are compared in a search: without case, and composed the same way. Pure.

Texts are folded once when they are stored and needles once when they are asked for, so that every comparison is one
of bytes.
"""

from __future__ import annotations

import unicodedata

MIN_TRIGRAM = 3


_BLANKS = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f"
_WIDE_BLANKS = (
    "\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""All characters but the space that `str.isspace` takes for blank space."""


def fold(text: str) -> str:
    """Casefolded, canonically composed, white space runs as one space (a folded line and a long one read the same).

    NUL is dropped, since SQLite's text functions end there.
    """
    if text.isascii():
        folded = text.lower()
    else:
        folded = _one_by_one(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()), _WIDE_BLANKS)
    if "\0" in folded:
        folded = folded.replace("\0", "")
    folded = _one_by_one(folded, _BLANKS)
    while "  " in folded:
        folded = folded.replace("  ", " ")
    return folded


def _one_by_one(text: str, blanks: str) -> str:
    """A space for each of these. Most texts hold few, and looking for one is quicker than taking words apart."""
    for blank in blanks:
        if blank in text:
            text = text.replace(blank, " ")
    return text


_UNEVEN = ("  ", "\0", *_BLANKS.replace("\n", ""))
"""What folding would change in lines of ASCII, but for capitals."""


def fold_lines(text: str) -> str:
    """Fold each line by itself; lines stay apart."""
    if text.isascii() and not text.endswith("\n") and not any(each in text for each in _UNEVEN):
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
