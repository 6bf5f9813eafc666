"""`sync.initial` against the demo service: what is listed, in which order, and how it goes on after interruptions."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge_gui.demo.faults import Fault
from bridge_gui.demo.letters import Letter
from bridge_gui.demo.server import DemoServer
from bridge_gui.errors import BridgeError, StoreError
from bridge_gui.model import LabelId, LabelKind, MessageId, SystemLabel
from bridge_gui.store.changes import LabelSet
from bridge_gui.store.records import Action, Label
from bridge_gui.sync import initial
from bridge_gui.sync.initial import INBOX_PAGES, PHASE, WALKED
from tests.sync.account import Account, account, service_contents
from tests.sync.conftest import Serve


async def test_mailboxes_equal_the_services_with_uids_by_date(anna: Account) -> None:
    await anna.list_all()
    here = await anna.contents()
    there = service_contents(anna.demo)
    assert {label: list(uids) for label, uids in here.items()} == {label: there[label] for label in here}
    assert set(here) >= {label for label in there if label not in ("1", "2", "9", "15", "16")}
    assert all(list(uids.values()) == list(range(1, len(uids) + 1)) for uids in here.values())
    assert await anna.store.listing_complete()
    assert anna.usable == [True]


async def test_labels_are_all_that_are_mailboxes_and_no_contact_groups(anna: Account) -> None:
    anna.demo.mailbox.create_label("Friends", 2, "#8080FF", tell=False)
    await anna.list_all()
    names = {label.name for label in await anna.store.labels()}
    assert {"Projects", "Important", "Inbox"} <= names
    assert "Friends" not in names


async def test_inbox_is_usable_while_the_rest_is_not_listed(serve: Serve, tmp_path: Path) -> None:
    async with serve(600) as server, account(server, tmp_path / "a.db") as anna:
        server.world.faults.set([Fault("GET /mail/v4/messages/ids", status=422)])
        with pytest.raises(BridgeError):
            await anna.list_all()
        here = await anna.contents()
        assert list(here) == [SystemLabel.INBOX]
        assert list(here["0"]) == service_contents(anna.demo)["0"]
        assert anna.usable == [True]
        before = here["0"]
        server.world.faults.clear()
        await anna.list_all()
        assert (await anna.contents())["0"] == before


async def test_the_cursor_is_kept_before_anything_is_listed(anna: Account, server: DemoServer) -> None:
    server.world.faults.set([Fault("POST /mail/v4/messages", status=422)])
    with pytest.raises(BridgeError):
        await anna.list_all()
    assert await anna.store.cursor() == anna.demo.feed.latest


@pytest.mark.parametrize("passed", range(0, 13, 4))
async def test_a_listing_cut_off_goes_on_where_it_was(serve: Serve, tmp_path: Path, passed: int) -> None:
    """Whichever request is the first to fail, the next start ends with the same mailboxes."""
    async with serve(900) as server:
        async with account(server, tmp_path / "whole.db") as undisturbed:
            await undisturbed.list_all()
            expected = await undisturbed.contents()
        server.world.faults.set([Fault(skip=passed, status=422)])
        async with account(server, tmp_path / "a.db") as anna:
            with pytest.raises(BridgeError):
                await anna.list_all()
        server.world.faults.clear()
        async with account(server, tmp_path / "a.db") as anna:
            await anna.list_all()
            assert await anna.contents() == expected
            assert await anna.store.listing_complete()
            assert [await anna.store.get(name) for name in (PHASE, INBOX_PAGES, WALKED)] == [None] * 3


async def test_a_second_run_asks_for_nothing(anna: Account, server: DemoServer) -> None:
    await anna.list_all()
    server.world.faults.set([Fault(status=500)])
    await anna.list_all()


async def test_what_changes_during_the_listing_is_not_lost(serve: Serve, tmp_path: Path) -> None:
    """Mail comes, goes and moves while pages are on their way; afterwards the events have been applied."""
    async with serve(700) as server, account(server, tmp_path / "a.db") as anna:
        mailbox = anna.demo.mailbox
        inbox = service_contents(anna.demo)["0"]
        server.world.faults.set([Fault("POST /mail/v4/messages", delay=0.05)])
        async with asyncio.TaskGroup() as group:
            listing = group.create_task(anna.list_all())
            step = 0
            while not listing.done():
                mailbox.remove(inbox[step])
                mailbox.label([inbox[-1 - step]], SystemLabel.ARCHIVE)
                mailbox.mark([inbox[100 + step]], unread=True)
                step += 1
                if await anna.store.cursor() is not None:
                    await anna.poller.poll()
                await asyncio.sleep(0.02)
        assert step > 3
        await anna.poller.poll()
        here = {label: set(uids) for label, uids in (await anna.contents()).items()}
        there = service_contents(anna.demo)
        assert here == {label: set(there[label]) for label in here}
        unread = {meta.id for meta in await anna.store.metas(inbox) if meta.unread}  # type: ignore[arg-type]
        assert unread == {message.id for message in mailbox.messages.values() if message.unread and message.id in inbox}


async def test_a_repair_keeps_uids_and_finds_what_was_missed(anna: Account) -> None:
    await anna.list_all()
    before = await anna.contents()
    mailbox = anna.demo.mailbox
    gone, moved = list(before["0"])[:2]
    mailbox.remove(gone)
    mailbox.label([moved], SystemLabel.ARCHIVE)
    await anna.listing.begin()
    assert (await anna.contents())["0"] == before["0"]
    await anna.list_all()
    after = await anna.contents()
    assert after["0"] == {id: uid for id, uid in before["0"].items() if id not in (gone, moved)}
    assert moved in after["6"]
    assert gone not in {id for uids in after.values() for id in uids}


async def test_a_draft_edited_while_events_were_missed_is_downloaded_again(anna: Account, server: DemoServer) -> None:
    await anna.list_all()
    await anna.download_all()
    draft = next(iter((await anna.contents())["8"]))
    letter = server.world.letter(anna.demo.mailbox.messages[draft].content)  # type: ignore[arg-type]
    server.world.rewrite(anna.demo, draft, _edited(letter))
    await anna.listing.begin()
    await anna.list_all()
    assert [each.id for each in await anna.store.missing_literals(10)] == [draft]


def _edited(letter: Letter) -> Letter:
    return replace(letter, body="Edited elsewhere, and much longer than before. " * 20)


async def test_a_listing_that_begins_anew_throws_away_what_the_old_one_still_gets(serve: Serve, tmp_path: Path) -> None:
    async with serve(700) as server, account(server, tmp_path / "a.db") as anna:
        server.world.faults.set([Fault("POST /mail/v4/messages", delay=0.05), Fault("GET */ids", delay=0.05)])
        async with asyncio.TaskGroup() as group:
            listing = group.create_task(anna.list_all())
            for _ in range(4):
                await asyncio.sleep(0.08)
                await anna.listing.begin()
            await listing
        there = service_contents(anna.demo)
        here = await anna.contents()
        assert {label: list(uids) for label, uids in here.items()} == {label: there[label] for label in here}


async def cut_off(anna: Account, server: DemoServer) -> None:
    """Let the walk over all ids end in its midst: its place is kept."""
    server.world.faults.set([Fault("GET /mail/v4/messages/ids", status=404, skip=3)])
    with pytest.raises(BridgeError):
        await anna.list_all()
    assert await anna.store.get(WALKED) is not None
    server.world.faults.clear()


async def test_a_listing_that_began_while_a_new_one_was_prepared_is_thrown_away(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on from a place of the old listing: what lies before that would pass for gone at the service."""
    monkeypatch.setattr(initial, "IDS", 20)
    async with serve(80) as server, account(server, tmp_path / "a.db") as anna:
        await cut_off(anna, server)
        walking, begun = asyncio.Event(), asyncio.Event()
        labels, ids = anna.service.labels, anna.service.ids

        async def labels_once_the_other_walks() -> list[Label]:
            await walking.wait()
            return await labels()

        async def ids_once_begun(after: MessageId | None, limit: int) -> list[MessageId]:
            walking.set()
            await begun.wait()
            return await ids(after, limit)

        monkeypatch.setattr(anna.service, "labels", labels_once_the_other_walks)
        monkeypatch.setattr(anna.service, "ids", ids_once_begun)
        async with asyncio.TaskGroup() as group:
            new = group.create_task(anna.listing.begin())
            await asyncio.sleep(0)  # the new one is being prepared
            group.create_task(anna.list_all())
            await new
            begun.set()
        there = service_contents(anna.demo)
        assert {label: list(uids) for label, uids in (await anna.contents()).items()}["5"] == there["5"]


