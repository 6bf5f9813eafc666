"""Thunderbird's stored passwords: logins.json, encrypted under the profile's own key in key4.db.

The key is had as NSS has it: PBES2 (RFC 8018) with PBKDF2-HMAC-SHA256 over a hash of the profile's salt and the primary
password, here the empty one. With a primary password the key stays closed, and the person pastes the password instead.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import sqlite3
import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from bridge_gui.errors import Refused
from bridge_gui.secret import Secret

KEY_ID = b"\xf8" + bytes(14) + b"\x01"
_AES_OID = bytes.fromhex("60864801650304012a")
_DES_OID = bytes.fromhex("2a864886f70d0307")
_AES, _DES = 0x1F, 0x15
_SEQUENCE, _OCTETS, _INTEGER, _OID = 0x30, 0x04, 0x02, 0x06
_SALT_HASHES = {20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}
_CHECK = b"password-check"


@dataclass(frozen=True, slots=True)
class LoginKey:
    """The key that encrypts a profile's passwords."""

    key: Secret[bytes]
    triple_des: bool = False


def open_key(path: Path) -> LoginKey | None:
    """Read the key; None when a primary password closes it or there is no key yet. Raise `Refused` if unreadable."""
    if not path.is_file() or path.is_symlink():
        return None
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            row = database.execute("SELECT item1, item2 FROM metaData WHERE id = 'password'").fetchone()
            keys = database.execute("SELECT a100, a11 FROM nssPrivate WHERE a102 = ?", (KEY_ID,)).fetchall()
        if row is None or not keys:
            return None
        try:
            if _open(row[1], row[0]) != _CHECK:
                return None
        except ValueError:
            return None  # the padding is wrong: another password
        kind, sealed = keys[0]
        return LoginKey(Secret(_open(sealed, row[0])), triple_des=int.from_bytes(kind, "big") == _DES)
    except (sqlite3.Error, ValueError, IndexError, KeyError) as error:
        raise Refused("Thunderbird's store of passwords cannot be read.") from error


def _open(blob: bytes, global_salt: bytes) -> bytes:
    algorithm, (_, sealed) = _children(_children(blob)[0][1])
    derivation, cipher = _children(_children(algorithm[1])[1][1])
    parameters = _children(_children(derivation[1])[1][1])
    salt, rounds = parameters[0][1], int.from_bytes(parameters[1][1], "big")
    iv = _children(cipher[1])[1]
    password = hashlib.new(_SALT_HASHES[len(global_salt)], global_salt).digest()
    key = PBKDF2HMAC(hashes.SHA256(), 32, salt, rounds).derive(password)
    # NSS takes the whole element, with its tag and length, for the vector.
    vector = iv[1] if len(iv[1]) == 16 else bytes([iv[0], len(iv[1])]) + iv[1]
    return _unpad(_cipher(LoginKey(Secret(key)), vector).decryptor().update(sealed), 16)


def _cipher(key: LoginKey, iv: bytes) -> Cipher[CBC]:
    secret = key.key.reveal()
    return Cipher(TripleDES(secret) if key.triple_des else AES256(secret), CBC(iv))


def _unpad(data: bytes, block: int) -> bytes:
    remover = padding.PKCS7(block * 8).unpadder()
    return remover.update(data) + remover.finalize()


def _children(data: bytes) -> list[tuple[int, bytes]]:
    """Split DER into its elements, as (tag, content)."""
    found, at = [], 0
    while at < len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[at : at + size], "big")
            at += size
        if at + length > len(data):
            raise ValueError("an element is longer than what holds it")
        found.append((tag, data[at : at + length]))
        at += length
    return found


