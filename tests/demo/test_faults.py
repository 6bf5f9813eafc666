"""Faults: which requests a rule hits, and what the client sees of it."""

from __future__ import annotations

import time

import httpx
import pytest

from bridge_gui.demo.faults import Fault, Faults
from bridge_gui.demo.server import DemoServer
from tests.demo.client import Client


def hits(fault: Fault, count: int = 20, request: tuple[str, str] = ("GET", "/core/v4/users")) -> list[int]:
    faults = Faults()
    faults.add(fault)
    return [n for n in range(count) if faults.choose(*request) is not None]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(), list(range(20))),
        (Fault(count=2), [0, 1]),
        (Fault(skip=3, count=2), [3, 4]),
        (Fault(match="GET /core/*"), list(range(20))),
        (Fault(match="PUT *"), []),
        (Fault(match="* /mail/*"), []),
        (Fault(probability=0.0), []),
    ],
)
def test_which_requests_a_rule_hits(fault: Fault, expected: list[int]) -> None:
    assert hits(fault) == expected


def test_the_same_seed_hits_the_same_requests() -> None:
    first = hits(Fault(probability=0.3, seed=7), 200)
    assert first == hits(Fault(probability=0.3, seed=7), 200)
    assert first != hits(Fault(probability=0.3, seed=8), 200)
    assert 30 < len(first) < 90


@pytest.mark.parametrize("data", [{"matches": "x"}, {"cut": "sideways"}, {"effect": "explode"}])
def test_rules_that_are_not_understood(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"unknown|not known"):
        Fault.from_json(data)


async def test_answers_of_every_kind(demo: DemoServer, anna: Client) -> None:
    faults = demo.world.faults
    faults.add(Fault(status=429, code=85131, retry_after="3", count=1))
    answer = await anna.call("GET", "/core/v4/users")
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["Code"]) == (429, "3", 85131)
    faults.add(Fault(status=503, count=1))
    answer = await anna.call("GET", "/core/v4/users")
    assert (answer.status_code, answer.content) == (503, b"")
    faults.add(Fault(status=502, body="<html>Bad gateway</html>", count=1))
    answer = await anna.call("GET", "/core/v4/users")
    assert (answer.status_code, answer.text) == (502, "<html>Bad gateway</html>")
    faults.add(Fault(status=422, code=9001, error="Prove it", details={"HumanVerificationToken": "t"}, count=1))
    answer = await anna.call("GET", "/core/v4/users")
    assert answer.json() == {"Code": 9001, "Error": "Prove it", "Details": {"HumanVerificationToken": "t"}}
    await anna.good("GET", "/core/v4/users")


async def test_a_cut_connection(demo: DemoServer, anna: Client) -> None:
    page = await anna.listing(LabelID="0", Unread=1, PageSize=3)
    first, second, third = [each["ID"] for each in page["Messages"]]
    mailbox = demo.world.account("anna").mailbox
    for cut, message_id, done in (("before", first, False), ("after", second, True), ("body", third, True)):
        demo.world.faults.set([Fault(match="PUT /mail/v4/messages/read", cut=cut, count=1)])  # type: ignore[arg-type]
        with pytest.raises(httpx.RemoteProtocolError if cut != "before" else httpx.TransportError):
            await anna.call("PUT", "/mail/v4/messages/read", json={"IDs": [message_id]})
        assert mailbox.messages[message_id].unread is not done, cut
        await anna.good("PUT", "/mail/v4/messages/read", json={"IDs": [message_id]})
        assert not mailbox.messages[message_id].unread


async def test_delay_and_latency(demo: DemoServer, anna: Client) -> None:
    demo.world.faults.add(Fault(delay=0.15, count=1))
    started = time.monotonic()
    await anna.good("GET", "/core/v4/events/latest")
    assert time.monotonic() - started >= 0.15
    demo.world.options.latency = 0.1
    started = time.monotonic()
    await anna.good("GET", "/core/v4/events/latest")
    assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize(("effect", "status"), [("expire-access", 401), ("revoke", 401), ("stale", 200)])
async def test_effects_on_the_session(demo: DemoServer, anna: Client, effect: str, status: int) -> None:
    demo.world.faults.add(Fault(match="GET /mail/v4/messages", effect=effect, count=1))  # type: ignore[arg-type]
    answer = await anna.call("GET", "/mail/v4/messages")
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["Stale"] == 1
    else:
        assert answer.content == b""
    alive = await anna.call(
        "POST",
        "/auth/v4/refresh",
        json={
            "UID": anna.tokens["UID"],
            "RefreshToken": anna.tokens["RefreshToken"],
            "ResponseType": "token",
            "GrantType": "refresh_token",
        },
    )
    assert (alive.status_code == 200) == (effect != "revoke")


@pytest.mark.parametrize(("effect", "bits"), [("refresh-mail", 1), ("refresh-all", 255)])
async def test_refresh_events(demo: DemoServer, anna: Client, effect: str, bits: int) -> None:
    since = (await anna.good("GET", "/core/v4/events/latest"))["EventID"]
    demo.world.faults.add(Fault(match="GET /core/v4/events/*", effect=effect, count=1))  # type: ignore[arg-type]
    event = await anna.good("GET", f"/core/v4/events/{since}")
    assert event["Refresh"] == bits
    assert (await anna.good("GET", f"/core/v4/events/{event['EventID']}"))["Refresh"] == 0
