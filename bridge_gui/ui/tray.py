"""The tray: an icon for the state, and a menu with the most used wishes.

Whether there is a tray at all, only `QSystemTrayIcon.isSystemTrayAvailable` knows; an icon that was made before the
panel appeared never registers with it. So `Tray` looks every second until there is one, and makes the icon then.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from bridge_gui.model import ClientId
from bridge_gui.state import AccountState, BridgeState, SyncPhase
from bridge_gui.ui import icons, words
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard

translate = QCoreApplication.translate

LOOK_EVERY_MS = 1000
PAUSES = (900, 3600, None)


def panel_colour() -> str:
    """White on a dark panel, dark on a light one; unknown counts as dark, as most panels are."""
    scheme = QGuiApplication.styleHints().colorScheme()
    return "#22262E" if scheme is Qt.ColorScheme.Light else "#FFFFFF"


class Tray(QObject):
    """Draws snapshots into the tray."""

    open_window = Signal()
    add_program = Signal(str)
    open_page = Signal(str)
    """settings, help, doctor, report or about."""
    quit_asked = Signal()
    appeared = Signal()
    """There is a tray now, and our icon is in it."""

    def __init__(self, actions: Actions, clipboard: Clipboard, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._clipboard = clipboard
        self._state = BridgeState()
        self._drawn: object = None
        self.icon: QSystemTrayIcon | None = None
        self.menu = QMenu()
        self.menu.aboutToShow.connect(self._fill)
        self._look = QTimer(self)
        self._look.setInterval(LOOK_EVERY_MS)
        self._look.timeout.connect(self.look)

    def start(self) -> None:
        self.look()
        if self.icon is None:
            self._look.start()

    def look(self) -> None:
        """Make the icon as soon as there is a tray to put it in."""
        if self.icon is not None or not QSystemTrayIcon.isSystemTrayAvailable():
            return
        self._look.stop()
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activated)
        self._drawn = None
        self._fill()
        self.render_state(self._state)
        self.icon.show()
        self.appeared.emit()

    @property
    def available(self) -> bool:
        return self.icon is not None

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.open_window.emit()

    # ------------------------------------------------------------------ drawing

    def render_state(self, state: BridgeState) -> None:
        self._state = state
        if self.icon is None:
            return
        line = words.overall(state)
        wanted = (words.tray_state(state), panel_colour(), line.text)
        if wanted != self._drawn:
            self._drawn = wanted
            self.icon.setIcon(icons.tray_icon(wanted[0], wanted[1]))
            self.icon.setToolTip(f"Bridge Manager\n{line.text}")
        if not self.menu.isVisible():
            self._fill()

    def redraw(self) -> None:
        """Draw anew in another language or for another panel."""
        self._drawn = None
        self.render_state(self._state)

    def _fill(self) -> None:
        """Build the menu from the newest snapshot; never while it is open, so that nothing moves under the pointer."""
        self.menu.clear()
        status = QAction(words.overall(self._state).text, self.menu)
        status.setEnabled(False)
        self.menu.addAction(status)
        self.menu.addSeparator()
        for account in self._state.accounts:
            self._add_account(account)
        if self._state.accounts:
            self.menu.addSeparator()
            self._add_pause()
        self.menu.addAction(translate("tray", "Open Bridge Manager"), self.open_window.emit)
        self.menu.addAction(translate("tray", "Settings…"), partial(self.open_page.emit, "settings"))
        help_menu = self.menu.addMenu(translate("tray", "Help"))
        for page, text in (
            ("help", translate("tray", "Set-up guide")),
            ("doctor", translate("tray", "Doctor")),
            ("report", translate("tray", "Report a problem…")),
            ("about", translate("tray", "About")),
        ):
            help_menu.addAction(text, partial(self.open_page.emit, page))
        self.menu.addSeparator()
        self.menu.addAction(translate("tray", "Quit"), self.quit_asked.emit)

    def _add_account(self, account: AccountState) -> None:
        menu = self.menu.addMenu(account.email)
        line = menu.addAction(words.short_line(account).text)
        line.setEnabled(False)
        menu.addSeparator()
        clients = [client for client in self._state.clients if client.account == account.id]
        for client in clients:
            menu.addAction(
                translate("tray", "Copy password of {name}").format(name=client.label),
                partial(self._copy_password, client.id),
            )
        for name in dict.fromkeys(client.username for client in clients):
            menu.addAction(
                translate("tray", "Copy user name {name}").format(name=name), partial(self._clipboard.copy, name)
            )
        if clients:
            servers = words.server_line(self._state.listeners)
            menu.addAction(translate("tray", "Copy server data"), partial(self._clipboard.copy, servers))
            menu.addSeparator()
        menu.addAction(
            translate("tray", "Add a mail program…"),
            partial(self.add_program.emit, account.id),
        )

    def _add_pause(self) -> None:
        paused = all(account.sync.phase is SyncPhase.PAUSED for account in self._state.accounts)
        if paused:
            self.menu.addAction(
                translate("tray", "Resume"), lambda: self._actions.wish(self._actions.bridge.resume, None)
            )
            return
        menu = self.menu.addMenu(translate("tray", "Pause for"))
        for seconds, text in zip(
            PAUSES,
            (
                translate("tray", "15 minutes"),
                translate("tray", "An hour"),
                translate("tray", "Until I resume"),
            ),
            strict=True,
        ):
            menu.addAction(text, partial(self._actions.wish, self._actions.bridge.pause, None, seconds))

    def _copy_password(self, client: ClientId) -> None:
        async def copy() -> None:
            credentials = await self._actions.call(self._actions.bridge.credentials, client)
            self._clipboard.copy_secret(credentials.password)

        self._actions.start(copy(), "copy password from the tray")
