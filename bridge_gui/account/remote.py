"""Mailboxes at the service: what `account.mailboxes` asks to be made, renamed or deleted there."""

from __future__ import annotations

from collections.abc import Callable

from bridge_gui.errors import BridgeError
from bridge_gui.model import AddressId, LabelId, LabelKind, MessageId
from bridge_gui.proton.api import Api
from bridge_gui.store.records import Label
from bridge_gui.sync import service


class Labels:
    """`account.ports.Remote` over the service's API."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def create_label(self, kind: LabelKind, name: str, parent_id: LabelId | None) -> Label:
        return service.label(await self._api.create_label(kind, name, parent_id))

    async def update_label(self, label: Label, name: str, parent_id: LabelId | None) -> Label:
        """Rename or move; the colour stays, as the service takes it with every change."""
        return service.label(await self._api.update_label(label.id, name, label.color, parent_id))

    async def delete_label(self, id: LabelId) -> None:
        await self._api.delete_label(id)


class NoRemote:
    """`account.ports.Remote` and `Appender` of an account that is signed out: raises what `error` makes."""

    def __init__(self, error: Callable[[], BridgeError]) -> None:
        self._error = error

    async def create_label(self, kind: LabelKind, name: str, parent_id: LabelId | None) -> Label:
        raise self._error()

    async def update_label(self, label: Label, name: str, parent_id: LabelId | None) -> Label:
        raise self._error()

    async def delete_label(self, id: LabelId) -> None:
        raise self._error()

    async def append(
        self, label_id: LabelId, address_id: AddressId | None, literal: bytes, flags: frozenset[str], date: int | None
    ) -> MessageId:
        raise self._error()
