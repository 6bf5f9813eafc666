"""Help: answers, the log's folder, the way to report a problem, and what this program is."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from PySide6.QtCore import QCoreApplication, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QFrame, QPlainTextEdit, QTabWidget, QVBoxLayout, QWidget

from bridge_gui.config import resource, version
from bridge_gui.state import BridgeState
from bridge_gui.ui import icons, theme
from bridge_gui.ui.direction import indent
from bridge_gui.ui.help_topics import Topic, topics
from bridge_gui.ui.theme import Tokens
from bridge_gui.ui.widgets import button, card, icon_label, label, page_scroll, row, rule

translate = QCoreApplication.translate


class TopicLine(QFrame):
    """A question that unfolds its answer."""

    def __init__(self, topic: Topic, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens
        self.topic = topic
        self.head = button(topic.title, self.toggle, "nav")
        self.answer = label(topic.text, "quiet", wrap=True)
        indent(self.answer, 30, end=8, bottom=6)
        self.answer.setAccessibleName(topic.text)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(2)
        inside.addWidget(self.head)
        inside.addWidget(self.answer)
        self.unfold(False)

    def toggle(self) -> None:
        self.unfold(self.answer.isHidden())

    def unfold(self, open_: bool) -> None:
        self.answer.setVisible(open_)
        self.head.setIcon(icons.icon("chevron-down" if open_ else "chevron-right", self._tokens.quiet))
        self.head.setAccessibleDescription(
            translate("help", "The answer is shown below") if open_ else translate("help", "Press to read the answer")
        )


class HelpPage(QWidget):
    report = Signal()
    doctor = Signal()

    def __init__(self, tokens: Tokens, logs: Path | None) -> None:
        super().__init__()
        self._tokens = tokens
        self._logs = logs
        self.topics: dict[str, TopicLine] = {}
        inside = QVBoxLayout()
        inside.setContentsMargins(24, 20, 24, 20)
        inside.setSpacing(10)
        inside.addWidget(label(translate("help", "Help"), "title"))
        guide, lines = card()
        lines.setContentsMargins(8, 8, 8, 8)
        lines.setSpacing(2)
        for topic in topics():
            if lines.count():
                lines.addWidget(rule())
            made = TopicLine(topic, tokens)
            self.topics[topic.key] = made
            lines.addWidget(made)
        inside.addWidget(guide)

        more, lines = card()
        self.to_doctor = button(translate("help", "Open the Doctor"), self.doctor.emit)
        self.to_logs = button(translate("help", "Open the folder"), self._open_logs)
        self.to_logs.setEnabled(logs is not None)
        self.to_report = button(translate("help", "Report a problem…"), self.report.emit)
        self.to_about = button(translate("help", "About…"), self.about)
        self.version = label(role="quiet")
        for icon, title, text, action in (
            (
                "stethoscope",
                translate("help", "Something does not work"),
                translate("help", "The Doctor looks at everything that can be wrong."),
                self.to_doctor,
            ),
            (
                "folder",
                translate("help", "Logs"),
                translate(
                    "help", "What Bridge Manager did. Addresses in it are masked; mail and passwords are not in it."
                ),
                self.to_logs,
            ),
            (
                "send",
                translate("help", "Report a problem"),
                translate("help", "You see all that would be sent before it is sent."),
                self.to_report,
            ),
            ("info", "Bridge Manager", "", self.to_about),
        ):
            if lines.count():
                lines.addWidget(rule())
            words = QVBoxLayout()
            words.setSpacing(2)
            words.addWidget(label(title))
            words.addWidget(label(text, "quiet", wrap=True) if text else self.version)
            line = row(icon_label(icon, tokens.quiet), spacing=10)
            line.addLayout(words, 1)
            line.addWidget(action)
            lines.addLayout(line)
        inside.addWidget(more)
        inside.addStretch(1)
        self.area = page_scroll(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)

    def render_state(self, state: BridgeState) -> None:
        self.version.setText(translate("help", "Version {version}").format(version=state.core.version or version()))

    def show_topic(self, key: str) -> None:
        """Unfold one answer and bring it into view."""
        line = self.topics.get(key)
        if line is not None:
            line.unfold(True)
            line.head.setFocus()
            self.area.ensureWidgetVisible(line)

    def _open_logs(self) -> None:
        if self._logs is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._logs)))

    def about(self) -> QDialog:
        dialog = AboutDialog(self)
        dialog.open()
        return dialog


class AboutDialog(QDialog):
    """What this is, and under which licences its parts are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("about", "About Bridge Manager"))
        self.resize(560, 460)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        layout.addWidget(label("Bridge Manager", "title"))
        layout.addWidget(
            label(
                translate(
                    "about",
                    "Version {version}. Free software under the MIT licence. Not made by Proton AG, and not connected "
                    "with it.",
                ).format(version=version()),
                "quiet",
                wrap=True,
            )
        )
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.tabBar().setAccessibleName(translate("about", "Parts and their licences"))
        for title, text in (
            (translate("about", "Parts"), parts_text()),
            (translate("about", "Icons"), _icons_licence()),
        ):
            shown = QPlainTextEdit(text)
            shown.setReadOnly(True)
            shown.setFont(theme.monospace())
            shown.setTabChangesFocus(True)
            shown.setAccessibleName(title)
            self.tabs.addTab(shown, title)
        layout.addWidget(self.tabs, 1)
        close = button(translate("about", "Close"), self.accept, "primary")
        close.setDefault(True)
        layout.addLayout(row(1, close))


def _icons_licence() -> str:
    return resource("icons/LICENSE").read_text(encoding="utf-8")


def parts_text() -> str:
    """The installed packages that this program is made from, each with its version and licence."""
    from email.message import Message
    from importlib import metadata

    lines = []
    seen: set[str] = set()
    waiting = ["bridge-gui"]
    while waiting:
        name = waiting.pop(0)
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # belongs to another system
        if found.name.lower() in seen:
            continue
        seen.add(found.name.lower())
        meta = cast(Message, found.metadata)
        # Not by index: importlib_metadata's reader, which keyring brings along, raises for a field that is missing.
        licence = meta.get("License-Expression", "") or meta.get("License", "").strip().split("\n")[0][:60]
        if not licence:
            classifiers = [line for line in meta.get_all("Classifier") or [] if line.startswith("License ::")]
            licence = classifiers[0].rpartition("::")[2].strip() if classifiers else ""
        lines.append(f"{found.name} {found.version}" + (f"  ·  {licence}" if licence else ""))
        for wanted in found.requires or []:
            if "extra ==" not in wanted:
                part = wanted.split(";")[0].strip()
                waiting.append("".join(char if char.isalnum() or char in "-_." else " " for char in part).split()[0])
    return "\n".join(sorted(lines, key=str.lower))
