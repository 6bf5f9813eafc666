"""Reports of faults, sent because a person asked for it (API document 4.11). No session is needed."""

from __future__ import annotations

from collections.abc import Mapping

from bridge_gui.proton.http import Part, Request, Transport

CLIENT_MAIL = "1"
LOGS_IN_REQUEST = "0"


async def send_report(transport: Transport, fields: Mapping[str, str], files: Mapping[str, bytes]) -> None:
    """Send a report. `fields` are named as the service names them (Title, Description, Email, OS ...); empty ones are
    left out. `files` go along in the same request. Raise like `Transport.request`."""
    texts = {"ClientType": CLIENT_MAIL, "AsyncAttachments": LOGS_IN_REQUEST, **fields}
    parts = [Part(name, value.encode()) for name, value in texts.items() if value]
    parts += [Part(name, content, name, "application/octet-stream") for name, content in files.items()]
    await transport.request(Request("POST", "/core/v4/reports/bug", parts=tuple(parts), wait_when_throttled=False))
