"""Tray, window and notifications around one core in its own thread; they meet only here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QMessageBox

from bridge_gui import memory
from bridge_gui.aio import TaskOwner
from bridge_gui.answers import SettingState
from bridge_gui.bridge_thread import BridgeThread, Core
from bridge_gui.config import SETTINGS, as_text, get_setting, load_settings
from bridge_gui.desktop import autostart
from bridge_gui.desktop.notifications import Notifier
from bridge_gui.errors import BridgeError
from bridge_gui.options import StartOptions, profile_of
from bridge_gui.state import BridgeState, CorePhase, Problem
from bridge_gui.ui import languages, theme
from bridge_gui.ui.actions import Actions, problem_of
from bridge_gui.ui.announcer import Announcement, Kind, announcement, announcements, wanted
from bridge_gui.ui.clipboard import Clipboard, copy_password
from bridge_gui.ui.observer import Observer
from bridge_gui.ui.tray import Tray
from bridge_gui.ui.wishes import (
    AddProgram,
    CopyPassword,
    CopyText,
    CureAccount,
    OpenAccount,
    OpenPage,
    OpenProgram,
    OpenWindow,
    Pause,
    Quit,
    Resume,
    Wish,
)
from bridge_gui.ui.words import problem_text

if TYPE_CHECKING:
    from bridge_gui.ui.main_window import MainWindow

log = logging.getLogger(__name__)
translate = QCoreApplication.translate

NO_TRAY_AFTER_MS = 10_000
"""Panels that start after us get this long before the window opens by itself."""


class Shell(QObject):
    """Tray and window over one core."""

    core_failed = Signal(object)

    def __init__(
        self,
        app: QApplication,
        options: StartOptions,
        tray: Tray,
        *,
        hidden: bool,
        no_tray_after_ms: int = NO_TRAY_AFTER_MS,
    ) -> None:
        super().__init__()
        self._app = app
        self._hidden = hidden
        self._no_tray_after_ms = no_tray_after_ms
        self._shows = 0
        self._last = BridgeState()
        self._stopped = asyncio.Event()
        self.observer = Observer(self)
        self.core_failed.connect(self._failed, Qt.ConnectionType.QueuedConnection)
        self.thread_ = BridgeThread(lambda: _core(options), self.observer.put, self.core_failed.emit)
        self.thread_.start()
        profile = profile_of(options)
        chosen = load_settings(profile.settings_file).settings
        self._look = (chosen.ui.theme, chosen.ui.language)
        self._unwanted = _unwanted({key: as_text(get_setting(chosen, key)) for key in SETTINGS})
        """Kinds of notifications that the person does not want."""
        self._notifier = Notifier()
        self._settings_seen = -1
        self._settings: tuple[SettingState, ...] = ()
        self._owner = TaskOwner("desktop")
        languages.apply(app, chosen.ui.language)
        self._tokens = theme.apply(app, theme.Scheme(chosen.ui.theme))
        self._profile = profile
        self._window: MainWindow | None = None
        self.actions = Actions(self.thread_, self.thread_.bridge, self)
        self.actions.failed.connect(self._wish_failed)
        self.clipboard = Clipboard(self)
        self.tray = tray
        self.tray.wished.connect(self.fulfil)
        self.observer.changed.connect(self._render)
        app.styleHints().colorSchemeChanged.connect(lambda _: self._dress())

    @property
    def window(self) -> MainWindow:
        """The window, made when it is first wanted: to whoever only has the tray it would be 12 MB."""
        if self._window is None:
            from bridge_gui.ui.main_window import MainWindow

            places = QSettings(str(self._profile.config / "window.ini"), QSettings.Format.IniFormat, self)
            made = MainWindow(self.actions, self.clipboard, self._tokens, places, self._profile.logs)
            made.settings_read.connect(self._take_settings)
            made.demo_wanted.connect(self._open_demo)
            made.closed.connect(self._window_closed)
            made.render_state(self._last)
            if self._settings:
                made.render_settings(self._settings)
            self._window = made
        return self._window

    @property
    def _seen(self) -> bool:
        """The window is open."""
        return self._window is not None and self._window.isVisible()

    def show(self) -> None:
        """The window, if it is wanted now, or as soon as it turns out that there is no tray."""
        if not self._hidden:
            self.window.show()
        elif not self.tray.available:
            QTimer.singleShot(self._no_tray_after_ms, self, self._no_tray)

    def _render(self, state: BridgeState) -> None:
        before, self._last = self._last, state
        for one in announcements(before, state):
            self._announce(one)
        self.tray.render_state(state)
        if self._window is not None:
            self._window.render_state(state)
        if state.core.phase is CorePhase.STOPPING:
            self.quit()  # `bridge-gui quit`, or a signal
            return
        if state.core.settings_changes != self._settings_seen and state.core.phase is CorePhase.RUNNING:
            if self._settings_seen < 0:
                memory.settle()  # the core is up
            self._settings_seen = state.core.settings_changes
            self.actions.start(self._read_settings(), "read the settings")
        if state.core.show_requests > self._shows:
            self._shows = state.core.show_requests
            self.window.bring_to_front()

    def _announce(self, one: Announcement) -> None:
        """Show a desktop notification, unless the person looks at the window already or wants none."""
        if one.kind not in self._unwanted and not (self._window is not None and self._window.isActiveWindow()):
            self._notify_of(one)

    def _notify_of(self, one: Announcement) -> None:
        async def show() -> None:
            if not await self._notifier.show(
                one.title, one.text, translate("app", "Open"), lambda: self.fulfil(one.opens)
            ):
                self.tray.message(one.title, one.text, one.opens)

        self._owner.start(show(), "notify")

    def _wish_failed(self, problem: Problem) -> None:
        """What was chosen in the tray failed: the window says so where somebody sees it, else a notification does."""
        if not self._seen:
            self._notify_of(announcement(problem))

    async def _read_settings(self) -> None:
        settings = await self.actions.call(self.actions.bridge.settings)
        self._take_settings(settings)
        if self._window is not None:
            self._window.render_settings(settings)

    def _take_settings(self, settings: tuple[SettingState, ...]) -> None:
        """Theme and language take effect at once, whoever changed them."""
        self._settings = settings
        values = {state.key: state.value for state in settings}
        self._unwanted = _unwanted(values)
        look = (values.get("ui.theme", "system"), values.get("ui.language", "system"))
        if look != self._look:
            self._look = look
            QTimer.singleShot(0, self, self._dress)  # the page that told us is built anew

    def _dress(self) -> None:
        scheme, language = self._look
        languages.apply(self._app, language)
        self._tokens = theme.apply(self._app, theme.Scheme(scheme))
        if self._window is not None:
            self._window.dress(self._tokens)
        self.tray.redraw()

    def fulfil(self, wish: Wish) -> None:
        """Do what was chosen in the tray."""
        bridge = self.actions.bridge
        match wish:
            case OpenWindow():
                self.window.bring_to_front()
            case OpenPage(page):
                self._open_page(page)
            case OpenAccount(account):
                self.window.bring_to_front()
                self.window.show_account(account)
            case OpenProgram(client):
                self.window.bring_to_front()
                self.window.show_program(client)
            case CopyPassword(client):
                copy_password(self.actions, self.clipboard, client)
            case CopyText(text):
                self.clipboard.copy(text)
            case AddProgram(account):
                self.window.add_program(account)
            case CureAccount(remedy, account):
                self.window.bring_to_front()
                self.window.cure(remedy, account)
            case Pause(seconds):
                self.actions.wish(bridge.pause, None, seconds)
            case Resume():
                self.actions.wish(bridge.resume, None)
            case Quit():
                self.quit()

    def _open_page(self, page: str) -> None:
        self.window.bring_to_front()
        if page == "report":
            self.window.report()
        elif page == "about":
            self.window.open_page("help")
            self.window.help_page.about()
        else:
            self.window.open_page(page)

    def _open_demo(self) -> None:
        """The demonstration has a core and a temporary profile of its own: nothing of it mixes with real accounts."""
        command, *arguments = [*autostart.program(), "--demo"]
        started, _ = QProcess.startDetached(command, arguments)
        if not started:
            self.window.show_failure(Problem("demo", translate("app", "The demonstration could not be started")))

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
            text = translate("app", "Bridge Manager cannot go on ({error}). The log has the details.").format(
                error=type(error).__name__
            )
        QMessageBox.critical(self._window if self._seen else None, "Bridge Manager", text)
        self.quit()

    def quit(self) -> None:
        self._stopped.set()

    async def run(self) -> None:
        """Until the person quits; then the core says BYE to its mail programs and ends."""
        self.show()
        await self._stopped.wait()
        await self.end()

    async def end(self) -> None:
        """Close everything; the core has ended when it returns."""
        self.observer.changed.disconnect(self._render)  # a snapshot that comes now would start what has ended
        self.clipboard.clear_secret()  # nobody would clear it after a minute
        if self._window is not None:
            self._window.quit()
        self.tray.hide()
        await self.actions.close()
        await self._owner.close()
        await self._notifier.close()
        await self.thread_.stop()


def _unwanted(settings: Mapping[str, str]) -> frozenset[Kind]:
    return frozenset(kind for kind in Kind if not wanted(kind, settings))


def _core(options: StartOptions) -> AbstractAsyncContextManager[Core]:
    """Called on the core's thread: a core takes longer to be imported than the window."""
    from bridge_gui import start

    return start.core(options)
