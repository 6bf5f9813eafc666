"""Which key may be used for what: one row for each case."""

from __future__ import annotations

import pytest

from bridge_gui.openpgp import certpolicy, message, signature
from bridge_gui.openpgp.certpolicy import KeyState
from bridge_gui.openpgp.keys import Certificate
from bridge_gui.openpgp.signature import SignatureType, subpacket
from tests.openpgp.conftest import NOW
from tests.openpgp.forge import (
    CERTIFY,
    ENCRYPT,
    SIGN,
    Forge,
    encryption_key,
    expires,
    flags,
    reason,
    signing_key,
)

DAY = 86_400
OLD = NOW - 100 * DAY


def primary(
    *, extra: bytes = flags(SIGN | CERTIFY), revoked: bytes | None = None, revoked_at: int = NOW
) -> Certificate:
    made = Forge(OLD)
    if revoked is not None:
        made.sign(SignatureType.KEY_REVOCATION, revoked_at, extra=revoked)
    return made.user(extra).certificate()


ROWS: dict[str, tuple[Certificate, int | None, KeyState]] = {
    "plain": (primary(), NOW, KeyState.GOOD),
    "no flags at all": (primary(extra=b""), NOW, KeyState.GOOD),
    "certifies only": (primary(extra=flags(CERTIFY)), NOW, KeyState.UNUSABLE),
    "before it was made": (primary(), OLD - 3 * DAY, KeyState.UNUSABLE),
    "before it was made, within the skew": (primary(), OLD - DAY, KeyState.GOOD),
    "expires later": (primary(extra=flags(SIGN) + expires(101 * DAY)), NOW, KeyState.GOOD),
    "expired": (primary(extra=flags(SIGN) + expires(99 * DAY)), NOW, KeyState.EXPIRED),
    "expired, time not judged": (primary(extra=flags(SIGN) + expires(99 * DAY)), None, KeyState.GOOD),
    "expires at this second": (primary(extra=flags(SIGN) + expires(100 * DAY)), NOW, KeyState.EXPIRED),
    "revoked, no reason given": (primary(revoked=b""), OLD, KeyState.REVOKED),
    "compromised, asked for a time before": (primary(revoked=reason(2)), OLD, KeyState.REVOKED),
    "superseded, asked for a time before": (primary(revoked=reason(1)), OLD, KeyState.GOOD),
    "superseded, asked for a time after": (primary(revoked=reason(1)), NOW, KeyState.REVOKED),
    "retired, asked for a time after": (primary(revoked=reason(3)), NOW + 1, KeyState.REVOKED),
    "superseded, time not judged": (primary(revoked=reason(3)), None, KeyState.REVOKED),
    "no self-signature": (Forge(OLD).certificate(), NOW, KeyState.UNUSABLE),
    "direct-key signature only": (
        Forge(OLD).sign(SignatureType.DIRECT_KEY, OLD, extra=flags(SIGN)).certificate(),
        NOW,
        KeyState.GOOD,
    ),
    "self-signature by another key": (
        Forge(OLD).sign(SignatureType.DIRECT_KEY, OLD, extra=flags(SIGN), by=signing_key(OLD)).certificate(),
        NOW,
        KeyState.UNUSABLE,
    ),
    "self-signature with SHA-1": (
        Forge(OLD).sign(SignatureType.DIRECT_KEY, OLD, extra=flags(SIGN), hash_id=2).certificate(),
        NOW,
        KeyState.GOOD,
    ),
    "self-signature with a critical notation": (
        primary(extra=subpacket(20, bytes(8), critical=True)),
        NOW,
        KeyState.UNUSABLE,
    ),
    "self-signature with an unknown critical field": (
        primary(extra=subpacket(99, b"", critical=True)),
        NOW,
        KeyState.UNUSABLE,
    ),
    "self-signature with an unknown field": (primary(extra=flags(SIGN) + subpacket(99, b"")), NOW, KeyState.GOOD),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_primary_key(name: str) -> None:
    certificate, at, expected = ROWS[name]
    assert certpolicy.signing_state(certificate, certificate.primary, at) is expected
    assert (certpolicy.signing_keys(certificate, at) == (certificate.primary,)) is (expected is KeyState.GOOD)


def test_a_newer_self_signature_prolongs_the_key() -> None:
    made = Forge(OLD).user(flags(SIGN) + expires(DAY))
    part = signature.user_id_part(b"Jo <jo@example.test>")
    made.sign(SignatureType.CERTIFY_POSITIVE, OLD + DAY // 2, part, extra=flags(SIGN) + expires(200 * DAY))
    certificate = made.certificate()
    assert certpolicy.signing_state(certificate, certificate.primary, NOW) is KeyState.GOOD


def test_the_primary_user_id_rules() -> None:
    made = Forge(OLD).user(flags(SIGN) + subpacket(25, b"\x01"))
    made.user(flags(SIGN) + expires(DAY), text=b"other", at=OLD + 5)
    assert certpolicy.signing_keys(made.certificate(), NOW)


def test_a_revoked_user_id_vouches_for_nothing() -> None:
    part = signature.user_id_part(b"Jo <jo@example.test>")
    made = Forge(OLD).user().sign(SignatureType.CERTIFICATION_REVOCATION, NOW - DAY, part)
    assert certpolicy.signing_keys(made.certificate(), NOW) == ()
    made.sign(SignatureType.CERTIFY_POSITIVE, NOW - DAY // 2, part, extra=flags(SIGN))
    assert len(certpolicy.signing_keys(made.certificate(), NOW)) == 1


def test_the_newest_good_encryption_subkey_is_chosen() -> None:
    old, new, gone = encryption_key(OLD), encryption_key(OLD + DAY), encryption_key(OLD + 2 * DAY)
    made = Forge(OLD).user().subkey(new).subkey(old).subkey(gone, extra=expires(DAY))
    assert certpolicy.encryption_key(made.certificate(), NOW) == new.public
    assert certpolicy.encryption_key(made.certificate(), OLD + 2 * DAY) == gone.public
    assert certpolicy.encryption_key(made.certificate(), None) == gone.public


def test_a_prolonged_subkey_is_good_again() -> None:
    sub = encryption_key(OLD)
    made = Forge(OLD).user().subkey(sub, extra=expires(DAY))
    assert certpolicy.encryption_key(made.certificate(), NOW) is None
    part = signature.key_part(sub.public)
    made.sign(SignatureType.SUBKEY_BINDING, OLD + DAY // 2, part, extra=flags(ENCRYPT) + expires(500 * DAY))
    assert certpolicy.encryption_key(made.certificate(), NOW) == sub.public


def test_a_key_of_another_certificate_is_a_stranger() -> None:
    one, two = Forge(OLD).user().certificate(), Forge(OLD).user().certificate()
    assert certpolicy.signing_state(one, two.primary, NOW) is KeyState.UNUSABLE


def test_signatures_after_expiry_count_for_nothing() -> None:
    made = Forge(OLD).user(flags(SIGN) + expires(DAY))
    body = signature.make(made.primary, SignatureType.BINARY, NOW, (b"x",))
    certificate = made.certificate()
    signed = signature.read(body).packet
    assert message.verify_detached(b"x", signed, [certificate], at=NOW) is message.SignatureState.KEY_EXPIRED
    assert message.verify_detached(b"x", signed, [certificate]) is message.SignatureState.VALID
