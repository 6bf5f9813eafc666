"""The real Thunderbird, set up by `bridge-gui setup thunderbird`, on profiles that it made itself."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bridge_gui.clients import thunderbird_prefs as prefs
from bridge_gui.config import open_profile
from bridge_gui.control.client import ControlClient
from tests.desktop.screen import Screen, screen, until
from tests.programs.core import CLI, DemoCore, running_core, signed_in, wait_for
from tests.programs.thunderbird import Thunderbird, thunderbird

pytestmark = [pytest.mark.programs, pytest.mark.thunderbird, pytest.mark.timeout(150)]

PRIMARY = "primary-words"
ROLES = {"INBOX": 0x1000, "Drafts": 0x400, "Sent": 0x200, "Archive": 0x4000, "Spam": 0x40000000, "Trash": 0x100}
"""nsMsgFolderFlags of the folders that Thunderbird is to treat as what they are."""


@dataclass(frozen=True)
class Place:
    """A core whose programs live in one home, and the profiles in it."""

    core: DemoCore
    home: Path
    fresh: Path
    """A profile that the set-up itself had Thunderbird make, undone again and never touched since."""
    foreign: Path
    """The same, with another account in it."""

    def copy(self, name: str, *, foreign: bool, primary: bool) -> Path:
        profile = self.home / name
        copy(self.foreign if foreign else self.fresh, profile)
        if primary:
            with thunderbird(self.home, profile) as program:
                program.set_primary_password(PRIMARY)
        return profile

    def setups(self) -> list[dict[str, Any]]:
        with ControlClient(open_profile(self.core.profile)) as asked:
            return list(asked.get("/v1/status")["setups"])


def copy(profile: Path, to: Path) -> None:
    """Copy a profile; the link that a running one makes leads nowhere."""
    shutil.copytree(profile, to, ignore=shutil.ignore_patterns("lock"))


@pytest.fixture(scope="module")
def display() -> Iterator[Screen]:
    with screen() as made:
        yield made


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Also the first start of all: there is no profile before."""
    folder = tmp_path_factory.mktemp("thunderbird")
    home = folder / "home"
    home.mkdir()
    (folder / "core").mkdir()
    with running_core(folder / "core", {"HOME": str(home)}) as core:
        core.sign_in(0)
        core.sign_in(1)
        made = core.cli("setup", "thunderbird", "--account", "anna")
        assert made["program"]["target"] == ""
        assert not any(step["by_user"] for step in made["steps"])
        target = Path(core.cli("status")["setups"][0]["target"])
        assert b"127.0.0.1" in (target / "logins.json").read_bytes()
        assert core.cli("setup", "thunderbird", "--account", "anna", "--undo")["undone"] == 1
        foreign = home / "foreign"
        copy(target, foreign)
        with thunderbird(home, foreign) as program:
            program.add_foreign_account()
        yield Place(core, home, target, foreign)


def ours_and_theirs(profile: Path) -> tuple[list[str], list[str]]:
    """Lines of all files that speak of the bridge; lines of prefs.js that make up the other account."""
    ours, theirs = [], []
    for name in ("prefs.js", "logins.json", "cert_override.txt"):
        if (profile / name).exists():
            text = (profile / name).read_text()
            ours += [line for line in text.splitlines() if re.search(r"127\.0\.0\.1|bridge\.example|Bridge", line)]
    found = prefs.values((profile / "prefs.js").read_text())
    keys = [name.split(".")[2] for name, value in found.items() if value in ("mail.example.org", "old@example.org")]
    for name, value in sorted(found.items()):
        if name.endswith((".directory", ".nextFilterTime", ".canChangeStoreType")):
            continue  # the program's own: where the profile lies now, when it last looked, whether mail was stored
        if set(name.split(".")) & set(keys) or value in keys:
            theirs.append(f"{name}={value}")
    return ours, theirs


def users_in(profile: Path) -> list[str]:
    """User names of the accounts as the profile lists them."""
    found = prefs.values((profile / "prefs.js").read_text())
    servers = [found[f"mail.account.{key}.server"] for key in str(found["mail.accountmanager.accounts"]).split(",")]
    return [str(found[f"mail.server.{server}.userName"]) for server in servers]


CASES = [
    # security, mode, with a primary password, with another account
    pytest.param("STARTTLS", "combined", False, False, id="starttls-combined"),
    pytest.param("TLS", "split", False, True, id="tls-split-foreign"),
    pytest.param("STARTTLS", "split", True, True, id="starttls-split-primary-foreign"),
    pytest.param("TLS", "combined", True, False, id="tls-combined-primary"),
    pytest.param("TLS", "combined", False, True, id="tls-combined-foreign"),
    pytest.param("STARTTLS", "split", False, False, id="starttls-split"),
]


