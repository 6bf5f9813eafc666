"""The settings in force, and their file."""

from __future__ import annotations

import contextlib
from pathlib import Path

from bridge_gui.aio import off_loop
from bridge_gui.answers import SettingState
from bridge_gui.config import (
    SETTINGS,
    Settings,
    as_text,
    get_setting,
    load_settings,
    save_settings,
    set_aside,
    setting_info,
    with_setting,
)
from bridge_gui.core.listeners import is_free, next_free
from bridge_gui.errors import UsageError
from bridge_gui.model import Protocol

PORTS = {"imap.port": Protocol.IMAP, "smtp.port": Protocol.SMTP}


def port_of(settings: Settings, protocol: Protocol) -> int:
    return settings.imap.port if protocol is Protocol.IMAP else settings.smtp.port


class SettingsInForce:
    """The settings as they are now; a change counts when it is on the disk."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._new = not file.exists()
        loaded = load_settings(file)
        self.value: Settings = loaded.settings
        self.complaints = loaded.complaints
        if loaded.damaged:
            with contextlib.suppress(OSError):  # it was complained about, and is replaced by the next change
                set_aside(file)
        self._unknown = loaded.unknown

    def parsed(self, key: str, text: str) -> Settings:
        """The settings with one changed, not yet in force. Raise `NotFound` or `UsageError`."""
        return with_setting(self.value, key, setting_info(key).parse(text))

    async def adopt(self, settings: Settings) -> None:
        """Write settings and put them in force."""
        await off_loop(None, save_settings, self._file, settings, self._unknown)
        self.value = settings

    async def choose_first_ports(self) -> None:
        """With no settings yet no mail program was told a port: take the next free ones and keep them."""
        if not self._new:
            return
        settings = self.value
        imap = next_free(settings.imap.port, [settings.smtp.port]) or settings.imap.port
        smtp = next_free(settings.smtp.port, [imap]) or settings.smtp.port
        # One that was taken meanwhile becomes the ordinary state of a busy port.
        await self.adopt(with_setting(with_setting(settings, "imap.port", imap), "smtp.port", smtp))
        self._new = False

    def wrong(self, key: str, text: str) -> str:
        """Say what is wrong with a value, or nothing: the table's rule, and for a port whether it can be had. Blocking,
        for a moment."""
        try:
            settings = self.parsed(key, text)
        except UsageError as error:
            return error.message
        if key in PORTS and settings != self.value and not is_free(port_of(settings, PORTS[key])):
            return "Another program listens on this port."
        return ""

    def changed_keys(self, key: str | None) -> list[str]:
        """The keys that differ from their defaults, among all or just the one asked for."""
        wanted = list(SETTINGS) if key is None else [setting_info(key).key]
        return [name for name in wanted if get_setting(self.value, name) != SETTINGS[name].default]

    def port(self, protocol: Protocol) -> int:
        return port_of(self.value, protocol)

    def state(self, key: str) -> SettingState:
        info = setting_info(key)
        choices = ("true", "false") if isinstance(info.default, bool) else info.choices
        value = as_text(get_setting(self.value, key))
        return SettingState(key, value, as_text(info.default), info.meaning, choices, info.needs)

    def states(self) -> tuple[SettingState, ...]:
        return tuple(self.state(key) for key in SETTINGS)
