"""The event feed's merging, as a table, and its paging."""

from __future__ import annotations

import pytest

from bridge_gui.demo.feed import Entry, Feed, merge
from bridge_gui.demo.ids import Ids
from bridge_gui.demo.records import Action

DELETE, CREATE, UPDATE, FLAGS = Action.DELETE, Action.CREATE, Action.UPDATE, Action.UPDATE_FLAGS


@pytest.mark.parametrize(
    ("actions", "merged"),
    [
        ([CREATE], CREATE),
        ([CREATE, UPDATE], CREATE),
        ([CREATE, FLAGS, UPDATE], CREATE),
        ([UPDATE, FLAGS], UPDATE),
        ([FLAGS, UPDATE], UPDATE),
        ([FLAGS, FLAGS], FLAGS),
        ([CREATE, DELETE], DELETE),
        ([UPDATE, DELETE], DELETE),
        ([DELETE, CREATE], CREATE),
    ],
)
def test_one_objects_changes_become_one(actions: list[int], merged: int) -> None:
    entries = [Entry(n, "Messages", "m", action) for n, action in enumerate(actions)]
    assert merge(entries) == (0, (("Messages", "m", merged),))


def test_refresh_bits_are_joined_and_order_is_that_of_the_last_change() -> None:
    entries = [
        Entry(1, "Messages", "a", UPDATE),
        Entry(2, "Refresh", "1", UPDATE),
        Entry(3, "Labels", "l", CREATE),
        Entry(4, "Refresh", "2", UPDATE),
        Entry(5, "Messages", "a", FLAGS),
    ]
    assert merge(entries) == (3, (("Labels", "l", CREATE), ("Messages", "a", UPDATE)))


def feed_of(count: int, per_event: int) -> tuple[Feed, str]:
    feed = Feed(Ids("t"), 1, per_event=per_event)
    start = feed.latest
    for n in range(count):
        feed.add("Messages", f"m{n}", CREATE)
    return feed, start


def test_more_until_everything_was_told() -> None:
    feed, event_id = feed_of(7, 3)
    told: list[str] = []
    more = True
    while more:
        span = feed.since(event_id)
        told += [id_ for _, id_, _ in span.items]
        event_id, more = span.event_id, span.more
    assert told == [f"m{n}" for n in range(7)]
    assert event_id == feed.latest
    assert feed.since(event_id).items == ()
    assert feed.since(event_id).event_id == event_id


@pytest.mark.parametrize("event_id", ["", "nonsense", "AAAA"])
def test_an_unknown_event_means_refresh_everything(event_id: str) -> None:
    feed, _ = feed_of(2, 50)
    span = feed.since(event_id)
    assert (span.refresh, span.event_id, span.more) == (255, feed.latest, False)


def test_an_event_of_another_user_is_unknown() -> None:
    feed, _ = feed_of(2, 50)
    assert feed.since(Feed(Ids("t"), 2).latest).refresh == 255


def test_a_restored_feed_knows_the_ids_it_gave_out() -> None:
    feed, _ = feed_of(3, 50)
    middle = feed.since(feed_of(0, 1)[1]).event_id
    feed.add("Messages", "late", CREATE)
    again = Feed(Ids("t"), 1)
    again.restore(feed.entries(), feed.last)
    assert [id_ for _, id_, _ in again.since(middle).items] == ["late"]
