"""A run of faults: everything goes wrong while mail changes on both sides, and at the end both sides are equal.

    python -m tests.sync.fault_run --seed 1 --faults 1000 --messages 5000 [--report FILE]
    python -m tests.sync.fault_run --replay FILE

The plan - which faults in which order, how long between them, what is changed at the service and by a mail program -
follows from the seed alone, and the report holds seed and plan; only the moment within a request differs from run to
run. The exit code is 0 when nothing is left to complain about.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from bridge_gui.account.account import Account
from bridge_gui.demo import corpora
from bridge_gui.demo.faults import Fault, Rule
from bridge_gui.demo.profiles import ANNA, BO
from bridge_gui.demo.server import DemoServer
from bridge_gui.demo.world import World
from bridge_gui.proton.http import Transport
from bridge_gui.state import AccountPhase
from bridge_gui.store.db import Store
from tests.sync.shaken import (
    Elsewhere,
    HastyClock,
    House,
    Program,
    Uids,
    differences,
    literals,
    picture,
    settled,
    shared_out,
    signed_in,
    store_path,
)

NEWEST = 1_780_000_000.0
PATIENCE = 1.5
"""Seconds that a fault waits for its request; then it takes any."""
MOST_WAITING = 6
"""Faults that lie in wait at once."""
SETTLING = 240.0
"""Seconds that the account has to get even with the service, once nothing goes wrong any more."""

REFRESH = "POST /auth/v4/refresh"
REFUSED = "refresh refused once"
PLACES = (
    "GET /core/v4/events/*",
    "GET /mail/v4/messages/*",
    "GET /mail/v4/messages",
    "POST /mail/v4/messages",
    "GET /mail/v4/messages/ids",
    "GET /mail/v4/attachments/*",
    "PUT /mail/v4/messages/*",
    "GET /core/v4/labels",
    "GET /core/v4/addresses",
    "GET /core/v4/users",
    REFRESH,
    "* *",
)
LOST = {AccountPhase.SIGNED_OUT, AccountPhase.ERROR, AccountPhase.LOCKED}
"""What no fault of this run may bring about."""
PORTAL = "<html><body>Welcome to our hotel. Please sign in.</body></html>"


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault of the plan. `leap` is one of the account's clock instead of one of the service."""

    kind: str
    fault: Fault | None
    leap: float = 0.0
    pause: float = 0.0
    """Seconds before the next one."""


def plan(seed: int, faults: int) -> list[Planned]:
    """The faults of a seed, in order."""
    chance = random.Random(seed)
    kinds: list[Callable[[], tuple[str, Fault | None, float]]] = [
        *([lambda: ("401 and a refresh", Fault(effect="expire-access"), 0.0)] * 3),
        lambda: ("401 without reason", Fault(status=401), 0.0),
        lambda: ("429", Fault(status=429, retry_after=chance.choice(("0", "1", "3", "", "soon"))), 0.0),
        lambda: ("503", Fault(status=503, retry_after=chance.choice(("0", "2", ""))), 0.0),
        *([lambda: ("5xx", Fault(status=chance.choice((500, 502, 504)), body=chance.choice((None, PORTAL))), 0.0)] * 2),
        *([lambda: ("cut before", Fault(cut="before"), 0.0)] * 2),
        *([lambda: ("cut after", Fault(cut="after"), 0.0)] * 2),
        *([lambda: ("cut within", Fault(cut="body"), 0.0)] * 2),
        *([lambda: ("slow", Fault(delay=chance.uniform(0.05, 0.4)), 0.0)] * 2),
        lambda: ("hotel", Fault(status=200, body=PORTAL), 0.0),
        lambda: ("shuffled page", Fault("POST /mail/v4/messages", effect="shuffle"), 0.0),
        lambda: ("stale page", Fault("POST /mail/v4/messages", effect="stale"), 0.0),
        lambda: ("refresh answer lost", Fault(REFRESH, cut=chance.choice(("after", "body"))), 0.0),
        lambda: ("refresh race", Fault(REFRESH, status=409), 0.0),
        lambda: (REFUSED, Fault(REFRESH, status=422, code=10013), 0.0),
        lambda: ("refresh in trouble", Fault(REFRESH, status=chance.choice((429, 500, 404))), 0.0),
        lambda: ("clock set", None, chance.uniform(-7200, 7200)),
        lambda: ("sleep", None, chance.uniform(60, 7200)),
    ]
    planned: list[Planned] = []
    while len(planned) < faults:
        kind, fault, leap = chance.choice(kinds)()
        if chance.random() < 0.006:
            kind, fault, leap = "refresh event", Fault(effect=chance.choice(("refresh-mail", "refresh-all"))), 0.0
        if fault is not None and fault.match == "* *":
            # Some requests go well in between: if all fail, nothing but waiting is tried out.
            fault = replace(fault, match=chance.choice(PLACES), skip=chance.randint(0, 4))
        pause = chance.uniform(0.0, 0.25)
        if fault is not None and fault.status and fault.match != REFRESH and chance.random() < 0.1:
            # So many in a row that no repeating within a request helps.
            fault, again = replace(fault, match="* *", skip=0), chance.randint(4, 9)
            planned += [Planned(f"{kind}, in a row", fault, pause=0.0) for _ in range(again)]
            continue
        planned.append(Planned(kind, fault, leap, pause))
    return planned[:faults]


