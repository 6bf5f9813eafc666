"""The error tree.

    BridgeError                  code, title, message, remedy: can be shown to a person as it is
    ├── UsageError               the request itself is wrong; who asked can mend it            (exit code 2)
    ├── NotFound                 no such account, mail program, setting
    ├── Refused                  understood, and not allowed or not possible now
    │   └── ProgramRunning       a mail program has to be closed before its files are written
    ├── Unreachable              the service cannot be reached: offline, DNS, TLS, time-out
    ├── ServiceError             the service answered with an error (`proton.errors` has the kinds)
    ├── CryptoError              a key, message or signature cannot be read or trusted (`openpgp` raises it)
    ├── StoreError               the local copy of the mail cannot be read or written
    │   ├── StoreDamaged         it is not a database, or fails its check: repaired by downloading again
    │   ├── StoreNotWritable     its folder is missing, or not ours to write in
    │   ├── StoreNewer           a newer version of the program has written it
    │   └── DiskFull
    ├── VaultError               the file of secrets cannot be opened
    │   ├── VaultLocked          the keychain is locked
    │   │   └── PassphraseNeeded the passphrase is missing or wrong
    │   ├── KeychainMissing      no keychain answers
    │   └── VaultDamaged         neither the file nor its last good copy can be read
    ├── PortBusy                 another program listens there
    └── NoCore                   no core is running                                             (exit code 3)

Library errors are turned into these at the room's door, with `raise ... from`. Expected outcomes (a wrong password, a
refused recipient) are values, not exceptions. No message ever holds a secret or the content of a mail.
"""

from __future__ import annotations

from typing import ClassVar


class BridgeError(Exception):
    """An error that can be shown to a person: what happened (`title`, `message`) and what to do (`remedy`)."""

    code: ClassVar[str] = "error"
    default_title: ClassVar[str] = "This did not work"
    default_remedy: ClassVar[str] = ""

    def __init__(self, message: str = "", *, title: str | None = None, remedy: str | None = None) -> None:
        self.title = title if title is not None else self.default_title
        self.message = message or self.title
        self.remedy = remedy if remedy is not None else self.default_remedy
        super().__init__(self.message)


class UsageError(BridgeError):
    code = "usage"
    default_title = "This request is not understood"


class NotFound(BridgeError):
    code = "not-found"
    default_title = "Not found"


class Refused(BridgeError):
    code = "refused"
    default_title = "Not possible"


class ProgramRunning(Refused):
    code = "program-running"
    default_remedy = "Close it, then try again: it would overwrite what is written now."


class Unreachable(BridgeError):
    code = "offline"
    default_title = "Proton cannot be reached"
    default_remedy = "Check the internet connection. Bridge Manager tries again by itself."


class ServiceError(BridgeError):
    code = "service"
    default_title = "Proton answered with an error"


class CryptoError(BridgeError):
    code = "crypto"
    default_title = "An encrypted part cannot be read"


class StoreError(BridgeError):
    code = "store"
    default_title = "The local copy of the mail cannot be used"


class StoreDamaged(StoreError):
    code = "store-damaged"
    default_title = "The local copy of the mail is damaged"
    default_remedy = "Repair the account: its mail is downloaded again. Nothing at Proton is touched."


class StoreNotWritable(StoreError):
    default_title = "The local copy of the mail cannot be written"
    default_remedy = "Let Bridge Manager write to its folder, or choose another folder. It tries again by itself."


class StoreNewer(StoreError):
    default_title = "The local copy was made by a newer version of this program"
    default_remedy = "Install that version again, or remove the account and add it anew."


class DiskFull(StoreError):
    code = "disk-full"
    default_title = "The disk is full"
    default_remedy = "Free some space. Downloading goes on by itself."


class VaultError(BridgeError):
    code = "vault"
    default_title = "The stored passwords cannot be opened"


class VaultLocked(VaultError):
    code = "vault-locked"
    default_title = "The keychain is locked"
    default_remedy = "Unlock the keychain of this computer, then try again."


class PassphraseNeeded(VaultLocked):
    default_title = "The passphrase is needed"
    default_remedy = "Enter the passphrase, or start with --passphrase-file."


class KeyLost(VaultLocked):
    default_title = "The key of the stored passwords is missing"
    default_remedy = (
        "Open the keychain in which it was stored, or restore it from a backup. "
        "Starting anew means signing in again; nothing is deleted by itself."
    )


class KeychainMissing(VaultError):
    code = "keychain-missing"
    default_title = "No keychain was found"
    default_remedy = "Start the keychain of this computer, or use a passphrase instead."


class VaultDamaged(VaultError):
    code = "vault-damaged"
    default_title = "The stored passwords are damaged"
    default_remedy = "Nothing was deleted. Restore the file from a backup, or start anew and sign in again."


class PortBusy(BridgeError):
    code = "port-busy"
    default_title = "The port is used by another program"
    default_remedy = "Choose another port in the settings, or close the other program."


class PortForbidden(PortBusy):
    code = "port-forbidden"
    default_title = "The port is kept for administrators"
    default_remedy = "Choose a port above 1023 in the settings."


class NoCore(BridgeError):
    code = "no-core"
    default_title = "Bridge Manager is not running"
    default_remedy = "Start it with `bridge-gui`, or without a window with `bridge-gui serve`."
