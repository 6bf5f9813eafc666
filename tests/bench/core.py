"""Our core in a process of its own on the demo service in another, for measuring."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.dovecot import free_port

CLI = [sys.executable, "-m", "bridge_gui"]


@dataclass(frozen=True)
class Service:
    """The demo service."""

    url: str
    accounts: list[dict[str, Any]]
    pid: int


@dataclass(frozen=True)
class Core:
    """`bridge-gui serve`."""

    profile: Path
    ready: dict[str, Any]
    pid: int

    def cli(self, *arguments: str, stdin: str | None = None) -> Any:
        done = subprocess.run(
            [*CLI, *arguments, "--json", "--profile", str(self.profile)], input=stdin, capture_output=True, text=True
        )
        if done.returncode != 0:
            raise RuntimeError(f"{arguments}: {done.stderr}")
        return json.loads(done.stdout or "null")


def _first_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args!r} ended at once")
    document: dict[str, Any] = json.loads(line)
    return document


@contextlib.contextmanager
def _running(command: list[str], environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def service(*options: str) -> Iterator[Service]:
    with _running([sys.executable, "-m", "bridge_gui.demo", "--port", "0", *options]) as process:
        ready = _first_line(process)
        yield Service(ready["url"], ready["accounts"], process.pid)


@contextlib.contextmanager
def core(folder: Path, api: Service) -> Iterator[Core]:
    """A core on the profile below `folder` (a new one, with nobody signed in, unless there is one), with a passphrase
    instead of a keychain, and on ports that nobody else uses."""
    profile = folder / "profile"
    profile.mkdir(mode=0o700, exist_ok=True)
    settings = profile / "settings.json"
    chosen = json.loads(settings.read_text()) if settings.exists() else {}
    settings.write_text(json.dumps({**chosen, "imap.port": free_port(), "smtp.port": free_port()}))
    passphrase = folder / "passphrase"
    passphrase.write_text("correct horse battery staple\n")
    passphrase.chmod(0o600)
    command = [*CLI, "serve", "--profile", str(profile), "--passphrase-file", str(passphrase)]
    with _running(command, {"BRIDGE_GUI_API_URL": api.url}) as process:
        yield Core(profile, _first_line(process), process.pid)


def sign_in(core: Core, account: dict[str, Any]) -> float:
    """Sign in and return the seconds from the call's start until INBOX is usable (the CLI's own start included)."""
    start = time.perf_counter()
    core.cli("account", "login", account["username"], "--password-stdin", stdin=account["password"] + "\n")
    core.cli("account", "wait", account["username"], "--usable", "--timeout", "300")
    return time.perf_counter() - start
