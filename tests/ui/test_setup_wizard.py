"""The wizard on a bridge that answers as told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from bridge_gui.answers import SetupMade, SetupOptions, SetupPlan
from bridge_gui.errors import ProgramRunning, Refused
from bridge_gui.model import Access
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.setup import asking
from bridge_gui.ui.setup.flow import Step, Task
from bridge_gui.ui.setup.keep_question import KeepQuestion
from bridge_gui.ui.setup.pages import PROGRAM
from bridge_gui.ui.setup.wizard import SetupWizard
from bridge_gui.ui.theme import Tokens
from bridge_gui.ui.widgets import CopyButton
from tests.ui import setups
from tests.ui.recording import RecordingBridge
from tests.ui.snapshots import ANNA, CREDENTIALS, NOW

Open = Callable[..., SetupWizard]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "CLOSED_SECONDS", 0.01)


@pytest.fixture
def opened(qtbot: QtBot, actions: Actions, bridge: RecordingBridge, tokens: Tokens) -> Open:
    bridge.answers["setup_programs"] = setups.FOUND
    bridge.answers["setup_plan"] = setups.PLAN
    bridge.answers["setup_apply"] = (setups.NEW,)
    bridge.answers["setup_guide"] = ()
    bridge.answers["setup_undo"] = ()
    bridge.answers["setup_repair"] = ()
    bridge.answers["doctor"] = setups.CHECKS
    bridge.answers["credentials"] = CREDENTIALS

    def open_it(account: Any = ANNA, **options: Any) -> SetupWizard:
        made = SetupWizard(account, actions, Clipboard(), tokens, **options)
        qtbot.addWidget(made)
        made.show()
        if made.step is Step.PROGRAM:
            qtbot.waitUntil(lambda: made.programs.count() > 0)
        return made

    return open_it


def press(qtbot: QtBot, button: QPushButton) -> None:
    assert button.isVisible()
    qtbot.waitUntil(button.isEnabled)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def at(qtbot: QtBot, wizard: SetupWizard, step: Step) -> None:
    qtbot.waitUntil(lambda: wizard.step is step)


def to_sign_in(qtbot: QtBot, wizard: SetupWizard) -> None:
    while wizard.step is not Step.PLAN:
        press(qtbot, wizard.next_button)
    press(qtbot, wizard.next_button)
    at(qtbot, wizard, Step.SIGN_IN)


def test_the_list_names_programs_with_their_profiles(opened: Open) -> None:
    wizard = opened()
    shown = [wizard.programs.item(place) for place in range(wizard.programs.count())]
    names = [item.text() for item in shown]
    assert names[:3] == ["On this computer", "Thunderbird", "Thunderbird"]
    assert names[-1] == "Another program"
    assert wizard.answers.program == setups.THUNDERBIRD
    assert shown[0].data(PROGRAM) is None
    assert not shown[0].flags() & Qt.ItemFlag.ItemIsSelectable


def test_from_the_choice_to_the_sign_in(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    wizard = opened()
    press(qtbot, wizard.next_button)
    assert wizard.step is Step.ACCESS
    assert set(wizard.accesses.buttons) == {Access.FULL, Access.READ_ONLY}
    wizard.accesses.buttons[Access.READ_ONLY].click()
    wizard.copies.setChecked(False)
    press(qtbot, wizard.next_button)
    assert wizard.step is Step.PLAN
    qtbot.waitUntil(wizard.next_button.isEnabled)
    wish = ("anna", "thunderbird", setups.THUNDERBIRD.target, Access.READ_ONLY, SetupOptions(keep_copies=False))
    assert bridge.was_asked("setup_plan") == [wish]
    assert bridge.was_asked("setup_apply") == []
    assert wizard.plan_view.details[0].toPlainText().startswith('user_pref("mail.account')
    assert not wizard.plan_view.details[0].isVisible()
    press(qtbot, wizard.next_button)
    at(qtbot, wizard, Step.SIGN_IN)
    assert bridge.was_asked("setup_apply") == [wish]
    wizard.render_state(setups.state_with(setups.WAITING))
    assert wizard.line.words.text() == "Waiting for Thunderbird to sign in…"
    assert wizard.next_button.text() == "Finish later"
    wizard.render_state(setups.state_with(setups.SIGNED_IN))
    assert wizard.title.text() == "Thunderbird is set up"
    assert "Thunderbird 153.7 signed in to IMAP" in wizard.line.words.text()
    assert wizard.next_button.text() == "Done"
    assert not wizard.take_back_button.isVisible()
    press(qtbot, wizard.next_button)
    assert not wizard.isVisible()
    assert bridge.was_asked("setup_undo") == []


def test_enter_in_the_list_goes_one_step_on(qtbot: QtBot, opened: Open) -> None:
    wizard = opened()
    qtbot.keyClick(wizard.programs, Qt.Key.Key_Return)
    assert wizard.step is Step.ACCESS


def test_a_double_click_goes_one_step_on(qtbot: QtBot, opened: Open) -> None:
    wizard = opened()
    place = wizard.programs.visualItemRect(wizard.programs.currentItem()).center()
    for click in (qtbot.mouseClick, qtbot.mouseDClick):
        click(wizard.programs.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert wizard.step is Step.ACCESS


def test_it_waits_until_the_program_is_closed(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    running = ProgramRunning("Thunderbird runs.")
    bridge.answers["setup_apply"] = [running, running, (setups.NEW,)]
    wizard = opened()
    seen = []
    draw = wizard._draw_work

    def watched() -> None:
        draw()
        seen.append(wizard.line.words.text())

    wizard._draw_work = watched  # type: ignore[method-assign]
    to_sign_in(qtbot, wizard)
    assert "Close Thunderbird so that it can be set up. It goes on by itself." in seen
    assert len(bridge.was_asked("setup_apply")) == 3


def test_leaving_while_it_waits_leaves_nothing(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    bridge.answers["setup_apply"] = ProgramRunning("Thunderbird runs.")
    wizard = opened()
    press(qtbot, wizard.next_button)
    press(qtbot, wizard.next_button)
    press(qtbot, wizard.next_button)
    qtbot.waitUntil(lambda: "Close Thunderbird" in wizard.line.words.text())
    press(qtbot, wizard.cancel_button)
    assert not wizard.isVisible()
    asked = len(bridge.was_asked("setup_apply"))
    qtbot.wait(50)
    assert len(bridge.was_asked("setup_apply")) == asked
    assert bridge.was_asked("setup_undo") == []


def test_what_was_written_in_the_moment_of_leaving_is_taken_back(
    qtbot: QtBot, opened: Open, bridge: RecordingBridge
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(*_: object) -> tuple[str, ...]:
        begun.set()
        await go_on.wait()
        return (setups.NEW,)

    bridge.setup_apply = slowly  # type: ignore[attr-defined]
    wizard = opened()
    for _ in range(3):
        press(qtbot, wizard.next_button)
    qtbot.waitUntil(begun.is_set)
    wizard.reject()
    assert not wizard.isVisible()
    go_on.set()
    qtbot.waitUntil(lambda: bridge.was_asked("setup_undo") == [(setups.NEW,)])


def test_a_refused_plan_can_be_gone_back_from(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    bridge.answers["setup_plan"] = Refused("Thunderbird has this account already.")
    wizard = opened()
    press(qtbot, wizard.next_button)
    press(qtbot, wizard.next_button)
    qtbot.waitUntil(wizard.banner.isVisible)
    assert "has this account already" in wizard.banner.text()
    assert not wizard.next_button.isEnabled()
    press(qtbot, wizard.back_button)
    assert wizard.step is Step.ACCESS
    press(qtbot, wizard.back_button)
    assert wizard.step is Step.PROGRAM
    assert wizard.next_button.isEnabled()


def test_a_failed_work_goes_back_to_the_plan(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    bridge.answers["setup_apply"] = Refused("The disk is full.")
    wizard = opened()
    for _ in range(3):
        press(qtbot, wizard.next_button)
    qtbot.waitUntil(wizard.banner.isVisible)
    assert wizard.step is Step.PLAN
    assert "The disk is full." in wizard.banner.text()


def test_after_a_minute_the_doctor_helps(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    wizard = opened()
    to_sign_in(qtbot, wizard)
    wizard.render_state(setups.state_with(setups.SILENT, last_failure=NOW))
    assert wizard.banner.isVisible()
    qtbot.waitUntil(lambda: "SMTP does not listen." in wizard.help.text())
    assert "tried with an old password at" in wizard.help.text()
    wizard.render_state(setups.state_with(setups.SIGNED_IN))
    assert not wizard.banner.isVisible()
    assert not wizard.help.isVisible()
    assert len(bridge.was_asked("doctor")) == 1


def test_a_refused_program_is_set_up_again_with_one_button(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    wizard = opened()
    to_sign_in(qtbot, wizard)
    wizard.render_state(setups.state_with(setups.REFUSED))
    press(qtbot, wizard.banner.action)
    qtbot.waitUntil(lambda: bridge.was_asked("setup_repair") == [(setups.NEW,)])
    at(qtbot, wizard, Step.SIGN_IN)


def test_after_a_repair_it_waits_for_the_accounts_that_came(
    qtbot: QtBot, opened: Open, bridge: RecordingBridge
) -> None:
    bridge.answers["setup_repair"] = ()
    made = SetupMade("x", "thunderbird", "", ANNA, (), (setups.NEW, setups.SECOND), NOW)
    bridge.answers["setups_made"] = (made,)
    wizard = opened(task=Task.REPAIR, clients=(setups.NEW,), name="Thunderbird")
    at(qtbot, wizard, Step.SIGN_IN)
    assert wizard.answers.clients == (setups.NEW, setups.SECOND)


def test_guided_steps_have_values_to_copy(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    bridge.answers["setup_plan"] = SetupPlan(setups.EVOLUTION, Access.FULL, SetupOptions(), setups.GUIDE)
    bridge.answers["setup_guide"] = setups.GUIDE
    wizard = opened()
    wizard.programs.choose("other", "evolution")
    to_sign_in(qtbot, wizard)
    assert not wizard.plan_view.copies
    wizard.guide_view.copies["IMAP port"].click()
    assert QGuiApplication.clipboard().text() == "1143"
    wizard.guide_view.copies["Password"].click()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == CREDENTIALS.password.reveal())
    assert bridge.was_asked("credentials") == [(setups.NEW,)]


def test_each_account_of_a_set_up_has_its_own_password_to_copy(
    qtbot: QtBot, opened: Open, bridge: RecordingBridge
) -> None:
    bridge.answers["setup_guide"] = setups.PASTE
    wizard = opened()
    to_sign_in(qtbot, wizard)
    for copy in [one for one in wizard.guide_view.findChildren(CopyButton) if one.isVisible()]:
        copy.click()
    qtbot.waitUntil(lambda: bridge.was_asked("credentials") == [(setups.NEW,), (setups.SECOND,)])


def test_a_guided_program_may_have_a_name(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    wizard = opened()
    wizard.programs.choose("other", "any")
    press(qtbot, wizard.next_button)
    assert wizard.label.isVisible()
    assert wizard.label.placeholderText() == "Another program"
    qtbot.keyClicks(wizard.label, "My scripts")
    press(qtbot, wizard.next_button)
    press(qtbot, wizard.next_button)
    at(qtbot, wizard, Step.SIGN_IN)
    assert bridge.was_asked("setup_apply")[0][-1].label == "My scripts"


def test_a_text_is_copied_whole(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    bridge.answers["setup_guide"] = setups.TEXT
    wizard = opened()
    wizard.programs.choose("other", "mbsync")
    to_sign_in(qtbot, wizard)
    assert wizard.guide_view.details[0].isVisible()
    wizard.guide_view.copies["all"].click()
    assert QGuiApplication.clipboard().text() == "\n".join([*setups.TEXT[0].lines, ""])


@pytest.mark.parametrize(("choice", "undone"), [("keep", []), ("take_back", [(setups.NEW,)])])
def test_leaving_before_the_sign_in_asks(
    qtbot: QtBot, opened: Open, bridge: RecordingBridge, choice: str, undone: list[Any]
) -> None:
    wizard = opened()
    to_sign_in(qtbot, wizard)
    wizard.close()
    question = wizard.findChild(KeepQuestion)
    assert question is not None
    assert wizard.isVisible()
    press(qtbot, getattr(question, choice))
    qtbot.waitUntil(lambda: not wizard.isVisible())
    assert bridge.was_asked("setup_undo") == undone


def test_staying_changes_nothing(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    wizard = opened()
    to_sign_in(qtbot, wizard)
    wizard.reject()
    question = wizard.findChild(KeepQuestion)
    assert question is not None
    press(qtbot, question.stay)
    assert wizard.isVisible()
    assert wizard.step is Step.SIGN_IN


def test_a_program_that_signed_in_is_left_without_a_question(qtbot: QtBot, opened: Open) -> None:
    wizard = opened()
    to_sign_in(qtbot, wizard)
    wizard.render_state(setups.state_with(setups.SIGNED_IN))
    wizard.reject()
    assert not wizard.isVisible()


def test_what_cannot_be_set_up_is_explained(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    wizard = opened()
    wizard.programs.choose("outlook", "new")
    press(qtbot, wizard.next_button)
    assert wizard.step is Step.WHY_NOT
    assert "cannot reach this computer" in wizard.text.text()
    assert not wizard.next_button.isVisible()
    press(qtbot, wizard.back_button)
    assert wizard.step is Step.PROGRAM


def test_split_addresses_are_asked_for(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    wizard = opened(setups.SPLIT)
    press(qtbot, wizard.next_button)
    assert wizard.step is Step.ADDRESS
    assert list(wizard.addresses.buttons) == ["", "anna@bridge.example", "anna.berg@bridge.example"]
    wizard.addresses.buttons["anna.berg@bridge.example"].click()
    press(qtbot, wizard.next_button)
    press(qtbot, wizard.next_button)
    qtbot.waitUntil(lambda: len(bridge.was_asked("setup_plan")) == 1)
    assert bridge.was_asked("setup_plan")[0][-1].address == "anna.berg@bridge.example"


def test_a_program_for_one_address_has_no_all(qtbot: QtBot, opened: Open) -> None:
    wizard = opened(setups.SPLIT)
    wizard.programs.choose("other", "evolution")
    press(qtbot, wizard.next_button)
    assert list(wizard.addresses.buttons) == ["anna@bridge.example", "anna.berg@bridge.example"]
    assert wizard.answers.address == "anna@bridge.example"


def test_what_is_there_already_is_set_up_again(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    bridge.answers["setup_programs"] = (setups.THERE,)
    wizard = opened()
    press(qtbot, wizard.next_button)
    assert wizard.step is Step.AGAIN
    press(qtbot, wizard.next_button)
    at(qtbot, wizard, Step.SIGN_IN)
    assert bridge.was_asked("setup_repair") == [("c1",)]
    assert bridge.was_asked("setup_apply") == []


def test_repair_from_the_card(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    bridge.answers["setup_repair"] = [ProgramRunning("Thunderbird runs."), setups.PASTE]
    wizard = opened(task=Task.REPAIR, clients=(setups.NEW,), name="Thunderbird")
    at(qtbot, wizard, Step.SIGN_IN)
    assert len(bridge.was_asked("setup_repair")) == 2
    assert "Password" in wizard.guide_view.copies
    wizard.reject()
    assert not wizard.isVisible()


def test_undo_from_the_card(qtbot: QtBot, opened: Open, bridge: RecordingBridge) -> None:
    bridge.answers["setup_undo"] = setups.REMOVE
    wizard = opened(task=Task.UNDO, clients=(setups.NEW,), name="Apple Mail")
    at(qtbot, wizard, Step.LEFT)
    assert wizard.title.text() == "The set-up of Apple Mail is taken back"
    press(qtbot, wizard.next_button)
    assert not wizard.isVisible()
