"""The card of one mail program: who it is, what it may do, and everything to type into it, each with a copy button."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QAction, QActionGroup, QHideEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QMenu, QVBoxLayout, QWidget

from bridge_gui.answers import Credentials
from bridge_gui.model import Access, AddressMode, ClientId, Protocol
from bridge_gui.state import ClientState, ListenerState, SessionState, SetupProgress
from bridge_gui.ui import program_values, theme, words
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.dialogs import RenameDialog, ask
from bridge_gui.ui.direction import indent
from bridge_gui.ui.program_values import Server, Value
from bridge_gui.ui.theme import Tokens
from bridge_gui.ui.widgets import (
    Badge,
    CopyButton,
    Elided,
    StatusLine,
    button,
    icon_button,
    label,
    menu_button,
    restyle,
    row,
)

translate = QCoreApplication.translate

MASK = "•" * 22
"""As long as a password, so that nothing moves when it is shown."""
FEW_SESSIONS = 3


class CopyRow(QWidget):
    """Values side by side, each with its copy button."""

    def __init__(self, clipboard: Clipboard, tokens: Tokens, count: int) -> None:
        super().__init__()
        self._clipboard = clipboard
        self._values: tuple[Value, ...] = ()
        self.name = label(role="quiet")
        """The caption, which stands in the column beside."""
        self.texts = tuple(label() for _ in range(count))
        self.copies = tuple(CopyButton("", partial(self._copy, number), tokens) for number in range(count))
        inside = row(spacing=2)
        for number, (text, copy) in enumerate(zip(self.texts, self.copies, strict=True)):
            if number:
                inside.addSpacing(14)
            inside.addWidget(text)
            inside.addWidget(copy)
        inside.addStretch(1)
        self.setLayout(inside)

    def render_values(self, name: str, values: tuple[Value, ...]) -> None:
        """Show the values; hide the row without any."""
        self.name.setVisible(bool(values))
        self.setVisible(bool(values))
        if not values or values == self._values:
            return
        self._values = values
        self.name.setText(name)
        for text, copy, value in zip(self.texts, self.copies, values, strict=True):
            text.setText(value.text)
            copy.set_words(f"{value.copy}: {value.text}")

    def _copy(self, number: int) -> None:
        self._clipboard.copy(self._values[number].text)
        self.copies[number].copied()


class ProgramCard(QFrame):
    """Draws one `ClientState`; folded, it is its first line only."""

    revoke = Signal(str)
    """The id of the program whose password is to go; the page offers the undo."""
    set_up_again = Signal(str)
    """The id of the program whose set-up is to be repaired."""
    undo_set_up = Signal(str)

    def __init__(self, client: ClientState, actions: Actions, clipboard: Clipboard, tokens: Tokens) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._actions = actions
        self._clipboard = clipboard
        self._tokens = tokens
        self._id: ClientId = client.id
        self._client = client
        self._servers: tuple[Server, ...] = ()
        self._shown = False
        self._drawn: object = None

        self.badge = Badge(tokens)
        self.name = Elided(role="heading")
        self.status = StatusLine(tokens)
        self.fold = icon_button("chevron-down", "", self.toggle, tokens)
        self.menu_button = menu_button("", self._menu(), tokens)
        self.user = Elided()
        self.password = QLabel(MASK)
        self.password.setFont(theme.monospace())
        self.copy_user = CopyButton(translate("program", "Copy the user name"), self._copy_user, tokens)
        self.copy_password = CopyButton(translate("program", "Copy the password"), self._copy_password, tokens)
        self.show_password = icon_button("eye", "", self._toggle_password, tokens)
        self.servers = {protocol: CopyRow(clipboard, tokens, 2) for protocol in Protocol}
        self.security = CopyRow(clipboard, tokens, 1)
        self.program = label(role="quiet", wrap=True)
        self.sessions = label(role="quiet", wrap=True)
        self.setup = label(role="quiet", wrap=True)
        self.set_up_button = button(translate("program", "Set up again"), lambda: self.set_up_again.emit(self._id))
        self.setup_line = QWidget()
        setup_row = row(self.setup, self.set_up_button)
        setup_row.setStretch(0, 1)
        self.setup_line.setLayout(setup_row)

        inside = QVBoxLayout(self)
        inside.setContentsMargins(12, 10, 12, 10)
        inside.setSpacing(8)
        self.name.fit(260, 150)
        self.status.words.fit()
        inside.addLayout(row(self.fold, self.badge, self.name, 1, self.status, self.menu_button))
        self.details = QWidget()
        inside.addWidget(self.details)
        self._lay_out_details()
        self.set_narrow(False)
        self._hide_password()
        self.set_folded(False)

    def _lay_out_details(self) -> None:
        grid = QGridLayout(self.details)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        # Values of all cards stand below each other, whatever a program may do.
        captions = [label(program_values.server_name(protocol), "quiet") for protocol in Protocol]
        for caption in captions:
            caption.ensurePolished()
        grid.setColumnMinimumWidth(0, max(caption.sizeHint().width() for caption in captions))
        for line, (name, value) in enumerate(
            (
                (label(translate("program", "User name"), "quiet"), self._with(self.user, self.copy_user)),
                (
                    label(translate("program", "Password"), "quiet"),
                    self._with(self.password, self.show_password, self.copy_password),
                ),
                *((one.name, one) for one in (*self.servers.values(), self.security)),
            )
        ):
            grid.addWidget(name, line, 0)
            grid.addWidget(value, line, 1)
        grid.addWidget(self.program, 5, 0, 1, 2)
        grid.addWidget(self.sessions, 6, 0, 1, 2)
        grid.addWidget(self.setup_line, 7, 0, 1, 2)

    def set_narrow(self, narrow: bool) -> None:
        """Where room is short the details begin further at the side, so that long captions leave enough for values."""
        layout = self.details.layout()
        assert layout is not None
        indent(layout, 8 if narrow else 36, bottom=2)

    @staticmethod
    def _with(value: QLabel, *buttons: QWidget) -> QWidget:
        """A value with its buttons right beside it."""
        made = QWidget()
        line = row(value, *buttons, 1, spacing=2)
        if isinstance(value, Elided):
            value.fit()
        made.setLayout(line)
        return made

    # ------------------------------------------------------------------ drawing

    def render_client(
        self,
        client: ClientState,
        sessions: Sequence[SessionState],
        listeners: Sequence[ListenerState],
        now: float,
        mode: AddressMode = AddressMode.COMBINED,
    ) -> None:
        """Draw the newest state; texts that did not change are left alone, so that nothing flickers."""
        drawn = (client, tuple(sessions), tuple(listeners), now, mode)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        renamed = client.label != self._client.label or not self.name.text()
        self._client = client
        line = words.client_line(client, len(sessions), now)
        parts = [line.text, words.access(client.access)]
        if mode is AddressMode.SPLIT:
            parts.append(client.username)
        self.status.render_line(words.Line(" · ".join(parts), line.tone))
        if renamed:
            self.name.setText(client.label)
            self.badge.setText(client.label)
            self.menu_button.setAccessibleName(translate("program", "More for {name}").format(name=client.label))
        self.user.setText(client.username)
        self.access_actions[client.access].setChecked(True)
        self.disconnect_action.setEnabled(bool(sessions))
        self._servers = program_values.servers(listeners, client.access)
        found = {server.protocol: server for server in self._servers}
        for protocol, values in self.servers.items():
            server = found.get(protocol)
            values.render_values(server.name if server else "", server.values if server else ())
        self.security.render_values(translate("program", "Security"), (program_values.security(),))
        self._say(self.program, self._footer(now, live=bool(sessions)))
        self._say(self.sessions, self._sessions_text(sessions, now))

    @staticmethod
    def _say(where: QLabel, text: str) -> None:
        where.setVisible(bool(text))
        if where.text() != text:
            where.setText(text)

    def _footer(self, now: float, *, live: bool) -> str:
        client = self._client
        parts = []
        if client.program:
            parts.append(translate("program", "calls itself {name}").format(name=client.program))
        if client.last_used is not None and live:  # else the first line says so
            parts.append(translate("program", "last used {when}").format(when=words.ago(client.last_used, now)))
        if client.last_used is None and client.created_at:
            parts.append(translate("program", "added {when}").format(when=words.ago(client.created_at, now)))
        if client.last_failure is not None and client.last_failure > (client.last_used or 0):
            parts.append(translate("program", "was refused {when}").format(when=words.ago(client.last_failure, now)))
        return " · ".join(parts)

    def render_setup(self, progress: SetupProgress | None) -> None:
        """Say how the program was set up; only what Bridge Manager has set up can be repaired and taken back."""
        self.setup_line.setVisible(progress is not None)
        self.again_action.setVisible(progress is not None)
        self.undo_action.setVisible(progress is not None)
        if progress is not None:
            self.setup.setText(words.setup_line(progress))
            restyle(self.set_up_button, "role", "primary" if progress.problem is not None else "")

    @staticmethod
    def _sessions_text(sessions: Sequence[SessionState], now: float) -> str:
        lines = [words.session_line(session, now) for session in sessions[:FEW_SESSIONS]]
        if len(sessions) > FEW_SESSIONS:
            lines.append(translate("program", "and %n more sessions", "", len(sessions) - FEW_SESSIONS))
        return "\n".join(lines)

    def set_folded(self, folded: bool) -> None:
        self.details.setVisible(not folded)
        words_ = translate("program", "Show details") if folded else translate("program", "Hide details")
        self.fold.show_icon("chevron-right" if folded else "chevron-down", words_)
        if folded:
            self._hide_password()

    def toggle(self) -> None:
        self.set_folded(not self.details.isHidden())

    def hideEvent(self, event: QHideEvent) -> None:
        """A password that was shown is not shown again by coming back."""
        self._hide_password()
        super().hideEvent(event)

    # ------------------------------------------------------------------ wishes

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(translate("program", "Copy all but the password"), self._copy_all)
        menu.addAction(translate("program", "Rename…"), self._rename)
        access = menu.addMenu(translate("program", "What it may do"))
        self.access_actions: dict[Access, QAction] = {}
        group = QActionGroup(menu)
        for value in Access:
            action = access.addAction(words.access(value), partial(self._set_access, value))
            action.setCheckable(True)
            group.addAction(action)
            self.access_actions[value] = action
        menu.addSeparator()
        self.again_action = menu.addAction(
            translate("program", "Set up again…"), lambda: self.set_up_again.emit(self._id)
        )
        self.undo_action = menu.addAction(
            translate("program", "Undo the set-up…"), lambda: self.undo_set_up.emit(self._id)
        )
        menu.addAction(translate("program", "New password…"), self._renew)
        self.disconnect_action = menu.addAction(translate("program", "Disconnect"), self._disconnect)
        menu.addAction(translate("program", "Revoke the password"), lambda: self.revoke.emit(self._id))
        return menu

    def _rename(self) -> None:
        dialog = RenameDialog(
            translate("program", "Rename {name}").format(name=self._client.label),
            translate("program", "Name of this mail program"),
            self._client.label,
            self,
        )
        dialog.chosen.connect(lambda text: self._actions.wish(self._actions.bridge.rename_client, self._id, text))
        dialog.open()

    def _set_access(self, access: Access) -> None:
        if access is not self._client.access:
            self._actions.wish(self._actions.bridge.set_client_access, self._id, access)

    def _disconnect(self) -> None:
        async def disconnect() -> None:
            ended = await self._actions.call(self._actions.bridge.disconnect_client, self._id)
            self._actions.done.emit(translate("program", "%n sessions ended.", "", ended))

        self._actions.start(disconnect(), "disconnect")

    async def _credentials(self) -> Credentials:
        return await self._actions.call(self._actions.bridge.credentials, self._id)

    def _copy_user(self) -> None:
        self._clipboard.copy(self._client.username)
        self.copy_user.copied()

    def _copy_all(self) -> None:
        """For a support chat: everything but the password."""
        self._clipboard.copy(program_values.all_but_the_password(self._client, self._servers))
        self._actions.done.emit(translate("program", "Copied, without the password."))

    def _copy_password(self) -> None:
        async def copy() -> None:
            credentials = await self._credentials()
            self._clipboard.copy_secret(credentials.password)
            self.copy_password.copied()
            self._actions.done.emit(
                translate("program", "The password is copied. In a minute it is taken off the clipboard.")
            )

        self._actions.start(copy(), "copy password")

    def _toggle_password(self) -> None:
        if self._shown:
            self._hide_password()
            return

        async def show() -> None:
            credentials = await self._credentials()
            if self.isVisible():
                self.password.setText(credentials.password.reveal())
                self._shown = True
                self.show_password.show_icon("eye-off", translate("program", "Hide the password"))

        self._actions.start(show(), "show password")

    def _hide_password(self) -> None:
        self._shown = False
        self.password.setText(MASK)
        self.password.setAccessibleName(translate("program", "Password, hidden"))
        self.show_password.show_icon("eye", translate("program", "Show the password"))

    def _renew(self) -> None:
        async def renew() -> None:
            self._hide_password()
            credentials = await self._actions.call(self._actions.bridge.renew_client, self._id)
            self._clipboard.copy_secret(credentials.password)
            self._actions.done.emit(translate("program", "The new password is copied."))

        ask(
            self,
            translate("program", "New password for {name}").format(name=self._client.label),
            translate("program", "The present password is refused at once. Copy the new one into the mail program."),
            translate("program", "Make a new password"),
            lambda: self._actions.start(renew(), "new password"),
        )
