"""Small building blocks that several pages share. Their look comes from the style sheet by the property `role`."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bridge_gui.state import Problem
from bridge_gui.ui import icons
from bridge_gui.ui.direction import text_flags
from bridge_gui.ui.theme import SCROLL_BAR, Tokens, Tone
from bridge_gui.ui.words import Line, problem_parts, problem_text

translate = QCoreApplication.translate


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made


def section(text: str) -> QLabel:
    """The small heading of a part of a page; capitals are for the eye only."""
    made = label(text.upper(), "section")
    made.setAccessibleName(text)
    return made


def button(text: str, pressed: Callable[[], object], role: str = "") -> QPushButton:
    made = QPushButton(text)
    if role:
        made.setProperty("role", role)
    made.clicked.connect(lambda: pressed())
    return made


class IconButton(QToolButton):
    """A button that shows an icon only; its words are its tool tip and its accessible name."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens
        self.setIconSize(QSize(16, 16))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_icon(self, name: str, words: str, tone: Tone = Tone.QUIET) -> None:
        self.setIcon(icons.icon(name, self._tokens.tone(tone)))
        self.setToolTip(words)
        self.setAccessibleName(words)


def icon_button(name: str, words: str, pressed: Callable[[], object], tokens: Tokens) -> IconButton:
    made = IconButton(tokens)
    made.show_icon(name, words)
    made.clicked.connect(lambda: pressed())
    return made


def menu_button(words: str, menu: QMenu, tokens: Tokens) -> IconButton:
    """Three dots that open a menu."""
    made = IconButton(tokens)
    made.show_icon("ellipsis", words)
    made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    made.setMenu(menu)
    return made


def say_aloud(widget: QWidget, text: str) -> None:
    """Let screen readers say what just happened, without moving the focus."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


def rule() -> QFrame:
    made = QFrame()
    made.setProperty("role", "rule")
    return made


def card() -> tuple[QFrame, QVBoxLayout]:
    frame = QFrame()
    frame.setProperty("role", "card")
    inside = QVBoxLayout(frame)
    inside.setContentsMargins(16, 12, 16, 12)
    inside.setSpacing(8)
    return frame, inside


def row(*widgets: QWidget | int, spacing: int = 8) -> QHBoxLayout:
    """Widgets side by side; a number stands for a stretch of that weight."""
    made = QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    for widget in widgets:
        if isinstance(widget, int):
            made.addStretch(widget)
        else:
            made.addWidget(widget)
    return made


def icon_label(name: str, colour: str, size: int = 18) -> QLabel:
    """A picture beside words that say the same; screen readers pass it by."""
    made = QLabel()
    made.setFixedSize(size, size)
    made.setPixmap(icons.pixmap(f"icons/{name}.svg", colour, size, made.devicePixelRatioF()))
    return made


def secret_field() -> QLineEdit:
    made = QLineEdit()
    made.setEchoMode(QLineEdit.EchoMode.Password)
    return made


def restyle(widget: QWidget, name: str, value: str) -> None:
    """Change a property that the style sheet looks at; only when it differs, as it costs a repolish."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


PAGE_WIDTH = 860
"""Lines longer than this are hard to follow."""


class _Page(QWidget):
    """As high as its words need at its width: a scroll area asks for no more than the least of a layout by itself."""

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        layout = self.layout()
        if layout is not None and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            needed = layout.totalHeightForWidth(self.width())
            if needed > 0 and needed != self.minimumHeight():
                self.setMinimumHeight(needed)
        return done


def page_scroll(inside: QLayout) -> QScrollArea:
    """A page that scrolls upwards and downwards only, and does not grow wider than is good to read. What stands in it
    keeps its width whether the bar is there or not."""
    middle = QWidget()
    middle.setLayout(inside)
    middle.setMaximumWidth(PAGE_WIDTH)
    page = _Page()
    line = row(middle, spacing=0)
    line.setStretch(0, 100_000)
    line.addStretch(1)
    page.setLayout(line)
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setWidget(page)
    bar = scroll.verticalScrollBar()

    def keep_room(_: int, most: int) -> None:
        room = 0 if most else SCROLL_BAR
        line.setContentsMargins(*((room, 0, 0, 0) if scroll.isRightToLeft() else (0, 0, room, 0)))

    bar.rangeChanged.connect(keep_room)
    keep_room(0, bar.maximum())
    return scroll


