"""What an account does while it has a session: follow events, send changes, list, download, index.

All of it runs at once and ends together: `run` never returns, and raises what ended it.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from bridge_gui.account.identity import Identity
from bridge_gui.account.indexing import Indexing
from bridge_gui.errors import BridgeError, Unreachable
from bridge_gui.model import AddressId, EventId, MessageId
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.proton.api import Api
from bridge_gui.proton.http import Transport
from bridge_gui.proton.retry import Clock, task_wait
from bridge_gui.secret import Secret
from bridge_gui.store.db import Store
from bridge_gui.sync.download import Downloader
from bridge_gui.sync.initial import Listing
from bridge_gui.sync.pace import Budget, Gate, Width
from bridge_gui.sync.poll import Poller
from bridge_gui.sync.push import Pusher, Refusal
from bridge_gui.sync.senders import Senders
from bridge_gui.sync.service import Service, passes
from bridge_gui.sync.wait import Nudge, together
from bridge_gui.sync.workshop import Workshop

REPAIR = "account.repair"
"""Name of the small value that says that a repair was asked for and has not begun."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Host:
    """What the work asks of the account around it."""

    ready: Callable[[], Awaitable[None]]
    """Returns when the service may be asked: online, and not paused."""
    downloads: Callable[[], Awaitable[None]]
    """Returns when the background may download: ready, and the disk budget not reached."""
    identity_read: Callable[[], Awaitable[None]]
    """User, addresses or keys were read anew."""
    listed: Callable[[int, int], None]
    usable: Callable[[], None]
    changed: Callable[[], None]
    """Counts may have changed."""
    polled: Callable[[], Awaitable[None]]
    trouble: Callable[[BridgeError], None]
    refused: Refusal
    used: Callable[[int], None]


class Work:
    """The parts, made when the account has a session; `sync.poll.Listener` and `account.ports.Literals`."""

    def __init__(
        self,
        api: Api,
        key_pass: Secret[bytes],
        store: Store,
        identity: Identity,
        transport: Transport,
        workshop: Workshop,
        clock: Clock,
        host: Host,
        *,
        parallel: int,
    ) -> None:
        self._api, self._key_pass, self._store, self._identity = api, key_pass, store, identity
        self._clock, self._host = clock, host
        self.service = Service(api, Gate(Width(parallel)), lambda: transport.throttles)
        self._senders = Senders(self.service, identity.own_certificates, clock.monotonic)
        self.downloader = Downloader(self.service, store, self, workshop, clock, budget=Budget(), trouble=host.trouble)
        self._listing = Listing(self.service, store, usable=host.usable, progress=host.listed)
        self.poller = Poller(self.service, store, self, clock)
        self.pusher = Pusher(self.service, store, clock, ready=host.ready, refused=host.refused, sent=self.poller.nudge)
        self._start_downloads = Nudge(clock)
        self._list_again = Nudge(clock)
        self._indexing = Indexing(store, lambda: self.downloader.busy, host.changed, clock)
        self._unlocked = False

    async def open(self) -> None:
        await self.downloader.start()

    async def close(self) -> None:
        await self.downloader.close()
        await self._api.close()

    async def run(self) -> None:
        """Work until something ends it, and raise that."""
        await self._host.ready()
        await self.read_identity()
        self._unlocked = True
        if await self._store.get(REPAIR) is not None:
            await self._listing.begin()
            await self.downloader.retry_substitutes()
            await self._store.set({REPAIR: None})
        await self._listing.prepare()
        await together(
            (
                self._list(),
                self._download(),
                self.poller.run(),
                self.pusher.run(),
                self._indexing.run(),
            )
        )

    # ------------------------------------------------------------------------------------ the parts

    async def _list(self) -> None:
        """List whenever something is not listed: now, and after each refresh."""
        failures = 0
        while True:
            await self._host.ready()
            try:
                await self._listing.run()
            except BridgeError as error:
                if not passes(error):
                    raise
                failures += 1
                self._host.trouble(error)
                await self._list_again.wait(task_wait(failures, self._clock.random()))
                continue
            failures = 0
            self._host.changed()
            self._start_downloads()
            self.downloader.nudge()
            await self._list_again.wait()

    async def _download(self) -> None:
        """Bodies in the background, as soon as everything is listed: lists are short and of more use."""
        await self._start_downloads.wait()
        await self.downloader.run(self._host.downloads, self._downloaded)

    def _downloaded(self) -> None:
        self._host.changed()
        self._indexing.nudge()

    # ------------------------------------------------------------------------------------ sync.poll.Listener

    async def ready(self) -> None:
        await self._host.ready()

    async def refresh(self, cursor: EventId) -> None:
        await self._listing.begin(cursor)
        self._list_again()

    async def read_identity(self) -> None:
        """Read user and addresses; with another key, what could not be opened may be opened now."""
        known = self._unlocked
        changed = await self._identity.read(self._api, self._key_pass)
        await self._identity.save(self._store)
        await self._host.identity_read()
        if changed and known:
            await self.downloader.retry_substitutes()

    def used(self, used_bytes: int) -> None:
        self._host.used(used_bytes)

    async def polled(self) -> None:
        self.downloader.nudge()
        await self._host.polled()

    def trouble(self, error: BridgeError) -> None:
        self._host.trouble(error)

    # ------------------------------------------------------------------------------------ sync.download.Keys

    def ring(self, address_id: AddressId) -> Sequence[UnlockedKey]:
        return self._identity.ring(address_id)

    async def certificates(self, email: str) -> Sequence[Certificate]:
        return await self._senders.certificates(email)

    # ------------------------------------------------------------------------------------ on demand

    async def urgent(self, ids: Sequence[MessageId]) -> AsyncIterator[Sequence[MessageId]]:
        """`account.ports.Literals`. Without keys nothing can be opened, so nothing is asked for."""
        if not self._unlocked:
            raise Unreachable("The account is not connected yet.")
        async for done in self.downloader.urgent(ids):
            yield done

    async def take_in(self, id: MessageId) -> None:
        """Bring a message that was just made at the service into the store, with its literal."""
        if not self._unlocked:
            raise Unreachable("The account is not connected yet.")
        await self.downloader.take_in(id)
        self.poller.nudge()
