"""The bridge: accounts, mail programs, servers and vault in one core; what window, control interface and command line
talk to.

Everything runs on the core's loop. Calls come in as coroutines, snapshots go out through `state`. Bursts of changes are
gathered: a snapshot is made at most twenty times a second, and at once after a call that changed something.

What exists only while the vault is open is held by `core.opened.Opened`; the servers' ports and the sign-in of mail
programs exist always, and refuse while it is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bridge_gui import config
from bridge_gui.aio import TaskOwner, off_loop
from bridge_gui.answers import (
    DEFAULT_SETUP,
    CertificateState,
    Check,
    Credentials,
    LetterResult,
    LoginStep,
    ProgramFound,
    ReportPart,
    ServerAddress,
    SettingState,
    SetupMade,
    SetupOptions,
    SetupPlan,
    SetupStep,
)
from bridge_gui.clients.base import Certificate, Configurator, Wanted
from bridge_gui.config import Profile, Settings
from bridge_gui.core import report as reports
from bridge_gui.core.accounts import ENDED
from bridge_gui.core.cache import finish_move
from bridge_gui.core.clients import chosen_address
from bridge_gui.core.doctor import examine
from bridge_gui.core.gate import Gate
from bridge_gui.core.house import Household
from bridge_gui.core.listeners import Opener, Port
from bridge_gui.core.notices import Notices
from bridge_gui.core.opened import Opened
from bridge_gui.core.service import Entered, MakeService
from bridge_gui.core.sessions import Sessions
from bridge_gui.core.settings import PORTS, SettingsInForce
from bridge_gui.core.setup import configurators
from bridge_gui.core.setup_plan import Serving, wanted_of
from bridge_gui.core.signin import SignIns
from bridge_gui.desktop import autostart
from bridge_gui.errors import (
    BridgeError,
    KeychainMissing,
    PassphraseNeeded,
    Refused,
    UsageError,
    VaultError,
    VaultLocked,
)
from bridge_gui.model import Access, AccountId, AddressMode, ClientId, FlowId, Protocol
from bridge_gui.secret import Secret
from bridge_gui.state import AccountPhase, AccountState, BridgeState, CorePhase, CoreState, NoticeKind, Problem
from bridge_gui.vault.records import ClientRecord
from bridge_gui.vault.vault import KeyPlace, KeySource, Vault
from bridge_gui.watched import Watched

log = logging.getLogger(__name__)

SNAPSHOT_SECONDS = 0.05
ADDRESSES_SECONDS = 5.0
LOCKED = Problem(
    "locked-by-user", "Locked", "You locked Bridge Manager.", "Unlock it to read and send mail with your mail programs."
)
MOVING = Problem(
    "cache-moving",
    "The mail is moved to its new folder",
    remedy="Mail programs are served again as soon as it is done.",
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

    # ------------------------------------------------------------------------------------------ life

    async def start(self) -> None:
        """Open the vault, start the servers and the accounts. A vault that cannot be opened is a state."""
        for complaint in self._settings.complaints:
            problem = Problem("settings", "A setting was left out", complaint)
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
                self._set_core(phase=CorePhase.LOCKED, problem=problem, passphrase_opens=False)
                return
            await off_loop(None, finish_move, folder)
            keys = self._keys if passphrase is None else replace(self._keys, passphrase=passphrase)
            try:
                vault = await Vault.open(self._profile.vault_file, keys)
            except VaultError as error:
                log.info("the vault stays closed: %s", error.code)
                opens = isinstance(error, PassphraseNeeded | KeychainMissing)
                self._set_core(phase=CorePhase.LOCKED, problem=problem_of(error), passphrase_opens=opens)
                if passphrase is not None and isinstance(error, VaultLocked):
                    raise
                return
            await self._bring_up(vault)

    async def lock(self) -> None:
        """Close servers, accounts and vault until `unlock`. A passphrase has to be given again."""
        async with self._changing:
            opened = self._opened
            opens = opened.vault.key_place is KeyPlace.PASSPHRASE if opened is not None else self._core.passphrase_opens
            await self._take_down("Bridge Manager was locked.")
            self._keys = replace(self._keys, passphrase=None)
            self._set_core(phase=CorePhase.LOCKED, problem=LOCKED, passphrase_opens=opens)

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
        self._set_core(phase=CorePhase.RUNNING, problem=None)

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

    async def protection(self) -> str:
        """What protects the stored passwords: `keychain`, `passphrase`, or `file` in a demonstration."""
        return self._open.vault.key_place.value

    async def protect(self, passphrase: Secret[str] | None) -> None:
        """Protect the stored passwords by a passphrase, or by the keychain for None."""
        if passphrase is not None and not passphrase.reveal():
            raise UsageError("An empty passphrase protects nothing.")
        await self._open.vault.protect(replace(self._keys, passphrase=passphrase, key_file=None))
        self._keys = replace(self._keys, passphrase=passphrase)

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
        accounts = self._open.accounts
        self._sessions.end_account(account, "This account was signed out in Bridge Manager.")
        await accounts.sign_out(account)
        self._publish()

    async def remove(self, account: AccountId) -> None:
        """Sign out and delete everything of the account from this computer."""
        accounts = self._open.accounts
        self._sessions.end_account(account, "This account was removed from Bridge Manager.")
        await accounts.remove(account)
        self._notices.drop_account(account)
        self._publish()

    async def repair(self, account: AccountId) -> None:
        await self._open.accounts[account].repair()

    async def set_mode(self, account: AccountId, mode: AddressMode) -> None:
        """Combine or split the account's addresses; mail programs have to connect again."""
        running = self._open.accounts[account]
        if running.state.mode is not mode:
            self._sessions.end_account(account, "The address mode of this account was changed.")
            await running.set_mode(mode)
            self._publish()

    async def pause(self, account: AccountId | None, seconds: float | None = None) -> None:
        """Stop downloading, of one account or all, for some time or until `resume`."""
        for running in self._open.accounts.chosen(account):
            await running.pause(seconds)

    async def resume(self, account: AccountId | None) -> None:
        for running in self._open.accounts.chosen(account):
            await running.resume()

    async def look_now(self) -> None:
        """While offline: look for the network at once."""
        self._open.service.look_now()

    async def outbox_retry(self, account: AccountId, item: str) -> None:
        """Try to send a waiting message now."""
        await self._open.accounts[account].outbox_retry(item)

    async def self_test(self, account: AccountId) -> tuple[LetterResult, ...]:
        """Send letters of many kinds to oneself, and compare what arrives with what was sent."""
        return await self._open.accounts[account].self_test()

    async def outbox_cancel(self, account: AccountId, item: str) -> None:
        """Never send a waiting message."""
        await self._open.accounts[account].outbox_cancel(item)

    async def wait(self, account: AccountId, goal: str = "synced", timeout: float | None = None) -> AccountState:
        """Wait until an account is `usable` (its INBOX can be read) or `synced` (all is here). Raise `Refused` when
        that cannot come any more, or not in time."""
        if goal not in ("usable", "synced"):
            raise UsageError("What is waited for is `usable` or `synced`.")
        try:
            async with asyncio.timeout(timeout):
                async for _ in self.state.watch():
                    if self._core.phase is CorePhase.STOPPING:
                        break
                    found = self._open.accounts[account].state
                    if found.sync.complete or (goal == "usable" and found.sync.usable):
                        return found
                    if found.phase in ENDED:
                        raise _refusal(found)
        except TimeoutError as error:
            raise Refused("The account did not get there in time.", title="Still busy") from error
        raise Refused("Bridge Manager is ending.")

    async def account_state(self, account: AccountId) -> AccountState:
        return self._open.accounts[account].state

    async def find_account(self, name: str) -> AccountId:
        """Return the account of that id, user name or address; raise `NotFound`."""
        return self._open.accounts.find(name)

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
        opened = self._open
        username = chosen_address(opened.accounts.emails(account), address)
        record = await opened.clients.add(label, account, app, access, username, self._clock())
        self._publish()
        return self._credentials(record)

    async def credentials(self, client: ClientId) -> Credentials:
        """All that is typed into a mail program, its password included."""
        return self._credentials(self._open.clients.record(client))

    async def rename_client(self, client: ClientId, label: str) -> None:
        await self._open.clients.rename(client, label)
        self._publish()

    async def set_client_access(self, client: ClientId, access: Access) -> None:
        """Change what a program may do; its live sessions end, as they were let in under the old rule."""
        await self._open.clients.set_access(client, access)
        self._sessions.end_client(client, "What this mail program may do was changed.")
        self._publish()

    async def renew_client(self, client: ClientId) -> Credentials:
        """Make a new password for a program; the old one is refused at once."""
        record = await self._open.clients.renew(client)
        self._sessions.end_client(client, "The password of this mail program was replaced.")
        self._publish()
        return self._credentials(record)

    async def disconnect_client(self, client: ClientId) -> int:
        """End the live sessions of a program, which may come back; return how many there were."""
        self._open.clients.record(client)
        return self._sessions.end_client(client, "Disconnected in Bridge Manager.")

    async def log_client(self, client: ClientId, on: bool) -> int:
        """Write the conversations of a program into the log from now on, without passwords and mail; or stop. Return
        how many live sessions it has."""
        self._open.clients.record(client)
        return self._sessions.log_client(client, on)

    async def revoke_client(self, client: ClientId) -> None:
        """Take a program's password away and end its sessions."""
        await self._open.clients.revoke(client)
        self._client_gone(client)
        self._publish()

    def _client_gone(self, client: ClientId) -> None:
        self._sessions.end_client(client, "The password of this mail program was revoked.")
        self._notices.drop(f"password {client}")

    async def restore_client(self, client: ClientId) -> None:
        """Undo `revoke_client`."""
        await self._open.clients.restore(client)
        self._publish()

    def _credentials(self, record: ClientRecord) -> Credentials:
        imap, smtp = (self._server_address(protocol) for protocol in (Protocol.IMAP, Protocol.SMTP))
        return Credentials(record.id, record.label, record.access, record.username, record.password, imap, smtp)

    def _server_address(self, protocol: Protocol) -> ServerAddress:
        state = self._ports[protocol].state
        return ServerAddress(state.host, state.port or self._settings.port(protocol))

    # ------------------------------------------------------------------------------------------ setting programs up

    async def setup_programs(self, account: AccountId) -> tuple[ProgramFound, ...]:
        """The mail programs that can be set up, those on this computer with what they have already."""
        return await self._open.setups.found(account)

    async def setup_plan(
        self,
        account: AccountId,
        app: str,
        target: str | None = None,
        access: Access = Access.FULL,
        options: SetupOptions = DEFAULT_SETUP,
    ) -> SetupPlan:
        """What `setup_apply` would do: nothing is written. `target` None is the only one there is."""
        return await self._open.setups.plan(app, target, self._wanted(account, access, options))

    async def setup_apply(
        self,
        account: AccountId,
        app: str,
        target: str | None = None,
        access: Access = Access.FULL,
        options: SetupOptions = DEFAULT_SETUP,
        timeout: float | None = 0,
    ) -> tuple[ClientId, ...]:
        """Make the passwords and set a program up; return its clients: one, or one for each address where they are
        split. While the program runs wait, at most `timeout` seconds (None: until it is closed or this is cancelled),
        and raise `ProgramRunning` then. `BridgeState.setups` says how far it is, and when the program signs in."""
        wanted = self._wanted(account, access, options)
        made = await self._open.setups.apply(app, target, wanted, timeout)
        self._publish()
        return made

    async def setup_undo(self, client: ClientId, timeout: float | None = 0) -> tuple[SetupStep, ...]:
        """Take back the set-up that a client belongs to, whose password may be gone already, and revoke all passwords
        of it; return what is left to the person."""
        left = await self._open.setups.undo(client, timeout)
        self._publish()
        return left

    async def setup_repair(self, client: ClientId, timeout: float | None = 0) -> tuple[SetupStep, ...]:
        """Bring a set-up in line with ports, certificate and password as they are now; return what is left to the
        person."""
        left = await self._open.setups.repair(client, self._serving(), self._account_of(client), timeout)
        self._publish()
        return left

    async def setup_guide(self, client: ClientId) -> tuple[SetupStep, ...]:
        """What a set-up that was made has left to the person, with the values of now."""
        return await self._open.setups.guide(client, self._serving(), self._account_of(client))

    async def setups_made(self) -> tuple[SetupMade, ...]:
        """Every set-up that was not taken back, also those whose account or password is gone."""
        return await self._open.setups.made()

    def _wanted(self, account: AccountId, access: Access, options: SetupOptions) -> Wanted:
        state = self._open.accounts[account].state
        return wanted_of(state, self._serving(), access, options, self._clock())

    def _account_of(self, client: ClientId) -> AccountState | None:
        """The account of a mail program, unless one of the two is gone."""
        record = next((record for record in self._open.clients.records() if record.id == client), None)
        return self._open.accounts.states().get(record.account) if record is not None else None

    def _serving(self) -> Serving:
        certificates = self._open.certificates
        imap, smtp = (self._server_address(protocol) for protocol in (Protocol.IMAP, Protocol.SMTP))
        return Serving(imap, smtp, Certificate(certificates.fingerprint, certificates.file))

    # ------------------------------------------------------------------------------------------ settings

    async def settings(self) -> tuple[SettingState, ...]:
        return self._settings.states()

    async def setting(self, key: str) -> SettingState:
        return self._settings.state(key)

    async def check_setting(self, key: str, value: str) -> str:
        """Say in a sentence what is wrong with a value, or nothing; changes nothing."""
        return await off_loop(None, self._settings.wrong, key, value)

    async def set_setting(self, key: str, value: str) -> SettingState:
        """Change one setting, on the disk as well, and let it take effect."""
        before = self._settings.value
        after = self._settings.parsed(key, value)
        if key == "ui.start_at_login":
            named = self._profile.config if self._profile.whole else None
            await off_loop(None, autostart.set_enabled, after.ui.start_at_login, named)
        if after != before:
            if key == "cache.folder" and self._opened is not None:
                await self._move_store(before, after)
            else:
                await self._settings.adopt(after)
            self._set_core(settings_changes=self._core.settings_changes + 1)
        if key in PORTS:
            await self._move_port(PORTS[key])
        elif key == "log.level":
            logging.getLogger().setLevel(after.log.level)
        if self._opened is not None:
            self._opened.service.use_settings(after)
            self._opened.accounts.use_settings(after)
            if key == "api.app_version" and after != before:
                await self._opened.accounts.try_again()
        self._publish()
        return self._settings.state(key)

    async def reset_settings(self, key: str | None = None) -> tuple[SettingState, ...]:
        """Put one setting, or all, back to its default; each takes effect as by `set_setting`."""
        for changed in self._settings.changed_keys(key):
            await self.set_setting(changed, self._settings.state(changed).default)
        return self._settings.states()

    async def move_cache(self, folder: str) -> None:
        """Move the local copy of the mail to another folder; empty: back into the profile."""
        await self.set_setting("cache.folder", folder)

    async def _move_store(self, before: Settings, after: Settings) -> None:
        opened = self._open

        async def adopt() -> None:
            await self._settings.adopt(after)
            opened.service.use_settings(after)

        loop = asyncio.get_running_loop()

        def progress(done: int, total: int) -> None:
            loop.call_soon_threadsafe(self._moved, done, total)

        async with self._changing:
            self._sessions.end_all("The local copy of the mail is being moved.")
            old, new = self._profile.cache_folder(before), self._profile.cache_folder(after)
            self._moved(0, 1)
            try:
                await opened.move_store(old, new, adopt, progress)
            finally:
                self._set_core(problem=None)

    def _moved(self, done: int, total: int) -> None:
        """Show how much of the mail is in its new folder."""
        message = f"{100 * done // max(1, total)} % are copied."
        if self._changing.locked() and (self._core.problem is None or self._core.problem.message != message):
            self._set_core(problem=replace(MOVING, message=message))

    async def _move_port(self, protocol: Protocol) -> None:
        if self._opened is not None and self._ports[protocol].state.port != self._settings.port(protocol):
            await self._open_port(protocol, await self._opened.certificates.context())

    async def _open_port(self, protocol: Protocol, context: ssl.SSLContext) -> None:
        others = [self._settings.port(other) for other in Protocol if other is not protocol]
        await self._ports[protocol].open(self._settings.port(protocol), context, others)

    # ------------------------------------------------------------------------------------------ certificate

    async def certificate(self) -> CertificateState:
        """What mail programs see of us, to be compared and trusted."""
        return await self._open.certificates.state()

    async def certificate_pem(self) -> str:
        """The CA certificate, which is public."""
        return (await self._open.certificates.record()).ca_pem

    async def export_certificate(self, path: Path) -> None:
        """Write the CA certificate, which is public, to a file."""
        pem = await self.certificate_pem()
        try:
            await off_loop(None, path.write_text, pem)
        except OSError as error:
            raise Refused(f"{path} cannot be written: {error.strerror}.") from error

    async def renew_certificate(self) -> CertificateState:
        """Make a new CA and server certificate and serve it from now on; mail programs have to trust it anew."""
        await self._open.certificates.renew()
        return await self._take_up_certificate()

    async def import_certificate(self, pem: Secret[str]) -> CertificateState:
        """Serve a certificate of one's own: a PEM text with certificate, issuers and key. It is never replaced by
        itself. Raise `Refused` when mail programs could not use it."""
        await self._open.certificates.use(pem)
        return await self._take_up_certificate()

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

    # ------------------------------------------------------------------------------------------ help

    async def doctor(self) -> tuple[Check, ...]:
        """Look at everything that can be wrong and say so in sentences."""
        vault = self._opened.vault if self._opened is not None else None
        return await examine(self._snapshot(), self._profile, vault, self._clock())

    async def report(self, category: str, title: str, description: str, logs: bool) -> tuple[ReportPart, ...]:
        """Put a report of a problem together: exactly what would be sent, addresses masked."""
        state, checks = self._snapshot(), await self.doctor()
        sender = state.accounts[0] if state.accounts else None
        username, address = (sender.username, sender.email) if sender is not None else ("", "")
        letter = reports.Letter(category, title, description, username, address) if title or description else None
        return await off_loop(
            None, reports.compose, letter, self._profile, state, checks, self._settings.states(), logs
        )

    async def save_report(self, parts: Sequence[ReportPart], path: Path) -> None:
        """Write a report to a ZIP file."""
        await off_loop(None, reports.save, parts, path)

    async def send_report(self, parts: Sequence[ReportPart]) -> None:
        """Send a report to the service, as it was put together and looked at."""
        await self._open.service.send_report(*reports.as_letter(parts))

    async def dismiss(self, key: str) -> None:
        """A person has seen a notice."""
        self._notices.drop(key)
        self._publish()

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
            setups=opened.setups.progress(self._serving(), accounts) if opened is not None else (),
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

    def _set_core(self, **changes: object) -> None:
        self._core = replace(self._core, **changes)  # type: ignore[arg-type]
        self._publish()

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


def problem_of(error: BridgeError) -> Problem:
    """An error as the value that is shown."""
    return Problem(error.code, error.title, error.message, error.remedy)


def _refusal(account: AccountState) -> Refused:
    """Why waiting for an account makes no sense."""
    if account.problem is not None:
        return Refused(account.problem.message, title=account.problem.title, remedy=account.problem.remedy)
    return Refused("The account is signed out.", remedy="Sign in again.")
