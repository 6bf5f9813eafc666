"""The service's side of SRP-6a, in the variant of API document 2.2 to 2.5, and its password hashes.

Everything is little-endian and 256 bytes wide. Written apart from the client's own SRP on purpose: the two must agree
by the document, not by sharing code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import bcrypt

BYTES = 256
GENERATOR = 2
_BCRYPT_ALPHABET = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_BASE64_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TO_BCRYPT = bytes.maketrans(_BASE64_ALPHABET, _BCRYPT_ALPHABET)
_COST = "$2y$10$"
_PASSWORD_LIMIT = 72
"""Blowfish's key schedule reads no more; Python's bcrypt refuses longer passwords, the service's clients cut them."""


@cache
def signed_modulus() -> str:
    """Return the modulus as clearsigned text, genuinely signed by the service's modulus key."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_resources", package.parent / "resources"):
        path = folder / "srp-signed-modulus.asc"
        if path.is_file():
            return path.read_text(encoding="ascii")
    raise FileNotFoundError("srp-signed-modulus.asc is missing from the installation")


@cache
def modulus_bytes() -> bytes:
    """Return the 256 bytes inside `signed_modulus`, as they travel (little-endian)."""
    body = signed_modulus().partition("\n\n")[2].partition("-----BEGIN PGP SIGNATURE")[0]
    return base64.b64decode(body.strip())


def expand(data: bytes) -> bytes:
    """Return 256 bytes: SHA-512 of the data four times, each with its own final byte."""
    return b"".join(hashlib.sha512(data + bytes([n])).digest() for n in range(4))


def bcrypt64(data: bytes) -> str:
    """Encode in bcrypt's base64, without padding."""
    return base64.b64encode(data).rstrip(b"=").translate(_TO_BCRYPT).decode()


def bcrypt_hash(password: bytes, encoded_salt: str) -> str:
    """Return the 60-character crypt text; only 22 characters of the salt count and are echoed as they are (2.3)."""
    salt = encoded_salt[:22]
    value = _BCRYPT_ALPHABET.index(salt[21].encode()) & 0x30
    canonical = salt[:21] + chr(_BCRYPT_ALPHABET[value])
    result = bcrypt.hashpw(password[:_PASSWORD_LIMIT], (_COST + canonical).encode()).decode()
    return _COST + salt + result[-31:]


def key_pass(password: str, salt: bytes) -> bytes:
    """Return the passphrase of user keys: the last 31 characters of the salted mailbox password (3.4)."""
    return bcrypt_hash(password.encode(), bcrypt64(salt))[-31:].encode()


def hash_password(version: int, username: str, password: str, salt: bytes) -> bytes:
    """Return the 256-byte password hash of an account's auth version (2.3)."""
    secret = password.encode()
    if version >= 3:
        return expand(bcrypt_hash(secret, bcrypt64(salt + b"proton")).encode() + modulus_bytes())
    name = username.lower()
    if version == 2:
        name = name.translate(str.maketrans("", "", "-._"))
    if version == 0:
        secret = base64.b64encode(hashlib.sha512(name.encode() + secret).digest())
    encoded = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return expand(bcrypt_hash(secret, encoded).encode() + modulus_bytes())


def _int(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _wire(number: int) -> bytes:
    return number.to_bytes(BYTES, "little")


def verifier(hashed_password: bytes) -> bytes:
    """Return what the service keeps instead of a password."""
    return _wire(pow(GENERATOR, _int(hashed_password), _int(modulus_bytes())))


@dataclass(frozen=True, slots=True)
class Challenge:
    """One sign-in that was asked for: the private and public ephemeral. Used once."""

    verifier: bytes
    secret: int
    public: bytes


def challenge(stored_verifier: bytes) -> Challenge:
    """Draw an ephemeral for one sign-in."""
    modulus = _int(modulus_bytes())
    multiplier = _int(expand(_wire(GENERATOR) + modulus_bytes())) % modulus
    while True:
        secret = secrets.randbelow(modulus - 1 - 2 * modulus.bit_length()) + 2 * modulus.bit_length()
        public = (multiplier * _int(stored_verifier) + pow(GENERATOR, secret, modulus)) % modulus
        if 1 < public < modulus - 1:
            return Challenge(stored_verifier, secret, _wire(public))


def answer(asked: Challenge, client_ephemeral: bytes, client_proof: bytes) -> bytes | None:
    """Return the service's proof, or None when the client does not know the password."""
    modulus = _int(modulus_bytes())
    if len(client_ephemeral) != BYTES or not 1 < _int(client_ephemeral) < modulus - 1:
        return None
    scramble = _int(expand(client_ephemeral + asked.public))
    base = _int(client_ephemeral) * pow(_int(asked.verifier), scramble, modulus)
    shared = _wire(pow(base, asked.secret, modulus))
    expected = expand(client_ephemeral + asked.public + shared)
    if not hmac.compare_digest(expected, client_proof):
        return None
    return expand(client_ephemeral + client_proof + shared)
