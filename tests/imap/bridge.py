"""A whole account behind the IMAP server, and the demo service behind it: what a mail program does is looked for there.

One account serves all tests of a module; each makes the messages and mailboxes it needs.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bridge_gui.account.account import Account
from bridge_gui.demo.letters import Letter
from bridge_gui.demo.records import Message, Person
from bridge_gui.imap.backend import Peer, User
from bridge_gui.imap.conversation import Shared
from bridge_gui.model import Access, AddressId
from bridge_gui.proton.connectivity import Link
from bridge_gui.secret import Secret
from tests.account.house import NEWEST, House, complete, open_house
from tests.imap.clients import MemoryClient

_numbers = itertools.count(1)


@dataclass
class Answer:
    """What was said to one command."""

    lines: list[bytes]
    literals: list[bytes]

    @property
    def tagged(self) -> str:
        return self.lines[-1].decode().partition(" ")[2]

    @property
    def ok(self) -> bool:
        return self.tagged.startswith("OK")

    @property
    def code(self) -> str:
        """The response code of the tagged line, without its brackets."""
        found = re.match(r"\w+ \[([^\]]*)\]", self.tagged)
        return found[1] if found else ""

    def untagged(self, word: str) -> list[str]:
        return [line.decode()[2:] for line in self.lines[:-1] if word in line.decode()]


class Program:
    """A mail program that is signed in."""

    def __init__(self, client: MemoryClient) -> None:
        self._client = client

    async def do(self, command: str, literal: bytes | None = None) -> Answer:
        """One command, with a literal at its end if need be."""
        data = b"t " + command.encode()
        if literal is not None:
            data += b" {%d+}\r\n%s" % (len(literal), literal)
        self._client.send(data + b"\r\n")
        answer = Answer([], [])
        while True:
            line = await self._client.line()
            answer.lines.append(line)
            if line.startswith(b"t "):
                return answer
            while (found := re.search(rb"\{(\d+)\}$", line)) is not None:
                answer.literals.append(await self._client.octets(int(found[1])))
                line = await self._client.line()

    async def ok(self, command: str, literal: bytes | None = None) -> Answer:
        answer = await self.do(command, literal)
        assert answer.ok, (command, answer.lines[-1])
        return answer

    async def refused(self, command: str, literal: bytes | None = None) -> str:
        """The response code with which a command is refused."""
        answer = await self.do(command, literal)
        assert answer.tagged.startswith("NO"), (command, answer.lines[-1])
        return answer.code

    async def subjects(self, mailbox: str) -> dict[str, int]:
        """Subject to UID of all messages of a mailbox."""
        await self.ok(f'EXAMINE "{mailbox}"')
        answer = await self.ok("UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        # Flags that changed by themselves are told too, without a literal.
        lines = [line for line in answer.untagged("FETCH") if line.endswith("}")]
        uids = [int(re.search(r"UID (\d+)", line)[1]) for line in lines]  # type: ignore[index]
        texts = [text.decode().removeprefix("Subject:").strip() for text in answer.literals]
        await self.ok("UNSELECT")
        return dict(zip(texts, uids, strict=True))

    async def names(self) -> set[str]:
        lines = (await self.ok('LIST "" "*"')).untagged("LIST")
        return {line.partition('"/" ')[2].strip('"') for line in lines}


@dataclass
class Bridge:
    """The account, the service, and a mail program."""

    house: House
    account: Account
    program: Program
    shared: Shared
    _clients: list[MemoryClient] = field(default_factory=list)

    # -- the service

    @property
    def messages(self) -> Mapping[str, Message]:
        return self.house.demo.mailbox.messages

    def by_subject(self, subject: str) -> list[Message]:
        """What the service has under this subject."""
        return [each for each in self.messages.values() if each.subject == subject]

    def labels(self, subject: str) -> set[str]:
        """Names of the labels that the one message of this subject has at the service."""
        (message,) = self.by_subject(subject)
        return {self.house.demo.mailbox.labels[label].name for label in message.labels}

    def look(self) -> None:
        """Have the account ask for events now."""
        self.house.link.set(Link(wakes=self.house.link.value.wakes + 1))

    # -- what tests start from

    async def mails(self, count: int = 1, mailbox: str = "INBOX") -> list[str]:
        """Deliver messages of the subjects that are returned, and put them into a mailbox."""
        subjects = [f"Mail {next(_numbers)}" for _ in range(count)]
        for subject in subjects:
            self.house.server.world.deliver(
                Letter(subject, Person("C", "c@outside.example"), (), f"Text of {subject}.\n", int(NEWEST) + 1),
                "anna@bridge.example",
            )
        self.look()
        await self.until_here("INBOX", subjects)
        if mailbox != "INBOX":
            uids = await self.uids("INBOX", subjects)
            await self.program.ok("SELECT INBOX")
            await self.program.ok(f'UID MOVE {uids} "{mailbox}"')
            await self.settled()
        return subjects

    async def new(self, kind: str = "Folders") -> str:
        """A new folder or label."""
        name = f"{kind}/new {next(_numbers)}"
        await self.program.ok(f'CREATE "{name}"')
        return name

    async def uids(self, mailbox: str, subjects: Iterable[str]) -> str:
        found = await self.program.subjects(mailbox)
        return ",".join(str(found[subject]) for subject in subjects)

    async def until_here(self, mailbox: str, subjects: Iterable[str]) -> None:
        wanted = set(subjects)
        async with asyncio.timeout(10):
            while not wanted <= set(await self.program.subjects(mailbox)):  # noqa: ASYNC110 - an event of the service brings it
                await asyncio.sleep(0.02)

    async def settled(self) -> None:
        """Wait until the service has been told all changes."""
        store = self.account._opened()
        async with asyncio.timeout(10):
            while await store.queue_next(1) is not None:  # noqa: ASYNC110 - the account drains it
                await asyncio.sleep(0.01)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - what is waited for happens at the service
                await asyncio.sleep(0.01)

    async def another(self) -> Program:
        """A second program."""
        return await self._signed_in("anna")

    async def another_of(self, address_id: str) -> Program:
        """A program that sees one address's tree, as in split mode."""
        return await self._signed_in(address_id)

    async def _signed_in(self, username: str) -> Program:
        client = MemoryClient(self.shared)
        self._clients.append(client)
        await client.line()
        program = Program(client)
        await program.ok(f'LOGIN "{username}" password')
        return program

    async def close(self) -> None:
        for client in self._clients:
            await client.close()


class _Backend:
    """Lets everybody in: `anna` to the whole account, an address's id to that address's tree."""

    def __init__(self, account: Account) -> None:
        self._account = account

    @property
    def server_id(self) -> Mapping[str, str]:
        return {}

    async def login(self, username: str, password: Secret[str], peer: Peer) -> User:
        return self._account.imap_user(Access.FULL, None if username == "anna" else AddressId(username))


@asynccontextmanager
async def open_bridge(key_cache: Path, folder: Path) -> AsyncIterator[Bridge]:
    async with open_house(key_cache, folder) as house, house.account() as account:
        await house.until(complete)
        shared = Shared(_Backend(account))
        bridge = Bridge(house, account, None, shared)  # type: ignore[arg-type]
        bridge.program = await bridge.another()
        try:
            yield bridge
        finally:
            await bridge.close()
