"""How far mail programs have been told: the highest MODSEQ and UIDVALIDITY, in a small file beside the database.

The database can lose its end: its journal is deleted, cut short or damaged, or an old copy of it is put back. SQLite
then opens what is left without a word, and new messages would be given UIDs that programs know as other messages'.
A database that is behind this file gets new UIDVALIDITYs; one that was lost whole begins above the old ones.

The file is written after each commit that programs are told of, without a flush: it outlives a killed process, and
after a power failure it may be behind, which costs nothing. Its numbers say nothing about mail. One that cannot be read
or written counts as none.
"""

from __future__ import annotations

import contextlib
import os
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

SUFFIX = "-told"
_NUMBERS = struct.Struct(">QQ")
_CHECK = struct.Struct(">I")


class Marks(NamedTuple):
    modseq: int = 0
    uidvalidity: int = 0


class Told:
    """The file of one database; blocking, for the writer's thread."""

    def __init__(self, path: Path) -> None:
        """`path`: of the database."""
        self._file = None
        self._marks = Marks()
        with contextlib.suppress(OSError):
            descriptor = os.open(file_of(path), os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            self._file = os.fdopen(descriptor, "r+b", buffering=0)
            self._marks = _read(self._file.read())

    @property
    def marks(self) -> Marks:
        return self._marks

    def note(self, marks: Marks) -> None:
        """Programs are going to be told of this; the numbers only grow."""
        marks = Marks(max(marks.modseq, self._marks.modseq), max(marks.uidvalidity, self._marks.uidvalidity))
        if self._file is not None and marks != self._marks:
            numbers = _NUMBERS.pack(*marks)
            with contextlib.suppress(OSError):
                self._file.seek(0)
                self._file.write(numbers + _CHECK.pack(zlib.crc32(numbers)))
                self._marks = marks

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def file_of(database: Path) -> Path:
    return database.with_name(database.name + SUFFIX)


def _read(data: bytes) -> Marks:
    """What is damaged says nothing: a wrong number would stay for ever."""
    numbers, check = data[: _NUMBERS.size], data[_NUMBERS.size :]
    if len(data) != _NUMBERS.size + _CHECK.size or _CHECK.unpack(check)[0] != zlib.crc32(numbers):
        return Marks()
    return Marks(*_NUMBERS.unpack(numbers))
