"""How the stored passwords are protected (keychain or passphrase), and the page that is shown while they are closed."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QFrame, QLineEdit, QVBoxLayout, QWidget

from bridge_gui.errors import BridgeError
from bridge_gui.secret import Secret
from bridge_gui.state import Problem
from bridge_gui.ui.actions import Actions, problem_of
from bridge_gui.ui.dialogs import confirmed
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.widgets import Banner, button, icon_label, label, row, secret_field
from bridge_gui.ui.words import problem_text

translate = QCoreApplication.translate


class ProtectionCard(QFrame):
    """Says what protects the passwords; changes it; locks them now."""

    def __init__(self, actions: Actions, tokens: Tokens) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._actions = actions
        self._tokens = tokens
        self.words = label(wrap=True)
        self.change = button("", self._change)
        self.lock = button(translate("protection", "Lock now"), self._lock)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(16, 12, 16, 12)
        inside.setSpacing(8)
        inside.addWidget(self.words)
        inside.addLayout(row(self.change, self.lock, 1))
        self.kind = ""
        self.render_kind("")

    def read(self) -> None:
        async def read() -> None:
            self.render_kind(await self._actions.call(self._actions.bridge.protection))

        self._actions.start(read(), "read the protection")

    def render_kind(self, kind: str) -> None:
        self.kind = kind
        self.words.setText(
            {
                "keychain": translate("protection", "The keychain of this computer protects them."),
                "passphrase": translate(
                    "protection", "A passphrase protects them. Bridge Manager asks for it when it starts."
                ),
                "file": translate(
                    "protection", "A key in the profile's folder opens them. This is for the demonstration only."
                ),
            }.get(kind, "")
        )
        self.change.setText(
            translate("protection", "Use the keychain instead…")
            if kind == "passphrase"
            else translate("protection", "Use a passphrase instead…")
        )
        self.change.setVisible(kind in ("keychain", "passphrase"))
        self.lock.setVisible(kind == "passphrase")

    def _change(self) -> None:
        if self.kind == "passphrase":
            if confirmed(
                self,
                translate("protection", "Use the keychain"),
                translate(
                    "protection", "The passphrase is no longer needed; whoever can open your keychain can open them."
                ),
                translate("protection", "Use the keychain"),
            ):
                self._protect(None)
            return
        dialog = PassphraseDialog(self._tokens, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._protect(dialog.passphrase()))
        dialog.open()

    def _protect(self, passphrase: Secret[str] | None) -> None:
        async def protect() -> None:
            await self._actions.call(self._actions.bridge.protect, passphrase)
            self.render_kind(await self._actions.call(self._actions.bridge.protection))

        self._actions.start(protect(), "protect the passwords")

    def _lock(self) -> None:
        if confirmed(
            self,
            translate("protection", "Lock now"),
            translate("protection", "Mail programs are disconnected until the passphrase is typed again."),
            translate("protection", "Lock"),
        ):
            self._actions.wish(self._actions.bridge.lock)


class PassphraseDialog(QDialog):
    """A new passphrase, typed twice."""

    LEAST = 8

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("protection", "Choose a passphrase"))
        self.setMinimumWidth(440)
        self.first, self.second = secret_field(), secret_field()
        self.banner = Banner(tokens)
        self.save = button(translate("protection", "Use this passphrase"), self._save, "primary")
        self.save.setDefault(True)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        for caption, field in (
            (translate("protection", "Passphrase"), self.first),
            (translate("protection", "Once more"), self.second),
        ):
            form.addRow(caption, field)
            field.setAccessibleName(caption)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(translate("protection", "Choose a passphrase"), "title"))
        layout.addWidget(
            label(
                translate(
                    "protection",
                    "It is asked for each time Bridge Manager starts. Nobody can restore it: without it you would sign "
                    "in to your accounts again and set up your mail programs anew.",
                ),
                "quiet",
                wrap=True,
            )
        )
        layout.addLayout(form)
        layout.addWidget(self.banner)
        layout.addLayout(row(1, button(translate("protection", "Cancel"), self.reject), self.save))

    def passphrase(self) -> Secret[str]:
        return Secret(self.first.text())

    def _save(self) -> None:
        if len(self.first.text()) < self.LEAST:
            text = translate("protection", "Use at least %n characters", "", self.LEAST)
        elif self.first.text() != self.second.text():
            text = translate("protection", "The two are not the same")
        else:
            self.accept()
            return
        self.banner.show_problem(Problem("passphrase", text), Tone.BAD)


class LockedPage(QWidget):
    """Shown while the stored passwords are closed: why, and how to open them. Nothing is ever deleted here."""

    def __init__(self, actions: Actions, tokens: Tokens) -> None:
        super().__init__()
        self._actions = actions
        self.title = label(role="title", wrap=True)
        self.words = label(role="quiet", wrap=True)
        self.passphrase: QLineEdit = secret_field()
        self.passphrase.setPlaceholderText(translate("protection", "Passphrase"))
        self.passphrase.setAccessibleName(translate("protection", "Passphrase"))
        self.passphrase.setMinimumWidth(280)
        self.passphrase.returnPressed.connect(self._open)
        self.open = button(translate("protection", "Open"), self._open, "primary")
        self.again = button(translate("protection", "Try again"), self._again)
        self.banner = Banner(tokens)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(48, 48, 48, 48)
        layout.setSpacing(12)
        layout.addStretch(1)
        layout.addWidget(icon_label("lock", tokens.attention, 40), 0, Qt.AlignmentFlag.AlignHCenter)
        for widget in (self.title, self.words):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(widget)
        layout.addLayout(row(1, self.passphrase, self.open, 1))
        layout.addLayout(row(1, self.again, 1))
        layout.addWidget(self.banner)
        layout.addStretch(2)

    def render_problem(self, problem: Problem) -> None:
        whole = problem_text(problem)
        title, _, rest = whole.partition(". ")
        self.title.setText(title.rstrip("."))
        self.words.setText(rest)
        damaged = problem.code == "vault-damaged"
        for widget in (self.passphrase, self.open):
            widget.setVisible(not damaged)

    def _open(self) -> None:
        text = self.passphrase.text()
        if text:
            self._unlock(Secret(text))
        else:
            self.passphrase.setFocus()

    def _again(self) -> None:
        self._unlock(None)

    def _unlock(self, passphrase: Secret[str] | None) -> None:
        self.banner.hide()
        for widget in (self.open, self.again):
            widget.setEnabled(False)

        async def unlock() -> None:
            try:
                await self._actions.call(self._actions.bridge.unlock, passphrase)
            except BridgeError as error:
                self.banner.show_problem(problem_of(error), Tone.BAD)
                self.passphrase.selectAll()
                self.passphrase.setFocus()
            else:
                self.passphrase.clear()
            finally:
                for widget in (self.open, self.again):
                    widget.setEnabled(True)

        self._actions.start(unlock(), "unlock")
