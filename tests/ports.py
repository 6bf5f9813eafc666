"""Ports of a core's own for each test: runs side by side must not meet on the usual ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from bridge_gui import config
from bridge_gui.core.listeners import is_free

OURS = range(10_000, 32_000)
"""Below those that systems hand out for outgoing connections, above what services use."""


def choose_ports(profile: Path) -> None:
    """Give a profile that has no settings yet two free ports, as if a person had chosen them."""
    settings = config.open_profile(profile).settings_file
    if settings.exists():
        return
    settings.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = _free_ports()
    chosen = config.with_setting(config.Settings(), "imap.port", next(free))
    config.save_settings(settings, config.with_setting(chosen, "smtp.port", next(free)))


def _free_ports() -> Iterator[int]:
    for number in random.SystemRandom().sample(OURS, 200):
        if is_free(number):
            yield number
