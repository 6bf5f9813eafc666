"""One transport: headers, repeats with the exact figures, clock, cookies, online and offline."""

from __future__ import annotations

import json

import httpx
import pytest

from bridge_gui.proton import errors
from bridge_gui.proton.http import Part, Request, default_app_version, user_agent
from bridge_gui.proton.wire import Fields
from tests.proton.service import FakeTime, Service, ok, refused

GET = Request("GET", "/core/v4/users")


async def test_headers_of_every_request() -> None:
    service = Service([ok(), ok()])
    async with service.transport() as transport:
        await transport.request(GET)
        transport.use_client_name("Thunder bird", "153.7 (esr)")
        transport.use_client_name("Mac OS X Notes", "1")
        transport.use_app_version("windows-bridge@9.9.9")
        await transport.request(GET)
    first, second = service.asked
    assert first.headers["x-pm-appversion"] == "linux-bridge@3.21.1"
    assert first.headers["User-Agent"].startswith("NoClient/0.0.1 (")
    assert second.headers["x-pm-appversion"] == "windows-bridge@9.9.9"
    assert second.headers["User-Agent"].startswith("Thunderbird/153.7-esr (")
    assert "Authorization" not in first.headers


def test_user_agent_cannot_break_the_header() -> None:
    assert "\r" not in user_agent("Evil\r\nX: y", "1\r\n2")
    assert user_agent("", "").startswith("UnknownClient/0.0.1 (")
    assert user_agent("Ünï", "1").isascii()


def test_default_version_has_the_form_the_service_takes() -> None:
    system, _, rest = default_app_version().partition("-")
    assert system in ("linux", "macos", "windows")
    assert rest.startswith("bridge@")


async def test_no_answer_is_tried_four_times_with_growing_waits() -> None:
    time = FakeTime(dice=1.0)
    service = Service([httpx.ConnectError("refused")] * 4)
    async with service.transport(time) as transport:
        with pytest.raises(errors.Offline) as caught:
            await transport.request(GET)
        assert not caught.value.sent
        assert not transport.online.value
    assert time.waits == [0.1, 0.2, 0.4]


async def test_a_cut_connection_is_repeated_and_nobody_is_told() -> None:
    service = Service([httpx.ReadError("cut"), httpx.RemoteProtocolError("cut"), ok(User={"ID": "u"})])
    async with service.transport() as transport:
        answer = await transport.request(GET)
        assert answer.fields().fields("User").text("ID") == "u"
        assert transport.online.value


@pytest.mark.parametrize("status", [429, 503])
async def test_throttled_waits_as_told_plus_jitter(status: int) -> None:
    time = FakeTime(dice=0.55)
    service = Service([refused(status, headers={"Retry-After": "7"}), refused(status), ok()])
    async with service.transport(time) as transport:
        await transport.request(GET)
        assert transport.throttles == 2
        assert transport.online.value
    assert time.waits == [7 + 5, 10 + 5]


async def test_throttled_ends_after_four_tries_and_says_how_long_to_wait() -> None:
    service = Service([refused(429, 85131, "Slow down", headers={"Retry-After": "30"})] * 4)
    async with service.transport() as transport:
        with pytest.raises(errors.Throttled) as caught:
            await transport.request(GET)
    assert caught.value.retry_after == 30
    assert caught.value.text == "Slow down"


async def test_a_waiting_person_is_told_at_once() -> None:
    time = FakeTime()
    service = Service([refused(429, headers={"Retry-After": "30"})])
    async with service.transport(time) as transport:
        with pytest.raises(errors.Throttled):
            await transport.request(Request("POST", "/auth/v4", wait_when_throttled=False))
    assert time.waits == []


@pytest.mark.parametrize(("status", "kind"), [(500, errors.ServerTrouble), (422, errors.Gone), (400, errors.ApiError)])
async def test_other_refusals_are_not_repeated(status: int, kind: type[errors.ApiError]) -> None:
    service = Service([refused(status)])
    async with service.transport() as transport:
        with pytest.raises(kind):
            await transport.request(GET)


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"[1]", b'{"Code": "x"}'])
async def test_an_error_without_readable_body_keeps_its_status(body: bytes) -> None:
    service = Service([httpx.Response(502, content=body)])
    async with service.transport() as transport:
        with pytest.raises(errors.ServerTrouble) as caught:
            await transport.request(GET)
    assert (caught.value.status, caught.value.api_code) == (502, 0)


async def test_an_empty_good_answer_has_no_fields() -> None:
    service = Service([httpx.Response(200)])
    async with service.transport() as transport:
        assert isinstance((await transport.request(GET)).fields(), Fields)


