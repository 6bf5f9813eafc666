"""The bridge: accounts, mail programs, servers and vault in one core; what window, control interface and command line
talk to.

Everything runs on the core's loop. Calls come in as coroutines, snapshots go out through `state`. Bursts of changes are
gathered: a snapshot is made at most twenty times a second.
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
from typing import TypeVar

from bridge_gui import config
from bridge_gui.aio import TaskOwner, off_loop
from bridge_gui.config import Profile
from bridge_gui.core.accounts import Accounts
from bridge_gui.core.certificate import Certificates
from bridge_gui.core.clients import Clients, chosen_address
from bridge_gui.core.doctor import examine
from bridge_gui.core.gate import Door, Gate, Refusal
from bridge_gui.core.listeners import Opener, Port
from bridge_gui.core.notices import Notices
from bridge_gui.core.service import Entered, MakeService, Service
from bridge_gui.core.sessions import Sessions
from bridge_gui.core.settings import SettingsInForce
from bridge_gui.core.signin import SignIns
from bridge_gui.desktop import autostart
from bridge_gui.errors import Refused, UsageError, VaultError, VaultLocked
from bridge_gui.model import Access, AccountId, AddressMode, ClientId, FlowId, Protocol
from bridge_gui.secret import Secret
from bridge_gui.state import (
    AccountPhase,
    AccountState,
    BridgeState,
    CertificateState,
    Check,
    CorePhase,
    CoreState,
    Credentials,
    LoginStep,
    NoticeKind,
    Problem,
    ServerAddress,
    SettingState,
    Watched,
)
from bridge_gui.vault.records import ClientRecord
from bridge_gui.vault.vault import KeySource, Vault

log = logging.getLogger(__name__)

SNAPSHOT_SECONDS = 0.05
FLUSH_SECONDS = 20.0
ADDRESSES_SECONDS = 5.0
CERTIFICATE_CHECK_SECONDS = 6 * 3600.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Servers:
    """How the two servers are opened, each with its backend from the gate."""

    imap: Callable[[Gate], Opener]
    smtp: Callable[[Gate], Opener]


class Bridge:
    """One core. `start` brings it up even when the vault is locked; `close` ends it with all it started."""

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
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._profile = profile
        self._make_service = service
        self._keys = keys
        self._window = window
        self._clock = clock
        self._settings = SettingsInForce(profile.settings_file)
        self._vault: Vault | None = None
        self._clients: Clients | None = None
        self._certificates: Certificates | None = None
        self._service: Service | None = None
        self._accounts: Accounts | None = None
        self._tasks = TaskOwner("bridge")
        self._core = CoreState(version=config.version(), api=api, demo=demo, pid=os.getpid())
        self._notices = Notices(self._changed, clock)
        self._publishing: asyncio.TimerHandle | None = None
        self._published_at = 0.0
        self._unlocking = asyncio.Lock()
        self._quit = asyncio.Event()
        self.state: Watched[BridgeState] = Watched(BridgeState(core=self._core))
        self._sessions = Sessions(self._changed, self._named)
        fields = {"name": "Bridge Manager", "version": config.version()}
        self._gate = Gate(self, self._sessions, fields, clock)
        self._ports = {
            Protocol.IMAP: Port(Protocol.IMAP, servers.imap(self._gate), self._changed, self._tasks),
            Protocol.SMTP: Port(Protocol.SMTP, servers.smtp(self._gate), self._changed, self._tasks),
        }
        self._sign_ins = SignIns(lambda: self._open_service, self._entered, self._is_signed_in, self._tasks)

    # ------------------------------------------------------------------------------------------ life

    async def start(self) -> None:
        """Open the vault, start the servers and the accounts. A vault that cannot be opened is a state."""
        for complaint in self._settings.complaints:
            self._notices.give(
                "settings", NoticeKind.ATTENTION, Problem("settings", "A setting was left out", complaint)
            )
        await self.unlock(None)

    async def unlock(self, passphrase: Secret[str] | None) -> None:
        """Try to open the vault (again). Without success `state.core` says why; a wrong passphrase raises as well."""
        async with self._unlocking:
            if self._vault is not None:
                return
            keys = self._keys if passphrase is None else replace(self._keys, passphrase=passphrase)
            try:
                self._vault = await Vault.open(self._profile.vault_file, keys)
            except VaultError as error:
                log.info("the vault stays closed: %s", error.code)
                self._set_core(
                    phase=CorePhase.LOCKED, problem=Problem(error.code, error.title, error.message, error.remedy)
                )
                if passphrase is not None and isinstance(error, VaultLocked):
                    raise
                return
            await self._bring_up(self._vault)

    async def _bring_up(self, vault: Vault) -> None:
        self._clients = Clients(vault)
        if vault.restored:
            text = (
                "The file of stored passwords was damaged. Its last good copy is in use; the newest change may be lost."
            )
            self._notices.give(
                "vault-restored", NoticeKind.ATTENTION, Problem("vault-restored", "Passwords restored", text)
            )
        self._certificates = Certificates(vault, self._profile.certificate_file, self._clock)
        if await self._certificates.ensure():
            self._say_renewed()
        context = await self._certificates.context()
        await self._settings.choose_first_ports()
        await self._open_port(Protocol.IMAP, context)
        await self._open_port(Protocol.SMTP, context)
        self._service = self._make_service(self._settings.value, vault.content.cookies)
        self._accounts = Accounts(vault, self._service, self._changed)
        await self._accounts.start()
        self._set_core(phase=CorePhase.RUNNING, problem=None)
        self._tasks.start(self._write_now_and_then(), "write late things")
        self._tasks.start(self._watch_certificate(), "watch the certificate")

    async def close(self) -> None:
        """Say good-bye to mail programs, stop the accounts, write what is unwritten."""
        self._set_core(phase=CorePhase.STOPPING)
        self._publish()
        await asyncio.gather(*(port.close() for port in self._ports.values()))
        self._sessions.end_all("Bridge Manager is being closed.")
        await self._sign_ins.close()
        if self._accounts is not None:
            await self._accounts.stop()
        await self._tasks.close()
        try:
            await self._write_late_things()
        except VaultError as error:
            log.warning("last uses could not be written: %s", error)
        if self._service is not None:
            await self._service.close()
        if self._vault is not None:
            await self._vault.close()
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

    # ------------------------------------------------------------------------------------------ what the gate asks

    def client_records(self) -> list[ClientRecord]:
        return self._clients.records() if self._clients is not None else []

    def account_states(self) -> Mapping[AccountId, AccountState]:
        return self._accounts.states() if self._accounts is not None else {}

    def door(self, account: AccountId) -> Door:
        return self._open_accounts[account]

    def used(self, client: ClientId, now: float) -> None:
        self._open_clients.used(client, now)
        self._notices.drop(f"password {client}")
        self._changed()

    def refused(self, client: ClientId | None, username: str, reason: Refusal, now: float) -> None:
        log.info("a mail program was refused: %s", reason.name)
        if client is None:
            return
        self._open_clients.failed(client, now)
        label = self._open_clients.record(client).label
        if reason is Refusal.FORMER:
            remedy = f"Copy the new password into {label}."
            problem = Problem("old-password", f"{label} uses an old password", reason.value, remedy)
            self._notices.give(f"password {client}", NoticeKind.ATTENTION, problem)
        self._changed()

    def _named(self, client: ClientId, program: str) -> None:
        self._open_clients.named(client, program)
        name, _, version = program.rpartition(" ")
        self._open_service.use_client_name(name or program, version if name else "")

    # ------------------------------------------------------------------------------------------ accounts

    async def login(self, username: str, password: Secret[str]) -> LoginStep:
        """Begin to sign in. Each answer leads to the next step or ends the flow."""
        return await self._sign_ins.begin(username, password)

    async def login_code(self, flow: FlowId, code: str) -> LoginStep:
        return await self._sign_ins.code(flow, code)

    async def login_mailbox_password(self, flow: FlowId, password: Secret[str]) -> LoginStep:
        return await self._sign_ins.mailbox_password(flow, password)

    async def login_verified(self, flow: FlowId) -> LoginStep:
        return await self._sign_ins.verified(flow)

    async def login_cancel(self, flow: FlowId) -> None:
        await self._sign_ins.cancel(flow)

    async def logout(self, account: AccountId) -> None:
        """End the session with the service. The local copy of the mail and the programs' passwords stay."""
        self._sessions.end_account(account, "This account was signed out in Bridge Manager.")
        await self._open_accounts.sign_out(account)

    async def remove(self, account: AccountId) -> None:
        """Sign out and delete everything of the account from this computer."""
        self._sessions.end_account(account, "This account was removed from Bridge Manager.")
        await self._open_accounts.remove(account)
        self._notices.drop_account(account)
        self._publish()

    async def repair(self, account: AccountId) -> None:
        await self._open_accounts[account].repair()

    async def set_mode(self, account: AccountId, mode: AddressMode) -> None:
        """Combine or split the account's addresses; mail programs have to connect again."""
        running = self._open_accounts[account]
        if running.state.mode is not mode:
            self._sessions.end_account(account, "The address mode of this account was changed.")
            await running.set_mode(mode)
            self._publish()

    async def pause(self, account: AccountId | None, seconds: float | None = None) -> None:
        """Stop downloading, of one account or all, for some time or until `resume`."""
        for running in self._open_accounts.chosen(account):
            await running.pause(seconds)

    async def resume(self, account: AccountId | None) -> None:
        for running in self._open_accounts.chosen(account):
            await running.resume()

    async def wait(self, account: AccountId, goal: str = "synced", timeout: float | None = None) -> AccountState:
        """Wait until an account is `usable` (its INBOX can be read) or `synced` (all is here). Raise `Refused` when
        that cannot come any more, or not in time."""
        if goal not in ("usable", "synced"):
            raise UsageError("What is waited for is `usable` or `synced`.")
        self._open_accounts[account]
        try:
            async with asyncio.timeout(timeout):
                async for _ in self.state.watch():
                    if self._core.phase is CorePhase.STOPPING:
                        raise Refused("Bridge Manager is ending.")
                    found = self._open_accounts[account].state
                    if found.sync.complete or (goal == "usable" and found.sync.usable):
                        return found
                    if found.phase in (AccountPhase.SIGNED_OUT, AccountPhase.ERROR):
                        raise _refusal(found)
        except TimeoutError as error:
            raise Refused("The account did not get there in time.", title="Still busy") from error
        raise Refused("The core is ending.")

    async def account_state(self, account: AccountId) -> AccountState:
        return self._open_accounts[account].state

    async def find_account(self, name: str) -> AccountId:
        """Return the account of that id, user name or address; raise `NotFound`."""
        return self._open_accounts.find(name)

    def _is_signed_in(self, account: AccountId) -> bool:
        return self._open_accounts.is_signed_in(account)

    async def _entered(self, entered: Entered) -> None:
        """Take the account over, and give it a moment to read its addresses: they are asked for next."""
        await self._open_accounts.enter(entered)
        self._publish()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ADDRESSES_SECONDS):
                async for _ in self.state.watch():
                    state = self._open_accounts[entered.account].state
                    if state.addresses or state.phase is AccountPhase.ERROR:
                        return

    # ------------------------------------------------------------------------------------------ mail programs

    async def add_client(
        self,
        label: str,
        account: AccountId,
        app: str = "other",
        access: Access = Access.FULL,
        address: str | None = None,
    ) -> Credentials:
        """Make a password for a mail program; `address` is an address of the account, None the first."""
        username = chosen_address(self._open_accounts.emails(account), address)
        record = await self._open_clients.add(label, account, app, access, username, self._clock())
        self._publish()
        return self._credentials(record)

    async def credentials(self, client: ClientId) -> Credentials:
        """All that is typed into a mail program, its password included."""
        return self._credentials(self._open_clients.record(client))

    async def rename_client(self, client: ClientId, label: str) -> None:
        await self._open_clients.rename(client, label)
        self._publish()

    async def set_client_access(self, client: ClientId, access: Access) -> None:
        """Change what a program may do; its live sessions end, as they were let in under the old rule."""
        await self._open_clients.set_access(client, access)
        self._sessions.end_client(client, "What this mail program may do was changed.")
        self._publish()

    async def renew_client(self, client: ClientId) -> Credentials:
        """Make a new password for a program; the old one is refused at once."""
        record = await self._open_clients.renew(client)
        self._sessions.end_client(client, "The password of this mail program was replaced.")
        self._publish()
        return self._credentials(record)

    async def disconnect_client(self, client: ClientId) -> int:
        """End the live sessions of a program, which may come back; return how many there were."""
        self._open_clients.record(client)
        return self._sessions.end_client(client, "Disconnected in Bridge Manager.")

    async def revoke_client(self, client: ClientId) -> None:
        """Take a program's password away and end its sessions."""
        await self._open_clients.revoke(client)
        self._sessions.end_client(client, "The password of this mail program was revoked.")
        self._notices.drop(f"password {client}")
        self._publish()

    async def restore_client(self, client: ClientId) -> None:
        """Undo `revoke_client`."""
        await self._open_clients.restore(client)
        self._publish()

    def _credentials(self, record: ClientRecord) -> Credentials:
        imap, smtp = (self._server_address(protocol) for protocol in (Protocol.IMAP, Protocol.SMTP))
        return Credentials(record.id, record.label, record.access, record.username, record.password, imap, smtp)

    def _server_address(self, protocol: Protocol) -> ServerAddress:
        state = self._ports[protocol].state
        return ServerAddress(state.host, state.port or self._settings.port(protocol))

    # ------------------------------------------------------------------------------------------ settings

    async def settings(self) -> tuple[SettingState, ...]:
        return self._settings.states()

    async def setting(self, key: str) -> SettingState:
        return self._settings.state(key)

    async def set_setting(self, key: str, value: str) -> SettingState:
        """Change one setting, on the disk as well, and let it take effect."""
        before = self._settings.value
        after = self._settings.parsed(key, value)
        if key == "ui.start_at_login":
            await off_loop(None, autostart.set_enabled, after.ui.start_at_login)
        if after != before:
            await self._settings.adopt(after)
        if key in ("imap.port", "smtp.port"):
            await self._move_port(Protocol(key.split(".")[0]))
        elif key == "log.level":
            logging.getLogger().setLevel(after.log.level)
        if self._accounts is not None and self._service is not None:
            self._service.use_settings(after)
            self._accounts.use_settings(after)
        self._publish()
        return self._settings.state(key)

    async def _move_port(self, protocol: Protocol) -> None:
        if self._certificates is not None and self._ports[protocol].state.port != self._settings.port(protocol):
            await self._open_port(protocol, await self._certificates.context())

    async def _open_port(self, protocol: Protocol, context: ssl.SSLContext) -> None:
        others = [self._settings.port(other) for other in Protocol if other is not protocol]
        await self._ports[protocol].open(self._settings.port(protocol), context, others)

    # ------------------------------------------------------------------------------------------ certificate

    async def certificate(self) -> CertificateState:
        """What mail programs see of us, to be compared and trusted."""
        return await self._open_certificates.state()

    async def certificate_pem(self) -> str:
        """The CA certificate, which is public."""
        return (await self._open_certificates.record()).ca_pem

    async def export_certificate(self, path: Path) -> None:
        """Write the CA certificate, which is public, to a file."""
        pem = await self.certificate_pem()
        try:
            await off_loop(None, path.write_text, pem)
        except OSError as error:
            raise Refused(f"{path} cannot be written: {error.strerror}.") from error

    async def renew_certificate(self) -> CertificateState:
        """Make a new CA and server certificate and serve it from now on; mail programs have to trust it anew."""
        await self._open_certificates.renew()
        await self._serve_certificate()
        return await self.certificate()

    async def _serve_certificate(self) -> None:
        context = await self._open_certificates.context()
        for port in self._ports.values():
            port.use_certificate(context)

    async def _watch_certificate(self) -> None:
        while True:
            await asyncio.sleep(CERTIFICATE_CHECK_SECONDS)
            if await self._open_certificates.ensure():
                await self._serve_certificate()
                self._say_renewed()

    def _say_renewed(self) -> None:
        remedy = "Let your mail programs trust the new certificate."
        problem = Problem("certificate-renewed", "The certificate was renewed", "", remedy)
        self._notices.give("certificate", NoticeKind.ATTENTION, problem)

    # ------------------------------------------------------------------------------------------ help

    async def doctor(self) -> tuple[Check, ...]:
        """Look at everything that can be wrong and say so in sentences."""
        return await examine(self._snapshot(), self._profile, self._vault, self._clock())

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self._write_late_things()
            except VaultError as error:
                log.info("last uses could not be written, and are kept for later: %s", error.code)

    async def _write_late_things(self) -> None:
        """Write what changes often and may be lost in a crash: last uses, cookies."""
        if self._vault is not None and self._clients is not None and self._service is not None:
            await self._clients.flush()
            cookies = self._service.cookies()
            await self._vault.update(lambda content: replace(content, cookies=cookies))

    async def dismiss(self, key: str) -> None:
        """A person has seen a notice."""
        self._notices.drop(key)

    # ------------------------------------------------------------------------------------------ snapshots

    def now(self) -> BridgeState:
        """Publish and return the state of this very moment."""
        self._publish()
        return self.state.value

    def _snapshot(self) -> BridgeState:
        return BridgeState(
            core=self._core,
            accounts=tuple(self.account_states().values()),
            listeners=tuple(port.state for port in self._ports.values()),
            clients=self._clients.states(self.account_states()) if self._clients is not None else (),
            sessions=self._sessions.states(),
            notices=self._notices.all(),
        )

    def _changed(self) -> None:
        """Something that is shown has changed: make a snapshot soon."""
        if self._publishing is None:
            loop = asyncio.get_running_loop()
            wait = max(0.0, self._published_at + SNAPSHOT_SECONDS - loop.time())
            self._publishing = loop.call_later(wait, self._publish)

    def _publish(self) -> None:
        if self._publishing is not None:
            self._publishing.cancel()
            self._publishing = None
        self._published_at = asyncio.get_running_loop().time()
        self.state.set(self._snapshot())

    def _set_core(self, **changes: object) -> None:
        self._core = replace(self._core, **changes)  # type: ignore[arg-type]
        self._publish()

    # ------------------------------------------------------------------------------------------ what must be open

    @property
    def _open_accounts(self) -> Accounts:
        return self._opened(self._accounts)

    @property
    def _open_clients(self) -> Clients:
        return self._opened(self._clients)

    @property
    def _open_certificates(self) -> Certificates:
        return self._opened(self._certificates)

    @property
    def _open_service(self) -> Service:
        return self._opened(self._service)

    def _opened(self, part: T | None) -> T:
        """Return what exists only while the vault is open; else raise what keeps it closed."""
        if part is None:
            problem = self._core.problem
            if problem is None:
                raise VaultLocked("Bridge Manager is still starting.", remedy="Try again in a moment.")
            raise VaultLocked(problem.message, title=problem.title, remedy=problem.remedy)
        return part


def _refusal(account: AccountState) -> Refused:
    """Why waiting for an account makes no sense."""
    if account.problem is not None:
        return Refused(account.problem.message, title=account.problem.title, remedy=account.problem.remedy)
    return Refused("The account is signed out.", remedy="Sign in again.")
