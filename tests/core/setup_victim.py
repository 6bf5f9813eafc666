"""Kill a core at each write of a set-up, its undo or its repair: `python -m tests.core.setup_victim FOLDER ACTION`.

FOLDER/template holds a core's profile and a home with Thunderbird. Each run works on a copy of it in FOLDER/live, which
is FOLDER/0, FOLDER/1, ... afterwards, as records name full paths. It is killed without warning before its first,
second, ... change of a file's name; the last one came through. Runs are forked, so that all of them together cost
little more than one.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bridge_gui.model import AddressId
from bridge_gui.state import AddressState
from tests.clients.homes import thunderbird_of
from tests.core.fakes import FakeAccount, Rig

AFTERWARDS = ("anna@proton.test", "new@example.org")
"""The addresses of an account whose set-up is repaired: one came, one went."""


def have(account: FakeAccount, *emails: str) -> None:
    """Give an account these addresses and no others."""
    account.change(addresses=tuple(AddressState(AddressId(email), email, "Anna") for email in emails))


async def _run(folder: Path, action: str, arm: Callable[[], None]) -> None:
    async with Rig(folder / "core", programs=thunderbird_of(folder / "home")) as rig:
        state = rig.bridge.now()
        if action == "repair":
            have(rig.service.accounts["anna"], *AFTERWARDS)
        arm()
        if action == "repair":
            await rig.bridge.setup_repair(state.clients[0].id)
        elif action == "apply":
            await rig.bridge.setup_apply(state.accounts[0].id, "thunderbird")
        else:
            await rig.bridge.setup_undo(state.clients[0].id)
        os._exit(0)


def _armed(number: int) -> Callable[[], None]:
    """What makes the process die before its change number `number`, counted from the moment it is called."""

    def arm() -> None:
        count = 0

        def counted(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                nonlocal count
                if count == number:
                    os.kill(os.getpid(), signal.SIGKILL)
                count += 1
                return real(*args, **kwargs)

            return call

        for name in ("replace", "unlink", "rmdir", "mkdir"):
            setattr(os, name, counted(getattr(os, name)))

    return arm


def main(folder: Path, action: str) -> int:
    number = 0
    while True:
        live = folder / "live"
        shutil.copytree(folder / "template", live, symlinks=True)
        child = os.fork()
        if child == 0:
            asyncio.run(_run(live, action, _armed(number)))
        _, status = os.waitpid(child, 0)
        live.rename(folder / str(number))
        if not os.WIFSIGNALED(status):
            return os.WEXITSTATUS(status)
        number += 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
