"""What is nowhere but in a damaged file, read before a new one takes its place: changes that the service has not heard
of, and small values of the callers, such as mail that waits to be sent.

The damaged file is put aside, and stays until its content is in the new one. Each of its pages proves itself, so what
is read is what was written. A query fails where it meets damage: lists are read from both ends, and what they name one
by one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

from bridge_gui.model import LabelId, MessageId
from bridge_gui.secret import Secret
from bridge_gui.store.connection import JOURNALS, READER_CACHE_KB, connect, remove_files, translated
from bridge_gui.store.records import Action, QueuedChange

_JOURNAL = "-wal"
_AFTER = "\U0010ffff"
"""Comes after whatever a key may go on with."""


@dataclass(frozen=True, slots=True)
class Salvage:
    changes: tuple[QueuedChange, ...]
    """Those that wait, oldest first, each with all its messages that can be named."""
    values: Mapping[str, str]
    whole: bool
    """All that there was has been read."""


def put_aside(path: Path) -> None:
    """Give a damaged database and its journal another name. One that is there already has not been read yet, and is
    kept instead: nothing was written to this one since."""
    with translated():
        aside = _aside(path)
        if aside.exists():
            remove_files(path)
            return
        for end in (_JOURNAL, ""):  # cut short in between, a damaged database without its journal is left, and tried
            with contextlib.suppress(FileNotFoundError):
                _with(path, end).replace(_with(aside, end))
        for end in JOURNALS:
            _with(path, end).unlink(missing_ok=True)


def is_aside(path: Path) -> bool:
    """Whether a damaged database of this name waits to be read."""
    return _aside(path).exists()


def drop(path: Path) -> None:
    """Delete what was put aside."""
    with translated():
        remove_files(_aside(path))


def read(path: Path, key: Secret[bytes], beginnings: Sequence[str]) -> Salvage:
    """Read what was put aside: the changes that wait, and the values whose names begin so. Never raises for damage."""
    try:
        connection = connect(_aside(path), key, cache_kb=READER_CACHE_KB)
    except apsw.Error:
        return Salvage((), {}, False)
    with contextlib.closing(connection):
        rows = _Rows(connection)
        changes = tuple(_changes(rows))
        values = dict(_values(rows, beginnings))
        return Salvage(changes, values, rows.whole)


class _Rows:
    """Reads on behind damage, and remembers that there was some."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self.whole = True

    def all(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        """The rows of a query, which has a place for its direction, in no order."""
        found: dict[tuple[Any, ...], None] = {}
        for direction in ("ASC", "DESC"):
            try:
                for row in self._connection.execute(query.format(direction=direction), values):
                    found[row] = None
            except apsw.Error:
                self.whole = False
            else:
                break
        return list(found)

    def one(self, query: str, value: int | str) -> Any:
        """The row, or the value, of a query that has one; None when it cannot be read."""
        found = None
        with contextlib.suppress(apsw.Error):
            found = self._connection.execute(query, (value,)).get
        if found is None:
            self.whole = False
        return found


def _changes(rows: _Rows) -> Iterator[QueuedChange]:
    waiting: dict[int, list[int]] = {}
    pairs = rows.all(
        "SELECT change, message FROM pending WHERE sent = 0 ORDER BY change {direction}, message {direction}"
    )
    for change, message in sorted(pairs):
        waiting.setdefault(change, []).append(message)
    for change, messages in waiting.items():
        found = rows.one("SELECT action, label, created FROM change WHERE id = ?", change)
        ids = [rows.one("SELECT remote FROM message WHERE id = ?", message) for message in messages]
        named = tuple(MessageId(id) for id in ids if id is not None)
        if found is None or not named:
            continue
        action, label, created = found
        remote = rows.one("SELECT remote FROM label WHERE id = ?", label) if label else None
        if not label or remote is not None:
            yield QueuedChange(change, Action(action), LabelId(remote) if remote else None, named, created, 0)


def _values(rows: _Rows, beginnings: Sequence[str]) -> Iterator[tuple[str, str]]:
    for beginning in beginnings:
        first = f"_{beginning}"
        for (name,) in rows.all(
            "SELECT key FROM value WHERE key >= ? AND key < ? ORDER BY key {direction}", first, first + _AFTER
        ):
            value = rows.one("SELECT value FROM value WHERE key = ?", name)
            if value is not None:
                yield name[1:], str(value)


def _aside(path: Path) -> Path:
    return path.with_name(f"{path.stem}.damaged{path.suffix}")


def _with(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)
