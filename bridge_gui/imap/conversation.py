"""What one client's commands share, and the loop that carries them out one after the other.

No sockets here: a `Link` moves the bytes, waits, and starts TLS. The server has one over asyncio, the tests one in
memory.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import coroutine
from typing import Any, Protocol, TypeVar

from bridge_gui.errors import BridgeError, Refused, Unreachable
from bridge_gui.imap import commands as c
from bridge_gui.imap import responses
from bridge_gui.imap.backend import Backend, No, Peer, ServerIdentity, User
from bridge_gui.imap.cache import Holder, Holdings, RenderCache
from bridge_gui.imap.connection import Connection, Line, State
from bridge_gui.imap.grammar import NotSupported, ParseError
from bridge_gui.imap.session import View
from bridge_gui.mishap import Mishap, OnMishap, ignore_mishap

log = logging.getLogger(__name__)

C = TypeVar("C", bound=c.Command)

WRITE_SIZE = 128 * 1024
"""Octets joined to one write. Fewer, larger writes save system calls and TLS records; more would only cost memory."""

LARGE = 1024 * 1024
"""Octets of responses that are not put together before they are written."""

LOGIN_TIMEOUT = 60.0
"""Seconds from connecting to signing in, whatever is said in between."""
COMMAND_TIMEOUT = 5 * 60.0
"""Seconds from a command's first octet to its last, so that octets that trickle hold nothing open."""
IDLE_TIMEOUT = 31 * 60.0
"""Seconds without any command; RFC 3501 5.4 wants 30 minutes at least."""
IDLE_SIGN = 4 * 60.0
"""Seconds between the signs of life that a client in IDLE gets, so that a dead peer is noticed."""
HELD_FOR = 5.0
"""Seconds for which a message that is read piece by piece is held for the next piece."""
MAX_LOGINS = 5
"""Refused sign-ins on one connection."""

AT_ONCE = frozenset((c.Noop, c.Check, c.Select, c.Close, c.Status, c.Fetch, c.Search, c.Store))
"""Commands that are begun where their octets arrive, which saves the way to the conversation's task. They wait for the
store at most: what asks the service needs a task from its first step on."""


class Link(Protocol):
    """The way to the client."""

    async def flush(self) -> None:
        """Send what the connection has queued; return when the client has taken enough of it (back-pressure)."""
        ...

    def flush_soon(self) -> None:
        """Send what is queued as soon as the present work has to wait for something."""
        ...

    def time(self) -> float:
        """Seconds of a clock that only goes on."""
        ...

    async def wait(self, timeout: float) -> bool:
        """Wait until something has happened (bytes, a change, the end), at most `timeout` seconds; whether it did."""
        ...

    def stir(self) -> None:
        """End the present `wait`, or the next."""
        ...

    def stir_later(self, delay: float) -> None:
        """`stir` in `delay` seconds."""
        ...

    def working(self, busy: bool) -> None:
        """A command begins or ends: in between, a client that waits long gets signs of life."""
        ...

    async def start_tls(self) -> None: ...

    @property
    def closed(self) -> bool:
        """The client has gone."""
        ...

    @property
    def can_start_tls(self) -> bool: ...


@dataclass(slots=True)
class Shared:
    """What all conversations of a server have in common."""

    backend: Backend
    identity: ServerIdentity = field(default_factory=ServerIdentity)
    on_mishap: OnMishap = ignore_mishap
    cache: RenderCache = field(default_factory=RenderCache)
    holdings: Holdings = field(default_factory=Holdings)


