"""Where cyclic garbage is collected."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from bridge_gui.ui.garbage import Collector, due

USUAL = (700, 10, 10)


@pytest.mark.parametrize(
    ("counts", "whole", "generation"),
    [
        ((700, 10, 10), True, None),
        ((701, 0, 0), True, 0),
        ((701, 11, 0), True, 1),
        ((0, 11, 0), False, 1),
        ((701, 11, 11), True, 2),
        ((701, 11, 11), False, 1),
        ((0, 0, 11), False, None),
    ],
)
def test_what_is_due(counts: tuple[int, int, int], whole: bool, generation: int | None) -> None:
    assert due(counts, USUAL, whole=whole) == generation


def test_a_generation_that_is_switched_off_is_never_due() -> None:
    assert due((9_000, 0, 0), (0, 10, 10), whole=True) is None


class Cycle:
    """Unreachable, but for itself."""

    def __init__(self, ended: list[int]) -> None:
        self.me = self
        weakref.finalize(self, lambda: ended.append(threading.get_ident()))


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[Collector]:
    gc.collect()
    gc.enable()
    made = Collector()
    made.start()
    assert not gc.isenabled()
    yield made
    made.stop()
    assert gc.isenabled()
    gc.disable()


def test_garbage_of_another_thread_ends_on_this_one(qtbot: QtBot, collector: Collector) -> None:
    ended: list[int] = []

    def litter() -> None:
        for _ in range(5_000):
            Cycle(ended)

    thread = threading.Thread(target=litter)
    thread.start()
    thread.join()
    assert ended == []
    qtbot.waitUntil(lambda: len(ended) == 5_000)
    assert set(ended) == {threading.get_ident()}
