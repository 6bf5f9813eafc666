from __future__ import annotations

import pytest
from PySide6.QtGui import QAction, QGuiApplication
from pytestqt.qtbot import QtBot

from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.tray import Tray
from tests.ui import snapshots
from tests.ui.recording import RecordingBridge
from tests.ui.test_main_window import CREDENTIALS


@pytest.fixture
def tray(qtbot: QtBot, actions: Actions) -> Tray:
    made = Tray(actions, Clipboard())
    made.render_state(snapshots.USUAL)
    made._fill()
    return made


def entries(tray: Tray) -> list[QAction]:
    """All entries of the menu, those of its sub-menus after their own."""
    found: list[QAction] = []
    for action in tray.menu.actions():
        found.append(action)
        if action.menu() is not None:
            found += action.menu().actions()  # type: ignore[attr-defined]
    return found


def test_the_menu_says_the_state_first(tray: Tray) -> None:
    first = tray.menu.actions()[0]
    assert first.text() == "bo@bridge.example: Downloading, 41 % · 2 min"
    assert not first.isEnabled()


def test_the_menu_holds_each_account_with_its_programs(tray: Tray) -> None:
    texts = [action.text() for action in entries(tray) if not action.isSeparator()]
    assert texts == [
        "bo@bridge.example: Downloading, 41 % · 2 min",
        "anna@bridge.example",
        "Up to date",
        "Copy password of Thunderbird",
        "Copy password of backup (mbsync)",
        "Copy user name anna@bridge.example",
        "Copy server data",
        "Add a mail program…",
        "bo@bridge.example",
        "Downloading, 41 % · 2 min",
        "Add a mail program…",
        "Pause for",
        "15 minutes",
        "An hour",
        "Until I resume",
        "Open Bridge Manager",
        "Settings…",
        "Help",
        "Set-up guide",
        "Doctor",
        "Report a problem…",
        "About",
        "Quit",
    ]


def test_copying_a_password_from_the_menu(qtbot: QtBot, tray: Tray, bridge: RecordingBridge) -> None:
    bridge.answers["credentials"] = CREDENTIALS
    next(action for action in entries(tray) if action.text() == "Copy password of Thunderbird").trigger()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "v3l0Xq9sT2mYpR7kWc1uEg")
    assert bridge.was_asked("credentials") == [(snapshots.THUNDERBIRD.id,)]


def test_pausing_from_the_menu(qtbot: QtBot, tray: Tray, bridge: RecordingBridge) -> None:
    next(action for action in entries(tray) if action.text() == "An hour").trigger()
    qtbot.waitUntil(lambda: bridge.was_asked("pause") == [(None, 3600)])


def test_without_a_panel_there_is_no_icon(tray: Tray) -> None:
    tray.look()  # offscreen never has one
    assert not tray.available
