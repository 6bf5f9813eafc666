"""What mailboxes need of the rest of the account, as small Protocols."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from bridge_gui.model import AddressId, LabelId, LabelKind, MessageId
from bridge_gui.store.records import Label


class Literals(Protocol):
    """Downloads literals (`sync.download`)."""

    def urgent(self, ids: Sequence[MessageId]) -> AsyncIterator[Sequence[MessageId]]:
        """Fetch these ahead of all others and store them; yield ids, in any order, once they are in the store.

        Ends when nothing more is to come: what cannot be had now (offline, deleted meanwhile) was not yielded. An
        error that concerns all is raised as a BridgeError.
        """
        ...


class Remote(Protocol):
    """Changes of mailboxes at the service. Each raises `Unreachable`, `Refused` or another BridgeError."""

    async def create_label(self, kind: LabelKind, name: str, parent_id: LabelId | None) -> Label: ...

    async def update_label(self, label: Label, name: str, parent_id: LabelId | None) -> Label:
        """Rename, or move below another folder (None: the root); the colour is kept."""
        ...

    async def delete_label(self, id: LabelId) -> None: ...


class AppendFailed(Exception):
    """The message was not stored; `code` is the response code for the mail program (TOOBIG, OVERQUOTA, CANNOT ...)."""

    def __init__(self, text: str, code: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.code = code


class Appender(Protocol):
    """Imports a message or makes a draft of it."""

    async def append(
        self, label_id: LabelId, address_id: AddressId | None, literal: bytes, flags: frozenset[str], date: int | None
    ) -> MessageId:
        """Put a message into a mailbox. It, or the one it was recognised as, is in the store, with its literal,
        when this returns. `address_id`: in split mode, whose mailbox it is. Raise `AppendFailed`, `Unreachable`."""
        ...
