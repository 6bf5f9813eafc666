"""The vault: one encrypted file of secrets.

The file:

    "BRIDGEVAULT"  container version (1 byte)  length of the header (4 bytes)  header (JSON, in clear)
    nonce (12 bytes)  AES-256-GCM of the content, all that stands before the nonce being authenticated with it

The header names the vault by a random id, says where its key comes from, and holds a check value by which a wrong key
is told from a damaged file. The key is 32 random bytes in the keychain, or comes from a passphrase by scrypt, or, for
a profile that only shows the demonstration service, lies in a file beside it.

A change is written to a temporary file, synced and renamed over the old one, of which a copy is kept as the last good
one; it counts only when that is done. Nothing here destroys a secret: a locked keychain, a missing key, a wrong
passphrase and a damaged file are errors, each with its remedy, and leave every file as it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import hmac
import json
import os
import secrets
import shutil
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bridge_gui.aio import off_loop
from bridge_gui.config import sync_folder, write_private
from bridge_gui.errors import DiskFull, KeyLost, PassphraseNeeded, VaultDamaged, VaultError, VaultLocked
from bridge_gui.secret import Secret
from bridge_gui.vault import versions
from bridge_gui.vault.keychain import Keychain
from bridge_gui.vault.records import VaultContent

MAGIC = b"BRIDGEVAULT"
CONTAINER = 1
_HEADER_LIMIT = 64 * 1024
_NONCE = 12
_KEY = 32

SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**16, 8, 1
"""64 MB and about 0.2 s: paid once at start, by whoever guesses at every guess."""
_SCRYPT_MEMORY = 512 * 1024 * 1024
"""What a header may ask for at most, so that a forged one cannot exhaust the memory."""


class KeyPlace(StrEnum):
    KEYCHAIN = "keychain"
    PASSPHRASE = "passphrase"  # noqa: S105 - the place, not the thing
    FILE = "file"


@dataclass(frozen=True, slots=True)
class KeySource:
    """What may be used to open a vault, or to protect a new one: the passphrase if there is one, else the keychain."""

    keychain: Keychain | None = None
    passphrase: Secret[str] | None = None
    key_file: Path | None = None
    """Only for a profile of the demonstration service, which holds nothing that is secret."""


@dataclass(frozen=True, slots=True)
class _Header:
    id: str
    place: KeyPlace
    check: bytes
    """HMAC of the key, by which a wrong one is recognised."""
    backend: str = ""
    """Name of the keychain that keeps the key."""
    salt: bytes = b""
    n: int = 0
    r: int = 0
    p: int = 0

    def encode(self) -> bytes:
        raw: dict[str, Any] = {"id": self.id, "key": self.place.value, "check": self.check.hex()}
        if self.place is KeyPlace.KEYCHAIN:
            raw["backend"] = self.backend
        if self.place is KeyPlace.PASSPHRASE:
            raw |= {"salt": self.salt.hex(), "n": self.n, "r": self.r, "p": self.p}
        return json.dumps(raw, sort_keys=True).encode()

    @classmethod
    def decode(cls, data: bytes) -> _Header:
        raw = json.loads(data)
        header = cls(
            id=str(raw["id"]),
            place=KeyPlace(raw["key"]),
            check=bytes.fromhex(raw["check"]),
            backend=str(raw.get("backend", "")),
            salt=bytes.fromhex(raw.get("salt", "")),
            n=int(raw.get("n", 0)),
            r=int(raw.get("r", 0)),
            p=int(raw.get("p", 0)),
        )
        if header.place is KeyPlace.PASSPHRASE and not (
            0 < header.r <= 64 and 0 < header.p <= 16 and header.n > 1 and 128 * header.n * header.r <= _SCRYPT_MEMORY
        ):
            raise ValueError("scrypt parameters out of bounds")
        return header

    @property
    def item(self) -> str:
        """Name of the key's item in the keychain."""
        return f"vault {self.id}"


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A vault file taken apart, still encrypted."""

    header: _Header
    bound: bytes
    nonce: bytes
    ciphertext: bytes


def _take_apart(data: bytes) -> _Sealed:
    """Raise `VaultDamaged` or, for a newer container, `VaultError`."""
    start = len(MAGIC) + 5
    if not data.startswith(MAGIC) or len(data) < start:
        raise VaultDamaged("The file of stored passwords is not one of ours, or was cut short.")
    container, length = struct.unpack(">BI", data[len(MAGIC) : start])
    if container > CONTAINER:
        raise VaultError(
            "The stored passwords were written by a newer version of Bridge Manager.",
            remedy="Install the newer version again. Nothing was changed.",
        )
    end = start + length
    if length > _HEADER_LIMIT or len(data) < end + _NONCE + 16:
        raise VaultDamaged("The file of stored passwords was cut short.")
    try:
        header = _Header.decode(data[start:end])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VaultDamaged("The head of the file of stored passwords cannot be read.") from error
    return _Sealed(header, data[:end], data[end : end + _NONCE], data[end + _NONCE :])


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), _KEY, salt=None, info=b"bridge-gui vault " + purpose).derive(key)


def _seal(content: VaultContent, header: _Header, key: bytes) -> bytes:
    head = header.encode()
    bound = MAGIC + struct.pack(">BI", CONTAINER, len(head)) + head
    nonce = secrets.token_bytes(_NONCE)
    return bound + nonce + AESGCM(_derive(key, b"content")).encrypt(nonce, versions.encode(content), bound)


def _unseal(sealed: _Sealed, key: bytes) -> VaultContent:
    try:
        data = AESGCM(_derive(key, b"content")).decrypt(sealed.nonce, sealed.ciphertext, sealed.bound)
    except InvalidTag as error:
        raise VaultDamaged("The file of stored passwords was changed or damaged.") from error
    return versions.decode(data)


def _stretch(passphrase: Secret[str], header: _Header) -> bytes:
    return hashlib.scrypt(
        passphrase.reveal().encode(),
        salt=header.salt,
        n=header.n,
        r=header.r,
        p=header.p,
        maxmem=_SCRYPT_MEMORY + 1024 * 1024,
        dklen=_KEY,
    )


def _known_key(header: _Header, source: KeySource) -> bytes:
    """Get the key that the header asks for. Raise `VaultLocked` or `KeychainMissing`; never make a new one."""
    key: bytes | None
    if header.place is KeyPlace.PASSPHRASE:
        if source.passphrase is None:
            raise PassphraseNeeded("The stored passwords are protected by a passphrase.")
        key = _stretch(source.passphrase, header)
        if not _fits(header, key):
            raise PassphraseNeeded(
                "This is not the passphrase of the stored passwords.",
                title="The passphrase is wrong",
                remedy="Try again. Without it the stored passwords cannot be opened.",
            )
        return key
    if header.place is KeyPlace.FILE:
        if source.key_file is None:
            raise VaultLocked(
                "This profile was made for the demonstration.",
                title="This is a demonstration profile",
                remedy="Start with --demo, or choose another profile.",
            )
        key = source.key_file.read_bytes() if source.key_file.exists() else None
    else:
        if source.keychain is None:
            raise VaultLocked("The key of the stored passwords lies in the keychain, which was not asked.")
        key = source.keychain.get(header.item)
    if key is None or not _fits(header, key):
        raise KeyLost("The keychain answers, but the key of the stored passwords is not in it.")
    return key


def _fits(header: _Header, key: bytes) -> bool:
    return len(key) == _KEY and hmac.compare_digest(header.check, _derive(key, b"check"))


def _new_key(vault_id: str, source: KeySource) -> tuple[_Header, bytes]:
    """Make a key and put it where it is kept. Raise `KeychainMissing` or `VaultLocked` when that place does not
    answer."""
    header = _Header(vault_id, KeyPlace.FILE, b"")
    if source.passphrase is not None:
        salt = secrets.token_bytes(16)
        header = replace(header, place=KeyPlace.PASSPHRASE, salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P)
        key = _stretch(source.passphrase, header)
    elif source.key_file is not None:
        key = secrets.token_bytes(_KEY)
        write_private(source.key_file, key)
    elif source.keychain is not None:
        key = secrets.token_bytes(_KEY)
        source.keychain.probe()
        header = replace(header, place=KeyPlace.KEYCHAIN, backend=source.keychain.name)
        source.keychain.set(header.item, key)
        if source.keychain.get(header.item) != key:
            raise VaultError("The keychain of this computer does not keep what it is given.")
    else:
        raise VaultLocked("There is nothing that could protect the stored passwords.")
    return replace(header, check=_derive(key, b"check")), key


def last_good(path: Path) -> Path:
    """Return the path of the copy that is kept of the file before its newest change."""
    return path.with_name(path.name + ".last")


def set_aside(path: Path) -> None:
    """Keep a vault that cannot be opened, and its last good copy, under names of their own: the next `Vault.open` makes
    an empty one. Blocking; raise `VaultError` when a file cannot be renamed."""
    try:
        for file in (path, last_good(path)):
            if file.exists():
                _set_aside(file)
        sync_folder(path.parent)
    except OSError as error:
        raise VaultError(f"The stored passwords could not be put aside: {error.strerror}.") from error


def keychain_of(path: Path) -> str:
    """Return the name of the keychain backend that a vault remembers; empty when there is none or no vault."""
    for candidate in (path, last_good(path)):
        with contextlib.suppress(OSError, VaultError):
            return _take_apart(candidate.read_bytes()).header.backend
    return ""


@dataclass(frozen=True, slots=True)
class _Opened:
    header: _Header
    key: bytes
    content: VaultContent
    restored: bool


def _open(path: Path, source: KeySource) -> _Opened:
    """Open the file, or its last good copy when the file is damaged or gone, or make an empty one when there is
    neither."""
    trouble: VaultDamaged | None = None
    for candidate in (path, last_good(path)):
        try:
            data = candidate.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise VaultError(f"The file {candidate.name} cannot be read: {error.strerror}.") from error
        try:
            sealed = _take_apart(data)
            key = _known_key(sealed.header, source)
            content = _unseal(sealed, key)
        except VaultDamaged as error:
            trouble = trouble or error
            continue
        if candidate == path:
            return _Opened(sealed.header, key, content, restored=False)
        if path.exists():
            _set_aside(path)
        _write(path, data, keep_last=False)
        return _Opened(sealed.header, key, content, restored=True)
    if trouble is not None:
        raise trouble
    header, key = _new_key(secrets.token_hex(8), source)
    content = VaultContent()
    _write(path, _seal(content, header, key), keep_last=False)
    return _Opened(header, key, content, restored=False)


def _set_aside(path: Path) -> Path:
    """Keep a file under a name of its own instead of losing it."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    os.replace(path, aside)
    return aside


