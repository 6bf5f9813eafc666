"""The tray's menu and its words on hand-made snapshots; real trays are in tests/desktop."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from bridge_gui.model import Access
from bridge_gui.state import AccountPhase, BridgeState, Notice, NoticeKind, Problem, SyncPhase
from bridge_gui.ui import tray_menu
from bridge_gui.ui.remedies import Remedy
from bridge_gui.ui.tray import Tray, panel_colour
from bridge_gui.ui.tray_menu import Entry
from bridge_gui.ui.wishes import (
    AddProgram,
    CopyPassword,
    CopyText,
    CureAccount,
    OpenAccount,
    OpenPage,
    OpenWindow,
    Pause,
    Quit,
    Resume,
    Wish,
)
from tests.ui import snapshots
from tests.ui.snapshots import ANNA, BACKUP, BO, THUNDERBIRD, USUAL


@pytest.fixture
def tray(qtbot: QtBot) -> Tray:
    made = Tray()
    render(made, USUAL)
    return made


def render(tray: Tray, state: BridgeState) -> None:
    """As when the menu is opened afterwards."""
    tray.render_state(state)
    tray.menu.aboutToShow.emit()


def actions(tray: Tray) -> list[QAction]:
    """All lines of Qt's menu, those of its sub-menus after their own."""
    found: list[QAction] = []
    for action in tray.menu.actions():
        found.append(action)
        if action.menu() is not None:
            found += action.menu().actions()  # type: ignore[attr-defined]
    return [action for action in found if not action.isSeparator()]


def lines(entries: tuple[Entry, ...]) -> dict[str, Wish | None]:
    """All texts of a menu with what they wish."""
    found: dict[str, Wish | None] = {}
    for entry in entries:
        if entry.text:
            found[entry.text] = entry.wish
        found |= lines(entry.children)
    return found


