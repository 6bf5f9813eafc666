"""A core from its start to its end, with true servers on loopback and an account that lives in memory."""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bridge_gui.config import load_settings
from bridge_gui.core import listeners
from bridge_gui.errors import Refused, VaultLocked
from bridge_gui.secret import Secret
from bridge_gui.state import CorePhase, ListenerPhase, Problem
from bridge_gui.vault import vault as vault_room
from bridge_gui.vault.vault import KeySource
from tests.core.fakes import Rig
from tests.core.rigs import ANNA, imap_login, occupied, port, until


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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "The settings could not be read; they were kept as settings.json.damaged."),
        (
            '{"smtp.port": "many", "log.level": "loud"}',
            "smtp.port does not take this kind of value. log.level takes one of: DEBUG, INFO, WARNING, ERROR.",
        ),
    ],
)
async def test_what_is_wrong_with_the_settings_file_is_shown(tmp_path: Path, content: str, said: str) -> None:
    rig = Rig(tmp_path, usual_ports=True)
    rig.profile.settings_file.write_text(content)
    load_settings(rig.profile.settings_file)  # as the log, the tray and the entry do before
    async with Rig(tmp_path, usual_ports=True) as rig:
        assert [notice.problem.message for notice in rig.bridge.now().notices] == [said]


async def test_a_busy_port_says_who_has_it(tmp_path: Path) -> None:
    async def another_bridge(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK [CAPABILITY IMAP4rev1] Proton Mail Bridge 03.21.02 - gluon session ID 1\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(another_bridge, "127.0.0.1", 0)
    taken = server.sockets[0].getsockname()[1]
    async with Rig(tmp_path) as rig:
        await rig.bridge.set_setting("imap.port", str(taken))
        state = await until(rig.bridge, lambda state: "Proton" in getattr(state.listeners[0].problem, "title", ""))
        problem, free = state.listeners[0].problem, state.listeners[0].suggested_port
        assert problem is not None
        assert problem.title == f"Port {taken} is used by Proton Mail Bridge"
        assert problem.remedy == f"Use port {free} instead, or close Proton Mail Bridge."
        server.close()
        checks = {check.key: check for check in await rig.bridge.doctor()}  # looking again takes the port
        assert checks["port-imap"].sentence == f"IMAP listens on 127.0.0.1, port {taken}."


async def test_a_port_that_the_system_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(host: str, port: int) -> socket.socket:
        raise PermissionError(errno.EACCES, "Permission denied")

    async with Rig(tmp_path) as rig:
        monkeypatch.setattr("bridge_gui.aio_listen._bind", forbidden)
        await rig.bridge.set_setting("imap.port", "2143")
        listener = rig.bridge.now().listeners[0]
        assert listener.problem is not None
        assert (listener.problem.code, listener.suggested_port) == ("port-forbidden", None)
        assert listener.problem.title == "Port 2143 is kept for administrators"


def spoil_vault(rig: Rig) -> None:
    for file in (rig.profile.vault_file, vault_room.last_good(rig.profile.vault_file)):
        file.write_bytes(file.read_bytes()[:-3])


def lose_key(rig: Rig) -> None:
    (rig.profile.config / "test.key").unlink()


@pytest.mark.parametrize("lose", [spoil_vault, lose_key])
async def test_starting_anew_when_nothing_opens_the_vault(tmp_path: Path, lose: Callable[[Rig], None]) -> None:
    async with Rig(tmp_path) as first:
        await first.signed_in()
        await first.bridge.add_client("Mail", ANNA)
    kept = first.profile.vault_file.stat().st_size
    lose(first)
    kinds = ("db", "db-wal", "db-shm", "db-told", "damaged.db")
    for kind in kinds:
        (first.profile.store / f"anna.{kind}").write_bytes(b"sealed")
    async with Rig(tmp_path) as second:
        assert second.bridge.state.value.core.can_start_anew
        await second.bridge.start_anew()
        state = second.bridge.state.value
        assert (state.core.phase, state.core.problem, state.core.can_start_anew) == (CorePhase.RUNNING, None, False)
        assert (state.accounts, state.clients) == ((), ())
        assert [file.name for file in second.profile.store.iterdir()] == ["anna.db-told"]
        (aside,) = second.profile.config.glob("vault.enc.damaged-*")
        assert abs(aside.stat().st_size - kept) <= 3
        await second.signed_in()
        await until(second.bridge, lambda state: state.accounts)
    async with Rig(tmp_path) as third:
        assert [account.username for account in third.bridge.state.value.accounts] == ["anna"]


async def test_who_starts_anew_keeps_the_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_room, "SCRYPT_N", 2**8)
    async with Rig(tmp_path, KeySource(passphrase=Secret("words"))) as first:
        await first.signed_in()
    spoil_vault(first)
    async with Rig(tmp_path) as second:
        await second.bridge.unlock(Secret("words"))
        problem = second.bridge.state.value.core.problem
        assert problem is not None
        assert problem.code == "vault-damaged"
        await second.bridge.start_anew()
        assert second.bridge.state.value.core.phase is CorePhase.RUNNING
        assert await second.bridge.protection() == "passphrase"


async def test_a_forgotten_passphrase_is_no_dead_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_room, "SCRYPT_N", 2**8)
    async with Rig(tmp_path, KeySource(passphrase=Secret("words"))) as first:
        await first.signed_in()
    async with Rig(tmp_path) as second:
        with pytest.raises(VaultLocked):
            await second.bridge.unlock(Secret("wrong"))
        await second.bridge.start_anew()
        state = second.bridge.state.value
        assert (state.core.phase, state.accounts) == (CorePhase.RUNNING, ())
        assert await second.bridge.protection() == "file"
    (aside,) = second.profile.config.glob("vault.enc.damaged-*")
    aside.rename(second.profile.vault_file)  # the words came back to mind
    async with Rig(tmp_path, KeySource(passphrase=Secret("words"))) as third:
        assert [account.username for account in third.bridge.state.value.accounts] == ["anna"]


async def test_what_can_be_opened_is_not_started_anew(rig: Rig) -> None:
    await rig.signed_in()
    (rig.profile.store / "anna.db").write_bytes(b"sealed")
    with pytest.raises(Refused):
        await rig.bridge.start_anew()
    await rig.bridge.lock()
    with pytest.raises(Refused):
        await rig.bridge.start_anew()
    await rig.bridge.unlock(None)
    assert [account.username for account in rig.bridge.state.value.accounts] == ["anna"]
    assert (rig.profile.store / "anna.db").exists()
