"""The view of one client: what may be told when, and which message a number means."""

from __future__ import annotations

import pytest

from bridge_gui.imap.grammar import ParseError
from bridge_gui.imap.sequences import STAR, Saved, SequenceSet
from bridge_gui.imap.session import View
from tests.imap.memory import MemoryStore, Opened


@pytest.fixture
def view(store: MemoryStore) -> View:
    for _ in range(5):
        store.deliver(b"Subject: x\n\nx")
    box = store.boxes["INBOX"]
    opened = Opened(box, False)
    box.open.append(opened)
    return View(opened, read_only=False)


def test_nothing_is_copied_while_mail_only_arrives(view: View, store: MemoryStore) -> None:
    assert view.uids is store.boxes["INBOX"].snapshot.uids
    store.deliver(b"x")
    assert view.count == 5
    assert view.tell(expunges=True) == b"* 6 EXISTS\r\n* 0 RECENT\r\n"
    assert view.uids is store.boxes["INBOX"].snapshot.uids


def test_an_expunge_waits(view: View, store: MemoryStore) -> None:
    store.boxes["INBOX"].remove([2, 4])
    assert view.tell(expunges=False) == b""
    assert view.number(5) == 5
    assert not view.aligned()
    assert view.tell(expunges=True) == b"* 4 EXPUNGE\r\n* 2 EXPUNGE\r\n"
    assert view.number(5) == 3
    assert view.aligned()
    assert not view.news


def test_mail_may_be_told_before_an_expunge(view: View, store: MemoryStore) -> None:
    store.boxes["INBOX"].remove([1])
    store.deliver(b"x")
    assert view.tell(expunges=False) == b"* 6 EXISTS\r\n* 0 RECENT\r\n"
    assert [view.number(uid) for uid in (2, 6)] == [2, 6]
    assert view.tell(expunges=True) == b"* 1 EXPUNGE\r\n"
    assert [view.number(uid) for uid in (2, 6)] == [1, 5]


def test_what_came_and_went_is_never_told(view: View, store: MemoryStore) -> None:
    store.deliver(b"x")
    store.boxes["INBOX"].remove([6])
    assert view.tell(expunges=True) == b""
    store.deliver(b"x")
    assert view.tell(expunges=True) == b"* 6 EXISTS\r\n* 0 RECENT\r\n"
    assert view.number(7) == 6


def test_everything_may_go_and_come_again(view: View, store: MemoryStore) -> None:
    store.boxes["INBOX"].remove(range(1, 6))
    store.deliver(b"x")
    told = view.tell(expunges=True)
    assert told.count(b"EXPUNGE") == 5
    assert told.endswith(b"* 1 EXISTS\r\n* 0 RECENT\r\n")


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        (((1, STAR),), [(0, 5)]),
        (((2, 2), (4, 3)), [(1, 4)]),
        (((STAR, STAR),), [(4, 5)]),
        (((1, 2), (2, 3), (5, 5)), [(0, 3), (4, 5)]),
    ],
)
def test_numbers(view: View, ranges: tuple[tuple[int, int], ...], expected: list[tuple[int, int]]) -> None:
    assert view.slices(SequenceSet(ranges), uid=False) == expected


def test_a_number_that_does_not_exist_is_a_mistake_and_a_uid_is_not(view: View) -> None:
    with pytest.raises(ParseError):
        view.slices(SequenceSet(((1, 6),)), uid=False)
    assert view.slices(SequenceSet(((3, 4_294_967_295),)), uid=True) == [(2, 5)]
    assert view.slices(SequenceSet(((9, 9),)), uid=True) == []
    assert view.slices(SequenceSet(((9, STAR),)), uid=True) == [(4, 5)]


def test_saved_results_lose_what_is_expunged(view: View, store: MemoryStore) -> None:
    view.saved = view.column([1, 2, 5])
    store.boxes["INBOX"].remove([2])
    view.tell(expunges=True)
    assert list(view.saved) == [1, 5]
    assert view.slices(Saved.RESULT, uid=False) == [(0, 1), (3, 4)]
