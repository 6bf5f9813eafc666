"""Logs and the report of a problem: what a person sends to ask for help. Addresses are masked; no mail, no
passwords."""

from __future__ import annotations

import json
import os
import platform
import time
import zipfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bridge_gui.config import Profile, version
from bridge_gui.errors import Refused
from bridge_gui.log import redact

LOG_NAME = "bridge.log"
POLL_SECONDS = 0.25
LOG_FILES = 3
"""How many of the rotated files go into a report: about 15 MB of text at most, one tenth of that when compressed."""

Json = dict[str, Any]


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


def report_parts(profile: Profile, state: Json | None, checks: list[Json], settings: list[Json]) -> dict[str, str]:
    """The files of a report by name: exactly what would be sent."""
    system = {
        "version": version(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "running": state is not None,
    }
    changed = {entry["key"]: _public(entry) for entry in settings if entry["value"] != entry["default"]}
    parts = {
        "system.json": system,
        "state.json": state,
        "doctor.json": checks,
        "settings.json": changed,
    }
    files = {name: redact(json.dumps(value, indent=2, ensure_ascii=False)) for name, value in parts.items()}
    for path in sorted(profile.logs.glob(f"{LOG_NAME}*"))[:LOG_FILES]:
        files[f"logs/{path.name}"] = redact(path.read_text(encoding="utf-8", errors="replace"))
    return files


def _public(setting: Json) -> str:
    """A setting's value without what may be secret in it: a proxy's user and password, the name in a path."""
    value = str(setting["value"])
    if setting["key"] == "network.proxy":
        parts = urlsplit(value)
        host = parts.hostname or ""
        return urlunsplit(parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host))
    return value.replace(str(Path.home()), "~") if setting["key"] == "cache.folder" else value


def write_report(
    output: Path, profile: Profile, state: Json | None, checks: list[Json], settings: list[Json]
) -> list[str]:
    """Write the ZIP file, readable by its owner only; return the names in it."""
    parts = report_parts(profile, state, checks, settings)
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
    except OSError as error:
        raise Refused(f"{output} cannot be written: {error.strerror}.") from error
    return list(parts)
