"""`sync.service` against the demo service: how many requests run at once follows what it bears; errors sorted."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from bridge_gui.demo.faults import Fault
from bridge_gui.demo.server import DemoServer
from bridge_gui.errors import BridgeError, DiskFull, StoreError, Unreachable, VaultError
from bridge_gui.proton import errors
from bridge_gui.proton.retry import Clock
from bridge_gui.sync.pace import LEAST_PARALLEL, MOST_PARALLEL
from bridge_gui.sync.service import Verdict, judge
from tests.sync.account import account

IDS = "GET /mail/v4/messages/ids"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(IDS, status=429, retry_after="0", count=1), id="waited out within the request"),
        pytest.param(Fault(IDS, status=503, retry_after="0"), id="told as an error"),
        pytest.param(Fault(IDS, status=500), id="trouble"),
        pytest.param(Fault(IDS, status=200, body="<html>"), id="no JSON"),
    ],
)
async def test_fewer_requests_at_once_after_trouble(server: DemoServer, tmp_path: Path, fault: Fault) -> None:
    clock = Clock(sleep=lambda seconds: asyncio.sleep(0), random=lambda: 0.0)
    async with account(server, tmp_path / "a.db", clock=clock) as anna:
        for _ in range(2 * MOST_PARALLEL):
            await anna.service.ids(None, 10)
        assert anna.service.width == MOST_PARALLEL
        server.world.faults.set([fault])
        with contextlib.suppress(BridgeError):
            await anna.service.ids(None, 10)
        assert anna.service.width == LEAST_PARALLEL


async def test_a_refusal_says_nothing_about_how_much_the_service_bears(server: DemoServer, tmp_path: Path) -> None:
    async with account(server, tmp_path / "a.db") as anna:
        for _ in range(2 * MOST_PARALLEL):
            await anna.service.ids(None, 10)
        server.world.faults.set([Fault(IDS, status=422, code=2501)])
        with pytest.raises(BridgeError):
            await anna.service.ids(None, 10)
        assert anna.service.width == MOST_PARALLEL


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (DiskFull(), Verdict.STORE),
        (StoreError(), Verdict.STORE),
        (VaultError(), Verdict.VAULT),
        (Unreachable(), Verdict.OFFLINE),
        (errors.Untrusted(), Verdict.OFFLINE),
        (errors.Malformed(), Verdict.TROUBLE),
        (errors.api_error(429), Verdict.THROTTLED),
        (errors.api_error(503), Verdict.THROTTLED),
        (errors.api_error(500), Verdict.TROUBLE),
        (errors.api_error(401), Verdict.TROUBLE),
        (errors.api_error(401, 8004), Verdict.SIGNED_OUT),
        (errors.api_error(422, 10013), Verdict.SIGNED_OUT),
        (errors.api_error(403, 9101, details={"MissingScopes": ["full"]}), Verdict.SIGNED_OUT),
        (errors.api_error(302), Verdict.TROUBLE),
        (errors.api_error(403), Verdict.TROUBLE),
        (errors.api_error(407), Verdict.TROUBLE),
        (errors.api_error(403, 2011), Verdict.REFUSED),
        (errors.api_error(400), Verdict.REFUSED),
        (errors.api_error(422, 2011), Verdict.REFUSED),
        (errors.api_error(409, 2500), Verdict.REFUSED),
        (errors.api_error(422), Verdict.GONE),
        (errors.api_error(404), Verdict.GONE),
        (errors.api_error(422, 2501), Verdict.GONE),
        (errors.api_error(400, 5003), Verdict.BLOCKED),
        (errors.api_error(422, 9001), Verdict.BLOCKED),
        (errors.api_error(422, 12087), Verdict.BLOCKED),
        (errors.api_error(422, 10003), Verdict.BLOCKED),
        (errors.api_error(422, 10004), Verdict.BLOCKED),
        (errors.api_error(422, 12100), Verdict.BLOCKED),
    ],
    ids=lambda value: getattr(value, "technical", None) or getattr(value, "code", None),
)
def test_what_an_error_means(error: BridgeError, verdict: Verdict) -> None:
    assert judge(error) is verdict
