from __future__ import annotations

from array import array
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.imap.sequences import STAR, SequenceSet, compress, pieces, runs, size, take, uid_slices

numbers = st.integers(1, 60) | st.just(STAR)
sets = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=6).map(lambda pairs: SequenceSet(tuple(pairs)))
uid_lists = st.lists(st.integers(1, 80), unique=True).map(sorted)


def naive(wanted: SequenceSet, largest: int) -> set[int]:
    """What RFC 3501 9 says, number by number."""
    found: set[int] = set()
    for first, last in wanted.ranges:
        if largest == 0 and STAR in (first, last):
            continue
        low, high = sorted((first or largest, last or largest))
        found.update(range(low, high + 1))
    return found


@given(sets, st.integers(0, 70))
def test_ranges_are_what_the_numbers_say(wanted: SequenceSet, largest: int) -> None:
    resolved = wanted.resolve(largest)
    assert {number for low, high in resolved for number in range(low, high + 1)} == naive(wanted, largest)
    assert all(first[1] + 1 < second[0] for first, second in pairwise(resolved))


@given(sets, uid_lists)
def test_slices_of_uids(wanted: SequenceSet, uids: list[int]) -> None:
    column = array("I", uids)
    slices = uid_slices(column, len(column), wanted)
    expected = [uid for uid in uids if uid in naive(wanted, uids[-1] if uids else 0)]
    assert list(take(column, slices)) == expected
    assert size(slices) == len(expected)
    assert [column[at] for start, stop in pieces(slices, 3) for at in range(start, stop)] == expected


@given(uid_lists)
def test_compress_loses_nothing(uids: list[int]) -> None:
    assert [number for low, high in runs(uids) for number in range(low, high + 1)] == uids
    text = compress(uids).decode()
    read = [tuple(map(int, part.split(":"))) for part in text.split(",") if part]
    assert [number for part in read for number in range(part[0], part[-1] + 1)] == uids


def test_order_is_kept() -> None:
    assert compress([5, 6, 1, 3]) == b"5:6,1,3"


def test_a_huge_range_costs_nothing() -> None:
    everything = SequenceSet(((1, 4_294_967_295),))
    assert uid_slices(array("I", [3, 9]), 2, everything) == [(0, 2)]
