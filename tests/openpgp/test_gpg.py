"""What we write GnuPG reads, and the other way round."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bridge_gui.openpgp import armor, certpolicy, keys, message, session
from bridge_gui.openpgp.errors import NoEncryptionKey
from bridge_gui.openpgp.keys import Certificate
from bridge_gui.openpgp.message import SignatureState
from bridge_gui.secret import Secret
from tests.openpgp.conftest import Person
from tests.openpgp.oracles import Gpg

pytestmark = pytest.mark.programs

TEXT = "Grüße\r\nund mehr — ✓\r\n".encode()


@pytest.fixture(scope="module", params=["ed25519", "rsa2048", "nistp521", "brainpoolP256r1"])
def theirs(request: pytest.FixtureRequest, gpg: Gpg) -> str:
    return gpg.generate(f"{request.param}@example.test", request.param, "their words")


@pytest.fixture(scope="module")
def known(gpg: Gpg, ann: Person, bob: Person) -> None:
    for person in (ann, bob):
        gpg.load(person.armored, person.passphrase)


def test_we_unlock_and_use_their_key(theirs: str, gpg: Gpg) -> None:
    now = int(time.time())
    key = keys.unlock(theirs, Secret(b"their words"))
    sealed = message.encrypt(TEXT, [key.certificate], sign=key, at=now)
    plain, status = gpg.run("--passphrase", "their words", "--decrypt", data=sealed)
    assert plain == TEXT
    assert "VALIDSIG" in status
    assert "GOODMDC" in status


@pytest.mark.parametrize("options", [(), ("--compress-algo", "bzip2"), ("--compress-algo", "none"), ("--textmode",)])
def test_we_read_what_they_encrypt_and_sign(theirs: str, gpg: Gpg, options: tuple[str, ...]) -> None:
    key = keys.unlock(theirs, Secret(b"their words"))
    them = ("-r", key.certificate.fingerprint, "-u", key.certificate.fingerprint, "--passphrase", "their words")
    sealed, _ = gpg.run(*them, *options, "--sign", "--encrypt", data=TEXT * 2000)
    opened = message.decrypt(sealed, [key], verify=[key.certificate], at=int(time.time()))
    assert opened.data == TEXT * 2000
    assert opened.state is SignatureState.VALID


def test_they_use_our_key(person: Person, known: None, gpg: Gpg) -> None:
    who = ("-r", person.certificate.fingerprint, "-u", person.certificate.fingerprint)
    sealed, _ = gpg.run(*who, "--passphrase", person.passphrase, "--sign", "--encrypt", data=TEXT)
    opened = message.decrypt(sealed, [person.key], verify=[person.certificate], at=int(time.time()))
    assert (opened.data, opened.state) == (TEXT, SignatureState.VALID)


def test_they_read_ours_for_several_recipients(ann: Person, bob: Person, known: None, gpg: Gpg) -> None:
    sealed = message.encrypt(TEXT * 50_000, [ann.certificate, bob.certificate], sign=bob.key, at=int(time.time()))
    plain, status = gpg.run("--passphrase", ann.passphrase, "--decrypt", data=sealed)
    assert plain == TEXT * 50_000
    assert "VALIDSIG" in status


def test_detached_signatures_both_ways(person: Person, known: None, gpg: Gpg, tmp_path: Path) -> None:
    content, signed = tmp_path / "content", tmp_path / "content.sig"
    content.write_bytes(TEXT)
    signed.write_bytes(message.sign_detached(TEXT, person.key, at=int(time.time())))
    _, status = gpg.run("--verify", str(signed), str(content))
    assert "VALIDSIG" in status
    who = ("-u", person.certificate.fingerprint, "--passphrase", person.passphrase)
    for kind in ((), ("--textmode",), ("--digest-algo", "SHA256")):
        theirs, _ = gpg.run(*who, *kind, "--detach-sign", data=TEXT)
        state = message.verify_detached(TEXT, theirs, [person.certificate], at=int(time.time()))
        assert state is SignatureState.VALID


def test_an_embedded_signature_stands_alone(person: Person, known: None, gpg: Gpg, tmp_path: Path) -> None:
    """As the PGP/MIME branch needs it: the signature inside a message, exported as a detached one."""
    who = ("-r", person.certificate.fingerprint, "-u", person.certificate.fingerprint)
    sealed, _ = gpg.run(*who, "--passphrase", person.passphrase, "--sign", "--encrypt", data=TEXT)
    opened = message.decrypt(sealed, [person.key])
    (found,) = opened.signatures
    content, signed = tmp_path / "content", tmp_path / "content.asc"
    content.write_bytes(opened.data)
    signed.write_text(found.armored())
    _, status = gpg.run("--verify", str(signed), str(content))
    assert "VALIDSIG" in status


def test_cleartext(person: Person, known: None, gpg: Gpg) -> None:
    who = ("-u", person.certificate.fingerprint, "--passphrase", person.passphrase)
    signed, _ = gpg.run(*who, "--clearsign", data="- dash  \nGrüße\n-----x\n\nend\n".encode())
    text = message.verify_cleartext(signed, [person.certificate], at=int(time.time()))
    assert text == "- dash\nGrüße\n-----x\n\nend".encode()


def test_passwords_both_ways(gpg: Gpg) -> None:
    session_key = session.new_session_key()
    ours = session.wrap_password(session_key, Secret(b"words")) + message.encrypt_data(TEXT, session_key)
    plain, _ = gpg.run("--passphrase", "words", "--decrypt", data=ours)
    assert plain == TEXT
    for options in (
        (),
        ("--s2k-mode", "1"),
        ("--s2k-mode", "0"),
        ("--cipher-algo", "CAST5"),
        ("--cipher-algo", "3DES"),
    ):
        theirs, _ = gpg.run("--passphrase", "words", *options, "--symmetric", data=TEXT)
        key_packets, data_packet = message.split(theirs)
        opened = message.decrypt_data(data_packet, session.open_password(key_packets, Secret(b"words")))
        assert opened.data == TEXT


def test_hidden_recipients(ann: Person, bob: Person, known: None, gpg: Gpg) -> None:
    sealed, _ = gpg.run("-R", ann.certificate.fingerprint, "-R", bob.certificate.fingerprint, "--encrypt", data=TEXT)
    assert message.decrypt(sealed, [bob.key]).data == TEXT
    assert message.decrypt(sealed, [ann.key]).data == TEXT


def test_their_armor(ann: Person, known: None, gpg: Gpg) -> None:
    armored, _ = gpg.run("-r", ann.certificate.fingerprint, "--armor", "--comment", "hello", "--encrypt", data=TEXT)
    assert message.decrypt(armor.dearmor(armored), [ann.key]).data == TEXT
    ours = armor.armor(armor.MESSAGE, message.encrypt(TEXT, [ann.certificate], at=int(time.time())))
    plain, _ = gpg.run("--passphrase", ann.passphrase, "--decrypt", data=ours.encode())
    assert plain == TEXT


def test_a_relocked_key_opens_there(person: Person, tmp_path: Path) -> None:
    changed = keys.change_passphrase(person.armored, Secret(person.passphrase.encode()), Secret(b"fresh words"))
    other = Gpg(tmp_path / "h")
    try:
        other.load(changed, "fresh words")
        signed, _ = other.run("--passphrase", "fresh words", "--detach-sign", data=TEXT)
    finally:
        other.close()
    assert message.verify_detached(TEXT, signed, [person.certificate]) is SignatureState.VALID


def test_dsa_signs_and_elgamal_is_not_encrypted_to(gpg: Gpg) -> None:
    key = keys.unlock(gpg.generate("old@example.test", "dsa2048", "w"), Secret(b"w"))
    assert key.certificate.algorithm == "dsa"
    assert certpolicy.encryption_key(key.certificate, int(time.time())) is None
    signed = message.sign_detached(TEXT, key, at=int(time.time()))
    assert message.verify_detached(TEXT, signed, [key.certificate]) is SignatureState.VALID
    theirs, _ = gpg.run("-u", key.certificate.fingerprint, "--passphrase", "w", "--detach-sign", data=TEXT)
    assert message.verify_detached(TEXT, theirs, [key.certificate]) is SignatureState.VALID
    assert message.verify_detached(TEXT + b"x", theirs, [key.certificate]) is SignatureState.INVALID


def test_their_revocation_is_heard(gpg: Gpg) -> None:
    private = gpg.generate("gone@example.test", "ed25519", "w")
    before = keys.unlock(private, Secret(b"w"))
    now = int(time.time())
    signed = message.sign_detached(TEXT, before, at=now)
    fingerprint = before.certificate.fingerprint
    edit = ("--command-fd", "0", "--passphrase", "w", "--edit-key", fingerprint)
    gpg.run(*edit, data=b"key 1\nrevkey\ny\n3\n\ny\nsave\n")
    public, _ = gpg.run("--export", fingerprint)
    certificate = Certificate.from_bytes(public)
    then = int(time.time())
    assert certpolicy.encryption_key(certificate, then) is None
    with pytest.raises(NoEncryptionKey):
        message.encrypt(TEXT, [certificate], at=then)
    assert message.verify_detached(TEXT, signed, [certificate], at=now) is SignatureState.VALID
    gpg.run(*edit, data=b"revkey\ny\n1\n\ny\nsave\n")
    public, _ = gpg.run("--export", fingerprint)
    gone = Certificate.from_bytes(public)
    assert message.verify_detached(TEXT, signed, [gone], at=now) is SignatureState.KEY_REVOKED


def test_their_expiry_is_heard(gpg: Gpg) -> None:
    key = keys.unlock(gpg.generate("soon@example.test", "ed25519", "w", expire="1d"), Secret(b"w"))
    now = int(time.time())
    assert certpolicy.encryption_key(key.certificate, now) is not None
    assert certpolicy.encryption_key(key.certificate, now + 90_000) is None
    late = message.sign_detached(TEXT, key, at=now)
    assert message.verify_detached(TEXT, late, [key.certificate], at=now + 90_000) is SignatureState.VALID
    with pytest.raises(Exception, match="may sign now"):
        message.sign_detached(TEXT, key, at=now + 90_000)
