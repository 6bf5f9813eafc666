"""Where messages are opened and built: on the loop, in a thread, or in a process of its own, by their size.

Small messages, which most are, cost a millisecond or two, and handing them to a thread costs more than it frees: both
would fight for the interpreter's lock. Big ones are decrypted in a thread, where `cryptography` lets go of that lock,
and built there too when it is files that make them big: those are written piece by piece, and nobody looks into them.
A text of megabytes holds that lock for a tenth of a second, so it is built in another process, which is started when it
is needed and ended when it was idle for a while, as it takes memory.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

from bridge_gui.aio import off_loop
from bridge_gui.mime.message import Message, Undecryptable
from bridge_gui.mime.structure import scan
from bridge_gui.mime.words import text_parts
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.store.records import Literal
from bridge_gui.sync.literal import build_and_derive
from bridge_gui.sync.unseal import SealedMessage, Unsealed, unseal, with_signature

SMALL = 96 * 1024
"""Bytes up to which a message is handled on the loop."""
BIG = 1024 * 1024
"""Bytes of text from which on a message is built in another process."""
IDLE = 60.0
"""Seconds without a big message after which the process ends."""


class Workshop:
    """Shared by all accounts of the core."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="unseal")
        self._processes: ProcessPoolExecutor | None = None
        self._users = 0
        self._timer: asyncio.TimerHandle | None = None

    async def unseal(self, sealed: SealedMessage, ring: Sequence[UnlockedKey]) -> Unsealed:
        if sealed.weight <= SMALL:
            return unseal(sealed, ring)
        return await off_loop(self._threads, unseal, sealed, ring)

    async def check(self, unsealed: Unsealed, certificates: Sequence[Certificate], weight: int) -> Message:
        """The message with what its signature is worth."""
        if weight <= SMALL:
            return with_signature(unsealed, certificates)
        return await off_loop(self._threads, with_signature, unsealed, certificates)

    async def build(self, message: Message, weight: int) -> Literal:
        if weight <= SMALL:
            return build_and_derive(message)
        if weight <= BIG or await off_loop(self._threads, looked_into, message) <= BIG:
            return await off_loop(self._threads, build_and_derive, message)
        return await self._build_apart(_portable(message))

    async def _build_apart(self, message: Message) -> Literal:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._processes is None:
            self._processes = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        self._users += 1
        try:
            return await off_loop(self._processes, build_and_derive, message)
        except BrokenProcessPool:
            # It was killed, most likely for its memory: build here, and start another the next time.
            self._end_processes()
            return await off_loop(self._threads, build_and_derive, message)
        finally:
            self._users -= 1
            if not self._users and self._processes is not None:
                self._timer = asyncio.get_running_loop().call_later(IDLE, self._end_processes)

    def _end_processes(self) -> None:
        if self._processes is not None:
            self._processes.shutdown(wait=False, cancel_futures=False)
            self._processes = None

    async def close(self) -> None:
        """End the threads and the process; work under way is finished."""
        if self._timer is not None:
            self._timer.cancel()
        processes, self._processes = self._processes, None
        if processes is not None:
            await asyncio.to_thread(processes.shutdown)
        await asyncio.to_thread(self._threads.shutdown)


def looked_into(message: Message) -> int:
    """Bytes of what is searched for words."""
    if message.is_entity and not isinstance(message.body, Undecryptable):
        return sum(part.end - part.body for part in text_parts(scan(message.body)))
    return sum(
        _size(content)
        for content in (
            message.body,
            *(each.content for each in message.attachments if each.mime_type.lower().startswith(("text/", "message/"))),
        )
    )


def _size(content: bytes | memoryview | Undecryptable) -> int:
    return len(content.armored if isinstance(content, Undecryptable) else content)


def _portable(message: Message) -> Message:
    """The message without views of memory, which no other process can see."""
    return replace(
        message,
        attachments=[
            replace(each, content=bytes(each.content)) if isinstance(each.content, memoryview) else each
            for each in message.attachments
        ],
    )
