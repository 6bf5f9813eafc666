"""What only a real socket shows: TLS both ways, back-pressure, signs of life, time-outs, the end; and real
programs' libraries."""

from __future__ import annotations

import asyncio
import imaplib
import random
import ssl
import time
import zlib
from collections.abc import Callable

import imapclient
import pytest

from bridge_gui.errors import PortBusy
from bridge_gui.imap import conversation
from bridge_gui.imap import server as server_module
from bridge_gui.imap.server import ImapServer
from tests.imap.clients import SocketClient
from tests.imap.memory import MemoryStore
from tests.imap.transcript import MAILS


async def signed_in(server: ImapServer, tls: ssl.SSLContext) -> SocketClient:
    client = await SocketClient.connect(server.port, tls)
    await client.line()
    client.send(b"l LOGIN user pass\r\n")
    assert (await client.line()).startswith(b"l OK")
    return client


async def until(client: SocketClient, tag: bytes) -> list[bytes]:
    """Lines up to the tagged answer."""
    lines = [await client.line()]
    while not lines[-1].startswith(tag + b" "):
        lines.append(await client.line())
    return lines


async def test_starttls_drops_what_was_sent_ahead_of_it(server: ImapServer, client_tls: ssl.SSLContext) -> None:
    client = await SocketClient.connect(server.port, None)
    assert b"LOGINDISABLED" in await client.line()
    client.send(b"a STARTTLS\r\nb LOGIN user pass\r\n")
    assert (await client.line()).startswith(b"a OK")
    await client.start_tls(client_tls)
    client.send(b"c CAPABILITY\r\n")
    lines = await until(client, b"c")
    assert not any(line.startswith(b"b ") for line in lines)
    assert b"AUTH=PLAIN" in lines[0]
    assert b"STARTTLS" not in lines[0]
    client.send(b"d LOGIN user pass\r\n")
    assert (await client.line()).startswith(b"d OK")
    await client.close()


async def test_a_busy_port_is_told(server: ImapServer, store: MemoryStore, server_tls: ssl.SSLContext) -> None:
    with pytest.raises(PortBusy):
        await ImapServer(store).start(server.port, server_tls)


async def test_how_many_mailboxes_were_listed_is_told(
    server: ImapServer, store: MemoryStore, client_tls: ssl.SSLContext
) -> None:
    client = await signed_in(server, client_tls)
    for tag, arguments in ((b"a", b'"" "*"'), (b"b", b'"" INBOX'), (b"c", b'"" ""')):
        client.send(b"%s LIST %s\r\n" % (tag, arguments))
        await until(client, tag)
    assert store.users[0].listings == [len(await store.users[0].mailboxes()), 1]
    await client.close()


async def test_closing_says_bye_and_frees_the_backend(
    server: ImapServer, store: MemoryStore, client_tls: ssl.SSLContext
) -> None:
    client = await signed_in(server, client_tls)
    client.send(b"a SELECT INBOX\r\n")
    await until(client, b"a")
    user = store.users[0]
    await server.close()
    assert await client.line() == b"* BYE the server is shutting down"
    assert await client.line() == b""
    assert user.closed
    assert store.boxes["INBOX"].open == []
    await client.close()


async def test_a_client_that_vanishes_is_forgotten(
    server: ImapServer, store: MemoryStore, client_tls: ssl.SSLContext
) -> None:
    client = await signed_in(server, client_tls)
    client.send(b"a SELECT INBOX\r\nb IDLE\r\n")
    await until(client, b"+")
    client.writer.transport.abort()
    async with asyncio.timeout(5):
        while server.sessions:  # noqa: ASYNC110 - the server offers no event for it
            await asyncio.sleep(0.01)
    assert store.users == []


async def test_a_client_that_waits_for_absent_mail_gets_signs_of_life(
    server: ImapServer, store: MemoryStore, client_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "PATIENCE", 0.02)
    store.deliver(MAILS["plain"])
    store.boxes["INBOX"].messages[1].present = False
    client = await signed_in(server, client_tls)
    client.send(b"a SELECT INBOX\r\n")
    await until(client, b"a")
    client.send(b"b FETCH 1 BODY.PEEK[TEXT]\r\n")
    assert await client.line() == b"* OK still working on it"
    assert await client.line() == b"* OK still working on it"
    store.arrive()
    lines = await until(client, b"b")
    assert b"Shall we?" in lines
    await client.close()


