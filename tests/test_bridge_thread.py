"""The border between two loops."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge_gui.answers import SignedIn
from bridge_gui.bridge_thread import BridgeThread
from bridge_gui.errors import BridgeError, NoCore, Refused
from bridge_gui.secret import Secret
from bridge_gui.state import BridgeState, CorePhase
from tests.core.fakes import Rig


class Window:
    """What stands on this side."""

    def __init__(self, folder: Path, fault: BridgeError | None = None) -> None:
        self.states: list[BridgeState] = []
        self.threads: set[int] = set()
        self.failures: list[BaseException] = []
        self._folder = folder
        self._fault = fault
        self.thread = BridgeThread(self._open, self._on_state, self.failures.append)

    @contextlib.asynccontextmanager
    async def _open(self) -> AsyncIterator[Rig]:
        if self._fault is not None:
            raise self._fault
        async with Rig(self._folder, window=True) as rig:
            yield rig

    def _on_state(self, state: BridgeState) -> None:
        self.states.append(state)
        self.threads.add(threading.get_ident())


async def test_calls_go_down_and_snapshots_come_up(tmp_path: Path) -> None:
    window = Window(tmp_path)
    core, bridge = window.thread, window.thread.bridge
    login, status = bridge.login, bridge.settings  # named before the core is there
    core.start()
    assert len(await core.call(status)) > 5
    assert isinstance(await core.call(login, "anna", Secret("anna-pass")), SignedIn)
    account = await core.call(bridge.find_account, "anna")
    with pytest.raises(Refused):
        await core.call(bridge.wait, account, "synced", 0.01)
    await core.stop()
    assert window.states[-1].accounts[0].username == "anna"
    assert window.threads.isdisjoint({threading.get_ident()})
    assert window.failures == []
    with pytest.raises(NoCore):
        await core.call(status)


async def test_cancelling_goes_through(tmp_path: Path) -> None:
    window = Window(tmp_path)
    core, bridge = window.thread, window.thread.bridge
    core.start()
    await core.call(bridge.login, "anna", Secret("anna-pass"))
    account = await core.call(bridge.find_account, "anna")
    waiting = asyncio.create_task(core.call(bridge.wait, account, "synced", None))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(20):
        await core.stop()


async def test_a_core_that_is_ended_by_others_says_so(tmp_path: Path) -> None:
    window = Window(tmp_path)
    core = window.thread
    core.start()
    await core.call(core.bridge.quit)
    async with asyncio.timeout(20):
        await core.stop()
    assert window.states[-1].core.phase is CorePhase.STOPPING
    assert window.failures == []


async def test_a_core_that_cannot_start_says_why(tmp_path: Path) -> None:
    window = Window(tmp_path, BridgeError("no folder"))
    core = window.thread
    asked = asyncio.create_task(core.call(core.bridge.settings))
    await asyncio.sleep(0)
    core.start()
    with pytest.raises((asyncio.CancelledError, NoCore)):
        await asked
    await core.stop()
    assert [str(error) for error in window.failures] == ["no folder"]
