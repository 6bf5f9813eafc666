"""Translations as Qt reads them: `lrelease`, which comes with PySide6, makes a `.qm` out of each `.ts`.

Used when a wheel is built, and by a checkout the first time that a language is asked for. Imports nothing of Qt.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import util
from pathlib import Path


def tool() -> Path:
    """Where PySide6 keeps the program; raise `FileNotFoundError` when it does not have it."""
    spec = util.find_spec("PySide6")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        path = Path(folder) / ("lrelease.exe" if sys.platform == "win32" else "lrelease")
        if path.exists():
            return path
    raise FileNotFoundError("lrelease")


def compiled(source: Path) -> Path:
    """Return the `.qm` beside a `.ts`, made anew when it is missing or older.

    Raises `OSError` or `subprocess.SubprocessError` when it cannot be made.
    """
    target = source.with_suffix(".qm")
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return target
    temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        subprocess.run(
            [tool(), "-silent", "-nounfinished", source, "-qm", temporary], check=True, capture_output=True, timeout=30
        )
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return target
