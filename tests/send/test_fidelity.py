"""What a person has signed or encrypted himself, and what is laid out by hand, arrives as docs/fidelity.md says."""

from __future__ import annotations

import email
import email.policy
import ssl
import subprocess
from pathlib import Path

import pytest

from bridge_gui.proton.send_routes import PackageType
from tests.openpgp.oracles import Gpg, OpenPgpJs
from tests.programs.core import program
from tests.send.counter import Counter, hand_in
from tests.send.post_office import ANNA, BO, CARLA, DIETER, ERIN
from tests.send.readers import Correspondent, shown_to
from tests.send.test_pipeline import add_contact, vcard

HEADER = (
    f"From: Anna <{ANNA}>\r\nTo: {{to}}\r\nSubject: Kept\r\nMessage-ID: <kept@client.example>\r\nMIME-Version: 1.0\r\n"
)
SIGNED = (
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"Gr\xc3\xbc\xc3\x9fe,  \r\n-- \r\nAnna\r\n"
)


async def _arrived(
    counter: Counter, port: int, ca: Path, readers: tuple[Gpg, OpenPgpJs], to: str, entity: bytes
) -> bytes:
    """Send an entity and return the one that somebody outside finds."""
    office = counter.office
    await hand_in(port, ca, HEADER.format(to=to).encode() + entity, [to])
    (arrived,) = office.outside(to)
    if to == CARLA:
        assert arrived.package_type == PackageType.CLEAR_MIME
        assert arrived.signed
        return arrived.body
    assert arrived.package_type == PackageType.PGP_MIME
    return Correspondent(office, to, *readers).open(arrived.sealed)


@pytest.mark.parametrize("to", [DIETER, CARLA, ERIN])
async def test_own_pgp_signature_stays_good(
    counter: Counter, port: int, tls: tuple[ssl.SSLContext, Path], gpg: Gpg, js: OpenPgpJs, tmp_path: Path, to: str
) -> None:
    """Also for Erin, whose contact asks for inline PGP: that form would take it apart."""
    add_contact(counter.office, vcard(ERIN, "X-PM-SCHEME:pgp-inline"))
    gpg.load(gpg.generate("own@key.example", "ed25519", "own"), "own")
    signature, _ = gpg.run("--passphrase", "own", "-u", "own@key.example", "--armor", "--detach-sign", data=SIGNED)
    entity = _multipart_signed("application/pgp-signature", SIGNED, signature.replace(b"\n", b"\r\n"))
    found = await _arrived(counter, port, tls[1], (gpg, js), to, entity)
    assert found == entity
    (tmp_path / "content").write_bytes(SIGNED)
    _, status = gpg.run("--verify", "-", str(tmp_path / "content"), data=_second_part(found))
    assert "GOODSIG" in status


def _multipart_signed(protocol: str, content: bytes, signature: bytes) -> bytes:
    head = f'Content-Type: multipart/signed; micalg=pgp-sha512;\r\n protocol="{protocol}"; boundary="=own"\r\n\r\n'
    return (
        head.encode() + b"This is signed.\r\n--=own\r\n" + content + b"\r\n--=own\r\nContent-Type: " + protocol.encode()
        + b"\r\n\r\n" + signature + b"\r\n--=own--\r\n"
    )  # fmt: skip


def _second_part(entity: bytes) -> bytes:
    part = list(email.message_from_bytes(entity, policy=email.policy.SMTP).iter_parts())[1]
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    return data