@pytest.mark.parametrize("writes", range(4))
async def test_a_listing_cut_off_as_it_begins_loses_nothing(
    anna: Account, server: DemoServer, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """Whatever of the beginning is written, the next start does not go on from the place of an older listing."""
    monkeypatch.setattr(initial, "IDS", 10)
    await anna.list_all()
    before = await anna.contents()
    await anna.listing.begin()
    server.world.faults.set([Fault("GET /mail/v4/messages/ids", status=404, skip=2)])
    with pytest.raises(BridgeError):
        await anna.list_all()
    assert await anna.store.get(WALKED) is not None
    server.world.faults.clear()
    with monkeypatch.context() as patch:
        engine, left = anna.store._engine, writes
        write = engine.write

        async def write_so_often(*arguments: Any) -> Any:
            nonlocal left
            if not left:
                raise StoreError("cut off")
            left -= 1
            return await write(*arguments)

        patch.setattr(engine, "write", write_so_often)
        with contextlib.suppress(StoreError):
            await anna.listing.begin()
    await anna.list_all()
    assert await anna.contents() == before


async def test_a_mailbox_made_while_a_listing_begins_stays_with_what_was_put_into_it(
    anna: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    await anna.list_all()
    inbox = await anna.store.open_view(SystemLabel.INBOX)
    assert inbox is not None
    uids = list(inbox.columns.uids)
    labels, made = anna.service.labels, LabelId("")

    async def labels_before_a_new_one() -> list[Label]:
        nonlocal made
        found = await labels()
        if not made:
            folder = anna.demo.mailbox.create_label("Made meanwhile", 3, "#8080FF")
            made = LabelId(folder.id)
            await anna.store.apply([LabelSet(Label(made, LabelKind.FOLDER, folder.name, None, folder.color, 0))])
            await inbox.place(uids[:2], [(Action.LABEL, made)], made)
        return found

    monkeypatch.setattr(anna.service, "labels", labels_before_a_new_one)
    await anna.listing.begin()
    status = await anna.store.status(made)
    assert status is not None
    assert status.messages == 2
    assert (await anna.store.totals()).queued == 2


async def test_a_listing_that_begins_while_a_new_one_is_written_is_thrown_away(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has read the place of the old one, a moment before that was replaced."""
    monkeypatch.setattr(initial, "IDS", 20)
    async with serve(80) as server, account(server, tmp_path / "a.db") as anna:
        await cut_off(anna, server)
        begin, total, knows_the_place = anna.store.begin_listing, anna.service.total, asyncio.Event()
        listing: list[asyncio.Task[None]] = []

        async def begin_once_another_lists(*arguments: Any) -> None:
            listing.append(asyncio.create_task(anna.list_all()))
            await knows_the_place.wait()
            await begin(*arguments)

        async def told_total() -> int:
            knows_the_place.set()
            return await total()

        monkeypatch.setattr(anna.store, "begin_listing", begin_once_another_lists)
        monkeypatch.setattr(anna.service, "total", told_total)
        await anna.listing.begin()
        await listing[0]
        there = service_contents(anna.demo)
        assert {label: list(uids) for label, uids in (await anna.contents()).items()}["5"] == there["5"]


async def test_the_mark_of_the_walk_may_be_deleted(serve: Serve, tmp_path: Path) -> None:
    async with serve(60) as server, account(server, tmp_path / "a.db") as anna:
        server.world.faults.set([Fault("GET /mail/v4/messages/ids", status=422, code=2501, skip=1, count=1)])
        await anna.list_all()
        there = service_contents(anna.demo)
        assert {label: list(uids) for label, uids in (await anna.contents()).items()}["5"] == there["5"]
