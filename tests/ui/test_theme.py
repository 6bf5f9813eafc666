"""What is drawn can be told apart, in each of the four palettes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QProgressBar
from pytestqt.qtbot import QtBot

from bridge_gui.ui import theme
from bridge_gui.ui.theme import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT, Tokens


def luminance(colour: QColor) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(params=[LIGHT, DARK, CONTRAST_LIGHT, CONTRAST_DARK], ids=lambda tokens: tokens.name)
def dressed(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[Tokens]:
    yield theme.dress(qapp, request.param)
    theme.dress(qapp, LIGHT)


def test_how_far_a_bar_is_can_be_seen(qtbot: QtBot, dressed: Tokens) -> None:
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setValue(50)
    bar.resize(200, 6)
    qtbot.addWidget(bar)
    bar.show()
    picture = bar.grab().toImage()
    middle = picture.height() // 2
    done, rest = (picture.pixelColor(picture.width() * part // 4, middle) for part in (1, 3))
    assert contrast(done, rest) >= 3, (done.name(), rest.name())
