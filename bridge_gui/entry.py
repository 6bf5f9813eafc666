"""The one entry: tray and window for no command, the command line for everything else.

What is imported here is on the way of the tray icon, so it is little: neither the command line nor a core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bridge_gui.config import Profile, load_settings
from bridge_gui.errors import BridgeError, NoCore, Refused
from bridge_gui.options import StartOptions, options, profile_of


class OpenWindow(Protocol):
    """Opens tray and window until the person quits, and returns the exit code; raises ImportError without Qt."""

    def __call__(self, options: StartOptions, *, hidden: bool) -> int: ...


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """The options of `bridge-gui` without a command."""

    demo: bool = False
    no_window: bool = False
    at_login: bool = False
    """Started with the desktop: the setting `ui.start_hidden` says whether the window is shown."""
    profile: Path | None = None
    passphrase_file: Path | None = None


def window_options(argv: Sequence[str]) -> WindowOptions | None:
    """Read the options of the window, or return None when the arguments are a command's."""
    found: dict[str, Any] = {}
    rest = list(argv)
    while rest:
        name, joined, value = rest.pop(0).partition("=")
        field = name.removeprefix("--").replace("-", "_")
        if name in ("--demo", "--no-window", "--at-login") and not joined:
            found[field] = True
        elif name in ("--profile", "--passphrase-file") and (joined or rest):
            found[field] = Path(value if joined else rest.pop(0))
        else:
            return None
    return WindowOptions(**found)


def run(argv: Sequence[str], open_window: OpenWindow) -> int:
    """Open the window or run one command; return the exit code."""
    window = window_options(argv)
    if window is None:
        from bridge_gui import cli

        return cli.run(argv)
    try:
        return _open(window, open_window)
    except BridgeError as error:
        from bridge_gui import cli

        return cli.fail(error, as_json=False)
    except KeyboardInterrupt:
        return 130


def _open(window: WindowOptions, open_window: OpenWindow) -> int:
    """Open tray and window; where a core has the profile already, bring its window to the front instead."""
    chosen = options(window.profile, demo=window.demo, passphrase_file=window.passphrase_file, window=True)
    profile = profile_of(chosen)
    if not chosen.temporary and _show_running(profile):
        return 0
    hidden = window.no_window or (window.at_login and load_settings(profile.settings_file).settings.ui.start_hidden)
    try:
        return open_window(chosen, hidden=hidden)
    except ImportError as error:
        raise Refused(
            f"The window cannot be opened: {error}.",
            title="There is no screen",
            remedy="Install the system's libraries for Qt, or start without a window: bridge-gui serve",
        ) from error


def _show_running(profile: Profile) -> bool:
    """Ask a running core for its window; tell whether there is one. Raise `Refused` for a core without a window."""
    if not profile.control_file.exists():
        return False
    from bridge_gui.control.client import ControlClient

    try:
        with ControlClient(profile) as core:
            core.post("/v1/show")
    except NoCore:
        return False  # it was killed, and left its card behind
    return True
