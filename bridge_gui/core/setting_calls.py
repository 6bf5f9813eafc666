"""Calls of the bridge: settings, what protects the passwords, and the certificate."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from bridge_gui.aio import off_loop
from bridge_gui.answers import CertificateState, SettingState
from bridge_gui.config import Settings
from bridge_gui.core.life import Life
from bridge_gui.core.settings import PORTS
from bridge_gui.desktop import autostart
from bridge_gui.errors import Refused, UsageError
from bridge_gui.model import Protocol
from bridge_gui.secret import Secret
from bridge_gui.state import Problem

MOVING = Problem(
    "cache-moving",
    "The mail is moved to its new folder",
    remedy="Mail programs are served again as soon as it is done.",
)


class SettingCalls(Life):
    """Change what a person can choose; each change takes effect at once."""

    async def settings(self) -> tuple[SettingState, ...]:
        return self._settings.states()

    async def setting(self, key: str) -> SettingState:
        return self._settings.state(key)

    async def check_setting(self, key: str, value: str) -> str:
        """Say in a sentence what is wrong with a value, or nothing; changes nothing."""
        return await off_loop(None, self._settings.wrong, key, value)

    async def set_setting(self, key: str, value: str) -> SettingState:
        """Change one setting, on the disk as well, and let it take effect."""
        before = self._settings.value
        after = self._settings.parsed(key, value)
        if key == "ui.start_at_login":
            named = self._profile.config if self._profile.whole else None
            await off_loop(None, autostart.set_enabled, after.ui.start_at_login, named)
        if after != before:
            if key == "cache.folder" and self._opened is not None:
                await self._move_store(before, after)
            else:
                await self._settings.adopt(after)
            self._set_core(settings_changes=self._core.settings_changes + 1)
        if key in PORTS:
            await self._move_port(PORTS[key])
        elif key == "log.level":
            logging.getLogger().setLevel(after.log.level)
        if self._opened is not None:
            self._opened.service.use_settings(after)
            self._opened.accounts.use_settings(after)
            if key == "api.app_version" and after != before:
                await self._opened.accounts.try_again()
        self._publish()
        return self._settings.state(key)

    async def reset_settings(self, key: str | None = None) -> tuple[SettingState, ...]:
        """Put one setting, or all, back to its default; each takes effect as by `set_setting`."""
        for changed in self._settings.changed_keys(key):
            await self.set_setting(changed, self._settings.state(changed).default)
        return self._settings.states()

    async def move_cache(self, folder: str) -> None:
        """Move the local copy of the mail to another folder; empty: back into the profile."""
        await self.set_setting("cache.folder", folder)

    async def _move_store(self, before: Settings, after: Settings) -> None:
        opened = self._open

        async def adopt() -> None:
            await self._settings.adopt(after)
            opened.service.use_settings(after)

        loop = asyncio.get_running_loop()

        def progress(done: int, total: int) -> None:
            loop.call_soon_threadsafe(self._moved, done, total)

        async with self._changing:
            self._sessions.end_all("The local copy of the mail is being moved.")
            old, new = self._profile.cache_folder(before), self._profile.cache_folder(after)
            self._moved(0, 1)
            try:
                await opened.move_store(old, new, adopt, progress)
            finally:
                self._set_core(problem=None)

    def _moved(self, done: int, total: int) -> None:
        """Show how much of the mail is in its new folder."""
        message = f"{100 * done // max(1, total)} % are copied."
        if self._changing.locked() and (self._core.problem is None or self._core.problem.message != message):
            self._set_core(problem=replace(MOVING, message=message))

    async def _move_port(self, protocol: Protocol) -> None:
        if self._opened is not None and self._ports[protocol].state.port != self._settings.port(protocol):
            await self._open_port(protocol, await self._opened.certificates.context())

    # ------------------------------------------------------------------------------------------ protection

    async def protection(self) -> str:
        """What protects the stored passwords: `keychain`, `passphrase`, or `file` in a demonstration."""
        return self._open.vault.key_place.value

    async def protect(self, passphrase: Secret[str] | None) -> None:
        """Protect the stored passwords by a passphrase, or by the keychain for None."""
        if passphrase is not None and not passphrase.reveal():
            raise UsageError("An empty passphrase protects nothing.")
        await self._open.vault.protect(replace(self._keys, passphrase=passphrase, key_file=None))
        self._keys = replace(self._keys, passphrase=passphrase)

    # ------------------------------------------------------------------------------------------ certificate

    async def certificate(self) -> CertificateState:
        """What mail programs see of us, to be compared and trusted."""
        return await self._open.certificates.state()

    async def certificate_pem(self) -> str:
        """The CA certificate, which is public."""
        return (await self._open.certificates.record()).ca_pem

    async def export_certificate(self, path: Path) -> None:
        """Write the CA certificate, which is public, to a file."""
        pem = await self.certificate_pem()
        try:
            await off_loop(None, path.write_text, pem)
        except OSError as error:
            raise Refused(f"{path} cannot be written: {error.strerror}.") from error

    async def renew_certificate(self) -> CertificateState:
        """Make a new CA and server certificate and serve it from now on; mail programs have to trust it anew."""
        await self._open.certificates.renew()
        return await self._take_up_certificate()

    async def import_certificate(self, pem: Secret[str]) -> CertificateState:
        """Serve a certificate of one's own: a PEM text with certificate, issuers and key. It is never replaced by
        itself. Raise `Refused` when mail programs could not use it."""
        await self._open.certificates.use(pem)
        return await self._take_up_certificate()
