from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from bridge_gui.store.changes import LabelGone, LabelSet
from bridge_gui.store.db import Store
from bridge_gui.store.records import Label
from bridge_gui.sync.labels import read_labels
from tests.store.samples import KEY, SYSTEM, TAG, WORK


class Service:
    """Gives a list as it is when it is asked for; `meanwhile` happens before the answer is here."""

    def __init__(self, labels: list[Label], meanwhile: Callable[[], Awaitable[None]]) -> None:
        self.known = labels
        self.meanwhile: Callable[[], Awaitable[None]] | None = meanwhile
        self.asked = 0

    async def labels(self) -> list[Label]:
        self.asked += 1
        answer = list(self.known)
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            await happens()
        return answer


async def test_a_list_from_before_a_mailbox_was_made_or_deleted_here_is_asked_for_again(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "mail.db", KEY)
    await store.set_labels([*SYSTEM, TAG])
    await store.begin_listing()
    await store.finish_listing()

    async def make_one_and_delete_another() -> None:
        service.known = [*SYSTEM, WORK]
        await store.apply([LabelSet(WORK)])
        await store.apply([LabelGone(TAG.id)])
        made.update({box.label.id: box.uidvalidity for box in await store.mailboxes()})

    made: dict[str, int] = {}
    service = Service([*SYSTEM, TAG], make_one_and_delete_another)
    await read_labels(service, store)
    assert service.asked == 2
    assert {box.label.id: box.uidvalidity for box in await store.mailboxes()} == made
    assert WORK.id in made
    assert TAG.id not in made
    await store.close()
