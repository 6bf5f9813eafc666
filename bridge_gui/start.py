"""Put a core together: profile, lock, log, vault, servers, accounts, control interface and, if asked, the demonstration
service. Window and command line both start one this way."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from bridge_gui import log as logs
from bridge_gui import memory
from bridge_gui.aio import TaskOwner, off_loop
from bridge_gui.answers import LoginFailed, SignedIn
from bridge_gui.bridge import Bridge
from bridge_gui.config import (
    Profile,
    effective_api_url,
    load_settings,
    version,
)
from bridge_gui.control.client import Answered
from bridge_gui.control.server import control_interface
from bridge_gui.core.gate import Gate
from bridge_gui.core.life import Servers
from bridge_gui.core.listeners import Opener, Server
from bridge_gui.core.service import MakeService
from bridge_gui.desktop.single import ProfileLock
from bridge_gui.errors import Refused, UsageError
from bridge_gui.model import AccountId, Protocol
from bridge_gui.options import StartOptions, profile_of
from bridge_gui.secret import Secret
from bridge_gui.state import AccountPhase, BridgeState, CorePhase, ListenerPhase
from bridge_gui.vault.keychain import SystemKeychain
from bridge_gui.vault.vault import KeySource, keychain_of

if TYPE_CHECKING:
    from bridge_gui.demo.server import DemoAccount, DemoServer

log = logging.getLogger(__name__)

DEMO_SECONDS = 10.0
"""How long the demonstration account may take to connect again."""


@dataclass(frozen=True, slots=True)
class Core:
    """A running core."""

    bridge: Bridge
    profile: Profile
    control: str
    demo: dict[str, Any] = field(default_factory=dict)

    @property
    def ready(self) -> dict[str, Any]:
        """What `serve` prints when it listens."""
        state = self.bridge.state.value
        line: dict[str, Any] = {"event": "ready"}
        for listener in state.listeners:
            line[listener.protocol.value] = {"host": listener.host, "port": listener.port}
        line |= {
            "certificate": str(self.profile.certificate_file),
            "control": self.control,
            "profile": str(self.profile.config),
        }
        if self.demo:
            line["demo"] = self.demo
        return line

    async def listening(self) -> BridgeState:
        """Wait until both ports are open."""
        async for state in self.bridge.state.watch():
            phases = {listener.protocol: listener.phase for listener in state.listeners}
            if all(phases.get(protocol) is ListenerPhase.LISTENING for protocol in Protocol):
                break
        return self.bridge.state.value


@contextlib.asynccontextmanager
async def core(chosen: StartOptions) -> AsyncIterator[Core]:
    """Run a core on this loop until the end of the block. Raise `AlreadyRunning`, or what makes the folder unusable."""
    profile = profile_of(chosen)
    profile.prepare()
    async with contextlib.AsyncExitStack() as stack:
        if chosen.temporary:
            stack.callback(shutil.rmtree, profile.config, ignore_errors=True)
        stack.enter_context(ProfileLock(profile.lock_file))
        level = load_settings(profile.settings_file).settings.log.level
        stack.enter_context(_logging(profile, level))
        _allow_many_connections()
        memory.give_large_blocks_back()
        demo: dict[str, Any] = {}
        if chosen.demo:
            service = await stack.enter_async_context(_demo_service(profile, keep=not chosen.temporary))
            demo = {"api": service.url, "accounts": _demo_accounts(service.accounts)}
        url = demo["api"] if demo else effective_api_url(load_settings(profile.settings_file).settings)
        keys = await off_loop(None, _keys, chosen, profile)
        bridge = Bridge(
            profile, _service(profile, url), servers(), keys, api=url, demo=chosen.demo, window=chosen.window
        )
        stack.push_async_callback(bridge.close)
        await bridge.start()
        control = await stack.enter_async_context(control_interface(bridge, profile))
        if demo:
            await _enter_demo(bridge, demo["accounts"][0])
        log.info("the core is up")
        yield Core(bridge, profile, control, demo)
        log.info("the core is asked to end")


async def serve(chosen: StartOptions, *, say: Callable[[str], None], complain: Callable[[str], None]) -> None:
    """Run a core without a window until a signal or `bridge-gui quit` ends it. Says one JSON line when it listens.
    Raise what keeps the stored passwords closed: nobody is there to open them."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        else:
            loop.add_signal_handler(number, stop.set)
    tasks = TaskOwner("serve")
    async with core(chosen) as running:
        state = running.bridge.now()
        problem = state.core.problem
        if state.core.phase is CorePhase.LOCKED and problem is not None:
            raise Answered(problem.code, problem.message, title=problem.title, remedy=problem.remedy)
        for listener in state.listeners:
            if listener.problem is not None:
                complain(f"{listener.problem.title}. {listener.problem.remedy}")

        async def get_ready() -> None:
            await running.listening()
            say(json.dumps(running.ready, ensure_ascii=False))

        tasks.start(get_ready(), "say when it listens")
        asked = tasks.start(running.bridge.asked_to_quit(), "asked to quit")
        signalled = tasks.start(stop.wait(), "signalled")
        await asyncio.wait({asked, signalled}, return_when=asyncio.FIRST_COMPLETED)
        await tasks.close()


