"""SRP's server side: the document's vectors, and the two sides against each other without HTTP."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from bridge_gui.demo import srp
from bridge_gui.openpgp import keys, message
from tests.demo import client

RESOURCES = Path(__file__).resolve().parents[2] / "resources"


def test_bcrypt_vector() -> None:
    assert srp.bcrypt_hash(b"test!!!", "PTTsDBs/mlLnSk6VmtFghe") == (
        "$2y$10$PTTsDBs/mlLnSk6VmtFgheNSiK/lSwtJsrBLLDK3kZYI7193nInqy"
    )


def test_key_pass_vector() -> None:
    assert srp.key_pass("password", bytes(range(16))) == b"HtICrZkZBO5AdQ7Nw5WEmWQZKVA0IkK"


def test_stray_bits_of_a_longer_salt_are_echoed() -> None:
    encoded = srp.bcrypt64(bytes(range(16)) + b"proton")
    assert srp.bcrypt_hash(b"x", encoded)[7:29] == encoded[:22]


def test_long_passwords_are_cut() -> None:
    salt = "PTTsDBs/mlLnSk6VmtFghe"
    assert srp.bcrypt_hash(b"a" * 72, salt) == srp.bcrypt_hash(b"a" * 100, salt)


def test_the_modulus_is_genuinely_signed() -> None:
    certificate = keys.Certificate.from_armor((RESOURCES / "srp-modulus-key.asc").read_text())
    assert certificate.fingerprint == "248097092B458509C508DAC0350585C4E9518F26"
    body = message.verify_cleartext(srp.signed_modulus(), [certificate])
    assert base64.b64decode(body) == srp.modulus_bytes()
    modulus = int.from_bytes(srp.modulus_bytes(), "little")
    assert modulus.bit_length() == 2048
    assert modulus % 8 == 3


@pytest.mark.parametrize("version", range(5))
def test_both_sides_hash_alike_in_each_version(version: int) -> None:
    salt, name = bytes(range(10)), "Ann.A-b_c"
    theirs = client.password_hash(version, name, "pä55", salt, srp.modulus_bytes())
    assert srp.hash_password(version, name, "pä55", salt) == theirs
    assert len(theirs) == 256


def test_both_sides_agree_on_the_proofs() -> None:
    version, salt, name = 4, bytes(range(10)), "Ann.A-b_c"
    verifier = srp.verifier(srp.hash_password(version, name, "pä55", salt))
    asked = srp.challenge(verifier)
    info = {
        "Version": version,
        "Modulus": srp.signed_modulus(),
        "Salt": base64.b64encode(salt).decode(),
        "ServerEphemeral": base64.b64encode(asked.public).decode(),
    }
    good = client.prove(info, name, "pä55")
    assert srp.answer(asked, good.ephemeral, good.proof) == good.expected_server_proof
    bad = client.prove(info, name, "pa55")
    assert srp.answer(asked, bad.ephemeral, bad.proof) is None


@pytest.mark.parametrize("ephemeral", [0, 1, -1, 0 - 2])
def test_degenerate_ephemerals_are_refused(ephemeral: int) -> None:
    modulus = int.from_bytes(srp.modulus_bytes(), "little")
    sent = ephemeral if ephemeral >= 0 else modulus + 1 + ephemeral
    asked = srp.challenge(srp.verifier(b"\x07" * 256))
    assert srp.answer(asked, sent.to_bytes(256, "little"), bytes(256)) is None
    assert srp.answer(asked, b"\x05", bytes(256)) is None
