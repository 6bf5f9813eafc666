"""The certificate that mail programs see: shown to be compared, written to a file, made anew."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QFrame, QGridLayout, QVBoxLayout

from bridge_gui.answers import CertificateState
from bridge_gui.ui import theme
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.dialogs import ask
from bridge_gui.ui.theme import Tokens
from bridge_gui.ui.widgets import CopyButton, button, label, row
from bridge_gui.ui.words import date

translate = QCoreApplication.translate


def in_two_lines(fingerprint: str) -> str:
    """A SHA-256 fingerprint as people compare it: sixteen bytes a line."""
    parts = fingerprint.split(":")
    return ":".join(parts[:16]) + "\n" + ":".join(parts[16:]) if len(parts) == 32 else fingerprint


class CertificateCard(QFrame):
    def __init__(self, actions: Actions, clipboard: Clipboard, tokens: Tokens) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._actions = actions
        self.state: CertificateState | None = None
        self.valid = label(wrap=True)
        self.fingerprint = label()
        self.fingerprint.setFont(theme.monospace())
        self.fingerprint.setAccessibleName(translate("certificate", "Fingerprint (SHA-256)"))

        def copy() -> None:
            if self.state is not None:
                clipboard.copy(self.state.fingerprint)
                self.copy.copied()

        self.copy = CopyButton(translate("certificate", "Copy the fingerprint"), copy, tokens)
        self.export = button(translate("certificate", "Save as a file…"), self._export)
        self.renew = button(translate("certificate", "Renew…"), self._renew)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(16, 12, 16, 12)
        inside.setSpacing(8)
        inside.addWidget(
            label(
                translate(
                    "certificate",
                    "Mail programs reach Bridge Manager over an encrypted connection. This certificate proves to them "
                    "that they talk to it; it was made on this computer and is good for nothing else.",
                ),
                "quiet",
                wrap=True,
            )
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(1, 1)
        grid.addWidget(label(translate("certificate", "Valid until"), "quiet"), 0, 0)
        grid.addWidget(self.valid, 0, 1)
        grid.addWidget(label(translate("certificate", "SHA-256"), "quiet"), 1, 0)
        grid.addWidget(self.fingerprint, 1, 1)
        grid.addWidget(self.copy, 1, 2)
        inside.addLayout(grid)
        inside.addLayout(row(self.export, self.renew, 1))

    def read(self) -> None:
        async def read() -> None:
            self.render_certificate(await self._actions.call(self._actions.bridge.certificate))

        self._actions.start(read(), "read the certificate")

    def render_certificate(self, state: CertificateState) -> None:
        self.state = state
        self.valid.setText(date(state.not_after) + " · " + ", ".join(state.hosts))
        self.fingerprint.setText(in_two_lines(state.fingerprint))

    def _export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, translate("certificate", "Save the certificate"), "bridge-manager.pem", "PEM (*.pem *.crt)"
        )
        if name:
            self._actions.wish(self._actions.bridge.export_certificate, Path(name))

    def _renew(self) -> None:
        async def renew() -> None:
            self.render_certificate(await self._actions.call(self._actions.bridge.renew_certificate))

        ask(
            self,
            translate("certificate", "Renew the certificate"),
            translate(
                "certificate",
                "Every mail program has to trust the new certificate before it can read or send mail again.",
            ),
            translate("certificate", "Renew"),
            lambda: self._actions.start(renew(), "renew the certificate"),
        )