def _element(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def seal(text: str, key: LoginKey) -> str:
    """Encrypt one value as the password manager stores it."""
    block = 8 if key.triple_des else 16
    iv = os.urandom(block)
    padder = padding.PKCS7(block * 8).padder()
    padded = padder.update(text.encode()) + padder.finalize()
    sealed = _cipher(key, iv).encryptor().update(padded)
    algorithm = _element(_OID, _DES_OID if key.triple_des else _AES_OID) + _element(_OCTETS, iv)
    return base64.b64encode(
        _element(_SEQUENCE, _element(_OCTETS, KEY_ID) + _element(_SEQUENCE, algorithm) + _element(_OCTETS, sealed))
    ).decode()


def unseal(text: str, key: LoginKey) -> str:
    """Decrypt one stored value; raise ValueError when it is not under this key."""
    identity, (_, algorithm), (_, sealed) = _children(_children(base64.b64decode(text))[0][1])
    if identity[1] != KEY_ID:
        raise ValueError("stored under another key")
    iv = _children(algorithm)[1][1]
    return _unpad(_cipher(key, iv).decryptor().update(sealed), len(iv)).decode()


@dataclass(frozen=True, slots=True)
class Replaced:
    """An entry that made room for ours, and where it stood. Its values stay encrypted."""

    at: int
    entry: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """The file with our entries, their ids, and what they took the place of."""

    content: bytes
    guids: tuple[str, ...]
    replaced: tuple[Replaced, ...] = ()


def add_logins(
    content: bytes | None, origins: Sequence[str], username: str, password: Secret[str], key: LoginKey
) -> Stored:
    """Store one password for each origin (`imap://127.0.0.1`).

    An entry of the same origin and user name, left by an account that is gone, would win over ours: it is taken out,
    and comes back with `remove_logins`.
    """
    document = _document(content)
    replaced = tuple(
        Replaced(at, entry)
        for at, entry in enumerate(document["logins"])
        if entry.get("hostname") in origins and _is_for(entry, username, key)
    )
    gone = [known.entry for known in replaced]
    document["logins"] = [entry for entry in document["logins"] if entry not in gone]
    guids = []
    now = int(time.time() * 1000)
    for origin in origins:
        guid = "{" + str(uuid.uuid4()) + "}"
        guids.append(guid)
        document["logins"].append(
            {
                "id": document["nextId"],
                "hostname": origin,
                "httpRealm": origin,
                "formSubmitURL": None,
                "usernameField": "",
                "passwordField": "",
                "encryptedUsername": seal(username, key),
                "encryptedPassword": seal(password.reveal(), key),
                "guid": guid,
                "encType": 1,
                "timeCreated": now,
                "timeLastUsed": now,
                "timePasswordChanged": now,
                "timesUsed": 1,
                "syncCounter": 1,
                "everSynced": False,
                "encryptedUnknownFields": None,
            }
        )
        document["nextId"] += 1
    return Stored(_bytes(document), tuple(guids), replaced)


def remove_logins(content: bytes, guids: Sequence[str], replaced: Sequence[Replaced] = ()) -> bytes:
    """Take the entries with these ids out, and put back what they replaced; the content as it is when there is nothing
    to do."""
    document = _document(content)
    rest = [entry for entry in document["logins"] if entry.get("guid") not in guids]
    present = {entry.get("guid") for entry in rest}
    for known in sorted(replaced, key=lambda entry: entry.at):
        if known.entry.get("guid") not in present:
            rest.insert(known.at, known.entry)
    if rest == document["logins"]:
        return content
    document["logins"] = rest
    return _bytes(document)


def has_saved(content: bytes, origins: Collection[str]) -> bool:
    """Whether a password is stored for one of the origins, whoever put it there. A damaged list is none."""
    with contextlib.suppress(Refused):
        return any(entry.get("hostname") in origins for entry in _document(content)["logins"])
    return False


def _is_for(entry: dict[str, Any], username: str, key: LoginKey) -> bool:
    try:
        return unseal(str(entry.get("encryptedUsername", "")), key) == username
    except (ValueError, IndexError):
        return False


def _document(content: bytes | None) -> dict[str, Any]:
    if content is None:
        return {
            "nextId": 1,
            "logins": [],
            "potentiallyVulnerablePasswords": [],
            "dismissedBreachAlertsByLoginGUID": {},
            "version": 3,
        }
    try:
        document = json.loads(content)
    except ValueError as error:
        raise Refused("Thunderbird's list of passwords is damaged.") from error
    entries = document.get("logins") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Refused("Thunderbird's list of passwords is damaged.")
    if not isinstance(document.get("nextId"), int):
        numbers = [entry["id"] for entry in entries if isinstance(entry.get("id"), int)]
        document["nextId"] = 1 + max(numbers, default=0)
    return dict(document)


def _bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
