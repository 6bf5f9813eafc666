"""Mail going out of one account: what SMTP sessions are handed, and the outbox for when the service is out of reach.

With the outbox on, a message that cannot be sent now is taken, kept in the encrypted store, and sent when the service
answers again; whoever waits for it is told 250, so from then on it is ours to deliver or to show as failed. With the
outbox off the mail program is told to try again (4xx) and keeps the message itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from bridge_gui.account import outbox_mail
from bridge_gui.account.outbox_mail import UNFINISHED, VALUES
from bridge_gui.aio import TaskOwner
from bridge_gui.errors import NotFound
from bridge_gui.mime.parse import subject_of
from bridge_gui.model import AddressId
from bridge_gui.proton.retry import Clock, task_wait
from bridge_gui.send import envelope, pipeline
from bridge_gui.send.duplicates import Recorder, Values
from bridge_gui.send.outcome import NotSent, Outcome, Sent, Why
from bridge_gui.send.pipeline import Mail, Sending
from bridge_gui.smtp.backend import Reply, Submission

log = logging.getLogger(__name__)

MAX_WAITING = 200
"""Messages in the outbox; a program that runs wild must not fill the disk."""
MAX_WAITING_BYTES = 500 * 1024 * 1024

Current = Callable[[], Sending | None]
"""The signed-in side of the account; None while there is no session or no keys."""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A message that waits to be sent. `problem` says why it did not go, `failed` that it never will by itself;
    `pieces` is in how many its mail is stored."""

    id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    size: int
    pieces: int
    at: float
    address_id: str = ""
    problem: str = ""
    failed: bool = False


