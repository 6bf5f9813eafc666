"""Changes by mail programs: many messages of different kinds in one step, and who is told of what."""

from __future__ import annotations

from pathlib import Path

from bridge_gui.model import LabelId
from bridge_gui.store.changes import MessageSeen
from bridge_gui.store.columns import Delta
from bridge_gui.store.db import Store
from bridge_gui.store.flags import DELETED, FLAGGED, FORWARDED, SEEN
from bridge_gui.store.records import Action
from bridge_gui.store.views import View
from tests.store.samples import ALL_MAIL, INBOX, KEY, STARRED, SYSTEM, TAG, WORK, meta, mid, opened, shown

KINDS = 6


async def mixed(store: Store, count: int = 30) -> View:
    """INBOX with messages of several kinds in turn: read or not, starred, forwarded, with pending changes, labelled."""
    await store.set_labels([*(await store.labels()), WORK, TAG])
    await store.apply(
        [
            MessageSeen(
                meta(
                    number,
                    [INBOX, *([STARRED] if number % KINDS == 1 else []), *([TAG.id] if number % KINDS == 2 else [])],
                    unread=number % 2 == 0,
                    forwarded=number % KINDS == 3,
                )
            )
            for number in range(1, count + 1)
        ]
    )
    inbox = await opened(store)
    await inbox.store_flags([uid for uid in inbox.columns.uids if uid % KINDS == 4], lambda flags: flags | {SEEN})
    await inbox.store_flags([uid for uid in inbox.columns.uids if uid % KINDS == 5], lambda flags: flags | {"$Kept"})
    return inbox


async def ids_by_uid(view: View) -> list[str]:
    found = await view.ids(list(view.columns.uids))
    return [found[uid] for uid in view.columns.uids]


async def test_a_star_can_be_set_though_no_list_of_labels_has_named_it(tmp_path: Path) -> None:
    """A change without a label could never be sent, and would hold up all that come after it."""
    store = await Store.open(tmp_path / "mail.db", KEY)
    await store.set_labels([label for label in SYSTEM if label.id != STARRED])
    await store.begin_listing()
    await store.finish_listing()
    await store.apply([MessageSeen(meta(1))])
    view = await opened(store)
    await view.store_flags([1], lambda before: before | {"\\Flagged"})
    change = await store.queue_next()
    assert change is not None
    assert (change.action, change.label_id) == (Action.LABEL, STARRED)
    assert shown(view) == {1: {"\\Flagged"}}
    await store.close()


async def test_moved_messages_keep_their_order_whatever_kind_they_are(store: Store) -> None:
    inbox = await mixed(store)
    before = await ids_by_uid(inbox)
    uids = list(inbox.columns.uids)
    placed = await inbox.place(uids, [(Action.LABEL, WORK.id)], WORK.id)
    work = await opened(store, WORK.id)
    assert (placed.source, placed.target) == (tuple(uids), tuple(work.columns.uids))
    assert await ids_by_uid(work) == before
    assert list(inbox.columns.uids) == []


async def test_flags_of_many_kinds_at_once(store: Store) -> None:
    inbox = await mixed(store)
    before = shown(inbox)
    heard: list[Delta] = []
    inbox.listen(heard.append)
    await inbox.store_flags(inbox.columns.uids, lambda flags: (flags | {FLAGGED, DELETED, "$New"}) - {SEEN, "$Kept"})
    assert shown(inbox) == {
        uid: (flags | {FLAGGED, DELETED, "$New"}) - {SEEN, "$Kept"} for uid, flags in before.items()
    }
    assert [list(delta.changed) for delta in heard] == [list(inbox.columns.uids)]
    assert set(inbox.columns.modseqs) == {inbox.columns.highest_modseq}
    # The marks of a mailbox stay when the service tells of a message.
    await store.apply([MessageSeen(meta(2, [INBOX], forwarded=True))])
    assert shown(inbox)[2] == {FLAGGED, DELETED, "$New", *FORWARDED}