def test_the_menu(tray: Tray) -> None:
    assert [action.text() for action in actions(tray)] == [
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
    assert not tray.menu.actions()[0].isEnabled()


def test_what_each_line_wishes() -> None:
    assert {text: wish for text, wish in lines(tray_menu.menu(USUAL)).items() if wish is not None} == {
        "Copy password of Thunderbird": CopyPassword(THUNDERBIRD.id),
        "Copy password of backup (mbsync)": CopyPassword(BACKUP.id),
        "Copy user name anna@bridge.example": CopyText("anna@bridge.example"),
        "Copy server data": CopyText("IMAP 127.0.0.1:1143 · SMTP 127.0.0.1:1025 · STARTTLS or TLS"),
        "Add a mail program…": AddProgram(BO.id),
        "15 minutes": Pause(900),
        "An hour": Pause(3600),
        "Until I resume": Pause(None),
        "Open Bridge Manager": OpenWindow(),
        "Settings…": OpenPage("settings"),
        "Set-up guide": OpenPage("help"),
        "Doctor": OpenPage("doctor"),
        "Report a problem…": OpenPage("report"),
        "About": OpenPage("about"),
        "Quit": Quit(),
    }


def test_a_chosen_line_is_told(qtbot: QtBot, tray: Tray) -> None:
    line = next(action for action in actions(tray) if action.text() == "Copy password of Thunderbird")
    with qtbot.waitSignal(tray.wished) as told:
        line.trigger()
    assert told.args == [CopyPassword(THUNDERBIRD.id)]


def test_paused_accounts_can_be_resumed() -> None:
    paused = replace(
        USUAL,
        accounts=tuple(
            replace(account, sync=replace(account.sync, phase=SyncPhase.PAUSED)) for account in USUAL.accounts
        ),
    )
    assert lines(tray_menu.menu(paused))["Resume"] == Resume()
    assert "Pause for" not in lines(tray_menu.menu(paused))


def test_what_helps_an_account_stands_in_its_menu() -> None:
    found = lines(tray_menu.menu(snapshots.STATES["signed-out"]))
    cures = [wish for wish in found.values() if isinstance(wish, CureAccount)]
    assert cures == [CureAccount(Remedy.SIGN_IN, ANNA.id)]


def test_a_locked_application_can_be_unlocked() -> None:
    assert lines(tray_menu.menu(snapshots.LOCKED))["Unlock…"] == OpenWindow()


def test_progress_changes_words_and_not_lines(tray: Tray) -> None:
    """A panel that shows the menu at this moment would lose its place."""
    before = actions(tray)
    further = replace(USUAL, accounts=(ANNA, replace(BO, sync=replace(BO.sync, done=9000, remaining_s=20.0))))
    render(tray, further)
    after = actions(tray)
    assert after == before
    assert after[0].text() == "bo@bridge.example: Downloading, 90 % · less than a minute"


def test_a_new_program_changes_only_its_own_menu(tray: Tray) -> None:
    before = tray.menu.actions()
    send_only = replace(BACKUP, id="c3", label="Cron & co", account=BO.id, access=Access.SEND_ONLY)
    render(tray, replace(USUAL, clients=(THUNDERBIRD, BACKUP, send_only)))
    assert tray.menu.actions() == before
    assert "Copy password of Cron && co" in [action.text() for action in actions(tray)]


def test_an_account_that_goes_takes_its_menu_along(tray: Tray) -> None:
    render(tray, replace(USUAL, accounts=(ANNA,), clients=(BACKUP,)))
    texts = [action.text() for action in actions(tray)]
    assert "bo@bridge.example" not in texts
    assert "Copy password of Thunderbird" not in texts
    assert texts[0] == "Up to date"


WRONG_PASSWORD = Notice(
    "password c1", NoticeKind.ATTENTION, Problem("wrong-password", "Thunderbird uses a wrong password"), 1.0
)
OFFLINE_NOTICE = Notice("network", NoticeKind.INFO, Problem("offline", "Proton cannot be reached"), 1.0)
FULL = Notice("disk-full", NoticeKind.BAD, Problem("disk-full", "The disk is full"), 1.0)


@pytest.mark.parametrize(
    ("state", "icon", "words"),
    [
        (replace(USUAL, accounts=(ANNA,)), "normal", "Up to date"),
        (USUAL, "syncing", "bo@bridge.example: Downloading, 41 % · 2 min"),
        (replace(USUAL, notices=(WRONG_PASSWORD,)), "attention", "Thunderbird uses a wrong password"),
        (replace(USUAL, notices=(WRONG_PASSWORD, FULL)), "error", "The disk is full"),
        (
            replace(USUAL, accounts=(replace(ANNA, phase=AccountPhase.OFFLINE),), notices=(OFFLINE_NOTICE,)),
            "offline",
            "Offline",
        ),
        (snapshots.STATES["signed-out"], "attention", "anna@bridge.example: Signed out"),
        (snapshots.STATES["port-busy"], "error", "Port 1143 is used by another program"),
        (snapshots.LOCKED, "error", "The keychain is locked"),
    ],
)
def test_the_icon_and_its_words(state: BridgeState, icon: str, words: str) -> None:
    face = tray_menu.face(state)
    assert face.state == icon
    assert face.tooltip == f"Bridge Manager\n{words}"


@pytest.mark.parametrize(
    ("scheme", "desktop", "colour"),
    [
        (Qt.ColorScheme.Light, "KDE", "#22262E"),
        (Qt.ColorScheme.Dark, "KDE", "#FFFFFF"),
        (Qt.ColorScheme.Light, "ubuntu:GNOME", "#FFFFFF"),
        (Qt.ColorScheme.Unknown, "", "#FFFFFF"),
    ],
)
def test_the_icon_stands_out_from_the_panel(scheme: Qt.ColorScheme, desktop: str, colour: str) -> None:
    assert panel_colour(scheme, desktop) == colour


def test_without_a_panel_there_is_no_icon(tray: Tray) -> None:
    tray.look()  # offscreen never has one
    assert not tray.available


def test_a_click_on_a_message_of_the_icon_is_a_wish(qtbot: QtBot, tray: Tray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: True))
    tray.look()
    assert tray.icon is not None
    tray.message("Signed out", "Sign in again.", OpenAccount(ANNA.id))
    with qtbot.waitSignal(tray.wished) as told:
        tray.icon.messageClicked.emit()
    assert told.args == [OpenAccount(ANNA.id)]
    tray.hide()
