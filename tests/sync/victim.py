"""An account that works in a process of its own, to be killed: `python -m tests.sync.victim RECORD.json FOLDER`.

Prints `open` when its store is open, and `complete` when everything that the service has is here; then it waits.
"""

from __future__ import annotations

import asyncio
import json
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
from bridge_gui.sync.workshop import Workshop
from bridge_gui.vault.records import AccountRecord, SessionRecord


def load(path: Path) -> tuple[str, AccountRecord]:
    """The service's address and the account's record, as the test wrote them."""
    data = json.loads(path.read_text())
    session = SessionRecord(data["uid"], Secret(data["access"]), Secret(data["refresh"]))
    key_pass = Secret(bytes.fromhex(data["key_pass"]))
    return data["url"], AccountRecord(
        AccountId(data["id"]), data["name"], Secret(bytes(32)), session=session, key_pass=key_pass
    )


async def main(record_path: Path, folder: Path) -> None:
    url, record = load(record_path)
    finished = asyncio.Event()

    async def keep(change: Callable[[AccountRecord], AccountRecord]) -> None:
        return

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
            folder=folder,
            settings=Settings(),
            keep=keep,
            on_state=on_state,
        )
        await account.start()
        print("open", flush=True)
        await finished.wait()
        await account.stop()
        await workshop.close()
    print("complete", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
