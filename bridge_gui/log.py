"""Logging: one file below the profile's `logs/`, and redaction of what must not be in it.

Code never logs secrets or mail in the first place (`Secret` masks itself). The filter is the second line: it masks mail
addresses and bearer tokens in whatever text reaches a handler, exceptions' texts included.
"""

from __future__ import annotations

import logging
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

_ADDRESS = re.compile(r"([A-Za-z0-9._%+-])[A-Za-z0-9._%+-]*@([A-Za-z0-9])[A-Za-z0-9.-]*")
_TOKEN = re.compile(r"(?i)\b(bearer|basic|authorization:?)\s+\S+")

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
FILE_BYTES = 5 * 1024 * 1024
FILE_COUNT = 8


def redact(text: str) -> str:
    """Mask mail addresses (`a***@e***`) and authorisation values."""
    return _ADDRESS.sub(r"\1***@\2***", _TOKEN.sub(r"\1 ****", text))


class RedactingFormatter(logging.Formatter):
    """Format as usual, then mask; so arguments and tracebacks are covered as well."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configure(folder: Path | None, level: str = "INFO", *, stderr: bool = False) -> None:
    """Send the log to `folder` (rotated, mode 0600 in a 0700 folder) and, if asked, to standard error."""
    handlers: list[logging.Handler] = []
    if folder is not None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / "bridge.log"
        path.touch(mode=0o600, exist_ok=True)
        handlers.append(RotatingFileHandler(path, maxBytes=FILE_BYTES, backupCount=FILE_COUNT, encoding="utf-8"))
    if stderr:
        handlers.append(logging.StreamHandler(sys.stderr))
    root = logging.getLogger()
    for handler in handlers:
        handler.setFormatter(RedactingFormatter(FORMAT))
        root.addHandler(handler)
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "hpack", "h2", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
