from __future__ import annotations

import json
import pickle
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from bridge_gui.openpgp import _pgpy_compat, armor, certpolicy, keys, message, packets
from bridge_gui.openpgp.errors import CryptoError, Malformed, TooLarge, UnsupportedKey, WrongPassphrase
from bridge_gui.openpgp.keys import Certificate
from bridge_gui.openpgp.packets import Tag
from bridge_gui.secret import Secret
from tests.openpgp.conftest import CREATED, NOW, PASSPHRASE, Person
from tests.openpgp.forge import Forge, encryption_key, signing_key


@pytest.mark.parametrize("algorithm", ["ed25519", "rsa2048"])
def test_generate(algorithm: Any) -> None:
    armored = keys.generate("Jo Müller", "jo@example.test", PASSPHRASE, algorithm, created=CREATED)
    certificate = Certificate.from_armor(armored)
    assert certificate.user_ids == ("Jo Müller <jo@example.test>",)
    assert (certificate.created, certificate.algorithm) == (CREATED, algorithm)
    assert len(certificate.fingerprint) == 40
    assert certificate.key_id == certificate.fingerprint[-16:]
    assert certpolicy.signing_keys(certificate, NOW) == (certificate.primary,)
    assert certpolicy.encryption_key(certificate, NOW) == certificate.subkeys[0].key
    key = keys.unlock(armored, PASSPHRASE)
    assert set(key.private) == {certificate.key_id, certificate.subkeys[0].key.key_id}
    assert key.certificate == certificate


def test_the_primes_of_an_rsa_key_stand_in_order() -> None:
    """RFC 9580, 5.5.5.1; GnuPG signs wrongly now and then with a key where they do not."""
    for _ in range(4):
        armored = keys.generate("Jo", "jo@example.test", PASSPHRASE, "rsa2048", created=CREATED)
        opened = _pgpy_compat.unlock
        for packet in packets.read(armor.dearmor(armored)):
            if packet.tag in (Tag.SECRET_KEY, Tag.SECRET_SUBKEY):
                numbers = opened(packets.write(packet.tag, packet.body), PASSPHRASE.reveal())
                assert numbers["p"] < numbers["q"]


def test_generate_refuses_an_unknown_kind() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        keys.generate("Jo", "jo@example.test", PASSPHRASE, "rot13")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "passphrase",
    [b"words", b"\x00", bytes(range(256)), "Grüße".encode(), b"\xff" * 32, b"x" * 5000],
    ids=["words", "a zero", "all octets", "UTF-8", "no text at all", "long"],
)
def test_passphrases_of_any_octets(passphrase: bytes) -> None:
    armored = keys.generate("Jo", "jo@example.test", Secret(passphrase))
    assert len(keys.unlock(armored, Secret(passphrase)).private) == 2
    with pytest.raises(WrongPassphrase):
        keys.unlock(armored, Secret(passphrase + b"x"))


def test_the_wrong_passphrase(person: Person) -> None:
    for wrong in (b"", b"wrong", person.passphrase.encode() + b" "):
        with pytest.raises(WrongPassphrase) as caught:
            keys.unlock(person.armored, Secret(wrong))
        assert person.passphrase not in str(caught.value)


def test_change_passphrase(person: Person) -> None:
    changed = keys.change_passphrase(person.armored, Secret(person.passphrase.encode()), PASSPHRASE)
    assert keys.unlock(changed, PASSPHRASE).certificate == person.certificate
    assert keys.public_armor(changed) == person.public
    with pytest.raises(WrongPassphrase):
        keys.unlock(changed, Secret(person.passphrase.encode()))
    with pytest.raises(WrongPassphrase):
        keys.change_passphrase(person.armored, Secret(b"wrong"), PASSPHRASE)
    again = keys.change_passphrase(changed, PASSPHRASE, Secret(b"third"))
    assert len(keys.unlock(again, Secret(b"third")).private) == 2


def test_the_public_part_holds_nothing_secret(person: Person) -> None:
    public = armor.dearmor(keys.public_armor(person.armored), armor.PUBLIC_KEY)
    tags = [packet.tag for packet in packets.read(public)]
    assert tags == [Tag.PUBLIC_KEY, Tag.USER_ID, Tag.SIGNATURE, Tag.PUBLIC_SUBKEY, Tag.SIGNATURE]
    assert Certificate.from_bytes(public) == person.certificate
    assert Certificate.from_armor(person.certificate.armored()) == person.certificate


