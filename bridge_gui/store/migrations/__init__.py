"""The ladder of layouts: one module for each version, one step each. `PRAGMA user_version` says how many were
climbed."""

from __future__ import annotations

from collections.abc import Callable

import apsw

from bridge_gui.store.migrations import v0001, v0002

LADDER: tuple[Callable[[apsw.Connection], None], ...] = (v0001.upgrade, v0002.upgrade)
