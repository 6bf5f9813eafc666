"""The wizard that sets a mail program up, repairs its set-up, or takes it back.

`flow` says which step comes when, the core says what would be written and does it; here it is drawn. While the program
runs, the core is asked again every second, so that going on needs no button. Leaving before anything is written leaves
nothing behind; what is written and was never used is taken back or kept, as the person says.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from bridge_gui.answers import Check, ProgramFound, SetupStep
from bridge_gui.errors import BridgeError
from bridge_gui.model import Access, ClientId
from bridge_gui.state import AccountState, BridgeState, Problem
from bridge_gui.ui.actions import Actions, problem_of
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.core_words import local
from bridge_gui.ui.dialogs import MOST_LETTERS
from bridge_gui.ui.direction import indent
from bridge_gui.ui.setup import flow, sentences
from bridge_gui.ui.setup.asking import Asking, Made
from bridge_gui.ui.setup.flow import Answers, Step, Task
from bridge_gui.ui.setup.keep_question import KeepQuestion
from bridge_gui.ui.setup.pages import Choices, ProgramList, scrolling
from bridge_gui.ui.setup.steps_view import StepsView
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.widgets import (
    Banner,
    CopyButton,
    StatusLine,
    button,
    label,
    restyle,
    row,
    say_aloud,
)

translate = QCoreApplication.translate


class SetupWizard(QDialog):
    """From the choice of a program to its first sign-in. `program` names the one that `clients` belong to, when an
    existing set-up is repaired or taken back."""

    def __init__(
        self,
        account: AccountState,
        actions: Actions,
        clipboard: Clipboard,
        tokens: Tokens,
        parent: QWidget | None = None,
        *,
        task: Task = Task.SET_UP,
        clients: Sequence[ClientId] = (),
        name: str = "",
    ) -> None:
        super().__init__(parent)
        self._account = account
        self._actions = actions
        self._clipboard = clipboard
        self._tokens = tokens
        self._state = BridgeState()
        self._name = name
        self._choice = flow.addresses(account)
        self._running = False
        self._steps: tuple[SetupStep, ...] = ()
        """What is left to the person."""
        self._planned: Answers | None = None
        """The answers whose plan is in view."""
        self._asked_doctor = False
        self._checks: tuple[Check, ...] = ()
        self._work: asyncio.Task[None] | None = None
        self._asking = Asking(actions, account.id, self._draw_running)
        self.answers = Answers(task=task, clients=tuple(clients))
        self.step = Step.PROGRAM if task is Task.SET_UP else Step.WORK
        self.setModal(True)
        self.setMinimumSize(520, 460)
        self.resize(580, 560)
        self._build()
        self._go(self.step)
        if task is Task.SET_UP:
            self._start(self._find(), "find mail programs")
        else:
            self._begin()

    # ------------------------------------------------------------------ what is drawn

    def _build(self) -> None:
        tokens = self._tokens
        self.title = label(role="title", wrap=True)
        self.text = label(role="quiet", wrap=True)
        self.banner = Banner(tokens)
        self.programs = ProgramList(tokens)
        self.programs.picked.connect(self._picked)
        self.programs.taken.connect(self._next)
        self.addresses = Choices()
        self.addresses.picked.connect(lambda value: self._answer(replace(self.answers, address=value)))
        self.accesses = Choices()
        self.accesses.picked.connect(lambda value: self._answer(replace(self.answers, access=value)))
        self.copies = QCheckBox(translate("setup", "Let it keep its own copies of the mail"))
        self.copies.setChecked(True)
        self.copies.toggled.connect(lambda on: self._answer(replace(self.answers, keep_copies=on)))
        self.copies_note = label(
            translate("setup", "Reading offline and searching are faster; the copies are not encrypted."),
            "quiet",
            wrap=True,
        )
        indent(self.copies_note, 29)
        self.label_caption = label(translate("setup", "Name in the list"))
        self.label = QLineEdit()
        self.label.setMaxLength(MOST_LETTERS)
        self.label.textEdited.connect(lambda text: self._answer(replace(self.answers, label=text)))
        self.label_caption.setBuddy(self.label)
        self.plan_view = StepsView(self._clipboard, tokens)
        self.guide_view = StepsView(self._clipboard, tokens, self._copy_password)
        self.left_view = StepsView(self._clipboard, tokens)
        self.line = StatusLine(tokens)
        self.line.wrap()
        self.wait = QProgressBar()
        self.wait.setRange(0, 0)
        self.wait.setTextVisible(False)
        self.wait.setAccessibleName(translate("setup", "Please wait"))
        self.help = label(role="quiet", wrap=True)
        self.empty = QWidget()

        self.pages: dict[Step, QWidget] = {
            Step.PROGRAM: self.programs,
            Step.ADDRESS: scrolling(self.addresses),
            Step.ACCESS: scrolling(self.accesses, self.copies, self.copies_note, self.label_caption, self.label),
            Step.PLAN: scrolling(self.plan_view),
            Step.SIGN_IN: scrolling(self.guide_view),
            Step.LEFT: scrolling(self.left_view),
        }
        self.stack = QStackedWidget()
        for page in (*self.pages.values(), self.empty):
            self.stack.addWidget(page)
        self.back_button = button(translate("setup", "Back"), self._back)
        self.take_back_button = button(translate("setup", "Take it back"), self._take_back, "danger")
        self.cancel_button = button("", self._cancel)
        self.next_button = button("", self._next, "primary")
        self.next_button.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(self.title)
        layout.addWidget(self.text)
        layout.addWidget(self.line)
        layout.addWidget(self.wait)
        layout.addWidget(self.banner)
        layout.addWidget(self.help)
        layout.addWidget(self.stack, 1)
        layout.addLayout(row(self.back_button, self.take_back_button, 1, self.cancel_button, self.next_button))

    def render_state(self, state: BridgeState) -> None:
        """Draw what a snapshot says of the work and of the sign-in."""
        self._state = state
        if self.step is Step.WORK:
            self._draw_work()
        elif self.step is Step.SIGN_IN:
            self._draw_sign_in()

    @property
    def program_name(self) -> str:
        return local(self.answers.program.name) if self.answers.program is not None else self._name

    def _heading(self) -> tuple[str, str]:
        signed_in = flow.has_signed_in(self._progress())
        return sentences.heading(self.step, self.answers, self.program_name, signed_in, bool(self._steps))

    def _go(self, step: Step) -> None:
        self.step = step
        self.banner.hide()
        self.help.hide()
        title, text = self._heading()
        self.setWindowTitle(title)
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.line.setVisible(step in (Step.WORK, Step.SIGN_IN))
        self.wait.setVisible(step is Step.WORK)
        self.stack.setCurrentWidget(self.pages.get(step, self.empty))
        self._draw_buttons()
        if step is Step.PROGRAM:
            self.programs.setFocus()
        else:
            first = next((one for one in (self.next_button, self.cancel_button) if one.isVisibleTo(self)), self)
            first.setFocus()
        if step is Step.ADDRESS:
            self._draw_addresses()
        elif step is Step.ACCESS:
            self._draw_accesses()
        elif step is Step.PLAN:
            self._planned = None
            self.plan_view.render_steps(())
            self._draw_buttons()
            self._start(self._plan(), "plan a set-up")
        elif step is Step.WORK:
            self._draw_work()
        elif step is Step.SIGN_IN:
            self._draw_sign_in()
        say_aloud(self, title)

    def _draw_buttons(self) -> None:
        step, done = self.step, flow.has_signed_in(self._progress())
        self.back_button.setVisible(flow.previous(step, self.answers, self._choice) is not None)
        self.take_back_button.setVisible(step is Step.SIGN_IN and not done and self.answers.task is Task.SET_UP)
        end = step in (Step.SIGN_IN, Step.LEFT)
        self.cancel_button.setVisible(not end)
        self.cancel_button.setText(
            translate("setup", "Close") if step is Step.WHY_NOT else translate("setup", "Cancel")
        )
        self.next_button.setVisible(step not in (Step.WHY_NOT, Step.WORK))
        ready = step is not Step.PLAN or self._planned == self.answers
        self.next_button.setEnabled(ready and flow.is_answered(step, self.answers))
        guided = self.answers.program is not None and self.answers.program.guided
        words = {
            Step.PLAN: translate("setup", "Make the password") if guided else translate("setup", "Set it up"),
            Step.AGAIN: translate("setup", "Set it up again"),
            Step.LEFT: translate("setup", "Done"),
            Step.SIGN_IN: translate("setup", "Done") if done else translate("setup", "Finish later"),
        }
        self.next_button.setText(words.get(step, translate("setup", "Next")))
        # What leads on is offered, leaving early is not.
        restyle(self.next_button, "role", "" if step is Step.SIGN_IN and not done else "primary")

    def _draw_addresses(self) -> None:
        program = self.answers.program
        whole = [] if program is None or program.one_address else [flow.ALL]
        choices: list[tuple[object, str, str]] = [
            (flow.ALL, translate("setup", "All of them"), translate("setup", "An account for each, in one program."))
            for _ in whole
        ]
        choices += [(email, email, "") for email in self._choice]
        if self.answers.address is None:
            self.answers = replace(self.answers, address=str(choices[0][0]))
        self.addresses.render_choices(choices, self.answers.address)
        self._draw_buttons()

    def _draw_accesses(self) -> None:
        program = self.answers.program
        assert program is not None
        choices = [(access, *sentences.access_choice(access)) for access in Access if access in program.accesses]
        self.accesses.render_choices(choices, self.answers.access)
        for widget in (self.copies, self.copies_note):
            widget.setVisible(flow.keeps_copies(program))
        self.label_caption.setVisible(flow.has_name(program))
        self.label.setVisible(flow.has_name(program))
        self.label.setPlaceholderText(self.program_name)
        self.label.setText(self.answers.label)

    def _draw_work(self) -> None:
        app = self.answers.program.app if self.answers.program is not None else ""
        self.line.render_line(
            sentences.work_line(self._state.setups, app, self._running, self.program_name, self.answers.task)
        )

    def _draw_sign_in(self) -> None:
        """The program's own signs; after a minute without one, what was seen and what may help."""
        title, text = self._heading()
        if title != self.title.text():
            say_aloud(self, title)
        self.title.setText(title)
        self.setWindowTitle(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        progress = self._progress()
        if progress:
            waiting = next((entry for entry in progress if not flow.has_signed_in((entry,))), progress[0])
            self.line.render_line(sentences.sign_in_line(waiting, self.program_name))
            trouble = flow.trouble(waiting, bool(self._steps), time.time())
            self._draw_help(trouble if not flow.has_signed_in(progress) else None)
        self._draw_buttons()

    def _draw_help(self, problem: Problem | None) -> None:
        if problem is None:
            self.banner.hide()
            self.help.hide()
            return
        entry = self._progress()[0]
        client = next((one for one in self._state.clients if one.id == entry.client), None)
        seen = sentences.refused_line(client, entry, self.program_name)
        action, pressed = "", self._nothing
        if problem.code.startswith("setup-") and problem.code != "setup-silent":
            action, pressed = translate("setup", "Set it up again"), self._repair
        self.banner.show_problem(problem, Tone.ATTENTION, action, pressed)
        if not self._asked_doctor:
            self._asked_doctor = True
            self._start(self._ask_doctor(), "ask the doctor")
        lines = [
            *([seen] if seen else []),
            *sentences.what_may_help(self._checks, self._account.id),
        ]
        self.help.setText("\n".join(lines))
        self.help.setVisible(bool(lines))

    def _nothing(self) -> None:
        """A banner without a button."""

    def _progress(self) -> tuple[Any, ...]:
        return flow.of_these(self._state.setups, self.answers.clients)

    # ------------------------------------------------------------------ answers

    def _picked(self, program: ProgramFound) -> None:
        self._answer(flow.chosen(self.answers, program))

    def _answer(self, answers: Answers) -> None:
        self.answers = answers
        self._draw_buttons()

    def _next(self) -> None:
        if not flow.is_answered(self.step, self.answers):
            return
        if self.step in (Step.SIGN_IN, Step.LEFT):
            self.accept()
            return
        if self.step is Step.AGAIN:
            assert self.answers.program is not None
            self.answers = replace(self.answers, task=Task.REPAIR, clients=self.answers.program.clients)
            self._begin()
            return
        step = flow.following(self.step, self.answers, self._choice)
        if step is Step.WORK:
            self._begin()
        elif step is not None:
            self._go(step)

    def _back(self) -> None:
        step = flow.previous(self.step, self.answers, self._choice)
        if step is not None:
            self._go(step)

    # ------------------------------------------------------------------ asking the core

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        return self._actions.start(work, name)

    async def _find(self) -> None:
        found = await self._asking.programs()
        if not self._asking.left:
            self.programs.render_programs(found)

    async def _plan(self) -> None:
        answers = self.answers
        try:
            plan = await self._asking.plan(answers)
        except BridgeError as error:
            if not self._asking.left and self.step is Step.PLAN:
                self.banner.show_problem(problem_of(error), Tone.BAD)
            return
        if not self._asking.left and self.step is Step.PLAN and answers == self.answers:
            self._planned = answers
            self.plan_view.render_steps(plan.steps)
            self._draw_buttons()
            self.next_button.setFocus()

    def _begin(self) -> None:
        """Write, repair or take back: whatever the task is."""
        self._running = False
        self._go(Step.WORK)
        work: Callable[[], Coroutine[Any, Any, None]] = {
            Task.SET_UP: self._set_up,
            Task.REPAIR: self._mend,
            Task.UNDO: self._undo,
        }[self.answers.task]
        self._work = self._start(work(), f"{self.answers.task.value} a mail program")

    def _draw_running(self, running: bool) -> None:
        self._running = running
        if running:
            self._draw_work()

    async def _set_up(self) -> None:
        try:
            made = await self._asking.set_up(self.answers)
        except BridgeError as error:
            self._failed(error, Step.PLAN)
            return
        self._made(made)

    async def _mend(self) -> None:
        try:
            made = await self._asking.mend(self.answers.clients)
        except BridgeError as error:
            self._failed(error, Step.WORK)
            return
        self._made(made)

    def _made(self, made: Made | None) -> None:
        if made is not None:
            self.answers = replace(self.answers, clients=made.clients)
            self._signing_in(made.steps)

    async def _undo(self) -> None:
        try:
            steps = await self._asking.take_back(self.answers.clients[0])
        except BridgeError as error:
            self._failed(error, Step.WORK)
            return
        if steps is None:
            return
        if not steps:
            self._actions.done.emit(translate("setup", "Taken back, and the password is revoked."))
            self.accept()
            return
        self.left_view.render_steps(steps)
        self._go(Step.LEFT)

    def _signing_in(self, steps: Sequence[SetupStep]) -> None:
        self._asked_doctor = False
        self._steps = tuple(steps)
        self.guide_view.render_steps(steps)
        self._go(Step.SIGN_IN)

    def _failed(self, error: BridgeError, step: Step) -> None:
        if self._asking.left:
            return
        if step is Step.PLAN:
            self._go(Step.PLAN)
        self.line.hide()
        self.wait.hide()
        self.banner.show_problem(problem_of(error), Tone.BAD)

    async def _ask_doctor(self) -> None:
        checks = await self._asking.doctor()
        if not self._asking.left and self.step is Step.SIGN_IN:
            self._checks = checks or ()
            self._draw_sign_in()

    def _copy_password(self, copy: CopyButton, client: ClientId | None) -> None:
        whose = client or self.answers.clients[0]

        async def fetch() -> None:
            made = await self._asking.credentials(whose)
            if not self._asking.left:
                self._clipboard.copy_secret(made.password)
                copy.copied()

        self._start(fetch(), "copy password")

    # ------------------------------------------------------------------ repairing, leaving

    def _repair(self) -> None:
        self.answers = replace(self.answers, task=Task.REPAIR)
        self._begin()

    def _take_back(self) -> None:
        self.answers = replace(self.answers, task=Task.UNDO)
        self._begin()

    def _cancel(self) -> None:
        self.reject()

    def reject(self) -> None:
        """Leave. What was written and never used is asked about; what is being written is taken back."""
        waiting = self.step is Step.SIGN_IN and self.answers.task is Task.SET_UP
        if waiting and not flow.was_used(self._progress()):
            question = KeepQuestion(self.program_name, self)
            question.kept.connect(self.accept)
            question.taken_back.connect(self._take_back)
            question.open()
            return
        super().reject()

    def done(self, result: int) -> None:
        self._asking.leave()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self.reject()
