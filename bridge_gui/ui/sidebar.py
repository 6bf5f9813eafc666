"""The list of accounts at the left: a model that diffs snapshots, and a delegate that draws them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from bridge_gui.model import AccountId
from bridge_gui.state import AccountState, BridgeState
from bridge_gui.ui import icons, words
from bridge_gui.ui.direction import indent, text_flags
from bridge_gui.ui.theme import Tokens
from bridge_gui.ui.widgets import button, letters, rule, section

translate = QCoreApplication.translate

Index = QModelIndex | QPersistentModelIndex


class AccountModel(QAbstractListModel):
    """One row an account, in the core's order."""

    def __init__(self) -> None:
        super().__init__()
        self.accounts: tuple[AccountState, ...] = ()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.accounts)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.accounts):
            return None
        account = self.accounts[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return account.email
        if role == Qt.ItemDataRole.UserRole:
            return account
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return f"{account.email}, {words.short_line(account).text}"
        return None

    def render_accounts(self, accounts: tuple[AccountState, ...]) -> None:
        """Take the new list; rows that stayed only announce that they changed."""
        old = self.accounts
        if [account.id for account in old] != [account.id for account in accounts]:
            self.beginResetModel()
            self.accounts = accounts
            self.endResetModel()
            return
        self.accounts = accounts
        for row, (before, after) in enumerate(zip(old, accounts, strict=True)):
            if before != after:
                index = self.index(row, 0)
                self.dataChanged.emit(index, index)


class AccountDelegate(QStyledItemDelegate):
    """Initials in a circle, the address, and a dot with the state in words."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, 54)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        account = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(account, AccountState):
            return
        tokens = self._tokens
        line = words.brief_line(account)
        area: QRect = option.rect.adjusted(8, 2, -8, -2)
        direction: Qt.LayoutDirection = option.direction
        leading = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

        def placed(left: int, top: int, width: int, height: int) -> QRect:
            """A place within the row, counted from the side where reading begins."""
            return QStyle.visualRect(direction, area, QRect(area.left() + left, area.top() + top, width, height))

        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _draw_frame(painter, option.state, area, tokens)
        circle = placed(8, 9, 32, 32)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.hover))
        painter.drawEllipse(circle)
        font = QFont(painter.font())
        font.setPixelSize(12)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, letters(account.email.partition("@")[0]))
        width = area.width() - 56
        font.setBold(False)
        font.setPixelSize(13)
        painter.setFont(font)
        flags = text_flags(account.email, direction, leading)
        painter.drawText(placed(50, 7, width, 18), flags, _fitted(painter, account.email, width))
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(QColor(tokens.quiet))
        flags = text_flags(line.text, direction, leading)
        painter.drawText(placed(64, 26, width - 14, 18), flags, _fitted(painter, line.text, width - 14))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.tone(line.tone)))
        painter.drawEllipse(placed(50, 31, 8, 8))
        painter.restore()


def _draw_frame(painter: QPainter, state: QStyle.StateFlag, area: QRect, tokens: Tokens) -> None:
    """What is chosen stands on a card; what the keyboard is at has the ring of the focus."""
    if state & QStyle.StateFlag.State_Selected:
        painter.setPen(QColor(tokens.line))
        painter.setBrush(QColor(tokens.surface))
        painter.drawRoundedRect(area, 8, 8)
    if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
        painter.setPen(QPen(QColor(tokens.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 8, 8)


def _fitted(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)


class Sidebar(QFrame):
    """Accounts above, the rest below."""

    chosen = Signal(str)
    add_account = Signal()
    open_page = Signal(str)
    """doctor, settings or help."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.setProperty("role", "sidebar")
        self.setFixedWidth(256)
        self.model = AccountModel()
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(AccountDelegate(tokens))
        self.list.setAccessibleName(translate("sidebar", "Accounts"))
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._rendering = False
        self.list.selectionModel().currentChanged.connect(self._current)
        self.list.clicked.connect(self._clicked)
        self.list.activated.connect(self._clicked)
        self.add = button(translate("sidebar", "Add account"), self.add_account.emit, "nav")
        self.add.setIcon(icons.icon("plus", tokens.accent))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 16, 8, 12)
        layout.setSpacing(4)
        heading = section(translate("sidebar", "Accounts"))
        indent(heading, 10, bottom=4)
        layout.addWidget(heading)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.add)
        layout.addWidget(rule())
        self.pages: dict[str, QPushButton] = {}
        for key, text, name in (
            ("doctor", translate("sidebar", "Doctor"), "stethoscope"),
            ("settings", translate("sidebar", "Settings"), "settings"),
            ("help", translate("sidebar", "Help"), "circle-question-mark"),
        ):
            made = button(text, partial(self.open_page.emit, key), "nav")
            made.setIcon(icons.icon(name, tokens.quiet))
            made.setCheckable(True)
            self.pages[key] = made
            layout.addWidget(made)

    def _current(self, current: QModelIndex, _: QModelIndex) -> None:
        account = current.data(Qt.ItemDataRole.UserRole)
        if isinstance(account, AccountState) and not self._rendering:
            self.chosen.emit(account.id)

    def _clicked(self, index: QModelIndex) -> None:
        """The account that is chosen already comes back from another page by a click or Enter."""
        account = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(account, AccountState):
            self.chosen.emit(account.id)

    def render_state(self, state: BridgeState, current: AccountId | None, page: str = "") -> None:
        """Draw the accounts and mark what is in front: an account, or one of the pages below."""
        self._rendering = True
        try:
            self.model.render_accounts(state.accounts)
            wanted = QModelIndex()
            for number, account in enumerate(state.accounts):
                if account.id == current:
                    wanted = self.model.index(number, 0)
            if self.list.currentIndex() != wanted:
                self.list.setCurrentIndex(wanted)
            for key, made in self.pages.items():
                made.setChecked(key == page)
        finally:
            self._rendering = False
