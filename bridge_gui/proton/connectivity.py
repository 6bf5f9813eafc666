"""Whether the service can be reached: one state for the whole application (API document 1.5).

              a request without any answer
    ONLINE ────────────────────────────────────> OFFLINE: ping after 1, 2, 4, 8, 16, 30, 30 ... s
       ^                                            │
       └────────────── any answer ──────────────────┘

The transport sees every answer, so it decides; this only asks while nobody else does. A computer that slept is noticed
by its clock: connections from before are dropped, since they would hang, and everybody may look at once.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from dataclasses import dataclass, replace

from bridge_gui.proton.errors import Untrusted
from bridge_gui.proton.http import Transport
from bridge_gui.watched import Watched

log = logging.getLogger(__name__)

PINGS = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds before each ping; the last is repeated."""
TICK = 5.0
JUMP = 15.0
"""Seconds by which a tick is late, or the clock leaps, before it counts as sleep; no busy machine stalls that long."""


@dataclass(frozen=True, slots=True)
class Link:
    """The way to the service, as all accounts see it."""

    online: bool = True
    untrusted: Untrusted | None = None
    """Set while whoever answers cannot prove to be Proton."""
    wakes: int = 0
    """Grows when the computer woke or its clock was changed: a reason to look at once."""


def ping_wait(attempt: int) -> float:
    """Return the wait before ping `attempt` (from 0)."""
    return PINGS[min(attempt, len(PINGS) - 1)]


def leapt(expected: float, wall: float, steady: float) -> bool:
    """Say whether more happened than a tick of `expected` seconds: the computer slept, or its clock was set.

    The steady clock stands still in sleep on Linux and macOS and runs on in Windows, so both are looked at.
    """
    return abs(wall - steady) > JUMP or steady - expected > JUMP


class Connectivity:
    """Publish the state of the connection. `run` is one task of the application."""

    def __init__(self, transport: Transport) -> None:
        self.state: Watched[Link] = Watched(Link(transport.online.value))
        self._transport = transport
        self._clock = transport.clock
        self._hurry = asyncio.Event()

    async def run(self) -> None:
        """Watch, ping while offline, and notice sleep, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_online(), name="connectivity: online")
            group.create_task(self._ping_while_offline(), name="connectivity: ping")
            group.create_task(self._follow_trust(), name="connectivity: trust")
            group.create_task(self._notice_sleep(), name="connectivity: sleep")

    def look_now(self) -> None:
        """Ping at once if offline: somebody asked for it, or the network seems to have changed."""
        self._hurry.set()

    async def _follow_online(self) -> None:
        async for online in self._transport.online.watch():
            if online != self.state.value.online:
                log.info("the service can%s be reached", " again" if online else "not")
            self._publish(online=online)
            if online:
                self._hurry.set()  # whoever waits for the next ping need not

    async def _ping_while_offline(self) -> None:
        async for online in self._transport.online.watch():
            if not online:
                await self._until_answered()

    async def _until_answered(self) -> None:
        """Ping until something answers, to this or to anybody's request."""
        await self._transport.reconnect()
        self._hurry.clear()
        for attempt in itertools.count():
            await self._wait(ping_wait(attempt))
            if self._transport.online.value or await self._transport.ping():
                return

    async def _wait(self, seconds: float) -> None:
        """Wait, or until somebody is in a hurry."""
        async with asyncio.TaskGroup() as group:
            sleeping = group.create_task(self._sleep(seconds), name="connectivity: wait")
            hurry = group.create_task(self._hurry.wait(), name="connectivity: hurry")
            await asyncio.wait((sleeping, hurry), return_when=asyncio.FIRST_COMPLETED)
            sleeping.cancel()
            hurry.cancel()
        self._hurry.clear()

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    async def _follow_trust(self) -> None:
        async for trouble in self._transport.trouble.watch():
            self._publish(untrusted=trouble)

    async def _notice_sleep(self) -> None:
        while True:
            wall, steady = self._clock.time(), self._clock.monotonic()
            await self._clock.sleep(TICK)
            if leapt(TICK, self._clock.time() - wall, self._clock.monotonic() - steady):
                log.info("this computer slept, or its clock was changed")
                await self._transport.reconnect()
                self._hurry.set()
                self._publish(wakes=self.state.value.wakes + 1)

    def _publish(self, **changes: object) -> None:
        self.state.set(replace(self.state.value, **changes))  # type: ignore[arg-type]
