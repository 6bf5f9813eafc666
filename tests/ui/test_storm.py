"""While thousands of messages arrive nothing flickers or jumps: widgets, scroll, focus and what is typed stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, QSettings, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from bridge_gui.state import BridgeState
from bridge_gui.ui.account_page import AT_ONCE
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.main_window import MainWindow
from bridge_gui.ui.theme import Tokens
from tests.ui import samples
from tests.ui.snapshots import ANNA, BO, EMPTY, USUAL
from tests.ui.troubles import MANY_PROGRAMS, TWENTY

STEPS = 200


def storm(state: BridgeState) -> Iterator[BridgeState]:
    """Snapshots as a first download makes them: the second account's counts run, the rest stays."""
    for step in range(STEPS):
        sync = replace(BO.sync, done=4100 + step, remaining_s=130.0 - step / 10)
        accounts = tuple(
            replace(account, sync=sync, disk_bytes=account.disk_bytes + step) if account.id == BO.id else account
            for account in state.accounts
        )
        yield replace(state, accounts=accounts)


@pytest.fixture
def window(qtbot: QtBot, actions: Actions, clipboard: Clipboard, tokens: Tokens, places: QSettings) -> MainWindow:
    made = MainWindow(actions, clipboard, tokens, places)
    qtbot.addWidget(made)
    made.resize(940, 520)
    made.show()
    made.render_state(USUAL)
    qtbot.waitUntil(lambda: len(made.account_page._cards) == 2)
    return made


class Painted(QObject):
    """Counts what is painted anew among the widgets that did not change."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        self.seen: list[str] = []
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Paint, QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Hide):
            self.seen.append(f"{type(watched).__name__} {event.type().name}")
        return False


def test_scroll_and_focus_stay(window: MainWindow, qapp: QApplication) -> None:
    bar = window.account_page.area.verticalScrollBar()
    card = next(iter(window.account_page._cards.values()))
    card.copy_user.setFocus(Qt.FocusReason.TabFocusReason)
    bar.setValue(bar.maximum() // 2)
    before = (bar.value(), QApplication.focusWidget(), card.pos(), window.sidebar.list.currentIndex().row())
    for state in storm(USUAL):
        window.render_state(state)
        qapp.processEvents()
    assert (bar.value(), QApplication.focusWidget(), card.pos(), window.sidebar.list.currentIndex().row()) == before


def test_what_did_not_change_is_not_painted(window: MainWindow, qapp: QApplication) -> None:
    for _ in range(5):
        qapp.processEvents()
    quiet = list(window.account_page._cards.values())
    painted = Painted(*quiet, window.account_page.title, window.account_page.status.dot)
    for state in storm(USUAL):
        window.render_state(state)
        qapp.processEvents()
    assert painted.seen == []


def test_the_list_of_accounts_only_says_which_rows_changed(window: MainWindow) -> None:
    window.render_state(TWENTY)
    model = window.sidebar.model
    resets: list[None] = []
    changed: list[int] = []
    model.modelReset.connect(lambda: resets.append(None))
    model.dataChanged.connect(lambda first, last: changed.append(first.row()))
    third = TWENTY.accounts[3]
    for step in range(STEPS):
        accounts = list(TWENTY.accounts)
        accounts[3] = replace(third, sync=replace(third.sync, done=step + 1))
        window.render_state(replace(TWENTY, accounts=tuple(accounts)))
    assert resets == []
    assert set(changed) == {3}


def test_what_is_typed_into_a_setting_stays(window: MainWindow, qtbot: QtBot) -> None:
    window.open_page("settings")
    window.settings_page.render_settings(samples.settings())
    field = window.settings_page.rows["network.proxy"].field
    assert field is not None
    field.setFocus()
    qtbot.keyClicks(field, "http://pro")
    for state in storm(USUAL):
        window.render_state(state)
    window.settings_page.render_settings(samples.settings(imap__port="2143"))
    assert field.text() == "http://pro"
    assert field.hasFocus()


def test_many_cards_are_made_a_few_at_a_time(window: MainWindow, qtbot: QtBot) -> None:
    """Each takes a while, in which nothing else would be answered."""
    window.render_state(EMPTY)
    window.render_state(replace(USUAL, clients=MANY_PROGRAMS))
    assert len(window.account_page._cards) == AT_ONCE
    window.show_program(MANY_PROGRAMS[-1].id)
    qtbot.waitUntil(lambda: list(window.account_page._cards) == [one.id for one in MANY_PROGRAMS])
    last = window.account_page._cards[MANY_PROGRAMS[-1].id]
    qtbot.waitUntil(lambda: not last.details.isHidden())  # it was asked for before it was there


def test_a_card_that_was_folded_or_unfolded_stays_so(window: MainWindow, qtbot: QtBot) -> None:
    many = replace(USUAL, accounts=(ANNA, BO), clients=MANY_PROGRAMS, sessions=())
    window.render_state(many)
    qtbot.waitUntil(lambda: len(window.account_page._cards) == len(MANY_PROGRAMS))
    first, *others = window.account_page._cards.values()
    assert all(card.details.isHidden() for card in (first, *others))
    first.toggle()
    for state in storm(many):
        window.render_state(state)
    assert not first.details.isHidden()
    assert all(card.details.isHidden() for card in others)
    assert isinstance(first.user, QLabel)
