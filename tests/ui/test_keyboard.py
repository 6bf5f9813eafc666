"""Everything can be reached and done from the keyboard, in the order in which it is read."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLineEdit, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from bridge_gui.answers import NeedTwoFactor
from bridge_gui.model import FlowId, Protocol
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.main_window import MainWindow
from bridge_gui.ui.sign_in import SignInDialog
from bridge_gui.ui.theme import Tokens
from tests.ui import inspection, samples
from tests.ui.recording import RecordingBridge
from tests.ui.snapshots import EMPTY, THUNDERBIRD, USUAL

MOST = 200
"""More presses than any page has stops."""


@pytest.fixture
def window(
    qtbot: QtBot, actions: Actions, clipboard: Clipboard, tokens: Tokens, places: QSettings, bridge: RecordingBridge
) -> MainWindow:
    bridge.answers |= {
        "settings": samples.settings(),
        "certificate": samples.CERTIFICATE,
        "protection": "passphrase",
        "doctor": samples.CHECKS,
    }
    made = MainWindow(actions, clipboard, tokens, places)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is made)
    made.render_state(USUAL)
    return made


def tabbed(qtbot: QtBot, root: QWidget, first: QWidget) -> list[QWidget]:
    """What gets the focus, press by press, until it comes round."""
    first.setFocus(Qt.FocusReason.TabFocusReason)
    found = [first]
    for _ in range(MOST):
        qtbot.keyClick(root, Qt.Key.Key_Tab)
        at = QApplication.focusWidget()
        assert at is not None, inspection._path(found[-1])
        if at is found[0]:
            return found
        found.append(at)
    raise AssertionError("the focus does not come round")


def stops(root: QWidget) -> list[QWidget]:
    """Everything that has to be reached; of radio buttons the chosen one, as arrows lead to the others."""
    return [
        widget
        for widget in inspection.visible(root)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isEnabled()
        and widget.focusProxy() is None
        and not (isinstance(widget, QRadioButton) and not widget.isChecked())
    ]


@pytest.mark.parametrize("page", ["account", "settings", "help", "doctor", "welcome"])
def test_tab_leads_everywhere(qtbot: QtBot, window: MainWindow, page: str) -> None:
    if page == "welcome":
        window.render_state(EMPTY)
    elif page != "account":
        window.open_page(page)
        qtbot.waitUntil(lambda: page != "settings" or bool(window.settings_page.protection.kind))
        qtbot.waitUntil(lambda: page != "doctor" or bool(window.doctor_page.checks))
    reached = tabbed(qtbot, window, window.sidebar.add)
    missed = [widget for widget in stops(window) if widget not in reached]
    assert [QAccessible.queryAccessibleInterface(one).text(QAccessible.Text.Name) for one in missed] == []


def test_a_card_is_gone_through_as_it_is_read(qtbot: QtBot, window: MainWindow) -> None:
    card = window.account_page._cards[THUNDERBIRD.id]
    reached = [one for one in tabbed(qtbot, window, card.fold) if card.isAncestorOf(one)]
    assert reached[:4] == [card.fold, card.menu_button, card.copy_user, card.show_password]
    assert reached[4] is card.copy_password
    assert reached[5:7] == list(card.servers[Protocol.IMAP].copies)
    places = [one.mapTo(card, QPoint(0, 0)).y() // 20 for one in reached]
    assert places == sorted(places)


def test_settings_are_gone_through_downwards(qtbot: QtBot, window: MainWindow) -> None:
    window.open_page("settings")
    shown = window.settings_page
    qtbot.waitUntil(
        lambda: bool(shown.protection.kind and shown.rows and all(one.isVisible() for one in shown.rows.values()))
    )
    page = window.settings_page.area.widget()
    assert page is not None
    reached = tabbed(qtbot, window, window.sidebar.add)
    tops = [one.mapTo(page, QPoint(0, 0)).y() for one in reached if page.isAncestorOf(one)]
    assert len(tops) > 15
    assert all(after > before - 20 for before, after in pairwise(tops))


def test_shortcuts_open_help_and_settings(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.settings_page)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    qtbot.waitUntil(lambda: window.pages.currentWidget() is window.help_page)


def test_the_list_of_accounts_is_walked_by_arrows(qtbot: QtBot, window: MainWindow) -> None:
    window.sidebar.list.setFocus()
    qtbot.keyClick(window.sidebar.list, Qt.Key.Key_Down)
    assert window.account_page.title.text() == "bo@bridge.example"
    face = QAccessible.queryAccessibleInterface(window.sidebar.list)
    assert face.text(QAccessible.Text.Name) == "Accounts"
    assert face.role() is QAccessible.Role.List


def test_signing_in_needs_no_mouse(qtbot: QtBot, actions: Actions, tokens: Tokens, bridge: RecordingBridge) -> None:
    bridge.answers["login"] = NeedTwoFactor(FlowId("f"))
    dialog = SignInDialog(actions, tokens)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is dialog.username)
    qtbot.keyClicks(dialog.username, "anna")
    qtbot.keyClick(dialog, Qt.Key.Key_Tab)
    at = QApplication.focusWidget()
    assert isinstance(at, QLineEdit)
    assert at is dialog.password
    qtbot.keyClicks(at, "secret")
    qtbot.keyClick(at, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is dialog.code)
    assert len(bridge.was_asked("login")) == 1
