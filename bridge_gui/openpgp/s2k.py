"""String-to-key: a cipher's key from a passphrase (RFC 9580, section 3.7)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from bridge_gui.openpgp import algorithms
from bridge_gui.openpgp.errors import Malformed, Unsupported
from bridge_gui.openpgp.packets import Cursor

SIMPLE, SALTED, ITERATED, ARGON2 = 0, 1, 3, 4
_MOST_MEMORY = 20
"""Argon2's memory as a power of two in KiB: 1 GiB. The web clients use 64 MiB."""


@dataclass(frozen=True, slots=True)
class Specifier:
    """How a passphrase becomes a key."""

    kind: int
    hash_id: int = 0
    salt: bytes = b""
    count_octet: int = 0
    passes: int = 0
    parallelism: int = 0
    memory: int = 0

    def write(self) -> bytes:
        if self.kind == ARGON2:
            return bytes([self.kind]) + self.salt + bytes([self.passes, self.parallelism, self.memory])
        count = bytes([self.count_octet]) if self.kind == ITERATED else b""
        return bytes([self.kind, self.hash_id]) + self.salt + count

    def derive(self, passphrase: bytes, size: int) -> bytes:
        """Return `size` octets of key. Slow on purpose."""
        if self.kind == ARGON2:
            return self._argon2(passphrase, size)
        block = self.salt + passphrase
        count = len(block)
        if self.kind == ITERATED:
            count = max(count, (16 + (self.count_octet & 15)) << ((self.count_octet >> 4) + 6))
        key, zeros = b"", 0
        while len(key) < size:
            key += _hash_repeated(algorithms.hash_name(self.hash_id), bytes(zeros), block, count)
            zeros += 1
        return key[:size]

    def _argon2(self, passphrase: bytes, size: int) -> bytes:
        if self.memory > _MOST_MEMORY:
            raise Unsupported("the passphrase's protection asks for too much memory")
        try:
            kdf = Argon2id(
                salt=self.salt,
                length=size,
                iterations=self.passes,
                lanes=self.parallelism,
                memory_cost=1 << self.memory,
            )
            return kdf.derive(passphrase)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise Unsupported("this way of stretching a passphrase is not supported") from error


def read(at: Cursor) -> Specifier:
    """Read a specifier where the cursor stands."""
    kind = at.number(1)
    if kind == ARGON2:
        return Specifier(kind, 0, at.take(16), 0, at.number(1), at.number(1), at.number(1))
    if kind not in (SIMPLE, SALTED, ITERATED):
        raise Unsupported("this way of stretching a passphrase is not supported")
    hash_id = at.number(1)
    algorithms.hash_name(hash_id)
    salt = at.take(8) if kind else b""
    return Specifier(kind, hash_id, salt, at.number(1) if kind == ITERATED else 0)


def _hash_repeated(name: str, prefix: bytes, block: bytes, count: int) -> bytes:
    """Hash the prefix, then the first `count` octets of the block repeated for ever, in bounded memory."""
    try:
        hasher = hashlib.new(name, prefix)
    except ValueError as error:
        raise Unsupported(f"hash algorithm {name} is not available") from error
    if not block:
        if count:
            raise Malformed("there is nothing to stretch")
        return hasher.digest()
    large = block * (65536 // len(block) + 1)
    while count >= len(large):
        hasher.update(large)
        count -= len(large)
    hasher.update(large[:count])
    return hasher.digest()
