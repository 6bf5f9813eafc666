"""Where Thunderbird keeps its profiles, and whether one is in use."""

from __future__ import annotations

import configparser
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from bridge_gui.clients import thunderbird_prefs
from bridge_gui.clients.base import Found, read
from bridge_gui.errors import Refused

RUNNING = "Thunderbird is running."
RUNNING_REMEDY = "Close Thunderbird, then try again: it would overwrite what is written now."


def roots(home: Path) -> list[Path]:
    """The folders that may hold profiles.ini: installer or package, snap, flatpak, store edition."""
    if sys.platform == "darwin":
        return [home / "Library/Thunderbird"]
    if sys.platform == "win32":
        local, roaming = Path(os.environ.get("LOCALAPPDATA", home)), Path(os.environ.get("APPDATA", home))
        store = local.glob("Packages/MozillaThunderbird*/LocalCache/Roaming/Thunderbird")
        return [roaming / "Thunderbird", *store]
    flatpaks = home.glob(".var/app/org.mozilla.*hunderbird*/.thunderbird")
    return [home / ".thunderbird", home / "snap/thunderbird/common/.thunderbird", *flatpaks]


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
    return [folder for name in dict.fromkeys(names) if (folder := root / name).is_dir()]


def _ini(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    with contextlib.suppress(FileNotFoundError):
        try:
            parser.read_string(path.read_text(encoding="utf-8-sig"))
        except configparser.Error as error:
            raise Refused(f"{path} cannot be read.") from error
    return parser


def detect(home: Path) -> tuple[Found, ...]:
    """Every profile of this user that a Thunderbird opens, with the addresses in it."""
    return tuple(found(folder) for root in roots(home) for folder in chosen_profiles(root))


def found(folder: Path) -> Found:
    prefs = read(folder / "prefs.js") or b""
    addresses = thunderbird_prefs.addresses(prefs.decode("utf-8", "surrogateescape"))
    running = False
    try:
        with locked(folder):
            pass
    except Refused:
        running = True
    return Found("thunderbird", folder, addresses, running)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock that Thunderbird takes; refuse when it has it. Its `lock` link is no sign: a crash leaves it."""
    if sys.platform == "win32":
        import _winapi

        try:
            # Opened with no sharing, as Thunderbird opens it.
            handle = _winapi.CreateFile(str(folder / "parent.lock"), 0xC0000000, 0, 0, 4, 0, 0)
        except OSError as error:
            raise Refused(RUNNING, remedy=RUNNING_REMEDY) from error
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
            raise Refused(RUNNING, remedy=RUNNING_REMEDY) from error
        yield
    finally:
        os.close(descriptor)
