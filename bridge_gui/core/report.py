"""Logs and the report of a problem: what a person sends to ask for help. Addresses are masked; no mail, no
passwords."""

from __future__ import annotations

import json
import os
import platform
import time
import zipfile
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bridge_gui.answers import Check, ReportPart, SettingState
from bridge_gui.config import Profile, version
from bridge_gui.errors import Refused
from bridge_gui.log import redact
from bridge_gui.state import BridgeState, Mails

LOG_NAME = "bridge.log"
POLL_SECONDS = 0.25
LOG_FILES = 3
"""How many of the rotated files go into a report: about 15 MB of text at most, one tenth of that when compressed."""
LETTER = "report.txt"


@dataclass(frozen=True, slots=True)
class Letter:
    """What the person wrote."""

    category: str
    title: str
    description: str
    username: str = ""
    address: str = ""
    """Whom the service may answer: it takes no report without."""


def last_lines(folder: Path, count: int) -> list[str]:
    """The newest lines of the log; none when there is no log."""
    try:
        with (folder / LOG_NAME).open(encoding="utf-8", errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, maxlen=count)]
    except FileNotFoundError:
        return []


def follow_log(folder: Path) -> Iterator[str]:
    """Yield lines as they are added, for ever; a rotated log is followed into its new file."""
    path = folder / LOG_NAME
    position: int | None = None
    rest = ""
    while True:
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            size, position = 0, 0
        if position is None:
            position = size
        if size < position:
            position, rest = 0, ""
        if size > position:
            with path.open("rb") as file:
                file.seek(position)
                data = file.read(size - position)
            position = size
            *whole, rest = (rest + data.decode("utf-8", "replace")).split("\n")
            yield from whole
        else:
            time.sleep(POLL_SECONDS)


def compose(
    letter: Letter | None,
    profile: Profile,
    state: BridgeState | None,
    checks: Sequence[Check],
    settings: Sequence[SettingState],
    logs: bool,
) -> tuple[ReportPart, ...]:
    """Put a report together; each part is exactly what would be sent. Without a core there is no `state`. Blocking."""
    system = {
        "version": version(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "running": state is not None,
    }
    parts = []
    if letter is not None:
        sender = f"User name: {letter.username}\nAddress: {letter.address}\n" if letter.username else ""
        text = f"Category: {letter.category}\nTitle: {letter.title}\n{sender}\n{letter.description}\n"
        parts.append(ReportPart(LETTER, text))  # the person's own words stay as they are
    changed = {entry.key: _public(entry) for entry in settings if entry.value != entry.default}
    parts.append(_as_json("system.json", system))
    parts.append(_as_json("state.json", asdict(_without_subjects(state)) if state is not None else None))
    parts.append(_as_json("doctor.json", [asdict(check) for check in checks]))
    parts.append(_as_json("settings.json", changed))
    files = sorted(profile.logs.glob(f"{LOG_NAME}*"))[:LOG_FILES] if logs else []
    texts = ((path.name, redact(path.read_text(encoding="utf-8", errors="replace"))) for path in files)
    return (*parts, *(ReportPart(f"logs/{name}", text) for name, text in texts))


def _without_subjects(state: BridgeState) -> BridgeState:
    accounts = tuple(
        replace(
            account,
            outbox=tuple(replace(item, subject="") for item in account.outbox),
            taken_back=tuple(replace(back, messages=Mails()) for back in account.taken_back),
        )
        for account in state.accounts
    )
    return replace(state, accounts=accounts, notices=tuple(replace(notice, messages=None) for notice in state.notices))


def as_letter(parts: Sequence[ReportPart]) -> tuple[dict[str, str], dict[str, bytes]]:
    """Take a report apart for sending: the service's fields, and files. Raise `Refused` without a sender."""
    letter = next((part.text for part in parts if part.name == LETTER), "")
    head = dict(line.split(": ", 1) for line in letter.partition("\n\n")[0].splitlines() if ": " in line)
    if "Address" not in head:
        raise Refused(
            "Proton takes reports only from somebody whom it can answer.",
            remedy="Sign in to an account first, or save the report as a file.",
        )
    fields = {
        "Username": head.get("User name", ""),
        "Email": head["Address"],
        "Title": head.get("Title", ""),
        "Description": letter,
    }
    return fields, {part.name: part.text.encode() for part in parts if part.name != LETTER}


def _as_json(name: str, value: Any) -> ReportPart:
    return ReportPart(name, redact(json.dumps(value, indent=2, ensure_ascii=False)))


def _public(setting: SettingState) -> str:
    """A setting's value without what may be secret in it: a proxy's user and password, the name in a path."""
    if setting.key == "network.proxy":
        parts = urlsplit(setting.value)
        host = parts.hostname or ""
        return urlunsplit(parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host))
    return setting.value.replace(str(Path.home()), "~")


def save(parts: Sequence[ReportPart], path: Path) -> None:
    """Write the ZIP file, readable by its owner only. Blocking."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in parts:
                archive.writestr(part.name, part.text)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from error
