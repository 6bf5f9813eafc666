"""The first sync and what a mail program feels of it: `python -m tests.bench.first_sync` prints one table.

    python -m tests.bench.first_sync --messages 5000 --latency 0 50 200 --seconds 120

The demo service runs in a process of its own, its mail encrypted beforehand, with `latency` ms added to each answer;
the core is `bridge-gui serve` with its settings as they come (at most 16 requests at once). A row says, for one size
and latency: seconds from the start of `account login` to a usable INBOX, messages a second of the download of bodies
(over the whole, or over what came within `--seconds`), CPU of core and service for each of those messages, resident
memory of the core at the start, at quarters of the download, and at its most; how long FETCH BODY[] of a message that
is not here yet takes meanwhile; and, when all is here, how long it takes from the service's answer with a new event
to the `* EXISTS` of a session in IDLE.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bridge_gui.config import open_profile
from bridge_gui.control.client import ControlClient
from bridge_gui.demo.letters import Letter
from bridge_gui.demo.records import Action, Person
from bridge_gui.demo.server import DemoServer
from bridge_gui.errors import BridgeError
from tests.bench.bench.meter import cpu_seconds, rss_kb
from tests.bench.core import Core, Service, core, service, sign_in
from tests.bench.imap import Idle, Program

LOOK = 0.25
"""Seconds between two looks at progress and memory."""
ON_DEMAND_PAUSE = 0.25
PUSHES = 20
PUSH_MESSAGES = 200


@dataclass
class Row:
    messages: int
    latency_ms: int
    usable: float = 0.0
    rate: float = 0.0
    share: float = 0.0
    """Of the mailbox, over which the rate was taken."""
    core_ms: float = 0.0
    service_ms: float = 0.0
    memory: list[int] = field(default_factory=list)
    """MB at the start, when usable, and at quarters of what was downloaded."""
    peak: int = 0
    on_demand: list[float] = field(default_factory=list)

    def cells(self) -> list[str]:
        return [
            f"{self.messages:,}",
            f"{self.latency_ms} ms",
            f"{self.usable:.1f} s",
            f"{self.rate:.0f}/s" + ("" if self.share > 0.99 else f" ({self.share:.0%})"),
            f"{self.core_ms:.2f} + {self.service_ms:.2f} ms",
            " ".join(map(str, self.memory)) + f", peak {self.peak} MB",
            spread(self.on_demand),
        ]


HEAD = [
    "messages",
    "latency",
    "usable",
    "bodies",
    "CPU core + service",
    "memory over time",
    "on demand p50 / p90 / most",
]


def spread(seconds: list[float]) -> str:
    """Milliseconds: the middle one, the ninth of ten, the longest."""
    if len(seconds) < 2:
        return "-"
    deciles = statistics.quantiles(seconds, n=10)
    return f"{1000 * statistics.median(seconds):.0f} / {1000 * deciles[8]:.0f} / {1000 * max(seconds):.0f} ms"


class Memory:
    """Watches the most that a process and its children take."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def now(self) -> int:
        return rss_kb(self._pid) // 1024

    def _watch(self) -> None:
        while not self._done.wait(LOOK):
            self.peak = max(self.peak, self.now())

    def end(self) -> None:
        self._done.set()
        self._thread.join()


def sync_state(ours: Core) -> dict[str, Any]:
    with ControlClient(open_profile(ours.profile)) as control:
        state: dict[str, Any] = control.get("/v1/status")["accounts"][0]["sync"]
    return state


def first_sync(messages: int, latency_ms: int, seconds: float) -> Row:
    row = Row(messages, latency_ms)
    options = ("--messages", str(messages), "--prepare", "--latency", str(latency_ms / 1000))
    with (
        tempfile.TemporaryDirectory(prefix="bridge-bench-") as folder,
        service(*options) as api,
        core(Path(folder), api) as ours,
    ):
        memory = Memory(ours.pid)
        try:
            row.memory.append(memory.now())
            row.usable = sign_in(ours, api.accounts[0])
            row.memory.append(memory.now())
            _download(ours, api, row, memory, seconds)
        finally:
            memory.end()
        row.peak = memory.peak
    return row


