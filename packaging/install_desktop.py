"""Put Bridge Manager into the desktop's menu (Linux), or take it out: `install_desktop.py [--remove]`.

Run it with the Python that Bridge Manager is installed in. Everything goes below the user's own data folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bridge_gui.config import resource
from bridge_gui.desktop import autostart

NAME = "bridge-gui"


def entry(command: list[str]) -> str:
    """The menu's entry (Desktop Entry Specification); its name is the one that the window says it belongs to."""
    exec_line = next(
        line for line in autostart.desktop_entry(command).decode().splitlines() if line.startswith("Exec=")
    )
    return "\n".join(
        (
            "[Desktop Entry]",
            "Type=Application",
            "Name=Bridge Manager",
            "Comment=Proton Mail for any mail program of this computer",
            "Comment[ru]=Proton Mail для любой почтовой программы этого компьютера",
            exec_line,
            f"Icon={NAME}",
            "Terminal=false",
            "Categories=Network;Email;",
            "Keywords=mail;IMAP;SMTP;Proton;",
            "StartupNotify=true",
            "",
        )
    )


def main() -> None:
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    menu = data / "applications" / f"{NAME}.desktop"
    icon = data / "icons" / "hicolor" / "scalable" / "apps" / f"{NAME}.svg"
    if "--remove" in sys.argv[1:]:
        for path in (menu, icon):
            path.unlink(missing_ok=True)
        print("Taken out of the menu.")
    else:
        for path in (menu, icon):
            path.parent.mkdir(parents=True, exist_ok=True)
        menu.write_text(entry(autostart.program()), encoding="utf-8")
        shutil.copyfile(resource("icons/app.svg"), icon)
        print(f"Bridge Manager stands in the menu: {menu}")
    if shutil.which("update-desktop-database"):
        subprocess.run(["update-desktop-database", "--quiet", str(menu.parent)], check=False)


if __name__ == "__main__":
    main()
