"""The cards of mail programs in the running application: each thing that can be done there, and what a real session of
the program notices of it."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest

from bridge_gui.model import Access
from bridge_gui.state import ClientState
from bridge_gui.ui.announcer import Kind
from bridge_gui.ui.dialogs import Question, RenameDialog
from bridge_gui.ui.program_card import ProgramCard
from tests.desktop.running import notices_of
from tests.desktop.whole import Whole

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(60), pytest.mark.expects_log]


def client(app: Whole) -> ClientState:
    return app.state.clients[0]


def card(app: Whole) -> ProgramCard:
    page = app.shell.window.account_page
    app.shell.window.show_account(app.account.id)
    app.until(lambda: client(app).id in page._cards)
    return page._cards[client(app).id]


def choose(app: Whole, text: str) -> None:
    """Choose a line of the card's menu."""
    menu = card(app).menu_button.menu()
    assert menu is not None
    found: list[QAction] = [action for action in menu.actions() if action.text() == text]
    assert found, [action.text() for action in menu.actions()]
    found[0].trigger()


def password(app: Whole) -> str:
    """By the card's button, as a person gets it."""
    QGuiApplication.clipboard().clear()
    QTest.mouseClick(card(app).copy_password, Qt.MouseButton.LeftButton)
    app.until(lambda: len(QGuiApplication.clipboard().text()) == 22)
    return QGuiApplication.clipboard().text()


def trust(app: Whole) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=app.profile.certificate_file)


def imap_sign_in(app: Whole, words: str, name: str = "") -> imaplib.IMAP4_SSL:
    imap = imaplib.IMAP4_SSL("127.0.0.1", app.state.listeners[0].port, ssl_context=trust(app), timeout=20)
    try:
        imap.login(name or client(app).username, words)
    except imaplib.IMAP4.error:
        imap.shutdown()
        raise
    return imap


def smtp_sign_in(app: Whole, words: str) -> None:
    with smtplib.SMTP_SSL("localhost", app.state.listeners[1].port, context=trust(app), timeout=20) as smtp:
        smtp.login(client(app).username, words)


@contextmanager
def session(app: Whole) -> Iterator[imaplib.IMAP4_SSL]:
    """A session that the window knows of."""
    imap = imap_sign_in(app, password(app))
    try:
        app.until(lambda: app.state.sessions and "signed in now" in card(app).status.words.text())
        yield imap
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            imap.logout()
        app.until(lambda: not app.state.sessions)


def has_ended(app: Whole, imap: imaplib.IMAP4_SSL) -> bool:
    """The window shows no session any more, and the server has said BYE and hung up."""
    app.until(lambda: not app.state.sessions)
    try:
        imap.noop()
        imap.noop()
    except (imaplib.IMAP4.abort, OSError):
        return True
    return False


def test_renaming(app: Whole) -> None:
    choose(app, "Rename…")
    dialog = next(one for one in app.shell.window.findChildren(RenameDialog) if one.isVisible())
    dialog.name.setText("Work laptop")
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    app.until(lambda: client(app).label == "Work laptop")
    assert card(app).name.text() == "Work laptop"
    assert "Copy password of Work laptop" in app.menu
    assert app.get("/v1/status")["clients"][0]["label"] == "Work laptop"


def test_what_it_may_do_changes_at_once(app: Whole) -> None:
    words = password(app)
    with session(app) as imap:
        card(app).access_actions[Access.READ_ONLY].trigger()
        app.until(lambda: client(app).access is Access.READ_ONLY)
        assert has_ended(app, imap)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        smtp_sign_in(app, words)
    label = client(app).label
    app.until(lambda: app.tray == ("attention", f"{label} may only read"))
    assert notices_of(app) == ["read-only"]
    app.press("may only read", "Show the program")
    assert card(app).access_actions[Access.READ_ONLY].isChecked()
    card(app).access_actions[Access.SEND_ONLY].trigger()
    app.until(lambda: client(app).access is Access.SEND_ONLY)
    with pytest.raises(imaplib.IMAP4.error):
        imap_sign_in(app, words)
    app.until(lambda: app.tray == ("attention", f"{label} may only send"))
    card(app).access_actions[Access.FULL].trigger()
    app.until(lambda: client(app).access is Access.FULL)
    smtp_sign_in(app, words)
    imap_sign_in(app, words).logout()
    app.well()
    assert notices_of(app) == []


