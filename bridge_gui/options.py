"""How a core is to be started. Apart from `start`, which imports a whole core: the tray is there before that."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bridge_gui.config import APP_NAME, ENV_PROFILE, Profile, open_profile


@dataclass(frozen=True, slots=True)
class StartOptions:
    """How to start. Made by `options`, which decides about the temporary profile once."""

    profile: Path | None = None
    demo: bool = False
    passphrase_file: Path | None = None
    window: bool = False
    temporary: bool = False
    """The profile folder was made for this run and is deleted after it."""


def options(
    profile: Path | None = None, *, demo: bool = False, passphrase_file: Path | None = None, window: bool = False
) -> StartOptions:
    """Say how to start; a demonstration without a profile gets a temporary one."""
    if demo and profile is None and not os.environ.get(ENV_PROFILE):
        folder = Path(tempfile.mkdtemp(prefix=f"{APP_NAME}-demo-"))
        return StartOptions(folder, True, passphrase_file, window, temporary=True)
    return StartOptions(profile, demo, passphrase_file, window)


def profile_of(chosen: StartOptions) -> Profile:
    return open_profile(chosen.profile)
