"""Right and left where a language is read from right to left.

Layouts turn round by themselves; margins, and text that is painted by hand, do not. A text runs as its own letters do,
at whichever side it stands: an address or a path keeps its slash and its ellipsis where they belong.
"""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLayout, QStyle, QWidget


def runs_from_right(text: str) -> bool:
    """Whether the first letter with a direction has that of Hebrew or Arabic."""
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return False


def text_flags(text: str, reading: Qt.LayoutDirection, place: Qt.AlignmentFlag) -> int:
    """The flags for painting a text: at the side that `place` means when one reads in that direction, running in its
    own."""
    run = Qt.TextFlag.TextForceRightToLeft if runs_from_right(text) else Qt.TextFlag.TextForceLeftToRight
    return int(QStyle.visualAlignment(reading, place)) | int(run)


def indent(whose: QLayout | QWidget, start: int, top: int = 0, end: int = 0, bottom: int = 0) -> None:
    """Set margins in pixels; `start` is the side where one begins to read."""
    left, right = (end, start) if QGuiApplication.isRightToLeft() else (start, end)
    whose.setContentsMargins(left, top, right, bottom)
