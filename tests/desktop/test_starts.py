"""States that a start can meet, or a person can make, in the running application: seen, and mended as is offered."""

from __future__ import annotations

import datetime
import imaplib
import json
import logging
import ssl
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keyring.backend
import pytest
from keyring import errors
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from bridge_gui.bridge import Bridge
from bridge_gui.core import cache
from bridge_gui.demo.faults import Fault
from bridge_gui.demo.server import DemoServer
from bridge_gui.options import StartOptions
from bridge_gui.ui.dialogs import Question
from bridge_gui.vault.certificate import make_certificate
from tests.desktop.running import account_of, notices_of, options, sign_in_again
from tests.desktop.whole import Whole, whole
from tests.ports import choose_ports

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(60), pytest.mark.expects_log]


class Keyring:
    """A keychain that can be locked."""

    priority = 5.0
    locked = False

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], str] = {}

    def _answer(self, work: Callable[[], str | None]) -> str | None:
        if self.locked:
            raise errors.KeyringLocked
        return work()

    def get_password(self, service: str, name: str) -> str | None:
        return self._answer(lambda: self.items.get((service, name)))

    def set_password(self, service: str, name: str, value: str) -> None:
        self._answer(lambda: self.items.update({(service, name): value}))

    def delete_password(self, service: str, name: str) -> None:
        self._answer(lambda: self.items.pop((service, name)))


Keyring.__module__ = "keyring.backends.SecretService"


def click(button: Any) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


# ---------------------------------------------------------------------------------------------- at the start


