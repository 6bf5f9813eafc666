from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from bridge_gui.errors import Refused, VaultLocked
from bridge_gui.model import AccountId
from bridge_gui.state import BridgeState, CorePhase
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.dialogs import Question
from bridge_gui.ui.main_window import MainWindow
from bridge_gui.ui.setup.flow import Step
from bridge_gui.ui.setup.wizard import SetupWizard
from bridge_gui.ui.sign_in import SignInDialog
from bridge_gui.ui.theme import Tokens
from tests.ui import setups, snapshots
from tests.ui.recording import RecordingBridge
from tests.ui.snapshots import CREDENTIALS
from tests.ui.troubles import TROUBLES


@pytest.fixture
def window(qtbot: QtBot, actions: Actions, clipboard: Clipboard, tokens: Tokens, places: QSettings) -> MainWindow:
    made = MainWindow(actions, clipboard, tokens, places)
    qtbot.addWidget(made)
    made.show()
    made.render_state(snapshots.USUAL)
    qtbot.waitUntil(lambda: len(made.account_page._cards) == 2)
    return made


@pytest.mark.parametrize("state", snapshots.STATES.values(), ids=snapshots.STATES.keys())
def test_draws_every_state(window: MainWindow, state: BridgeState) -> None:
    window.render_state(state)
    if state.core.phase is CorePhase.LOCKED:
        assert window.pages.currentWidget() is window.locked_page
    else:
        assert window.pages.currentWidget() is (window.account_page if state.accounts else window.empty_page)


@pytest.mark.parametrize("name", ["vault-damaged", "key-lost"])
def test_stored_passwords_that_nothing_opens_can_be_given_up(
    name: str, qtbot: QtBot, window: MainWindow, bridge: RecordingBridge
) -> None:
    window.render_state(TROUBLES[name])
    page = window.locked_page
    for answer, asked in (("no", []), ("yes", [()])):
        qtbot.mouseClick(page.anew, Qt.MouseButton.LeftButton)
        (question,) = page.findChildren(Question)
        assert question.focusWidget() is question.no
        qtbot.mouseClick(getattr(question, answer), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not page.findChildren(Question))
        qtbot.waitUntil(lambda wanted=asked: bridge.was_asked("start_anew") == wanted)


def test_a_passphrase_is_given_up_only_after_a_wrong_one(
    qtbot: QtBot, window: MainWindow, bridge: RecordingBridge
) -> None:
    window.render_state(TROUBLES["passphrase-needed"])
    page = window.locked_page
    assert not page.anew.isVisible()
    bridge.answers["unlock"] = VaultLocked("This is not the passphrase of the stored passwords.")
    page.passphrase.setText("wrong")
    qtbot.mouseClick(page.open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.anew.isVisible)
    window.render_state(TROUBLES["passphrase-needed"])
    assert page.anew.isVisible()
    window.render_state(TROUBLES["locked-with-passphrase"])
    assert not page.anew.isVisible()


def test_only_what_nothing_opens_is_given_up(window: MainWindow) -> None:
    for name in ("keychain-locked", "passphrase-needed", "keychain-missing", "locked-by-user", "folder-missing"):
        window.render_state(TROUBLES[name])
        assert not window.locked_page.anew.isVisible(), name
        assert window.locked_page.again.isVisible() or window.locked_page.open.isVisible()


def test_the_first_account_is_in_front(window: MainWindow) -> None:
    assert window.account_page.title.text() == "anna@bridge.example"
    assert window.sidebar.list.currentIndex().row() == 0


def test_choosing_another_account(window: MainWindow) -> None:
    window.sidebar.list.setCurrentIndex(window.sidebar.model.index(1, 0))
    assert window.account_page.title.text() == "bo@bridge.example"
    assert window.account_page.none.isVisible()


def test_cards_stay_the_same_widgets_while_updates_arrive(window: MainWindow) -> None:
    before = dict(window.account_page._cards)
    busy = replace(snapshots.USUAL, sessions=())
    window.render_state(busy)
    window.render_state(snapshots.USUAL)
    assert window.account_page._cards == before
    assert len(before) == 2


def test_a_removed_account_gives_way(window: MainWindow) -> None:
    window.render_state(replace(snapshots.USUAL, accounts=(snapshots.BO,)))
    assert window.account_page.title.text() == "bo@bridge.example"


def test_copying_a_password(qtbot: QtBot, window: MainWindow, bridge: RecordingBridge) -> None:
    bridge.answers["credentials"] = CREDENTIALS
    card = window.account_page._cards[snapshots.THUNDERBIRD.id]
    qtbot.mouseClick(card.copy_password, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "v3l0Xq9sT2mYpR7kWc1uEg")
    assert card.copy_password.toolTip() == "Copied"
    assert "v3l0" not in card.password.text()


def test_showing_and_hiding_a_password(qtbot: QtBot, window: MainWindow, bridge: RecordingBridge) -> None:
    bridge.answers["credentials"] = CREDENTIALS
    card = window.account_page._cards[snapshots.THUNDERBIRD.id]
    qtbot.mouseClick(card.show_password, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: card.password.text() == "v3l0Xq9sT2mYpR7kWc1uEg")
    qtbot.mouseClick(card.show_password, Qt.MouseButton.LeftButton)
    assert "v3l0" not in card.password.text()