class Outbox:
    """Belongs to one loop; `start` before use, `close` at the end."""

    def __init__(
        self,
        values: Values,
        current: Current,
        enabled: Callable[[], bool],
        *,
        known_addresses: Callable[[], Sequence[str]] = tuple,
        on_changed: Callable[[], None] = lambda: None,
        on_sent: Callable[[Sequence[str]], None] = lambda recipients: None,
        clock: Clock | None = None,
    ) -> None:
        self._values = values
        self._current = current
        self._enabled = enabled
        self._known_addresses = known_addresses
        self._on_changed = on_changed
        self._on_sent = on_sent
        self._clock = clock if clock is not None else Clock()
        self.recorder = Recorder(values, self._clock.time)
        self._items: dict[str, OutboxItem] = {}
        self._changing = asyncio.Lock()
        self._wanted = asyncio.Event()
        self._tasks = TaskOwner("outbox")
        self._failures = _Failures(self._clock.monotonic)

    @property
    def waiting(self) -> tuple[OutboxItem, ...]:
        """Oldest first."""
        return tuple(self._items.values())

    async def start(self) -> None:
        """Read what waits from before, and send it when that is possible."""
        await outbox_mail.clear(self._values)
        for entry in json.loads(await self._values.get(VALUES) or "[]"):
            item = OutboxItem(**{**entry, "recipients": tuple(entry["recipients"])})
            self._items[item.id] = item
        self._tasks.start(self._work(), "send")
        if self._items:
            self._wanted.set()
            self._on_changed()

    async def close(self) -> None:
        await self._tasks.close()

    def nudge(self) -> None:
        """The service can be reached again, or the account was signed in."""
        if self._items:
            self._wanted.set()

    async def cancel(self, id_: str) -> None:
        """Take a message out; it is gone then. Raise `NotFound` when it was sent meanwhile."""
        async with self._changing:
            if id_ not in self._items:
                raise NotFound("This message does not wait any more.")
            await self._remove(id_)

    async def retry(self, id_: str) -> None:
        """Try a failed message again."""
        async with self._changing:
            item = self._items.get(id_)
            if item is None:
                raise NotFound("This message does not wait any more.")
            await self._keep(replace(item, failed=False, problem=""))
        self._wanted.set()

    def submitter(self, address_id: AddressId | None = None) -> AccountSubmitter:
        """Answer one SMTP session. `address_id`: in split mode, whose mailbox its password belongs to."""
        return AccountSubmitter(self, address_id)

    # ---------------------------------------------------------------- for submitters

    def max_size(self) -> int:
        sending = self._current()
        limit = sending.attachment_limit if sending is not None else pipeline.ATTACHMENT_BYTES
        # Base64 with its line ends makes 78 octets of 57; the text and the headers get a mebibyte.
        return limit * 78 // 57 + 2**20

    def check_sender(self, address: str) -> Reply:
        noted = Reply(250, "2.1.0", "Sender noted.")
        if not address:
            return noted  # receipts come from <>; their From is looked at with the message
        sending = self._current()
        if sending is None:
            if not self._enabled():
                return _reply(NotSent(Why.OFFLINE, "The account is not connected to Proton at the moment."))
            known = [envelope.without_tag(each) for each in self._known_addresses()]
            if known and envelope.without_tag(address) not in known:
                return _reply(NotSent(Why.SENDER, f"{address} is not an address of this account."))
            return noted
        own = envelope.own_address(sending.addresses, address)
        if own is None:
            return _reply(NotSent(Why.SENDER, f"{address} is not an address of this account."))
        if not envelope.may_send(own):
            return _reply(NotSent(Why.SENDER, f"{address} is disabled or cannot send."))
        return noted

    async def submit(self, submission: Submission, address_id: AddressId | None) -> Reply:
        key = _item_id(submission)
        if wait := self._failures.wait(key):
            return Reply(451, "4.7.1", f"This message failed several times; try again in {wait} seconds.")
        if key in self._items and not self._items[key].failed:
            return Reply(250, "2.0.0", "The message is in the outbox already.")
        mail = Mail(submission.sender, submission.recipients, submission.raw)
        outcome = await self._try(mail, address_id)
        if isinstance(outcome, NotSent) and outcome.why in _KEPT and self._enabled():
            return await self._take(key, submission, address_id)
        self._failures.note(key, failed=isinstance(outcome, NotSent))
        reply = _reply(outcome)
        if isinstance(outcome, NotSent) and outcome.why is Why.RECIPIENT and len(submission.recipients) > 1:
            # The reply is to DATA, so it stands for all, and its text names one.
            text = reply.text if reply.text.endswith((".", "!", "?")) else f"{reply.text}."
            return replace(reply, text=f"{text} Nothing was sent to the others either.")
        return reply

    async def _try(self, mail: Mail, address_id: AddressId | None) -> Outcome:
        sending = self._current()
        if sending is None:
            return NotSent(Why.OFFLINE, "The account is not connected to Proton at the moment.")
        outcome = await pipeline.send(sending, self.recorder, mail, address_id=address_id)
        if isinstance(outcome, Sent) and not outcome.again:
            self._on_sent(mail.recipients)
        return outcome

    # ---------------------------------------------------------------- the queue

    async def _take(self, key: str, submission: Submission, address_id: AddressId | None) -> Reply:
        async with self._changing:
            size = sum(each.size for each in self._items.values()) + len(submission.raw)
            if len(self._items) >= MAX_WAITING or size > MAX_WAITING_BYTES:
                return Reply(452, "4.3.1", "The outbox is full. Connect to Proton, or take messages out of it.")
            failed = self._items.get(key)  # handed in again: its mail, from which its id is made, is there
            pieces = failed.pieces if failed else await outbox_mail.write(self._values, key, submission.raw)
            item = OutboxItem(
                key,
                submission.sender,
                tuple(submission.recipients),
                subject_of(submission.raw)[:200],
                len(submission.raw),
                pieces,
                self._clock.time(),
                address_id or "",
            )
            await self._keep(item)
        self._wanted.set()
        return Reply(250, "2.0.0", "Proton cannot be reached; the message waits in the outbox.")

    async def _work(self) -> None:
        failures = 0
        while True:
            if failures:
                with_wait = task_wait(failures, self._clock.random())
                try:
                    async with asyncio.timeout(with_wait):
                        await self._wanted.wait()
                except TimeoutError:
                    pass  # the time to try again has come
            else:
                await self._wanted.wait()
            self._wanted.clear()
            failures = 0 if await self._send_waiting() else failures + 1

    async def _send_waiting(self) -> bool:
        """Send what waits, oldest first. False when some of it has to be tried again later."""
        for item in self.waiting:
            if item.failed:
                continue
            raw = await outbox_mail.read(self._values, item.id, item.pieces)
            if raw is None or item.id not in self._items:
                continue  # cancelled meanwhile
            mail = Mail(item.sender, item.recipients, raw)
            del raw
            outcome = await self._try(mail, AddressId(item.address_id) if item.address_id else None)
            del mail  # it may be large, and so may be the next
            async with self._changing:
                if item.id not in self._items:
                    continue
                if isinstance(outcome, Sent):
                    await self._remove(item.id)
                else:
                    await self._keep(replace(item, problem=outcome.text, failed=not outcome.why.passes))
            if isinstance(outcome, NotSent) and outcome.why.passes:
                return False
        return True

    async def _keep(self, item: OutboxItem) -> None:
        items = {**self._items, item.id: item}
        await self._values.set({VALUES: _to_json(items.values()), UNFINISHED: None})
        self._items = items
        self._on_changed()

    async def _remove(self, id_: str) -> None:
        items = {key: item for key, item in self._items.items() if key != id_}
        mail = dict.fromkeys(outbox_mail.pieces(id_, self._items[id_].pieces))
        await self._values.set({**mail, VALUES: _to_json(items.values()) if items else None})
        self._items = items
        self._on_changed()


