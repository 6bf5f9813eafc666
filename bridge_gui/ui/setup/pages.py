"""The pages on which something is chosen: a program out of a list, or one of a few answers."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import (
    QButtonGroup,
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from bridge_gui.answers import ProgramFound
from bridge_gui.ui.core_words import local
from bridge_gui.ui.direction import indent, text_flags
from bridge_gui.ui.setup import flow, sentences
from bridge_gui.ui.theme import Tokens
from bridge_gui.ui.widgets import label, letters, page_scroll

translate = QCoreApplication.translate

NOTE = Qt.ItemDataRole.UserRole + 1
PROGRAM = Qt.ItemDataRole.UserRole + 2

Index = QModelIndex | QPersistentModelIndex


class _Lines(QStyledItemDelegate):
    """A program as its letters, its name and a quiet line; a heading as small capitals."""

    ROW, HEADING, BADGE = 48, 30, 28

    def __init__(self, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._tokens = tokens

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, self.HEADING if index.data(PROGRAM) is None else self.ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font = QFont(option.font)
        if index.data(PROGRAM) is None:
            font.setPixelSize(11)
            font.setBold(True)
            painter.setFont(font)
            painter.setPen(QColor(self._tokens.quiet))
            painter.drawText(
                area.adjusted(8, 0, -8, -4),
                int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeading),
                index.data(Qt.ItemDataRole.DisplayRole).upper(),
            )
            painter.restore()
            return
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._tokens.hover))
            painter.drawRoundedRect(area.adjusted(2, 1, -2, -1), 6, 6)
        if selected:
            painter.setPen(QColor(self._tokens.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(3, 2, -3, -2), 6, 6)
        badge = QRect(area.left() + 12, area.center().y() - self.BADGE // 2 + 1, self.BADGE, self.BADGE)
        badge = QStyle.visualRect(option.direction, area, badge)
        painter.setPen(QColor(self._tokens.line))
        painter.setBrush(QColor(self._tokens.background))
        painter.drawRoundedRect(badge, 7, 7)
        name = index.data(Qt.ItemDataRole.DisplayRole)
        font.setPixelSize(11)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(self._tokens.quiet))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, letters(name))
        text = QStyle.visualRect(option.direction, area, area.adjusted(52, 6, -12, -6))
        font.setPixelSize(13)
        font.setBold(False)
        painter.setFont(font)
        painter.setPen(QColor(self._tokens.text))
        flags = text_flags(name, option.direction, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(text, flags, painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, text.width()))
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(QColor(self._tokens.quiet))
        note = index.data(NOTE)
        flags = text_flags(note, option.direction, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(text, flags, painter.fontMetrics().elidedText(note, Qt.TextElideMode.ElideRight, text.width()))
        painter.restore()


class ProgramList(QListWidget):
    """All programs: those of this computer first."""

    picked = Signal(object)
    """A `ProgramFound`."""
    taken = Signal()
    """Chosen by a double click: go on. Enter presses the wizard's own button."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.setItemDelegate(_Lines(tokens, self))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(translate("setup", "Mail programs"))
        self.currentItemChanged.connect(self._changed)
        self.itemDoubleClicked.connect(lambda item: self.taken.emit() if item.data(PROGRAM) is not None else None)

    def render_programs(self, found: Sequence[ProgramFound]) -> None:
        """Draw them, and choose the first that can be set up."""
        self.clear()
        for group in flow.groups(found):
            here, others = translate("setup", "On this computer"), translate("setup", "Others")
            heading = QListWidgetItem(here if group.here else others)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            self.addItem(heading)
            for program in group.programs:
                item = QListWidgetItem(local(program.name))
                note = sentences.program_note(program)
                item.setData(NOTE, note)
                item.setData(PROGRAM, program)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{local(program.name)}, {note}")
                self.addItem(item)
                if self.currentItem() is None and program.problem is None:
                    self.setCurrentItem(item)

    def choose(self, app: str, target: str) -> None:
        for place in range(self.count()):
            program = self.item(place).data(PROGRAM)
            if program is not None and (program.app, program.target) == (app, target):
                self.setCurrentRow(place)

    def _changed(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(PROGRAM) is not None:
            self.picked.emit(item.data(PROGRAM))


class Choices(QWidget):
    """A few answers, one of which is chosen; each may have a quiet line under it."""

    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._inside = QVBoxLayout(self)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(4)
        self.buttons: dict[object, QRadioButton] = {}

    def render_choices(self, choices: Sequence[tuple[object, str, str]], chosen: object) -> None:
        """Draw (value, words, quiet line) and the one that is chosen; None is none yet."""
        while (item := self._inside.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self.buttons.clear()
        for value, words, note in choices:
            choice = QRadioButton(words)
            choice.setAccessibleDescription(note)
            choice.setChecked(value == chosen)
            choice.toggled.connect(lambda on, value=value: self.picked.emit(value) if on else None)
            self._group.addButton(choice)
            self._inside.addWidget(choice)
            self.buttons[value] = choice
            if note:
                quiet = label(note, "quiet", wrap=True)
                indent(quiet, 31, bottom=6)
                self._inside.addWidget(quiet)


def scrolling(*parts: QWidget) -> QWidget:
    """Parts of a page that scrolls when there is not room enough."""
    inside = QVBoxLayout()
    indent(inside, 0, end=6)
    inside.setSpacing(8)
    for part in parts:
        inside.addWidget(part)
    inside.addStretch(1)
    page = page_scroll(inside)
    page.setAlignment(Qt.AlignmentFlag.AlignTop)
    return page
