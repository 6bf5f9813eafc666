"""What tests of states do with the running application: look at it as a script does, spoil something, mend it."""

from __future__ import annotations

import datetime
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bridge_gui.bridge import Bridge
from bridge_gui.demo.profiles import ANNA
from bridge_gui.options import StartOptions
from bridge_gui.secret import Secret
from bridge_gui.ui.sign_in import SignInDialog
from bridge_gui.vault.certificate import make_certificate, server_context
from tests.desktop.whole import Whole

NOT_COPIED = shutil.ignore_patterns("*.sock", "control.json", "*.lock", "settings.json")
"""A copy has ports of its own."""


def options(folder: Path, profile: str = "profile") -> StartOptions:
    return StartOptions(folder / profile, passphrase_file=folder / "passphrase", window=True)


def account_of(app: Whole) -> dict[str, str]:
    """What `status --json` says of the account: state, and the code of its problem."""
    account = app.get("/v1/status")["accounts"][0]
    return {"state": account["state"], "code": account["problem"]["code"] if account["problem"] else ""}


def notices_of(app: Whole) -> list[str]:
    return [notice["problem"]["code"] for notice in app.get("/v1/status")["notices"]]


def sign_in_again(app: Whole) -> None:
    """By the account's button: the name is known, the password is asked for."""
    (banner,) = app.banners
    app.press(banner, "Sign in again")
    dialog = next(one for one in app.shell.window.findChildren(SignInDialog) if one.isVisible())
    assert dialog.username.text() == ANNA.username
    dialog.password.setText(ANNA.password)
    QTest.mouseClick(dialog.next_button, Qt.MouseButton.LeftButton)
    app.well()
    assert app.banners == []


def spoil_key_password(app: Whole) -> None:
    async def spoil(bridge: Bridge) -> None:
        vault = bridge._open.vault
        await vault.update(
            lambda content: replace(
                content, accounts=tuple(replace(one, key_pass=Secret(b"the old one")) for one in content.accounts)
            )
        )

    app.in_core(spoil)


def limit_store(app: Whole, pages: int) -> None:
    """Let the disk seem to hold only so many pages more than the local copy has."""

    async def limit(bridge: Bridge) -> None:
        account: Any = bridge._open.accounts[app.account.id]
        connection = account._local.store._engine._writer.connection
        connection.pragma("max_page_count", connection.pragma("page_count") + pages)

    app.in_core(limit)


@contextmanager
def impostor() -> Iterator[str]:
    """An https server whose certificate nobody vouches for."""
    made = make_certificate(datetime.datetime.now(datetime.UTC))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with suppress(OSError), server_context(made).wrap_socket(connection, server_side=True):
                        pass

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
