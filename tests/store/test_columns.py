"""Columns and their deltas against a dictionary."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge_gui.store.columns import advance, columns_of
from bridge_gui.store.flags import FlagTable

UIDS = st.sets(st.integers(1, 40))
MANY = st.just(frozenset(range(1, 41)))
"""Among so many, a few changes are made one by one."""


@given(UIDS | MANY, st.sets(st.integers(41, 60)), UIDS, st.dictionaries(st.integers(1, 40), st.integers(0, 9)))
def test_a_delta_does_what_it_says(here: set[int], new: set[int], gone: set[int], changed: dict[int, int]) -> None:
    table = FlagTable()
    before = columns_of([(uid, 0, 1) for uid in sorted(here)], table, 41, 1)
    delta = advance(
        before,
        added=dict.fromkeys(new, 7),
        removed=list(gone),
        changed=changed,
        modseq=2,
        uidnext=61,
        origin="me",
    )
    expected = {uid: ((changed[uid], 2) if uid in changed else (0, 1)) for uid in here - gone}
    expected |= dict.fromkeys(new, (7, 2))
    if delta is None:
        assert not new
        assert not (here & gone)
        assert not (here & changed.keys())
        return
    after = delta.columns
    assert list(after.uids) == sorted(expected)
    assert [*zip(after.flags, after.modseqs, strict=True)] == [expected[uid] for uid in after.uids]
    assert list(delta.added) == sorted(new)
    assert list(delta.removed) == sorted(here & gone)
    assert list(delta.changed) == sorted(here & changed.keys())
    assert (after.uidnext, after.highest_modseq, delta.origin) == (61, 2, "me")
    assert list(before.uids) == sorted(here), "the state before is left as it was"
    assert all(after.index(uid) == at for at, uid in enumerate(after.uids))
    assert after.index(999) is None
