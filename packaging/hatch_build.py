"""Hatch's hook: a wheel holds what lies in `resources/`, with the compiled translations in place of their sources."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ResourcesHook(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        sys.path.insert(0, self.root)
        from bridge_gui.ui.lrelease import compiled

        resources = Path(self.root, "resources")
        for path in sorted(path for path in resources.rglob("*") if path.is_file() and path.suffix != ".qm"):
            made = compiled(path) if path.suffix == ".ts" else path
            build_data["force_include"][str(made)] = f"bridge_gui/_resources/{made.relative_to(resources).as_posix()}"
