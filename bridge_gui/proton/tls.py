"""TLS to Proton: system CAs, and on Proton's own hosts pinned keys as well (API document 1.7).

A pin is the SHA-256 of a certificate's public key (its SubjectPublicKeyInfo); one certificate of the presented chain
has to match. The check sits in the handshake itself, so nothing is sent over a connection that fails it. Alternative
routes have certificates of no public CA: there the pin is the only check.
"""

from __future__ import annotations

import base64
import hashlib
import ssl
from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_PROTON_ME = frozenset(
    {
        "CT56BhOTmj5ZIPgb/xD5mH8rY3BLo/MlhP7oPyJUEDo=",
        "35Dx28/uzN3LeltkCBQ8RHK0tlNSa2kCpCRGNp34Gxc=",
        "qYIukVc63DEITct8sFT7ebIq5qsWmuscaIKeJx+5J5A=",
    }
)
_PROTONMAIL_COM = frozenset(
    {
        "8joiNBdqaYiQpKskgtkJsqRxF7zN0C0aqfi8DacknnI=",
        "JMI8yrbc6jB1FYGyyWRLFTmDNgIszrNEMGlgy972e7w=",
        "Iu44zU84EOCZ9vx/vz67/MRVrxF1IO4i4NIa8ETwiIY=",
    }
)
_API_PROTONMAIL_CH = frozenset(
    {
        "drtmcR2kFkM8qJClsuWgUzxgBkePfRCkRpqUesyDmeE=",
        "YRGlaY0jyJ4Jw2/4M8FIftwbDIQfh8Sdro96CeEel54=",
        "AfMENBVvOS8MnISprtvyPsjKlPooqh8nMB/pvCrpJpw=",
    }
)
ALTERNATIVE_PINS = frozenset(
    {
        "EU6TS9MO0L/GsDHvVc9D5fChYLNy5JdGYpJw0ccgetM=",
        "iKPIHPnDNqdkvOnTClQ8zQAIKG0XavaPkcEo0LBAABA=",
        "MSlVrBCdL0hKyczvgYVSRNm88RicyY04Q2y5qrBt0xA=",
        "C2UxW0T1Ckl9s+8cXfjXxlEqwAfPM4HiW2y3UdtBeCw=",
    }
)
PINS: tuple[tuple[str, frozenset[str]], ...] = (
    ("proton.me", _PROTON_ME),
    ("protonmail.com", _PROTONMAIL_COM),
    ("api.protonmail.ch", _API_PROTONMAIL_CH),
)
"""Domain, and the keys of its hosts. The lists count together: certificates move between Proton's names."""


class PinMismatch(ssl.SSLCertVerificationError):
    """The certificate may be valid, but its key is none of Proton's."""


def pins_for(host: str) -> frozenset[str]:
    """Return the pins that guard `host`; empty where none apply, such as a test server."""
    name = host.rstrip(".").lower()
    for domain, _ in PINS:
        if name == domain or name.endswith("." + domain):
            return frozenset().union(*(pins for _, pins in PINS))
    return frozenset()


def spki_pin(certificate: bytes) -> str:
    """Return the pin of a DER certificate."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return base64.b64encode(digest).decode()


def presented_chain(connection: ssl.SSLObject) -> list[bytes]:
    """Return the DER certificates the peer showed, its own first."""
    public = getattr(connection, "get_unverified_chain", None)  # Python 3.13
    if public is not None:
        return [bytes(each) for each in public()]
    inner = connection._sslobj  # type: ignore[attr-defined]  # 3.10 to 3.12 have it on the inner object only
    return [each.public_bytes(2) for each in inner.get_unverified_chain() or []]  # 2 is ENCODING_DER


def check_pins(chain: list[bytes], pins: frozenset[str]) -> None:
    """Raise `PinMismatch` unless one certificate has a pinned key."""
    if not any(spki_pin(each) in pins for each in chain):
        raise PinMismatch("none of the presented certificates has a pinned key")


def client_context(
    pins: Callable[[str], frozenset[str]] = pins_for,
    *,
    verify: bool = True,
    ca_file: str | None = None,
) -> ssl.SSLContext:
    """Make a context whose handshakes also check the pins of the host they are made with.

    `verify=False` leaves the pins as the only check, so a host without pins is refused then.
    """
    if verify:
        context = ssl.create_default_context(cafile=ca_file)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    class PinnedObject(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            expected = pins(self.server_hostname or "")
            if expected or not verify:
                check_pins(presented_chain(self), expected)

    context.sslobject_class = PinnedObject
    return context


def no_trust() -> ssl.SSLContext:
    """Make a context that trusts nobody, for where no TLS is expected."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def untrusted(error: BaseException) -> bool:
    """Say whether a failed connection failed for its certificate or pin, and not for the network."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
