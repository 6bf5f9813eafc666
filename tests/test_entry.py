"""What opens the window, and how."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bridge_gui import entry
from bridge_gui.control.server import control_interface
from bridge_gui.entry import WindowOptions, window_options
from bridge_gui.options import StartOptions
from tests.core.fakes import Rig


class Opener:
    """Takes what the window would be opened with."""

    def __init__(self) -> None:
        self.seen: list[tuple[StartOptions, bool]] = []

    def __call__(self, options: StartOptions, *, hidden: bool) -> int:
        self.seen.append((options, hidden))
        return 7


@pytest.mark.parametrize(
    ("arguments", "window"),
    [
        ([], WindowOptions()),
        (["--demo", "--no-window"], WindowOptions(demo=True, no_window=True)),
        (["--at-login"], WindowOptions(at_login=True)),
        (["--profile", "x"], WindowOptions(profile=Path("x"))),
        (["--profile=x", "--demo"], WindowOptions(profile=Path("x"), demo=True)),
        (["--passphrase-file", "f"], WindowOptions(passphrase_file=Path("f"))),
        (["--profile"], None),
        (["--demo=yes"], None),
        (["status"], None),
        (["--profile", "x", "status"], None),
        (["--help"], None),
    ],
)
def test_what_opens_the_window(arguments: Sequence[str], window: WindowOptions | None) -> None:
    assert window_options(arguments) == window


def test_the_window_is_opened_with_what_was_asked(tmp_path: Path) -> None:
    opener = Opener()
    assert entry.run(["--profile", str(tmp_path), "--no-window"], opener) == 7
    assert opener.seen == [(StartOptions(tmp_path, window=True), True)]


@pytest.mark.parametrize("start_hidden", [True, False])
def test_started_with_the_desktop_the_setting_decides(tmp_path: Path, start_hidden: bool) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({"ui.start_hidden": start_hidden}))
    opener = Opener()
    entry.run(["--profile", str(tmp_path), "--at-login"], opener)
    entry.run(["--profile", str(tmp_path)], opener)
    assert [hidden for _, hidden in opener.seen] == [start_hidden, False]


def test_without_a_screen_the_other_way_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def no_screen(options: StartOptions, *, hidden: bool) -> int:
        raise ImportError("libEGL.so.1: cannot open shared object file")

    assert entry.run(["--profile", str(tmp_path)], no_screen) == 1
    assert "bridge-gui serve" in capsys.readouterr().err


@pytest.mark.parametrize("more", [[], ["--no-window"], ["--demo"]])
async def test_a_running_window_comes_to_the_front_instead(tmp_path: Path, more: list[str]) -> None:
    opener = Opener()
    async with Rig(tmp_path, window=True) as rig, control_interface(rig.bridge, rig.profile):
        assert await asyncio.to_thread(entry.run, ["--profile", str(tmp_path), *more], opener) == 0
        assert rig.bridge.now().core.show_requests == 1
    assert opener.seen == []


async def test_a_running_core_without_a_window_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opener = Opener()
    async with Rig(tmp_path) as rig, control_interface(rig.bridge, rig.profile):
        assert await asyncio.to_thread(entry.run, ["--profile", str(tmp_path)], opener) == 1
    assert "without a window" in capsys.readouterr().err


def test_the_card_of_a_core_that_was_killed_is_no_core(tmp_path: Path) -> None:
    card = {"token": "t", "socket": str(tmp_path / "control.sock")}
    (tmp_path / "control.json").write_text(json.dumps(card))
    opener = Opener()
    assert entry.run(["--profile", str(tmp_path)], opener) == 7
