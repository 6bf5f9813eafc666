from __future__ import annotations

import os
import time
import tracemalloc

import pytest

from bridge_gui.openpgp import armor, message, packets, session, signature
from bridge_gui.openpgp.errors import (
    BadSignature,
    CryptoError,
    Malformed,
    NoEncryptionKey,
    NotIntact,
    TooLarge,
    Unsupported,
)
from bridge_gui.openpgp.message import SignatureState
from bridge_gui.openpgp.packets import Tag
from bridge_gui.openpgp.session import SessionKey
from bridge_gui.openpgp.signature import SignatureType, subpacket
from bridge_gui.secret import Secret
from tests.openpgp.conftest import NOW, Person
from tests.openpgp.forge import Forge, literal, seal

KEY = SessionKey("aes256", Secret(bytes(range(32))))


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 191, 192, 8383, 8384, 100_000])
def test_round_trip(person: Person, size: int) -> None:
    data = os.urandom(size)
    sealed = message.encrypt(data, [person.certificate], sign=person.key, at=NOW)
    opened = message.decrypt(sealed, [person.key], verify=[person.certificate], at=NOW)
    assert (opened.data, opened.state, opened.filename) == (data, SignatureState.VALID, "")
    (found,) = opened.signatures
    assert (found.key_id, found.created, found.hash_name) == (person.certificate.key_id, NOW, "sha512")
    unsigned = message.decrypt(message.encrypt(data, [person.certificate], at=NOW), [person.key])
    assert (unsigned.data, unsigned.state) == (data, SignatureState.NONE)


def test_split_and_join(ann: Person) -> None:
    sealed = message.encrypt(b"content", [ann.certificate], at=NOW)
    key_packets, data = message.split(sealed)
    assert key_packets + data == sealed
    assert [packet.tag for packet in packets.read(key_packets)] == [Tag.PKESK]
    assert [packet.tag for packet in packets.read(data)] == [Tag.SEIPD]
    opened = message.decrypt(sealed, [ann.key])
    assert opened.session_key is not None
    assert message.decrypt_data(data, opened.session_key).data == b"content"
    assert message.split(data) == (b"", data)


@pytest.mark.parametrize("data", [b"", b"\xff", literal(b"x"), packets.write(Tag.MARKER, b"PGP"), b"plain text"])
def test_what_is_not_an_encrypted_message(ann: Person, data: bytes) -> None:
    for call in (lambda: message.split(data), lambda: message.decrypt(data, [ann.key])):
        with pytest.raises(Malformed):
            call()


SIGNED = b"content"


def signature_of(person: Person, *, at: int = NOW, kind: int = SignatureType.BINARY, hash_id: int = 10) -> bytes:
    signer = person.key.private[person.certificate.key_id]
    extra = subpacket(3, (3600).to_bytes(4, "big")) if at == NOW - 3601 else b""
    body = signature.make(signer, kind, at, (SIGNED,), hash_id=hash_id, extra=extra)
    return packets.write(Tag.SIGNATURE, body)


def test_states(ann: Person, bob: Person) -> None:
    rows = {
        "good": (signature_of(ann), SIGNED, [ann.certificate], SignatureState.VALID),
        "among others": (signature_of(ann), SIGNED, [bob.certificate, ann.certificate], SignatureState.VALID),
        "other data": (signature_of(ann), b"other", [ann.certificate], SignatureState.INVALID),
        "nobody known": (signature_of(ann), SIGNED, [], SignatureState.UNKNOWN_KEY),
        "somebody else": (signature_of(ann), SIGNED, [bob.certificate], SignatureState.UNKNOWN_KEY),
        "expired": (signature_of(ann, at=NOW - 3601), SIGNED, [ann.certificate], SignatureState.SIG_EXPIRED),
        "from the future": (signature_of(ann, at=NOW + 3 * 86400), SIGNED, [ann.certificate], SignatureState.INVALID),
        "a little ahead": (signature_of(ann, at=NOW + 3600), SIGNED, [ann.certificate], SignatureState.VALID),
        "SHA-1": (signature_of(bob, hash_id=2), SIGNED, [bob.certificate], SignatureState.INVALID),
        "SHA-256": (signature_of(bob, hash_id=8), SIGNED, [bob.certificate], SignatureState.VALID),
        "no signature of data": (signature_of(ann, kind=0x10), SIGNED, [ann.certificate], SignatureState.INVALID),
        "two, one good": (signature_of(bob) + signature_of(ann), SIGNED, [ann.certificate], SignatureState.VALID),
        "two, none known": (signature_of(bob) + signature_of(ann), SIGNED, [], SignatureState.UNKNOWN_KEY),
        "none": (b"", SIGNED, [ann.certificate], SignatureState.NONE),
        "of the future": (packets.write(Tag.SIGNATURE, b"\x09abc"), SIGNED, [ann.certificate], SignatureState.INVALID),
    }
    for name, (signed, data, certificates, expected) in rows.items():
        assert message.verify_detached(data, signed, certificates, at=NOW) is expected, name


