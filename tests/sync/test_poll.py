"""`sync.poll` against the demo service: events of every kind, trouble, and a feed that cannot be followed."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

import pytest

from bridge_gui.demo.faults import Fault
from bridge_gui.demo.letters import Letter
from bridge_gui.demo.records import Person
from bridge_gui.demo.server import DemoServer
from bridge_gui.errors import BridgeError
from bridge_gui.model import LabelId, MessageId, SystemLabel
from bridge_gui.proton.errors import Malformed
from bridge_gui.proton.retry import Clock
from bridge_gui.sync.poll import MOST_PAGES, PERIOD, BadEvents
from tests.sync.account import Account, account, service_contents

ANNA = "anna@bridge.example"


@pytest.fixture
async def listed(anna: Account) -> Account:
    """Everything is listed, and the feed has nothing new."""
    await anna.list_all()
    return anna


def letter(subject: str = "News", **changes: object) -> Letter:
    values: dict[str, object] = {
        "subject": subject,
        "sender": Person("Carla", "carla@outside.example"),
        "to": (Person("Anna", ANNA),),
        "body": "Something happened.\n",
        "time": 1_780_000_100,
    }
    return Letter(**(values | changes))  # type: ignore[arg-type]


async def same_as_service(anna: Account) -> None:
    here = {label: set(uids) for label, uids in (await anna.contents()).items()}
    there = {label: set(ids) for label, ids in service_contents(anna.demo).items()}
    assert here == {label: there.get(label, set()) for label in here}
    assert all(not ids or label in here for label, ids in there.items() if label in _MAILBOXES)


_MAILBOXES = ("0", "3", "4", "5", "6", "7", "8", "10")


async def test_nothing_new_changes_nothing(listed: Account) -> None:
    before = await listed.contents()
    cursor = await listed.store.cursor()
    await listed.poller.poll()
    assert await listed.contents() == before
    assert await listed.store.cursor() == cursor


async def test_new_mail_gets_the_next_uid(listed: Account, server: DemoServer) -> None:
    before = (await listed.contents())["0"]
    message = server.world.deliver(letter(), ANNA)
    await listed.poller.poll()
    after = (await listed.contents())["0"]
    assert after == before | {message.id: max(before.values()) + 1}
    assert message.id in {each.id for each in await listed.store.missing_literals(100)}
    assert await listed.store.cursor() == listed.demo.feed.latest


async def test_read_state_stars_moves_and_deletions(listed: Account) -> None:
    mailbox = listed.demo.mailbox
    one, two, three, four, five = list((await listed.contents())["0"])[:5]
    mailbox.mark([one], unread=True)
    mailbox.mark_forwarded([one], forwarded=True)
    mailbox.label([two], SystemLabel.STARRED)
    mailbox.label([three], SystemLabel.ARCHIVE)
    mailbox.label([four], SystemLabel.TRASH)
    mailbox.remove(five)
    await listed.poller.poll()
    await same_as_service(listed)
    (state,) = await listed.store.metas([MessageId(one)])
    assert (state.unread, state.forwarded) == (True, True)
    assert await listed.store.known([MessageId(five)]) == {}


async def test_uids_are_never_given_twice(listed: Account) -> None:
    mailbox = listed.demo.mailbox
    inbox = (await listed.contents())["0"]
    newest = list(inbox)[-1]
    mailbox.label([newest], SystemLabel.ARCHIVE)
    await listed.poller.poll()
    mailbox.label([newest], SystemLabel.INBOX)
    await listed.poller.poll()
    assert (await listed.contents())["0"][newest] == max(inbox.values()) + 1


async def test_events_told_again_change_nothing(listed: Account, server: DemoServer) -> None:
    cursor = await listed.store.cursor()
    server.world.deliver(letter(), ANNA)
    listed.demo.mailbox.label([next(iter((await listed.contents())["0"]))], SystemLabel.ARCHIVE)
    await listed.poller.poll()
    after = await listed.contents()
    await listed.store.set_cursor(cursor)
    await listed.poller.poll()
    assert await listed.contents() == after


async def test_an_edited_draft_is_downloaded_again_and_gets_a_new_uid(listed: Account, server: DemoServer) -> None:
    await listed.download_all()
    drafts = (await listed.contents())["8"]
    draft = MessageId(next(iter(drafts)))
    before = await listed.store.literal(draft)
    server.world.rewrite(listed.demo, draft, letter("Edited", body="Another text."))
    await listed.poller.poll()
    assert (await listed.contents())["8"] == drafts
    assert await listed.store.literal(draft) == before
    await listed.download_all()
    assert b"Another text." in (await listed.store.literal(draft) or b"")
    assert (await listed.contents())["8"][draft] > max(drafts.values())


async def test_a_touched_draft_whose_bytes_are_the_same_keeps_its_uid(listed: Account) -> None:
    await listed.download_all()
    drafts = (await listed.contents())["8"]
    draft = MessageId(next(iter(drafts)))
    listed.demo.feed.add("Messages", draft, 2)
    await listed.poller.poll()
    assert [each.id for each in await listed.store.missing_literals(5)] == [draft]
    await listed.download_all()
    assert (await listed.contents())["8"] == drafts


async def test_labels_come_change_swap_their_names_and_go(listed: Account) -> None:
    mailbox = listed.demo.mailbox
    one = mailbox.create_label("One", 3, "#8080FF")
    two = mailbox.create_label("Two", 3, "#8080FF")
    child = mailbox.create_label("Child", 3, "#8080FF", one.id)
    label = mailbox.create_label("Folders", 1, "#8080FF")
    mailbox.create_label("Friends", 2, "#8080FF")
    await listed.poller.poll()
    names = {each.id: (each.name, each.parent_id) for each in await listed.store.labels()}
    assert names[LabelId(one.id)] == ("One", None)
    assert names[LabelId(child.id)] == ("Child", one.id)
    assert names[LabelId(label.id)] == ("Folders", None)
    assert "Friends" not in {name for name, _ in names.values()}
    inside = next(iter((await listed.contents())["0"]))
    mailbox.label([inside], child.id)
    mailbox.update_label(one.id, "tmp", "#8080FF")
    mailbox.update_label(two.id, "One", "#8080FF")
    mailbox.update_label(one.id, "Two", "#8080FF")
    await listed.poller.poll()
    names = {each.id: (each.name, each.parent_id) for each in await listed.store.labels()}
    assert names[LabelId(one.id)] == ("Two", None)
    assert names[LabelId(two.id)] == ("One", None)
    assert (await listed.contents())[child.id] == {inside: 1}
    mailbox.delete_label(one.id)
    await listed.poller.poll()
    known = {each.id for each in await listed.store.labels()}
    assert {one.id, child.id}.isdisjoint(known)
    assert inside in (await listed.contents())["5"]
    await same_as_service(listed)


async def test_used_space_and_identity_are_told(listed: Account) -> None:
    listed.demo.disable_address(listed.demo.ordered[1].id)
    await listed.poller.poll()
    assert listed.listener.identities == 1


async def test_a_refresh_lists_everything_anew_and_keeps_uids(listed: Account, server: DemoServer) -> None:
    before = await listed.contents()
    mailbox = listed.demo.mailbox
    gone = next(iter(before["0"]))
    mailbox.remove(gone)
    listed.demo.feed.refresh(1)
    await listed.poller.poll()
    assert len(listed.listener.refreshes) == 1
    after = await listed.contents()
    assert after["0"] == {id: uid for id, uid in before["0"].items() if id != gone}
    assert await listed.store.listing_complete()
    await listed.poller.poll()
    assert len(listed.listener.refreshes) == 1
    await same_as_service(listed)


async def test_a_refresh_during_the_first_listing(anna: Account) -> None:
    await anna.listing.begin()
    anna.demo.feed.refresh(255)
    await anna.poller.poll()
    assert len(anna.listener.refreshes) == 1
    assert anna.listener.identities == 1
    await same_as_service(anna)


async def test_contacts_refresh_is_not_ours(listed: Account) -> None:
    listed.demo.feed.refresh(2)
    await listed.poller.poll()
    assert listed.listener.refreshes == []


async def test_at_most_so_many_events_in_one_poll(listed: Account, server: DemoServer) -> None:
    assert MOST_PAGES == 50  # (API document 5.1)
    listed.demo.feed.per_event = 1
    for index in range(MOST_PAGES + 3):
        listed.demo.mailbox.mark([next(iter((await listed.contents())["0"]))], unread=index % 2 == 0)
    await listed.poller.poll()
    assert await listed.store.cursor() != listed.demo.feed.latest
    assert await listed.poller.nudge.wait(0)
    await listed.poller.poll()
    assert await listed.store.cursor() == listed.demo.feed.latest


# ------------------------------------------------------------------------------------------- trouble


async def test_a_poll_is_told_when_nothing_is_left(listed: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not after the first fifty events of more: it would be said that all was looked at."""
    listed.demo.feed.per_event = 1
    one = next(iter((await listed.contents())["0"]))
    for index in range(MOST_PAGES + 3):
        listed.demo.mailbox.mark([one], unread=index % 2 == 0)
    told: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    async def polled() -> None:
        if not told.done():
            told.set_result(await listed.store.cursor())

    monkeypatch.setattr(listed.listener, "polled", polled)
    async with asyncio.TaskGroup() as group:
        polling = group.create_task(listed.poller.run())
        assert await told == listed.demo.feed.latest
        polling.cancel()


