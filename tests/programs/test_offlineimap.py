"""offlineimap3 keeps a Maildir and the account the same, both ways."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs.core import DemoCore, program, run
from tests.programs.folder import Folder, mail, new_folder

pytestmark = [pytest.mark.programs, pytest.mark.timeout(120)]

CONFIG = """
[general]
accounts = bridge
metadata = {home}/metadata
ui = basic

[Account bridge]
localrepository = here
remoterepository = there

[Repository here]
type = Maildir
localfolders = {home}/mail
sep = .
nametrans = lambda name: name.replace('.', '/')

[Repository there]
type = IMAP
remotehost = 127.0.0.1
remoteport = {port}
remoteuser = {user}
remotepass = {password}
ssl = {ssl}
starttls = {starttls}
sslcacertfile = {certificate}
folderfilter = lambda name: name in ('{name}', '{other}')
nametrans = lambda name: name.replace('/', '.')
"""


@pytest.fixture
def folder(demo_core: DemoCore) -> Iterator[Folder]:
    with new_folder(demo_core, demo_core.sign_in(0), "offline-") as folder:
        yield folder


class Mirror:
    def __init__(self, core: DemoCore, folder: Folder, home: Path, *, starttls: bool) -> None:
        made = core.add_program("offlineimap", core.sign_in(0))
        self.home = home
        self.folder = folder
        self.config = home / "offlineimaprc"
        self.config.write_text(
            CONFIG.format(
                home=home,
                port=core.imap_port,
                user=made.username,
                password=made.password.replace("%", "%%"),
                certificate=core.certificate,
                ssl="no" if starttls else "yes",
                starttls="yes" if starttls else "no",
                name=folder.name,
                other=folder.other,
            )
        )
        self.config.chmod(0o600)

    def sync(self) -> str:
        return run(program("offlineimap"), "-o", "-c", str(self.config), env={"HOME": str(self.home)})

    def files(self, name: str) -> dict[str, Path]:
        """Subject to file."""
        found: dict[str, Path] = {}
        for file in (self.home / "mail" / name.replace("/", ".")).glob("[cn]*/*"):
            text = file.read_text()
            found[text.partition("Subject: ")[2].partition("\n")[0]] = file
        return found


@pytest.mark.parametrize("starttls", [True, False], ids=["STARTTLS", "TLS"])
def test_both_ways(starttls: bool, demo_core: DemoCore, folder: Folder, tmp_path: Path) -> None:
    for subject in ("one", "two", "three"):
        folder.put(subject, f"This is {subject}.")
    mirror = Mirror(demo_core, folder, tmp_path, starttls=starttls)
    mirror.sync()
    here = mirror.files(folder.name)
    assert set(here) == {"one", "two", "three"}
    assert "This is two." in here["two"].read_text()

    # A flag, a move, a deletion and a new mail here; a new mail and a flag there.
    here["one"].rename(here["one"].parent.parent / "cur" / (here["one"].name.partition(":")[0] + ":2,FS"))
    here["two"].rename(tmp_path / "mail" / folder.other.replace("/", ".") / "new" / f"1.moved.{os.getpid()}")
    here["three"].unlink()
    (here["one"].parent.parent / "new" / f"1.written.{os.getpid()}").write_bytes(mail("four").replace(b"\r\n", b"\n"))
    folder.put("five")
    mirror.sync()
    assert {name: flags & {"\\Seen", "\\Flagged"} for name, flags in folder.flags().items()} == {
        "one": {"\\Seen", "\\Flagged"},
        "four": set(),
        "five": set(),
    }
    assert folder.subjects(folder.other) == {"two"}
    assert set(mirror.files(folder.name)) == {"one", "four", "five"}

    before = mirror.files(folder.name)
    mirror.sync()
    assert mirror.files(folder.name) == before
    assert folder.subjects() == {"one", "four", "five"}