def _download(ours: Core, api: Service, row: Row, memory: Memory, seconds: float) -> None:
    """Follow the download of bodies, and ask for some of them out of turn."""
    done = first = 0
    began = cpu = served = 0.0
    quarters: list[tuple[int, int]] = []
    with on_demand(ours, api, row):
        while not began or (done < row.messages and time.perf_counter() - began < seconds):
            time.sleep(LOOK)
            sync = sync_state(ours)
            done = sync["done"] if sync["phase"] != "listing" else 0
            if sync["phase"] in ("done", "indexing"):
                done = row.messages
            if done and not began:
                began, first = time.perf_counter(), done
                cpu, served = cpu_seconds(ours.pid), cpu_seconds(api.pid)
            quarters.append((done, memory.now()))
        took, here = time.perf_counter() - began, max(done - first, 1)
        row.core_ms = 1000 * (cpu_seconds(ours.pid) - cpu) / here
        row.service_ms = 1000 * (cpu_seconds(api.pid) - served) / here
    row.rate, row.share = here / took, here / row.messages
    for quarter in (0.25, 0.5, 0.75, 1.0):
        row.memory.append(next(size for count, size in quarters if count >= first + quarter * here))


@contextmanager
def on_demand(ours: Core, api: Service, row: Row) -> Iterator[None]:
    """Meanwhile a mail program reads old messages, whose turn in the background comes last."""
    made = ours.cli("client", "add", "bench", "--account", api.accounts[0]["username"])
    stop = threading.Event()

    def read() -> None:
        with Program(ours.ready, made["username"], made["password"]) as program:
            program.command("EXAMINE INBOX")
            for number in range(1, row.messages // 8):
                if stop.wait(ON_DEMAND_PAUSE):
                    return
                start = time.perf_counter()
                program.command(f"FETCH {number} BODY.PEEK[]")
                row.on_demand.append(time.perf_counter() - start)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


# ------------------------------------------------------------------------------------------ from event to EXISTS


def pushes() -> list[float]:
    """Seconds from the service's answer with an event to EXISTS in IDLE. The service runs in this process, which
    knows when it answered."""
    answered: list[float] = []
    server = DemoServer(messages=PUSH_MESSAGES, thread=True)
    account = server.world.accounts[0]
    original = account.feed.since

    def since(event_id: str) -> Any:
        span = original(event_id)
        if any((kind, action) == ("Messages", Action.CREATE) for kind, _, action in span.items):
            answered.append(time.perf_counter())
        return span

    account.feed.since = since  # type: ignore[method-assign]
    found: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="bridge-bench-") as folder,
        running(server) as api,
        core(Path(folder), api) as ours,
    ):
        name = api.accounts[0]["username"]
        sign_in(ours, api.accounts[0])
        ours.cli("account", "wait", name, "--synced", "--timeout", "120")
        made = ours.cli("client", "add", "bench", "--account", name)
        with (
            Program(ours.ready, made["username"], made["password"]) as other,
            Idle(ours.ready, made["username"], made["password"]) as idle,
        ):
            other.command("SELECT INBOX")
            for number in range(PUSHES):
                answered.clear()
                server.world.deliver(_letter(number, account.primary.email), account.primary.email)
                # An own change is what makes the core look for events at once.
                other.command(f"STORE 1 {'+-'[number % 2]}FLAGS (\\Flagged)")
                arrived = idle.wait_for(b"EXISTS")
                found.append(arrived - answered[0])
    return found


def _letter(number: int, to: str) -> Letter:
    return Letter(
        subject=f"Pushed {number}",
        sender=Person("Ingrid Berg", "ingrid.berg@mail.example"),
        to=(Person("", to),),
        body="Here it is.\n",
        time=int(time.time()),
    )


@contextmanager
def running(server: DemoServer) -> Iterator[Service]:
    asyncio.run(server.start())
    try:
        yield Service(server.url, [asdict(each) for each in server.accounts], 0)
    finally:
        asyncio.run(server.stop())


# ------------------------------------------------------------------------------------------ the table


def table(rows: list[list[str]]) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, nargs="+", default=[5000, 50_000])
    parser.add_argument("--latency", type=int, nargs="+", default=[0, 50, 200], help="milliseconds")
    parser.add_argument("--seconds", type=float, default=60.0, help="of one download that are measured at most")
    parser.add_argument("--no-push", action="store_true", help="leave out the way from an event to IDLE")
    args = parser.parse_args()
    rows = [HEAD]
    for messages in args.messages:
        for latency in args.latency:
            rows.append(first_sync(messages, latency, args.seconds).cells())
            print("  ".join(rows[-1]), file=sys.stderr, flush=True)
    print(table(rows))
    if not args.no_push:
        try:
            print(f"\nfrom the answer with an event to EXISTS in IDLE, p50 / p90 / most: {spread(pushes())}")
        except BridgeError as error:
            raise SystemExit(error.message) from error


if __name__ == "__main__":
    main()