class Conversation:
    """One client."""

    def __init__(self, shared: Shared, connection: Connection, link: Link, peer: Peer) -> None:
        self.shared = shared
        self.connection = connection
        self.link = link
        self.peer = peer
        self.user: User | None = None
        self.view: View | None = None
        self.enabled: set[str] = set()
        self.client_id: dict[str, str] = {}
        """What the client said of itself by ID, until somebody has signed in and may be told."""
        self.refused_logins = 0
        self.left_unencrypted = False
        """It asked something before TLS, and did not try to sign in yet."""
        self.bye: str | None = None
        """Why the server ends this conversation, once it wants to."""
        self.push: Callable[[], Awaitable[None]] | None = None
        """Tells news between commands, where NOTIFY asked for it."""
        self.on_close: list[Callable[[], None]] = []
        self.holder = Holder(shared.holdings)
        self._unsent = 0
        self._in_command = False
        self._connected = link.time()
        self._begun: float | None = None
        """When the present wait found a command begun and not whole."""
        self._handlers: Mapping[type[c.Command], Handler] = {}
        self._rests = False
        """`converse` waits for a command, and all that came before is answered."""
        self._taken: c.Command | None = None
        """A command that `begin` has met and left to `converse`."""
        self._under_way: _UnderWay | None = None
        """What `begin` has begun and could not end."""

    # -- saying

    async def write(self, data: bytes) -> None:
        """Say something; joined with what follows, unless it is much, or what follows is not at hand."""
        self.connection.send(data)
        self._unsent += len(data)
        if self._unsent >= WRITE_SIZE:
            await self.flush()
        elif not self._rests:  # or `begin` runs, and its caller flushes
            self.link.flush_soon()

    async def write_many(self, parts: Sequence[bytes]) -> None:
        """Say whole responses that come in parts. What is large goes out in pieces, each when the client has taken
        enough of those before: so little of it is in memory twice."""
        if sum(map(len, parts)) <= LARGE:
            await self.write(b"".join(parts))
            return
        self.link.working(False)  # a sign of life must not come within a response
        pending: list[bytes | memoryview] = []
        size, begun = 0, False
        for part in parts:
            for at in range(0, len(part), WRITE_SIZE):
                pending.append(memoryview(part)[at : at + WRITE_SIZE])
                size += len(pending[-1])
                if size >= WRITE_SIZE:
                    self.connection.send(b"".join(pending), goes_on=begun)
                    await self.flush()
                    pending, size, begun = [], 0, True
        if pending:
            self.connection.send(b"".join(pending), goes_on=begun)
            await self.flush()
        self.link.working(self._in_command)

    async def flush(self) -> None:
        self._unsent = 0
        await self.link.flush()

    def say(self, data: bytes) -> None:
        """Say a little; it goes out with what follows."""
        self.connection.send(data)
        self._unsent += len(data)

    @property
    def utf8(self) -> bool:
        return self.connection.utf8

    @property
    def rev2(self) -> bool:
        return "IMAP4REV2" in self.enabled

    def signed_in(self) -> User:
        assert self.user is not None  # the connection's state table sees to it
        return self.user

    def selected(self) -> View:
        assert self.view is not None  # the same
        return self.view

    def leave_mailbox(self) -> None:
        """Back to the authenticated state."""
        if self.view is not None:
            self.view.close()
            self.view = None
            self.connection.move_to(State.AUTHENTICATED)

    def end(self, text: str) -> None:
        """End the conversation at the next moment that allows it, with BYE and this text."""
        if self.bye is None:
            self.bye = text
        self.link.stir()

    def tell(self, command: c.Command) -> None:
        """Say what is new, as far as it may be said in answer to this command.

        COPY tells no expunge, although it may. A copy to where a message can only be alone (a folder of a service with
        exclusive ones) takes it out of here, and a program that moves by COPY, STORE \\Deleted, EXPUNGE counts on its
        being here until the third step: most scripts use the same numbers for all three, and would delete others.
        """
        if self.view is not None:
            uid = bool(getattr(command, "uid", False)) or isinstance(command, c.Expunge)
            by_number = isinstance(command, (c.Fetch, c.Store, c.Search, c.Sort, c.Thread)) and not uid
            holds = by_number or (isinstance(command, c.Copy) and not command.move)
            self.say(self.view.tell(expunges=not holds, uids=uid))

    def wants_no_tls(self, username: str = "") -> None:
        """The client tried to sign in before TLS."""
        self.left_unencrypted = False
        self.shared.on_mishap(Mishap.UNENCRYPTED, username)

    # -- the loop

    async def converse(self, handlers: Mapping[type[c.Command], Handler], greeting: bytes) -> None:
        """Greet, then carry out commands until one side ends it."""
        self._handlers = handlers
        self.say(greeting)
        try:
            while True:
                if self._under_way is not None:
                    await self._rest_of_it()
                if self.connection.over or self.link.closed:
                    break
                if self.bye is not None:
                    self.connection.say_bye(self.bye)
                    break
                event, self._taken = self._taken or self.connection.next_event(), None
                if event is None:
                    if self.push is not None:
                        await self.push()
                    await self.flush()
                    if not self.connection.over and self.bye is None:
                        await self._wait_for_command()
                elif not isinstance(event, Line):
                    await self._carry_out(event, handlers[type(event)])
            await self.flush()
        finally:
            self.close()

    def begin(self) -> bool:
        """Carry out the commands that have come, until one has to wait for something; `converse` does the rest, as
        soon as it is stirred. Tell whether there is a rest. To be called when octets came, which saves these commands
        the way to a task; what is said is not flushed."""
        if not self._rests or self._begun is not None or self.user is None or self.push is not None:
            return True
        while self.bye is None and (command := self.connection.next_event()) is not None:
            assert not isinstance(command, Line)  # nobody expects one
            if type(command) not in AT_ONCE:
                self._rests = False
                self._taken = command
                return True
            work = self._carry_out(command, self._handlers[type(command)])
            try:
                waits_for = work.send(None)
            except StopIteration:
                continue
            except ConnectionError:  # `converse` will find the link closed
                return True
            self._rests = False
            self._under_way = work, waits_for
            return True
        return self.bye is not None or self.connection.over or self.connection.unfinished or self.holder.holds

    def _rest_of_it(self) -> Awaitable[None]:
        """What `begin` could not end. No name stays for what it waits for: the result may be a message of megabytes."""
        assert self._under_way is not None
        begun, self._under_way = self._under_way, None
        return _rest(*begun)

    async def _wait_for_command(self) -> None:
        self._rests = True
        try:
            await self._wait_at_rest()
        except BaseException as error:
            if self._under_way is not None:
                with suppress(StopIteration, type(error)):
                    self._under_way[0].throw(error)
            raise
        finally:
            self._rests = False

    async def _wait_at_rest(self) -> None:
        if self.holder.holds:
            if not await self.link.wait(HELD_FOR):
                self.holder.let_go()
            return
        now = self.link.time()
        left, why = IDLE_TIMEOUT, "signed out after a long silence"
        if self.user is None:
            left, why = self.login_time_left, "nobody signed in"
        elif not self.connection.unfinished:
            self._begun = None
        else:
            self._begun = now if self._begun is None else self._begun
            left, why = self._begun + COMMAND_TIMEOUT - now, "this command takes too long to arrive"
        if left <= 0 or not await self.link.wait(left):
            self.connection.say_bye(why)

    @property
    def login_time_left(self) -> float:
        """Seconds in which the client may still sign in."""
        return self._connected + LOGIN_TIMEOUT - self.link.time()

    async def _carry_out(self, command: c.Command, handler: Handler) -> None:
        self._in_command = True
        self.link.working(True)
        self._begun = None
        if not isinstance(command, c.Fetch):
            self.holder.let_go()
        try:
            await handler(self, command)
        except No as refusal:
            self.tell(command)
            self.say(responses.no(command.tag, refusal.text, refusal.code))
        except NotSupported as refusal:
            self.say(responses.no(command.tag, str(refusal), refusal.code))
        except ParseError as mistake:
            self.say(responses.bad(command.tag, str(mistake)))
        except Unreachable as error:
            self.say(responses.no(command.tag, error.title, "UNAVAILABLE"))
        except Refused as error:
            self.say(responses.no(command.tag, error.message, "CANNOT"))
        except BridgeError as error:
            log.warning("%s failed: %s", command.name, type(error).__name__)
            self.say(responses.no(command.tag, error.title, "SERVERBUG"))
        except ConnectionError:
            raise
        except Exception as error:
            # Nobody knows what state this session is in; its end is the one safe answer. Others go on.
            log.error("%s failed with %s", command.name, type(error).__name__, exc_info=error)
            self.say(responses.no(command.tag, "an error inside the server", "SERVERBUG"))
            self.connection.say_bye("an error inside the server")
        finally:
            self._in_command = False
            self.link.working(False)

    def close(self) -> None:
        """Let go of all that the backend holds for this client."""
        for callback in self.on_close:
            callback()
        self.on_close.clear()
        self.holder.let_go()
        if self.view is not None:
            self.view.close()
            self.view = None
        if self.user is not None:
            self.user.close()
            self.user = None


Handler = Callable[[Conversation, "c.Command"], Awaitable[None]]

_UnderWay = tuple[Coroutine[Any, Any, None], Any]
"""A coroutine that was begun outside of any task, and what it waits for."""


@coroutine
def _rest(work: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """Go on with what was begun; to the task that awaits this, it looks like its own."""
    while True:
        try:
            yield waits_for
        except BaseException as error:
            step = partial(work.throw, error)
        else:
            step = partial(work.send, None)
        try:
            waits_for = step()
        except StopIteration:
            return
