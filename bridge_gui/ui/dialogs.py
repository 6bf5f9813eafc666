"""Questions before something that is not easily taken back, and a new name for something."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from bridge_gui.ui.widgets import Sheet, button, label, row

translate = QCoreApplication.translate

MOST_LETTERS = 60
"""What the core takes as a name."""


class Question(Sheet):
    """What is about to happen, and two buttons; Cancel has the focus, so that Enter alone changes nothing."""

    def __init__(
        self, title: str, text: str, action: str, parent: QWidget | None = None, *, danger: bool = False
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setAccessibleDescription(text)
        self.yes = button(action, self.accept, "danger" if danger else "")
        self.yes.setAutoDefault(False)
        self.no = button(translate("dialogs", "Cancel"), self.reject)
        self.no.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(title, "heading", wrap=True))
        layout.addWidget(label(text, wrap=True))
        layout.addSpacing(4)
        layout.addLayout(row(1, self.no, self.yes))
        self.no.setFocus()


def ask(
    parent: QWidget, title: str, text: str, action: str, then: Callable[[], object], *, danger: bool = False
) -> Question:
    """Ask before something that is not easily taken back; `then` runs when the person agrees."""
    question = Question(title, text, action, parent, danger=danger)
    question.accepted.connect(lambda: then())
    question.open()
    return question


class RenameDialog(Sheet):
    """One line for a new name; an empty one cannot be chosen."""

    chosen = Signal(str)

    def __init__(self, title: str, caption: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.name = QLineEdit(name)
        self.name.setMaxLength(MOST_LETTERS)
        self.name.setAccessibleName(caption)
        self.name.selectAll()
        self.name.textChanged.connect(self._typed)
        heading = label(caption)
        heading.setBuddy(self.name)
        self.save = button(translate("dialogs", "Rename"), self._save, "primary")
        self.save.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(title, "heading", wrap=True))
        layout.addWidget(heading)
        layout.addWidget(self.name)
        layout.addLayout(row(1, button(translate("dialogs", "Cancel"), self.reject), self.save))

    def _typed(self, text: str) -> None:
        self.save.setEnabled(bool(text.strip()))

    def _save(self) -> None:
        self.chosen.emit(self.name.text().strip())
        self.accept()
