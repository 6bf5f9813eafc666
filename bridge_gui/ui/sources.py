"""PySide6 reads the source of every module that is imported after it, to see whether it mentions PySide6: for the sake
of its `__feature__`, which nobody here uses. All that it has read stays in memory, which would be 20 MB.
"""

from __future__ import annotations

import sys


def leave_unread() -> None:
    """Import Qt and let it read nothing of what follows. A PySide6 that looks otherwise is left as it is."""
    import PySide6.QtCore  # noqa: F401

    feature = sys.modules.get("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        setattr(feature, "_mod_uses_pyside", lambda module: False)  # noqa: B010 (it is not ours, and has no type)
