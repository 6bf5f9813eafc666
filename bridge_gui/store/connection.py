"""Connections to the encrypted file, the ladder of layouts, and the threads that work on it.

Durability. The journal is a WAL. A killed process loses nothing that was committed. When the power fails,
`synchronous=NORMAL` never damages the file but may forget the last commits; what a mail program has been told
(UIDs, flags, queued changes) must not be forgotten, since its UIDs would be given again: such transactions commit
with FULL, which flushes the WAL and everything before it. Literals and the index commit with NORMAL: they are
simply fetched again.

Nothing is written in clear: pages, WAL and journals are encrypted by the cipher (AEGIS-256 with a tag for each
page, so that a changed byte is noticed), temporary tables stay in memory.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import apsw

from bridge_gui import memory
from bridge_gui.errors import DiskFull, StoreDamaged, StoreError, StoreNewer, StoreNotWritable
from bridge_gui.model import AddressId
from bridge_gui.secret import Secret
from bridge_gui.store.migrations import LADDER
from bridge_gui.store.readers import Readers

R = TypeVar("R")
Bound = Any
"""Many values bound to one parameter."""

PAGE_SIZE = 8192
"""Fewer overflow pages for literals than with 4096, and fewer tags to check; envelopes still fit several to a page."""
WRITER_CACHE_KB = 10_000
"""With 24,000 a download, its index and flags on 40,000 messages take no less CPU."""
READER_CACHE_KB = 8_000
READERS = 2
"""Reading is bound by decryption and by the interpreter; more threads than cores only cost memory."""
LARGE = READER_CACHE_KB * 1024
"""Octets of a content that leaves nothing else in a reader's cache: what is of use there is lost already."""
LARGE_VALUE = 1024 * 1024
"""Characters of a value that is no small one: a piece of a message, which is not read again soon."""
SMALL_CACHE = 2 * 1024 * 1024
MEETING_SECONDS = 0.1
"""How long one reader waits for the other when both empty their caches."""
BUSY_MS = 30_000
CHECKPOINT_PAGES = 2000
JOURNAL_KEPT = 64 * 1024 * 1024
KEY_BYTES = 32
JOURNALS = ("-wal", "-shm", "-journal")


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn the library's errors into ours; SQLite's own words are in the cause, for the log."""
    try:
        yield
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise StoreDamaged() from error
    except apsw.FullError as error:
        raise DiskFull() from error
    except apsw.IOError as error:
        if getattr(error, "extendedresult", 0) in (
            apsw.SQLITE_IOERR_AUTH,
            apsw.SQLITE_IOERR_DATA,
            apsw.SQLITE_IOERR_SHORT_READ,
        ):
            raise StoreDamaged() from error
        if "no space" in os.strerror(getattr(error, "errno", 0) or 0).lower():
            raise DiskFull() from error
        raise StoreError(str(error)) from error
    except (apsw.ReadOnlyError, apsw.PermissionsError, apsw.CantOpenError) as error:
        raise StoreNotWritable() from error
    except apsw.Error as error:
        raise StoreError(f"{type(error).__name__}: {error}") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull() from error
        raise StoreNotWritable() from error


def connect(path: Path, key: Secret[bytes], *, cache_kb: int, create: bool = False) -> apsw.Connection:
    """Open the file with its key; the page size and the journal's kind are set when it is new."""
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
    connection = apsw.Connection(str(path), flags=flags)
    try:
        connection.pragma("cipher", "aegis")
        connection.pragma("key", "raw:" + key.reveal().hex())
        connection.pragma("page_size", PAGE_SIZE)
        connection.pragma("temp_store", "memory")
        connection.pragma("cache_size", -cache_kb)
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "normal")
        connection.pragma("journal_size_limit", JOURNAL_KEPT)
        connection.pragma("foreign_keys", False)
        connection.wal_autocheckpoint(CHECKPOINT_PAGES)
        connection.set_busy_timeout(BUSY_MS)
        connection.pragma("user_version")
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def snapshot(connection: apsw.Connection) -> Iterator[None]:
    """Let a reader's queries all see the same moment."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")


def prepare(connection: apsw.Connection) -> None:
    """Climb the ladder to the present layout, each step in a transaction of its own."""
    version = connection.pragma("user_version")
    if version > len(LADDER):
        raise StoreNewer()
    for number, step in enumerate(LADDER[version:], version + 1):
        with connection:
            step(connection)
            connection.pragma("user_version", number)


def create_private(path: Path) -> None:
    """Make the file, readable by its owner only, before SQLite opens it; its journals inherit the mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)


