"""Masks mean what sets of positions mean."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.imap import masks

bits = st.lists(st.booleans(), max_size=40)
columns = st.lists(st.integers(0, 300), max_size=40).map(lambda values: array("H", values))


def mask(flags: list[bool]) -> bytes:
    return bytes(flags)


def where(one: bytes) -> set[int]:
    return {position for position, bit in enumerate(one) if bit}


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40))
def test_they_join_as_sets_do(pairs: list[tuple[bool, bool]]) -> None:
    one, other = mask([a for a, _ in pairs]), mask([b for _, b in pairs])
    assert where(masks.both(one, other)) == where(one) & where(other)
    assert where(masks.either(one, other)) == where(one) | where(other)
    assert where(masks.without(one, other)) == where(one) - where(other)
    assert masks.empty(one) == (not where(one))
    assert len(masks.both(one, other)) == len(one)


@given(columns, st.sets(st.integers(0, 300)))
def test_a_column_is_looked_through(column: array[int], wanted: set[int]) -> None:
    assert where(masks.of_values(column, wanted)) == {at for at, value in enumerate(column) if value in wanted}
    assert masks.distinct(column) == set(column)


@given(bits)
def test_what_is_meant_is_picked(flags: list[bool]) -> None:
    one = mask(flags)
    assert masks.numbers(one) == [at + 1 for at in sorted(where(one))]
    assert masks.pick(range(100, 200), one) == [at + 100 for at in sorted(where(one))]
    assert masks.of_positions(where(one), len(one)) == one
    assert masks.of_slices([(at, at + 1) for at in where(one)], len(one)) == one
