"""Accounts that work in processes of their own, to be killed: `python -m tests.sync.victim`.

Each line of the input is a list, in JSON, of the arguments of one: `RECORD.json FOLDER` and what follows. It is forked
from this process, which has imported everything, and `pid N` is printed before all it says; `ended` is printed once it
is gone.

One prints `open` when its store is open, a line of JSON before and after each change by a mail program, and
`complete` when everything that the service has is here and everything that was changed here is there; then it ends.
`--program SEED IDS.json` lets a mail program change messages all the time, and then it never ends; `--in-write N` kills
the process in the middle of a write: at the N-th time that SQLite looks up from its work.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from bridge_gui.account.account import Account
from bridge_gui.config import Settings
from bridge_gui.model import AccountId
from bridge_gui.proton.connectivity import Connectivity
from bridge_gui.proton.http import Transport
from bridge_gui.secret import Secret
from bridge_gui.state import AccountState, SyncPhase
from bridge_gui.store.db import Store
from bridge_gui.sync.workshop import Workshop
from bridge_gui.vault.records import AccountRecord, SessionRecord
from tests.sync.shaken import Program

STEPS_OF_SQLITE = 50
"""Steps of its machine after which SQLite looks up; a small transaction has some hundred."""


def load(path: Path) -> tuple[str, AccountRecord]:
    """The service's address and the account's record, as the test wrote them."""
    data = json.loads(path.read_text())
    session = SessionRecord(data["uid"], Secret(data["access"]), Secret(data["refresh"]))
    key_pass = Secret(bytes.fromhex(data["key_pass"]))
    return data["url"], AccountRecord(
        AccountId(data["id"]), data["name"], Secret(bytes.fromhex(data["store"])), session=session, key_pass=key_pass
    )


def save(path: Path, url: str, record: AccountRecord) -> None:
    """Write it as a vault does: under another name, then renamed."""
    assert record.session is not None
    assert record.key_pass is not None
    data = {
        "url": url,
        "id": record.id,
        "name": record.username,
        "uid": record.session.uid,
        "access": record.session.access_token.reveal(),
        "refresh": record.session.refresh_token.reveal(),
        "key_pass": record.key_pass.reveal().hex(),
        "store": record.store_key.reveal().hex(),
    }
    new = path.with_suffix(".new")
    new.write_text(json.dumps(data))
    new.replace(path)


def kill_in_write(account: Account, number: int) -> None:
    """Have SQLite kill this process in the middle of the writer's work."""
    calls = 0

    def look_up() -> bool:
        nonlocal calls
        calls += 1
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return False

    account._opened()._engine._writer.connection.set_progress_handler(look_up, STEPS_OF_SQLITE)


async def laid_over(store: Store) -> int:
    """Changes that wait, or whose echo is not here yet: until then what is shown is not what the service says.

    That the queue is empty is not enough: a poll that began before a change was made may end after it was sent.
    """
    return await store._engine.read(lambda connection: int(connection.execute("SELECT count(*) FROM pending").get))


async def change(account: Account, program: Program, chance: random.Random) -> None:
    """Be a mail program, and tell each change that is done."""
    while True:
        await asyncio.sleep(chance.uniform(0.0, 0.05))
        if account.state.sync.usable:
            program.wishes = {}
            step = await program.change(account)
            told = {
                id: {"flags": wish.flags, "folder": wish.folder, "trashed": wish.trashed}
                for id, wish in program.wishes.items()
            }
            if not step.startswith(("refused", "nothing")):
                print(json.dumps({"done": told}), flush=True)


async def main(given: argparse.Namespace) -> None:
    url, record = load(given.record)
    known = record
    finished = asyncio.Event()

    async def keep(change: Callable[[AccountRecord], AccountRecord]) -> None:
        nonlocal known
        known = change(known)
        save(given.record, url, known)

    def on_state(state: AccountState) -> None:
        if state.sync.phase is SyncPhase.DONE and state.checked_at is not None:
            finished.set()

    async with Transport(url, app_version="Other") as transport:
        workshop = Workshop()
        account = Account(
            record,
            transport=transport,
            link=Connectivity(transport).state,
            workshop=workshop,
            folder=given.folder,
            settings=Settings(),
            keep=keep,
            on_state=on_state,
        )
        await account.start()
        print("open", flush=True)
        if given.in_write:
            kill_in_write(account, given.in_write)
        if given.program:
            seed, ids = given.program
            mine = json.loads(Path(ids).read_text())  # noqa: ASYNC240 - nothing else runs yet
            program = Program(mine, int(seed), lambda ids: print(json.dumps({"about": ids}), flush=True))
            await change(account, program, random.Random(seed))
        await finished.wait()
        while await laid_over(account._opened()):  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.05)
        await account.stop()
        await workshop.close()
    print("complete", flush=True)


def one_after_another() -> None:
    """Fork a process for each line of the input, and wait for its end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("record", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--program", nargs=2, metavar=("SEED", "IDS"))
    parser.add_argument("--in-write", type=int, default=0)
    for line in sys.stdin:
        given = parser.parse_args(json.loads(line))
        child = os.fork()
        if child == 0:
            print(f"pid {os.getpid()}", flush=True)
            asyncio.run(main(given))
            os._exit(0)
        os.waitpid(child, 0)
        print("\nended", flush=True)  # on a line of its own: one that is killed may leave half a line


if __name__ == "__main__":
    one_after_another()
