"""Damaged local copies: bytes changed, files cut, lost or exchanged; each is noticed, said, and mended by a repair.

    python -m tests.sync.damage_run --seed 1 --cases 300 [--report FILE]

Each case begins with the local copy as a killed account left it, journal and all; mail programs were told of the UIDs
in it. Meanwhile mail has come and gone at the service. The copy is damaged, an account opens it, and a mail program
reads everything and changes something. Then one of three has to be true: all is well (the damage hit nothing that is
used); what was lost came again by itself; or the account says that the copy is damaged, and all is well after a repair.
Damage in pages that nobody needed is found by the check of the whole file.
What is read is never wrong, and no UID ever names another message than programs were told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bridge_gui.account.account import Account
from bridge_gui.demo import corpora
from bridge_gui.demo.profiles import ANNA, BO
from bridge_gui.demo.server import DemoServer
from bridge_gui.demo.world import World
from bridge_gui.errors import BridgeError, StoreDamaged
from bridge_gui.imap.backend import FlagChange, Need, No, StoreMode
from bridge_gui.model import Access
from bridge_gui.proton.http import Transport
from bridge_gui.state import AccountPhase, AccountState
from bridge_gui.store.told import SUFFIX
from tests.sync.shaken import (
    Elsewhere,
    HastyClock,
    House,
    Picture,
    Uids,
    differences,
    literals,
    picture,
    settled,
    signed_in,
    store_path,
)

NEWEST = 1_780_000_000.0
PATIENCE = 60.0
"""True seconds for an account to come to rest."""

Damage = Callable[[Path, random.Random], None]


def _change(file: Path, chance: random.Random, most: int) -> None:
    data = bytearray(file.read_bytes())
    for _ in range(chance.randint(1, most)):
        data[chance.randrange(len(data))] ^= chance.randint(1, 255)
    file.write_bytes(data)


def _wal(database: Path) -> Path:
    return database.with_name(database.name + "-wal")


def _cut(file: Path, chance: random.Random) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: chance.randrange(len(data))])


def _zeros(database: Path, chance: random.Random) -> None:
    data = bytearray(database.read_bytes())
    page = chance.randrange(len(data) // 8192) * 8192
    data[page : page + 8192] = bytes(8192)
    database.write_bytes(data)


def _exchange(database: Path, chance: random.Random) -> None:
    data = bytearray(database.read_bytes())
    one, other = (page * 8192 for page in chance.sample(range(len(data) // 8192), 2))
    data[one : one + 8192], data[other : other + 8192] = data[other : other + 8192], data[one : one + 8192]
    database.write_bytes(data)


def _lose_all(database: Path, chance: random.Random) -> None:
    database.unlink()
    _wal(database).unlink()


DAMAGES: dict[str, Damage] = {
    "one byte": lambda database, chance: _change(database, chance, 1),
    "some bytes": lambda database, chance: _change(database, chance, 20),
    "a page of zeros": _zeros,
    "two pages exchanged": _exchange,
    "cut short": _cut,
    "empty": lambda database, chance: database.write_bytes(b""),
    "lost": lambda database, chance: database.unlink(),
    "lost with its journal": _lose_all,
    "bytes of the journal": lambda database, chance: _change(_wal(database), chance, 4),
    "journal cut short": lambda database, chance: _cut(_wal(database), chance),
    "journal lost": lambda database, chance: _wal(database).unlink(),
    "journal empty": lambda database, chance: _wal(database).write_bytes(b""),
    "numbers told changed": lambda database, chance: _change(database.with_name(database.name + SUFFIX), chance, 3),
    "numbers told lost": lambda database, chance: database.with_name(database.name + SUFFIX).unlink(),
}


@dataclass
class Report:
    seed: int
    cases: int
    messages: int
    wrong: list[str] = field(default_factory=list)
    ends: dict[str, dict[str, int]] = field(default_factory=dict)
    """How the cases of each kind of damage ended."""
    seconds: float = 0.0


class Run:
    def __init__(self, report: Report, folder: Path, key_cache: Path | None) -> None:
        self.report, self.folder = report, folder
        self.chance = random.Random(report.seed)
        self.world = World(profiles=(ANNA, BO), cache_folder=key_cache)
        corpora.populate(self.world, messages=report.messages, now=NEWEST)
        self.demo = self.world.account("anna")

    async def run(self) -> None:
        began = time.monotonic()
        async with DemoServer(world=self.world) as server, Transport(server.url, app_version="Other") as transport:
            self.transport, self.record = transport, await signed_in(server)
            elsewhere = Elsewhere(self.world, list(self.demo.mailbox.messages), self.report.seed)
            template = self.folder / "template"
            self.told = await self._left_by_a_killed_one(template, elsewhere)
            for _ in range(6):
                elsewhere.change()
            self.expected = await self._read_undisturbed()
            kinds = list(DAMAGES)
            for number in range(self.report.cases):
                kind = kinds[number % len(kinds)]
                end = await self._case(template, kind, number)
                ends = self.report.ends.setdefault(kind, {})
                ends[end] = ends.get(end, 0) + 1
        self.report.seconds = time.monotonic() - began

    @asynccontextmanager
    async def _account(self, folder: Path) -> AsyncIterator[tuple[House, Account]]:
        house = House(self.transport, folder, self.record, HastyClock(1.0))
        async with house.account() as account:
            yield house, account

    async def _left_by_a_killed_one(self, template: Path, elsewhere: Elsewhere) -> Picture:
        """Files of a moment in which the journal holds what programs were told of, and the database does not yet."""
        whole = self.folder / "whole"
        whole.mkdir()
        async with self._account(whole) as (house, _):
            await house.until(settled, PATIENCE)
        async with self._account(whole) as (house, account):
            await house.until(settled, PATIENCE)
            store = account._opened()
            news = [elsewhere.change() for _ in range(8)]
            news += [elsewhere._new() or "new" for _ in range(3)]  # type: ignore[func-returns-value]
            checked = house.states.value.checked_at if house.states.value else None
            account.expect_mail()
            await house.until(lambda state: settled(state) and state.checked_at != checked, PATIENCE)
            while (await store.totals()).missing:  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.05)
            told = await picture(store)
            shutil.copytree(whole, template, ignore=shutil.ignore_patterns("*-shm"))
        assert _wal(store_path(template, self.record.id)).stat().st_size > 0
        # The newest are gone by now, and others have come: whoever forgets may give their UIDs a second time.
        newest = sorted(self.demo.mailbox.messages.values(), key=lambda message: message.number)[-3:]
        for message in newest:
            self.demo.mailbox.remove(message.id)
        for _ in range(3):
            elsewhere._new()
        return told

    async def _read_undisturbed(self) -> dict[str, str]:
        calm = self.folder / "calm"
        calm.mkdir()
        async with self._account(calm) as (house, account):
            await house.until(settled, PATIENCE)
            return await literals(account._opened(), sorted(self.demo.mailbox.messages))

    # ------------------------------------------------------------------------------------ one case

    async def _case(self, template: Path, kind: str, number: int) -> str:
        folder = self.folder / "case"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(template, folder)
        DAMAGES[kind](store_path(folder, self.record.id), self.chance)
        name = f"case {number}, {kind}"
        try:
            async with self._account(folder) as (house, account):
                end = await self._use(house, account, name)
        except Exception as error:
            self.report.wrong.append(f"{name}: {type(error).__name__}: {error}")
            return "broken"
        return end

    async def _use(self, house: House, account: Account, name: str) -> str:
        await house.until(at_rest, PATIENCE)
        end, failed = "repaired", await self._read_all(account, name)
        if not failed and account.state.phase is not AccountPhase.ERROR:
            await self._compare(account, name)
            try:
                await account._opened().check()
            except StoreDamaged:
                end = "unmet, and repaired"  # in pages that nobody has needed so far
            else:
                return "well"
        state = await house.until(lambda state: state.phase is AccountPhase.ERROR, PATIENCE)
        if state.problem is None or state.problem.code != "store-damaged":
            self.report.wrong.append(f"{name}: {state.problem}, after {failed}")
        await account.repair()
        await house.until(settled, PATIENCE)
        if failed := await self._read_all(account, name):
            self.report.wrong.append(f"{name}: not repaired: {failed}")
        await self._compare(account, name)
        await account._opened().check()
        return end

    async def _read_all(self, account: Account, name: str) -> str:
        """Be a mail program that reads everything, searches, and changes a flag to and fro; what it was refused."""
        try:
            user = account.imap_user(Access.FULL, None)
        except BridgeError as error:
            return error.code
        try:
            for each in await user.mailboxes():
                if not each.selectable:
                    continue
                mailbox = await user.select(each.name, read_only=False)
                uids = list(mailbox.snapshot().uids)
                async for _ in mailbox.fetch(uids, Need.LITERAL | Need.ENVELOPE | Need.BODYSTRUCTURE):
                    pass
                for mode in (StoreMode.ADD, StoreMode.REMOVE):
                    await mailbox.store(uids[:1], FlagChange(mode, frozenset({"Here"})))
                mailbox.close()
        except (No, BridgeError) as refused:
            return f"{type(refused).__name__} {refused}"
        finally:
            user.close()
        return ""

    async def _compare(self, account: Account, name: str) -> None:
        store = account._opened()
        while (await store.totals()).missing:  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.05)
        here = await picture(store)
        wrong = differences_without_keywords(here, self)
        uids = Uids()
        uids.look(self.told)
        uids.look(here)
        wrong += uids.mistakes
        found = await literals(store, sorted(self.demo.mailbox.messages))
        wrong += [f"{id}: another literal" for id, hash in self.expected.items() if found[id] != hash]
        self.report.wrong += [f"{name}: {each}" for each in wrong]


def differences_without_keywords(here: Picture, run: Run) -> list[str]:
    for flags in here.flags.values():
        for id, each in flags.items():
            flags[id] = each - {"Here"}
    return differences(here, run.demo)


def at_rest(state: AccountState) -> bool:
    return settled(state) or state.phase is AccountPhase.ERROR


async def damage_run(report: Report, folder: Path, key_cache: Path | None = None) -> Report:
    """Do a run; what went wrong stands in the report."""
    await Run(report, folder, key_cache).run()
    return report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--messages", type=int, default=60)
    parser.add_argument("--report", type=Path)
    given = parser.parse_args()
    report = Report(given.seed, given.cases, given.messages)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(damage_run(report, Path(folder)))
    if given.report is not None:
        given.report.write_text(json.dumps(asdict(report), indent=1))
    print(json.dumps({key: value for key, value in asdict(report).items() if key != "wrong"}, indent=1))
    print(*report.wrong[:40], f"{len(report.wrong)} complaints", sep="\n")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