def test_time_is_not_judged_without_one(ann: Person) -> None:
    for at in (NOW - 3601, NOW + 3 * 86400):
        state = message.verify_detached(SIGNED, signature_of(ann, at=at), [ann.certificate])
        assert state is SignatureState.VALID


@pytest.mark.parametrize("data", [literal(b"x"), b"\xff", signature.subpacket(1, b"")])
def test_what_is_not_a_signature(ann: Person, data: bytes) -> None:
    with pytest.raises(Malformed):
        message.verify_detached(b"x", data, [ann.certificate])


def test_text_signatures_do_not_mind_line_ends(ann: Person) -> None:
    signer = ann.key.private[ann.certificate.key_id]
    body = signature.make(signer, SignatureType.TEXT, NOW, (signature.text_part(b"one\ntwo\n"),))
    signed = packets.write(Tag.SIGNATURE, body)
    for data in (b"one\ntwo\n", b"one\r\ntwo\r\n", b"one\r\ntwo\n"):
        assert message.verify_detached(data, signed, [ann.certificate], at=NOW) is SignatureState.VALID
    assert message.verify_detached(b"one\ntwo", signed, [ann.certificate], at=NOW) is SignatureState.INVALID


def test_an_embedded_signature_is_exported(ann: Person) -> None:
    opened = message.decrypt(message.encrypt(b"entity", [ann.certificate], sign=ann.key, at=NOW), [ann.key])
    (found,) = opened.signatures
    assert found.state is SignatureState.UNKNOWN_KEY
    detached = armor.dearmor(found.armored(), armor.SIGNATURE)
    assert message.verify_detached(b"entity", detached, [ann.certificate], at=NOW) is SignatureState.VALID


CONTENTS: dict[str, tuple[bytes, type[CryptoError]]] = {
    "nothing": (b"", Malformed),
    "no literal": (packets.write(Tag.MARKER, b"PGP"), Malformed),
    "two literals": (literal(b"a") + literal(b"b"), Malformed),
    "a key inside": (packets.write(Tag.PUBLIC_KEY, b"x") + literal(b"a"), Malformed),
    "an encrypted packet inside": (packets.write(Tag.SEIPD, b"\x01x"), Malformed),
    "a literal cut short": (packets.write(Tag.LITERAL, b"b\x09"), Malformed),
    "compression of no kind": (packets.write(Tag.COMPRESSED, b"\x09x"), Unsupported),
    "empty compression": (packets.write(Tag.COMPRESSED, b""), Malformed),
    "damaged compression": (packets.write(Tag.COMPRESSED, b"\x02xxxx"), Malformed),
    "damaged deflate": (packets.write(Tag.COMPRESSED, b"\x01\xff\xff"), Malformed),
    "damaged bzip2": (packets.write(Tag.COMPRESSED, b"\x03xxxx"), Malformed),
    "too many signatures": (packets.write(Tag.SIGNATURE, b"\x09") * 40 + literal(b"a"), TooLarge),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_contents_that_are_refused(name: str) -> None:
    inner, error = CONTENTS[name]
    with pytest.raises(error):
        message.decrypt_data(seal(inner, KEY), KEY)


def test_contents_that_are_read() -> None:
    marker, padding = packets.write(Tag.MARKER, b"PGP"), packets.write(Tag.PADDING, b"xx")
    plain = packets.write(Tag.COMPRESSED, b"\x00" + literal(b"a"))
    for inner in (
        literal(b"a"),
        marker + literal(b"a") + padding,
        plain,
        packets.write(Tag.COMPRESSED, b"\x00" + plain),
    ):
        assert message.decrypt_data(seal(inner, KEY), KEY).data == b"a"
    named = message.decrypt_data(seal(literal(b"a", name="é.txt".encode()), KEY), KEY)
    assert named.filename == "é.txt"


def test_the_limit() -> None:
    sealed = message.encrypt_data(bytes(200_000), KEY)
    assert len(message.decrypt_data(sealed, KEY, limit=200_000).data) == 200_000
    for limit in (199_999, 1000):
        with pytest.raises(TooLarge):
            message.decrypt_data(sealed, KEY, limit=limit)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        literal(b"x"),
        packets.write(Tag.SEIPD, b""),
        packets.write(Tag.SEIPD, b"\x03x"),
        packets.write(Tag.AEAD, b"\x09\x09\x02\x00"),
        message.encrypt_data(b"x", KEY) * 2,
    ],
)
def test_data_packets_that_are_refused(data: bytes) -> None:
    with pytest.raises((Malformed, Unsupported)):
        message.decrypt_data(data, KEY)


