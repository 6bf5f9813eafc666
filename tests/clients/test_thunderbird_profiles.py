"""Where Thunderbird's profiles are found on each system, which one it opens, and whether it is in use."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bridge_gui.clients import thunderbird_profiles as profiles
from bridge_gui.clients.thunderbird_profiles import Installs, chosen_profiles, locked
from bridge_gui.errors import NotFound, ProgramRunning, Refused, UsageError
from tests.clients.homes import make_profile, running


def make(root: Path, name: str = "abcd.default-release", *, started: bool = True) -> Path:
    """A profile that its install opens."""
    folder = root / name
    folder.mkdir(parents=True)
    if started:
        (folder / "prefs.js").write_text("")
    (root / "installs.ini").write_text(f"[4F96D1932A9F858E]\nDefault={name}\nLocked=1\n")
    return folder


@pytest.mark.parametrize(
    ("system", "root"),
    [
        pytest.param("linux", ".thunderbird", id="package or tarball"),
        pytest.param("linux", "snap/thunderbird/common/.thunderbird", id="snap"),
        pytest.param("linux", ".var/app/org.mozilla.Thunderbird/.thunderbird", id="flatpak"),
        pytest.param("linux", ".var/app/org.mozilla.thunderbird/.thunderbird", id="flatpak, lower case"),
        pytest.param("darwin", "Library/Thunderbird", id="macOS"),
        pytest.param("win32", "Roaming/Thunderbird", id="Windows"),
        pytest.param(
            "win32",
            "Local/Packages/MozillaThunderbirdMZLA_1a2b3c/LocalCache/Roaming/Thunderbird",
            id="Windows, store edition",
        ),
    ],
)
def test_each_kind_of_install_is_found(system: str, root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPDATA", str(tmp_path / "Roaming"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "Local"))
    folder = make(tmp_path / root)
    monkeypatch.setattr(profiles.sys, "platform", system)
    found = [profile for place in profiles.roots(tmp_path) for profile in chosen_profiles(place)]
    assert found == [folder.resolve()]


TWO = "[Profile0]\nName=a\nIsRelative=1\nPath=one\n{}[Profile1]\nName=b\nIsRelative=1\nPath=two\n"


@pytest.mark.parametrize(
    ("installs", "ini", "expected"),
    [
        pytest.param("[A]\nDefault=two\nLocked=1\n", TWO.format("Default=1\n"), ["two"], id="the install's own"),
        pytest.param("[A]\nDefault=two\n[B]\nDefault=one\n", "", ["two", "one"], id="two installs"),
        pytest.param("", "[InstallA]\nDefault=two\nLocked=1\n" + TWO.format(""), ["two"], id="in profiles.ini"),
        pytest.param("", TWO.format("Default=1\n"), ["one"], id="marked as default"),
        pytest.param("", "[Profile0]\nName=a\nIsRelative=1\nPath=two\n", ["two"], id="the only one"),
        pytest.param("", TWO.format(""), [], id="which one cannot be told"),
        pytest.param("[A]\nDefault=gone\n", "", [], id="a folder that is gone"),
        pytest.param("\ufeff[A]\nDefault=two\n", "", ["two"], id="with a byte order mark"),
        pytest.param("[A]\nDefault={root}/two\n", "", ["two"], id="a full path"),
    ],
)
def test_which_profile_it_opens(installs: str, ini: str, expected: list[str], tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "installs.ini").write_text(installs.format(root=tmp_path), encoding="utf-8")
    (tmp_path / "profiles.ini").write_text(ini)
    assert [folder.name for folder in chosen_profiles(tmp_path)] == expected


def test_a_damaged_list_is_said(tmp_path: Path) -> None:
    (tmp_path / "profiles.ini").write_text("no section\n")
    with pytest.raises(Refused, match="cannot be read"):
        chosen_profiles(tmp_path)


def test_several_are_listed_and_asked_for(tmp_path: Path) -> None:
    first = make_profile(tmp_path)
    second = make(tmp_path / "snap/thunderbird/common/.thunderbird")
    installs = Installs(tmp_path)
    assert [entry.target for entry in installs.detect()] == [str(first), str(second)]
    with pytest.raises(UsageError, match=r"old@example\.org") as caught:
        installs.only()
    assert "--target" in caught.value.remedy


def test_installed_and_never_started_is_one_without_a_target(tmp_path: Path) -> None:
    make(tmp_path / ".thunderbird", started=False)
    (found,) = Installs(tmp_path, lambda home: ("thunderbird",)).detect()
    assert (found.installed, found.target) == (True, "")
    (missing,) = Installs(tmp_path, lambda home: None).detect()
    assert not missing.installed
    with pytest.raises(NotFound, match="was not found"):
        Installs(tmp_path, lambda home: None).only()


def test_the_lock_tells_and_what_a_crash_left_does_not(tmp_path: Path) -> None:
    folder = make_profile(tmp_path)
    (folder / "lock").symlink_to("127.0.0.1:+4711")
    (folder / ".parentlock").touch()
    with locked(folder):
        pass
    with running(folder):
        with pytest.raises(ProgramRunning, match="running"), locked(folder):
            pass
        assert Installs(tmp_path).only().running
    with locked(folder):
        pass


SCRIPT = """
import pathlib, sys, time
sys.path[:0] = {path!r}
from tests.clients.homes import make_profile
{body}
time.sleep(600)
"""


def fake_program(tmp_path: Path, body: str) -> tuple[str, ...]:
    script = tmp_path / "fake.py"
    script.write_text(SCRIPT.format(path=[str(Path(__file__).parents[2])], body=body))
    return (sys.executable, str(script))


def test_the_first_start_ends_once_there_is_a_key(tmp_path: Path) -> None:
    home = tmp_path / "home"
    line = fake_program(tmp_path, f"make_profile(pathlib.Path({str(home)!r}))")
    assert Installs(home, lambda _: line).first_start() == home / ".thunderbird" / "abcd1234.default-release"


def test_a_first_start_that_makes_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "FIRST_START_SECONDS", 0.3)
    with pytest.raises(Refused, match="did not make its profile"):
        Installs(tmp_path, lambda _: fake_program(tmp_path, "")).first_start()
    with pytest.raises(NotFound):
        Installs(tmp_path, lambda _: None).first_start()
