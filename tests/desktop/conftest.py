"""Fixtures of the desktop: a screen for the session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.desktop.screen import Screen, screen


@pytest.fixture(scope="session")
def x11() -> Iterator[Screen]:
    with screen() as made:
        yield made
