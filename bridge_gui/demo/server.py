"""The running demo service: uvicorn on a free loopback port, in the present loop or in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bridge_gui.aio import TaskOwner
from bridge_gui.demo import app, corpora
from bridge_gui.demo.world import World

START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account to sign in with."""

    username: str
    password: str
    address: str
    mailbox_password: str = ""
    totp_secret: str = ""


class DemoServer:
    """A Proton API on 127.0.0.1 while the `async with` block lasts.

    `messages` is the size of the first account's mailbox (None: the seeded corpus as it is). With `thread` the service
    runs on its own loop in its own thread, so that a client under test does not share its loop. `state` is a file that
    the service's state is read from and written back to.
    """

    def __init__(
        self,
        *,
        messages: int | None = None,
        seed: str = "demo",
        now: float | None = None,
        port: int = 0,
        thread: bool = False,
        cache_folder: Path | None = None,
        world: World | None = None,
        record_bytes: int = 16 * 2**20,
    ) -> None:
        if world is None:
            world = World(seed=seed, cache_folder=cache_folder, record_bytes=record_bytes)
            corpora.populate(world, messages=messages, now=now)
        self.world = world
        self._port = port
        self._thread_wanted = thread
        self._thread: threading.Thread | None = None
        self._tasks = TaskOwner("demo service")
        self._task: asyncio.Task[None] | None = None
        self._connections = _Connections()
        self._socket: socket.socket | None = None
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        assert self._socket is not None
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    @property
    def accounts(self) -> tuple[DemoAccount, ...]:
        return tuple(
            DemoAccount(
                each.name,
                each.profile.password,
                each.profile.addresses[0].email,
                each.profile.mailbox_password,
                each.profile.totp_secret,
            )
            for each in self.world.accounts
        )

    async def __aenter__(self) -> DemoServer:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        self._socket = _listen(self._port)
        config = uvicorn.Config(
            app.build(self.world, self._connections.cut),
            http=self._connections.protocol(),
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=300,
        )
        self._server = _Server(config, self._connections)
        if self._thread_wanted:
            self._thread = threading.Thread(target=self._run, name="demo service", daemon=True)
            self._thread.start()
        else:
            self._task = self._tasks.start(self._server.serve(sockets=[self._socket]), "serve")
        async with asyncio.timeout(START_SECONDS):
            await asyncio.wrap_future(self._server.up)

    async def stop(self) -> None:
        """Stop answering: connections are cut, the port is free."""
        server = self._server
        if server is None:
            return
        server.end()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, START_SECONDS)
        elif self._task is not None:
            async with asyncio.timeout(START_SECONDS):
                await self._task
        self._server = None

    def _run(self) -> None:
        assert self._server is not None
        assert self._socket is not None
        asyncio.run(self._server.serve(sockets=[self._socket]))


def _listen(port: int) -> socket.socket:
    """Listen on loopback. The protocol is named because asyncio switches Nagle's delay off only for such sockets."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """A server that is told when to end, instead of looking ten times a second, and leaves signals to the process."""

    def __init__(self, config: uvicorn.Config, connections: _Connections) -> None:
        super().__init__(config)
        self.up: Future[None] = Future()
        """Done when connections are taken."""
        self._connections = connections
        self._ended: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def end(self) -> None:
        """Let `serve` return; may be called from any thread."""
        if self._loop is not None and self._ended is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ended.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)
        self.up.set_result(None)

    async def main_loop(self) -> None:
        assert self._ended is not None
        await self._ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        self._connections.cut_all()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Connections:
    """Know each connection's transport by the client's port, so that a fault can cut it."""

    def __init__(self) -> None:
        self._transports: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        transports = self._transports

        class CutProtocol(HttpToolsProtocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                self._peer = transport.get_extra_info("peername")
                transports[self._peer[:2]] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                transports.pop(self._peer[:2], None)
                super().connection_lost(exc)

        return CutProtocol

    def cut_all(self) -> None:
        for transport in list(self._transports.values()):
            transport.abort()

    def cut(self, scope: Scope) -> None:
        """End the connection of a request without an answer."""
        transport = self._transports.get(tuple(scope["client"]))
        if transport is not None:
            transport.abort()
