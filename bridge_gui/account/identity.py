"""Who the account is: user, addresses and unlocked keys, as last read from the service.

The addresses' outline is kept in the store too, so that mail programs can sign in while the service cannot be reached.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence

from bridge_gui.account.keys import AccountKeys, open_keys
from bridge_gui.model import AccountId, AddressId
from bridge_gui.openpgp.keys import Certificate, UnlockedKey
from bridge_gui.proton.api import Api
from bridge_gui.proton.types import Address, User
from bridge_gui.secret import Secret
from bridge_gui.state import AddressState
from bridge_gui.store.db import Store

ADDRESSES = "account.addresses"
"""Name of the small value with the addresses' outline."""


def file_name(account: AccountId) -> str:
    """A name for the account's files that says nothing about it: ids may hold any character."""
    return hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()[:32]


class Identity:
    """Changes only by `read`; readers always see a whole state."""

    def __init__(self) -> None:
        self.user: User | None = None
        self.addresses: tuple[Address, ...] = ()
        self.keys: AccountKeys | None = None
        self._outline: tuple[AddressState, ...] = ()
        self._reading = asyncio.Lock()

    async def read(self, api: Api, key_pass: Secret[bytes]) -> bool:
        """Ask the service anew, and unlock keys if any was changed; tell whether one was.

        Raise `CryptoError` when none of the keys opens.
        """
        async with self._reading:
            user = await api.user()
            addresses = await api.addresses()
            before = self.keys
            self.keys = await open_keys(user, addresses, key_pass, before)
            self.user, self.addresses = user, addresses
            self._outline = tuple(
                AddressState(each.id, each.email, each.display_name, each.enabled, each.enabled and each.send)
                for each in addresses
            )
            return before is None or before.opened.keys() != self.keys.opened.keys()

    # ------------------------------------------------------------------------------------ addresses

    @property
    def states(self) -> tuple[AddressState, ...]:
        return self._outline

    async def save(self, store: Store) -> None:
        rows = [[each.id, each.email, each.display_name, each.enabled, each.can_send] for each in self._outline]
        await store.set({ADDRESSES: json.dumps(rows)})

    async def load(self, store: Store) -> None:
        """Take the outline kept in the store, while nothing newer is known."""
        kept = await store.get(ADDRESSES)
        if kept is not None and not self._outline:
            self._outline = tuple(
                AddressState(AddressId(id), email, name, bool(enabled), bool(can_send))
                for id, email, name, enabled, can_send in json.loads(kept)
            )

    # ------------------------------------------------------------------------------------ keys

    def ring(self, address_id: AddressId) -> Sequence[UnlockedKey]:
        """The keys that may open a message of that address, the most likely first.

        Mail may lie under an address that is gone, so the others' keys follow.
        """
        if self.keys is None:
            return ()
        others = (keys for each, keys in self.keys.addresses.items() if each != address_id)
        return [*self.keys.of(address_id), *(key for keys in others for key in keys)]

    def own_certificates(self, email: str) -> Sequence[Certificate]:
        """Certificates of an own address; empty for somebody else's."""
        wanted = email.casefold()
        for address in self.addresses:
            if address.email.casefold() == wanted and self.keys is not None:
                return [key.certificate for key in self.keys.of(address.id)]
        return ()
