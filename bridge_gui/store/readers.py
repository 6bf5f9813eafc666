"""Threads that carry out short jobs, for a loop that waits for each of them.

A message is read in some 50 µs. The way there and back through `ThreadPoolExecutor`, with a future on each side, would
cost as much again; a queue of plain functions, each of which brings its result back by itself, costs half of that.
Of idle threads the one that worked last gets the next job: what it needs is still in its caches.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

Job = Callable[[], None]
"""Does its work, raises nothing, and tells the result itself."""

_Way = SimpleQueue[Job | None]
"""To one thread."""


class Readers:
    """At most `count` threads, each started when all others are at work."""

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._lock = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._idle: list[_Way] = []
        """Threads that wait; the last one worked last."""
        self._threads: list[tuple[threading.Thread, _Way]] = []
        self._closed = False

    def start(self, job: Job) -> None:
        """Have `job` done as soon as a thread is free, in the order of calls. Raise `RuntimeError` after `close`."""
        with self._lock:
            if self._closed:
                raise RuntimeError("the threads that read have ended")
            if self._idle:
                self._idle.pop().put(job)
                return
            self._waiting.append(job)
            if len(self._threads) < self._count:
                way: _Way = SimpleQueue()
                name = f"{self._name}_{len(self._threads)}"
                thread = threading.Thread(target=self._work, args=(way,), name=name, daemon=True)
                self._threads.append((thread, way))
                thread.start()

    def _work(self, way: _Way) -> None:
        job: Job | None
        while True:
            with self._lock:
                job = self._waiting.popleft() if self._waiting else None
                if job is None:
                    self._idle.append(way)
            if job is None and (job := way.get()) is None:
                return
            job()
            del job  # what it holds is not to stay until the next one comes

    def close(self) -> None:
        """Wait until all jobs are done; none can come after."""
        with self._lock:
            self._closed = True
        for _, way in self._threads:
            way.put(None)
        for thread, _ in self._threads:
            thread.join()
        self._threads.clear()
