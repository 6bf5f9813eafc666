"""Mail programs and their passwords, through the bridge and its true servers."""

from __future__ import annotations

import asyncio
import imaplib
import smtplib
import time
from pathlib import Path

import pytest

from bridge_gui.core import clients
from bridge_gui.errors import NotFound, UsageError
from bridge_gui.model import Access, AccountId
from bridge_gui.secret import Secret
from tests.core.fakes import Rig
from tests.core.rigs import ANNA, imap_login, port, smtp_send, until


async def test_a_program_reads_and_sends_with_its_own_password(rig: Rig) -> None:
    account = await rig.signed_in()
    made = await rig.bridge.add_client("Thunderbird", ANNA, "thunderbird")
    assert (made.username, made.imap.port, made.smtp.port) == ("anna@proton.test", port(rig, 0), port(rig, 1))
    client = await imap_login(rig, made.username, made.password)
    await asyncio.to_thread(client.xatom, "ID", '("name" "Thunderbird" "version" "153.7")')
    state = await until(rig.bridge, lambda state: state.clients[0].program)
    assert state.clients[0].program == "Thunderbird 153.7"
    assert state.clients[0].last_used == pytest.approx(time.time(), abs=30)
    assert state.sessions[0].client == made.id
    assert state.sessions[0].program == "Thunderbird 153.7"
    assert rig.service.client_name == ("Thunderbird", "153.7")
    await asyncio.to_thread(client.logout)
    await until(rig.bridge, lambda state: not state.sessions)
    await smtp_send(rig, made)
    assert account.sent[0].raw.endswith(b"hello\r\n")


async def test_a_revoked_password_ends_its_sessions_at_once_and_can_be_restored(rig: Rig) -> None:
    await rig.signed_in()
    mine = await rig.bridge.add_client("Mine", ANNA)
    other = await rig.bridge.add_client("Other", ANNA)
    doomed = await imap_login(rig, mine.username, mine.password)
    kept = await imap_login(rig, other.username, other.password)
    await rig.bridge.revoke_client(mine.id)
    assert b"BYE" in await asyncio.to_thread(doomed.readline)
    doomed.shutdown()
    assert (await asyncio.to_thread(kept.noop))[0] == "OK"
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        await imap_login(rig, mine.username, mine.password)
    with pytest.raises(NotFound):
        await rig.bridge.credentials(mine.id)
    await rig.bridge.restore_client(mine.id)
    again = await imap_login(rig, mine.username, mine.password)
    for client in (again, kept):
        await asyncio.to_thread(client.logout)
    with pytest.raises(NotFound):
        await rig.bridge.restore_client(mine.id)


async def test_a_replaced_password_is_named_when_it_is_tried(rig: Rig) -> None:
    await rig.signed_in()
    old = await rig.bridge.add_client("Phone", ANNA)
    new = await rig.bridge.renew_client(old.id)
    assert new.password != old.password
    with pytest.raises(imaplib.IMAP4.error, match="replaced"):
        await imap_login(rig, old.username, old.password)
    state = await until(rig.bridge, lambda state: state.notices)
    assert state.notices[0].problem.title == "Phone uses an old password"
    assert state.clients[0].last_failure is not None
    client = await imap_login(rig, new.username, new.password)
    await until(rig.bridge, lambda state: not state.notices)
    await asyncio.to_thread(client.logout)


