"""Online, offline, asleep: with a clock that the test turns."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from bridge_gui.aio import TaskOwner
from bridge_gui.proton import errors
from bridge_gui.proton.connectivity import TICK, Connectivity, leapt, ping_wait
from bridge_gui.proton.http import Request, Transport
from bridge_gui.proton.retry import Clock
from tests.proton.service import URL

GET = Request("GET", "/core/v4/users", retries=0)


class TurnedClock:
    """A clock whose sleepers wake when the test turns it."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.steady = 10.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.steady + seconds, future))
        await future

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: self.steady, self.sleep, lambda: 0.0)

    async def turn(self, seconds: float, *, asleep: float = 0.0) -> None:
        """Let time pass; `asleep` seconds pass on the wall only, as in a computer's sleep."""
        self.now += asleep
        end = self.steady + seconds
        await settle()
        while due := [each for each in self._sleepers if each[0] <= end + 1e-9]:
            first = min(due, key=lambda each: each[0])
            self._sleepers.remove(first)
            self.now += max(0.0, first[0] - self.steady)
            self.steady = max(self.steady, first[0])
            if not first[1].done():
                first[1].set_result(None)
            await settle()
        self.now += end - self.steady
        self.steady = end


async def settle() -> None:
    """Let everything run that can run now."""
    for _ in range(40):
        await asyncio.sleep(0)


class Net:
    """A network that is there or not."""

    def __init__(self) -> None:
        self.there = True
        self.turned = TurnedClock()
        self.asked: list[tuple[float, str]] = []

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((self.turned.steady, request.url.path))
        if not self.there:
            raise httpx.ConnectError("no network")
        return httpx.Response(200, json={})

    def pings(self) -> list[float]:
        return [at for at, path in self.asked if path == "/tests/ping"]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[Transport, Connectivity]]:
        owner = TaskOwner("test")
        async with Transport(URL, clock=self.turned.clock, http=httpx.MockTransport(self.answer)) as transport:
            link = Connectivity(transport)
            owner.start(link.run(), "connectivity")
            await settle()
            try:
                yield transport, link
            finally:
                await owner.close()

    async def fail(self, transport: Transport) -> float:
        """Lose the network and notice it; return when."""
        self.there = False
        with pytest.raises(errors.Offline):
            await transport.request(GET)
        await settle()
        return self.turned.steady


def test_pings_come_after_1_2_4_8_16_30_30_seconds() -> None:
    assert [ping_wait(n) for n in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]


async def test_offline_is_pinged_with_growing_pauses_until_an_answer() -> None:
    net = Net()
    async with net.running() as (transport, link):
        lost = await net.fail(transport)
        assert not link.state.value.online
        await net.turned.turn(61)
        assert [at - lost for at in net.pings()] == [1, 3, 7, 15, 31, 61]
        net.there = True
        await net.turned.turn(29)
        assert not link.state.value.online
        await net.turned.turn(1)
        assert link.state.value.online
        asked = len(net.asked)
        await net.turned.turn(300)
        assert len(net.asked) == asked, "nothing is asked while online"


async def test_an_answer_to_anybody_ends_the_pinging() -> None:
    net = Net()
    async with net.running() as (transport, link):
        await net.fail(transport)
        net.there = True
        await transport.request(GET)
        await settle()
        assert link.state.value.online
        await net.turned.turn(100)
        assert net.pings() == []


async def test_the_pauses_start_anew_each_time() -> None:
    net = Net()
    async with net.running() as (transport, _):
        await net.fail(transport)
        await net.turned.turn(40)
        net.there = True
        await net.turned.turn(30)
        assert transport.online.value
        lost = await net.fail(transport)
        await net.turned.turn(3)
        assert [at - lost for at in net.pings()[-2:]] == [1, 3]


async def test_somebody_in_a_hurry_pings_at_once() -> None:
    net = Net()
    async with net.running() as (transport, link):
        await net.fail(transport)
        await net.turned.turn(10)
        net.there = True
        link.look_now()
        await settle()
        assert link.state.value.online


async def test_a_sleep_is_noticed_and_offline_looked_at_at_once() -> None:
    net = Net()
    async with net.running() as (transport, link):
        await net.fail(transport)
        await net.turned.turn(32)
        net.there = True
        await net.turned.turn(TICK, asleep=3600)
        assert link.state.value.wakes == 1
        assert link.state.value.online


async def test_a_sleep_is_told_while_online_too() -> None:
    net = Net()
    async with net.running() as (_, link):
        await net.turned.turn(100)
        assert link.state.value.wakes == 0
        await net.turned.turn(TICK, asleep=60)
        assert link.state.value.wakes == 1
        await net.turned.turn(100)
        assert link.state.value.wakes == 1


@pytest.mark.parametrize(
    ("wall", "steady", "woke"),
    [
        (5.0, 5.0, False),
        (9.0, 9.0, False),  # a busy machine
        (3605.0, 5.0, True),  # slept, the steady clock stood still
        (3605.0, 3605.0, True),  # slept, the steady clock ran on
        (-3595.0, 5.0, True),  # the clock was set back
        (12.0, 5.0, False),  # a correction by the time service
    ],
)
def test_what_counts_as_sleep(wall: float, steady: float, woke: bool) -> None:
    assert leapt(5.0, wall, steady) is woke


async def test_somebody_else_answering_is_told() -> None:
    untrusted = ssl.SSLCertVerificationError("self-signed certificate")

    async def portal(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("tls") from untrusted

    net = Net()
    net.answer = portal  # type: ignore[method-assign]
    async with net.running() as (transport, link):
        with pytest.raises(errors.Untrusted):
            await transport.request(GET)
        await settle()
        assert not link.state.value.online
        assert isinstance(link.state.value.untrusted, errors.Untrusted)
