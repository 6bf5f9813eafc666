"""Work that follows changes: at once when it was quiet, and only now and then while much changes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Paced(QObject):
    """Calls back for each `ask`, but not within `pause_ms` after the last call; what was asked meanwhile is one call at
    the end of it, so the newest is never lost, and Qt has time for the person in between."""

    def __init__(self, call: Callable[[], object], pause_ms: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._call = call
        self._asked = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(pause_ms)
        self._pause.timeout.connect(self._rested)

    def ask(self) -> None:
        if self._pause.isActive():
            self._asked = True
            return
        self._call()
        self._pause.start()  # counts from the end of the work

    def now(self) -> None:
        """Call now, whatever was asked."""
        self._asked = False
        self._call()

    def _rested(self) -> None:
        if self._asked:
            self._asked = False
            self.ask()
