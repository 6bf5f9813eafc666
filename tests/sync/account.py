"""One account at the demo service, with everything of `sync` put together by hand, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bridge_gui.demo.account import Account as DemoAccount
from bridge_gui.demo.server import DemoServer
from bridge_gui.errors import BridgeError
from bridge_gui.model import AddressId, EventId, LabelId, MessageId
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.proton.api import Api
from bridge_gui.proton.http import Transport
from bridge_gui.proton.retry import Clock
from bridge_gui.proton.types import SessionTokens
from bridge_gui.secret import Secret
from bridge_gui.store.db import Store
from bridge_gui.sync.download import Downloader
from bridge_gui.sync.initial import Listing
from bridge_gui.sync.pace import Budget, Gate, Width
from bridge_gui.sync.poll import Poller
from bridge_gui.sync.senders import Senders
from bridge_gui.sync.service import Service
from bridge_gui.sync.workshop import Workshop

STORE_KEY = Secret(bytes(32))


async def ready() -> None:
    """Always."""


@dataclass
class Keys:
    """`sync.download.Keys` from what the demo service knows."""

    demo: DemoAccount
    senders: Senders | None = None
    locked: bool = False

    def ring(self, address_id: AddressId) -> Sequence[UnlockedKey]:
        if self.locked:
            return ()
        return [key.unlocked for address in self.demo.addresses.values() for key in self.demo.keys_of(address)]

    def own(self, email: str) -> Sequence[Certificate]:
        return [
            key.certificate
            for address in self.demo.addresses.values()
            if address.email == email
            for key in self.demo.keys_of(address)
        ]

    async def certificates(self, email: str) -> Sequence[Certificate]:
        return await self.senders.certificates(email) if self.senders else ()


@dataclass
class Listener:
    """`sync.poll.Listener` that keeps what it was told."""

    listing: Listing
    refreshes: list[EventId] = field(default_factory=list)
    identities: int = 0
    used_bytes: int = 0
    polls: int = 0
    troubles: list[BridgeError] = field(default_factory=list)

    async def ready(self) -> None:
        return

    async def refresh(self, cursor: EventId) -> None:
        self.refreshes.append(cursor)
        await self.listing.begin(cursor)
        await self.listing.run()

    async def read_identity(self) -> None:
        self.identities += 1

    def used(self, used_bytes: int) -> None:
        self.used_bytes = used_bytes

    async def polled(self) -> None:
        self.polls += 1

    def trouble(self, error: BridgeError) -> None:
        self.troubles.append(error)


@dataclass
class Account:
    """Everything of one account."""

    demo: DemoAccount
    api: Api
    service: Service
    store: Store
    keys: Keys
    downloader: Downloader
    listing: Listing
    poller: Poller
    listener: Listener
    clock: Clock
    usable: list[bool]
    troubles: list[BridgeError]

    async def list_all(self) -> None:
        await self.listing.run()

    async def download_all(self) -> None:
        """Everything that is missing now, as on demand."""
        while missing := await self.store.missing_literals(500):
            async for _ in self.downloader.urgent([each.id for each in missing]):
                pass

    async def contents(self) -> dict[str, dict[str, int]]:
        """UIDs by message id, of each mailbox."""
        return await contents(self.store)

    async def literals(self) -> dict[MessageId, bytes | None]:
        ids = {MessageId(id) for box in (await self.contents()).values() for id in box}
        return {id: await self.store.literal(id) for id in sorted(ids)}


async def contents(store: Store) -> dict[str, dict[str, int]]:
    """UIDs by message id, in order of UIDs, of each mailbox that is listed and not empty."""
    found: dict[str, dict[str, int]] = {}
    for box in await store.mailboxes():
        view = await store.open_view(box.label.id)
        if view is not None:
            ids = await view.ids(list(view.columns.uids))
            if ids:
                found[box.label.id] = {id: uid for uid, id in sorted(ids.items())}
            store.release(view)
    return found


def service_contents(demo: DemoAccount) -> dict[str, list[str]]:
    """What the service has: ids by label, oldest first, of the labels that are mailboxes here."""
    mailbox = demo.mailbox
    found: dict[str, list[tuple[int, int, str]]] = {}
    for message in mailbox.messages.values():
        for label in mailbox.all_labels(message):
            found.setdefault(label, []).append((message.time, message.number, message.id))
    return {label: [id for _, _, id in sorted(entries)] for label, entries in found.items()}


def sessions_tokens(server: DemoServer, demo: DemoAccount) -> SessionTokens:
    session = server.world.sessions.open(demo.number, two_factor=False)
    return SessionTokens(session.uid, Secret(session.access_token), Secret(session.refresh_token))


@asynccontextmanager
async def account(
    server: DemoServer, path: Path, name: str = "anna", clock: Clock | None = None, parallel: int = 16
) -> AsyncIterator[Account]:
    """An account that is signed in, with its store at `path`; nothing is synchronised yet."""
    demo = server.world.account(name)
    clock = clock or Clock()

    async def keep(tokens: SessionTokens) -> None:
        return

    async with Transport(server.url, app_version="Other", clock=clock) as transport:
        api = Api(transport, sessions_tokens(server, demo), keep)
        service = Service(api, Gate(Width(parallel)), lambda: transport.throttles)
        store = await Store.open(path, STORE_KEY)
        keys = Keys(demo)
        keys.senders = Senders(service, keys.own, clock.monotonic)
        workshop = Workshop()
        troubles: list[BridgeError] = []
        usable: list[bool] = []
        downloader = Downloader(service, store, keys, workshop, clock, budget=Budget(), trouble=troubles.append)
        listing = Listing(service, store, usable=lambda: usable.append(True), progress=lambda done, total: None)
        listener = Listener(listing)
        poller = Poller(service, store, listener, clock)
        await downloader.start()
        try:
            yield Account(
                demo, api, service, store, keys, downloader, listing, poller, listener, clock, usable, troubles
            )
        finally:
            await downloader.close()
            await workshop.close()
            await store.close()
            await api.close()


def label_of(account: Account, name: str) -> LabelId:
    return next(LabelId(each.id) for each in account.demo.mailbox.labels.values() if each.name == name)