def _keys(chosen: StartOptions, profile: Profile) -> KeySource:
    """Where the vault's key comes from. Blocking."""
    passphrase = None
    if chosen.passphrase_file is not None:
        try:
            words = chosen.passphrase_file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"The passphrase file {chosen.passphrase_file} cannot be read.") from error
        if not words:
            raise UsageError(f"The passphrase file {chosen.passphrase_file} is empty.")
        passphrase = Secret(words)
    key_file = profile.config / "demo.key" if chosen.demo else None
    return KeySource(SystemKeychain(keychain_of(profile.vault_file)), passphrase, key_file)


@contextlib.contextmanager
def _logging(profile: Profile, level: str) -> Iterator[None]:
    """Log to the profile's folder for as long as the core runs."""
    root = logging.getLogger()
    before = list(root.handlers)
    logs.configure(profile.logs, level)
    try:
        yield
    finally:
        for handler in [handler for handler in root.handlers if handler not in before]:
            root.removeHandler(handler)
            handler.close()


def _allow_many_connections() -> None:
    """A thousand sessions need as many descriptors; many systems allow 1,024 unless more is asked for."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):  # as many as there are will do
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def servers() -> Servers:
    """The IMAP and SMTP servers, for a bridge."""
    from bridge_gui.aio_listen import STRANGERS
    from bridge_gui.imap.backend import ServerIdentity
    from bridge_gui.imap.server import ImapServer
    from bridge_gui.smtp.server import SmtpServer

    identity = ServerIdentity(version=version())

    def imap(gate: Gate) -> Opener:
        async def listen(port: int, context: ssl.SSLContext) -> Server:
            server = ImapServer(gate.imap, identity=identity, on_mishap=gate.on_mishap(Protocol.IMAP))
            await server.start(port, context, strangers=STRANGERS)
            return server

        return listen

    def smtp(gate: Gate) -> Opener:
        async def listen(port: int, context: ssl.SSLContext) -> Server:
            server = SmtpServer(gate.smtp, on_mishap=gate.on_mishap(Protocol.SMTP))
            await server.start(port, context, strangers=STRANGERS)
            return server

        return listen

    return Servers(imap, smtp)


def _service(profile: Profile, url: str) -> MakeService:
    from bridge_gui.core.proton import ProtonService

    return partial(ProtonService, profile, url)


@contextlib.asynccontextmanager
async def _demo_service(profile: Profile, *, keep: bool) -> AsyncIterator[DemoServer]:
    """The demonstration service on a thread of its own, as the real one is on a machine of its own. With `keep` it goes
    on where it ended the last time."""
    from bridge_gui.demo import persist
    from bridge_gui.demo.server import DemoServer

    file = profile.config / "demo.json"

    def make() -> DemoServer:
        world = persist.load(file) if keep and file.exists() else None
        return DemoServer(world=world, thread=True)

    async with await off_loop(None, make) as service:
        yield service
    if keep:
        await off_loop(None, persist.save, service.world, file)


def _demo_accounts(accounts: Sequence[DemoAccount]) -> list[dict[str, str]]:
    return [{"username": one.username, "password": one.password, "address": one.address} for one in accounts]


async def _enter_demo(bridge: Bridge, account: dict[str, str]) -> None:
    """Sign the first demo account in, unless the profile still has it signed in."""
    if bridge.state.value.core.phase is not CorePhase.RUNNING:
        return
    known = [entry for entry in bridge.now().accounts if entry.username == account["username"]]
    if known and not await _ends_signed_out(bridge, known[0].id):
        return
    step = await bridge.login(account["username"], Secret(account["password"]))
    if isinstance(step, LoginFailed):
        raise Refused(step.problem.message, title=step.problem.title, remedy=step.problem.remedy)
    if not isinstance(step, SignedIn):
        raise Refused("The demonstration account asks for more than its password.")


async def _ends_signed_out(bridge: Bridge, account: AccountId) -> bool:
    """Wait a moment for what becomes of an account: a service that was killed has forgotten its sessions."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DEMO_SECONDS):
            async for _ in bridge.state.watch():
                phase = (await bridge.account_state(account)).phase
                if phase is not AccountPhase.CONNECTING:
                    return phase is AccountPhase.SIGNED_OUT
    return False
