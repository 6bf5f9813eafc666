"""The event feed: what changed since an event id, as immutable values (API document 5.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Generic, TypeVar

from bridge_gui.model import EventId
from bridge_gui.proton.mail_types import Label, MessageMeta
from bridge_gui.proton.types import Address, Contact, MailSettings, User, UserSettings
from bridge_gui.proton.wire import Fields

T = TypeVar("T")


class EventAction(IntEnum):
    DELETE = 0
    CREATE = 1
    UPDATE = 2
    UPDATE_FLAGS = 3


class RefreshFlag(IntFlag):
    MAIL = 1
    CONTACTS = 2
    ALL = 255


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """One object's change; `item` is its present state, absent on deletion."""

    id: str
    action: int
    item: T | None = None

    @property
    def deleted(self) -> bool:
        return self.action == EventAction.DELETE


def _changes(fields: Fields, name: str, item: str, read: Callable[[Fields], T]) -> tuple[Change[T], ...]:
    return fields.many(name, lambda change: Change(change.text("ID"), change.number("Action"), change.one(item, read)))


@dataclass(frozen=True, slots=True)
class Event:
    """What changed since an event id (API document 5.1). Absent parts did not change."""

    id: EventId
    refresh: int = 0
    more: bool = False
    user: User | None = None
    user_settings: UserSettings | None = None
    mail_settings: MailSettings | None = None
    messages: tuple[Change[MessageMeta], ...] = ()
    labels: tuple[Change[Label], ...] = ()
    addresses: tuple[Change[Address], ...] = ()
    contacts: tuple[Change[Contact], ...] = ()
    used_space: int | None = None

    @property
    def refresh_mail(self) -> bool:
        """The local mail is not valid any more."""
        return bool(self.refresh & RefreshFlag.MAIL)

    @property
    def refresh_contacts(self) -> bool:
        return bool(self.refresh & RefreshFlag.CONTACTS)

    @staticmethod
    def read(fields: Fields) -> Event:
        return Event(
            id=EventId(fields.identity("EventID")),
            refresh=fields.number("Refresh"),
            more=fields.flag("More"),
            user=fields.one("User", User.read),
            user_settings=fields.one("UserSettings", UserSettings.read),
            mail_settings=fields.one("MailSettings", MailSettings.read),
            messages=_changes(fields, "Messages", "Message", MessageMeta.read),
            labels=_changes(fields, "Labels", "Label", Label.read),
            addresses=_changes(fields, "Addresses", "Address", Address.read),
            contacts=_changes(fields, "Contacts", "Contact", Contact.read),
            used_space=fields.number("UsedSpace") if fields.has("UsedSpace") else None,
        )
