"""Bodies: in the background newest first, and on demand, which overtakes (design.md, store; API document 9.5).

    request -> attachments -> decrypt -> build -> store

Each message is a job of its own. How many requests run is the gate's business, how many bytes are in memory the
budget's; finished literals are written together, as many as came while the last write was under way.

What can go wrong with one message never stops the others: a message the service no longer has is taken out of the
store; one that cannot be opened or built is shown with what is known of it, in its place a text that says why. Such
substitutes are remembered, and made anew after a repair or when the account has got another key. Trouble of the network
or the service leaves the message missing, and is waited out: by all, or, when only one message has it, by that one. A
message whose answer cannot be read again and again becomes a substitute as well.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bridge_gui.aio import TaskOwner
from bridge_gui.errors import BridgeError
from bridge_gui.mime import fields as rfc5322
from bridge_gui.mime.envelope import SIGNATURE_FIELD
from bridge_gui.mime.message import Message, SignatureState, substitute
from bridge_gui.model import AddressId, LabelId, MessageId
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.proton import mail_types
from bridge_gui.proton.errors import Malformed, ServerTrouble
from bridge_gui.proton.retry import Clock, task_wait
from bridge_gui.store.changes import Change, LiteralReady, LiteralStale, MessageGone, MessageSeen
from bridge_gui.store.db import Store
from bridge_gui.store.records import Literal, MessageMeta
from bridge_gui.sync.pace import Budget, CoolDown
from bridge_gui.sync.service import Service, Verdict, judge, meta, passes
from bridge_gui.sync.shelf import WRITTEN_AT_ONCE, Shelf
from bridge_gui.sync.unseal import SealedAttachment, SealedMessage, Unsealed
from bridge_gui.sync.wait import Nudge, together
from bridge_gui.sync.workshop import Workshop

WEIGHT = 4
"""A message is in memory about so many times at once: encrypted, decrypted, built, on its way to the store."""
OVERHEAD = 64 * 1024
LOOK_AHEAD = 256
"""Missing messages that are asked for from the store at a time."""
MOST_URGENT = 24
"""Jobs on demand that run at once for one request of a mail program."""
ALIKE = 3
"""So many different messages in trouble without one that goes well are trouble of the service."""
UNREADABLE = 3
"""After so many answers that cannot be read the next one is taken to be what the service has."""
SUBSTITUTES = "download.substitutes"
"""Name of the small value with the ids of messages that are shown as substitutes."""

log = logging.getLogger(__name__)


class Keys(Protocol):
    """What is needed of an account's keys; they may change at any time."""

    def ring(self, address_id: AddressId) -> Sequence[UnlockedKey]: ...

    async def certificates(self, email: str) -> Sequence[Certificate]: ...


@dataclass(frozen=True, slots=True)
class Selection:
    """Which bodies are kept on this computer without being asked for."""

    labels: frozenset[LabelId] | None = None
    """None: of all labels."""
    since: int | None = None
    """Not older than this; seconds since 1970."""


@dataclass(eq=False, slots=True)
class _Job:
    id: MessageId
    weight: int
    urgent: bool
    done: asyncio.Future[None]
    task: asyncio.Task[None] | None = None
    begun: bool = False
    """Its request has been admitted, so that it need not be hurried any more."""
    wire: mail_types.Message | None = None
    """What the service has said of it already."""
    held: asyncio.Future[None] | None = None
    """What it waits for while it gives way."""

    def begin(self) -> None:
        self.begun = True

    def take_wire(self) -> mail_types.Message | None:
        wire, self.wire = self.wire, None
        return wire

    def let_go(self) -> None:
        if self.held is not None and not self.held.done():
            self.held.set_result(None)