def _write(path: Path, data: bytes, *, keep_last: bool = True) -> None:
    if keep_last and path.exists():
        last = last_good(path)
        fresh = last.with_name(last.name + ".tmp")
        fresh.unlink(missing_ok=True)
        try:
            os.link(path, fresh)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
                raise
            shutil.copyfile(path, fresh)  # a file system without hard links
            fresh.chmod(0o600)
        os.replace(fresh, last)
    write_private(path, data)


class Vault:
    """An open vault. `content` is what the file holds; `update` changes both or neither.

    All writing happens on one thread of its own, in the order of the calls. A caller that is cancelled does not stop
    its change half way: tokens that were handed out once must reach the disk.
    """

    def __init__(self, path: Path, opened: _Opened) -> None:
        self._path = path
        self._header = opened.header
        self._key = Secret(opened.key)
        self._content = opened.content
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vault")
        self.restored = opened.restored
        """The file was damaged or gone, and the last good copy was taken instead."""

    @classmethod
    async def open(cls, path: Path, source: KeySource) -> Vault:
        """Open a vault, or make one where there is none. Raise `VaultLocked`, `KeychainMissing`, `VaultDamaged`."""
        return cls(path, await off_loop(None, _open, path, source))

    @property
    def content(self) -> VaultContent:
        return self._content

    @property
    def key_place(self) -> KeyPlace:
        return self._header.place

    async def update(self, change: Callable[[VaultContent], VaultContent]) -> VaultContent:
        """Apply a change to the newest content; durable when this returns, not made at all when it raises. `change` is
        pure and runs on the writer's thread."""
        return await asyncio.shield(off_loop(self._writer, self._update, change))

    async def protect(self, source: KeySource) -> None:
        """Put the vault under a new key: a passphrase, or the keychain. The last good copy goes under it, too."""
        await asyncio.shield(off_loop(self._writer, self._protect, source))

    async def close(self) -> None:
        """Wait for what is being written."""
        await off_loop(None, self._writer.shutdown)

    def _update(self, change: Callable[[VaultContent], VaultContent]) -> VaultContent:
        changed = change(self._content)
        if changed != self._content:
            self._save(changed, self._header, self._key.reveal())
            self._content = changed
        return changed

    def _protect(self, source: KeySource) -> None:
        # A new id, so that the new key never overwrites the old one while a file still needs it.
        header, key = _new_key(secrets.token_hex(8), source)
        self._save(self._content, header, key)
        old, self._header, self._key = self._header, header, Secret(key)
        self._save(self._content, header, key)
        if old.place is KeyPlace.KEYCHAIN and source.keychain is not None:
            source.keychain.delete(old.item)

    def _save(self, content: VaultContent, header: _Header, key: bytes) -> None:
        try:
            _write(self._path, _seal(content, header, key))
        except OSError as error:
            raise VaultError(f"The stored passwords could not be written: {error.strerror}.") from error
        except DiskFull as error:
            raise VaultError(error.message, title=error.title, remedy=error.remedy) from error
