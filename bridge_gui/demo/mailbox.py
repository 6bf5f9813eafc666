"""One user's mail: messages, labels, and the rules of what a label does (API document 4.2, 4.3, 4.8).

Listing never walks the mailbox: each label keeps its messages in order of creation and of time, so a page of 150 costs
the same in 50,000 messages as in 50.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from bridge_gui.demo.errors import ALREADY_EXISTS, INVALID_VALUE, NOT_ALLOWED, NOT_FOUND, ApiError
from bridge_gui.demo.feed import Feed
from bridge_gui.demo.ids import Ids
from bridge_gui.demo.records import Action, Flag, ItemResult, Label, Message

INBOX, ALL_DRAFTS, ALL_SENT, TRASH, SPAM, ALL_MAIL, ARCHIVE, SENT, DRAFTS, OUTBOX, STARRED = map(str, range(11))
SCHEDULED, ALMOST_ALL_MAIL, SNOOZED = "12", "15", "16"

SYSTEM_LABELS = tuple(
    Label(id_, name, 4, order=order)
    for order, (id_, name) in enumerate(
        [
            (INBOX, "Inbox"),
            (ALL_DRAFTS, "All Drafts"),
            (ALL_SENT, "All Sent"),
            (TRASH, "Trash"),
            (SPAM, "Spam"),
            (ALL_MAIL, "All Mail"),
            (ARCHIVE, "Archive"),
            (SENT, "Sent"),
            (DRAFTS, "Drafts"),
            (OUTBOX, "Outbox"),
            (STARRED, "Starred"),
            (SCHEDULED, "Scheduled"),
            (ALMOST_ALL_MAIL, "Almost All Mail"),
            (SNOOZED, "Snoozed"),
        ]
    )
)
AUTOMATIC = frozenset({ALL_DRAFTS, ALL_SENT, ALL_MAIL, ALMOST_ALL_MAIL})
"""Follow from a message's flags and place; never set by anyone."""
NOT_FOR_CLIENTS = AUTOMATIC | {OUTBOX, SCHEDULED, SNOOZED}
PLACES = frozenset({INBOX, TRASH, SPAM, ARCHIVE, SENT, DRAFTS, OUTBOX, SCHEDULED, SNOOZED})
"""System labels that exclude each other, as folders do: a message lies in one place."""
BATCH_LIMIT = 150
PAGE_LIMIT = 150


@dataclass(frozen=True, slots=True)
class Filter:
    """What a listing asks for (4.2)."""

    label_id: str = ""
    address_id: str = ""
    ids: frozenset[str] | None = None
    external_id: str = ""
    subject: str = ""
    unread: bool | None = None
    end_id: str = ""
    begin_id: str = ""
    descending: bool = False
    by_time: bool = False
    page: int = 0
    page_size: int = PAGE_LIMIT

    @property
    def scans(self) -> bool:
        """Some condition has no index."""
        return bool(self.address_id or self.external_id or self.subject) or self.unread is not None


class Shelf:
    """The messages of one label, in order of creation and in order of time."""

    __slots__ = ("by_number", "by_time", "unread")

    def __init__(self) -> None:
        self.by_number: list[int] = []
        self.by_time: list[tuple[int, int]] = []
        self.unread = 0

    def add(self, message: Message) -> None:
        insort(self.by_number, message.number)
        insort(self.by_time, (message.time, message.number))
        self.unread += message.unread

    def discard(self, message: Message) -> None:
        del self.by_number[bisect_left(self.by_number, message.number)]
        del self.by_time[bisect_left(self.by_time, (message.time, message.number))]
        self.unread -= message.unread


