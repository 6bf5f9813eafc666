from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.send.post_office import PostOffice, post_office


@pytest.fixture(scope="session")
def key_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo-keys")


@pytest.fixture
async def office(key_cache: Path) -> AsyncIterator[PostOffice]:
    async with post_office(key_cache) as opened:
        yield opened
