"""The outbox's mail in the store: in pieces, whole or not at all, and nothing left behind."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from bridge_gui.account import outbox_mail
from bridge_gui.account.outbox_mail import PIECE, UNFINISHED, pieces, whole_ones
from bridge_gui.errors import DiskFull
from tests.send.post_office import Dictionary


class Full(Dictionary):
    """A disk with room for so many changes; what makes room is always possible."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    async def set(self, values: Mapping[str, str | None]) -> None:
        if any(value is not None for value in values.values()):
            self.room -= 1
            if self.room < 0:
                raise DiskFull()
        await super().set(values)


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE])
async def test_a_message_comes_back_as_it_was(size: int) -> None:
    values, raw = Dictionary(), bytes(range(256)) * (size // 256 + 1)
    count = await outbox_mail.write(values, "a", raw[:size])
    assert count == -(-size // PIECE)
    assert await outbox_mail.read(values, "a", count) == raw[:size]
    assert max(map(len, values.values.values())) <= PIECE // 3 * 4


async def test_one_without_its_last_piece_is_none() -> None:
    values = Dictionary()
    count = await outbox_mail.write(values, "a", bytes(PIECE + 1))
    await values.set({pieces("a", count)[-1]: None})
    assert await outbox_mail.read(values, "a", count) is None


async def test_what_was_begun_and_not_listed_is_removed() -> None:
    """At the next start, or when the next one is stored; a listed one stays."""
    values = Dictionary()
    await outbox_mail.write(values, "listed", bytes(5))
    await values.set({UNFINISHED: None})  # as its listing does
    await outbox_mail.write(values, "killed", bytes(2 * PIECE))
    await outbox_mail.write(values, "next", bytes(5))
    assert set(values.values) == {"outbox.listed.0", "outbox.next.0", UNFINISHED}
    await outbox_mail.clear(values)
    assert set(values.values) == {"outbox.listed.0"}


async def test_a_full_disk_keeps_nothing_of_it() -> None:
    values = Full(room=2)
    with pytest.raises(DiskFull):
        await outbox_mail.write(values, "a", bytes(3 * PIECE))
    assert values.values == {}


def test_of_what_was_saved_from_a_damaged_store_only_whole_messages_are_kept() -> None:
    """One without its mail could never be sent, and one that is not listed has no recipients."""
    listed = [{"id": "whole", "pieces": 2}, {"id": "without-mail", "pieces": 1}, {"id": "half", "pieces": 2}]
    mail = {"outbox.whole.0": "x", "outbox.whole.1": "y"}
    lost = {"outbox.half.1": "z", "outbox.not-listed.0": "z", UNFINISHED: "z"}
    kept = whole_ones({"outbox": json.dumps(listed), **mail, **lost, "outgoing.a": "{}"})
    assert kept == {"outbox": json.dumps(listed[:1]), **mail, "outgoing.a": "{}"}
    assert whole_ones({"outbox.not-listed.0": "y"}) == {}
