"""The store's threads behind an event loop: `write` and `read` run work there and are awaited.

What a transaction did is published on the loop in the order of commits, and before the one who asked for it goes
on: both travel by the same queue of the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar, cast

import apsw

from bridge_gui import memory
from bridge_gui.errors import StoreDamaged, StoreError
from bridge_gui.secret import Secret
from bridge_gui.store.connection import (
    KEY_BYTES,
    READER_CACHE_KB,
    WRITER_CACHE_KB,
    Threads,
    connect,
    create_private,
    prepare,
    translated,
)
from bridge_gui.store.flags import FlagTable
from bridge_gui.store.told import Told
from bridge_gui.store.transaction import Outcome, Transaction, Writer

P = ParamSpec("P")
R = TypeVar("R")


LITTLE = 50
"""Pieces of work: a look for news is a few, a mail program that reads a folder hundreds."""
QUICK = 0.001
"""Seconds that a short read takes at most where no slow disk has to be waited for; one message takes 0.1 ms of work. So
long the loop may stand still."""
PROVEN = 8
"""Quick reads in a row after which the next one is expected to be quick."""


def _settle(future: asyncio.Future[R], result: R | None, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is None:
        future.set_result(cast(R, result))
    else:
        future.set_exception(error)


class Engine:
    """One writer, a few readers. Belongs to the loop on which it was opened."""

    rests_after = 20.0
    """Seconds of little work until the caches of pages are given back. They serve a download and a mail program that
    reads a folder; to an account that only looks for news they are up to 26 MB for nothing."""

    def __init__(self, path: Path, key: Secret[bytes], floor: int) -> None:
        if len(key.reveal()) != KEY_BYTES:
            raise ValueError("the store's key has 32 bytes")
        self.path = path
        self.table = FlagTable()
        self._key = key
        self._floor = floor
        self._loop = asyncio.get_running_loop()
        self._threads = Threads(path, key)
        self._publish: Callable[[Outcome], None] = lambda outcome: None
        self._closed = False
        self.edits = 0
        """Grows when a mail program's change begins and when it ends."""
        self.editing = 0
        """Such changes under way."""
        self._quick = 0
        """Short reads in a row that were quick."""
        self._worked = 0
        self._rest: asyncio.TimerHandle | None = None
        self._told: Told | None = None
        self.rolled_back = False
        """The file has lost what mail programs were told of; known once it is open."""
        self.on_damage: Callable[[], None] = lambda: None
        """Called on the loop whenever reading or writing finds damage."""

    async def open(self, publish: Callable[[Outcome], None]) -> None:
        """Open the file and climb to the present layout. `publish` is called on the loop."""
        self._publish = publish
        await self._loop.run_in_executor(self._threads.writer, self._open)

    def _open(self) -> None:
        with translated():
            create_private(self.path)
            connection = connect(self.path, self._key, cache_kb=WRITER_CACHE_KB, create=True)
            try:
                prepare(connection)
                self.table.load(
                    frozenset(flags.split(" "))
                    for (flags,) in connection.execute("SELECT flags FROM flagset ORDER BY id")
                )
                self._told = told = Told(self.path)
                self._writer = Writer(connection, self.table, self._floor, self._published, told)
            except BaseException:
                connection.close()
                raise
            self.rolled_back = self._writer.catch_up()

    def _published(self, outcome: Outcome) -> None:
        self._loop.call_soon_threadsafe(self._publish, outcome)

    async def write(
        self,
        work: Callable[Concatenate[Transaction, P], R],
        durable: bool,
        origin: object = None,
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run `work(transaction, *args)` in a transaction; `durable` ones survive a power failure too."""
        self._check_open()
        self._works()

        def run() -> R:
            with self._noticing():
                return self._writer.run(
                    lambda transaction: work(transaction, *args, **kwargs), durable=durable, origin=origin
                )

        return await self._loop.run_in_executor(self._threads.writer, run)

    async def edit(
        self, work: Callable[Concatenate[Transaction, P], R], origin: object, /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """A durable `write` for a mail program, which waits for it: `edits` and `editing` tell others of it."""
        self.edits += 1
        self.editing += 1
        try:
            return await self.write(work, True, origin, *args, **kwargs)
        finally:
            self.editing -= 1
            self.edits += 1

    def read(
        self, work: Callable[Concatenate[apsw.Connection, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> asyncio.Future[R]:
        """Start `work(connection, *args)` on a reader; it sees what is committed."""
        self._check_open()
        self._works()

        future: asyncio.Future[R] = self._loop.create_future()

        def run() -> None:
            if future.cancelled():
                return
            try:
                result, error = self._threads.read(work, *args, **kwargs), None
            except BaseException as raised:
                result, error = None, raised
            with contextlib.suppress(RuntimeError):  # nobody waits any more: the loop is closed
                self._loop.call_soon_threadsafe(_settle, future, result, error)
                if isinstance(error, StoreDamaged):
                    self._loop.call_soon_threadsafe(self._tell_damage)

        self._threads.readers.start(run)
        return future

    async def read_short(
        self, work: Callable[Concatenate[apsw.Connection, bool, P], R | None], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """As `read`, for what takes less time than the way to a thread and back.

        It is done here, on the loop, as long as the last reads of this kind were quick, which shows that the system has
        the pages in memory. One that is not holds up the loop for once, and those after it are done on a thread until
        they are quick again. `work(connection, here, *args)` says None on the loop (`here`) if it turns out to be more
        than a short read; then a thread does it.
        """
        if self._quick >= PROVEN:
            self._check_open()
            self._works()
            begun = time.perf_counter()
            with self._noticing():
                found = self._threads.read_here(work, True, *args, **kwargs)
            self._learn(begun)
            if found is not None:
                return found

        def run(connection: apsw.Connection) -> R | None:
            begun = time.perf_counter()
            found = work(connection, False, *args, **kwargs)
            self._learn(begun)
            return found

        return cast(R, await self.read(run))

    def _learn(self, begun: float) -> None:
        """Count a short read that began then, or start anew if it was slow."""
        self._quick = self._quick + 1 if time.perf_counter() - begun < QUICK else 0

    async def read_in_order(self, work: Callable[[apsw.Connection], R], deliver: Callable[[R], None]) -> None:
        """Run `work` between two transactions, and `deliver` its result on the loop between their publications."""
        self._check_open()

        def run() -> None:
            with self._noticing(), translated():
                result = work(self._writer.connection)
            self._loop.call_soon_threadsafe(deliver, result)

        await self._loop.run_in_executor(self._threads.writer, run)

    def watch(self, mailbox: int) -> None:
        """From now on a mailbox's views are told what each transaction did to it. Called on the writer's thread."""
        self._writer.book.watched[mailbox] += 1

    def unwatch(self, mailbox: int) -> None:
        """Take back one `watch`. Called on the loop."""
        if not self._closed:
            self._threads.writer.submit(self._writer.book.watched.subtract, {mailbox: 1})

    def _works(self) -> None:
        """Somebody works: once little is done for a while, the memory of it is given back."""
        self._worked += 1
        if self._rest is None:
            self._rest = self._loop.call_later(self.rests_after, self._look_whether_quiet)

    def _look_whether_quiet(self) -> None:
        worked, self._worked = self._worked, 0
        self._rest = None
        if self._closed:
            return
        if worked:
            self._rest = self._loop.call_later(self.rests_after, self._look_whether_quiet)
        if worked < LITTLE:
            self._loop.run_in_executor(None, self._give_back)

    def _give_back(self) -> None:
        with contextlib.suppress(RuntimeError, apsw.Error):  # closed in this very moment
            if self._threads.shrink(self._writer.connection):
                memory.trim()

    async def check(self) -> None:
        """Read the whole file anew, as what is in a cache may not be on the disk any more. Raise `StoreDamaged`."""
        self._check_open()

        def run() -> None:
            with self._noticing(), translated():
                connection = connect(self.path, self._key, cache_kb=READER_CACHE_KB)
                try:
                    if connection.execute("PRAGMA integrity_check(1)").get != "ok":
                        raise StoreDamaged("The database fails its integrity check.")
                finally:
                    connection.close()

        await self._loop.run_in_executor(None, run)

    @contextlib.contextmanager
    def _noticing(self) -> Iterator[None]:
        """Tell `on_damage` of damage, besides whoever has met it."""
        try:
            yield
        except StoreDamaged:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._tell_damage)
            raise

    def _tell_damage(self) -> None:
        if not self._closed:
            self.on_damage()

    @property
    def is_closed(self) -> bool:
        return self._closed

    async def close(self) -> None:
        """Finish what was begun, move the journal into the file, close."""
        if self._closed:
            return
        self._closed = True
        if self._rest is not None:
            self._rest.cancel()
        await self._loop.run_in_executor(None, self._close)

    def _close(self) -> None:
        try:
            self._end_threads()
        finally:
            if self._told is not None:
                self._told.close()

    def _end_threads(self) -> None:
        def end() -> None:
            with translated():
                try:
                    self._writer.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
                finally:
                    self._writer.connection.close()

        if hasattr(self, "_writer"):
            ended = self._threads.writer.submit(end)
            self._threads.close()
            ended.result()
        else:
            self._threads.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("The local copy is closed.")
