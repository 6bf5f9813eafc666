"""RFC 6238 appendix B, cut to six digits, and the tolerance of one step."""

from __future__ import annotations

import base64

import pytest

from bridge_gui.demo import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_vectors(at: int, code: str) -> None:
    assert totp.code(SECRET, at) == code


def test_one_step_of_drift_is_accepted_and_two_are_not() -> None:
    code = totp.code(SECRET, 1_000_000_000)
    assert totp.accepts(SECRET, f" {code} ", 1_000_000_030)
    assert totp.accepts(SECRET, code, 1_000_000_000 - 30)
    assert not totp.accepts(SECRET, code, 1_000_000_000 + 61)
