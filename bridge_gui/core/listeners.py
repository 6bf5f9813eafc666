"""The two ports for mail programs, on loopback only.

A port that another program has is a state, not an end: the next free one is offered, and the wanted one is tried again
now and then, as the other program may go away.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol as Face

from bridge_gui.aio import TaskOwner
from bridge_gui.core.probe import occupant
from bridge_gui.errors import BridgeError, PortBusy, PortForbidden
from bridge_gui.model import Protocol
from bridge_gui.state import ListenerPhase, ListenerState, Problem

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
RETRY_SECONDS = 10.0
_PORTS_TRIED = 500


class Server(Face):
    """What `imap.server` and `smtp.server` offer once they listen."""

    @property
    def port(self) -> int: ...

    def use_certificate(self, context: ssl.SSLContext) -> None: ...

    async def close(self) -> None:
        """Say good-bye on every connection and stop listening."""
        ...


Opener = Callable[[int, ssl.SSLContext], Awaitable[Server]]
"""Make a server that listens on a port; raise `PortBusy`."""


def is_free(port: int) -> bool:
    """Tell whether a port can be had on loopback at this moment."""
    for family, host in ((socket.AF_INET, HOST), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
                probe.listen(1)
        except OSError:
            if family == socket.AF_INET or _has_ipv6():
                return False
    return True


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def next_free(port: int, taken: Sequence[int] = ()) -> int | None:
    """Return the first free port from `port` upwards that is not in `taken`, or None."""
    for candidate in range(port, min(port + _PORTS_TRIED, 65536)):
        if candidate not in taken and is_free(candidate):
            return candidate
    return None


class Port:
    """One protocol's port: open, busy or closed."""

    def __init__(self, protocol: Protocol, opener: Opener, changed: Callable[[], None], tasks: TaskOwner) -> None:
        self.protocol = protocol
        self._opener = opener
        self._changed = changed
        self._tasks = tasks
        self._server: Server | None = None
        self._context: ssl.SSLContext | None = None
        self._retry: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self.state = ListenerState(protocol, HOST, 0, ListenerPhase.STOPPED)

    async def open(self, port: int, context: ssl.SSLContext, avoid: Sequence[int] = ()) -> None:
        """Listen on `port`; when it is busy, publish so and go on trying. An open port is closed first."""
        async with self._lock:
            await self._close()
            self._context = context
            refused = await self._open(port)
            if isinstance(refused, PortForbidden):
                problem = Problem(refused.code, refused.message.rstrip("."), remedy=refused.remedy)
                self._show(ListenerState(self.protocol, HOST, port, ListenerPhase.BUSY, problem))
            elif refused is not None:
                free = next_free(port + 1, avoid)
                self._show(ListenerState(self.protocol, HOST, port, ListenerPhase.BUSY, problem_of(port, free), free))
                self._retry = self._tasks.start(self._try_again(port, free), f"{self.protocol} port {port}")

    def use_certificate(self, context: ssl.SSLContext) -> None:
        """Serve connections that come from now on with another certificate."""
        self._context = context
        if self._server is not None:
            self._server.use_certificate(context)

    async def try_now(self) -> None:
        """Take a busy port at once if it is free by now."""
        async with self._lock:
            if self.state.phase is ListenerPhase.BUSY:
                await self._open(self.state.port)

    async def close(self) -> None:
        async with self._lock:
            await self._close()
            self._show(ListenerState(self.protocol, HOST, self.state.port, ListenerPhase.STOPPED))

    async def _open(self, port: int) -> PortBusy | None:
        if self._context is None:
            return None
        try:
            server = await self._opener(port, self._context)
        except PortBusy as busy:
            log.info("port %d for %s: %s", port, self.protocol, busy.code)
            return busy
        self._server = server
        self._show(ListenerState(self.protocol, HOST, server.port, ListenerPhase.LISTENING))
        return None

    async def _try_again(self, port: int, free: int | None) -> None:
        name = await occupant(port)
        if name and self._server is None:
            self._show(replace(self.state, problem=problem_of(port, free, name)))
        while self._server is None:
            await asyncio.sleep(RETRY_SECONDS)
            async with self._lock:
                if self._server is None:
                    await self._open(port)

    async def _close(self) -> None:
        if self._retry is not None and self._retry is not asyncio.current_task():
            self._retry.cancel()
            with contextlib.suppress(asyncio.CancelledError, BridgeError, OSError):
                await self._retry
            self._retry = None
        if self._server is not None:
            server, self._server = self._server, None
            await server.close()

    def _show(self, state: ListenerState) -> None:
        if state != self.state:
            self.state = state
            self._changed()


def problem_of(port: int, free: int | None, name: str = "") -> Problem:
    """What is shown of a port that another program has; `name` is the program's, if it told."""
    title = f"Port {port} is used by {name}" if name else f"Port {port} is used by another program"
    if free is None:
        return Problem(PortBusy.code, title, remedy=PortBusy.default_remedy)
    if name:
        return Problem(PortBusy.code, title, remedy=f"Use port {free} instead, or close {name}.")
    return Problem(PortBusy.code, title, remedy=f"Use port {free} instead, or close the other program.")
