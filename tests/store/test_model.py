"""Random events, edits and answers of the service against a simple model: what is shown, and the rules of UIDs."""

from __future__ import annotations

import asyncio
import random
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bridge_gui.account import moves
from bridge_gui.model import LabelId, MessageId
from bridge_gui.store import queue
from bridge_gui.store.changes import LabelGone, LabelSet, LiteralReady, MessageGone, MessageLabels, MessageSeen
from bridge_gui.store.columns import Delta
from bridge_gui.store.db import Store
from bridge_gui.store.records import Action, Label, MessageMeta
from bridge_gui.store.views import View
from tests.store.samples import (
    ALL_MAIL,
    ARCHIVE,
    DRAFTS,
    INBOX,
    KEY,
    SENT,
    STARRED,
    SYSTEM,
    TAG,
    TRASH,
    WORK,
    literal,
    meta,
    mid,
    shown,
)

BOXES: dict[LabelId, Label] = {label.id: label for label in (*SYSTEM, WORK, TAG)}
PLACES = (INBOX, ARCHIVE, TRASH, SENT, DRAFTS, WORK.id)
WATCHED = (INBOX, ARCHIVE, TRASH, WORK.id, TAG.id, STARRED, ALL_MAIL)


@dataclass
class Service:
    """The service, as one would describe it in a few lines: messages with labels and marks."""

    messages: dict[MessageId, MessageMeta] = field(default_factory=dict)

    def do(self, action: Action, label: LabelId | None, id: MessageId) -> None:
        message = self.messages.get(id)
        if message is None:
            return
        if action is Action.DELETE:
            del self.messages[id]
        elif action in (Action.READ, Action.UNREAD):
            self.messages[id] = replace(message, unread=action is Action.UNREAD)
        elif action in (Action.FORWARDED, Action.UNFORWARDED):
            self.messages[id] = replace(message, forwarded=action is Action.FORWARDED)
        elif label is not None and action is Action.UNLABEL:
            self.messages[id] = replace(message, label_ids=message.label_ids - {label})
        elif label is not None:
            if label in (INBOX, SENT, DRAFTS):
                label = INBOX if message.flags & 1 else SENT if message.flags & 2 else DRAFTS
            kept = message.label_ids - set(PLACES) if label in PLACES else message.label_ids
            self.messages[id] = replace(message, label_ids=kept | {label})


@dataclass
class Client:
    """One open mailbox as a mail program keeps it: fed by deltas alone."""

    view: View
    flags: dict[int, set[str]]
    highest: int = 0
    ever: set[int] = field(default_factory=set)

    def hear(self, delta: Delta) -> None:
        columns = delta.columns
        assert columns.highest_modseq >= self.highest
        self.highest = columns.highest_modseq
        for uid in delta.removed:
            del self.flags[uid]
        for uid in delta.added:
            assert uid not in self.ever, "a UID is never used twice"
            assert uid > max(self.ever, default=0), "UIDs ascend"
            assert uid < columns.uidnext
            self.ever.add(uid)
        for uid in (*delta.added, *delta.changed):
            at = columns.index(uid)
            assert at is not None
            self.flags[uid] = set(columns.table.flags(columns.flags[at]))


