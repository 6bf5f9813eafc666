"""One setting: its name and meaning, the control that fits its kind, and what became of the last change."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from bridge_gui.answers import SettingState
from bridge_gui.config import SETTINGS
from bridge_gui.errors import BridgeError, UsageError
from bridge_gui.ui import settings_table
from bridge_gui.ui.actions import Actions, problem_of
from bridge_gui.ui.core_words import local
from bridge_gui.ui.theme import Tokens
from bridge_gui.ui.widgets import button, icon_button, label, restyle
from bridge_gui.ui.words import problem_text

translate = QCoreApplication.translate

CHECK_AFTER_MS = 250
"""How long typing has to rest before the core is asked whether a port is free."""
SAVED_MS = 4000
NUMBER_WIDTH = 112


def complaint(key: str, value: str) -> str:
    """What is wrong with a value by the table of settings; empty when nothing is."""
    info = SETTINGS.get(key)
    if info is None:
        return ""
    try:
        info.parse(value)
    except UsageError as error:
        return local(error.message.removeprefix(f"{key}: "))
    return ""


class SettingRow(QWidget):
    """Draws a `SettingState`; a change goes to the core at once when the control allows no nonsense, and with Enter or
    leaving the field when something is typed."""

    changed = Signal(object)
    """The new `SettingState`."""

    def __init__(self, state: SettingState, actions: Actions, tokens: Tokens) -> None:
        super().__init__()
        self._actions = actions
        self.state = state
        self.title = label(settings_table.title(state.key), wrap=True)
        self.meaning = label(local(state.meaning), "quiet", wrap=True)
        alone = state.key in settings_table.OBVIOUS
        if alone:
            self.meaning.hide()
        self.note = label(role="quiet", wrap=True)
        self.note.hide()
        self.check: QCheckBox | None = None
        self.combo: QComboBox | None = None
        self.field: QLineEdit | None = None
        control = self._control(state)
        name = settings_table.title(state.key)
        control.setAccessibleName(name)
        control.setAccessibleDescription(local(state.meaning))
        self.reset = icon_button(
            "rotate-ccw", translate("settings", "Default: {setting}").format(setting=name), self._reset, tokens
        )
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # so that nothing jumps when it appears
        self.reset.setSizePolicy(policy)

        right = QHBoxLayout()
        right.setSpacing(4)
        right.addStretch(1)
        right.addWidget(control)
        if state.key == "cache.folder":
            right.addWidget(button(translate("settings", "Choose…"), self._choose_folder))
        right.addWidget(self.reset)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.title, 0, 0, 2 if alone else 1, 1)  # level with its control
        grid.addLayout(right, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.meaning, 1, 0)
        grid.addWidget(self.note, 2, 0, 1, 2)
        self._ask = QTimer(self)
        self._ask.setSingleShot(True)
        self._ask.setInterval(CHECK_AFTER_MS)
        self._ask.timeout.connect(self._ask_core)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(SAVED_MS)
        self._quiet.timeout.connect(self.note.hide)
        self.render_setting(state)

    def _control(self, state: SettingState) -> QWidget:
        if state.choices == ("true", "false"):
            self.check = QCheckBox()
            self.check.setProperty("bare", True)
            self.check.toggled.connect(lambda on: self._change("true" if on else "false"))
            return self.check
        if state.choices:
            self.combo = QComboBox()
            for value in state.choices:
                self.combo.addItem(settings_table.choice(state.key, value), value)
            self.combo.activated.connect(lambda _: self._change(str(self._combo_value())))
            return self.combo
        self.field = QLineEdit()
        self.field.setPlaceholderText(settings_table.placeholder(state.key))
        self.field.setFixedWidth(NUMBER_WIDTH if state.default.isdigit() else 190)
        self.field.textEdited.connect(self._typed)
        self.field.editingFinished.connect(self._finished)
        return self.field

    def _combo_value(self) -> object:
        return self.combo.currentData() if self.combo is not None else None

    # ------------------------------------------------------------------ drawing

    def render_setting(self, state: SettingState) -> None:
        """Show what is in force; what is being typed is left alone."""
        self.state = state
        self.reset.setVisible(state.value != state.default)
        if self.check is not None:
            with QSignalBlocker(self.check):
                self.check.setChecked(state.value == "true")
        elif self.combo is not None:
            self.combo.setCurrentIndex(self.combo.findData(state.value))
        elif self.field is not None and not (self.field.hasFocus() and self.field.isModified()):
            self.field.setText(self._shown(state.value))

    def _shown(self, value: str) -> str:
        return "" if value == "0" and self.state.key in settings_table.UNLIMITED else value

    def _meant(self) -> str:
        """The value that stands in the field."""
        text = self.field.text().strip() if self.field is not None else ""
        return "0" if not text and self.state.key in settings_table.UNLIMITED else text

    def _say(self, text: str, *, wrong: bool) -> None:
        self._quiet.stop()
        self.note.setText(text)
        self.note.setVisible(bool(text))
        restyle(self.note, "role", "bad" if wrong else "quiet")
        if self.field is not None:
            restyle(self.field, "wrong", "true" if wrong else "false")
            self.field.setToolTip(text if wrong else "")

    # ------------------------------------------------------------------ typing

    def _typed(self, _: str = "") -> None:
        value = self._meant()
        wrong = complaint(self.state.key, value)
        self._say(wrong, wrong=bool(wrong))
        self._ask.stop()
        if not wrong and value != self.state.value and self.state.key.endswith(".port"):
            self._ask.start()

    def _ask_core(self) -> None:
        """Whether another program listens on the port that was typed."""
        if self.field is None:
            return
        value = self._meant()

        async def ask() -> None:
            wrong = await self._actions.call(self._actions.bridge.check_setting, self.state.key, value)
            if self.field is not None and self._meant() == value and self.field.isModified():
                self._say(local(wrong), wrong=bool(wrong))

        self._actions.start(ask(), "check a setting")

    def _finished(self) -> None:
        if self.field is None or not self.field.isModified():
            return
        value = self._meant()
        if complaint(self.state.key, value):
            return
        self.field.setModified(False)
        self._ask.stop()
        self._change(value)

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, settings_table.title(self.state.key), self.state.value)
        if folder:
            self._change(folder)

    # ------------------------------------------------------------------ changing

    def _reset(self) -> None:
        if self.field is not None:
            self.field.setModified(False)
        self._change(self.state.default)

    def _change(self, value: str) -> None:
        if value == self.state.value:
            self._say("", wrong=False)
            return

        async def change() -> None:
            try:
                state = await self._actions.call(self._actions.bridge.set_setting, self.state.key, value)
            except BridgeError as error:
                self._say(problem_text(problem_of(error)), wrong=True)
                self.render_setting(self.state)
                return
            self.render_setting(state)
            if state.needs:
                self._say(translate("settings", "Saved.") + " " + local(state.needs), wrong=False)
            else:
                self._say(translate("settings", "Saved."), wrong=False)
                self._quiet.start()
            self.changed.emit(state)

        self._actions.start(change(), "change a setting")
