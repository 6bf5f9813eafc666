"""`serve --demo` as a process of its own: from the ready line to a mail program that reads and sends."""

from __future__ import annotations

import imaplib
import json
import os
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SECONDS = 50


def environment() -> dict[str, str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("BRIDGE_GUI")}
    return {**environ, "PYTHONPATH": str(ROOT)}


def serve(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bridge_gui", "serve", "--demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )


def command(profile: str, *arguments: str, stdin: str = "") -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "bridge_gui", *arguments, "--profile", profile, "--json"],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment(),
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def ready() -> Iterator[Any]:
    """The ready line of a core on a temporary profile."""
    process = serve()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield json.loads(line)
        assert command_ends(process)
    finally:
        process.kill()
        process.communicate()


def command_ends(process: subprocess.Popen[str]) -> bool:
    process.terminate()
    return process.wait(SECONDS) == 0


def test_a_mail_program_reads_and_sends_with_what_the_command_line_says(ready: Any) -> None:
    profile = ready["profile"]
    anna, bo, *_ = ready["demo"]["accounts"]
    assert ready["demo"]["api"].startswith("http://127.0.0.1:")
    assert set(anna) == {"username", "password", "address"}
    state = command(profile, "account", "wait", anna["username"], "--usable", "--timeout", str(SECONDS))
    assert anna["address"] in state["addresses"]
    command(profile, "account", "login", bo["username"], "--password-stdin", stdin=f"{bo['password']}\n")

    mine = command(profile, "client", "add", "Mine", "--account", anna["address"])
    trust = ssl.create_default_context(cafile=ready["certificate"])
    with imaplib.IMAP4("127.0.0.1", ready["imap"]["port"], timeout=SECONDS) as imap:
        imap.starttls(trust)
        imap.login(mine["username"], mine["password"])
        _, (count,) = imap.select("INBOX", readonly=True)
        assert int(count or 0) > 10
        _, fetched = imap.fetch("1", "(BODY.PEEK[])")
        assert b"Message-Id:" in fetched[0][1]  # type: ignore[index]
        status = command(profile, "status")
        assert status["sessions"][0]["client"] == mine["id"]
    assert [client["label"] for client in status["clients"]] == ["Mine"]

    with smtplib.SMTP_SSL("127.0.0.1", ready["smtp"]["port"], timeout=SECONDS, context=trust) as smtp:
        smtp.login(mine["username"], mine["password"])
        smtp.sendmail(
            anna["address"],
            [bo["address"]],
            f"From: {anna['address']}\r\nTo: {bo['address']}\r\nSubject: over\r\n\r\nhello bo\r\n",
        )
    checks = {check["key"]: check["state"] for check in command(profile, "doctor")}
    assert checks["port-imap"] == checks["vault"] == "good"
