"""A repair after addresses came or went, or were split or combined: what is added to Thunderbird, taken out, kept."""

# ruff: noqa: ASYNC221, ASYNC240 - nothing else is on the loop meanwhile

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge_gui.answers import SetupOptions
from bridge_gui.clients import journal
from bridge_gui.clients import thunderbird_logins as logins
from bridge_gui.clients import thunderbird_prefs as prefs
from bridge_gui.errors import ProgramRunning
from bridge_gui.model import AccountId, AddressMode
from bridge_gui.state import SetupPhase
from tests.clients.homes import files, make_profile, running, thunderbird_of
from tests.core.fakes import FakeAccount, Rig
from tests.core.setup_victim import AFTERWARDS, have

ROOT = Path(__file__).parents[2]
ANNA, OTHER, NEW = "anna@proton.test", "anna.other@proton.test", "new@example.org"


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return make_profile(tmp_path / "home")


@pytest.fixture
async def rig(tmp_path: Path, profile: Path) -> AsyncIterator[Rig]:
    async with Rig(tmp_path / "core", programs=thunderbird_of(tmp_path / "home")) as made:
        yield made


@pytest.fixture
async def account(rig: Rig) -> FakeAccount:
    return await rig.signed_in()


def shown(profile: Path) -> dict[str, list[str]]:
    """User names of Thunderbird's accounts of ours, with the addresses of their identities."""
    found = prefs.values((profile / "prefs.js").read_text())
    made = {}
    for key in str(found["mail.accountmanager.accounts"]).split(","):
        user = found.get(f"mail.server.{found[f'mail.account.{key}.server']}.userName")
        if user is not None:
            ids = str(found[f"mail.account.{key}.identities"]).split(",")
            made[str(user)] = [str(found[f"mail.identity.{one}.useremail"]) for one in ids]
    return made


def stored(profile: Path) -> dict[str, set[str]]:
    """The passwords that Thunderbird has, by user name."""
    key = logins.open_key(profile / "key4.db")
    assert key is not None
    made: dict[str, set[str]] = {}
    for entry in json.loads((profile / "logins.json").read_bytes())["logins"]:
        user = logins.unseal(entry["encryptedUsername"], key)
        made.setdefault(user, set()).add(logins.unseal(entry["encryptedPassword"], key))
    return made


async def passwords(rig: Rig) -> dict[str, set[str]]:
    made = [await rig.bridge.credentials(client.id) for client in rig.bridge.now().clients]
    return {one.username: {one.password.reveal()} for one in made}


def account_of(rig: Rig) -> AccountId:
    return rig.bridge.now().accounts[0].id


@pytest.mark.parametrize(
    ("addresses", "identities"),
    [
        pytest.param((ANNA, OTHER, NEW), [ANNA, OTHER, NEW], id="one came"),
        pytest.param((ANNA,), [ANNA], id="one went"),
        pytest.param((ANNA, NEW), [ANNA, NEW], id="one for another"),
        pytest.param((OTHER, ANNA), [ANNA, OTHER], id="another is the first: the user name stays"),
        pytest.param((OTHER, NEW), [OTHER, NEW], id="its own went: any other signs in with its password"),
        pytest.param((), [ANNA, OTHER], id="not known: nothing is touched"),
    ],
)
async def test_identities_follow_combined_addresses(
    addresses: tuple[str, ...], identities: list[str], rig: Rig, account: FakeAccount, profile: Path
) -> None:
    before = files(profile)
    (client,) = await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    have(account, *addresses)
    await rig.bridge.setup_repair(client)
    assert shown(profile) == {ANNA: identities}
    assert stored(profile) == await passwords(rig)
    once = files(profile)["prefs.js"]
    await rig.bridge.setup_repair(client)
    assert files(profile)["prefs.js"] == once
    await rig.bridge.setup_undo(client)
    assert (files(profile), rig.bridge.now().clients) == (before, ())


