"""The main window: accounts at the left, the page of what is chosen at the right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QCoreApplication, QSettings, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from bridge_gui.answers import SettingState
from bridge_gui.model import AccountId, ClientId
from bridge_gui.state import BridgeState, CorePhase, ListenerPhase, Problem
from bridge_gui.ui import icons, remedies, settings_table, words
from bridge_gui.ui.account_page import AccountPage
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard, copy_password
from bridge_gui.ui.direction import indent
from bridge_gui.ui.doctor_page import Advice, Cure, DoctorPage
from bridge_gui.ui.help_page import HelpPage
from bridge_gui.ui.locked import LockedPage
from bridge_gui.ui.notices import Notices
from bridge_gui.ui.remedies import Remedy
from bridge_gui.ui.report import ReportDialog
from bridge_gui.ui.settings_page import SettingsPage
from bridge_gui.ui.setup.flow import Task
from bridge_gui.ui.setup.wizard import SetupWizard
from bridge_gui.ui.sidebar import Sidebar
from bridge_gui.ui.sign_in import SignInDialog
from bridge_gui.ui.theme import SCROLL_BAR, Tokens, Tone
from bridge_gui.ui.toast import Toast
from bridge_gui.ui.welcome import StartingPage, WelcomePage
from bridge_gui.ui.widgets import Banner

translate = QCoreApplication.translate

SECTIONS = {
    Remedy.NETWORK: "network",
    Remedy.VERSION: "advanced",
    Remedy.SPACE: "space",
    Remedy.PORTS: "servers",
    Remedy.CERTIFICATE: "certificate",
    Cure.SPACE: "space",
    Cure.RENEW: "certificate",
}
"""The group of the settings that a remedy opens."""


class MainWindow(QMainWindow):
    """Draws snapshots (`render_state`) and sends wishes down through `Actions`."""

    closed = Signal()
    """The person closed the window; the application decides whether it hides or minimises."""
    settings_read = Signal(object)
    """All settings, as a tuple of `SettingState`, whenever the page of the settings has read or changed them."""
    demo_wanted = Signal()

    def __init__(
        self, actions: Actions, clipboard: Clipboard, tokens: Tokens, places: QSettings, logs: Path | None = None
    ) -> None:
        super().__init__()
        self._actions = actions
        self.clipboard = clipboard
        self._places = places
        self._logs = logs
        self._state = BridgeState()
        self._current: AccountId | None = None
        self._page = ""
        """doctor, settings or help; empty: what the state calls for."""
        self._quitting = False
        self._kept = ""
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(720, 520)
        self.resize(940, 640)
        self.dress(tokens)
        actions.failed.connect(self.show_failure)
        actions.done.connect(lambda text: self.toast.say(text))
        for key, page in (
            (QKeySequence(QKeySequence.StandardKey.HelpContents), "help"),
            (QKeySequence("Ctrl+,"), "settings"),
        ):
            QShortcut(key, self, lambda page=page: self.open_page(page))
        QShortcut(QKeySequence.StandardKey.Close, self, self.close)

        # Sentences such as "checked 12 s ago" grow old by themselves.
        self._clock = QTimer(self)
        self._clock.setInterval(10_000)
        self._clock.timeout.connect(self._redraw)
        self._clock.start()
        self._restore_place()

    def dress(self, tokens: Tokens) -> None:
        """Build what is inside, in the colours and the language in force; the page in front stays in front."""
        self._tokens = tokens
        actions = self._actions
        self.sidebar = Sidebar(tokens)
        self.core_banner = Banner(tokens)
        self.failure = Banner(tokens, dismissible=True)
        self.notices = Notices(actions, tokens)
        self.empty_page = WelcomePage()
        self.starting_page = StartingPage()
        self.locked_page = LockedPage(actions, tokens)
        self.account_page = AccountPage(actions, self.clipboard, tokens)
        self.account_page.kept = self._kept
        self.doctor_page = DoctorPage(actions, self.clipboard, tokens)
        self.settings_page = SettingsPage(actions, self.clipboard, tokens)
        self.help_page = HelpPage(tokens, self._logs)
        self._named: dict[str, QWidget] = {
            "doctor": self.doctor_page,
            "settings": self.settings_page,
            "help": self.help_page,
        }
        self.pages = QStackedWidget()
        for page in (
            self.starting_page,
            self.empty_page,
            self.locked_page,
            self.account_page,
            *self._named.values(),
        ):
            self.pages.addWidget(page)

        banners = QVBoxLayout()
        indent(banners, 24, 8, 24 + SCROLL_BAR)  # as wide as the page below, beside which a bar may stand
        for banner in (self.core_banner, self.failure, self.notices):
            banners.addWidget(banner)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addLayout(banners)
        right.addWidget(self.pages, 1)
        middle = QWidget()
        layout = QHBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.sidebar)
        layout.addLayout(right, 1)
        self.setCentralWidget(middle)
        self.toast = Toast(middle)

        self.sidebar.add_account.connect(self.sign_in)
        self.sidebar.chosen.connect(self.show_account)
        self.sidebar.open_page.connect(self.open_page)
        self.empty_page.sign_in.connect(self.sign_in)
        self.empty_page.demo.connect(self.demo_wanted)
        self.account_page.add_program.connect(self.add_program)
        self.account_page.cure.connect(self.cure)
        self.account_page.set_up_again.connect(self.set_up_again)
        self.account_page.undo_set_up.connect(self.undo_set_up)
        self.account_page.open_settings.connect(self.open_settings)
        self.notices.cure.connect(self.cure)
        self.notices.copy_password.connect(self.copy_password)
        self.notices.copy_name.connect(self.copy_name)
        self.notices.show_program.connect(self.show_program)
        self.doctor_page.cure.connect(self._advised)
        self.settings_page.changed.connect(self._take_settings)
        self.settings_page.changed.connect(self.settings_read)
        self.help_page.report.connect(self.report)
        self.help_page.doctor.connect(lambda: self.open_page("doctor"))
        self.render_state(self._state)
        if self._page == "settings":
            self.settings_page.read()

    # ------------------------------------------------------------------ drawing

    def render_state(self, state: BridgeState) -> None:
        """Draw a snapshot."""
        self._state = state
        title = translate("window", "Bridge Manager (demonstration)") if state.core.demo else "Bridge Manager"
        if self.windowTitle() != title:
            self.setWindowTitle(title)
        known = [account.id for account in state.accounts]
        if self._current not in known:
            self._current = known[0] if known else None
        self._choose_page()
        self.sidebar.render_state(state, self._current if self._page == "" else None, self._page)
        self._render_core(state)
        self.notices.render_state(state)
        front = self.pages.currentWidget()
        if front is self.account_page and self._current is not None:
            self.account_page.render_account(state, self._current)
        for wizard in self.findChildren(SetupWizard):
            wizard.render_state(state)
        self.doctor_page.render_state(state)
        self.help_page.render_state(state)

    def _choose_page(self) -> None:
        core = self._state.core
        page: QWidget
        if core.phase is CorePhase.LOCKED and core.problem is not None and self._page not in ("doctor", "help"):
            self.locked_page.render_core(core)
            page = self.locked_page
        elif self._page:
            page = self._named[self._page]
        elif self._current is not None:
            page = self.account_page
        else:
            page = self.starting_page if core.phase is CorePhase.STARTING else self.empty_page
        if self.pages.currentWidget() is not page:
            self.pages.setCurrentWidget(page)

    def _render_core(self, state: BridgeState) -> None:
        problem = state.core.problem
        if problem is not None:
            if self.pages.currentWidget() is self.locked_page:
                self.core_banner.hide()
            else:
                self.core_banner.show_problem(problem, words.core_tone(problem))
            return
        busy = next((one for one in state.listeners if one.phase is ListenerPhase.BUSY), None)
        if busy is None:
            self.core_banner.hide()
            return
        problem = busy.problem or Problem("port-busy", translate("window", "A port is used by another program"))
        if busy.suggested_port is None:
            self.core_banner.show_problem(problem, Tone.BAD, remedies.button_text(Remedy.PORTS), self._open_ports)
            return
        port, key = busy.suggested_port, f"{busy.protocol.value}.port"
        self.core_banner.show_problem(
            problem,
            Tone.BAD,
            translate("window", "Use port {port}").format(port=port),
            lambda: self._actions.wish(self._actions.bridge.set_setting, key, str(port)),
        )

    def _use_free_port(self, protocol: str) -> None:
        """Move a server whose port is busy to the one that was found free, and look again."""
        found = next((one for one in self._state.listeners if one.protocol == protocol), None)
        if found is None or found.suggested_port is None:
            self._open_ports()
            return
        port = str(found.suggested_port)

        async def move() -> None:
            await self._actions.call(self._actions.bridge.set_setting, f"{protocol}.port", port)
            self.doctor_page.examine()

        self._actions.start(move(), "use the free port")

    def _open_ports(self) -> None:
        self.open_settings("servers")

    def _redraw(self) -> None:
        if self.isVisible():
            self.render_state(self._state)

    def show_account(self, account: str) -> None:
        self._page = ""
        self._current = AccountId(account)
        self.render_state(self._state)

    def show_failure(self, problem: Problem) -> None:
        self.failure.show_problem(problem, Tone.BAD)

    # ------------------------------------------------------------------ pages

    def open_page(self, page: str) -> None:
        """Bring `doctor`, `settings` or `help` to the front, freshly read."""
        self._page = page
        self.render_state(self._state)
        if page == "doctor":
            self.doctor_page.examine()
        elif page == "settings" and self._state.core.phase is CorePhase.RUNNING:
            self.settings_page.read()

    def open_settings(self, section: str = "") -> None:
        self.open_page("settings")
        if section:
            self.settings_page.show_section(section)

    def render_settings(self, settings: tuple[SettingState, ...]) -> None:
        """Draw settings that somebody changed."""
        self._take_settings(settings)
        if self._page == "settings":
            self.settings_page.render_settings(settings)

    def _take_settings(self, settings: tuple[SettingState, ...]) -> None:
        """What of the mail is kept here stands on the account's page."""
        self._kept = settings_table.kept({state.key: state.value for state in settings})
        self.account_page.kept = self._kept

    # ------------------------------------------------------------------ remedies

    def cure(self, remedy: Remedy, account_id: str = "") -> None:
        """Do what a problem's button says."""
        bridge = self._actions.bridge
        if remedy in SECTIONS:
            self.open_settings(SECTIONS[remedy])
        elif remedy is Remedy.SIGN_IN:
            account = next((one for one in self._state.accounts if one.id == account_id), None)
            self.sign_in(account.username if account is not None else "")
        elif remedy is Remedy.REPAIR and account_id:
            self.show_account(account_id)
            self.account_page.repair()
        elif remedy is Remedy.TRY_AGAIN:
            self._actions.wish(bridge.look_now)
        elif remedy is Remedy.PROTON:
            QDesktopServices.openUrl(QUrl(remedies.PROTON_URL))
        elif remedy is Remedy.REPORT:
            self.report()

    def _advised(self, advice: Advice) -> None:
        """A button of the doctor."""
        if isinstance(advice.what, Remedy):
            self.cure(advice.what, advice.whom)
            return
        match advice.what:
            case Cure.UNLOCK:
                self._actions.wish(self._actions.bridge.unlock, None)
            case Cure.PORT:
                self.open_settings("servers")
            case Cure.USE_PORT:
                self._use_free_port(advice.whom)
            case Cure.COPY_NAME:
                self.copy_name(advice.whom)
            case Cure.REPAIR_SET_UP:
                self.set_up_again(advice.whom)
            case Cure.FIRST_SIGN_IN:
                self.sign_in()
            case Cure.COPY_LOGIN:
                self.copy_password(advice.whom)
            case Cure.SHOW_PROGRAM:
                self.show_program(advice.whom)
            case _:
                self.open_settings(SECTIONS[advice.what])

    def show_program(self, client_id: str) -> None:
        """Bring the card of a mail program into view."""
        client = next((one for one in self._state.clients if one.id == client_id), None)
        if client is not None:
            self.show_account(client.account)
            self.account_page.show_program(client.id)

    def copy_name(self, client_id: str) -> None:
        client = next((one for one in self._state.clients if one.id == client_id), None)
        if client is not None:
            self.clipboard.copy(client.username)
            self._actions.done.emit(translate("window", "The user name of {name} is copied.").format(name=client.label))

    def copy_password(self, client: str) -> None:
        copy_password(self._actions, self.clipboard, ClientId(client))

    # ------------------------------------------------------------------ dialogs

    def sign_in(self, username: str = "") -> SignInDialog:
        """Open the sign-in; afterwards the new account is in front, and asks for its first mail program."""
        known = frozenset(account.id for account in self._state.accounts)
        dialog = SignInDialog(self._actions, self._tokens, username, self, known)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.signed_in.connect(self._signed_in)
        dialog.open()
        return dialog

    def _signed_in(self, account: str) -> None:
        self.show_account(account)
        if not any(client.account == account for client in self._state.clients):
            QTimer.singleShot(0, self, lambda: self.add_program(account))

    def add_program(self, account_id: str) -> SetupWizard | None:
        """Open the wizard that sets a mail program up."""
        return self._wizard(account_id, Task.SET_UP)

    def set_up_again(self, client_id: str) -> SetupWizard | None:
        return self._on_set_up(client_id, Task.REPAIR)

    def undo_set_up(self, client_id: str) -> SetupWizard | None:
        return self._on_set_up(client_id, Task.UNDO)

    def _on_set_up(self, client_id: str, task: Task) -> SetupWizard | None:
        client = next((one for one in self._state.clients if one.id == client_id), None)
        if client is None:
            return None
        return self._wizard(client.account, task, (client.id,), client.label)

    def _wizard(
        self, account_id: str, task: Task, clients: tuple[ClientId, ...] = (), name: str = ""
    ) -> SetupWizard | None:
        account = next((one for one in self._state.accounts if one.id == account_id), None)
        if account is None:
            return None
        self.bring_to_front()
        wizard = SetupWizard(
            account, self._actions, self.clipboard, self._tokens, self, task=task, clients=clients, name=name
        )
        wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        wizard.render_state(self._state)
        wizard.open()
        return wizard

    def report(self) -> ReportDialog:
        dialog = ReportDialog(self._actions, self._tokens, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show_topic.connect(self._show_topic)
        dialog.show()
        return dialog

    def _show_topic(self, key: str) -> None:
        self.open_page("help")
        self.help_page.show_topic(key)

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
