"""mbsync pulls a whole account; a second run moves nothing; flags travel both ways."""

from __future__ import annotations

import imaplib
import re
from pathlib import Path

import pytest

from tests.programs.core import DemoCore, program, run, signed_in

pytestmark = [pytest.mark.programs, pytest.mark.timeout(180)]

CONFIG = """
IMAPAccount bridge
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType {security}
CertificateFile {certificate}

IMAPStore remote
Account bridge

MaildirStore local
Path {folder}/
Inbox {folder}/INBOX
SubFolders Verbatim

Channel all
Far :remote:
Near :local:
Patterns * !"All Mail"
Create Near
Expunge Both
SyncState *
"""


class Mirror:
    """One maildir copy of an account, made by mbsync."""

    def __init__(self, core: DemoCore, folder: Path, security: str) -> None:
        self.address = core.sign_in(0)
        made = core.add_program(f"mbsync {security}", self.address)
        self.folder = folder / "mail"
        self.folder.mkdir()
        self.config = folder / "mbsyncrc"
        self.config.write_text(
            CONFIG.format(
                port=core.imap_port,
                user=made.username,
                password=made.password,
                security=security,
                certificate=core.certificate,
                folder=self.folder,
            )
        )
        self.config.chmod(0o600)

    def sync(self) -> str:
        return run(program("mbsync"), "-c", str(self.config), "-a", "-V", timeout=120)

    def files(self, mailbox: str) -> list[Path]:
        return [file for kind in ("new", "cur") for file in (self.folder / mailbox / kind).iterdir()]


def counts(imap: imaplib.IMAP4) -> dict[str, int]:
    """Messages in each mailbox that mbsync takes."""
    found: dict[str, int] = {}
    _, lines = imap.list()
    for line in lines:
        assert isinstance(line, bytes)
        match = re.match(rb'\((.*?)\) "/" "?(.*?)"?$', line)
        assert match, line
        name = match[2].decode()
        if b"Noselect" in match[1] or b"NonExistent" in match[1] or name == "All Mail":
            continue
        _, status = imap.status(f'"{name}"', "(MESSAGES)")
        assert status[0] is not None
        found[name] = int(re.search(rb"MESSAGES (\d+)", status[0])[1])  # type: ignore[index]
    return found


@pytest.mark.parametrize("security", ["STARTTLS", "IMAPS"])
def test_mirrors_the_account(demo_core: DemoCore, tmp_path: Path, security: str) -> None:
    mirror = Mirror(demo_core, tmp_path, security)
    mirror.sync()
    with signed_in(demo_core, mirror.address) as imap:
        expected = counts(imap)
    assert sum(expected.values()) > 100
    assert {name: len(mirror.files(name)) for name in expected} == expected

    before = {file: file.stat().st_mtime_ns for name in expected for file in mirror.files(name)}
    again = mirror.sync()
    assert not re.search(r"[+*#][1-9]", again.splitlines()[-1]), again[-600:]
    assert {file: file.stat().st_mtime_ns for name in expected for file in mirror.files(name)} == before


def test_flags_travel_both_ways(demo_core: DemoCore, tmp_path: Path) -> None:
    mirror = Mirror(demo_core, tmp_path, "STARTTLS")
    mirror.sync()

    unflagged = next(file for file in mirror.files("INBOX") if re.search(r",U=\d+(:2,[A-EG-Z]*)?$", file.name))
    uid = re.search(r",U=(\d+)", unflagged.name)
    assert uid
    name, _, flags = unflagged.name.partition(":2,")
    unflagged.rename(unflagged.parent.parent / "cur" / (name + ":2," + "".join(sorted({*flags, "F"}))))
    mirror.sync()
    with signed_in(demo_core, mirror.address) as imap:
        _, data = imap.uid("FETCH", uid[1], "(FLAGS)")
        assert b"\\Flagged" in data[0]

        imap.uid("STORE", uid[1], "-FLAGS", "(\\Flagged)")
        mirror.sync()
        after = next(file for file in mirror.files("INBOX") if f",U={uid[1]}:" in file.name)
        assert "F" not in after.name.partition(":2,")[2]
