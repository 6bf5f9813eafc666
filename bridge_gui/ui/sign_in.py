"""Signing in: draws the steps of `sign_in_steps`. It keeps what was typed, and leaving it leaves nothing behind."""

from __future__ import annotations

from collections.abc import Awaitable

from PySide6.QtCore import QCoreApplication, Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import QFormLayout, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from bridge_gui.answers import LoginFailed, LoginStep, SignedIn
from bridge_gui.errors import BridgeError
from bridge_gui.model import AccountId
from bridge_gui.state import Problem
from bridge_gui.ui import sign_in_steps as steps
from bridge_gui.ui import theme
from bridge_gui.ui.actions import Actions, problem_of
from bridge_gui.ui.sign_in_steps import Code, Login, MailboxPassword, Page, Question, Shown, Typed, Verified
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.widgets import Banner, Sheet, Stack, button, label, row, secret_field

translate = QCoreApplication.translate


class SignInDialog(Sheet):
    """From address and password to a signed-in account; each page's button asks the core, which answers with the next
    step as a value."""

    signed_in = Signal(str)

    def __init__(
        self,
        actions: Actions,
        tokens: Tokens,
        username: str = "",
        parent: QWidget | None = None,
        known: frozenset[AccountId] = frozenset(),
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._known = known
        self._shown = Shown(Page.PASSWORD)
        self._busy = False
        self._left = False
        """The person went away while the core was still asked; its answer is undone then."""
        self.setWindowTitle(translate("sign-in", "Sign in to Proton"))

        self.banner = Banner(tokens)
        self.stack = Stack()
        self.wait = QProgressBar()
        self.wait.setRange(0, 0)
        self.wait.setTextVisible(False)
        self.wait.setAccessibleName(translate("sign-in", "Asking Proton"))
        self.back_button = button(translate("sign-in", "Back"), self._back)
        self.cancel_button = button(translate("sign-in", "Cancel"), self.reject)
        self.next_button = button("", self._next, "primary")
        self.next_button.setDefault(True)

        self.username = QLineEdit(username)
        self.password = secret_field()
        self.code = QLineEdit()
        self.code.setProperty("role", "code")
        self.code.setFont(theme.monospace())
        self.code.setMaxLength(16)
        self.code.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.code.textChanged.connect(self._code_typed)
        self.mailbox_password = secret_field()
        self.open_browser = QPushButton(translate("sign-in", "Open the browser"))
        self.open_browser.clicked.connect(self._open_browser)
        self.pages = {
            Page.PASSWORD: self._page(
                translate("sign-in", "Sign in to Proton"),
                translate("sign-in", "Proton gets a proof that you know it, not the password itself."),
                (translate("sign-in", "Address or user name"), self.username),
                (translate("sign-in", "Password"), self.password),
            ),
            Page.CODE: self._page(
                translate("sign-in", "Two-factor code"),
                translate("sign-in", "Type the six digits that your authenticator shows for Proton."),
                (translate("sign-in", "Code"), self.code),
            ),
            Page.MAILBOX: self._page(
                translate("sign-in", "Mailbox password"),
                translate(
                    "sign-in", "This account has a second password, which opens its mail. It stays on this computer."
                ),
                (translate("sign-in", "Mailbox password"), self.mailbox_password),
            ),
            Page.HUMAN: self._page(
                translate("sign-in", "Proton wants to see a person"),
                translate(
                    "sign-in",
                    "Solve the task that Proton shows in your browser. When it says that it is done, come back here.",
                ),
                ("", self.open_browser),
            ),
        }
        self._first: dict[Page, QWidget] = {
            Page.PASSWORD: self.password if username else self.username,
            Page.CODE: self.code,
            Page.MAILBOX: self.mailbox_password,
            Page.HUMAN: self.open_browser,
        }

        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(self.stack)
        layout.addWidget(self.banner)
        layout.addWidget(self.wait)
        layout.addStretch(1)
        layout.addLayout(row(self.back_button, 1, self.cancel_button, self.next_button))
        self._show(self._shown)
        self._set_busy(False)

    def _page(self, title: str, text: str, *fields: tuple[str, QWidget]) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(label(title, "title", wrap=True))
        layout.addWidget(label(text, "quiet", wrap=True))
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setSpacing(6)
        for caption, field in fields:
            if caption:
                form.addRow(caption, field)
                field.setAccessibleName(caption)
                field.setAccessibleDescription(text)
            else:
                form.addRow(field)
        layout.addLayout(form)
        self.stack.addWidget(page)
        return page

    # ------------------------------------------------------------------ steps

    def render_step(self, step: LoginStep) -> None:
        """Show what the core answered."""
        if isinstance(step, SignedIn):
            self._forget()
            self.signed_in.emit(step.account)
            self.accept()
            return
        shown = steps.page_of(step)
        # A code is good for once, and a mailbox password that did not open anything is typed anew.
        self.code.clear()
        self.mailbox_password.clear()
        if shown.page is Page.PASSWORD:
            self.password.selectAll()
            self._first[Page.PASSWORD] = self.password
        self._show(shown)

    def _show(self, shown: Shown) -> None:
        self._shown = shown
        self.stack.setCurrentWidget(self.pages[shown.page])
        self.next_button.setText(steps.action_text(shown.page))
        self.back_button.setVisible(shown.page is not Page.PASSWORD)
        self._first[shown.page].setFocus()
        if shown.problem is not None:
            self.banner.show_problem(shown.problem, Tone.BAD)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.wait.setVisible(busy)
        for widget in (self.stack, self.next_button, self.back_button):
            widget.setEnabled(not busy)

    def _typed(self) -> Typed:
        return Typed(self.username.text(), self.password.text(), self.code.text(), self.mailbox_password.text())

    def _next(self) -> None:
        """Ask the core what the page in front asks for."""
        if self._busy:
            return
        question = steps.next_question(self._shown, self._typed())
        if isinstance(question, Problem):
            self.banner.show_problem(question, Tone.BAD)
            self._first[self._shown.page].setFocus()
        else:
            self._ask(self._sent(question))

    def _sent(self, question: Question) -> Awaitable[LoginStep]:
        bridge, call = self._actions.bridge, self._actions.call
        match question:
            case Login(username=username, password=password):
                return call(bridge.login, username, password)
            case Code(flow=flow, code=code):
                return call(bridge.login_code, flow, code)
            case MailboxPassword(flow=flow, password=password):
                return call(bridge.login_mailbox_password, flow, password)
            case Verified(flow=flow):
                return call(bridge.login_verified, flow)

    def _ask(self, answer: Awaitable[LoginStep]) -> None:
        self.banner.hide()
        self._set_busy(True)

        async def ask() -> None:
            try:
                step = await answer
            except BridgeError as error:
                step = LoginFailed(problem_of(error))
            except BaseException:
                if not self._left:
                    self._set_busy(False)
                raise
            if self._left:
                await self._undo(step)
                return
            self._set_busy(False)
            self.render_step(step)

        self._actions.start(ask(), "sign in")

    def _code_typed(self, text: str) -> None:
        """A whole code goes on by itself, as after pasting one."""
        if self._shown.page is Page.CODE and steps.is_whole_code(text):
            self._next()

    def _open_browser(self) -> None:
        QDesktopServices.openUrl(QUrl(self._shown.url))

    # ------------------------------------------------------------------ leaving

    def _back(self) -> None:
        """To the first page, with what was typed there; the half-made session ends."""
        self._end_flow()
        self.banner.hide()
        self._show(Shown(Page.PASSWORD))

    def _end_flow(self) -> None:
        if self._shown.flow is not None:
            self._actions.wish(self._actions.bridge.login_cancel, self._shown.flow)
            self._shown = Shown(Page.PASSWORD)

    async def _undo(self, step: LoginStep) -> None:
        """The answer came after the person had left. This dialog's widgets may be gone: none is touched."""
        bridge, call = self._actions.bridge, self._actions.call
        if isinstance(step, SignedIn):
            # An account that was here before keeps its mail.
            await call(bridge.logout if step.account in self._known else bridge.remove, step.account)
            return
        flow = steps.page_of(step).flow
        if flow is not None:
            await call(bridge.login_cancel, flow)

    def _forget(self) -> None:
        for field in (self.password, self.mailbox_password, self.code):
            field.clear()

    def reject(self) -> None:
        """Cancel: the core ends the half-made session at the service."""
        self._left = True
        self._end_flow()
        self._forget()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.reject()
        super().closeEvent(event)
