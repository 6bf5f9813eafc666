"""What RFC 9580 added: AEAD data packets, and private keys of version 6, of the new algorithms, or locked with AEAD.

The first plan was to hand these to rpgp-py. Measured, it unfolds a compressed bomb of 195 KB to 200 MB (and up to 1
GiB) before a caller can stop it, opens a private key only together with its passphrase for each single message, and
keeps the session key to itself, which forwarding needs. So the same engine reads them as reads everything else, and
rpgp-py is the oracle that the tests compare it with.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import cmac, hashes
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519, x448, x25519
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESOCB3
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bridge_gui.openpgp import algorithms, s2k
from bridge_gui.openpgp.algorithms import CIPHERS, PkAlgorithm, PublicKey
from bridge_gui.openpgp.errors import Malformed, NotIntact, TooLarge, Unsupported, WrongPassphrase
from bridge_gui.openpgp.packets import Cursor, Tag
from bridge_gui.secret import Secret

_EAX, _OCB, _GCM = 1, 2, 3
_NONCE: Final = {_EAX: 16, _OCB: 15, _GCM: 12}
_TAG = 16
_LARGEST_CHUNK = 16
"""Chunk size octet: 4 MiB (RFC 9580, 5.13.2)."""


# --- data packets ----------------------------------------------------------------------------------------------------


def open_seipd2(body: memoryview, session_key: bytes) -> bytes:
    """Open a data packet of version 2 (RFC 9580, 5.13.2). `body` begins with its version."""
    at = Cursor(body)
    head = at.take(4)
    _, cipher, mode, octet = head
    salt = at.take(32)
    key_size = _check(cipher, mode, octet, session_key)
    info = bytes([0xC0 | Tag.SEIPD]) + head
    nonce_size = _NONCE[mode]
    derived = HKDF(hashes.SHA256(), key_size + nonce_size - 8, salt, info).derive(session_key)
    aead = _aead(mode, derived[:key_size])
    stem = derived[key_size:]
    return _chunks(
        aead,
        at.rest(),
        1 << (octet + 6),
        lambda index: stem + index.to_bytes(8, "big"),
        lambda index: info,
        info,
    )


def open_aead(body: memoryview, session_key: bytes) -> bytes:
    """Open GnuPG 2.4's AEAD packet, type 20 (draft-koch-librepgp, 5.16)."""
    at = Cursor(body)
    head = at.take(4)
    version, cipher, mode, octet = head
    if version != 1:
        raise Unsupported("this version of encrypted data is not supported")
    _check(cipher, mode, octet, session_key)
    iv = at.take(_NONCE[mode])
    info = bytes([0xC0 | Tag.AEAD]) + head
    low = int.from_bytes(iv[-8:], "big")
    return _chunks(
        _aead(mode, session_key),
        at.rest(),
        1 << (octet + 6),
        lambda index: iv[:-8] + (low ^ index).to_bytes(8, "big"),
        lambda index: info + index.to_bytes(8, "big"),
        None,
    )


def _check(cipher: int, mode: int, octet: int, session_key: bytes) -> int:
    known = CIPHERS.get(cipher)
    if known is None or not known[0].startswith("aes") or mode not in _NONCE:
        raise Unsupported("this kind of encrypted data is not supported")
    if octet > _LARGEST_CHUNK:
        raise TooLarge("the chunks of the message are too large")
    if len(session_key) != known[1]:
        raise Malformed("the session key has a wrong length")
    return known[1]


def _chunks(aead: Any, data: memoryview, size: int, nonce: Any, extra: Any, final: bytes | None) -> bytes:
    """Open the chunks and the tag that closes them; nothing is returned unless every one is intact."""
    if len(data) < _TAG:
        raise Malformed("the encrypted data is cut short")
    body, closing = data[:-_TAG], data[-_TAG:]
    pieces = []
    index = total = 0
    try:
        for start in range(0, len(body), size + _TAG):
            piece = aead.decrypt(nonce(index), bytes(body[start : start + size + _TAG]), extra(index))
            pieces.append(piece)
            total += len(piece)
            index += 1
        last = extra(index) if final is None else final
        aead.decrypt(nonce(index), bytes(closing), last + total.to_bytes(8, "big"))
    except (InvalidTag, ValueError) as error:
        raise NotIntact("the message was changed or damaged, or the key is wrong") from error
    return b"".join(pieces)


def _aead(mode: int, key: bytes) -> Any:
    if mode == _EAX:
        return _Eax(key)
    return AESOCB3(key) if mode == _OCB else AESGCM(key)


