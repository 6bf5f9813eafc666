"""Every sentence of the core that a person may see; `{}` stands for what varies."""

from __future__ import annotations

SENTENCES: frozenset[str] = frozenset()
