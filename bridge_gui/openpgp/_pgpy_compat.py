"""pgpy 0.6.0, made to run here, and the three things we ask of it. Only `keys` imports this module.

Its quirks, each held in place here: it imports `imghdr`, deprecated (gone from Python 3.13, where `standard-imghdr`
brings it back); it takes ciphers and CFB from where `cryptography` is giving them up, with a warning each time; it
refuses hash id 14, which openpgp.js 6 names in the keys it makes; its way of choosing a count for the key derivation
is the maximum, 65 MB of hashing for each key; and it raises exceptions of every kind.
"""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from typing import Any

from bridge_gui.errors import CryptoError
from bridge_gui.openpgp.errors import Malformed, UnsupportedKey, WrongPassphrase

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pgpy
    from pgpy.constants import (
        CompressionAlgorithm,
        EllipticCurveOID,
        HashAlgorithm,
        KeyFlags,
        PubKeyAlgorithm,
        SymmetricKeyAlgorithm,
    )
    from pgpy.errors import PGPDecryptionError, PGPError
    from pgpy.packet import Packet
    from pgpy.packet.types import MPI

from cryptography.hazmat.decrepit.ciphers import algorithms as old
from cryptography.hazmat.decrepit.ciphers import modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

_COUNT_OCTET = 96
"""65,536 octets hashed: the passphrases are random or already stretched by bcrypt."""

for _hash in HashAlgorithm:
    _hash._tuned_count = _COUNT_OCTET

_CIPHERS = {2: old.TripleDES, 3: old.CAST5, 4: old.Blowfish, 7: AES, 8: AES, 9: AES}


def _cipher(self: Any) -> Any:
    try:
        return _CIPHERS[self.value]
    except KeyError:
        raise NotImplementedError(f"cipher {self.value}") from None


SymmetricKeyAlgorithm.cipher = property(_cipher)
pgpy.symenc.modes = modes

_FIELDS = ("d", "p", "q", "s", "x")


def _widen_hashes() -> None:
    """Give pgpy's enumeration the SHA-3 members that it lacks."""
    for name, number in (("SHA3_256", 12), ("SHA3_512", 14)):
        if number in HashAlgorithm._value2member_map_:
            continue
        member = int.__new__(HashAlgorithm, number)
        member._name_, member._value_, member._tuned_count = name, number, _COUNT_OCTET
        HashAlgorithm._member_map_[name] = member
        HashAlgorithm._value2member_map_[number] = member
        HashAlgorithm._member_names_.append(name)


_widen_hashes()


def unlock(packet: bytes, passphrase: bytes | None) -> dict[str, int]:
    """Return the secret numbers of one secret-key packet. The object of pgpy lives no longer than this call."""
    key = _read(packet)
    if passphrase is not None:
        _unprotect(key, passphrase)
    material = key.keymaterial
    return {name: int(getattr(material, name)) for name in material.__privfields__ if name in _FIELDS}


def relock(packet: bytes, old: bytes, new: bytes) -> bytes:
    """Return the secret part of the packet, locked with another passphrase."""
    key = _read(packet)
    if key.keymaterial.s2k:
        _unprotect(key, old)
    try:
        key.keymaterial.encrypt_keyblob(new, SymmetricKeyAlgorithm.AES256, HashAlgorithm.SHA256)
        return bytes(key.keymaterial.s2k.__bytearray__()) + bytes(key.keymaterial.encbytes)
    except Exception as error:
        raise CryptoError("the key cannot be locked again") from error


def generate(name: str, email: str, passphrase: bytes, algorithm: str, created: int) -> bytes:
    """Make a key that signs and certifies, with a subkey for encryption."""
    moment = datetime.fromtimestamp(created, UTC)
    main: tuple[Any, Any]
    sub: tuple[Any, Any]
    if algorithm == "ed25519":
        main = (PubKeyAlgorithm.EdDSA, EllipticCurveOID.Ed25519)
        sub = (PubKeyAlgorithm.ECDH, EllipticCurveOID.Curve25519)
    elif algorithm == "rsa2048":
        main = sub = (PubKeyAlgorithm.RSAEncryptOrSign, 2048)
    else:
        raise ValueError(f"unknown kind of key: {algorithm}")
    key = _new(main, moment)
    key.add_uid(
        pgpy.PGPUID.new(name, email=email),
        usage={KeyFlags.Sign, KeyFlags.Certify},
        hashes=[HashAlgorithm.SHA512, HashAlgorithm.SHA256],
        ciphers=[SymmetricKeyAlgorithm.AES256],
        compression=[CompressionAlgorithm.Uncompressed],
        created=moment,
        primary=True,
    )
    key.add_subkey(
        _new(sub, moment),
        usage={KeyFlags.EncryptCommunications, KeyFlags.EncryptStorage},
        created=moment,
    )
    key.protect(passphrase, SymmetricKeyAlgorithm.AES256, HashAlgorithm.SHA256)
    return bytes(key)


def _new(kind: tuple[Any, Any], moment: datetime) -> Any:
    """Make one bare key. The primes of an RSA key must stand in order (RFC 9580, 5.5.5.1), which pgpy leaves to chance.

    GnuPG computes wrong signatures, one in fifty, with a key whose primes stand the other way round.
    """
    key = pgpy.PGPKey.new(*kind, created=moment)
    material = key._key.keymaterial
    if "p" in material.__privfields__ and material.p > material.q:
        material.p, material.q = material.q, material.p
        material.u = MPI(pow(int(material.p), -1, int(material.q)))
        material._compute_chksum()
    return key


def _read(packet: bytes) -> Any:
    try:
        return Packet(bytearray(packet))
    except Exception as error:
        # pgpy lets whatever went wrong inside through: IndexError, NotImplementedError, AttributeError ...
        raise Malformed("the private key cannot be read") from error


def _unprotect(key: Any, passphrase: bytes) -> None:
    try:
        key.unprotect(passphrase)
    except PGPDecryptionError as error:
        raise WrongPassphrase("the private key does not open with this passphrase") from error
    except (PGPError, NotImplementedError) as error:
        raise UnsupportedKey("this private key is locked in a way that is not supported") from error
    except Exception as error:
        raise WrongPassphrase("the private key does not open, or is damaged") from error
