from __future__ import annotations

import hashlib

import pytest

from bridge_gui.openpgp import algorithms, message, packets, signature
from bridge_gui.openpgp.errors import Malformed, Unsupported
from bridge_gui.openpgp.packets import Tag
from bridge_gui.openpgp.signature import MESSAGE_HASHES, SignatureState, SignatureType, subpacket
from tests.openpgp.conftest import NOW, Person
from tests.openpgp.forge import Forge, signing_key


def test_what_is_made_is_read(person: Person) -> None:
    signer = person.key.private[person.certificate.key_id]
    extra = subpacket(3, (60).to_bytes(4, "big")) + subpacket(27, b"\x02") + subpacket(25, b"\x01")
    made = signature.read(signature.make(signer, SignatureType.BINARY, NOW, (b"data",), extra=extra))
    assert (made.version, made.type, made.created, made.expires) == (4, 0, NOW, 60)
    assert made.issuers == (person.certificate.fingerprint, person.certificate.key_id)
    assert (made.key_flags, made.primary_user_id, made.hash_name) == (2, True, "sha512")
    assert made.matches(person.certificate.primary)
    assert signature.check(made, person.certificate.primary, (b"da", b"ta"), MESSAGE_HASHES)
    assert not signature.check(made, person.certificate.primary, (b"data!",), MESSAGE_HASHES)
    (packet,) = packets.read(made.packet)
    assert bytes(packet.body) == made.body


def test_the_first_octets_of_the_hash_are_right(ann: Person) -> None:
    """Other implementations look at them before they check the signature."""
    signer = ann.key.private[ann.certificate.key_id]
    body = signature.make(signer, SignatureType.BINARY, NOW, (b"data",))
    made = signature.read(body)
    trailer = made.hashed + b"\x04\xff" + len(made.hashed).to_bytes(4, "big")
    assert body[len(made.hashed) + 2 :][:2] == hashlib.sha512(b"data" + trailer).digest()[:2]


def with_area(hashed: bytes, unhashed: bytes = b"") -> bytes:
    body = bytes([4, 0, 22, 10]) + len(hashed).to_bytes(2, "big") + hashed
    return body + len(unhashed).to_bytes(2, "big") + unhashed + b"\0\0" + packets.mpi(1) * 2


def test_only_the_hashed_area_rules() -> None:
    """The other one is not covered by the signature: anybody may write there."""
    statements = subpacket(2, NOW.to_bytes(4, "big")) + subpacket(27, b"\x02") + subpacket(9, bytes(4))
    loose = signature.read(with_area(b"", statements + subpacket(16, bytes(8)) + subpacket(99, b"", critical=True)))
    assert (loose.created, loose.key_flags, loose.critical_unknown) == (None, None, False)
    assert loose.issuers == ("0" * 16,)
    assert signature.read(with_area(statements)).created == NOW


def test_a_signature_without_a_time_is_not_good(ann: Person) -> None:
    signer = ann.key.private[ann.certificate.key_id]
    area = subpacket(16, bytes.fromhex(ann.certificate.key_id))
    hashed = bytes([4, 0, 22, 10]) + len(area).to_bytes(2, "big") + area
    value = hashlib.sha512(b"x" + hashed + b"\x04\xff" + len(hashed).to_bytes(4, "big")).digest()
    body = hashed + b"\0\0" + value[:2] + algorithms.sign(signer, 10, value)
    signed = packets.write(Tag.SIGNATURE, body)
    assert message.verify_detached(b"x", signed, [ann.certificate]) is SignatureState.INVALID


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x04",
        b"\x04\x00\x16\x0a\x00\x05",
        with_area(b"\x00"),
        with_area(b"\x05\x02ab"),
        with_area(b"\xc0"),
        with_area(subpacket(2, b"ab")),
        b"\x03\x04",
        b"\x03\x05\x00",
    ],
)
def test_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        signature.read(body)


@pytest.mark.parametrize("version", [0, 2, 5, 7, 255])
def test_other_versions(version: int) -> None:
    with pytest.raises(Unsupported):
        signature.read(bytes([version]) + bytes(40))


@pytest.mark.parametrize("size", [1, 190, 191, 192, 8382, 8383, 20_000])
def test_subpackets_of_every_length(size: int) -> None:
    read = signature.read(with_area(subpacket(2, NOW.to_bytes(4, "big")) + subpacket(20, bytes(size))))
    assert (read.created, read.critical_unknown) == (NOW, False)


def test_version_3_signatures_are_read_and_checked() -> None:
    """Mail of twenty years ago is signed with them."""
    key = signing_key(NOW - 86_400)
    hashed = b"\x00" + NOW.to_bytes(4, "big")
    value = hashlib.sha256(b"data" + hashed).digest()
    fields = algorithms.sign(key, 8, value)
    body = b"\x03\x05" + hashed + bytes.fromhex(key.public.key_id) + bytes([22, 8]) + value[:2] + fields
    read = signature.read(body)
    assert (read.created, read.issuers, read.hash_name) == (NOW, (key.public.key_id,), "sha256")
    assert signature.check(read, key.public, (b"data",), MESSAGE_HASHES)
    assert not signature.check(read, key.public, (b"Data",), MESSAGE_HASHES)


def test_a_signature_by_another_algorithm_is_no_signature(ann: Person, bob: Person) -> None:
    made = signature.read(signature.make(ann.key.private[ann.certificate.key_id], 0, NOW, (b"x",)))
    assert not signature.check(made, bob.certificate.primary, (b"x",), MESSAGE_HASHES)
    other = Forge(NOW - 5).user().certificate()
    assert not signature.check(made, other.primary, (b"x",), MESSAGE_HASHES)
