"""One user of the demo service: profile, addresses, keys, settings, and the mailbox with its event feed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bridge_gui.demo.errors import INVALID_VALUE, NOT_ALLOWED, NOT_FOUND, ApiError
from bridge_gui.demo.feed import Feed
from bridge_gui.demo.ids import Ids
from bridge_gui.demo.keyring import HeldKey, Kit
from bridge_gui.demo.mailbox import Mailbox
from bridge_gui.demo.profiles import AddressProfile, Profile
from bridge_gui.demo.records import Action, Contact, Json

DISABLED, ENABLED = 0, 1
EXTERNAL = 5
"""Address type of a mail address elsewhere (3.2)."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a user (3.2); its keys are in the account's kit, by e-mail."""

    id: str
    email: str
    display_name: str
    status: int
    type: int
    order: int
    send: bool
    receive: bool


def default_mail_settings() -> Json:
    return {
        "DisplayName": "",
        "Signature": "",
        "DraftMIMEType": "text/html",
        "AttachPublicKey": 0,
        "Sign": 0,
        "PGPScheme": 16,
        "AutoSaveContacts": 1,
        "PageSize": 50,
        "Theme": "",
    }


@dataclass
class Account:
    """A user's whole state. Keys are made when first needed, so that twenty accounts cost nothing at start."""

    number: int
    profile: Profile
    ids: Ids
    make_kit: Callable[[Profile], Kit]
    feed: Feed
    mailbox: Mailbox
    addresses: dict[str, Address] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    mail_settings: Json = field(default_factory=default_mail_settings)
    user_settings: Json = field(
        default_factory=lambda: {"Telemetry": 0, "CrashReports": 0, "Locale": "en_US", "WeekStart": 1}
    )
    notifications: list[Json] = field(default_factory=list)
    human_token: str = ""
    """The token of the human verification that was asked for."""
    human_done: bool = False
    last_contact: int = 0
    last_address: int = 0
    _kit: Kit | None = None
    _kit_lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def id(self) -> str:
        return self.ids.make("U", self.number, 0)

    @property
    def name(self) -> str:
        return self.profile.username

    @property
    def kit(self) -> Kit:
        with self._kit_lock:
            if self._kit is None:
                self._kit = self.make_kit(self.profile)
            return self._kit

    @kit.setter
    def kit(self, kit: Kit) -> None:
        self._kit = kit

    @property
    def has_kit(self) -> bool:
        return self._kit is not None

    @property
    def ordered(self) -> list[Address]:
        return sorted(self.addresses.values(), key=_order)

    @property
    def primary(self) -> Address:
        return min(self.addresses.values(), key=_order)

    # ------------------------------------------------------------------------------------------ addresses

    def add_address(self, given: AddressProfile, *, tell: bool = True) -> Address:
        self.last_address += 1
        address = Address(
            id=self.ids.make("a", self.number, self.last_address),
            email=given.email,
            display_name=given.display_name,
            status=given.status,
            type=given.type,
            order=len(self.addresses) + 1,
            send=given.send,
            receive=given.receive,
        )
        self.addresses[address.id] = address
        if tell:
            self.feed.add("Addresses", address.id, Action.CREATE)
        return address

    def address(self, address_id: str) -> Address:
        address = self.addresses.get(address_id)
        if address is None:
            raise ApiError(422, NOT_FOUND, "Address does not exist")
        return address

    def address_of(self, email: str) -> Address | None:
        """Find an own address; letter case and a `+suffix` do not matter."""
        wanted = canonical(email)
        return next((each for each in self.addresses.values() if each.email.lower() == wanted), None)

    def change_address(self, address_id: str, **changes: object) -> Address:
        """Change fields of an address, such as `status=DISABLED`, and tell it."""
        address = replace(self.address(address_id), **changes)  # type: ignore[arg-type]
        self.addresses[address_id] = address
        self.feed.add("Addresses", address_id, Action.UPDATE)
        return address

    def disable_address(self, address_id: str) -> None:
        self.change_address(address_id, status=DISABLED, send=False, receive=False)

    def enable_address(self, address_id: str) -> None:
        self.change_address(address_id, status=ENABLED, send=True, receive=True)

    def delete_address(self, address_id: str) -> None:
        if self.address(address_id).status != DISABLED:
            raise ApiError(422, NOT_ALLOWED, "Disable the address before deleting it")
        del self.addresses[address_id]
        self.feed.add("Addresses", address_id, Action.DELETE)

    def order_addresses(self, address_ids: list[str]) -> None:
        if sorted(address_ids) != sorted(self.addresses):
            raise ApiError(422, INVALID_VALUE, "AddressIDs must name every address once")
        for order, address_id in enumerate(address_ids, 1):
            if self.addresses[address_id].order != order:
                self.change_address(address_id, order=order)

    # ------------------------------------------------------------------------------------------ keys

    def keys_of(self, address: Address) -> list[HeldKey]:
        """Return an address's keys, the primary one first, as the service lists them."""
        held = self.kit.address_keys.get(address.email.lower(), [])
        return sorted(held, key=lambda key: not key.primary)

    def key_of(self, address: Address) -> HeldKey:
        """Return the key that mail for this address is encrypted to."""
        keys = [key for key in self.keys_of(address) if key.active]
        if not keys:
            raise ApiError(422, NOT_FOUND, "The address has no key")
        return keys[0]

    # ------------------------------------------------------------------------------------------ settings

    def change_mail_settings(self, **changes: object) -> Json:
        self.mail_settings.update(changes)
        self.feed.add("MailSettings", "", Action.UPDATE)
        return self.mail_settings

    def change_user_settings(self, **changes: object) -> Json:
        self.user_settings.update(changes)
        self.feed.add("UserSettings", "", Action.UPDATE)
        return self.user_settings

    def notify(self, title: str, subtitle: str, body: str, at: int) -> None:
        """Send the user a notification of the service (5.1, `Notifications`)."""
        number = len(self.notifications) + 1
        id_ = self.ids.make("n", self.number, number)
        payload: Json = {"Title": title, "Subtitle": subtitle, "Body": body}
        self.notifications.append(
            {"ID": id_, "UID": "", "UserID": self.id, "Type": "bridge_modal", "Time": at, "Payload": payload}
        )
        self.feed.add("Notifications", id_, Action.CREATE)


def _order(address: Address) -> int:
    return address.order


def canonical(email: str) -> str:
    """Return an address in lower case without its `+suffix`."""
    local, at, domain = email.strip().lower().rpartition("@")
    return local.partition("+")[0] + at + domain
