from __future__ import annotations

import pytest

from bridge_gui.openpgp import algorithms, message, packets, session
from bridge_gui.openpgp.errors import (
    CryptoError,
    Malformed,
    NoDecryptionKey,
    NoEncryptionKey,
    TooLarge,
    Unsupported,
    WrongPassphrase,
)
from bridge_gui.openpgp.packets import Tag
from bridge_gui.openpgp.session import SessionKey
from bridge_gui.secret import Secret
from tests.openpgp.conftest import NOW, Person
from tests.openpgp.forge import Forge

CIPHERS = {"aes128": 16, "aes192": 24, "aes256": 32, "3des": 24, "cast5": 16}


@pytest.mark.parametrize("algorithm", CIPHERS)
def test_wrapped_and_opened_with_every_cipher_of_the_service(person: Person, algorithm: str) -> None:
    made = session.new_session_key(algorithm)
    assert len(made.key.reveal()) == CIPHERS[algorithm]
    assert session.open_pkesk(session.wrap(made, person.certificate, NOW), [person.key]) == made
    assert session.open_password(session.wrap_password(made, Secret(b"words")), Secret(b"words")) == made
    sealed = message.encrypt_data(b"content", made)
    assert message.decrypt_data(sealed, made).data == b"content"


def test_session_keys_are_fresh_and_hidden() -> None:
    one, two = session.new_session_key(), session.new_session_key()
    assert one != two
    assert one.key.reveal().hex() not in repr(one)


@pytest.mark.parametrize(
    ("algorithm", "length", "error"), [("aes256", 16, Malformed), ("rot13", 32, Unsupported), ("", 0, Unsupported)]
)
def test_nonsense_is_no_session_key(algorithm: str, length: int, error: type[CryptoError]) -> None:
    with pytest.raises(error):
        SessionKey(algorithm, Secret(bytes(length)))
    if error is Unsupported:
        with pytest.raises(Unsupported):
            session.new_session_key(algorithm)


def test_the_right_packet_of_several_is_found(ann: Person, bob: Person) -> None:
    made = session.new_session_key()
    both = session.wrap(made, bob.certificate, NOW) + session.wrap(made, ann.certificate, NOW)
    assert session.open_pkesk(both, [ann.key]) == made
    assert session.open_pkesk(both, [bob.key]) == made
    assert session.open_pkesk(memoryview(both), (key for key in (ann.key, bob.key))) == made


def test_nobody_can_open_it(ann: Person, bob: Person) -> None:
    sealed = session.wrap(session.new_session_key(), bob.certificate, NOW)
    for ring in ([], [ann.key]):
        with pytest.raises(NoDecryptionKey):
            session.open_pkesk(sealed, ring)
    with pytest.raises(NoDecryptionKey):
        session.open_pkesk(b"", [ann.key])


def test_a_session_key_is_shared_on(ann: Person, bob: Person) -> None:
    """Forwarding: open our own key packet, wrap its session key for somebody else, leave the data as it is."""
    key_packets, data = message.split(message.encrypt(b"attachment", [ann.certificate], at=NOW))
    shared = session.wrap(session.open_pkesk(key_packets, [ann.key]), bob.certificate, NOW)
    assert message.decrypt(shared + data, [bob.key]).data == b"attachment"


def test_a_certificate_that_cannot_be_encrypted_to() -> None:
    with pytest.raises(NoEncryptionKey):
        session.wrap(session.new_session_key(), Forge(NOW).user().certificate(), NOW)


def test_passwords() -> None:
    made = session.new_session_key()
    sealed = session.wrap_password(made, Secret(b"one")) + session.wrap_password(made, Secret(b"two"))
    assert session.open_password(sealed, Secret(b"two")) == made
    with pytest.raises(WrongPassphrase):
        session.open_password(session.wrap_password(made, Secret(b"one")), Secret(b"three"))
    with pytest.raises(NoDecryptionKey):
        session.open_password(b"", Secret(b"one"))
    simple = packets.write(Tag.SKESK, b"\x04\x09\x00\x08" + b"x")
    with pytest.raises(TooLarge):
        session.open_password(simple * 20, Secret(b"one"))


@pytest.mark.parametrize("body", [b"", b"\x04", b"\x05\x09\x02", b"\x04\x63\x00\x08", b"\x04\x09\x63"])
def test_password_packets_of_no_use(body: bytes) -> None:
    with pytest.raises(WrongPassphrase):
        session.open_password(packets.write(Tag.SKESK, body), Secret(b"one"))


def test_a_damaged_key_packet_says_no_more_than_that(person: Person) -> None:
    """No answer tells one kind of damage from another, as an attacker who may try again would learn from it."""
    sealed = session.wrap(session.new_session_key(), person.certificate, NOW)
    for at in range(14, len(sealed), 7):
        damaged = bytearray(sealed)
        damaged[at] ^= 0x40
        with pytest.raises(NoDecryptionKey) as caught:
            session.open_pkesk(bytes(damaged), [person.key])
        assert caught.value.message == "the message is not encrypted to a key of this address"


def test_encrypting_to_a_key_that_signs_is_refused(ann: Person) -> None:
    with pytest.raises(Unsupported):
        algorithms.encrypt_session_key(ann.certificate.primary, 9, bytes(32))
