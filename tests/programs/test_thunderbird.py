"""The real Thunderbird, set up by `bridge-gui setup thunderbird`, on profiles that it made itself.

Every combination of security, of addresses, of a primary password and of another account in the profile is started once
on a screen: what it shows there besides its own window, and windows that ask for a primary password, fails the test.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bridge_gui.clients import thunderbird_logins as logins
from bridge_gui.clients import thunderbird_prefs as prefs
from tests.desktop.screen import Screen, screen, until
from tests.programs.core import CLI, DemoCore, running_core, signed_in, wait_for
from tests.programs.thunderbird import PRIMARY, Thunderbird, thunderbird

pytestmark = [pytest.mark.programs, pytest.mark.thunderbird, pytest.mark.timeout(240)]

PRIMARY_PASSWORD = "primary-words"
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
    primary: Path
    """The first one with a primary password. It closes the store of keys, a file that knows nothing of accounts."""

    def copy(self, name: str, *, foreign: bool = False, primary: bool = False) -> Path:
        profile = self.home / name
        copy(self.foreign if foreign else self.fresh, profile)
        if primary:
            shutil.copy(self.primary / "key4.db", profile / "key4.db")
        assert (logins.open_key(profile / "key4.db") is None) == primary
        return profile

    def setups(self) -> list[dict[str, Any]]:
        return list(self.ask("/v1/status")["setups"])

    def ask(self, path: str) -> Any:
        with self.core.control as asked:
            return asked.get(path)

    def split(self, split: bool) -> None:
        with self.core.control as asked:
            asked.post("/v1/accounts/anna/mode", {"mode": "split" if split else "combined"})

    def passwords(self, made: dict[str, Any]) -> dict[str, str]:
        """What is to be typed into the windows of a Thunderbird that asks, by a part of their title."""
        clients = [self.ask(f"/v1/clients/{client}") for client in made["clients"]]
        answers = {f"for {client['username']}": client["password"] for client in clients}
        # The window for sending names the server alone; each case sends from the last account.
        return {**answers, PRIMARY: PRIMARY_PASSWORD, "Outgoing (SMTP)": clients[-1]["password"]}


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
        accounts = {account["username"]: account for account in core.cli("account", "list")}
        *addresses, _ = accounts["anna"]["addresses"]  # the last one is switched off
        for address in addresses:
            deliver(core, address)
        made = core.cli("setup", "thunderbird", "--account", "anna")
        assert made["program"]["target"] == ""
        assert not any(step["by_user"] for step in made["steps"])
        target = Path(core.cli("status")["setups"][0]["target"])
        assert b"127.0.0.1" in (target / "logins.json").read_bytes()
        assert core.cli("setup", "thunderbird", "--account", "anna", "--undo")["undone"] == 1
        foreign, primary = home / "foreign", home / "primary"
        copy(target, foreign)
        with thunderbird(home, foreign) as program:
            program.add_foreign_account()
        copy(target, primary)
        with thunderbird(home, primary) as program:
            program.set_primary_password(PRIMARY_PASSWORD)
        with signed_in(core, addresses[0]) as imap:
            assert all(wait_for(imap, f"For {address}") for address in addresses)
        yield Place(core, home, target, foreign, primary)


def deliver(core: DemoCore, address: str) -> None:
    """A message to be read; it is here with the next poll."""
    content = {"To": address, "Subject": f"For {address}", "Body": f"Good morning, {address}.\n"}
    request = urllib.request.Request(f"{core.ready['demo']['api']}/demo/deliver", json.dumps(content).encode())
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=20):
        pass


def ours_and_theirs(profile: Path) -> tuple[list[tuple[str, str]], list[str]]:
    """Lines of files that speak of the bridge, with their file; lines of prefs.js that make up the other account."""
    ours, theirs = list[tuple[str, str]](), []
    for name in ("prefs.js", "logins.json", "cert_override.txt"):
        if (profile / name).exists():
            text = (profile / name).read_text()
            ours += [
                (name, line) for line in text.splitlines() if re.search(r"127\.0\.0\.1|bridge\.example|Bridge", line)
            ]
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
    pytest.param(
        *case,
        id="-".join(filter(None, (case[0].lower(), case[1] and "split", case[2] and "primary", case[3] and "foreign"))),
    )
    for case in itertools.product(("STARTTLS", "TLS"), (False, True), (False, True), (False, True))
]


@pytest.mark.parametrize(("security", "split", "primary", "foreign"), CASES)
def test_signs_in_shows_and_sends_and_is_gone_after_undo(
    security: str,
    split: bool,
    primary: bool,
    foreign: bool,
    place: Place,
    display: Screen,
    request: pytest.FixtureRequest,
) -> None:
    core = place.core
    place.split(split)
    profile = place.copy(request.node.callspec.id, foreign=foreign, primary=primary)
    _, theirs = ours_and_theirs(profile)
    assert bool(theirs) == foreign
    options = ("--target", str(profile), "--security", security)
    made = core.cli("setup", "thunderbird", "--account", "anna", *options)
    users = [place.ask(f"/v1/clients/{client}")["username"] for client in made["clients"]]
    assert len(users) == (2 if split else 1)
    assert sum(step["by_user"] for step in made["steps"]) == (len(users) if primary else 0)

    try:
        with thunderbird(place.home, profile, display, place.passwords(made) if primary else None) as program:
            program.until(lambda: signed_in_by_name(place), "it has signed in, and said its name")
            assert all(entry["smtp_at"] is None for entry in place.setups())
            look(program, users, combined=not split)
            assert program.read(users[-1], f"For {users[-1]}").endswith(f"Good morning, {users[-1]}.")
            subject = f"From the real Thunderbird: {request.node.callspec.id}."
            program.send(users[-1], str(core.accounts[1]["address"]), subject)
            arrives(core, users[-1], subject)
            assert any(entry["smtp_at"] for entry in place.setups())
            assert program.windows() == ["mail:3pane"]
            assert len(set(program.asked)) == (len(users) + 2 if primary else 0), program.asked
        assert set(users) <= set(users_in(profile)), "the account would be gone at the next start"
    finally:
        undone = core.cli("setup", "thunderbird", "--account", "anna", "--target", str(profile), "--undo")
    left, untouched = ours_and_theirs(profile)
    told = [step["where"] for step in undone["steps"] if "imap://127.0.0.1" in step["where"]]
    assert (len(told), [name for name, _ in left]) == ((1, ["logins.json"]) if primary else (0, []))
    assert untouched == theirs
    assert place.setups() == []


def signed_in_by_name(place: Place) -> bool:
    return all(entry["phase"] == "signed-in" and "Thunderbird " in entry["program"] for entry in place.setups())


def test_what_it_is_told_to_remember_under_a_primary_password_stays(place: Place, display: Screen) -> None:
    """As the steps say: each password is typed once for reading and once for sending, and never again."""
    place.split(False)
    profile = place.copy("remembered", primary=True)
    made = place.core.cli("setup", "thunderbird", "--account", "anna", "--target", str(profile))
    try:
        for number, asked in enumerate((3, 1)):
            with thunderbird(place.home, profile, display, place.passwords(made)) as program:
                program.until(lambda: signed_in_by_name(place) and program.asked, "it has signed in")
                user = str(place.ask(f"/v1/clients/{made['clients'][0]}")["username"])
                program.read(user, f"For {user}")
                program.send(user, str(place.core.accounts[1]["address"]), f"Remembered, start {number}")
                arrives(place.core, user, f"Remembered, start {number}")
                assert len(set(program.asked)) == asked, program.asked  # a box stands for each connection
    finally:
        place.core.cli("setup", "thunderbird", "--account", "anna", "--target", str(profile), "--undo")


def test_a_repair_after_addresses_were_combined_is_what_it_shows(place: Place, display: Screen) -> None:
    place.split(True)
    profile = place.copy("repaired", foreign=True)
    _, theirs = ours_and_theirs(profile)
    options = ("thunderbird", "--account", "anna", "--target", str(profile))
    made = place.core.cli("setup", *options)
    user, other = (place.ask(f"/v1/clients/{client}")["username"] for client in made["clients"])
    place.split(False)
    assert place.core.cli("setup", *options, "--repair")["steps"] == []
    assert other not in users_in(profile)
    try:
        with thunderbird(place.home, profile, display) as program:
            program.until(lambda: signed_in_by_name(place), "it has signed in")
            look(program, [user], combined=True)
            program.send(other, str(place.core.accounts[1]["address"]), "From the address that was added.")
            arrives(place.core, user, "From the address that was added.")
            assert program.asked == []
    finally:
        place.core.cli("setup", *options, "--undo")
    assert ours_and_theirs(profile) == ([], theirs)


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
    place.split(False)
    profile = place.copy("waiting")
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
            seen = r"sent nothing yet; it listed \d\d folders, INBOX has \d+ messages"
            assert re.fullmatch(rf"Thunderbird \S+ signed in to IMAP at [\d:]{{8}}, {seen}", last)
    core.cli("setup", "thunderbird", "--account", "anna", "--target", str(profile), "--undo")
    assert ours_and_theirs(profile) == ([], [])
