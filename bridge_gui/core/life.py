"""What makes a core and ends it: the vault, the ports, the certificate they show, and the snapshots that say so.

What exists only while the vault is open is held by `core.opened.Opened`; the servers' ports and the sign-in of mail
programs exist always, and refuse while it is closed. Bursts of changes are gathered: a snapshot is made at most twenty
times a second, and at once after a call that changed something.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bridge_gui import config
from bridge_gui.aio import TaskOwner, off_loop
from bridge_gui.answers import CertificateState, ServerAddress
from bridge_gui.clients.base import Certificate, Configurator
from bridge_gui.config import Profile
from bridge_gui.core.cache import discard, finish_move
from bridge_gui.core.gate import Gate
from bridge_gui.core.house import Household
from bridge_gui.core.listeners import Opener, Port
from bridge_gui.core.notices import Notices
from bridge_gui.core.opened import Opened
from bridge_gui.core.service import Entered, MakeService
from bridge_gui.core.sessions import Sessions
from bridge_gui.core.settings import SettingsInForce
from bridge_gui.core.setup import configurators
from bridge_gui.core.setup_plan import Serving
from bridge_gui.core.signin import SignIns
from bridge_gui.desktop import autostart
from bridge_gui.errors import (
    BridgeError,
    KeychainMissing,
    KeyLost,
    PassphraseNeeded,
    Refused,
    VaultDamaged,
    VaultError,
    VaultLocked,
)
from bridge_gui.model import AccountId, ClientId, Protocol
from bridge_gui.secret import Secret
from bridge_gui.state import AccountPhase, BridgeState, CorePhase, CoreState, NoticeKind, Problem
from bridge_gui.vault.vault import KeyPlace, KeySource, Vault, set_aside
from bridge_gui.watched import Watched

log = logging.getLogger(__name__)

SNAPSHOT_SECONDS = 0.05
ADDRESSES_SECONDS = 5.0
LOCKED = Problem(
    "locked-by-user", "Locked", "You locked Bridge Manager.", "Unlock it to read and send mail with your mail programs."
)
NO_FOLDER = Problem(
    "cache-folder-missing",
    "The folder of the mail is missing",
    remedy="Connect the disk on which it lies and try again, or choose another folder and download the mail anew.",
)


@dataclass(frozen=True, slots=True)
class Servers:
    """How the two servers are opened, each with its backend from the gate."""

    imap: Callable[[Gate], Opener]
    smtp: Callable[[Gate], Opener]


class Life:
    """A core from `start`, which brings it up even when the vault is locked, to `close`, which ends it with all it
    started. The calls of `bridge.Bridge` are laid on top of it, a file for each kind."""

    def __init__(
        self,
        profile: Profile,
        service: MakeService,
        servers: Servers,
        keys: KeySource,
        *,
        api: str = "",
        demo: bool = False,
        window: bool = False,
        programs: Mapping[str, Configurator] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._profile = profile
        self._make_service = service
        self._keys = keys
        self._window = window
        command = [*autostart.program(), *(("--profile", str(profile.data)) if profile.whole else ())]
        self._programs = configurators(Path.home(), command, profile.apple_signing) if programs is None else programs
        self._clock = clock
        self._settings = SettingsInForce(profile.settings_file)
        self._opened: Opened | None = None
        self._changing = asyncio.Lock()
        """Held while the vault is opened or closed."""
        self._tasks = TaskOwner("bridge")
        self._core = CoreState(version=config.version(), api=api, demo=demo, pid=os.getpid())
        self._notices = Notices(self._changed, clock)
        self._publishing: asyncio.TimerHandle | None = None
        self._published_at = 0.0
        self._quit = asyncio.Event()
        self.state: Watched[BridgeState] = Watched(BridgeState(core=self._core))
        self._household = Household(lambda: self._opened, self._locked, self._notices, self._changed)
        self._sessions = Sessions(self._changed, self._household.named)
        fields = {"name": "Bridge Manager", "version": config.version()}
        self._gate = Gate(self._household, self._sessions, fields, clock)
        self._ports = {
            Protocol.IMAP: Port(Protocol.IMAP, servers.imap(self._gate), self._changed, self._tasks),
            Protocol.SMTP: Port(Protocol.SMTP, servers.smtp(self._gate), self._changed, self._tasks),
        }
        self._sign_ins = SignIns(lambda: self._open.service, self._entered, self._is_signed_in, self._tasks)

    # ------------------------------------------------------------------------------------------ up and down

    async def start(self) -> None:
        """Open the vault, start the servers and the accounts. A vault that cannot be opened is a state."""
        if self._settings.complaints:
            problem = Problem("settings", "A setting was left out", " ".join(self._settings.complaints))
            self._notices.give("settings", NoticeKind.ATTENTION, problem)
        await self.unlock(None)

    async def unlock(self, passphrase: Secret[str] | None) -> None:
        """Try to open the vault (again). Without success `state.core` says why; a wrong passphrase raises as well."""
        async with self._changing:
            if self._opened is not None:
                return
            folder = self._profile.cache_folder(self._settings.value)
            if self._settings.value.cache.folder and not folder.is_dir():
                problem = replace(NO_FOLDER, message=f"{folder} is not there.")
                self._set_locked(problem)
                return
            await off_loop(None, finish_move, folder)
            keys = self._keys if passphrase is None else replace(self._keys, passphrase=passphrase)
            try:
                vault = await Vault.open(self._profile.vault_file, keys)
            except VaultError as error:
                log.info("the vault stays closed: %s", error.code)
                if isinstance(error, VaultDamaged):
                    self._keys = keys  # who starts anew is protected as before
                self._set_locked(
                    problem_of(error),
                    passphrase_opens=isinstance(error, PassphraseNeeded | KeychainMissing),
                    can_start_anew=isinstance(error, VaultDamaged | KeyLost | PassphraseNeeded),
                )
                if passphrase is not None and isinstance(error, VaultLocked):
                    raise
                return
            await self._bring_up(vault)

    async def start_anew(self) -> None:
        """Put stored passwords that nothing opens aside, delete the local copies of the mail, whose keys were among
        them, and go on with an empty vault. Raise `Refused` unless `state.core.can_start_anew`."""
        async with self._changing:
            if not self._core.can_start_anew:
                raise Refused(
                    "Starting anew is only for stored passwords that nothing opens any more.",
                    title="Nothing was changed",
                )
            # In this order: whoever is interrupted finds the vault as it was, and can start anew once more.
            await off_loop(None, discard, self._profile.cache_folder(self._settings.value))
            await off_loop(None, set_aside, self._profile.vault_file)
            log.info("the stored passwords were put aside, and the local copies deleted")
        await self.unlock(None)

    async def lock(self) -> None:
        """Close servers, accounts and vault until `unlock`. A passphrase has to be given again."""
        async with self._changing:
            opened = self._opened
            opens = opened.vault.key_place is KeyPlace.PASSPHRASE if opened is not None else self._core.passphrase_opens
            await self._take_down("Bridge Manager was locked.")
            self._keys = replace(self._keys, passphrase=None)
            self._set_locked(LOCKED, passphrase_opens=opens)

    async def _bring_up(self, vault: Vault) -> None:
        if vault.restored:
            text = (
                "The file of stored passwords was damaged. Its last good copy is in use; the newest change may be lost."
            )
            problem = Problem("vault-restored", "Passwords restored", text)
            self._notices.give("vault-restored", NoticeKind.ATTENTION, problem)
        service = self._make_service(self._settings.value, vault.content.cookies, self._network)
        self._opened = opened = Opened(
            vault,
            service,
            self._profile.certificate_file,
            programs=self._programs,
            backups=self._profile.client_backups,
            changed=self._changed,
            renewed=self._certificate_renewed,
            gone=self._client_gone,
            clock=self._clock,
        )
        if await opened.certificates.ensure():
            self._certificate_renewed()
        await self._settings.choose_first_ports()
        context = await opened.certificates.context()
        for protocol in Protocol:
            await self._open_port(protocol, context)
        await opened.start()
        self._set_core(phase=CorePhase.RUNNING, problem=None, passphrase_opens=False, can_start_anew=False)

    async def _take_down(self, farewell: str) -> None:
        await asyncio.gather(*(port.close() for port in self._ports.values()))
        self._sessions.end_all(farewell)
        await self._sign_ins.close()
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close()

    async def close(self) -> None:
        """Say good-bye to mail programs, stop the accounts, write what is unwritten."""
        self._set_core(phase=CorePhase.STOPPING)
        async with self._changing:
            await self._take_down("Bridge Manager is being closed.")
        await self._tasks.close()
        if self._publishing is not None:
            self._publishing.cancel()

    async def quit(self) -> None:
        """Ask the core to end; who runs it waits in `asked_to_quit`."""
        self._set_core(phase=CorePhase.STOPPING)
        self._quit.set()

    async def asked_to_quit(self) -> None:
        await self._quit.wait()

    async def show_window(self) -> None:
        """Ask the window to come to the front; raise `Refused` when this core has none."""
        if not self._window:
            raise Refused("This Bridge Manager runs without a window.", remedy="End it with `bridge-gui quit` first.")
        self._set_core(show_requests=self._core.show_requests + 1)

    # ------------------------------------------------------------------------------------------ while it is open

    @property
    def _open(self) -> Opened:
        """What exists only while the vault is open; raise what keeps it closed."""
        if self._opened is None:
            raise self._locked()
        return self._opened

    def _locked(self) -> VaultLocked:
        problem = self._core.problem
        if problem is None:
            return VaultLocked("Bridge Manager is still starting.", remedy="Try again in a moment.")
        return VaultLocked(problem.message, title=problem.title, remedy=problem.remedy)

    def _is_signed_in(self, account: AccountId) -> bool:
        return self._open.accounts.is_signed_in(account)

    async def _entered(self, entered: Entered) -> None:
        """Take the account over, and give it a moment to read its addresses: they are asked for next."""
        await self._open.accounts.enter(entered)
        self._publish()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ADDRESSES_SECONDS):
                async for _ in self.state.watch():
                    state = self._open.accounts[entered.account].state
                    if state.addresses or state.phase is AccountPhase.ERROR:
                        return

    def _client_gone(self, client: ClientId) -> None:
        self._sessions.end_client(client, "The password of this mail program was revoked.")
        self._household.attempts.forget(client)
        self._notices.drop(f"password {client}")

    def _network(self, problem: Problem | None) -> None:
        """The way to the service was lost or found."""
        for key, concerns, kind in (
            ("network", "offline", NoticeKind.INFO),  # it comes back by itself
            ("tls", "untrusted", NoticeKind.ATTENTION),
        ):
            if problem is not None and problem.code == concerns:
                self._notices.give(key, kind, problem)
            else:
                self._notices.drop(key)

    # ------------------------------------------------------------------------------------------ ports and certificate

    async def _open_port(self, protocol: Protocol, context: ssl.SSLContext) -> None:
        others = [self._settings.port(other) for other in Protocol if other is not protocol]
        await self._ports[protocol].open(self._settings.port(protocol), context, others)

    def _server_address(self, protocol: Protocol) -> ServerAddress:
        state = self._ports[protocol].state
        return ServerAddress(state.host, state.port or self._settings.port(protocol))

    def _serving(self) -> Serving:
        certificates = self._open.certificates
        imap, smtp = (self._server_address(protocol) for protocol in (Protocol.IMAP, Protocol.SMTP))
        return Serving(imap, smtp, Certificate(certificates.fingerprint, certificates.file))

    def _certificate_renewed(self) -> None:
        """It came to its end and was replaced: serve the new one, and say so."""
        self._tasks.start(self._take_up_certificate(tell=True), "take up the new certificate")

    async def _take_up_certificate(self, tell: bool = False) -> CertificateState:
        """Serve the new certificate, have it trusted where we can, and name the programs where we cannot."""
        await self._serve_certificate()
        others = await self._open.setups.follow_certificate(self._serving)
        if others and tell:
            names = ", ".join(dict.fromkeys(others))
            remedy = f"Let these mail programs trust the new certificate: {names}."
            problem = Problem("certificate-renewed", "The certificate was renewed", "", remedy)
            self._notices.give("certificate", NoticeKind.ATTENTION, problem)
        self._publish()
        return await self._open.certificates.state()

    async def _serve_certificate(self) -> None:
        if self._opened is not None:
            context = await self._opened.certificates.context()
            for port in self._ports.values():
                port.use_certificate(context)

    # ------------------------------------------------------------------------------------------ snapshots

    def now(self) -> BridgeState:
        """Publish and return the state of this very moment."""
        self._publish()
        return self.state.value

    def _snapshot(self) -> BridgeState:
        accounts = self._household.account_states()
        self._notices.follow_accounts(accounts.values())
        opened = self._opened
        return BridgeState(
            core=self._core,
            accounts=tuple(accounts.values()),
            listeners=tuple(port.state for port in self._ports.values()),
            clients=opened.clients.states(accounts) if opened is not None else (),
            sessions=self._sessions.states(),
            notices=self._notices.all(),
            setups=opened.setups.progress(self._serving(), accounts, self._sessions.seen) if opened is not None else (),
        )

    def _changed(self) -> None:
        """Something that is shown has changed: make a snapshot soon."""
        if self._publishing is None:
            loop = asyncio.get_running_loop()
            wait = max(0.0, self._published_at + SNAPSHOT_SECONDS - loop.time())
            self._publishing = loop.call_later(wait, self._publish)

    def _publish(self) -> None:
        state = self._snapshot()
        if self._publishing is not None:
            self._publishing.cancel()
            self._publishing = None
        self._published_at = asyncio.get_running_loop().time()
        self.state.set(state)

    def _set_locked(self, problem: Problem, passphrase_opens: bool = False, can_start_anew: bool = False) -> None:
        self._set_core(
            phase=CorePhase.LOCKED, problem=problem, passphrase_opens=passphrase_opens, can_start_anew=can_start_anew
        )

    def _set_core(self, **changes: object) -> None:
        self._core = replace(self._core, **changes)  # type: ignore[arg-type]
        self._publish()


def problem_of(error: BridgeError) -> Problem:
    """An error as the value that is shown."""
    return Problem(error.code, error.title, error.message, error.remedy)
