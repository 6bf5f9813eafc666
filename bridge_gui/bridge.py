"""The bridge: accounts, mail programs, servers and vault in one core; what window, control interface and command line
talk to.

Everything runs on the core's loop. Calls come in as coroutines, snapshots go out through `state`. The calls are one
flat list, as only their names cross the border to the window's loop; where each is written says the kind of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bridge_gui.aio import off_loop
from bridge_gui.answers import Check, ReportPart
from bridge_gui.core import report as reports
from bridge_gui.core.account_calls import AccountCalls
from bridge_gui.core.doctor import examine
from bridge_gui.core.program_calls import ProgramCalls
from bridge_gui.core.setting_calls import SettingCalls


class Bridge(AccountCalls, ProgramCalls, SettingCalls):
    """One core. `start` brings it up even when the vault is locked; `close` ends it with all it started."""

    async def doctor(self) -> tuple[Check, ...]:
        """Look at everything that can be wrong and say so in sentences."""
        for port in self._ports.values():
            await port.try_now()
        folder = self._profile.cache_folder(self._settings.value)
        if not folder.is_dir():
            folder = self._profile.data
        return await examine(self._snapshot(), folder, self._opened, self._household.attempts, self._clock())

    async def report(self, category: str, title: str, description: str, logs: bool) -> tuple[ReportPart, ...]:
        """Put a report of a problem together: exactly what would be sent, addresses masked."""
        state, checks = self._snapshot(), await self.doctor()
        sender = state.accounts[0] if state.accounts else None
        username, address = (sender.username, sender.email) if sender is not None else ("", "")
        letter = reports.Letter(category, title, description, username, address) if title or description else None
        return await off_loop(
            None, reports.compose, letter, self._profile, state, checks, self._settings.states(), logs
        )

    async def save_report(self, parts: Sequence[ReportPart], path: Path) -> None:
        """Write a report to a ZIP file."""
        await off_loop(None, reports.save, parts, path)

    async def send_report(self, parts: Sequence[ReportPart]) -> None:
        """Send a report to the service, as it was put together and looked at."""
        await self._open.service.send_report(*reports.as_letter(parts))

    async def dismiss(self, key: str) -> None:
        """A person has seen a notice."""
        self._notices.dismiss(key)
        self._publish()
