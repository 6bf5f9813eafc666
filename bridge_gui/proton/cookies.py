"""The cookies of the service, and the jar as text, to be kept between starts (API document 1.2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.cookiejar import Cookie, CookieJar
from typing import Any

import httpx

FORMAT = 1
REMEMBERED = 60.0
"""Seconds for which the header of a request is used again: cookies expire, though after months."""


class Cookies:
    """A jar, whose header is worked out once for requests that differ in nothing a cookie may depend on."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._cookies = httpx.Cookies()
        self._headers: dict[str, tuple[float, str | None]] = {}
        """By origin, only while all cookies are for all paths."""

    @property
    def jar(self) -> CookieJar:
        return self._cookies.jar

    def put_on(self, request: httpx.Request) -> None:
        """Give a request its header."""
        origin = f"{request.url.scheme}://{request.url.netloc.decode('ascii', 'replace')}"
        known = self._headers.get(origin)
        if known is not None and 0 <= self._time() - known[0] < REMEMBERED:
            if known[1] is not None:
                request.headers["Cookie"] = known[1]
            return
        self._cookies.set_cookie_header(request)
        if all(each.path == "/" for each in self.jar):
            self._headers[origin] = (self._time(), request.headers.get("Cookie"))

    def take(self, response: httpx.Response) -> None:
        """Keep what an answer brings."""
        if "set-cookie" in response.headers:
            self._cookies.extract_cookies(response)
            self._headers.clear()

    def export(self) -> str:
        return dump(self.jar, int(self._time()))

    def load(self, text: str) -> None:
        load(self.jar, text)
        self._headers.clear()


def dump(jar: CookieJar, now: int) -> str:
    """Write the cookies that have not expired, those without an expiry included: `Session-Id` may be one."""
    kept = [
        {
            "name": each.name,
            "value": each.value,
            "domain": each.domain,
            "path": each.path,
            "secure": each.secure,
            "expires": each.expires,
        }
        for each in jar
        if not each.is_expired(now)
    ]
    return json.dumps({"format": FORMAT, "cookies": kept}, separators=(",", ":"))


def load(jar: CookieJar, text: str) -> None:
    """Add the cookies of `text` to `jar`; anything not understood is left out."""
    try:
        data = json.loads(text)
    except ValueError:
        return
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("cookies"), list):
        return
    for each in data["cookies"]:
        if isinstance(each, dict) and isinstance(each.get("name"), str) and isinstance(each.get("domain"), str):
            jar.set_cookie(_cookie(each))


def _cookie(data: dict[str, Any]) -> Cookie:
    expires = data.get("expires")
    domain = data["domain"]
    return Cookie(
        version=0,
        name=data["name"],
        value=str(data.get("value") or ""),
        port=None,
        port_specified=False,
        domain=domain,
        domain_specified=domain.startswith("."),
        domain_initial_dot=domain.startswith("."),
        path=str(data.get("path") or "/"),
        path_specified=True,
        secure=bool(data.get("secure")),
        expires=expires if isinstance(expires, int) else None,
        discard=expires is None,
        comment=None,
        comment_url=None,
        rest={"HttpOnly": ""},
    )
