"""A short confirmation at the window's lower edge."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from bridge_gui.ui.widgets import say_aloud


class Toast(QLabel):
    """A short confirmation at the lower edge, which goes by itself; it never takes the focus."""

    SHOWN_MS = 2500

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setProperty("role", "toast")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def say(self, text: str) -> None:
        self.setText(text)
        self.setAccessibleName(text)
        say_aloud(self, text)
        self._place()
        self.raise_()
        self.show()
        self._timer.start(self.SHOWN_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        area = self._parent.rect()
        self.setWordWrap(False)
        self.adjustSize()
        most = area.width() - 32
        if self.width() > most:
            self.setWordWrap(True)
            self.resize(most, self.heightForWidth(most))
        self.move((area.width() - self.width()) // 2, area.height() - self.height() - 20)