async def test_the_space_used_is_told(listed: Account, server: DemoServer) -> None:
    body = json.dumps({"EventID": "next", "UsedSpace": 123456})
    server.world.faults.set([Fault("GET /core/v4/events/*", status=200, body=body)])
    await listed.poller.poll()
    assert listed.listener.used_bytes == 123456


async def test_polls_of_many_programs_do_not_come_at_once(server: DemoServer, tmp_path: Path) -> None:
    """Chance adds up to as much again to the period."""
    slept, _ = await run_polls(server, tmp_path / "a.db", 3, dice=0.5)
    assert slept == [1.5 * PERIOD] * 3


class Timeline:
    """A clock whose sleeps end at once and are written down; the run ends after so many."""

    def __init__(self, sleeps: int, dice: float = 0.0) -> None:
        self.slept: list[float] = []
        self._dice = dice
        self._left = sleeps
        self.over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._left -= 1
        if self._left <= 0:
            self.over.set()
            await asyncio.Event().wait()

    @property
    def clock(self) -> Clock:
        return Clock(sleep=self.sleep, random=lambda: self._dice)


async def run_polls(server: DemoServer, path: Path, sleeps: int, dice: float = 0.0) -> tuple[list[float], Account]:
    """Poll until so many waits have passed; what was slept."""
    timeline = Timeline(sleeps, dice)
    async with account(server, path, clock=timeline.clock) as anna:
        await anna.listing.prepare()
        async with asyncio.TaskGroup() as group:
            polling = group.create_task(anna.poller.run())
            await timeline.over.wait()
            polling.cancel()
        return timeline.slept, anna


