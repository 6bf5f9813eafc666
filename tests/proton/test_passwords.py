"""Password hashes against published vectors, and the salt's trap."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge_gui.demo import srp as other_side
from bridge_gui.proton.errors import Malformed, SrpError
from bridge_gui.proton.passwords import bcrypt_base64, crypt, expand, hash_password, key_passphrase
from bridge_gui.secret import Secret

PUBLISHED_MODULUS = base64.b64decode(
    "W2z5HBi8RvsfYzZTS7qBaUxxPhsfHJFZpu3Kd6s1JafNrCCH9rfvPLrfuqocxWPgWDH2R8neK7PkNvjxto9TStuY5z7jAzWRvFWN9cQhAKkd"
    "Wgy0JY6ywVn22+HFpF4cYesHrqFIKUPDMSSIlWjBVmEJZ/MusD44ZT29xcPrOqeZvwtCffKtGAIjLYPZIEbZKnDM1Dm3q2K/xS5h+xdhjnnd"
    "hsrkwm9U9oyA2wxzSXFL+pdfj2fOdRwuR5nW0J2NFrq3kJjkRmpO/Genq1UW+TEknIWAb6VzJJJA244K/H8cnSx2+nSNZO3bbo6Ys228ruV9"
    "A8m6DhxmS+bihN3ttQ=="
)


def test_crypt_known_answer() -> None:
    assert crypt(b"test!!!", "PTTsDBs/mlLnSk6VmtFghe") == "$2y$10$PTTsDBs/mlLnSk6VmtFgheNSiK/lSwtJsrBLLDK3kZYI7193nInqy"


def test_key_passphrase_known_answer() -> None:
    salt = bytes(range(16))
    assert bcrypt_base64(salt) == "..CA.uOD/eaGAOmJB.yMBu"
    passphrase = key_passphrase(Secret("password"), base64.b64encode(salt).decode())
    assert passphrase.reveal() == b"HtICrZkZBO5AdQ7Nw5WEmWQZKVA0IkK"


def test_keys_without_salt_open_with_the_password_itself() -> None:
    assert key_passphrase(Secret("pässword"), "").reveal() == "pässword".encode()


def test_a_salt_that_is_no_base64_is_our_error() -> None:
    with pytest.raises(Malformed):
        key_passphrase(Secret("x"), "***")


def test_srp_hash_known_answer() -> None:
    hashed = hash_password(4, Secret("abc123"), "anybody", base64.b64decode("yKlc5/CvObfoiw=="), PUBLISHED_MODULUS)
    assert len(hashed) == 256
    assert hashed.hex().startswith("507c325cbef5f184d85a24d887cfcb3c")


def test_version_3_hashes_like_4() -> None:
    salt = b"0123456789"
    assert hash_password(3, Secret("p"), "a", salt, PUBLISHED_MODULUS) == hash_password(
        4, Secret("p"), "b", salt, PUBLISHED_MODULUS
    )


@pytest.mark.parametrize("version", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("salt", [b"0123456789", b"0123456789abcdef"], ids=["10 bytes", "16 bytes"])
def test_every_version_agrees_with_the_other_side(version: int, salt: bytes) -> None:
    name, password = "Jakub_Q.A-2", "p" * 80 + "ß"
    ours = hash_password(version, Secret(password), name, salt, other_side.modulus_bytes())
    assert ours == other_side.hash_password(version, name, password, salt)


def test_version_2_ignores_dots_dashes_and_case_and_version_1_only_case() -> None:
    def hashed(version: int, name: str) -> bytes:
        return hash_password(version, Secret("p"), name, b"", PUBLISHED_MODULUS)

    assert hashed(2, "a.b-c_D") == hashed(2, "abcd")
    assert hashed(1, "ABCD") == hashed(1, "abcd")
    assert hashed(1, "a.bcd") != hashed(1, "abcd")
    assert hashed(0, "ABCD") == hashed(0, "abcd")


@pytest.mark.parametrize("version", [-1, 5, 99])
def test_unknown_versions_are_refused(version: int) -> None:
    with pytest.raises(SrpError, match="version"):
        hash_password(version, Secret("p"), "a", b"0123456789", PUBLISHED_MODULUS)


def test_a_short_salt_is_our_error() -> None:
    with pytest.raises(SrpError):
        hash_password(4, Secret("p"), "a", b"", PUBLISHED_MODULUS)


def test_passwords_beyond_72_bytes_count_up_to_there() -> None:
    salt = bcrypt_base64(bytes(16))
    assert crypt(b"x" * 72, salt) == crypt(b"x" * 100, salt)
    assert crypt(b"x" * 71, salt) != crypt(b"x" * 72, salt)


@given(st.binary(min_size=16, max_size=40))
@settings(max_examples=5, deadline=None)
def test_salts_of_any_length_are_echoed_as_22_characters(salt: bytes) -> None:
    encoded = bcrypt_base64(salt)
    assert crypt(b"p", encoded)[7:29] == encoded[:22]


def test_expand_is_four_numbered_digests() -> None:
    assert len(expand(b"")) == 256
    assert len({expand(b"")[at : at + 64] for at in range(0, 256, 64)}) == 4