class Stack(QWidget):
    """One of several pages, as high as that one; a QStackedWidget is as high as the highest."""

    def __init__(self) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._current: QWidget | None = None

    def addWidget(self, page: QWidget) -> None:
        page.hide()
        layout = self.layout()
        assert layout is not None
        layout.addWidget(page)

    def currentWidget(self) -> QWidget | None:
        return self._current

    def setCurrentWidget(self, page: QWidget) -> None:
        if self._current is not None:
            self._current.hide()
        self._current = page
        page.show()


class Elided(QLabel):
    """A label that ends in an ellipsis rather than pushing its neighbours away; then the whole text is its tool tip."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__(text)
        self._least = 40
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def fit(self, most: int = 0, least: int = 40) -> None:
        """Take no more room than the text needs, so that what follows stands right beside it; at `most` so much, and
        never less than `least` of it."""
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._least = least
        if most:
            self.setMaximumWidth(most)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self._least, self.sizeHint().width()), super().minimumSizeHint().height())

    def _fitted(self) -> str:
        if self.wordWrap():
            return self.text()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip:
            self.setToolTip("" if self._fitted() == self.text() else self.text())
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.wordWrap():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            text_flags(self.text(), self.layoutDirection(), self.alignment() | Qt.AlignmentFlag.AlignVCenter),
            self.palette(),
            self.isEnabled(),
            self._fitted(),
            self.foregroundRole(),
        )


class Badge(QWidget):
    """The first letters of a name on a rounded square, as a picture beside the name; screen readers pass it by."""

    def __init__(self, tokens: Tokens, size: int = 28) -> None:
        super().__init__()
        self._tokens = tokens
        self._letters = ""
        self.setFixedSize(size, size)

    def setText(self, name: str) -> None:
        self._letters = letters(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._tokens.hover))
        painter.drawRoundedRect(self.rect(), 7, 7)
        font = QFont(self.font())
        font.setPixelSize(11)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(self._tokens.quiet))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._letters)


def letters(name: str) -> str:
    """Two letters for a picture: `Apple Mail` is AM, `anna.berg` AB, `backup (mbsync)` BM, `bo` BO."""
    parts = re.findall(r"\w+", name.replace("_", " "))
    found = parts[0][0] + parts[1][0] if len(parts) > 1 else name[:2]
    return found.upper() or "?"


class Dot(QWidget):
    """A state's coloured dot; always beside words, so it has no accessible name of its own."""

    def __init__(self, tokens: Tokens, tone: Tone = Tone.QUIET) -> None:
        super().__init__()
        self._tokens = tokens
        self._tone = tone
        self.setFixedSize(10, 10)

    def set_tone(self, tone: Tone) -> None:
        if tone is not self._tone:
            self._tone = tone
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._tokens.tone(self._tone)))
        painter.drawEllipse(1, (self.height() - 8) // 2, 8, 8)


class StatusLine(QWidget):
    """A dot and its words."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens
        self.dot = Dot(tokens)
        self.words = Elided()
        self._line = line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(self.dot)
        line.addWidget(self.words, 1)

    def wrap(self) -> None:
        """Let the words take several lines; the dot stands beside the first one."""
        self.words.setWordWrap(True)
        self.dot.setFixedHeight(self.words.fontMetrics().height())
        self._line.setAlignment(self.dot, Qt.AlignmentFlag.AlignTop)

    def render_line(self, line: Line) -> None:
        self.dot.set_tone(line.tone)
        if self.words.text() != line.text:
            self.words.setText(line.text)


class CopyButton(IconButton):
    """A copy button that turns into a check mark for a moment, and says so to screen readers."""

    SHOWN_MS = 2000

    def __init__(self, words: str, copy: Callable[[], object], tokens: Tokens) -> None:
        super().__init__(tokens)
        self._words = words
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._rest)
        self.clicked.connect(lambda: copy())
        self._rest()

    def set_words(self, words: str) -> None:
        """Say what is copied; a sign that stands is left alone."""
        self._words = words
        if not self._timer.isActive():
            self._rest()

    def _rest(self) -> None:
        self.show_icon("copy", self._words)

    def copied(self) -> None:
        """Show that the value is on the clipboard now."""
        words = translate("widgets", "Copied")
        self.show_icon("check", words, Tone.GOOD)
        say_aloud(self, words)
        self._timer.start(self.SHOWN_MS)


class Sheet(QDialog):
    """A dialog of one width, which grows downwards when it has more to say: nothing in it is ever cut off."""

    def __init__(self, parent: QWidget | None = None, *, width: int = 440) -> None:
        super().__init__(parent)
        self.setFixedWidth(width)
        self.setModal(True)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        kind = event.type()
        if kind is QEvent.Type.Show or (kind is QEvent.Type.LayoutRequest and self._wanted() > self.height()):
            self.resize(self.width(), self._wanted())
        return done

    def _wanted(self) -> int:
        layout = self.layout()
        if layout is None:
            return self.height()
        layout.activate()
        return max(layout.totalHeightForWidth(self.width()), layout.totalMinimumSize().height())


class Banner(QFrame):
    """What happened, what helps, and at most one button, where something needs the person."""

    SIDE_BY_SIDE = 460
    """In a narrower banner the button stands below the words."""

    def __init__(
        self, tokens: Tokens, *, dismissible: bool = False, dismissed: Callable[[], object] | None = None
    ) -> None:
        super().__init__()
        self._tokens = tokens
        self._dismissed = dismissed
        self._drawn: object = None
        self.setProperty("role", "banner")
        self._icon = QLabel()
        self._icon.setFixedSize(18, 18)
        self.title = label(role="strong", wrap=True)
        self.words = label(role="quiet", wrap=True)
        self.action = QPushButton()
        self.action.setProperty("role", "primary")
        self._pressed: Callable[[], object] | None = None
        self.action.clicked.connect(self._act)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.title)
        texts.addWidget(self.words)
        self._middle = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._middle.setSpacing(10)
        self._middle.addLayout(texts, 1)
        self._middle.addWidget(self.action)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 10, 12, 10)
        line.setSpacing(10)
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(self._middle, 1)
        if dismissible:
            self.dismiss = icon_button("x", translate("widgets", "Dismiss"), self._dismiss, tokens)
            line.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = self.width() >= self.SIDE_BY_SIDE
        self._middle.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self._middle.setAlignment(self.action, Qt.AlignmentFlag.AlignVCenter if wide else Qt.AlignmentFlag.AlignLeading)
        super().resizeEvent(event)

    def text(self) -> str:
        """Everything that it says, as one text."""
        return " ".join(part for part in (self.title.text(), self.words.text()) if part)

    def _dismiss(self) -> None:
        self.hide()
        if self._dismissed is not None:
            self._dismissed()

    def _act(self) -> None:
        if self._pressed is not None:
            self._pressed()

    def show_problem(
        self,
        problem: Problem,
        tone: Tone = Tone.ATTENTION,
        action: str = "",
        pressed: Callable[[], object] | None = None,
        about: str = "",
    ) -> None:
        """`about` stands on a line of its own below the words: what the problem is about."""
        self._pressed = pressed
        self.show()
        if self._drawn == (problem, tone, action, about):
            return  # drawn already; a storm of snapshots repeats it
        self._drawn = (problem, tone, action, about)
        restyle(self, "tone", tone.value)
        name = "circle-alert" if tone is Tone.BAD else "triangle-alert" if tone is Tone.ATTENTION else "info"
        self._icon.setPixmap(icons.pixmap(f"icons/{name}.svg", self._tokens.tone(tone), 18, self.devicePixelRatioF()))
        title, rest = problem_parts(problem)
        self.title.setText(title)
        self.words.setText("\n".join(part for part in (rest, about) if part))
        self.words.setVisible(bool(self.words.text()))
        self.setToolTip(problem.detail)
        self.setAccessibleName(problem_text(problem))
        self.action.setVisible(bool(action))
        self.action.setText(action)
        say_aloud(self, problem_text(problem))
