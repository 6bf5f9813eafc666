"""What PySide6 would read and keep of everything that is imported after it."""

from __future__ import annotations

import subprocess
import sys

START = """
import contextlib, linecache
import bridge_gui.__main__ as start
with contextlib.suppress(AttributeError):
    start.open_window(None, hidden=True)  # ends at the options, with everything imported that the tray needs
import bridge_gui.app, bridge_gui.shell
print([name for name in linecache.cache if "bridge_gui" in name and not name.endswith(("sources.py", "__main__.py"))])
"""


def test_no_source_is_read_for_the_sake_of_features() -> None:
    done = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
