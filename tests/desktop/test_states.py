"""Every state that can go wrong (section 11 of the service's description), provoked at the demo service or at the rim,
and seen in window, tray and status; and that the button beside it helps.

Each test begins and ends with an application that is well.
"""

from __future__ import annotations

import errno
import imaplib
import shutil
import smtplib
import socket
import ssl
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from bridge_gui.demo.faults import Fault
from bridge_gui.demo.letters import Letter
from bridge_gui.demo.profiles import ANNA, BO
from bridge_gui.demo.records import Person
from bridge_gui.demo.server import DemoServer
from bridge_gui.options import StartOptions
from bridge_gui.ui.dialogs import Question
from tests.desktop.running import (
    NOT_COPIED,
    account_of,
    impostor,
    limit_store,
    notices_of,
    options,
    sign_in_again,
    spoil_key_password,
)
from tests.desktop.whole import Whole, whole

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(120), pytest.mark.expects_log]

# ---------------------------------------------------------------------------------------------- the way to the service


def test_offline(app: Whole, service: DemoServer) -> None:
    service.world.faults.set([Fault(cut="before")])
    app.hurry()
    app.until(lambda: app.tray == ("offline", "Offline"), hurry=True)
    assert account_of(app) == {"state": "offline", "code": ""}
    assert notices_of(app) == ["offline"]
    assert app.banners == [
        "Proton cannot be reached. Check the internet connection. Bridge Manager tries again by itself."
    ]
    service.world.faults.clear()
    app.press("Proton cannot be reached", "Try again")
    app.well()
    app.until(lambda: not app.banners)


