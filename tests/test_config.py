from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_gui import config
from bridge_gui.config import (
    SETTINGS,
    Settings,
    as_text,
    get_setting,
    load_settings,
    open_profile,
    save_settings,
    set_aside,
)
from bridge_gui.errors import BridgeError, DiskFull, NotFound, UsageError


def test_a_named_profile_holds_everything(tmp_path: Path) -> None:
    profile = open_profile(tmp_path / "p", {})
    profile.prepare()
    for path in (
        profile.settings_file,
        profile.vault_file,
        profile.store,
        profile.logs,
        profile.control_file,
        profile.lock_file,
        profile.certificate_file,
    ):
        assert path.is_relative_to(tmp_path / "p")
    assert profile.store.name == "store"
    for folder in (profile.config, profile.store, profile.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_option_comes_before_the_variable_before_the_system(tmp_path: Path) -> None:
    environ = {"BRIDGE_GUI_PROFILE": str(tmp_path / "env")}
    assert open_profile(tmp_path / "opt", environ).config == tmp_path / "opt"
    assert open_profile(None, environ).config == tmp_path / "env"
    usual = open_profile(None, {})
    assert usual.config.name == "bridge-gui"
    assert not usual.whole


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BridgeError, match="cannot be made"):
        open_profile(tmp_path / "file" / "p", {}).prepare()


def test_a_long_path_gets_no_socket_of_its_own(tmp_path: Path) -> None:
    assert open_profile("/p", {}).control_socket == Path("/p/control.sock")
    assert open_profile(tmp_path / ("x" * 120), {}).control_socket is None


def test_every_setting_says_what_it_means_and_accepts_its_own_default() -> None:
    assert {
        "imap.port",
        "smtp.port",
        "imap.show_all_mail",
        "api.url",
        "api.app_version",
        "cache.folder",
        "cache.budget_mb",
        "sync.parallel",
        "outbox.enabled",
        "network.alternative_routing",
        "ui.theme",
        "ui.language",
        "ui.start_at_login",
    } <= set(SETTINGS)
    for key, info in SETTINGS.items():
        assert info.meaning.endswith("."), key
        assert info.parse(as_text(info.default)) == info.default
        assert get_setting(Settings(), key) == info.default


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("imap.port", " 1144 ", 1144),
        ("imap.show_all_mail", "off", False),
        ("outbox.enabled", "TRUE", True),
        ("cache.budget_mb", "0", 0),
        ("api.url", "https://proxy.test/api", "https://proxy.test/api"),
        ("api.url", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("network.proxy", "http://127.0.0.1:8118", "http://127.0.0.1:8118"),
        ("ui.language", "en", "en"),
    ],
)
def test_text_becomes_a_value(key: str, text: str, value: object) -> None:
    assert SETTINGS[key].parse(text) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("imap.port", "80"),
        ("imap.port", "65536"),
        ("imap.port", "1143.5"),
        ("imap.port", "9" * 50),
        ("imap.port", ""),
        ("outbox.enabled", "maybe"),
        ("cache.budget_mb", "10"),
        ("cache.budget_mb", "-1"),
        ("cache.folder", "relative/path"),
        ("api.url", "http://proton.test"),
        ("api.url", "ftp://x"),
        ("api.url", ""),
        ("api.app_version", "two words"),
        ("api.app_version", "a\r\nX: y"),
        ("network.proxy", "nonsense"),
        ("network.proxy", "socks4://127.0.0.1:9050"),
        ("ui.theme", "Dark"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(key: str, text: str) -> None:
    with pytest.raises(UsageError, match=r"\.$"):
        SETTINGS[key].parse(text)


def test_ports_cannot_be_shared_and_keys_are_known() -> None:
    with pytest.raises(UsageError):
        config.with_setting(Settings(), "imap.port", 1025)
    with pytest.raises(NotFound):
        config.with_setting(Settings(), "imap.ports", 1)


def test_only_what_was_changed_is_written_and_unknown_entries_stay(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"sync.parallel": 4, "later.version": [1]}))
    loaded = load_settings(path)
    assert loaded.settings.sync.parallel == 4
    changed = config.with_setting(loaded.settings, "ui.theme", "dark")
    save_settings(path, changed, loaded.unknown)
    assert json.loads(path.read_text()) == {"sync.parallel": 4, "ui.theme": "dark", "later.version": [1]}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_settings(path).settings == changed


def test_values_that_cannot_be_used_are_left_out_and_said(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"imap.port": "1150", "smtp.port": True, "sync.parallel": 99, "ui.theme": "dark"}))
    loaded = load_settings(path)
    assert loaded.settings == config.with_setting(Settings(), "ui.theme", "dark")
    assert len(loaded.complaints) == 3


def test_ports_may_be_swapped_but_not_shared_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"imap.port": 1025, "smtp.port": 1143}))
    assert load_settings(path).complaints == ()
    path.write_text(json.dumps({"imap.port": 1025}))
    loaded = load_settings(path)
    assert (loaded.settings.imap.port, loaded.settings.smtp.port) == (1143, 1025)
    assert len(loaded.complaints) == 1


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe"])
def test_a_damaged_file_is_set_aside(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert loaded.damaged
    assert len(loaded.complaints) == 1
    assert load_settings(path).complaints == loaded.complaints  # whoever reads it first keeps nothing from the next
    set_aside(path)
    assert (tmp_path / "settings.json.damaged").read_bytes() == content
    assert load_settings(path).complaints == ()


@pytest.mark.parametrize(
    ("raw", "off"),
    [
        ({"ui.notifications": False}, ["problems", "programs", "sending"]),
        ({"ui.notifications": True}, []),
        ({"ui.notifications": False, "notifications.problems": True}, ["programs", "sending"]),
        ({"notifications.sending": False}, ["sending"]),
    ],
)
def test_the_one_switch_of_notifications_becomes_one_for_each_kind(
    raw: dict[str, object], off: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(raw))
    loaded = load_settings(path)
    kinds = ("problems", "programs", "sending")
    assert [kind for kind in kinds if not getattr(loaded.settings.notifications, kind)] == off
    assert not loaded.complaints
    save_settings(path, loaded.settings, loaded.unknown)
    assert json.loads(path.read_text()) == {f"notifications.{kind}": False for kind in off}


@given(raw=st.dictionaries(st.sampled_from(sorted(SETTINGS)), st.none() | st.booleans() | st.integers() | st.text()))
def test_no_content_breaks_loading(raw: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("s") / "settings.json"
    path.write_text(json.dumps(raw))
    loaded = load_settings(path)
    save_settings(path, loaded.settings)
    assert load_settings(path).settings == loaded.settings


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    config.write_private(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        config.write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_the_variable_names_another_service() -> None:
    assert config.effective_api_url(Settings(), {}) == config.DEFAULT_API_URL
    assert config.effective_api_url(Settings(), {"BRIDGE_GUI_API_URL": "http://127.0.0.1:1/"}) == "http://127.0.0.1:1"
    with pytest.raises(UsageError):
        config.effective_api_url(Settings(), {"BRIDGE_GUI_API_URL": "http://elsewhere.test"})


def test_resources_are_found() -> None:
    assert config.resource("srp-modulus-key.asc").is_file()
    with pytest.raises(BridgeError):
        config.resource("no-such-file")
