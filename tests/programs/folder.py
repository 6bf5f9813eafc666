"""A mailbox of its own for each test of a mail program, filled and looked at through imaplib."""

from __future__ import annotations

import contextlib
import imaplib
import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.programs.core import DemoCore, signed_in

MAIL = """From: Ann <ann@example.org>
To: Bob <bob@example.com>
Subject: {subject}
Date: Mon, 5 Feb 2024 10:00:00 +0100
Message-ID: <{id}@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{text}
"""


def mail(subject: str, text: str = "Hello.") -> bytes:
    """A small message as a mail program would store it."""
    return MAIL.format(subject=subject, text=text, id=uuid.uuid4().hex).replace("\n", "\r\n").encode()


@dataclass
class Folder:
    """A mailbox, and another one to move things to."""

    imap: imaplib.IMAP4
    name: str
    other: str

    def put(self, subject: str, text: str = "Hello.", flags: str = "") -> None:
        """Store a message by APPEND."""
        status, answer = self.imap.append(f'"{self.name}"', flags, "", mail(subject, text))
        assert status == "OK", answer

    def flags(self, name: str | None = None) -> dict[str, set[str]]:
        """Subject to flags of all messages."""
        self.imap.select(f'"{name or self.name}"', readonly=True)
        found: dict[str, set[str]] = {}
        _, data = self.imap.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        for item in data:
            if isinstance(item, tuple):
                flags = re.search(rb"FLAGS \(([^)]*)\)", item[0])
                assert flags
                found[item[1].decode().strip().removeprefix("Subject: ")] = set(flags[1].decode().split())
        self.imap.unselect()
        return found

    def subjects(self, name: str | None = None) -> set[str]:
        return set(self.flags(name))

    def wait(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        """Wait until something that another session does is seen here too."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "this did not come about"
            time.sleep(0.05)


@contextlib.contextmanager
def new_folder(core: DemoCore, address: str, start: str = "") -> Iterator[Folder]:
    """Two new mailboxes below Folders/, gone at the end."""
    imap = signed_in(core, address)
    key = f"{start}{uuid.uuid4().hex[:8]}"
    folder = Folder(imap, f"Folders/{key}", f"Folders/{key}-other")
    try:
        for name in (folder.name, folder.other):
            assert imap.create(f'"{name}"')[0] == "OK"
        yield folder
    finally:
        for name in (folder.name, folder.other):
            imap.delete(f'"{name}"')
        imap.logout()
