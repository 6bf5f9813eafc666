"""The header of cookies is worked out once, and never stale for long."""

from __future__ import annotations

import httpx

from bridge_gui.proton.cookies import REMEMBERED, Cookies
from tests.proton.service import FakeTime


def asked(cookies: Cookies, url: str) -> str | None:
    request = httpx.Request("GET", url)
    cookies.put_on(request)
    value: str | None = request.headers.get("Cookie")
    return value


def answer(cookies: Cookies, url: str, *set_cookie: str) -> None:
    headers = [("Set-Cookie", each) for each in set_cookie]
    cookies.take(httpx.Response(200, headers=headers, request=httpx.Request("GET", url)))


def test_a_new_cookie_is_sent_at_once_and_to_its_origin_only() -> None:
    cookies = Cookies(FakeTime().clock.time)
    assert asked(cookies, "http://a.example/one") is None
    answer(cookies, "http://a.example/one", "Session-Id=x; Path=/")
    assert [asked(cookies, f"http://a.example/{n}") for n in (1, 2)] == ["Session-Id=x"] * 2
    assert asked(cookies, "http://b.example/one") is None
    answer(cookies, "http://a.example/one", "Session-Id=y; Path=/")
    assert asked(cookies, "http://a.example/one") == "Session-Id=y"


def test_a_secure_cookie_is_not_sent_in_clear() -> None:
    cookies = Cookies(FakeTime().clock.time)
    answer(cookies, "https://a.example/", "Session-Id=x; Path=/; Secure")
    assert asked(cookies, "https://a.example/") == "Session-Id=x"
    assert asked(cookies, "http://a.example/") is None


def test_a_cookie_for_one_path_is_sent_there_alone() -> None:
    cookies = Cookies(FakeTime().clock.time)
    answer(cookies, "http://a.example/", "One=1; Path=/", "Two=2; Path=/mail")
    assert asked(cookies, "http://a.example/core") == "One=1"
    assert sorted((asked(cookies, "http://a.example/mail/v4") or "").split("; ")) == ["One=1", "Two=2"]


def test_what_is_remembered_is_looked_at_again() -> None:
    time = FakeTime()
    cookies = Cookies(time.clock.time)
    answer(cookies, "http://a.example/", "One=1; Path=/")
    assert asked(cookies, "http://a.example/") == "One=1"
    cookies.jar.clear()
    assert asked(cookies, "http://a.example/") == "One=1"
    time.now += REMEMBERED
    assert asked(cookies, "http://a.example/") is None