@dataclass
class Report:
    """What a run was and how it ended; enough to run it again."""

    seed: int
    faults: int
    messages: int
    changes: float
    """Changes on each side for each fault."""
    plan: list[dict[str, Any]]
    wrong: list[str] = field(default_factory=list)
    met: dict[str, int] = field(default_factory=dict)
    """Faults that hit a request, by kind."""
    elsewhere: dict[str, int] = field(default_factory=dict)
    program: dict[str, int] = field(default_factory=dict)
    phases: dict[str, int] = field(default_factory=dict)
    problems: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    refreshes: int = 0
    literals: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


class Run:
    """One run."""

    def __init__(self, report: Report, key_cache: Path | None = None, tell: float = 5.0) -> None:
        self.tell = tell
        self.report = report
        self.planned = [read(each) for each in report.plan]
        self.world = World(profiles=(ANNA, BO), cache_folder=key_cache)
        corpora.populate(self.world, messages=report.messages, now=NEWEST)
        # As the service must do for its own bridge, which repeats a refresh that got no answer (API document 1.5).
        self.world.sessions.grace = True
        self.demo = self.world.account("anna")
        mine, others = shared_out(self.demo.mailbox.messages)
        self.elsewhere = Elsewhere(self.world, others, report.seed)
        self.program = Program(mine, report.seed)
        self.clock = HastyClock()
        self.uids = Uids()
        self.dice = random.Random(report.seed + 1)

    async def run(self, folder: Path) -> None:
        began = time.monotonic()
        async with (
            DemoServer(world=self.world) as server,
            Transport(server.url, app_version="Other", clock=self.clock) as transport,
        ):
            house = House(transport, folder, await signed_in(server), self.clock)
            before = len(self.world.sessions.of(self.demo.number))
            async with house.account() as account, telling(self._tell(account, self.tell)):
                await self._shake(account)
                self.report.seconds["faults"] = time.monotonic() - began
                self.world.faults.clear()
                if account.state.phase not in LOST:
                    await self._settle(house, account)
                self.report.seconds["settled"] = time.monotonic() - began
                self._note(house)
                if len(self.world.sessions.of(self.demo.number)) != before:
                    self.report.wrong.append("the session has ended")
            await self._compare(house, server)
        self.report.seconds["all"] = time.monotonic() - began

    # ------------------------------------------------------------------------------------ going wrong

    async def _tell(self, account: Account, every: float) -> None:
        """Say now and then how it stands."""
        while True:
            await asyncio.sleep(every)
            state, rules = account.state, [rule.fault.match for rule in self.world.faults.rules]
            problem = state.problem.code if state.problem else ""
            print(
                f"{self.world.received.total} requests, {state.phase} {problem}, {state.sync.phase} {state.sync.done} "
                f"of {state.sync.total}, waiting: {rules}",
                file=sys.stderr,
            )

    async def _shake(self, account: Account) -> None:
        waiting: list[tuple[float, str, Rule]] = []
        met: Counter[str] = Counter()
        owed = 0.0
        for each in self.planned:
            if account.state.phase in LOST:
                self.report.wrong.append(f"after {sum(met.values())} faults: {account.state}")
                break
            if each.fault is None:
                (self.clock.slept if each.kind == "sleep" else self.clock.set)(each.leap)
                met[each.kind] += 1
            else:
                # Refused four times in a row a session has ended; one refusal at a time has to be borne.
                while each.kind == REFUSED and any(kind == REFUSED for _, kind, _ in waiting):
                    waiting = await self._hit(waiting, met)
                rule = self.world.faults.add(replace(each.fault, count=1))
                waiting.append((time.monotonic(), each.kind, rule))
            owed += self.report.changes
            while owed >= 1.0:
                owed -= 1.0
                self.elsewhere.change()
                await self._by_program(account)
            await asyncio.sleep(each.pause)
            while (len(waiting) >= MOST_WAITING and account.state.phase not in LOST) or (
                waiting and waiting[0][2].hits
            ):
                waiting = await self._hit(waiting, met)
        while waiting and account.state.phase not in LOST:
            waiting = await self._hit(waiting, met)
        self.report.met = dict(sorted(met.items()))

    async def _hit(self, waiting: list[tuple[float, str, Rule]], met: Counter[str]) -> list[tuple[float, str, Rule]]:
        """Wait for one of the faults to hit; those that wait for long take any request.
        A fault of the refresh alone is helped by making one necessary."""
        left = []
        for since, kind, rule in waiting:
            if rule.hits:
                met[kind] += 1
                self.world.faults.rules.remove(rule)
                continue
            late = time.monotonic() - since
            if late > PATIENCE and rule.fault.match == REFRESH:
                self.world.sessions.expire_access()
            elif late > PATIENCE and rule.fault.match != "* *":
                rule.fault = replace(rule.fault, match="* *")
            left.append((since, kind, rule))
        if len(left) == len(waiting):
            await asyncio.sleep(0.02)
        return left

    async def _by_program(self, account: Account) -> None:
        if account.state.sync.usable:
            await self.program.change(account)
        if self.dice.random() < 0.05 and await self._listed(account):
            self.uids.look(await picture(_store(account)))

    async def _listed(self, account: Account) -> bool:
        return await _store(account).listing_complete()

    # ------------------------------------------------------------------------------------ the end

    async def _settle(self, house: House, account: Account) -> None:
        """Wait until nothing is left to be done, and one poll more."""
        store = _store(account)
        if self.uids.first is None:
            await house.until(settled, SETTLING)
            self.uids.look(await picture(store))
        for _ in range(12):  # some more changes, each noticed without faults
            self.elsewhere.change()
            await self.program.change(account)
        try:
            async with asyncio.timeout(SETTLING):
                quiet = 0
                while quiet < 3:
                    checked = account.state.checked_at
                    await house.until(lambda state: state.checked_at != checked, SETTLING)  # noqa: B023
                    totals = await store.totals()
                    done = settled(account.state) and await store.listing_complete()
                    quiet = quiet + 1 if done and not totals.queued and not totals.missing else 0
        except TimeoutError:
            totals = await store.totals()
            self.report.wrong.append(f"not settled: {account.state}, {totals}")
        here = await picture(store)
        self.uids.look(here)
        touched = self.elsewhere.touched | set(self.program.wishes)
        self.report.wrong += differences(here, self.demo)
        self.report.wrong += self.uids.mistakes + self.uids.changed(here, touched)
        self.report.wrong += self.program.unfulfilled(self.demo)

    def _note(self, house: House) -> None:
        report = self.report
        report.elsewhere, report.program = self.elsewhere.steps, self.program.steps
        report.phases = {phase.value: count for phase, count in house.phases.items()}
        report.problems = house.problems
        report.requests = self.world.received.total
        report.refreshes = sum(session.refreshed for session in self.world.sessions.of(self.demo.number))
        ended = LOST & set(house.phases)
        report.wrong += [f"the account was {phase.value}" for phase in ended]
        report.wrong += [f"a change was taken back: {message}" for message in house.refusals]

    async def _compare(self, house: House, server: DemoServer) -> None:
        """Every literal is byte for byte what an undisturbed account makes of the service's mail."""
        shaken = await Store.open(store_path(house.folder, house.record.id), house.record.store_key)
        try:
            await shaken.check()
            calm_folder = house.folder / "calm"
            calm_folder.mkdir()
            async with Transport(server.url, app_version="Other") as transport:
                calm_house = House(transport, calm_folder, await signed_in(server), HastyClock(1.0))
                async with calm_house.account() as calm:
                    await calm_house.until(settled, SETTLING)
                    ids = sorted(self.demo.mailbox.messages)
                    one, other = await literals(shaken, ids), await literals(_store(calm), ids)
            self.report.literals = len(ids)
            self.report.wrong += [f"{id}: another literal" for id in ids if one[id] != other[id]]
        finally:
            await shaken.close()


