"""The file of an account's local copy: opened, closed, found to be damaged, made anew."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from bridge_gui.account.takeover import take_over
from bridge_gui.account.work import REPAIR
from bridge_gui.errors import StoreDamaged, StoreError
from bridge_gui.secret import Secret
from bridge_gui.store import salvage
from bridge_gui.store.db import Store

log = logging.getLogger(__name__)


class LocalCopy:
    """`store` is there while the file is open. `met_damage` is called back once, on the loop, when somebody (a mail
    program perhaps) meets a damaged part of the open file."""

    def __init__(self, path: Path, key: Secret[bytes], met_damage: Callable[[], None]) -> None:
        self._path, self._key, self._met_damage = path, key, met_damage
        self.store: Store | None = None
        self.damaged = False
        """It was found to be damaged, when it was opened or since."""
        self.perhaps_lost = False
        """When it was opened, not all could be brought over that was only in a damaged one before it."""

    async def open(self) -> Store:
        """Open or create it, with what was only in a damaged one before it. Raise `StoreDamaged`, `DiskFull` or
        `StoreError`."""
        self.damaged = False
        try:
            store = await Store.open(self._path, self._key)
        except StoreDamaged:
            self.damaged = True
            raise
        try:
            self.perhaps_lost = await take_over(store, self._path, self._key)
        except StoreError:
            await store.close()
            raise
        self.store = store
        store.on_damage(self._noticed)
        if store.rolled_back:
            log.info("the local copy has lost its newest part; its mailboxes are told anew")
        return store

    def _noticed(self) -> None:
        if not self.damaged:
            self.damaged = True
            self._met_damage()

    def watch_no_more(self) -> None:
        """Damage that is met from now on calls nobody: the file is about to be checked or closed."""
        if self.store is not None:
            self.store.on_damage(lambda: None)

    async def close(self) -> None:
        store, self.store = self.store, None
        if store is not None:
            await store.close()

    async def is_sound(self) -> bool:
        """Before a repair: look at every page of the open file, and note that all is to be compared anew."""
        if self.store is None:
            return not self.damaged
        self.watch_no_more()
        try:
            await self.store.check()
            await self.store.set({REPAIR: "yes"})
        except StoreDamaged:
            return False
        return True

    async def remake(self) -> None:
        """Put the closed file aside; the one made in its place gives no UID twice, and takes over what waits in it."""
        log.info("the local copy is made anew")
        await asyncio.to_thread(salvage.put_aside, self._path)

    async def wipe(self) -> None:
        """Delete the closed file with all that belongs to it."""
        await Store.remove(self._path)
        await asyncio.to_thread(salvage.drop, self._path)
