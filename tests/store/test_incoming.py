"""Listings and changes from events."""

from __future__ import annotations

from pathlib import Path

from bridge_gui.model import EventId, LabelId
from bridge_gui.store.changes import (
    LabelGone,
    LabelSet,
    LiteralFailed,
    LiteralReady,
    LiteralStale,
    MessageGone,
    MessageLabels,
    MessageSeen,
)
from bridge_gui.store.columns import Delta
from bridge_gui.store.db import Store
from bridge_gui.store.records import LiteralState
from tests.store.samples import (
    ALL_MAIL,
    ARCHIVE,
    INBOX,
    KEY,
    OTHER,
    STARRED,
    SYSTEM,
    TAG,
    WORK,
    literal,
    meta,
    mid,
    opened,
    shown,
)


async def test_first_listing_gives_uids_in_date_order(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "mail.db", KEY)
    await store.set_labels(SYSTEM)
    await store.begin_listing()
    await store.add_listing([meta(3, time=300), meta(1, time=100)], {"page": "1"})
    assert await store.open_view(INBOX) is None, "a mailbox that is not listed cannot be opened"
    await store.add_listing([meta(2, time=200), meta(1, time=100)], {"page": "2"})
    assert await store.get("page") == "2"
    await store.finish_listing([INBOX])
    assert await store.uids(INBOX, [mid(1), mid(2), mid(3)]) == {mid(1): 1, mid(2): 2, mid(3): 3}
    assert await store.open_view(ALL_MAIL) is None
    assert not await store.listing_complete()
    await store.add_listing([meta(9, [ARCHIVE], time=50)])
    await store.finish_listing()
    assert await store.listing_complete()
    assert await store.uids(ALL_MAIL, [mid(9), mid(1)]) == {mid(9): 1, mid(1): 2}
    await store.close()


async def test_arriving_messages_get_the_next_uid_and_are_told(store: Store) -> None:
    view = await opened(store)
    deltas: list[Delta] = []
    view.listen(deltas.append)
    await store.apply([MessageSeen(meta(5)), MessageSeen(meta(4))], EventId("e1"))
    assert await store.cursor() == "e1"
    assert [list(delta.added) for delta in deltas] == [[1, 2]]
    assert list(view.columns.uids) == [1, 2]
    assert (await store.uids(INBOX, [mid(4)])) == {mid(4): 1}, "within one page by date"
    await store.apply([MessageSeen(meta(4)), MessageSeen(meta(5))], EventId("e1"))
    assert len(deltas) == 1, "applying a page twice tells nothing"


async def test_flags_follow_the_service(store: Store) -> None:
    await store.apply(
        [MessageSeen(meta(1)), MessageSeen(meta(2, [INBOX, STARRED], unread=False, replied=True, forwarded=True))]
    )
    view = await opened(store)
    assert shown(view) == {1: set(), 2: {"\\Seen", "\\Flagged", "\\Answered", "$Forwarded", "Forwarded"}}
    deltas: list[Delta] = []
    view.listen(deltas.append)
    await store.apply([MessageLabels(mid(2), frozenset({INBOX, ALL_MAIL}), True)])
    assert shown(view)[2] == {"\\Answered", "$Forwarded", "Forwarded"}
    assert [list(delta.changed) for delta in deltas] == [[2]]
    assert view.columns.modseqs[1] == view.columns.highest_modseq > view.columns.modseqs[0]


async def test_drafts_are_flagged(store: Store) -> None:
    await store.apply([MessageSeen(meta(1, [LabelId("8")], flags=0, unread=False))])
    assert shown(await opened(store, LabelId("8"))) == {1: {"\\Seen", "\\Draft"}}


async def test_moved_and_deleted_messages_vanish(store: Store) -> None:
    await store.apply([MessageSeen(meta(number)) for number in range(1, 6)])
    view = await opened(store)
    before = view.columns.highest_modseq
    await store.apply([MessageSeen(meta(2, [ARCHIVE])), MessageGone(mid(3)), MessageGone(mid(77))])
    assert list(view.columns.uids) == [1, 4, 5]
    assert await view.vanished(before) == [(2, 3)]
    assert await view.vanished(view.columns.highest_modseq) == []
    assert list((await opened(store, ARCHIVE)).columns.uids) == [1]
    await store.apply([MessageSeen(meta(2))])
    assert list(view.columns.uids) == [1, 4, 5, 6], "a message that comes back gets a new UID"


async def test_a_label_comes_with_its_messages(store: Store) -> None:
    await store.apply([MessageSeen(meta(2, [INBOX, TAG.id])), MessageSeen(meta(1, [INBOX, TAG.id]))])
    assert await store.open_view(TAG.id) is None
    await store.apply([LabelSet(TAG)])
    assert await store.uids(TAG.id, [mid(1), mid(2)]) == {mid(1): 1, mid(2): 2}


