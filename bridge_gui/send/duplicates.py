"""Recognise a message that was handed in before: never send twice, never import what was just sent (API document 6.5).

Mail programs hand in a message again when an answer did not reach them, and put a copy of what they sent into Sent. A
message is known by a hash of its content, without Message-ID, Date, Bcc and transfer encoding, together with its
recipients: equal mail to other people is other mail.

What is known is kept in `Values` as well, so that it holds across a crash. An entry goes through

    DRAFTING   the draft exists at the service, nothing was sent: it may be thrown away
    SENDING    the draft is complete and was perhaps sent: only the service knows, so it is asked before anything else
    SENT       done; remembered for `REMEMBER` seconds

and is written before the step that it announces.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from bridge_gui.mime import fields as rfc5322
from bridge_gui.mime.parse import leaves, transfer_encoding
from bridge_gui.mime.structure import scan
from bridge_gui.mime.words import decode_transfer
from bridge_gui.model import MessageId

REMEMBER = 30 * 60.0
"""Seconds after which an equal message is a new one."""
KEEP_UNFINISHED = 7 * 86400.0
"""Seconds for which a message whose sending was cut is asked after; programs give up after some days."""
PATIENCE = 90.0
"""Seconds to wait for the same message while it is being sent."""
VALUES = "outgoing"
"""Beginning of the names of what is kept; with a dot and one of the buckets."""
_BUCKETS = "0123456789abcdef"


def message_hash(raw: bytes) -> str:
    """The hash of a message's content."""
    root = scan(raw)
    digest = hashlib.sha256()

    def add(value: bytes) -> None:
        digest.update(value)
        digest.update(b"\0")

    add(rfc5322.first(raw, root.header, b"subject") or b"")
    for name in (b"from", b"to", b"cc", b"reply-to"):
        add(b",".join(sorted(_bare(each) for each in rfc5322.walk(raw, root.header, name))))
    add(rfc5322.first(raw, root.header, b"in-reply-to") or b"")
    for part in leaves(root):
        add(b"%s/%s" % (part.type.type.lower(), part.type.subtype.lower()))
        for name, value in sorted((name.lower(), value) for name, value in part.type.parameters):
            if name != b"boundary":
                add(name + b"=" + value)
        add(rfc5322.first(raw, part.header, b"content-disposition") or b"")
        body = memoryview(raw)[part.body : part.end]
        if part.type.matches(b"text", b"plain") or part.type.matches(b"text", b"html"):
            decoded = decode_transfer(bytes(body), transfer_encoding(raw, part))
            body = body if decoded is None else memoryview(decoded)
        for piece in _stripped(body):
            digest.update(piece)
        digest.update(b"\0")
    return base64.b64encode(digest.digest()).decode()


def _stripped(body: memoryview) -> Iterator[bytes]:
    """A body without CR and without white space around it, in pieces: a copy of a large one would be too much."""
    inner = _INNER.search(body)
    if inner is not None:
        begin, end = inner.span()
        while begin < end and body[end - 1] in _SPACE:
            end -= 1
        for at in range(begin, end, _PIECE):
            yield bytes(body[at : min(at + _PIECE, end)]).replace(b"\r", b"")


_SPACE = b" \t\n\r\x0b\x0c"
_INNER = re.compile(rb"[^ \t\n\r\x0b\x0c].*", re.DOTALL)
_PIECE = 1 << 20


def _bare(address: rfc5322.Address) -> bytes:
    return (b"%s@%s" % (address.mailbox or b"", address.host or b"")).lower()


class Values(Protocol):
    """Small durable values; `store.db.Store` is one."""

    async def get(self, key: str) -> str | None: ...

    async def set(self, values: Mapping[str, str | None]) -> None: ...


class Phase(StrEnum):
    DRAFTING = "drafting"
    SENDING = "sending"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Entry:
    hash: str
    recipients: frozenset[str]
    phase: Phase
    message_id: MessageId
    at: float


@dataclass(frozen=True, slots=True)
class AlreadySent:
    message_id: MessageId


class StillBeingSent:
    """The same message has been on its way for too long to wait any longer."""


@dataclass(slots=True, eq=False)
class Claim:
    """The right to send one message, held by one task. It ends with `release`, whatever happened."""

    recorder: Recorder
    hash: str
    recipients: frozenset[str]
    unfinished: Entry | None
    """What an earlier try left behind: ask the service what became of it."""
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def note(self, phase: Phase, message_id: MessageId) -> None:
        """Remember, durably, how far it has come."""
        await self.recorder._put(Entry(self.hash, self.recipients, phase, message_id, self.recorder._clock()))

    async def forget(self) -> None:
        """Nothing was sent, and nothing is left at the service."""
        await self.recorder._drop(self)

    def release(self) -> None:
        self.recorder._release(self)


