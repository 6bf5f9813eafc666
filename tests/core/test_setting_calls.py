"""Settings, protection and certificate through the bridge."""

from __future__ import annotations

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

from bridge_gui.errors import NotFound, UsageError
from bridge_gui.secret import Secret
from bridge_gui.state import CorePhase
from bridge_gui.vault import vault as vault_room
from tests.core.fakes import Rig
from tests.core.rigs import ANNA, imap_login, occupied, port, trust


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
