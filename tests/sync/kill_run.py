"""`kill -9` at seeded moments, while mail changes on both sides; at the end both sides are equal and the file is whole.

    python -m tests.sync.kill_run --seed 1 --kills 100 --messages 3000 [--report FILE]

Half of the kills come at a moment of chance, from the first sync on; the other half in the middle of a write. A change
that a mail program was told is done has to reach the service, whatever was killed afterwards; no UID may ever change
its message; access tokens expire again and again, so that some kills hit a refresh.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bridge_gui.demo import corpora
from bridge_gui.demo.faults import Fault
from bridge_gui.demo.profiles import ANNA, BO
from bridge_gui.demo.server import DemoServer
from bridge_gui.demo.world import World
from bridge_gui.proton.http import Transport
from bridge_gui.store.db import Store
from tests.sync import victim
from tests.sync.shaken import (
    Elsewhere,
    HastyClock,
    House,
    Program,
    Uids,
    Wish,
    differences,
    literals,
    picture,
    settled,
    shared_out,
    signed_in,
    store_path,
)

NEWEST = 1_780_000_000.0


@dataclass
class Report:
    seed: int
    kills: int
    messages: int
    wrong: list[str] = field(default_factory=list)
    by_chance: int = 0
    in_write: int = 0
    with_queue: int = 0
    """Kills that left changes of a mail program unsent."""
    with_missing: int = 0
    """Kills during the download."""
    changes_told: int = 0
    seconds: float = 0.0


@dataclass
class Told:
    """What a mail program of one life was told."""

    done: list[dict[str, Wish]] = field(default_factory=list)
    uncertain: set[str] = field(default_factory=set)
    """Messages whose change was under way when the end came: it was made, or it was not."""

    def read(self, line: bytes) -> None:
        if not (line.startswith(b"{") and line.endswith(b"\n")):
            return
        data = json.loads(line)
        if "about" in data:
            self.uncertain = set(data["about"])
        else:
            self.done.append({id: Wish(**wish) for id, wish in data["done"].items()})
            self.uncertain = set()


class Victims:
    """Lets one account after another work in a process of its own, forked from one that has imported everything."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._input, self._output = process.stdin, process.stdout

    async def life(
        self,
        record: Path,
        folder: Path,
        kill_after: float | None,
        *more: str,
        told: Told | None = None,
        changes: int | None = None,
    ) -> bool:
        """Let an account work until its end, or until it is killed: after so many seconds, or after its mail program
        was told of so many changes. Whether it came to its end."""
        told, end = told or Told(), b""
        self._input.write(json.dumps([str(record), str(folder), *more]).encode() + b"\n")
        pid = int((await self._output.readline()).removeprefix(b"pid "))
        try:
            if await self._output.readline() == b"open\n":
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(kill_after):
                        end = await self._read(told, changes)
        finally:
            if not end:
                with contextlib.suppress(ProcessLookupError):  # it came to its end at this moment
                    os.kill(pid, signal.SIGKILL)
        return (end or await self._read(told)) == b"complete\n"

    async def _read(self, told: Told, changes: int | None = None) -> bytes:
        """Read what it says until it is gone, and return its last whole line; nothing after so many changes."""
        last = b"nothing\n"
        while (line := await self._output.readline()) != b"ended\n":
            assert line, "the process of the victims ended"
            if line != b"\n":
                last = line
            told.read(line)
            if changes is not None and len(told.done) >= changes:
                return b""
        return last


