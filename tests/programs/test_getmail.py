"""getmail6 takes mail away: hands a mailbox on, then deletes or moves what it has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs.core import DemoCore, run
from tests.programs.folder import Folder, new_folder
from tests.programs.getmail import getmail

pytestmark = [pytest.mark.programs, pytest.mark.timeout(120)]

CONFIG = """
[retriever]
type = SimpleIMAPSSLRetriever
server = 127.0.0.1
port = {port}
username = {user}
password = {password}
ca_certs = {certificate}
mailboxes = ("{name}",)
{after}

[destination]
type = MDA_external
path = /bin/sh
arguments = ("-c", "cat > $(mktemp {inbox}/XXXXXX)")

[options]
read_all = false
delete = {delete}
verbose = 2
"""


@pytest.fixture
def folder(demo_core: DemoCore) -> Iterator[Folder]:
    with new_folder(demo_core, demo_core.sign_in(0), "getmail-") as folder:
        yield folder


@pytest.mark.parametrize("moves", [False, True], ids=["deletes", "moves"])
def test_reads_and_takes_away(moves: bool, demo_core: DemoCore, folder: Folder, tmp_path: Path) -> None:
    for subject in ("one", "two"):
        folder.put(subject, f"This is {subject}.")
    made = demo_core.add_program("getmail", demo_core.sign_in(0))
    inbox = tmp_path / "mail"
    inbox.mkdir()
    config = tmp_path / "getmailrc"

    def get(*, delete: bool) -> None:
        config.write_text(
            CONFIG.format(
                port=demo_core.imap_port,
                user=made.username,
                password=made.password,
                certificate=demo_core.certificate,
                name=folder.name,
                after=f"move_on_delete = {folder.other}" if moves else "",
                inbox=inbox,
                delete=str(delete).lower(),
            )
        )
        config.chmod(0o600)
        run(*getmail("--getmaildir", str(tmp_path), "--rcfile", str(config)), env={"HOME": str(tmp_path)})

    get(delete=False)
    texts = [file.read_text() for file in sorted(inbox.iterdir())]
    assert len(texts) == 2
    assert any("This is two." in text for text in texts)
    assert folder.subjects() == {"one", "two"}

    folder.put("three")
    get(delete=True)
    assert len(list(inbox.iterdir())) == 3, "what was read before is not read again"
    folder.wait(lambda: not folder.subjects())
    assert folder.subjects(folder.other) == ({"one", "two", "three"} if moves else set())
