"""The vault's content as bytes, with its version and the ladder from older versions.

The content is JSON inside the encryption: `{"version": N, ...}`. A file of an older version climbs the ladder one step
at a time, each step a function from one version's object to the next's; a file of a newer version is refused and left
alone.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from bridge_gui.answers import ServerAddress
from bridge_gui.errors import VaultDamaged, VaultError
from bridge_gui.model import Access, AccountId, AddressMode, ClientId
from bridge_gui.secret import Secret
from bridge_gui.vault.records import (
    AccountRecord,
    CertificateRecord,
    ClientRecord,
    SessionRecord,
    SetupRecord,
    VaultContent,
)

VERSION = 2

Json = dict[str, Any]
Ladder = Mapping[int, Callable[[Json], Json]]


def _with_setups(raw: Json) -> Json:
    """Version 2 says of each mail program how it was set up."""
    return {**raw, "clients": [{**client, "setup": None} for client in raw["clients"]]}


LADDER: Ladder = {1: _with_setups}
"""version -> step to the next version. Version 1 is the first."""


def climb(raw: Json, ladder: Ladder, version: int) -> Json:
    """Bring an object of any older version to `version`; raise `VaultError` for a newer one, `VaultDamaged` for
    none."""
    found = raw.get("version")
    if not isinstance(found, int) or found < 1:
        raise VaultDamaged("The file of stored passwords does not say its version.")
    if found > version:
        raise VaultError(
            "The stored passwords were written by a newer version of Bridge Manager.",
            remedy="Install the newer version again. Nothing was changed.",
        )
    while found < version:
        raw = {**ladder[found](raw), "version": found + 1}
        found += 1
    return raw


def encode(content: VaultContent) -> bytes:
    raw: Json = {
        "version": VERSION,
        "accounts": [_account_out(record) for record in content.accounts],
        "clients": [_client_out(record) for record in content.clients],
        "certificate": _certificate_out(content.certificate) if content.certificate else None,
        "cookies": content.cookies.reveal() if content.cookies else None,
    }
    return json.dumps(raw, separators=(",", ":"), ensure_ascii=False).encode()


def decode(data: bytes) -> VaultContent:
    """Read content of this or an older version; raise `VaultDamaged` when it is not what its version promises."""
    try:
        raw = json.loads(data)
        if not isinstance(raw, dict):
            raise ValueError("not an object")
        raw = climb(raw, LADDER, VERSION)
        return VaultContent(
            accounts=tuple(_account_in(entry) for entry in raw["accounts"]),
            clients=tuple(_client_in(entry) for entry in raw["clients"]),
            certificate=_certificate_in(raw["certificate"]) if raw["certificate"] else None,
            cookies=Secret(raw["cookies"]) if raw["cookies"] else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # The message of the cause could quote a secret, so it is not chained.
        kind = type(error).__name__
        raise VaultDamaged(f"The content of the stored passwords is not understood ({kind}).") from None


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _account_out(record: AccountRecord) -> Json:
    session = record.session
    return {
        "id": record.id,
        "username": record.username,
        "store_key": _b64(record.store_key.reveal()),
        "mode": record.mode.value,
        "session": session
        and {
            "uid": session.uid,
            "access": session.access_token.reveal(),
            "refresh": session.refresh_token.reveal(),
        },
        "key_pass": _b64(record.key_pass.reveal()) if record.key_pass else None,
        "emails": list(record.emails),
    }


def _account_in(raw: Json) -> AccountRecord:
    session = raw["session"]
    return AccountRecord(
        id=AccountId(raw["id"]),
        username=raw["username"],
        store_key=Secret(base64.b64decode(raw["store_key"], validate=True)),
        mode=AddressMode(raw["mode"]),
        session=SessionRecord(session["uid"], Secret(session["access"]), Secret(session["refresh"]))
        if session
        else None,
        key_pass=Secret(base64.b64decode(raw["key_pass"], validate=True)) if raw["key_pass"] else None,
        emails=tuple(raw["emails"]),
    )


def _client_out(record: ClientRecord) -> Json:
    return {
        "id": record.id,
        "label": record.label,
        "account": record.account,
        "app": record.app,
        "access": record.access.value,
        "username": record.username,
        "password": record.password.reveal(),
        "created_at": record.created_at,
        "last_used": record.last_used,
        "program": record.program,
        "last_failure": record.last_failure,
        "former": [_b64(old.reveal()) for old in record.former],
        "setup": _setup_out(record.setup) if record.setup else None,
    }


def _client_in(raw: Json) -> ClientRecord:
    return ClientRecord(
        id=ClientId(raw["id"]),
        label=raw["label"],
        account=AccountId(raw["account"]),
        app=raw["app"],
        access=Access(raw["access"]),
        username=raw["username"],
        password=Secret(raw["password"]),
        created_at=raw["created_at"],
        last_used=raw["last_used"],
        program=raw["program"],
        last_failure=raw["last_failure"],
        former=tuple(Secret(base64.b64decode(old, validate=True)) for old in raw["former"]),
        setup=_setup_in(raw["setup"]) if raw["setup"] else None,
    )


def _setup_out(record: SetupRecord) -> Json:
    return {
        "id": record.id,
        "target": record.target,
        "imap": [record.imap.host, record.imap.port, record.imap.security],
        "smtp": [record.smtp.host, record.smtp.port, record.smtp.security],
        "fingerprint": record.fingerprint,
        "written_at": record.written_at,
        "renewed": record.renewed,
        "imap_at": record.imap_at,
        "smtp_at": record.smtp_at,
    }


def _setup_in(raw: Json) -> SetupRecord:
    return SetupRecord(
        id=raw["id"],
        target=raw["target"],
        imap=ServerAddress(*raw["imap"]),
        smtp=ServerAddress(*raw["smtp"]),
        fingerprint=raw["fingerprint"],
        written_at=raw["written_at"],
        renewed=raw["renewed"],
        imap_at=raw["imap_at"],
        smtp_at=raw["smtp_at"],
    )


def _certificate_out(record: CertificateRecord) -> Json:
    return {"ca": record.ca_pem, "leaf": record.leaf_pem, "key": record.key_pem.reveal()}


def _certificate_in(raw: Json) -> CertificateRecord:
    return CertificateRecord(raw["ca"], raw["leaf"], Secret(raw["key"]))