@asynccontextmanager
async def victims() -> AsyncIterator[Victims]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.sync.victim", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Victims(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def kill_run(report: Report, folder: Path, key_cache: Path | None = None, *, tell: bool = False) -> Report:
    """Do a run; what went wrong stands in the report."""
    began = time.monotonic()
    world = World(profiles=(ANNA, BO), cache_folder=key_cache)
    corpora.populate(world, messages=report.messages, now=NEWEST)
    world.sessions.grace = True
    demo = world.account("anna")
    mine, others = shared_out(demo.mailbox.messages)
    elsewhere, chance = Elsewhere(world, others, report.seed), random.Random(report.seed)
    program, uids = Program(mine, report.seed), Uids()
    record_file, ids_file, mail = folder / "record.json", folder / "mine.json", folder / "mail"
    ids_file.write_text(json.dumps(mine))
    mail.mkdir()
    async with DemoServer(world=world) as server, victims() as accounts:
        record = await signed_in(server)
        victim.save(record_file, server.url, record)
        path = store_path(mail, record.id)
        for number in range(report.kills):
            # Slower, so that the kills hit every stage and not mostly the start.
            world.faults.set([Fault("GET *", delay=0.02), Fault("POST *", delay=0.02), Fault("PUT *", delay=0.15)])
            if chance.random() < 0.3:
                world.sessions.expire_access()
            for _ in range(chance.randint(0, 4)):
                elsewhere.change()
            in_write = number % 2 == 1
            more = ["--program", str(chance.randrange(1 << 30)), str(ids_file)]
            if in_write:
                more += ["--in-write", str(int(chance.uniform(1, 60) ** 2))]
            told = Told()
            last = number == report.kills - 1  # it has time for some changes, however slow the machine is
            after = 60.0 if last else 3.0 if in_write else chance.uniform(0.0, 1.2)
            await accounts.life(record_file, mail, after, *more, told=told, changes=5 if last else None)
            report.by_chance, report.in_write = report.by_chance + (not in_write), report.in_write + in_write
            report.changes_told += len(told.done)
            for change in told.done:
                for id, wish in change.items():
                    program.wishes.setdefault(id, Wish()).add(wish)
            for id in told.uncertain:
                program.wishes[id] = Wish(trashed=True)
            await _look(path, record.store_key, report, uids)
            if tell:
                print(f"{number + 1} kills, {report}", file=sys.stderr)
        world.faults.clear()
        world.sessions.expire_access()
        if not await accounts.life(record_file, mail, 120.0):
            report.wrong.append("the last run did not come to its end")
        shaken = await Store.open(path, record.store_key)
        try:
            await shaken.check()
            here = await picture(shaken)
            uids.look(here)
            report.wrong += differences(here, demo) + uids.mistakes + program.unfulfilled(demo)
            report.wrong += uids.changed(here, elsewhere.touched | set(program.wishes))
            (folder / "calm").mkdir()
            async with Transport(server.url, app_version="Other") as transport:
                house = House(transport, folder / "calm", await signed_in(server), HastyClock(1.0))
                async with house.account() as calm:
                    await house.until(settled, 120.0)
                    ids = sorted(demo.mailbox.messages)
                    one, other = await literals(shaken, ids), await literals(calm._opened(), ids)
            report.wrong += [f"{id}: another literal" for id in ids if one[id] != other[id]]
        finally:
            await shaken.close()
        if not any(session.refreshed for session in world.sessions.of(demo.number)):
            report.wrong.append("no token was ever refreshed")
    report.seconds = time.monotonic() - began
    return report


async def _look(path: Path, key: object, report: Report, uids: Uids) -> None:
    """What a kill left behind: a file that is whole, and UIDs that kept their messages."""
    store = await Store.open(path, key)  # type: ignore[arg-type]
    try:
        await store.check()
        totals = await store.totals()
        report.with_queue += bool(totals.queued)
        report.with_missing += bool(totals.missing)
        if await store.listing_complete():
            uids.look(await picture(store))
    finally:
        await store.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--report", type=Path)
    given = parser.parse_args()
    report = Report(given.seed, given.kills, given.messages)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(kill_run(report, Path(folder), tell=True))
    if given.report is not None:
        given.report.write_text(json.dumps(asdict(report), indent=1))
    print(json.dumps({key: value for key, value in asdict(report).items() if key != "wrong"}, indent=1))
    print(*report.wrong[:40], f"{len(report.wrong)} complaints", sep="\n")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
