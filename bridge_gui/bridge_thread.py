"""The border between two loops: a core on its own loop in its own thread, called and watched from another.

Calls go down as coroutines handed to the core's loop; snapshots come up by a callback on the core's thread. Only plain
frozen data crosses.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar, cast

from bridge_gui.aio import TaskOwner
from bridge_gui.errors import NoCore
from bridge_gui.state import BridgeState

if TYPE_CHECKING:
    from bridge_gui.bridge import Bridge

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)


class Core(Protocol):
    """What the opener yields."""

    @property
    def bridge(self) -> Bridge: ...


class BridgeThread:
    """Run a core in a thread of its own.

    `bridge` stands in for the core's bridge: its methods are named there and run by `call`, which waits until the core
    is up. It holds nothing else, and may be had before `start`.
    """

    def __init__(
        self,
        opener: Callable[[], AbstractAsyncContextManager[Core]],
        on_state: Callable[[BridgeState], None],
        on_failed: Callable[[BaseException], None],
    ) -> None:
        self._opener = opener
        self._on_state = on_state
        self._on_failed = on_failed
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="core")
        self._up: asyncio.Future[Bridge] = self._loop.create_future()
        self._stop = asyncio.Event()
        self._ended = threading.Event()
        self.bridge = cast("Bridge", _Names(self._up))

    def start(self) -> None:
        """Start the thread and return at once."""
        self._thread.start()

    async def call(self, method: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a method of `bridge` on the core's loop and await its result on this one. Cancelling goes through."""

        async def work() -> R:
            return await method(*args, **kwargs)

        if self._ended.is_set():
            raise NoCore("The core has ended.", remedy="")
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), self._loop))

    async def stop(self) -> None:
        """End the core and its thread; return when both are gone."""
        if not self._thread.is_alive():
            return
        with contextlib.suppress(RuntimeError):  # the loop closed in this very moment
            self._loop.call_soon_threadsafe(self._stop.set)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._live())
        except BaseException as error:
            log.info("the core ended with %s", type(error).__name__)
            if not self._up.done():
                self._up.cancel()
            self._on_failed(error)
        finally:
            self._ended.set()

    async def _live(self) -> None:
        tasks = TaskOwner("core")
        async with self._opener() as core:
            self._up.set_result(core.bridge)
            tasks.start(self._watch(core.bridge), "watch")
            asked = tasks.start(core.bridge.asked_to_quit(), "asked to quit")
            stopped = tasks.start(self._stop.wait(), "stopped")
            await asyncio.wait({asked, stopped}, return_when=asyncio.FIRST_COMPLETED)
            self._on_state(core.bridge.now())  # says that the core is stopping, if somebody else asked for it
            await tasks.close()

    async def _watch(self, bridge: Bridge) -> None:
        async for state in bridge.state.watch():
            self._on_state(state)


class _Names:
    """Turns a name into a coroutine function that runs the bridge's method of that name once the core is up."""

    def __init__(self, up: asyncio.Future[Bridge]) -> None:
        self._up = up

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def call(*args: Any, **kwargs: Any) -> Any:
            bridge = await asyncio.shield(self._up)
            return await getattr(bridge, name)(*args, **kwargs)

        call.__name__ = name
        return call