class Mailbox:
    """Hold one user's messages and labels; every change is told to the event feed."""

    def __init__(self, ids: Ids, owner: int, feed: Feed, *, trash_drops_labels: bool = True) -> None:
        self._ids = ids
        self._owner = owner
        self.feed = feed
        self.labels: dict[str, Label] = {label.id: label for label in SYSTEM_LABELS}
        self.messages: dict[str, Message] = {}
        self._by_number: dict[int, str] = {}
        self._gone: dict[str, tuple[int, int]] = {}
        """Time and number of deleted messages: a client in the middle of a listing may still name them as an edge."""
        self._shelves: dict[str, Shelf] = {}
        self.last_number = 0
        self._last_label = 0
        self._undo: dict[str, tuple[Message, ...]] = {}
        self._last_undo = 0
        self.trash_drops_labels = trash_drops_labels
        self.used = 0
        """Bytes of all messages."""

    # ------------------------------------------------------------------------------------------ messages

    def next_number(self) -> int:
        self.last_number += 1
        return self.last_number

    def message_id(self, number: int) -> str:
        return self._ids.make("m", self._owner, number)

    def conversation_of(self, message: Message) -> str:
        """Return a message's conversation: its own, unless it joined another's."""
        return message.conversation_id or self._ids.make("c", self._owner, message.number)

    def all_labels(self, message: Message) -> frozenset[str]:
        """Return the chosen labels and those that follow from flags and place."""
        return with_automatic(message.labels, message.flags & (Flag.RECEIVED | Flag.SENT))

    def get(self, message_id: str) -> Message:
        """Return a message or refuse with 422, as the service does for one that is gone."""
        message = self.messages.get(message_id)
        if message is None:
            raise ApiError(422, NOT_FOUND, "Message does not exist")
        return message

    def add(self, message: Message, *, tell: bool = True) -> None:
        self.messages[message.id] = message
        self._by_number[message.number] = message.id
        self.last_number = max(self.last_number, message.number)
        self.used += message.size
        for label in self.all_labels(message):
            self._shelf(label).add(message)
        if tell:
            self.feed.add("Messages", message.id, Action.CREATE)

    def fill(self, messages: Iterable[Message]) -> None:
        """Add many messages in order of creation, without telling the feed; much quicker than one by one."""
        for message in messages:
            self.messages[message.id] = message
            self._by_number[message.number] = message.id
            self.last_number = max(self.last_number, message.number)
            self.used += message.size
            for label in self.all_labels(message):
                shelf = self._shelf(label)
                shelf.by_number.append(message.number)
                shelf.by_time.append((message.time, message.number))
                shelf.unread += message.unread
        for shelf in self._shelves.values():
            shelf.by_number.sort()
            shelf.by_time.sort()

    def put(self, message: Message, action: int) -> None:
        """Replace a message by its new state, and tell it as `action`."""
        old = self.messages[message.id]
        if old == message:
            return
        before, after = self.all_labels(old), self.all_labels(message)
        moved = (old.time, old.number) != (message.time, message.number)
        for label in before if moved else before - after:
            self._shelf(label).discard(old)
        for label in after if moved else after - before:
            self._shelf(label).add(message)
        if not moved and old.unread != message.unread:
            for label in before & after:
                self._shelf(label).unread += 1 if message.unread else -1
        self.messages[message.id] = message
        self.used += message.size - old.size
        self.feed.add("Messages", message.id, action)

    def remove(self, message_id: str) -> None:
        message = self.messages.pop(message_id)
        self._gone[message_id] = (message.time, message.number)
        del self._by_number[message.number]
        self.used -= message.size
        for label in self.all_labels(message):
            self._shelf(label).discard(message)
        self.feed.add("Messages", message_id, Action.DELETE)

    def _shelf(self, label: str) -> Shelf:
        shelf = self._shelves.get(label)
        if shelf is None:
            shelf = self._shelves[label] = Shelf()
        return shelf

    # ------------------------------------------------------------------------------------------ listing

    def counts(self) -> list[tuple[str, int, int]]:
        """Return label, total and unread of every label that has messages or could have."""
        return [
            (label, len(self._shelf(label).by_number), self._shelf(label).unread)
            for label in self.labels
            if self.labels[label].type != 2
        ]

    def page(self, wanted: Filter) -> tuple[list[Message], int]:
        """Return one page and the number of messages that match without paging."""
        size = max(0, min(wanted.page_size, PAGE_LIMIT))
        if wanted.ids is not None:
            found = [self.messages[i] for i in wanted.ids if i in self.messages]
            label = wanted.label_id
            found = [m for m in found if (not label or label in self.all_labels(m)) and matches(m, wanted)]
            found.sort(key=lambda m: (m.time, m.number) if wanted.by_time else (m.number,), reverse=wanted.descending)
            start = wanted.page * size
            return found[start : start + size], len(found)
        shelf = self._shelf(wanted.label_id or ALL_MAIL)
        total = len(shelf.by_number)
        first, last = self._bounds(shelf, wanted)
        if not wanted.scans:
            return [self._at(shelf, n, wanted) for n in _slice(first, last, wanted, size)], total
        order = range(last - 1, first - 1, -1) if wanted.descending else range(first, last)
        hits = [m for n in order if matches(m := self._at(shelf, n, wanted), wanted)]
        start = wanted.page * size
        return hits[start : start + size], len(hits)

    def _bounds(self, shelf: Shelf, wanted: Filter) -> tuple[int, int]:
        """Cut the order at BeginID and EndID, both inclusive (4.2)."""
        first, last = 0, len(shelf.by_number)
        for edge, is_end in ((wanted.end_id, True), (wanted.begin_id, False)):
            if not edge:
                continue
            message = self.messages.get(edge)
            position = self._position(shelf, edge, wanted)
            if is_end == wanted.descending:
                last = min(last, position + (message is not None))
            else:
                first = max(first, position)
        return first, last

    def _position(self, shelf: Shelf, message_id: str, wanted: Filter) -> int:
        """Return where a message stands in the order, or stood before it was deleted."""
        message = self.messages.get(message_id)
        place = self._gone.get(message_id) if message is None else (message.time, message.number)
        if place is None:
            raise ApiError(422, INVALID_VALUE, "BeginID or EndID is not a message")
        if wanted.by_time:
            return bisect_left(shelf.by_time, place)
        return bisect_left(shelf.by_number, place[1])

    def _at(self, shelf: Shelf, position: int, wanted: Filter) -> Message:
        number = shelf.by_time[position][1] if wanted.by_time else shelf.by_number[position]
        return self.messages[self._by_number[number]]

    def ids_after(self, after: str, limit: int) -> list[str]:
        """Return message ids in order of creation, following `after`."""
        numbers = self._shelf(ALL_MAIL).by_number
        parsed = self._ids.parse("m", after) if after else (0, 0, 0)
        if parsed is None:
            raise ApiError(422, INVALID_VALUE, "AfterID is not a message")
        start = bisect_left(numbers, parsed[1] + 1)
        return [self._by_number[n] for n in itertools.islice(numbers, start, start + limit)]

    def find_external(self, external_id: str) -> Iterator[Message]:
        return (m for m in self.messages.values() if m.external_id == external_id)

    # ------------------------------------------------------------------------------------------ actions

    def mark(self, ids: Iterable[str], *, unread: bool) -> list[ItemResult]:
        return [self._each(i, lambda m: replace(m, unread=unread), Action.UPDATE_FLAGS) for i in checked(ids)]

    def mark_forwarded(self, ids: Iterable[str], *, forwarded: bool) -> list[ItemResult]:
        def change(message: Message) -> Message:
            flags = message.flags | Flag.FORWARDED if forwarded else message.flags & ~Flag.FORWARDED
            return replace(message, is_forwarded=forwarded, flags=flags)

        return [self._each(i, change, Action.UPDATE_FLAGS) for i in checked(ids)]

    def label(self, ids: Iterable[str], label_id: str) -> tuple[list[ItemResult], str]:
        """Add a label to messages, or move them when it is a place or folder; return their fates and an undo token."""
        label = self._settable(label_id)
        return self._with_undo(ids, lambda m: self._labelled(m, label))

    def unlabel(self, ids: Iterable[str], label_id: str) -> tuple[list[ItemResult], str]:
        self._settable(label_id)
        return self._with_undo(ids, lambda m: replace(m, labels=m.labels - {label_id}))

    def delete(self, ids: Iterable[str]) -> list[ItemResult]:
        """Delete for ever; a message that still lies in a place other than Trash, Spam or Drafts is refused."""
        results = []
        for message_id in checked(ids):
            message = self.messages.get(message_id)
            if message is None:
                results.append(ItemResult(message_id, NOT_FOUND, "Message does not exist"))
            elif self._places(message.labels) - {TRASH, SPAM, DRAFTS}:
                results.append(ItemResult(message_id, NOT_ALLOWED, "Message is not in Trash, Spam or Drafts"))
            else:
                self.remove(message_id)
                results.append(ItemResult(message_id))
        return results

    def undo(self, token: str) -> list[Message]:
        """Put the messages of a label or unlabel call back to where they were."""
        states = self._undo.pop(token, None)
        if states is None:
            raise ApiError(422, INVALID_VALUE, "Undo token is unknown or expired")
        for state in states:
            if (now := self.messages.get(state.id)) is not None:
                self.put(replace(now, labels=state.labels, unread=state.unread), Action.UPDATE_FLAGS)
        return [self.messages[state.id] for state in states if state.id in self.messages]

    def empty(self, label_id: str, address_id: str = "") -> int:
        """Delete all messages of Trash, Spam, Drafts or a folder (of one address)."""
        numbers = list(self._shelf(label_id).by_number)
        doomed = [self.messages[self._by_number[n]] for n in numbers]
        doomed = [m for m in doomed if not address_id or m.address_id == address_id]
        for message in doomed:
            self.remove(message.id)
        return len(doomed)

    def _each(self, message_id: str, change: Callable[[Message], Message], action: int) -> ItemResult:
        message = self.messages.get(message_id)
        if message is None:
            return ItemResult(message_id, NOT_FOUND, "Message does not exist")
        self.put(change(message), action)
        return ItemResult(message_id)

    def _with_undo(self, ids: Iterable[str], change: Callable[[Message], Message]) -> tuple[list[ItemResult], str]:
        wanted = checked(ids)
        before = tuple(self.messages[i] for i in wanted if i in self.messages)
        results = [self._each(i, change, Action.UPDATE_FLAGS) for i in wanted]
        self._last_undo += 1
        token = self._ids.make("u", self._owner, self._last_undo)
        self._undo[token] = before
        while len(self._undo) > 64:
            del self._undo[next(iter(self._undo))]
        return results, token

    def _settable(self, label_id: str) -> Label:
        label = self.labels.get(label_id)
        if label is None or label.type == 2:
            raise ApiError(422, NOT_FOUND, "Label does not exist")
        if label_id in NOT_FOR_CLIENTS:
            raise ApiError(422, NOT_ALLOWED, f"{label.name} cannot be set or removed")
        return label

    def _places(self, labels: frozenset[str]) -> frozenset[str]:
        return frozenset(i for i in labels if i in PLACES or self.labels[i].is_folder)

    def _labelled(self, message: Message, label: Label) -> Message:
        """Apply the labelling rules of 4.3 to one message."""
        if label.id not in PLACES and not label.is_folder:
            return replace(message, labels=message.labels | {label.id})
        target = fitting(label.id, message.flags)
        labels = message.labels - self._places(message.labels) | {target}
        unread = message.unread
        if target in (TRASH, SPAM) and self.trash_drops_labels:
            labels = frozenset(i for i in labels if self.labels[i].type != 1)
        if target == TRASH:
            unread = False
        return replace(message, labels=labels, unread=unread)

    # ------------------------------------------------------------------------------------------ labels

    def path(self, label: Label) -> str:
        """Return the slash-joined path; a slash inside a name is escaped as the service does."""
        name = label.name.replace("\\", "\\\\").replace("/", "\\/")
        parent = self.labels.get(label.parent_id)
        return f"{self.path(parent)}/{name}" if parent else name

    def create_label(self, name: str, type_: int, color: str, parent_id: str = "", *, tell: bool = True) -> Label:
        self._check_label(name, type_, parent_id, own_id="")
        self._last_label += 1
        id_ = self._ids.make("l", self._owner, self._last_label)
        label = Label(id_, name, type_, color, parent_id, order=self._last_label)
        self.labels[id_] = label
        if tell:
            self.feed.add("Labels", id_, Action.CREATE)
        return label

    def update_label(self, label_id: str, name: str, color: str, parent_id: str = "") -> Label:
        label = self._own_label(label_id)
        self._check_label(name, label.type, parent_id, own_id=label_id)
        ancestor = self.labels.get(parent_id)
        while ancestor is not None:
            if ancestor.id == label_id:
                raise ApiError(422, INVALID_VALUE, "A folder cannot lie in itself")
            ancestor = self.labels.get(ancestor.parent_id)
        label = replace(label, name=name, color=color or label.color, parent_id=parent_id)
        self.labels[label_id] = label
        self.feed.add("Labels", label_id, Action.UPDATE)
        return label

    def delete_label(self, label_id: str) -> None:
        """Delete a label or folder with its children; its messages lose it and stay in All Mail."""
        self._own_label(label_id)
        for child in [each for each in self.labels.values() if each.parent_id == label_id]:
            self.delete_label(child.id)
        for number in list(self._shelf(label_id).by_number):
            message = self.messages[self._by_number[number]]
            self.put(replace(message, labels=message.labels - {label_id}), Action.UPDATE_FLAGS)
        del self.labels[label_id]
        self._shelves.pop(label_id, None)
        self.feed.add("Labels", label_id, Action.DELETE)

    def restore_label(self, label: Label) -> None:
        """Take a label back from a saved state."""
        self.labels[label.id] = label
        self._last_label = max(self._last_label, label.order)

    def _own_label(self, label_id: str) -> Label:
        label = self.labels.get(label_id)
        if label is None:
            raise ApiError(422, NOT_FOUND, "Label does not exist")
        if label.type == 4:
            raise ApiError(422, NOT_ALLOWED, "A system label cannot be changed")
        return label

    def _check_label(self, name: str, type_: int, parent_id: str, own_id: str) -> None:
        if not name.strip() or len(name) > 100:
            raise ApiError(422, INVALID_VALUE, "Label name is invalid")
        if type_ not in (1, 2, 3):
            raise ApiError(422, INVALID_VALUE, "Label type is invalid")
        if parent_id and (type_ != 3 or parent_id not in self.labels or not self.labels[parent_id].is_folder):
            raise ApiError(422, INVALID_VALUE, "ParentID is invalid")
        siblings = (
            each
            for each in self.labels.values()
            if each.id != own_id and (each.type == 4 or each.parent_id == parent_id)
        )
        if any(each.name.casefold() == name.casefold() for each in siblings):
            raise ApiError(409, ALREADY_EXISTS, "A label or folder with this name already exists")


