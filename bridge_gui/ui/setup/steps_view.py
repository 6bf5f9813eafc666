"""The steps of a plan or a guide: numbered, each with its exact lines, its picture and the values to copy."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QRect, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from bridge_gui.answers import SetupStep, SetupValue
from bridge_gui.model import ClientId
from bridge_gui.ui import theme
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.core_words import local
from bridge_gui.ui.setup import pictures, sentences
from bridge_gui.ui.theme import Tokens
from bridge_gui.ui.widgets import CopyButton, Elided, button, label, row

translate = QCoreApplication.translate

MOST_LINES = 12
"""So many exact lines are in view; the rest is scrolled to."""
WHOLE_LINE = 40
"""Values up to this stand in one line."""
PIECE = 24
"""Longer ones are cut into pieces: eight bytes of a fingerprint."""
MASK = "•" * 22


class Number(QWidget):
    """A step's number in a ring; its words say it to screen readers."""

    def __init__(self, number: int, tokens: Tokens) -> None:
        super().__init__()
        self._number = number
        self._tokens = tokens
        self.setFixedSize(26, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._tokens.hover))
        painter.drawEllipse(self.rect())
        font = QFont(self.font())
        font.setPixelSize(12)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(self._tokens.text))
        painter.drawText(QRect(0, 0, 26, 26), Qt.AlignmentFlag.AlignCenter, str(self._number))


class StepsView(QWidget):
    """Draws steps. `copy_password` is called for a password (None is the set-up's first), which is never drawn; without
    it, as for a plan, nothing can be copied yet."""

    def __init__(
        self,
        clipboard: Clipboard,
        tokens: Tokens,
        copy_password: Callable[[CopyButton, ClientId | None], object] | None = None,
    ) -> None:
        super().__init__()
        self._clipboard = clipboard
        self._tokens = tokens
        self._copy_password = copy_password
        self._drawn: tuple[SetupStep, ...] = ()
        self._inside = QVBoxLayout(self)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(10)
        self._mixed = False
        """Some of the steps are ours, some are the person's: it is said which."""
        self.copies: dict[str, CopyButton] = {}
        """By the name of what they copy; of several of one name the last."""
        self.details: list[QPlainTextEdit] = []

    def render_steps(self, steps: Sequence[SetupStep]) -> None:
        if tuple(steps) == self._drawn:
            return
        self._drawn = tuple(steps)
        self.copies.clear()
        self.details.clear()
        while (item := self._inside.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._mixed = len({step.by_user for step in steps}) > 1
        for number, step in enumerate(steps, 1):
            self._inside.addWidget(self._step(number, step))

    def _step(self, number: int, step: SetupStep) -> QWidget:
        frame = QFrame()
        frame.setProperty("role", "card")
        line = QHBoxLayout(frame)
        line.setContentsMargins(12, 10, 12, 10)
        line.setSpacing(12)
        line.addWidget(Number(number, self._tokens), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(6)
        line.addLayout(words, 1)
        title = label(local(step.title).rstrip(".") + ".", wrap=True)
        title.setAccessibleName(f"{number}. {local(step.title)}")
        words.addWidget(title)
        if step.where:
            where = local(step.where)
            # A place keeps to its line, a sentence does not.
            words.addWidget(label(where, "quiet", wrap=True) if where.endswith(".") else Elided(where, "quiet"))
        if step.picture:
            words.addWidget(pictures.picture(step.picture, self._tokens), 0, Qt.AlignmentFlag.AlignLeading)
        if step.by_user and self._mixed:
            words.addWidget(label(translate("setup", "You do this."), "quiet"))
        if step.values and self._copy_password is not None:
            words.addLayout(self._values(step.values))
        if step.lines:
            self._add_details(words, step)
        return frame

    def _values(self, values: Sequence[SetupValue]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        for place, value in enumerate(values):
            name = sentences.value_label(value.label)
            text = MASK if value.secret else value.value
            # A fingerprint is compared letter by letter: all of it is in view.
            shown = label("\n".join(textwrap.wrap(text, PIECE))) if len(text) > WHOLE_LINE else Elided(text)
            shown.setFont(theme.monospace())
            shown.setAccessibleName(name)
            copy = CopyButton(translate("setup", "Copy: {what}").format(what=name), lambda: None, self._tokens)
            copy.clicked.connect(partial(self._copy, value, copy))
            self.copies[value.label] = copy
            grid.addWidget(label(name, "quiet"), place, 0)
            grid.addWidget(shown, place, 1)
            grid.addWidget(copy, place, 2)
        return grid

    def _copy(self, value: SetupValue, copy: CopyButton) -> None:
        if not value.secret:
            self._clipboard.copy(value.value)
            copy.copied()
        elif self._copy_password is not None:
            self._copy_password(copy, value.client)

    def _add_details(self, words: QVBoxLayout, step: SetupStep) -> None:
        text = QPlainTextEdit("\n".join(step.lines))
        text.setReadOnly(True)
        text.setFont(theme.monospace())
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        text.setTabChangesFocus(True)
        text.setAccessibleName(local(step.title))
        rows = min(len(step.lines), MOST_LINES)
        text.setFixedHeight(rows * text.fontMetrics().lineSpacing() + 34)
        copyable = step.by_user and self._copy_password is not None
        text.setVisible(copyable)  # what a person is to copy is in view, what we write is there for who asks
        self.details.append(text)

        def toggle() -> None:
            text.setVisible(text.isHidden())
            more.setText(_details_text(text.isHidden()))

        more = button(_details_text(text.isHidden()), toggle, "link")

        def copy_all() -> None:
            self._clipboard.copy("\n".join([*step.lines, ""]))
            copy.copied()

        copy = CopyButton(translate("setup", "Copy it all"), copy_all, self._tokens)
        copy.setVisible(copyable)
        self.copies["all"] = copy
        words.addLayout(row(more, 1, copy))
        words.addWidget(text)


def _details_text(hidden: bool) -> str:
    return translate("setup", "Details") if hidden else translate("setup", "Hide the details")
