"""The certificate in use: made when there is none, renewed in time, and laid beside the settings for mail programs."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bridge_gui.aio import off_loop
from bridge_gui.answers import CertificateState
from bridge_gui.config import write_private
from bridge_gui.secret import Secret
from bridge_gui.vault.certificate import (
    describe,
    is_imported,
    make_certificate,
    needs_renewal,
    read_certificate,
    server_context,
)
from bridge_gui.vault.records import CertificateRecord
from bridge_gui.vault.vault import Vault


class Certificates:
    """The vault's certificate. `file` gets the CA certificate, which is public."""

    def __init__(self, vault: Vault, file: Path, clock: Callable[[], float]) -> None:
        self._vault = vault
        self._file = file
        self._clock = clock
        self._described: tuple[CertificateRecord, str] | None = None

    async def ensure(self) -> bool:
        """See to it that there is a valid one. Return True when one that was in use had to be replaced."""
        record = self._vault.content.certificate
        if record is None or (needs_renewal(record, self._now()) and not is_imported(record)):
            await self.renew()
            return record is not None
        await off_loop(None, self._lay_out, record.ca_pem)
        return False

    async def renew(self) -> None:
        """Make a new CA and server certificate."""
        made = await off_loop(None, make_certificate, self._now())
        await self._vault.update(lambda content: replace(content, certificate=made))
        await off_loop(None, self._lay_out, made.ca_pem)

    async def use(self, pem: Secret[str]) -> None:
        """Take a certificate of the person's own; raise `Refused` when mail programs could not use it."""
        read = await off_loop(None, read_certificate, pem, self._now())
        await self._vault.update(lambda content: replace(content, certificate=read))
        await off_loop(None, self._lay_out, read.ca_pem)

    async def context(self) -> ssl.SSLContext:
        """The servers' TLS context."""
        return await off_loop(None, server_context, await self.record())

    async def record(self) -> CertificateRecord:
        record = self._vault.content.certificate
        if record is None:
            await self.ensure()
            record = self._vault.content.certificate
        assert record is not None
        return record

    @property
    def fingerprint(self) -> str:
        """Of the server's certificate; empty as long as there is none."""
        record = self._vault.content.certificate
        if record is None:
            return ""
        if self._described is None or self._described[0] is not record:
            self._described = (record, describe(record).fingerprint)
        return self._described[1]

    @property
    def file(self) -> Path:
        return self._file

    async def state(self) -> CertificateState:
        info = describe(await self.record())
        return CertificateState(
            info.fingerprint, info.ca_fingerprint, str(self._file), info.not_after.timestamp(), info.hosts
        )

    def _lay_out(self, pem: str) -> None:
        if not self._file.exists() or self._file.read_text(encoding="ascii", errors="replace") != pem:
            write_private(self._file, pem.encode())

    def _now(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self._clock(), datetime.UTC)
