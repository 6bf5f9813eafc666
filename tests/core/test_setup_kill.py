"""A core killed at each write of a set-up, and of its undo: all or nothing, and no password left alive unused."""

# ruff: noqa: ASYNC221, ASYNC240 - nothing else is on the loop meanwhile

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bridge_gui.state import SetupPhase
from tests.clients.homes import files, make_profile, thunderbird_of
from tests.core.fakes import Rig

OURS = b"127.0.0.1"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("action", ["apply", "undo"])
async def test_killed_at_each_write(action: str, tmp_path: Path) -> None:
    live = tmp_path / "live"
    profile = make_profile(live / "home")
    before = files(profile)
    async with Rig(live / "core", programs=thunderbird_of(live / "home")) as rig:
        account = (await rig.signed_in()).state.id
        if action == "undo":
            await rig.bridge.setup_apply(account, "thunderbird")
    live.rename(tmp_path / "template")
    subprocess.run(
        [sys.executable, "-m", "tests.core.setup_victim", str(tmp_path), action], check=True, timeout=50, cwd=ROOT
    )
    copies = sorted((entry for entry in tmp_path.iterdir() if entry.name.isdigit()), key=lambda entry: int(entry.name))
    assert len(copies) > 10
    outcomes = []
    for copy in copies:
        copy.rename(live)
        async with Rig(live / "core", programs=thunderbird_of(live / "home")) as rig:
            now, made = files(profile), await rig.bridge.setups_made()
            clients = rig.bridge.now().clients
            if clients:
                assert [entry.phase for entry in rig.bridge.now().setups] == [SetupPhase.WAITING]
                assert [entry.clients for entry in made] == [(clients[0].id,)]
                assert OURS in now["prefs.js"]
                assert OURS in now["cert_override.txt"]
                assert now["logins.json"].count(OURS) == 4
            else:
                assert (now, made) == (before, ())
                assert not list(profile.glob(".bridge-gui-*"))
            outcomes.append(bool(clients))
        shutil.rmtree(live)
    # First as it was, from some write on as it is to be; nothing in between and no way back.
    assert outcomes == sorted(outcomes, reverse=action == "undo")
    assert len(set(outcomes)) == 2
