"""User, addresses, keys, settings (API document 3, 4.10)."""

from __future__ import annotations

from bridge_gui.model import AddressId
from bridge_gui.proton.routes import Routes, path_id
from bridge_gui.proton.types import Address, KeySalt, MailSettings, RecipientKeys, User, UserSettings


class AccountRoutes(Routes):
    async def user(self) -> User:
        return User.read((await self._get("/core/v4/users")).fields("User"))

    async def addresses(self) -> tuple[Address, ...]:
        """All addresses in the account's order: the first is the primary one."""
        fields = await self._get("/core/v4/addresses")
        fields.demand("Addresses")
        return in_order(fields.many("Addresses", Address.read))

    async def address(self, id: AddressId) -> Address:
        return Address.read((await self._get(f"/core/v4/addresses/{path_id(id)}")).fields("Address"))

    async def key_salts(self) -> tuple[KeySalt, ...]:
        """Only a session that has just signed in may ask this."""
        return (await self._get("/core/v4/keys/salts")).many("KeySalts", KeySalt.read)

    async def recipient_keys(self, email: str) -> RecipientKeys:
        """Public keys for an address; none for an external one without keys."""
        return RecipientKeys.read(await self._get("/core/v4/keys", Email=email))

    async def mail_settings(self) -> MailSettings:
        return MailSettings.read((await self._get("/mail/v4/settings")).fields("MailSettings"))

    async def user_settings(self) -> UserSettings:
        return UserSettings.read((await self._get("/core/v4/settings")).fields("UserSettings"))


def in_order(addresses: tuple[Address, ...]) -> tuple[Address, ...]:
    return tuple(sorted(addresses, key=lambda address: address.order))