def test_a_disconnected_program_may_come_back(app: Whole) -> None:
    words = password(app)
    assert not card(app).disconnect_action.isEnabled()
    with session(app) as imap:
        choose(app, "Disconnect")
        assert has_ended(app, imap)
        app.until(lambda: app.shell.window.toast.text() == "1 session ended.")
    imap_sign_in(app, words).logout()


def test_a_new_password_ends_the_old_one(app: Whole) -> None:
    old = password(app)
    with session(app) as imap:
        choose(app, "New password…")
        question = next(one for one in app.shell.window.findChildren(Question) if one.isVisible())
        QTest.mouseClick(question.yes, Qt.MouseButton.LeftButton)
        assert has_ended(app, imap)
    app.until(lambda: password(app) != old)
    with pytest.raises(imaplib.IMAP4.error):
        imap_sign_in(app, old)
    label = client(app).label
    app.until(lambda: app.tray == ("attention", f"{label} uses an old password"))
    assert notices_of(app) == ["old-password"]
    checks = {check["key"]: check for check in app.get("/v1/doctor")}
    found = checks[f"client-{client(app).id}"]
    assert found["sentence"] == f"{label} signs in to IMAP with a password that was replaced (refused: 1)."
    QGuiApplication.clipboard().clear()
    app.press("uses an old password", "Copy the password")
    app.until(lambda: len(QGuiApplication.clipboard().text()) == 22)
    imap_sign_in(app, QGuiApplication.clipboard().text()).logout()
    app.well()


def test_a_user_name_that_is_not_its_own(app: Whole) -> None:
    words = password(app)
    with pytest.raises(imaplib.IMAP4.error):
        imap_sign_in(app, words, "bo@bridge.example")
    app.until(lambda: "uses a wrong user name" in app.tray[1])
    app.press("uses a wrong user name", "Copy the user name")
    app.until(lambda: QGuiApplication.clipboard().text() == client(app).username)
    imap_sign_in(app, words).logout()
    app.well()


def test_a_revoked_program_is_out_at_once_and_may_be_had_back(app: Whole) -> None:
    words = password(app)
    label = client(app).label
    with session(app) as imap:
        choose(app, "Revoke the password")
        assert has_ended(app, imap)
        app.until(lambda: not app.state.clients)
        assert not app.shell.window.account_page._cards
        with pytest.raises(imaplib.IMAP4.error):
            imap_sign_in(app, words, app.account.email)
    app.press(f"{label} can no longer sign in", "Undo")
    app.until(lambda: app.state.clients)
    imap_sign_in(app, words).logout()
    app.well()


def test_a_kind_of_notification_that_is_not_wanted(app: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(app.shell, "_notify_of", lambda one: told.append(one.title))
    monkeypatch.setattr(app.shell.window, "isActiveWindow", lambda: False)
    words = password(app)
    for wanted in ("false", "true"):
        app.put("/v1/settings/notifications.programs", {"value": wanted})
        app.until(lambda wanted=wanted: (Kind.PROGRAMS in app.shell._unwanted) is (wanted == "false"))
        with pytest.raises(imaplib.IMAP4.error):
            imap_sign_in(app, "not the password")
        app.until(lambda: app.state.notices)
        imap_sign_in(app, words).logout()
        app.well()
        assert told == ([] if wanted == "false" else [f"{client(app).label} uses a wrong password"])
