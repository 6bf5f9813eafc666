"""Certificates and messages put together by hand, right or wrong in exactly one place."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric import ed25519, x25519

from bridge_gui.openpgp import algorithms, packets, signature
from bridge_gui.openpgp.algorithms import CIPHERS, PrivateKey, read_public
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.openpgp.packets import Tag
from bridge_gui.openpgp.session import SessionKey
from bridge_gui.openpgp.signature import SignatureType, subpacket

SIGN, CERTIFY, ENCRYPT = 0x02, 0x01, 0x0C


def signing_key(created: int) -> PrivateKey:
    native = ed25519.Ed25519PrivateKey.generate()
    point = b"\x40" + native.public_key().public_bytes_raw()
    oid = bytes.fromhex("092b06010401da470f01")
    public, _ = read_public(bytes([4]) + created.to_bytes(4, "big") + bytes([22]) + oid + packets.mpi_from(point))
    return PrivateKey(public, native)


def encryption_key(created: int) -> PrivateKey:
    native = x25519.X25519PrivateKey.generate()
    point = b"\x40" + native.public_key().public_bytes_raw()
    fields = bytes.fromhex("0a2b060104019755010501") + packets.mpi_from(point) + bytes([3, 1, 8, 7])
    public, _ = read_public(bytes([4]) + created.to_bytes(4, "big") + bytes([18]) + fields)
    return PrivateKey(public, native)


def flags(value: int) -> bytes:
    return subpacket(27, bytes([value]))


def expires(seconds: int) -> bytes:
    return subpacket(9, seconds.to_bytes(4, "big"))


def reason(value: int) -> bytes:
    return subpacket(29, bytes([value]))


@dataclass
class Forge:
    """Gather the packets of a certificate."""

    created: int
    primary: PrivateKey = field(init=False)
    parts: list[bytes] = field(default_factory=list)
    private: list[PrivateKey] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.primary = signing_key(self.created)
        self.parts.append(packets.write(Tag.PUBLIC_KEY, self.primary.public.body))
        self.private.append(self.primary)

    @property
    def base(self) -> bytes:
        return signature.key_part(self.primary.public)

    def sign(
        self,
        kind: int,
        at: int,
        *parts: bytes,
        extra: bytes = b"",
        by: PrivateKey | None = None,
        hash_id: int = 10,
    ) -> Forge:
        body = signature.make(by or self.primary, kind, at, (self.base, *parts), hash_id=hash_id, extra=extra)
        self.parts.append(packets.write(Tag.SIGNATURE, body))
        return self

    def user(
        self, extra: bytes = flags(SIGN | CERTIFY), *, text: bytes = b"Jo <jo@example.test>", at: int = 0
    ) -> Forge:
        self.parts.append(packets.write(Tag.USER_ID, text))
        part = signature.user_id_part(text)
        return self.sign(SignatureType.CERTIFY_POSITIVE, at or self.created, part, extra=extra)

    def subkey(
        self,
        key: PrivateKey,
        use: int = ENCRYPT,
        *,
        extra: bytes = b"",
        at: int = 0,
        by: PrivateKey | None = None,
        bound: bool = True,
        countersigned: bool = True,
    ) -> Forge:
        self.private.append(key)
        self.parts.append(packets.write(Tag.PUBLIC_SUBKEY, key.public.body))
        part = signature.key_part(key.public)
        moment = at or key.public.created
        if use & SIGN and countersigned:
            body = signature.make(key, SignatureType.PRIMARY_BINDING, moment, (self.base, part))
            extra += subpacket(32, body)
        if bound:
            self.sign(SignatureType.SUBKEY_BINDING, moment, part, extra=flags(use) + extra, by=by)
        return self

    def certificate(self) -> Certificate:
        return Certificate.from_bytes(b"".join(self.parts))

    def unlocked(self) -> UnlockedKey:
        return UnlockedKey(self.certificate(), MappingProxyType({key.public.key_id: key for key in self.private}))


def seal(inner: bytes, session_key: SessionKey) -> bytes:
    """Return a data packet (version 1) around packets of one's own choice."""
    name, _, block = CIPHERS[session_key.cipher_id]
    random = os.urandom(block)
    plain = random + random[-2:] + inner + b"\xd3\x14"
    plain += hashlib.sha1(plain, usedforsecurity=False).digest()
    sealed = algorithms.block_cipher(name, session_key.key.reveal(), bytes(block)).encryptor().update(plain)
    return packets.write(Tag.SEIPD, b"\x01" + sealed)


def literal(data: bytes, kind: bytes = b"b", name: bytes = b"") -> bytes:
    return packets.write(Tag.LITERAL, kind + bytes([len(name)]) + name + bytes(4) + data)
