"""Where Thunderbird keeps its profiles, whether one is in use, and the first start that makes one."""

from __future__ import annotations

import configparser
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge_gui.answers import ProgramFound
from bridge_gui.clients import thunderbird_logins, thunderbird_prefs
from bridge_gui.clients.base import aimed
from bridge_gui.clients.journal import read
from bridge_gui.errors import NotFound, ProgramRunning, Refused
from bridge_gui.model import Access

APP, NAME = "thunderbird", "Thunderbird"
FIRST_START_SECONDS = 60.0
_HELD = threading.Lock()
"""One lock at a time: closing any descriptor of a file gives up all locks that this process has on it (POSIX)."""
ACCESSES = (Access.FULL, Access.READ_ONLY)
"""Thunderbird has no account that only sends."""
FLATPAKS = ("org.mozilla.Thunderbird", "org.mozilla.thunderbird")


def roots(home: Path) -> list[Path]:
    """The folders that may hold profiles.ini: installer or package, snap, flatpak, store edition."""
    if sys.platform == "darwin":
        return [home / "Library/Thunderbird"]
    if sys.platform == "win32":
        local, roaming = Path(os.environ.get("LOCALAPPDATA", home)), Path(os.environ.get("APPDATA", home))
        store = local.glob("Packages/MozillaThunderbird*/LocalCache/Roaming/Thunderbird")
        return [roaming / "Thunderbird", *sorted(store)]
    flatpaks = home.glob(".var/app/org.mozilla.*hunderbird*/.thunderbird")
    return [home / ".thunderbird", home / "snap/thunderbird/common/.thunderbird", *sorted(flatpaks)]


def command(home: Path) -> tuple[str, ...] | None:
    """How the installed Thunderbird is started; None when there is none."""
    if sys.platform == "darwin":
        places = [folder / "Thunderbird.app/Contents/MacOS/thunderbird" for folder in (Path("/Applications"), home)]
    elif sys.platform == "win32":
        folders = (os.environ.get(name) for name in ("ProgramFiles", "ProgramFiles(x86)"))
        places = [Path(folder) / "Mozilla Thunderbird/thunderbird.exe" for folder in folders if folder]
    else:
        found = shutil.which("thunderbird")
        places = [Path(found)] if found else []
    for place in places:
        if place.is_file():
            return (str(place),)
    for name in FLATPAKS:
        if any(
            (folder / name).exists() for folder in (Path("/var/lib/flatpak/app"), home / ".local/share/flatpak/app")
        ):
            return ("flatpak", "run", name)
    return None


@dataclass(frozen=True, slots=True)
class Installs:
    """The Thunderbird of one user."""

    home: Path
    find_command: Callable[[Path], tuple[str, ...] | None] = command

    def detect(self) -> tuple[ProgramFound, ...]:
        """Every profile that a Thunderbird opens, with its addresses; one without a target where it is installed and
        was never started; one that is not installed where there is nothing."""
        folders = [folder for root in roots(self.home) for folder in chosen_profiles(root)]
        found = tuple(found_at(folder) for folder in folders if (folder / "prefs.js").is_file())
        return found or (
            ProgramFound(APP, NAME, installed=self.find_command(self.home) is not None, accesses=ACCESSES),
        )

    def only(self) -> ProgramFound:
        found = self.detect()
        if not found[0].installed:
            raise NotFound("Thunderbird was not found on this computer.", remedy="Install Thunderbird, then try again.")
        return aimed(found, None, NAME)

    def first_start(self) -> Path:
        """Start Thunderbird without a window until it has made its profile, and end it again; return the profile.

        A profile made by `-CreateProfile` would not be used: the first start makes its own and locks it to the install.
        """
        line = self.find_command(self.home)
        if line is None:
            raise NotFound("Thunderbird was not found on this computer.", remedy="Install Thunderbird, then try again.")
        process = subprocess.Popen(
            [*line, "--headless"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(self.home), "MOZ_HEADLESS": "1"},
            start_new_session=True,
        )
        try:
            return self._made_profile(process)
        finally:
            _end(process)

    def _made_profile(self, process: subprocess.Popen[bytes]) -> Path:
        until = time.monotonic() + FIRST_START_SECONDS
        while time.monotonic() < until and process.poll() is None:
            for root in roots(self.home):
                for folder in chosen_profiles(root):
                    # The key that passwords are stored under is made some seconds after its file.
                    if (folder / "prefs.js").is_file() and _has_key(folder / "key4.db"):
                        return folder
            time.sleep(0.2)
        raise Refused(
            "Thunderbird did not make its profile.", remedy="Start Thunderbird once, close it again, then try again."
        )


def _has_key(path: Path) -> bool:
    try:
        return thunderbird_logins.open_key(path) is not None
    except Refused:
        return False  # it is being made in this moment


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what we started, and wait until it is gone: only then is the profile free. It may be a script that waits for
    the program proper, so all of its group is told."""
    if sys.platform == "win32":
        process.terminate()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def chosen_profiles(root: Path) -> list[Path]:
    """The profiles that Thunderbird opens: each install's own, else the default one, else the only one."""
    installs, profiles = _ini(root / "installs.ini"), _ini(root / "profiles.ini")
    names = [installs[section]["Default"] for section in installs.sections() if "Default" in installs[section]]
    sections = [profiles[name] for name in profiles.sections()]
    names += [entry["Default"] for entry in sections if entry.name.startswith("Install") and "Default" in entry]
    if not names:
        plain = [entry for entry in sections if entry.name.startswith("Profile") and "Path" in entry]
        marked = [entry for entry in plain if entry.get("Default") == "1"]
        names = [entry["Path"] for entry in marked or (plain if len(plain) == 1 else [])]
    # An absolute path stays what it is when joined to the root.
    return [folder.resolve() for name in dict.fromkeys(names) if (folder := root / name).is_dir()]


def _ini(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    with contextlib.suppress(FileNotFoundError):
        try:
            parser.read_string(path.read_text(encoding="utf-8-sig"))
        except configparser.Error as error:
            raise Refused(f"{path} cannot be read.") from error
    return parser


def found_at(folder: Path) -> ProgramFound:
    """One profile as it is shown."""
    prefs = read(folder / "prefs.js") if folder.is_dir() else None
    if prefs is None:
        raise NotFound(
            f"{folder} is not a profile of Thunderbird.", remedy="Start Thunderbird once, close it, then try again."
        )
    addresses = thunderbird_prefs.addresses(prefs.decode("utf-8", "surrogateescape"))
    running = False
    try:
        with locked(folder):
            pass
    except ProgramRunning:
        running = True
    title = folder.name.partition(".")[2] or folder.name
    return ProgramFound(APP, NAME, str(folder), title, addresses, running=running, accesses=ACCESSES)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock that Thunderbird takes; refuse when it has it. Its `lock` link is no sign: a crash leaves it."""
    with _HELD, _locked(folder):
        yield


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    if sys.platform == "win32":
        import _winapi

        try:
            # Opened with no sharing, as Thunderbird opens it.
            handle = _winapi.CreateFile(str(folder / "parent.lock"), 0xC0000000, 0, 0, 4, 0, 0)
        except OSError as error:
            raise _running() from error
        try:
            yield
        finally:
            _winapi.CloseHandle(handle)
        return
    import fcntl

    descriptor = os.open(folder / ".parentlock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _running() from error
        yield
    finally:
        os.close(descriptor)


def _running() -> ProgramRunning:
    return ProgramRunning(
        "Thunderbird is running.", remedy="Close Thunderbird: it would overwrite what is written now."
    )
