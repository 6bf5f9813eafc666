"""Signature packets (RFC 9580, section 5.2): read, hash, check, make."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Final

from bridge_gui.openpgp import algorithms
from bridge_gui.openpgp.algorithms import PrivateKey, PublicKey
from bridge_gui.openpgp.errors import Malformed, Unsupported
from bridge_gui.openpgp.packets import Cursor, Tag, encode_length, write


class SignatureState(StrEnum):
    """The outcome of checking a signature."""

    NONE = "none"
    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN_KEY = "unknown-key"
    KEY_EXPIRED = "key-expired"
    KEY_REVOKED = "key-revoked"
    SIG_EXPIRED = "signature-expired"


class SignatureType(IntEnum):
    """Signature types (RFC 9580, 5.2.1)."""

    BINARY = 0x00
    TEXT = 0x01
    CERTIFY_GENERIC = 0x10
    CERTIFY_PERSONA = 0x11
    CERTIFY_CASUAL = 0x12
    CERTIFY_POSITIVE = 0x13
    SUBKEY_BINDING = 0x18
    PRIMARY_BINDING = 0x19
    DIRECT_KEY = 0x1F
    KEY_REVOCATION = 0x20
    SUBKEY_REVOCATION = 0x28
    CERTIFICATION_REVOCATION = 0x30


class _Sub(IntEnum):
    """Subpacket types (RFC 9580, 5.2.3.7)."""

    CREATED = 2
    EXPIRES = 3
    KEY_EXPIRES = 9
    ISSUER = 16
    NOTATION = 20
    PRIMARY_USER_ID = 25
    KEY_FLAGS = 27
    REVOCATION_REASON = 29
    FEATURES = 30
    EMBEDDED = 32
    ISSUER_FINGERPRINT = 33


_KNOWN: Final = frozenset({*_Sub, 4, 5, 6, 7, 11, 12, 21, 22, 23, 24, 26, 28, 31, 34, 35, 39})
"""Subpackets that may be marked critical: those above, and those that change nothing in how we judge a signature."""

MESSAGE_HASHES: Final = frozenset({"sha256", "sha384", "sha512", "sha224", "sha3_256", "sha3_512"})
"""Hashes that a signature of a message may use (RFC 9580, 9.5 forbids trusting MD5, SHA-1 and RIPEMD-160)."""
KEY_HASHES: Final = MESSAGE_HASHES | {"sha1"}
"""Self-signatures of keys made long ago use SHA-1; their content was chosen by the key's owner, as is the case for the
web clients, which accept them too."""

_SALT: Final = {8: 16, 9: 24, 10: 32, 12: 16, 14: 32}
"""Octets of salt that a version 6 signature needs, by hash (RFC 9580, 9.5)."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature packet says; nothing of it is checked yet."""

    version: int
    type: int
    algorithm: int
    hash_id: int
    created: int | None
    issuers: tuple[str, ...]
    """Key ids (16 digits) and fingerprints, upper-case hex, in the order in which they are to be believed."""
    body: bytes = field(repr=False)
    hashed: bytes = field(repr=False)
    """What goes into the hash from the packet itself, without the trailer that closes it."""
    fields: bytes = field(repr=False)
    salt: bytes = field(default=b"", repr=False)
    expires: int = 0
    """Seconds after creation, 0 for never."""
    key_expires: int = 0
    key_flags: int | None = None
    features: int = 0
    primary_user_id: bool = False
    revocation_reason: int | None = None
    embedded: bytes | None = field(default=None, repr=False)
    critical_unknown: bool = False

    @property
    def hash_name(self) -> str:
        return algorithms.HASH_NAMES.get(self.hash_id, "")

    @property
    def packet(self) -> bytes:
        return write(Tag.SIGNATURE, self.body)

    def trailer(self) -> bytes:
        """Return what closes the hash (RFC 9580, 5.2.4)."""
        if self.version == 3:
            return self.hashed
        return self.hashed + bytes([self.version, 0xFF]) + len(self.hashed).to_bytes(4, "big")

    def matches(self, key: PublicKey) -> bool:
        """Say whether the signature names this key as its maker, or names nobody."""
        if not self.issuers:
            return True
        return any(name in (key.key_id, key.fingerprint) for name in self.issuers)


