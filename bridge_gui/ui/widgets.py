"""Small building blocks that several pages share. Their look comes from the style sheet by the property `role`."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bridge_gui.state import Problem
from bridge_gui.ui import icons
from bridge_gui.ui.theme import Tokens, Tone
from bridge_gui.ui.words import Line, problem_text

translate = QCoreApplication.translate


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made


def button(text: str, pressed: Callable[[], object], role: str = "") -> QPushButton:
    made = QPushButton(text)
    if role:
        made.setProperty("role", role)
    made.clicked.connect(lambda: pressed())
    return made


def icon_button(name: str, words: str, pressed: Callable[[], object], tokens: Tokens) -> QToolButton:
    """A button that shows an icon only; `words` are its tool tip and its accessible name."""
    made = QToolButton()
    made.setIcon(icons.icon(name, tokens.quiet))
    made.setIconSize(QSize(18, 18))
    made.setToolTip(words)
    made.setAccessibleName(words)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.clicked.connect(lambda: pressed())
    return made


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


def page_scroll(inside: QLayout) -> QScrollArea:
    """A page that scrolls upwards and downwards only."""
    page = QWidget()
    page.setLayout(inside)
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setWidget(page)
    return scroll


class Elided(QLabel):
    """A label that ends in an ellipsis rather than pushing its neighbours away; the whole text is its tool tip."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            int(self.alignment() | Qt.AlignmentFlag.AlignVCenter),
            self.palette(),
            self.isEnabled(),
            shown,
            self.foregroundRole(),
        )


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
        painter.drawEllipse(1, 1, 8, 8)


class StatusLine(QWidget):
    """A dot and its words."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens
        self.dot = Dot(tokens)
        self.words = Elided()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(self.dot)
        line.addWidget(self.words, 1)

    def render_line(self, line: Line) -> None:
        self.dot.set_tone(line.tone)
        if self.words.text() != line.text:
            self.words.setText(line.text)


class CopyButton(QToolButton):
    """A copy button that turns into a check mark for a moment, and says so to screen readers."""

    def __init__(self, words: str, copy: Callable[[], object], tokens: Tokens) -> None:
        super().__init__()
        self._words = words
        self._tokens = tokens
        self.setIconSize(QSize(18, 18))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._rest()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._rest)
        self.clicked.connect(lambda: copy())

    def _rest(self) -> None:
        self.setIcon(icons.icon("copy", self._tokens.quiet))
        self.setToolTip(self._words)
        self.setAccessibleName(self._words)

    def copied(self) -> None:
        """Show that the value is on the clipboard now."""
        self.setIcon(icons.icon("check", self._tokens.good))
        words = translate("widgets", "Copied")
        self.setToolTip(words)
        self.setAccessibleName(words)
        self._timer.start(2000)


class Banner(QFrame):
    """One sentence and at most one button, where something needs the person."""

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
        self.words = label(wrap=True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.action = QPushButton()
        self.action.setProperty("role", "primary")
        self.action.hide()
        self._pressed: Callable[[], object] | None = None
        self.action.clicked.connect(self._act)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 10, 12, 10)
        line.setSpacing(10)
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.words, 1)
        line.addWidget(self.action)
        if dismissible:
            self.dismiss = icon_button("x", translate("widgets", "Dismiss"), self._dismiss, tokens)
            line.addWidget(self.dismiss)
        self.hide()

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
    ) -> None:
        self._pressed = pressed
        self.show()
        if self._drawn == (problem, tone, action):
            return  # drawn already; a storm of snapshots repeats it
        self._drawn = (problem, tone, action)
        restyle(self, "tone", tone.value)
        name = "circle-alert" if tone is Tone.BAD else "triangle-alert"
        self._icon.setPixmap(icons.pixmap(f"icons/{name}.svg", self._tokens.tone(tone), 18, self.devicePixelRatioF()))
        self.words.setText(problem_text(problem))
        self.words.setToolTip(problem.detail)
        self.words.setAccessibleName(problem_text(problem))
        self.action.setVisible(bool(action))
        self.action.setText(action)


class Toast(QLabel):
    """A short confirmation at the lower edge, which goes by itself; it never takes the focus."""

    SHOWN_MS = 2500

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setProperty("role", "toast")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, text: str) -> None:
        self.setText(text)
        self.setAccessibleName(text)
        self.adjustSize()
        area = self._parent.rect()
        self.move((area.width() - self.width()) // 2, area.height() - self.height() - 20)
        self.raise_()
        self.show()
        self._timer.start(self.SHOWN_MS)
