"""Only a modulus that Proton's own key signed is read, and its number is tested once."""

from __future__ import annotations

import base64

import pytest

from bridge_gui.demo import srp as other_side
from bridge_gui.proton import modulus as module
from bridge_gui.proton.errors import SrpError
from bridge_gui.proton.modulus import read_modulus, signing_certificate
from tests.proton.test_passwords import PUBLISHED_MODULUS

PUBLISHED = f"""\
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

{base64.b64encode(PUBLISHED_MODULUS).decode()}
-----BEGIN PGP SIGNATURE-----
Version: ProtonMail
Comment: https://protonmail.com

wl4EARYIABAFAlwB1j0JEDUFhcTpUY8mAAD8CgEAnsFnF4cF0uSHKkXa1GIa
GO86yMV4zDZEZcDSJo0fgr8A/AlupGN9EdHlsrZLmTA1vhIx+rOgxdEff28N
kvNM7qIK
=q6vu
-----END PGP SIGNATURE-----"""


def test_the_signing_key_is_the_known_one() -> None:
    assert signing_certificate().fingerprint == "248097092B458509C508DAC0350585C4E9518F26"


def test_genuine_moduli_are_read() -> None:
    assert read_modulus(PUBLISHED) == PUBLISHED_MODULUS
    assert read_modulus(other_side.signed_modulus()) == other_side.modulus_bytes()


def test_line_ends_do_not_matter() -> None:
    assert read_modulus(PUBLISHED.replace("\n", "\r\n")) == PUBLISHED_MODULUS


@pytest.mark.parametrize(
    "signed",
    [
        "",
        "no armor at all",
        PUBLISHED.replace("W2z5", "W2z6"),
        PUBLISHED.replace("Anob", "").replace("wl4EARYIABAF", "wl4EARYIABAG"),
        PUBLISHED + "\nmore",
        "before\n" + PUBLISHED,
        PUBLISHED.replace("Hash: SHA256", "Comment: hidden"),
        base64.b64encode(PUBLISHED_MODULUS).decode(),
    ],
)
def test_anything_else_is_refused(signed: str) -> None:
    with pytest.raises(SrpError):
        read_modulus(signed)


def test_a_number_is_tested_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tested: list[bytes] = []
    monkeypatch.setattr(module, "check_modulus", tested.append)
    monkeypatch.setattr(module, "_seen_good", set())
    read_modulus(PUBLISHED)
    read_modulus(PUBLISHED)
    assert tested == [PUBLISHED_MODULUS]


def test_a_signed_number_that_is_no_safe_prime_is_refused_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: bytes) -> None:
        raise SrpError("not a safe prime")

    monkeypatch.setattr(module, "check_modulus", refuse)
    monkeypatch.setattr(module, "_seen_good", set())
    for _ in range(2):
        with pytest.raises(SrpError, match="safe prime"):
            read_modulus(PUBLISHED)
