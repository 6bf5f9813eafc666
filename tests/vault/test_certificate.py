"""The certificate, judged by OpenSSL's own tools as well."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bridge_gui.errors import VaultDamaged
from bridge_gui.secret import Secret
from bridge_gui.vault import certificate
from bridge_gui.vault.records import CertificateRecord

NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def record() -> CertificateRecord:
    return certificate.make_certificate(NOW)


def verify(folder: Path, ca: str, leaf: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "ca.pem").write_text(ca)
    (folder / "leaf.pem").write_text(leaf)
    return subprocess.run(
        ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", *options, "-CAfile", "ca.pem", "leaf.pem"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "options", [("-verify_ip", "127.0.0.1"), ("-verify_ip", "::1"), ("-verify_hostname", "localhost")]
)
def test_openssl_accepts_the_server_under_each_of_its_names(
    options: tuple[str, ...], record: CertificateRecord, tmp_path: Path
) -> None:
    result = verify(tmp_path, record.ca_pem, record.leaf_pem, *options)
    assert result.returncode == 0, result.stderr


def test_openssl_refuses_it_under_another_name(record: CertificateRecord, tmp_path: Path) -> None:
    assert verify(tmp_path, record.ca_pem, record.leaf_pem, "-verify_hostname", "proton.me").returncode != 0


@pytest.mark.parametrize(
    "name", [x509.DNSName("proton.me"), x509.IPAddress(ipaddress.ip_address("10.0.0.1")), x509.DNSName("a.test")]
)
def test_even_with_its_key_the_ca_could_sign_for_no_other_name(
    name: x509.GeneralName, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys: list[ec.EllipticCurvePrivateKey] = []
    generate = ec.generate_private_key

    def remember(curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        keys.append(generate(curve))
        return keys[-1]

    monkeypatch.setattr(certificate.ec, "generate_private_key", remember)
    stolen = certificate.make_certificate(NOW)
    ca = x509.load_pem_x509_certificate(stolen.ca_pem.encode())
    ca_key = next(key for key in keys if key.public_key() == ca.public_key())
    forged = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(ca.subject)
        .public_key(generate(ec.SECP256R1()).public_key())
        .serial_number(7)
        .not_valid_before(NOW - datetime.timedelta(minutes=5))
        .not_valid_after(NOW + datetime.timedelta(days=5))
        .add_extension(x509.SubjectAlternativeName([name]), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    result = verify(tmp_path, stolen.ca_pem, forged.public_bytes(serialization.Encoding.PEM).decode())
    assert result.returncode != 0
    assert "permitted subtree violation" in result.stderr


def test_the_key_of_the_ca_is_not_in_the_record(record: CertificateRecord) -> None:
    ca = x509.load_pem_x509_certificate(record.ca_pem.encode())
    key = serialization.load_pem_private_key(record.key_pem.reveal().encode(), None)
    assert key.public_key() != ca.public_key()
    assert record.key_pem.reveal().count("PRIVATE KEY") == 2


def test_what_clients_insist_on(record: CertificateRecord) -> None:
    leaf = x509.load_pem_x509_certificate(record.leaf_pem.encode())
    ca = x509.load_pem_x509_certificate(record.ca_pem.encode())
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    constraints = ca.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert (constraints.value.ca, constraints.value.path_length) == (True, 0)
    assert ca.extensions.get_extension_for_class(x509.NameConstraints).critical
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= datetime.timedelta(days=825)
    info = certificate.describe(record)
    assert info.hosts == ("127.0.0.1", "::1", "localhost")
    assert len(info.fingerprint) == 95
    assert info.fingerprint != info.ca_fingerprint


@pytest.mark.parametrize(("days", "due"), [(0, False), (794, False), (796, True), (900, True)])
def test_it_is_renewed_thirty_days_before_its_end(days: int, due: bool, record: CertificateRecord) -> None:
    assert certificate.needs_renewal(record, NOW + datetime.timedelta(days=days)) is due


def test_an_unreadable_one_is_renewed(record: CertificateRecord) -> None:
    broken = replace(record, leaf_pem="-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")
    assert certificate.needs_renewal(broken, NOW)
    with pytest.raises(VaultDamaged):
        certificate.describe(broken)


def test_a_client_that_trusts_only_our_ca_connects(record: CertificateRecord, tmp_path: Path) -> None:
    context = certificate.server_context(record)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            plain, _ = listener.accept()
            with context.wrap_socket(plain, server_side=True) as secure:
                secure.sendall(b"hello")

        thread = threading.Thread(target=serve)
        thread.start()
        trust = ssl.create_default_context(cadata=record.ca_pem)
        with (
            socket.create_connection(listener.getsockname()) as plain,
            trust.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        ):
            assert secure.recv(10) == b"hello"
        thread.join()


def test_the_key_lies_in_no_file_in_clear(
    record: CertificateRecord, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[bytes] = []
    load = ssl.SSLContext.load_cert_chain

    def look(self: ssl.SSLContext, path: Path, password: object) -> None:
        seen.append(path.read_bytes())
        load(self, path, password=password)  # type: ignore[arg-type]

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", look)
    certificate.server_context(record)
    assert b"ENCRYPTED PRIVATE KEY" in seen[0]
    assert record.key_pem.reveal().encode()[30:80] not in seen[0]
    assert list(tmp_path.iterdir()) == []
    assert isinstance(record.key_pem, Secret)


def test_what_a_server_shows_is_read_for_recognition(record: CertificateRecord) -> None:
    der = ssl.PEM_cert_to_DER_cert(record.leaf_pem)
    found = certificate.shown(der)
    assert found is not None
    assert found.subject == "127.0.0.1"
    assert found.issuer.startswith(certificate.CA_NAME)
    assert found.fingerprint == certificate.describe(record).fingerprint


def test_a_certificate_that_makes_no_sense_is_none(record: CertificateRecord) -> None:
    der = ssl.PEM_cert_to_DER_cert(record.leaf_pem)
    version = b"\xa0\x03\x02\x01\x02"
    assert version in der
    for nonsense in (b"", b"junk", der[:100], der.replace(version, b"\xa0\x03\x02\x01\x07")):
        assert certificate.shown(nonsense) is None