class World:
    """A store, its clients, and the service with the events it has not told yet."""

    def __init__(self, store: Store, rng: random.Random) -> None:
        self.store = store
        self.rng = rng
        self.service = Service()
        self.expected = Service()
        self.events: list[MessageSeen | MessageGone] = []
        self.clients: dict[LabelId, Client] = {}
        self.next = 1

    async def watch(self) -> None:
        for id in WATCHED:
            view = await self.store.open_view(id)
            assert view is not None
            client = Client(view, shown(view), view.columns.highest_modseq, set(view.columns.uids))
            view.listen(client.hear)
            self.clients[id] = client

    def tell(self, id: MessageId) -> None:
        message = self.service.messages.get(id)
        self.events.append(MessageSeen(message) if message else MessageGone(id))

    async def event(self) -> None:
        """Something happens at the service: the feed tells it later."""
        if self.rng.random() < 0.4 or not self.service.messages:
            flags = self.rng.choice((1, 1, 2, 0))
            place = {1: INBOX, 2: SENT, 0: DRAFTS}[flags]
            message = meta(self.next, [place], flags=flags, unread=self.rng.random() < 0.5)
            self.next += 1
            self.service.messages[message.id] = message
            self.tell(message.id)
            return
        id = self.rng.choice(list(self.service.messages))
        action = self.rng.choice(
            [Action.READ, Action.UNREAD, Action.LABEL, Action.UNLABEL, Action.LABEL, Action.DELETE]
        )
        self.service.do(action, self.rng.choice((*PLACES, STARRED, TAG.id)), id)
        self.tell(id)

    async def poll(self) -> None:
        """Read the feed to its end."""
        mark = self.store.queue_mark()
        told, self.events = self.events, []
        await self.store.apply(told, mark=mark)
        if self.rng.random() < 0.3:
            await self.store.apply(told, mark=mark)

    async def stale_event(self) -> None:
        """An old state of a message arrives while changes wait; it may not undo them."""
        if self.service.messages:
            id = self.rng.choice(list(self.service.messages))
            await self.store.apply([MessageSeen(self.service.messages[id])])

    async def labels_only(self) -> None:
        if self.service.messages:
            message = self.service.messages[self.rng.choice(list(self.service.messages))]
            await self.store.apply([MessageLabels(message.id, message.label_ids, message.unread)])

    async def push(self) -> None:
        """Send the head of the queue; sometimes the service refuses a part of it."""
        change = await self.store.queue_next(self.rng.choice((1, 3, 150)))
        if change is None:
            return
        refused = [id for id in change.message_ids if self.rng.random() < 0.15]
        done = [id for id in change.message_ids if id not in refused]
        for id in done:
            self.service.do(change.action, change.label_id, id)
            self.tell(id)
        if refused:
            await self.store.queue_refused(change.id, refused)
        if done:
            await self.store.queue_done(change.id, done)

    async def edit(self) -> None:
        """A mail program does something in one of the mailboxes."""
        client = self.clients[self.rng.choice(WATCHED)]
        uids = [uid for uid in client.flags if self.rng.random() < 0.5]
        if not uids:
            return
        source = BOXES[client.view.label]
        what = self.rng.choice(("store", "store", "copy", "move", "expunge"))
        if what == "store":
            flag = self.rng.choice(("\\Seen", "\\Flagged", "\\Answered", "$Forwarded", "$Junk"))
            both = {flag, "Forwarded"} if flag == "$Forwarded" else {flag}
            add = self.rng.random() < 0.6
            await client.view.store_flags(uids, lambda before: before | both if add else before - both)
        elif what == "expunge" and moves.may_expunge(source):
            await client.view.store_flags(uids, lambda before: before | {"\\Deleted"})
            removed = await client.view.expunge(uids, moves.unheld if moves.deletes_for_ever(source) else None)
            assert set(removed) == set(uids)
            assert not set(uids) & client.flags.keys()
        elif what in ("copy", "move"):
            target = BOXES[self.rng.choice((*PLACES, TAG.id, STARRED))]
            steps = (moves.copy if what == "copy" else moves.move)(source, target)
            if not isinstance(steps, moves.Forbidden):
                placed = await client.view.place(uids, steps, target.id)
                assert list(placed.target) == sorted(placed.target)
                assert set(placed.source) <= set(uids)

    async def literals(self) -> None:
        if self.service.messages:
            id = self.rng.choice(list(self.service.messages))
            number = int(id[8:13])
            await self.store.apply([LiteralReady(id, literal(number, str(self.rng.randrange(2))))])

    async def repair(self) -> None:
        """List everything anew."""
        await self.poll()
        await self.store.begin_listing()
        metas = list(self.service.messages.values())
        self.rng.shuffle(metas)
        for at in range(0, len(metas), 3):
            await self.store.add_listing(metas[at : at + 3])
        await self.store.finish_listing()

    def check_clients(self) -> None:
        for id, client in self.clients.items():
            assert client.flags == shown(client.view), id

    async def check_settled(self) -> None:
        """With an empty queue and everything told, exactly the service's state is shown."""
        while await self.store.queue_next():
            await self.push()
        await self.poll()
        await self.poll()
        self.check_clients()
        for label, client in self.clients.items():
            expected = {id: m for id, m in self.service.messages.items() if label in m.label_ids}
            uids = await self.store.uids(label, list(self.service.messages))
            assert uids.keys() == expected.keys(), label
            assert sorted(uids.values()) == sorted(client.flags)
            for id, uid in uids.items():
                flags = client.flags[uid]
                assert ("\\Seen" in flags) is not expected[id].unread
                assert ("\\Flagged" in flags) is (STARRED in expected[id].label_ids)
                assert ("$Forwarded" in flags) is expected[id].forwarded
                assert ("\\Draft" in flags) is (expected[id].flags & 3 == 0)
        assert {m.id: m for m in await self.store.metas([mid(n) for n in range(1, self.next)])} == self.service.messages


