"""The main window: accounts at the left, the page of what is chosen at the right."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QCoreApplication, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from bridge_gui.model import AccountId
from bridge_gui.state import BridgeState, ListenerPhase, Problem
from bridge_gui.ui import icons
from bridge_gui.ui.account_page import AccountPage
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.add_program import AddProgramDialog
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.sidebar import Sidebar
from bridge_gui.ui.sign_in import SignInDialog
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.widgets import Banner, button, label

translate = QCoreApplication.translate


class MainWindow(QMainWindow):
    """Draws snapshots (`render_state`) and sends wishes down through `Actions`."""

    closed = Signal()
    """The person closed the window; the application decides whether it hides or minimises."""

    def __init__(self, actions: Actions, tokens: Tokens, places: QSettings) -> None:
        super().__init__()
        self._actions = actions
        self._tokens = tokens
        self._places = places
        self._state = BridgeState()
        self._current: AccountId | None = None
        self._quitting = False
        self.clipboard = Clipboard(self)
        self.setWindowTitle("Bridge Manager")
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(720, 520)
        self.resize(940, 640)

        self.sidebar = Sidebar(tokens)
        self.core_banner = Banner(tokens)
        self.failure = Banner(tokens, dismissible=True)
        self.empty_page = self._empty()
        self.account_page = AccountPage(actions, self.clipboard, tokens)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty_page)
        self.pages.addWidget(self.account_page)

        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        banners = QVBoxLayout()
        banners.setContentsMargins(24, 8, 24, 0)
        banners.addWidget(self.core_banner)
        banners.addWidget(self.failure)
        right.addLayout(banners)
        right.addWidget(self.pages, 1)
        middle = QWidget()
        layout = QHBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.sidebar)
        layout.addLayout(right, 1)
        self.setCentralWidget(middle)

        self.sidebar.add_account.connect(lambda: self.sign_in())
        self.sidebar.chosen.connect(self.show_account)
        self.account_page.add_program.connect(self.add_program)
        self.account_page.sign_in_again.connect(self.sign_in)
        actions.failed.connect(self.show_failure)
        QShortcut(QKeySequence.StandardKey.Close, self, self.close)

        # Sentences such as "checked 12 s ago" grow old by themselves.
        self._clock = QTimer(self)
        self._clock.setInterval(10_000)
        self._clock.timeout.connect(self._redraw)
        self._clock.start()
        self._restore_place()

    def _empty(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(48, 48, 48, 48)
        layout.setSpacing(12)
        layout.addStretch(1)
        title = label(translate("window", "Your Proton mail in any mail program"), "title")
        text = label(
            translate(
                "window",
                "Bridge Manager runs in the background, decrypts your mail on this computer and hands it to the "
                "mail programs that you allow.",
            ),
            "quiet",
            wrap=True,
        )
        self.first_sign_in = button(translate("window", "Sign in to Proton"), lambda: self.sign_in(), "primary")
        for widget in (title, text):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(widget)
        layout.addWidget(self.first_sign_in, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)
        return page

    # ------------------------------------------------------------------ drawing

    def render_state(self, state: BridgeState) -> None:
        """Draw a snapshot."""
        self._state = state
        known = [account.id for account in state.accounts]
        if self._current not in known:
            self._current = known[0] if known else None
        self.sidebar.render_state(state, self._current)
        self._render_core(state)
        if self._current is None:
            self.pages.setCurrentWidget(self.empty_page)
        else:
            if self.pages.currentWidget() is self.empty_page:
                self.pages.setCurrentWidget(self.account_page)
            self.account_page.render_account(state, self._current)

    def _render_core(self, state: BridgeState) -> None:
        problem = state.core.problem
        if problem is None:
            busy = next((one for one in state.listeners if one.phase is ListenerPhase.BUSY), None)
            if busy is None:
                self.core_banner.hide()
                return
            problem = busy.problem or Problem("port-busy", translate("window", "A port is used by another program"))
            if busy.suggested_port is not None:
                port, key = busy.suggested_port, f"{busy.protocol.value}.port"
                self.core_banner.show_problem(
                    problem,
                    Tone.BAD,
                    translate("window", "Use port {port}").format(port=port),
                    lambda: self._actions.wish(self._actions.bridge.set_setting, key, str(port)),
                )
                return
        self.core_banner.show_problem(problem, Tone.BAD)

    def _redraw(self) -> None:
        if self.isVisible():
            self.render_state(self._state)

    def show_account(self, account: str) -> None:
        self._current = AccountId(account)
        self.pages.setCurrentWidget(self.account_page)
        self.account_page.render_account(self._state, self._current)

    def show_failure(self, problem: Problem) -> None:
        self.failure.show_problem(problem, Tone.BAD)

    # ------------------------------------------------------------------ dialogs

    def sign_in(self, username: str = "") -> SignInDialog:
        """Open the sign-in; afterwards the new account is in front."""
        dialog = SignInDialog(self._actions, self._tokens, username, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.signed_in.connect(self.show_account)
        dialog.open()
        return dialog

    def add_program(self, account_id: str) -> AddProgramDialog | None:
        account = next((one for one in self._state.accounts if one.id == account_id), None)
        if account is None:
            return None
        self.bring_to_front()
        dialog = AddProgramDialog(account, self._actions, self.clipboard, self._tokens, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog

    # ------------------------------------------------------------------ place and end

    def bring_to_front(self) -> None:
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()
        self._redraw()

    def _restore_place(self) -> None:
        geometry = self._places.value("window/geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._places.setValue("window/geometry", self.saveGeometry())
        if self._quitting:
            event.accept()
            return
        event.ignore()
        self.closed.emit()

    def quit(self) -> None:
        """Close for good."""
        self._quitting = True
        self.close()
