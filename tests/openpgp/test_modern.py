"""Messages and keys of RFC 9580, compared with rpgp-py in this process."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest
from openpgp import composed
from openpgp.types import S2kParams, StringToKey

from bridge_gui.openpgp import certpolicy, keys, message, modern, packets, session
from bridge_gui.openpgp.errors import NotIntact, WrongPassphrase
from bridge_gui.openpgp.keys import Certificate
from bridge_gui.openpgp.message import SignatureState
from bridge_gui.openpgp.session import SessionKey
from bridge_gui.secret import Secret

TEXT = "Grüße\r\nund mehr — ✓\r\n".encode()


def lock() -> Any:
    """Lock with AEAD and Argon2, small enough for a test."""
    return S2kParams.aead("aes256", "ocb", StringToKey.argon2(1, 1, 8))


def make(version: int, sign: Any, encrypt: Any) -> Any:
    everything = composed.EncryptionCaps.all()
    sub = composed.SubkeyParamsBuilder().version(version).key_type(encrypt).can_encrypt(everything).passphrase("words")
    main = composed.SecretKeyParamsBuilder().version(version).key_type(sign).can_sign(True).can_certify(True)
    main = main.primary_user_id("Jo <jo@example.test>").passphrase("words").s2k(lock())
    return main.subkey(sub.s2k(lock()).build()).build().generate()


KINDS = {
    "v4 legacy": lambda: make(4, composed.KeyType.ed25519_legacy(), composed.KeyType.ecdh("curve25519")),
    "v4 new": lambda: make(4, composed.KeyType.ed25519(), composed.KeyType.x25519()),
    "v6": lambda: make(6, composed.KeyType.ed25519(), composed.KeyType.x25519()),
    "v6 448": lambda: make(6, composed.KeyType.ed448(), composed.KeyType.x448()),
    "v4 p384": lambda: make(4, composed.KeyType.ecdsa("p384"), composed.KeyType.ecdh("p384")),
    "v6 p521": lambda: make(6, composed.KeyType.ecdsa("p521"), composed.KeyType.ecdh("p521")),
}


@pytest.fixture(scope="module", params=KINDS)
def theirs(request: pytest.FixtureRequest) -> Any:
    return KINDS[request.param]()


@pytest.fixture(scope="module")
def recipient() -> Any:
    return KINDS["v6"]()


def test_we_unlock_and_they_read(theirs: Any) -> None:
    key = keys.unlock(theirs.to_armored(), Secret(b"words"))
    assert key.certificate.fingerprint == theirs.fingerprint.upper()
    sealed = message.encrypt(TEXT, [key.certificate], sign=key, at=int(time.time()))
    opened = composed.Message.from_bytes(sealed).decrypt("words", theirs)
    assert opened.as_data_vec() == TEXT
    opened.verify(theirs.to_public_key())
    signed = message.sign_detached(TEXT, key, at=int(time.time()))
    composed.DetachedSignature.from_bytes(signed).verify(theirs.to_public_key(), TEXT)
    with pytest.raises(WrongPassphrase):
        keys.unlock(theirs.to_armored(), Secret(b"other words"))


@pytest.mark.parametrize("mode", ["version 1", "eax", "ocb", "gcm"])
def test_they_write_and_we_read(theirs: Any, mode: str) -> None:
    if mode == "version 1" and theirs.version == 6:
        pytest.skip("rpgp writes version 1 only for version 4 keys")
    key = keys.unlock(theirs.to_armored(), Secret(b"words"))
    for data in (b"", TEXT, TEXT * 10_000):
        builder = composed.MessageBuilder.from_bytes("", data)
        builder = builder.seipd_v1("aes256") if mode == "version 1" else builder.seipd_v2("aes256", mode, 4)
        sealed = (
            builder.sign(theirs, "words", "sha512").encrypt_to_key(theirs.to_public_key().public_subkeys[0]).to_vec()
        )
        opened = message.decrypt(sealed, [key], verify=[key.certificate], at=int(time.time()))
        assert (opened.data, opened.state) == (data, SignatureState.VALID)


def test_a_version_6_certificate_is_judged_like_any_other(recipient: Any) -> None:
    certificate = Certificate.from_bytes(recipient.to_public_key().to_bytes())
    now = int(time.time())
    assert certpolicy.signing_keys(certificate, now) == (certificate.primary,)
    assert certpolicy.encryption_key(certificate, now) == certificate.subkeys[0].key
    assert certpolicy.encryption_key(certificate, now - 10 * 86_400) is None


@pytest.mark.parametrize("mode", ["eax", "ocb", "gcm"])
@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, 10_000])
def test_a_changed_octet_anywhere_is_noticed(recipient: Any, mode: str, size: int) -> None:
    key = os.urandom(32)
    theirs = recipient.to_public_key()
    builder = composed.MessageBuilder.from_bytes("", os.urandom(size)).seipd_v2("aes256", mode, 4)
    sealed = builder.set_session_key(key).encrypt_to_key(theirs.public_subkeys[0]).to_vec()
    _, data_packet = message.split(sealed)
    (packet,) = packets.read(data_packet)
    body = bytes(packet.body)
    modern.open_seipd2(memoryview(body), key)
    for at in (4, 35, 36, len(body) // 2, len(body) - 16, len(body) - 1):
        bad = bytearray(body)
        bad[at] ^= 1
        with pytest.raises(NotIntact):
            modern.open_seipd2(memoryview(bytes(bad)), key)
    with pytest.raises(NotIntact):
        modern.open_seipd2(memoryview(body[:-17]), key)


def test_the_session_key_of_an_aead_message_opens_it_again(recipient: Any) -> None:
    theirs = recipient
    key = keys.unlock(theirs.to_armored(), Secret(b"words"))
    sealed = (
        composed.MessageBuilder.from_bytes("", TEXT)
        .seipd_v2("aes128", "ocb")
        .encrypt_to_key(theirs.to_public_key().public_subkeys[0])
        .to_vec()
    )
    opened = message.decrypt(sealed, [key])
    assert opened.session_key is not None
    assert opened.session_key.algorithm == "aes128"
    _, data_packet = message.split(sealed)
    assert message.decrypt_data(data_packet, opened.session_key).data == TEXT
    other = SessionKey("aes128", session.new_session_key("aes128").key)
    with pytest.raises(NotIntact):
        message.decrypt_data(data_packet, other)
