"""Stand-ins for tests of the client: a clock that never waits, and a service that answers from a list."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from bridge_gui.proton.api import Api
from bridge_gui.proton.http import Transport
from bridge_gui.proton.retry import Clock
from bridge_gui.proton.types import SessionTokens
from bridge_gui.secret import Secret

URL = "https://api.example"


class FakeTime:
    """Time that passes only by sleeping; `waits` keeps each sleep."""

    def __init__(self, dice: float = 0.0) -> None:
        self.now = 1_000_000.0
        self.steady = 50.0
        self.dice = dice
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        self.steady += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: self.steady, self.sleep, lambda: self.dice)


Answer = httpx.Response | Exception | Callable[[httpx.Request], Any]


@dataclass
class Service:
    """Answers requests from a list, in order; keeps what it was asked."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[httpx.Request] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.asked.append(request)
        self.arrived.set()
        assert self.answers, f"unexpected {request.method} {request.url}"
        answer = self.answers.pop(0)
        if callable(answer):
            answer = answer(request)
            if isinstance(answer, Awaitable):
                answer = await answer
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, httpx.Response)
        return answer

    async def reached(self, count: int) -> None:
        """Wait until so many requests have arrived."""
        while len(self.asked) < count:
            self.arrived.clear()
            await self.arrived.wait()

    def paths(self) -> list[str]:
        return [f"{request.method} {request.url.path}" for request in self.asked]

    def body(self, index: int = -1) -> Any:
        return json.loads(self.asked[index].content)

    def transport(self, time: FakeTime | None = None, **options: Any) -> Transport:
        clock = (time or FakeTime()).clock
        return Transport(URL, app_version="linux-bridge@3.21.1", clock=clock, http=httpx.MockTransport(self), **options)

    def api(self, time: FakeTime | None = None) -> Api:
        async def save(tokens: SessionTokens) -> None:
            raise AssertionError("no refresh was expected")

        return Api(self.transport(time), tokens(), save)


def tokens(number: int = 1) -> SessionTokens:
    return SessionTokens("uid-1", Secret(f"access-{number}"), Secret(f"refresh-{number}"))


def ok(**payload: Any) -> httpx.Response:
    return httpx.Response(200, json={"Code": 1000, **payload})


def refused(status: int, code: int = 0, text: str = "", **more: Any) -> httpx.Response:
    headers = more.pop("headers", None)
    return httpx.Response(status, json={"Code": code, "Error": text, **more}, headers=headers)
