"""Ways to talk to the server in tests: in memory, through the sans-IO parts alone, and over a real socket with TLS."""

from __future__ import annotations

import asyncio
import ssl
import zlib
from typing import Protocol

from bridge_gui.imap.backend import Peer
from bridge_gui.imap.connection import Connection
from bridge_gui.imap.conversation import Conversation, Shared
from bridge_gui.imap.handlers.auth import greeting
from bridge_gui.imap.handlers.table import HANDLERS
from tests.imap.memory import MemoryStore

SILENCE = 0.02
"""Seconds in which nothing more comes, for tests over sockets that want to see nothing."""


class Client(Protocol):
    """What a test needs of a client."""

    def send(self, data: bytes) -> None: ...

    async def line(self) -> bytes:
        """The next line without CRLF; empty octets (b"") at the end of the conversation."""
        ...

    async def rest(self) -> bytes:
        """What has come and was not read, without waiting for more than is under way."""
        ...

    async def close(self) -> None: ...


class MemoryLink:
    """`conversation.Link` without a socket; TLS is only believed in."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.stirred = asyncio.Event()
        self.said = asyncio.Event()
        self.out = bytearray()
        self.closed = False
        self.timed_out = False
        self.busy = False
        self.can_start_tls = True

    async def flush(self) -> None:
        self._flush_now()

    def flush_soon(self) -> None:
        asyncio.get_running_loop().call_soon(self._flush_now)

    def _flush_now(self) -> None:
        self.out += self.connection.data_to_send()
        self.said.set()

    def time(self) -> float:
        return asyncio.get_running_loop().time()

    async def wait(self, timeout: float) -> bool:
        if self.timed_out:
            return False
        await self.stirred.wait()
        self.stirred.clear()
        return not self.timed_out

    def stir(self) -> None:
        self.stirred.set()

    def stir_later(self, delay: float) -> None:
        asyncio.get_running_loop().call_soon(self.stirred.set)

    def working(self, busy: bool) -> None:
        self.busy = busy

    async def start_tls(self) -> None:
        self.said.set()


class MemoryClient:
    """A client in the server's own loop; `piece` cuts what it sends into pieces of that size."""

    def __init__(self, shared: Shared, *, tls: bool = True, piece: int = 0) -> None:
        self.connection = Connection(tls=tls)
        self.link = MemoryLink(self.connection)
        self.conversation = Conversation(shared, self.connection, self.link, Peer("127.0.0.1", 1, tls))
        self._piece = piece
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            await self.conversation.converse(HANDLERS, greeting(self.conversation))
        finally:
            self.link.closed = True
            self.link.said.set()

    def send(self, data: bytes) -> None:
        step = self._piece or len(data) or 1
        for start in range(0, len(data), step):
            self.connection.receive_data(data[start : start + step])
            if self.conversation.begin():
                self.link.stir()
            self.link._flush_now()

    async def line(self) -> bytes:
        out = self.link.out
        async with asyncio.timeout(5):
            while b"\r\n" not in out:
                if self.link.closed:
                    rest = bytes(out)
                    out.clear()
                    return rest
                self.link.said.clear()
                await self.link.said.wait()
        end = out.index(b"\r\n")
        line = bytes(out[:end])
        del out[: end + 2]
        return line

    async def octets(self, count: int) -> bytes:
        """So many octets: a literal."""
        out = self.link.out
        async with asyncio.timeout(5):
            while len(out) < count:
                self.link.said.clear()
                await self.link.said.wait()
        taken = bytes(out[:count])
        del out[:count]
        return taken

    async def rest(self) -> bytes:
        for _ in range(20):
            await asyncio.sleep(0)
        rest = bytes(self.link.out)
        self.link.out.clear()
        return rest

    async def close(self) -> None:
        self.link.closed = True
        self.link.stir()
        await asyncio.wait([self._task], timeout=5)
        if not self._task.cancelled():
            self._task.result()


class SocketClient:
    """A client over a real connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, port: int, context: ssl.SSLContext | None) -> SocketClient:
        name = "localhost" if context is not None else None
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name))

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def line(self) -> bytes:
        async with asyncio.timeout(5):
            return (await self.reader.readline()).removesuffix(b"\r\n")

    async def rest(self) -> bytes:
        try:
            async with asyncio.timeout(SILENCE):
                return await self.reader.read(1 << 20)
        except TimeoutError:
            return b""

    async def start_tls(self, context: ssl.SSLContext) -> None:
        await self.writer.start_tls(context, server_hostname="localhost")

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except (ConnectionError, ssl.SSLError):
            return  # the server was quicker


class DeflateClient:
    """A client after COMPRESS=DEFLATE (RFC 4978): raw deflate both ways, over another one."""

    def __init__(self, plain: Client) -> None:
        self._plain = plain
        self._deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        self._inflate = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        self._read = b""

    def send(self, data: bytes) -> None:
        self._plain.send(self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH))

    async def line(self) -> bytes:
        async with asyncio.timeout(5):
            while b"\r\n" not in self._read:
                self._read += self._inflate.decompress(await self._plain.rest())
        line, _, self._read = self._read.partition(b"\r\n")
        return line

    async def rest(self) -> bytes:
        rest = self._read + self._inflate.decompress(await self._plain.rest())
        self._read = b""
        return rest

    async def close(self) -> None:
        await self._plain.close()


async def in_the_inbox(store: MemoryStore) -> MemoryClient:
    """A client that has signed in and selected the INBOX of that store."""
    client = MemoryClient(Shared(store))
    client.send(b"l LOGIN user pass\r\ns SELECT INBOX\r\n")
    assert b"s OK" in await client.rest()
    return client
