"""Questions before something that is not easily taken back."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMessageBox, QWidget

translate = QCoreApplication.translate


def confirmed(parent: QWidget, title: str, text: str, action: str) -> bool:
    """Ask; Cancel is the default, so that Enter alone changes nothing."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, title, f"{title}\n\n{text}", parent=parent)
    yes = box.addButton(action, QMessageBox.ButtonRole.AcceptRole)
    no = box.addButton(translate("dialogs", "Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(no)
    box.setEscapeButton(no)
    box.exec()
    return box.clickedButton() is yes
