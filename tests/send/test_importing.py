"""Messages of many megabytes on their way into the service by APPEND: written as they are encrypted."""

from __future__ import annotations

import email
import email.policy
import random
import tracemalloc
from email.message import EmailMessage

import pytest

from bridge_gui.openpgp import armor, keys, message
from bridge_gui.secret import Secret
from bridge_gui.send.importing import encrypt_literal
from tests.send.post_office import ANNA, letter

DATA = random.Random(3).randbytes(6_000_000)


def _letter(*, signed: bool) -> bytes:
    made = letter()
    made.add_attachment(DATA, maintype="application", subtype="zip", filename="a.zip")
    if signed:
        made.replace_header("Content-Type", 'multipart/signed; protocol="application/pgp-signature"')
    return made.as_bytes(policy=made.policy.clone(linesep="\r\n"))


@pytest.mark.parametrize("signed", [False, True])
def test_beside_a_large_message_there_is_only_its_encrypted_form(signed: bool) -> None:
    key = keys.unlock(keys.generate("Anna", ANNA, Secret(b"x")), Secret(b"x"))
    literal = _letter(signed=signed)
    tracemalloc.start()
    encrypted = encrypt_literal(literal, key.certificate, key.certificate.created)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.7 * len(encrypted)
    assert encrypted.endswith(b"--\r\n\r\n")
    found = email.message_from_bytes(encrypted, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    _, file = found.iter_parts()
    assert isinstance(file, EmailMessage)
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    if signed:
        assert message.decrypt(armor.dearmor(content), [key]).data == literal
    else:
        assert (file.get_filename(), message.decrypt(content, [key]).data) == ("a.zip", DATA)
