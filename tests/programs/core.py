"""A whole core in a process of its own, as `serve --demo` starts it, and the command line beside it."""

from __future__ import annotations

import contextlib
import imaplib
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge_gui.config import open_profile
from bridge_gui.control.client import ControlClient
from tests.ports import choose_ports

CLI = (sys.executable, "-m", "bridge_gui")


@dataclass(frozen=True)
class Program:
    """One mail program's credentials as `client add` printed them."""

    id: str
    username: str
    password: str


@dataclass(frozen=True)
class DemoCore:
    """A running core: where it listens, and how to ask it."""

    process: subprocess.Popen[str]
    profile: Path
    ready: dict[str, Any]

    @property
    def imap_port(self) -> int:
        return int(self.ready["imap"]["port"])

    @property
    def smtp_port(self) -> int:
        return int(self.ready["smtp"]["port"])

    @property
    def certificate(self) -> str:
        return str(self.ready["certificate"])

    @property
    def accounts(self) -> list[dict[str, Any]]:
        return list(self.ready["demo"]["accounts"])

    @property
    def control(self) -> ControlClient:
        """What the command line asks, without the time that a process takes to start."""
        return ControlClient(open_profile(self.profile))

    def cli(self, *arguments: str, stdin: str | None = None, check: bool = True) -> Any:
        """Run one command with --json and return its document."""
        done = subprocess.run(
            [*CLI, *arguments, "--json", "--profile", str(self.profile)],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )
        if check:
            assert done.returncode == 0, (arguments, done.returncode, done.stderr)
        return json.loads(done.stdout or done.stderr or "null")

    def sign_in(self, number: int) -> str:
        """Sign a demo account in, wait until all of its mail is here, and return its address."""
        account = self.accounts[number]
        address = str(account["address"])
        with self.control as asked:
            names = [known["username"] for known in asked.get("/v1/status")["accounts"]]
        if account["username"] not in names:
            self.cli("account", "login", account["username"], "--password-stdin", stdin=account["password"] + "\n")
        self.cli("account", "wait", address, "--synced", "--timeout", "50")
        return address

    def add_program(self, label: str, address: str, access: str = "full") -> Program:
        with self.control as asked:
            body = {"label": label, "account": address, "app": "other", "address": address, "access": access}
            made = asked.post("/v1/clients", body)
        return Program(made["id"], made["username"], made["password"])


@contextlib.contextmanager
def running_core(profile: Path, env: Mapping[str, str] | None = None) -> Iterator[DemoCore]:
    """A core on an empty profile, ended with SIGTERM."""
    choose_ports(profile)
    log = (profile / "stderr.txt").open("w")
    process = subprocess.Popen(
        [*CLI, "serve", "--demo", "--profile", str(profile)],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env={**os.environ, **(env or {})},
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


def program(name: str) -> str:
    """The full path of a mail program; a missing one fails, as packaging/test.sh installs them all."""
    found = shutil.which(name)
    assert found, f"{name} is not installed: packaging/test.sh installs it"
    return found


def run(*command: str, stdin: str | None = None, env: dict[str, str] | None = None, timeout: float = 50) -> str:
    """Run a program to its end and return what it printed; a failing one fails the test with its own words. One that
    hangs is ended with all that it has started, which would else keep its output open and the test waiting."""
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE if stdin is not None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            raise AssertionError((command[0], f"not within {timeout} s", out[-2000:], err[-2000:])) from None
    assert process.returncode == 0, (command[0], process.returncode, out[-2000:], err[-2000:])
    return out


def signed_in(core: DemoCore, address: str) -> imaplib.IMAP4_SSL:
    """imaplib on the account, with a password of its own."""
    made = core.add_program("imaplib", address)
    imap = imaplib.IMAP4_SSL(
        "127.0.0.1", core.imap_port, ssl_context=ssl.create_default_context(cafile=core.certificate)
    )
    imap.login(made.username, made.password)
    imap.select("INBOX")
    return imap


def wait_for(imap: imaplib.IMAP4, subject: str, tries: int = 200) -> int:
    """How many messages of the selected mailbox have this subject, as soon as there is one; NOOP takes the news in."""
    for _ in range(tries):
        imap.noop()
        _, found = imap.search(None, "HEADER", "Subject", f'"{subject}"')
        if found[0]:
            return len(found[0].split())
        time.sleep(0.2)
    return 0