def test_a_keychain_that_is_locked_at_the_start(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Keyring()
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.setattr(keyring.backend, "get_all_keyring", lambda: [kept])
    with whole(qapp, StartOptions(tmp_path, window=True)) as first:
        first.until(lambda: first.tray == ("normal", "No account yet"))
    before = (tmp_path / "vault.enc").read_bytes()
    kept.locked = True
    with whole(qapp, StartOptions(tmp_path, window=True)) as second:
        second.until(lambda: second.tray[0] == "error")
        assert second.get("/v1/status")["core"]["problem"]["code"] == "vault-locked"
        page = second.shell.window.locked_page
        assert page.isVisible()
        click(page.again)
        second.until(lambda: second.tray[0] == "error")
        kept.locked = False
        click(page.again)
        second.until(lambda: second.tray == ("normal", "No account yet"))
        assert second.shell.window.empty_page.isVisible()
    assert (tmp_path / "vault.enc").read_bytes()[:16] == before[:16]


def test_the_folder_of_the_mail_is_not_there(folder: Path, tmp_path: Path, qapp: QApplication) -> None:
    disk = tmp_path / "disk"
    (folder / "elsewhere").mkdir()
    choose_ports(folder / "elsewhere")
    settings = folder / "elsewhere" / "settings.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "cache.folder": str(disk)}))
    with whole(qapp, options(folder, "elsewhere")) as app:
        app.until(lambda: app.tray == ("error", "The folder of the mail is missing"))
        assert app.get("/v1/status")["core"]["problem"]["code"] == "cache-folder-missing"
        page = app.shell.window.locked_page
        assert str(disk) in page.words.text()
        disk.mkdir()
        click(page.again)
        app.until(lambda: app.tray == ("normal", "No account yet"))


def test_a_settings_file_that_cannot_be_read(folder: Path, qapp: QApplication) -> None:
    (folder / "garbled").mkdir()
    (folder / "garbled" / "settings.json").write_text('{"imap.port": ')
    with whole(qapp, options(folder, "garbled")) as app:
        app.until(lambda: app.banners)
        assert notices_of(app) == ["settings"]
        said = "A setting was left out. The settings could not be read; they were kept as settings.json.damaged."
        assert app.banners[-1] == said  # the usual ports may be another's
        assert (folder / "garbled" / "settings.json.damaged").read_text() == '{"imap.port": '


def test_the_demonstration_is_started_beside(folder: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    def start(command: str, arguments: list[str]) -> tuple[bool, int]:
        started.append([command, *arguments])
        return True, 1

    monkeypatch.setattr("bridge_gui.shell.QProcess.startDetached", start)
    with whole(qapp, options(folder, "empty")) as app:
        app.until(lambda: app.tray == ("normal", "No account yet"))
        click(app.shell.window.empty_page.try_demo)
    (command,) = started
    assert command[-1] == "--demo"
    assert Path(command[0]).exists()


# ---------------------------------------------------------------------------------------------- while it runs


def test_signed_out_by_hand(app: Whole) -> None:
    app.post(f"/v1/accounts/{app.account.username}/logout")
    app.until(lambda: app.tray == ("attention", "anna@bridge.example: Signed out"))
    assert account_of(app) == {"state": "signed-out", "code": ""}
    assert "You signed out of this account" in app.banners[0]
    sign_in_again(app)


def test_a_local_copy_that_is_damaged(app: Whole) -> None:
    app.post("/v1/lock")
    app.until(lambda: app.tray == ("attention", "Locked"))
    (file,) = [path for path in app.profile.store.glob("*.db") if path.is_file()]
    for path in app.profile.store.glob(f"{file.name}-*"):
        path.unlink()
    file.write_bytes(bytes(len(file.read_bytes())))
    app.post("/v1/unlock", {"passphrase": "correct horse"})
    app.until(lambda: app.tray[0] == "error")
    assert account_of(app)["code"] in ("store-damaged", "store")
    (banner,) = app.banners
    app.press(banner, "Repair…")
    question = next(one for one in app.shell.window.findChildren(Question) if one.isVisible())
    click(question.yes)
    app.until(lambda: notices_of(app) == ["changes-lost"])
    app.until(lambda: app.account.sync.complete)
    assert app.shell.window.notices.banner.text().startswith("Changes may be missing. The local copy was damaged")
    app.shell.window.notices.banner.dismiss.click()
    app.well()


def test_a_change_that_the_service_refuses(app: Whole, service: DemoServer) -> None:
    service.world.faults.set([Fault("PUT /mail/v4/messages/read", status=422, code=2501, error="No such message")])
    client = app.state.clients[0]
    words = app.get(f"/v1/clients/{client.id}")["password"]
    context = ssl.create_default_context(cafile=app.profile.certificate_file)
    with imaplib.IMAP4_SSL("127.0.0.1", app.state.listeners[0].port, ssl_context=context) as imap:
        imap.login(client.username, words)
        imap.select("INBOX")
        _, (unseen,) = imap.search(None, "UNSEEN")
        number = unseen.split()[0].decode()
        imap.store(number, "+FLAGS", r"(\Seen)")
        app.until(lambda: app.state.notices, hurry=True)
        service.world.faults.clear()
    assert notices_of(app) == ["change-refused"]
    assert app.tray[0] == "attention"
    app.shell.window.notices.banner.dismiss.click()
    app.well()


def test_a_certificate_that_came_to_its_end(app: Whole) -> None:
    old = make_certificate(datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=820))

    async def grow_old(bridge: Bridge) -> None:
        await bridge._open.vault.update(lambda content: replace(content, certificate=old))

    app.in_core(grow_old)
    checks = {check["key"]: check for check in app.get("/v1/doctor")}
    assert checks["certificate"]["state"] == "attention"
    app.post("/v1/lock")
    app.post("/v1/unlock", {"passphrase": "correct horse"})
    app.until(lambda: app.tray == ("attention", "The certificate was renewed"))
    assert notices_of(app) == ["certificate-renewed"]
    app.press("Let these mail programs trust the new certificate: ", "Show the certificate")
    assert app.shell.window.pages.currentWidget() is app.shell.window.settings_page
    app.shell.window.notices.banner.dismiss.click()
    app.shell.window.show_account(app.account.id)
    app.well()
    checks = {check["key"]: check for check in app.get("/v1/doctor")}
    assert {checks[key]["state"] for key in ("certificate", "port-imap", "port-smtp")} == {"good"}


def test_the_mail_is_moved(app: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    copy = cache.copy_store

    def slowly(*arguments: Any) -> None:
        go_on.wait(20)
        copy(*arguments)

    monkeypatch.setattr(cache, "copy_store", slowly)
    new = tmp_path / "disk"
    new.mkdir()

    async def move(bridge: Bridge) -> None:
        bridge._tasks.start(bridge.move_cache(str(new)), "move")

    app.in_core(move)
    app.until(lambda: app.tray == ("syncing", "The mail is moved to its new folder"))
    assert app.get("/v1/status")["core"]["problem"]["code"] == "cache-moving"
    assert "Mail programs are served again as soon as it is done." in app.banners[0]
    go_on.set()
    app.well()
    assert list(new.iterdir())
    app.put("/v1/settings/cache.folder", {"value": ""})
    app.well()


def test_the_log_level_counts_at_once_and_is_kept(app: Whole) -> None:
    window = app.shell.window
    window.open_settings("advanced")
    app.until(lambda: "log.level" in window.settings_page.rows)
    combo = window.settings_page.rows["log.level"].combo
    assert combo is not None
    try:
        combo.setCurrentIndex(combo.findData("DEBUG"))
        combo.activated.emit(combo.currentIndex())
        app.until(lambda: logging.getLogger().level == logging.DEBUG)
        assert json.loads(app.profile.settings_file.read_text())["log.level"] == "DEBUG"
        assert app.get("/v1/settings/log.level")["value"] == "DEBUG"
    finally:
        app.put("/v1/settings/log.level", {"value": "INFO"})
    app.until(lambda: window.settings_page.rows["log.level"].state.value == "INFO")
    window.show_account(app.account.id)


def test_a_clock_that_is_wrong(app: Whole, service: DemoServer) -> None:
    service.world.clock_offset = 500.0
    try:
        app.hurry()
        page = app.shell.window.doctor_page

        def seen() -> bool:
            app.shell.window.open_page("doctor")
            app.until(lambda: page.again.isEnabled())
            return any(check.key == "clock" and check.result.value == "attention" for check in page.checks)

        app.until(seen)
        (check,) = [check for check in page.checks if check.key == "clock"]
        assert check.sentence == "The clock of this computer is 8 min slow."
    finally:
        service.world.clock_offset = 0.0
        app.shell.window.show_account(app.account.id)
        app.hurry()
