"""What was only in a damaged local copy comes into the one made anew: changes that wait, and mail on its way out."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bridge_gui.account import outbox_mail
from bridge_gui.secret import Secret
from bridge_gui.send import duplicates
from bridge_gui.store import salvage
from bridge_gui.store.db import Store
from bridge_gui.sync import push


async def take_over(store: Store, path: Path, key: Secret[bytes]) -> bool:
    """Bring over what a damaged copy has, if one was put aside, and delete that. Whether something may be lost."""
    if not await asyncio.to_thread(salvage.is_aside, path):
        return False
    found = await asyncio.to_thread(salvage.read, path, key, (outbox_mail.VALUES, duplicates.VALUES, push.TAKEN_OVER))
    values: dict[str, str | None] = {**outbox_mail.whole_ones(found.values)}
    # What a copy made anew had taken over, and not sent when it was damaged too, is older than its own changes.
    changes = push.read_taken_over(found.values.get(push.TAKEN_OVER)) + found.changes
    values[push.TAKEN_OVER] = push.taken_over_text(changes)
    await store.set(values)
    await asyncio.to_thread(salvage.drop, path)
    return not found.whole
