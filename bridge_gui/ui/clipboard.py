"""Copying: secrets are marked as such for clipboard managers and taken back after a minute if they are still there."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QMimeData, QObject, QTimer
from PySide6.QtGui import QClipboard, QGuiApplication

from bridge_gui.model import ClientId
from bridge_gui.secret import Secret
from bridge_gui.ui.actions import Actions

HINT_TYPE = "x-kde-passwordManagerHint"
CLEAR_AFTER_MS = 60_000


class Clipboard(QObject):
    """One for the application."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ours: Secret[str] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.clear_secret)

    @staticmethod
    def _clipboard() -> QClipboard:
        return QGuiApplication.clipboard()

    def copy(self, text: str) -> None:
        self._ours = None
        self._timer.stop()
        self._clipboard().setText(text)

    def copy_secret(self, secret: Secret[str]) -> None:
        """Copy, ask clipboard managers not to keep it, and clear it in a minute."""
        data = QMimeData()
        data.setText(secret.reveal())
        data.setData(HINT_TYPE, b"secret")
        # Windows: keep it out of the clipboard's history and of the cloud.
        data.setData('application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"', b"1")
        self._clipboard().setMimeData(data)
        self._ours = secret
        self._timer.start(CLEAR_AFTER_MS)

    def clear_secret(self) -> None:
        """Empty the clipboard if what lies there is still the secret we put there."""
        self._timer.stop()
        if self._ours is not None and self._clipboard().text() == self._ours.reveal():
            self._clipboard().clear()
        self._ours = None


def copy_password(actions: Actions, clipboard: Clipboard, client: ClientId) -> None:
    """Copy the password of a mail program and say so."""

    async def copy() -> None:
        credentials = await actions.call(actions.bridge.credentials, client)
        clipboard.copy_secret(credentials.password)
        said = QCoreApplication.translate("window", "The password of {name} is copied.")
        actions.done.emit(said.format(name=credentials.label))

    actions.start(copy(), "copy password")
