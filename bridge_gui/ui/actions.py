"""Wishes go down here: every button calls the core through `Actions.start`, which owns the task and shows a failure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Signal

from bridge_gui.aio import TaskOwner
from bridge_gui.errors import BridgeError
from bridge_gui.state import Problem

if TYPE_CHECKING:
    from bridge_gui.bridge import Bridge

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


class Border(Protocol):
    """The crossing to the core's loop: run a method of the bridge there and await its result here."""

    async def call(self, method: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T: ...


class Actions(QObject):
    """Run the window's wishes. `bridge` is only named to pick a method; it is never touched from Qt's thread."""

    failed = Signal(object)
    """A `Problem` to show."""
    done = Signal(str)
    """A short confirmation, such as *Copied*."""

    def __init__(self, border: Border, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._border = border
        self.bridge = bridge
        self._owner = TaskOwner("window")

    async def call(self, method: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Await one method of the bridge; raises what it raises."""
        return await self._border.call(method, *args, **kwargs)

    def start(self, work: Coroutine[Any, Any, object], name: str) -> asyncio.Task[None]:
        """Run `work` as a task of the window; its failure is shown, not lost."""
        return self._owner.start(self._shown(work), name)

    def wish(self, method: Callable[P, Awaitable[object]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call one method of the bridge and forget it; its failure is shown."""
        self.start(self.call(method, *args, **kwargs), getattr(method, "__name__", "wish"))

    async def _shown(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except BridgeError as error:
            self.failed.emit(problem_of(error))
        except Exception as error:
            log.exception("a wish of the window failed")
            self.failed.emit(
                Problem(
                    "internal",
                    QCoreApplication.translate("actions", "This did not work"),
                    QCoreApplication.translate(
                        "actions", "Bridge Manager met an error of its own. It goes on running."
                    ),
                    QCoreApplication.translate(
                        "actions", "Try again. If it happens again, report it from the Help menu."
                    ),
                    detail=type(error).__name__,
                )
            )

    async def close(self) -> None:
        await self._owner.close()


def problem_of(error: BridgeError) -> Problem:
    """An error as the value that banners show."""
    message = "" if error.message == error.title else error.message
    return Problem(error.code, error.title, message, error.remedy)
