"""Which of a mailbox's messages are meant, as one octet (1 or 0) for each position. Pure.

Sets of ten thousand messages are joined, cut and turned to lists in microseconds, since all of it happens in C: on
whole octet strings, or on integers made of them.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Collection, Iterable, Sequence
from itertools import compress

Mask = bytes

_LOW = 0 if sys.byteorder == "little" else 1
"""Which octet of a two-octet number is the lower one."""
_FLIP = bytes.maketrans(b"\0\1", b"\1\0")


def all_of(length: int) -> Mask:
    return b"\1" * length


def both(one: Mask, other: Mask) -> Mask:
    return (int.from_bytes(one) & int.from_bytes(other)).to_bytes(len(one))


def either(one: Mask, other: Mask) -> Mask:
    return (int.from_bytes(one) | int.from_bytes(other)).to_bytes(len(one))


def without(mask: Mask, other: Mask) -> Mask:
    return both(mask, other.translate(_FLIP))


def empty(mask: Mask) -> bool:
    return 1 not in mask


def of_slices(slices: Iterable[tuple[int, int]], length: int) -> Mask:
    """The positions in these slices."""
    mask = bytearray(length)
    for start, stop in slices:
        mask[start:stop] = b"\1" * (stop - start)
    return bytes(mask)


def of_positions(positions: Iterable[int], length: int) -> Mask:
    mask = bytearray(length)
    for position in positions:
        mask[position] = 1
    return bytes(mask)


def of_values(column: array[int], wanted: Collection[int]) -> Mask:
    """Where a column of two-octet numbers has one of `wanted`."""
    low = _low_octets(column)
    if low is None:
        return bytes(map(frozenset(wanted).__contains__, column))
    table = bytearray(256)
    for value in wanted:
        if value < 256:
            table[value] = 1
    return low.translate(bytes(table))


def distinct(column: array[int]) -> set[int]:
    """The different numbers in such a column."""
    low = _low_octets(column)
    return set(column) if low is None else {value for value in range(256) if value in low}


def _low_octets(column: array[int]) -> bytes | None:
    """The column with one octet for each number, or None where some need two."""
    raw = column.tobytes()
    return None if raw[1 - _LOW :: 2].strip(b"\0") else raw[_LOW::2]


def pick(values: Sequence[int], mask: Mask) -> list[int]:
    """The values at the positions meant."""
    return list(compress(values, mask))


def numbers(mask: Mask) -> list[int]:
    """Positions meant, counted from 1."""
    return list(compress(range(1, len(mask) + 1), mask))
