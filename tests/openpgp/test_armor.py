from __future__ import annotations

import io
import os
import random

import pytest

from bridge_gui.openpgp import armor
from bridge_gui.openpgp.errors import Malformed

DATA = bytes(range(200))
BLOCK = armor.armor(armor.MESSAGE, DATA)


def slow_crc24(data: bytes) -> int:
    """The checksum as RFC 9580, 6.1.1 writes it down."""
    crc = 0xB704CE
    for octet in data:
        crc ^= octet << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1864CFB
    return crc


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 7, 8, 9, 31, 63, 64, 65, 1000, 65_536, 65_537])
def test_the_checksum_is_that_of_the_standard(size: int) -> None:
    for data in (os.urandom(size), bytes(min(size, 1000))):
        assert armor.crc24(data) == slow_crc24(data)


def test_the_form_of_a_block() -> None:
    lines = armor.armor(armor.SIGNATURE, DATA, [("Comment", "hello"), ("Version", "1")]).split("\n")
    assert lines[:4] == ["-----BEGIN PGP SIGNATURE-----", "Comment: hello", "Version: 1", ""]
    assert lines[-3][0] == "="
    assert lines[-2:] == ["-----END PGP SIGNATURE-----", ""]
    assert all(len(line) <= 64 for line in lines)
    assert "\n\n" in armor.armor(armor.MESSAGE, DATA)


@pytest.mark.parametrize("header", [("Comment", "two\nlines"), ("Com\rment", "x"), ("Grüße", "x")])
def test_a_header_that_would_break_out_is_refused(header: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="one line"):
        armor.armor(armor.MESSAGE, DATA, [header])


READ = {
    "as written": BLOCK,
    "CR LF": BLOCK.replace("\n", "\r\n"),
    "no checksum": "\n".join(line for line in BLOCK.split("\n") if not (len(line) == 5 and line[0] == "=")),
    "a wrong checksum": BLOCK[: BLOCK.rindex("\n=") + 2] + "AAAA\n-----END PGP MESSAGE-----",
    "headers": BLOCK.replace("\n\n", "\nVersion: x\nComment: Grüße: ✓\n\n", 1),
    "no blank line": BLOCK.replace("\n\n", "\n", 1),
    "text before and after": "Hello,\n\n" + BLOCK + "\n-- \nsignature",
    "blank line of spaces": BLOCK.replace("\n\n", "\n \t\n", 1),
    "trailing blanks": "\n".join(line + "  " for line in BLOCK.split("\n")),
    "another block first that is none": "-----BEGIN PGP nonsense\n" + BLOCK,
    "indented": BLOCK.replace("\n", "\n  ").replace("  -----END", "-----END"),
    "no last line end": BLOCK.rstrip(),
}


@pytest.mark.parametrize("name", READ)
def test_reading(name: str) -> None:
    assert armor.dearmor(READ[name]) == DATA
    assert armor.dearmor(READ[name].encode()) == DATA


BAD = {
    "empty": "",
    "no block": "hello",
    "no end": BLOCK[: BLOCK.index("-----END")],
    "another end": BLOCK.replace("END PGP MESSAGE", "END PGP SIGNATURE"),
    "no data": "-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----",
    "a header without a colon": BLOCK.replace("\n\n", "\nA: b\nnothing\n\n", 1),
    "not base64": BLOCK.replace("\n\n", "\n\n?", 1),
    "padding inside": BLOCK.replace("\n\n", "\n\nAA==", 1),
}


@pytest.mark.parametrize("name", BAD)
def test_refusing(name: str) -> None:
    with pytest.raises(Malformed):
        armor.dearmor(BAD[name])


def test_the_kind_that_is_asked_for() -> None:
    both = armor.armor(armor.PUBLIC_KEY, b"key") + BLOCK
    assert armor.dearmor(both) == b"key"
    assert armor.dearmor(both, armor.MESSAGE) == DATA
    with pytest.raises(Malformed):
        armor.dearmor(both, armor.SIGNATURE)


def test_telling_armor_from_binary() -> None:
    assert armor.is_armored(BLOCK)
    assert armor.is_armored(b"\n " + BLOCK.encode())
    assert not armor.is_armored(DATA)
    assert not armor.is_armored("")


@pytest.mark.parametrize("size", [3 << 20, (3 << 20) + 1, (3 << 20) + 2])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", " \n"])
def test_a_large_block_is_read_in_pieces(size: int, line_end: str) -> None:
    data = random.Random(size).randbytes(size)
    block = armor.armor(armor.MESSAGE, data).replace("\n", line_end)
    assert armor.dearmor(block) == armor.dearmor(block.encode()) == data
    assert armor.dearmor_in_place(io.BytesIO(block.encode())) == data


def test_padding_in_the_middle_of_a_large_block_is_refused() -> None:
    """Wherever it stands: at the end of what is read at a time, too."""
    text = "A" * armor._PIECE
    for at in range(9):
        block = f"-----BEGIN PGP MESSAGE-----\n\n{text[: -4 - at]}AA=={text}\n-----END PGP MESSAGE-----"
        with pytest.raises(Malformed, match="base64"):
            armor.dearmor(block)
        octets = io.BytesIO(block.encode())
        with pytest.raises(Malformed, match="base64"):
            armor.dearmor_in_place(octets)
        assert octets.getvalue() == block.encode()


@pytest.mark.parametrize("size", [1, 2, 3, 47, 48, 49, 200, 200_000])
@pytest.mark.parametrize("piece", [1, 7, 50, 100_000])
def test_written_in_pieces_it_is_the_same(size: int, piece: int) -> None:
    data = random.Random(size).randbytes(size)
    pieces = [data[at : at + piece] for at in range(0, size, piece)]
    written = b"".join(armor.armored_pieces(armor.MESSAGE, pieces))
    assert written == armor.armor(armor.MESSAGE, data).replace("\n", "\r\n").encode()
