"""The one listener: brings the core's snapshots to Qt's thread as a signal, newest only."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt, Signal, Slot

from bridge_gui.state import BridgeState
from bridge_gui.ui.paced import Paced

PAUSE_MS = 50
"""The core publishes about as often."""


class Observer(QObject):
    """Hold the newest snapshot on Qt's side.

    `put` may be called from any thread, as often as it likes: Qt is woken once until it has looked, so an event storm
    in the core costs the window one repaint at a time, and no more than twenty a second: between them it answers."""

    changed = Signal(object)
    """The newest `BridgeState`."""
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: BridgeState | None = None
        self.state = BridgeState()
        self._paced = Paced(self._deliver, PAUSE_MS, self)
        self._woken.connect(self._wake, Qt.ConnectionType.QueuedConnection)

    def put(self, state: BridgeState) -> None:
        with self._lock:
            asleep = self._waiting is None
            self._waiting = state
        if asleep:
            self._woken.emit()

    @Slot()
    def _wake(self) -> None:
        self._paced.ask()

    def _deliver(self) -> None:
        with self._lock:
            state, self._waiting = self._waiting, None
        if state is not None and state != self.state:
            self.state = state
            self.changed.emit(state)