@asynccontextmanager
async def telling(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()


def _store(account: Account) -> Store:
    return account._opened()


def new_report(seed: int, faults: int, messages: int, changes: float = 0.5) -> Report:
    return Report(seed, faults, messages, changes, [_write(each) for each in plan(seed, faults)])


def _write(planned: Planned) -> dict[str, Any]:
    return asdict(planned)


def read(data: dict[str, Any]) -> Planned:
    fault = data["fault"]
    return Planned(data["kind"], Fault.from_json(fault) if fault else None, data["leap"], data["pause"])


async def fault_run(report: Report, folder: Path, key_cache: Path | None = None) -> Report:
    """Do a run; what went wrong stands in the report."""
    await Run(report, key_cache).run(folder)
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=1000)
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--report", type=Path, help="where to write the report")
    parser.add_argument("--replay", type=Path, help="a report whose run is to be done again")
    given = parser.parse_args()
    if given.replay is not None:
        old = json.loads(given.replay.read_text())
        report = Report(old["seed"], old["faults"], old["messages"], old["changes"], old["plan"])
    else:
        report = new_report(given.seed, given.faults, given.messages)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(fault_run(report, Path(folder)))
    if given.report is not None:
        given.report.write_text(json.dumps(asdict(report), indent=1))
    shown = {key: value for key, value in asdict(report).items() if key not in ("plan", "wrong")}
    print(json.dumps(shown, indent=1))
    print(*report.wrong[:40], f"{len(report.wrong)} complaints", sep="\n")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
