from __future__ import annotations

import pytest

from bridge_gui.imap import cache as cache_module
from bridge_gui.imap.backend import Need, Record
from bridge_gui.imap.cache import LARGEST, Holder, Holdings, RenderCache


def test_an_answer_is_kept() -> None:
    cache = RenderCache(10_000)
    cache.put(cache.space("a"), 1, b"x")
    assert cache.space("a").answers == {1: b"x"}


def test_the_budget_is_kept_and_the_space_used_longest_ago_goes() -> None:
    cache = RenderCache(10_000)
    for name in "abcdef":
        for uid in range(10):
            cache.put(cache.space(name), uid, b"x" * 100)
        assert cache.size <= 10_000
    assert cache.space("a").answers == {}
    assert len(cache.space("f").answers) == 10


def test_one_space_alone_stays_within_the_budget() -> None:
    cache = RenderCache(10_000)
    space = cache.space("a")
    for uid in range(1000):
        cache.put(space, uid, b"x" * 100)
        assert cache.size <= 10_000
    assert 999 in space.answers


def test_a_space_that_was_let_go_is_not_filled_again() -> None:
    cache = RenderCache(10_000)
    old = cache.space("old")
    cache.put(old, 1, b"x")
    for uid in range(60):
        cache.put(cache.space("new"), uid, b"x" * 60)
    cache.put(old, 2, b"y")
    assert 2 not in old.answers
    assert cache.size == cache.space("new").size


def test_mail_itself_is_not_kept() -> None:
    cache = RenderCache()
    cache.put(cache.space("a"), 1, b"x" * (LARGEST + 1))
    assert cache.size == 0


def record(size: int) -> Record:
    return Record(1, literal=b"x" * size)


def test_the_message_of_which_pieces_are_read_is_held_until_something_else_is() -> None:
    together = Holdings()
    holder = Holder(together)
    mail = record(100)
    holder.hold("a", Need.LITERAL | Need.SIZE, mail)
    assert holder.held("a", Need.LITERAL) is mail
    assert holder.held("a", Need.LITERAL | Need.HEADER) is None, "it was not read so far"
    assert holder.held("b", Need.LITERAL) is None
    assert together.size == 100
    holder.hold("b", Need.LITERAL, record(10))
    assert (holder.held("a", Need.LITERAL), together.size) == (None, 10)
    holder.let_go()
    holder.let_go()
    assert (holder.holds, together.size) == (False, 0)


def test_all_clients_together_hold_a_bounded_number_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "HELD_BUDGET", 150)
    together = Holdings()
    one, other = Holder(together), Holder(together)
    one.hold("a", Need.LITERAL, record(100))
    other.hold("b", Need.LITERAL, record(100))
    assert (one.holds, other.holds, together.size) == (True, False, 100)
