"""Setting mail programs up: the table of configurators, and what goes on around them.

A set-up makes passwords, writes files of another program, and remembers both; a crash anywhere must leave all of it or
nothing. The order makes it so: the password goes into the vault with a record that says *begun*; then the configurator
writes, under its own journal; then the record says *written*. `start` looks for what is in between and ends it. Undoing
goes the other way: files, passwords, journal.

What a program did since is read off the vault's record of its password: the first sign-in to IMAP and to SMTP. All that
can be decided without doing anything is in `setup_plan`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bridge_gui.aio import TaskOwner, off_loop
from bridge_gui.answers import ProgramFound, SetupMade, SetupPlan, SetupStep
from bridge_gui.clients import journal
from bridge_gui.clients.apple_mail import AppleMail
from bridge_gui.clients.base import Configurator, Wanted
from bridge_gui.clients.journal import Applied, Stage
from bridge_gui.clients.other import Other
from bridge_gui.clients.outlook import Outlook
from bridge_gui.clients.registry import this_registry
from bridge_gui.clients.system import this_system
from bridge_gui.clients.thunderbird import Thunderbird
from bridge_gui.clients.thunderbird_profiles import Installs
from bridge_gui.core.clients import Clients, new_record
from bridge_gui.core.sessions import NOTHING_SEEN, Seen
from bridge_gui.core.setup_plan import (
    PATIENCE_SECONDS,
    Mending,
    Serving,
    clients_at,
    fitting,
    label_beside,
    label_of,
    mending_of,
    progress_of,
)
from bridge_gui.errors import BridgeError, NotFound, ProgramRunning, Refused, UsageError
from bridge_gui.model import AccountId, ClientId
from bridge_gui.state import AccountState, SetupPhase, SetupProgress
from bridge_gui.vault.records import ClientRecord, SetupRecord

log = logging.getLogger(__name__)

T = TypeVar("T")

CLOSED_SECONDS = 1.0
"""How often we look whether a program was closed."""
LEFT_SECONDS = 30.0
"""How often we try to end what a crash left half done while its program runs."""
TIDY_SECONDS = 600.0
"""What is there only for a while, such as a file with a password in it, is gone by then."""


def configurators(home: Path, command: Sequence[str], signing: Path) -> Mapping[str, Configurator]:
    """All mail programs that can be set up, in the order in which they are offered. `command` starts this
    application on its profile; `signing` is a key to sign profiles with, if it is there."""
    system = this_system(home)
    table: tuple[Configurator, ...] = (
        Thunderbird(Installs(home)),
        AppleMail(system, signing),
        Outlook(system, this_registry()),
        Other(tuple(command)),
    )
    return {entry.app: entry for entry in table}


class Setups:
    """The set-ups of this core. `changed` is called when what is shown changed, `gone` when a password was taken away.

    Files are written by threads, one set-up at a time; one that was begun is finished even if nobody waits any more.
    """

    def __init__(
        self,
        clients: Clients,
        programs: Mapping[str, Configurator],
        backups: Path,
        *,
        changed: Callable[[], None],
        gone: Callable[[ClientId], None],
        clock: Callable[[], float],
    ) -> None:
        self._clients = clients
        self._programs = programs
        self._backups = backups
        self._changed = changed
        self._gone = gone
        self._clock = clock
        self._writing = asyncio.Lock()
        self._tasks = TaskOwner("set-ups")
        self._pending: dict[object, SetupProgress] = {}

    async def start(self) -> None:
        """End what a crash left half done."""
        try:
            changes = {change.id: change for change in await off_loop(None, journal.changes_of, self._backups)}
        except OSError as error:
            log.warning("the records of set-ups cannot be read: %s", error.strerror)
            return
        made = [record for record in self._clients.records() if record.setup is not None]
        await self._drop([record.id for record in made if self._is_lost(record, changes)])
        for record in made:
            if record.setup is not None and record.setup.written_at is None and not self._is_lost(record, changes):
                written = changes[record.setup.id].at
                await self._clients.set_up(record.id, replace(record.setup, written_at=written))
        for change in changes.values():
            if change.stage is Stage.DONE and change.app in self._programs:
                await self._tidy(change)
        left = [change for change in changes.values() if change.stage is not Stage.DONE]
        if left and (left := await self._end(left)):
            self._tasks.start(self._end_later(left), "end what was interrupted")

    async def close(self) -> None:
        await self._tasks.close()

    async def _tidy_later(self, change: Applied) -> None:
        """Once all of a set-up's clients have signed in, are gone, or time is over."""
        for _ in range(int(TIDY_SECONDS / CLOSED_SECONDS)):
            if not self._is_awaited(change):
                break
            await asyncio.sleep(CLOSED_SECONDS)
        await self._tidy(change)

    def _is_awaited(self, change: Applied) -> bool:
        return any(
            record.id in change.clients and record.setup is not None and record.setup.imap_at is None
            for record in self._clients.records()
        )

    async def _tidy(self, change: Applied) -> None:
        async with self._writing:
            try:
                await off_loop(None, self._program(change.app).tidy, change)
            except (BridgeError, OSError):
                log.warning("what was there for a while only could not be removed after setting up %s", change.app)

    @staticmethod
    def _is_lost(record: ClientRecord, changes: Mapping[str, Applied]) -> bool:
        """A password that was made and never written, or that a repair has taken out of its program."""
        if record.setup is None:
            return False
        change = changes.get(record.setup.id)
        if change is None or change.stage is not Stage.DONE:
            return record.setup.written_at is None
        return record.id not in change.clients

    async def _end(self, changes: Sequence[Applied]) -> list[Applied]:
        """Undo interrupted changes to the end; return those whose program runs. Their passwords go in any case."""
        left = []
        for change in changes:
            log.info("a set-up of %s was interrupted; it is taken back", change.app)
            await self._drop(change.clients)
            outcome = await self._take_back(change)
            if isinstance(outcome, ProgramRunning):
                left.append(change)
            elif isinstance(outcome, BridgeError):
                log.warning("an interrupted set-up of %s cannot be taken back: %s", change.app, outcome.code)
        return left

    async def _end_later(self, changes: Sequence[Applied]) -> None:
        while changes:
            await asyncio.sleep(LEFT_SECONDS)
            changes = await self._end(changes)

    # ------------------------------------------------------------------------------------------ asking

    async def found(self, account: AccountId) -> tuple[ProgramFound, ...]:
        """All programs, with what this account has there already."""
        changes = await off_loop(None, journal.changes_of, self._backups)
        found = [entry for program in self._programs.values() for entry in await off_loop(None, program.detect)]
        return tuple(replace(entry, clients=clients_at(entry, account, changes)) for entry in found)

    async def plan(self, app: str, target: str | None, wanted: Wanted) -> SetupPlan:
        """What `apply` would do; raise `Refused` when it cannot be done at all."""
        program, wanted = await self._aim(app, target, wanted)
        steps = await off_loop(None, self._program(app).plan, wanted)
        return SetupPlan(program, wanted.accounts[0].access, wanted.options, tuple(steps))

    async def made(self) -> tuple[SetupMade, ...]:
        changes = await off_loop(None, journal.changes_of, self._backups)
        return tuple(
            SetupMade(change.id, change.app, change.target, change.account, change.names, change.clients, change.at)
            for change in changes
            if change.stage is Stage.DONE
        )

    def progress(
        self, serving: Serving | None, accounts: Collection[AccountId], seen: Mapping[ClientId, Seen]
    ) -> tuple[SetupProgress, ...]:
        """What is under way, then every client that was set up."""
        now = self._clock()
        done = [
            progress_of(record, record.setup, serving, now, seen.get(record.id, NOTHING_SEEN))
            for record in self._clients.records()
            if record.setup is not None and record.account in accounts
        ]
        return (*self._pending.values(), *done)

    # ------------------------------------------------------------------------------------------ changing

    async def apply(self, app: str, target: str | None, wanted: Wanted, timeout: float | None) -> tuple[ClientId, ...]:
        """Set a program up and return its clients, one for each account. While it runs, wait until it is closed: at
        most `timeout` seconds, None for as long as it takes; then raise `ProgramRunning`."""
        program, wanted = await self._aim(app, target, wanted)
        configurator = self._program(app)
        key = object()
        self._show(key, app, wanted, SetupPhase.WRITING if program.target or program.guided else SetupPhase.PREPARING)
        try:
            wanted = replace(wanted, target=await off_loop(None, configurator.prepare, wanted))

            async def write() -> tuple[ClientId, ...] | BridgeError:
                self._show(key, app, wanted, SetupPhase.WRITING)
                return await self._write(configurator, program, wanted)

            made = await self._when_closed(write, timeout, lambda: self._show(key, app, wanted, SetupPhase.CLOSING))
        finally:
            del self._pending[key]
            self._changed()
        self._look_after(PATIENCE_SECONDS)
        if made:
            self._tasks.start(self._tidy_later(await self._change(made[0])), "tidy up")
        return made

    async def guide(self, client: ClientId, serving: Serving, state: AccountState | None) -> tuple[SetupStep, ...]:
        """What is left to the person of the set-up that a client belongs to; `state` is its account, if it is known."""
        change = await self._change(client)
        mending = self._mending(change, serving, state)
        if mending is None:
            raise _revoked()
        accounts = tuple(replace(entry, password=None) for entry in mending.wanted.accounts)
        public = replace(mending.wanted, accounts=accounts)
        return tuple(await off_loop(None, self._program(change.app).guide, change, public))

    async def undo(self, client: ClientId, timeout: float | None) -> tuple[SetupStep, ...]:
        """Take back the set-up that a client belongs to, with all its passwords; return what is left to the person."""
        change = await self._change(client)
        return await self._when_closed(lambda: self._take_back(change), timeout)

    async def repair(
        self, client: ClientId, serving: Serving, state: AccountState | None, timeout: float | None
    ) -> tuple[SetupStep, ...]:
        """Bring the set-up that a client belongs to in line with ports, certificate and passwords as they are now;
        return what is left to the person."""
        change = await self._change(client)
        steps = await self._when_closed(lambda: self._mend(change, serving, state), timeout)
        self._look_after(PATIENCE_SECONDS)
        self._tasks.start(self._tidy_later(change), "tidy up")
        return steps

    async def _write(
        self, configurator: Configurator, program: ProgramFound, wanted: Wanted
    ) -> tuple[ClientId, ...] | BridgeError:
        async with self._writing:
            folder = journal.new_folder(self._backups)
            records = []
            try:
                await off_loop(None, configurator.check, wanted)
                for account in wanted.accounts:
                    label = label_of(program, account, wanted)
                    made = new_record(label, wanted.account, program.app, account.access, account.username, wanted.at)
                    setup = SetupRecord(
                        folder.name, wanted.target, account.imap, account.smtp, wanted.certificate.fingerprint
                    )
                    records.append(replace(made, setup=setup))
                await self._clients.keep(records)
                ready = replace(
                    wanted,
                    accounts=tuple(
                        replace(account, client=record.id, password=record.password)
                        for account, record in zip(wanted.accounts, records, strict=True)
                    ),
                )
                await off_loop(None, configurator.apply, ready, folder)
            except (BridgeError, OSError) as error:
                await self._drop([record.id for record in records])
                return _as_refusal(error)
            except Exception:
                await self._drop([record.id for record in records])
                raise
            for record in records:
                with contextlib.suppress(NotFound):  # revoked in this very moment
                    begun = self._clients.record(record.id).setup  # it may have signed in already
                    assert begun is not None
                    await self._clients.set_up(record.id, replace(begun, written_at=self._clock()))
            return tuple(record.id for record in records)

    async def _take_back(self, change: Applied) -> tuple[SetupStep, ...] | BridgeError:
        async with self._writing:
            change = await self._as_recorded(change)
            try:
                steps = await off_loop(None, self._program(change.app).undo, change)
                await self._drop(change.clients)
                await off_loop(None, journal.forget, change)
            except (BridgeError, OSError) as error:
                return _as_refusal(error)
            return tuple(steps)

    def _mending(self, change: Applied, serving: Serving, state: AccountState | None) -> Mending | None:
        follows = self._program(change.app).follows_addresses
        return mending_of(change, self._records_of(change), serving, state, self._clock(), follows_addresses=follows)

    def _records_of(self, change: Applied) -> list[ClientRecord]:
        return [record for record in self._clients.records() if record.id in change.clients]

    async def follow_certificate(self, serving: Callable[[], Serving]) -> tuple[str, ...]:
        """Pin a new certificate wherever we can without a person; return the names of all other mail programs. A
        program that runs gets it as soon as it is closed."""
        left, mended = [], set[ClientId]()
        for change in await off_loop(None, journal.changes_of, self._backups):
            if change.stage is Stage.DONE and change.app in self._programs and self._program(change.app).mends_alone:
                outcome = await self._mend(change, serving(), None, again=False)
                if isinstance(outcome, ProgramRunning):
                    left.append(change)
                elif not isinstance(outcome, BridgeError) and not outcome:
                    mended.update(change.clients)
        if left:
            self._tasks.start(self._follow_later(left, serving), "pin the new certificate")
        return tuple(record.label for record in self._clients.records() if record.id not in mended)

    async def _follow_later(self, changes: Sequence[Applied], serving: Callable[[], Serving]) -> None:
        while changes:
            await asyncio.sleep(CLOSED_SECONDS)
            outcomes = [(change, await self._mend(change, serving(), None, again=False)) for change in changes]
            changes = [change for change, outcome in outcomes if isinstance(outcome, ProgramRunning)]

    async def _mend(
        self, change: Applied, serving: Serving, state: AccountState | None, *, again: bool = True
    ) -> tuple[SetupStep, ...] | BridgeError:
        """`again`: the program has to sign in again before the set-up counts as working."""
        async with self._writing:
            change = await self._as_recorded(change)
            mending = self._mending(change, serving, state)
            if mending is None:
                return _revoked()
            wanted, records = mending.wanted, list[ClientRecord]()
            try:
                if mending.fresh:  # no password is made while it has to wait
                    await self._refuse_running(change)
                for account in mending.fresh:
                    label = label_beside(self._records_of(change), account)
                    made = new_record(label, change.account, change.app, account.access, account.username, wanted.at)
                    begun = SetupRecord(
                        change.id, change.target, account.imap, account.smtp, serving.certificate.fingerprint
                    )
                    records.append(replace(made, setup=begun))
                    ready = replace(account, client=made.id, password=made.password)
                    wanted = replace(wanted, accounts=(*wanted.accounts, ready))
                await self._clients.keep(records)
                steps = await off_loop(None, self._program(change.app).repair, change, wanted)
            except (BridgeError, OSError) as error:
                await self._drop([record.id for record in records])
                return _as_refusal(error)
            for entry in wanted.accounts:
                assert entry.client is not None
                fingerprint = serving.certificate.fingerprint
                setup = SetupRecord(change.id, change.target, entry.imap, entry.smtp, fingerprint, wanted.at)
                before = self._clients.record(entry.client).setup
                if before is not None and not again:
                    setup = replace(setup, written_at=before.written_at, imap_at=before.imap_at, smtp_at=before.smtp_at)
                await self._clients.set_up(entry.client, setup)
            await self._drop(wanted.gone)
            self._changed()
            return tuple(steps)

    async def _when_closed(
        self,
        work: Callable[[], Coroutine[None, None, T | BridgeError]],
        timeout: float | None,
        waiting: Callable[[], None] = lambda: None,
    ) -> T:
        """Do it as soon as the program is closed. Who stops waiting does not stop what has begun."""
        loop = asyncio.get_running_loop()
        until = None if timeout is None else loop.time() + timeout
        while True:
            outcome = await asyncio.shield(self._tasks.start(work(), "write"))
            if not isinstance(outcome, BridgeError):
                return outcome
            if not isinstance(outcome, ProgramRunning) or (until is not None and loop.time() >= until):
                raise outcome
            waiting()
            await asyncio.sleep(CLOSED_SECONDS)

    async def _aim(self, app: str, target: str | None, wanted: Wanted) -> tuple[ProgramFound, Wanted]:
        program = await off_loop(None, self._program(app).aim, target)
        if program.problem is not None:
            raise Refused(program.problem.message, title=program.problem.title, remedy=program.problem.remedy)
        return program, fitting(program, replace(wanted, target=program.target))

    def _program(self, app: str) -> Configurator:
        found = self._programs.get(app)
        if found is None:
            raise UsageError(f"A mail program is one of: {', '.join(self._programs)}.")
        return found

    async def _change(self, client: ClientId) -> Applied:
        for change in await off_loop(None, journal.changes_of, self._backups):
            if client in change.clients:
                return change
        raise NotFound("Bridge Manager has not set up this mail program, or has taken it back already.")

    async def _as_recorded(self, change: Applied) -> Applied:
        """As it is now: another repair may have come first while this one waited."""
        changes = await off_loop(None, journal.changes_of, self._backups)
        return next((known for known in changes if known.id == change.id), change)

    async def _refuse_running(self, change: Applied) -> None:
        program = await off_loop(None, self._program(change.app).aim, change.target)
        if program.running:
            raise ProgramRunning(
                f"{program.name} is running.",
                remedy=f"Close {program.name}: it would overwrite what is written now.",
            )

    async def _drop(self, clients: Collection[ClientId]) -> None:
        if clients:
            await self._clients.drop(clients)
            for client in clients:
                self._gone(client)
            self._changed()

    def _show(self, key: object, app: str, wanted: Wanted, phase: SetupPhase) -> None:
        self._pending[key] = SetupProgress(wanted.account, app, wanted.target, phase)
        self._changed()

    def _look_after(self, seconds: float) -> None:
        """Have the state shown again when a program should have signed in."""

        async def look() -> None:
            await asyncio.sleep(seconds)
            self._changed()

        self._tasks.start(look(), "look whether it signed in")


def _revoked() -> Refused:
    return Refused("The password of this set-up was revoked.", remedy="Undo the set-up, and make a new one.")


def _as_refusal(error: BridgeError | OSError) -> BridgeError:
    if isinstance(error, BridgeError):
        return error
    return Refused(f"{error.filename or 'A file'} cannot be read or written: {error.strerror or error}.")
