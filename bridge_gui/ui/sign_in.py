"""Signing in: draws one `LoginStep` after the other. It keeps what was typed, and cancelling leaves nothing behind."""

from __future__ import annotations

from collections.abc import Awaitable

from PySide6.QtCore import QCoreApplication, Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QFormLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from bridge_gui.errors import BridgeError
from bridge_gui.model import AccountId, FlowId
from bridge_gui.secret import Secret
from bridge_gui.state import (
    LoginFailed,
    LoginStep,
    NeedHumanCheck,
    NeedMailboxPassword,
    NeedTwoFactor,
    Problem,
    SignedIn,
)
from bridge_gui.ui.actions import Actions, problem_of
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.widgets import Banner, Sheet, button, label, row

translate = QCoreApplication.translate


def _secret_field() -> QLineEdit:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    return field


class SignInDialog(Sheet):
    """From address and password to a signed-in account; each page's button asks the core, which answers with the next
    step as a value."""

    signed_in = Signal(str)

    def __init__(self, actions: Actions, tokens: Tokens, username: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._flow: FlowId | None = None
        self._url = ""
        self._busy = False
        self.setWindowTitle(translate("sign-in", "Sign in to Proton"))

        self.banner = Banner(tokens)
        self.pages = QStackedWidget()
        self.wait = QProgressBar()
        self.wait.setRange(0, 0)
        self.wait.setTextVisible(False)
        self.wait.setAccessibleName(translate("sign-in", "Asking Proton"))
        self.cancel_button = button(translate("sign-in", "Cancel"), self.reject)
        self.next_button = button(translate("sign-in", "Sign in"), self._next, "primary")
        self.next_button.setDefault(True)

        self.username = QLineEdit(username)
        self.password = _secret_field()
        self.code = QLineEdit()
        self.code.setMaxLength(16)
        self.code.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly)
        self.code.textChanged.connect(self._code_typed)
        self.mailbox_password = _secret_field()
        self.open_browser = QPushButton(translate("sign-in", "Open the browser"))
        self.open_browser.clicked.connect(self._open_browser)

        self._page_password = self._page(
            translate("sign-in", "Sign in to Proton"),
            translate("sign-in", "The password goes to Proton only in a form that does not reveal it."),
            (translate("sign-in", "Address or user name"), self.username),
            (translate("sign-in", "Password"), self.password),
        )
        self._page_code = self._page(
            translate("sign-in", "Two-factor code"),
            translate("sign-in", "Type the six digits that your authenticator shows for Proton."),
            (translate("sign-in", "Code"), self.code),
        )
        self._page_mailbox = self._page(
            translate("sign-in", "Mailbox password"),
            translate(
                "sign-in", "This account has a second password, which opens its mail. It stays on this computer."
            ),
            (translate("sign-in", "Mailbox password"), self.mailbox_password),
        )
        self._page_human = self._page(
            translate("sign-in", "Proton wants to see a person"),
            translate(
                "sign-in",
                "Solve the task that Proton shows in your browser. When it says that it is done, come back here.",
            ),
            ("", self.open_browser),
        )

        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(self.pages)
        layout.addWidget(self.banner)
        layout.addWidget(self.wait)
        layout.addLayout(row(1, self.cancel_button, self.next_button))
        self._show_page(self._page_password, translate("sign-in", "Sign in"))
        (self.password if username else self.username).setFocus()
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
            else:
                form.addRow(field)
        layout.addLayout(form)
        layout.addStretch(1)
        self.pages.addWidget(page)
        return page

    # ------------------------------------------------------------------ steps

    def _show_page(self, page: QWidget, action: str) -> None:
        self.pages.setCurrentWidget(page)
        self.next_button.setText(action)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.wait.setVisible(busy)
        self.pages.setEnabled(not busy)
        self.next_button.setEnabled(not busy)

    def _next(self) -> None:
        """Ask the core what the page in front asks for."""
        if self._busy:
            return
        bridge, call = self._actions.bridge, self._actions.call
        page = self.pages.currentWidget()
        if page is self._page_password:
            username, password = self.username.text().strip(), self.password.text().rstrip("\r\n")
            if not username or not password:
                self._say(Problem("empty", translate("sign-in", "Type the address and the password")))
                return
            self._ask(call(bridge.login, username, Secret(password)))
        elif self._flow is None:
            self._show_page(self._page_password, translate("sign-in", "Sign in"))
        elif page is self._page_code:
            code = "".join(self.code.text().split())
            if code:
                self._ask(call(bridge.login_code, self._flow, code))
        elif page is self._page_mailbox:
            self._ask(call(bridge.login_mailbox_password, self._flow, Secret(self.mailbox_password.text())))
        else:
            self._ask(call(bridge.login_verified, self._flow))

    def _ask(self, question: Awaitable[LoginStep]) -> None:
        self.banner.hide()
        self._set_busy(True)

        async def ask() -> None:
            try:
                step: LoginStep = await question
            except BridgeError as error:
                step = LoginFailed(problem_of(error))
            finally:
                self._set_busy(False)
            self.render_step(step)

        self._actions.start(ask(), "sign in")

    def render_step(self, step: LoginStep) -> None:
        """Show what the core answered."""
        match step:
            case NeedTwoFactor(flow=flow, problem=problem):
                self._flow = flow
                self.code.clear()
                self._show_page(self._page_code, translate("sign-in", "Continue"))
                self.code.setFocus()
            case NeedMailboxPassword(flow=flow, problem=problem):
                self._flow = flow
                self.mailbox_password.clear()
                self._show_page(self._page_mailbox, translate("sign-in", "Continue"))
                self.mailbox_password.setFocus()
            case NeedHumanCheck(flow=flow, url=url, problem=problem):
                self._flow, self._url = flow, url
                self._show_page(self._page_human, translate("sign-in", "I am done"))
                self.open_browser.setFocus()
            case LoginFailed(problem=problem):
                self._flow = None
                self._show_page(self._page_password, translate("sign-in", "Sign in"))
                self.password.selectAll()
                self.password.setFocus()
            case SignedIn(account=account):
                self._flow = None
                problem = None
                self._finish(account)
        if problem is not None:
            self._say(problem)

    def _finish(self, account: AccountId) -> None:
        for field in (self.password, self.mailbox_password, self.code):
            field.clear()
        self.signed_in.emit(account)
        self.accept()

    def _say(self, problem: Problem) -> None:
        self.banner.show_problem(problem, Tone.BAD)

    def _code_typed(self, text: str) -> None:
        """Six digits are a whole code: go on by itself, as after pasting one."""
        digits = "".join(text.split())
        if len(digits) == 6 and digits.isdigit():
            self._next()

    def _open_browser(self) -> None:
        QDesktopServices.openUrl(QUrl(self._url))

    # ------------------------------------------------------------------ leaving

    def reject(self) -> None:
        """Cancel: the core ends the half-made session at the service."""
        if self._flow is not None:
            self._actions.wish(self._actions.bridge.login_cancel, self._flow)
            self._flow = None
        for field in (self.password, self.mailbox_password, self.code):
            field.clear()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.reject()
        super().closeEvent(event)
