"""The card of one mail program: who it is, what it may do, and everything to type into it, each with a copy button."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bridge_gui.model import Access, ClientId
from bridge_gui.state import ClientState, Credentials, ListenerState, SessionState
from bridge_gui.ui import icons, theme, words
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.dialogs import confirmed
from bridge_gui.ui.theme import Tokens
from bridge_gui.ui.widgets import CopyButton, Elided, StatusLine, icon_button, icon_label, label, row

translate = QCoreApplication.translate

MASK = "•" * 22


class ProgramCard(QFrame):
    """Draws one `ClientState`; folded, it is its first line only."""

    revoke = Signal(str)
    """The id of the program whose password is to go; the page offers the undo."""

    def __init__(self, client: ClientState, actions: Actions, clipboard: Clipboard, tokens: Tokens) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._actions = actions
        self._clipboard = clipboard
        self._tokens = tokens
        self._id: ClientId = client.id
        self._client = client
        self._shown = False

        self.picture = icon_label("mail", tokens.quiet)
        self.name = Elided(role="heading")
        self.status = StatusLine(tokens)
        self.fold = icon_button("chevron-down", "", self.toggle, tokens)
        self.menu_button = QToolButton()
        self.menu_button.setIcon(icons.icon("ellipsis", tokens.quiet))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setMenu(self._menu())

        self.user = Elided()
        self.password = QLabel(MASK)
        self.password.setFont(theme.monospace())
        self.servers = Elided()
        self.copy_user = CopyButton(translate("program", "Copy the user name"), self._copy_user, tokens)
        self.copy_password = CopyButton(translate("program", "Copy the password"), self._copy_password, tokens)
        self.copy_servers = CopyButton(translate("program", "Copy the server data"), self._copy_servers, tokens)
        self.show_password = icon_button(
            "eye", translate("program", "Show the password"), self._toggle_password, tokens
        )
        self.footer = label(role="quiet")

        inside = QVBoxLayout(self)
        inside.setContentsMargins(16, 10, 12, 10)
        inside.setSpacing(6)
        head = row(self.fold, self.picture, self.name, spacing=6)
        head.setStretch(2, 2)
        head.addWidget(self.status, 3)
        head.addWidget(self.menu_button)
        inside.addLayout(head)

        self.details = QWidget()
        grid = QGridLayout(self.details)
        grid.setContentsMargins(30, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for line, (caption, value, buttons) in enumerate(
            (
                (translate("program", "User"), self.user, (self.copy_user,)),
                (translate("program", "Password"), self.password, (self.show_password, self.copy_password)),
                (translate("program", "Servers"), self.servers, (self.copy_servers,)),
            )
        ):
            grid.addWidget(label(caption, "quiet"), line, 0)
            grid.addWidget(value, line, 1)
            grid.addLayout(row(1, *buttons, spacing=2), line, 2)
        grid.addWidget(self.footer, 3, 0, 1, 3)
        inside.addWidget(self.details)
        self.set_folded(False)

    # ------------------------------------------------------------------ drawing

    def render_client(
        self, client: ClientState, sessions: Sequence[SessionState], listeners: Sequence[ListenerState], now: float
    ) -> None:
        """Draw the newest state; texts that did not change are left alone, so that nothing flickers."""
        self._client = client
        line = words.client_line(client, len(sessions), now)
        self.name.setText(client.label)
        self.name.setAccessibleName(client.label)
        self.status.render_line(words.Line(f"{line.text} · {words.access(client.access)}", line.tone))
        self.user.setText(client.username)
        self.access_actions[client.access].setChecked(True)
        self.servers.setText(words.server_line(listeners))
        self.footer.setText(self._footer(sessions, now))
        self.footer.setVisible(bool(self.footer.text()))
        self.menu_button.setAccessibleName(translate("program", "More for {name}").format(name=client.label))

    def _footer(self, sessions: Sequence[SessionState], now: float) -> str:
        parts = []
        if self._client.program:
            parts.append(translate("program", "calls itself {name}").format(name=self._client.program))
        if sessions:
            parts.append(translate("program", "sessions: %n", "", len(sessions)))
        elif self._client.last_used is not None:
            parts.append(translate("program", "last used {when}").format(when=words.ago(self._client.last_used, now)))
        if self._client.last_failure is not None and self._client.last_failure > (self._client.last_used or 0):
            parts.append(
                translate("program", "tried a wrong password {when}").format(
                    when=words.ago(self._client.last_failure, now)
                )
            )
        return " · ".join(parts)

    def set_folded(self, folded: bool) -> None:
        self.details.setVisible(not folded)
        self.fold.setIcon(icons.icon("chevron-right" if folded else "chevron-down", self._tokens.quiet))
        words_ = translate("program", "Show details") if folded else translate("program", "Hide details")
        self.fold.setToolTip(words_)
        self.fold.setAccessibleName(words_)

    def toggle(self) -> None:
        self.set_folded(self.details.isVisible())

    # ------------------------------------------------------------------ wishes

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(translate("program", "Rename…"), self._rename)
        menu.addAction(translate("program", "Copy all but the password"), self._copy_all)
        access = menu.addMenu(translate("program", "What it may do"))
        self.access_actions: dict[Access, QAction] = {}
        group = QActionGroup(menu)
        for value in Access:
            action = access.addAction(words.access(value), partial(self._set_access, value))
            action.setCheckable(True)
            group.addAction(action)
            self.access_actions[value] = action
        menu.addSeparator()
        menu.addAction(translate("program", "New password…"), self._renew)
        menu.addAction(
            translate("program", "Disconnect"),
            lambda: self._actions.wish(self._actions.bridge.disconnect_client, self._id),
        )
        menu.addAction(translate("program", "Revoke the password"), lambda: self.revoke.emit(self._id))
        return menu

    def _rename(self) -> None:
        text, accepted = QInputDialog.getText(
            self,
            translate("program", "Rename"),
            translate("program", "Name of this mail program:"),
            QLineEdit.EchoMode.Normal,
            self._client.label,
        )
        if accepted and text.strip():
            self._actions.wish(self._actions.bridge.rename_client, self._id, text.strip())

    def _set_access(self, access: Access) -> None:
        if access is not self._client.access:
            self._actions.wish(self._actions.bridge.set_client_access, self._id, access)

    async def _credentials(self) -> Credentials:
        return await self._actions.call(self._actions.bridge.credentials, self._id)

    def _copy_user(self) -> None:
        self._clipboard.copy(self._client.username)
        self.copy_user.copied()

    def _copy_servers(self) -> None:
        self._clipboard.copy(self.servers.text())
        self.copy_servers.copied()

    def _copy_all(self) -> None:
        """For a support chat: everything but the password."""
        self._clipboard.copy(
            "\n".join(
                (
                    f"{translate('program', 'Mail program')}: {self._client.label}",
                    f"{translate('program', 'User')}: {self._client.username}",
                    f"{translate('program', 'Access')}: {words.access(self._client.access)}",
                    f"{translate('program', 'Servers')}: {self.servers.text()}",
                )
            )
        )
        self._actions.done.emit(translate("program", "Copied, without the password."))

    def _copy_password(self) -> None:
        async def copy() -> None:
            credentials = await self._credentials()
            self._clipboard.copy_secret(credentials.password)
            self.copy_password.copied()

        self._actions.start(copy(), "copy password")

    def _toggle_password(self) -> None:
        if self._shown:
            self._hide_password()
            return

        async def show() -> None:
            credentials = await self._credentials()
            self.password.setText(credentials.password.reveal())
            self._shown = True
            self.show_password.setIcon(icons.icon("eye-off", self._tokens.quiet))
            self.show_password.setToolTip(translate("program", "Hide the password"))
            self.show_password.setAccessibleName(translate("program", "Hide the password"))

        self._actions.start(show(), "show password")

    def _hide_password(self) -> None:
        self._shown = False
        self.password.setText(MASK)
        self.show_password.setIcon(icons.icon("eye", self._tokens.quiet))
        self.show_password.setToolTip(translate("program", "Show the password"))
        self.show_password.setAccessibleName(translate("program", "Show the password"))

    def _renew(self) -> None:
        if not confirmed(
            self,
            translate("program", "New password for {name}").format(name=self._client.label),
            translate("program", "The present password is refused at once. Copy the new one into the mail program."),
            translate("program", "Make a new password"),
        ):
            return
        self._hide_password()

        async def renew() -> None:
            credentials = await self._actions.call(self._actions.bridge.renew_client, self._id)
            self._clipboard.copy_secret(credentials.password)
            self._actions.done.emit(translate("program", "The new password is copied."))

        self._actions.start(renew(), "new password")
