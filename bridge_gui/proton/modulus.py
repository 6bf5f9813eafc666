"""The modulus of a sign-in: signed by Proton's own key, and then checked as a number (API document 2.2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import threading
from functools import cache

from bridge_gui.errors import CryptoError
from bridge_gui.openpgp import message
from bridge_gui.openpgp.keys import Certificate
from bridge_gui.proton.errors import SrpError
from bridge_gui.proton.srp import check_modulus

FINGERPRINT = "248097092B458509C508DAC0350585C4E9518F26"
SIGNING_KEY = """\
-----BEGIN PGP PUBLIC KEY BLOCK-----

xjMEXAHLgxYJKwYBBAHaRw8BAQdAFurWXXwjTemqjD7CXjXVyKf0of7n9Ctm
L8v9enkzggHNEnByb3RvbkBzcnAubW9kdWx1c8J3BBAWCgApBQJcAcuDBgsJ
BwgDAgkQNQWFxOlRjyYEFQgKAgMWAgECGQECGwMCHgEAAPGRAP9sauJsW12U
MnTQUZpsbJb53d0Wv55mZIIiJL2XulpWPQD/V6NglBd96lZKBmInSXX/kXat
Sv+y0io+LR8i2+jV+AbOOARcAcuDEgorBgEEAZdVAQUBAQdAeJHUz1c9+KfE
kSIgcBRE3WuXC4oj5a2/U3oASExGDW4DAQgHwmEEGBYIABMFAlwBy4MJEDUF
hcTpUY8mAhsMAAD/XQD8DxNI6E78meodQI+wLsrKLeHn32iLvUqJbVDhfWSU
WO4BAMcm1u02t4VKw++ttECPt+HUgPUq5pqQWe5Q2cW4TMsE
=Y4Mw
-----END PGP PUBLIC KEY BLOCK-----
"""

_seen_good: set[bytes] = set()
_seen_lock = threading.Lock()


@cache
def signing_certificate() -> Certificate:
    certificate = Certificate.from_armor(SIGNING_KEY)
    if certificate.fingerprint != FINGERPRINT:
        raise SrpError("The key that signs the sign-in's modulus is not Proton's.")
    return certificate


def read_modulus(signed: str) -> bytes:
    """Return the 256 bytes of a signed modulus. Raise `SrpError` unless signature and number are good.

    Takes some tenths of a second the first time a modulus is seen; never on the loop.
    """
    try:
        text = message.verify_cleartext(signed, [signing_certificate()])
        modulus = base64.b64decode(text, validate=True)
    except (CryptoError, binascii.Error, ValueError) as error:
        raise SrpError("The sign-in's modulus is not signed by Proton.") from error
    digest = hashlib.sha256(modulus).digest()
    with _seen_lock:
        known = digest in _seen_good
    if not known:
        check_modulus(modulus)
        with _seen_lock:
            _seen_good.add(digest)
    return modulus
