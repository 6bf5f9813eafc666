"""Three sessions change one mailbox in whatever order hypothesis thinks of; a model of a few lines says what each
must see. Once over the reference backend, once over an account's real store.

A session here is what a careful client is: it counts messages by what it is told (EXISTS, EXPUNGE) and nothing
else. So a sequence number that the server and the client understand differently shows at once.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import tempfile
from pathlib import Path
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bridge_gui.imap.backend import Backend, Peer, User
from bridge_gui.imap.conversation import Shared
from bridge_gui.secret import Secret
from bridge_gui.store.changes import MessageSeen
from bridge_gui.store.db import Store
from tests.account.test_mailboxes import Service, user_of
from tests.imap.clients import MemoryClient
from tests.imap.memory import MemoryStore
from tests.imap.transcript import MAILS
from tests.store.samples import INBOX, KEY, STARRED, SYSTEM, WORK, meta, opened, shown

FLAGS = ["\\Seen", "\\Flagged", "\\Deleted", "$Label1"]

sessions = st.integers(0, 2)
flag_sets = st.frozensets(st.sampled_from(FLAGS))
picks = st.lists(st.integers(0, 30), min_size=1, max_size=4)

_FETCH = re.compile(rb"\* (\d+) FETCH \((?:UID (\d+) ?)?(?:FLAGS \(([^)]*)\))?.*\)")


class Session:
    """A client that believes what it is told."""

    def __init__(self, client: MemoryClient) -> None:
        self.client = client
        self.known: list[int | None] = []
        """UID by sequence number; None until it was asked for."""
        self.flags: dict[int, frozenset[str]] = {}
        self.idle = False

    def hear(self, line: bytes) -> None:
        words = line.split()
        if words[1:] and words[-1] == b"EXISTS":
            count = int(words[1])
            assert count >= len(self.known), "EXISTS may not shrink"
            self.known += [None] * (count - len(self.known))
        elif words[1:] and words[-1] == b"EXPUNGE":
            number = int(words[1])
            assert 1 <= number <= len(self.known), line
            del self.known[number - 1]
        elif (found := _FETCH.fullmatch(line)) is not None:
            number = int(found[1])
            assert 1 <= number <= len(self.known), line
            if found[2] is not None:
                uid = int(found[2])
                assert self.known[number - 1] in (None, uid), f"{line!r}, but {number} was {self.known[number - 1]}"
                self.known[number - 1] = uid

    async def run(self, command: str) -> list[bytes]:
        """One command; all that was said up to its OK."""
        self.client.send(b"t " + command.encode() + b"\r\n")
        lines: list[bytes] = []
        while True:
            line = await self.client.line()
            if line.startswith(b"t "):
                assert line.startswith(b"t OK"), (command, line)
                return lines
            lines.append(line)
            self.hear(line)


class Memory:
    """The reference backend: COPY leaves the message where it is."""

    other = "Trash"
    copy_moves = False
    given_flags = frozenset(FLAGS)
    """Flags that a message may come with."""
    appended_flags = frozenset(FLAGS)

    async def open(self) -> Backend:
        self.store = MemoryStore(now=1_700_000_000)
        return self.store

    async def deliver(self, flags: frozenset[str]) -> None:
        self.store.deliver(MAILS["reply"], "INBOX", flags)

    async def contents(self) -> tuple[dict[int, frozenset[str]], int]:
        """Flags by UID in INBOX, and how many messages there are in the other mailbox."""
        box = self.store.boxes["INBOX"]
        return {uid: box.flags_of(uid) for uid in box.snapshot.uids}, len(self.store.boxes["Trash"].messages)

    async def close(self) -> None:
        """Nothing is to be closed."""


class Real:
    """An account's store. The service lets a message lie in one folder: a COPY to another takes it out of here."""

    other = "Folders/Work"
    copy_moves = True
    given_flags = frozenset({"\\Seen", "\\Flagged"})
    appended_flags = frozenset({"\\Seen"})
    server_id: ClassVar[dict[str, str]] = {}

    async def open(self) -> Backend:
        self.folder = tempfile.TemporaryDirectory()
        self.store = await Store.open(Path(self.folder.name) / "mail.db", KEY)
        self.service = Service(self.store)
        self.numbers = itertools.count(1)
        await self.store.set_labels([*SYSTEM, WORK])
        await self.store.begin_listing()
        await self.store.finish_listing()
        return self

    async def login(self, username: str, password: Secret[str], peer: Peer) -> User:
        return user_of(self.store, self.service)

    async def deliver(self, flags: frozenset[str]) -> None:
        labels = [INBOX, STARRED] if "\\Flagged" in flags else [INBOX]
        seen = MessageSeen(meta(next(self.numbers), labels, unread="\\Seen" not in flags))
        await self.store.apply([seen])

    async def contents(self) -> tuple[dict[int, frozenset[str]], int]:
        inbox = await opened(self.store)
        work = await opened(self.store, WORK.id)
        found = {uid: frozenset(flags) for uid, flags in shown(inbox).items()}, len(work.columns.uids)
        self.store.release(inbox)
        self.store.release(work)
        return found

    async def close(self) -> None:
        await self.store.close()
        self.folder.cleanup()


