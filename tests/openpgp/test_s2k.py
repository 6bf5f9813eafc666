from __future__ import annotations

import hashlib
import tracemalloc

import pytest

from bridge_gui.openpgp import s2k
from bridge_gui.openpgp.errors import CryptoError, Malformed, Unsupported
from bridge_gui.openpgp.packets import Cursor
from bridge_gui.openpgp.s2k import Specifier

SALT = bytes(range(8))


def naive(passphrase: bytes, size: int, count: int, name: str) -> bytes:
    """RFC 9580, 3.7.1.3, in so many words and no regard for memory."""
    block = SALT + passphrase
    count = max(count, len(block))
    whole = (block * (count // len(block) + 1))[:count]
    key = b"".join(hashlib.new(name, bytes(number) + whole).digest() for number in range(4))
    return key[:size]


@pytest.mark.parametrize("octet", [0, 1, 96, 150])
@pytest.mark.parametrize(("hash_id", "name"), [(2, "sha1"), (8, "sha256"), (10, "sha512")])
@pytest.mark.parametrize("size", [16, 32])
def test_iterated(octet: int, hash_id: int, name: str, size: int) -> None:
    for passphrase in (b"", b"words", bytes(5000)):
        derived = Specifier(s2k.ITERATED, hash_id, SALT, octet).derive(passphrase, size)
        assert derived == naive(passphrase, size, (16 + (octet & 15)) << ((octet >> 4) + 6), name)


def test_simple_and_salted() -> None:
    assert Specifier(s2k.SIMPLE, 8).derive(b"words", 32) == hashlib.sha256(b"words").digest()
    assert Specifier(s2k.SALTED, 8, SALT).derive(b"words", 32) == hashlib.sha256(SALT + b"words").digest()
    assert Specifier(s2k.SIMPLE, 8).derive(b"", 16) == hashlib.sha256(b"").digest()[:16]


def test_the_largest_count_needs_little_memory() -> None:
    tracemalloc.start()
    try:
        Specifier(s2k.ITERATED, 8, SALT, 255).derive(b"words", 32)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_argon2_depends_on_each_parameter() -> None:
    """Its values are compared with those of other implementations where keys locked with it are opened."""
    salt = bytes(range(16))
    every = {
        Specifier(s2k.ARGON2, 0, salt, 0, passes, lanes, memory).derive(b"password", 16)
        for passes, lanes, memory in ((1, 4, 10), (2, 4, 10), (1, 2, 10), (1, 4, 11))
    }
    assert len(every) == 4


@pytest.mark.parametrize(
    "specifier",
    [
        Specifier(s2k.SIMPLE, 8),
        Specifier(s2k.SALTED, 10, SALT),
        Specifier(s2k.ITERATED, 8, SALT, 96),
        Specifier(s2k.ARGON2, 0, bytes(16), 0, 1, 4, 16),
    ],
)
def test_what_is_written_is_read(specifier: Specifier) -> None:
    assert s2k.read(Cursor(specifier.write())) == specifier


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", Malformed),
        (b"\x02\x08", Unsupported),
        (b"\x65\x08", Unsupported),
        (b"\x03\x63", Unsupported),
        (b"\x03\x08\0\0", Malformed),
        (b"\x04" + bytes(10), Malformed),
    ],
)
def test_refusing(data: bytes, error: type[CryptoError]) -> None:
    with pytest.raises(error):
        s2k.read(Cursor(data))


@pytest.mark.parametrize("fields", [(1, 1, 31), (0, 1, 10), (1, 0, 10), (1, 1, 1)])
def test_argon2_out_of_bounds(fields: tuple[int, int, int]) -> None:
    with pytest.raises(Unsupported):
        Specifier(s2k.ARGON2, 0, bytes(16), 0, *fields).derive(b"words", 16)
