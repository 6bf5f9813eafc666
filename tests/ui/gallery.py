"""Write a picture of every page, dialog and state, light and dark, at 100 % and 200 %.

`python -m tests.ui.gallery FOLDER` does it.

The scale is set before Qt starts, so each one is a process of its own; `QT_QPA_PLATFORM=offscreen` is enough.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget

from bridge_gui.model import AccountId, ClientId, FlowId
from bridge_gui.secret import Secret
from bridge_gui.state import (
    Credentials,
    LoginFailed,
    NeedHumanCheck,
    NeedMailboxPassword,
    NeedTwoFactor,
    Problem,
    ServerAddress,
)
from bridge_gui.ui import theme
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.add_program import AddProgramDialog
from bridge_gui.ui.main_window import MainWindow
from bridge_gui.ui.sign_in import SignInDialog
from tests.ui import snapshots

FLOW = FlowId("1")
CREDENTIALS = Credentials(
    ClientId("c9"),
    "Thunderbird",
    snapshots.THUNDERBIRD.access,
    "anna@bridge.example",
    Secret("v3l0Xq9sT2mYpR7kWc1uEg"),
    ServerAddress("127.0.0.1", 1143),
    ServerAddress("127.0.0.1", 1025),
)
STEPS = {
    "two-factor": NeedTwoFactor(FLOW),
    "two-factor-wrong": NeedTwoFactor(
        FLOW, Problem("wrong-code", "This code is not right", "", "Type the newest one.")
    ),
    "mailbox-password": NeedMailboxPassword(FLOW),
    "human": NeedHumanCheck(FLOW, "https://verify.proton.me/"),
    "wrong-password": LoginFailed(
        Problem("wrong-password", "The user name or the password is wrong", "", "Check both and try again.")
    ),
}


class NoBridge:
    """Stands in for the core where nothing is called."""

    def __getattr__(self, name: str) -> Any:
        async def nothing(*_: object) -> None: ...

        return nothing


class NoBorder:
    async def call(self, method: Any, *args: Any, **kwargs: Any) -> Any:
        return await method(*args, **kwargs)


def pictures(tokens: theme.Tokens, places: QSettings) -> Iterator[tuple[str, QWidget]]:
    """Every picture's name and the widget to grab."""
    actions = Actions(NoBorder(), NoBridge())  # type: ignore[arg-type]
    for name, state in snapshots.STATES.items():
        window = MainWindow(actions, tokens, places)
        window.resize(940, 640)
        window.render_state(state)
        window.account_page.render_account(state, AccountId("anna"), snapshots.NOW)
        yield f"window-{name}", window
    yield "sign-in", SignInDialog(actions, tokens)
    for name, step in STEPS.items():
        dialog = SignInDialog(actions, tokens, "anna@bridge.example")
        dialog.render_step(step)
        yield f"sign-in-{name}", dialog
    window = MainWindow(actions, tokens, places)
    adding = AddProgramDialog(snapshots.ANNA, actions, window.clipboard, tokens)
    yield "add-program", adding
    done = AddProgramDialog(snapshots.ANNA, actions, window.clipboard, tokens)
    done._show(CREDENTIALS)
    yield "add-program-done", done


def draw(folder: Path, scheme: theme.Scheme, suffix: str) -> None:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    tokens = theme.apply(app, scheme)
    places = QSettings(str(folder / "places.ini"), QSettings.Format.IniFormat)
    for name, widget in pictures(tokens, places):
        widget.show()
        app.processEvents()
        widget.grab().save(str(folder / f"{name}-{suffix}.png"))
        widget.hide()


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if len(sys.argv) == 4:
        draw(folder, theme.Scheme(sys.argv[2]), sys.argv[3])
        return
    for scheme in (theme.Scheme.LIGHT, theme.Scheme.DARK):
        for scale in ("1", "2"):
            environment = {**os.environ, "QT_SCALE_FACTOR": scale}
            environment.setdefault("QT_QPA_PLATFORM", "offscreen")
            suffix = f"{scheme.value}-{int(scale) * 100}"
            subprocess.run(
                [sys.executable, "-m", "tests.ui.gallery", str(folder), scheme.value, suffix],
                env=environment,
                check=True,
            )


if __name__ == "__main__":
    main()
