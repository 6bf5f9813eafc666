"""Threads that carry out short jobs, for a loop that waits for each of them.

A message is read in some 50 µs. The way there and back through `ThreadPoolExecutor`, with a future on each side, would
cost as much again; a queue of plain functions, each of which brings its result back by itself, costs half of that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

Job = Callable[[], None]
"""Does its work, raises nothing, and tells the result itself."""


class Readers:
    """At most `count` threads, each started when all others are at work."""

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._starting = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self, job: Job) -> None:
        """Have `job` done as soon as a thread is free, in the order of calls."""
        self._jobs.put(job)
        if len(self._threads) < self._count and not self._idle.acquire(blocking=False):
            with self._starting:
                if len(self._threads) < self._count:
                    thread = threading.Thread(target=self._work, name=f"{self._name}_{len(self._threads)}", daemon=True)
                    self._threads.append(thread)
                    thread.start()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            del job  # what it holds is not to stay until the next one comes
            if len(self._threads) < self._count:
                self._idle.release()

    def close(self) -> None:
        """Wait until all jobs are done; none may come after."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()
