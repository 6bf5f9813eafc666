"""`sync.pace`: the width as a table, the gate and the budget with tasks that never sleep."""

from __future__ import annotations

import asyncio

import pytest

from bridge_gui.sync.pace import Budget, Gate, Width


async def settle() -> None:
    """Let every task that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)


def run(width: Width, outcomes: str) -> list[int]:
    """`s` success, `t` throttled: the width after each."""
    widths = []
    for outcome in outcomes:
        (width.succeeded if outcome == "s" else width.throttled)(width.round)
        widths.append(width.now)
    return widths


@pytest.mark.parametrize(
    ("outcomes", "widths"),
    [
        ("ssss", [4, 4, 4, 8]),
        ("s" * 12, [4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 16]),
        ("s" * 28 + "s" * 16, [4] * 3 + [8] * 8 + [16] * 33),
        ("t", [2]),
        ("tss", [2, 2, 4]),
        ("sssst" + "ss", [4, 4, 4, 8, 2, 2, 4]),
        ("tt", [2, 2]),
    ],
)
def test_width(outcomes: str, widths: list[int]) -> None:
    assert run(Width(most=16), outcomes) == widths


def test_what_began_before_a_fall_says_nothing_after_it() -> None:
    width = Width(most=16)
    before = width.round
    width.throttled(before)
    for _ in range(20):
        width.succeeded(before)
    assert width.now == 2
    width.succeeded(width.round)
    width.succeeded(width.round)
    width.throttled(before)
    assert width.now == 4


def test_width_never_exceeds_its_most() -> None:
    assert run(Width(most=1), "sst") == [1, 1, 1]


class Requests:
    """Requests through a gate that end when told."""

    def __init__(self, gate: Gate, group: asyncio.TaskGroup) -> None:
        self.gate, self.group = gate, group
        self.begun: list[str] = []
        self.ends: dict[str, asyncio.Event] = {}

    def start(self, name: str, *, urgent: bool = False) -> asyncio.Task[None]:
        self.ends[name] = asyncio.Event()
        return self.group.create_task(self._run(name, urgent))

    async def _run(self, name: str, urgent: bool) -> None:
        async with self.gate.slot(urgent=urgent):
            self.begun.append(name)
            await self.ends[name].wait()

    def end_all(self) -> None:
        for event in self.ends.values():
            event.set()


async def test_gate_admits_the_width_and_then_in_order() -> None:
    async with asyncio.TaskGroup() as group:
        requests = Requests(Gate(Width(most=2, first=2)), group)
        for name in "abcd":
            requests.start(name)
        await settle()
        assert requests.begun == ["a", "b"]
        requests.ends["b"].set()
        await settle()
        assert requests.begun == ["a", "b", "c"]
        requests.end_all()
    assert requests.begun == ["a", "b", "c", "d"]
    assert requests.gate.running == 0


async def test_urgent_ones_overtake_and_exceed_the_width() -> None:
    async with asyncio.TaskGroup() as group:
        requests = Requests(Gate(Width(most=1, first=1)), group)
        for name in "ab":
            requests.start(name)
        await settle()
        for number in range(6):
            requests.start(f"u{number}", urgent=True)
        await settle()
        assert requests.begun == ["a", "u0", "u1", "u2", "u3"]
        requests.ends["a"].set()
        requests.ends["u0"].set()
        await settle()
        assert requests.begun[5:] == ["u4", "u5"]
        requests.end_all()
    assert requests.begun[-1] == "b"


async def test_a_cancelled_wait_leaves_its_place_to_the_next() -> None:
    async with asyncio.TaskGroup() as group:
        requests = Requests(Gate(Width(most=1, first=1)), group)
        requests.start("a")
        waiting = requests.start("b")
        requests.start("c")
        await settle()
        waiting.cancel()
        requests.ends["a"].set()
        await settle()
        assert requests.begun == ["a", "c"]
        admitted = requests.start("d")
        await settle()
        requests.ends["c"].set()  # hands the place to d ...
        admitted.cancel()  # ... which is cancelled before it could begin
        await settle()
        requests.start("e")
        await settle()
        assert requests.begun[-1] == "e"
        requests.end_all()
    assert requests.gate.running == 0


async def test_budget_is_kept_in_order_and_the_too_large_goes_alone() -> None:
    budget = Budget(most=100)
    done: list[int] = []

    async def take(size: int) -> None:
        await budget.take(size)
        done.append(size)

    async with asyncio.TaskGroup() as group:
        for size in (60, 50, 10, 500, 20):
            group.create_task(take(size))
        await settle()
        assert done == [60]
        budget.give_back(60)
        await settle()
        assert done == [60, 50, 10]
        budget.give_back(50)
        await settle()
        assert done == [60, 50, 10]
        budget.give_back(10)
        await settle()
        assert done == [60, 50, 10, 500]
        budget.give_back(500)
    assert done[-1] == 20


async def test_budget_has_as_much_again_for_urgent_ones() -> None:
    budget = Budget(most=100)
    done: list[str] = []

    async def take(name: str, size: int, urgent: bool) -> None:
        await budget.take(size, urgent=urgent)
        done.append(name)

    async with asyncio.TaskGroup() as group:
        for name, size, urgent in (("a", 100, False), ("b", 10, False), ("c", 90, True), ("d", 20, True)):
            group.create_task(take(name, size, urgent))
        await settle()
        assert done == ["a", "c"]
        budget.give_back(20)
        await settle()
        assert done == ["a", "c", "d"]
        budget.give_back(190)
    assert done == ["a", "c", "d", "b"]


async def test_a_cancelled_wait_for_the_budget_gives_back() -> None:
    budget = Budget(most=10)
    await budget.take(10)
    async with asyncio.TaskGroup() as group:
        first, second = group.create_task(budget.take(8)), group.create_task(budget.take(2))
        await settle()
        first.cancel()
        await settle()
        budget.give_back(10)
        await settle()
        assert second.done()
        assert budget.used == 2
        third = group.create_task(budget.take(9))
        await settle()
        budget.give_back(2)
        third.cancel()
        await settle()
        assert budget.used == 0