async def test_accounts_follow_split_addresses(rig: Rig, account: FakeAccount, profile: Path) -> None:
    before = files(profile)
    await rig.bridge.set_mode(account_of(rig), AddressMode.SPLIT)
    first, second = await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    have(account, ANNA, NEW)
    await rig.bridge.setup_repair(first)
    assert shown(profile) == {ANNA: [ANNA], NEW: [NEW]}
    assert stored(profile) == await passwords(rig)
    labels = [client.label for client in rig.bridge.now().clients]
    assert labels == [f"Thunderbird ({ANNA})", f"Thunderbird ({NEW})"]
    (made,) = await rig.bridge.setups_made()
    assert made.clients[0] == first
    assert second not in made.clients
    assert NEW in made.names
    assert [entry.phase for entry in rig.bridge.now().setups] == [SetupPhase.WAITING] * 2
    await rig.bridge.setup_undo(made.clients[1])
    assert (files(profile), rig.bridge.now().clients) == (before, ())


@pytest.mark.parametrize("split_first", [False, True])
async def test_it_follows_when_addresses_are_split_or_combined(
    split_first: bool, rig: Rig, account: FakeAccount, profile: Path
) -> None:
    before = files(profile)
    expected = {False: {ANNA: [ANNA, OTHER]}, True: {ANNA: [ANNA], OTHER: [OTHER]}}
    modes = {False: AddressMode.COMBINED, True: AddressMode.SPLIT}
    await rig.bridge.set_mode(account_of(rig), modes[split_first])
    client, *_ = await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    for split in (split_first, not split_first, split_first):
        await rig.bridge.set_mode(account_of(rig), modes[split])
        await rig.bridge.setup_repair(client)
        assert shown(profile) == expected[split]
        assert stored(profile) == await passwords(rig)
    await rig.bridge.setup_undo(client)
    assert (files(profile), rig.bridge.now().clients) == (before, ())


async def test_what_was_chosen_stays(rig: Rig, account: FakeAccount, profile: Path) -> None:
    """A set-up of one address stays one; what a person revoked, deleted or rewrote there does not come back."""
    await rig.bridge.set_mode(account_of(rig), AddressMode.SPLIT)
    (one,) = await rig.bridge.setup_apply(account_of(rig), "thunderbird", options=SetupOptions(address=OTHER))
    await rig.bridge.setup_repair(one)
    assert shown(profile) == {OTHER: [OTHER]}
    await rig.bridge.setup_undo(one)

    first, second = await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    await rig.bridge.revoke_client(second)
    have(account, ANNA, OTHER, NEW)
    await rig.bridge.setup_repair(first)
    assert shown(profile) == {ANNA: [ANNA], OTHER: [OTHER]}
    await rig.bridge.setup_undo(first)

    await rig.bridge.set_mode(account_of(rig), AddressMode.COMBINED)
    (client,) = await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    text = (profile / "prefs.js").read_text()
    text = text.replace('account2.identities", "id2,id3,id4")', 'account2.identities", "id2,id3")')
    text = text.replace(f'useremail", "{OTHER}")', 'useremail", "alias@example.org")')
    (profile / "prefs.js").write_text(text)
    have(account, ANNA, NEW)
    await rig.bridge.setup_repair(client)
    assert shown(profile) == {ANNA: [ANNA, "alias@example.org"]}


