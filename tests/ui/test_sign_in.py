from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from bridge_gui.answers import LoginFailed, LoginStep, NeedHumanCheck, NeedMailboxPassword, NeedTwoFactor, SignedIn
from bridge_gui.errors import Unreachable
from bridge_gui.model import AccountId, FlowId
from bridge_gui.secret import Secret
from bridge_gui.state import Problem
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.sign_in import SignInDialog
from bridge_gui.ui.sign_in_steps import Page
from bridge_gui.ui.theme import Tokens
from tests.ui.conftest import Direct
from tests.ui.recording import RecordingBridge

FLOW = FlowId("f")


@pytest.fixture
def dialog(qtbot: QtBot, actions: Actions, tokens: Tokens) -> SignInDialog:
    made = SignInDialog(actions, tokens)
    qtbot.addWidget(made)
    made.show()
    return made


def press(qtbot: QtBot, dialog: SignInDialog) -> None:
    qtbot.mouseClick(dialog.next_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not dialog._busy)


def fill(dialog: SignInDialog) -> None:
    dialog.username.setText(" anna \n")
    dialog.password.setText("correct horse")


def test_signs_in(qtbot: QtBot, dialog: SignInDialog, bridge: RecordingBridge) -> None:
    bridge.answers["login"] = SignedIn(AccountId("anna"))
    fill(dialog)
    with qtbot.waitSignal(dialog.signed_in) as told:
        qtbot.mouseClick(dialog.next_button, Qt.MouseButton.LeftButton)
    assert told.args == ["anna"]
    assert bridge.was_asked("login") == [("anna", Secret("correct horse"))]
    assert not dialog.isVisible()
    assert dialog.password.text() == ""


def test_a_wrong_password_keeps_what_was_typed(qtbot: QtBot, dialog: SignInDialog, bridge: RecordingBridge) -> None:
    bridge.answers["login"] = LoginFailed(Problem("wrong-password", "The password is wrong"))
    fill(dialog)
    press(qtbot, dialog)
    qtbot.waitUntil(dialog.banner.isVisible)
    assert dialog.banner.text() == "The password is wrong."
    assert dialog.username.text().strip() == "anna"
    assert dialog.password.text() == "correct horse"


def test_no_network_is_said_and_the_form_stays(qtbot: QtBot, dialog: SignInDialog, bridge: RecordingBridge) -> None:
    bridge.answers["login"] = Unreachable()
    fill(dialog)
    press(qtbot, dialog)
    qtbot.waitUntil(dialog.banner.isVisible)
    assert "cannot be reached" in dialog.banner.text()


def test_nothing_is_asked_without_input(qtbot: QtBot, dialog: SignInDialog, bridge: RecordingBridge) -> None:
    press(qtbot, dialog)
    assert bridge.asked == []
    assert dialog.banner.isVisible()


def test_the_whole_way_through_both_second_steps(qtbot: QtBot, dialog: SignInDialog, bridge: RecordingBridge) -> None:
    bridge.answers["login"] = NeedTwoFactor(FLOW)
    bridge.answers["login_code"] = [NeedTwoFactor(FLOW, Problem("wrong-code", "Wrong code")), NeedMailboxPassword(FLOW)]
    bridge.answers["login_mailbox_password"] = SignedIn(AccountId("two"))
    fill(dialog)
    press(qtbot, dialog)
    dialog.code.setText("12 34")
    assert bridge.was_asked("login_code") == []
    dialog.code.setText("123 456")  # six digits go on by themselves
    qtbot.waitUntil(dialog.banner.isVisible)
    assert dialog.code.text() == ""
    dialog.code.setText("654321")
    qtbot.waitUntil(lambda: dialog.stack.currentWidget() is dialog.pages[Page.MAILBOX])
    dialog.mailbox_password.setText("second")
    with qtbot.waitSignal(dialog.signed_in):
        qtbot.mouseClick(dialog.next_button, Qt.MouseButton.LeftButton)
    assert [code for _, code in bridge.was_asked("login_code")] == ["123456", "654321"]


