"""The settings in force, and their file."""

from __future__ import annotations

from pathlib import Path

from bridge_gui.aio import off_loop
from bridge_gui.config import (
    SETTINGS,
    Settings,
    as_text,
    get_setting,
    load_settings,
    save_settings,
    setting_info,
    with_setting,
)
from bridge_gui.core.listeners import next_free
from bridge_gui.model import Protocol
from bridge_gui.state import SettingState


class SettingsInForce:
    """The settings as they are now; a change counts when it is on the disk."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._new = not file.exists()
        loaded = load_settings(file)
        self.value: Settings = loaded.settings
        self.complaints = loaded.complaints
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

    def port(self, protocol: Protocol) -> int:
        return self.value.imap.port if protocol is Protocol.IMAP else self.value.smtp.port

    def state(self, key: str) -> SettingState:
        info = setting_info(key)
        choices = ("true", "false") if isinstance(info.default, bool) else info.choices
        value = as_text(get_setting(self.value, key))
        return SettingState(key, value, as_text(info.default), info.meaning, choices, info.needs)

    def states(self) -> tuple[SettingState, ...]:
        return tuple(self.state(key) for key in SETTINGS)
