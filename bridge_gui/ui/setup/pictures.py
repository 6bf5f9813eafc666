"""The drawings of the guided steps: SVGs of `resources/pictures`, in the colours in force.

They hold no words, so that they need no translation; colours are written as `token-` and the token's name.
"""

from __future__ import annotations

from dataclasses import fields

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel

from bridge_gui.config import resource
from bridge_gui.ui.theme import Tokens

WIDTH, HEIGHT = 300, 150


def picture(name: str, tokens: Tokens) -> QLabel:
    """A drawing as a label, sharp on every screen; the words of its step say the same."""
    made = QLabel()
    made.setFixedSize(WIDTH, HEIGHT)
    made.setPixmap(pixmap(name, tokens, made.devicePixelRatioF()))
    return made


def pixmap(name: str, tokens: Tokens, ratio: float = 1.0) -> QPixmap:
    svg = resource(name).read_text(encoding="utf-8")
    # The longest name first: `on_accent` must not be taken for `accent`.
    for token in sorted((entry.name for entry in fields(tokens)), key=len, reverse=True):
        svg = svg.replace(f"token-{token}", getattr(tokens, token))
    made = QPixmap(QSize(round(WIDTH * ratio), round(HEIGHT * ratio)))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, made.width(), made.height()))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made