def read(body: memoryview | bytes) -> Signature:
    """Read a signature packet's body. Raise `Malformed`, or `Unsupported` for a version we do not know."""
    at = Cursor(body)
    version = at.number(1)
    if version == 3:
        return _read_v3(bytes(body), at)
    if version not in (4, 6):
        raise Unsupported(f"signatures of version {version} are not supported")
    kind, algorithm, hash_id = at.number(1), at.number(1), at.number(1)
    wide = 4 if version == 6 else 2
    hashed_area = at.take(at.number(wide))
    hashed = bytes(memoryview(body)[: at.at])
    unhashed_area = at.take(at.number(wide))
    at.number(2)
    salt = at.take(at.number(1)) if version == 6 else b""
    fields = bytes(at.rest())
    found = _Found()
    found.read(hashed_area, hashed=True)
    found.read(unhashed_area, hashed=False)
    return Signature(
        version,
        kind,
        algorithm,
        hash_id,
        found.created,
        tuple(found.fingerprints + found.key_ids),
        bytes(body),
        hashed,
        fields,
        salt,
        found.expires,
        found.key_expires,
        found.key_flags,
        found.features,
        found.primary_user_id,
        found.revocation_reason,
        found.embedded,
        found.critical_unknown,
    )


def _read_v3(body: bytes, at: Cursor) -> Signature:
    if at.number(1) != 5:
        raise Malformed("a version 3 signature hashes five octets")
    hashed = at.take(5)
    key_id = at.take(8).hex().upper()
    algorithm, hash_id = at.number(1), at.number(1)
    at.number(2)
    created = int.from_bytes(hashed[1:], "big")
    return Signature(3, hashed[0], algorithm, hash_id, created, (key_id,), body, hashed, bytes(at.rest()))


class _Found:
    """Collect subpackets. Only the hashed area rules; from the other one we take hints: issuer, embedded signature."""

    def __init__(self) -> None:
        self.created: int | None = None
        self.key_ids: list[str] = []
        self.fingerprints: list[str] = []
        self.expires = 0
        self.key_expires = 0
        self.key_flags: int | None = None
        self.features = 0
        self.primary_user_id = False
        self.revocation_reason: int | None = None
        self.embedded: bytes | None = None
        self.critical_unknown = False

    def read(self, area: bytes, *, hashed: bool) -> None:
        at = Cursor(area)
        while at.at < len(area):
            length = _subpacket_length(at)
            if length == 0:
                raise Malformed("a subpacket has no type")
            kind, value = at.number(1), at.take(length - 1)
            number = kind & 0x7F
            if number == _Sub.ISSUER and len(value) == 8:
                self.key_ids.append(value.hex().upper())
            elif number == _Sub.ISSUER_FINGERPRINT and len(value) in (21, 33):
                self.fingerprints.append(value[1:].hex().upper())
            elif number == _Sub.EMBEDDED:
                self.embedded = value
            elif hashed:
                self._rule(number, value, critical=bool(kind & 0x80))

    def _rule(self, number: int, value: bytes, *, critical: bool) -> None:
        match number:
            case _Sub.CREATED:
                self.created = Cursor(value).number(4)
            case _Sub.EXPIRES:
                self.expires = Cursor(value).number(4)
            case _Sub.KEY_EXPIRES:
                self.key_expires = Cursor(value).number(4)
            case _Sub.KEY_FLAGS:
                self.key_flags = value[0] if value else 0
            case _Sub.FEATURES:
                self.features = value[0] if value else 0
            case _Sub.PRIMARY_USER_ID:
                self.primary_user_id = any(value)
            case _Sub.REVOCATION_REASON:
                self.revocation_reason = value[0] if value else 0
            case _Sub.NOTATION:
                # A notation marked critical is a condition that we cannot judge (RFC 9580, 5.2.3.24).
                self.critical_unknown |= critical
            case _:
                self.critical_unknown |= critical and number not in _KNOWN


