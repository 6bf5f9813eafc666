from __future__ import annotations

import threading
from dataclasses import replace

from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from bridge_gui.state import BridgeState
from bridge_gui.ui.observer import Observer
from tests.ui.snapshots import EMPTY, USUAL


def test_a_snapshot_crosses_from_another_thread(qtbot: QtBot) -> None:
    observer = Observer()
    with qtbot.waitSignal(observer.changed) as told:
        threading.Thread(target=observer.put, args=(USUAL,)).start()
    assert told.args == [USUAL]
    assert observer.state == USUAL


def test_a_storm_costs_one_repaint(qtbot: QtBot) -> None:
    observer = Observer()
    seen: list[BridgeState] = []
    observer.changed.connect(seen.append)
    states = [replace(EMPTY, core=replace(EMPTY.core, pid=number)) for number in range(1, 10_001)]
    with qtbot.waitSignal(observer.changed):
        for state in states:
            observer.put(state)
    assert seen == [states[-1]]


def test_while_much_changes_there_is_a_pause_after_each(qtbot: QtBot) -> None:
    observer = Observer()
    observer.put(USUAL)
    qtbot.waitUntil(lambda: observer.state == USUAL)  # at once, as it was quiet
    observer.put(EMPTY)
    QCoreApplication.processEvents()
    assert observer.state == USUAL
    qtbot.waitUntil(lambda: observer.state == EMPTY)  # and the last is never lost


def test_an_equal_snapshot_tells_nothing(qtbot: QtBot) -> None:
    observer = Observer()
    observer.put(USUAL)
    qtbot.waitUntil(lambda: observer.state == USUAL)
    with qtbot.assertNotEmitted(observer.changed, wait=50):
        observer.put(replace(USUAL))
