"""The cookie jar as text, to be kept between starts (API document 1.2)."""

from __future__ import annotations

import json
from http.cookiejar import Cookie, CookieJar
from typing import Any

FORMAT = 1


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