def test_the_wrong_session_key_is_not_intact() -> None:
    with pytest.raises(NotIntact):
        message.decrypt_data(message.encrypt_data(b"x", KEY), session.new_session_key())


def test_signing_needs_its_time(ann: Person) -> None:
    with pytest.raises(ValueError, match="time"):
        message.encrypt_data(b"x", KEY, sign=ann.key)
    with pytest.raises(CryptoError, match="may sign"):
        message.sign_detached(b"x", ann.key, at=ann.certificate.created - 3 * 86400)


def test_nothing_is_encrypted_when_one_recipient_cannot_be(ann: Person) -> None:
    with pytest.raises(NoEncryptionKey):
        message.encrypt(b"x", [ann.certificate, Forge(NOW).user().certificate()], at=NOW)


def test_cleartext_is_given_back_only_when_good(ann: Person) -> None:
    signer = ann.key.private[ann.certificate.key_id]

    def signed(lines: bytes, text: str, head: str = "Hash: SHA512\n") -> str:
        body = signature.make(signer, SignatureType.TEXT, NOW, (lines,))
        block = armor.armor(armor.SIGNATURE, packets.write(Tag.SIGNATURE, body))
        return f"-----BEGIN PGP SIGNED MESSAGE-----\n{head}\n{text}\n{block}"

    assert message.verify_cleartext(signed(b"one\r\ntwo", "one  \ntwo\t"), [ann.certificate], at=NOW) == b"one\ntwo"
    assert message.verify_cleartext(signed(b"- x\r\n-y", "- - x\n- -y"), [ann.certificate]) == b"- x\n-y"
    assert message.verify_cleartext(signed(b"\r\nx\r\n", "\nx\n"), [ann.certificate]) == b"\nx\n"
    assert message.verify_cleartext(signed(b"x", "x", head=""), [ann.certificate]) == b"x"
    with pytest.raises(BadSignature):
        message.verify_cleartext(signed(b"one", "two"), [ann.certificate])
    with pytest.raises(BadSignature):
        message.verify_cleartext(signed(b"one", "one"), [])


def test_large_data_with_few_copies_and_soon(ann: Person) -> None:
    data = os.urandom(25 << 20)
    start = time.perf_counter()
    tracemalloc.start()
    try:
        sealed = message.encrypt(data, [ann.certificate], sign=ann.key, at=NOW)
        peak_out = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        opened = message.decrypt(sealed, [ann.key], verify=[ann.certificate], at=NOW)
        peak_in = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert opened.data == data
    assert opened.state is SignatureState.VALID
    # Out: the ciphertext in pieces and joined. In: the message itself, its plaintext, and the content.
    assert peak_out < 2.2 * len(data)
    assert peak_in < 3.2 * len(data)
    assert time.perf_counter() - start < 10
