"""Session keys: made, opened from key packets, wrapped for a certificate or for a password (RFC 9580, 5.1 and 5.3)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bridge_gui.openpgp import algorithms, certpolicy, packets, s2k
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
from bridge_gui.openpgp.packets import Cursor, Packet, Tag
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
    return open_packets(packets.read(key_packets), keys)


def open_packets(key_packets: Iterable[Packet], keys: Iterable[UnlockedKey]) -> SessionKey:
    """`open_pkesk` of packets that have been read."""
    ring = tuple(keys)
    attempts = 0
    for packet in key_packets:
        if packet.tag != Tag.PKESK:
            continue
        recipient = _recipient(packet.body)
        if recipient is None:
            continue
        version, key_id, algorithm, fields = recipient
        for key in _candidates(ring, key_id, algorithm):
            attempts += 1
            if attempts > _MOST_ATTEMPTS:
                raise TooLarge("the message has too many recipients to try")
            try:
                return _session_key(*algorithms.decrypt_session_key(key, fields, version))
            except (ValueError, Malformed, Unsupported):
                continue
    raise NoDecryptionKey("the message is not encrypted to a key of this address")


def _recipient(body: memoryview) -> tuple[int, str, int, memoryview] | None:
    """Read whom a key packet is for: (version, key id, algorithm, its fields), or None for an unknown version."""
    at = Cursor(body)
    version = at.number(1)
    if version == 3:
        key_id = at.take(8).hex().upper()
    elif version == 6:
        name = at.take(at.number(1))
        # A version octet and a fingerprint, whose key id is at its front or at its end (RFC 9580, 5.5.4).
        key_id = _WILDCARD if not name else (name[1:9] if name[0] == 6 else name[-8:]).hex().upper()
    else:
        return None
    return version, key_id, at.number(1), at.rest()


def _candidates(ring: tuple[UnlockedKey, ...], key_id: str, algorithm: int) -> Iterator[PrivateKey]:
    for key in ring:
        if key_id == _WILDCARD:
            yield from (
                part for part in key.private.values() if part.public.algorithm == algorithm and part.public.can_encrypt
            )
        elif (part := key.private.get(key_id)) is not None and part.public.algorithm == algorithm:
            yield part


def _session_key(cipher: int | None, key: bytes) -> SessionKey:
    if cipher is None:
        # Version 6 leaves the cipher to the data packet, which takes nothing but AES.
        return SessionKey(f"aes{len(key) * 8}", Secret(key))
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
    stretch = s2k.Specifier(s2k.ITERATED, 8, os.urandom(8), _COUNT_OCTET)
    kek = stretch.derive(password.reveal(), 32)
    encryptor = algorithms.block_cipher("aes256", kek, bytes(16)).encryptor()
    sealed = encryptor.update(bytes([session_key.cipher_id]) + session_key.key.reveal())
    return packets.write(Tag.SKESK, bytes([4, CIPHER_IDS["aes256"]]) + stretch.write() + sealed)


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
    kek = s2k.read(at).derive(password, cipher[1])
    sealed = bytes(at.rest())
    if not sealed:
        return SessionKey(cipher[0], Secret(kek))
    opened = algorithms.block_cipher(cipher[0], kek, bytes(cipher[2])).decryptor().update(sealed)
    return _session_key(opened[0], opened[1:])
