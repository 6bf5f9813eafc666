"""Tokens: single flight, saved before used, signed out only when the service says so."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from bridge_gui.proton import errors
from bridge_gui.proton.http import Request
from bridge_gui.proton.session import Session
from bridge_gui.proton.types import SessionTokens
from bridge_gui.secret import Secret
from tests.proton.service import FakeTime, Service, ok, refused, tokens

GET = Request("GET", "/core/v4/users")
EXPIRED = refused(401, 401, "Invalid access token")


def fresh(number: int) -> httpx.Response:
    return ok(UID="uid-1", AccessToken=f"access-{number}", RefreshToken=f"refresh-{number}", Scope="full")


class Kept:
    """Notes what is saved and whether the session was ended."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.saved: list[tuple[SessionTokens, int]] = []
        self.ended: list[errors.ApiError] = []

    async def save(self, new: SessionTokens) -> None:
        self.saved.append((new, len(self.service.asked)))

    async def end(self, error: errors.ApiError) -> None:
        self.ended.append(error)

    def session(self, start: SessionTokens | None = None, time: FakeTime | None = None) -> Session:
        return Session(self.service.transport(time), start or tokens(), self.save, self.end)


def access(request: httpx.Request) -> str:
    return request.headers["Authorization"].removeprefix("Bearer ")


async def test_requests_carry_the_session() -> None:
    service = Service([ok()])
    await Kept(service).session().request(GET)
    assert service.asked[0].headers["x-pm-uid"] == "uid-1"
    assert service.asked[0].headers["Authorization"] == "Bearer access-1"


async def test_an_expired_token_is_refreshed_saved_and_the_request_repeated() -> None:
    service = Service([EXPIRED, fresh(2), ok(User={"ID": "u"})])
    kept = Kept(service)
    session = kept.session()
    answer = await session.request(GET)
    assert answer.fields().fields("User").text("ID") == "u"
    assert service.paths() == ["GET /core/v4/users", "POST /auth/v4/refresh", "GET /core/v4/users"]
    assert access(service.asked[2]) == "access-2"
    assert kept.saved == [(tokens(2), 2)], "the new pair is saved before the third request uses it"
    body = service.body(1)
    assert body["UID"] == "uid-1"
    assert body["RefreshToken"] == "refresh-1"
    assert body["AccessToken"] == "access-1"
    assert (body["ResponseType"], body["GrantType"]) == ("token", "refresh_token")
    assert body["RedirectURI"] == "https://protonmail.ch"
    assert len(body["State"]) == 32
    assert "Authorization" not in service.asked[1].headers


async def test_a_session_without_access_token_refreshes_first() -> None:
    service = Service([fresh(2), ok()])
    session = Kept(service).session(SessionTokens("uid-1", Secret(""), Secret("refresh-1")))
    await session.request(GET)
    assert service.paths() == ["POST /auth/v4/refresh", "GET /core/v4/users"]
    assert "AccessToken" not in service.body(0)


async def test_many_at_once_refresh_once() -> None:
    class Crowd(Service):
        async def __call__(self, request: httpx.Request) -> httpx.Response:
            self.asked.append(request)
            await asyncio.sleep(0)
            if request.url.path.endswith("refresh"):
                await asyncio.sleep(0.01)
                return fresh(2)
            return ok() if access(request) == "access-2" else EXPIRED

    service = Crowd()
    kept = Kept(service)
    session = kept.session()
    await asyncio.gather(*(session.request(GET) for _ in range(20)))
    assert service.paths().count("POST /auth/v4/refresh") == 1
    assert [saved for saved, _ in kept.saved] == [tokens(2)]


async def test_a_late_401_for_the_old_token_only_repeats() -> None:
    slow = asyncio.Event()

    async def late(_: httpx.Request) -> httpx.Response:
        await slow.wait()
        return EXPIRED

    service = Service([late, EXPIRED, fresh(2), ok(), ok()])
    session = Kept(service).session()
    first = asyncio.get_running_loop().create_task(session.request(GET))
    await service.reached(1)
    await session.request(GET)
    slow.set()
    await first
    assert service.paths().count("POST /auth/v4/refresh") == 1


async def test_a_second_401_is_an_error() -> None:
    service = Service([EXPIRED, fresh(2), EXPIRED])
    kept = Kept(service)
    with pytest.raises(errors.SessionExpired):
        await kept.session().request(GET)
    assert kept.ended == []


@pytest.mark.parametrize(("status", "code"), [(400, 10013), (422, 10013), (422, 0), (400, 0)])
async def test_a_refused_refresh_ends_the_session_once(status: int, code: int) -> None:
    service = Service([EXPIRED, *[refused(status, code, "Invalid refresh token")] * 4])
    kept = Kept(service)
    session = kept.session()
    for _ in range(3):
        with pytest.raises(errors.SignedOut):
            await session.request(GET)
    assert len(kept.ended) == 1
    assert isinstance(session.over, errors.SignedOut)
    assert service.paths().count("POST /auth/v4/refresh") == 4, "three repeats, and nothing after the end"
    assert kept.saved == []


