"""Colours, type and the style sheet. Every colour in the window comes from `Tokens`; nothing else names one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from bridge_gui.config import resource


class Scheme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Tone(StrEnum):
    """What a state means to the person; decides the colour of its dot and words, never alone."""

    QUIET = "quiet"
    GOOD = "good"
    BUSY = "busy"
    ATTENTION = "attention"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Tokens:
    name: str
    """Which drawings of `resources/controls` go with it."""
    background: str
    surface: str
    line: str
    text: str
    quiet: str
    accent: str
    on_accent: str
    good: str
    attention: str
    bad: str
    hover: str
    field: str

    def tone(self, tone: Tone) -> str:
        return {
            Tone.QUIET: self.quiet,
            Tone.GOOD: self.good,
            Tone.BUSY: self.accent,
            Tone.ATTENTION: self.attention,
            Tone.BAD: self.bad,
        }[tone]


SCROLL_BAR = 10
"""Pixels."""

LIGHT = Tokens(
    name="light",
    background="#F6F7F9",
    surface="#FFFFFF",
    line="#E1E4EA",
    text="#1B1F27",
    quiet="#5B6472",
    accent="#2F5FDE",
    on_accent="#FFFFFF",
    good="#1F7A45",
    attention="#9A5B00",
    bad="#B3261E",
    hover="#EEF1F6",
    field="#FFFFFF",
)
DARK = Tokens(
    name="dark",
    background="#17191E",
    surface="#1F232A",
    line="#313742",
    text="#E9ECF2",
    quiet="#A2ABBA",
    accent="#7C9DFF",
    on_accent="#10131A",
    good="#6BCB8F",
    attention="#F0B45A",
    bad="#FF8A80",
    hover="#2A2F38",
    field="#191C22",
)

CONTRAST_LIGHT = Tokens(
    name="contrast-light",
    background="#FFFFFF",
    surface="#FFFFFF",
    line="#000000",
    text="#000000",
    quiet="#000000",
    accent="#0032B4",
    on_accent="#FFFFFF",
    good="#00501E",
    attention="#6B3E00",
    bad="#8C0009",
    hover="#D9E3FF",
    field="#FFFFFF",
)
CONTRAST_DARK = Tokens(
    name="contrast-dark",
    background="#000000",
    surface="#000000",
    line="#FFFFFF",
    text="#FFFFFF",
    quiet="#FFFFFF",
    accent="#FFE600",
    on_accent="#000000",
    good="#7CFFA6",
    attention="#FFC247",
    bad="#FFA09A",
    hover="#333333",
    field="#000000",
)
"""For people who asked their system for more contrast."""


def resolve(scheme: Scheme, *, contrast: bool | None = None) -> Tokens:
    """The tokens for a choice; what the system says is asked of Qt, and light where it does not know."""
    if scheme is Scheme.SYSTEM:
        dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    else:
        dark = scheme is Scheme.DARK
    if contrast if contrast is not None else more_contrast():
        return CONTRAST_DARK if dark else CONTRAST_LIGHT
    return DARK if dark else LIGHT


def more_contrast() -> bool:
    """Whether the system asks for high contrast; Qt tells it from 6.10 on."""
    hints = QGuiApplication.styleHints()
    if not hasattr(hints, "accessibility"):
        return False
    return bool(hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast)


def palette(tokens: Tokens) -> QPalette:
    """Qt's palette, for all that the style sheet does not reach (menus, tool tips, selections)."""
    made = QPalette()
    role = QPalette.ColorRole
    for where, colour in (
        (role.Window, tokens.background),
        (role.WindowText, tokens.text),
        (role.Base, tokens.field),
        (role.AlternateBase, tokens.surface),
        (role.Text, tokens.text),
        (role.Button, tokens.surface),
        (role.ButtonText, tokens.text),
        (role.ToolTipBase, tokens.surface),
        (role.ToolTipText, tokens.text),
        (role.PlaceholderText, tokens.quiet),
        (role.Highlight, tokens.accent),
        (role.HighlightedText, tokens.on_accent),
        (role.Link, tokens.accent),
    ):
        made.setColor(where, QColor(colour))
    made.setColor(QPalette.ColorGroup.Disabled, role.Text, QColor(tokens.quiet))
    made.setColor(QPalette.ColorGroup.Disabled, role.ButtonText, QColor(tokens.quiet))
    return made


