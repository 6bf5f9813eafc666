"""Bring the mailboxes in line with the service's list of labels."""

from __future__ import annotations

from typing import Protocol

from bridge_gui.store.db import Store
from bridge_gui.store.records import Label


class Lister(Protocol):
    async def labels(self) -> list[Label]: ...


async def read_labels(service: Lister, store: Store) -> None:
    """Read the whole list and take it.

    A mail program may make, rename or delete a mailbox while the list is on its way. It would then be undone for a
    moment, and the mailbox come back under another UIDVALIDITY; so such a list is thrown away, and asked for again.
    """
    while True:
        edits = store.label_edits
        if await store.set_labels(await service.labels(), edits):
            return
