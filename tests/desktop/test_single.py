from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bridge_gui.desktop.single import AlreadyRunning, ProfileLock

HOLD = (
    "import sys; from pathlib import Path; from bridge_gui.desktop.single import ProfileLock\n"
    "with ProfileLock(Path(sys.argv[1])):\n"
    "    print('held', flush=True); sys.stdin.read()\n"
)


def test_one_process_holds_it_and_its_death_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "core.lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunning), ProfileLock(path):
            pass
        holder.kill()
        holder.wait()
    with ProfileLock(path):
        assert path.stat().st_mode & 0o077 == 0
    with ProfileLock(path):
        pass