@pytest.mark.parametrize(
    "trouble",
    [
        [refused(409)],
        [refused(500)],
        [refused(429)] * 4,
        [httpx.ConnectError("offline")] * 4,
        [refused(400, 5003)],
        [refused(422, 9001)] * 4,
        [httpx.Response(200, content=b"<html>")],
        [refused(404)],
        [refused(422, 10013), refused(429), refused(422, 10013), refused(429), refused(500)],
    ],
)
async def test_other_trouble_with_the_refresh_signs_nobody_out(trouble: list[httpx.Response | Exception]) -> None:
    service = Service([EXPIRED, *trouble])
    kept = Kept(service)
    session = kept.session()
    with pytest.raises((errors.ApiError, errors.Offline, errors.Malformed)) as caught:
        await session.request(GET)
    assert not isinstance(caught.value, errors.SignedOut)
    assert kept.ended == []
    service.answers = [EXPIRED, fresh(2), ok()]
    await session.request(GET)
    assert session.tokens == tokens(2)


async def test_a_refusal_between_trouble_is_not_the_end() -> None:
    """A service in trouble says now this and now that; four refusals of one refresh it takes to end a session."""
    trouble = [refused(422, 10013), refused(429), refused(422), httpx.ReadError("cut"), refused(400)]
    service = Service([EXPIRED, *trouble, fresh(2), ok()])
    kept = Kept(service)
    await kept.session().request(GET)
    assert kept.ended == []
    assert [new for new, _ in kept.saved] == [tokens(2)]


@pytest.mark.parametrize("answer", [refused(422, 10013), refused(422, 8004), refused(400, 8005)])
async def test_only_the_refresh_can_end_a_session(answer: httpx.Response) -> None:
    """Another route that says so makes us refresh; when that goes well, it was wrong, or in trouble."""
    service = Service([answer, fresh(2), ok()])
    kept = Kept(service)
    await kept.session().request(GET)
    assert [new for new, _ in kept.saved] == [tokens(2)]
    service.answers = [refused(422, 10013), fresh(3), refused(422, 10013)]
    with pytest.raises(errors.ServerTrouble):
        await kept.session().request(GET)
    assert kept.ended == []


async def test_a_cancelled_request_does_not_lose_the_refresh() -> None:
    answer = asyncio.Event()

    async def slow(_: httpx.Request) -> httpx.Response:
        await answer.wait()
        return fresh(2)

    service = Service([EXPIRED, slow, ok()])
    kept = Kept(service)
    session = kept.session()
    task = asyncio.get_running_loop().create_task(session.request(GET))
    await service.reached(2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    answer.set()
    await session.close()
    assert [saved for saved, _ in kept.saved] == [tokens(2)]
    assert session.tokens == tokens(2)


async def test_a_pair_that_could_not_be_saved_is_saved_before_anything_else() -> None:
    service = Service([EXPIRED, fresh(2), ok()])
    kept = Kept(service)
    full = [True]

    async def save(new: SessionTokens) -> None:
        if full.pop():
            raise OSError("no space left")
        await kept.save(new)

    session = Session(service.transport(), tokens(), save, kept.end)
    with pytest.raises(OSError, match="no space"):
        await session.request(GET)
    full.append(False)
    await session.request(GET)
    assert service.paths().count("POST /auth/v4/refresh") == 1
    assert [saved for saved, _ in kept.saved] == [tokens(2)]
    assert access(service.asked[-1]) == "access-2"


async def test_403_and_422_are_no_reason_to_refresh() -> None:
    service = Service([refused(403, 0, "", Details={"MissingScopes": ["locked"]}), refused(422)])
    session = Kept(service).session()
    with pytest.raises(errors.ScopeMissing):
        await session.request(GET)
    with pytest.raises(errors.Gone):
        await session.request(GET)


async def test_logout_ends_the_session_whatever_the_answer() -> None:
    service = Service([httpx.ConnectError("offline")] * 2)
    kept = Kept(service)
    session = kept.session()
    with pytest.raises(errors.Offline):
        await session.logout()
    with pytest.raises(errors.SignedOut):
        await session.request(GET)
    assert kept.ended == [], "who signs out knows it"


async def test_a_stream_is_repeated_after_a_refresh() -> None:
    service = Service([EXPIRED, fresh(2), httpx.Response(200, content=b"data")])
    session = Kept(service).session()
    async with session.stream(GET) as response:
        assert await response.aread() == b"data"
    assert access(service.asked[-1]) == "access-2"


async def test_tokens_that_would_break_a_header_are_refused() -> None:
    broken = ok(UID="uid-1", AccessToken="x\r\ny", RefreshToken="r")
    session = Kept(Service([EXPIRED, broken])).session()
    with pytest.raises(errors.Malformed):
        await session.request(GET)