@pytest.mark.parametrize("seed", range(12))
async def test_random_histories(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    path = tmp_path / "mail.db"
    store = await Store.open(path, KEY)
    await store.set_labels(list(BOXES.values()))
    await store.begin_listing()
    await store.finish_listing()
    world = World(store, rng)
    await world.watch()
    steps: list[Callable[[], object]] = [
        world.event, world.event, world.event, world.poll, world.stale_event, world.labels_only, world.push, world.edit,
        world.edit, world.edit, world.literals,
    ]  # fmt: skip
    for turn in range(90):
        await rng.choice(steps)()  # type: ignore[misc]
        world.check_clients()
        if turn == 45:
            await world.repair()
    await world.check_settled()
    before = {id: (client.flags, client.view.columns) for id, client in world.clients.items()}
    await store.check()
    await store.close()
    store = await Store.open(path, KEY)
    for id, (flags, columns) in before.items():
        view = await store.open_view(id)
        assert view is not None
        assert shown(view) == flags, "the same after a restart"
        assert view.columns.modseqs == columns.modseqs
        assert (view.columns.uidnext, view.columns.highest_modseq) == (columns.uidnext, columns.highest_modseq)
    await store.close()


async def test_an_older_event_does_not_undo_the_users_change(store: Store) -> None:
    await store.apply([LabelSet(WORK), MessageSeen(meta(1))])
    view = await store.open_view(INBOX)
    assert view is not None
    await view.store_flags([1], lambda before: before | {"\\Seen"})
    await store.apply([MessageSeen(meta(1))])
    assert shown(view) == {1: {"\\Seen"}}
    change = await store.queue_next()
    assert change is not None
    assert (change.action, change.message_ids) == (Action.READ, (mid(1),))
    before_sending = store.queue_mark()
    await store.queue_done(change.id, change.message_ids)
    assert await store.queue_next() is None
    await store.apply([MessageSeen(meta(1))], mark=before_sending)
    assert shown(view) == {1: {"\\Seen"}}, "this poll began before the change was sent"
    await store.apply([], mark=store.queue_mark())
    assert shown(view) == {1: set()}, "the service's last word"


async def test_a_refused_change_is_taken_back(store: Store) -> None:
    await store.apply([LabelSet(WORK), MessageSeen(meta(1)), MessageSeen(meta(2))])
    view = await store.open_view(INBOX)
    assert view is not None
    placed = await view.place([1, 2], [(Action.LABEL, WORK.id)], WORK.id)
    assert (placed.source, placed.target) == ((1, 2), (1, 2))
    assert shown(view) == {}
    change = await store.queue_next()
    assert change is not None
    await store.queue_refused(change.id, [mid(2)])
    assert shown(view) == {3: set()}, "back under a new UID"
    assert [c.message_ids for c in [await store.queue_next()] if c] == [(mid(1),)]


async def test_a_folder_that_goes_gives_back_what_was_on_its_way_into_it(store: Store) -> None:
    """It shows where it was, and the change is left for the service to refuse."""
    await store.apply([LabelSet(WORK), MessageSeen(meta(1)), MessageSeen(meta(2))])
    view = await store.open_view(INBOX)
    assert view is not None
    await view.place([1, 2], [(Action.LABEL, WORK.id)], WORK.id)
    await store.apply([LabelGone(WORK.id)])
    assert shown(view) == {3: set(), 4: set()}
    change = await store.queue_next()
    assert change is not None
    assert (change.action, change.label_id, change.message_ids) == (Action.LABEL, WORK.id, (mid(1), mid(2)))
    await store.queue_refused(change.id, change.message_ids)
    assert shown(view) == {3: set(), 4: set()}
    assert await store.queue_next() is None


async def test_what_was_to_be_taken_out_of_a_label_that_goes_is_out(store: Store) -> None:
    await store.apply([LabelSet(TAG), MessageSeen(meta(1, [INBOX, TAG.id]))])
    view = await store.open_view(TAG.id)
    assert view is not None
    await view.store_flags([1], lambda before: before | {"\\Deleted"})
    assert await view.expunge([1], None) == [1]
    await store.apply([LabelGone(TAG.id)])
    assert await store.queue_next() is None


async def test_what_was_deleted_for_ever_leaves_the_store_though_no_event_says_so(store: Store) -> None:
    """Its deletion and its end may be one event that tells of neither."""
    await store.apply([MessageSeen(meta(1, [TRASH])), MessageSeen(meta(2, [TRASH]))])
    view = await store.open_view(TRASH)
    assert view is not None
    await view.store_flags([1], lambda before: before | {"\\Deleted"})
    assert await view.expunge([1], lambda others: True) == [1]
    change = await store.queue_next()
    assert change is not None
    assert change.action is Action.DELETE
    await store.queue_done(change.id, change.message_ids)
    assert mid(1) in await store.known([mid(1)]), "until a poll has had the chance to tell"
    await store.apply([], mark=store.queue_mark())
    assert (await store.known([mid(1), mid(2)])).keys() == {mid(2)}
    assert (await store.totals()).messages == 1


async def test_a_change_noted_as_sent_by_one_who_was_cancelled_is_let_go(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is being written is written; the next poll brings the echo of that change too."""
    await store.apply([MessageSeen(meta(1))])
    view = await store.open_view(INBOX)
    assert view is not None
    await view.store_flags([1], lambda before: before | {"\\Seen"})
    change = await store.queue_next()
    assert change is not None
    done, begun, go_on = queue.done, threading.Event(), threading.Event()

    def slow(*arguments: Any) -> None:
        begun.set()
        go_on.wait()
        done(*arguments)

    monkeypatch.setattr(queue, "done", slow)
    noting = asyncio.create_task(store.queue_done(change.id, change.message_ids))
    await asyncio.to_thread(begun.wait)
    noting.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await noting
    await store.apply([MessageSeen(meta(1, unread=False))])
    await store.apply([MessageSeen(meta(1, unread=True))], mark=store.queue_mark())
    assert shown(view) == {1: set()}, "the service's last word"


async def test_the_queue_keeps_its_order_and_its_limits(store: Store) -> None:
    await store.apply([MessageSeen(meta(number)) for number in range(1, 8)])
    view = await store.open_view(INBOX)
    assert view is not None
    called: list[int] = []
    store.on_queued(lambda: called.append(1))
    await view.store_flags(range(1, 8), lambda before: before | {"\\Seen"})
    await view.store_flags([3], lambda before: before | {"\\Seen"})
    await view.store_flags([3], lambda before: before - {"\\Seen"})
    assert len(called) == 2, "what changes nothing is not queued"
    first = await store.queue_next(5)
    assert first is not None
    assert len(first.message_ids) == 5
    await store.queue_failed(first.id)
    again = await store.queue_next(5)
    assert again == replace(first, tries=1)
    await store.queue_done(first.id, first.message_ids)
    rest = await store.queue_next(5)
    assert rest is not None
    assert (rest.id, len(rest.message_ids)) == (first.id, 2)
    await store.queue_done(rest.id, rest.message_ids)
    last = await store.queue_next()
    assert last is not None
    assert (last.action, last.message_ids) == (Action.UNREAD, (mid(3),))
    assert (await store.totals()).queued == 1


def test_the_model_is_not_trivial() -> None:
    """The random histories would be worth little if they hardly moved anything."""

    async def run() -> int:
        rng = random.Random(1)
        with tempfile.TemporaryDirectory() as folder:
            store = await Store.open(Path(folder) / "mail.db", KEY)
            await store.set_labels(list(BOXES.values()))
            await store.begin_listing()
            await store.finish_listing()
            world = World(store, rng)
            await world.watch()
            for _ in range(60):
                await world.event()
                await world.poll()
                await world.edit()
            await store.close()
            return sum(len(client.ever) for client in world.clients.values())

    assert asyncio.run(run()) > 40