def test_what_is_wrong_stands_right_below_the_field(
    qtbot: QtBot, dialog: SignInDialog, bridge: RecordingBridge
) -> None:
    bridge.answers["login"] = NeedMailboxPassword(FLOW, 2, Problem("wrong-mailbox-password", "Wrong mailbox password"))
    fill(dialog)
    press(qtbot, dialog)
    qtbot.waitUntil(dialog.banner.isVisible)
    field = dialog.mailbox_password
    below = field.mapTo(dialog, field.rect().bottomLeft()).y()
    qtbot.waitUntil(lambda: 0 < dialog.banner.y() - below <= 20)


def test_a_human_check_goes_on_after_the_browser(qtbot: QtBot, dialog: SignInDialog, bridge: RecordingBridge) -> None:
    bridge.answers["login"] = NeedHumanCheck(FLOW, "https://verify.example/")
    bridge.answers["login_verified"] = SignedIn(AccountId("anna"))
    fill(dialog)
    press(qtbot, dialog)
    assert dialog.stack.currentWidget() is dialog.pages[Page.HUMAN]
    with qtbot.waitSignal(dialog.signed_in):
        qtbot.mouseClick(dialog.next_button, Qt.MouseButton.LeftButton)
    assert bridge.was_asked("login_verified") == [(FLOW,)]


def test_cancelling_ends_the_session_and_forgets_the_password(
    qtbot: QtBot, dialog: SignInDialog, bridge: RecordingBridge
) -> None:
    bridge.answers["login"] = NeedTwoFactor(FLOW)
    fill(dialog)
    press(qtbot, dialog)
    dialog.reject()
    qtbot.waitUntil(lambda: bridge.was_asked("login_cancel") == [(FLOW,)])
    assert dialog.password.text() == ""


def test_back_keeps_what_was_typed_and_ends_the_session(
    qtbot: QtBot, dialog: SignInDialog, bridge: RecordingBridge
) -> None:
    bridge.answers["login"] = NeedTwoFactor(FLOW)
    fill(dialog)
    press(qtbot, dialog)
    qtbot.mouseClick(dialog.back_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bridge.was_asked("login_cancel") == [(FLOW,)])
    assert dialog.stack.currentWidget() is dialog.pages[Page.PASSWORD]
    assert (dialog.username.text().strip(), dialog.password.text()) == ("anna", "correct horse")


class Slow(RecordingBridge):
    """Answers a sign-in only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = asyncio.Event()

    async def login(self, *args: object) -> object:
        await self.let.wait()
        return self.answers["login"]


@pytest.mark.parametrize(
    ("answer", "undone"),
    [
        (NeedTwoFactor(FLOW), ("login_cancel", (FLOW,))),
        (NeedHumanCheck(FLOW, "https://verify.example/"), ("login_cancel", (FLOW,))),
        (SignedIn(AccountId("new")), ("remove", ("new",))),
        (SignedIn(AccountId("known")), ("logout", ("known",))),
        (LoginFailed(Problem("wrong-password", "The password is wrong")), None),
    ],
    ids=["code", "human", "new account", "known account", "failed"],
)
def test_an_answer_that_comes_after_cancelling_is_undone(
    qtbot: QtBot, qt_loop: object, tokens: Tokens, answer: LoginStep, undone: tuple[str, tuple[object, ...]] | None
) -> None:
    bridge = Slow()
    bridge.answers["login"] = answer
    actions = Actions(Direct(), bridge)  # type: ignore[arg-type]
    dialog = SignInDialog(actions, tokens, known=frozenset({AccountId("known")}))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    fill(dialog)
    with qtbot.waitSignal(dialog.destroyed):
        dialog.next_button.click()
        dialog.reject()
        dialog.close()
    with qtbot.assertNotEmitted(actions.failed):
        bridge.let.set()
        qtbot.waitUntil(lambda: len(actions._owner) == 0)
    assert bridge.asked == ([undone] if undone else [])