class Recorder:
    """What one account has sent lately and is sending now. Belongs to one loop."""

    def __init__(self, values: Values, clock: Callable[[], float] = time.time) -> None:
        self._values = values
        self._clock = clock
        self._entries: dict[str, Entry] = {}
        self._claims: dict[str, Claim] = {}
        self._loading: asyncio.Lock = asyncio.Lock()
        self._loaded = False

    async def claim(
        self, hash_: str, recipients: Collection[str], patience: float = PATIENCE
    ) -> Claim | AlreadySent | StillBeingSent:
        """Ask to send a message. Waits while the same one is being sent, and tells when that has succeeded."""
        await self._load()
        who = frozenset(each.casefold() for each in recipients)
        key = _key(hash_, who)
        deadline = asyncio.get_running_loop().time() + patience
        while (other := self._claims.get(key)) is not None:
            try:
                async with asyncio.timeout_at(deadline):
                    await other._over.wait()
            except TimeoutError:
                return StillBeingSent()
        self._expire()
        entry = self._entries.get(key)
        if entry is not None and entry.phase is Phase.SENT:
            return AlreadySent(entry.message_id)
        claim = Claim(self, hash_, who, entry)
        self._claims[key] = claim
        return claim

    async def find_sent(self, hash_: str, recipients: Collection[str], patience: float = PATIENCE) -> MessageId | None:
        """The message that was sent with this content lately, if it went to all of `recipients`; for recognising a
        program's own copy of it, whose header may lack those of Bcc. Waits for one that is being sent."""
        await self._load()
        who = frozenset(each.casefold() for each in recipients)
        deadline = asyncio.get_running_loop().time() + patience
        while running := [each for each in self._claims.values() if each.hash == hash_ and who <= each.recipients]:
            try:
                async with asyncio.timeout_at(deadline):
                    await running[0]._over.wait()
            except TimeoutError:
                break
        self._expire()
        found = [
            entry
            for entry in self._entries.values()
            if entry.hash == hash_ and entry.phase is Phase.SENT and who <= entry.recipients
        ]
        exact = [entry for entry in found if entry.recipients == who]
        best = max(exact or found, key=lambda entry: entry.at, default=None)
        return best.message_id if best is not None else None

    # What claims use:

    async def _put(self, entry: Entry) -> None:
        key = _key(entry.hash, entry.recipients)
        self._entries[key] = entry
        await self._save(key)

    async def _drop(self, claim: Claim) -> None:
        key = _key(claim.hash, claim.recipients)
        if self._entries.pop(key, None) is not None:
            await self._save(key)

    def _release(self, claim: Claim) -> None:
        self._claims.pop(_key(claim.hash, claim.recipients), None)
        claim._over.set()

    # What is kept:

    def _expire(self) -> None:
        now = self._clock()
        for key, entry in list(self._entries.items()):
            keep = REMEMBER if entry.phase is Phase.SENT else KEEP_UNFINISHED
            # A clock that was set back must not keep an entry for ever.
            if not -REMEMBER <= now - entry.at < keep:
                del self._entries[key]

    async def _save(self, key: str) -> None:
        self._expire()
        bucket = key[0]
        entries = {each: _to_json(entry) for each, entry in self._entries.items() if each[0] == bucket}
        await self._values.set({f"{VALUES}.{bucket}": json.dumps(entries) if entries else None})

    async def _load(self) -> None:
        async with self._loading:
            if self._loaded:
                return
            for bucket in _BUCKETS:
                text = await self._values.get(f"{VALUES}.{bucket}")
                for key, value in json.loads(text or "{}").items():
                    self._entries[key] = _from_json(value)
            self._loaded = True


def _key(hash_: str, recipients: frozenset[str]) -> str:
    return hashlib.sha256("\0".join((hash_, *sorted(recipients))).encode()).hexdigest()


def _to_json(entry: Entry) -> list[object]:
    return [entry.hash, sorted(entry.recipients), entry.phase, entry.message_id, entry.at]


def _from_json(value: list[object]) -> Entry:
    hash_, recipients, phase, message_id, at = value
    if not isinstance(recipients, list) or not isinstance(at, int | float):
        raise ValueError("not an entry")
    who = frozenset(str(each) for each in recipients)
    return Entry(str(hash_), who, Phase(str(phase)), MessageId(str(message_id)), float(at))