@pytest.mark.parametrize(("security", "mode", "primary", "foreign"), CASES)
def test_signs_in_shows_and_sends_and_is_gone_after_undo(
    security: str,
    mode: str,
    primary: bool,
    foreign: bool,
    place: Place,
    display: Screen,
    request: pytest.FixtureRequest,
) -> None:
    core = place.core
    core.cli("account", "mode", "anna", mode)
    profile = place.copy(request.node.callspec.id, foreign=foreign, primary=primary)
    _, theirs = ours_and_theirs(profile)
    assert bool(theirs) == foreign
    options = ("--target", str(profile), "--security", security)
    made = core.cli("setup", "thunderbird", "--account", "anna", *options)
    assert any(step["by_user"] for step in made["steps"]) == primary
    clients = [core.cli("client", "show", client) for client in made["clients"]]
    users = [client["username"] for client in clients]
    assert len(users) == (1 if mode == "combined" else 2)
    answers = {f"for {client['username']}": client["password"] for client in clients}
    answers |= {"Password Required - ": PRIMARY, "Outgoing (SMTP)": clients[-1]["password"]}

    try:
        with thunderbird(place.home, profile, display, answers if primary else None) as program:

            def signed_in_by_name() -> bool:
                found = place.setups()
                return all(entry["phase"] == "signed-in" and "Thunderbird " in entry["program"] for entry in found)

            program.until(signed_in_by_name, "it has signed in, and said its name")
            assert all(entry["smtp_at"] is None for entry in place.setups())
            look(program, users, combined=mode == "combined")
            subject = f"From the real Thunderbird: {request.node.callspec.id}."
            program.send(users[-1], str(core.accounts[1]["address"]), subject)
            arrives(core, users[-1], subject)
            assert any(entry["smtp_at"] for entry in place.setups())
            assert program.windows() == ["mail:3pane"]
            assert bool(program.asked) == primary, program.asked
        assert set(users) <= set(users_in(profile)), "the account would be gone at the next start"
    finally:
        core.cli("setup", "thunderbird", "--account", "anna", "--target", str(profile), "--undo")
    left, untouched = ours_and_theirs(profile)
    assert (left, untouched) == ([], theirs)
    assert place.setups() == []


def look(program: Thunderbird, users: list[str], *, combined: bool) -> None:
    """The accounts are there with their identities; the folders have their roles, and INBOX its messages."""

    def listed() -> list[dict[str, Any]]:
        found = [account for account in program.accounts() if account["host"] == "127.0.0.1"]
        inboxes = [folder for account in found for folder in account["folders"] if folder["name"] == "INBOX"]
        return found if inboxes and all(inbox["messages"] for inbox in inboxes[:1]) else []

    found = program.until(listed, "INBOX is listed")
    assert [account["user"] for account in found] == users
    for account in found:
        assert account["identities"][0] == account["user"]
        assert len(account["identities"]) == (2 if combined else 1)
        assert all(account["names"])
        flags = {folder["name"]: folder["flags"] for folder in account["folders"]}
        assert {name for name, role in ROLES.items() if flags.get(name, 0) & role} == set(ROLES)


def arrives(core: DemoCore, sender: str, subject: str) -> None:
    """It is in the other account's INBOX, and once in the sender's Sent."""
    there = signed_in(core, str(core.accounts[1]["address"]))
    assert wait_for(there, subject) == 1
    there.logout()
    here = signed_in(core, sender)
    here.select("Sent")
    assert wait_for(here, subject) == 1
    here.logout()


def test_the_command_waits_until_it_is_closed_and_then_until_it_signs_in(place: Place, display: Screen) -> None:
    core = place.core
    core.cli("account", "mode", "anna", "combined")
    profile = place.copy("waiting", foreign=False, primary=False)
    line = [*CLI, "setup", "thunderbird", "--account", "anna", "--target", str(profile), "--wait", "--timeout", "60"]
    with subprocess.Popen([*line, "--profile", str(core.profile)], stdout=subprocess.PIPE, text=True) as command:
        with thunderbird(place.home, profile, display) as program:
            program.until(lambda: program.windows() == ["mail:3pane"], "its window")
            assert command.stdout is not None
            assert command.stdout.readline().startswith("Thunderbird is running.")
        until(place.setups, "it is written")
        with thunderbird(place.home, profile, display) as program:
            program.until(lambda: command.poll() is not None, "the command has seen it")
            last = command.stdout.read().splitlines()[-1]
            assert re.fullmatch(r"Thunderbird \S+ signed in to IMAP \d\d:\d\d:\d\d, sent nothing yet", last)
    core.cli("setup", "thunderbird", "--account", "anna", "--target", str(profile), "--undo")
    assert ours_and_theirs(profile) == ([], [])
