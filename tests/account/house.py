"""One account on the demo service, with what the bridge is to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bridge_gui.account.account import Account, OnSent
from bridge_gui.account.login import SignIn
from bridge_gui.config import Settings
from bridge_gui.demo import corpora
from bridge_gui.demo.account import Account as DemoAccount
from bridge_gui.demo.profiles import ANNA, BO, Profile
from bridge_gui.demo.server import DemoServer
from bridge_gui.demo.world import World
from bridge_gui.model import FlowId
from bridge_gui.proton.connectivity import Link
from bridge_gui.proton.http import Transport
from bridge_gui.proton.retry import Clock
from bridge_gui.secret import Secret
from bridge_gui.state import AccountPhase, AccountState, SyncPhase
from bridge_gui.sync.workshop import Workshop
from bridge_gui.vault.records import AccountRecord, SessionRecord
from bridge_gui.watched import Watched

NEWEST = 1_780_000_000.0


@dataclass
class House:
    """What the bridge is to an account."""

    server: DemoServer
    folder: Path
    transport: Transport
    record: AccountRecord
    link: Watched[Link] = field(default_factory=lambda: Watched(Link()))
    states: Watched[AccountState | None] = field(default_factory=lambda: Watched(None))
    seen: list[AccountPhase] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)
    profile: Profile = ANNA
    clock: Clock | None = None

    def __post_init__(self) -> None:
        self.key_pass = self.record.key_pass

    @property
    def demo(self) -> DemoAccount:
        return self.server.world.account(self.profile.username)

    @asynccontextmanager
    async def other(self, profile: Profile, folder: Path) -> AsyncIterator[House]:
        """The house of another account at the same service, over the same connections."""
        record = await _sign_in(self.transport, profile)
        yield House(self.server, folder, self.transport, record, profile=profile)

    async def keep(self, change: Callable[[AccountRecord], AccountRecord]) -> None:
        self.record = change(self.record)

    def on_state(self, state: AccountState) -> None:
        self.seen.append(state.phase)
        self.states.set(state)

    async def until(self, wanted: Callable[[AccountState], bool]) -> AccountState:
        async with asyncio.timeout(20):
            async for state in self.states.watch():
                if state is not None and wanted(state):
                    return state
        raise AssertionError("the watch ended")

    @asynccontextmanager
    async def account(self, on_sent: OnSent = lambda recipients: None) -> AsyncIterator[Account]:
        workshop = Workshop()
        self.states = Watched(None)
        account = Account(
            self.record,
            transport=self.transport,
            link=self.link,
            workshop=workshop,
            folder=self.folder,
            settings=self.settings,
            keep=self.keep,
            on_state=self.on_state,
            on_sent=on_sent,
            clock=self.clock,
        )
        await account.start()
        try:
            yield account
        finally:
            await account.stop()
            await workshop.close()


@asynccontextmanager
async def open_house(key_cache: Path, folder: Path, messages: int = 30) -> AsyncIterator[House]:
    """A demo service with anna and bo; anna is signed in, nothing of hers is here yet."""
    world = World(profiles=(ANNA, BO), cache_folder=key_cache)
    corpora.populate(world, messages=messages, now=NEWEST)
    async with DemoServer(world=world) as server, Transport(server.url, app_version="Other") as transport:
        yield House(server, folder, transport, await _sign_in(transport, ANNA))


async def _sign_in(transport: Transport, profile: Profile) -> AccountRecord:
    flow = SignIn(FlowId("f"), transport, lambda _: False)
    await flow.start(profile.username, Secret(profile.password))
    result = flow.result
    assert result is not None
    tokens = result.tokens
    session = SessionRecord(tokens.uid, tokens.access_token, tokens.refresh_token)
    return AccountRecord(result.user.id, result.user.name, Secret(bytes(32)), session=session, key_pass=result.key_pass)


def complete(state: AccountState) -> bool:
    return state.sync.phase is SyncPhase.DONE and state.phase is AccountPhase.CONNECTED
