"""The fourteen edges of OpenPGP libraries that were met in practice, each held down by a test."""

from __future__ import annotations

import bz2
import hashlib
import subprocess
import sys
import time
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from openpgp import composed
from openpgp.types import S2kParams, StringToKey

from bridge_gui.errors import CryptoError
from bridge_gui.openpgp import algorithms, armor, certpolicy, keys, message, packets, session, signature
from bridge_gui.openpgp.errors import (
    BadSignature,
    Malformed,
    NoDecryptionKey,
    NoEncryptionKey,
    NotIntact,
    TooLarge,
    UnsupportedKey,
    WrongPassphrase,
)
from bridge_gui.openpgp.keys import Certificate
from bridge_gui.openpgp.message import SignatureState
from bridge_gui.openpgp.packets import Tag
from bridge_gui.openpgp.signature import SignatureType, subpacket
from bridge_gui.secret import Secret
from tests.openpgp.conftest import NOW, Person
from tests.openpgp.forge import ENCRYPT, SIGN, Forge, encryption_key, expires, literal, reason, seal, signing_key

RESOURCES = Path(__file__).parents[2] / "resources"
DAY = 86_400
OLD = NOW - 100 * DAY


def forge() -> Forge:
    return Forge(OLD).user()


def revoked_subkey(why: int) -> Certificate:
    sub = encryption_key(OLD)
    made = forge().subkey(sub)
    made.sign(SignatureType.SUBKEY_REVOCATION, NOW - DAY, signature.key_part(sub.public), extra=reason(why))
    return made.certificate()


def test_edge_01_only_a_good_subkey_is_encrypted_to() -> None:
    """The first subkey that matches may be revoked, expired or put there by an attacker."""
    good = encryption_key(OLD)
    stranger = signing_key(OLD)
    refused = {
        "revoked as compromised": revoked_subkey(2),
        "revoked as superseded": revoked_subkey(1),
        "revoked without a reason": revoked_subkey(0),
        "expired": forge().subkey(encryption_key(OLD), extra=expires(DAY)).certificate(),
        "binding expired": forge()
        .subkey(encryption_key(OLD), extra=subpacket(3, DAY.to_bytes(4, "big")))
        .certificate(),
        "not bound at all": forge().subkey(encryption_key(NOW), bound=False).certificate(),
        "bound by a stranger": forge().subkey(encryption_key(NOW), by=stranger).certificate(),
        "not for encryption": forge().subkey(encryption_key(OLD), 0x20).certificate(),
        "made in the future": forge().subkey(encryption_key(NOW + 3 * DAY)).certificate(),
        "primary expired": Forge(OLD).user(expires(DAY)).subkey(encryption_key(OLD)).certificate(),
        "primary revoked": Forge(OLD).sign(0x20, NOW - DAY).user().subkey(encryption_key(OLD)).certificate(),
        "no user id, no self-signature": Forge(OLD).subkey(encryption_key(OLD)).certificate(),
    }
    for name, certificate in refused.items():
        assert certpolicy.encryption_key(certificate, NOW) is None, name
        with pytest.raises(NoEncryptionKey):
            message.encrypt(b"x", [certificate], at=NOW)
    planted = forge().subkey(encryption_key(NOW), by=stranger).subkey(good).certificate()
    chosen = certpolicy.encryption_key(planted, NOW)
    assert chosen is not None
    assert chosen.key_id == good.public.key_id


