"""One call of the API as a value, and its answer: the routes are plain functions from one to the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bridge_gui.demo.errors import INVALID_VALUE, ApiError
from bridge_gui.demo.records import Json

if TYPE_CHECKING:
    from bridge_gui.demo.account import Account
    from bridge_gui.demo.sessions import Session
    from bridge_gui.demo.world import World


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart form; `filename` is None for a plain field."""

    name: str
    data: bytes
    filename: str | None = None
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A request, its session checked, its body read."""

    world: World
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    parts: tuple[Part, ...] = ()
    session: Session | None = None
    signed_in: Account | None = None
    base_url: str = ""

    @property
    def account(self) -> Account:
        """The user of the session; only for routes that ask for one."""
        assert self.signed_in is not None
        return self.signed_in

    @property
    def json(self) -> Json:
        """Return the body as a JSON object; an empty body is an empty object."""
        if not self.body:
            return {}
        try:
            data = json.loads(self.body)
        except ValueError as error:
            raise ApiError(400, INVALID_VALUE, "The request body is not valid JSON") from error
        if not isinstance(data, dict):
            raise ApiError(400, INVALID_VALUE, "The request body is not a JSON object")
        return data

    def part(self, name: str) -> Part | None:
        return next((part for part in self.parts if part.name == name), None)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: JSON (a `Code` of 1000 is added) or bytes."""

    data: Mapping[str, object] | None = field(default_factory=dict)
    """None sends an empty body."""
    status: int = 200
    content: bytes | None = None
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Op:
    """One route: method, path as Starlette writes it, what to do, and the scope a session needs (None: no session)."""

    method: str
    path: str
    run: Handler
    scope: str | None = "full"
    slow: bool = False
    """Runs in a thread: key work that would hold up other requests."""


def ok(**data: object) -> Reply:
    return Reply({"Code": 1000, **data})


def many(**data: object) -> Reply:
    """Answer a batch: Code 1001, each item with its own code (1.3)."""
    return Reply({"Code": 1001, **data})


def text(data: Mapping[str, object], name: str, default: str | None = None) -> str:
    """Return a text field, or refuse the request."""
    value = data.get(name, default)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise ApiError(422, INVALID_VALUE, f"{name} is required")
    return value


def integer(data: Mapping[str, object], name: str, default: int | None = None) -> int:
    """Return a number; texts of digits and booleans count, as the service takes them."""
    value = data.get(name, default)
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if not isinstance(value, int):
        raise ApiError(422, INVALID_VALUE, f"{name} is required")
    return int(value)


def texts(data: Mapping[str, object], name: str) -> list[str]:
    """Return a list of texts; null and a missing field are an empty list."""
    value = data.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ApiError(422, INVALID_VALUE, f"{name} must be a list of texts")
    return value


def objects(data: Mapping[str, object], name: str) -> list[Json]:
    """Return a list of JSON objects; null and a missing field are an empty list."""
    value = data.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ApiError(422, INVALID_VALUE, f"{name} must be a list of objects")
    return value


def object_(data: Mapping[str, object], name: str) -> Json:
    """Return a JSON object, or refuse the request."""
    value = data.get(name)
    if not isinstance(value, dict):
        raise ApiError(422, INVALID_VALUE, f"{name} is required")
    return value