@pytest.mark.parametrize("to", [DIETER, CARLA])
async def test_own_encryption_stays_whole(
    counter: Counter, port: int, tls: tuple[ssl.SSLContext, Path], gpg: Gpg, js: OpenPgpJs, to: str
) -> None:
    """Encrypted by the mail program to a key that Proton does not know."""
    gpg.load(gpg.generate("carla@own.example", "ed25519", "own"), "own")
    sealed, _ = gpg.run("--armor", "-r", "carla@own.example", "--encrypt", data=SIGNED)
    entity = (
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="=own"\r\n\r\n--=own\r\n'
        b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--=own\r\n"
        b"Content-Type: application/octet-stream\r\n\r\n" + sealed.replace(b"\n", b"\r\n") + b"\r\n--=own--\r\n"
    )
    found = await _arrived(counter, port, tls[1], (gpg, js), to, entity)
    assert found == entity
    opened, _ = gpg.run("--passphrase", "own", "--decrypt", data=_second_part(found))
    assert opened == SIGNED


@pytest.fixture(scope="module")
def smime(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("smime")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(certificate),
             "-subj", f"/CN=Anna/emailAddress={ANNA}", "-addext", "keyUsage=digitalSignature")  # fmt: skip
    return key, certificate


def _openssl(*arguments: str, data: bytes = b"") -> bytes:
    done = subprocess.run([program("openssl"), *arguments], input=data, capture_output=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("to", [DIETER, CARLA])
@pytest.mark.parametrize("opaque", [False, True], ids=["detached", "opaque"])
async def test_own_smime_signature_stays_good(
    counter: Counter, port: int, tls: tuple[ssl.SSLContext, Path], gpg: Gpg, js: OpenPgpJs,
    smime: tuple[Path, Path], to: str, opaque: bool,
) -> None:  # fmt: skip
    key, certificate = smime
    way = ("-nodetach",) if opaque else ()
    made = _openssl("smime", "-sign", "-binary", *way, "-signer", str(certificate), "-inkey", str(key), data=SIGNED)
    entity = made.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").removeprefix(b"MIME-Version: 1.0\r\n")
    found = await _arrived(counter, port, tls[1], (gpg, js), to, entity)
    assert found.partition(b"\r\n\r\n")[2] == entity.partition(b"\r\n\r\n")[2]
    content = _openssl(
        "smime", "-verify", "-binary", "-CAfile", str(certificate), data=b"MIME-Version: 1.0\r\n" + found
    )
    assert content == SIGNED


@pytest.mark.parametrize("to", [DIETER, BO, CARLA])
async def test_flowed_text_keeps_its_lines(
    counter: Counter, port: int, tls: tuple[ssl.SSLContext, Path], gpg: Gpg, js: OpenPgpJs, to: str
) -> None:
    """The soft line ends are the blanks before them; the parameter that tells of them is kept within PGP/MIME only."""
    body = "One long paragraph goes on \r\nand ends here.\r\n> quoted \r\n> text\r\n From here\r\n-- \r\nAnna\r\n"
    entity = f"Content-Type: text/plain; charset=us-ascii; format=flowed; delsp=no\r\n\r\n{body}"
    raw = (HEADER.format(to=to) + entity).encode()
    await hand_in(port, tls[1], raw, [to])
    if to == BO:
        literal, _ = await shown_to(counter.office, "bo")
        shown = email.message_from_bytes(literal, policy=email.policy.SMTP)
        assert shown.get_payload(decode=True) == body.encode()
    elif to == CARLA:
        assert counter.office.outside(to)[0].body == body.encode()
    else:
        reader = Correspondent(counter.office, to, gpg, js)
        assert reader.open(counter.office.outside(to)[0].sealed) == entity.encode()


async def test_at_proton_a_signed_message_is_taken_apart(
    counter: Counter, port: int, tls: tuple[ssl.SSLContext, Path]
) -> None:
    """The service has no form for it: the text and the signature arrive, as body and file."""
    entity = _multipart_signed("application/pgp-signature", SIGNED, b"signature")
    await hand_in(port, tls[1], HEADER.format(to=BO).encode() + entity, [BO])
    (arrived,) = counter.office.folder("bo")
    assert arrived.body == "Grüße,  \r\n-- \r\nAnna\r\n"
    assert [(each[1], each[4]) for each in arrived.attachments] == [("application/pgp-signature", b"signature")]
