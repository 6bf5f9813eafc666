"""Notices of the core: the newest stands above the page with its button, the others are counted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bridge_gui.state import BridgeState, Notice, NoticeKind
from bridge_gui.ui import remedies, words
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.widgets import Banner, label

translate = QCoreApplication.translate

_TONES = {NoticeKind.INFO: Tone.QUIET, NoticeKind.ATTENTION: Tone.ATTENTION, NoticeKind.BAD: Tone.BAD}


class Notices(QWidget):
    cure = Signal(object, str)
    """A `Remedy`, and the account's id or nothing."""
    copy_password = Signal(str)
    copy_name = Signal(str)
    show_program = Signal(str)
    """Ids of mail programs."""

    def __init__(self, actions: Actions, tokens: Tokens) -> None:
        super().__init__()
        self._actions = actions
        self._shown: Notice | None = None
        self.banner = Banner(tokens, dismissible=True, dismissed=self._dismiss)
        self.more = label(role="quiet")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.banner)
        layout.addWidget(self.more)
        self.hide()

    def render_state(self, state: BridgeState) -> None:
        """The gravest notice first, then the newest."""
        order = [NoticeKind.BAD, NoticeKind.ATTENTION, NoticeKind.INFO]
        notices = sorted(state.notices, key=lambda one: (order.index(one.kind), -one.at))
        self._shown = notices[0] if notices else None
        self.setVisible(bool(notices))
        if self._shown is None:
            return
        notice = self._shown
        tone = _TONES[notice.kind]
        text, pressed = self._button(notice)
        about = words.mails_text(notice.messages) if notice.messages is not None else ""
        self.banner.show_problem(notice.problem, tone, text, pressed, about)
        self.more.setText(translate("notices", "and %n more", "", len(notices) - 1))
        self.more.setVisible(len(notices) > 1)

    def _button(self, notice: Notice) -> tuple[str, Callable[[], None]]:
        """What helps: the value that a refused program lacks, its card, or what the problem's code calls for."""
        client = remedies.refused_program(notice)
        if client is not None:
            match notice.problem.code:
                case "wrong-name":
                    return translate("notices", "Copy the user name"), lambda: self.copy_name.emit(client)
                case "send-only" | "read-only":
                    return translate("notices", "Show the program"), lambda: self.show_program.emit(client)
                case _:
                    return translate("notices", "Copy the password"), lambda: self.copy_password.emit(client)
        remedy = remedies.of_problem(notice.problem)
        whom = notice.account or ""
        return remedies.button_text(remedy), lambda: self.cure.emit(remedy, whom)

    def _dismiss(self) -> None:
        if self._shown is not None:
            self._actions.wish(self._actions.bridge.dismiss, self._shown.key)
