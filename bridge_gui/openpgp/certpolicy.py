"""Which key of a certificate may be used for what, and when. Pure.

No library is asked: pgpy and rpgp-py take the first subkey that looks right, even one that is revoked, expired, or was
put there by somebody else. Here a key counts only when the primary key vouches for it: a self-signature for the primary
itself, a binding for a subkey, and for a subkey that signs also the counter-signature made by that subkey.

Checking signatures does not depend on the time of day, so it is done once for a certificate (`_facts`) and the answer
kept; what depends on the time is judged anew in each call. Times are seconds since 1970; `None` stands for "time is
not judged", while a revocation always counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from bridge_gui.errors import CryptoError
from bridge_gui.openpgp import signature
from bridge_gui.openpgp.algorithms import PublicKey
from bridge_gui.openpgp.keys import Certificate, Identity, Subkey
from bridge_gui.openpgp.signature import KEY_HASHES, Signature, SignatureType

SKEW = 2 * 86_400
"""How far in the future a key or a signature may be made: clocks differ, and the service's own clients allow two
days."""

_CERTIFICATIONS = frozenset({0x10, 0x11, 0x12, 0x13})
_SOFT_REASONS = frozenset({1, 3})
"""Superseded and retired: what the key signed before stays good (RFC 9580, 5.2.3.31). Any other reason, or none, may
mean that somebody else has the key, who can sign with any date."""

_CERTIFY, _SIGN, _ENCRYPT = 0x01, 0x02, 0x0C


class KeyState(StrEnum):
    """What a certificate says about one of its keys at some moment."""

    GOOD = "good"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNUSABLE = "unusable"
    """Not vouched for, not of this certificate, not meant for this use, or not made yet."""


class _Good(Protocol):
    """The check that `_facts` hands around: is this a good signature of the primary key over these parts?"""

    def __call__(self, item: Signature, *more: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class _SubkeyFacts:
    key: PublicKey
    bindings: tuple[Signature, ...]
    """Good ones, newest first."""
    revocations: tuple[Signature, ...]
    countersigned: frozenset[bytes]
    """Bodies of the bindings that hold a good counter-signature of the subkey."""


@dataclass(frozen=True, slots=True)
class _Facts:
    revocations: tuple[Signature, ...]
    direct: tuple[Signature, ...]
    certifications: tuple[tuple[Signature, ...], ...]
    """For each user id that is not revoked: its good self-signatures, newest first."""
    subkeys: tuple[_SubkeyFacts, ...]


def encryption_key(certificate: Certificate, now: int | None) -> PublicKey | None:
    """Return the key to encrypt to: the newest good encryption subkey, else the primary key if it may; else None."""
    facts = _facts(certificate)
    if _primary_state(certificate, facts, now) is not KeyState.GOOD:
        return None
    good = [
        sub.key for sub in facts.subkeys if sub.key.can_encrypt and _subkey_state(sub, now, _ENCRYPT) is KeyState.GOOD
    ]
    if good:
        return max(good, key=lambda key: key.created)
    flags = _primary_flags(facts, now)
    if certificate.primary.can_encrypt and flags is not None and flags & _ENCRYPT:
        return certificate.primary
    return None


def signing_keys(certificate: Certificate, at: int | None) -> tuple[PublicKey, ...]:
    """Return the keys whose signatures count at that moment: subkeys newest first, then the primary key."""
    facts = _facts(certificate)
    candidates = sorted((sub.key for sub in facts.subkeys), key=lambda key: -key.created)
    return tuple(
        key for key in (*candidates, certificate.primary) if signing_state(certificate, key, at) is KeyState.GOOD
    )


def signing_state(certificate: Certificate, key: PublicKey, at: int | None, *, timed: bool = True) -> KeyState:
    """Say what the certificate thinks of a signature made with `key` at that moment.

    With `timed=False`, `at` decides about revocations only, and expiry is not judged.
    """
    facts = _facts(certificate)
    if not key.can_sign:
        return KeyState.UNUSABLE
    primary = _primary_state(certificate, facts, at, timed=timed)
    if primary is not KeyState.GOOD:
        return primary
    if key is certificate.primary or key == certificate.primary:
        flags = _primary_flags(facts, at if timed else None)
        # Keys from before key flags say nothing; a primary key that certifies may then sign, too.
        return KeyState.GOOD if flags is None or flags & _SIGN else KeyState.UNUSABLE
    for sub in facts.subkeys:
        if sub.key is key or sub.key == key:
            return _subkey_state(sub, at, _SIGN, timed=timed)
    return KeyState.UNUSABLE


# --- what depends on the time ----------------------------------------------------------------------------------------


def _revoked(revocations: tuple[Signature, ...], at: int | None) -> bool:
    for revocation in revocations:
        soft = revocation.revocation_reason in _SOFT_REASONS
        if not soft or at is None or (revocation.created or 0) <= at:
            return True
    return False


def _in_effect(signatures: tuple[Signature, ...], at: int | None) -> Signature | None:
    """Return the newest signature that was made by then and has not run out."""
    for item in signatures:
        created = item.created or 0
        if at is not None and (created > at + SKEW or (item.expires and created + item.expires <= at)):
            continue
        return item
    return None


def _lifetime(key: PublicKey, seconds: int, at: int | None) -> KeyState:
    if at is not None:
        if key.created > at + SKEW:
            return KeyState.UNUSABLE
        if seconds and key.created + seconds <= at:
            return KeyState.EXPIRED
    return KeyState.GOOD


def _primary_statements(facts: _Facts, at: int | None) -> tuple[Signature, ...]:
    """Return the self-signatures that rule the primary key: that of the primary user id, then the direct one."""
    ruling = [found for chain in facts.certifications if (found := _in_effect(chain, at)) is not None]
    ruling.sort(key=lambda item: (item.primary_user_id, item.created or 0), reverse=True)
    direct = _in_effect(facts.direct, at)
    return (*ruling[:1], *(() if direct is None else (direct,)))


def _primary_flags(facts: _Facts, at: int | None) -> int | None:
    for item in _primary_statements(facts, at):
        if item.key_flags is not None:
            return item.key_flags
    return None


def _primary_state(certificate: Certificate, facts: _Facts, at: int | None, *, timed: bool = True) -> KeyState:
    if _revoked(facts.revocations, at):
        return KeyState.REVOKED
    moment = at if timed else None
    statements = _primary_statements(facts, moment)
    if not statements:
        return KeyState.UNUSABLE
    seconds = next((item.key_expires for item in statements if item.key_expires), 0)
    return _lifetime(certificate.primary, seconds, moment)


def _subkey_state(sub: _SubkeyFacts, at: int | None, use: int, *, timed: bool = True) -> KeyState:
    if _revoked(sub.revocations, at):
        return KeyState.REVOKED
    moment = at if timed else None
    binding = _in_effect(sub.bindings, moment)
    if binding is None:
        return KeyState.EXPIRED if sub.bindings else KeyState.UNUSABLE
    flags = binding.key_flags
    if flags is None:
        flags = _ENCRYPT if sub.key.can_encrypt else 0
    if not flags & use or (use == _SIGN and binding.body not in sub.countersigned):
        return KeyState.UNUSABLE
    return _lifetime(sub.key, binding.key_expires, moment)


# --- what does not ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _facts(certificate: Certificate) -> _Facts:
    primary = certificate.primary
    base = signature.key_part(primary)

    def good(item: Signature, *more: bytes) -> bool:
        return item.matches(primary) and signature.check(item, primary, (base, *more), KEY_HASHES)

    direct = [item for item in certificate.signatures if item.type == SignatureType.DIRECT_KEY and good(item)]
    revocations = [item for item in certificate.signatures if item.type == SignatureType.KEY_REVOCATION and good(item)]
    certifications = []
    for identity in certificate.identities:
        chain = _certifications(identity, good)
        if chain:
            certifications.append(chain)
    return _Facts(
        tuple(revocations),
        _newest_first(direct),
        tuple(certifications),
        tuple(_subkey_facts(sub, base, good) for sub in certificate.subkeys),
    )


def _newest_first(items: list[Signature]) -> tuple[Signature, ...]:
    return tuple(sorted(items, key=lambda item: item.created or 0, reverse=True))


def _certifications(identity: Identity, good: _Good) -> tuple[Signature, ...]:
    part = signature.user_id_part(identity.content, attribute=identity.attribute)
    kept, revoked = [], 0
    for item in identity.signatures:
        if item.type in _CERTIFICATIONS and good(item, part):
            kept.append(item)
        elif item.type == SignatureType.CERTIFICATION_REVOCATION and good(item, part):
            revoked = max(revoked, item.created or 0)
    # A user id that was revoked and then certified anew is in force again.
    return _newest_first([item for item in kept if (item.created or 0) > revoked or not revoked])


def _subkey_facts(sub: Subkey, base: bytes, good: _Good) -> _SubkeyFacts:
    part = signature.key_part(sub.key)
    bindings, revocations, countersigned = [], [], set()
    for item in sub.signatures:
        if item.type == SignatureType.SUBKEY_BINDING and good(item, part):
            bindings.append(item)
            if item.embedded is not None and _countersigned(item.embedded, sub.key, base, part):
                countersigned.add(item.body)
        elif item.type == SignatureType.SUBKEY_REVOCATION and good(item, part):
            revocations.append(item)
    return _SubkeyFacts(sub.key, _newest_first(bindings), tuple(revocations), frozenset(countersigned))


def _countersigned(body: bytes, key: PublicKey, base: bytes, part: bytes) -> bool:
    try:
        item = signature.read(body)
    except CryptoError:
        return False
    return item.type == SignatureType.PRIMARY_BINDING and signature.check(item, key, (base, part), KEY_HASHES)
