"""The graphical start: Qt's application and qasync's loop, and the tray icon before anything else.

Window and core are imported while the icon is there already, on a thread, so that a panel's questions are answered
meanwhile.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from bridge_gui.aio import off_loop
from bridge_gui.config import load_settings
from bridge_gui.options import StartOptions, profile_of
from bridge_gui.ui import icons, languages
from bridge_gui.ui.garbage import Collector
from bridge_gui.ui.tray import Tray

if TYPE_CHECKING:
    from bridge_gui.shell import Shell


SWITCH_SECONDS = 0.001
"""How long a busy thread keeps Python's lock when another asks for it. Qt's thread asks for it at each of its calls, so
that with the usual 5 ms the window stumbles while the core works hard."""


def main(options: StartOptions, *, hidden: bool = False) -> int:
    """Open tray and window; return the exit code when the person has quit."""
    sys.setswitchinterval(SWITCH_SECONDS)
    QApplication.setDesktopFileName("bridge-gui")
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Bridge Manager")
    app.setQuitOnLastWindowClosed(False)
    languages.apply(app, load_settings(profile_of(options).settings_file).settings.ui.language)
    collector = Collector()
    collector.start()
    tray = Tray()
    tray.start()
    loop = QEventLoop(app)
    with loop:
        loop.run_until_complete(_live(app, options, tray, hidden))
    collector.stop()
    return 0


async def _live(app: QApplication, options: StartOptions, tray: Tray, hidden: bool) -> None:
    make = await off_loop(None, _load_shell, hidden)
    app.setWindowIcon(icons.app_icon())
    shell = make(app, options, tray, hidden=hidden)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: shell.quit())
    # Python handles a signal only when its interpreter runs: let Qt come back to it now and then.
    wake = QTimer()
    wake.start(500)
    wake.timeout.connect(lambda: None)
    await shell.run()


def _load_shell(hidden: bool) -> Callable[..., Shell]:
    from bridge_gui.shell import Shell

    if not hidden:
        import bridge_gui.ui.main_window  # noqa: F401 (the shell needs it at once)

    return Shell
