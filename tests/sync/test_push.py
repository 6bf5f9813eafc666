"""`sync.push` against the demo service: changes arrive in order, refused ones are taken back, others wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bridge_gui.demo.faults import Fault
from bridge_gui.demo.server import DemoServer
from bridge_gui.model import EventId, LabelId, MessageId, SystemLabel
from bridge_gui.proton.errors import Gone, SignedOut
from bridge_gui.proton.retry import Clock
from bridge_gui.store.records import Action, QueuedChange
from bridge_gui.store.views import View
from bridge_gui.sync.plan import EventPage
from bridge_gui.sync.push import NAMED, TAKEN_OVER, Pusher, taken_over_text
from bridge_gui.sync.service import Outcome
from tests.sync.account import Account, account, label_of


class Sent:
    """A pusher and what it told; `drain` ends when the queue is empty."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.refusals: list[tuple[str, int, str]] = []
        self.named: list[list[str]] = []
        self.slept: list[float] = []
        self.waits: list[float] = []
        self.empty = asyncio.Event()
        clock = Clock(sleep=self._sleep, random=lambda: 0.0)
        self.pusher = Pusher(
            account.service, account.store, clock, ready=self._ready, refused=self._refused, sent=self.empty.set
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def _ready(self) -> None:
        return

    def _refused(self, change: QueuedChange, ids: Sequence[MessageId], subjects: Sequence[str], reason: str) -> None:
        self.refusals.append((change.action.value, len(ids), reason))
        self.named.append(list(subjects))

    async def drain(self) -> None:
        running = asyncio.create_task(self.pusher.run())
        await self.empty.wait()
        self.empty.clear()
        running.cancel()


@pytest.fixture
async def inbox(anna: Account) -> View:
    await anna.list_all()
    view = await anna.store.open_view(SystemLabel.INBOX)
    assert view is not None
    return view


def adding(flag: str) -> Callable[[frozenset[str]], frozenset[str]]:
    return lambda flags: flags | {flag}


async def ids_of(view: View) -> list[str]:
    uids = list(view.columns.uids)
    found = await view.ids(uids)
    return [str(found[uid]) for uid in uids]


async def test_changes_arrive_in_order(anna: Account, inbox: View) -> None:
    ids = await ids_of(inbox)
    uids = list(inbox.columns.uids)
    mailbox = anna.demo.mailbox
    await inbox.store_flags(uids[:2], adding("\\Flagged"))
    await inbox.store_flags(uids[:3], adding("\\Seen"))
    await inbox.store_flags(uids[:3], lambda flags: flags - {"\\Seen"})
    await inbox.place(uids[3:5], [(Action.LABEL, SystemLabel.ARCHIVE)], SystemLabel.ARCHIVE)
    sent = Sent(anna)
    await sent.drain()
    assert all(SystemLabel.STARRED in mailbox.messages[id].labels for id in ids[:2])
    assert all(mailbox.messages[id].unread for id in ids[:3])
    assert all(SystemLabel.ARCHIVE in mailbox.messages[id].labels for id in ids[3:5])
    assert (sent.refusals, (await anna.store.totals()).queued) == ([], 0)


async def test_the_echo_changes_nothing_any_more(anna: Account, inbox: View) -> None:
    uids = list(inbox.columns.uids)
    await inbox.store_flags(uids, adding("\\Flagged"))
    await Sent(anna).drain()
    before = await anna.contents()
    modseqs = list(inbox.columns.modseqs)
    await anna.poller.poll()
    assert await anna.contents() == before
    assert list(inbox.columns.modseqs) == modseqs


async def test_an_older_event_does_not_undo_what_the_user_just_did(anna: Account, inbox: View) -> None:
    ids, uids = await ids_of(inbox), list(inbox.columns.uids)
    await inbox.store_flags(uids[:1], adding("\\Flagged"))
    anna.demo.mailbox.mark_forwarded([ids[0]], forwarded=True)  # an event that knows nothing of the star
    await anna.poller.poll()
    assert "\\Flagged" in anna.store.flag_table.flags(inbox.columns.flags[0])
    await Sent(anna).drain()
    await anna.poller.poll()
    assert "\\Flagged" in anna.store.flag_table.flags(inbox.columns.flags[0])


async def test_what_happened_elsewhere_after_a_change_stays(
    anna: Account, inbox: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A phone marks it again, and its event is here before the answer to our own change."""
    ids, uids = await ids_of(inbox), list(inbox.columns.uids)
    await inbox.store_flags(uids[:2], adding("\\Seen"))
    await inbox.store_flags(uids[:2], lambda flags: flags - {"\\Seen"})
    change = anna.service.change

    async def change_and_then_elsewhere(action: Action, label: LabelId | None, ids_: Sequence[MessageId]) -> Outcome:
        outcome = await change(action, label, ids_)
        if action is Action.UNREAD:
            anna.demo.mailbox.mark(ids[:1], unread=False)
            await anna.poller.poll()
        return outcome

    monkeypatch.setattr(anna.service, "change", change_and_then_elsewhere)
    await Sent(anna).drain()
    await anna.poller.poll()
    assert [anna.demo.mailbox.messages[id].unread for id in ids[:2]] == [False, True]
    assert ["\\Seen" in anna.store.flag_table.flags(flags) for flags in inbox.columns.flags[:2]] == [True, False]


async def test_a_refresh_that_swallows_the_echo_of_a_change_does_not_undo_it(
    anna: Account, inbox: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older event is applied while the change is made, and the page with its echo asks to list everything anew:
    until that has come to the message, the last thing the service was heard to say of it is from before."""
    ids, uids = await ids_of(inbox), list(inbox.columns.uids)
    anna.demo.mailbox.mark_forwarded([ids[0]], forwarded=True)
    change, events = anna.service.change, anna.service.events

    async def change_between_an_event_and_its_taking(
        action: Action, label: LabelId | None, ids_: Sequence[MessageId]
    ) -> Outcome:
        page = await events(EventId(await anna.store.cursor() or ""))
        outcome = await change(action, label, ids_)

        async def older(cursor: EventId) -> EventPage:
            return page

        monkeypatch.setattr(anna.service, "events", older)
        await anna.poller.poll()
        monkeypatch.setattr(anna.service, "events", events)
        return outcome

    async def only_begin(cursor: EventId) -> None:
        await anna.listing.begin(cursor)

    def starred() -> bool:
        return "\\Flagged" in anna.store.flag_table.flags(inbox.columns.flags[0])

    monkeypatch.setattr(anna.service, "change", change_between_an_event_and_its_taking)
    monkeypatch.setattr(anna.listener, "refresh", only_begin)
    await inbox.store_flags(uids[:1], adding("\\Flagged"))
    await Sent(anna).drain()
    anna.demo.feed.refresh(1)
    await anna.poller.poll()
    assert not await anna.store.listing_complete()
    await anna.poller.poll()
    assert starred()
    await anna.list_all()
    await anna.poller.poll()
    assert starred()
    assert await anna.store._engine.read(lambda connection: connection.execute("SELECT count(*) FROM pending").get) == 0


async def test_a_change_sent_while_a_page_is_on_its_way_waits_for_the_poll_after_it(
    anna: Account, inbox: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is from before the change: it brings an older word on the message, and not the echo."""
    ids, uids = await ids_of(inbox), list(inbox.columns.uids)
    anna.demo.mailbox.mark_forwarded([ids[0]], forwarded=True)
    events = anna.service.events

    async def events_and_then_the_change(cursor: EventId) -> EventPage:
        page = await events(cursor)
        await inbox.store_flags(uids[:1], adding("\\Flagged"))
        await Sent(anna).drain()
        return page

    with monkeypatch.context() as patch:
        patch.setattr(anna.service, "events", events_and_then_the_change)
        await anna.poller.poll()
    assert {"\\Flagged", "$Forwarded"} <= anna.store.flag_table.flags(inbox.columns.flags[0])
    await anna.poller.poll()
    assert "\\Flagged" in anna.store.flag_table.flags(inbox.columns.flags[0])


async def test_a_change_stays_laid_over_until_the_last_page_of_a_poll(
    anna: Account, inbox: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told of the message is from before the change, and the first page is about another one."""
    ids, uids = await ids_of(inbox), list(inbox.columns.uids)
    anna.demo.mailbox.mark_forwarded([ids[0]], forwarded=True)
    change, events = anna.service.change, anna.service.events
    starred: list[bool] = []

    async def change_while_an_older_page_is_taken(
        action: Action, label: LabelId | None, ids_: Sequence[MessageId]
    ) -> Outcome:
        page = await events(EventId(await anna.store.cursor() or ""))
        anna.demo.mailbox.mark_forwarded([ids[1]], forwarded=True)
        outcome = await change(action, label, ids_)

        async def older(cursor: EventId) -> EventPage:
            return page

        with monkeypatch.context() as patch:
            patch.setattr(anna.service, "events", older)
            await anna.poller.poll()
        return outcome

    async def looking_on(cursor: EventId) -> EventPage:
        starred.append("\\Flagged" in anna.store.flag_table.flags(inbox.columns.flags[0]))
        return await events(cursor)

    monkeypatch.setattr(anna.service, "change", change_while_an_older_page_is_taken)
    await inbox.store_flags(uids[:1], adding("\\Flagged"))
    await Sent(anna).drain()
    anna.demo.feed.per_event = 1
    monkeypatch.setattr(anna.service, "events", looking_on)
    await anna.poller.poll()
    starred.append("\\Flagged" in anna.store.flag_table.flags(inbox.columns.flags[0]))
    assert starred == [True] * 3


async def test_a_refused_change_is_taken_back(anna: Account, inbox: View, server: DemoServer) -> None:
    uids = list(inbox.columns.uids)
    flags = list(inbox.columns.flags)
    server.world.faults.set([Fault("PUT /mail/v4/messages/label", status=422, code=2011, error="Not allowed")])
    await inbox.store_flags(uids, adding("\\Flagged"))
    sent = Sent(anna)
    await sent.drain()
    assert {(action, reason) for action, _, reason in sent.refusals} == {("label", "Not allowed")}
    assert all(len(named) == min(count, NAMED) for named, (_, count, _) in zip(sent.named, sent.refusals, strict=True))
    assert list(inbox.columns.flags) == flags
    assert (await anna.store.totals()).queued == 0


async def test_a_change_into_a_folder_that_was_deleted_elsewhere_is_taken_back_and_told(
    anna: Account, inbox: View
) -> None:
    ids, uids = await ids_of(inbox), list(inbox.columns.uids)
    folder = label_of(anna, "Projects")
    await inbox.place(uids[:2], [(Action.LABEL, folder)], folder)
    anna.demo.mailbox.delete_label(folder)
    await anna.poller.poll()
    assert set(await ids_of(inbox)) == set(ids)
    sent = Sent(anna)
    await sent.drain()
    assert [(action, count) for action, count, _ in sent.refusals] == [("label", 2)]
    assert set(await ids_of(inbox)) == set(ids)
    assert (await anna.store.totals()).queued == 0


async def test_one_that_is_gone_does_not_spoil_the_others(anna: Account, inbox: View) -> None:
    ids, uids = await ids_of(inbox), list(inbox.columns.uids)
    anna.demo.mailbox.remove(ids[1])
    await inbox.store_flags(uids, adding("\\Flagged"))
    sent = Sent(anna)
    await sent.drain()
    labels = anna.demo.mailbox.messages
    assert all(SystemLabel.STARRED in labels[id].labels for id in ids if id != ids[1])
    assert [(action, count) for action, count, _ in sent.refusals] == [("label", 1)]
    assert sent.named == [[meta.subject for meta in await anna.store.metas([MessageId(ids[1])])]]
    assert sent.named[0][0]


async def test_a_batch_refused_as_a_whole_is_searched_for_the_one_to_blame(
    anna: Account, inbox: View, server: DemoServer
) -> None:
    """The first calls refuse everything; smaller ones go through."""
    ids, uids = await ids_of(inbox), list(inbox.columns.uids)
    server.world.faults.set([Fault("PUT /mail/v4/messages/label", status=422, code=2501, count=2)])
    await inbox.store_flags(uids, adding("\\Flagged"))
    sent = Sent(anna)
    await sent.drain()
    assert sent.refusals == []
    assert all(SystemLabel.STARRED in anna.demo.mailbox.messages[id].labels for id in ids)


async def test_some_that_are_gone_do_not_condemn_the_rest(
    anna: Account, inbox: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that refuses whole calls for one of their messages: the first ones are gone, the others are not."""
    ids, uids = await ids_of(inbox), list(inbox.columns.uids)
    gone, change, calls = set(ids[: len(ids) // 2]), anna.service.change, 0

    async def all_or_nothing(action: Action, label: LabelId | None, ids_: Sequence[MessageId]) -> Outcome:
        nonlocal calls
        calls += 1
        if gone.intersection(ids_):
            raise Gone(422, 2501)
        return await change(action, label, ids_)

    monkeypatch.setattr(anna.service, "change", all_or_nothing)
    await inbox.store_flags(uids, adding("\\Flagged"))
    sent = Sent(anna)
    await sent.drain()
    assert len(gone) > 4
    assert {id for id in ids if SystemLabel.STARRED not in anna.demo.mailbox.messages[id].labels} == gone
    assert [count for _, count, _ in sent.refusals] == [len(gone)]
    await anna.poller.poll()
    gone.update(ids)
    calls = 0
    await inbox.store_flags(list(inbox.columns.uids), adding("$Forwarded"))
    await sent.drain()
    assert [count for _, count, _ in sent.refusals[1:]] == [len(ids)]
    assert calls < len(ids), "that all are refused is not found out one by one"


@pytest.mark.parametrize("status", [500, 502, 302, 403])
async def test_trouble_keeps_the_change(anna: Account, inbox: View, server: DemoServer, status: int) -> None:
    """Also when something before the service answers: a redirection, a 403 without a word."""
    ids, uids = await ids_of(inbox), list(inbox.columns.uids)
    server.world.faults.set([Fault("PUT *", status=status, count=3)])
    await inbox.store_flags(uids[:1], adding("\\Flagged"))
    sent = Sent(anna)
    await sent.drain()
    assert sent.slept == [20.0, 40.0, 80.0]
    assert SystemLabel.STARRED in anna.demo.mailbox.messages[ids[0]].labels


async def test_an_answer_that_was_lost_is_asked_for_again(anna: Account, inbox: View, server: DemoServer) -> None:
    ids, uids = await ids_of(inbox), list(inbox.columns.uids)
    server.world.faults.set([Fault("PUT *", cut="after", count=2)])
    await inbox.place(uids[:1], [(Action.LABEL, SystemLabel.ARCHIVE)], SystemLabel.ARCHIVE)
    await Sent(anna).drain()
    assert SystemLabel.ARCHIVE in anna.demo.mailbox.messages[ids[0]].labels
    await anna.poller.poll()
    assert ids[0] not in (await anna.contents())["0"]


async def test_changes_survive_a_restart(anna: Account, inbox: View, server: DemoServer, tmp_path: Path) -> None:
    ids, uids = await ids_of(inbox), list(inbox.columns.uids)
    await inbox.store_flags(uids[:1], adding("\\Flagged"))
    await anna.store.close()
    async with account(server, tmp_path / "anna.db") as again:
        await Sent(again).drain()
    assert SystemLabel.STARRED in anna.demo.mailbox.messages[ids[0]].labels


async def test_what_comes_from_a_damaged_store_is_sent_first_and_in_batches(
    anna: Account, inbox: View, server: DemoServer
) -> None:
    """Trouble keeps it; what is refused of it is told."""
    ids, uids = await ids_of(inbox), list(inbox.columns.uids)
    named = tuple(map(MessageId, ids))
    changes = (
        QueuedChange(0, Action.LABEL, LabelId(SystemLabel.STARRED), named * 20, 0.0, 0),
        QueuedChange(0, Action.UNREAD, None, (*named[:2], MessageId("gone")), 0.0, 0),
    )
    await anna.store.set({TAKEN_OVER: taken_over_text(changes)})
    await inbox.store_flags(uids[:1], adding("\\Seen"))
    await inbox.store_flags(uids[:1], lambda flags: flags - {"\\Seen"})
    await inbox.store_flags(uids[:1], adding("\\Seen"))
    server.world.faults.set([Fault("PUT *", status=500, count=2)])
    sent = Sent(anna)
    await sent.drain()
    mailbox = anna.demo.mailbox
    assert all(SystemLabel.STARRED in mailbox.messages[id].labels for id in ids)
    assert [mailbox.messages[id].unread for id in ids[:2]] == [False, True]
    assert sent.slept == [20.0, 40.0]
    assert [(action, count) for action, count, _ in sent.refusals] == [("unread", 1)]
    assert await anna.store.get(TAKEN_OVER) is None


async def test_a_session_that_has_ended_ends_the_sending_and_keeps_the_change(
    anna: Account, inbox: View, server: DemoServer
) -> None:
    await inbox.store_flags(list(inbox.columns.uids)[:1], adding("\\Flagged"))
    server.world.sessions.close_all(anna.demo.number)
    with pytest.raises(SignedOut):
        await Sent(anna).pusher.run()
    assert (await anna.store.totals()).queued == 1
