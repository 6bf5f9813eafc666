"""Objects of Qt that tests leave behind end on the thread of the tests (see `bridge_gui.ui.garbage`).

Otherwise the thread of a core or of a demo service, in the same process, would end them, and their timers would be
called afterwards.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from bridge_gui.ui.garbage import due


@pytest.fixture(scope="module", autouse=True)
def no_garbage_of_qt_stays() -> Iterator[None]:
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def garbage_of_qt_ends_here(no_garbage_of_qt_stays: None) -> Iterator[None]:
    yield
    if (generation := due(gc.get_count(), gc.get_threshold(), whole=True)) is not None:
        gc.collect(generation)
