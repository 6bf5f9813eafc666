"""Conversations as text, as the RFCs write them.

    # a remark
    = deliver INBOX plain \\Seen      something happens at the server, see `Stage`
    1 C: a NOOP                       client 1 says this line
    1 S: * 3 EXISTS                   and is told exactly this one; `...` stands for any text

`= compressed 1` has client 1 compress from there on, and `= silent 1` wants nothing to have been said to it.
A client connects when it is first named; its greeting is read unless the transcript begins with it. With `= login 1 2`
clients sign in first. At the end nobody may have been told more than is written.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.imap.clients import Client, DeflateClient
from tests.imap.memory import MemoryStore

FOLDER = Path(__file__).parent.parent / "conversations" / "imap"

MAILS: dict[str, bytes] = {
    "plain": b"""From: Ann <ann@example.org>
To: Bob <bob@example.com>
Subject: Lunch
Date: Mon, 5 Feb 2024 10:00:00 +0100
Message-ID: <lunch@example.org>

Shall we?
""",
    "reply": b"""From: Bob <bob@example.com>
To: Ann <ann@example.org>
Subject: Re: Lunch
Date: Mon, 5 Feb 2024 11:00:00 +0100
Message-ID: <reply@example.com>
In-Reply-To: <lunch@example.org>
References: <lunch@example.org>

Yes, at noon.
""",
    "other": b"""From: Carol <carol@example.net>
To: Bob <bob@example.com>
Cc: Ann <ann@example.org>
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Date: Tue, 6 Feb 2024 09:30:00 +0000
Message-ID: <other@example.net>
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Viele Gr=C3=BC=C3=9Fe aus K=C3=B6ln
""",
    "mixed": b"""From: Ann <ann@example.org>
To: Bob <bob@example.com>
Subject: Picture
Date: Wed, 7 Feb 2024 08:00:00 +0000
Message-ID: <picture@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

preamble
--b
Content-Type: text/plain

See it
--b
Content-Type: application/octet-stream; name=a.bin
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename=a.bin

AAECAw==
--b
Content-Type: message/rfc822

Subject: inner
From: x@example.org

inner text
--b--
""",
}

ODD_MAILS: dict[str, bytes] = {
    "odd": b"""Subject: odd
Content-Type: text/plain
Content-Transfer-Encoding: x-odd

text
""",
}

DATES = {"plain": 1707123600, "reply": 1707127200, "other": 1707211800, "mixed": 1707292800}
NOW = 1_700_000_000


class Stage:
    """What a transcript can make happen at the server. Each method is a directive."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store

    def deliver(self, mailbox: str, mail: str, *flags: str) -> None:
        self.store.deliver(MAILS.get(mail) or ODD_MAILS[mail], mailbox, flags, DATES.get(mail, NOW))

    def absent(self, mailbox: str, uid: str) -> None:
        """The message's text is not at hand."""
        self.store.boxes[mailbox].messages[int(uid)].present = False

    def offline(self) -> None:
        """What is absent cannot be had."""
        self.store.offline = True

    def arrive(self) -> None:
        self.store.arrive()

    def vanish(self, mailbox: str, *uids: str) -> None:
        """Messages are removed from elsewhere."""
        self.store.boxes[mailbox].remove([int(uid) for uid in uids])

    def revoke(self, text: str) -> None:
        for user in list(self.store.users):
            user.revoke(text)

    def few_keywords(self) -> None:
        """No further set of flags can be kept."""
        self.store.keyword_limit = len(self.store.table)

    def readonly(self) -> None:
        """Passwords may only read."""
        self.store.read_only = True


Connect = Callable[[], Awaitable[Client]]

_LINE = re.compile(r"(\d) ([CS]): ?(.*)")


def read(path: Path) -> list[tuple[int, str]]:
    """The numbered lines of a transcript that say something."""
    lines = enumerate(path.read_text("utf-8").splitlines(), 1)
    return [(number, text) for number, text in lines if text and not text.startswith("#")]


async def play(name_of: str, lines: list[tuple[int, str]], store: MemoryStore, connect: Connect) -> None:
    """Run one transcript; fail at the first line that differs."""
    stage = Stage(store)
    clients: dict[str, Client] = {}
    logged_in: set[str] = set()

    async def client(name: str, line: str) -> Client:
        if name not in clients:
            clients[name] = await connect()
            if not line.startswith("* "):
                greeting = await clients[name].line()
                assert greeting.startswith(b"* OK"), greeting
            if name in logged_in:
                clients[name].send(b"login LOGIN user pass\r\n")
                answer = await clients[name].line()
                assert answer.startswith(b"login OK"), answer
        return clients[name]

    try:
        for number, text in lines:
            where = f"{name_of}:{number}"
            if text.startswith("= "):
                word, *arguments = text[2:].split()
                if word == "login":
                    logged_in.update(arguments)
                elif word == "compressed":
                    clients[arguments[0]] = DeflateClient(clients[arguments[0]])
                elif word == "silent":
                    told = await clients[arguments[0]].rest()
                    assert told == b"", f"{where}: {told!r}"
                else:
                    getattr(stage, word)(*arguments)
                continue
            found = _LINE.fullmatch(text)
            assert found, f"{where}: not understood: {text}"
            name, side, line = found.groups()
            who = await client(name, line if side == "S" else "")
            if side == "C":
                who.send(line.encode("utf-8") + b"\r\n")
                continue
            told = (await who.line()).decode("utf-8", "replace")
            wanted = ".*".join(re.escape(piece) for piece in line.split("..."))
            assert re.fullmatch(wanted, told, re.DOTALL), f"{where}\n  wanted {line}\n  told   {told}"
        for name, who in clients.items():
            rest = await who.rest()
            assert rest == b"", f"{name_of}: client {name} was also told {rest!r}"
    finally:
        for who in clients.values():
            await who.close()


TRANSCRIPTS = sorted(FOLDER.glob("*.txt"))
