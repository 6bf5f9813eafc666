"""The bridge, with true servers on loopback and an account that lives in memory."""

from __future__ import annotations

import asyncio
import imaplib
import smtplib
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bridge_gui.answers import Credentials, LoginFailed, NeedHumanCheck, NeedMailboxPassword, NeedTwoFactor, SignedIn
from bridge_gui.bridge import Bridge
from bridge_gui.core import clients, listeners
from bridge_gui.errors import NotFound, Refused, UsageError, VaultLocked
from bridge_gui.model import Access, AccountId, AddressMode
from bridge_gui.secret import Secret
from bridge_gui.state import AccountPhase, BridgeState, CorePhase, ListenerPhase, OutboxItem, Problem, TakenBack
from bridge_gui.vault import vault as vault_room
from bridge_gui.vault.vault import KeySource
from tests.core.fakes import Rig

ANNA = AccountId("id-anna")


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with Rig(tmp_path / "profile") as made:
        yield made


async def until(bridge: Bridge, true: Callable[[BridgeState], object]) -> BridgeState:
    async with asyncio.timeout(10):
        async for state in bridge.state.watch():
            if true(state):
                return state
    raise AssertionError


def trust(rig: Rig) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(rig.profile.certificate_file))


def port(rig: Rig, number: int) -> int:
    return rig.bridge.state.value.listeners[number].port


async def imap_login(rig: Rig, username: str, password: Secret[str]) -> imaplib.IMAP4_SSL:
    def connect() -> imaplib.IMAP4_SSL:
        client = imaplib.IMAP4_SSL("127.0.0.1", port(rig, 0), ssl_context=trust(rig), timeout=10)
        try:
            client.login(username, password.reveal())
        except imaplib.IMAP4.error:
            client.shutdown()
            raise
        return client

    return await asyncio.to_thread(connect)


async def smtp_send(rig: Rig, made: Credentials) -> None:
    def send() -> None:
        with smtplib.SMTP("localhost", port(rig, 1), timeout=10) as client:
            client.starttls(context=trust(rig))
            client.login(made.username, made.password.reveal())
            client.sendmail(made.username, ["x@y.test"], b"Subject: s\r\n\r\nhello\r\n")

    await asyncio.to_thread(send)


# ---------------------------------------------------------------------------------------------- life


async def test_it_comes_up_listening_and_says_so(rig: Rig) -> None:
    state = rig.bridge.state.value
    assert state.core.phase is CorePhase.RUNNING
    assert [listener.phase for listener in state.listeners] == [ListenerPhase.LISTENING] * 2
    assert state.core.api == "https://api.test"
    assert rig.profile.certificate_file.read_text().startswith("-----BEGIN CERTIFICATE")


async def test_accounts_and_programs_come_back_after_a_restart(tmp_path: Path) -> None:
    async with Rig(tmp_path) as first:
        await first.signed_in()
        made = await first.bridge.add_client("Mail", ANNA)
        fingerprint = (await first.bridge.certificate()).fingerprint
    assert first.service.accounts["anna"].calls[-1] == "stop"
    assert first.service.old_cookies is None
    async with Rig(tmp_path) as second:
        state = second.bridge.state.value
        assert [account.username for account in state.accounts] == ["anna"]
        assert [client.label for client in state.clients] == ["Mail"]
        assert (await second.bridge.credentials(made.id)).password == made.password
        assert (await second.bridge.certificate()).fingerprint == fingerprint
        assert port(second, 0) == made.imap.port
        assert second.service.old_cookies == Secret("fresh cookies")


