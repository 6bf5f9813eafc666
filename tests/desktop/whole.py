"""The whole application in the tests' process: tray, window and a core in its thread, and what a person sees of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from bridge_gui.bridge import Bridge
from bridge_gui.config import Profile
from bridge_gui.control.client import ControlClient
from bridge_gui.core.proton import ProtonService
from bridge_gui.options import StartOptions, profile_of
from bridge_gui.shell import Shell
from bridge_gui.state import AccountState, BridgeState
from bridge_gui.ui import tray_menu
from bridge_gui.ui.garbage import Collector
from bridge_gui.ui.tray import Tray
from bridge_gui.ui.tray_menu import Entry
from bridge_gui.ui.widgets import Banner
from tests.ports import choose_ports

WAIT_SECONDS = 20.0


@dataclass(frozen=True)
class Whole:
    """One running application."""

    shell: Shell
    profile: Profile

    @property
    def state(self) -> BridgeState:
        return self.shell.observer.state

    @property
    def account(self) -> AccountState:
        return self.state.accounts[0]

    def until(self, condition: Callable[[], object], *, hurry: bool = False) -> None:
        """Let Qt and both loops run until something is true; `hurry` the accounts each second, as a poll that is under
        way at this moment takes no notice."""
        deadline = time.monotonic() + WAIT_SECONDS
        again = time.monotonic() + 1.0
        while not condition():
            assert time.monotonic() < deadline, (self.tray, self.banners, self.state.notices)
            QApplication.processEvents()
            if hurry and time.monotonic() > again:
                self.hurry()
                again += 1.0
            time.sleep(0.01)  # QTest.qWait would keep Python's lock, and the core's thread waiting

    def well(self) -> None:
        """Wait until nothing is wrong and nothing is left to do."""
        self.until(lambda: self.tray == ("normal", "Up to date"))

    # ------------------------------------------------------------------ what is seen

    @property
    def tray(self) -> tuple[str, str]:
        """The icon's state and its words."""
        face = tray_menu.face(self.state)
        return face.state, face.tooltip.removeprefix("Bridge Manager\n")

    @property
    def menu(self) -> list[str]:
        """All lines of the tray's menu that can be chosen."""

        def texts(entries: tuple[Entry, ...]) -> Iterator[str]:
            for entry in entries:
                if entry.wish is not None:
                    yield entry.text
                yield from texts(entry.children)

        return list(texts(tray_menu.menu(self.state)))

    @property
    def banners(self) -> list[str]:
        """The sentences in the window that ask for something."""
        return [banner.text() for banner in self.shown_banners()]

    def press(self, words: str, button: str) -> None:
        """Press the button of the banner that holds these words."""
        found = [banner for banner in self.shown_banners() if words in banner.text()]
        assert found, (words, self.banners)
        assert found[0].action.text() == button
        QTest.mouseClick(found[0].action, Qt.MouseButton.LeftButton)

    def shown_banners(self) -> list[Banner]:
        return [banner for banner in self.shell.window.findChildren(Banner) if banner.isVisible()]

    # ------------------------------------------------------------------ the command line beside it

    def get(self, path: str) -> Any:
        with ControlClient(self.profile) as core:
            return core.get(path)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        with ControlClient(self.profile) as core:
            return core.post(path, body)

    def put(self, path: str, body: dict[str, Any]) -> Any:
        with ControlClient(self.profile) as core:
            return core.put(path, body)

    def in_core(self, work: Callable[[Bridge], Coroutine[Any, Any, None]]) -> None:
        """Do something inside the core, on its own loop, that only an accident or a sleeping computer would do."""
        bridge = self.shell.thread_._up.result()
        asyncio.run_coroutine_threadsafe(work(bridge), self.shell.thread_._loop).result(10)

    def hurry(self) -> None:
        """Have the accounts ask the service at once, as when the computer wakes."""

        async def wake(bridge: Bridge) -> None:
            connectivity = cast(ProtonService, bridge._open.service)._connectivity
            connectivity._publish(wakes=connectivity.state.value.wakes + 1)

        self.in_core(wake)
        for account in self.state.accounts:
            self.post(f"/v1/accounts/{account.username}/resume")


@lru_cache(maxsize=1)
def _loop(qapp: QApplication) -> QEventLoop:
    """One loop for all applications of this process: a loop of qasync's that ends takes Qt's own along. `close_loop`
    ends it with the session."""
    loop = QEventLoop(qapp, already_running=True)
    loop.set_default_executor(ThreadPoolExecutor(4))
    return loop


def close_loop() -> None:
    """Before Qt itself goes."""
    if _loop.cache_info().currsize and isinstance(app := QApplication.instance(), QApplication):
        loop = _loop(app)
        loop.stop()
        loop.close()
        _loop.cache_clear()


@contextmanager
def whole(
    qapp: QApplication, options: StartOptions, *, hidden: bool = False, no_tray_after_ms: int = 10_000
) -> Iterator[Whole]:
    """Run the application until the end of the block."""
    choose_ports(profile_of(options).config)
    before = asyncio.events._get_running_loop()
    loop = _loop(qapp)
    asyncio.events._set_running_loop(loop)
    collector = Collector()
    collector.start()
    shell = Shell(qapp, options, Tray(), hidden=hidden, no_tray_after_ms=no_tray_after_ms)
    shell.tray.start()
    shell.show()
    try:
        yield Whole(shell, profile_of(options))
    finally:
        ending = loop.create_task(shell.end())
        while not ending.done():
            qapp.processEvents()
            time.sleep(0.001)
        ending.result()
        for one in (shell._window, shell.tray, shell.tray.menu):  # none may outlive the QApplication
            if one is not None:
                shiboken6.delete(one)
        collector.stop()
        asyncio.events._set_running_loop(before)