@pytest.mark.parametrize(
    "fault",
    [
        Fault("GET /core/v4/events/*", status=500, count=3),
        Fault("GET /core/v4/events/*", status=200, body='{"EventID": ', count=3),
        Fault("GET /core/v4/events/*", status=502, body="<html>", count=3),
    ],
    ids=["500", "cut JSON", "a proxy's page"],
)
async def test_trouble_is_waited_out_and_the_period_is_kept(
    anna: Account, server: DemoServer, tmp_path: Path, fault: Fault
) -> None:
    await anna.list_all()
    server.world.deliver(letter(), ANNA)
    await anna.store.close()
    server.world.faults.set([fault])
    slept, polled = await run_polls(server, tmp_path / "anna.db", 5)
    assert slept == [20.0, 40.0, 80.0, PERIOD, PERIOD]
    assert (len(polled.listener.troubles), polled.listener.polls) == (3, 2)


@pytest.mark.parametrize("status", [422, 400, 404])
async def test_a_feed_that_is_refused_is_a_bad_event(listed: Account, server: DemoServer, status: int) -> None:
    server.world.faults.set([Fault("GET /core/v4/events/*", status=status, code=2501)])
    cursor = await listed.store.cursor()
    with pytest.raises(BadEvents):
        await listed.poller.run()
    assert await listed.store.cursor() == cursor


