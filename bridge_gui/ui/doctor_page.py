"""The doctor's page: one line for each check, with one sentence and at most one button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout, QWidget

from bridge_gui.answers import Check, CheckResult
from bridge_gui.state import AccountPhase, BridgeState
from bridge_gui.ui import remedies
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.core_words import local
from bridge_gui.ui.remedies import Remedy
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.widgets import button, card, icon_label, label, page_scroll, row, rule

translate = QCoreApplication.translate


class Cure(StrEnum):
    """What a check's button does. Those that an account's banner offers as well are `Remedy`s."""

    UNLOCK = "unlock"
    RENEW = "renew"
    PORT = "port"
    SPACE = "space"
    FIRST_SIGN_IN = "first-sign-in"
    USE_PORT = "use-port"
    """Take the port that is free."""
    COPY_LOGIN = "copy-password"
    COPY_NAME = "copy-name"
    REPAIR_SET_UP = "repair-set-up"
    SHOW_PROGRAM = "show-program"


@dataclass(frozen=True, slots=True)
class Advice:
    """The button of one check: `what` to do, to `whom` (an account's or a program's id, a protocol)."""

    what: Cure | Remedy
    whom: str = ""


def advice(check: Check, state: BridgeState) -> Advice | None:
    """Choose the button of a check; none for what is good."""
    if check.result is CheckResult.GOOD:
        return None
    kind, _, whom = check.key.partition("-")
    if check.cure:
        return Advice(Cure(check.cure), whom) if check.cure in set(Cure) else None
    match kind:
        case "vault":
            return Advice(Cure.UNLOCK)
        case "certificate":
            return Advice(Cure.RENEW)
        case "port":
            return Advice(Cure.PORT, whom)
        case "disk":
            return Advice(Cure.SPACE)
        case "accounts":
            return Advice(Cure.FIRST_SIGN_IN)
        case "client":
            return Advice(Cure.COPY_LOGIN if check.result is CheckResult.BAD else Cure.SHOW_PROGRAM, whom)
        case "account":
            account = next((one for one in state.accounts if one.id == whom), None)
            if account is None or account.phase is AccountPhase.CONNECTING:
                return None
            remedy = remedies.of_account(account)
            return None if remedy is Remedy.NONE else Advice(remedy, whom)
        case _:
            return None


def advice_text(wanted: Advice) -> str:
    if isinstance(wanted.what, Remedy):
        return remedies.button_text(wanted.what)
    return {
        Cure.UNLOCK: translate("doctor", "Try again"),
        Cure.RENEW: translate("doctor", "Show the certificate"),
        Cure.PORT: translate("doctor", "Change the port"),
        Cure.SPACE: translate("doctor", "Keep less here"),
        Cure.FIRST_SIGN_IN: translate("doctor", "Sign in"),
        Cure.USE_PORT: translate("doctor", "Use the free port"),
        Cure.COPY_LOGIN: translate("doctor", "Copy the password"),
        Cure.COPY_NAME: translate("doctor", "Copy the user name"),
        Cure.REPAIR_SET_UP: translate("doctor", "Set up again"),
        Cure.SHOW_PROGRAM: translate("doctor", "Show it"),
    }[wanted.what]


_ICONS = {
    CheckResult.GOOD: ("check", Tone.GOOD),
    CheckResult.ATTENTION: ("triangle-alert", Tone.ATTENTION),
    CheckResult.BAD: ("circle-alert", Tone.BAD),
}


def result_text(result: CheckResult) -> str:
    return {
        CheckResult.GOOD: translate("doctor", "Good"),
        CheckResult.ATTENTION: translate("doctor", "Look at this"),
        CheckResult.BAD: translate("doctor", "Wrong"),
    }[result]


class DoctorPage(QWidget):
    cure = Signal(object)
    """An `Advice` whose button was pressed."""

    def __init__(self, actions: Actions, clipboard: Clipboard, tokens: Tokens) -> None:
        super().__init__()
        self._actions = actions
        self._clipboard = clipboard
        self._tokens = tokens
        self._state = BridgeState()
        self.checks: tuple[Check, ...] = ()
        self.summary = label(role="quiet", wrap=True)
        self.again = button(translate("doctor", "Check again"), self.examine, "primary")
        self.copy = button(translate("doctor", "Copy as text"), self._copy)
        self.wait = QProgressBar()
        self.wait.setRange(0, 0)
        self.wait.setTextVisible(False)
        self.wait.setAccessibleName(translate("doctor", "Checking"))
        policy = self.wait.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.wait.setSizePolicy(policy)
        self.wait.hide()
        self.lines, self._inside = card()
        self._inside.setSpacing(6)
        inside = QVBoxLayout()
        inside.setContentsMargins(24, 20, 24, 20)
        inside.setSpacing(10)
        head = row(label(translate("doctor", "Doctor"), "title"), 1, self.copy, self.again)
        inside.addLayout(head)
        inside.addWidget(self.summary)
        inside.addWidget(self.wait)
        inside.addWidget(self.lines)
        inside.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(page_scroll(inside))

    def render_state(self, state: BridgeState) -> None:
        """Kept for the buttons: what a check speaks of."""
        self._state = state

    def examine(self) -> None:
        """Ask the core to look at everything."""
        self.again.setEnabled(False)
        self.wait.show()

        async def ask() -> None:
            try:
                self.render_checks(await self._actions.call(self._actions.bridge.doctor))
            finally:
                self.wait.hide()
                self.again.setEnabled(True)

        self._actions.start(ask(), "doctor")

    def render_checks(self, checks: tuple[Check, ...]) -> None:
        """Draw the checks: what is wrong first, what is good last."""
        order = [CheckResult.BAD, CheckResult.ATTENTION, CheckResult.GOOD]
        self.checks = tuple(sorted(checks, key=lambda check: order.index(check.result)))
        while (item := self._inside.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for check in self.checks:
            if self._inside.count():
                self._inside.addWidget(rule())
            self._inside.addWidget(self._line(check))
        wrong = sum(check.result is not CheckResult.GOOD for check in checks)
        self.summary.setText(
            translate("doctor", "Needs a look: %n.", "", wrong) if wrong else translate("doctor", "Everything is well.")
        )

    def _line(self, check: Check) -> QFrame:
        frame = QFrame()
        name, tone = _ICONS[check.result]
        words = label(local(check.sentence), wrap=True)
        words.setAccessibleName(f"{result_text(check.result)}: {local(check.sentence)}")
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(words)
        if check.remedy:
            texts.addWidget(label(local(check.remedy), "quiet", wrap=True))
        line = row(icon_label(name, self._tokens.tone(tone)), spacing=10)
        line.setContentsMargins(0, 4, 0, 4)
        line.addLayout(texts, 1)
        wanted = advice(check, self._state)
        if wanted is not None:
            line.addWidget(button(advice_text(wanted), self._emit(wanted)))
        frame.setLayout(line)
        return frame

    def _emit(self, wanted: Advice) -> Callable[[], None]:
        return lambda: self.cure.emit(wanted)

    def _copy(self) -> None:
        self._clipboard.copy(
            "\n".join(
                f"[{result_text(check.result)}] {local(check.sentence)} {local(check.remedy)}".rstrip()
                for check in self.checks
            )
        )
        self._actions.done.emit(translate("doctor", "Copied"))
