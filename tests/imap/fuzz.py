"""Hostile bytes for the IMAP server: `python -m tests.imap.fuzz --inputs 1000000 --seed 1` prints a report as JSON.

An input is a real client's line, or several, changed at random (octets flipped, pieces cut out, doubled, nested a
thousandfold, numbers made huge, literals announced), or noise. It is fed in random pieces to a connection that is in a
random state. Whatever comes must be a command or an answer, soon, and with little memory; a command must be read as
itself when it is written out; and the same bytes in other pieces must give the same. Some inputs go on to the handlers
and a mailbox, where nothing may fail inside the server.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import sys
import time
from dataclasses import asdict, dataclass

from bridge_gui.imap.commands import Command
from bridge_gui.imap.connection import Connection, State
from bridge_gui.imap.parse import parse
from bridge_gui.imap.wire import Limits, Raw, Reader
from tests.imap.clients import in_the_inbox
from tests.imap.encode import encode
from tests.imap.memory import MemoryStore
from tests.imap.transcript import MAILS, NOW, TRANSCRIPTS, read

STATES = (State.NOT_AUTHENTICATED, State.AUTHENTICATED, State.SELECTED, State.SELECTED, State.SELECTED)
SLOW = 0.25
"""Seconds of the processor for one input that are too many, for up to 64 KB."""
GROWTH_MB = 64
"""Memory by which the process may grow."""
WHOLE_EVERY = 50
"""One input of so many goes through a whole conversation."""
SPLIT_EVERY = 8
"""One input of so many is fed a second time, in other pieces, and its commands are written out and read again."""

_PIECES = (
    b" ", b"  ", b"\r\n", b"\n", b"\r", b"\0", b"\x7f", b"\xff", b"(", b")", b"((((", b"))", b"[", b"]", b"<", b">",
    b"{", b"}", b"{3}\r\n", b"{3+}\r\nabc", b"~{2+}\r\n\0\0", b"{99999999999999999999}\r\n", b"{4294967296+}\r\n",
    b'"', b'\\"', b"\\", b"%", b"*", b"+", b"$", b"NIL", b"0", b"-1", b"4294967295", b"4294967296",
    b"18446744073709551616",
    b"1:*",
    b"1:4294967295", b"*:*", b",", b",,", b":", b"NOT ", b"OR ", b"BODY[", b"HEADER.FIELDS (", b"CHARSET x ", b"UID ",
    "ü".encode(), "ü".encode("latin-1"), b"&-", b"&AAA", b"&ZZZZ-", b"/", b"//", b"RETURN (", b"$Label1", b"\\Seen",
)  # fmt: skip


@dataclass
class Report:
    """What happened; times in seconds."""

    inputs: int = 0
    octets: int = 0
    commands: int = 0
    answers: int = 0
    split: int = 0
    """Inputs that gave the same in other pieces."""
    written: int = 0
    """Commands that were read as themselves when they were written out."""
    conversations: int = 0
    slowest: float = 0.0
    slowest_octets: int = 0
    seconds: float = 0.0
    grown_mb: float = 0.0


class Fuzzer:
    """Makes inputs from a seed, the same for the same seed, and tries them."""

    def __init__(self, seed: int, split_every: int = SPLIT_EVERY) -> None:
        self._random = random.Random(seed)
        self._split_every = split_every
        self._lines = [
            text.partition("C: ")[2].encode() for path in TRANSCRIPTS for _, text in read(path) if text[1:4] == " C:"
        ]
        self.report = Report()

    def input(self) -> bytes:
        choose = self._random
        kind = choose.random()
        if kind < 0.02:
            return choose.randbytes(choose.randint(1, 300)) + b"\r\n"
        line = b"\r\n".join(choose.choice(self._lines) for _ in range(choose.choice((1, 1, 1, 2, 3))))
        for _ in range(choose.choice((0, 1, 1, 2, 4, 8))):
            line = self._changed(line)
        return line + b"\r\n"

    def _changed(self, line: bytes) -> bytes:
        choose = self._random
        at, other = sorted((choose.randint(0, len(line)), choose.randint(0, len(line))))
        match choose.randrange(8):
            case 0:
                return line[:at] + bytes([choose.randrange(256)]) + line[at + 1 :]
            case 1:
                return line[:at] + line[other:]
            case 2:
                return line[:other] + line[at:other] + line[other:]
            case 3 | 4 | 5:
                return line[:at] + choose.choice(_PIECES) + line[at:]
            case 6:
                times = choose.choice((2, 20, 2000)) if len(line) < 200 else 2
                return line[:at] + (choose.choice(_PIECES) * times) + line[at:]
            case _:
                return line[:at] + choose.choice(self._lines)[other - at :]

    def pieces(self, data: bytes) -> list[bytes]:
        cuts = sorted(self._random.randint(0, len(data)) for _ in range(self._random.choice((0, 1, 3))))
        return [data[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True)]

    def one(self) -> None:
        """Make an input and try it."""
        data = self.input()
        state = self._random.choice(STATES)
        start = time.thread_time()
        first = self._fed(self.pieces(data), state)
        seconds = time.thread_time() - start
        report = self.report
        report.inputs += 1
        report.octets += len(data)
        report.commands += first[0].count("(")
        report.answers += first[1].count(b"\r\n")
        if seconds > report.slowest:
            report.slowest, report.slowest_octets = round(seconds, 4), len(data)
        assert seconds < SLOW * max(1, len(data) / 65_536), f"{seconds:.2f} s for {data[:2000]!r}"
        if report.inputs % self._split_every == 0:
            assert self._fed(self.pieces(data), state) == first, data[:2000]
            report.split += 1
            for command in self._commands(data, state):
                if "\N{REPLACEMENT CHARACTER}" in repr(command):
                    continue  # octets that are no text
                assert parse(_raw(encode(command))) == command, command
                report.written += 1

    @staticmethod
    def _fed(pieces: list[bytes], state: State) -> tuple[str, bytes]:
        """The commands that came out, in words, and what was answered."""
        connection = Connection(tls=True, append_limit=1_000_000)
        connection.move_to(state)
        found: list[str] = []
        for piece in pieces:
            connection.receive_data(piece)
            while (event := connection.next_event()) is not None:
                found.append(repr(event))
        assert connection.buffered <= connection.most_buffered
        return "".join(found), connection.data_to_send()

    @staticmethod
    def _commands(data: bytes, state: State) -> list[Command]:
        connection = Connection(tls=True, append_limit=1_000_000)
        connection.move_to(state)
        connection.receive_data(data)
        return [event for event in iter(connection.next_event, None) if isinstance(event, Command)]

    async def conversation(self, rounds: int = 4) -> None:
        """Inputs to a session with a mailbox: nothing may fail inside the server."""
        store = MemoryStore(now=NOW)
        for mail in MAILS.values():
            store.deliver(mail)
        client = await in_the_inbox(store)
        for _ in range(rounds):
            client.send(self.input())
            said = await client.rest()
            assert b"SERVERBUG" not in said, said[-500:]
        self.report.conversations += 1
        await client.close()

    async def run(self, inputs: int) -> Report:
        begin = time.perf_counter()
        before = _peak_mb()
        for number in range(inputs):
            self.one()
            if number % WHOLE_EVERY == 0:
                await self.conversation()
        self.report.seconds = round(time.perf_counter() - begin, 1)
        self.report.grown_mb = round(_peak_mb() - before, 1)
        assert self.report.grown_mb < GROWTH_MB
        return self.report


def _raw(line: bytes) -> Raw:
    reader = Reader(Limits(), lambda line: 1 << 20)
    reader.line_limit = 1 << 20
    reader.feed(line)
    event = reader.next_event()
    assert isinstance(event, Raw), line[:2000]
    return event


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split-every", type=int, default=SPLIT_EVERY, help="one input of so many is split anew")
    arguments = parser.parse_args()
    report = asyncio.run(Fuzzer(arguments.seed, arguments.split_every).run(arguments.inputs))
    sys.stdout.write(json.dumps({"seed": arguments.seed, **asdict(report)}) + "\n")


if __name__ == "__main__":
    main()
