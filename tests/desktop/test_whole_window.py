"""The whole application against the demo service: window, core in its thread, and all that sign-in can meet."""

from __future__ import annotations

import imaplib
import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bridge_gui.clients import thunderbird_logins as logins
from bridge_gui.options import options
from bridge_gui.shell import Shell
from bridge_gui.state import AccountPhase, SyncPhase
from bridge_gui.ui.setup.flow import Step
from bridge_gui.ui.setup.wizard import SetupWizard
from bridge_gui.ui.sign_in import SignInDialog
from bridge_gui.ui.sign_in_steps import Page
from tests.clients.homes import files, make_profile, running
from tests.desktop.whole import whole

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(120), pytest.mark.expects_log]

WAIT = 30_000


@pytest.fixture(scope="module")
def desktop(tmp_path_factory: pytest.TempPathFactory, qapp: QApplication) -> Iterator[Shell]:
    """Tray and window over a core on the demo service, the first demo account signed in, and a Thunderbird profile."""
    home = tmp_path_factory.mktemp("home")
    make_profile(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        profile = tmp_path_factory.mktemp("profile")
        with whole(qapp, options(profile, demo=True, window=True)) as made:
            made.shell.setProperty("certificate", str(profile / "certificate.pem"))
            yield made.shell


@pytest.fixture
def ready(desktop: Shell, qtbot: QtBot) -> Shell:
    def synced() -> bool:
        accounts = desktop.observer.state.accounts
        return bool(accounts) and accounts[0].sync.phase is SyncPhase.DONE

    qtbot.waitUntil(synced, timeout=WAIT)
    return desktop


def ask(qtbot: QtBot, desktop: Shell, username: str, password: str) -> SignInDialog:
    """Type a name and a password into a new sign-in and press the button."""
    dialog = desktop.window.sign_in()
    dialog.username.setText(username)
    dialog.password.setText(password)
    qtbot.mouseClick(dialog.next_button, Qt.MouseButton.LeftButton)
    return dialog


@pytest.mark.parametrize(
    ("username", "password", "said"),
    [
        ("anna", "not-it", "password"),
        ("nobody-there", "not-it", "password"),
        ("free", "free-demo", "plan"),
        ("sso", "sso-demo", "single sign-on"),
        ("disabled", "disabled-demo", "suspended"),
        ("old-app", "old-app-demo", "version"),
        ("security-key", "security-key-demo", "security key"),
        ("busy", "busy-demo", "wait"),
        ("anna", "anna-demo", "already"),
    ],
)
def test_a_refused_sign_in_says_why(qtbot: QtBot, ready: Shell, username: str, password: str, said: str) -> None:
    dialog = ask(qtbot, ready, username, password)
    qtbot.waitUntil(dialog.banner.isVisible, timeout=WAIT)
    assert said in dialog.banner.text().lower(), dialog.banner.text()
    assert dialog.isVisible()
    dialog.reject()


def test_a_wrong_code_may_be_typed_again(qtbot: QtBot, ready: Shell) -> None:
    dialog = ask(qtbot, ready, "totp", "totp-demo")
    qtbot.waitUntil(lambda: dialog.stack.currentWidget() is dialog.pages[Page.CODE], timeout=WAIT)
    dialog.code.setText("000000")
    qtbot.waitUntil(dialog.banner.isVisible, timeout=WAIT)
    assert "code" in dialog.banner.text().lower()
    dialog.reject()


def test_a_person_is_asked_for_in_the_browser(qtbot: QtBot, ready: Shell) -> None:
    dialog = ask(qtbot, ready, "robot", "robot-demo")
    qtbot.waitUntil(lambda: dialog.stack.currentWidget() is dialog.pages[Page.HUMAN], timeout=WAIT)
    qtbot.mouseClick(dialog.next_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.banner.isVisible, timeout=WAIT)
    dialog.reject()


def test_an_account_signed_out_by_the_service_says_so(qtbot: QtBot, ready: Shell) -> None:
    """Its refresh token is refused (10013) a few seconds after the sign-in; the mail that is here stays."""
    dialog = ask(qtbot, ready, "signed-out", "signed-out-demo")
    with qtbot.waitSignal(dialog.signed_in, timeout=WAIT):
        pass  # the dialog deletes itself after it

    def signed_out() -> bool:
        found = [one for one in ready.observer.state.accounts if one.username == "signed-out"]
        return bool(found) and found[0].phase is AccountPhase.SIGNED_OUT

    qtbot.waitUntil(signed_out, timeout=60_000)
    account = next(one for one in ready.observer.state.accounts if one.username == "signed-out")
    ready.window.show_account(account.id)
    assert ready.window.account_page.banner.action.text() == "Sign in again"


def test_a_copied_password_works_in_a_real_sign_in(qtbot: QtBot, ready: Shell) -> None:
    account = ready.observer.state.accounts[0]
    wizard = ready.window.add_program(account.id)
    assert wizard is not None
    qtbot.waitUntil(lambda: wizard.programs.count() > 0, timeout=WAIT)
    wizard.programs.choose("other", "any")
    for step in (Step.ACCESS, Step.PLAN, Step.SIGN_IN):
        go_on(qtbot, wizard, step)
    wizard.accept()
    ready.window.show_account(account.id)
    qtbot.waitUntil(lambda: bool(ready.window.account_page._cards), timeout=WAIT)
    card = next(iter(ready.window.account_page._cards.values()))
    QGuiApplication.clipboard().clear()
    qtbot.mouseClick(card.copy_password, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(QGuiApplication.clipboard().text()) == 22, timeout=WAIT)

    password = QGuiApplication.clipboard().text()
    state = ready.observer.state
    context = ssl.create_default_context(cafile=ready.property("certificate"))
    imap = imaplib.IMAP4_SSL("127.0.0.1", state.listeners[0].port, ssl_context=context)
    try:
        imap.login(account.email, password)
        assert imap.select("INBOX")[0] == "OK"
        qtbot.waitUntil(lambda: bool(ready.observer.state.sessions), timeout=WAIT)
        ready.window.account_page._revoke(card._id)
        qtbot.waitUntil(lambda: not ready.observer.state.sessions, timeout=WAIT)
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            imap.noop()
    finally:
        imap.shutdown()


def go_on(qtbot: QtBot, wizard: SetupWizard, step: Step) -> None:
    """Press the button that leads on, and wait for a step."""
    qtbot.waitUntil(wizard.next_button.isEnabled, timeout=WAIT)
    qtbot.mouseClick(wizard.next_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: wizard.step is step, timeout=WAIT)


def test_thunderbird_is_set_up_as_soon_as_it_is_closed_and_seen_to_sign_in(qtbot: QtBot, ready: Shell) -> None:
    account = ready.observer.state.accounts[0]
    folder = next((Path.home() / ".thunderbird").glob("*.default-release"))
    before = files(folder)
    ready.window.show_account(account.id)
    wizard = ready.window.add_program(account.id)
    assert wizard is not None
    with running(folder):
        qtbot.waitUntil(lambda: wizard.programs.count() > 0, timeout=WAIT)
        program = wizard.answers.program
        assert program is not None
        assert (program.target, program.running) == (str(folder), True)
        go_on(qtbot, wizard, Step.ACCESS)
        go_on(qtbot, wizard, Step.PLAN)
        qtbot.waitUntil(lambda: len(wizard.plan_view.details) == 3, timeout=WAIT)
        go_on(qtbot, wizard, Step.WORK)
        qtbot.waitUntil(lambda: "Close Thunderbird" in wizard.line.words.text(), timeout=WAIT)
        assert files(folder) == before
    qtbot.waitUntil(lambda: wizard.step is Step.SIGN_IN, timeout=WAIT)
    assert wizard.title.text() == "Start Thunderbird now"
    qtbot.waitUntil(lambda: "Waiting for Thunderbird" in wizard.line.words.text(), timeout=WAIT)

    key = logins.open_key(folder / "key4.db")
    assert key is not None
    stored = json.loads((folder / "logins.json").read_bytes())["logins"][0]
    name, password = (logins.unseal(stored[f"encrypted{what}"], key) for what in ("Username", "Password"))
    context = ssl.create_default_context(cafile=ready.property("certificate"))
    imap = imaplib.IMAP4_SSL("127.0.0.1", ready.observer.state.listeners[0].port, ssl_context=context)
    try:
        imap.login(name, password)
        imaplib.Commands["ID"] = ("AUTH",)
        imap._simple_command("ID", '("name" "Thunderbird" "version" "153.7")')
        qtbot.waitUntil(lambda: wizard.title.text() == "Thunderbird is set up", timeout=WAIT)
        qtbot.waitUntil(lambda: "Thunderbird 153.7 signed in to IMAP" in wizard.line.words.text(), timeout=WAIT)
    finally:
        imap.logout()
    qtbot.mouseClick(wizard.next_button, Qt.MouseButton.LeftButton)

    client = wizard.answers.clients[0]
    card = ready.window.account_page._cards[client]
    assert card.setup.text().startswith("Set up by Bridge Manager")
    card.undo_action.trigger()
    qtbot.waitUntil(lambda: files(folder) == before, timeout=WAIT)
    qtbot.waitUntil(lambda: client not in ready.window.account_page._cards, timeout=WAIT)
