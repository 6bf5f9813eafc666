"""Report a problem: what kind, what happened, answers that may help at once, and a look at exactly is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from bridge_gui.answers import ReportPart
from bridge_gui.errors import BridgeError
from bridge_gui.state import Problem
from bridge_gui.ui import theme
from bridge_gui.ui.actions import Actions, problem_of
from bridge_gui.ui.help_topics import Topic, suggestions
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.widgets import Banner, button, label, row

translate = QCoreApplication.translate


def categories() -> list[tuple[str, str, tuple[str, ...]]]:
    """Key, name, and the questions whose answers help most."""
    return [
        (
            "connecting",
            translate("report", "A mail program cannot connect or sign in"),
            (
                translate("report", "Which mail program, and which version?"),
                translate("report", "What does its error message say?"),
                translate("report", "Did it work before?"),
            ),
        ),
        (
            "receiving",
            translate("report", "Mail is missing or wrong"),
            (
                translate("report", "Which folder or which kind of mail?"),
                translate("report", "What do you see at proton.me instead?"),
                translate("report", "Since when?"),
            ),
        ),
        (
            "sending",
            translate("report", "Mail cannot be sent"),
            (
                translate("report", "What does the mail program say?"),
                translate("report", "Does it happen with every recipient?"),
            ),
        ),
        (
            "account",
            translate("report", "Signing in to Proton"),
            (
                translate("report", "At which step does it stop?"),
                translate("report", "Does signing in at proton.me work?"),
            ),
        ),
        (
            "window",
            translate("report", "The window or the tray"),
            (translate("report", "What did you do, and what did you expect?"),),
        ),
        ("other", translate("report", "Something else"), (translate("report", "What happened?"),)),
    ]


class ReportDialog(QDialog):
    """Two pages: the questions, and the look at is sent."""

    show_topic = Signal(str)

    def __init__(self, actions: Actions, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.parts: tuple[ReportPart, ...] = ()
        self.setWindowTitle(translate("report", "Report a problem"))
        self.resize(620, 520)
        self.category = QComboBox()
        for key, name, _ in categories():
            self.category.addItem(name, key)
        self.category.currentIndexChanged.connect(self._category_chosen)
        self.subject = QLineEdit()
        self.questions = label(role="quiet", wrap=True)
        self.description = QPlainTextEdit()
        self.description.setTabChangesFocus(True)
        self.description.textChanged.connect(self._suggest)
        self.logs = QCheckBox(translate("report", "Add the logs, with addresses masked"))
        self.logs.setChecked(True)
        self.hints = QWidget()
        self._hints = QVBoxLayout(self.hints)
        self._hints.setContentsMargins(0, 0, 0, 0)
        self._hints.setSpacing(0)
        self.banner = Banner(tokens)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._ask_page())
        self.pages.addWidget(self._look_page())
        self.back = button(translate("report", "Back"), self._go_back)
        self.cancel = button(translate("report", "Cancel"), self.reject)
        self.save = button(translate("report", "Save as a file…"), self._save)
        self.next = button(translate("report", "Look at the report"), self._next, "primary")
        self.next.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label(translate("report", "Report a problem"), "title"))
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.banner)
        layout.addLayout(row(self.back, 1, self.cancel, self.save, self.next))
        self._category_chosen()
        self._go_back()

    def _ask_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        for caption, field in (
            (translate("report", "What is it about?"), self.category),
            (translate("report", "In one line"), self.subject),
        ):
            form.addRow(caption, field)
            field.setAccessibleName(caption)
        layout.addLayout(form)
        heading = label(translate("report", "What happened"))
        heading.setBuddy(self.description)
        self.description.setAccessibleName(translate("report", "What happened"))
        layout.addWidget(heading)
        layout.addWidget(self.questions)
        layout.addWidget(self.description, 1)
        layout.addWidget(self.hints)
        layout.addWidget(self.logs)
        return page

    def _look_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(
            label(
                translate("report", "This is all that is sent. Nothing leaves this computer before you say so."),
                "quiet",
                wrap=True,
            )
        )
        self.names = QListWidget()
        self.names.setFixedWidth(150)
        self.names.setAccessibleName(translate("report", "Parts of the report"))
        self.names.currentRowChanged.connect(self._show_part)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setFont(theme.monospace())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName(translate("report", "Content"))
        line = QHBoxLayout()
        line.addWidget(self.names)
        line.addWidget(self.text, 1)
        layout.addLayout(line, 1)
        return page

    # ------------------------------------------------------------------ asking

    def _category_chosen(self) -> None:
        self.questions.setText(" ".join(categories()[self.category.currentIndex()][2]))
        self._suggest()

    def _suggest(self) -> None:
        """Answers of the built-in help that fit what was written so far."""
        while (item := self._hints.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        found = suggestions(f"{self.subject.text()} {self.description.toPlainText()}")
        if found:
            self._hints.addWidget(label(translate("report", "This may help at once:"), "quiet"))
        for topic in found:
            self._hints.addWidget(button(topic.title, self._open_topic(topic), "link"))

    def _open_topic(self, topic: Topic) -> Callable[[], None]:
        return lambda: self.show_topic.emit(topic.key)

    def _go_back(self) -> None:
        self.pages.setCurrentIndex(0)
        self.banner.hide()
        self.back.hide()
        self.save.hide()
        self.next.setText(translate("report", "Look at the report"))
        self.subject.setFocus(Qt.FocusReason.OtherFocusReason)

    def _next(self) -> None:
        if self.pages.currentIndex() == 0:
            self._look()
        else:
            self._work(self._send, "send the report")

    def _look(self) -> None:
        title, description = self.subject.text().strip(), self.description.toPlainText().strip()
        if not description:
            self.banner.show_problem(Problem("empty", translate("report", "Write in a few words what happened")))
            self.description.setFocus()
            return

        async def look() -> None:
            bridge = self._actions.bridge
            kind = str(self.category.currentData())
            self.render_parts(
                await self._actions.call(bridge.report, kind, title or kind, description, self.logs.isChecked())
            )

        self._work(look, "make the report")

    def render_parts(self, parts: tuple[ReportPart, ...]) -> None:
        """The second page."""
        self.parts = parts
        self.names.clear()
        self.names.addItems([part.name for part in parts])
        self.names.setCurrentRow(0)
        self.pages.setCurrentIndex(1)
        self.back.show()
        self.save.show()
        self.next.setText(translate("report", "Send to Proton"))

    def _show_part(self, number: int) -> None:
        if 0 <= number < len(self.parts):
            self.text.setPlainText(self.parts[number].text)

    # ------------------------------------------------------------------ sending

    def _work(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Run one step; its failure is said here, where the person looks, and what was written stays."""
        self.banner.hide()
        self.next.setEnabled(False)

        async def run() -> None:
            try:
                await work()
            except BridgeError as error:
                self.banner.show_problem(problem_of(error), Tone.BAD)
            finally:
                self.next.setEnabled(True)

        self._actions.start(run(), name)

    async def _send(self) -> None:
        await self._actions.call(self._actions.bridge.send_report, self.parts)
        self._actions.done.emit(translate("report", "The report was sent."))
        self.accept()

    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, translate("report", "Save the report"), "bridge-manager-report.zip", "ZIP (*.zip)"
        )
        if not name:
            return

        async def save() -> None:
            await self._actions.call(self._actions.bridge.save_report, self.parts, Path(name))
            self._actions.done.emit(translate("report", "The report was saved."))
            self.accept()

        self._work(save, "save the report")