async def test_a_locked_vault_is_a_state_and_can_be_opened_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_room, "SCRYPT_N", 2**8)
    async with Rig(tmp_path, KeySource(passphrase=Secret("words"))) as first:
        await first.signed_in()
    async with Rig(tmp_path, KeySource()) as second:
        core = second.bridge.state.value.core
        assert core.phase is CorePhase.LOCKED
        assert core.problem is not None
        assert core.problem.code == "vault-locked"
        with pytest.raises(VaultLocked):
            await second.bridge.login("anna", Secret("anna-pass"))
        first_check, *_ = await second.bridge.doctor()
        assert first_check.result.value == "bad"
        with pytest.raises(VaultLocked, match="not the passphrase"):
            await second.bridge.unlock(Secret("wrong"))
        await second.bridge.unlock(Secret("words"))
        state = await until(second.bridge, lambda state: state.accounts)
        assert state.core.phase is CorePhase.RUNNING
        assert state.core.problem is None
        assert state.listeners[0].phase is ListenerPhase.LISTENING


async def test_closing_says_goodbye_to_programs(tmp_path: Path) -> None:
    async with Rig(tmp_path) as rig:
        await rig.signed_in()
        made = await rig.bridge.add_client("Mail", ANNA)
        client = await imap_login(rig, made.username, made.password)
    assert b"BYE" in await asyncio.to_thread(client.readline)
    client.shutdown()
    assert rig.bridge.state.value.core.phase is CorePhase.STOPPING


# ---------------------------------------------------------------------------------------------- signing in


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


# ---------------------------------------------------------------------------------------------- mail programs


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


# ---------------------------------------------------------------------------------------------- ports, settings


def occupied(number: int = 0) -> socket.socket:
    taken = socket.create_server(("127.0.0.1", number))
    return taken


async def test_the_first_start_takes_free_ports_and_keeps_them(tmp_path: Path) -> None:
    async with Rig(tmp_path / "a", usual_ports=True) as first, Rig(tmp_path / "b", usual_ports=True) as second:
        ports = {port(rig, number) for rig in (first, second) for number in (0, 1)}
        assert len(ports) == 4
        kept = port(second, 0)
    async with Rig(tmp_path / "b") as second:
        assert port(second, 0) == kept


async def test_a_busy_port_is_a_state_with_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "RETRY_SECONDS", 0.05)
    async with Rig(tmp_path) as rig:
        wanted = port(rig, 0)
    with occupied(wanted):
        async with Rig(tmp_path) as rig:
            state = rig.bridge.state.value
            assert state.core.phase is CorePhase.RUNNING
            busy = state.listeners[0]
            assert (busy.phase, busy.port) == (ListenerPhase.BUSY, wanted)
            assert busy.problem is not None
            assert busy.suggested_port not in (None, wanted, state.listeners[1].port)
            assert state.listeners[1].phase is ListenerPhase.LISTENING
            await rig.bridge.set_setting("imap.port", str(busy.suggested_port))
            state = await until(rig.bridge, lambda state: state.listeners[0].phase is ListenerPhase.LISTENING)
            assert state.listeners[0].port == busy.suggested_port
            await rig.bridge.set_setting("imap.port", str(wanted))
    async with Rig(tmp_path) as rig:
        assert port(rig, 0) == wanted


async def test_a_busy_port_is_taken_once_it_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "RETRY_SECONDS", 0.05)
    async with Rig(tmp_path) as rig:
        wanted = port(rig, 1)
    taken = occupied(wanted)
    async with Rig(tmp_path) as rig:
        assert rig.bridge.state.value.listeners[1].phase is ListenerPhase.BUSY
        taken.close()
        await until(rig.bridge, lambda state: state.listeners[1].phase is ListenerPhase.LISTENING)


async def test_settings_are_checked_kept_and_put_in_force(rig: Rig) -> None:
    account = await rig.signed_in()
    changed = await rig.bridge.set_setting("sync.parallel", "4")
    assert (changed.value, changed.default) == ("4", "16")
    assert account.calls[-1] == ("settings", 4)
    assert {entry.key for entry in await rig.bridge.settings()} >= {"imap.port", "outbox.enabled", "ui.theme"}
    for key, value, error in [
        ("sync.parallel", "many", UsageError),
        ("sync.parallel", "99", UsageError),
        ("imap.port", str(port(rig, 1)), UsageError),
        ("ui.theme", "pink", UsageError),
        ("no.such", "1", NotFound),
    ]:
        with pytest.raises(error):
            await rig.bridge.set_setting(key, value)
    assert (await rig.bridge.setting("sync.parallel")).value == "4"


