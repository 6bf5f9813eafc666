"""The graphical start: Qt's application, qasync's loop, the core in its own thread, tray and window.

They meet only here.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

from PySide6.QtCore import QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMessageBox
from qasync import QEventLoop

from bridge_gui import start
from bridge_gui.bridge_thread import BridgeThread
from bridge_gui.errors import BridgeError
from bridge_gui.state import BridgeState, CorePhase
from bridge_gui.ui import icons, theme
from bridge_gui.ui.actions import Actions, problem_of
from bridge_gui.ui.main_window import MainWindow
from bridge_gui.ui.observer import Observer
from bridge_gui.ui.tray import Tray
from bridge_gui.ui.words import problem_text

log = logging.getLogger(__name__)

NO_TRAY_AFTER_MS = 10_000
"""Panels that start after us get this long before the window opens by itself."""


class Desktop(QObject):
    """Tray and window over one core."""

    core_failed = Signal(object)

    def __init__(self, app: QApplication, options: start.StartOptions, *, hidden: bool) -> None:
        super().__init__()
        self._app = app
        self._hidden = hidden
        self._shows = 0
        self._stopped = asyncio.Event()
        self.observer = Observer(self)
        self.core_failed.connect(self._failed, Qt.ConnectionType.QueuedConnection)
        self.thread_ = BridgeThread(lambda: start.core(options), self.observer.put, self.core_failed.emit)
        tokens = theme.apply(app, theme.Scheme.SYSTEM)
        places = QSettings(str(start.profile_of(options).config / "window.ini"), QSettings.Format.IniFormat, self)
        self.actions = Actions(self.thread_, self.thread_.bridge, self)
        self.window = MainWindow(self.actions, tokens, places)
        self.tray = Tray(self.actions, self.window.clipboard, self)
        self.observer.changed.connect(self._render)
        self.tray.open_window.connect(self.window.bring_to_front)
        self.tray.add_program.connect(self.window.add_program)
        self.tray.quit_asked.connect(self.quit)
        self.tray.appeared.connect(self._tray_appeared)
        self.window.closed.connect(self._window_closed)

    def show(self) -> None:
        """The tray first, then the core, then the window if it is wanted."""
        self.tray.start()
        self.thread_.start()
        if not self._hidden:
            self.window.show()
        elif not self.tray.available:
            QTimer.singleShot(NO_TRAY_AFTER_MS, self._no_tray)

    def _render(self, state: BridgeState) -> None:
        self.tray.render_state(state)
        self.window.render_state(state)
        if state.core.phase is CorePhase.STOPPING:
            self.quit()  # `bridge-gui quit`, or a signal
            return
        if state.core.show_requests > self._shows:
            self._shows = state.core.show_requests
            self.window.bring_to_front()

    def _tray_appeared(self) -> None:
        log.info("the tray is there")

    def _no_tray(self) -> None:
        """Nobody could reach a hidden program without a tray: show the window."""
        if not self.tray.available:
            self.window.show()

    def _window_closed(self) -> None:
        if self.tray.available:
            self.window.hide()
        else:
            self.window.showMinimized()

    def _failed(self, error: BaseException) -> None:
        """The core did not come up, or broke off: say why, then end."""
        if isinstance(error, BridgeError):
            text = problem_text(problem_of(error))
        else:
            log.error("the core ended", exc_info=error)
            text = f"Bridge Manager cannot go on ({type(error).__name__}). The log has the details."
        QMessageBox.critical(self.window if self.window.isVisible() else None, "Bridge Manager", text)
        self.quit()

    def quit(self) -> None:
        self._stopped.set()

    async def run(self) -> None:
        """Until the person quits; then the core says BYE to its mail programs and ends."""
        self.show()
        await self._stopped.wait()
        self.window.quit()
        if self.tray.icon is not None:
            self.tray.icon.hide()
        await self.actions.close()
        await self.thread_.stop()


def main(options: start.StartOptions, *, hidden: bool = False) -> int:
    """Open tray and window; return the exit code when the person has quit."""
    QApplication.setDesktopFileName("bridge-gui")
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Bridge Manager")
    app.setQuitOnLastWindowClosed(False)
    app.setWindowIcon(icons.app_icon())
    loop = QEventLoop(app)
    with loop:
        desktop = Desktop(app, options, hidden=hidden)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: desktop.quit())
        # Python handles a signal only when its interpreter runs: let Qt come back to it now and then.
        wake = QTimer()
        wake.start(500)
        wake.timeout.connect(lambda: None)
        loop.run_until_complete(desktop.run())
    return 0