def monospace() -> QFont:
    """For passwords and fingerprints."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(13)
    return font


DISABLED_IN_CONTRAST = """
QPushButton:disabled, QPushButton[role="primary"]:disabled, QLineEdit:disabled, QComboBox:disabled {{
    background: {t.background}; border: 1px dashed {t.line}; }}
QPushButton:disabled, QPushButton[role="primary"]:disabled {{ font-weight: 400; }}
"""
"""Where no text is paler than another, a broken line says that something cannot be used now."""


def style_sheet(t: Tokens, mirrored: bool = False) -> str:
    """`mirrored`: for a language that is read from right to left."""
    end = "left" if mirrored else "right"
    check, arrow = (resource(f"controls/{what}-{t.name}.svg").as_posix() for what in ("check", "arrow"))
    return f"""
* {{ font-size: 13px; }}
QMainWindow, QDialog, QWizard {{ background: {t.background}; }}
QWidget {{ color: {t.text}; }}
QToolTip {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.line}; padding: 4px; }}
QLabel[role="title"] {{ font-size: 20px; font-weight: 600; }}
QLabel[role="heading"] {{ font-size: 15px; font-weight: 600; }}
QLabel[role="section"] {{ font-size: 12px; font-weight: 600; color: {t.quiet}; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="quiet"] {{ font-size: 12px; color: {t.quiet}; }}
QLabel[role="toast"] {{ background: {t.text}; color: {t.background}; border-radius: 8px; padding: 8px 14px; }}
QLabel[role="bad"] {{ color: {t.bad}; }}
QFrame[role="card"] {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: 8px; }}
QFrame[role="banner"] {{ background: {t.surface}; border: 1px solid {t.attention}; border-radius: 8px; }}
QFrame[role="banner"][tone="bad"] {{ border: 1px solid {t.bad}; }}
QFrame[role="banner"][tone="busy"] {{ border: 1px solid {t.accent}; }}
QFrame[role="banner"][tone="quiet"] {{ border: 1px solid {t.line}; }}
QFrame[role="sidebar"] {{ background: {t.background}; border: none; border-{end}: 1px solid {t.line}; }}
QFrame[role="rule"] {{ background: {t.line}; border: none; max-height: 1px; min-height: 1px; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QLineEdit, QComboBox, QSpinBox, QPlainTextEdit {{
    background: {t.field}; border: 1px solid {t.line}; border-radius: 6px; padding: 6px 8px; min-height: 18px;
    selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QPlainTextEdit:focus {{
    border: 2px solid {t.accent}; padding: 5px 7px; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: url("{arrow}"); width: 16px; height: 16px; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {t.quiet}; background: {t.background}; }}
QLineEdit[role="code"] {{ font-size: 20px; }}
QLineEdit[wrong="true"] {{ border: 2px solid {t.bad}; padding: 5px 7px; }}
QComboBox QAbstractItemView {{ background: {t.surface}; border: 1px solid {t.line}; outline: none;
    selection-background-color: {t.hover}; selection-color: {t.text}; }}
QPushButton {{
    background: {t.surface}; border: 1px solid {t.line}; border-radius: 6px; padding: 6px 12px; min-height: 18px; }}
QPushButton:hover {{ background: {t.hover}; }}
QPushButton:focus {{ border: 2px solid {t.accent}; padding: 5px 11px; }}
QPushButton:disabled {{ color: {t.quiet}; }}
QPushButton[role="primary"] {{
    background: {t.accent}; color: {t.on_accent}; border: 1px solid {t.accent}; font-weight: 600; }}
QPushButton[role="primary"]:hover {{ border: 1px solid {t.text}; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {t.text}; }}
QPushButton[role="primary"]:disabled {{ background: {t.hover}; color: {t.quiet}; border: 1px solid {t.line}; }}
QPushButton[role="danger"] {{ color: {t.bad}; }}
QPushButton[role="link"] {{
    background: transparent; border: none; color: {t.accent}; padding: 2px 4px; text-align: left; }}
QPushButton[role="link"]:hover {{ text-decoration: underline; }}
QPushButton[role="link"]:focus {{ border: 2px solid {t.accent}; border-radius: 4px; padding: 0px 2px; }}
QPushButton[role="nav"] {{
    background: transparent; border: none; text-align: left; padding: 7px 10px; border-radius: 6px; }}
QPushButton[role="nav"]:hover, QPushButton[role="nav"]:checked {{ background: {t.hover}; }}
QPushButton[role="nav"]:focus {{ border: 2px solid {t.accent}; padding: 5px 8px; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; }}
QToolButton:hover {{ background: {t.hover}; }}
QToolButton:focus {{ border: 2px solid {t.accent}; padding: 3px; }}
QToolButton::menu-indicator {{ image: none; }}
QListView {{ background: transparent; border: none; outline: none; }}
QMenu {{ background: {t.surface}; border: 1px solid {t.line}; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {t.hover}; }}
QMenu::item:disabled {{ color: {t.quiet}; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 8px; }}
QProgressBar {{ background: {t.background}; border: 1px solid {t.line}; border-radius: 3px; max-height: 6px;
    min-height: 6px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: {SCROLL_BAR}px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {t.line}; border-radius: 5px; min-height: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar:horizontal {{ background: transparent; height: {SCROLL_BAR}px; margin: 0; }}
QScrollBar::handle:horizontal {{ background: {t.line}; border-radius: 5px; min-width: 24px; }}
QCheckBox, QRadioButton {{ spacing: 8px; padding: 3px; border: 2px solid transparent; border-radius: 6px; }}
QCheckBox[bare="true"] {{ spacing: 0; }}
QCheckBox:focus, QRadioButton:focus {{ border: 2px solid {t.accent}; }}
QCheckBox::indicator, QRadioButton::indicator {{
    width: 16px; height: 16px; background: {t.field}; border: 1px solid {t.quiet}; }}
QCheckBox::indicator {{ border-radius: 4px; }}
QRadioButton::indicator {{ border-radius: 9px; }}
QCheckBox::indicator:checked {{ background: {t.accent}; border: 1px solid {t.accent}; image: url("{check}"); }}
QRadioButton::indicator:checked {{ width: 8px; height: 8px; background: {t.field}; border: 5px solid {t.accent}; }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {t.line}; }}
QMenu::indicator {{ width: 12px; height: 12px; margin-left: 6px; }}
QMenu::indicator:checked {{ background: {t.accent}; border: 2px solid {t.surface}; border-radius: 8px; }}
QMenu::right-arrow {{ width: 12px; height: 12px; }}
QListWidget {{ background: {t.field}; border: 1px solid {t.line}; border-radius: 6px; padding: 4px; }}
QListWidget::item {{ padding: 6px 8px; border-radius: 4px; color: {t.text}; }}
QListWidget::item:selected {{ background: {t.hover}; color: {t.text}; }}
QListWidget:focus {{ border: 2px solid {t.accent}; padding: 3px; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {t.line}; }}
QTabBar::tab {{ background: transparent; color: {t.quiet}; padding: 6px 12px; border: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {t.text}; border-bottom: 2px solid {t.accent}; }}
QTabBar::tab:focus {{ border: 2px solid {t.accent}; border-radius: 6px; }}
QTextBrowser {{ background: transparent; border: none; }}
{DISABLED_IN_CONTRAST.format(t=t) if t.quiet == t.text else ""}"""


def apply(app: QApplication, scheme: Scheme) -> Tokens:
    """Dress the whole application; return the tokens in force."""
    return dress(app, resolve(scheme))


def dress(app: QApplication, tokens: Tokens) -> Tokens:
    app.setStyle("Fusion")
    app.setPalette(palette(tokens))
    app.setStyleSheet(style_sheet(tokens, app.layoutDirection() is Qt.LayoutDirection.RightToLeft))
    return tokens