async def test_a_renewed_certificate_is_served_at_once(rig: Rig, tmp_path: Path) -> None:
    await rig.signed_in()
    made = await rig.bridge.add_client("Mail", ANNA)
    old = trust(rig)
    before = await rig.bridge.certificate()
    after = await rig.bridge.renew_certificate()
    assert before.fingerprint != after.fingerprint
    client = await imap_login(rig, made.username, made.password)
    await asyncio.to_thread(client.logout)

    def distrust() -> None:
        with (
            socket.create_connection(("127.0.0.1", port(rig, 1))) as plain,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            old.wrap_socket(plain, server_hostname="127.0.0.1")

    await asyncio.to_thread(distrust)
    await rig.bridge.export_certificate(tmp_path / "out.pem")
    assert (tmp_path / "out.pem").read_text() == rig.profile.certificate_file.read_text()


# ---------------------------------------------------------------------------------------------- snapshots


async def test_an_event_storm_costs_few_snapshots(rig: Rig) -> None:
    account = await rig.signed_in()
    seen = 0

    async def look() -> None:
        nonlocal seen
        async for _ in rig.bridge.state.watch():
            seen += 1

    task = asyncio.create_task(look())
    started = time.monotonic()
    for number in range(5000):
        account.change(disk_bytes=number)
        if number % 50 == 0:
            await asyncio.sleep(0)
    await until(rig.bridge, lambda state: state.accounts[0].disk_bytes == 4999)
    took = time.monotonic() - started
    task.cancel()
    assert seen <= took * 20 + 3


async def test_the_window_is_asked_for_only_where_there_is_one(tmp_path: Path) -> None:
    async with Rig(tmp_path / "a") as rig:
        with pytest.raises(Refused):
            await rig.bridge.show_window()
    async with Rig(tmp_path / "b", window=True) as rig:
        await rig.bridge.show_window()
        assert rig.bridge.state.value.core.show_requests == 1


async def test_settings_are_checked_as_typed_and_reset(rig: Rig) -> None:
    bridge = rig.bridge
    assert await bridge.check_setting("sync.parallel", "4") == ""
    assert "between" in await bridge.check_setting("sync.parallel", "400")
    assert "share" in await bridge.check_setting("imap.port", str(port(rig, 1)))
    assert await bridge.check_setting("imap.port", str(port(rig, 0))) == ""
    with occupied() as taken:
        number = taken.getsockname()[1]
        assert "Another program" in await bridge.check_setting("imap.port", str(number))
    assert bridge.now().core.settings_changes == 0
    await bridge.set_setting("sync.parallel", "4")
    await bridge.set_setting("sync.parallel", "4")
    await bridge.set_setting("ui.theme", "dark")
    assert bridge.now().core.settings_changes == 2
    await bridge.reset_settings("sync.parallel")
    assert (await bridge.setting("ui.theme")).value == "dark"
    await bridge.reset_settings()
    assert all(entry.value == entry.default for entry in await bridge.settings() if "port" not in entry.key)


async def test_locked_by_a_person_until_unlocked(rig: Rig) -> None:
    account = await rig.signed_in()
    made = await rig.bridge.add_client("Mail", ANNA)
    client = await imap_login(rig, made.username, made.password)
    await rig.bridge.lock()
    assert b"BYE" in await asyncio.to_thread(client.readline)
    client.shutdown()
    state = rig.bridge.now()
    assert (state.core.phase, state.accounts, state.clients) == (CorePhase.LOCKED, (), ())
    assert [listener.phase for listener in state.listeners] == [ListenerPhase.STOPPED] * 2
    assert state.core.problem is not None
    assert state.core.problem.code == "locked-by-user"
    assert account.calls[-1] == "stop"
    with pytest.raises(VaultLocked):
        await rig.bridge.credentials(made.id)
    await rig.bridge.unlock(None)
    client = await imap_login(rig, made.username, made.password)
    await asyncio.to_thread(client.logout)


async def test_protection_by_a_passphrase_has_to_be_given_after_locking(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_room, "SCRYPT_N", 2**8)
    assert await rig.bridge.protection() == "file"
    with pytest.raises(UsageError):
        await rig.bridge.protect(Secret(""))
    await rig.bridge.protect(Secret("words"))
    assert await rig.bridge.protection() == "passphrase"
    await rig.bridge.lock()
    await rig.bridge.unlock(None)
    assert rig.bridge.now().core.phase is CorePhase.LOCKED
    await rig.bridge.unlock(Secret("words"))
    assert rig.bridge.now().core.phase is CorePhase.RUNNING


async def test_trouble_on_the_way_to_the_service_is_one_notice(rig: Rig) -> None:
    account = await rig.signed_in()
    rig.service.on_network(Problem("offline", "Proton cannot be reached"))
    assert [notice.key for notice in rig.bridge.now().notices] == ["network"]
    rig.service.on_network(Problem("untrusted", "No secure connection"))
    assert [notice.key for notice in rig.bridge.now().notices] == ["tls"]
    rig.service.on_network(None)
    account.change(problem=Problem("update-forced", "Update"))
    assert [notice.key for notice in rig.bridge.now().notices] == ["update-forced"]
    account.change(problem=None)
    assert rig.bridge.now().notices == ()


async def test_a_report_is_what_is_sent(rig: Rig, tmp_path: Path) -> None:
    account = await rig.signed_in()
    waiting = OutboxItem("o1", "a secret subject", 1, 0.0)
    account.change(outbox=(waiting,))
    parts = await rig.bridge.report("sync", "It hangs", "since noon", logs=False)
    assert [part.name for part in parts] == ["report.txt", "system.json", "state.json", "doctor.json", "settings.json"]
    assert all("a secret subject" not in part.text and "anna@proton.test" not in part.text for part in parts[1:])
    await rig.bridge.send_report(parts)
    fields, files = rig.service.report
    assert (fields["Username"], fields["Email"], fields["Title"]) == ("anna", "anna@proton.test", "It hangs")
    assert "since noon" in fields["Description"]
    assert set(files) == {part.name for part in parts[1:]}
    await rig.bridge.save_report(parts, tmp_path / "report.zip")
    assert (tmp_path / "report.zip").stat().st_size > 500
    with pytest.raises(Refused):
        await rig.bridge.save_report(parts, tmp_path / "no" / "report.zip")
    await rig.bridge.outbox_retry(ANNA, "o1")
    await rig.bridge.outbox_cancel(ANNA, "o1")
    assert account.calls[-2:] == [("retry", "o1"), ("cancel", "o1")]


async def test_the_doctor_speaks_in_sentences(rig: Rig) -> None:
    account = await rig.signed_in()
    await rig.bridge.add_client("Mail", ANNA)
    checks: dict[str, Any] = {check.key: check for check in await rig.bridge.doctor()}
    assert checks["vault"].result.value == "good"
    assert checks["port-imap"].result.value == "good"
    assert checks["account-id-anna"].result.value == "good"
    account.change(phase=AccountPhase.SIGNED_OUT)
    checks = {check.key: check for check in await rig.bridge.doctor()}
    assert checks["account-id-anna"].result.value == "bad"
    assert all(check.sentence.endswith(".") for check in checks.values())


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


async def test_a_change_that_was_taken_back_is_told_once(rig: Rig) -> None:
    account = await rig.signed_in()
    problem = Problem("change-refused", "A change was taken back")
    account.change(taken_back=TakenBack(problem, 5.0))
    assert [notice.key for notice in rig.bridge.now().notices] == [f"change {ANNA}"]
    await rig.bridge.dismiss(f"change {ANNA}")
    account.change(used_bytes=7)
    assert rig.bridge.now().notices == ()
    account.change(taken_back=TakenBack(problem, 6.0))
    assert [notice.key for notice in rig.bridge.now().notices] == [f"change {ANNA}"]
