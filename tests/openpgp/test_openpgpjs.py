"""What we write openpgp.js reads, and the other way round."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest

from bridge_gui.openpgp import armor, keys, message, packets, session
from bridge_gui.openpgp.keys import Certificate
from bridge_gui.openpgp.message import SignatureState
from bridge_gui.secret import Secret
from tests.openpgp.conftest import Person
from tests.openpgp.oracles import OpenPgpJs

pytestmark = pytest.mark.programs

TEXT = "Grüße\r\nund mehr — ✓\r\n".encode()

KINDS: dict[str, dict[str, Any]] = {
    "curve25519, legacy": {"kind": "ecc", "curve": "curve25519Legacy"},
    "rsa2048": {"kind": "rsa", "bits": 2048},
    "nistP256": {"kind": "ecc", "curve": "nistP256"},
    "new algorithms in a version 4 key": {"kind": "curve25519"},
    "curve448 in a version 4 key": {"kind": "curve448"},
    "version 6": {"kind": "curve25519", "config": {"v6Keys": True}},
    "version 6, locked with AEAD": {"kind": "curve25519", "config": {"v6Keys": True, "aeadProtect": True}},
    "version 4, locked with AEAD and Argon2": {
        "kind": "curve25519",
        "config": {
            "aeadProtect": True,
            "s2kType": 4,
            "s2kArgon2Params": {"passes": 1, "parallelism": 1, "memoryExponent": 10},
        },
    },
}


@pytest.fixture(scope="module", params=KINDS)
def theirs(request: pytest.FixtureRequest, js: OpenPgpJs) -> dict[str, str]:
    made = js.ask("generate", name="Jo", email="jo@example.test", passphrase="their words", **KINDS[request.param])
    assert "error" not in made, made
    return made


def test_we_unlock_and_use_their_key(theirs: dict[str, str], js: OpenPgpJs) -> None:
    now = int(time.time())
    key = keys.unlock(theirs["private"], Secret(b"their words"))
    certificate = Certificate.from_armor(theirs["public"])
    assert key.certificate.fingerprint == certificate.fingerprint
    assert certificate.user_ids == ("Jo <jo@example.test>",)
    sealed = message.encrypt(TEXT, [certificate], sign=key, at=now)
    opened = js.ask(
        "decrypt", message=sealed, key=theirs["private"], passphrase="their words", verify=[theirs["public"]]
    )
    assert opened == {"data": base64.b64encode(TEXT).decode(), "signatures": ["valid"]}
    signed = message.sign_detached(TEXT, key, at=now)
    assert js.ask("verify", data=TEXT, signature=signed, certificates=[theirs["public"]]) == {"signatures": ["valid"]}


@pytest.mark.parametrize("text", [False, True], ids=["binary", "text"])
@pytest.mark.parametrize("aead", [False, True], ids=["version 1", "AEAD"])
def test_we_read_what_they_encrypt_and_sign(theirs: dict[str, str], js: OpenPgpJs, text: bool, aead: bool) -> None:
    key = keys.unlock(theirs["private"], Secret(b"their words"))
    sealed = js.get(
        "encrypt",
        "message",
        data=TEXT,
        to=[theirs["public"]],
        sign=theirs["private"],
        passphrase="their words",
        text=text,
        config={"aeadProtect": aead},
    )
    opened = message.decrypt(sealed, [key], verify=[key.certificate], at=int(time.time()))
    assert opened.data == TEXT
    assert [item.state for item in opened.signatures] == [SignatureState.VALID]
    detached = opened.signatures[0].packet
    if not text:
        assert js.ask("verify", data=TEXT, signature=detached, certificates=[theirs["public"]]) == {
            "signatures": ["valid"]
        }
    changed = message.verify_detached(TEXT + b"!", detached, [key.certificate], at=int(time.time()))
    assert changed is SignatureState.INVALID


def test_they_use_our_key(person: Person, js: OpenPgpJs) -> None:
    assert js.ask("unlock", key=person.armored, passphrase=person.passphrase) == {
        "fingerprint": person.certificate.fingerprint
    }
    sealed = js.get(
        "encrypt", "message", data=TEXT, to=[person.public], sign=person.armored, passphrase=person.passphrase
    )
    opened = message.decrypt(sealed, [person.key], verify=[person.certificate], at=int(time.time()))
    assert (opened.data, opened.state) == (TEXT, SignatureState.VALID)
    ours = message.encrypt(TEXT, [person.certificate], sign=person.key, at=int(time.time()))
    assert js.ask(
        "decrypt", message=ours, key=person.armored, passphrase=person.passphrase, verify=[person.public]
    ) == {"data": base64.b64encode(TEXT).decode(), "signatures": ["valid"]}


@pytest.mark.parametrize(("mode", "number"), [("eax", 1), ("ocb", 2), ("gcm", 3)])
def test_we_read_each_aead_mode(js: OpenPgpJs, mode: str, number: int) -> None:
    config = {"v6Keys": True, "aeadProtect": True, "preferredAEADAlgorithm": number, "aeadChunkSizeByte": 4}
    made = js.ask("generate", name="Jo", email="jo@example.test", passphrase="", kind="curve25519", config=config)
    key = keys.unlock(made["private"], Secret(b""))
    for data in (b"", TEXT, bytes(1024), TEXT * 3000):
        sealed = js.get("encrypt", "message", data=data, to=[made["public"]], config=config)
        _, data_packet = message.split(sealed)
        (packet,) = packets.read(data_packet)
        assert (packet.body[0], packet.body[2]) == (2, number), mode
        assert message.decrypt(sealed, [key]).data == data


def test_passwords_both_ways(js: OpenPgpJs) -> None:
    words = "Schlüsselwort"
    session_key = session.new_session_key()
    ours = session.wrap_password(session_key, Secret(words.encode())) + message.encrypt_data(TEXT, session_key)
    opened = js.ask("decrypt", message=ours, passwords=[words])
    assert opened["data"] == base64.b64encode(TEXT).decode()
    theirs = js.get("encrypt", "message", data=TEXT, passwords=[words])
    key_packets, data_packet = message.split(theirs)
    assert message.decrypt_data(data_packet, session.open_password(key_packets, Secret(words.encode()))).data == TEXT


def test_we_verify_their_cleartext(js: OpenPgpJs) -> None:
    made = js.ask("generate", name="Jo", email="jo@example.test", passphrase="", kind="ecc", curve="curve25519Legacy")
    signed = js.ask("cleartext", text="- dashes  \nGrüße\n\nend", key=made["private"])["text"]
    certificate = Certificate.from_armor(made["public"])
    assert message.verify_cleartext(signed, [certificate]) == "- dashes\nGrüße\n\nend".encode()


def test_a_relocked_key_opens_there(ann: Person, js: OpenPgpJs) -> None:
    changed = keys.change_passphrase(ann.armored, Secret(ann.passphrase.encode()), Secret(b"fresh"))
    assert js.ask("unlock", key=changed, passphrase="fresh") == {"fingerprint": ann.certificate.fingerprint}
    assert armor.dearmor(keys.public_armor(changed)) == ann.certificate.raw
