"""Hostile bytes raise only our own errors, and soon."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge_gui.errors import CryptoError
from bridge_gui.openpgp import armor, certpolicy, keys, message, packets, session, signature
from bridge_gui.openpgp.keys import Certificate
from bridge_gui.openpgp.message import SignatureState
from bridge_gui.openpgp.session import SessionKey
from bridge_gui.openpgp.signature import SignatureType
from bridge_gui.secret import Secret
from tests.openpgp.conftest import NOW, Person
from tests.openpgp.forge import literal, seal

SOON = 1.0
"""Seconds that one call may take on a slow machine."""

T = TypeVar("T")

KEY = SessionKey("aes256", Secret(bytes(range(32))))

fuzz = settings(
    max_examples=70,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
    database=None,
)


@st.composite
def mutations(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Draw a few changes: octets overwritten, cut out, put in, doubled, or the end cut off."""
    changes = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["set", "cut", "insert", "double", "end"]),
                st.floats(0, 0.999),
                st.binary(min_size=1, max_size=6),
            ),
            min_size=1,
            max_size=4,
        )
    )

    def apply(data: bytes) -> bytes:
        for kind, where, value in changes:
            at = int(where * len(data))
            match kind:
                case "set":
                    data = data[:at] + value + data[at + len(value) :]
                case "cut":
                    data = data[:at] + data[at + len(value) :]
                case "insert":
                    data = data[:at] + value + data[at:]
                case "double":
                    data = data[:at] + data[at : at + 40] * 2 + data[at + 40 :]
                case _:
                    data = data[:at]
        return data

    return apply


def bounded(call: Callable[[], T]) -> T | None:
    """Call, let only our own errors pass, and demand an answer soon."""
    start = time.perf_counter()
    try:
        return call()
    except CryptoError:
        return None
    finally:
        assert time.perf_counter() - start < SOON


@fuzz
@given(change=mutations())
def test_armor(ann: Person, change: Callable[[bytes], bytes]) -> None:
    changed = change(ann.public.encode())
    bounded(lambda: armor.dearmor(changed))
    bounded(lambda: armor.dearmor(changed.decode("utf-8", "surrogateescape")))


@fuzz
@given(data=st.binary(max_size=300))
def test_any_octets(ann: Person, data: bytes) -> None:
    for call in (
        lambda: list(packets.read(data)),
        lambda: armor.dearmor(data),
        lambda: Certificate.from_bytes(data),
        lambda: signature.read(data),
        lambda: message.split(data),
        lambda: message.decrypt(data, [ann.key]),
        lambda: message.decrypt_data(data, KEY),
        lambda: message.decrypt_data(seal(data, KEY), KEY, verify=[ann.certificate]),
        lambda: message.verify_detached(b"x", data, [ann.certificate]),
        lambda: session.open_pkesk(data, [ann.key]),
        lambda: keys.unlock(armor.armor(armor.PRIVATE_KEY, data or b"x"), Secret(b"")),
    ):
        bounded(call)


@fuzz
@given(change=mutations())
def test_certificates_never_gain_a_key(person: Person, change: Callable[[bytes], bytes]) -> None:
    changed = change(person.certificate.raw)
    certificate = bounded(lambda: Certificate.from_bytes(changed))
    if certificate is None:
        return
    chosen = bounded(lambda: certpolicy.encryption_key(certificate, NOW))
    # No change makes the policy take a key that the owner did not bind.
    assert chosen is None or chosen.body == certpolicy.encryption_key(person.certificate, NOW).body
    for key in bounded(lambda: certpolicy.signing_keys(certificate, NOW)) or ():
        assert key.body == person.certificate.primary.body


@fuzz
@given(change=mutations())
def test_private_keys(person: Person, change: Callable[[bytes], bytes]) -> None:
    changed = armor.armor(armor.PRIVATE_KEY, change(armor.dearmor(person.armored)) or b"x")
    key = bounded(lambda: keys.unlock(changed, Secret(person.passphrase.encode())))
    if key is not None:
        for part in key.private.values():
            assert part.native.public_key() == part.public.native
    bounded(lambda: keys.change_passphrase(changed, Secret(person.passphrase.encode()), Secret(b"new")))


@fuzz
@given(change=mutations())
def test_encrypted_messages_are_whole_or_refused(person: Person, change: Callable[[bytes], bytes]) -> None:
    sealed = message.encrypt(b"content", [person.certificate], sign=person.key, at=NOW)
    changed = change(sealed)
    opened = bounded(lambda: message.decrypt(changed, [person.key], verify=[person.certificate], at=NOW))
    assert opened is None or opened.data == b"content"


@fuzz
@given(change=mutations())
def test_what_an_encrypted_message_holds(ann: Person, change: Callable[[bytes], bytes]) -> None:
    signer = ann.key.private[ann.certificate.key_id]
    body = signature.make(signer, SignatureType.BINARY, NOW, (b"content",))
    inner = signature.one_pass(signer.public, body) + literal(b"content") + packets.write(packets.Tag.SIGNATURE, body)
    changed = change(inner)
    opened = bounded(lambda: message.decrypt_data(seal(changed, KEY), KEY, verify=[ann.certificate], at=NOW))
    if opened is not None and opened.state is SignatureState.VALID:
        assert opened.data == b"content"


@fuzz
@given(change=mutations())
def test_signatures(person: Person, change: Callable[[bytes], bytes]) -> None:
    signed = message.sign_detached(b"content", person.key, at=NOW)
    changed = change(signed)
    bounded(lambda: message.verify_detached(b"content", changed, [person.certificate], at=NOW))
    other = bounded(lambda: message.verify_detached(b"other", changed, [person.certificate], at=NOW))
    assert other is not SignatureState.VALID


@fuzz
@given(data=st.binary(max_size=2000), pieces=st.lists(st.integers(0, 2000), max_size=5))
def test_round_trips(person: Person, data: bytes, pieces: list[int]) -> None:
    assert armor.dearmor(armor.armor(armor.MESSAGE, data or b"x")) == (data or b"x")
    sealed = message.encrypt(data, [person.certificate], sign=person.key, at=NOW)
    opened = message.decrypt(sealed, [person.key], verify=[person.certificate], at=NOW)
    assert (opened.data, opened.state) == (data, SignatureState.VALID)
    for cut in pieces:
        with pytest.raises(CryptoError):
            message.decrypt(sealed[: cut % len(sealed)], [person.key])
