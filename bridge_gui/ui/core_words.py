"""The core's sentences in the window's language.

The core speaks English: its errors, checks and meanings of settings go to logs, to scripts and to the command line as
they are. Here each sentence is looked up in `core_sentences.SENTENCES`, where `{}` stands for what varies in it, and is
put into the language of the window; a translation may name its gaps, `{1}` before `{0}`. A sentence that is not in the
table is shown as it came, but for a day such as `2027-09-14`, which gets its month in words.
"""

from __future__ import annotations

import re
from functools import lru_cache

from PySide6.QtCore import QCoreApplication, QDate, QLocale, Qt

from bridge_gui.ui.core_sentences import SENTENCES

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Those with gaps, the longest first, so that the most telling one matches."""
    made = []
    for sentence in sorted((one for one in SENTENCES if "{}" in one), key=len, reverse=True):
        pattern = "(.+?)".join(re.escape(part) for part in sentence.split("{}"))
        made.append((re.compile(pattern, re.DOTALL), sentence))
    return made


@lru_cache(maxsize=512)
def _found(text: str) -> tuple[str, tuple[str, ...], str] | None:
    """The table's sentence that `text` is made from, what stands in its gaps, and the full stop of a title that was
    made a sentence."""
    bare = text.removesuffix(".")
    for whole in (text, bare):
        if whole in SENTENCES:
            return whole, (), text[len(whole) :]
    for pattern, sentence in _patterns():
        for whole in (text, bare):
            match = pattern.fullmatch(whole)
            if match is not None:
                return sentence, match.groups(), text[len(whole) :]
    return None


def day(date: QDate) -> str:
    """A day with its month in words: nobody has to guess which number is which."""
    return QLocale().toString(date, QCoreApplication.translate("words", "d MMMM yyyy"))


def local(text: str) -> str:
    """Say one of the core's sentences, or several in a row, in the window's language."""
    if _DAY.fullmatch(text) and (date := QDate.fromString(text, Qt.DateFormat.ISODate)).isValid():
        return day(date)
    found = _found(text) if text else None
    if found is not None:
        sentence, gaps, stop = found
        return QCoreApplication.translate("core", sentence).format(*map(local, gaps)) + stop
    first, stop, rest = text.partition(". ")
    if stop:
        return f"{local(first + '.')} {local(rest)}"
    whose, colon, rest = text.partition(": ")
    return f"{whose}: {local(rest)}" if colon else text
