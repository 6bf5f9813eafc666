"""How passwords become secrets of the account: the hash of the sign-in and the passphrase of the keys.

Pure. API document 2.3 and 3.4, including the trap there: the service's bcrypt takes the first 22 characters of a salt
as they are, while ours refuses longer salts and a last character with stray bits.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

import bcrypt

from bridge_gui.proton.errors import Malformed, SrpError
from bridge_gui.secret import Secret

COST = "$2y$10$"
SALT_CHARS = 22
HASH_CHARS = 31
PASSWORD_BYTES = 72
"""Blowfish's key schedule uses no more; Python's bcrypt refuses what is longer, the service's cuts it."""

_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_CRYPT = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_TO_CRYPT = bytes.maketrans(_STANDARD, _CRYPT)


def bcrypt_base64(data: bytes) -> str:
    """Encode in bcrypt's alphabet, without padding."""
    return base64.b64encode(data).rstrip(b"=").translate(_TO_CRYPT).decode()


def crypt(password: bytes, encoded_salt: str) -> str:
    """Return the 60-character crypt text of a salt in bcrypt's base64 that may be too long or untidy."""
    salt = encoded_salt[:SALT_CHARS]
    if len(salt) < SALT_CHARS or any(char not in _CRYPT for char in salt.encode()):
        raise SrpError("The account's salt is too short.")
    last = _CRYPT.index(salt[-1].encode()) & 0x30  # 22 characters hold 132 bits, and a salt has 128
    tidy = salt[:-1] + chr(_CRYPT[last])
    hashed = bcrypt.hashpw(password[:PASSWORD_BYTES], (COST + tidy).encode()).decode()
    return COST + salt + hashed[-HASH_CHARS:]


def expand(data: bytes) -> bytes:
    """Return 256 bytes: four SHA-512 of `data`, each with its number at the end."""
    return b"".join(hashlib.sha512(data + bytes([index])).digest() for index in range(4))


def hash_password(version: int, password: Secret[str], username: str, salt: bytes, modulus: bytes) -> bytes:
    """Return the password hash of SRP, 256 bytes. Raise `SrpError` for a version that is not known."""
    secret = password.reveal().encode()
    if version in (3, 4):
        return expand(crypt(secret, bcrypt_base64(salt + b"proton")).encode() + modulus)
    if version == 2:
        return _hash_1(secret, _clean(username), modulus)
    if version == 1:
        return _hash_1(secret, username, modulus)
    if version == 0:
        digest = hashlib.sha512(username.lower().encode() + secret).digest()
        return _hash_1(base64.b64encode(digest), username, modulus)
    raise SrpError(f"The account's sign-in has version {version}, which is not known here.")


def _hash_1(secret: bytes, username: str, modulus: bytes) -> bytes:
    salt = hashlib.md5(username.lower().encode(), usedforsecurity=False).hexdigest()
    return expand(crypt(secret, salt).encode() + modulus)


def _clean(username: str) -> str:
    return username.translate(str.maketrans("", "", "-._")).lower()


def key_passphrase(password: Secret[str], salt: str) -> Secret[bytes]:
    """Return what opens the user keys. `salt` is base64 as the service gives it; very old keys have none."""
    secret = password.reveal().encode()
    if not salt:
        return Secret(secret)
    try:
        raw = base64.b64decode(salt, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("A key's salt is not base64.") from error
    return Secret(crypt(secret, bcrypt_base64(raw))[-HASH_CHARS:].encode())