@lru_cache(maxsize=4096)
def with_automatic(labels: frozenset[str], direction: int) -> frozenset[str]:
    """Add the labels that follow from place and direction: All Mail, Almost All Mail, All Drafts, All Sent (4.8)."""
    added = {ALL_MAIL}
    if not direction:
        added.add(ALL_DRAFTS)
    if direction & Flag.SENT:
        added.add(ALL_SENT)
    if not labels & {TRASH, SPAM}:
        added.add(ALMOST_ALL_MAIL)
    return labels | added


def checked(ids: Iterable[str]) -> list[str]:
    """Return a batch's ids, or refuse an empty or too big one."""
    wanted = list(dict.fromkeys(ids))
    if not 1 <= len(wanted) <= BATCH_LIMIT:
        raise ApiError(422, INVALID_VALUE, f"IDs must hold 1 to {BATCH_LIMIT} ids")
    return wanted


def fitting(label_id: str, flags: int) -> str:
    """Inbox, Sent and Drafts take only what belongs there; others go to the one of the three that fits (4.3)."""
    belongs = {INBOX: flags & Flag.RECEIVED, SENT: flags & Flag.SENT, DRAFTS: not flags & (Flag.RECEIVED | Flag.SENT)}
    if label_id not in belongs or belongs[label_id]:
        return label_id
    if flags & Flag.RECEIVED:
        return INBOX
    return SENT if flags & Flag.SENT else DRAFTS


def matches(message: Message, wanted: Filter) -> bool:
    """Tell whether a message meets the conditions that have no index."""
    return (
        (not wanted.address_id or message.address_id == wanted.address_id)
        and (not wanted.external_id or message.external_id == wanted.external_id)
        and (not wanted.subject or wanted.subject.casefold() in message.subject.casefold())
        and (wanted.unread is None or message.unread == wanted.unread)
    )


def _slice(first: int, last: int, wanted: Filter, size: int) -> range:
    if wanted.descending:
        stop = max(first, last - wanted.page * size)
        return range(stop - 1, max(first, stop - size) - 1, -1)
    start = first + wanted.page * size
    return range(start, min(last, start + size))