def test_somebody_else_answers_in_the_place_of_the_service(
    app: Whole, folder: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its certificate is nobody's. A copy of the profile is started beside the running one."""
    copy = folder / "copy"
    shutil.copytree(app.profile.config, copy, ignore=NOT_COPIED)
    with impostor() as url:
        monkeypatch.setenv("BRIDGE_GUI_API_URL", url)
        with whole(qapp, options(folder, "copy")) as other:
            other.until(lambda: other.tray == ("attention", "No secure connection to Proton"))
            assert account_of(other) == {"state": "offline", "code": "untrusted"}
            assert "untrusted" in notices_of(other)
            other.press("No secure connection to Proton", "Network settings")
            assert other.shell.window.pages.currentWidget() is other.shell.window.settings_page


# ---------------------------------------------------------------------------------------------- the service refuses


def test_a_version_that_is_no_longer_accepted(app: Whole, service: DemoServer) -> None:
    service.world.options.app_version = "Other@2.0"
    app.hurry()
    app.until(lambda: app.tray == ("error", "This version is no longer accepted"), hurry=True)
    assert account_of(app) == {"state": "error", "code": "update-forced"}
    assert notices_of(app) == ["update-forced"]
    app.press("This version is no longer accepted", "Open the settings")
    assert app.shell.window.pages.currentWidget() is app.shell.window.settings_page
    app.put("/v1/settings/api.app_version", {"value": "Other@2.0"})
    app.well()
    service.world.options.app_version = ""
    app.put("/v1/settings/api.app_version", {"value": ""})
    app.shell.window.show_account(app.account.id)


def test_signed_out_by_the_service(app: Whole, service: DemoServer) -> None:
    service.world.sessions.close_all(service.world.account("anna").number)
    app.hurry()
    app.until(lambda: app.tray == ("attention", "anna@bridge.example: Signed out"), hurry=True)
    assert account_of(app) == {"state": "signed-out", "code": "signed-out"}
    assert "Sign in again" in app.menu
    sign_in_again(app)


def test_keys_that_the_kept_password_does_not_open(app: Whole) -> None:
    """The password was changed in a browser: everything is there but the keys."""
    spoil_key_password(app)
    app.post("/v1/lock")
    app.post("/v1/unlock", {"passphrase": "correct horse"})
    app.until(lambda: app.tray == ("attention", "anna@bridge.example: Locked"))
    assert account_of(app) == {"state": "locked", "code": "keys-locked"}
    sign_in_again(app)


def test_a_plan_that_is_not_enough(app: Whole, service: DemoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    service.world.faults.set([Fault("GET /core/v4/events/*", status=422, code=10004)])
    app.hurry()
    app.until(lambda: app.tray == ("error", "anna@bridge.example: This needs a paid plan"), hurry=True)
    assert account_of(app) == {"state": "error", "code": "paid-plan"}
    opened: list[str] = []
    monkeypatch.setattr("bridge_gui.ui.main_window.QDesktopServices.openUrl", lambda url: opened.append(url.toString()))
    app.press("paid plan", "Open proton.me")
    assert opened == ["https://account.proton.me/"]
    service.world.faults.clear()
    app.hurry()
    app.well()


def test_changes_that_cannot_be_followed(app: Whole, service: DemoServer) -> None:
    service.world.faults.set([Fault("GET /core/v4/events/*", status=422, code=2501)])
    app.hurry()
    app.until(lambda: app.tray[0] == "error", hurry=True)
    service.world.faults.clear()
    assert account_of(app) == {"state": "error", "code": "bad-events"}
    (banner,) = app.banners
    app.press(banner, "Repair…")
    (question,) = app.shell.window.findChildren(Question)
    QTest.mouseClick(question.yes, Qt.MouseButton.LeftButton)
    app.well()


# ---------------------------------------------------------------------------------------------- this computer


@pytest.mark.parametrize(("protocol", "number"), [("imap", 0), ("smtp", 1)])
def test_a_port_that_another_program_has(app: Whole, protocol: str, number: int) -> None:
    before = app.state.listeners[number].port
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        app.put(f"/v1/settings/{protocol}.port", {"value": str(taken)})
        app.until(lambda: app.tray == ("error", f"Port {taken} is used by another program"))
        listener = app.get("/v1/status")["listeners"][number]
        assert (listener["state"], listener["problem"]["code"]) == ("busy", "port-busy")
        free = listener["suggested_port"]
        app.press(f"Port {taken} is used by another program", f"Use port {free}")
        app.until(lambda: app.get("/v1/status")["listeners"][number]["port"] == free)
        app.well()
    app.put(f"/v1/settings/{protocol}.port", {"value": str(before)})
    app.well()


def test_a_port_that_the_system_keeps(app: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as one below 1024 on many systems, or one that Windows has reserved."""
    before = app.state.listeners[0].port

    def forbidden(host: str, port: int) -> socket.socket:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("bridge_gui.aio_listen._bind", forbidden)
        app.put("/v1/settings/imap.port", {"value": "2143"})
        app.until(lambda: app.tray == ("error", "Port 2143 is kept for administrators"))
        listener = app.get("/v1/status")["listeners"][0]
        assert (listener["state"], listener["problem"]["code"]) == ("busy", "port-forbidden")
        app.press("Port 2143 is kept for administrators", "Change the port")
        assert app.shell.window.pages.currentWidget() is app.shell.window.settings_page
    app.put("/v1/settings/imap.port", {"value": str(before)})
    app.well()
    app.shell.window.show_account(app.account.id)


def test_a_full_disk(app: Whole, service: DemoServer) -> None:
    limit_store(app, 2)
    letter = Letter("Large", Person("", "c@outside.example"), (), "long " * 200_000, service.world.now())
    service.world.deliver(letter, "anna@bridge.example")
    app.hurry()
    app.until(lambda: app.tray == ("error", "The disk is full"), hurry=True)
    assert account_of(app)["code"] == "disk-full"
    assert notices_of(app) == ["disk-full"]
    (banner,) = app.banners  # said once, although notice and account have it
    assert "Free some space. Downloading goes on by itself." in banner
    app.press("The disk is full", "Keep less here")
    assert app.shell.window.pages.currentWidget() is app.shell.window.settings_page
    limit_store(app, 1_000_000)
    app.hurry()
    app.well()
    assert notices_of(app) == []
    app.shell.window.show_account(app.account.id)


def test_a_mail_program_with_a_wrong_password(app: Whole) -> None:
    client = app.state.clients[0]
    context = ssl.create_default_context(cafile=app.profile.certificate_file)

    def sign_in(password: str) -> None:
        with imaplib.IMAP4_SSL("127.0.0.1", app.state.listeners[0].port, ssl_context=context) as imap:
            imap.login(client.username, password)

    with pytest.raises(imaplib.IMAP4.error):
        sign_in(ANNA.password)
    app.until(lambda: app.tray == ("attention", "Mail uses a wrong password"))
    assert notices_of(app) == ["wrong-password"]
    QGuiApplication.clipboard().clear()
    app.press("Mail uses a wrong password", "Copy the password")
    app.until(lambda: len(QGuiApplication.clipboard().text()) == 22)
    sign_in(QGuiApplication.clipboard().text())
    app.well()


def test_locked_and_opened_again(app: Whole) -> None:
    app.post("/v1/lock")
    app.until(lambda: app.tray == ("attention", "Locked"))
    assert app.get("/v1/status")["core"]["problem"]["code"] == "locked-by-user"
    page = app.shell.window.locked_page
    assert page.isVisible()
    page.passphrase.setText("not this one")
    QTest.mouseClick(page.open, Qt.MouseButton.LeftButton)
    app.until(lambda: any("passphrase is wrong" in words for words in app.banners))
    page.passphrase.setText("correct horse")
    QTest.mouseClick(page.open, Qt.MouseButton.LeftButton)
    app.well()


def test_downloading(app: Whole, service: DemoServer) -> None:
    service.world.options.latency = 0.05
    app.post("/v1/login", {"username": BO.username, "password": BO.password})
    app.until(lambda: app.tray[0] == "syncing")
    service.world.options.latency = 0.0
    app.until(lambda: app.tray == ("normal", "All accounts up to date"))
    app.post("/v1/accounts/bo/remove")
    app.well()


def test_mail_that_waits_is_given_up_or_sent(app: Whole, service: DemoServer) -> None:
    """Two mails while the service is out of reach: one is given up in the window, the other goes when it is back."""
    app.put("/v1/settings/outbox.enabled", {"value": "true"})
    login = app.get(f"/v1/clients/{app.state.clients[0].id}")
    anna, bo = (f"{person.username}@bridge.example" for person in (ANNA, BO))
    service.world.faults.set([Fault(cut="before")])
    context = ssl.create_default_context(cafile=app.profile.certificate_file)
    with smtplib.SMTP_SSL("127.0.0.1", login["smtp"]["port"], context=context, timeout=60) as program:
        program.login(login["username"], login["password"])
        for subject in ("Given up", "Sent later"):
            head = f"From: {anna}\r\nTo: {bo}\r\nSubject: {subject}\r\nMessage-ID: <{subject[:4]}@here.example>\r\n"
            assert program.sendmail(anna, [bo], f"{head}\r\nSome words.\r\n") == {}
    card = app.shell.window.account_page.outbox
    app.until(lambda: card.isVisible() and len(app.account.outbox) == 2)
    assert waiting(app) == ["Given up", "Sent later"]

    give_up = [each for each in card.findChildren(QPushButton) if each.accessibleDescription() == "Given up"]
    QTest.mouseClick(next(each for each in give_up if each.text() == "Do not send"), Qt.MouseButton.LeftButton)
    app.until(lambda: app.shell.window.findChildren(Question))
    (question,) = app.shell.window.findChildren(Question)
    QTest.mouseClick(question.yes, Qt.MouseButton.LeftButton)
    app.until(lambda: waiting(app) == ["Sent later"])

    service.world.faults.clear()
    app.until(lambda: not app.account.outbox, hurry=True)
    app.until(lambda: not card.isVisible())
    arrived = {each.subject for each in service.world.account(BO.username).mailbox.messages.values()}
    assert "Sent later" in arrived
    assert "Given up" not in arrived
    app.put("/v1/settings/outbox.enabled", {"value": "false"})
    app.well()


def waiting(app: Whole) -> list[str]:
    """Subjects in the outbox, as status has them."""
    return [item["subject"] for item in app.get("/v1/status")["accounts"][0]["outbox"]]


# ---------------------------------------------------------------------------------------------- stored passwords


def test_a_damaged_vault_is_restored_from_its_last_good_copy_and_says_so(
    app: Whole, folder: Path, qapp: QApplication
) -> None:
    shutil.copytree(app.profile.config, folder / "damaged", ignore=NOT_COPIED)
    vault = folder / "damaged" / "vault.enc"
    vault.write_bytes(vault.read_bytes()[:-7])
    with whole(qapp, options(folder, "damaged")) as other:
        other.until(lambda: other.tray == ("attention", "Passwords restored"))
        assert "vault-restored" in notices_of(other)
        assert any("last good copy" in words for words in other.banners)


def test_a_vault_without_a_good_copy_is_left_as_it_is_until_one_starts_anew(
    app: Whole, folder: Path, qapp: QApplication
) -> None:
    shutil.copytree(app.profile.config, folder / "lost", ignore=NOT_COPIED)
    for file in (folder / "lost").glob("vault.enc*"):
        file.write_bytes(file.read_bytes()[:-7])
    before = {file: file.read_bytes() for file in (folder / "lost").glob("vault.enc*")}
    with whole(qapp, options(folder, "lost")) as other:
        other.until(lambda: other.tray == ("error", "The stored passwords are damaged"))
        assert other.get("/v1/status")["core"]["problem"]["code"] == "vault-damaged"
        assert other.shell.window.locked_page.isVisible()
        assert other.shell.window.locked_page.title.text() == "The stored passwords are damaged"
        assert not other.shell.window.locked_page.passphrase.isVisible()
        assert "Unlock…" in other.menu
        assert {file: file.read_bytes() for file in before} == before
        start_anew(other)
    assert sorted(file.read_bytes() for file in (folder / "lost").glob("vault.enc*damaged-*")) == sorted(
        before.values()
    )


def start_anew(app: Whole) -> None:
    """By the button and its question."""
    QTest.mouseClick(app.shell.window.locked_page.anew, Qt.MouseButton.LeftButton)
    app.until(lambda: app.shell.window.findChildren(Question))
    (question,) = app.shell.window.findChildren(Question)
    QTest.mouseClick(question.yes, Qt.MouseButton.LeftButton)
    app.until(lambda: app.tray == ("normal", "No account yet"))
    assert app.shell.window.empty_page.isVisible()


def test_without_a_keychain_a_passphrase_helps(
    folder: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    with whole(qapp, StartOptions(folder / "fresh", window=True)) as other:
        other.until(lambda: other.tray == ("error", "No keychain was found"))
        assert other.get("/v1/status")["core"]["problem"]["code"] == "keychain-missing"
        page = other.shell.window.locked_page
        page.passphrase.setText("a passphrase")
        QTest.mouseClick(page.open, Qt.MouseButton.LeftButton)
        other.until(lambda: other.tray == ("normal", "No account yet"))
        assert other.shell.window.empty_page.isVisible()


# ---------------------------------------------------------------------------------------------- no tray


def test_without_a_tray_the_window_takes_over(app: Whole, folder: Path, qapp: QApplication) -> None:
    """Started hidden, nobody could reach it: it shows itself after a while, and closing only minimises it."""
    with whole(qapp, options(folder, "trayless"), hidden=True, no_tray_after_ms=300) as other:
        assert not other.shell.window.isVisible()
        other.until(lambda: other.shell.window.isVisible())
        other.shell.window.close()
        assert other.shell.window.isMinimized()
