"""Ask a running core: the other end of `control.server`, for the command line. Synchronous."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from bridge_gui.config import Profile
from bridge_gui.errors import BridgeError, NoCore, NotFound, Refused, UsageError

CONNECT_SECONDS = 5.0


class Answered(Refused):
    """The core refused; code and words are its own."""

    def __init__(self, code: str, message: str, *, title: str, remedy: str) -> None:
        super().__init__(message, title=title, remedy=remedy)
        self.code = code  # type: ignore[misc]


class ControlClient:
    """A connection to the core of a profile. Raise `NoCore` when none is running."""

    def __init__(self, profile: Profile) -> None:
        try:
            card = json.loads(profile.control_file.read_bytes())
            token = card["token"]
            place = card.get("socket")
            if place and not Path(place).exists():
                raise NoCore()
            base = "http://core" if place else f"http://{card['host']}:{card['port']}"
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NoCore() from error
        self._http = httpx.Client(
            base_url=base,
            transport=httpx.HTTPTransport(uds=place, trust_env=False),
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            trust_env=False,
        )

    def __enter__(self) -> ControlClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._ask("POST", path, body or {})

    def put(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask("PUT", path, body)

    def events(self) -> Iterator[Any]:
        """Yield the status each time it has changed, until the core ends."""
        try:
            with self._http.stream("GET", "/v1/events") as answer:
                for line in answer.iter_lines():
                    if line.startswith("data: "):
                        yield json.loads(line.removeprefix("data: "))
        except httpx.ConnectError as error:
            raise NoCore() from error
        except httpx.TransportError:
            return

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.ConnectError as error:
            raise NoCore() from error
        except httpx.TransportError as error:
            raise NoCore("Bridge Manager ended before it answered.") from error
        if answer.is_success:
            return answer.json()
        raise _error(answer)


def _error(answer: httpx.Response) -> BridgeError:
    try:
        raw = answer.json()["error"]
        code, message = str(raw["code"]), str(raw.get("message", ""))
        title, remedy = str(raw.get("title", "")), str(raw.get("remedy", ""))
    except (ValueError, KeyError, TypeError):
        return BridgeError(f"The core answered with status {answer.status_code}.")
    if answer.status_code == 400:
        return UsageError(message, title=title, remedy=remedy)
    if answer.status_code == 404:
        return NotFound(message, title=title, remedy=remedy)
    return Answered(code, message, title=title, remedy=remedy)


def quoted(text: str) -> str:
    """A text as one segment of a path."""
    from urllib.parse import quote

    return quote(text, safe="")
