from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from bridge_gui.model import Access, AddressMode, Protocol
from bridge_gui.state import ClientState
from bridge_gui.ui import dialogs, widgets
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.program_card import MASK, ProgramCard
from bridge_gui.ui.theme import Tokens
from tests.ui.recording import RecordingBridge
from tests.ui.snapshots import BACKUP, CREDENTIALS, LISTENERS, NOW, SESSIONS, THUNDERBIRD

SECRET = CREDENTIALS.password.reveal()
Card = Callable[..., ProgramCard]


@pytest.fixture
def card(qtbot: QtBot, actions: Actions, tokens: Tokens, bridge: RecordingBridge) -> Card:
    bridge.answers["credentials"] = CREDENTIALS

    def make(client: ClientState = THUNDERBIRD, mode: AddressMode = AddressMode.COMBINED) -> ProgramCard:
        made = ProgramCard(client, actions, Clipboard(), tokens)
        qtbot.addWidget(made)
        made.resize(640, 200)
        made.show()
        made.render_client(client, SESSIONS if client is THUNDERBIRD else (), LISTENERS, NOW, mode)
        return made

    return make


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def press(qtbot: QtBot, button: QWidget) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_says_who_it_is_and_what_it_does_now(card: Card) -> None:
    made = card()
    assert made.name.text() == "Thunderbird"
    assert made.status.words.text() == "signed in now · full access"
    assert "calls itself Thunderbird 153.7" in made.program.text()
    assert "last used 20 s ago" in made.program.text()
    assert made.sessions.text().splitlines()[0].startswith("IMAP · reading INBOX · since ")


def test_says_when_it_was_here_last(card: Card) -> None:
    made = card(BACKUP)
    assert (
        made.status.words.text() == "last used yesterday 16:53 · read-only" or "last used" in made.status.words.text()
    )
    assert not made.sessions.isVisible()
    assert not made.disconnect_action.isEnabled()


def test_names_its_address_where_addresses_are_split(card: Card) -> None:
    assert "anna@bridge.example" in card(mode=AddressMode.SPLIT).status.words.text()


@pytest.mark.parametrize(
    ("access", "shown"),
    [(Access.FULL, (True, True)), (Access.READ_ONLY, (True, False)), (Access.SEND_ONLY, (False, True))],
)
def test_shows_the_servers_that_it_needs(card: Card, access: Access, shown: tuple[bool, bool]) -> None:
    made = card(replace(THUNDERBIRD, access=access))
    assert tuple(made.servers[protocol].isVisible() for protocol in Protocol) == shown


def test_each_value_is_copied_by_itself(qtbot: QtBot, card: Card) -> None:
    made = card()
    copied = []
    rows = (*made.servers.values(), made.security)
    for button in (made.copy_user, *(copy for line in rows for copy in line.copies)):
        press(qtbot, button)
        copied.append(clipboard())
        assert button.accessibleName() == "Copied"
    assert copied == [
        "anna@bridge.example",
        *("127.0.0.1", "1143", "127.0.0.1", "1025", "STARTTLS or SSL/TLS"),
    ]


def test_the_copied_sign_goes_by_itself(qtbot: QtBot, card: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widgets.CopyButton, "SHOWN_MS", 10)
    made = card()
    press(qtbot, made.copy_user)
    qtbot.waitUntil(lambda: made.copy_user.accessibleName() == "Copy the user name")


def test_the_password_is_hidden_until_asked_for(qtbot: QtBot, card: Card) -> None:
    made = card()
    assert made.password.text() == MASK
    press(qtbot, made.show_password)
    qtbot.waitUntil(lambda: made.password.text() == SECRET)
    assert made.show_password.accessibleName() == "Hide the password"
    press(qtbot, made.show_password)
    assert made.password.text() == MASK


@pytest.mark.parametrize("leave", ["fold", "hide"])
def test_a_shown_password_is_hidden_again_when_it_goes_out_of_sight(qtbot: QtBot, card: Card, leave: str) -> None:
    made = card()
    press(qtbot, made.show_password)
    qtbot.waitUntil(lambda: made.password.text() == SECRET)
    made.toggle() if leave == "fold" else made.hide()
    assert made.password.text() == MASK


