"""Setting programs up through the bridge, on a home of the test's own: what is promised to window and command line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge_gui.answers import NeedTwoFactor, SetupOptions
from bridge_gui.clients import thunderbird_logins as logins
from bridge_gui.clients import thunderbird_prefs as prefs
from bridge_gui.core import setup
from bridge_gui.errors import NotFound, ProgramRunning, Refused
from bridge_gui.imap import backend as imap
from bridge_gui.model import Access, AccountId, AddressMode, ClientId
from bridge_gui.secret import Secret
from bridge_gui.smtp import backend as smtp
from bridge_gui.state import SetupPhase, SetupProgress
from tests.clients.homes import KEY, files, make_profile, running, thunderbird_of
from tests.core.fakes import PEOPLE, Rig

ANNA = AccountId("anna")


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return make_profile(tmp_path / "home")


@pytest.fixture
async def rig(tmp_path: Path, profile: Path) -> AsyncIterator[Rig]:
    async with Rig(tmp_path / "core", programs=thunderbird_of(tmp_path / "home")) as made:
        await made.signed_in()
        yield made


def account_of(rig: Rig) -> AccountId:
    return rig.bridge.now().accounts[0].id


def only(progress: tuple[SetupProgress, ...]) -> SetupProgress:
    (found,) = progress
    return found


async def sign_in(rig: Rig, client: ClientId, protocol: str) -> None:
    made = await rig.bridge.credentials(client)
    if protocol == "imap":
        user = await rig.bridge._gate.imap.login(made.username, made.password, imap.Peer("127.0.0.1", 5, True))
        assert not isinstance(user, imap.LoginRefused)
        user.identify({"name": "Thunderbird", "version": "153.7"})
        user.listed(len(await user.mailboxes()))
        await user.select("INBOX", read_only=True)
    else:
        sender = await rig.bridge._gate.smtp.login(made.username, made.password, smtp.Peer("127.0.0.1", 5, True))
        assert not isinstance(sender, smtp.LoginRefused)


async def test_from_what_is_found_to_the_sign_in(rig: Rig, profile: Path) -> None:
    (found,) = await rig.bridge.setup_programs(account_of(rig))
    assert (found.target, found.addresses, found.running, found.clients) == (
        str(profile),
        ("old@example.org",),
        False,
        (),
    )
    before = files(profile)
    plan = await rig.bridge.setup_plan(account_of(rig), "thunderbird")
    assert [step.where for step in plan.steps] == [
        str(profile / name) for name in ("prefs.js", "cert_override.txt", "logins.json")
    ]
    assert files(profile) == before

    (client,) = await rig.bridge.setup_apply(account_of(rig), "thunderbird", found.target)
    assert only(rig.bridge.now().setups).phase is SetupPhase.WAITING
    assert (await rig.bridge.setup_programs(account_of(rig)))[0].clients == (client,)
    made = await rig.bridge.credentials(client)
    key = logins.open_key(profile / "key4.db")
    assert key is not None
    stored = json.loads((profile / "logins.json").read_bytes())["logins"]
    assert [logins.unseal(entry["encryptedPassword"], key) for entry in stored] == [made.password.reveal()] * 2

    await sign_in(rig, client, "imap")
    shown = only(rig.bridge.now().setups)
    assert (shown.phase, shown.program, shown.smtp_at) == (SetupPhase.SIGNED_IN, "Thunderbird 153.7", None)
    assert (shown.folders, shown.messages) == (1, 1)
    await sign_in(rig, client, "smtp")
    first = only(rig.bridge.now().setups)
    assert first.smtp_at is not None

    assert await rig.bridge.setup_undo(client) == ()
    assert files(profile) == before
    state = rig.bridge.now()
    assert (state.clients, state.setups, await rig.bridge.setups_made()) == ((), (), ())


async def test_a_running_program_is_waited_for_and_no_password_is_made(
    rig: Rig, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "CLOSED_SECONDS", 0.02)
    before = files(profile)
    with running(profile):
        assert (await rig.bridge.setup_programs(account_of(rig)))[0].running
        with pytest.raises(ProgramRunning):
            await rig.bridge.setup_apply(account_of(rig), "thunderbird")
        assert (rig.bridge.now().clients, rig.bridge.now().setups, files(profile)) == ((), (), before)
        waiting = asyncio.ensure_future(rig.bridge.setup_apply(account_of(rig), "thunderbird", timeout=None))
        async for state in rig.bridge.state.watch():
            if [entry.phase for entry in state.setups] == [SetupPhase.CLOSING]:
                break
        assert rig.bridge.now().clients == ()
    (client,) = await waiting
    with running(profile), pytest.raises(ProgramRunning):
        await rig.bridge.setup_undo(client)
    assert only(rig.bridge.now().setups).client == client


async def test_who_stops_waiting_leaves_nothing(rig: Rig, profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "CLOSED_SECONDS", 0.02)
    before = files(profile)
    with running(profile):
        waiting = asyncio.ensure_future(rig.bridge.setup_apply(account_of(rig), "thunderbird", timeout=None))
        async for state in rig.bridge.state.watch():
            if state.setups:
                break
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert (rig.bridge.now().clients, rig.bridge.now().setups, files(profile)) == ((), (), before)


async def test_split_addresses_get_an_account_each_and_go_together(rig: Rig, profile: Path) -> None:
    await rig.bridge.set_mode(account_of(rig), AddressMode.SPLIT)
    before = files(profile)
    clients = await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    assert len(clients) == 2
    found = prefs.values((profile / "prefs.js").read_text())
    assert found["mail.accountmanager.accounts"] == "account1,account2,account3"
    assert [client.label for client in rig.bridge.now().clients] == [
        "Thunderbird (anna@proton.test)",
        "Thunderbird (anna.other@proton.test)",
    ]
    await rig.bridge.setup_undo(clients[1])
    assert (files(profile), rig.bridge.now().clients) == (before, ())


async def test_with_a_primary_password_each_account_has_its_own_to_be_pasted(tmp_path: Path) -> None:
    profile = make_profile(tmp_path / "home", primary_password="closed")
    async with Rig(tmp_path / "core", programs=thunderbird_of(tmp_path / "home")) as rig:
        await rig.signed_in()
        await rig.bridge.set_mode(account_of(rig), AddressMode.SPLIT)
        before = files(profile)
        planned = (await rig.bridge.setup_plan(account_of(rig), "thunderbird")).steps
        clients = await rig.bridge.setup_apply(account_of(rig), "thunderbird")
        left = await rig.bridge.setup_guide(clients[1])
        assert [step.title for step in planned if step.by_user] == [step.title for step in left]
        for step, client, user in zip(left, clients, ("anna@proton.test", "anna.other@proton.test"), strict=True):
            assert f"password of {user}," in step.title
            assert [(value.secret, value.client) for value in step.values] == [(True, client)]
        assert files(profile).get("logins.json") == before.get("logins.json")

        remembered = logins.add_logins(None, ["imap://127.0.0.1"], "anna", Secret("x"), logins.LoginKey(Secret(KEY)))
        (profile / "logins.json").write_bytes(remembered.content)  # as Thunderbird does when it is told to
        (step,) = await rig.bridge.setup_undo(clients[0])
        assert step.by_user
        assert "imap://127.0.0.1" in step.where
        assert files(profile) == {**before, "logins.json": remembered.content}


async def test_it_is_found_and_undone_after_the_password_was_revoked_and_the_account_removed(
    rig: Rig, profile: Path
) -> None:
    before = files(profile)
    (client,) = await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    await rig.bridge.revoke_client(client)
    assert (await rig.bridge.setup_programs(account_of(rig)))[0].clients == (client,)
    with pytest.raises(Refused, match="revoked"):
        await rig.bridge.setup_repair(client)
    await rig.bridge.remove(account_of(rig))
    (made,) = await rig.bridge.setups_made()
    assert "anna@proton.test" in made.names
    await rig.bridge.setup_undo(made.clients[0])
    assert files(profile) == before
    with pytest.raises(NotFound):
        await rig.bridge.setup_undo(client)


async def test_ports_certificate_and_password_are_repaired(rig: Rig, profile: Path) -> None:
    before = files(profile)
    (client,) = await rig.bridge.setup_apply(account_of(rig), "thunderbird", options=SetupOptions("TLS"))
    old = (profile / "cert_override.txt").read_text()
    await sign_in(rig, client, "imap")
    await rig.bridge.renew_client(client)
    await rig.bridge.renew_certificate()
    port = rig.bridge.now().listeners[0].port
    await rig.bridge.set_setting("imap.port", str(port + 7 if port < 60000 else port - 7))
    moved = rig.bridge.now().listeners[0].port
    assert moved != port
    assert only(rig.bridge.now().setups).phase is SetupPhase.REPAIR

    assert await rig.bridge.setup_repair(client) == ()
    assert only(rig.bridge.now().setups).phase is SetupPhase.WAITING
    found = prefs.values((profile / "prefs.js").read_text())
    assert (found["mail.server.server2.port"], found["mail.server.server2.socketType"]) == (moved, 3)
    pins = (profile / "cert_override.txt").read_text()
    fingerprint = (await rig.bridge.certificate()).fingerprint
    assert pins.count(fingerprint) == 2
    assert f"127.0.0.1:{port}:" in old
    assert f"127.0.0.1:{port}:" not in pins
    key = logins.open_key(profile / "key4.db")
    assert key is not None
    stored = json.loads((profile / "logins.json").read_bytes())["logins"]
    password = (await rig.bridge.credentials(client)).password.reveal()
    assert [logins.unseal(entry["encryptedPassword"], key) for entry in stored] == [password] * 2

    await rig.bridge.setup_undo(client)
    assert files(profile) == before


async def test_two_accounts_in_one_profile_share_the_pins(rig: Rig, profile: Path) -> None:
    before = files(profile)
    (first,) = await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    step = await rig.bridge.login("tom", Secret(PEOPLE["tom"][0]))
    assert isinstance(step, NeedTwoFactor)
    await rig.bridge.login_code(step.flow, PEOPLE["tom"][1])
    (second,) = await rig.bridge.setup_apply(await rig.bridge.find_account("tom"), "thunderbird")
    await rig.bridge.setup_undo(first)
    assert (profile / "cert_override.txt").read_text().count("127.0.0.1:") == 2
    assert prefs.values((profile / "prefs.js").read_text())["mail.accountmanager.accounts"] == "account1,account3"
    await rig.bridge.setup_undo(second)
    after = files(profile)
    assert after["prefs.js"] == before["prefs.js"]
    assert b"127.0.0.1" not in after["cert_override.txt"]
    assert json.loads(after["logins.json"])["logins"] == []


async def test_the_same_twice_and_sending_alone_are_refused(rig: Rig, profile: Path) -> None:
    await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    with pytest.raises(Refused, match="already"):
        await rig.bridge.setup_plan(account_of(rig), "thunderbird")
    with pytest.raises(Refused, match="already"):
        await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    assert len(rig.bridge.now().clients) == 1
    other = make_profile(profile.parents[1] / "second")
    with pytest.raises(Refused, match="no use for a send-only"):
        await rig.bridge.setup_apply(account_of(rig), "thunderbird", str(other), Access.SEND_ONLY)
    assert len(rig.bridge.now().clients) == 1


async def test_a_set_up_survives_a_restart(tmp_path: Path, profile: Path) -> None:
    programs = thunderbird_of(tmp_path / "home")
    async with Rig(tmp_path / "core", programs=programs) as first:
        await first.signed_in()
        (client,) = await first.bridge.setup_apply(account_of(first), "thunderbird")
        await sign_in(first, client, "imap")
        at = only(first.bridge.now().setups).imap_at
    async with Rig(tmp_path / "core", programs=programs) as second:
        shown = only(second.bridge.now().setups)
        assert (shown.client, shown.imap_at, shown.phase) == (client, at, SetupPhase.SIGNED_IN)