async def test_what_was_changed_since_is_left_alone(store: Store) -> None:
    inbox = await mixed(store)
    since = inbox.columns.highest_modseq
    await inbox.store_flags([3, 8], lambda flags: flags | {"$First"})
    left = await inbox.store_flags([2, 3, 8, 9, 99], lambda flags: flags | {"$Second"}, since)
    assert left == [3, 8]
    assert {uid for uid, flags in shown(inbox).items() if "$Second" in flags} == {2, 9}


async def test_expunge_takes_only_what_is_asked_for_and_marked(store: Store) -> None:
    inbox = await mixed(store)
    await inbox.store_flags([2, 3, 4, 5], lambda flags: flags | {DELETED})
    assert await inbox.expunge([1, 3, 5, 99], None) == [3, 5]
    assert await inbox.expunge(None, None) == [2, 4]
    assert await inbox.expunge(None, None) == []
    assert await inbox.vanished(0) == [(2, 2), (3, 3), (4, 4), (5, 5)]


async def test_who_opens_a_mailbox_later_sees_what_happened_and_is_told_from_then_on(store: Store) -> None:
    inbox = await mixed(store)
    await inbox.store_flags([2], lambda flags: flags | {FLAGGED})
    everything, starred = await opened(store, ALL_MAIL), await opened(store, STARRED)
    assert shown(everything)[2] >= {FLAGGED}
    assert mid(2) in await ids_by_uid(starred)
    heard: dict[LabelId, list[Delta]] = {ALL_MAIL: [], STARRED: []}
    everything.listen(heard[ALL_MAIL].append)
    starred.listen(heard[STARRED].append)
    await inbox.store_flags([6], lambda flags: flags | {FLAGGED})
    assert [list(delta.changed) for delta in heard[ALL_MAIL]] == [[6]]
    assert [len(delta.added) for delta in heard[STARRED]] == [1]
    assert heard[STARRED][0].columns is starred.columns


async def test_a_mailbox_that_is_closed_and_opened_again_is_up_to_date(store: Store) -> None:
    inbox = await mixed(store)
    store.release(inbox)
    other = await opened(store, ALL_MAIL)
    await other.store_flags([1, 2, 3], lambda flags: flags | {"$Meanwhile"})
    again = await opened(store)
    assert {uid for uid, flags in shown(again).items() if "$Meanwhile" in flags} == {1, 2, 3}


async def test_what_comes_and_is_changed_in_one_step_is_told_once(store: Store) -> None:
    inbox = await mixed(store, 4)
    heard: list[Delta] = []
    inbox.listen(heard.append)
    await store.apply(
        [MessageSeen(meta(9)), MessageSeen(meta(9, [INBOX, STARRED])), MessageSeen(meta(8)), MessageSeen(meta(8, []))]
    )
    assert [(list(delta.added), list(delta.changed), list(delta.removed)) for delta in heard] == [([5], [], [])]
    assert shown(inbox)[5] == {FLAGGED}


async def test_deleted_is_told_beside_other_flags_and_alone(store: Store) -> None:
    inbox = await mixed(store, 12)
    before = shown(inbox)
    await inbox.store_flags([1, 2, 3, 4, 5], lambda flags: flags | {DELETED})
    assert shown(inbox) == {uid: flags | ({DELETED} if uid <= 5 else set()) for uid, flags in before.items()}
    await inbox.store_flags([4, 5, 6, 7], lambda flags: flags | {DELETED, SEEN, FLAGGED})
    await inbox.store_flags([1, 2], lambda flags: flags - {DELETED})
    await inbox.store_flags([3], lambda flags: (flags - {DELETED}) | {"$Other"})
    told = shown(inbox)
    assert {uid for uid, flags in told.items() if DELETED in flags} == {4, 5, 6, 7}
    assert all({SEEN, FLAGGED} <= told[uid] for uid in (4, 5, 6, 7))
    assert (told[1], told[2], told[3]) == (before[1], before[2], before[3] | {"$Other"})
    store.release(inbox)
    again = await Store.open(store._engine.path, KEY)
    assert shown(await opened(again)) == told, "what was told is what is stored"
    await again.close()
