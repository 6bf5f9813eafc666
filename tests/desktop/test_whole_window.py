"""The whole application against the demo service: window, core in its thread, and all that sign-in can meet."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from qasync import QEventLoop

from bridge_gui.options import options
from bridge_gui.shell import Shell
from bridge_gui.state import AccountPhase, SyncPhase
from bridge_gui.ui.sign_in import SignInDialog
from bridge_gui.ui.tray import Tray

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(120), pytest.mark.expects_log]

WAIT = 30_000


@pytest.fixture(scope="module")
def desktop(tmp_path_factory: pytest.TempPathFactory, qapp: QApplication) -> Iterator[Shell]:
    """Tray and window over a core on the demo service, the first demo account signed in."""
    loop = QEventLoop(qapp, already_running=True)
    workers = ThreadPoolExecutor(2)
    loop.set_default_executor(workers)
    profile = tmp_path_factory.mktemp("profile")
    made = Shell(qapp, options(profile, demo=True, window=True), Tray(), hidden=False)
    made.setProperty("certificate", str(profile / "certificate.pem"))
    made.show()
    yield made
    ending = loop.create_task(_end(made))
    while not ending.done():
        qapp.processEvents()
    ending.result()
    workers.shutdown()
    asyncio.events._set_running_loop(None)


async def _end(desktop: Shell) -> None:
    desktop.window.quit()
    await desktop.actions.close()
    await desktop.thread_.stop()


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
    qtbot.waitUntil(lambda: dialog.pages.currentWidget() is dialog._page_code, timeout=WAIT)
    dialog.code.setText("000000")
    qtbot.waitUntil(dialog.banner.isVisible, timeout=WAIT)
    assert "code" in dialog.banner.text().lower()
    dialog.reject()


def test_a_person_is_asked_for_in_the_browser(qtbot: QtBot, ready: Shell) -> None:
    dialog = ask(qtbot, ready, "robot", "robot-demo")
    qtbot.waitUntil(lambda: dialog.pages.currentWidget() is dialog._page_human, timeout=WAIT)
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
    dialog = ready.window.add_program(account.id)
    assert dialog is not None
    qtbot.mouseClick(dialog.next_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.credentials is not None, timeout=WAIT)
    dialog.accept()
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
