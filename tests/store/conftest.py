from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge_gui.store.db import Store
from tests.store.samples import KEY, SYSTEM


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store with system labels, listed."""
    store = await Store.open(tmp_path / "mail.db", KEY)
    await store.set_labels(SYSTEM)
    await store.begin_listing()
    await store.finish_listing()
    try:
        yield store
    finally:
        await store.close()
