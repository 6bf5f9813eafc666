"""Start: `bridge-gui` alone opens the tray, a command after it runs the command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge_gui.options import StartOptions


def main() -> None:
    """Run the window for no command or only window options, the command line for everything else."""
    from bridge_gui.entry import run
    from bridge_gui.memory import leave_out_httpx_command

    leave_out_httpx_command()
    sys.exit(run(sys.argv[1:], open_window))


def open_window(options: StartOptions, *, hidden: bool) -> int:
    """Open the graphical side; Qt is imported only here, so that the command line stays quick and works without it."""
    from bridge_gui.ui.sources import leave_unread

    leave_unread()
    from bridge_gui.app import main as graphical

    return graphical(options, hidden=hidden)


if __name__ == "__main__":
    main()
