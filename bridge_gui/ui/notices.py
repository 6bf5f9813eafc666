"""Notices of the core: the newest stands above the page with its button, the others are counted."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bridge_gui.model import ClientId
from bridge_gui.state import BridgeState, Notice, NoticeKind
from bridge_gui.ui import remedies
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.remedies import Remedy
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.widgets import Banner, label

translate = QCoreApplication.translate

REFUSED_NOTICE = "password "
"""Keys of notices about a program's wrong password go on with the program's id."""

_TONES = {NoticeKind.INFO: Tone.QUIET, NoticeKind.ATTENTION: Tone.ATTENTION, NoticeKind.BAD: Tone.BAD}


class Notices(QWidget):
    cure = Signal(object, str)
    """A `Remedy`, and the account's id or nothing."""
    copy_password = Signal(str)

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
        if notice.key.startswith(REFUSED_NOTICE):
            client = ClientId(notice.key.removeprefix(REFUSED_NOTICE))
            self.banner.show_problem(
                notice.problem,
                tone,
                translate("notices", "Copy the password"),
                lambda: self.copy_password.emit(client),
            )
        else:
            remedy = remedies.of_problem(notice.problem)
            whom = notice.account or ""
            self.banner.show_problem(
                notice.problem,
                tone,
                "" if remedy is Remedy.NONE else remedies.button_text(remedy),
                lambda: self.cure.emit(remedy, whom),
            )
        self.more.setText(translate("notices", "and %n more", "", len(notices) - 1))
        self.more.setVisible(len(notices) > 1)

    def _dismiss(self) -> None:
        if self._shown is not None:
            self._actions.wish(self._actions.bridge.dismiss, self._shown.key)
