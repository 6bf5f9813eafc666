"""Messages that wait to be sent, each with the way to try again or to give it up."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFrame, QVBoxLayout

from bridge_gui.state import AccountState, OutboxItem
from bridge_gui.ui import words
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.dialogs import ask
from bridge_gui.ui.theme import Tokens
from bridge_gui.ui.widgets import Elided, button, icon_label, label, row

translate = QCoreApplication.translate

MOST = 20
"""More than these are counted; a queue of thousands is no list to read."""


class OutboxCard(QFrame):
    """Hidden while nothing waits."""

    def __init__(self, actions: Actions, tokens: Tokens) -> None:
        super().__init__()
        self._actions = actions
        self._tokens = tokens
        self._drawn: tuple[OutboxItem, ...] = ()
        self.setProperty("role", "card")
        self._inside = QVBoxLayout(self)
        self._inside.setContentsMargins(16, 12, 16, 12)
        self._inside.setSpacing(6)
        self.hide()

    def render_outbox(self, account: AccountState, now: float) -> None:
        self.setVisible(bool(account.outbox))
        if account.outbox == self._drawn:
            return
        self._drawn = account.outbox
        while (item := self._inside.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        title = translate("outbox", "Waiting to be sent: %n", "", len(account.outbox))
        self._inside.addWidget(label(title, "heading"))
        for waiting in account.outbox[:MOST]:
            self._inside.addWidget(self._line(account, waiting, now))
        if len(account.outbox) > MOST:
            self._inside.addWidget(label(translate("outbox", "and %n more", "", len(account.outbox) - MOST), "quiet"))

    def _line(self, account: AccountState, item: OutboxItem, now: float) -> QFrame:
        frame = QFrame()
        bridge = self._actions.bridge
        subject = item.subject or translate("outbox", "(no subject)")
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(Elided(subject))
        to = translate("outbox", "recipients: %n", "", item.recipients)
        parts = [
            to,
            words.ago(item.since, now),
            translate("outbox", "not tried again") if item.failed else "",
            words.problem_text(item.problem) if item.problem is not None else "",
        ]
        texts.addWidget(label(" · ".join(part for part in parts if part), "quiet", wrap=True))

        def give_up() -> None:
            ask(
                self,
                translate("outbox", "Do not send it"),
                translate("outbox", "“{subject}” is deleted from the outbox and not sent.").format(subject=subject),
                translate("outbox", "Delete"),
                lambda: self._actions.wish(bridge.outbox_cancel, account.id, item.id),
                danger=True,
            )

        sign = ("circle-alert", self._tokens.bad) if item.failed else ("send", self._tokens.quiet)
        line = row(icon_label(*sign), spacing=10)
        line.setContentsMargins(0, 2, 0, 2)
        line.addLayout(texts, 1)
        again = button(
            translate("outbox", "Try again"), lambda: self._actions.wish(bridge.outbox_retry, account.id, item.id)
        )
        drop = button(translate("outbox", "Do not send"), give_up)
        for made in (again, drop):
            made.setAccessibleDescription(subject)
            line.addWidget(made)
        frame.setLayout(line)
        return frame
