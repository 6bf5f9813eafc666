"""The page of the settings: groups of rows, the protection of the stored passwords, the certificate, and the way back
to the defaults."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from bridge_gui.answers import SettingState
from bridge_gui.ui import settings_table
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.certificate import CertificateCard
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.dialogs import ask
from bridge_gui.ui.protection import ProtectionCard
from bridge_gui.ui.setting_row import SettingRow
from bridge_gui.ui.theme import Tokens
from bridge_gui.ui.widgets import button, card, label, page_scroll, row, rule, section

translate = QCoreApplication.translate


class SettingsPage(QWidget):
    """Reads the settings when it is shown, and tells of each change."""

    changed = Signal(object)
    """All settings as a tuple of `SettingState`, when they were read and after each change."""

    def __init__(self, actions: Actions, clipboard: Clipboard, tokens: Tokens) -> None:
        super().__init__()
        self._actions = actions
        self._tokens = tokens
        self._wanted = ""
        self.rows: dict[str, SettingRow] = {}
        self.sections: dict[str, QFrame] = {}
        self.certificate = CertificateCard(actions, clipboard, tokens)
        self.protection = ProtectionCard(actions, tokens)
        self.reset_all = button(translate("settings", "Reset all settings…"), self._reset_all, "danger")
        inside = QVBoxLayout()
        inside.setContentsMargins(24, 20, 24, 20)
        inside.setSpacing(10)
        self._inside = inside
        inside.addWidget(label(translate("settings", "Settings"), "title"))
        self._groups = QVBoxLayout()
        self._groups.setSpacing(10)
        inside.addLayout(self._groups)
        inside.addWidget(self._section(translate("settings", "Stored passwords")))
        inside.addWidget(self.protection)
        inside.addWidget(self._section(translate("settings", "Certificate")))
        inside.addWidget(self.certificate)
        inside.addSpacing(8)
        inside.addLayout(row(self.reset_all, 1))
        inside.addStretch(1)
        self.area = page_scroll(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)

    @staticmethod
    def _section(text: str) -> QWidget:
        made = section(text)
        made.setContentsMargins(0, 8, 0, 0)
        return made

    # ------------------------------------------------------------------ drawing

    def read(self) -> None:
        """Ask the core for everything that the page shows."""

        async def read() -> None:
            self.render_settings(await self._actions.call(self._actions.bridge.settings))

        self._actions.start(read(), "read the settings")
        self.certificate.read()
        self.protection.read()

    def render_settings(self, settings: tuple[SettingState, ...]) -> None:
        known = {state.key: state for state in settings}
        if list(self.rows) != [key for group in settings_table.groups(list(known)) for key in group.settings]:
            self._build(known)
        for key, one in self.rows.items():
            one.render_setting(known[key])
        self.changed.emit(settings)
        if self._wanted:
            self.show_section(self._wanted)

    def _build(self, known: dict[str, SettingState]) -> None:
        while (item := self._groups.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.rows.clear()
        self.sections.clear()
        for group in settings_table.groups(list(known)):
            frame, inside = card()
            inside.setSpacing(4)
            for key in group.settings:
                if inside.count():
                    inside.addWidget(rule())
                made = SettingRow(known[key], self._actions, self._tokens)
                made.changed.connect(self._row_changed)
                self.rows[key] = made
                inside.addWidget(made)
            self._groups.addWidget(self._section(group.title))
            self._groups.addWidget(frame)
            self.sections[group.key] = frame

        self._order()

    def _order(self) -> None:
        """The groups are made after what stands below them, and yet are gone through first."""
        parts: list[QWidget] = [*self.rows.values(), self.protection, self.certificate, self.reset_all]
        stops = [
            widget
            for part in parts
            for widget in (part, *part.findChildren(QWidget))
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.window() is self.window()  # no box's list
        ]
        for before, after in pairwise(stops):
            self.setTabOrder(before, after)

    def _row_changed(self, _: SettingState) -> None:
        self.changed.emit(tuple(one.state for one in self.rows.values()))

    def show_section(self, key: str) -> None:
        """Bring a group, or `certificate` or `protection`, into view; as soon as it is there."""
        target = {"certificate": self.certificate, "protection": self.protection, **self.sections}.get(key)
        if target is None:
            self._wanted = key
            return
        self._wanted = ""

        def scroll() -> None:
            page = self.area.widget()
            assert page is not None
            place = target.mapTo(page, target.rect().topLeft()).y()
            self.area.verticalScrollBar().setValue(max(0, place - 48))
            first = next(
                (one for one in target.findChildren(QWidget) if one.focusPolicy() & Qt.FocusPolicy.TabFocus), None
            )
            if first is not None:
                first.setFocus(Qt.FocusReason.OtherFocusReason)

        QTimer.singleShot(0, target, scroll)

    # ------------------------------------------------------------------ wishes

    def _reset_all(self) -> None:
        async def reset() -> None:
            self.render_settings(await self._actions.call(self._actions.bridge.reset_settings, None))

        ask(
            self,
            translate("settings", "Reset all settings"),
            translate(
                "settings",
                "Everything on this page goes back to its default, the ports as well: mail programs that use other "
                "ports have to be told. Accounts, mail and passwords stay.",
            ),
            translate("settings", "Reset all"),
            lambda: self._actions.start(reset(), "reset the settings"),
            danger=True,
        )