async def test_a_lost_cursor_is_a_bad_event_and_not_a_new_beginning(listed: Account, server: DemoServer) -> None:
    await listed.store.set_cursor(None)
    asked = server.world.faults.add(Fault("GET /core/v4/events/*"))
    with pytest.raises(BadEvents):
        await listed.poller.run()
    assert await listed.store.cursor() is None
    assert asked.hits == 0


async def test_a_page_that_fails_half_way_is_told_again(listed: Account, server: DemoServer) -> None:
    """Labels are read before the messages are applied: when that fails, the cursor has not moved."""
    cursor = await listed.store.cursor()
    folder = listed.demo.mailbox.create_label("New", 3, "#8080FF")
    message = server.world.deliver(letter(), ANNA)
    listed.demo.mailbox.label([message.id], folder.id)
    server.world.faults.set([Fault("GET /core/v4/labels", status=500)])
    with pytest.raises(BridgeError):
        await listed.poller.poll()
    assert await listed.store.cursor() == cursor
    server.world.faults.clear()
    await listed.poller.poll()
    assert (await listed.contents())[folder.id] == {message.id: 1}


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("GET /core/v4/labels", ""),
        ("GET /core/v4/labels", "{}"),
        ("GET /core/v4/labels", '{"Labels": []}'),
        ("POST /mail/v4/messages", '{"Code": 1000}'),
        ("GET /mail/v4/messages/ids", ""),
        ("GET /mail/v4/messages/ids", '{"Code": 1000}'),
    ],
)
async def test_an_answer_without_its_list_does_not_say_that_everything_is_gone(
    listed: Account, server: DemoServer, path: str, answer: str
) -> None:
    before = await listed.contents()
    listed.demo.mailbox.create_label("New", 3, "#8080FF")
    server.world.faults.set([Fault(path, status=200, body=answer)])
    for again in (listed.poller.poll, listed.listing.begin, listed.list_all):
        with contextlib.suppress(Malformed):
            await again()
    server.world.faults.clear()
    await listed.poller.poll()
    await listed.list_all()
    assert await listed.contents() == before


async def test_unknown_kinds_of_things_are_left_out(listed: Account, server: DemoServer) -> None:
    body = (
        '{"Code": 1000, "EventID": "next", "More": 0, "Refresh": 0, "Weather": {"Sun": 1},'
        ' "Messages": [{"ID": "x", "Action": 77}],'
        ' "Labels": [{"ID": "y", "Action": 1, "Label": {"ID": "y", "Type": 99}}]}'
    )
    server.world.faults.set([Fault("GET /core/v4/events/*", status=200, body=body)])
    before = await listed.contents()
    await listed.poller.poll()
    assert await listed.contents() == before
    assert await listed.store.cursor() == "next"


async def test_events_without_metadata_are_looked_up(listed: Account, server: DemoServer) -> None:
    inbox = list((await listed.contents())["0"])
    listed.demo.mailbox.mark([inbox[0]], unread=True)
    new = server.world.deliver(letter(), ANNA)
    messages = [
        {"ID": inbox[0], "Action": 3},
        {"ID": "no-such-message", "Action": 1},
        {"ID": new.id, "Action": 2},  # whose creation was never told
    ]
    body = json.dumps({"EventID": "next", "Messages": messages})
    server.world.faults.set([Fault("GET /core/v4/events/*", status=200, body=body)])
    await listed.poller.poll()
    (state,) = await listed.store.metas([MessageId(inbox[0])])
    assert state.unread
    assert list((await listed.contents())["0"]) == [*inbox, new.id]
