"""Programs that people use, against the reference backend: mbsync both ways, curl over both ways of TLS."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from bridge_gui.imap.server import ImapServer
from tests.imap.memory import MemoryStore
from tests.imap.transcript import MAILS

pytestmark = pytest.mark.programs


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}")


async def run(*command: str, home: Path) -> str:
    """Run a program; fail with what it said if it fails."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "TERM": "dumb", "LC_ALL": "C.UTF-8"},
    )
    async with asyncio.timeout(40):
        said, _ = await process.communicate()
    text = said.decode("utf-8", "replace")
    assert process.returncode == 0, text
    return text


def mbsync_config(folder: Path, port: int, pem: Path, tls: str) -> Path:
    (folder / "mail").mkdir()
    config = folder / "mbsyncrc"
    config.write_text(
        f"IMAPAccount a\nHost localhost\nPort {port}\nUser user\nPass pass\nSSLType {tls}\nCertificateFile {pem}\n"
        f"\nIMAPStore far\nAccount a\n"
        f"\nMaildirStore near\nPath {folder}/mail/\nInbox {folder}/mail/INBOX\nSubFolders Verbatim\n"
        "\nChannel all\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nExpunge Both\nSync All\nSyncState *\n"
    )
    return config


@needs("mbsync")
@pytest.mark.parametrize("tls", ["STARTTLS", "IMAPS"])
async def test_mbsync_both_ways(tls: str, server: ImapServer, store: MemoryStore, pem: Path, tmp_path: Path) -> None:
    for mail in MAILS.values():
        store.deliver(mail)
    config = str(mbsync_config(tmp_path, server.port, pem, tls))
    try:
        await run("mbsync", "-c", config, "all", home=tmp_path)
    except AssertionError as error:
        # mbsync reads the system's certificates between connecting and its ClientHello. If that takes longer than the
        # port's patience, the port has learned to be patient, and the next try succeeds (see aio_listen).
        if tls != "IMAPS" or "wrong version number" not in str(error):
            raise
        await run("mbsync", "-c", config, "all", home=tmp_path)
    here = sorted((tmp_path / "mail/INBOX").glob("*/*"))
    assert len([path for path in here if path.parent.name in ("new", "cur")]) == len(MAILS)

    before = len(store.boxes["INBOX"].expunged), store.boxes["INBOX"].snapshot.highest_modseq
    await run("mbsync", "-c", config, "all", home=tmp_path)
    assert (len(store.boxes["INBOX"].expunged), store.boxes["INBOX"].snapshot.highest_modseq) == before

    # A flag and a new mail here, a flag and an expunge there.
    first = next(path for path in sorted((tmp_path / "mail/INBOX").glob("*/*U=1:*")))
    first.rename(tmp_path / "mail/INBOX/cur" / (first.name.partition(":")[0] + ":2,FS"))
    (tmp_path / "mail/Drafts/new/1.1.host").write_bytes(b"From: a@b.c\nSubject: written here\n\nx\n")
    store.boxes["INBOX"].remove([2])
    await run("mbsync", "-c", config, "all", home=tmp_path)
    assert store.boxes["INBOX"].flags_of(1) == {"\\Seen", "\\Flagged"}
    assert [message.literal[-4:] for message in store.boxes["Drafts"].messages.values()] == [b"\nx\r\n"]
    assert not list((tmp_path / "mail/INBOX").glob("*/*U=2:*"))


@needs("curl")
@pytest.mark.parametrize("scheme", ["imap", "imaps"])
async def test_curl(scheme: str, server: ImapServer, store: MemoryStore, pem: Path, tmp_path: Path) -> None:
    store.deliver(MAILS["plain"])
    common = ("curl", "-sS", "--ssl-reqd", "--cacert", str(pem), "-u", "user:pass")
    base = f"{scheme}://localhost:{server.port}"
    assert "Shall we?" in await run(*common, f"{base}/INBOX;UID=1", home=tmp_path)
    assert "* LIST" in await run(*common, base, home=tmp_path)
    assert "* SEARCH 1" in await run(*common, f"{base}/INBOX?SUBJECT%20lunch", home=tmp_path)
    mail = tmp_path / "mail.eml"
    mail.write_bytes(b"Subject: up\r\n\r\nload\r\n")
    await run(*common, "-T", str(mail), f"{base}/Drafts", home=tmp_path)
    assert [message.literal for message in store.boxes["Drafts"].messages.values()] == [mail.read_bytes()]
