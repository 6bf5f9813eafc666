"""Looks over widgets the way a careful person would: is anything cut off, still in English, or without a name?

python -m tests.ui.inspection ru        looks over every picture of the gallery in that language, at the scale of
                                        QT_SCALE_FACTOR, prints what it found and ends with 1 if there was anything
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QMainWindow,
    QPushButton,
    QRadioButton,
    QToolButton,
    QWidget,
)

from bridge_gui.ui import languages, theme
from bridge_gui.ui.toast import Toast
from bridge_gui.ui.widgets import Elided
from tests.ui.gallery import Album, shown

NAMES = frozenset(
    (
        *("Bridge", "Manager", "Proton", "Mail", "AG", "MIT", "English", "KeyError"),
        *("Microsoft", "Windows", "macOS", "Autodiscover", "Path", "Anna", "Berg"),
        *("Thunderbird", "Apple", "Outlook", "KMail", "Evolution", "mutt", "msmtp", "backup", "mbsync"),
        *("IMAP", "SMTP", "STARTTLS", "SSL", "TLS", "INBOX", "All", "SHA", "ASCII", "localhost", "proxy"),
        *["on", "the", "laptop", "in", "kitchen", "with", "very", "long", "name"],
        *["Minutes", "of", "meeting", "Photos", "summer", "at", "lake", "all", "them", "full", "size"],
        *["Folder", "does", "not", "exist", "Lists", "password", "wrong", "Sent", "Folders", "Work"],
    )
)
"""Words that stay as they are in Russian: names of programs and protocols, and what the samples of the gallery hold."""
VALUES = re.compile(
    r"\S+@\S+|https?://\S+|\S*\.(?:example|me|txt|log|pem)\b|[0-9A-F:]{20,}|v3l0\S+|/\S+|[-\u2011]{2}[a-z\u2011-]+|\S*\\\S+|autodiscover\.xml"
    r"|“[^”]*”"
)
"""Addresses, paths, fingerprints, passwords, and subjects in quotation marks."""


def visible(root: QWidget, kind: type[QWidget] = QWidget) -> Iterator[QWidget]:
    """The widgets of a kind that can be seen, or scrolled to."""
    for widget in (root, *root.findChildren(kind)):
        if isinstance(widget, kind) and widget.isVisibleTo(root) and widget.window() is root.window():
            yield widget


def cut_off(root: QWidget) -> Iterator[str]:
    """Texts that are wider or higher than the room they have, and what sticks out at the side of the window."""
    for widget in visible(root):
        text = _own_text(widget)
        if not text or widget.width() == 0:
            continue
        around = widget.parentWidget()
        while around is not None and widget is not root:
            left = widget.mapTo(around, QPoint(0, 0)).x()
            if left < 0 or left + widget.width() > around.width():
                yield f"{text!r} sticks out: {left} to {left + widget.width()} of {around.width()}"
                break
            around = around.parentWidget() if around is not root else None
        if isinstance(widget, Elided) and not widget.wordWrap():
            continue  # shows its whole text as a tool tip
        if isinstance(widget, QLabel) and widget.wordWrap():
            if widget.height() < widget.heightForWidth(widget.width()) - 1:
                yield f"{text!r} needs {widget.heightForWidth(widget.width())} px of height, has {widget.height()}"
        elif isinstance(widget, (QLabel, QPushButton, QToolButton, QCheckBox, QRadioButton)):
            needed = widget.minimumSizeHint().width()
            if widget.width() < needed:
                yield f"{text!r} needs {needed} px, has {widget.width()}"
        elif isinstance(widget, QComboBox):
            needed = widget.fontMetrics().horizontalAdvance(text) + 34  # the frame and the arrow
            if widget.width() < needed:
                yield f"{text!r} needs {needed} px, has {widget.width()}"


def overlapping(root: QWidget) -> Iterator[str]:
    """Texts that lie over each other, as two widgets in one place of a layout do."""
    texts = [widget for widget in visible(root) if _own_text(widget)]
    around: dict[int, list[QWidget]] = {}
    for widget in texts:
        around.setdefault(id(widget.parentWidget()), []).append(widget)
    for beside in around.values():
        for one, other in combinations(beside, 2):
            common = one.geometry().intersected(other.geometry())
            if common.width() > 2 and common.height() > 2 and not {type(one), type(other)} & {Toast}:
                yield f"{_own_text(one)!r} and {_own_text(other)!r} lie over each other"


def _own_text(widget: QWidget) -> str:
    if isinstance(widget, (QLabel, QAbstractButton)):
        return widget.text()
    if isinstance(widget, QComboBox):
        return widget.currentText()
    return ""


def english_words(root: QWidget) -> Iterator[str]:
    """Words in Latin letters that no name explains, in anything that is shown or read aloud."""
    for widget in visible(root):
        texts = [_own_text(widget), widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()]
        if isinstance(widget, (QDialog, QMainWindow)):
            texts.append(widget.windowTitle())
        if isinstance(widget, QLineEdit):
            texts.append(widget.placeholderText())
        if isinstance(widget, QComboBox):
            texts += [widget.itemText(number) for number in range(widget.count())]
        if isinstance(widget, QListWidget):
            texts += [widget.item(number).text() for number in range(widget.count())]
        if isinstance(widget, QToolButton) and widget.menu() is not None:
            texts += [action.text() for action in widget.menu().actions()]
        for text in texts:
            words = set(re.findall(r"[A-Za-z]{2,}", VALUES.sub(" ", text))) - NAMES
            if words:
                yield f"{text!r} is not Russian: {', '.join(sorted(words))}"


def nameless(root: QWidget) -> Iterator[str]:
    """What can be reached from the keyboard, and what assistive programs would not have a word for."""
    for widget in visible(root):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus != Qt.FocusPolicy.TabFocus or not widget.isEnabled():
            continue
        if widget.focusProxy() is not None:
            continue  # that one is looked at
        face = QAccessible.queryAccessibleInterface(widget)
        if face is None or face.role() in (QAccessible.Role.NoRole, QAccessible.Role.Client):
            yield f"{_path(widget)} has no role"
        elif not face.text(QAccessible.Text.Name).strip():
            yield f"{_path(widget)} has no name"


def _path(widget: QWidget) -> str:
    names = []
    at: QWidget | None = widget
    while at is not None:
        names.append(type(at).__name__)
        at = at.parentWidget()
    return " < ".join(names)


def look_over(language: str) -> Iterator[str]:
    """Everything that is wrong with any picture of the gallery in one language."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    languages.apply(app, language)
    tokens = theme.dress(app, theme.LIGHT)
    with tempfile.TemporaryDirectory() as folder:
        places = QSettings(str(Path(folder) / "places.ini"), QSettings.Format.IniFormat)
        for name, widget in shown(app, Album(tokens, places)):
            for finding in (
                *cut_off(widget),
                *overlapping(widget),
                *nameless(widget),
                *(english_words(widget) if language == "ru" else ()),
            ):
                yield f"{name}: {finding}"


def main() -> int:
    found = list(look_over(sys.argv[1]))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