def test_revoking_offers_the_way_back(qtbot: QtBot, window: MainWindow, bridge: RecordingBridge) -> None:
    window.account_page._revoke(snapshots.THUNDERBIRD.id)
    qtbot.waitUntil(window.account_page.undo.isVisible)
    assert bridge.was_asked("revoke_client") == [(snapshots.THUNDERBIRD.id,)]
    qtbot.mouseClick(window.account_page.undo.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bridge.was_asked("restore_client") == [(snapshots.THUNDERBIRD.id,)])
    assert not window.account_page.undo.isVisible()


def test_a_failed_wish_is_said(qtbot: QtBot, window: MainWindow, bridge: RecordingBridge) -> None:
    bridge.answers["pause"] = Refused("The account is signed out", remedy="Sign in first.")
    qtbot.mouseClick(window.account_page.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.failure.isVisible)
    assert "Sign in first." in window.failure.text()


def test_a_busy_port_offers_the_next_free_one(qtbot: QtBot, window: MainWindow, bridge: RecordingBridge) -> None:
    window.render_state(snapshots.PORT_BUSY)
    assert window.core_banner.isVisible()
    qtbot.mouseClick(window.core_banner.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bridge.was_asked("set_setting") == [("imap.port", "1144")])


def test_a_change_that_was_taken_back_names_its_messages(window: MainWindow) -> None:
    window.render_state(TROUBLES["notices"])
    said = window.notices.banner.words.text()
    assert said.startswith("Proton did not accept what a mail program did with 5 messages: Folder does not exist.")
    assert said.endswith("\n“Lunch on Friday”, “Invoice 2026-11”, “The plan of the house” and 2 more")


@pytest.mark.parametrize("height", [520, 1600])
def test_a_notice_is_as_wide_as_the_cards_below_whether_they_scroll_or_not(
    qtbot: QtBot, window: MainWindow, height: int
) -> None:
    window.render_state(TROUBLES["notices"])
    window.resize(800, height)
    card = next(iter(window.account_page._cards.values()))
    scrolls = height == 520

    def edges(widget: QWidget) -> tuple[int, int]:
        left = widget.mapTo(window, QPoint(0, 0)).x()
        return left, left + widget.width()

    area = window.account_page.findChild(QScrollArea)
    assert area is not None
    bar = area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.isVisible() is scrolls)
    qtbot.waitUntil(lambda: edges(card) == edges(window.notices.banner))


def test_values_of_all_cards_stand_below_each_other(window: MainWindow) -> None:
    """One may send and the other may not: the captions of the first are longer."""
    places = {card.user.mapTo(window, QPoint(0, 0)).x() for card in window.account_page._cards.values()}
    assert len(places) == 1


def test_signed_out_offers_to_sign_in_again(qtbot: QtBot, window: MainWindow) -> None:
    window.render_state(snapshots.SIGNED_OUT)
    qtbot.mouseClick(window.account_page.banner.action, Qt.MouseButton.LeftButton)
    dialog = window.findChild(SignInDialog)
    assert dialog is not None
    assert dialog.username.text() == "anna"


def test_closing_hides_rather_than_ends(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.closed):
        window.close()
    assert window.isVisible()
    window.quit()
    assert not window.isVisible()


def test_adding_a_program(qtbot: QtBot, window: MainWindow, bridge: RecordingBridge) -> None:
    bridge.answers["setup_programs"] = setups.FOUND
    wizard = window.add_program(AccountId("anna"))
    assert wizard is not None
    qtbot.waitUntil(lambda: wizard.programs.count() > 0)
    assert bridge.was_asked("setup_programs") == [("anna",)]
    wizard.reject()


def test_a_set_up_program_is_set_up_again_and_taken_back(
    qtbot: QtBot, window: MainWindow, bridge: RecordingBridge
) -> None:
    bridge.answers["setup_repair"] = ()
    bridge.answers["setup_undo"] = ()
    window.render_state(replace(snapshots.USUAL, setups=(replace(setups.REPAIR, client=snapshots.THUNDERBIRD.id),)))
    card = window.account_page._cards[snapshots.THUNDERBIRD.id]
    assert "trusts an old certificate" in card.setup.text()
    qtbot.mouseClick(card.set_up_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bridge.was_asked("setup_repair") == [("c1",)])
    wizard = window.findChildren(SetupWizard)[0]
    qtbot.waitUntil(lambda: wizard.step is Step.SIGN_IN)
    wizard.accept()
    card.undo_action.trigger()
    qtbot.waitUntil(lambda: bridge.was_asked("setup_undo") == [("c1",)])


def test_a_program_set_up_by_hand_offers_neither(window: MainWindow) -> None:
    card = window.account_page._cards[snapshots.THUNDERBIRD.id]
    assert card.setup_line.isHidden()
    assert not card.undo_action.isVisible()


def test_snapshots_reach_the_wizard(qtbot: QtBot, window: MainWindow, bridge: RecordingBridge) -> None:
    bridge.answers["setup_repair"] = ()
    window.render_state(setups.state_with(setups.WAITING))
    wizard = window.set_up_again(setups.NEW)
    assert wizard is not None
    qtbot.waitUntil(lambda: wizard.step is Step.SIGN_IN)
    window.render_state(setups.state_with(setups.SIGNED_IN))
    assert wizard.title.text() == "Thunderbird is set up"
    wizard.accept()