def test_the_password_is_copied_as_a_secret(qtbot: QtBot, card: Card) -> None:
    made = card()
    press(qtbot, made.copy_password)
    qtbot.waitUntil(lambda: clipboard() == SECRET)
    data = QGuiApplication.clipboard().mimeData()
    assert data is not None
    assert data.hasFormat("x-kde-passwordManagerHint")
    assert made.copy_password.accessibleName() == "Copied"


def test_copy_all_leaves_the_password_out(qtbot: QtBot, card: Card) -> None:
    made = card()
    press(qtbot, made.show_password)
    qtbot.waitUntil(lambda: made.password.text() == SECRET)
    made._copy_all()
    assert clipboard().splitlines() == [
        "Mail program: Thunderbird (Thunderbird 153.7)",
        "Access: full access",
        "User name: anna@bridge.example",
        "Incoming (IMAP): 127.0.0.1, 1143, STARTTLS or SSL/TLS",
        "Outgoing (SMTP): 127.0.0.1, 1025, STARTTLS or SSL/TLS",
    ]


def test_what_it_may_do_is_changed_in_the_menu(qtbot: QtBot, card: Card, bridge: RecordingBridge) -> None:
    made = card()
    made.access_actions[Access.FULL].trigger()
    made.access_actions[Access.READ_ONLY].trigger()
    qtbot.waitUntil(lambda: bridge.was_asked("set_client_access") == [(THUNDERBIRD.id, Access.READ_ONLY)])


def test_disconnecting_says_how_many_sessions_ended(
    qtbot: QtBot, card: Card, bridge: RecordingBridge, actions: Actions
) -> None:
    bridge.answers["disconnect_client"] = 2
    made = card()
    with qtbot.waitSignal(actions.done) as said:
        made.disconnect_action.trigger()
    assert said.args == ["2 sessions ended."]


def test_renaming(qtbot: QtBot, card: Card, bridge: RecordingBridge) -> None:
    made = card()
    made._rename()
    dialog = made.findChild(dialogs.RenameDialog)
    assert dialog is not None
    dialog.name.setText("  ")
    assert not dialog.save.isEnabled()
    dialog.name.setText(" Post ")
    press(qtbot, dialog.save)
    qtbot.waitUntil(lambda: bridge.was_asked("rename_client") == [(THUNDERBIRD.id, "Post")])


@pytest.mark.parametrize("agreed", [True, False])
def test_a_new_password_is_asked_about_first(
    qtbot: QtBot, card: Card, bridge: RecordingBridge, actions: Actions, agreed: bool
) -> None:
    bridge.answers["renew_client"] = CREDENTIALS
    QGuiApplication.clipboard().setText("before")
    made = card()
    made._renew()
    question = made.findChild(dialogs.Question)
    assert question is not None
    assert question.no.isDefault()
    if agreed:
        with qtbot.waitSignal(actions.done):
            press(qtbot, question.yes)
        assert clipboard() == SECRET
    else:
        press(qtbot, question.no)
    assert bridge.was_asked("renew_client") == ([(THUNDERBIRD.id,)] if agreed else [])


def test_nothing_in_it_is_drawn_again_without_a_change(qtbot: QtBot, card: Card) -> None:
    made = card()
    qtbot.wait(1)
    drawn: list[object] = []
    for label in (made.program, made.sessions, made.servers[Protocol.IMAP].texts[0]):
        label.setText = drawn.append  # type: ignore[method-assign]
    made.render_client(THUNDERBIRD, SESSIONS, LISTENERS, NOW)
    assert drawn == []


def test_fields_of_dialogs_can_be_found_by_name(qtbot: QtBot, card: Card) -> None:
    made = card()
    made._rename()
    dialog = made.findChild(QDialog)
    assert dialog is not None
    field = dialog.findChild(QLineEdit)
    assert field is not None
    assert field.accessibleName() == "Name of this mail program"
