"""How the stored passwords are protected: by the keychain or by a passphrase; and how that is changed."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QVBoxLayout, QWidget

from bridge_gui.secret import Secret
from bridge_gui.state import Problem
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.dialogs import ask
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.widgets import Banner, Sheet, button, label, row, secret_field

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
            ask(
                self,
                translate("protection", "Use the keychain"),
                translate(
                    "protection", "The passphrase is no longer needed; whoever can open your keychain can open them."
                ),
                translate("protection", "Use the keychain"),
                lambda: self._protect(None),
            )
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
        ask(
            self,
            translate("protection", "Lock now"),
            translate("protection", "Mail programs are disconnected until the passphrase is typed again."),
            translate("protection", "Lock"),
            lambda: self._actions.wish(self._actions.bridge.lock),
        )


class PassphraseDialog(Sheet):
    """A new passphrase, typed twice."""

    LEAST = 8

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("protection", "Choose a passphrase"))
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
