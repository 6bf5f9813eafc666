"""One password for each mail program: made here, looked up in constant time.

A password is 16 random bytes in base64url without padding, 22 characters: all of them survive being typed, quoted in
a configuration file or sent in a URL (API document 8.3). 128 random bits need no slow hash against guessing; they are
kept in the encrypted vault so that they can be shown again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bridge_gui.model import ClientId
from bridge_gui.secret import Secret
from bridge_gui.vault.records import ClientRecord

PASSWORD_BYTES = 16
_FORM = re.compile(r"[A-Za-z0-9_-]{22}")
FORMER_KEPT = 3
"""How many former passwords of a program are recognised when it still tries one."""
_ID_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_password() -> Secret[str]:
    """A password that no program takes for an option: it never begins with a dash."""
    while True:
        text = base64.urlsafe_b64encode(secrets.token_bytes(PASSWORD_BYTES)).decode().rstrip("=")
        if not text.startswith("-"):
            return Secret(text)


def new_client_id() -> ClientId:
    """A short name for a password, easy to type in a command and not secret; never begins with a dash."""
    return ClientId("".join(secrets.choice(_ID_ALPHABET) for _ in range(8)))


def decode(text: str) -> bytes | None:
    """Return the 16 bytes of a password, or None if it is not one of ours in form. White space around is pasted in by
    people and does not count."""
    text = text.strip()
    return base64.urlsafe_b64decode(text + "==") if _FORM.fullmatch(text) else None


def digest(password: Secret[str]) -> Secret[bytes]:
    """What is kept of a former password, enough to recognise it and nothing to sign in with."""
    return Secret(hashlib.sha256(b"bridge-gui former password\0" + password.reveal().encode()).digest())


@dataclass(frozen=True, slots=True)
class Match:
    client: ClientRecord
    former: bool = False
    """The password is one that this program had before: it is refused, but the program can be named."""


def find(clients: Iterable[ClientRecord], given: Secret[str]) -> Match | None:
    """Return the mail program that has this password. Every record is compared whatever the outcome, and each in
    constant time, so that the time taken tells nothing about any of them."""
    raw = decode(given.reveal())
    candidate = raw if raw is not None else bytes(PASSWORD_BYTES)
    given_digest = digest(Secret(given.reveal().strip())).reveal()
    present: ClientRecord | None = None
    former: ClientRecord | None = None
    for record in clients:
        known = decode(record.password.reveal()) or secrets.token_bytes(PASSWORD_BYTES)
        if hmac.compare_digest(known, candidate):
            present = record
        for old in record.former:
            if hmac.compare_digest(old.reveal(), given_digest):
                former = record
    if raw is None:
        return None
    if present is not None:
        return Match(present)
    return Match(former, former=True) if former is not None else None


def renewed(record: ClientRecord) -> ClientRecord:
    """Give a program a new password and remember the digest of the old one."""
    former = (*record.former, digest(record.password))[-FORMER_KEPT:]
    return replace(record, password=new_password(), former=former)
