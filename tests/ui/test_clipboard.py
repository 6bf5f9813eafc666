from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from bridge_gui.secret import Secret
from bridge_gui.ui import clipboard
from bridge_gui.ui.clipboard import Clipboard


def test_a_secret_is_marked_as_such(qtbot: QtBot) -> None:
    Clipboard().copy_secret(Secret("hunter2"))
    data = QGuiApplication.clipboard().mimeData()
    assert data is not None
    assert data.text() == "hunter2"
    assert bytes(data.data(clipboard.HINT_TYPE).data()) == b"secret"


def test_a_secret_is_cleared_after_a_while(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "CLEAR_AFTER_MS", 20)
    ours = Clipboard()
    ours.copy_secret(Secret("hunter2"))
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "")


def test_what_the_person_copied_since_stays(qtbot: QtBot) -> None:
    ours = Clipboard()
    ours.copy_secret(Secret("hunter2"))
    QGuiApplication.clipboard().setText("a poem")
    ours.clear_secret()
    assert QGuiApplication.clipboard().text() == "a poem"


def test_plain_text_is_not_cleared(qtbot: QtBot) -> None:
    ours = Clipboard()
    ours.copy_secret(Secret("hunter2"))
    ours.copy("anna@bridge.example")
    ours.clear_secret()
    assert QGuiApplication.clipboard().text() == "anna@bridge.example"
