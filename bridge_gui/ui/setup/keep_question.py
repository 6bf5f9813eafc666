"""What is asked when a person leaves while what was set up has never signed in."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bridge_gui.ui.widgets import Sheet, button, label, row

translate = QCoreApplication.translate


class KeepQuestion(Sheet):
    """What is to become of what was set up and never signed in."""

    kept = Signal()
    taken_back = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, width=500)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = translate("setup", "{program} has not signed in yet").format(program=name)
        self.setWindowTitle(title)
        self.keep = button(translate("setup", "Keep it"), self._keep)
        self.take_back = button(translate("setup", "Take it back"), self._drop, "danger")
        self.stay = button(translate("setup", "Stay here"), self.reject)
        self.stay.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(title, "heading", wrap=True))
        text = translate("setup", "Keep what was set up, so that it can sign in later, or take it back?")
        layout.addWidget(label(text, wrap=True))
        layout.addLayout(row(1, self.stay, self.take_back, self.keep))
        self.stay.setFocus()

    def _keep(self) -> None:
        self.accept()
        self.kept.emit()

    def _drop(self) -> None:
        self.accept()
        self.taken_back.emit()
