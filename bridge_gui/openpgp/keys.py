"""Certificates, and private keys unlocked into immutable values.

Reading is ours throughout, since certificates come from strangers. pgpy opens and makes the locked secret parts of
version 4 keys, one packet at a time, and is dropped at once: no object of it leaves `_pgpy_compat`. What pgpy does not
know (version 6, algorithms 25 to 28, keys locked with AEAD or Argon2) is opened by `modern`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa, x25519

from bridge_gui.openpgp import armor, modern, packets, signature
from bridge_gui.openpgp.algorithms import PkAlgorithm, PrivateKey, PublicKey, read_public
from bridge_gui.openpgp.errors import Malformed, TooLarge, Unsupported, UnsupportedKey, WrongPassphrase
from bridge_gui.openpgp.packets import Packet, Tag
from bridge_gui.openpgp.signature import Signature
from bridge_gui.secret import Secret

MAX_KEY = 8 << 20
"""Octets of a certificate; keys flooded with third-party signatures reach a few megabytes."""

_PRIMARY = frozenset({Tag.PUBLIC_KEY, Tag.SECRET_KEY})
_SUBKEY = frozenset({Tag.PUBLIC_SUBKEY, Tag.SECRET_SUBKEY})
_SECRET = frozenset({Tag.SECRET_KEY, Tag.SECRET_SUBKEY})

_S2K_AEAD = 253
_S2K_SHA1 = 254
_S2K_CHECKSUM = 255
_GNU_DUMMY = 101
"""GnuPG's mark of a secret part that lies elsewhere: offline, or on a card."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A user id (or user attribute) with the signatures that stand behind it, none of them checked yet."""

    content: bytes
    attribute: bool
    signatures: tuple[Signature, ...] = field(repr=False)

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Subkey:
    """A subkey with the signatures that stand behind it, none of them checked yet."""

    key: PublicKey
    signatures: tuple[Signature, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A public key with its user ids and subkeys, as read. `certpolicy` says which of its keys may be used for what."""

    raw: bytes = field(repr=False)
    """The transferable public key, binary."""
    primary: PublicKey = field(compare=False)
    signatures: tuple[Signature, ...] = field(compare=False, repr=False)
    """Signatures directly on the primary key."""
    identities: tuple[Identity, ...] = field(compare=False)
    subkeys: tuple[Subkey, ...] = field(compare=False)

    @classmethod
    def from_bytes(cls, data: bytes) -> Certificate:
        """Read the first key of `data`; of a private key, its public part."""
        return _read_certificate(data)

    @classmethod
    def from_armor(cls, text: str | bytes) -> Certificate:
        return _read_certificate(armor.dearmor(text))

    @property
    def fingerprint(self) -> str:
        return self.primary.fingerprint

    @property
    def key_id(self) -> str:
        return self.primary.key_id

    @property
    def created(self) -> int:
        return self.primary.created

    @property
    def algorithm(self) -> str:
        return self.primary.name

    @property
    def user_ids(self) -> tuple[str, ...]:
        return tuple(identity.text for identity in self.identities if not identity.attribute)

    def armored(self) -> str:
        return armor.armor(armor.PUBLIC_KEY, self.raw)


@dataclass(frozen=True, slots=True)
class UnlockedKey:
    """A private key that is ready to use. Immutable, and safe to use from several threads at once."""

    certificate: Certificate
    private: Mapping[str, PrivateKey] = field(repr=False, compare=False)
    """The unlocked parts by key id (upper-case hex)."""


def unlock(armored_private: str, passphrase: Secret[bytes]) -> UnlockedKey:
    """Unlock a private key. Slow, so never on the loop.

    Raise `WrongPassphrase`, `UnsupportedKey` or `Malformed`. Public and private parts are checked to belong together.
    """
    data = armor.dearmor(armored_private)
    certificate = _read_certificate(data)
    private: dict[str, PrivateKey] = {}
    for packet in _secret_packets(data):
        try:
            public, secret = read_public(packet.body)
        except Unsupported:
            continue
        if public.native is not None and not _is_elsewhere(secret):
            private[public.key_id] = PrivateKey(public, _unlock_packet(packet, public, secret, passphrase))
    if not private:
        raise UnsupportedKey("no part of this private key can be used")
    return UnlockedKey(certificate, MappingProxyType(private))


def change_passphrase(armored_private: str, old: Secret[bytes], new: Secret[bytes]) -> str:
    """Return the same key locked with another passphrase. Slow. Everything but the locked parts stays as it was."""
    data = armor.dearmor(armored_private)
    compat = _pgpy()
    pieces = []
    for packet in packets.read(data):
        if packet.tag not in _SECRET:
            pieces.append(bytes(memoryview(data)[packet.start : packet.end]))
            continue
        public, secret = read_public(packet.body)
        if _is_modern(public, secret):
            raise UnsupportedKey("the passphrase of this kind of key cannot be changed")
        if _is_elsewhere(secret):
            pieces.append(bytes(memoryview(data)[packet.start : packet.end]))
            continue
        locked = compat.relock(_reframe(packet), old.reveal(), new.reveal())
        pieces.append(packets.write(packet.tag, public.body + locked))
    return armor.armor(armor.PRIVATE_KEY, b"".join(pieces))


def generate(
    name: str,
    email: str,
    passphrase: Secret[bytes],
    algorithm: Literal["ed25519", "rsa2048"] = "ed25519",
    created: int | None = None,
) -> str:
    """Make a version 4 key with an encryption subkey, locked with `passphrase`; return it armored."""
    moment = int(time.time()) if created is None else created
    return armor.armor(armor.PRIVATE_KEY, _pgpy().generate(name, email, passphrase.reveal(), algorithm, moment))


def public_armor(armored_private: str) -> str:
    """Return the public part of a private key, armored."""
    return Certificate.from_armor(armored_private).armored()


# --- reading ---------------------------------------------------------------------------------------------------------


def _pgpy() -> Any:
    """Import pgpy at first use: it takes a tenth of a second."""
    from bridge_gui.openpgp import _pgpy_compat

    return _pgpy_compat


def _read_certificate(data: bytes) -> Certificate:
    if len(data) > MAX_KEY:
        raise TooLarge("the key is too large")
    reading = _Reading()
    for packet in packets.read(data, most=packets.MAX_PACKETS * 4):
        if not reading.take(packet):
            break
    return reading.certificate()


class _Reading:
    """Gather a transferable key (RFC 9580, 10.1) packet by packet."""

    def __init__(self) -> None:
        self._primary: PublicKey | None = None
        self._raw: list[bytes] = []
        self._signatures: list[Signature] = []
        self._identities: list[Identity] = []
        self._subkeys: list[Subkey] = []
        self._gather: list[Signature] | None = None

    def take(self, packet: Packet) -> bool:
        """Take one packet; return False where the next key begins."""
        if self._primary is None:
            if packet.tag in (Tag.MARKER, Tag.PADDING):
                return True
            if packet.tag not in _PRIMARY:
                raise Malformed("this is not a key")
            try:
                self._primary, _ = read_public(packet.body)
            except Unsupported as error:
                raise UnsupportedKey(error.message) from error
            self._keep(Tag.PUBLIC_KEY, self._primary.body)
            self._gather = self._signatures
            return True
        if packet.tag in _PRIMARY:
            return False
        if packet.tag in _SUBKEY:
            self._subkey(packet)
        elif packet.tag in (Tag.USER_ID, Tag.USER_ATTRIBUTE):
            self._keep(packet.tag, bytes(packet.body))
            self._close()
            self._gather = []
            self._open = Identity(bytes(packet.body), packet.tag == Tag.USER_ATTRIBUTE, ())
        elif packet.tag == Tag.SIGNATURE:
            self._signature(packet)
        return True

    _open: Identity | PublicKey | None = None

    def _keep(self, tag: int, body: bytes) -> None:
        self._raw.append(packets.write(tag, body))

    def _subkey(self, packet: Packet) -> None:
        self._close()
        try:
            key, _ = read_public(packet.body)
        except (Unsupported, Malformed):
            self._gather = None  # a subkey from the future, and the signatures that follow it
            return
        self._keep(Tag.PUBLIC_SUBKEY, key.body)
        self._gather, self._open = [], key

    def _signature(self, packet: Packet) -> None:
        if self._gather is None:
            return
        try:
            read = signature.read(packet.body)
        except (Unsupported, Malformed):
            return
        self._keep(Tag.SIGNATURE, bytes(packet.body))
        self._gather.append(read)

    def _close(self) -> None:
        if self._gather is not None and isinstance(self._open, Identity):
            self._identities.append(Identity(self._open.content, self._open.attribute, tuple(self._gather)))
        elif self._gather is not None and isinstance(self._open, PublicKey):
            self._subkeys.append(Subkey(self._open, tuple(self._gather)))
        self._open = None

    def certificate(self) -> Certificate:
        self._close()
        if self._primary is None:
            raise Malformed("there is no key")
        return Certificate(
            b"".join(self._raw), self._primary, tuple(self._signatures), tuple(self._identities), tuple(self._subkeys)
        )


# --- unlocking -------------------------------------------------------------------------------------------------------


def _secret_packets(data: bytes) -> Iterator[Packet]:
    first = True
    for packet in packets.read(data):
        if packet.tag in _PRIMARY and not first:
            return
        first = False
        if packet.tag in _SECRET:
            yield packet


def _is_modern(public: PublicKey, secret: memoryview) -> bool:
    return public.version != 4 or public.algorithm > PkAlgorithm.EDDSA or secret[:1] == bytes([_S2K_AEAD])


def _is_elsewhere(secret: memoryview) -> bool:
    return len(secret) > 2 and secret[0] in (_S2K_SHA1, _S2K_CHECKSUM) and secret[2] == _GNU_DUMMY


def _reframe(packet: Packet) -> bytes:
    return packets.write(packet.tag, packet.body)


def _unlock_packet(packet: Packet, public: PublicKey, secret: memoryview, passphrase: Secret[bytes]) -> Any:
    try:
        if _is_modern(public, secret):
            return _native(public, modern.unlock(packet.tag, public, secret, passphrase))
        # pgpy takes any other usage octet for "not locked", and reads what is locked as numbers.
        if not secret or secret[0] not in (0, _S2K_SHA1, _S2K_CHECKSUM):
            raise UnsupportedKey("this private key is locked in a way that is not supported")
        return _native(public, _pgpy().unlock(_reframe(packet), passphrase.reveal() if secret[0] else None))
    except (ValueError, OverflowError, KeyError) as error:
        # With the two-octet checksum one wrong passphrase in 65536 gets this far.
        raise WrongPassphrase("the private key does not open, or is damaged") from error


def _native(public: PublicKey, numbers: Any) -> Any:
    """Build the private key from its numbers and make sure that it belongs to the public one."""
    match public.algorithm:
        case _ if not isinstance(numbers, dict):
            key: Any = numbers
        case PkAlgorithm.RSA | PkAlgorithm.RSA_ENCRYPT | PkAlgorithm.RSA_SIGN:
            return _rsa(public.native.public_numbers(), numbers["d"], numbers["p"], numbers["q"])
        case PkAlgorithm.DSA:
            key = dsa.DSAPrivateNumbers(numbers["x"], public.native.public_numbers()).private_key()
        case PkAlgorithm.EDDSA:
            key = ed25519.Ed25519PrivateKey.from_private_bytes(numbers["s"].to_bytes(32, "big"))
        case _ if isinstance(public.native, x25519.X25519PublicKey):
            # OpenPGP writes this secret the other way round (RFC 9580, 5.5.5.6.1.1).
            key = x25519.X25519PrivateKey.from_private_bytes(numbers["s"].to_bytes(32, "little"))
        case _:
            key = ec.derive_private_key(numbers["s"], public.native.curve)
    if key.public_key() != public.native:
        raise ValueError("the private part does not belong to the public one")
    return key


def _rsa(public: rsa.RSAPublicNumbers, d: int, p: int, q: int) -> rsa.RSAPrivateKey:
    """Build an RSA key without the library's primality tests, which cost 0.2 s, and check what an attacker could bend.

    A changed private part leaks the key through one faulty operation, so p, q and d must fit n and e.
    """
    n, e = public.n, public.e
    if p < 3 or q < 3 or p * q != n or d * e % (p - 1) != 1 or d * e % (q - 1) != 1:
        raise ValueError("the private part does not belong to the public one")
    values = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return values.private_key(unsafe_skip_rsa_key_validation=True)
