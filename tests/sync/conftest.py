"""A demo service for each test, on the test's own loop, so that a test may change its state at any time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bridge_gui.demo import corpora
from bridge_gui.demo.profiles import ANNA, BO
from bridge_gui.demo.server import DemoServer
from bridge_gui.demo.world import World
from tests.sync.account import Account, account

NEWEST = 1_780_000_000.0
"""Time of the newest mail, so that a test's mailbox is the same in each run."""


@pytest.fixture(scope="session")
def key_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo-keys")


Serve = Callable[[int], AbstractAsyncContextManager[DemoServer]]


@pytest.fixture
def serve(key_cache: Path) -> Serve:
    """Return a function that serves two accounts, of which the first has so many messages."""

    @asynccontextmanager
    async def serving(messages: int) -> AsyncIterator[DemoServer]:
        world = World(profiles=(ANNA, BO), cache_folder=key_cache)
        corpora.populate(world, messages=messages, now=NEWEST)
        async with DemoServer(world=world) as server:
            yield server

    return serving


@pytest.fixture
async def server(serve: Serve) -> AsyncIterator[DemoServer]:
    async with serve(40) as serving:
        yield serving


@pytest.fixture
async def anna(server: DemoServer, tmp_path: Path) -> AsyncIterator[Account]:
    """The first account, signed in, nothing synchronised yet."""
    async with account(server, tmp_path / "anna.db") as signed_in:
        yield signed_in
