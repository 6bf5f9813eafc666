"""Signing in, and accounts, through the bridge."""

from __future__ import annotations

import asyncio
import imaplib

import pytest

from bridge_gui.answers import LoginFailed, NeedHumanCheck, NeedMailboxPassword, NeedTwoFactor, SignedIn
from bridge_gui.errors import NotFound, Refused, UsageError
from bridge_gui.model import AccountId, AddressMode
from bridge_gui.secret import Secret
from bridge_gui.state import AccountPhase, Mails, Problem, TakenBack
from tests.core.fakes import Rig
from tests.core.rigs import ANNA, imap_login, until


async def test_signing_in_step_by_step(rig: Rig) -> None:
    bridge = rig.bridge
    assert await bridge.login(" anna\n", Secret("anna-pass\n")) == SignedIn(ANNA)
    step = await bridge.login("all", Secret("all-pass"))
    assert isinstance(step, NeedHumanCheck)
    step = await bridge.login_verified(step.flow)
    assert isinstance(step, NeedTwoFactor)
    step = await bridge.login_code(step.flow, "000000")
    assert isinstance(step, NeedTwoFactor)
    assert step.problem is not None
    step = await bridge.login_code(step.flow, " 654 321\n")
    assert isinstance(step, NeedMailboxPassword)
    step = await bridge.login_mailbox_password(step.flow, Secret("wrong"))
    assert isinstance(step, NeedMailboxPassword)
    assert step.attempts_left == 2
    flow = step.flow
    assert await bridge.login_mailbox_password(flow, Secret("all-box\n")) == SignedIn(AccountId("id-all"))
    state = await until(bridge, lambda state: len(state.accounts) == 2)
    assert state.accounts[1].email == "all@proton.test"
    assert isinstance(await bridge.login_code(flow, "1"), LoginFailed)
    assert rig.service.cancelled == []


async def test_a_sign_in_that_fails_or_is_left_leaves_nothing(rig: Rig) -> None:
    bridge = rig.bridge
    failed = await bridge.login("anna", Secret("wrong"))
    assert isinstance(failed, LoginFailed)
    assert failed.problem.code == "credentials"
    assert isinstance(await bridge.login("", Secret("x")), LoginFailed)
    step = await bridge.login("tom", Secret("tom-pass"))
    assert isinstance(step, NeedTwoFactor)
    await bridge.login_cancel(step.flow)
    await bridge.login_cancel(step.flow)
    assert len(rig.service.cancelled) == 2
    assert bridge.state.value.accounts == ()


async def test_signing_in_twice_revokes_the_new_session(rig: Rig) -> None:
    account = await rig.signed_in()
    again = await rig.bridge.login("anna@proton.test", Secret("anna-pass"))
    assert isinstance(again, LoginFailed)
    assert again.problem.title == "Already signed in"
    assert not again.retry
    assert len(rig.service.cancelled) == 1
    assert rig.service.accounts["anna"] is account


async def test_signing_in_again_keeps_the_local_mail_and_the_programs(rig: Rig) -> None:
    account = await rig.signed_in()
    made = await rig.bridge.add_client("Mail", ANNA)
    await rig.bridge.logout(ANNA)
    state = await until(rig.bridge, lambda state: state.accounts[0].phase is AccountPhase.SIGNED_OUT)
    assert len(state.clients) == 1
    await rig.signed_in()
    fresh = rig.service.accounts["anna"]
    assert fresh is not account
    assert fresh.record.store_key == account.record.store_key
    assert "stop" in account.calls
    client = await imap_login(rig, made.username, made.password)
    await asyncio.to_thread(client.logout)


async def test_removing_wipes_and_adding_again_revives_the_programs(rig: Rig) -> None:
    account = await rig.signed_in()
    made = await rig.bridge.add_client("Mail", ANNA)
    await rig.bridge.remove(ANNA)
    assert account.calls[-3:] == ["sign out", "stop", "wipe"]
    state = await until(rig.bridge, lambda state: not state.accounts)
    assert state.clients == ()
    with pytest.raises(imaplib.IMAP4.error):
        await imap_login(rig, made.username, made.password)
    await rig.signed_in()
    assert rig.service.accounts["anna"].record.store_key != account.record.store_key
    client = await imap_login(rig, made.username, made.password)
    await asyncio.to_thread(client.logout)


async def test_accounts_are_found_by_name_address_and_id(rig: Rig) -> None:
    await rig.signed_in()
    for name in ("anna", "ANNA", "Anna.Other@proton.test", "id-anna"):
        assert await rig.bridge.find_account(name) == ANNA
    with pytest.raises(NotFound):
        await rig.bridge.find_account("ID-ANNA")


async def test_waiting_for_an_account(rig: Rig) -> None:
    account = await rig.signed_in()
    with pytest.raises(Refused, match="in time"):
        await rig.bridge.wait(ANNA, "usable", 0.05)
    async with asyncio.TaskGroup() as group:
        usable = group.create_task(rig.bridge.wait(ANNA, "usable", 5))
        synced = group.create_task(rig.bridge.wait(ANNA, "synced", 5))
        await rig.bridge.resume(None)
        await usable
        assert not synced.done()
        account.synced()
    assert (await synced).sync.complete
    await rig.bridge.pause(ANNA)
    lost = asyncio.create_task(rig.bridge.wait(ANNA, "synced", 5))
    await asyncio.sleep(0)
    account.change(phase=AccountPhase.SIGNED_OUT)
    with pytest.raises(Refused, match="signed out"):
        await lost


async def test_splitting_ends_sessions_and_binds_a_password_to_its_address(rig: Rig) -> None:
    await rig.signed_in()
    made = await rig.bridge.add_client("Mail", ANNA, address="ANNA.other@proton.test")
    assert made.username == "anna.other@proton.test"
    client = await imap_login(rig, "anna@proton.test", made.password)
    await rig.bridge.set_mode(ANNA, AddressMode.SPLIT)
    assert b"BYE" in await asyncio.to_thread(client.readline)
    client.shutdown()
    with pytest.raises(imaplib.IMAP4.error):
        await imap_login(rig, "anna@proton.test", made.password)
    client = await imap_login(rig, "anna.other@proton.test", made.password)
    await asyncio.to_thread(client.logout)
    with pytest.raises(UsageError):
        await rig.bridge.add_client("Mail", ANNA, address="who@proton.test")


async def test_a_change_that_was_taken_back_is_told_once(rig: Rig) -> None:
    account = await rig.signed_in()
    problem = Problem("change-refused", "A change was taken back")
    first = TakenBack(problem, 5.0, Mails(("Lunch",), 2))
    account.change(taken_back=(first,))
    (notice,) = rig.bridge.now().notices
    assert notice.messages == Mails(("Lunch",), 2)
    await rig.bridge.dismiss(notice.key)
    account.change(used_bytes=7)
    assert rig.bridge.now().notices == ()
    # Two at once: neither hides the other.
    later = (TakenBack(problem, 6.0, Mails(("Invoice",))), TakenBack(problem, 6.5, Mails(("Plan",))))
    account.change(taken_back=(first, *later))
    assert [told.messages for told in rig.bridge.now().notices] == [each.messages for each in later]
