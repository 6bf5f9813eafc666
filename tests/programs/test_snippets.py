"""Every generated piece of configuration, unchanged, with the real program that reads it.

The profile lies in a folder whose name has a space, an apostrophe, a percent sign and more in it, so that each format's
quoting is tried as well; the password comes from `bridge-gui client password`, as it will on a person's computer.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge_gui.answers import ServerAddress
from bridge_gui.clients.base import AccountSetup, Certificate, Identity
from bridge_gui.clients.snippets import KINDS, Request, snippet
from bridge_gui.model import Access
from tests.programs.core import DemoCore, program, run, signed_in, wait_for
from tests.programs.getmail import getmail
from tests.programs.terminal import terminal

FRIEND = "friend@outside.example"

pytestmark = [pytest.mark.programs, pytest.mark.timeout(180)]


@dataclass(frozen=True)
class Ready:
    """A home folder in which one program is set up."""

    home: Path
    file: Path
    env: dict[str, str]
    client: str
    address: str

    @property
    def mail(self) -> Path:
        return self.home / "Mail" / self.address.replace("@", "-").replace(".", "-")


def ready(core: DemoCore, home: Path, kind: str, access: Access | None = None) -> Ready:
    """Write the snippet into an empty home, under a profile path that is hard to quote."""
    profile = home / "Anna's 100% mail; #1 & (co)"
    profile.symlink_to(core.profile)
    certificate = profile / Path(core.certificate).relative_to(core.profile)
    address = core.sign_in(0)
    access = access or KINDS[kind].accesses[0]
    made = core.add_program(kind, address, access)
    setup = AccountSetup(
        made.username,
        (Identity(address, 'Anna "A" Berg'),),
        ServerAddress("127.0.0.1", core.imap_port),
        ServerAddress("127.0.0.1", core.smtp_port),
        access,
    )
    command = (sys.executable, "-m", "bridge_gui", "--profile", str(profile), "client", "password", made.id)
    text = snippet(kind, Request(setup, Certificate("", certificate), command))
    assert made.password not in text
    file = home / "configuration"
    file.write_text(text)
    file.chmod(0o600)
    python_path = os.pathsep.join(filter(None, (str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", ""))))
    return Ready(home, file, {"HOME": str(home), "PYTHONPATH": python_path, "TERM": "xterm"}, made.id, address)


def counted(folder: Path) -> int:
    return sum(1 for kind in ("new", "cur") for _ in (folder / kind).iterdir())


def sent(core: DemoCore, words: str) -> int:
    """How many mails with these words left the service for outside."""
    with urllib.request.urlopen(f"{core.ready['demo']['api']}/demo/outside", timeout=20) as answer:
        return sum(words in json.dumps(mail) for mail in json.load(answer)["Outside"])


def inbox_size(core: DemoCore, address: str) -> int:
    with signed_in(core, address) as imap:
        return int(imap.select("INBOX", readonly=True)[1][0])  # type: ignore[arg-type]


def letter(sender: str, subject: str) -> str:
    return f"From: {sender}\nTo: {FRIEND}\nSubject: {subject}\n\nHello.\n"


def test_mbsync(demo_core: DemoCore, tmp_path: Path) -> None:
    made = ready(demo_core, tmp_path, "mbsync")
    made.mail.mkdir(parents=True)
    run(program("mbsync"), "-c", str(made.file), "-a", env=made.env, timeout=25)
    assert counted(made.mail / "INBOX") == inbox_size(demo_core, made.address) > 0
    assert not (made.mail / "All Mail").exists()


def test_offlineimap(demo_core: DemoCore, tmp_path: Path) -> None:
    made = ready(demo_core, tmp_path, "offlineimap")
    made.mail.parent.mkdir()
    run(program("offlineimap"), "-c", str(made.file), "-o", "-u", "quiet", env=made.env, timeout=25)
    assert counted(made.mail / "INBOX") == inbox_size(demo_core, made.address) > 0
    assert not (made.mail / "All Mail").exists()


def test_getmail(demo_core: DemoCore, tmp_path: Path) -> None:
    made = ready(demo_core, tmp_path, "getmail")
    for kind in ("new", "cur", "tmp"):
        (made.mail / kind).mkdir(parents=True)
    (tmp_path / ".getmail").mkdir()
    run(*getmail(f"--rcfile={made.file}"), env=made.env, timeout=25)
    assert counted(made.mail) == inbox_size(demo_core, made.address) > 0


def test_msmtp(demo_core: DemoCore, tmp_path: Path) -> None:
    made = ready(demo_core, tmp_path, "msmtp")
    text = letter(made.address, "Set up: msmtp")
    account = made.mail.name
    run(program("msmtp"), "-C", str(made.file), "-a", account, "-t", stdin=text, env=made.env)
    assert sent(demo_core, "Set up: msmtp") == 1


def test_the_command_line_saves_a_file_that_works(demo_core: DemoCore, tmp_path: Path) -> None:
    address, file = demo_core.sign_in(0), tmp_path / "msmtprc"
    done = demo_core.cli("setup", "other", "--target", "msmtp", "--account", address, "--save", str(file))
    assert (done["applied"], done["access"]) == (True, "send-only")
    account = address.replace("@", "-").replace(".", "-")
    text = letter(address, "Set up: saved")
    env = {"HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    run(program("msmtp"), "-C", str(file), "-a", account, "-t", stdin=text, env=env)
    assert sent(demo_core, "Set up: saved") == 1
    undone = demo_core.cli("setup", "other", "--target", "msmtp", "--account", address, "--undo")
    assert (undone["undone"], undone["steps"], file.exists()) == (1, [], False)


def test_the_command_line_lists_and_guides(demo_core: DemoCore) -> None:
    address = demo_core.sign_in(0)
    found = {entry["target"] or entry["app"]: entry for entry in demo_core.cli("setup", "list", "--account", address)}
    assert found["mbsync"]["installed"]
    assert found["phone"]["problem"]["title"] == "A telephone cannot reach Bridge Manager"
    made = demo_core.cli("setup", "other", "--account", address, "--label", "By hand")
    client = made["clients"][0]
    assert demo_core.cli("setup", "show", client) == made["steps"]
    assert [entry["label"] for entry in demo_core.cli("client", "list") if entry["id"] == client] == ["By hand"]
    refused = demo_core.cli("setup", "other", "--target", "phone", "--account", address, check=False)
    assert refused["error"]["title"] == "A telephone cannot reach Bridge Manager"


def test_git_send_email(demo_core: DemoCore, tmp_path: Path) -> None:
    made = ready(demo_core, tmp_path, "git")
    (tmp_path / ".gitconfig").write_text(made.file.read_text())
    patch = tmp_path / "0001.patch"
    patch.write_text(letter(made.address, "Set up: git").replace("\n\nHello", "\n\n---\nHello"))
    env = {**made.env, "GIT_TERMINAL_PROMPT": "0", "EMAIL": made.address}
    run(program("git"), "send-email", "--confirm=never", "--quiet", f"--to={FRIEND}", str(patch), env=env)
    assert sent(demo_core, "Set up: git") == 1
    with signed_in(demo_core, made.address) as imap:
        assert wait_for(imap, "Set up: git") == 1  # git sends a patch's author a copy, a little later


@pytest.mark.parametrize("name", ["neomutt", "mutt"])
def test_mutt_reads_and_sends(demo_core: DemoCore, tmp_path: Path, name: str) -> None:
    made = ready(demo_core, tmp_path, "neomutt")
    subject = f"Set up: {name}"
    run(program(name), "-F", str(made.file), "-s", subject, "--", FRIEND, stdin="Hello.\n", env=made.env)
    assert sent(demo_core, subject) == 1
    size = inbox_size(demo_core, made.address)
    with terminal([program(name), "-F", str(made.file)], made.env) as shown:
        shown.shows(f"Msgs:{size}")


def test_aerc_reads_and_sends(demo_core: DemoCore, tmp_path: Path) -> None:
    made = ready(demo_core, tmp_path, "aerc")
    folder = tmp_path / ".config" / "aerc"
    folder.mkdir(parents=True)
    (folder / "accounts.conf").write_text(made.file.read_text())
    (folder / "accounts.conf").chmod(0o600)
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho 'Written in an editor.' >> \"$1\"\n")
    editor.chmod(0o700)
    env = {
        **made.env,
        "SSL_CERT_FILE": demo_core.certificate,
        "XDG_CONFIG_HOME": str(tmp_path / ".config"),
        "EDITOR": str(editor),
    }
    with terminal([program("aerc")], env) as aerc:
        aerc.shows("Archive")
        aerc.type(f":compose -H 'To: {FRIEND}' -H 'Subject: Set up: aerc'\r")
        aerc.shows("Send this email?")
        aerc.type("y")
        aerc.until(lambda: sent(demo_core, "Set up: aerc"), "it is sent")
    assert sent(demo_core, "Set up: aerc") == 1
    assert sent(demo_core, "Written in an editor.") == 1
    with signed_in(demo_core, made.address) as imap:
        imap.select("Sent", readonly=True)
        assert wait_for(imap, "Set up: aerc") == 1
