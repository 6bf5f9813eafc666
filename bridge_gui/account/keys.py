"""The keys of one account, unlocked: the user's, and those of each address (API document 3.3 to 3.5).

Pure but slow: unlocking runs off the loop (`open_keys`). A key that does not open is noted and left out; an account
without any user key, or without any address that opens, cannot be used.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar

from bridge_gui.aio import off_loop
from bridge_gui.errors import CryptoError
from bridge_gui.model import AddressId
from bridge_gui.openpgp import armor, message
from bridge_gui.openpgp.errors import UnsupportedKey, WrongPassphrase
from bridge_gui.openpgp.keys import Certificate, UnlockedKey, unlock
from bridge_gui.openpgp.signature import SignatureState
from bridge_gui.proton.passwords import key_passphrase
from bridge_gui.proton.types import Address, Key, KeySalt, User
from bridge_gui.secret import Secret

log = logging.getLogger(__name__)


class KeysLocked(CryptoError):
    """No user key opens: the mailbox password is another one."""

    code: ClassVar[str] = "keys-locked"
    default_title = "The keys stay locked"
    default_remedy = "Sign in again with the password that opens the mailbox."


class KeysUnsupported(CryptoError):
    """The passphrase may be right, but the keys are of a kind that cannot be read here."""

    code: ClassVar[str] = "keys-unsupported"
    default_title = "The keys are of a new kind"
    default_remedy = (
        "Update Bridge Manager, or make a key of the usual kind at proton.me, under Settings, Encryption and keys."
    )


class AddressKeysLocked(CryptoError):
    """The user keys open, and no address key does."""

    code: ClassVar[str] = "address-keys-locked"
    default_title = "No address of this account can be opened"
    default_remedy = "Sign in at proton.me and look under Settings, Encryption and keys, whether keys are inactive."


@dataclass(frozen=True, slots=True)
class LockedKey:
    """A key that was left out, and why. Mail encrypted to it cannot be read."""

    key_id: str
    address_id: AddressId | None
    reason: str


@dataclass(frozen=True, slots=True)
class AccountKeys:
    """Unlocked keys. Immutable; a change of keys makes a new one, which takes over what stayed the same."""

    user: tuple[UnlockedKey, ...]
    """Primary first."""
    addresses: Mapping[AddressId, tuple[UnlockedKey, ...]]
    """Primary first: it alone encrypts and signs, all of them decrypt. Addresses without a usable key are missing."""
    locked: tuple[LockedKey, ...] = ()
    opened: Mapping[tuple[str, str], UnlockedKey] = field(default_factory=dict, repr=False, compare=False)
    """By locked key and token, so that a refresh opens only what is new."""

    def of(self, address_id: AddressId) -> tuple[UnlockedKey, ...]:
        """Return the keys of an address, primary first; none if it has no usable key."""
        return self.addresses.get(address_id, ())

    def primary(self, address_id: AddressId) -> UnlockedKey | None:
        keys = self.of(address_id)
        return keys[0] if keys else None

    @property
    def user_certificates(self) -> tuple[Certificate, ...]:
        return tuple(key.certificate for key in self.user)


def derive_key_pass(user: User, salts: Sequence[KeySalt], password: Secret[str]) -> Secret[bytes]:
    """Return the passphrase of the user keys: the mailbox password with the primary key's salt. Slow (bcrypt)."""
    if not user.keys:
        raise KeysLocked("This account has no keys.")
    primary = primary_first(user.keys)[0]
    salt = next((each.salt for each in salts if each.key_id == primary.id), "")
    return key_passphrase(password, salt)


def unlock_account(
    user: User, addresses: Sequence[Address], key_pass: Secret[bytes], known: AccountKeys | None = None
) -> AccountKeys:
    """Open what can be opened; keys that `known` holds already are taken over. Slow: never on the loop.

    Raise `KeysLocked`, `KeysUnsupported` or `AddressKeysLocked`.
    """
    return _Opening(key_pass, known).account(user, addresses)


async def open_keys(
    user: User, addresses: Sequence[Address], key_pass: Secret[bytes], known: AccountKeys | None = None
) -> AccountKeys:
    """`unlock_account`, off the loop."""
    return await off_loop(None, unlock_account, user, addresses, key_pass, known)


def primary_first(keys: Sequence[Key]) -> list[Key]:
    return sorted(keys, key=lambda key: not key.primary)


class _Opening:
    """One pass over an account's keys."""

    def __init__(self, key_pass: Secret[bytes], known: AccountKeys | None) -> None:
        self._key_pass = key_pass
        self._known = known.opened if known else {}
        self._opened: dict[tuple[str, str], UnlockedKey] = {}
        self._locked: list[LockedKey] = []
        self._unsupported = False

    def account(self, user: User, addresses: Sequence[Address]) -> AccountKeys:
        user_keys = self._user_keys(user)
        by_address = {address.id: found for address in addresses if (found := self._address_keys(address, user_keys))}
        if not by_address and addresses:
            raise AddressKeysLocked("None of the addresses' keys could be opened.")
        return AccountKeys(user_keys, MappingProxyType(by_address), tuple(self._locked), MappingProxyType(self._opened))

    def _user_keys(self, user: User) -> tuple[UnlockedKey, ...]:
        found: list[UnlockedKey] = []
        for key in primary_first(user.keys):
            if not key.active:
                continue
            try:
                found.append(self._open(key, self._key_pass))
            except CryptoError as error:
                self._leave_out(key, None, error)
        if not found:
            if self._unsupported:
                raise KeysUnsupported("The account's keys use algorithms that cannot be read here.")
            raise KeysLocked("The password does not open the account's keys.")
        return tuple(found)

    def _address_keys(self, address: Address, user_keys: tuple[UnlockedKey, ...]) -> tuple[UnlockedKey, ...]:
        found: list[UnlockedKey] = []
        for key in primary_first(address.keys):
            if not key.active:
                continue
            try:
                known = self._known.get((key.private_key, key.token))
                passphrase = self._key_pass if known else self._passphrase(key, user_keys)
                found.append(self._open(key, passphrase))
            except CryptoError as error:
                self._leave_out(key, address.id, error)
        return tuple(found)

    def _passphrase(self, key: Key, user_keys: tuple[UnlockedKey, ...]) -> Secret[bytes]:
        """The token's content, exactly as it is: arbitrary bytes. Keys from before tokens open like user keys."""
        if not key.token or not key.signature:
            return self._key_pass
        token = message.decrypt(armor.dearmor(key.token), user_keys)
        certificates = [each.certificate for each in user_keys]
        state = message.verify_detached(token.data, armor.dearmor(key.signature), certificates)
        if state is not SignatureState.VALID:
            raise CryptoError(f"The key's token is not signed by the account ({state}).")
        return Secret(token.data)

    def _open(self, key: Key, passphrase: Secret[bytes]) -> UnlockedKey:
        place = (key.private_key, key.token)
        opened = self._known.get(place) or self._opened.get(place) or unlock(key.private_key, passphrase)
        self._opened[place] = opened
        return opened

    def _leave_out(self, key: Key, address_id: AddressId | None, error: CryptoError) -> None:
        self._unsupported = self._unsupported or isinstance(error, UnsupportedKey)
        reason = "its passphrase is another one" if isinstance(error, WrongPassphrase) else error.message
        self._locked.append(LockedKey(key.id, address_id, reason))
        log.info("a key of %s stays locked: %s", "an address" if address_id else "the user", type(error).__name__)