def test_edge_02_signatures_of_revoked_keys_and_expired_signatures_do_not_count() -> None:
    made = forge()
    key = made.unlocked()
    compromised = Forge(OLD)
    compromised.primary, compromised.private = made.primary, made.private
    compromised.parts = made.parts[:1]
    compromised.sign(SignatureType.KEY_REVOCATION, NOW, extra=reason(2)).user()
    signed = message.sign_detached(b"text", key, at=NOW - DAY)
    assert message.verify_detached(b"text", signed, [key.certificate], at=NOW) is SignatureState.VALID
    assert message.verify_detached(b"text", signed, [compromised.certificate()], at=NOW) is SignatureState.KEY_REVOKED
    short = packets.write(
        Tag.SIGNATURE,
        signature.make(made.primary, 0, NOW - DAY, (b"text",), extra=subpacket(3, (DAY // 2).to_bytes(4, "big"))),
    )
    assert message.verify_detached(b"text", short, [key.certificate], at=NOW) is SignatureState.SIG_EXPIRED
    assert message.verify_detached(b"text", short, [key.certificate], at=NOW - DAY) is SignatureState.VALID


def test_edge_03_data_without_an_integrity_code_is_refused(ann: Person) -> None:
    """EFAIL: a packet that anybody could have changed is not decrypted at all."""
    session_key = session.new_session_key()
    block = bytes(16)
    plain = (
        algorithms.block_cipher("aes256", session_key.key.reveal(), block).encryptor().update(bytes(18) + literal(b"x"))
    )
    naked = packets.write(Tag.SED, plain)
    with pytest.raises(NotIntact):
        message.decrypt_data(naked, session_key)
    with pytest.raises(NotIntact):
        message.decrypt(session.wrap(session_key, ann.certificate, NOW) + naked, [ann.key])
    whole = bytearray(message.encrypt_data(b"content", session_key))
    whole[-30] ^= 1
    with pytest.raises(NotIntact):
        message.decrypt_data(bytes(whole), session_key)


@pytest.mark.parametrize("size", [20_000, 100_000, 2_000_000])
def test_edge_04_hostile_armor_costs_linear_time(size: int) -> None:
    hostile = (
        "-----BEGIN PGP MESSAGE-----\n" + "A" * size,
        "-----BEGIN PGP MESSAGE-----\n" + "Version: " + " " * size + "\n\n-----END PGP MESSAGE-----",
        "-----BEGIN PGP MESSAGE-----\n" + "a: b\n" * (size // 5) + "-----END PGP MESSAGE-----",
        "-----BEGIN PGP " * (size // 15),
        "-----BEGIN PGP " + "X" * size + "-----\n",
        "-" * size,
        "-----BEGIN PGP MESSAGE-----\n\n" + "=" * size + "\n-----END PGP MESSAGE-----",
    )
    start = time.perf_counter()
    for text in hostile:
        with pytest.raises(Malformed):
            armor.dearmor(text)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_edge_05_a_bomb_is_stopped_at_the_limit(kind: int) -> None:
    limit = 4 << 20
    pack = {1: lambda data: zlib.compress(data, wbits=-15), 2: zlib.compress, 3: bz2.compress}[kind]
    packed = pack(literal(bytes(64 << 20)))
    session_key = session.new_session_key()
    sealed = seal(packets.write(Tag.COMPRESSED, bytes([kind]) + packed), session_key)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            message.decrypt_data(sealed, session_key, limit=limit)
        assert tracemalloc.get_traced_memory()[1] < 4 * limit
    finally:
        tracemalloc.stop()


def test_edge_05_nested_compression_is_stopped() -> None:
    inner = literal(b"x")
    for _ in range(6):
        inner = packets.write(Tag.COMPRESSED, b"\x02" + zlib.compress(inner))
    session_key = session.new_session_key()
    with pytest.raises(TooLarge):
        message.decrypt_data(seal(inner, session_key), session_key)


def unlocked_rsa(n: int, e: int, d: int, p: int, q: int) -> str:
    """Write an RSA key that is not locked at all, from whatever numbers."""
    numbers = b"".join(map(packets.mpi, (d, p, q, pow(p, -1, q))))
    body = bytes([4]) + OLD.to_bytes(4, "big") + b"\x01" + packets.mpi(n) + packets.mpi(e)
    body += b"\0" + numbers + (sum(numbers) & 0xFFFF).to_bytes(2, "big")
    return armor.armor(armor.PRIVATE_KEY, packets.write(Tag.SECRET_KEY, body))


def test_edge_06_a_private_part_that_does_not_fit_is_refused() -> None:
    one = rsa.generate_private_key(65537, 2048).private_numbers()
    two = rsa.generate_private_key(65537, 2048).private_numbers()
    n, e = one.public_numbers.n, one.public_numbers.e
    assert keys.unlock(unlocked_rsa(n, e, one.d, one.p, one.q), Secret(b"")).certificate.algorithm == "rsa2048"
    for d, p, q in ((one.d + 2, one.p, one.q), (two.d, two.p, two.q), (one.d, two.p, one.q), (one.d, n, 1)):
        with pytest.raises(CryptoError):
            keys.unlock(unlocked_rsa(n, e, d, p, q), Secret(b""))


def test_edge_06_a_private_key_of_another_is_refused() -> None:
    public = signing_key(OLD).public
    seed = packets.mpi_from(ed25519.Ed25519PrivateKey.generate().private_bytes_raw())
    body = public.body + b"\0" + seed + (sum(seed) & 0xFFFF).to_bytes(2, "big")
    with pytest.raises(WrongPassphrase):
        keys.unlock(armor.armor(armor.PRIVATE_KEY, packets.write(Tag.SECRET_KEY, body)), Secret(b""))


def test_edge_07_one_key_unlocks_and_works_in_many_threads(person: Person) -> None:
    secret = Secret(person.passphrase.encode())

    def use(number: int) -> bytes:
        key = keys.unlock(person.armored, secret)
        content = str(number).encode()
        sealed = message.encrypt(content, [person.certificate], sign=person.key, at=NOW)
        opened = message.decrypt(sealed, [key, person.key], verify=[person.certificate], at=NOW)
        assert opened.state is SignatureState.VALID
        return opened.data

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(40))) == [str(number).encode() for number in range(40)]


def test_edge_08_a_key_locked_with_aead_is_not_taken_for_an_open_one() -> None:
    lock = S2kParams.aead("aes256", "gcm", StringToKey.argon2(1, 1, 8))
    builder = composed.SecretKeyParamsBuilder().version(4).key_type(composed.KeyType.ed25519_legacy())
    made = builder.can_sign(True).primary_user_id("Jo").passphrase("words").s2k(lock).build().generate()
    key = keys.unlock(made.to_armored(), Secret(b"words"))
    signed = message.sign_detached(b"x", key, at=int(time.time()))
    composed.DetachedSignature.from_bytes(signed).verify(made.to_public_key(), b"x")
    with pytest.raises(WrongPassphrase):
        keys.unlock(made.to_armored(), Secret(b"other"))


@pytest.mark.parametrize("usage", [1, 9, 100, 252])
def test_edge_08_an_unknown_lock_is_named_as_such(usage: int) -> None:
    body = signing_key(OLD).public.body + bytes([usage]) + bytes(60)
    with pytest.raises(UnsupportedKey):
        keys.unlock(armor.armor(armor.PRIVATE_KEY, packets.write(Tag.SECRET_KEY, body)), Secret(b""))


def test_edge_09_a_recipient_of_a_new_kind_harms_nobody(ann: Person, bob: Person) -> None:
    builder = composed.SecretKeyParamsBuilder().version(4).key_type(composed.KeyType.ed25519())
    sub = composed.SubkeyParamsBuilder().version(4).key_type(composed.KeyType.x25519())
    builder = builder.can_sign(True).can_certify(True).primary_user_id("Jo")
    theirs = builder.subkey(sub.can_encrypt(composed.EncryptionCaps.all()).build()).build().generate()
    modern = Certificate.from_bytes(theirs.to_public_key().to_bytes())
    sealed = message.encrypt(b"hello", [modern, ann.certificate, bob.certificate], at=int(time.time()))
    unknown = (
        packets.write(Tag.PKESK, bytes([3]) + bytes(8) + bytes([99]) + b"whatever"),
        packets.write(Tag.PKESK, bytes([9]) + b"whatever"),
        packets.write(Tag.SKESK, bytes([6]) + b"whatever"),
        packets.write(Tag.MARKER, b"PGP"),
        packets.write(Tag.PADDING, b"padding"),
    )
    for message_bytes in (sealed, b"".join(unknown) + sealed):
        assert message.decrypt(message_bytes, [ann.key]).data == b"hello"
        assert message.decrypt(message_bytes, [bob.key]).data == b"hello"


@pytest.mark.parametrize("kind", [b"t", b"u", b"b", b"l"])
@pytest.mark.parametrize("type_", [SignatureType.BINARY, SignatureType.TEXT])
def test_edge_10_text_is_given_back_octet_by_octet_and_verifies(ann: Person, kind: bytes, type_: int) -> None:
    text = "Grüße — ✓\r\nzweite Zeile\r\n".encode()
    signer = ann.key.private[ann.certificate.key_id]
    body = signature.make(signer, type_, NOW, (text,))
    inner = signature.one_pass(signer.public, body) + literal(text, kind) + packets.write(Tag.SIGNATURE, body)
    session_key = session.new_session_key()
    opened = message.decrypt_data(seal(inner, session_key), session_key, verify=[ann.certificate], at=NOW)
    assert (opened.data, opened.state) == (text, SignatureState.VALID)


def modulus() -> tuple[str, Certificate]:
    signed = (RESOURCES / "srp-signed-modulus.asc").read_text("ascii")
    return signed, Certificate.from_armor((RESOURCES / "srp-modulus-key.asc").read_text("ascii"))


def test_edge_11_the_modulus_of_the_service_verifies() -> None:
    signed, key = modulus()
    assert key.fingerprint == "248097092B458509C508DAC0350585C4E9518F26"
    assert message.verify_cleartext(signed, [key]) == signed.splitlines()[3].encode()
    assert message.verify_cleartext(signed.replace("\n", "\r\n"), [key], at=NOW) == signed.splitlines()[3].encode()


def test_edge_11_a_changed_modulus_or_anything_around_it_is_refused() -> None:
    signed, key = modulus()
    line = signed.splitlines()[3]
    bad = {
        "changed": signed.replace("+88jb", "+98jb"),
        "something after": signed + "x",
        "a second block after": signed + signed,
        "something before": "x\n" + signed,
        "a line more": signed.replace(line, line + "\nmore"),
        "another header": signed.replace("Hash: SHA256", "Hash: SHA256\nComment: x"),
        "text in the head": signed.replace("Hash: SHA256\n", "Hash: SHA256\nno header"),
        "no signature": signed[: signed.index("-----BEGIN PGP SIGNATURE")],
        "no end": signed.replace("-----END PGP SIGNATURE-----", ""),
        "empty": "",
        "a nested block": signed.replace(line, "-----BEGIN PGP SIGNATURE-----\n" + line),
    }
    for name, text in bad.items():
        with pytest.raises((BadSignature, Malformed)):
            pytest.fail(f"{name}: {message.verify_cleartext(text, [key])!r}")
    with pytest.raises(BadSignature):
        message.verify_cleartext(signed, [Forge(OLD).user().certificate()])


def test_edge_11_a_number_written_with_leading_zero_bits_is_read(ann: Person) -> None:
    signer = ann.key.private[ann.certificate.key_id]
    body = signature.make(signer, SignatureType.BINARY, NOW, (b"x",))
    read = signature.read(body)
    at = packets.Cursor(read.fields)
    wide = b"".join(b"\x01\x08" + at.mpi().to_bytes(33, "big") for _ in range(2))
    changed = packets.write(Tag.SIGNATURE, body[: -len(read.fields)] + wide)
    assert message.verify_detached(b"x", changed, [ann.certificate], at=NOW) is SignatureState.VALID


@pytest.mark.parametrize(
    "tail",
    [
        b"",
        b"\0",
        b"\xfe",
        b"\xfe\x09",
        b"\xfe\x01\x03\x08",
        b"\xfe\x09\x03\x63" + bytes(60),
        b"\xff\x0d\x00\x02" + bytes(60),
        b"\xfe\x09\x65\x08\0GNU\x07",
        b"\0" + bytes(3),
    ],
)
def test_edge_12_whatever_the_library_raises_comes_out_as_ours(tail: bytes) -> None:
    body = signing_key(OLD).public.body + tail
    with pytest.raises(CryptoError):
        keys.unlock(armor.armor(armor.PRIVATE_KEY, packets.write(Tag.SECRET_KEY, body)), Secret(b"words"))


def test_edge_13_no_engine_that_may_panic_is_loaded() -> None:
    """A panic of rpgp-py is a BaseException; it is the tests' oracle, and no code of ours reaches it."""
    code = (
        "import pkgutil, sys, importlib, bridge_gui.openpgp as room\n"
        "names = [item.name for item in pkgutil.iter_modules(room.__path__)]\n"
        "[importlib.import_module('bridge_gui.openpgp.' + name) for name in names]\n"
        "print(len(names), 'openpgp' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=50)
    count, loaded = done.stdout.split()
    assert int(count) > 10
    assert loaded == "False"


def test_edge_14_a_hidden_recipient_is_tried_with_every_key(ann: Person, bob: Person) -> None:
    session_key = session.new_session_key()
    key_packets = b""
    for person in (ann, bob):
        packet = bytearray(session.wrap(session_key, person.certificate, NOW))
        (read,) = packets.read(bytes(packet))
        at = len(packet) - len(read.body) + 1
        packet[at : at + 8] = bytes(8)
        key_packets += bytes(packet)
    sealed = key_packets + message.encrypt_data(b"hidden", session_key)
    for ring in ([ann.key], [bob.key], [bob.key, ann.key]):
        assert message.decrypt(sealed, ring).data == b"hidden"
    with pytest.raises(NoDecryptionKey):
        message.decrypt(sealed, [Forge(OLD).user().subkey(encryption_key(OLD)).unlocked()])


def test_edge_14_a_flood_of_hidden_recipients_is_cut_off(bob: Person) -> None:
    (packet,) = packets.read(session.wrap(session.new_session_key(), bob.certificate, NOW))
    body = bytes([3]) + bytes(8) + bytes(packet.body[9:-1]) + b"\x01"
    with pytest.raises((TooLarge, NoDecryptionKey)):
        session.open_pkesk(packets.write(Tag.PKESK, body) * 300, [bob.key])


def test_a_signing_subkey_counts_only_when_it_has_signed_back() -> None:
    sub = signing_key(OLD)
    honest = forge().subkey(sub, SIGN)
    stolen = forge().subkey(sub, SIGN, countersigned=False)
    made = honest.unlocked()
    signed = message.sign_detached(b"x", made, at=NOW)
    assert certpolicy.signing_keys(made.certificate, NOW)[0] == sub.public
    assert message.verify_detached(b"x", signed, [made.certificate], at=NOW) is SignatureState.VALID
    assert message.verify_detached(b"x", signed, [stolen.certificate()], at=NOW) is SignatureState.UNKNOWN_KEY


def test_digest_names_are_those_of_hashlib() -> None:
    for name in algorithms.HASH_NAMES.values():
        assert name in hashlib.algorithms_available or name == "ripemd160"
    assert ENCRYPT & SIGN == 0
