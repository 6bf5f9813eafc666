"""`kill -9` at seeded moments of the first sync and of applying events: the end is that of an undisturbed run."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from bridge_gui.demo import corpora
from bridge_gui.demo.faults import Fault
from bridge_gui.demo.profiles import ANNA, BO
from bridge_gui.demo.server import DemoServer
from bridge_gui.demo.world import World
from bridge_gui.model import AccountId, MessageId, SystemLabel
from bridge_gui.store.db import Store
from tests.sync import kill_run, victim
from tests.sync.account import contents
from tests.sync.conftest import NEWEST
from tests.sync.kill_run import victims
from tests.sync.shaken import STORE_KEY, signed_in, store_path
from tests.sync.test_poll import letter

SEED = 20
KILLS = 3
"""In each half: the first sync, and the events."""
MESSAGES = 200


async def record_of(server: DemoServer, path: Path) -> str:
    """Sign in, and write what `victim` needs to `path`; the account's id."""
    record = await signed_in(server)
    victim.save(path, server.url, record)
    return record.id


async def state_of(folder: Path, account: str) -> tuple[dict[str, dict[str, int]], dict[str, str]]:
    """Mailboxes with their UIDs, and the hashes of all literals; the file passes its check."""
    store = await Store.open(store_path(folder, AccountId(account)), STORE_KEY)
    try:
        await store.check()
        boxes = await contents(store)
        literals = {}
        for id in {id for ids in boxes.values() for id in ids}:
            data = await store.literal(MessageId(id))
            assert data is not None
            literals[id] = hashlib.sha256(data).hexdigest()
        return boxes, literals
    finally:
        await store.close()


def change_much(world: World) -> None:
    """Some hundred changes of every kind, in the same order each time."""
    demo = world.account("anna")
    mailbox, chance = demo.mailbox, random.Random(SEED)
    folder = mailbox.create_label("Made meanwhile", 3, "#8080FF")
    for step in range(120):
        ids = sorted(mailbox.messages)
        one = chance.choice(ids)
        match step % 6:
            case 0:
                world.deliver(letter(f"New {step}", time=int(NEWEST) + step), "anna@bridge.example")
            case 1:
                mailbox.label([one], SystemLabel.ARCHIVE)
            case 2:
                mailbox.label([one], folder.id)
            case 3:
                mailbox.mark([one], unread=step % 4 == 0)
            case 4:
                mailbox.remove(one)
            case _:
                mailbox.label([one], SystemLabel.STARRED)
    draft = next(id for id, message in sorted(mailbox.messages.items()) if message.is_draft)
    world.rewrite(demo, draft, letter("Edited", body="Another draft."))


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_end_after_kills_is_that_of_an_undisturbed_run(key_cache: Path, tmp_path: Path) -> None:
    world = World(profiles=(ANNA, BO), cache_folder=key_cache)
    corpora.populate(world, messages=MESSAGES, now=NEWEST)
    chance = random.Random(SEED)
    record, calm, shaken = tmp_path / "record.json", tmp_path / "calm", tmp_path / "shaken"
    calm.mkdir()
    shaken.mkdir()
    async with DemoServer(world=world) as server, victims() as accounts:
        account = await record_of(server, record)
        for half in ("first sync", "events"):
            if half == "events":
                world.account("anna").feed.per_event = 4
                change_much(world)
            assert await accounts.life(record, calm, None)
            # Slower, so that the kills hit every stage and not mostly the start.
            world.faults.set([Fault("GET *", delay=0.04), Fault("POST *", delay=0.05)])
            killed = 0
            for _ in range(KILLS):
                killed += not await accounts.life(record, shaken, chance.uniform(0.0, 0.8))
            world.faults.clear()
            assert killed >= KILLS // 2, f"{half}: most runs ended before they were killed"
            assert await accounts.life(record, shaken, None)
            assert await state_of(shaken, account) == await state_of(calm, account)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_kills_while_mail_changes_on_both_sides(key_cache: Path, tmp_path: Path) -> None:
    """The short version of `python -m tests.sync.kill_run`."""
    report = await kill_run.kill_run(kill_run.Report(seed=5, kills=5, messages=150), tmp_path, key_cache)
    assert report.wrong == []
    assert report.changes_told > 0
