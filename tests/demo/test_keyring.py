"""Kits: keys that open as section 3.5 says, and a cache that gives the same kit again."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from bridge_gui.demo import srp
from bridge_gui.demo.keyring import Kit, KitCache, make_kit
from bridge_gui.demo.profiles import PROFILES, Profile
from bridge_gui.openpgp import armor, keys, message
from bridge_gui.openpgp.errors import WrongPassphrase
from bridge_gui.secret import Secret


def profile(username: str) -> Profile:
    return next(each for each in PROFILES if each.username == username)


@pytest.fixture(scope="module")
def kit() -> Kit:
    return make_kit(profile("anna"), 1_700_000_000)


def test_the_password_opens_the_user_key_and_that_the_address_keys(kit: Kit) -> None:
    key_pass = srp.key_pass("anna-demo", base64.b64decode(kit.key_salt))
    user_key = keys.unlock(kit.user_keys[0].private_key, Secret(key_pass))
    assert len(kit.address_keys) == 3
    for (held,) in kit.address_keys.values():
        token = message.decrypt(armor.dearmor(held.token), [user_key]).data
        assert len(bytes.fromhex(token.decode())) == 32
        assert message.verify_detached(token, armor.dearmor(held.signature), [user_key.certificate]) == "valid"
        keys.unlock(held.private_key, Secret(token))
    with pytest.raises(WrongPassphrase):
        keys.unlock(kit.user_keys[0].private_key, Secret(b"anna-demo"))


def test_legacy_keys_have_no_token() -> None:
    made = make_kit(profile("rsa"), 1_700_000_000)
    ((held,),) = made.address_keys.values()
    assert (held.token, held.passphrase) == ("", made.user_keys[0].passphrase)
    assert held.certificate.algorithm.startswith("rsa")


def test_a_kit_is_made_once_and_kept_privately(tmp_path: Path) -> None:
    cache = KitCache(tmp_path / "keys")
    first = cache.kit(profile("bo"))
    assert cache.kit(profile("bo")) == first
    assert cache.kit(profile("totp")) != first
    files = list((tmp_path / "keys").iterdir())
    assert len(files) == 2
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    outsider = cache.outsider("d@x.example", "D", "ed25519")
    assert cache.outsider("d@x.example", "D", "ed25519") == outsider
    assert KitCache(None).kit(profile("bo")) != first