class ThreeSessions(RuleBasedStateMachine):
    """The model: `inbox` maps UIDs to flags, `other` counts what was copied or moved."""

    side: ClassVar[type[Memory | Real]] = Memory

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.inbox: dict[int, frozenset[str]] = {}
        self.other = 0
        self.next_uid = 1

    def do(self, session: Session, command: str) -> list[bytes]:
        return self.loop.run_until_complete(session.run(command))

    @initialize(count=st.integers(0, 5))
    def begin(self, count: int) -> None:
        self.sessions: list[Session] = []
        self.loop.run_until_complete(self._begin(count))

    async def _begin(self, count: int) -> None:
        self.behind = self.side()
        backend = await self.behind.open()
        for _ in range(count):
            await self.behind.deliver(frozenset())
            self._arrived(frozenset())
        shared = Shared(backend)
        for _ in range(3):
            session = Session(MemoryClient(shared))
            await session.client.line()
            await session.run("LOGIN user pass")
            await session.run("SELECT INBOX")
            self.sessions.append(session)

    def teardown(self) -> None:
        async def end() -> None:
            for session in self.sessions:
                await session.client.close()
            await self.behind.close()

        self.loop.run_until_complete(end())
        self.loop.close()

    def _arrived(self, flags: frozenset[str]) -> None:
        self.inbox[self.next_uid] = flags
        self.next_uid += 1

    def _learn(self, session: Session) -> None:
        """Ask for the UIDs that this session does not know. Twice, as the first answer may tell of new messages; a
        message that stays unknown is expunged, which may not be told yet."""
        for _ in range(2):
            if None in session.known:
                self.do(session, "FETCH 1:* (UID)")

    def _numbers(self, session: Session, picked: list[int]) -> tuple[str, set[int]]:
        """A set of this session's numbers, and the UIDs that it means and that are there."""
        self._learn(session)
        numbers = sorted({pick % len(session.known) + 1 for pick in picked})
        uids = {uid for number in numbers if (uid := session.known[number - 1]) is not None}
        return ",".join(map(str, numbers)), uids & set(self.inbox)

    # -- what may happen

    @rule(flags=flag_sets)
    def mail_arrives(self, flags: frozenset[str]) -> None:
        given = flags & self.behind.given_flags
        self.loop.run_until_complete(self.behind.deliver(given))
        self._arrived(given)

    @rule(who=sessions, flags=flag_sets)
    def append(self, who: int, flags: frozenset[str]) -> None:
        if not self.sessions[who].idle:
            self.do(self.sessions[who], f"APPEND INBOX ({' '.join(sorted(flags))}) {{8+}}\r\nA: b\r\n\r\n")
            self._arrived(flags & self.behind.appended_flags)

    @rule(
        who=sessions,
        picked=picks,
        flags=flag_sets,
        mode=st.sampled_from(["FLAGS", "+FLAGS", "-FLAGS"]),
        uid=st.booleans(),
        silent=st.booleans(),
    )
    def store_flags(
        self, who: int, picked: list[int], flags: frozenset[str], mode: str, uid: bool, silent: bool
    ) -> None:
        session = self.sessions[who]
        if session.idle or not session.known:
            return
        numbers, uids = self._numbers(session, picked)
        if uid:
            if not uids:
                return
            numbers = ",".join(map(str, sorted(uids)))
        what = mode + (".SILENT" if silent else "")
        self.do(session, f"{'UID ' if uid else ''}STORE {numbers} {what} ({' '.join(sorted(flags))})")
        for one in uids:
            before = self.inbox[one]
            self.inbox[one] = flags if mode == "FLAGS" else before | flags if mode == "+FLAGS" else before - flags

    @rule(who=sessions)
    def expunge(self, who: int) -> None:
        if not self.sessions[who].idle:
            self.do(self.sessions[who], "EXPUNGE")
            self.inbox = {uid: flags for uid, flags in self.inbox.items() if "\\Deleted" not in flags}

    @rule(who=sessions, picked=picks)
    def uid_expunge(self, who: int, picked: list[int]) -> None:
        session = self.sessions[who]
        if session.idle or not session.known:
            return
        _, uids = self._numbers(session, picked)
        if uids:
            self.do(session, f"UID EXPUNGE {','.join(map(str, sorted(uids)))}")
            gone = {uid for uid in uids if "\\Deleted" in self.inbox[uid]}
            self.inbox = {uid: flags for uid, flags in self.inbox.items() if uid not in gone}

    @rule(who=sessions, picked=picks, move=st.booleans())
    def copy_or_move(self, who: int, picked: list[int], move: bool) -> None:
        session = self.sessions[who]
        if session.idle or not session.known:
            return
        numbers, uids = self._numbers(session, picked)
        self.do(session, f"{'MOVE' if move else 'COPY'} {numbers} {self.behind.other}")
        self.other += len(uids)
        if move or self.behind.copy_moves:
            self.inbox = {uid: flags for uid, flags in self.inbox.items() if uid not in uids}

    @rule(who=sessions, flag=st.sampled_from(FLAGS), has=st.booleans(), uid=st.booleans())
    def search(self, who: int, flag: str, has: bool, uid: bool) -> None:
        session = self.sessions[who]
        if session.idle:
            return
        self._learn(session)
        key = f"KEYWORD {flag}" if flag.startswith("$") else flag[1:].upper()
        expected = {
            one if uid else number
            for number, one in enumerate(session.known, 1)
            if one in self.inbox and (flag in self.inbox[one]) == has
        }
        told = self.do(session, f"{'UID ' if uid else ''}SEARCH {'' if has else 'NOT '}{key}")
        found = next(line for line in told if line.startswith(b"* SEARCH"))
        assert {int(word) for word in found.split()[2:]} == expected

    @rule(who=sessions)
    def fetch_by_number(self, who: int) -> None:
        session = self.sessions[who]
        if session.idle or not session.known:
            return
        self._learn(session)
        told = self.do(session, "FETCH 1:* (UID FLAGS)")
        assert not any(line.endswith(b"EXPUNGE") for line in told)
        seen: dict[int, frozenset[str]] = {}
        for line in told:
            found = _FETCH.fullmatch(line)
            if found is not None and found[2] is not None and found[3] is not None:
                seen[int(found[2])] = frozenset(found[3].decode().split())
        assert seen == {uid: self.inbox[uid] for uid in session.known if uid in self.inbox}

    @rule(who=sessions)
    def noop_tells_all(self, who: int) -> None:
        session = self.sessions[who]
        if session.idle:
            return
        self.do(session, "NOOP")
        self._agree(session)

    @rule(who=sessions)
    def toggle_idle(self, who: int) -> None:
        session = self.sessions[who]
        if not session.idle:
            session.client.send(b"t IDLE\r\n")
            self.loop.run_until_complete(self._hear_until(session, b"+ "))
        else:
            session.client.send(b"DONE\r\n")
            self.loop.run_until_complete(self._hear_until(session, b"t OK"))
        session.idle = not session.idle
        self._agree(session)

    @staticmethod
    async def _hear_until(session: Session, start: bytes) -> None:
        while not (line := await session.client.line()).startswith(start):
            session.hear(line)

    def _agree(self, session: Session) -> None:
        """Nothing is untold now: the session's view is the mailbox."""
        if session.idle:
            rest = self.loop.run_until_complete(session.client.rest())
            for line in rest.split(b"\r\n")[:-1]:
                session.hear(line)
        assert len(session.known) == len(self.inbox)
        for known, uid in zip(session.known, sorted(self.inbox), strict=True):
            assert known in (None, uid)

    # -- what is always so

    @invariant()
    def those_in_idle_know_at_once(self) -> None:
        for session in getattr(self, "sessions", []):
            if session.idle:
                self._agree(session)

    @invariant()
    def the_server_is_the_model(self) -> None:
        if hasattr(self, "behind"):
            assert self.loop.run_until_complete(self.behind.contents()) == (self.inbox, self.other)


class ThreeSessionsOnAStore(ThreeSessions):
    side = Real


ThreeSessions.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestThreeSessions = ThreeSessions.TestCase
ThreeSessionsOnAStore.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestThreeSessionsOnAStore = ThreeSessionsOnAStore.TestCase