async def test_a_label_that_is_gone_takes_its_mailbox_and_never_its_uidvalidity_back(store: Store) -> None:
    await store.apply([LabelSet(WORK), MessageSeen(meta(1, [WORK.id]))])
    view = await opened(store, WORK.id)
    reasons: list[str] = []
    view.on_gone(reasons.append)
    before = view.uidvalidity
    await store.apply([LabelGone(WORK.id), LabelGone(WORK.id)])
    assert len(reasons) == 1
    assert await store.open_view(WORK.id) is None
    assert [m.label_ids for m in await store.metas([mid(1)])] == [frozenset({ALL_MAIL})]
    await store.apply([LabelSet(WORK)])
    again = await opened(store, WORK.id)
    assert again.uidvalidity > before
    assert list(again.columns.uids) == []


async def test_set_labels_drops_what_is_not_listed(store: Store) -> None:
    await store.set_labels([*SYSTEM, WORK, TAG])
    await store.set_labels([*SYSTEM, TAG])
    assert {label.id for label in await store.labels()} == {label.id for label in (*SYSTEM, TAG)}
    assert {box.label.id for box in await store.mailboxes()} == {label.id for label in (*SYSTEM, TAG)} - {"1", "2"}


async def test_a_repair_keeps_uids_and_removes_what_is_gone(store: Store) -> None:
    await store.apply([MessageSeen(meta(number)) for number in (1, 2, 3)])
    await store.begin_listing()
    await store.apply([MessageSeen(meta(4)), MessageGone(mid(1)), MessageSeen(meta(3, [ARCHIVE]))])
    await store.add_listing([meta(1), meta(3), meta(4, unread=False)])
    await store.finish_listing()
    assert await store.uids(INBOX, [mid(n) for n in range(1, 5)]) == {mid(4): 4}
    assert await store.uids(ARCHIVE, [mid(3)]) == {mid(3): 1}
    assert shown(await opened(store)) == {4: set()}, "an event is newer than a page"
    await store.begin_listing()
    await store.add_listing([meta(1), meta(4)])
    await store.finish_listing()
    assert await store.uids(INBOX, [mid(1), mid(4)]) == {mid(1): 5, mid(4): 4}


async def test_split_view_shares_uids(store: Store) -> None:
    await store.apply([MessageSeen(meta(1)), MessageSeen(meta(2, address=OTHER)), MessageSeen(meta(3))])
    other = await opened(store, INBOX, OTHER)
    assert list(other.columns.uids) == [2]
    deltas: list[Delta] = []
    other.listen(deltas.append)
    await store.apply([MessageSeen(meta(4)), MessageSeen(meta(5, address=OTHER)), MessageGone(mid(1))])
    assert [(list(d.added), list(d.removed)) for d in deltas] == [([5], [])]
    status = await store.status(INBOX, OTHER)
    assert status is not None
    assert (status.messages, status.unseen, status.uidnext) == (2, 2, 6)


async def test_known_and_metas(store: Store) -> None:
    original = meta(1, [INBOX, LabelId("unheard-of")], subject="Grüße")
    await store.apply([MessageSeen(original)])
    assert await store.metas([mid(1), mid(2)]) == [original]
    known = await store.known([mid(1), mid(2)])
    assert list(known) == [mid(1)]
    assert (known[mid(1)].is_draft, known[mid(1)].literal) == (False, LiteralState.MISSING)
    await store.apply([LiteralFailed(mid(1), "no key")])
    assert (await store.known([mid(1)]))[mid(1)].literal is LiteralState.FAILED
    assert await store.missing_literals(10) == []
    assert await store.retry_failed() == 1
    assert [m.id for m in await store.missing_literals(10)] == [mid(1)]


async def test_another_literal_gets_a_new_uid(store: Store) -> None:
    await store.apply([MessageSeen(meta(1)), MessageSeen(meta(2))])
    await store.apply([LiteralReady(mid(1), literal(1))])
    view = await opened(store)
    await store.apply([LiteralReady(mid(1), literal(1))])
    assert list(view.columns.uids) == [1, 2]
    await store.apply([LiteralStale(mid(1))])
    assert [(m.id, m.stale) for m in await store.missing_literals(10)] == [(mid(1), True), (mid(2), False)]
    assert await store.literal(mid(1)) == literal(1).data, "shown until the new one is here"
    await store.apply([LiteralReady(mid(1), literal(1, "Another text"))])
    assert list(view.columns.uids) == [2, 3]
    assert await store.literal(mid(1)) == literal(1, "Another text").data
    assert [m.id for m in await store.missing_literals(10)] == [mid(2)]


async def test_missing_literals_newest_first_and_selective(store: Store) -> None:
    await store.apply([MessageSeen(meta(1)), MessageSeen(meta(2, [ARCHIVE])), MessageSeen(meta(3))])
    assert [m.id for m in await store.missing_literals(2)] == [mid(3), mid(2)]
    assert [m.id for m in await store.missing_literals(9, labels=[ARCHIVE])] == [mid(2)]
    assert [m.id for m in await store.missing_literals(9, since=1_700_000_002)] == [mid(3), mid(2)]
