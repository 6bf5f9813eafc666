"""The keychain of the operating system: the only door to `keyring`.

One item is kept there: the vault's 32-byte key, in base64 (Windows holds 1,280 characters an item). All functions
block, for 10 ms and more, so they never run on the loop, and `keyring` itself is imported at first use: looking for
backends takes 200 ms.

Only backends known to protect what they hold are taken. With the package `keyrings.alt` installed, a plain file would
become the default without a word.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import sys
from typing import TYPE_CHECKING, Protocol

from bridge_gui.errors import KeychainMissing, VaultDamaged, VaultError, VaultLocked

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "Bridge Manager"

GOOD_BACKENDS = {
    "keyring.backends.SecretService": "secret-service",
    "keyring.backends.libsecret": "libsecret",
    "keyring.backends.kwallet": "kwallet",
    "keyring.backends.macOS": "macos",
    "keyring.backends.Windows": "windows",
}
"""Module of a backend -> the short name under which the vault remembers it."""


class Keychain(Protocol):
    """Where one small secret is kept. Every function blocks."""

    @property
    def name(self) -> str:
        """Short name of the backend in use; asking may start it."""
        ...

    def get(self, item: str) -> bytes | None:
        """Return the secret, or None when the keychain answers that it has no such item. Raise `KeychainMissing` or
        `VaultLocked` when it cannot answer: that is never taken for "not there"."""
        ...

    def set(self, item: str, secret: bytes) -> None: ...

    def delete(self, item: str) -> None:
        """Remove an item; one that is not there is no error."""
        ...

    def probe(self) -> None:
        """Prove that the keychain keeps things: write, read and delete a dummy. Raise as `get` does."""
        ...


class SystemKeychain:
    """The keychain that `keyring` finds on this system, or the one named by `preferred` if it is there."""

    def __init__(self, preferred: str = "") -> None:
        self._preferred = preferred
        self._backend: KeyringBackend | None = None

    @property
    def name(self) -> str:
        return GOOD_BACKENDS[type(self._open()).__module__]

    def get(self, item: str) -> bytes | None:
        text = self._call("get_password", SERVICE, item)
        if text is None:
            return None
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise VaultDamaged("The key in the keychain was changed by something else.") from error

    def set(self, item: str, secret: bytes) -> None:
        self._call("set_password", SERVICE, item, base64.b64encode(secret).decode())

    def delete(self, item: str) -> None:
        if self.get(item) is not None:
            self._call("delete_password", SERVICE, item)

    def probe(self) -> None:
        if sys.platform == "darwin":  # each new item may make macOS ask its user for permission
            self._open()
            return
        item, dummy = f"test {secrets.token_hex(4)}", secrets.token_bytes(32)
        self.set(item, dummy)
        answer = self.get(item)
        self.delete(item)
        if answer != dummy:
            raise KeychainMissing("The keychain of this computer does not keep what it is given.")

    def _open(self) -> KeyringBackend:
        if self._backend is None:
            import keyring.backend

            if os.environ.get("PYTHON_KEYRING_BACKEND"):
                found = [keyring.get_keyring()]
            else:
                found = sorted(keyring.backend.get_all_keyring(), key=lambda backend: backend.priority, reverse=True)
            good = [backend for backend in found if type(backend).__module__ in GOOD_BACKENDS]
            good.sort(key=lambda backend: GOOD_BACKENDS[type(backend).__module__] != self._preferred)
            if not good:
                raise KeychainMissing("No keychain answers on this computer.")
            self._backend = good[0]
        return self._backend

    def _call(self, operation: str, *args: str) -> str | None:
        from keyring import errors

        backend = self._open()
        try:
            result: str | None = getattr(backend, operation)(*args)
        except errors.KeyringLocked as error:
            raise VaultLocked("The keychain of this computer is locked.") from error
        except errors.InitError as error:
            # Secret Service answers so when no collection is unlocked and nobody can be asked.
            raise VaultLocked("The keychain of this computer is locked or has not been set up.") from error
        except errors.NoKeyringError as error:
            raise KeychainMissing("No keychain answers on this computer.") from error
        except errors.KeyringError as error:
            raise VaultError("The keychain of this computer refused.", title="The keychain refused") from error
        except Exception as error:  # D-Bus, jeepney and platform libraries raise errors of many families
            raise KeychainMissing(f"The keychain of this computer does not answer ({type(error).__name__}).") from error
        return result