def _subpacket_length(at: Cursor) -> int:
    first = at.number(1)
    if first < 192:
        return first
    if first < 255:
        return ((first - 192) << 8) + at.number(1) + 192
    return at.number(4)


# --- hashing and checking --------------------------------------------------------------------------------------------


def digest(signature: Signature, parts: Iterable[bytes | memoryview]) -> bytes:
    """Hash the signed parts and the signature's own fields."""
    hasher = algorithms.new_hash(signature.hash_id)
    hasher.update(signature.salt)
    for part in parts:
        hasher.update(part)
    hasher.update(signature.trailer())
    return hasher.digest()


def check(signature: Signature, key: PublicKey, parts: Iterable[bytes | memoryview], hashes: frozenset[str]) -> bool:
    """Say whether `key` made this signature over `parts`, with one of the hashes allowed."""
    if signature.critical_unknown or signature.created is None or signature.hash_name not in hashes:
        return False
    if key.algorithm != signature.algorithm or (key.version == 6) != (signature.version == 6):
        return False
    return algorithms.verify(key, signature.hash_id, digest(signature, parts), memoryview(signature.fields))


def key_part(key: PublicKey) -> bytes:
    """Return a key as certifications and bindings hash it (RFC 9580, 5.2.4)."""
    if key.version == 6:
        return b"\x9b" + len(key.body).to_bytes(4, "big") + key.body
    return b"\x99" + len(key.body).to_bytes(2, "big") + key.body


def user_id_part(content: bytes, *, attribute: bool = False) -> bytes:
    return bytes([0xD1 if attribute else 0xB4]) + len(content).to_bytes(4, "big") + content


def text_part(data: bytes | memoryview) -> bytes:
    """Return the text with every line ending as CR LF, as text signatures hash it (RFC 9580, 5.2.1.2)."""
    return bytes(data).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def data_part(kind: int, data: bytes | memoryview) -> bytes | memoryview:
    return text_part(data) if kind == SignatureType.TEXT else data


# --- making ----------------------------------------------------------------------------------------------------------


def subpacket(kind: int, value: bytes, *, critical: bool = False) -> bytes:
    return encode_length(len(value) + 1) + bytes([kind | (0x80 if critical else 0)]) + value


def make(
    key: PrivateKey, kind: int, at: int, parts: Iterable[bytes | memoryview], *, hash_id: int = 10, extra: bytes = b""
) -> bytes:
    """Make a signature of the key's own version; return its packet's body. `extra` is further hashed subpackets."""
    public = key.public
    area = (
        subpacket(_Sub.CREATED, at.to_bytes(4, "big"), critical=True)
        + subpacket(_Sub.ISSUER_FINGERPRINT, bytes([public.version]) + bytes.fromhex(public.fingerprint))
        + extra
    )
    if public.version == 4:
        area += subpacket(_Sub.ISSUER, bytes.fromhex(public.key_id))
        wide, salt = 2, b""
    else:
        wide, salt = 4, os.urandom(_SALT[hash_id])
    hashed = bytes([public.version, kind, public.algorithm, hash_id]) + len(area).to_bytes(wide, "big") + area
    hasher = algorithms.new_hash(hash_id)
    hasher.update(salt)
    for part in parts:
        hasher.update(part)
    hasher.update(hashed + bytes([public.version, 0xFF]) + len(hashed).to_bytes(4, "big"))
    value = hasher.digest()
    length = b"" if public.version == 4 else bytes([len(salt)])
    return b"".join((hashed, bytes(wide), value[:2], length, salt, algorithms.sign(key, hash_id, value)))


def one_pass(key: PublicKey, body: bytes) -> bytes:
    """Return the one-pass packet (RFC 9580, 5.4) that announces the signature of this body, the only one there is."""
    made = read(body)
    fields = bytes([3 if key.version == 4 else 6, made.type, made.hash_id, made.algorithm])
    if key.version == 4:
        fields += bytes.fromhex(key.key_id)
    else:
        fields += bytes([len(made.salt)]) + made.salt + bytes.fromhex(key.fingerprint)
    return write(Tag.ONE_PASS, fields + b"\x01")
