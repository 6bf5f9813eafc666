"""Fixtures of the desktop: a screen for the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.desktop.screen import Screen, screen
from tests.desktop.whole import close_loop


@pytest.fixture(scope="session")
def x11() -> Iterator[Screen]:
    with screen() as made:
        yield made


@pytest.fixture(scope="session", autouse=True)
def end_of_the_loop() -> Iterator[None]:
    yield
    close_loop()
