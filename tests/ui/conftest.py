"""Fixtures for the window: a bridge that records what is asked of it, and the style in force."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from qasync import QEventLoop

from bridge_gui.ui import languages, theme
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from tests.qt_garbage import garbage_of_qt_ends_here as garbage_of_qt_ends_here
from tests.qt_garbage import no_garbage_of_qt_stays as no_garbage_of_qt_stays
from tests.ui.recording import RecordingBridge

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


class Direct:
    """A border with the same loop on both sides."""

    async def call(self, method: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        return await method(*args, **kwargs)


@pytest.fixture(scope="session", autouse=True)
def in_english(qapp: QApplication) -> None:
    """Plurals come from a catalogue, in English as well."""
    languages.apply(qapp, "en")


@pytest.fixture
def tokens(qapp: QApplication) -> theme.Tokens:
    return theme.apply(qapp, theme.Scheme.LIGHT)


@pytest.fixture(scope="session")
def session_loop(qapp: QApplication) -> Iterator[QEventLoop]:
    """One loop for all tests of the window: stopping qasync's loop makes Qt quit, and no later loop would turn."""
    loop = QEventLoop(qapp, already_running=True)
    asyncio.events._set_running_loop(None)
    yield loop
    loop.stop()
    loop.close()


@pytest.fixture
def qt_loop(session_loop: QEventLoop) -> Iterator[QEventLoop]:
    """qasync's loop as the running one, so that buttons can start tasks; qtbot's waits drive it."""
    asyncio.events._set_running_loop(session_loop)
    yield session_loop
    asyncio.events._set_running_loop(None)


@pytest.fixture
def bridge() -> RecordingBridge:
    return RecordingBridge()


@pytest.fixture
def actions(qtbot: QtBot, qt_loop: QEventLoop, bridge: RecordingBridge) -> Actions:
    return Actions(Direct(), bridge)  # type: ignore[arg-type]


@pytest.fixture
def clipboard(qapp: QApplication) -> Iterator[Clipboard]:
    made = Clipboard()
    yield made
    made.clear_secret()


@pytest.fixture
def places(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
