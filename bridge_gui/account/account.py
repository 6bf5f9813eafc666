"""One signed-in account put together: keys, local copy, events, downloads, changes on their way out.

The local copy is there from `start` to `stop`, with or without a session: mail programs read what is here while the
account is offline or signed out. Over it runs, as long as there is a session, the work (`account.work`): unlock the
keys, then follow events, send changes, list what is not listed yet and download bodies, all at once. Whatever ends one
of these ends the work, and `_after` decides by the kind of the error what becomes of the account:

    trouble that passes         connecting or offline; again after a while, or as soon as the network is back
    signed out by the service   signed-out; the session's secrets are forgotten, the mail stays
    full disk                   error; tried again by itself
    the session may not do it   signed-out, with that reason
    tokens that cannot be kept  error; tried again by itself
    damaged local copy          error, whoever met the damage; what can be read stays readable; `repair` makes a new one
    local copy not to be opened error; tried again by itself
    keys that do not open       locked; a new sign-in goes on
    keys of a new kind, or none of an address
                                error; tried again by itself, as a person may mend it at Proton
    not allowed, bad events     error; `repair`, `resume` or a new sign-in goes on

The vault and the bridge are reached through the callbacks that are handed in: `keep` changes the account's record
durably, `on_state` is told every change of `state`, `on_sent` who gets mail.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bridge_gui.account import keeping, outgoing
from bridge_gui.account.identity import Identity, file_name
from bridge_gui.account.keeping import Keeping
from bridge_gui.account.keys import AddressKeysLocked, KeysLocked, KeysUnsupported
from bridge_gui.account.local import LocalCopy
from bridge_gui.account.mailboxes import AccountUser
from bridge_gui.account.outgoing import Outgoing
from bridge_gui.account.ports import Appender
from bridge_gui.account.remote import Labels, NoRemote
from bridge_gui.account.selftest import SelfTest
from bridge_gui.account.shown import (
    SIGNED_OUT,
    change_refused,
    perhaps_lost,
    problem_of,
    taken_back,
    unexpected,
)
from bridge_gui.account.work import Host, Work
from bridge_gui.aio import TaskOwner, cancelled
from bridge_gui.answers import LetterResult
from bridge_gui.config import Settings
from bridge_gui.errors import BridgeError, DiskFull, Refused, StoreDamaged, Unreachable
from bridge_gui.model import Access, AddressId, AddressMode, MessageId
from bridge_gui.proton.api import Api
from bridge_gui.proton.connectivity import Link
from bridge_gui.proton.errors import ApiError, ScopeMissing, UpdateForced
from bridge_gui.proton.http import Transport
from bridge_gui.proton.retry import Clock, task_wait
from bridge_gui.proton.types import SessionTokens
from bridge_gui.secret import Secret
from bridge_gui.smtp import backend as smtp
from bridge_gui.state import AccountPhase, AccountState, Mails, Problem, SyncPhase, SyncState
from bridge_gui.store.db import Store
from bridge_gui.store.records import QueuedChange
from bridge_gui.sync.download import Selection
from bridge_gui.sync.service import Verdict, judge
from bridge_gui.sync.wait import Nudge
from bridge_gui.sync.workshop import Workshop
from bridge_gui.vault.records import AccountRecord, SessionRecord
from bridge_gui.watched import Watched

Keep = Callable[[Callable[[AccountRecord], AccountRecord]], Awaitable[None]]
"""Change the account's record in the vault; durable when it returns."""
OnState = Callable[[AccountState], None]
OnSent = Callable[[Sequence[str]], None]
"""Told the recipients of each mail that was sent."""

DISK_WAIT = 60.0
OPEN_WAIT = 60.0
"""Seconds until a local copy is tried again that could not be opened."""
BLOCKED_WAIT = 900.0
"""Seconds until it is tried again whether a person has mended, at Proton, what the account was refused for."""
LOGOUT_TIME = 10.0
"""Seconds that a sign-out waits for the service."""
ARRIVAL = (0.0, 2.0, 5.0, 15.0)
"""Seconds between the looks for mail that somebody here has just sent to this account: the service delivers soon."""

log = logging.getLogger(__name__)


