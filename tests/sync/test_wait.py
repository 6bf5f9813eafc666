"""Working together: a part that ends without having done its work is never taken for done. And giving way."""

from __future__ import annotations

import asyncio

import pytest

from bridge_gui.proton.retry import Clock
from bridge_gui.sync.wait import MOST_PAUSES, PAUSE, GiveWay, together


async def test_a_part_that_something_else_cancelled_is_an_error() -> None:
    async def dropped() -> None:
        raise asyncio.CancelledError

    async def done() -> None:
        return

    with pytest.raises(RuntimeError):
        await together((done(), dropped()))


async def test_the_first_error_is_raised_as_it_is() -> None:
    async def fails() -> None:
        raise ValueError("once")

    async def waits() -> None:
        await asyncio.Event().wait()

    with pytest.raises(ValueError, match="once"):
        await together((waits(), fails()))


class Program:
    """What a mail program changes; `plan` says what happens in each pause: more changes, or one that goes on."""

    def __init__(self, plan: str = "") -> None:
        self.edits = 0
        self.editing = False
        self.pauses: list[float] = []
        self._plan = plan

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        step = self._plan[len(self.pauses) - 1 : len(self.pauses)]
        self.edits += step == "+"
        self.editing = step == "~"

    def way(self) -> GiveWay:
        return GiveWay(self, Clock(sleep=self.sleep))


@pytest.mark.parametrize(
    ("plan", "pauses"),
    [
        pytest.param("", 1, id="one change"),
        pytest.param("++", 3, id="one after the other"),
        pytest.param("~~", 3, id="one that takes long"),
        pytest.param("+" * 99, MOST_PAUSES, id="no end"),
    ],
)
async def test_background_work_waits_while_a_program_changes_things(plan: str, pauses: int) -> None:
    program = Program(plan)
    way = program.way()
    await way()
    assert program.pauses == [], "nobody is there"
    program.edits += 1
    await way()
    assert program.pauses == [PAUSE] * pauses