async def test_an_account_that_an_interrupted_repair_left_is_replaced(
    rig: Rig, account: FakeAccount, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(profile)
    await rig.bridge.set_mode(account_of(rig), AddressMode.SPLIT)
    first, _ = await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    have(account, ANNA, OTHER, NEW)
    put = journal.put

    def full(path: Path, content: bytes | None) -> None:
        put(path, content)
        if path.name == "prefs.js":
            raise OSError(28, "the disk is full", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(journal, "put", full)
        with pytest.raises(Exception, match="full"):
            await rig.bridge.setup_repair(first)
    assert NEW in shown(profile)
    assert NEW not in await passwords(rig)
    await rig.bridge.setup_repair(first)
    assert list(shown(profile)) == [ANNA, OTHER, NEW]
    assert stored(profile) == await passwords(rig)
    (made,) = await rig.bridge.setups_made()
    assert len(made.clients) == 3
    await rig.bridge.setup_undo(first)
    assert prefs.values(files(profile)["prefs.js"].decode()) == prefs.values(before["prefs.js"].decode())
    assert rig.bridge.now().clients == ()


async def test_no_password_is_made_while_the_program_runs(rig: Rig, account: FakeAccount, profile: Path) -> None:
    await rig.bridge.set_mode(account_of(rig), AddressMode.SPLIT)
    first, _ = await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    have(account, ANNA, OTHER, NEW)
    before = rig.profile.vault_file.read_bytes()
    with running(profile), pytest.raises(ProgramRunning, match="Thunderbird is running"):
        await rig.bridge.setup_repair(first)
    assert rig.profile.vault_file.read_bytes() == before
    assert len(rig.bridge.now().clients) == 2


async def test_a_repair_that_waited_works_on_what_another_one_has_left(
    rig: Rig, account: FakeAccount, profile: Path
) -> None:
    before = files(profile)
    await rig.bridge.set_mode(account_of(rig), AddressMode.SPLIT)
    first, _ = await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    assert rig.bridge._opened is not None
    setups = rig.bridge._opened.setups
    waited = await setups._change(first)
    have(account, ANNA, OTHER, NEW)
    await rig.bridge.setup_repair(first)
    serving = rig.bridge._serving()
    assert serving is not None
    await setups._mend(waited, serving, None, again=False)
    (made,) = await rig.bridge.setups_made()
    assert len(made.clients) == 3
    assert list(shown(profile)) == [ANNA, OTHER, NEW]
    await setups._take_back(waited)
    assert (files(profile), rig.bridge.now().clients) == (before, ())


async def test_killed_at_each_write_of_a_repair(tmp_path: Path) -> None:
    """Whatever is left, the next repair makes it right, and an undo takes all of it away."""
    live = tmp_path / "live"
    profile = make_profile(live / "home")
    before = prefs.values(files(profile)["prefs.js"].decode())
    programs = thunderbird_of(live / "home")
    async with Rig(live / "core", programs=programs) as rig:
        await rig.signed_in()
        await rig.bridge.set_mode(account_of(rig), AddressMode.SPLIT)
        await rig.bridge.setup_apply(account_of(rig), "thunderbird")
    live.rename(tmp_path / "template")
    victim = [sys.executable, "-m", "tests.core.setup_victim", str(tmp_path), "repair"]
    subprocess.run(victim, check=True, timeout=50, cwd=ROOT)
    copies = sorted((entry for entry in tmp_path.iterdir() if entry.name.isdigit()), key=lambda entry: int(entry.name))
    assert len(copies) > 8
    for copy in copies:
        copy.rename(live)
        async with Rig(live / "core", programs=programs) as rig:
            have(rig.service.accounts["anna"], *AFTERWARDS)
            await rig.bridge.setup_repair(rig.bridge.now().clients[0].id)
            assert shown(profile) == {email: [email] for email in AFTERWARDS}
            assert stored(profile) == await passwords(rig)
            (made,) = await rig.bridge.setups_made()
            assert {client.id for client in rig.bridge.now().clients} == set(made.clients)
            await rig.bridge.setup_undo(made.clients[0])
            assert prefs.values(files(profile)["prefs.js"].decode()) == before
            assert [name for name, content in files(profile).items() if b"127.0.0.1" in content] == [], copy
            assert rig.bridge.now().clients == ()
        shutil.rmtree(live)


async def test_a_password_that_a_repair_took_out_is_gone_after_a_crash(tmp_path: Path, profile: Path) -> None:
    programs = thunderbird_of(tmp_path / "home")
    async with Rig(tmp_path / "core", programs=programs) as rig:
        await rig.signed_in()
        await rig.bridge.set_mode(account_of(rig), AddressMode.SPLIT)
        first, second = await rig.bridge.setup_apply(account_of(rig), "thunderbird")
        (manifest,) = (tmp_path / "core").rglob(journal.MANIFEST)
    written = json.loads(manifest.read_bytes())
    manifest.write_text(json.dumps({**written, "clients": [first]}))  # the last thing that a repair writes
    async with Rig(tmp_path / "core", programs=programs) as rig:
        assert [client.id for client in rig.bridge.now().clients] == [first]
        assert second not in [entry.client for entry in rig.bridge.now().setups]
