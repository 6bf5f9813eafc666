"""One user's event feed (API document 5).

Every change is a numbered entry. An event answers for all entries after the client's id, at most `per_event` of them,
merged by object: the last word counts, a delete swallows what came before it, a create keeps its name when the object
changed afterwards. Objects are shown in their present state, so an object that is gone by now is left out until its
delete arrives.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from bridge_gui.demo.ids import Ids
from bridge_gui.demo.records import Action

HISTORY = 200_000
"""Entries kept for each user; a client that is further behind is told to refresh everything."""
REFRESH_MAIL = 1
REFRESH_ALL = 255


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` is the array of the event it belongs to (`Messages`, `Labels` ...), or `Refresh` with the bits as `id`."""

    number: int
    kind: str
    id: str
    action: int


@dataclass(frozen=True, slots=True)
class Span:
    """The merged entries between two event ids."""

    event_id: str
    more: bool
    refresh: int
    items: tuple[tuple[str, str, int], ...]
    """Kind, id and action of each object, in the order of its last change."""


class Feed:
    """Collect one user's changes and answer what happened since an event id."""

    def __init__(self, ids: Ids, owner: int, last: int = 0, per_event: int = 100) -> None:
        self._ids = ids
        self._owner = owner
        self._entries: deque[Entry] = deque(maxlen=HISTORY)
        self.last = last
        self.per_event = per_event
        """How many changes one event holds at most; more set `More`."""

    @property
    def latest(self) -> str:
        return self._ids.make("e", self._owner, self.last)

    def add(self, kind: str, id_: str, action: int) -> None:
        self.last += 1
        self._entries.append(Entry(self.last, kind, id_, action))

    def refresh(self, bits: int = REFRESH_ALL) -> None:
        """Tell the client that what it knows is invalid (5.1: 1 mail, 2 contacts, 255 everything)."""
        self.add("Refresh", str(bits), Action.UPDATE)

    def entries(self) -> list[Entry]:
        return list(self._entries)

    def restore(self, entries: Iterable[Entry], last: int) -> None:
        """Take the history back from a saved state, so that event ids given out before stay good."""
        self._entries.extend(entries)
        self.last = last

    def since(self, event_id: str) -> Span:
        """Return what happened after `event_id`; an unknown or forgotten one means a refresh of everything."""
        parsed = self._ids.parse("e", event_id)
        known = parsed is not None and parsed[0] == self._owner and parsed[1] <= self.last
        first = self.last - len(self._entries)
        if not known or parsed is None or parsed[1] < first:
            return Span(self.latest, more=False, refresh=REFRESH_ALL, items=())
        start = parsed[1]
        stop = min(self.last, start + self.per_event)
        offset = len(self._entries) - (self.last - start)
        window = [self._entries[offset + n] for n in range(stop - start)]
        refresh, items = merge(window)
        return Span(self._ids.make("e", self._owner, stop), stop < self.last, refresh, items)


def merge(entries: Iterable[Entry]) -> tuple[int, tuple[tuple[str, str, int], ...]]:
    """Join the entries of one object into one action (10.4)."""
    refresh = 0
    merged: dict[tuple[str, str], int] = {}
    for entry in entries:
        if entry.kind == "Refresh":
            refresh |= int(entry.id)
            continue
        key = (entry.kind, entry.id)
        before = merged.pop(key, None)
        merged[key] = _join(before, entry.action)
    return refresh, tuple((kind, id_, action) for (kind, id_), action in merged.items())


def _join(before: int | None, now: int) -> int:
    if before is None or now in (Action.DELETE, Action.CREATE):
        return now
    if before == Action.CREATE:
        return Action.CREATE
    return Action.UPDATE if Action.UPDATE in (before, now) else now
