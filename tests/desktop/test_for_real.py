"""Done once for real: a keychain and back, a renewed certificate under live listeners, a report as file and sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bridge_gui.demo import corpora
from bridge_gui.demo.profiles import ANNA, BO
from bridge_gui.demo.server import DemoServer
from bridge_gui.demo.world import World
from bridge_gui.options import StartOptions
from bridge_gui.secret import Secret
from bridge_gui.start import core
from bridge_gui.state import ListenerState
from tests.desktop.bus import session_bus

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(120)]

CLI = (sys.executable, "-m", "bridge_gui")


@contextlib.contextmanager
def keyring(folder: Path) -> Iterator[dict[str, str]]:
    """An unlocked gnome-keyring on a bus of its own; yields the environment that leads to it."""
    home = folder / "home"
    runtime = home / "run"
    runtime.mkdir(mode=0o700, parents=True)
    with session_bus() as address:
        environ = {key: value for key, value in os.environ.items() if not key.startswith("BRIDGE_GUI")}
        environ |= {"DBUS_SESSION_BUS_ADDRESS": address, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)}
        command = ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"]
        with subprocess.Popen(
            command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as daemon:
            assert daemon.stdin is not None
            daemon.stdin.write(b"test\n")
            daemon.stdin.close()
            try:
                yield environ
            finally:
                daemon.terminate()


@contextlib.contextmanager
def serving(profile: Path, environ: dict[str, str], *arguments: str) -> Iterator[dict[str, Any]]:
    """A core without a window; yields what it says first: that it listens, or why it does not."""
    command = [*CLI, "serve", "--json", "--profile", str(profile), *arguments]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline() or process.stderr.readline()
        try:
            yield json.loads(line)
        finally:
            process.send_signal(signal.SIGTERM)


def cli(profile: Path, environ: dict[str, str], *arguments: str, stdin: str = "") -> Any:
    done = subprocess.run(
        [*CLI, *arguments, "--json", "--profile", str(profile)],
        env=environ,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


def test_from_the_keychain_to_a_passphrase_and_back(tmp_path: Path) -> None:
    profile, words = tmp_path / "profile", tmp_path / "words"
    words.write_text("correct horse\n")
    with keyring(tmp_path) as environ:
        with serving(profile, environ) as said:
            assert said["event"] == "ready"
            assert cli(profile, environ, "doctor")[0]["sentence"].endswith(
                "protected by the keychain of this computer."
            )
            cli(profile, environ, "protect", "--passphrase-stdin", stdin="correct horse\n")
        with serving(profile, environ) as said:
            assert said["error"]["code"] == "vault-locked"
        with serving(profile, environ, "--passphrase-file", str(words)) as said:
            assert said["event"] == "ready"
            cli(profile, environ, "protect", "--keychain")
        with serving(profile, environ) as said:
            assert said["event"] == "ready"
    nowhere = {**environ, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
    vault = (profile / "vault.enc").read_bytes()
    with serving(profile, nowhere) as said:
        assert said["error"]["code"] == "keychain-missing"
    assert (profile / "vault.enc").read_bytes() == vault


@contextlib.asynccontextmanager
async def signed_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A core on the demo service, and that service's world."""
    world = World(profiles=(ANNA, BO), cache_folder=folder / "keys")
    corpora.populate(world, messages=10)
    (folder / "words").write_text("correct horse\n")
    async with DemoServer(world=world, thread=True) as service:
        monkeypatch.setenv("BRIDGE_GUI_API_URL", service.url)
        async with core(StartOptions(folder / "profile", passphrase_file=folder / "words")) as running:
            await running.bridge.login(ANNA.username, Secret(ANNA.password))
            account = await running.bridge.find_account(ANNA.username)
            await running.bridge.wait(account, timeout=30)
            yield running.bridge, world


def served(listeners: Sequence[ListenerState]) -> set[bytes]:
    """The certificates that both ports show at this moment."""
    found = set()
    for listener in listeners:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with _connect(listener.port) as plain, context.wrap_socket(plain) as secured:
            found.add(secured.getpeercert(binary_form=True) or b"")
    return found


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


async def test_a_renewed_certificate_is_served_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with signed_in(tmp_path, monkeypatch) as (bridge, _):
        before = await asyncio.to_thread(served, bridge.now().listeners)
        await bridge.renew_certificate()
        after = await asyncio.to_thread(served, bridge.now().listeners)
        assert len(before) == len(after) == 1
        assert before != after
        context = ssl.create_default_context(cafile=tmp_path / "profile" / "certificate.pem")
        with contextlib.closing(await asyncio.to_thread(_connect, bridge.now().listeners[0].port)) as plain:
            await asyncio.to_thread(lambda: context.wrap_socket(plain, server_hostname="127.0.0.1").close())


async def test_a_report_holds_no_address_and_no_subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a file, and as the service gets it."""
    async with signed_in(tmp_path, monkeypatch) as (bridge, world):
        await bridge.add_client("Mail", await bridge.find_account("anna"))
        parts = await bridge.report("mail", "It is slow", "Since yesterday.", True)
        file = tmp_path / "report.zip"
        await bridge.save_report(parts, file)
        await bridge.send_report(parts)
    assert file.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(file) as archive:
        saved = {name: archive.read(name) for name in archive.namelist()}
    assert {"report.txt", "system.json", "state.json", "doctor.json", "settings.json", "logs/bridge.log"} <= set(saved)
    (sent,) = world.reports
    assert sent.fields["Email"] == "anna@bridge.example"
    assert "It is slow" in sent.fields["Title"]
    assert saved.pop("report.txt").decode() == sent.fields["Description"]  # the person's own words, and whom to answer
    assert saved == sent.files
    everything = b"".join(saved.values())
    assert not [address.email for address in ANNA.addresses if address.email.encode() in everything]
    subjects = [message.subject.encode() for message in world.account("anna").mailbox.messages.values()]
    assert not [subject for subject in subjects if len(subject) > 8 and subject in everything]
