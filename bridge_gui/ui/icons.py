"""Icons from `resources/`, drawn in the colour asked for; the SVGs use `currentColor`."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from bridge_gui.config import resource


@lru_cache(maxsize=128)
def _source(path: str) -> str:
    return resource(path).read_text(encoding="utf-8")


def pixmap(path: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """One SVG below `resources/` as a pixmap of `size` logical pixels."""
    svg = _source(path).replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    made = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    renderer.render(painter, QRectF(0, 0, made.width(), made.height()))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


@lru_cache(maxsize=256)
def icon(name: str, colour: str) -> QIcon:
    """A small icon for buttons and lists (18 px, sharp up to 300 %)."""
    made = QIcon()
    for ratio in (1.0, 2.0, 3.0):
        made.addPixmap(pixmap(f"icons/{name}.svg", colour, 18, ratio))
    return made


@lru_cache(maxsize=32)
def tray_icon(state: str, colour: str) -> QIcon:
    """The tray's icon for `normal`, `syncing`, `attention`, `offline` or `error`, in the panel's text colour."""
    made = QIcon()
    for size in (16, 22, 24, 32, 48, 64):
        made.addPixmap(pixmap(f"tray/{state}.svg", colour, size))
    return made


@lru_cache(maxsize=1)
def app_icon() -> QIcon:
    made = QIcon()
    for size in (16, 32, 48, 64, 128, 256):
        made.addPixmap(pixmap("icons/app.svg", "#000000", size))
    return made
