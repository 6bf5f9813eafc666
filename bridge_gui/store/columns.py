"""A mailbox in memory: immutable columns sorted by UID, and the difference between two of them. Pure.

Twelve bytes a message and 14 with the flags, shared by all sessions that have the mailbox open. A change copies the
columns (a few microseconds for 10,000 messages) and touches only what changed.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bridge_gui.store.flags import FlagTable

FEW = 16
"""One UID of so many and more are changed by a walk over all, fewer one by one."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Columns:
    """The messages of a mailbox at one moment, in UID order: three columns of the same length."""

    uids: array[int]
    """array('I')"""
    flags: array[int]
    """array('H'), numbers of `table`, \\Deleted included"""
    modseqs: array[int]
    """array('Q')"""
    table: FlagTable
    uidnext: int
    highest_modseq: int

    def index(self, uid: int) -> int | None:
        at = bisect_left(self.uids, uid)
        return at if at < len(self.uids) and self.uids[at] == uid else None


@dataclass(frozen=True, slots=True)
class Delta:
    """What one transaction did to an open mailbox; UIDs ascending. `columns` is the state after it."""

    columns: Columns
    added: Sequence[int]
    removed: Sequence[int]
    changed: Sequence[int]
    origin: object


def columns_of(rows: Sequence[tuple[int, int, int]], table: FlagTable, uidnext: int, highest_modseq: int) -> Columns:
    """Columns from rows (uid, flags, modseq) in UID order."""
    if rows:
        uids, flags, modseqs = zip(*rows, strict=True)
        return Columns(array("I", uids), array("H", flags), array("Q", modseqs), table, uidnext, highest_modseq)
    return Columns(array("I"), array("H"), array("Q"), table, uidnext, highest_modseq)


def advance(
    columns: Columns,
    *,
    added: Mapping[int, int],
    removed: Sequence[int],
    changed: Mapping[int, int],
    modseq: int,
    uidnext: int,
    origin: object,
) -> Delta | None:
    """The next state. `added` and `changed` map UIDs to flag numbers; UIDs that are not here are passed over. None when
    nothing here changed."""
    uids, flags, modseqs, changed_here = _changed(columns, changed, modseq)
    places = [(at, uid) for uid in sorted(removed) if (at := bisect_left(uids, uid)) < len(uids) and uids[at] == uid]
    for first, last in _runs([at for at, _ in places]):
        del uids[first:last], flags[first:last], modseqs[first:last]
    added_here = sorted(uid for uid in added if not uids or uid > uids[-1])
    uids.extend(added_here)
    flags.extend(added[uid] for uid in added_here)
    modseqs.extend([modseq] * len(added_here))
    if not (changed_here or places or added_here):
        return None
    after = Columns(
        uids, flags, modseqs, columns.table, max(columns.uidnext, uidnext), max(columns.highest_modseq, modseq)
    )
    return Delta(after, added_here, [uid for _, uid in places], changed_here, origin)


def _changed(
    columns: Columns, changed: Mapping[int, int], modseq: int
) -> tuple[array[int], array[int], array[int], list[int]]:
    """Copies of the columns with these flags and this MODSEQ, and which UIDs are meant by that."""
    uids = array("I", columns.uids)
    if len(changed) * FEW > len(uids):
        # Whole columns at once: no step of this is done message by message.
        flags = array("H", map(changed.get, uids, columns.flags))
        modseqs = array("Q", map(dict.fromkeys(changed, modseq).get, uids, columns.modseqs))
        return uids, flags, modseqs, list(filter(changed.__contains__, uids))
    flags, modseqs, here = array("H", columns.flags), array("Q", columns.modseqs), []
    for uid in sorted(changed):
        at = bisect_left(uids, uid)
        if at < len(uids) and uids[at] == uid:
            flags[at] = changed[uid]
            modseqs[at] = modseq
            here.append(uid)
    return uids, flags, modseqs, here


def _runs(indexes: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of neighbours as (first, after the last), the highest first, so that deleting one leaves the others in
    place."""
    runs: list[tuple[int, int]] = []
    for at in indexes:
        if runs and runs[-1][1] == at:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    runs.reverse()
    return runs
