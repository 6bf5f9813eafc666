"""The certificate under which the local servers speak TLS.

A local CA signs one leaf, and its key is forgotten at once: what it has signed is all that it will ever sign. Besides,
the CA is bound by critical name constraints (RFC 5280 4.2.1.10) to this computer's own names, so that trusting it gives
nobody anything. The leaf is no CA, which NSS insists on; it lives at most 825 days, which Apple insists on. Renewal
makes a new pair.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import re
import secrets
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bridge_gui.errors import Refused, VaultDamaged
from bridge_gui.secret import Secret
from bridge_gui.vault.records import CertificateRecord

LIFETIME = datetime.timedelta(days=825)
RENEW_BEFORE = datetime.timedelta(days=30)
CA_NAME = "Bridge Manager on this computer"
_BACKDATE = datetime.timedelta(hours=1)
"""A clock that is set back a little must not make a new certificate invalid."""

ADDRESSES = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
NAME = "localhost"


@dataclass(frozen=True, slots=True)
class CertificateInfo:
    """What is shown of a certificate; fingerprints are SHA-256, upper hex with colons."""

    fingerprint: str
    ca_fingerprint: str
    not_after: datetime.datetime
    hosts: tuple[str, ...]


def make_certificate(now: datetime.datetime) -> CertificateRecord:
    """Make a CA and a leaf; the CA's key exists only while this function runs."""
    start, end = now - _BACKDATE, now - _BACKDATE + LIFETIME
    ca_key = ec.generate_private_key(ec.SECP256R1())
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    # Two CAs of one name confuse clients that look issuers up by name; hence the number.
    ca_name = _name(f"{CA_NAME} {secrets.token_hex(4)}")
    ca_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    ca = (
        x509.CertificateBuilder()
        .subject_name(ca_name)
        .issuer_name(ca_name)
        .public_key(ca_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=_permitted(), excluded_subtrees=None), critical=True)
        .add_extension(ca_id, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    leaf = (
        x509.CertificateBuilder()
        .subject_name(_name(str(ADDRESSES[0])))
        .issuer_name(ca_name)
        .public_key(leaf_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([*(x509.IPAddress(address) for address in ADDRESSES), x509.DNSName(NAME)]),
            critical=False,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(leaf_key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_id), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    key_pem = leaf_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return CertificateRecord(_pem(ca), _pem(leaf), Secret(key_pem.decode()))


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _permitted() -> list[x509.GeneralName]:
    return [
        x509.IPAddress(ipaddress.ip_network("127.0.0.0/8")),
        x509.IPAddress(ipaddress.ip_network("::1/128")),
        x509.DNSName(NAME),
    ]


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def describe(record: CertificateRecord) -> CertificateInfo:
    """Read what a certificate says of itself; raise `VaultDamaged` when it cannot be read."""
    try:
        leaf = x509.load_pem_x509_certificate(record.leaf_pem.encode())
        ca = x509.load_pem_x509_certificate(record.ca_pem.encode())
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound) as error:
        raise VaultDamaged("The stored certificate cannot be read.", remedy="Renew the certificate.") from error
    hosts = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    hosts += names.get_values_for_type(x509.DNSName)
    return CertificateInfo(_fingerprint(leaf), _fingerprint(ca), leaf.not_valid_after_utc, tuple(hosts))


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server's certificate says of itself: names in words, for somebody to recognise."""

    subject: str
    issuer: str
    fingerprint: str


def shown(der: bytes) -> Shown | None:
    """Read a certificate that anybody may have sent; nothing when it cannot be read."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        return Shown(_words(certificate.subject), _words(certificate.issuer), _fingerprint(certificate))
    except (ValueError, x509.InvalidVersion):
        return None


def _words(name: x509.Name) -> str:
    """Who is meant: organisation and common name."""
    wanted = (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
    return ", ".join(str(entry.value) for oid in wanted for entry in name.get_attributes_for_oid(oid))


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def read_certificate(pem: Secret[str], now: datetime.datetime) -> CertificateRecord:
    """Read a certificate of the person's own: PEM blocks of the server's certificate, of its issuers, and its key.

    Raise `Refused` for what mail programs would not take: a key of another certificate, one that ended or has not
    begun, one for other names, a CA used as a server (which NSS refuses), a key under a passphrase.
    """
    text = pem.reveal().encode()
    try:
        certificates = x509.load_pem_x509_certificates(text)
        key = serialization.load_pem_private_key(text[_key_at(text) :], None)
    except (ValueError, TypeError) as error:
        # Not chained: the cause may quote the key.
        kind = type(error).__name__
        raise Refused(
            f"The file does not hold a certificate with its key ({kind}).",
            remedy="Give PEM blocks of the certificate, of its issuers, and of its key without a passphrase.",
        ) from None
    leaf = certificates[0]
    if leaf.public_key() != key.public_key():
        raise Refused("The key does not belong to the first certificate.")
    if not leaf.not_valid_before_utc <= now < leaf.not_valid_after_utc:
        raise Refused("The certificate is not valid today.")
    with contextlib.suppress(x509.ExtensionNotFound):
        if leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise Refused("The certificate is that of an authority, which mail programs do not take for a server's.")
    key_pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    issuer = next((known for known in certificates[1:] if known.subject == leaf.issuer), leaf)
    record = CertificateRecord(_pem(issuer), _pem(leaf), Secret(key_pem))
    try:
        hosts = describe(record).hosts
    except VaultDamaged:
        hosts = ()
    if str(ADDRESSES[0]) not in hosts:
        raise Refused(
            f"The certificate is not for {ADDRESSES[0]}, the address that mail programs connect to.",
            remedy=f"Have it made for {ADDRESSES[0]} and {NAME}.",
        )
    return record


def _key_at(text: bytes) -> int:
    match = re.search(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----", text)
    if match is None:
        raise ValueError("no key")
    return match.start()


def is_imported(record: CertificateRecord) -> bool:
    """Whether a certificate is the person's own, which only they replace."""
    try:
        ca = x509.load_pem_x509_certificate(record.ca_pem.encode())
    except ValueError:
        return False
    return not ca.subject.rfc4514_string().startswith(f"CN={CA_NAME}")


def needs_renewal(record: CertificateRecord, now: datetime.datetime) -> bool:
    """Say whether a certificate is to be replaced: unreadable, or 30 days or less before its end."""
    try:
        return describe(record).not_after - now <= RENEW_BEFORE
    except VaultDamaged:
        return True


def server_context(record: CertificateRecord) -> ssl.SSLContext:
    """Make the servers' TLS context, leaf and CA in the chain, TLS 1.2 and later.

    OpenSSL's Python face reads keys from files only. The key lies there encrypted under a password of this moment, so
    that it never touches the disk in clear. Blocking; short.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A TLS 1.3 ticket makes a socket readable with nothing in it to read. imaplib2 (offlineimap) then reads and writes
    # at once on an object that cannot do both, and one start in eight hangs. On loopback resuming saves nothing.
    context.num_tickets = 0
    password = secrets.token_bytes(32).hex().encode()
    key = serialization.load_pem_private_key(record.key_pem.reveal().encode(), None)
    sealed = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(password)
    )
    descriptor, name = tempfile.mkstemp(prefix="bridge-gui-tls-")
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(record.leaf_pem.encode() + record.ca_pem.encode() + sealed)
        context.load_cert_chain(path, password=lambda: password)
    finally:
        path.unlink()
    return context
