"""Unlocking: what opens, what is left out, what cannot go on, and what a refresh takes over."""

from __future__ import annotations

import asyncio
import base64
import os
from dataclasses import replace

import pytest

from bridge_gui.account import keys as module
from bridge_gui.account.keys import (
    AccountKeys,
    AddressKeysLocked,
    KeysLocked,
    KeysUnsupported,
    derive_key_pass,
    open_keys,
    unlock_account,
)
from bridge_gui.model import AccountId, AddressId
from bridge_gui.openpgp import armor, message
from bridge_gui.openpgp.errors import UnsupportedKey
from bridge_gui.openpgp.keys import UnlockedKey, generate, unlock
from bridge_gui.proton.types import Address, Key, KeySalt, User
from bridge_gui.secret import Secret

KEY_PASS = Secret(b"HtICrZkZBO5AdQ7Nw5WEmWQZKVA0IkK")
SALT = base64.b64encode(bytes(range(16))).decode()
NOW = 1_700_000_000
HOME, WORK = AddressId("home"), AddressId("work")


def make(name: str, passphrase: Secret[bytes] = KEY_PASS) -> tuple[str, UnlockedKey]:
    armored = generate(name, f"{name}@bridge.example", passphrase, created=NOW)
    return armored, unlock(armored, passphrase)


def token_for(user: UnlockedKey, secret: bytes, signer: UnlockedKey | None = None) -> tuple[str, str]:
    token = message.encrypt(secret, [user.certificate], at=NOW)
    signature = message.sign_detached(secret, signer or user, at=NOW)
    return armor.armor(armor.MESSAGE, token), armor.armor(armor.SIGNATURE, signature)


def with_token(name: str, user: UnlockedKey, secret: bytes, *, primary: bool = True, **more: object) -> Key:
    token, signature = token_for(user, secret)
    armored, _ = make(name, Secret(secret))
    return Key(f"key-{name}", armored, token, signature, primary, **more)  # type: ignore[arg-type]


USER_ARMORED, USER_KEY = make("user")
OTHER_ARMORED, OTHER_KEY = make("other")
USER = User(AccountId("u"), "anna", keys=(Key("key-user", USER_ARMORED, primary=True),))
RAW_TOKEN = bytes(range(224, 256))
HOME_KEY = with_token("home", USER_KEY, RAW_TOKEN)
HOME_ADDRESS = Address(HOME, "home@bridge.example", keys=(HOME_KEY,))


def fingerprints(keys: tuple[UnlockedKey, ...]) -> list[str]:
    return [each.certificate.user_ids[0].split("@")[0].split()[0] for each in keys]


def test_user_and_address_keys_open() -> None:
    keys = unlock_account(USER, [HOME_ADDRESS], KEY_PASS)
    assert fingerprints(keys.user) == ["user"]
    assert fingerprints(keys.of(HOME)) == ["home"]
    assert keys.primary(HOME) is keys.of(HOME)[0]
    assert keys.user_certificates == (USER_KEY.certificate,)
    assert keys.locked == ()
    assert keys.of(WORK) == ()
    assert keys.primary(WORK) is None


def test_a_token_is_taken_as_it_is_even_when_it_is_no_text() -> None:
    with pytest.raises(UnicodeDecodeError):
        RAW_TOKEN.decode()
    secret = b"\x00\n" + os.urandom(28) + b"\r\n"
    keys = unlock_account(USER, [replace(HOME_ADDRESS, keys=(with_token("raw", USER_KEY, secret),))], KEY_PASS)
    assert fingerprints(keys.of(HOME)) == ["raw"]


@pytest.mark.parametrize("missing", ["token", "signature", "both"])
def test_address_keys_without_a_token_open_like_user_keys(missing: str) -> None:
    armored, _ = make("legacy")
    token, signature = token_for(USER_KEY, b"irrelevant")
    key = Key("k", armored, "" if missing != "signature" else token, "" if missing != "token" else signature)
    keys = unlock_account(USER, [Address(HOME, "x", keys=(key,))], KEY_PASS)
    assert fingerprints(keys.of(HOME)) == ["legacy"]


def test_a_token_signed_by_somebody_else_is_refused() -> None:
    token, signature = token_for(USER_KEY, b"secret", signer=OTHER_KEY)
    armored, _ = make("forged", Secret(b"secret"))
    forged = Key("forged", armored, token, signature)
    keys = unlock_account(USER, [replace(HOME_ADDRESS, keys=(HOME_KEY, forged))], KEY_PASS)
    assert fingerprints(keys.of(HOME)) == ["home"]
    (left_out,) = keys.locked
    assert (left_out.key_id, left_out.address_id) == ("forged", HOME)
    assert "not signed" in left_out.reason


def test_a_signature_over_another_token_is_refused() -> None:
    token, _ = token_for(USER_KEY, b"secret")
    _, signature = token_for(USER_KEY, b"other secret")
    armored, _ = make("mixed", Secret(b"secret"))
    with pytest.raises(AddressKeysLocked):
        unlock_account(USER, [Address(HOME, "x", keys=(Key("k", armored, token, signature),))], KEY_PASS)


