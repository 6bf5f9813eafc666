"""Start with the desktop: an XDG autostart entry, a LaunchAgent, or a value of the Run key; all of the user, none of
the system."""

from __future__ import annotations

import os
import plistlib
import sys
from pathlib import Path

from bridge_gui.config import write_private
from bridge_gui.errors import Refused

NAME = "bridge-gui"
LABEL = "Bridge Manager"
_RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"


def program() -> list[str]:
    """How this application was started, so that the same one is started again."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "bridge_gui"]


def command(profile: Path | None) -> list[str]:
    """What the desktop runs, on a profile folder that was named or on the usual one; the setting `ui.start_hidden` is
    looked at when it does."""
    return [*program(), "--at-login", *(("--profile", str(profile)) if profile is not None else ())]


def set_enabled(enabled: bool, profile: Path | None = None) -> None:
    """Make or remove the entry. Blocking. Raise `Refused` when the system does not let us."""
    try:
        if sys.platform == "win32":
            _set_windows(enabled, command(profile))
        elif sys.platform == "darwin":
            _set_file(_launch_agent(), enabled, plist(command(profile)))
        else:
            _set_file(_xdg_entry(), enabled, desktop_entry(command(profile)))
    except OSError as error:
        raise Refused(f"The entry for starting with the desktop could not be changed: {error.strerror}.") from error


def is_enabled() -> bool:
    """Tell whether the entry is there."""
    if sys.platform == "win32":
        return _in_windows()
    path = _launch_agent() if sys.platform == "darwin" else _xdg_entry()
    return path.exists()


def desktop_entry(arguments: list[str]) -> bytes:
    """The XDG autostart entry. Exec has a quoting of its own (Desktop Entry Specification, The Exec key)."""
    quoted = " ".join(_exec_quote(argument) for argument in arguments)
    lines = ["[Desktop Entry]", "Type=Application", f"Name={LABEL}", f"Exec={quoted}", "X-GNOME-Autostart-enabled=true"]
    return ("\n".join(lines) + "\n").encode()


def _exec_quote(argument: str) -> str:
    argument = argument.replace("%", "%%")
    if argument and not any(char in argument for char in " \t\n\"'\\><~|&;$*?#()`"):
        return argument
    escaped = argument
    for char in '\\"`$':
        escaped = escaped.replace(char, "\\" + char)
    # The file's own string escapes come on top of those of the key.
    return '"' + escaped.replace("\\", "\\\\") + '"'


def plist(arguments: list[str]) -> bytes:
    """The LaunchAgent (launchd.plist(5))."""
    return plistlib.dumps(
        {"Label": NAME, "ProgramArguments": arguments, "RunAtLoad": True, "ProcessType": "Interactive"}
    )


def _xdg_entry() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "autostart" / f"{NAME}.desktop"


def _launch_agent() -> Path:
    return Path.home() / "Library" / "LaunchAgents" / f"{NAME}.plist"


def _set_file(path: Path, enabled: bool, content: bytes) -> None:
    if enabled:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, content)
    else:
        path.unlink(missing_ok=True)


if sys.platform == "win32":
    import subprocess
    import winreg

    def _set_windows(enabled: bool, arguments: list[str]) -> None:
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _RUN_KEY) as key:
            if enabled:
                winreg.SetValueEx(key, NAME, 0, winreg.REG_SZ, subprocess.list2cmdline(arguments))
            elif _in_windows():
                winreg.DeleteValue(key, NAME)

    def _in_windows() -> bool:
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _RUN_KEY) as key:
                winreg.QueryValueEx(key, NAME)
        except FileNotFoundError:
            return False
        return True
