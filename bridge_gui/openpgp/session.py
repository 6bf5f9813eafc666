"""Session keys: made, opened from key packets, wrapped for a certificate or for a password (RFC 9580, 5.1 and 5.3)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bridge_gui.openpgp import algorithms, certpolicy, packets
from bridge_gui.openpgp.algorithms import CIPHER_IDS, CIPHERS, PrivateKey
from bridge_gui.openpgp.errors import (
    Malformed,
    NoDecryptionKey,
    NoEncryptionKey,
    TooLarge,
    Unsupported,
    WrongPassphrase,
)
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.openpgp.packets import Cursor, Tag
from bridge_gui.secret import Secret

_WILDCARD = "0" * 16
"""The key id that hides the recipient: every key is to be tried (RFC 9580, 5.1)."""
_MOST_ATTEMPTS = 256
"""Private-key operations for one message: a list of anonymous recipients must not keep us busy for minutes."""
_COUNT_OCTET: Final = 0xE0
"""S2K count for passwords that people choose: 16 MB hashed for each guess, as the web clients do."""


@dataclass(frozen=True, slots=True)
class SessionKey:
    """The key of one message's data packet, with the cipher's name as the service spells it."""

    algorithm: str
    key: Secret[bytes]

    def __post_init__(self) -> None:
        number = CIPHER_IDS.get(self.algorithm)
        if number is None:
            raise Unsupported(f"cipher {self.algorithm!r} is not supported")
        if len(self.key.reveal()) != CIPHERS[number][1]:
            raise Malformed("the session key has a wrong length")

    @property
    def cipher_id(self) -> int:
        return CIPHER_IDS[self.algorithm]


def new_session_key(algorithm: str = "aes256") -> SessionKey:
    """Make a fresh random session key."""
    number = CIPHER_IDS.get(algorithm)
    if number is None:
        raise Unsupported(f"cipher {algorithm!r} is not supported")
    return SessionKey(algorithm, Secret(os.urandom(CIPHERS[number][1])))


def open_pkesk(key_packets: bytes | memoryview, keys: Iterable[UnlockedKey]) -> SessionKey:
    """Open the first key packet that one of the keys opens. Raise `NoDecryptionKey` where none does.

    Packets of kinds unknown to us stand for other recipients and are passed over.
    """
    ring = tuple(keys)
    attempts = 0
    for packet in packets.read(key_packets):
        if packet.tag != Tag.PKESK:
            continue
        at = Cursor(packet.body)
        if at.number(1) != 3:
            continue
        key_id, algorithm, fields = at.take(8).hex().upper(), at.number(1), at.rest()
        for key in _candidates(ring, key_id, algorithm):
            attempts += 1
            if attempts > _MOST_ATTEMPTS:
                raise TooLarge("the message has too many recipients to try")
            try:
                return _session_key(*algorithms.decrypt_session_key(key, fields))
            except (ValueError, Malformed, Unsupported):
                continue
    raise NoDecryptionKey("the message is not encrypted to a key of this address")


def _candidates(ring: tuple[UnlockedKey, ...], key_id: str, algorithm: int) -> Iterator[PrivateKey]:
    for key in ring:
        if key_id == _WILDCARD:
            yield from (
                part for part in key.private.values() if part.public.algorithm == algorithm and part.public.can_encrypt
            )
        elif (part := key.private.get(key_id)) is not None and part.public.algorithm == algorithm:
            yield part


def _session_key(cipher: int, key: bytes) -> SessionKey:
    known = CIPHERS.get(cipher)
    if known is None:
        raise Unsupported(f"cipher {cipher} is not supported")
    return SessionKey(known[0], Secret(key))


def wrap(session_key: SessionKey, certificate: Certificate, now: int | None) -> bytes:
    """Return a key packet of the session key for the certificate's encryption key at that moment.

    Raise `NoEncryptionKey` where it has none that is neither revoked nor expired.
    """
    key = certpolicy.encryption_key(certificate, now)
    if key is None:
        raise NoEncryptionKey("this key may not be encrypted to: it is expired, revoked or not made for it")
    fields = algorithms.encrypt_session_key(key, session_key.cipher_id, session_key.key.reveal())
    return packets.write(Tag.PKESK, bytes([3]) + bytes.fromhex(key.key_id) + bytes([key.algorithm]) + fields)


def wrap_password(session_key: SessionKey, password: Secret[bytes]) -> bytes:
    """Return a key packet of the session key that the password opens."""
    salt = os.urandom(8)
    cipher = CIPHER_IDS["aes256"]
    kek = _stretch(password.reveal(), "sha256", salt, _COUNT_OCTET, 32)
    encryptor = algorithms.block_cipher("aes256", kek, bytes(16)).encryptor()
    sealed = encryptor.update(bytes([session_key.cipher_id]) + session_key.key.reveal())
    return packets.write(Tag.SKESK, bytes([4, cipher, 3, 8]) + salt + bytes([_COUNT_OCTET]) + sealed)


def open_password(key_packets: bytes | memoryview, password: Secret[bytes]) -> SessionKey:
    """Open the first key packet that the password opens. Raise `WrongPassphrase` where none does."""
    attempts = 0
    for packet in packets.read(key_packets):
        if packet.tag != Tag.SKESK:
            continue
        attempts += 1
        if attempts > 16:
            raise TooLarge("the message has too many passwords to try")
        try:
            return _open_skesk(packet.body, password.reveal())
        except (Malformed, Unsupported):
            continue
    if not attempts:
        raise NoDecryptionKey("the message is not encrypted with a password")
    raise WrongPassphrase("the password does not open this message")


def _open_skesk(body: memoryview, password: bytes) -> SessionKey:
    at = Cursor(body)
    if at.number(1) != 4:
        raise Unsupported("this kind of password packet is not supported")
    cipher = CIPHERS.get(at.number(1))
    if cipher is None:
        raise Unsupported("the cipher is not supported")
    kind, hash_id = at.number(1), at.number(1)
    if kind not in (0, 1, 3):
        raise Unsupported("this way of stretching a password is not supported")
    salt = at.take(8) if kind else b""
    count = at.number(1) if kind == 3 else None
    kek = _stretch(password, algorithms.hash_name(hash_id), salt, count, cipher[1])
    sealed = bytes(at.rest())
    if not sealed:
        return SessionKey(cipher[0], Secret(kek))
    opened = algorithms.block_cipher(cipher[0], kek, bytes(cipher[2])).decryptor().update(sealed)
    return _session_key(opened[0], opened[1:])


def _stretch(password: bytes, hash_name: str, salt: bytes, count_octet: int | None, size: int) -> bytes:
    """Derive a key from a password (S2K, RFC 9580, 3.7.1)."""
    block = salt + password
    count = len(block)
    if count_octet is not None:
        count = max(count, (16 + (count_octet & 15)) << ((count_octet >> 4) + 6))
    key = b""
    while len(key) < size:
        hasher = hashlib.new(hash_name, bytes(len(key) // hashlib.new(hash_name).digest_size))
        left = count
        if block:
            large = block * (65536 // len(block) + 1)
            while left >= len(large):
                hasher.update(large)
                left -= len(large)
            hasher.update(large[:left])
        key += hasher.digest()
    return key[:size]
