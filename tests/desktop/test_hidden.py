"""Started into the tray: there is no window until somebody wants one, and nothing is missed meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from bridge_gui.model import ClientId
from bridge_gui.options import options
from bridge_gui.ui.wishes import CopyPassword, OpenAccount, Wish
from tests.desktop.whole import whole

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(120), pytest.mark.expects_log]


def test_no_window_until_it_is_wanted(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "")  # so that the icon shows messages
    said: list[tuple[str, str, Wish]] = []
    chosen = options(tmp_path / "profile", demo=True, window=True)
    with whole(qapp, chosen, hidden=True, no_tray_after_ms=600_000) as app:
        monkeypatch.setattr(app.shell.tray, "message", lambda *told: said.append(told))
        app.well()
        app.shell.fulfil(CopyPassword(ClientId("of nobody")))
        app.until(lambda: said)
        assert said[0][0]
        assert app.shell._window is None
        app.shell.fulfil(OpenAccount(app.account.id))
        assert app.shell.window.isVisible()
        assert app.shell.window.account_page.title.text() == app.account.email