def test_the_primary_key_comes_first_whatever_the_order() -> None:
    second = with_token("second", USER_KEY, b"two", primary=False)
    keys = unlock_account(USER, [replace(HOME_ADDRESS, keys=(second, HOME_KEY))], KEY_PASS)
    assert fingerprints(keys.of(HOME)) == ["home", "second"]
    user = replace(USER, keys=(Key("old", OTHER_ARMORED), *USER.keys))
    assert fingerprints(unlock_account(user, [HOME_ADDRESS], KEY_PASS).user) == ["user", "other"]


def test_inactive_keys_are_not_tried_and_flags_of_private_keys_do_not_count() -> None:
    inactive = with_token("inactive", USER_KEY, b"x", active=False)
    odd = with_token("odd", USER_KEY, b"y", primary=False, flags=0)
    keys = unlock_account(USER, [replace(HOME_ADDRESS, keys=(inactive, HOME_KEY, odd))], KEY_PASS)
    assert fingerprints(keys.of(HOME)) == ["home", "odd"]
    assert keys.locked == ()


def test_a_user_key_with_an_older_password_is_left_out() -> None:
    armored, _ = make("reset", Secret(b"an older one"))
    user = replace(USER, keys=(*USER.keys, Key("reset", armored)))
    keys = unlock_account(user, [HOME_ADDRESS], KEY_PASS)
    assert fingerprints(keys.user) == ["user"]
    assert [(each.key_id, each.address_id) for each in keys.locked] == [("reset", None)]


def test_addresses_without_usable_key_are_missing() -> None:
    broken = Address(WORK, "work@bridge.example", keys=(Key("k", "no armor at all"),))
    keys = unlock_account(USER, [broken, HOME_ADDRESS, Address(AddressId("bare"), "x")], KEY_PASS)
    assert list(keys.addresses) == [HOME]


def test_a_wrong_password_opens_nothing() -> None:
    with pytest.raises(KeysLocked):
        unlock_account(USER, [HOME_ADDRESS], Secret(b"wrong"))


def test_an_account_none_of_whose_addresses_opens() -> None:
    address = replace(HOME_ADDRESS, keys=(with_token("x", OTHER_KEY, b"z"),))
    with pytest.raises(AddressKeysLocked):
        unlock_account(USER, [address], KEY_PASS)


def test_keys_of_a_kind_yet_unknown_are_named_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> UnlockedKey:
        raise UnsupportedKey("algorithm 35")

    monkeypatch.setattr(module, "unlock", refuse)
    with pytest.raises(KeysUnsupported):
        unlock_account(USER, [HOME_ADDRESS], KEY_PASS)


def test_a_refresh_opens_only_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    before = unlock_account(USER, [HOME_ADDRESS], KEY_PASS)
    opened: list[str] = []

    def counted(armored: str, passphrase: Secret[bytes]) -> UnlockedKey:
        opened.append(armored)
        return unlock(armored, passphrase)

    monkeypatch.setattr(module, "unlock", counted)
    new = with_token("new", USER_KEY, b"new secret")
    after = unlock_account(USER, [HOME_ADDRESS, Address(WORK, "w", keys=(new,))], KEY_PASS, before)
    assert opened == [new.private_key]
    assert after.of(HOME)[0] is before.of(HOME)[0]
    assert fingerprints(after.of(WORK)) == ["new"]
    gone = unlock_account(USER, [Address(WORK, "w", keys=(new,))], KEY_PASS, after)
    assert HOME not in gone.addresses
    assert not any(place[0] == HOME_KEY.private_key for place in gone.opened), "what is gone is forgotten"


def test_key_pass_is_salted_with_the_primary_keys_salt() -> None:
    user = replace(USER, keys=(Key("other", "x"), Key("main", "y", primary=True)))
    salts = [KeySalt("other", base64.b64encode(b"x" * 16).decode()), KeySalt("main", SALT)]
    assert derive_key_pass(user, salts, Secret("password")) == KEY_PASS
    assert derive_key_pass(user, salts[:1], Secret("password")) == Secret(b"password"), "very old keys have no salt"
    with pytest.raises(KeysLocked):
        derive_key_pass(replace(USER, keys=()), salts, Secret("password"))


async def test_opening_leaves_the_loop_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    where: list[bool] = []

    def inside(*_: object) -> AccountKeys:
        try:
            where.append(asyncio.get_running_loop() is loop)
        except RuntimeError:
            where.append(False)
        return AccountKeys((), {})

    monkeypatch.setattr(module, "unlock_account", inside)
    await open_keys(USER, [], KEY_PASS)
    assert where == [False]


def test_nothing_secret_shows() -> None:
    shown = repr(unlock_account(USER, [HOME_ADDRESS], KEY_PASS))
    assert "PRIVATE KEY" not in shown
    assert HOME_KEY.token not in shown
