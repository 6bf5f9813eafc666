"""Work that follows changes: at once when it was quiet, and only now and then while much changes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Paced(QObject):
    """Calls back for each `ask`, but not within `pause_ms` after the last call; what was asked meanwhile is one call at
    the end of it, so the newest is never lost, and Qt has time for the person in between.

    `later`: the call is made in a turn of Qt's loop of its own, never within `ask`.
    """

    def __init__(
        self, call: Callable[[], object], pause_ms: int, parent: QObject | None = None, *, later: bool = False
    ) -> None:
        super().__init__(parent)
        self._call = call
        self._pause_ms = pause_ms
        self._later = later
        self._asked = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._rested)

    def ask(self) -> None:
        if self._pause.isActive():
            self._asked = True
        elif self._later:
            self._asked = True
            self._pause.start(0)
        else:
            self._work()

    def now(self) -> None:
        """Call now, whatever was asked."""
        self._asked = False
        self._work()

    def _rested(self) -> None:
        if self._asked:
            self._asked = False
            self._work()

    def _work(self) -> None:
        self._call()
        self._pause.start(self._pause_ms)  # counts from the end of the work
