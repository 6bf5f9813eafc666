"""Every page, dialog and state of the gallery: nothing cut off, nothing untranslated, nothing without a name."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from bridge_gui.ui import languages
from tests.ui import inspection


@pytest.fixture
def english_afterwards(qapp: QApplication) -> Iterator[None]:
    yield
    languages.apply(qapp, "en")


@pytest.mark.timeout(180)
@pytest.mark.usefixtures("english_afterwards", "tokens")
@pytest.mark.parametrize("language", languages.KNOWN)
def test_everything_can_be_read_reached_and_heard(language: str) -> None:
    assert list(inspection.look_over(language)) == []


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_longest_texts_fit_at_double_size() -> None:
    environment = {**os.environ, "QT_SCALE_FACTOR": "2", "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.inspection", "ru"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr[-2000:]


@pytest.fixture
def page(qtbot: QtBot, tokens: object) -> QWidget:
    made = QWidget()
    made.setLayout(QHBoxLayout())
    made.resize(300, 80)
    qtbot.addWidget(made)
    return made


class TestItFinds:
    """What is to be trusted has to be able to fail."""

    def test_labels_that_lie_over_each_other(self, page: QWidget) -> None:
        for left in (10, 40):
            label = QLabel("Some words", page)
            label.move(left, 10)
        page.show()
        assert ["over each other" in one for one in inspection.overlapping(page)] == [True]

    def test_a_label_that_is_too_narrow(self, page: QWidget) -> None:
        label = QLabel("A sentence that is longer than its room")
        label.setFixedWidth(60)
        page.layout().addWidget(label)
        page.show()
        assert ["needs" in one for one in inspection.cut_off(page)] == [True]

    def test_lines_that_are_not_shown(self, page: QWidget) -> None:
        label = QLabel("A sentence that needs several lines in a column that is so narrow")
        label.setWordWrap(True)
        label.setFixedSize(80, 20)
        page.layout().addWidget(label)
        page.show()
        assert ["height" in one for one in inspection.cut_off(page)] == [True]

    def test_what_sticks_out(self, page: QWidget) -> None:
        button = QPushButton("Press", page)
        button.setGeometry(280, 10, 90, 30)
        page.show()
        assert ["sticks out" in one for one in inspection.cut_off(page)] == [True]

    def test_english_among_russian(self, page: QWidget) -> None:
        for text in ("Пароль для Thunderbird", "Saved", "anna@bridge.example"):
            page.layout().addWidget(QLabel(text))
        page.show()
        assert [one.split("'")[1] for one in inspection.english_words(page)] == ["Saved"]

    def test_a_field_without_a_name(self, page: QWidget) -> None:
        page.layout().addWidget(QLineEdit())
        page.show()
        assert [one.split(" has ")[1] for one in inspection.nameless(page)] == ["no name"]
