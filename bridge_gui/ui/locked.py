"""The page that is shown while the stored passwords are closed: why, and how to open them. Nothing is deleted here, but
by starting anew, which asks first."""

from __future__ import annotations

import re
from collections.abc import Awaitable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QVBoxLayout, QWidget

from bridge_gui.errors import BridgeError
from bridge_gui.secret import Secret
from bridge_gui.state import CoreState
from bridge_gui.ui import icons
from bridge_gui.ui.actions import Actions, problem_of
from bridge_gui.ui.dialogs import ask
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.widgets import Banner, button, label, restyle, row, secret_field
from bridge_gui.ui.words import problem_parts

translate = QCoreApplication.translate

FOLDER_MISSING = "cache-folder-missing"
BY_USER = "locked-by-user"
NO_KEYCHAIN = "keychain-missing"


class LockedPage(QWidget):
    def __init__(self, actions: Actions, tokens: Tokens) -> None:
        super().__init__()
        self._actions = actions
        self._tokens = tokens
        self._core = CoreState()
        self._code = ""
        self._refused = False
        """A passphrase was wrong: it may be forgotten."""
        self.picture = QLabel()
        self.title = label(role="title", wrap=True)
        self.words = label(role="quiet", wrap=True)
        self.passphrase: QLineEdit = secret_field()
        self.passphrase.setPlaceholderText(translate("protection", "Passphrase"))
        self.passphrase.setAccessibleName(translate("protection", "Passphrase"))
        self.passphrase.setMinimumWidth(240)
        self.passphrase.returnPressed.connect(self._open)
        self.open = button(translate("protection", "Unlock"), self._open, "primary")
        self.again = button("", self._again)
        self.folder = button(translate("protection", "Choose another folder…"), self._choose_folder)
        self.anew = button(translate("protection", "Start anew…"), self._start_anew, "danger")
        self.banner = Banner(tokens)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(48, 48, 48, 48)
        layout.setSpacing(12)
        layout.addStretch(1)
        layout.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignHCenter)
        for widget in (self.title, self.words):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(widget)
        layout.addLayout(row(1, self.passphrase, self.open, 1))
        layout.addLayout(row(1, self.again, self.folder, self.anew, 1))
        layout.addWidget(self.banner)
        layout.addStretch(2)

    def render_core(self, core: CoreState) -> None:
        """Say why, and show the buttons that can help."""
        problem = core.problem
        if problem is None:
            return
        title, rest = problem_parts(problem)
        self.title.setText(title.rstrip("."))
        # An option of the command line is not broken at its hyphens.
        self.words.setText(re.sub(r"--[a-z-]+", lambda option: option[0].replace("-", "\u2011"), rest))
        if problem.code != self._code:
            self._code = problem.code
            self._refused = False
            self.banner.hide()
            name = "folder" if problem.code == FOLDER_MISSING else "lock"
            colour = self._tokens.attention
            self.picture.setPixmap(icons.pixmap(f"icons/{name}.svg", colour, 40, self.devicePixelRatioF()))
        for widget in (self.passphrase, self.open):
            widget.setVisible(core.passphrase_opens)
        self.folder.setVisible(problem.code == FOLDER_MISSING)
        self._core = core
        self._show_anew()
        self.again.setVisible(not core.passphrase_opens or problem.code == NO_KEYCHAIN)
        restyle(self.again, "role", "" if core.passphrase_opens else "primary")
        self.again.setText(
            translate("protection", "Unlock") if problem.code == BY_USER else translate("protection", "Try again")
        )

    def _show_anew(self) -> None:
        self.anew.setVisible(self._core.can_start_anew and (self._refused or not self._core.passphrase_opens))

    def _open(self) -> None:
        text = self.passphrase.text()
        if text:
            self._try(self._actions.call(self._actions.bridge.unlock, Secret(text)))
        else:
            self.passphrase.setFocus()

    def _again(self) -> None:
        self._try(self._actions.call(self._actions.bridge.unlock, None))

    def _choose_folder(self) -> None:
        """The mail is downloaded anew into a folder that is there."""
        folder = QFileDialog.getExistingDirectory(self, translate("protection", "Choose another folder"))
        if not folder:
            return

        async def move() -> None:
            await self._actions.call(self._actions.bridge.set_setting, "cache.folder", folder)
            await self._actions.call(self._actions.bridge.unlock, None)

        self._try(move())

    def _start_anew(self) -> None:
        ask(
            self,
            translate("protection", "Start anew without the stored passwords?"),
            translate(
                "protection",
                "The sign-ins of all accounts and the passwords of all mail programs are lost. The mail on this "
                "computer cannot be opened any more: it is deleted, and with it mail that was waiting to be sent. "
                "What is at Proton stays as it is, and is downloaded once you have signed in again. Mail programs "
                "have to be set up again. The old file of stored passwords is kept under another name.",
            ),
            translate("protection", "Start anew"),
            lambda: self._try(self._actions.call(self._actions.bridge.start_anew)),
            danger=True,
        )

    def _try(self, work: Awaitable[object]) -> None:
        """Run one attempt; what goes wrong is said here, and what was typed stays to be mended."""
        self.banner.hide()
        buttons = (self.open, self.again, self.folder, self.anew)
        for widget in buttons:
            widget.setEnabled(False)

        async def run() -> None:
            try:
                await work
            except BridgeError as error:
                self.banner.show_problem(problem_of(error), Tone.BAD)
                self._refused = True
                self._show_anew()
                self.passphrase.selectAll()
                self.passphrase.setFocus()
            else:
                self.passphrase.clear()
                self._refused = False
            finally:
                for widget in buttons:
                    widget.setEnabled(True)

        self._actions.start(run(), "unlock")