async def test_a_large_message_goes_out_in_pieces(
    server: ImapServer, store: MemoryStore, client_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that takes its time gets it whole, without a sign of life within; our memory does not hold it twice."""
    monkeypatch.setattr(server_module, "PATIENCE", 0.01)
    large = b"Subject: large\r\n\r\n" + random.Random(1).randbytes(10_000_000).hex().encode()
    store.deliver(large)
    client = await signed_in(server, client_tls)
    client.send(b"a SELECT INBOX\r\n")
    await until(client, b"a")
    client.writer.transport.pause_reading()
    client.send(b"b FETCH 1 (BODY.PEEK[] BODY.PEEK[HEADER])\r\n")
    link = next(iter(server._links))
    for _ in range(20):
        await asyncio.sleep(0.01)
        assert link._transport.get_write_buffer_size() < 1_000_000
    client.writer.transport.resume_reading()
    head = b"* 1 FETCH (BODY[] {%d}\r\n" % len(large)
    async with asyncio.timeout(20):
        assert await client.reader.readexactly(len(head)) == head
        assert await client.reader.readexactly(len(large)) == large
    rest = b"".join(line + b"\r\n" for line in await until(client, b"b"))
    assert rest.startswith(b" BODY[HEADER] {18}\r\nSubject: large\r\n\r\n)\r\n")
    await client.close()


async def test_nobody_signs_in(server: ImapServer, client_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "LOGIN_TIMEOUT", 0.05)
    client = await SocketClient.connect(server.port, client_tls)
    await client.line()
    assert await client.line() == b"* BYE nobody signed in"
    assert await client.line() == b""
    await client.close()


async def test_a_slow_reader_holds_up_the_reading_not_the_memory(
    server: ImapServer, store: MemoryStore, client_tls: ssl.SSLContext
) -> None:
    """50 MB of mail, and a client that takes none of it: batches stop being asked for."""
    for _ in range(50):
        store.deliver(b"Subject: large\r\n\r\n" + b"x" * 1_000_000)
    client = await signed_in(server, client_tls)
    client.send(b"a SELECT INBOX\r\n")
    await until(client, b"a")
    client.writer.transport.pause_reading()
    client.send(b"b FETCH 1:* BODY.PEEK[]\r\n")
    link = next(iter(server._links))
    for _ in range(30):
        await asyncio.sleep(0.01)
    assert link._transport.get_write_buffer_size() < 4_000_000
    client.writer.transport.resume_reading()
    size = 0
    async with asyncio.timeout(20):
        while True:
            data = await client.reader.read(1 << 20)
            size += len(data)
            if data.endswith(b"b OK FETCH completed\r\n"):
                break
    assert size > 50_000_000
    await client.close()


async def test_compression(server: ImapServer, store: MemoryStore, client_tls: ssl.SSLContext) -> None:
    """COMPRESS=DEFLATE (RFC 4978), also when commands follow at once."""
    store.deliver(MAILS["plain"])
    client = await signed_in(server, client_tls)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    inflate = zlib.decompressobj(-15)
    follow = deflate.compress(b"b SELECT INBOX\r\nc FETCH 1 RFC822.SIZE\r\n") + deflate.flush(zlib.Z_SYNC_FLUSH)
    client.send(b"a COMPRESS DEFLATE\r\n" + follow)
    assert await client.line() == b"a OK DEFLATE active"
    told = b""
    while b"c OK" not in told:
        told += inflate.decompress(await client.reader.read(65536))
    assert b"RFC822.SIZE 156" in told
    client.send(deflate.compress(b"d COMPRESS DEFLATE\r\ne CAPABILITY\r\n") + deflate.flush(zlib.Z_SYNC_FLUSH))
    told = b""
    while b"e OK" not in told:
        told += inflate.decompress(await client.reader.read(65536))
    assert b"d NO [COMPRESSIONACTIVE]" in told
    assert b"COMPRESS=DEFLATE" not in told
    client.send(b"\xff\xff not deflate at all")
    rest = inflate.decompress(await client.reader.read())
    assert b"* BYE the compressed data is damaged" in rest
    await client.close()


async def test_the_log_of_a_session_holds_no_secrets_and_no_mail(
    server: ImapServer, store: MemoryStore, client_tls: ssl.SSLContext
) -> None:
    lines: list[str] = []
    store.deliver(b"Subject: topsecret\r\n\r\n* OK hidden words\r\nx OK hidden words\r\n")
    client = await signed_in(server, client_tls)
    store.users[0].trace(lines.append)
    client.send(
        b"a SELECT INBOX\r\nb FETCH 1 (ENVELOPE BODY.PEEK[])\r\nc SEARCH SUBJECT topsecret\r\nd CREATE Private\r\n"
    )
    await until(client, b"d")
    client.send(b'e APPEND Private {9+}\r\ntopsecret\r\nf nonsense topsecret\r\ng LIST "" Private\r\n')
    await until(client, b"g")
    text = "\n".join(lines)
    for secret in ("pass ", "topsecret", "hidden", "Private"):
        assert secret not in text
    for shown in ("C: b FETCH 1 (ENVELOPE BODY[])", "a OK [READ-WRITE]", "* 1 FETCH"):
        assert shown in text
    store.users[0].trace(None)
    count = len(lines)
    client.send(b"h NOOP\r\n")
    await until(client, b"h")
    assert len(lines) == count
    await client.close()


@pytest.mark.expects_log
async def test_an_error_inside_ends_this_session_only(
    server: ImapServer,
    store: MemoryStore,
    client_tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = await signed_in(server, client_tls), await signed_in(server, client_tls)

    def broken(name: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(store, "box", broken)
    first.send(b"a STATUS INBOX (MESSAGES)\r\n")
    assert (await first.line()).startswith(b"a NO [SERVERBUG]")
    assert (await first.line()).startswith(b"* BYE")
    second.send(b"a NOOP\r\n")
    assert (await second.line()).startswith(b"a OK")
    assert any("STATUS failed with ZeroDivisionError" in record.getMessage() for record in caplog.records)
    await first.close()
    await second.close()


async def test_compressed_data_that_swells_is_not_kept(
    server: ImapServer, store: MemoryStore, client_tls: ssl.SSLContext
) -> None:
    """A few kilobytes that inflate to a literal of gigabytes end the conversation."""
    client = await signed_in(server, client_tls)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    client.send(b"a COMPRESS DEFLATE\r\n")
    assert await client.line() == b"a OK DEFLATE active"
    large = deflate.compress(b"b NOOP " + b"x" * 40_000_000) + deflate.flush(zlib.Z_SYNC_FLUSH)
    client.send(large)
    assert b"this is more than a command may hold" in zlib.decompressobj(-15).decompress(await client.reader.read())
    await client.close()


async def test_many_idle_sessions_hear_of_a_mail_at_once(
    server: ImapServer, store: MemoryStore, client_tls: ssl.SSLContext
) -> None:
    clients = [await signed_in(server, client_tls) for _ in range(10)]
    for client in clients:
        client.send(b"a SELECT INBOX\r\nb IDLE\r\n")
        await until(client, b"+")
    began = time.perf_counter()
    store.deliver(MAILS["plain"])
    for client in clients:
        assert await client.line() == b"* 1 EXISTS"
    assert time.perf_counter() - began < 1
    for client in clients:
        await client.close()


# ------------------------------------------------------------------------------------------ client libraries


async def in_thread(work: Callable[[], None]) -> None:
    await asyncio.get_running_loop().run_in_executor(None, work)


async def test_imaplib(server: ImapServer, store: MemoryStore, client_tls: ssl.SSLContext) -> None:
    for mail in MAILS.values():
        store.deliver(mail)

    def work() -> None:
        with imaplib.IMAP4("localhost", server.port) as imap:
            imap.starttls(client_tls)
            imap.login("user", "pass")
            assert imap.select("INBOX") == ("OK", [b"4"])
            assert imap.search(None, "SUBJECT", "lunch") == ("OK", [b"1 2"])
            _, fetched = imap.fetch("1", "(FLAGS BODY.PEEK[])")
            assert fetched[0][1] == MAILS["plain"].replace(b"\n", b"\r\n")
            assert imap.store("1", "+FLAGS", "\\Flagged") == ("OK", [b"1 (FLAGS (\\Flagged))"])
            assert imap.copy("1:2", "Trash")[0] == "OK"
            assert imap.append("Drafts", "\\Draft", None, b"Subject: x\r\n\r\nhi\r\n")[0] == "OK"
            assert imap.status("Drafts", "(MESSAGES)") == ("OK", [b'"Drafts" (MESSAGES 1)'])
            imap.store("2", "+FLAGS", "\\Deleted")
            assert imap.expunge() == ("OK", [b"2"])
            assert imap.sort("(DATE)", "UTF-8", "ALL") == ("OK", [b"1 2 3"])
            assert imap.thread("REFERENCES", "UTF-8", "ALL") == ("OK", [b"(1)(2)(3)"])
            assert imap.close()[0] == "OK"
            assert imap.logout()[0] == "BYE"

    await in_thread(work)


async def test_imapclient(server: ImapServer, store: MemoryStore, client_tls: ssl.SSLContext) -> None:
    for mail in MAILS.values():
        store.deliver(mail)

    def work() -> None:
        client = imapclient.IMAPClient("localhost", server.port, ssl_context=client_tls)
        client.login("user", "pass")
        assert [name for _, _, name in client.list_folders()] == ["INBOX", "Drafts", "Sent", "Trash"]
        assert client.find_special_folder(b"\\Sent") == "Sent"
        assert client.select_folder("INBOX")[b"EXISTS"] == 4
        assert client.search(["SUBJECT", "Grüße"], charset="UTF-8") == [3]
        envelope = client.fetch([1], ["ENVELOPE", "INTERNALDATE", "BODYSTRUCTURE"])[1][b"ENVELOPE"]
        assert envelope.subject == b"Lunch"
        assert client.add_flags([1], [imapclient.FLAGGED]) == {1: (b"\\Flagged",)}
        client.move([2], "Trash")
        assert client.search() == [1, 3, 4]
        client.create_folder("Entwürfe")
        assert client.folder_exists("Entwürfe")
        client.idle()
        store_thread_safe(lambda: store.deliver(MAILS["plain"]))
        assert (4, b"EXISTS") in client.idle_check(timeout=5)
        client.idle_done()
        client.logout()

    loop = asyncio.get_running_loop()

    def store_thread_safe(work: Callable[[], object]) -> None:
        loop.call_soon_threadsafe(work)

    await in_thread(work)