async def test_scopes_hold(rig: Rig) -> None:
    account = await rig.signed_in()
    reader = await rig.bridge.add_client("Reader", ANNA, access=Access.READ_ONLY)
    sender = await rig.bridge.add_client("Sender", ANNA, access=Access.SEND_ONLY)
    with pytest.raises(imaplib.IMAP4.error, match="AUTHORIZATIONFAILED"):
        await imap_login(rig, sender.username, sender.password)
    with pytest.raises(smtplib.SMTPAuthenticationError, match="only read"):
        await smtp_send(rig, reader)
    await smtp_send(rig, sender)
    client = await imap_login(rig, reader.username, reader.password)
    assert (await asyncio.to_thread(client.create, "Folders/x"))[0] == "NO"
    assert account.created == []
    with pytest.raises(imaplib.IMAP4.readonly):
        await asyncio.to_thread(client.select, "INBOX")
    await rig.bridge.set_client_access(reader.id, Access.FULL)
    assert b"BYE" in await asyncio.to_thread(client.readline)
    client.shutdown()
    client = await imap_login(rig, reader.username, reader.password)
    assert (await asyncio.to_thread(client.create, "Folders/x"))[0] == "OK"
    await asyncio.to_thread(client.logout)


async def test_a_disconnected_program_may_come_back(rig: Rig) -> None:
    await rig.signed_in()
    made = await rig.bridge.add_client("Mail", ANNA)
    client = await imap_login(rig, made.username, made.password)
    assert await rig.bridge.disconnect_client(made.id) == 1
    assert b"BYE" in await asyncio.to_thread(client.readline)
    client.shutdown()
    await until(rig.bridge, lambda state: not state.sessions)
    client = await imap_login(rig, made.username, made.password)
    await asyncio.to_thread(client.logout)


async def test_an_account_that_is_not_ready_refuses_politely(rig: Rig) -> None:
    account = await rig.signed_in()
    made = await rig.bridge.add_client("Mail", ANNA)
    account.refuses_programs = True
    with pytest.raises(imaplib.IMAP4.error, match="UNAVAILABLE"):
        await imap_login(rig, made.username, made.password)
    assert rig.bridge.state.value.sessions == ()


async def test_programs_are_renamed_and_checked(rig: Rig) -> None:
    await rig.signed_in()
    made = await rig.bridge.add_client("Mail", ANNA)
    await rig.bridge.rename_client(made.id, "  Work   laptop ")
    assert (await rig.bridge.credentials(made.id)).label == "Work laptop"
    for bad in ("", "   ", "x" * (clients.LABEL_LIMIT + 1), "a\x07b"):
        with pytest.raises(UsageError):
            await rig.bridge.rename_client(made.id, bad)
    with pytest.raises(UsageError):
        await rig.bridge.add_client("Mail", ANNA, "netscape")
    with pytest.raises(NotFound):
        await rig.bridge.add_client("Mail", AccountId("nobody"))


async def test_last_use_survives_a_restart(tmp_path: Path) -> None:
    async with Rig(tmp_path) as rig:
        await rig.signed_in()
        made = await rig.bridge.add_client("Mail", ANNA)
        client = await imap_login(rig, made.username, made.password)
        await asyncio.to_thread(client.xatom, "ID", '("name" "Mutt")')
        await asyncio.to_thread(client.logout)
    async with Rig(tmp_path) as rig:
        found = rig.bridge.state.value.clients[0]
        assert found.program == "Mutt"
        assert found.last_used is not None


async def test_a_wrong_password_is_shown_at_the_program_that_must_have_used_it(rig: Rig) -> None:
    await rig.signed_in()
    made = await rig.bridge.add_client("Phone", ANNA)
    with pytest.raises(imaplib.IMAP4.error):
        await imap_login(rig, made.username, Secret("the-password-of-proton"))
    (notice,) = rig.bridge.now().notices
    assert (notice.key, notice.problem.code) == (f"password {made.id}", "wrong-password")
    assert notice.problem.title == "Phone uses a wrong password"
    await rig.bridge.add_client("Laptop", ANNA)
    await rig.bridge.dismiss(notice.key)
    with pytest.raises(imaplib.IMAP4.error):
        await imap_login(rig, made.username, Secret("the-password-of-proton"))
    (notice,) = rig.bridge.now().notices
    assert (notice.key, notice.account, notice.problem.code) == (f"sign-in {ANNA}", ANNA, "wrong-password")
    client = await imap_login(rig, made.username, made.password)
    assert rig.bridge.now().notices == ()
    await asyncio.to_thread(client.logout)
