"""The tray: draws what `ui.tray_menu` decides.

Whether there is a tray at all, only `QSystemTrayIcon.isSystemTrayAvailable` knows; an icon that was made before the
panel appeared never registers with it. So `Tray` looks every second until there is one, and makes the icon then.

Panels that speak D-Bus (StatusNotifierItem) keep a copy of the menu and do not say when it is open. So a menu is built
anew only when its lines are others; when only their words changed, the words are changed where they stand.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from bridge_gui.state import BridgeState
from bridge_gui.ui import icons, tray_menu
from bridge_gui.ui.paced import Paced
from bridge_gui.ui.tray_menu import Entry, Face
from bridge_gui.ui.wishes import OpenWindow, Wish

LOOK_EVERY_MS = 1000
MENU_PAUSE_MS = 250
"""A closed menu of many accounts need not keep up with each percent; it is brought up to date when it opens."""
DARK_PANELS = ("GNOME", "UNITY", "PANTHEON")
"""Desktops whose panel is dark whatever the colours of windows are (of XDG_CURRENT_DESKTOP, in capitals)."""


def panel_colour(scheme: Qt.ColorScheme, desktop: str) -> str:
    """White on a dark panel, dark on a light one; unknown counts as dark, as most panels are."""
    dark = any(name in DARK_PANELS for name in desktop.upper().split(":"))
    return "#22262E" if scheme is Qt.ColorScheme.Light and not dark else "#FFFFFF"


class Tray(QObject):
    """Draws snapshots into the tray."""

    wished = Signal(object)
    """A `Wish` of the person, by click or by menu."""
    appeared = Signal()
    """There is a tray now, and our icon is in it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = BridgeState()
        self._face: Face | None = None
        self._colour = ""
        self._opens: Wish = OpenWindow()
        self.icon: QSystemTrayIcon | None = None
        self._menu = _Menu(QMenu(), self.wished.emit)
        self.menu = self._menu.menu
        self._menu_paced = Paced(self._render_menu, MENU_PAUSE_MS, self, later=True)
        self.menu.aboutToShow.connect(self._menu_paced.now)
        self.menu.aboutToHide.connect(self._menu_paced.ask, Qt.ConnectionType.QueuedConnection)
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
        self.icon.messageClicked.connect(lambda: self.wished.emit(self._opens))
        self._face = None
        self.render_state(self._state)
        self.icon.show()
        self.appeared.emit()

    @property
    def available(self) -> bool:
        """Somebody can reach us by the tray at this moment: panels may end as well."""
        return self.icon is not None and QSystemTrayIcon.isSystemTrayAvailable()

    def hide(self) -> None:
        if self.icon is not None:
            self.icon.hide()

    def message(self, title: str, text: str, opens: Wish) -> None:
        """Show a message at the icon, where the desktop has no notifications of its own; a click on it is a wish."""
        if self.icon is not None:
            self._opens = opens  # Qt tells only that a message was clicked, which is the newest
            self.icon.showMessage(title, text)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.wished.emit(OpenWindow())

    def render_state(self, state: BridgeState) -> None:
        """Draw a snapshot."""
        self._state = state
        self._menu_paced.ask()
        if self.icon is None:
            return
        face = tray_menu.face(state)
        colour = panel_colour(QGuiApplication.styleHints().colorScheme(), os.environ.get("XDG_CURRENT_DESKTOP", ""))
        if self._face is None or (face.state, colour) != (self._face.state, self._colour):
            self.icon.setIcon(icons.tray_icon(face.state, colour))
        if self._face is None or face.tooltip != self._face.tooltip:
            self.icon.setToolTip(face.tooltip)
        self._face, self._colour = face, colour

    def redraw(self) -> None:
        """Draw anew in another language or for another panel."""
        self._face = None
        self.render_state(self._state)

    def _render_menu(self) -> None:
        """Never while it is open, so that nothing moves under the pointer."""
        if not self.menu.isVisible():
            self._menu.render(tray_menu.menu(self._state))


class _Menu:
    """One menu of Qt's, kept in line with its entries."""

    def __init__(self, menu: QMenu, wished: Callable[[Wish], None]) -> None:
        self.menu = menu
        self._wished = wished
        self._entries: tuple[Entry, ...] = ()
        self._actions: list[QAction] = []
        self._below: dict[str, _Menu] = {}

    def render(self, entries: tuple[Entry, ...]) -> None:
        if [_shape(entry) for entry in entries] != [_shape(entry) for entry in self._entries]:
            self._build(entries)
        else:
            for action, old, new in zip(self._actions, self._entries, entries, strict=True):
                if old.text != new.text:
                    action.setText(_plain(new.text))
        self._entries = entries
        for entry in entries:
            if entry.children:
                self._below[entry.key].render(entry.children)

    def _build(self, entries: tuple[Entry, ...]) -> None:
        self.menu.clear()
        for old in self._below.values():
            old.menu.deleteLater()
        self._below = {}
        self._actions = []
        for number, entry in enumerate(entries):
            if entry.children:
                below = QMenu(_plain(entry.text), self.menu)
                self._below[entry.key] = _Menu(below, self._wished)
                action = self.menu.addMenu(below)
            elif entry.text:
                action = self.menu.addAction(_plain(entry.text), partial(self._chosen, number))
                action.setEnabled(entry.wish is not None)
            else:
                action = self.menu.addSeparator()
            self._actions.append(action)

    def _chosen(self, number: int) -> None:
        wish = self._entries[number].wish
        if wish is not None:
            self._wished(wish)


def _shape(entry: Entry) -> tuple[str, bool, bool, bool]:
    """What makes a line another one, for which the menu is built anew."""
    return entry.key, bool(entry.text), bool(entry.children), entry.wish is not None


def _plain(text: str) -> str:
    """A label may hold what looks like a mnemonic."""
    return text.replace("&", "&&")
