"""Keys of the demo's people: made once, kept in a cache folder, unlocked when first needed.

Making a key and hashing a pass word with bcrypt are the only slow steps of the demo's start, so a kit (salts, SRP
verifier, armored keys) can be cached. The cache holds nothing that is not derived from published pass words.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from bridge_gui.demo import srp
from bridge_gui.demo.profiles import Algorithm, Profile
from bridge_gui.openpgp import armor, keys, message
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.secret import Secret

KIT_VERSION = 1
TRUSTED, ACTIVE = 1, 2
"""Bits of a key's Flags (3.3)."""


@dataclass(frozen=True)
class HeldKey:
    """One private key of a user or address as the service keeps it, with the passphrase that only a demo knows."""

    private_key: str
    passphrase: str
    """Base64 of the passphrase's bytes."""
    token: str = ""
    signature: str = ""
    primary: bool = True
    active: bool = True
    flags: int = TRUSTED | ACTIVE
    number: int = 0
    """Tells the keys of one owner apart; part of the key's id."""

    @cached_property
    def unlocked(self) -> UnlockedKey:
        return keys.unlock(self.private_key, Secret(base64.b64decode(self.passphrase)))

    @property
    def certificate(self) -> Certificate:
        return self.unlocked.certificate

    @cached_property
    def public_key(self) -> str:
        return self.certificate.armored()

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint.lower()

    def dump(self) -> dict[str, object]:
        return asdict(self)


@dataclass
class Kit:
    """Everything secret of one account."""

    auth_salt: str
    key_salt: str
    verifier: str
    user_keys: list[HeldKey] = field(default_factory=list)
    address_keys: dict[str, list[HeldKey]] = field(default_factory=dict)
    """By address, in lower case."""

    def dump(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def load(cls, data: dict[str, object]) -> Kit:
        kit = cls(str(data["auth_salt"]), str(data["key_salt"]), str(data["verifier"]))
        user_keys, address_keys = data["user_keys"], data["address_keys"]
        assert isinstance(user_keys, list)
        assert isinstance(address_keys, dict)
        kit.user_keys = [HeldKey(**each) for each in user_keys]
        kit.address_keys = {email: [HeldKey(**each) for each in held] for email, held in address_keys.items()}
        return kit


def make_kit(profile: Profile, created: int) -> Kit:
    """Make an account's salts, verifier and keys."""
    auth_salt, key_salt = secrets.token_bytes(10), secrets.token_bytes(16)
    hashed = srp.hash_password(profile.auth_version, profile.username, profile.password, auth_salt)
    key_pass = srp.key_pass(profile.mailbox_password or profile.password, key_salt)
    first = profile.addresses[0]
    armored = keys.generate(
        first.display_name, first.email, Secret(key_pass), algorithm=profile.algorithm, created=created
    )
    kit = Kit(_b64(auth_salt), _b64(key_salt), _b64(srp.verifier(hashed)), [HeldKey(armored, _b64(key_pass))])
    for address in profile.addresses:
        kit.address_keys[address.email.lower()] = [address_key(profile, kit, address.email, created)]
    return kit


def address_key(profile: Profile, kit: Kit, email: str, created: int, *, name: str = "", number: int = 0) -> HeldKey:
    """Make a key for an address, its passphrase encrypted to and signed by the user key (3.5)."""
    user_key = kit.user_keys[0]
    if profile.legacy_keys:
        key_pass = base64.b64decode(user_key.passphrase)
        armored = keys.generate(name or email, email, Secret(key_pass), algorithm=profile.algorithm, created=created)
        return HeldKey(armored, user_key.passphrase, number=number)
    passphrase = secrets.token_bytes(32) if profile.raw_token else secrets.token_hex(32).encode()
    armored = keys.generate(name or email, email, Secret(passphrase), algorithm=profile.algorithm, created=created)
    token = message.encrypt(passphrase, [user_key.certificate], at=created)
    signature = message.sign_detached(passphrase, user_key.unlocked, at=created)
    return HeldKey(
        armored,
        _b64(passphrase),
        armor.armor(armor.MESSAGE, token),
        armor.armor(armor.SIGNATURE, signature),
        number=number,
    )


@dataclass(frozen=True, slots=True)
class KitCache:
    """Keep made kits as files; None as folder keeps nothing."""

    folder: Path | None
    created: int = 1_705_320_000
    """When all keys were made (15 January 2024): before the mail of the corpora, so that signatures fit their life."""

    def kit(self, profile: Profile) -> Kit:
        path = self._path(repr(profile))
        if path is not None and path.is_file():
            return Kit.load(json.loads(path.read_text(encoding="utf-8")))
        kit = make_kit(profile, self.created)
        self._keep(path, kit.dump())
        return kit

    def outsider(self, email: str, name: str, algorithm: Algorithm) -> HeldKey:
        path = self._path(repr((email, name, algorithm)))
        if path is not None and path.is_file():
            return HeldKey(**json.loads(path.read_text(encoding="utf-8")))
        passphrase = secrets.token_hex(16).encode()
        armored = keys.generate(name, email, Secret(passphrase), algorithm=algorithm, created=self.created)
        key = HeldKey(armored, _b64(passphrase))
        self._keep(path, key.dump())
        return key

    def _path(self, what: str) -> Path | None:
        if self.folder is None:
            return None
        name = hashlib.sha256(f"{KIT_VERSION} {self.created} {what}".encode()).hexdigest()[:32]
        return self.folder / f"{name}.json"

    @staticmethod
    def _keep(path: Path | None, data: dict[str, object]) -> None:
        if path is None:
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            json.dump(data, file)
        os.replace(file.name, path)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
