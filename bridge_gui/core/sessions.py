"""The live sessions of mail programs: who is signed in, since when, and what it does.

Each signed-in connection has a `Session`. It wraps what the account hands out, so that `imap/` and `smtp/` report here
(the program's name, what the session does, its end) and are told here when the password is revoked.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bridge_gui.imap import backend as imap
from bridge_gui.model import Access, AccountId, ClientId, Protocol, SessionId
from bridge_gui.smtp import backend as smtp
from bridge_gui.state import SessionState

log = logging.getLogger(__name__)

_PROGRAM_LIMIT = 80


@dataclass(frozen=True, slots=True)
class Seen:
    """What a mail program was told of the account."""

    folders: int = 0
    """The most that one LIST named."""
    messages: int | None = None
    """In INBOX, when it was opened the last time."""


NOTHING_SEEN = Seen()


class Session:
    """One live connection of a mail program."""

    def __init__(
        self, sessions: Sessions, id: SessionId, client: ClientId, account: AccountId, protocol: Protocol, since: float
    ) -> None:
        self.id = id
        self.client = client
        self.account = account
        self.protocol = protocol
        self.since = since
        self.program = ""
        self.activity = ""
        self._sessions = sessions
        self._callback: Callable[[str], None] | None = None
        self._ended: str | None = None
        self._traced: Callable[[imap.Trace | None], None] | None = None

    def identify(self, program: str) -> None:
        """The program named itself."""
        if program and program != self.program:
            self.program = program
            self._sessions.identified(self)

    def saw(self, folders: int = 0, messages: int | None = None) -> None:
        """The program was told of folders, or of the messages in INBOX."""
        self._sessions.saw(self, folders, messages)

    def do(self, activity: str) -> None:
        if activity != self.activity:
            self.activity = activity
            self._sessions.changed()

    def on_ended(self, callback: Callable[[str], None]) -> None:
        """Have `callback` called once, with a sentence, when the session has to end; at once if it has to already."""
        if self._ended is not None:
            callback(self._ended)
        else:
            self._callback = callback

    def end(self, text: str) -> None:
        """Tell the connection to end."""
        if self._ended is None:
            self._ended = text
            if self._callback is not None:
                self._callback(text)

    def on_traced(self, callback: Callable[[imap.Trace | None], None]) -> None:
        """Have `callback` told where the log of this session goes, whenever that changes."""
        self._traced = callback
        if self._sessions.is_logged(self.client):
            callback(self._write)

    def trace(self, on: bool) -> None:
        if self._traced is not None:
            self._traced(self._write if on else None)

    def _write(self, line: str) -> None:
        log.info("%s session %s of program %s: %s", self.protocol, self.id, self.client, line)

    def close(self) -> None:
        """The connection is gone."""
        self._callback = self._traced = None
        self._sessions.forget(self)

    def state(self) -> SessionState:
        return SessionState(self.id, self.client, self.protocol, self.since, self.program, self.activity)


class Sessions:
    """All live sessions. `changed` is called whenever what is shown of them changed, `named` when a program gave its
    name."""

    def __init__(self, changed: Callable[[], None], named: Callable[[ClientId, str], None]) -> None:
        self.changed = changed
        self._named = named
        self._live: dict[SessionId, Session] = {}
        self._logged: set[ClientId] = set()
        self.seen: dict[ClientId, Seen] = {}
        """Since the core was started."""
        self._numbers = itertools.count(1)

    def open(self, client: ClientId, account: AccountId, protocol: Protocol, now: float) -> Session:
        session = Session(self, SessionId(f"s{next(self._numbers)}"), client, account, protocol, now)
        self._live[session.id] = session
        self.changed()
        return session

    def forget(self, session: Session) -> None:
        if self._live.pop(session.id, None) is not None:
            self.changed()

    def identified(self, session: Session) -> None:
        self._named(session.client, session.program)
        self.changed()

    def saw(self, session: Session, folders: int, messages: int | None) -> None:
        known = self.seen.get(session.client, NOTHING_SEEN)
        seen = Seen(max(known.folders, folders), known.messages if messages is None else messages)
        if seen != known:
            self.seen[session.client] = seen
            self.changed()

    def states(self) -> tuple[SessionState, ...]:
        return tuple(session.state() for session in self._live.values())

    def log_client(self, client: ClientId, on: bool) -> int:
        """Write what a mail program says and is answered into the log from now on, or no longer; without passwords and
        mail. Return how many sessions it has now. Forgotten when the core ends."""
        (self._logged.add if on else self._logged.discard)(client)
        log.info("the log of program %s %s", client, "begins" if on else "ends")
        sessions = [session for session in self._live.values() if session.client == client]
        for session in sessions:
            session.trace(on)
        return len(sessions)

    def is_logged(self, client: ClientId) -> bool:
        return client in self._logged

    def end_client(self, client: ClientId, text: str) -> int:
        """End every session of one mail program and return how many there were."""
        return self._end([session for session in self._live.values() if session.client == client], text)

    def end_account(self, account: AccountId, text: str) -> int:
        return self._end([session for session in self._live.values() if session.account == account], text)

    def end_all(self, text: str) -> int:
        return self._end(list(self._live.values()), text)

    def _end(self, sessions: Sequence[Session], text: str) -> int:
        for session in sessions:
            session.end(text)
        return len(sessions)

    def __len__(self) -> int:
        return len(self._live)


def program_name(fields: Mapping[str, str]) -> str:
    """Make one line of the fields of ID (RFC 2971): name and version, printable, of bounded length."""
    lower = {name.lower(): value for name, value in fields.items()}
    text = f"{lower.get('name', '')} {lower.get('version', '')}"
    text = " ".join("".join(char for char in text if char.isprintable()).split())
    return text[:_PROGRAM_LIMIT]


class SessionUser:
    """An account's `imap.backend.User` as one session has it."""

    def __init__(self, user: imap.User, session: Session, access: Access) -> None:
        self._user = user
        self._session = session
        self._access = access

    @property
    def read_only(self) -> bool:
        return self._access is Access.READ_ONLY or self._user.read_only

    def identify(self, fields: Mapping[str, str]) -> None:
        self._session.identify(program_name(fields))
        self._user.identify(fields)

    def activity(self, text: str) -> None:
        self._session.do(text)

    def listed(self, count: int) -> None:
        self._session.saw(folders=count)

    def on_revoked(self, callback: Callable[[str], None]) -> None:
        self._session.on_ended(callback)

    def on_traced(self, callback: Callable[[imap.Trace | None], None]) -> None:
        self._session.on_traced(callback)

    async def mailboxes(self) -> Sequence[imap.MailboxInfo]:
        return await self._user.mailboxes()

    async def status(self, name: str) -> imap.MailboxStatus:
        return await self._user.status(name)

    async def select(self, name: str, *, read_only: bool) -> imap.Mailbox:
        mailbox = await self._user.select(name, read_only=read_only or self.read_only)
        if mailbox.name == "INBOX":
            self._session.saw(messages=len(mailbox.snapshot().uids))
        return mailbox

    async def create(self, name: str) -> str:
        self._refuse_read_only()
        return await self._user.create(name)

    async def delete(self, name: str) -> None:
        self._refuse_read_only()
        await self._user.delete(name)

    async def rename(self, name: str, new_name: str) -> None:
        self._refuse_read_only()
        await self._user.rename(name, new_name)

    async def subscribe(self, name: str, subscribed: bool) -> None:
        self._refuse_read_only()
        await self._user.subscribe(name, subscribed)

    async def append(self, name: str, messages: Sequence[imap.Append]) -> imap.Appended:
        self._refuse_read_only()
        return await self._user.append(name, messages)

    async def quota(self) -> tuple[int, int] | None:
        return await self._user.quota()

    @property
    def append_limit(self) -> int:
        return self._user.append_limit

    def on_mailboxes_changed(self, callback: Callable[[], None]) -> Callable[[], None]:
        return self._user.on_mailboxes_changed(callback)

    def close(self) -> None:
        self._session.close()
        self._user.close()

    def _refuse_read_only(self) -> None:
        if self.read_only:
            raise imap.No("this password may only read", "NOPERM")


class SessionSubmitter:
    """An account's `smtp.backend.Submitter` as one session has it."""

    def __init__(self, submitter: smtp.Submitter, session: Session) -> None:
        self._submitter = submitter
        self._session = session

    @property
    def max_size(self) -> int:
        return self._submitter.max_size

    def activity(self, text: str) -> None:
        self._session.do(text)

    def on_revoked(self, callback: Callable[[str], None]) -> None:
        self._session.on_ended(callback)

    async def check_sender(self, address: str) -> smtp.Reply:
        return await self._submitter.check_sender(address)

    async def submit(self, submission: smtp.Submission) -> smtp.Reply:
        return await self._submitter.submit(submission)

    def close(self) -> None:
        self._session.close()
        self._submitter.close()