class AccountSubmitter:
    """`smtp.backend.Submitter` for one session. Sessions are listed and ended by the bridge, which stands in front."""

    def __init__(self, outbox: Outbox, address_id: AddressId | None) -> None:
        self._outbox = outbox
        self._address_id = address_id

    @property
    def max_size(self) -> int:
        return self._outbox.max_size()

    def activity(self, text: str) -> None:
        """The bridge lists sessions."""

    def on_revoked(self, callback: Callable[[str], None]) -> None:
        """The bridge revokes."""

    async def check_sender(self, address: str) -> Reply:
        return self._outbox.check_sender(address)

    async def submit(self, submission: Submission) -> Reply:
        return await self._outbox.submit(submission, self._address_id)

    def close(self) -> None:
        """Nothing is held for a session."""


_KEPT = frozenset((Why.OFFLINE, Why.BUSY, Why.PENDING))
"""Why a message is taken into the outbox: the service is out of reach or in trouble, or nobody knows what it did."""

_REPLIES: dict[Why, tuple[int, str]] = {
    Why.SENDER: (550, "5.7.1"),
    Why.RECIPIENT: (550, "5.7.5"),
    Why.MALFORMED: (554, "5.6.0"),
    Why.TOO_BIG: (552, "5.3.4"),
    Why.ACCOUNT: (550, "5.7.1"),
    Why.KEYS: (550, "5.7.5"),
    Why.SERVICE: (554, "5.0.0"),
    Why.OFFLINE: (451, "4.4.1"),
    Why.BUSY: (451, "4.3.2"),
    Why.SIGNED_OUT: (451, "4.7.0"),
    Why.PENDING: (451, "4.4.5"),
}
"""RFC 3463: 5.7.5 is a failure of cryptography, 4.4.1 no answer from the host, 4.4.5 congestion."""


def _reply(outcome: Outcome) -> Reply:
    match outcome:
        case Sent(again=True):
            return Reply(250, "2.0.0", "Sent already; it was not sent again.")
        case Sent():
            return Reply(250, "2.0.0", "Sent.")
        case NotSent(why, text):
            return Reply(*_REPLIES[why], text)


def _item_id(submission: Submission) -> str:
    digest = hashlib.sha256(submission.raw)
    digest.update("\0".join(sorted(each.casefold() for each in submission.recipients)).encode())
    return digest.hexdigest()[:24]


def _to_json(items: Iterable[OutboxItem]) -> str:
    return json.dumps([asdict(item) for item in items])


class _Failures:
    """A program that hands in one failing message in a tight loop is held off for a while (hard-won 47)."""

    IN_A_ROW = 3
    CLOSE = 1.0
    """Seconds between failures that make them a loop."""
    HOLD = 20.0
    MAX_KNOWN = 256

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._known: dict[str, tuple[int, float]] = {}

    def wait(self, key: str) -> int:
        """Seconds to hold a message off; 0 when it may be tried."""
        count, last = self._known.get(key, (0, 0.0))
        left = last + self.HOLD - self._monotonic()
        return max(1, round(left)) if count >= self.IN_A_ROW and left > 0 else 0

    def note(self, key: str, *, failed: bool) -> None:
        count, last = self._known.pop(key, (0, 0.0))
        if not failed:
            return
        now = self._monotonic()
        close = count > 0 and now - last < self.CLOSE
        self._known[key] = (count + 1 if close else 1, now)
        while len(self._known) > self.MAX_KNOWN:
            del self._known[next(iter(self._known))]
