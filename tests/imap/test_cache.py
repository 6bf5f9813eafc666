from __future__ import annotations

from bridge_gui.imap.cache import LARGEST, RenderCache


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
