"""What there is only while the stored passwords are open: mail programs, certificate, service and accounts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from bridge_gui.aio import TaskOwner, off_loop
from bridge_gui.clients.base import Configurator
from bridge_gui.core import cache
from bridge_gui.core.accounts import Accounts
from bridge_gui.core.certificate import Certificates
from bridge_gui.core.clients import Clients
from bridge_gui.core.service import Service
from bridge_gui.core.setup import Setups
from bridge_gui.errors import VaultError
from bridge_gui.model import ClientId
from bridge_gui.vault.vault import Vault

log = logging.getLogger(__name__)

WRITE_SECONDS = 20.0
CERTIFICATE_SECONDS = 6 * 3600.0


class Opened:
    """The parts, from `start` to `close`. `renewed` is called when the certificate in use had to be replaced, `gone`
    when a set-up took a password away."""

    def __init__(
        self,
        vault: Vault,
        service: Service,
        certificate_file: Path,
        *,
        programs: Mapping[str, Configurator],
        backups: Path,
        changed: Callable[[], None],
        renewed: Callable[[], None],
        gone: Callable[[ClientId], None],
        clock: Callable[[], float],
    ) -> None:
        self.vault = vault
        self.service = service
        self.clients = Clients(vault)
        self.certificates = Certificates(vault, certificate_file, clock)
        self.accounts = Accounts(vault, service, changed)
        self.setups = Setups(self.clients, programs, backups, changed=changed, gone=gone, clock=clock)
        self._renewed = renewed
        self._tasks = TaskOwner("opened")

    async def start(self) -> None:
        """Start the accounts, and what is done now and then."""
        await self.setups.start()
        await self.accounts.start()
        self._tasks.start(self._write_now_and_then(), "write late things")
        self._tasks.start(self._watch_certificate(), "watch the certificate")

    async def move_store(
        self, old: Path, new: Path, adopt: Callable[[], Awaitable[None]], progress: cache.Progress
    ) -> None:
        """Move the local copies of the mail; `adopt` makes the new folder the one that counts. The accounts stand
        still meanwhile, and go on from the old folder when it cannot be done. `progress` is called in
        another thread."""
        cache.check_target(old, new)
        await self.accounts.stop()
        try:
            await off_loop(None, cache.copy_store, old, new, progress)
            await adopt()
            await off_loop(None, cache.finish_move, new)
        finally:
            await self.accounts.start()

    async def close(self) -> None:
        """Stop the accounts, write what is unwritten, and close the vault."""
        await self._tasks.close()
        await self.setups.close()
        await self.accounts.stop()
        try:
            await self._write_late_things()
        except VaultError as error:
            log.warning("last uses could not be written: %s", error.code)
        await self.service.close()
        await self.vault.close()

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            try:
                await self._write_late_things()
            except VaultError as error:
                log.info("last uses could not be written, and are kept for later: %s", error.code)

    async def _write_late_things(self) -> None:
        """Write what changes often and may be lost in a crash: last uses, cookies."""
        await self.clients.flush()
        cookies = self.service.cookies()
        await self.vault.update(lambda content: replace(content, cookies=cookies))

    async def _watch_certificate(self) -> None:
        while True:
            await asyncio.sleep(CERTIFICATE_SECONDS)
            if await self.certificates.ensure():
                self._renewed()
