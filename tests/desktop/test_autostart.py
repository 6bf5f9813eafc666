from __future__ import annotations

import configparser
import plistlib
import shlex
import sys
from pathlib import Path

import pytest

from bridge_gui.desktop import autostart
from bridge_gui.errors import Refused


@pytest.mark.skipif(sys.platform != "linux", reason="the XDG way")
def test_the_entry_comes_and_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert not autostart.is_enabled()
    autostart.set_enabled(False)
    autostart.set_enabled(True)
    autostart.set_enabled(True)
    assert autostart.is_enabled()
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(tmp_path / "config" / "autostart" / "bridge-gui.desktop")
    assert entry["Desktop Entry"]["Type"] == "Application"
    assert shlex.split(entry["Desktop Entry"]["Exec"]) == [sys.executable, "-m", "bridge_gui", "--at-login"]
    autostart.set_enabled(False)
    assert not autostart.is_enabled()


@pytest.mark.skipif(sys.platform != "linux", reason="the XDG way")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text("a file")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with pytest.raises(Refused):
        autostart.set_enabled(True)


@pytest.mark.parametrize(
    ("argument", "quoted"),
    [
        ("/usr/bin/app", "/usr/bin/app"),
        ("with space", '"with space"'),
        ("100%", "100%%"),
        ('say "hi"', '"say \\\\"hi\\\\""'),
        ("cash$", '"cash\\\\$"'),
        ("back\\slash", '"back\\\\\\\\slash"'),
    ],
)
def test_the_exec_line_is_quoted_as_the_specification_says(argument: str, quoted: str) -> None:
    assert f"Exec={quoted}\n" in autostart.desktop_entry([argument]).decode()


def test_the_launch_agent() -> None:
    read = plistlib.loads(autostart.plist(["/Applications/Bridge Manager", "--no-window"]))
    assert read["ProgramArguments"] == ["/Applications/Bridge Manager", "--no-window"]
    assert read["RunAtLoad"] is True


def test_a_frozen_application_starts_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert autostart.command(None) == [sys.executable, "--at-login"]


def test_a_profile_that_was_named_is_named_again() -> None:
    assert autostart.command(Path("/home/anna/my mail"))[-2:] == ["--profile", "/home/anna/my mail"]
    assert (
        '--profile "/home/anna/my mail"'
        in autostart.desktop_entry(autostart.command(Path("/home/anna/my mail"))).decode()
    )