def test_keys_do_not_change_and_do_not_show_themselves(ann: Person) -> None:
    with pytest.raises(FrozenInstanceError):
        ann.key.certificate = ann.certificate  # type: ignore[misc]
    with pytest.raises(TypeError):
        ann.key.private["x"] = None  # type: ignore[index]
    assert "private" not in repr(ann.key).lower()
    with pytest.raises(TypeError):
        pickle.dumps(ann.key)
    with pytest.raises(TypeError):
        json.dumps(ann.key.private, default=None)


def test_a_part_that_lies_elsewhere_is_passed_over() -> None:
    """GnuPG marks a primary key kept offline; the subkeys still work."""
    owner = keys.generate("Jo", "jo@example.test", PASSPHRASE, created=CREATED)
    pieces = []
    for packet in packets.read(armor.dearmor(owner)):
        body = bytes(packet.body)
        if packet.tag == Tag.SECRET_KEY:
            body = Certificate.from_armor(owner).primary.body + b"\xfe\x09\x65\x02GNU\x01"
        pieces.append(packets.write(packet.tag, body))
    partly = armor.armor(armor.PRIVATE_KEY, b"".join(pieces))
    key = keys.unlock(partly, PASSPHRASE)
    assert set(key.private) == {key.certificate.subkeys[0].key.key_id}
    assert message.decrypt(message.encrypt(b"x", [key.certificate], at=NOW), [key]).data == b"x"
    with pytest.raises(CryptoError, match="may sign"):
        message.sign_detached(b"x", key, at=NOW)
    changed = keys.change_passphrase(partly, PASSPHRASE, Secret(b"other"))
    assert set(keys.unlock(changed, Secret(b"other")).private) == set(key.private)


def test_no_private_part_at_all(ann: Person) -> None:
    with pytest.raises(UnsupportedKey):
        keys.unlock(ann.public, PASSPHRASE)


def test_what_we_do_not_know_inside_a_key_is_passed_over() -> None:
    made = Forge(CREATED).user()
    made.parts.insert(0, packets.write(Tag.MARKER, b"PGP"))
    made.parts.append(packets.write(Tag.TRUST, b"x"))
    made.parts.append(packets.write(Tag.USER_ATTRIBUTE, b"\x01x"))
    made.parts.append(packets.write(Tag.SIGNATURE, b"\x09whatever"))
    made.parts.append(packets.write(Tag.PUBLIC_SUBKEY, b"\x09whatever"))
    made.parts.append(packets.write(Tag.SIGNATURE, b"\x04\x18"))
    made.parts.append(packets.write(Tag.PUBLIC_SUBKEY, bytes([4]) + CREATED.to_bytes(4, "big") + b"\x63whatever"))
    made.subkey(encryption_key(CREATED))
    made.parts.append(packets.write(Tag.PUBLIC_KEY, signing_key(CREATED).public.body))
    certificate = made.certificate()
    assert certificate.fingerprint == made.primary.public.fingerprint
    assert certificate.user_ids == ("Jo <jo@example.test>",)
    assert certpolicy.encryption_key(certificate, NOW) == certificate.subkeys[-1].key
    assert certificate.subkeys[0].key.name == "algorithm 99"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Malformed),
        (packets.write(Tag.USER_ID, b"x"), Malformed),
        (packets.write(Tag.PUBLIC_KEY, b"\x03" + bytes(20)), UnsupportedKey),
        (packets.write(Tag.PUBLIC_KEY, b"\x04\x00"), Malformed),
        (bytes(keys.MAX_KEY + 1), TooLarge),
        (packets.write(Tag.MARKER, b"PGP"), Malformed),
    ],
)
def test_no_certificate(data: bytes, error: type[CryptoError]) -> None:
    with pytest.raises(error):
        Certificate.from_bytes(data)


def test_user_ids_that_are_not_text_are_read_all_the_same() -> None:
    assert Forge(CREATED).user(text=b"J\xf6 <jo@example.test>").certificate().user_ids == ("J� <jo@example.test>",)
