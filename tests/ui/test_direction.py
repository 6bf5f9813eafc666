"""The window of a language that is read from right to left: sides turn round, paths and addresses do not."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from bridge_gui.ui import theme
from bridge_gui.ui.direction import indent, runs_from_right
from bridge_gui.ui.widgets import Elided

PATH = "/home/anna/.thunderbird/prefs.js"


@pytest.fixture
def mirrored(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.mark.parametrize(
    ("text", "from_right"),
    [
        (PATH, False),
        ("~/.mbsyncrc", False),
        ("41 % · 2 min", False),
        ("127.0.0.1", False),
        ("", False),
        ("שלום anna", True),
        ("… مرحبا", True),
        ("anna שלום", False),
    ],
)
def test_a_text_runs_as_its_first_letter_does(text: str, from_right: bool) -> None:
    assert runs_from_right(text) is from_right


def ink(text: str) -> list[int]:
    """How dark each column of a label is, from the first one with ink to the last."""
    made = Elided(text)
    made.resize(made.fontMetrics().horizontalAdvance(text) + 40, 24)
    return columns(made)


def columns(label: Elided) -> list[int]:
    image = label.grab().toImage()
    paper = image.pixelColor(0, 0).lightness()
    dark = [sum(abs(paper - image.pixelColor(x, y).lightness()) for y in range(24)) for x in range(image.width())]
    inked = [x for x, amount in enumerate(dark) if amount]
    return dark[inked[0] : inked[-1] + 1]


def apart(one: list[int], other: list[int]) -> int:
    return sum(abs(a - b) for a, b in zip_longest(one, other, fillvalue=0))


@pytest.mark.parametrize("share", [2.0, 0.5])
def test_a_path_keeps_its_slash_and_its_ellipsis(qapp: QApplication, qtbot: QtBot, share: float) -> None:
    """Whole in a wide label, cut in a narrow one: it looks as elsewhere, not as it would when it ran from the right."""
    label = Elided(PATH)
    qtbot.addWidget(label)
    label.resize(int(label.fontMetrics().horizontalAdvance(PATH) * share), 24)
    shown = label._fitted()
    cut = shown.endswith("…")
    assert cut is (share < 1)
    wrong = f"…{shown[1:-1]}/" if cut else f"{shown[1:]}/"
    right_ink, wrong_ink = ink(shown), ink(wrong)
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        turned = columns(label)
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert apart(turned, right_ink) < apart(turned, wrong_ink)


@pytest.mark.usefixtures("mirrored")
def test_indents_turn_round(qtbot: QtBot) -> None:
    whose = QWidget()
    qtbot.addWidget(whose)
    layout = QVBoxLayout(whose)
    indent(layout, 36, 1, 8, 2)
    margins = layout.contentsMargins()
    assert (margins.left(), margins.top(), margins.right(), margins.bottom()) == (8, 1, 36, 2)


def test_the_line_beside_the_sidebar_turns_round() -> None:
    for turned, side in ((False, "right"), (True, "left")):
        (line,) = (each for each in theme.style_sheet(theme.LIGHT, turned).splitlines() if '"sidebar"' in each)
        assert f"border-{side}:" in line


@pytest.mark.parametrize(
    ("tokens", "broken"),
    [(theme.LIGHT, False), (theme.DARK, False), (theme.CONTRAST_LIGHT, True), (theme.CONTRAST_DARK, True)],
    ids=lambda value: value.name if isinstance(value, theme.Tokens) else "",
)
def test_where_no_text_is_paler_a_broken_line_shows_what_cannot_be_used(tokens: theme.Tokens, broken: bool) -> None:
    assert ("1px dashed" in theme.style_sheet(tokens)) is broken