class Account:
    """See the module. It is made for one session; after a new sign-in the bridge makes another."""

    def __init__(
        self,
        record: AccountRecord,
        *,
        transport: Transport,
        link: Watched[Link],
        workshop: Workshop,
        folder: Path,
        settings: Settings,
        keep: Keep,
        on_state: OnState,
        on_sent: OnSent = lambda recipients: None,
        clock: Clock | None = None,
    ) -> None:
        self._record = record
        self._transport, self._link, self._workshop = transport, link, workshop
        self._local = LocalCopy(folder / f"{file_name(record.id)}.db", record.store_key, self._met_damage)
        self._settings = settings
        self._keep, self._on_state, self._on_sent = keep, on_state, on_sent
        self._clock = clock or Clock()
        self._owner = TaskOwner("account")
        self._identity = Identity()
        self._opening: asyncio.Task[None] | None = None
        self._api: Api | None = None
        self._work: Work | None = None
        self._working: asyncio.Task[None] | None = None
        self._pause: asyncio.Task[None] | None = None
        self._expecting: asyncio.Task[None] | None = None
        self._up, self._going = asyncio.Event(), asyncio.Event()
        self._going.set()
        self._again = Nudge(self._clock)
        self._keeping = Keeping(
            self._clock,
            keeping.Host(
                store=lambda: self._local.store,
                settings=lambda: self._settings,
                signed_in=lambda: self._record.session is not None,
                moving=lambda: self._up.is_set() and self._going.is_set(),
                paused=lambda: not self._going.is_set(),
                select=self._select,
                publish=lambda sync, size: self._publish(sync=sync, disk_bytes=size),
            ),
        )
        self._outgoing = Outgoing(
            self._identity,
            self._clock,
            outgoing.Host(
                online=lambda: self._link.value.online,
                keeps=lambda: self._settings.outbox.enabled,
                not_connected=self._not_connected,
                sent=self._was_sent,
                publish=lambda waiting: self._publish(outbox=waiting),
            ),
        )
        self.state = AccountState(
            id=record.id,
            username=record.username,
            phase=AccountPhase.SIGNED_OUT if record.session is None else AccountPhase.CONNECTING,
            mode=record.mode,
        )

    # ------------------------------------------------------------------------------------ life

    async def start(self) -> None:
        """Open the local copy and begin to work. What goes wrong shows in `state`."""
        self._owner.start(self._follow_link(), "link")
        self._owner.start(self._keeping.run(), "keep")
        await self._open()

    async def stop(self) -> None:
        """End all work; the local copy is whole when it returns."""
        self._local.watch_no_more()
        await self._owner.close()
        await self._close()

    async def _open(self) -> None:
        """Open the local copy, and work if there is a session."""
        try:
            store = await self._local.open()
        except BridgeError as error:
            self._fail(error)
            if not self._local.damaged:
                self._opening = self._owner.start(self._open_later(), "open")
            return
        if self._local.perhaps_lost:
            self._take_back(perhaps_lost(), Mails())
        await self._identity.load(store)
        self._publish(addresses=self._identity.states)
        await self._outgoing.open(store)
        session, key_pass = self._record.session, self._record.key_pass
        if session is None or key_pass is None:
            self._publish(phase=AccountPhase.SIGNED_OUT)
            return
        tokens = SessionTokens(session.uid, session.access_token, session.refresh_token)
        self._api = Api(self._transport, tokens, self._save_tokens, self._was_signed_out)
        self._work = self._make_work(self._api, key_pass, store)
        await self._work.open()
        self._working = self._owner.start(self._keep_working(self._work), "work")

    async def _open_later(self) -> None:
        """Whatever keeps the local copy from being opened, such as a full disk or a folder's rights, may be mended."""
        await self._again.wait(OPEN_WAIT)
        await self._open()

    def _met_damage(self) -> None:
        self._owner.start(self._stop_for_damage(), "damaged")

    async def _stop_for_damage(self) -> None:
        """Write nothing more to it; what can be read stays readable until the repair."""
        await self._end_work()
        self._fail(StoreDamaged())

    def _make_work(self, api: Api, key_pass: Secret[bytes], store: Store) -> Work:
        host = Host(
            ready=self._ready,
            downloads=self._may_download,
            identity_read=self._identity_read,
            listed=self._keeping.listed,
            usable=self._keeping.look,
            changed=self._keeping.look,
            polled=self._was_polled,
            trouble=self._trouble,
            refused=self._was_refused,
            used=lambda used: self._publish(used_bytes=used),
        )
        return Work(
            api,
            key_pass,
            store,
            self._identity,
            self._transport,
            self._workshop,
            self._clock,
            host,
            parallel=self._settings.sync.parallel,
        )

    async def _close(self) -> None:
        opening, self._opening = self._opening, None
        if opening is not None:
            await cancelled(opening)
        await self._end_work()
        await self._outgoing.close()
        await self._local.close()

    async def _end_work(self) -> None:
        working, self._working = self._working, None
        if working is not None and working is not asyncio.current_task():
            await cancelled(working)
        work, self._work = self._work, None
        self._api = None
        self._outgoing.pause()
        if work is not None:
            await work.close()

    # ------------------------------------------------------------------------------------ the work and its end

    async def _keep_working(self, work: Work) -> None:
        failures = 0
        while True:
            self._publish(phase=self._connecting())
            try:
                await work.run()
            except BridgeError as error:
                failures = 0 if self.state.phase is AccountPhase.CONNECTED else failures + 1
                wait = await self._after(error, failures)
            except Exception as error:  # a mistake of ours: shown, logged, and tried again, for mail must go on
                log.exception("the account's work failed")
                failures += 1
                self._fail(unexpected(error))
                wait = task_wait(failures, self._clock.random())
            if wait is None:
                return
            await self._again.wait(wait)

    async def _after(self, error: BridgeError, failures: int) -> float | None:
        """What becomes of the account: seconds until the next try, or None when only a person can go on."""
        match judge(error):
            case Verdict.OFFLINE:
                self._publish(phase=self._connecting(), problem=None)
                return task_wait(max(failures, 1), self._clock.random())
            case Verdict.THROTTLED | Verdict.TROUBLE:
                self._publish(phase=AccountPhase.CONNECTING, problem=problem_of(error))
                return task_wait(max(failures, 1), self._clock.random())
            case Verdict.SIGNED_OUT:
                await self._forget_session()
                asked = problem_of(error) if isinstance(error, ScopeMissing) else SIGNED_OUT
                self._publish(phase=AccountPhase.SIGNED_OUT, problem=asked)
                return None
            case Verdict.STORE if isinstance(error, DiskFull):
                self._fail(error)
                return DISK_WAIT
            case Verdict.VAULT:
                self._fail(error)
                return DISK_WAIT
            case Verdict.BLOCKED:
                self._fail(error)
                # A version that is refused stays refused: asking again is up to whoever changes it (API document 1.4).
                return None if isinstance(error, UpdateForced) else BLOCKED_WAIT
            case _ if isinstance(error, KeysUnsupported | AddressKeysLocked):
                self._fail(error)
                return BLOCKED_WAIT
            case _:
                self._fail(error)
                return None

    def _fail(self, error: BridgeError) -> None:
        log.info("the account stops: %s", error.code)
        phase = AccountPhase.LOCKED if isinstance(error, KeysLocked) else AccountPhase.ERROR
        self._publish(phase=phase, problem=problem_of(error))

    def _connecting(self) -> AccountPhase:
        return AccountPhase.CONNECTING if self._link.value.online else AccountPhase.OFFLINE

    # ------------------------------------------------------------------------------------ session

    async def _save_tokens(self, tokens: SessionTokens) -> None:
        session = SessionRecord(tokens.uid, tokens.access_token, tokens.refresh_token)
        self._record = replace(self._record, session=session)
        await self._keep(lambda record: replace(record, session=session))

    async def _was_signed_out(self, error: ApiError) -> None:
        """Told once by the API. Every request from now on raises `SignedOut`, which ends the work."""
        log.info("the service has ended the session: %s", error.technical)
        self._hurry()

    async def _forget_session(self) -> None:
        self._record = replace(self._record, session=None, key_pass=None)
        await self._keep(lambda record: replace(record, session=None, key_pass=None))

    async def sign_out(self) -> None:
        """End the session at the service as far as it can be reached; the local copy stays, and stays readable."""
        api, working = self._api, self._working
        if working is not None:
            await cancelled(working)
        if api is not None:
            # A service that cannot be reached learns it when the session runs out.
            with contextlib.suppress(TimeoutError, BridgeError):
                async with asyncio.timeout(LOGOUT_TIME):
                    await api.logout()
        await self._end_work()
        await self._forget_session()
        self._publish(phase=AccountPhase.SIGNED_OUT, problem=None, sync=SyncState())

    # ------------------------------------------------------------------------------------ what a person may ask

    def use_settings(self, settings: Settings) -> None:
        """Take new settings; the width of parallel downloads counts from the next start."""
        self._settings = settings
        self._keeping.look()

    async def set_mode(self, mode: AddressMode) -> None:
        """Combine or split the addresses. Mailboxes get new UIDVALIDITYs: their contents are others now."""
        if mode is self._record.mode:
            return
        store = self._opened()
        self._record = replace(self._record, mode=mode)
        await self._keep(lambda record: replace(record, mode=mode))
        await store.renew_uidvalidity()
        self._publish(mode=mode)

    async def repair(self) -> None:
        """Compare all mail with the service anew. Messages keep their UIDs; a damaged local copy is made anew."""
        await self._end_work()
        sound = await self._local.is_sound()
        await self._close()
        if not sound:
            await self._local.remake()
        self._publish(problem=None, sync=SyncState())
        await self._open()

    async def pause(self, seconds: float | None) -> None:
        """Stop asking the service, for a while or until `resume`; what is here stays readable."""
        await self._end_pause()
        self._going.clear()
        self._publish(sync=replace(self.state.sync, phase=SyncPhase.PAUSED, remaining_s=None))
        if seconds is not None:
            self._pause = self._owner.start(self._resume_after(seconds), "pause")

    async def resume(self) -> None:
        """Go on after a pause, or after an error that a person has mended."""
        await self._end_pause()
        self._go_on()
        if self._work is not None and (self._working is None or self._working.done()):
            self._working = self._owner.start(self._keep_working(self._work), "work")

    async def _resume_after(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._go_on()

    def _go_on(self) -> None:
        self._going.set()
        self._again()
        self._keeping.look()

    async def _end_pause(self) -> None:
        pause, self._pause = self._pause, None
        if pause is not None:
            await cancelled(pause)

    async def outbox_retry(self, item: str) -> None:
        """Try a message that failed again. Raise `NotFound` when it does not wait any more."""
        await self._outgoing.outbox.retry(item)

    async def outbox_cancel(self, item: str) -> None:
        """Take a message out of the outbox; it is gone then. Raise `NotFound` when it was sent meanwhile."""
        await self._outgoing.outbox.cancel(item)

    async def self_test(self) -> tuple[LetterResult, ...]:
        """Send letters to the first address that can, and compare what arrives. Raise `BridgeError` when the account
        is not connected."""
        work, api = self._work, self._api
        address = next((each.email for each in self._identity.states if each.can_send), None)
        if work is None or api is None or not self._outgoing.ready:
            raise self._not_connected()
        if address is None:
            raise Refused("No address of this account can send.")
        submit = self._outgoing.outbox.submitter(None).submit
        return await SelfTest(api, submit, work.take_in, self._opened().literal, self._clock).run(address)

    def _was_sent(self, recipients: Sequence[str]) -> None:
        """The sent copy is in the service's mailbox now; and perhaps others of this computer get the mail."""
        self.expect_mail()
        self._on_sent(recipients)

    def expect_mail(self) -> None:
        """Look for new mail at once, and some more times: it is on its way."""
        if self._work is not None and (self._expecting is None or self._expecting.done()):
            self._expecting = self._owner.start(self._look_for_mail(), "expect mail")

    async def _look_for_mail(self) -> None:
        for wait in ARRIVAL:
            await self._clock.sleep(wait)
            if self._work is not None:
                self._work.poller.nudge()

    async def wipe(self) -> None:
        """Delete the local copy; after `stop`."""
        await self._local.wipe()

    # ------------------------------------------------------------------------------------ doors

    def imap_user(self, access: Access, address: AddressId | None) -> AccountUser:
        """What an IMAP session sees. Raise `BridgeError` when there is no local copy to look at."""
        return AccountUser(
            self._opened(),
            self,
            Labels(self._api) if self._api is not None else NoRemote(self._not_connected),
            self._appender(),
            access=access,
            address=address,
            show_all_mail=lambda: self._settings.imap.show_all_mail,
            quota=self._quota,
        )

    def submitter(self, access: Access, address: AddressId | None) -> smtp.Submitter:
        """What an SMTP session hands its mail to. Raise `BridgeError` when the account is not up."""
        return self._outgoing.outbox.submitter(address)

    def _appender(self) -> Appender:
        work = self._work
        if work is None:
            return NoRemote(self._not_connected)
        return self._outgoing.appender(self._opened(), work.take_in)

    async def urgent(self, ids: Sequence[MessageId]) -> AsyncIterator[Sequence[MessageId]]:
        """`account.ports.Literals`."""
        if self._work is None:
            raise self._not_connected()
        if not self._link.value.online:
            raise Unreachable()
        async for done in self._work.urgent(ids):
            yield done

    def _quota(self) -> tuple[int, int] | None:
        return (self.state.used_bytes, self.state.max_bytes) if self.state.max_bytes else None

    def _opened(self) -> Store:
        if self._local.store is None:
            problem = self.state.problem
            raise Refused(problem.message if problem else "The account's local copy is not open.")
        return self._local.store

    def _not_connected(self) -> BridgeError:
        if self._record.session is None:
            return Refused("This account is signed out.", remedy=SIGNED_OUT.remedy)
        return Unreachable()

    # ------------------------------------------------------------------------------------ what the work asks and tells

    async def _ready(self) -> None:
        while not (self._up.is_set() and self._going.is_set()):
            await self._up.wait()
            await self._going.wait()

    async def _may_download(self) -> None:
        await self._keeping.room.wait()
        await self._ready()
        if self._local.store is not None:
            await self._keeping.choose(self._local.store)

    async def _identity_read(self) -> None:
        user = self._identity.user
        if self._api is not None:
            self._outgoing.use(self._api)
        emails = tuple(state.email for state in self._identity.states)
        if emails != self._record.emails or (user is not None and user.name != self._record.username):
            name = user.name if user is not None and user.name else self._record.username
            self._record = replace(self._record, emails=emails, username=name)
            await self._keep(lambda record: replace(record, emails=emails, username=name))
        self._publish(
            phase=AccountPhase.CONNECTED,
            problem=None,
            username=self._record.username,
            addresses=self._identity.states,
            used_bytes=user.used_space if user is not None else 0,
            max_bytes=user.max_space if user is not None else 0,
        )

    def _select(self, selection: Selection) -> None:
        downloader = self._work.downloader if self._work is not None else None
        if downloader is not None and downloader.selection != selection:
            downloader.selection = selection
            downloader.nudge()

    async def _was_polled(self) -> None:
        await self._keeping.count()  # or it would be said that all is here, and that this was checked just now
        self._publish(phase=AccountPhase.CONNECTED, problem=None, checked_at=self._clock.time())

    def _trouble(self, error: BridgeError) -> None:
        """Something is tried again. Only what lasts is shown: trouble of the service, not a cut connection."""
        if judge(error) in (Verdict.THROTTLED, Verdict.TROUBLE, Verdict.STORE):
            self._publish(problem=problem_of(error))

    def _was_refused(
        self, change: QueuedChange, ids: Sequence[MessageId], subjects: Sequence[str], reason: str
    ) -> None:
        log.info("the service refused to %s %d messages", change.action, len(ids))
        self._take_back(change_refused(len(ids), reason), Mails(tuple(subjects), len(ids) - len(subjects)))

    def _take_back(self, problem: Problem, messages: Mails) -> None:
        before = self.state.taken_back
        self._publish(taken_back=taken_back(before, problem, messages, self._clock.time()))

    # ------------------------------------------------------------------------------------ watching

    async def _follow_link(self) -> None:
        """Follow the application's view of the network, and go on at once when it is back or the computer woke."""
        before = Link()
        async for link in self._link.watch():
            (self._up.set if link.online else self._up.clear)()
            if not link.online:
                if self.state.phase in (AccountPhase.CONNECTED, AccountPhase.CONNECTING):
                    untrusted = problem_of(link.untrusted) if link.untrusted else None
                    self._publish(phase=AccountPhase.OFFLINE, problem=untrusted)
            elif not before.online or link.wakes != before.wakes:
                if self.state.phase is AccountPhase.OFFLINE:
                    connected = self._identity.keys is not None
                    self._publish(phase=AccountPhase.CONNECTED if connected else AccountPhase.CONNECTING, problem=None)
                self._hurry()
            before = link

    def _hurry(self) -> None:
        """The world may have changed: ask for events, send what waits, download on."""
        self._again()
        if self._work is not None:
            self._work.poller.nudge()
            self._work.pusher.nudge()
            self._work.downloader.hurry()
        self._outgoing.nudge()

    # ------------------------------------------------------------------------------------ state

    def _publish(self, **changes: object) -> None:
        """Make a new state and tell it, if anything is different."""
        state = replace(self.state, **changes)  # type: ignore[arg-type]
        if state != self.state:
            self.state = state
            self._on_state(state)
