"""SRP-6a in the service's variant (API document 2.4). Pure arithmetic.

Client and server prove to each other that they know the password's hash x or its verifier v = 2^x, without sending
either. All numbers travel as 256 bytes, least significant first.

    k = H(2 | N) mod N          u = H(A | B)                  S = (B - k * 2^x) ^ (u * x + a)  mod N
    A = 2^a                     M1 = H(A | B | S)             M2 = H(A | M1 | S)
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bridge_gui.proton.errors import SrpError
from bridge_gui.proton.passwords import expand

SIZE = 256
BITS = SIZE * 8
GENERATOR = 2
PRIME_ROUNDS = 10


def to_int(data: bytes) -> int:
    return int.from_bytes(data, "little")


def to_bytes(number: int) -> bytes:
    return number.to_bytes(SIZE, "little")


@dataclass(frozen=True, slots=True)
class Proofs:
    """What the client sends, and what the server has to answer."""

    ephemeral: bytes
    client: bytes
    server: bytes = field(repr=False)

    def check_server(self, given: bytes) -> None:
        """Raise `SrpError` unless the server knows the verifier too."""
        if not hmac.compare_digest(self.server, given):
            raise SrpError("The server does not know this account's password either: it is not Proton.")


def check_modulus(modulus: bytes) -> None:
    """Raise `SrpError` unless this is a safe prime of 2048 bits for which 2 generates the large subgroup.

    Takes some tenths of a second.
    """
    if len(modulus) != SIZE:
        raise SrpError("The sign-in's modulus has the wrong size.")
    n = to_int(modulus)
    if n.bit_length() != BITS or n % 8 != 3:
        raise SrpError("The sign-in's modulus is not of the right form.")
    half = (n - 1) // 2
    # Half being prime, this also proves n prime: 2 has an order that only a prime n allows (Pocklington).
    if pow(GENERATOR, half, n) != n - 1 or not probably_prime(half):
        raise SrpError("The sign-in's modulus is not a safe prime.")


def probably_prime(number: int, rounds: int = PRIME_ROUNDS) -> bool:
    """Miller and Rabin's test with random bases."""
    if number < 4:
        return number in (2, 3)
    if number % 2 == 0:
        return False
    odd, shift = number - 1, 0
    while odd % 2 == 0:
        odd, shift = odd // 2, shift + 1
    return all(_passes(secrets.randbelow(number - 3) + 2, number, odd, shift) for _ in range(rounds))


def _passes(base: int, number: int, odd: int, shift: int) -> bool:
    value = pow(base, odd, number)
    if value in (1, number - 1):
        return True
    for _ in range(shift - 1):
        value = value * value % number
        if value == number - 1:
            return True
    return False


def prove(
    modulus: bytes,
    server_ephemeral: bytes,
    hashed_password: bytes,
    random_below: Callable[[int], int] = secrets.randbelow,
) -> Proofs:
    """Make the client's proof. `modulus` has been checked; `server_ephemeral` is checked here."""
    n = to_int(modulus)
    if len(server_ephemeral) != SIZE or not 1 < to_int(server_ephemeral) < n - 1:
        raise SrpError("The server's part of the sign-in is out of range.")
    k = to_int(expand(to_bytes(GENERATOR) + modulus)) % n
    if not 1 < k < n - 1:
        raise SrpError("The sign-in's multiplier is out of range.")
    x = to_int(hashed_password)
    least = 2 * BITS  # so that 2^a wraps round the modulus
    while True:
        a = least + 1 + random_below(n - 2 - least)
        ephemeral = to_bytes(pow(GENERATOR, a, n))
        u = to_int(expand(ephemeral + server_ephemeral))
        if u != 0:
            break
    base = (to_int(server_ephemeral) - k * pow(GENERATOR, x, n)) % n
    shared = to_bytes(pow(base, (u * x + a) % (n - 1), n))
    client = expand(ephemeral + server_ephemeral + shared)
    return Proofs(ephemeral, client, expand(ephemeral + client + shared))


def verifier(modulus: bytes, hashed_password: bytes) -> bytes:
    """Return what the service keeps in place of the password."""
    return to_bytes(pow(GENERATOR, to_int(hashed_password), to_int(modulus)))
