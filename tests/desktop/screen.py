"""A screen of the tests' own (Xvfb with a window manager), panels on it, and the application as a person starts it."""

from __future__ import annotations

import contextlib
import imaplib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bridge_gui.config import open_profile
from bridge_gui.control.client import ControlClient
from bridge_gui.errors import NoCore
from tests.ports import choose_ports

T = TypeVar("T")
ROOT = Path(__file__).parents[2]

TINT2 = """
panel_items = S
panel_size = 300 32
panel_position = top left horizontal
panel_background_id = 1
rounded = 0
border_width = 0
background_color = {colour} 100
systray_padding = 4 4 4
systray_icon_size = 22
"""
ICON = (15, 16)
"""Where the only icon of that panel is."""


def until(found: Callable[[], T], what: str, timeout: float = 30.0) -> T:
    """Wait until something is there or true, and return it."""
    deadline = time.monotonic() + timeout
    while not (value := found()):
        assert time.monotonic() < deadline, f"{what}: not within {timeout} s"
        time.sleep(0.02)
    return value


@dataclass(frozen=True)
class Screen:
    """An X display, and hands on its keyboard and mouse."""

    display: str

    @property
    def environ(self) -> dict[str, str]:
        """For programs on this screen: no session bus but what is added."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("BRIDGE_GUI", "XDG_"))}
        return {
            **kept,
            "DISPLAY": self.display,
            "QT_QPA_PLATFORM": "xcb",
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
        }

    def run(self, *command: str) -> bytes:
        return subprocess.run(command, env=self.environ, capture_output=True, timeout=20, check=True).stdout

    def click(self, button: int, at: tuple[int, int] = ICON) -> None:
        self.run("xdotool", "mousemove", str(at[0]), str(at[1]), "click", str(button))

    def press(self, *keys: str) -> None:
        """Press keys one after the other; Qt's menus need a moment for each."""
        self.run("xdotool", "key", "--delay", "60", *keys)

    def windows(self, title: str) -> list[str]:
        """Ids of the visible windows whose title matches."""
        return self._search("--name", title)

    def windows_of(self, process: subprocess.Popen[bytes]) -> list[str]:
        """Ids of a program's visible windows, its menus and its icon in the panel included."""
        return self._search("--pid", str(process.pid))

    def _search(self, *what: str) -> list[str]:
        search = ["xdotool", "search", "--onlyvisible", *what]
        return subprocess.run(search, env=self.environ, capture_output=True, text=True, timeout=20).stdout.split()

    def clipboard(self, target: str = "UTF8_STRING") -> str:
        """What another program would paste; empty when nothing is there."""
        read = ["xclip", "-selection", "clipboard", "-o", "-t", target]
        return subprocess.run(read, env=self.environ, capture_output=True, text=True, timeout=20).stdout

    def picture(self, path: Path) -> Path:
        """Write what is on the screen to a file."""
        self.run("import", "-window", "root", str(path))
        return path

    @contextlib.contextmanager
    def panel(self, folder: Path, colour: str = "#202020") -> Iterator[None]:
        """A panel whose tray takes icons by XEmbed; it has ended when the block has."""
        config = folder / "tint2rc"
        config.write_text(TINT2.format(colour=colour))
        with _running(["tint2", "-c", str(config)], self.environ):
            yield


@contextlib.contextmanager
def screen() -> Iterator[Screen]:
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as said:
            made = Screen(f":{said.readline().strip()}")
        with _running(["openbox"], made.environ):
            yield made
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def _running(command: list[str], environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True)
class Running:
    """The application in a process of its own."""

    process: subprocess.Popen[bytes]
    profile: Path

    @property
    def control(self) -> ControlClient:
        return ControlClient(open_profile(self.profile))

    def status(self) -> dict[str, Any]:
        """As `bridge-gui status --json` prints it; empty before the core is up."""
        try:
            with self.control as core:
                found: dict[str, Any] = core.get("/v1/status")
                return found
        except NoCore:
            return {}

    def synced(self) -> dict[str, Any]:
        """Wait until the demonstration account's mail is here."""

        def found() -> dict[str, Any]:
            status = self.status()
            accounts = status.get("accounts", [])
            return status if accounts and accounts[0]["sync"]["complete"] else {}

        return until(found, "all mail is here")

    def demo(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Ask the demonstration service for something a real one would never do when asked."""
        url = self.status()["core"]["api"] + path
        request = urllib.request.Request(url, json.dumps(body or {}).encode(), method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def add_program(self, label: str) -> dict[str, Any]:
        account = self.status()["accounts"][0]["id"]
        with self.control as core:
            made: dict[str, Any] = core.post("/v1/clients", {"label": label, "account": account})
            return made

    def password(self, label: str) -> str:
        client = next(one for one in self.status()["clients"] if one["label"] == label)
        with self.control as core:
            return str(core.get(f"/v1/clients/{client['id']}")["password"])

    def sign_in(self, username: str, password: str) -> list[bytes]:
        """Sign in to IMAP as a mail program does and return what SELECT says."""
        context = ssl.create_default_context(cafile=self.profile / "certificate.pem")
        imap = imaplib.IMAP4_SSL("127.0.0.1", self.status()["listeners"][0]["port"], ssl_context=context)
        try:
            imap.login(username, password)
            answer, found = imap.select("INBOX")
            assert answer == "OK"
            return found
        finally:
            imap.logout()


@contextlib.contextmanager
def application(profile: Path, environ: dict[str, str], *arguments: str) -> Iterator[Running]:
    """Start `bridge-gui` with a profile; at the end it has to go by itself when it is asked to."""
    choose_ports(profile)
    command = [sys.executable, "-m", "bridge_gui", "--profile", str(profile), *arguments]
    with (profile.parent / f"{profile.name}.log").open("wb") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
        try:
            yield Running(process, profile)
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0, log.name
        finally:
            process.kill()
            process.wait()
