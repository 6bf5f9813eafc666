"""Fixtures of the desktop: a screen for the session, and the whole application with one account for a module."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from bridge_gui.demo import corpora
from bridge_gui.demo.profiles import ANNA, BO
from bridge_gui.demo.server import DemoServer
from bridge_gui.demo.world import World
from tests.desktop.running import options
from tests.desktop.screen import Screen, screen
from tests.desktop.whole import Whole, close_loop, whole
from tests.qt_garbage import garbage_of_qt_ends_here as garbage_of_qt_ends_here
from tests.qt_garbage import no_garbage_of_qt_stays as no_garbage_of_qt_stays


@pytest.fixture(scope="session")
def x11() -> Iterator[Screen]:
    with screen() as made:
        yield made


@pytest.fixture(scope="session", autouse=True)
def end_of_the_loop() -> Iterator[None]:
    yield
    close_loop()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """The demo service on a thread of its own, with little mail."""
    world = World(profiles=(ANNA, BO), cache_folder=tmp_path_factory.mktemp("keys"))
    corpora.populate(world, messages=20)
    server = DemoServer(world=world, thread=True)
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("states")
    (made / "passphrase").write_text("correct horse\n")
    return made


@pytest.fixture(scope="module")
def running(service: DemoServer, folder: Path, qapp: QApplication) -> Iterator[Whole]:
    """The application with one account, on a profile as a person has it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRIDGE_GUI_API_URL", service.url)
        with whole(qapp, options(folder)) as made:
            made.until(lambda: made.tray == ("normal", "No account yet"))
            made.post("/v1/login", {"username": ANNA.username, "password": ANNA.password})
            made.well()
            made.post("/v1/clients", {"label": "Mail", "account": ANNA.username})
            made.until(lambda: made.state.clients)
            yield made


@pytest.fixture
def app(running: Whole, service: DemoServer) -> Iterator[Whole]:
    running.well()
    yield running
    service.world.faults.clear()