async def test_html_instead_of_json_is_malformed() -> None:
    service = Service([httpx.Response(200, content=b"<html>sign in to the hotel</html>")])
    async with service.transport() as transport:
        answer = await transport.request(GET)
        with pytest.raises(errors.Malformed):
            answer.fields()


async def test_redirects_are_not_followed() -> None:
    service = Service([httpx.Response(302, headers={"Location": "http://elsewhere.example/"})])
    async with service.transport() as transport:
        with pytest.raises(errors.ApiError):
            await transport.request(GET)


async def test_multipart_is_built_anew_for_each_try() -> None:
    service = Service([httpx.ReadError("cut"), refused(503), ok()])
    parts = (
        Part("ContentID", b""),
        Part("KeyPackets", b"\x00key", "blob", "application/octet-stream"),
        Part("Metadata", b'{"0":{}}', None, "application/json"),
    )
    async with service.transport() as transport:
        await transport.request(Request("POST", "/mail/v4/attachments", parts=parts))
    assert len(service.asked) == 3
    for request in service.asked:
        body = request.content
        assert body.count(b'name="KeyPackets"; filename="blob"\r\nContent-Type: application/octet-stream') == 1
        assert b'name="Metadata"\r\nContent-Type: application/json\r\n\r\n{"0":{}}' in body
        assert b'name="ContentID"\r\n\r\n\r\n' in body
        assert b"\x00key" in body


async def test_the_servers_clock_is_kept_as_an_offset() -> None:
    time = FakeTime()
    time.now = 1_700_000_000.0
    service = Service([httpx.Response(422, headers={"Date": "Tue, 14 Nov 2023 23:13:20 GMT"}), ok()])
    async with service.transport(time) as transport:
        assert transport.now() == 1_700_000_000
        with pytest.raises(errors.Gone):
            await transport.request(GET)
        assert transport.now() == 1_700_003_600
        time.now += 10
        assert transport.now() == 1_700_003_610


async def test_a_senseless_date_changes_nothing() -> None:
    time = FakeTime()
    service = Service([httpx.Response(200, headers={"Date": "yesterday"})])
    async with service.transport(time) as transport:
        await transport.request(GET)
        assert transport.clock_offset is None


async def test_any_answer_means_online() -> None:
    service = Service([*[httpx.ConnectTimeout("slow")] * 4, refused(500)])
    async with service.transport() as transport:
        with pytest.raises(errors.Offline):
            await transport.request(GET)
        assert not transport.online.value
        with pytest.raises(errors.ServerTrouble):
            await transport.request(GET)
        assert transport.online.value


async def test_ping_asks_once_and_takes_any_answer() -> None:
    service = Service([httpx.ConnectError("no"), httpx.Response(404)])
    async with service.transport() as transport:
        assert not await transport.ping()
        assert await transport.ping()
    assert service.paths() == ["GET /tests/ping"] * 2


async def test_cookies_outlive_the_program() -> None:
    cookie = "Session-Id=abc; Domain=api.example; Path=/; Secure; HttpOnly; Max-Age=7776000"
    service = Service([httpx.Response(200, headers={"Set-Cookie": cookie}), ok()])
    async with service.transport() as transport:
        await transport.request(GET)
        kept = transport.export_cookies()
    assert "Session-Id" in kept
    async with service.transport() as transport:
        transport.import_cookies(kept)
        await transport.request(GET)
    assert service.asked[-1].headers["Cookie"] == "Session-Id=abc"


@pytest.mark.parametrize("kept", ["", "[]", "{}", '{"format":2}', '{"format":1,"cookies":[1,{"name":"x"}]}', "\x00"])
async def test_a_damaged_jar_is_an_empty_jar(kept: str) -> None:
    service = Service([ok()])
    async with service.transport() as transport:
        transport.import_cookies(kept)
        await transport.request(GET)
    assert "Cookie" not in service.asked[0].headers


async def test_an_answer_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge_gui.proton.http.MAX_ANSWER", 1000)
    service = Service([httpx.Response(200, content=b"x" * 1001)])
    async with service.transport() as transport:
        with pytest.raises(errors.Malformed):
            await transport.request(GET)


async def test_stream_repeats_until_it_begins() -> None:
    service = Service([httpx.ReadError("cut"), refused(429), httpx.Response(200, content=b"data")])
    time = FakeTime()
    async with service.transport(time) as transport, transport.stream(GET) as response:
        assert await response.aread() == b"data"
    assert len(time.waits) == 2


async def test_stream_raises_the_services_error() -> None:
    body = json.dumps({"Code": 2501, "Error": "Attachment does not exist"}).encode()
    service = Service([httpx.Response(422, content=body)])
    async with service.transport() as transport:
        with pytest.raises(errors.Gone, match="does not exist"):
            async with transport.stream(GET):
                pass
