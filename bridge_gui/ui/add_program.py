"""A password for one more mail program: which one, what it may do, and then everything to type into it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from bridge_gui.errors import BridgeError
from bridge_gui.model import Access, AddressMode
from bridge_gui.secret import Secret
from bridge_gui.state import AccountState, Credentials
from bridge_gui.ui import theme
from bridge_gui.ui.actions import Actions, problem_of
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.widgets import Banner, CopyButton, Sheet, button, label, row

translate = QCoreApplication.translate


class AddProgramDialog(Sheet):
    """Two pages: the questions, and the answers to copy."""

    def __init__(
        self,
        account: AccountState,
        actions: Actions,
        clipboard: Clipboard,
        tokens: Tokens,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, width=480)
        self._account = account
        self._actions = actions
        self._clipboard = clipboard
        self._tokens = tokens
        self.credentials: Credentials | None = None
        self.setWindowTitle(translate("add-program", "Add a mail program"))

        self.app = QComboBox()
        for app, name in (
            ("thunderbird", "Thunderbird"),
            ("apple-mail", "Apple Mail"),
            ("outlook", "Outlook"),
            ("other", translate("add-program", "Something else")),
        ):
            self.app.addItem(name, app)
        self.app.currentTextChanged.connect(self._app_chosen)
        self.name = QLineEdit(self.app.currentText())
        self.address = QComboBox()
        for address in account.addresses:
            if address.enabled:
                self.address.addItem(address.email, address.email)
        self._access = QButtonGroup(self)
        self.access: dict[Access, QRadioButton] = {}
        for access, words in (
            (Access.FULL, translate("add-program", "Read and send")),
            (Access.READ_ONLY, translate("add-program", "Only read")),
            (Access.SEND_ONLY, translate("add-program", "Only send")),
        ):
            self.access[access] = QRadioButton(words)
            self._access.addButton(self.access[access])
        self.access[Access.FULL].setChecked(True)

        self.banner = Banner(tokens)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._questions())
        self.done_page = QWidget()
        self.pages.addWidget(self.done_page)
        self.cancel_button = button(translate("add-program", "Cancel"), self.reject)
        self.next_button = button(translate("add-program", "Make a password"), self._next, "primary")
        self.next_button.setDefault(True)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(self.pages)
        layout.addWidget(self.banner)
        layout.addLayout(row(1, self.cancel_button, self.next_button))

    def _questions(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(label(translate("add-program", "Add a mail program"), "title"))
        layout.addWidget(
            label(
                translate(
                    "add-program",
                    "It gets a password of its own. You can see when it was used, and revoke it by itself.",
                ),
                "quiet",
                wrap=True,
            )
        )
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.addRow(translate("add-program", "Program"), self.app)
        form.addRow(translate("add-program", "Name in the list"), self.name)
        if self._account.mode is AddressMode.SPLIT or self.address.count() > 1:
            form.addRow(translate("add-program", "Address"), self.address)
        layout.addLayout(form)
        layout.addWidget(label(translate("add-program", "What may it do?")))
        for choice in self.access.values():
            layout.addWidget(choice)
        return page

    def _app_chosen(self, name: str) -> None:
        known = {self.app.itemText(index) for index in range(self.app.count())}
        if not self.name.text().strip() or self.name.text() in known:
            self.name.setText(name)

    def chosen_access(self) -> Access:
        return next(access for access, choice in self.access.items() if choice.isChecked())

    def _next(self) -> None:
        if self.credentials is not None:
            self.accept()
            return
        name = self.name.text().strip()
        if not name:
            self.name.setFocus()
            return
        self.next_button.setEnabled(False)

        async def make() -> None:
            try:
                made = await self._actions.call(
                    self._actions.bridge.add_client,
                    name,
                    self._account.id,
                    str(self.app.currentData()),
                    self.chosen_access(),
                    self.address.currentData(),
                )
            except BridgeError as error:
                self.banner.show_problem(problem_of(error), Tone.BAD)
            else:
                self._show(made)
            finally:
                self.next_button.setEnabled(True)

        self._actions.start(make(), "add a mail program")

    def _show(self, made: Credentials) -> None:
        """The second page: each value with its copy button, and all but the password at once."""
        self.credentials = made
        self.banner.hide()
        layout = QVBoxLayout(self.done_page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(
            label(translate("add-program", "Type this into {name}").format(name=made.label), "title", wrap=True)
        )
        layout.addWidget(
            label(
                translate(
                    "add-program",
                    "Both STARTTLS and TLS work on these ports. The password is for this program only; "
                    "your Proton password does not work here.",
                ),
                "quiet",
                wrap=True,
            )
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(1, 1)
        lines: list[tuple[str, str | Secret[str]]] = [
            (translate("add-program", "User"), made.username),
            (translate("add-program", "Password"), made.password),
        ]
        if made.access.reads:
            lines += [
                (translate("add-program", "IMAP server"), made.imap.host),
                (translate("add-program", "IMAP port"), str(made.imap.port)),
            ]
        if made.access.sends:
            lines += [
                (translate("add-program", "SMTP server"), made.smtp.host),
                (translate("add-program", "SMTP port"), str(made.smtp.port)),
            ]
        for number, (caption, value) in enumerate(lines):
            shown = QLabel(value.reveal() if isinstance(value, Secret) else value)
            shown.setFont(theme.monospace())
            shown.setAccessibleName(caption)
            grid.addWidget(label(caption, "quiet"), number, 0)
            grid.addWidget(shown, number, 1)
            grid.addWidget(self._copy_button(caption, value), number, 2)
        layout.addLayout(grid)
        layout.addStretch(1)
        self.pages.setCurrentWidget(self.done_page)
        self.cancel_button.hide()
        self.next_button.setText(translate("add-program", "Done"))

    def _copy_button(self, caption: str, value: str | Secret[str]) -> CopyButton:
        def copy() -> None:
            if isinstance(value, Secret):
                self._clipboard.copy_secret(value)
            else:
                self._clipboard.copy(value)
            made.copied()

        made = CopyButton(translate("add-program", "Copy: {what}").format(what=caption), copy, self._tokens)
        return made
