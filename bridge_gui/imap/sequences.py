"""Sets of message numbers (RFC 3501 9, sequence-set), kept as ranges: `1:4294967295` costs as much as `1`."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

STAR = 0
"""`*`, the largest number in use. No message has the number 0."""
MAX_NUMBER = 0xFFFFFFFF

Slice = tuple[int, int]
"""Positions `start` up to, not including, `stop`."""


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """Ranges as the client wrote them; both ends inclusive, in either order, `STAR` among them."""

    ranges: tuple[tuple[int, int], ...]

    def resolve(self, largest: int) -> list[tuple[int, int]]:
        """Ascending, disjoint ranges with `*` put in. Without messages (`largest` 0) a range up to `*` is empty."""
        found: list[tuple[int, int]] = []
        for first, last in self.ranges:
            low, high = (largest if first == STAR else first), (largest if last == STAR else last)
            if low > high:
                low, high = high, low
            if high > 0 and not (largest == 0 and STAR in (first, last)):
                found.append((max(low, 1), high))
        found.sort()
        merged: list[tuple[int, int]] = []
        for low, high in found:
            if merged and low <= merged[-1][1] + 1:
                if high > merged[-1][1]:
                    merged[-1] = (merged[-1][0], high)
            else:
                merged.append((low, high))
        return merged

    @property
    def largest(self) -> int:
        """The largest number written out, 0 if there is only `*`."""
        return max((max(pair) for pair in self.ranges), default=0)

    def encode(self) -> bytes:
        return b",".join(
            _number(first) if first == last else b"%s:%s" % (_number(first), _number(last))
            for first, last in self.ranges
        )


class Saved(Enum):
    """`$`, the result of the last SEARCH RETURN (SAVE) (RFC 5182)."""

    RESULT = "$"


MessageSet = SequenceSet | Saved


def _number(value: int) -> bytes:
    return b"*" if value == STAR else b"%d" % value


def uid_slices(uids: Sequence[int], count: int, wanted: SequenceSet) -> list[Slice]:
    """Where in `uids[:count]` (ascending) the wanted UIDs lie."""
    largest = uids[count - 1] if count else 0
    found: list[Slice] = []
    for low, high in wanted.resolve(largest):
        start = bisect_left(uids, low, 0, count)
        stop = bisect_right(uids, high, start, count)
        if start < stop:
            found.append((start, stop))
    return found


def position(uids: Sequence[int], count: int, uid: int) -> int:
    """Index of `uid` in `uids[:count]`, or -1."""
    index = bisect_left(uids, uid, 0, count)
    return index if index < count and uids[index] == uid else -1


def take(values: array[int], slices: Sequence[Slice]) -> array[int]:
    """Values at these positions; shares nothing, copies whole runs at once."""
    if len(slices) == 1:
        return values[slices[0][0] : slices[0][1]]
    out = array(values.typecode)
    for start, stop in slices:
        out.extend(values[start:stop])
    return out


def size(slices: Iterable[Slice]) -> int:
    return sum(stop - start for start, stop in slices)


def pieces(slices: Iterable[Slice], length: int) -> Iterator[Slice]:
    """Cut slices into pieces of at most `length`."""
    for start, stop in slices:
        for begin in range(start, stop, length):
            yield begin, min(begin + length, stop)


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Ranges (both ends inclusive) of ascending numbers."""
    found: list[tuple[int, int]] = []
    first = last = -2
    for number in numbers:
        if number == last + 1:
            last = number
        else:
            if last >= 0:
                found.append((first, last))
            first = last = number
    if last >= 0:
        found.append((first, last))
    return found


def compress(numbers: Iterable[int]) -> bytes:
    """A sequence-set as `1:3,7`. Only neighbours that ascend by one are joined, so the order of the numbers is kept."""
    return b",".join(b"%d" % low if low == high else b"%d:%d" % (low, high) for low, high in runs(numbers))
