"""The core that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.programs.core import DemoCore, running_core


@pytest.fixture(scope="session")
def demo_core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCore]:
    """One core for all tests of this folder: each test uses mailboxes and programs of its own."""
    with running_core(tmp_path_factory.mktemp("profile")) as core:
        yield core
