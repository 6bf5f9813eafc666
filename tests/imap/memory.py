"""A backend that keeps all mail in memory: small, exact, and the measure of what the server is held to.

A mailbox is a dict of messages by UID; each change makes a new snapshot and a delta for everybody who has it open, as
`imap.backend` wants it.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from array import array
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bridge_gui.imap.backend import (
    Append,
    Appended,
    ContentKey,
    Copied,
    DateKey,
    Delta,
    Field,
    FlagChange,
    FlagTable,
    IdKey,
    Listener,
    LoginRefusal,
    LoginRefused,
    MailboxInfo,
    MailboxStatus,
    Need,
    No,
    Peer,
    Record,
    SizeKey,
    Snapshot,
    SortValues,
    StoreMode,
    TextKey,
    Trace,
)
from bridge_gui.mime import brief, fields, structure, words
from bridge_gui.secret import Secret

BATCH = 256 * 1024


@dataclass(slots=True)
class Message:
    literal: bytes
    date: int
    email_id: str
    saved: int
    present: bool = True
    _made: dict[str, bytes] = field(default_factory=dict)

    def made(self, name: str) -> bytes:
        if name not in self._made:
            if name == "envelope":
                self._made[name] = structure.envelope(self.literal)
            elif name == "header":
                self._made[name] = self.literal[: fields.header_end(self.literal)]
            else:
                root = structure.scan(self.literal)
                self._made[name] = structure.bodystructure(root, self.literal, name == "bodystructure")
        return self._made[name]


class Box:
    """One mailbox, shared by all sessions."""

    def __init__(self, store: MemoryStore, name: str, attributes: tuple[str, ...] = ()) -> None:
        self.store = store
        self.name = name
        self.attributes = attributes
        self.subscribed = True
        self.selectable = True
        self.uidvalidity = next(store.uidvalidities)
        self.mailbox_id = f"M{self.uidvalidity}"
        self.messages: dict[int, Message] = {}
        self.expunged: list[tuple[int, int]] = []
        self.open: list[Opened] = []
        self.snapshot = Snapshot(array("I"), array("H"), array("Q"), store.table, 1, 1)

    def publish(self, snapshot: Snapshot, origin: object = None, **what: Sequence[int]) -> None:
        self.snapshot = snapshot
        delta = Delta(snapshot, origin=origin, **what)
        for opened in list(self.open):
            if opened.listener is not None:
                opened.listener(delta)
        self.store.changed()

    def add(self, messages: Sequence[tuple[Message, frozenset[str]]], origin: object = None) -> list[int]:
        old = self.snapshot
        uids, flags, modseqs = old.uids[:], old.flags[:], old.modseqs[:]
        modseq, uid = old.highest_modseq + 1, old.uidnext
        added = []
        for message, chosen in messages:
            self.messages[uid] = message
            uids.append(uid)
            flags.append(self.store.table.number(chosen))
            modseqs.append(modseq)
            added.append(uid)
            uid += 1
        self.publish(Snapshot(uids, flags, modseqs, old.table, uid, modseq), origin, added=added)
        return added

    def remove(self, gone: Iterable[int], origin: object = None) -> None:
        old = self.snapshot
        wanted = set(gone) & set(old.uids)
        if not wanted:
            return
        keep = [index for index, uid in enumerate(old.uids) if uid not in wanted]
        modseq = old.highest_modseq + 1
        for uid in sorted(wanted):
            self.expunged.append((modseq, uid))
            del self.messages[uid]
        snapshot = Snapshot(
            array("I", [old.uids[index] for index in keep]),
            array("H", [old.flags[index] for index in keep]),
            array("Q", [old.modseqs[index] for index in keep]),
            old.table,
            old.uidnext,
            modseq,
        )
        self.publish(snapshot, origin, removed=sorted(wanted))

    def flags_of(self, uid: int) -> frozenset[str]:
        index = self.snapshot.uids.index(uid)
        return self.snapshot.table.flags(self.snapshot.flags[index])

    def change(
        self, uids: Sequence[int], change: FlagChange, unchanged_since: int | None = None, origin: object = None
    ) -> list[int]:
        old = self.snapshot
        flags, modseqs = old.flags[:], old.modseqs[:]
        modseq = old.highest_modseq + 1
        where = {uid: index for index, uid in enumerate(old.uids)}
        left, changed = [], []
        for uid in uids:
            index = where.get(uid)
            if index is None:
                continue
            if unchanged_since is not None and modseqs[index] > unchanged_since:
                left.append(uid)
                continue
            before = old.table.flags(flags[index])
            if change.mode is StoreMode.ADD:
                after = before | change.flags
            elif change.mode is StoreMode.REMOVE:
                after = before - change.flags
            else:
                after = change.flags
            if after != before:
                flags[index] = self.store.table.number(after)
                modseqs[index] = modseq
                changed.append(uid)
        if changed:
            self.publish(replace(old, flags=flags, modseqs=modseqs, highest_modseq=modseq), origin, changed=changed)
        return left


class MemoryStore:
    """All mailboxes of one user, and the backend."""

    def __init__(self, username: str = "user", password: str = "pass", now: int | None = None) -> None:
        self.username, self.password = username, password
        self.clock = (lambda: now) if now is not None else (lambda: int(time.time()))
        self.table = FlagTable()
        self.uidvalidities = itertools.count(1000)
        self.ids = itertools.count(1)
        self.boxes: dict[str, Box] = {}
        self.logins = 0
        self.users: list[MemoryUser] = []
        self.read_only = False
        self.append_limit = 10_000_000
        self.offline = False
        """What is absent cannot be had."""
        self.keyword_limit = 1_000
        """Different sets of flags."""
        self.arriving = asyncio.Event()
        for name, attributes in (
            ("INBOX", ()),
            ("Drafts", ("\\Drafts",)),
            ("Sent", ("\\Sent",)),
            ("Trash", ("\\Trash",)),
        ):
            self.boxes[name] = Box(self, name, attributes)

    @property
    def server_id(self) -> Mapping[str, str]:
        return {"vendor": "tests"}

    async def login(self, username: str, password: Secret[str], peer: Peer) -> MemoryUser | LoginRefused:
        self.logins += 1
        if username != self.username or password != Secret(self.password):
            return LoginRefused(LoginRefusal.CREDENTIALS, "wrong name or password")
        user = MemoryUser(self)
        self.users.append(user)
        return user

    def box(self, name: str) -> Box:
        found = self.boxes.get(name)
        if found is None or not found.selectable:
            raise No("no such mailbox", "NONEXISTENT")
        return found

    def changed(self) -> None:
        for user in self.users:
            for callback in list(user.tree_listeners):
                callback()

    def deliver(
        self, literal: bytes, mailbox: str = "INBOX", flags: Iterable[str] = (), date: int | None = None
    ) -> int:
        """A mail arrives."""
        literal = literal.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        message = Message(literal, self.clock() if date is None else date, f"E{next(self.ids)}", self.clock())
        return self.box(mailbox).add([(message, frozenset(flags))])[0]

    def arrive(self) -> None:
        """Absent literals have come."""
        for box in self.boxes.values():
            for message in box.messages.values():
                message.present = True
        self.arriving.set()


class MemoryUser:
    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.client: dict[str, str] = {}
        self.activities: list[str] = []
        self.listings: list[int] = []
        self.revoke: Callable[[str], None] = lambda text: None
        self.tree_listeners: list[Callable[[], None]] = []
        self.closed = False

    @property
    def read_only(self) -> bool:
        return self.store.read_only

    def identify(self, given: Mapping[str, str]) -> None:
        self.client = dict(given)

    def activity(self, text: str) -> None:
        self.activities.append(text)

    def listed(self, count: int) -> None:
        self.listings.append(count)

    def on_revoked(self, callback: Callable[[str], None]) -> None:
        self.revoke = callback

    def on_traced(self, callback: Callable[[Trace | None], None]) -> None:
        self.trace = callback

    async def mailboxes(self) -> Sequence[MailboxInfo]:
        return [
            MailboxInfo(box.name, box.attributes, box.selectable, box.subscribed, box.mailbox_id)
            for box in self.store.boxes.values()
        ]

    async def status(self, name: str) -> MailboxStatus:
        box = self.store.box(name)
        flags = [box.flags_of(uid) for uid in box.snapshot.uids]
        return MailboxStatus(
            messages=len(flags),
            unseen=sum("\\Seen" not in one for one in flags),
            uidnext=box.snapshot.uidnext,
            uidvalidity=box.uidvalidity,
            highest_modseq=box.snapshot.highest_modseq,
            size=sum(len(message.literal) for message in box.messages.values()),
            deleted=sum("\\Deleted" in one for one in flags),
            mailbox_id=box.mailbox_id,
            deleted_size=sum(
                len(box.messages[uid].literal) for uid in box.messages if "\\Deleted" in box.flags_of(uid)
            ),
        )

    async def select(self, name: str, *, read_only: bool) -> Opened:
        opened = Opened(self.store.box(name), read_only or self.read_only)
        opened.box.open.append(opened)
        return opened

    def _check_writable(self) -> None:
        if self.read_only:
            raise No("this password may only read", "NOPERM")

    async def create(self, name: str) -> str:
        self._check_writable()
        if name in self.store.boxes:
            raise No("there is one already", "ALREADYEXISTS")
        parent = ""
        for level in name.split("/")[:-1]:
            parent = f"{parent}/{level}" if parent else level
            if parent not in self.store.boxes:
                self.store.boxes[parent] = Box(self.store, parent)
        box = self.store.boxes[name] = Box(self.store, name)
        self.store.boxes = dict(sorted(self.store.boxes.items()))
        self.store.changed()
        return box.mailbox_id

    async def delete(self, name: str) -> None:
        self._check_writable()
        box = self.store.box(name)
        if any(other.startswith(name + "/") for other in self.store.boxes):
            raise No("it has children", "HASCHILDREN")
        del self.store.boxes[name]
        for opened in list(box.open):
            opened.gone("this mailbox was deleted")
        self.store.changed()

    async def rename(self, name: str, new_name: str) -> None:
        self._check_writable()
        box = self.store.box(name)
        if new_name in self.store.boxes:
            raise No("there is one already", "ALREADYEXISTS")
        if name == "INBOX":
            await self.create(new_name)
            target = self.store.boxes[new_name]
            target.add([(box.messages[uid], box.flags_of(uid)) for uid in box.snapshot.uids])
            box.remove(list(box.snapshot.uids))
            return
        for other in list(self.store.boxes):
            if other == name or other.startswith(name + "/"):
                moved = self.store.boxes.pop(other)
                moved.name = new_name + other[len(name) :]
                self.store.boxes[moved.name] = moved
        self.store.boxes = dict(sorted(self.store.boxes.items()))
        self.store.changed()

    async def subscribe(self, name: str, subscribed: bool) -> None:
        self._check_writable()
        self.store.box(name).subscribed = subscribed
        self.store.changed()

    async def append(self, name: str, messages: Sequence[Append]) -> Appended:
        self._check_writable()
        if name not in self.store.boxes:
            raise No("no such mailbox", "TRYCREATE")
        box = self.store.box(name)
        now = self.store.clock()
        made = [
            (Message(one.literal, now if one.date is None else one.date, f"E{next(self.store.ids)}", now), one.flags)
            for one in messages
        ]
        return Appended(box.uidvalidity, box.add(made))

    async def quota(self) -> tuple[int, int] | None:
        return 5_000, 1_000_000

    @property
    def append_limit(self) -> int:
        return self.store.append_limit

    def on_mailboxes_changed(self, callback: Callable[[], None]) -> Callable[[], None]:
        self.tree_listeners.append(callback)
        return lambda: self.tree_listeners.remove(callback)

    def close(self) -> None:
        self.closed = True
        self.store.users.remove(self)


class Opened:
    """One session's face of a mailbox."""

    def __init__(self, box: Box, read_only: bool) -> None:
        self.box = box
        self._read_only = read_only
        self.listener: Listener | None = None
        self.gone: Callable[[str], None] = lambda text: None

    @property
    def name(self) -> str:
        return self.box.name

    @property
    def uidvalidity(self) -> int:
        return self.box.uidvalidity

    @property
    def mailbox_id(self) -> str:
        return self.box.mailbox_id

    @property
    def read_only(self) -> bool:
        return self._read_only

    @property
    def permanent_flags(self) -> tuple[str, ...]:
        return ("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "\\*")

    def snapshot(self) -> Snapshot:
        return self.box.snapshot

    def listen(self, listener: Listener) -> None:
        self.listener = listener

    def on_gone(self, callback: Callable[[str], None]) -> None:
        self.gone = callback

    async def fetch(self, uids: Sequence[int], need: Need) -> AsyncIterator[Sequence[Record]]:
        late: list[int] = []
        batch: list[Record] = []
        size = 0
        for uid in uids:
            message = self.box.messages.get(uid)
            if message is None:
                continue
            if not message.present and need & (Need.LITERAL | Need.BODYSTRUCTURE | Need.BODY):
                late.append(uid)
                continue
            batch.append(self._record(uid, message, need))
            size += len(message.literal) if need & Need.LITERAL else 500
            if size > BATCH:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch
        if late:
            if self.box.store.offline:
                raise No("some messages cannot be had now", "UNAVAILABLE")
            await self.box.store.arriving.wait()
            yield [self._record(uid, self.box.messages[uid], need) for uid in late if uid in self.box.messages]

    def _record(self, uid: int, message: Message, need: Need) -> Record:
        return Record(
            uid,
            size=len(message.literal),
            date=message.date,
            envelope=message.made("envelope") if need & Need.ENVELOPE else b"",
            bodystructure=message.made("bodystructure") if need & Need.BODYSTRUCTURE else b"",
            body=message.made("body") if need & Need.BODY else b"",
            header=message.made("header") if need & Need.HEADER else b"",
            brief=brief.make(message.literal, fields.fields(message.literal)) if need & Need.BRIEF else b"",
            literal=message.literal if need & Need.LITERAL else b"",
            email_id=message.email_id,
            thread_id="T1" if need & Need.THREAD_ID else "",
            preview=words.preview(words.body_texts(message.literal, structure.scan(message.literal)))
            if need & Need.PREVIEW
            else None,
            save_date=message.saved,
        )

    def _check(self) -> None:
        if self._read_only:
            raise No("read only")

    async def store(self, uids: Sequence[int], change: FlagChange, unchanged_since: int | None = None) -> Sequence[int]:
        self._check()
        if len(self.box.store.table) >= self.box.store.keyword_limit:
            raise No("too many different keywords", "LIMIT")
        return self.box.change(uids, change, unchanged_since, self)

    def _target(self, target: str) -> Box:
        if target not in self.box.store.boxes:
            raise No("no such mailbox", "TRYCREATE")
        return self.box.store.box(target)

    async def copy(self, uids: Sequence[int], target: str) -> Copied:
        if self.box.store.read_only:
            raise No("this password may only read", "NOPERM")
        return await self._copy(uids, target)

    async def _copy(self, uids: Sequence[int], target: str) -> Copied:
        box = self._target(target)
        there = [uid for uid in uids if uid in self.box.messages]
        made = [(replace(self.box.messages[uid]), self.box.flags_of(uid)) for uid in there]
        return Copied(box.uidvalidity, there, box.add(made, self))

    async def move(self, uids: Sequence[int], target: str) -> Copied:
        self._check()
        copied = await self._copy(uids, target)
        self.box.remove(copied.source, self)
        return copied

    async def expunge(self, uids: Sequence[int] | None = None) -> None:
        self._check()
        wanted = set(self.box.snapshot.uids if uids is None else uids)
        self.box.remove(
            [uid for uid in self.box.snapshot.uids if uid in wanted and "\\Deleted" in self.box.flags_of(uid)], self
        )

    async def match(self, uids: Sequence[int], key: ContentKey) -> Sequence[int]:
        return [uid for uid in uids if uid in self.box.messages and self._matches(self.box.messages[uid], key)]

    def _matches(self, message: Message, key: ContentKey) -> bool:
        if isinstance(key, SizeKey):
            size = len(message.literal)
            return size > key.size if key.larger else size < key.size
        if isinstance(key, IdKey):
            return key.value == ("T1" if key.thread else message.email_id)
        if isinstance(key, DateKey):
            day = message.saved // 86_400 if key.saved else message.date // 86_400
            if key.sent:
                sent = words.summarize(message.literal).sent_day
                if sent is None:
                    return False
                day = sent
            return (key.first is None or key.first <= day) and (key.before is None or day < key.before)
        assert isinstance(key, TextKey)
        needle = key.needle.casefold()
        header = fields.fields(message.literal)
        if key.field is Field.HEADER:
            values = [message.literal[one.value : one.end] for one in header if one.name == key.header.encode()]
            return any(needle in words.decode_header(value).casefold() for value in values)
        body = words.search_text(words.body_texts(message.literal, structure.scan(message.literal))).casefold()
        if key.field is Field.BODY:
            return needle in body
        top = words.decode_header(message.literal[: fields.header_end(message.literal)]).casefold()
        return needle in body or needle in top

    async def sort_values(self, uids: Sequence[int]) -> Sequence[SortValues]:
        found = []
        for uid in uids:
            message = self.box.messages.get(uid)
            if message is None:
                continue
            one = words.summarize(message.literal)
            found.append(
                SortValues(
                    uid=uid,
                    arrival=message.date,
                    sent=message.date if one.sent is None else one.sent,
                    size=len(message.literal),
                    subject=one.base_subject,
                    sender=one.sender,
                    to=one.to,
                    cc=one.cc,
                    display_from=one.display_from,
                    display_to=one.display_to,
                    message_id=one.message_id,
                    references=one.references,
                    is_reply=one.is_reply,
                )
            )
        return found

    async def vanished(self, since_modseq: int) -> Sequence[int]:
        return sorted(uid for modseq, uid in self.box.expunged if modseq > since_modseq)

    def close(self) -> None:
        if self in self.box.open:
            self.box.open.remove(self)
