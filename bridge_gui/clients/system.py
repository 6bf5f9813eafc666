"""The system around a mail program: which one it is, how its tools are run, and its own list of trusted certificates.

The commands for macOS and Windows are written by their documentation and have not been run on a real machine. They are
the user's own, without elevation; the system asks its question itself, and a person who says no is told what follows.
"""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from bridge_gui.errors import Refused

QUESTION_SECONDS = 300.0
"""How long the system's own question may stand open before we give up."""

Run = Callable[[Sequence[str]], int]
"""Run a command and return its exit code; `run` does it, tests have their own."""


def run(command: Sequence[str]) -> int:
    """Run one of the system's tools. Nothing secret is ever in its arguments."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=QUESTION_SECONDS,
        )
    except FileNotFoundError as error:
        raise Refused(f"{command[0]} is not there.") from error
    except subprocess.TimeoutExpired as error:
        raise Refused(f"{command[0]} did not come to an end.") from error
    return done.returncode


@dataclass(frozen=True, slots=True)
class System:
    """The system that we run on: `darwin`, `win32` or another of `sys.platform`'s, with its release."""

    name: str
    home: Path
    release: tuple[int, ...] = ()
    """macOS: (15, 1)."""
    run: Run = run

    @property
    def is_mac(self) -> bool:
        return self.name == "darwin"

    @property
    def is_windows(self) -> bool:
        return self.name == "win32"


def this_system(home: Path) -> System:
    digits = platform.mac_ver()[0].split(".") if sys.platform == "darwin" else []
    return System(sys.platform, home, tuple(int(digit) for digit in digits if digit.isdigit()))


# ---------------------------------------------------------------------------------------------- trust


def certificate_of(ca: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(ca.read_bytes())
    except (OSError, ValueError) as error:
        raise Refused("The certificate cannot be read.", remedy="Renew it in the settings.") from error


def thumbprint(ca: Path) -> str:
    """SHA-1 in upper hex, by which Windows and the macOS keychain name a certificate."""
    return certificate_of(ca).fingerprint(hashes.SHA1()).hex().upper()


def trust(system: System, ca: Path) -> None:
    """Have the user's own store trust our CA for TLS; the system asks once. Raise `Refused` when it does not."""
    if system.is_mac:
        check: tuple[str, ...] = ("security", "verify-cert", "-c", str(ca), "-p", "ssl")
        add: tuple[str, ...] = (
            *("security", "add-trusted-cert", "-r", "trustRoot", "-p", "ssl", "-k"),
            str(_keychain(system)),
            str(ca),
        )
    else:
        check = ("certutil", "-user", "-verifystore", "Root", thumbprint(ca))
        add = ("certutil", "-user", "-addstore", "Root", str(ca))
    if system.run(check) != 0 and system.run(add) != 0:
        raise Refused(
            "The system does not trust the certificate of this computer's bridge.",
            title="The certificate is not trusted",
            remedy="Try again, and confirm the question of the system.",
        )


def distrust(system: System, print_: str) -> None:
    """Take our CA out of the user's store again, by its thumbprint. What is not there any more is no error."""
    if system.is_mac:
        system.run(("security", "delete-certificate", "-t", "-Z", print_, str(_keychain(system))))
    else:
        system.run(("certutil", "-user", "-delstore", "Root", print_))


def _keychain(system: System) -> Path:
    return system.home / "Library/Keychains/login.keychain-db"
