"""Questions before something that is not easily taken back, and a new name for something."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QMessageBox, QVBoxLayout, QWidget

from bridge_gui.ui.widgets import button, label, row

translate = QCoreApplication.translate

MOST_LETTERS = 60
"""What the core takes as a name."""


def confirmed(parent: QWidget, title: str, text: str, action: str) -> bool:
    """Ask; Cancel is the default, so that Enter alone changes nothing."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, title, title, parent=parent)
    box.setInformativeText(text)
    yes = box.addButton(action, QMessageBox.ButtonRole.AcceptRole)
    no = box.addButton(translate("dialogs", "Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(no)
    box.setEscapeButton(no)
    box.exec()
    return box.clickedButton() is yes


class RenameDialog(QDialog):
    """One line for a new name; an empty one cannot be chosen."""

    chosen = Signal(str)

    def __init__(self, title: str, caption: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(400)
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
        layout.addWidget(label(title, "title", wrap=True))
        layout.addWidget(heading)
        layout.addWidget(self.name)
        layout.addLayout(row(1, button(translate("dialogs", "Cancel"), self.reject), self.save))

    def _typed(self, text: str) -> None:
        self.save.setEnabled(bool(text.strip()))

    def _save(self) -> None:
        self.chosen.emit(self.name.text().strip())
        self.accept()
