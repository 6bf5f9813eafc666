"""Set-ups of other programs through the bridge: what is there for a while only, what is left to the person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from bridge_gui.answers import SetupOptions
from bridge_gui.clients import apple_mail
from bridge_gui.clients.apple_mail import AppleMail
from bridge_gui.clients.other import Other
from bridge_gui.clients.system import System
from bridge_gui.core import setup
from bridge_gui.errors import Refused, UsageError
from bridge_gui.model import Access, AddressMode
from tests.core.fakes import Rig
from tests.core.test_setup import account_of, sign_in


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "CLOSED_SECONDS", 0.01)


def programs(home: Path) -> dict[str, setup.Configurator]:
    def tools(command: Sequence[str]) -> int:
        return 0

    mail = AppleMail(System("darwin", home, (15,), tools), home / "none.pem", home)
    return {"apple-mail": mail, "other": Other(("/usr/bin/bridge-gui",))}


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with Rig(tmp_path / "core", programs=programs(tmp_path)) as made:
        await made.signed_in()
        yield made


async def until(true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come to be")


def profiles(folder: Path) -> list[Path]:
    return list(folder.rglob(apple_mail.FILE))


async def test_the_profile_is_deleted_when_mail_has_signed_in(rig: Rig, tmp_path: Path) -> None:
    (client,) = await rig.bridge.setup_apply(account_of(rig), "apple-mail")
    (file,) = profiles(tmp_path)
    assert (await rig.bridge.credentials(client)).password.reveal().encode() in file.read_bytes()
    await asyncio.sleep(0.05)
    assert file.exists()
    await sign_in(rig, client, "imap")
    await until(lambda: not file.exists())
    left = await rig.bridge.setup_undo(client)
    assert [step.by_user for step in left] == [True]


async def test_the_profile_is_deleted_when_time_is_over(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup, "TIDY_SECONDS", 0.05)
    await rig.bridge.setup_apply(account_of(rig), "apple-mail")
    await until(lambda: not profiles(tmp_path))


async def test_the_profile_is_deleted_at_the_next_start(tmp_path: Path) -> None:
    async with Rig(tmp_path / "core", programs=programs(tmp_path)) as rig:
        await rig.signed_in()
        await rig.bridge.setup_apply(account_of(rig), "apple-mail")
        assert profiles(tmp_path)
    assert profiles(tmp_path)
    async with Rig(tmp_path / "core", programs=programs(tmp_path)) as rig:
        assert not profiles(tmp_path)
        assert await rig.bridge.setups_made()


async def test_a_text_names_the_password_that_was_made_for_it(rig: Rig) -> None:
    (client,) = await rig.bridge.setup_apply(account_of(rig), "other", "mbsync")
    (step, _) = await rig.bridge.setup_guide(client)
    assert any(line.endswith(f'client password {client}"') for line in step.lines)
    await rig.bridge.revoke_client(client)
    with pytest.raises(Refused, match="revoked"):
        await rig.bridge.setup_guide(client)


async def test_a_program_gets_no_more_than_it_can_use(rig: Rig) -> None:
    plan = await rig.bridge.setup_plan(account_of(rig), "other", "msmtp")
    assert plan.access is Access.SEND_ONLY
    with pytest.raises(Refused, match="no use for a read-only"):
        await rig.bridge.setup_plan(account_of(rig), "other", "msmtp", Access.READ_ONLY)


async def test_a_telephone_is_refused_with_the_reason(rig: Rig) -> None:
    with pytest.raises(Refused, match="this computer alone"):
        await rig.bridge.setup_apply(account_of(rig), "other", "phone")
    assert rig.bridge.now().clients == ()


async def test_one_of_split_addresses(rig: Rig) -> None:
    account = account_of(rig)
    await rig.bridge.set_mode(account, AddressMode.SPLIT)
    emails = [address.email for address in rig.bridge.now().accounts[0].addresses if address.enabled]
    assert len(emails) > 1
    with pytest.raises(Refused, match="one address at a time"):
        await rig.bridge.setup_apply(account, "other", "any")
    options = SetupOptions(address=emails[1])
    (client,) = await rig.bridge.setup_apply(account, "other", "any", Access.FULL, options)
    assert (await rig.bridge.credentials(client)).username == emails[1]
    with pytest.raises(UsageError, match="not an address"):
        await rig.bridge.setup_plan(account, "other", "any", Access.FULL, SetupOptions(address="x@y.example"))


async def test_it_may_have_a_name_of_its_own(rig: Rig) -> None:
    account = account_of(rig)
    await rig.bridge.setup_apply(account, "other", "any", Access.FULL, SetupOptions(label="My  scripts"))
    await rig.bridge.setup_apply(account, "other", "any")
    assert [client.label for client in rig.bridge.now().clients] == ["My scripts", "Another program"]
    with pytest.raises(UsageError, match="1 to 60"):
        await rig.bridge.setup_apply(account, "other", "any", Access.FULL, SetupOptions(label="x" * 61))
