"""The arithmetic against a server of its own making, published vectors, and a server that cheats."""

from __future__ import annotations

import base64
import time

import pytest

from bridge_gui.demo import srp as other_side
from bridge_gui.proton import srp
from bridge_gui.proton.errors import SrpError
from bridge_gui.proton.passwords import hash_password
from bridge_gui.secret import Secret
from tests.proton.test_passwords import PUBLISHED_MODULUS

SALT = base64.b64decode("yKlc5/CvObfoiw==")


def test_verifier_known_answer() -> None:
    hashed = hash_password(4, Secret("abc123"), "anybody", SALT, PUBLISHED_MODULUS)
    assert srp.verifier(PUBLISHED_MODULUS, hashed).hex().startswith("3a811d56407effac4433b71fdc94821e")


def test_client_and_server_convince_each_other() -> None:
    modulus = other_side.modulus_bytes()
    hashed = hash_password(4, Secret("abc123"), "anybody", SALT, modulus)
    asked = other_side.challenge(srp.verifier(modulus, hashed))
    proofs = srp.prove(modulus, asked.public, hashed)
    answer = other_side.answer(asked, proofs.ephemeral, proofs.client)
    assert answer is not None
    proofs.check_server(answer)
    assert len(proofs.ephemeral) == len(proofs.client) == 256


def test_a_wrong_password_convinces_nobody() -> None:
    modulus = other_side.modulus_bytes()
    right = hash_password(4, Secret("abc123"), "anybody", SALT, modulus)
    wrong = hash_password(4, Secret("abc124"), "anybody", SALT, modulus)
    asked = other_side.challenge(srp.verifier(modulus, right))
    proofs = srp.prove(modulus, asked.public, wrong)
    assert other_side.answer(asked, proofs.ephemeral, proofs.client) is None


def test_a_server_without_the_verifier_is_found_out() -> None:
    modulus = other_side.modulus_bytes()
    hashed = hash_password(4, Secret("abc123"), "anybody", SALT, modulus)
    asked = other_side.challenge(bytes([7]) * 256)
    proofs = srp.prove(modulus, asked.public, hashed)
    for claimed in (b"", bytes(256), proofs.client):
        with pytest.raises(SrpError, match="not Proton"):
            proofs.check_server(claimed)


@pytest.mark.parametrize("number", [0, 1, "N-1", "N", "N+1"])
def test_an_ephemeral_out_of_range_is_refused(number: int | str) -> None:
    modulus = other_side.modulus_bytes()
    n = srp.to_int(modulus)
    value = {"N-1": n - 1, "N": n, "N+1": n + 1}.get(str(number), number)
    assert isinstance(value, int)
    with pytest.raises(SrpError, match="range"):
        srp.prove(modulus, srp.to_bytes(value), bytes(256))


@pytest.mark.parametrize("size", [0, 255, 257])
def test_an_ephemeral_of_the_wrong_size_is_refused(size: int) -> None:
    with pytest.raises(SrpError):
        srp.prove(other_side.modulus_bytes(), b"\x05" * size, bytes(256))


def test_the_clients_secret_is_large_enough_to_wrap_round() -> None:
    asked: list[int] = []

    def lowest(limit: int) -> int:
        asked.append(limit)
        return 0

    modulus = other_side.modulus_bytes()
    proofs = srp.prove(modulus, srp.to_bytes(5), bytes(256), random_below=lowest)
    n = srp.to_int(modulus)
    assert srp.to_int(proofs.ephemeral) == pow(2, 4097, n)
    assert 4096 + asked[0] == n - 2, "the highest is N-2"


def test_both_genuine_moduli_are_safe_primes() -> None:
    srp.check_modulus(PUBLISHED_MODULUS)
    begun = time.process_time()
    srp.check_modulus(other_side.modulus_bytes())
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "change",
    [
        lambda n: n + 8,  # the form is right, the number is not prime
        lambda n: n + 2,  # not 3 modulo 8
        lambda n: n >> 1,  # one bit short
        lambda n: (n >> 8) | 3,
        lambda n: 0,
    ],
)
def test_other_numbers_are_refused(change: object) -> None:
    assert callable(change)
    n = change(srp.to_int(other_side.modulus_bytes()))
    with pytest.raises(SrpError):
        srp.check_modulus(srp.to_bytes(n))


def test_the_prime_test_knows_primes() -> None:
    primes = [n for n in range(2, 200) if all(n % d for d in range(2, n))]
    assert [n for n in range(200) if srp.probably_prime(n)] == primes
    for carmichael in (561, 1105, 1729, 2465, 6601, 8911):
        assert not srp.probably_prime(carmichael)
    assert srp.probably_prime(2**521 - 1)
    assert not srp.probably_prime(2**521 + 1)
