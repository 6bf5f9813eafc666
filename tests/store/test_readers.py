"""The threads that read."""

from __future__ import annotations

import threading

from bridge_gui.store.readers import Readers


def test_jobs_wait_for_a_free_thread_and_all_are_done_before_the_end() -> None:
    readers = Readers(2, "test")
    together = threading.Barrier(3)
    done: list[int] = []

    def meet() -> None:
        together.wait(10)

    readers.start(meet)
    readers.start(meet)
    for number in range(5):
        readers.start(lambda number=number: done.append(number))  # type: ignore[misc]
    assert done == [], "both threads are at work"
    together.wait(10)
    readers.close()
    assert sorted(done) == [0, 1, 2, 3, 4]


def test_a_second_thread_starts_only_when_the_first_is_at_work() -> None:
    readers = Readers(2, "test")
    before = threading.active_count()
    for _ in range(5):
        done = threading.Event()
        readers.start(done.set)
        assert done.wait(10)
        while not readers._idle:  # the thread comes back
            pass
    assert threading.active_count() == before + 1
    readers.close()
    assert threading.active_count() == before
