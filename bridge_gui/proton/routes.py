"""What all groups of routes share: asking through the session, and batches of ids with one result for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from bridge_gui.proton.http import Part, Request
from bridge_gui.proton.mail_types import ItemResult
from bridge_gui.proton.session import Session
from bridge_gui.proton.wire import Fields

BATCH = 150
"""Ids in one request (API document 4.3)."""
PAGE_SIZE = 150

T = TypeVar("T")


def path_id(value: str) -> str:
    """Quote an id for a path: ids are opaque and end in `==`, or may hold a slash."""
    return quote(value, safe="")


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


class Routes:
    """Base of the groups of routes that make up `Api`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def _get(self, path: str, **params: str | int) -> Fields:
        query = tuple((name, str(value)) for name, value in params.items())
        return (await self._session.request(Request("GET", path, params=query))).fields()

    async def _post(
        self, path: str, json: Any = None, *, headers: tuple[tuple[str, str], ...] = (), makes_new: bool = False
    ) -> Fields:
        request = Request("POST", path, json=json, headers=headers, repeat_unanswered=not makes_new)
        return (await self._session.request(request)).fields()

    async def _post_parts(self, path: str, parts: Sequence[Part], *, makes_new: bool = False) -> Fields:
        request = Request("POST", path, parts=tuple(parts), repeat_unanswered=not makes_new)
        return (await self._session.request(request)).fields()

    async def _put(self, path: str, json: Any = None) -> Fields:
        return (await self._session.request(Request("PUT", path, json=json))).fields()

    async def _delete(self, path: str) -> Fields:
        return (await self._session.request(Request("DELETE", path))).fields()


def item_results(ids: Sequence[str], fields: Fields) -> tuple[ItemResult, ...]:
    """Return one result for each id: what the answer says of it, success where it says nothing (API document 1.3)."""
    told = {result.id: result for result in fields.many("Responses", ItemResult.read)}
    return tuple(told.get(each) or ItemResult(each) for each in ids)