class Downloader:
    """Fetches one account's bodies. `start` it, `run` its background, `urgent` at any time, `close` it."""

    def __init__(
        self,
        service: Service,
        store: Store,
        keys: Keys,
        workshop: Workshop,
        clock: Clock,
        *,
        budget: Budget,
        trouble: Callable[[BridgeError], None],
    ) -> None:
        self._service, self._store, self._keys = service, store, keys
        self._workshop, self._clock, self._budget = workshop, clock, budget
        self._trouble = trouble
        self._owner = TaskOwner("download")
        self._jobs: dict[MessageId, _Job] = {}
        self._next: dict[MessageId, int] = {}
        """What the background begins next, with sizes, in this order; what was fetched on demand meanwhile is out."""
        self._pressing: set[_Job] = set()
        """Jobs that a mail program waits for, while they run."""
        self._turn = asyncio.Lock()
        self._answered = 0
        """Background messages that are here, and give way before they are built."""
        self._shelf = Shelf(store)
        self._substitutes: set[MessageId] = set()
        self._failures = 0
        self._failed_now = False
        self._fatal: BridgeError | None = None
        self._resting: CoolDown[MessageId] = CoolDown()
        self._alone: set[MessageId] = set()
        """Messages that failed since the last one that went well."""
        self.selection = Selection()
        self.nudge = Nudge(clock)
        """Look again for missing literals."""
        self._retry = Nudge(clock)

    @property
    def busy(self) -> bool:
        """Messages are being downloaded."""
        return bool(self._jobs)

    async def start(self) -> None:
        """Be ready for `urgent`."""
        self._substitutes = {MessageId(id) for id in json.loads(await self._store.get(SUBSTITUTES) or "[]")}
        self._owner.start(self._shelf.run(), "write")

    def hurry(self) -> None:
        """The network is back, or a person wants it so: do not wait any longer after trouble."""
        self._retry()
        self.nudge()

    async def close(self) -> None:
        await self._owner.close()
        for job in self._jobs.values():
            job.done.cancel()
        self._jobs.clear()

    # ------------------------------------------------------------------------------------ background

    async def run(self, ready: Callable[[], Awaitable[None]], finished: Callable[[], None]) -> None:
        """Download what is missing, newest first, for ever; `ready` returns when that makes sense.

        Raise the error that a job ended with and that waiting does not mend.
        """
        try:
            while True:
                await ready()
                self._raise_fatal()
                if self._stalled():
                    self._failed_now = False
                    await self._retry.wait(task_wait(self._failures, self._clock.random()))
                    continue
                missing = await self._store.missing_literals(
                    len(self._jobs) + len(self._resting) + LOOK_AHEAD,
                    labels=self.selection.labels,
                    since=self.selection.since,
                )
                now = self._clock.monotonic()
                self._next = {
                    each.id: each.size
                    for each in missing
                    if each.id not in self._jobs and not self._resting.rests(each.id, now)
                }
                if not self._next:
                    again = self._resting.next(now)
                    if not self._jobs and again is None:
                        finished()
                    await self.nudge.wait(again)
                while self._next and not self._stalled():
                    if len(self._jobs) >= 2 * self._service.width + WRITTEN_AT_ONCE:
                        await self.nudge.wait()
                        continue
                    id = next(iter(self._next))
                    size = self._next.pop(id)
                    if id not in self._jobs:
                        self._begin(id, size, urgent=False)
        finally:
            for job in list(self._jobs.values()):
                if not job.urgent and job.task is not None:
                    job.task.cancel()

    def _stalled(self) -> bool:
        """A job has failed since the background last waited."""
        return self._failed_now or self._fatal is not None

    def _raise_fatal(self) -> None:
        error, self._fatal = self._fatal, None
        if error is not None:
            raise error

    # ------------------------------------------------------------------------------------ on demand

    async def urgent(self, ids: Sequence[MessageId]) -> AsyncIterator[Sequence[MessageId]]:
        """Fetch these before everything else, and yield them as they get into the store.

        Those that cannot be had now, or are gone, are left out.
        """
        sizes = {each.id: each.size for each in await self._store.metas(ids)}
        waiting: dict[asyncio.Future[None], MessageId] = {}
        rest = [id for id in dict.fromkeys(ids) if id in sizes]
        rest.reverse()
        while rest or waiting:
            while rest and len(waiting) < MOST_URGENT:
                id = rest.pop()
                waiting[self._hurry(id, sizes[id])] = id
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finished = [(each, waiting.pop(each)) for each in done]
            here = [id for each, id in finished if not each.cancelled() and each.exception() is None]
            if here:
                yield here

    async def take_in(self, id: MessageId) -> None:
        """Bring a message that was just made at the service into the store, with its literal if that can be had now."""
        wire: mail_types.Message | None = None
        with self._store.told_meanwhile() as told:
            try:
                wire = await self._service.message(id, lambda: None, urgent=True)
                metas = [meta(wire.meta)]
            except BridgeError:  # a list may be had all the same, and says whether it is there
                metas = await self._service.metas([id])
        await self._store.apply([MessageSeen(each) for each in metas if id not in told])
        for each in metas:
            here = id in self._jobs  # the background was as quick
            job = self._hurry(id, each.size) if here else self._begin(id, each.size, urgent=True, wire=wire).done
            wire = None
            await asyncio.wait((job,))

    def _hurry(self, id: MessageId, size: int) -> asyncio.Future[None]:
        job = self._jobs.get(id)
        if job is None:
            return self._begin(id, size, urgent=True).done
        if not job.urgent and job.task is not None:
            job.urgent = True
            if job.begun:
                self._press(job)
            else:
                # It still waits in line: let an urgent one take over its promise.
                job.task.cancel()
                job.task = self._owner.start(self._work(job), f"urgent {id}")
        return job.done

    def _press(self, job: _Job) -> None:
        """A mail program waits for this one, and it has its place in memory: from now on the background builds nothing.

        It is the loop whose turns they all share, and a hundred messages that are to be opened and built would each go
        before every step of the one that matters. Some requests of the background go on: without them each message on
        demand would cost the background a whole round to the service.
        """
        self._pressing.add(job)
        job.let_go()

    async def _give_way(self, job: _Job) -> None:
        """Let what a mail program waits for go first."""
        while self._pressing and not job.urgent:
            job.held = asyncio.get_running_loop().create_future()
            await job.held

    def _begin(self, id: MessageId, size: int, *, urgent: bool, wire: mail_types.Message | None = None) -> _Job:
        job = _Job(id, WEIGHT * size + OVERHEAD, urgent, asyncio.get_running_loop().create_future(), wire=wire)
        self._jobs[id] = job
        job.task = self._owner.start(self._work(job), f"{'urgent' if urgent else 'background'} {id}")
        return job

    async def _take_turn(self, job: _Job) -> None:
        """In the background one message is opened and built in a turn of the loop: everybody else's come in between."""
        while not job.urgent:
            async with self._turn:
                await asyncio.sleep(0)
            if not self._pressing:
                return
            self._answered += 1
            try:
                await self._give_way(job)
            finally:
                self._answered -= 1

    # ------------------------------------------------------------------------------------ one message

    async def _work(self, job: _Job) -> None:
        """Run one job to its end, and keep its promise."""
        try:
            await self._budget.take(job.weight, urgent=job.urgent)
            try:
                if job.urgent:
                    self._press(job)
                await self._fetch(job)
            finally:
                self._budget.give_back(job.weight)
        except asyncio.CancelledError:
            if job.task is asyncio.current_task():  # and not another has taken over
                self._end(job)
                job.done.cancel()
            raise
        except BridgeError as error:
            self._failed(error, job.id)
            self._end(job)
            if not job.done.done():
                job.done.set_exception(error)
                job.done.exception()  # a background job has nobody who would look at it
        else:
            if not self._failed_now:
                self._failures = 0
            self._alone.clear()
            self._resting.over(job.id)
            self._end(job)
            if not job.done.done():
                job.done.set_result(None)

    def _end(self, job: _Job) -> None:
        del self._jobs[job.id]
        self._next.pop(job.id, None)
        self._pressing.discard(job)
        if not self._pressing:
            for each in self._jobs.values():
                each.let_go()
        self.nudge()

    def _failed(self, error: BridgeError, id: MessageId) -> None:
        self._trouble(error)
        if judge(error) is Verdict.TROUBLE:
            self._resting.failed(id, self._clock.monotonic(), self._clock.random())
            self._alone.add(id)
            if len(self._alone) < ALIKE:
                return  # the others go on
        if passes(error) or judge(error) is Verdict.STORE:
            if not self._failed_now:
                self._failures += 1
            self._failed_now = True
        else:
            self._fatal = error

    async def _fetch(self, job: _Job) -> None:
        if self._answered >= 2 * self._service.width:
            await self._give_way(job)
        try:
            # No name for what came: its body may be large, and `unseal` is to be the last who has it.
            sealed = await self._with_attachments(
                job.take_wire() or await self._service.message(job.id, job.begin, urgent=job.urgent), job
            )
        except BridgeError as error:
            match judge(error):
                case Verdict.GONE:  # deleted meanwhile (12, item 16)
                    await self._put(job, MessageGone(job.id), 0)
                    return
                case Verdict.REFUSED:
                    await self._put_substitute(job, f"Proton refused it: {error.message}")
                    return
                case Verdict.TROUBLE if not isinstance(error, ServerTrouble) and self._tries(job) >= UNREADABLE:
                    await self._put_substitute(job, "Proton's answer cannot be read")
                    return
                case _:
                    raise
        await self._take_turn(job)
        try:
            literal, problem = await self._make(sealed)
        except BridgeError:
            raise
        except Exception as error:
            # Mail is written by everybody. What our code stumbles over is shown as a substitute and stops nothing.
            log.warning("a message cannot be built: %s", type(error).__name__, exc_info=error)
            await self._put_substitute(job, "Bridge Manager cannot read this message")
            return
        await self._remember(job.id, problem is not None)
        await self._put(job, LiteralReady(job.id, literal), len(literal.data))

    def _tries(self, job: _Job) -> int:
        """How often it has failed on its own."""
        return self._resting.tries(job.id)

    async def _with_attachments(self, wire: mail_types.Message, job: _Job) -> SealedMessage:
        parts: list[bytes | None] = [None] * len(wire.attachments)

        async def fetch(index: int, attachment: mail_types.Attachment) -> None:
            try:
                data = await self._service.attachment(attachment.id, urgent=job.urgent)
            except BridgeError as error:
                if judge(error) not in (Verdict.GONE, Verdict.REFUSED):
                    raise
                return
            if not looks_encrypted(data) and self._tries(job) < UNREADABLE:
                # A proxy's page, say, which must not stand in the message for ever.
                raise Malformed("An attachment is not what Proton would send.")
            parts[index] = data

        if wire.attachments:
            await together(fetch(index, attachment) for index, attachment in enumerate(wire.attachments))
        return SealedMessage(
            meta=meta(wire.meta),
            header=wire.headers,
            mime_type=wire.mime_type,
            body=wire.body,
            attachments=[
                SealedAttachment(
                    each.name, each.mime_type, each.disposition == "inline", each.headers, each.key_packets, data
                )
                for each, data in zip(wire.attachments, parts, strict=True)
            ],
        )

    async def _make(self, sealed: SealedMessage) -> tuple[Literal, str | None]:
        weight = sealed.weight
        unsealed = await self._workshop.unseal(sealed, self._keys.ring(sealed.meta.address_id))
        message = await self._signed(unsealed, sealed.meta, weight)
        return await self._workshop.build(message, weight), unsealed.problem

    async def _signed(self, unsealed: Unsealed, meta: MessageMeta, weight: int) -> Message:
        """The message with what its signature is worth: as it was shown before, or else checked now."""
        if not unsealed.signatures:
            return unsealed.message
        header = (await self._store.headers([meta.id])).get(meta.id)
        shown = _shown_signature(header) if header is not None else None
        if shown is not None:
            return replace(unsealed.message, signature=shown)
        certificates = await self._keys.certificates(meta.sender.address)
        return await self._workshop.check(unsealed, certificates, weight)

    # ------------------------------------------------------------------------------------ substitutes

    async def _put_substitute(self, job: _Job, reason: str) -> None:
        metas = await self._store.metas([job.id])
        if not metas:
            return
        message = substitute(_bare(metas[0]), reason)
        literal = await self._workshop.build(message, 0)
        await self._remember(job.id, True)
        await self._put(job, LiteralReady(job.id, literal), len(literal.data))

    async def _remember(self, id: MessageId, is_substitute: bool) -> None:
        if (id in self._substitutes) is is_substitute:
            return
        (self._substitutes.add if is_substitute else self._substitutes.discard)(id)
        await self._store.set({SUBSTITUTES: json.dumps(sorted(self._substitutes)) if self._substitutes else None})

    async def retry_substitutes(self) -> None:
        """Download again what was shown as a substitute or has failed: a key has come, or a repair was asked for."""
        await self._store.apply([LiteralStale(id) for id in sorted(self._substitutes)])
        await self._store.retry_failed()
        self.nudge()

    async def _put(self, job: _Job, change: Change, size: int) -> None:
        await self._shelf.put(change, size, most=len(self._jobs), urgent=job.urgent)


def looks_encrypted(data: bytes) -> bool:
    """Whether it begins as an OpenPGP packet does: with a byte whose first bit is set (RFC 9580 4.2)."""
    return bool(data) and data[0] >= 0x80


def _shown_signature(header: bytes) -> SignatureState | None:
    value = rfc5322.first(header, rfc5322.fields(header), SIGNATURE_FIELD.lower().encode())
    try:
        return SignatureState((value or b"").decode("ascii", "replace"))
    except ValueError:
        return None


def _bare(meta: MessageMeta) -> Message:
    """A message of which only the metadata are known."""
    return Message(
        id=meta.id,
        external_id=meta.external_id,
        subject=meta.subject,
        sender=meta.sender,
        reply_to=meta.reply_to,
        to=meta.to,
        cc=meta.cc,
        bcc=meta.bcc,
        time=meta.time,
        is_draft=meta.is_draft,
        header=(),
        mime_type="text/plain",
        body=b"",
    )
