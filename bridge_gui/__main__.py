"""Start: `bridge-gui` alone opens the tray, a command after it runs the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the window for no command or only window options, the command line for everything else."""
    from bridge_gui.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
