"""The core that the tests of this folder share."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.programs.core import CLI, DemoCore


@pytest.fixture(scope="session")
def demo_core(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCore]:
    """One core for all tests of this folder: each test uses mailboxes and programs of its own."""
    profile = tmp_path_factory.mktemp("profile")
    log = (profile / "stderr.txt").open("w")
    process = subprocess.Popen(
        [*CLI, "serve", "--demo", "--profile", str(profile)], stdout=subprocess.PIPE, stderr=log, text=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, (profile / "stderr.txt").read_text()
        yield DemoCore(process, profile, json.loads(line))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        log.close()
