"""mutt and neomutt, driven by keys: read, search at the server, flag, move, delete, store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs.core import DemoCore, program
from tests.programs.folder import Folder, mail, new_folder
from tests.programs.terminal import run_in_terminal

pytestmark = [pytest.mark.programs, pytest.mark.timeout(120)]

CONFIG = """
set imap_user="{user}"
set imap_pass="{password}"
set folder="imap://127.0.0.1:{port}/"
set ssl_starttls=yes
set ssl_force_tls=yes
set certificate_file="{certificate}"
set mbox_type=mbox
set confirmappend=no
set confirmcreate=no
set delete=yes
set quit=yes
set wait_key=no
set move=no
set mark_old=no
set record=""
set auto_tag=no
set pager_stop=yes
set sort=mailbox-order
"""


class Mutt:
    """One of the two, with credentials of its own."""

    def __init__(self, name: str, core: DemoCore, address: str, home: Path) -> None:
        made = core.add_program(name, address)
        self.program = program(name)
        self.home = home
        self.config = home / "muttrc"
        self.config.write_text(
            CONFIG.format(user=made.username, password=made.password, port=core.imap_port, certificate=core.certificate)
        )
        self.config.chmod(0o600)

    def type(self, mailbox: str, keys: str) -> None:
        """Open a mailbox, press keys, quit."""
        run_in_terminal(
            *(self.program, "-n", "-F", str(self.config), "-f", mailbox, "-e", f'push "{keys}<quit>"'),
            env={"HOME": str(self.home), "LC_ALL": "C.UTF-8", "EDITOR": "true"},
        )


@pytest.fixture
def folder(demo_core: DemoCore) -> Iterator[Folder]:
    with new_folder(demo_core, demo_core.sign_in(0), "mutt-") as folder:
        yield folder


@pytest.mark.parametrize("name", ["mutt", "neomutt"])
def test_reads_searches_flags_moves_deletes_and_stores(
    name: str, demo_core: DemoCore, folder: Folder, tmp_path: Path
) -> None:
    mutt = Mutt(name, demo_core, demo_core.sign_in(0), tmp_path)
    for subject, text in (("one", "Nothing here."), ("two", "A rare quokka."), ("three", "x"), ("four", "y")):
        folder.put(subject, text)

    # `=b` has the server search; nothing is drawn while keys wait, so what was read goes to a file.
    read = tmp_path / "read.txt"
    mutt.type(
        "=" + folder.name,
        f"<limit>=b quokka<enter><display-message><exit><pipe-message>cat > {read}<enter><flag-message>"
        f"<limit>all<enter><search>~s three<enter><save-message>={folder.other}<enter>"
        "<search>~s four<enter><delete-message><sync-mailbox>",
    )
    assert "A rare quokka." in read.read_text()
    assert folder.flags() == {"one": set(), "two": {"\\Seen", "\\Flagged"}}
    assert folder.subjects(folder.other) == {"three"}

    mbox = tmp_path / "local.mbox"
    mbox.write_bytes(b"From ann@example.org Mon Feb  5 10:00:00 2024\n" + mail("five").replace(b"\r\n", b"\n") + b"\n")
    mutt.type(str(mbox), f"<copy-message>={folder.name}<enter>")
    assert folder.subjects() == {"one", "two", "five"}