def remove_files(path: Path) -> None:
    for file in (path, *(path.with_name(path.name + end) for end in JOURNALS)):
        file.unlink(missing_ok=True)


def size_on_disk(path: Path) -> int:
    total = 0
    for file in (path, *(path.with_name(path.name + end) for end in JOURNALS)):
        with contextlib.suppress(FileNotFoundError):
            total += file.stat().st_size
    return total


def numbers(values: Iterable[int]) -> Bound:
    """Bind many numbers at once: `SELECT ... IN (SELECT value FROM carray(?))`. An empty list matches nothing."""
    packed = values if isinstance(values, array) and values.typecode == "q" else array("q", values)
    return apsw.carray(packed or array("q", (-1,)))


def texts(values: Iterable[str]) -> Bound:
    """As `numbers`, for texts."""
    return apsw.carray(tuple(values) or ("",))


def address_ids(connection: apsw.Connection) -> dict[int, AddressId]:
    return {number: AddressId(remote) for number, remote in connection.execute("SELECT id, remote FROM address")}


def _shrink(connection: apsw.Connection) -> bool:
    """Empty the connection's cache of pages if there is more in it than a look at the account's state leaves."""
    used, _ = connection.status(apsw.SQLITE_DBSTATUS_CACHE_USED)
    if used < SMALL_CACHE:
        return False
    connection.pragma("shrink_memory")
    return True


def let_go(connection: apsw.Connection) -> None:
    """Give back what a large content has left in memory: its pages, which nobody needs soon, and what the C library
    kept of all that was done with it. On the connection's thread."""
    connection.pragma("shrink_memory")
    memory.trim()


class Threads:
    """One writer thread and a few reader threads, each with a connection of its own."""

    def __init__(self, path: Path, key: Secret[bytes]) -> None:
        self._path, self._key = path, key
        self._local = threading.local()
        self._opened: list[apsw.Connection] = []
        self._here: apsw.Connection | None = None
        self.writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self.readers = Readers(READERS, "store-reader")

    def reader_connection(self) -> apsw.Connection:
        """The connection of the present reader thread."""
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._reader(READER_CACHE_KB)
        return connection

    def _reader(self, cache_kb: int, busy_ms: int = BUSY_MS) -> apsw.Connection:
        connection = connect(self._path, self._key, cache_kb=cache_kb)
        self._opened.append(connection)
        connection.pragma("query_only", True)
        connection.set_busy_timeout(busy_ms)
        return connection

    def read(self, work: Callable[..., R], *args: Any, **kwargs: Any) -> R:
        """Run `work(connection, *args)` on a reader thread; to be called there."""
        with translated():
            return work(self.reader_connection(), *args, **kwargs)

    def read_here(self, work: Callable[..., R], *args: Any, **kwargs: Any) -> R | None:
        """Run `work(connection, *args)` on the present thread, which is always the same; None when the file is busy."""
        with translated():
            if self._here is None:
                self._here = self._reader(SMALL_CACHE // 1024, busy_ms=0)
            try:
                return work(self._here, *args, **kwargs)
            except apsw.BusyError:
                return None

    def shrink(self, writer: apsw.Connection) -> bool:
        """Empty the caches of pages, each on the thread of its connection; tell whether that was worth it.

        Blocks for a moment, so it is called on a thread of its own; work that comes meanwhile waits as long."""
        meeting = threading.Barrier(READERS)

        def reader(turn: Future[bool]) -> None:
            try:
                connection: apsw.Connection | None = getattr(self._local, "connection", None)
                done = connection is not None and _shrink(connection)
                with contextlib.suppress(threading.BrokenBarrierError):
                    meeting.wait(MEETING_SECONDS)  # so that one thread does not take the other's turn
                turn.set_result(done)
            except BaseException as error:
                turn.set_exception(error)

        turns: list[Future[bool]] = [Future() for _ in range(READERS)]
        for turn in turns:
            self.readers.start(partial(reader, turn))
        turns.append(self.writer.submit(_shrink, writer))
        gave = [turn.result() for turn in turns]
        return any(gave)

    def close(self) -> None:
        """Wait for running work and close the readers' connections; blocks."""
        self.readers.close()
        self.writer.shutdown(wait=True)
        for connection in self._opened:
            connection.close()
        self._opened.clear()
