"""`bridge-gui setup`: what it prints, what it waits for, and what it refuses."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bridge_gui import cli
from bridge_gui.commands import setup as command_room
from bridge_gui.control.server import control_interface
from bridge_gui.imap import backend as imap
from bridge_gui.model import AddressMode, ClientId
from bridge_gui.state import SetupPhase
from tests.clients.homes import files, make_key_store, make_profile, running, thunderbird_of
from tests.core.fakes import Rig


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


Command = Callable[..., Any]
THUNDERBIRD = ("setup", "thunderbird", "--account", "anna")


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return make_profile(tmp_path / "home")


@pytest.fixture
async def rig(tmp_path: Path, profile: Path) -> AsyncIterator[Rig]:
    programs = thunderbird_of(tmp_path / "home")
    async with Rig(tmp_path / "core", programs=programs) as made, control_interface(made.bridge, made.profile):
        await made.signed_in()
        yield made


@pytest.fixture
def command(rig: Rig, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setattr(command_room, "CLOSED_SECONDS", 0.02)
    monkeypatch.setattr(command_room, "SIGN_IN_SECONDS", 0.02)
    monkeypatch.setattr(command_room, "SEEN_SECONDS", 0.1)

    async def run(*arguments: str) -> Result:
        capsys.readouterr()
        code = await asyncio.to_thread(cli.run, [*arguments, "--profile", str(rig.profile.config)])
        return Result(code, *capsys.readouterr())

    return run


async def test_what_would_be_written_is_shown_and_nothing_is(rig: Rig, profile: Path, command: Command) -> None:
    before = files(profile)
    shown = await command(*THUNDERBIRD, "--dry-run", "--security", "tls", "--no-copies")
    assert shown.code == 0
    assert f"1. Add the account to Thunderbird's settings\n   {profile}/prefs.js" in shown.out
    assert 'socketType", 3);' in shown.out
    assert 'offline_download", false);' in shown.out
    assert (files(profile), rig.bridge.now().clients) == (before, ())
    assert (await command(*THUNDERBIRD, "--dry-run", "--json")).json["applied"] is False


async def test_set_up_repaired_and_taken_back(rig: Rig, profile: Path, command: Command) -> None:
    before = files(profile)
    done = await command(*THUNDERBIRD)
    assert "Start Thunderbird" in done.out
    (client,) = rig.bridge.now().clients
    password = (await rig.bridge.credentials(client.id)).password.reveal()
    assert password not in done.out + done.err
    again = await command(*THUNDERBIRD)
    assert (again.code, "already" in again.err) == (1, True)
    assert (await command(*THUNDERBIRD, "--repair")).code == 0
    # The password is gone first: it is found by its record all the same.
    await rig.bridge.revoke_client(client.id)
    assert (await command(*THUNDERBIRD, "--undo", "--json")).json == {"undone": 1, "steps": []}
    assert (files(profile), rig.bridge.now().clients) == (before, ())
    nothing = await command(*THUNDERBIRD, "--undo")
    assert (nothing.code, "has not set up" in nothing.err) == (1, True)


async def test_the_password_of_each_account_is_named(rig: Rig, profile: Path, command: Command) -> None:
    (profile / "key4.db").unlink()
    make_key_store(profile / "key4.db", "a primary password")
    await rig.bridge.set_mode(rig.bridge.now().accounts[0].id, AddressMode.SPLIT)
    done = await command(*THUNDERBIRD)
    clients = {client.username: client.id for client in rig.bridge.now().clients}
    assert len(clients) == 2
    for user, client in clients.items():
        _, _, step = done.out.partition(f"password of {user}, paste it")
        assert f"Password: `bridge-gui client password {client}` prints it" in step.partition("\n\n")[0]


async def test_a_running_program_is_refused_or_waited_for(
    rig: Rig, profile: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Semaphore(0)
    apply = rig.bridge.setup_apply

    async def counted(*arguments: Any) -> Any:
        asked.release()
        return await apply(*arguments)

    with running(profile):
        refused = await command(*THUNDERBIRD)
        assert (refused.code, "Close Thunderbird" in refused.err) == (1, True)
        late = await command(*THUNDERBIRD, "--wait", "--timeout", "0.1")
        assert (late.code, rig.bridge.now().clients) == (1, ())
        monkeypatch.setattr(rig.bridge, "setup_apply", counted)
        waiting = asyncio.ensure_future(command(*THUNDERBIRD, "--wait"))
        for _ in range(2):  # asked again: the first answer was that it runs
            await asked.acquire()
    async for state in rig.bridge.state.watch():
        if state.clients:
            break
    await sign_in(rig, state.clients[0].id)
    said = await waiting
    assert said.out.startswith("Thunderbird is running. Close Thunderbird")
    assert re.fullmatch(
        r"Thunderbird 153\.7 signed in to IMAP at [\d:]{8}, sent nothing yet; it listed 1 folder, INBOX has 1 message",
        said.out.splitlines()[-1],
    )


async def test_waiting_for_a_sign_in_that_does_not_come(rig: Rig, profile: Path, command: Command) -> None:
    late = await command(*THUNDERBIRD, "--wait", "--timeout", "0.2")
    assert (late.code, "has not signed in in time" in late.err) == (1, True)
    assert len(rig.bridge.now().clients) == 1
    await command(*THUNDERBIRD, "--undo")
    waiting = asyncio.ensure_future(command(*THUNDERBIRD, "--wait"))
    async for state in rig.bridge.state.watch():
        if [entry.phase for entry in state.setups] == [SetupPhase.WAITING]:
            break
    await rig.bridge.revoke_client(state.clients[0].id)
    gone = await waiting
    assert gone.code == 1
    assert re.search("taken back|revoked", gone.err)


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--dry-run", "--undo"), 2, "Choose one"),
        (("--security", "ssl"), 2, "STARTTLS, TLS"),
        (("--access", "send-only"), 1, "no use for a send-only"),
        (("--access", "all"), 2, "Access is one of"),
        (("--target", "/nowhere"), 1, "not a profile"),
    ],
)
async def test_what_is_refused(options: tuple[str, ...], code: int, words: str, command: Command) -> None:
    refused = await command(*THUNDERBIRD, *options)
    assert (refused.code, words in refused.err) == (code, True), refused.err


async def test_of_several_profiles_one_has_to_be_named(profile: Path, command: Command) -> None:
    root = profile.parent
    other = root / "efgh.default"
    other.mkdir()
    (other / "prefs.js").write_text("")
    (root / "installs.ini").write_text(f"[A]\nDefault={profile.name}\n[B]\nDefault={other.name}\n")
    refused = await command(*THUNDERBIRD)
    assert (refused.code, "--target" in refused.err, "old@example.org" in refused.err) == (2, True, True)
    assert (await command(*THUNDERBIRD, "--target", str(other))).code == 0


async def sign_in(rig: Rig, client: ClientId) -> None:
    made = await rig.bridge.credentials(client)
    user = await rig.bridge._gate.imap.login(made.username, made.password, imap.Peer("127.0.0.1", 5, True))
    assert not isinstance(user, imap.LoginRefused)
    user.identify({"name": "Thunderbird", "version": "153.7"})
    user.listed(len(await user.mailboxes()))
    await user.select("INBOX", read_only=True)
