"""Libraries that other programs are built on: imaplib, IMAPClient, aioimaplib, imapflow. Each reads, searches, flags,
moves, stores, deletes, and (but for imaplib, which cannot) waits in IDLE."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aioimaplib
import imapclient
import pytest

from tests.programs.core import DemoCore, Program, program, signed_in
from tests.programs.folder import Folder, mail, new_folder

pytestmark = [pytest.mark.programs, pytest.mark.timeout(120)]

NODE = Path(__file__).parent.parent / "imap" / "node"

MAILS = (("one", "Nothing here."), ("two", "A rare quokka."), ("three", "x"), ("four", "y"))
"""Each test flags `two`, moves `three`, deletes `four`, stores `five`, and is told of `six`."""


@pytest.fixture
def address(demo_core: DemoCore) -> str:
    return demo_core.sign_in(0)


@pytest.fixture
def folder(demo_core: DemoCore, address: str) -> Iterator[Folder]:
    with new_folder(demo_core, address) as folder:
        for subject, text in MAILS:
            folder.put(subject, text)
        yield folder


def as_it_should_be(folder: Folder, *more: str) -> None:
    """What all tests leave behind."""
    found = folder.flags()
    assert set(found) == {"one", "two", "five", *more}
    assert "\\Flagged" in found["two"]
    assert folder.subjects(folder.other) == {"three"}


def trusting(core: DemoCore) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=core.certificate)


def test_imaplib(demo_core: DemoCore, address: str, folder: Folder) -> None:
    """The way scripts move: COPY, STORE and EXPUNGE with the same sequence numbers."""
    with signed_in(demo_core, address) as imap:
        assert imap.select(f'"{folder.name}"') == ("OK", [b"4"])
        assert imap.search(None, "BODY", "quokka") == ("OK", [b"2"])
        _, data = imap.fetch("2", "(BODY[])")
        assert b"A rare quokka." in data[0][1]
        imap.store("2", "+FLAGS", "\\Flagged")
        assert imap.copy("3", f'"{folder.other}"')[0] == "OK"
        assert imap.store("3", "+FLAGS", "\\Deleted")[0] == "OK"
        imap.store("4", "+FLAGS", "\\Deleted")
        assert imap.expunge()[0] == "OK"
        assert imap.append(f'"{folder.name}"', "\\Seen", "", mail("five"))[0] == "OK"
        assert imap.uid("SORT", "(REVERSE SUBJECT)", "UTF-8", "ALL")[0] == "OK"
    as_it_should_be(folder)


def test_imapclient(demo_core: DemoCore, address: str, folder: Folder) -> None:
    made = demo_core.add_program("IMAPClient", address)
    client = imapclient.IMAPClient("127.0.0.1", demo_core.imap_port, ssl=False)
    try:
        client.starttls(trusting(demo_core))
        client.login(made.username, made.password)
        assert client.find_special_folder(b"\\Sent") == "Sent"
        assert client.select_folder(folder.name)[b"EXISTS"] == 4
        two, three, four = (client.search(["SUBJECT", name])[0] for name in ("two", "three", "four"))
        assert client.search(["TEXT", "quokka"]) == [two]
        fetched = client.fetch([two], ["BODY.PEEK[]", "ENVELOPE", "BODYSTRUCTURE", "FLAGS"])[two]
        assert fetched[b"ENVELOPE"].subject == b"two"
        assert b"A rare quokka." in fetched[b"BODY[]"]
        client.add_flags([two], [imapclient.FLAGGED])
        client.move([three], folder.other)
        client.delete_messages([four])
        client.uid_expunge([four])
        client.append(folder.name, mail("five"), [imapclient.SEEN])
        client.noop()
        client.idle()
        folder.put("six")
        heard = client.idle_check(timeout=10)
        client.idle_done()
        assert (4, b"EXISTS") in heard
    finally:
        client.logout()
    as_it_should_be(folder, "six")


async def test_aioimaplib(demo_core: DemoCore, address: str, folder: Folder) -> None:
    made = demo_core.add_program("aioimaplib", address)
    client = aioimaplib.IMAP4_SSL("127.0.0.1", demo_core.imap_port, ssl_context=trusting(demo_core))
    await client.wait_hello_from_server()
    assert (await client.login(made.username, made.password)).result == "OK"
    assert (await client.select(f'"{folder.name}"')).result == "OK"
    answer = await client.uid_search("BODY quokka")
    assert answer.lines[0] == b"2"
    answer = await client.uid("fetch", "2", "(FLAGS BODY.PEEK[])")
    assert any(b"A rare quokka." in bytes(line) for line in answer.lines)
    assert (await client.uid("store", "2", "+FLAGS", "(\\Flagged)")).result == "OK"
    assert (await client.uid("move", "3", f'"{folder.other}"')).result == "OK"
    await client.uid("store", "4", "+FLAGS", "(\\Deleted)")
    assert (await client.expunge()).result == "OK"
    assert (await client.append(mail("five"), f'"{folder.name}"', "\\Seen")).result == "OK"
    await client.noop()
    idle = await client.idle_start(timeout=10)
    await asyncio.to_thread(folder.put, "six")
    assert b"4 EXISTS" in await client.wait_server_push(timeout=10)
    client.idle_done()
    await asyncio.wait_for(idle, 10)
    await client.logout()
    await asyncio.to_thread(as_it_should_be, folder, "six")


def test_imapflow(demo_core: DemoCore, address: str, folder: Folder) -> None:
    made = demo_core.add_program("imapflow", address)
    told = drive_imapflow(demo_core, made, folder)
    assert told["exists"] == 4
    assert told["found"] == [2]
    assert "A rare quokka." in told["text"]
    assert told["subject"] == "two"
    assert told["heard"] == 4
    assert {"path": "Sent", "specialUse": "\\Sent"} in told["folders"]
    as_it_should_be(folder, "six")


def drive_imapflow(core: DemoCore, made: Program, folder: Folder) -> dict[str, Any]:
    """Run drive.mjs; when it says that it waits, store `six`."""
    wishes = {
        "port": core.imap_port,
        "user": made.username,
        "password": made.password,
        "certificate": core.certificate,
        "folder": folder.name,
        "other": folder.other,
        "mail": mail("five").decode(),
    }
    with subprocess.Popen(
        [program("node"), str(NODE / "drive.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(wishes) + "\n")
        process.stdin.close()
        assert process.stdout.readline() == "waiting\n"
        folder.put("six")
        told: dict[str, Any] = json.loads(process.stdout.read())
    return told