class _Eax:
    """EAX (Bellare, Rogaway, Wagner 2004) from CMAC and counter mode; `cryptography` has the parts, not the whole."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def _omac(self, number: int, data: bytes) -> bytes:
        mac = cmac.CMAC(AES(self._key))
        mac.update(number.to_bytes(16, "big") + data)
        return mac.finalize()

    def decrypt(self, nonce: bytes, data: bytes, extra: bytes) -> bytes:
        if len(data) < _TAG:
            raise InvalidTag
        sealed, tag = data[:-_TAG], data[-_TAG:]
        start = self._omac(0, nonce)
        parts = zip(start, self._omac(1, extra), self._omac(2, sealed), strict=True)
        if not hmac.compare_digest(bytes(a ^ b ^ c for a, b, c in parts), tag):
            raise InvalidTag
        return Cipher(AES(self._key), CTR(start)).decryptor().update(sealed)


# --- private keys ----------------------------------------------------------------------------------------------------


def unlock(tag: int, public: PublicKey, secret: memoryview, passphrase: Secret[bytes]) -> dict[str, int] | Any:
    """Unlock the secret part of one key packet (RFC 9580, 5.5.3).

    Return numbers by name for the algorithms that `keys` builds from numbers, a key of `cryptography` for the others.
    """
    at = Cursor(secret)
    usage = at.number(1)
    if usage == 0:
        plain = bytes(at.rest())
        if public.version != 6:
            if len(plain) < 2 or sum(plain[:-2]) & 0xFFFF != int.from_bytes(plain[-2:], "big"):
                raise Malformed("the private key is damaged")
            plain = plain[:-2]
    else:
        plain = _unseal(tag, usage, public, at, passphrase.reveal())
    return _fields(public, Cursor(plain))


def _unseal(tag: int, usage: int, public: PublicKey, at: Cursor, passphrase: bytes) -> bytes:
    if usage not in (253, 254):
        raise Unsupported("this private key is locked in a way that is not supported")
    if public.version == 6:
        at.number(1)
    cipher_id = at.number(1)
    cipher = CIPHERS.get(cipher_id)
    if cipher is None:
        raise Unsupported("this private key is locked with a cipher that is not supported")
    mode = at.number(1) if usage == 253 else 0
    if public.version == 6:
        at.number(1)
    specifier = s2k.read(at)
    if usage == 254:
        iv = at.take(cipher[2])
        key = specifier.derive(passphrase, cipher[1])
        plain = algorithms.block_cipher(cipher[0], key, iv).decryptor().update(at.rest())
        digest = hashlib.sha1(plain[:-20], usedforsecurity=False).digest()
        if not hmac.compare_digest(digest, plain[-20:]):
            raise WrongPassphrase("the private key does not open with this passphrase")
        return plain[:-20]
    if mode not in _NONCE or not cipher[0].startswith("aes"):
        raise Unsupported("this private key is locked in a way that is not supported")
    nonce = at.take(_NONCE[mode])
    packet_type = 0xC0 | tag
    info = bytes([packet_type, public.version, cipher_id, mode])
    key = HKDF(hashes.SHA256(), cipher[1], None, info).derive(specifier.derive(passphrase, cipher[1]))
    try:
        opened: bytes = _aead(mode, key).decrypt(nonce, bytes(at.rest()), bytes([packet_type]) + public.body)
    except (InvalidTag, ValueError) as error:
        raise WrongPassphrase("the private key does not open with this passphrase") from error
    return opened


def _fields(public: PublicKey, at: Cursor) -> dict[str, int] | Any:
    match public.algorithm:
        case PkAlgorithm.RSA | PkAlgorithm.RSA_ENCRYPT | PkAlgorithm.RSA_SIGN:
            names: tuple[str, ...] = ("d", "p", "q", "u")
        case PkAlgorithm.DSA:
            names = ("x",)
        case PkAlgorithm.ECDSA | PkAlgorithm.ECDH | PkAlgorithm.EDDSA:
            names = ("s",)
        case PkAlgorithm.X25519:
            return x25519.X25519PrivateKey.from_private_bytes(at.take(32))
        case PkAlgorithm.X448:
            return x448.X448PrivateKey.from_private_bytes(at.take(56))
        case PkAlgorithm.ED25519:
            return ed25519.Ed25519PrivateKey.from_private_bytes(at.take(32))
        case PkAlgorithm.ED448:
            return ed448.Ed448PrivateKey.from_private_bytes(at.take(57))
        case _:
            raise Unsupported(f"private keys of kind {public.name} are not supported")
    return {name: at.mpi() for name in names}
