"""The seeded mailbox: the same for the same seed, of every kind, and of any size."""

from __future__ import annotations

import time

import pytest

from bridge_gui.demo import bulk, corpora, mails
from bridge_gui.demo.letters import Shape
from bridge_gui.demo.mailbox import Filter
from bridge_gui.demo.profiles import ANNA
from bridge_gui.demo.records import Flag
from bridge_gui.demo.world import World

NOW = 1_790_000_000


def test_the_same_seed_makes_the_same_mail() -> None:
    first, again = mails.seeded(ANNA, "demo", NOW), mails.seeded(ANNA, "demo", NOW)
    assert first == again
    later = mails.seeded(ANNA, "demo", NOW + 3600)
    assert [each.subject for each in first] == [each.subject for each in later]
    assert [each.time + 3600 for each in first] == [each.time for each in later]


def test_every_kind_of_mail_is_there() -> None:
    letters = mails.seeded(ANNA, "demo", NOW)
    assert len(letters) > 300
    assert {each.shape for each in letters} == set(Shape)
    types = {enclosure.mime_type.split(";")[0] for each in letters for enclosure in each.enclosures}
    assert {"application/pdf", "image/png", "text/calendar", "message/rfc822"} <= types
    labels = {label for each in letters for label in each.labels}
    assert {"0", "3", "4", "6", "7", "8", "10", "12", "Travel/2026/Lisbon", "Family", "Überraschungen"} <= labels
    assert any(not each.subject for each in letters)
    assert any(not each.body for each in letters)
    assert any(not each.subject.isascii() for each in letters)
    assert any(each.flags == 0 for each in letters)
    assert any(each.flags & Flag.SENT and each.flags & Flag.RECEIVED for each in letters)
    assert any(each.is_replied for each in letters)
    assert any(each.is_forwarded for each in letters)
    assert any(each.own_address for each in letters)
    threads = {each.external_id for each in letters}
    replies = [each for each in letters if each.in_reply_to]
    assert len(replies) > 15
    assert all(set(each.references) <= threads for each in replies)
    identifiers = [each.external_id for each in letters]
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("count", [0, 1, 100, 2_000])
def test_a_mailbox_of_any_size(count: int) -> None:
    world = World()
    corpora.populate(world, messages=count, now=NOW)
    mailbox = world.account("anna").mailbox
    assert len(mailbox.messages) == count
    by_id = mailbox.page(Filter(page_size=150, descending=True))[0]
    by_time = mailbox.page(Filter(page_size=150, descending=True, by_time=True))[0]
    assert [each.id for each in by_id] == [each.id for each in by_time]


def test_fifty_thousand_are_made_and_listed_quickly() -> None:
    started = time.process_time()
    world = World()
    corpora.populate(world, messages=50_000, now=NOW)
    assert time.process_time() - started < 8
    mailbox = world.account("anna").mailbox
    started = time.process_time()
    for page in range(330):
        assert len(mailbox.page(Filter(label_id="5", page=page, descending=True, by_time=True))[0]) == 150
    assert time.process_time() - started < 2


def test_a_big_mailboxs_letters_are_made_on_demand_and_always_the_same() -> None:
    letters = bulk.Bulk(ANNA, "demo", newest=NOW, count=1000)
    full, outline = letters.letter(17), letters.metadata(17)
    assert full == bulk.Bulk(ANNA, "demo", newest=NOW, count=1000).letter(17)
    assert (full.subject, full.time, full.size) == (outline.subject, outline.time, outline.size)
    assert len(full.body) > 300
    assert outline.body == ""
    times = [letters.metadata(n).time for n in range(1000)]
    assert times == sorted(times)
    assert len({letters.letter(n).body for n in range(200)}) == 200
