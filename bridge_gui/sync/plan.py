"""What an event page means for the store: pure decisions (API document 5.2 and 5.4).

A page is applied in one transaction together with its cursor, so a crash repeats a page at most, and every change is
idempotent. Rules:

* With the mail bit of Refresh the page says that nothing it could list is complete: everything is listed anew, and
  nothing else of the page counts.
* Labels, addresses and keys are read again as a whole when an event touches them. Events tell neither the new paths of
  a renamed folder's children nor which of two labels that swapped their names moved first; the whole list is always
  consistent, and it is short.
* A message is never trusted to be known: an update of an unknown one makes it, a second creation changes nothing.
* The content of a draft or sent message may change with an update; the literal is then downloaded again, and a message
  whose bytes really differ gets a new UID. All other content never changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from bridge_gui.model import EventId, MessageId
from bridge_gui.store.changes import Change, LiteralStale, MessageGone, MessageSeen
from bridge_gui.store.records import Known, MessageMeta

_SENT = 2  # the bit of MessageMeta.flags (API document 4.1)


class EventAction(IntEnum):
    """API document 5.1."""

    DELETE = 0
    CREATE = 1
    UPDATE = 2
    """The content may have changed."""
    UPDATE_FLAGS = 3
    """Labels and read state only."""


@dataclass(frozen=True, slots=True)
class MessageEvent:
    id: MessageId
    action: EventAction
    meta: MessageMeta | None
    """The message's state after the event; some events come without."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """One event of the feed, as far as it concerns us; what is not known is left out when it is read."""

    event_id: EventId
    more: bool = False
    refresh_mail: bool = False
    messages: Sequence[MessageEvent] = ()
    labels: bool = False
    """A label was created, changed or deleted."""
    identity: bool = False
    """The user, a key or an address was changed."""
    used_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, in this order: read labels, read user and addresses, look up `unclear`, apply `changes`."""

    changes: tuple[Change, ...] = ()
    refresh: bool = False
    """List all mail anew; `changes` is empty."""
    read_labels: bool = False
    read_identity: bool = False
    unclear: tuple[MessageId, ...] = ()
    """Messages of which the event said only that they changed: their metadata is to be asked for."""
    used_bytes: int | None = None


def touched(page: EventPage) -> list[MessageId]:
    """The messages of which `plan` wants to know what the store has."""
    return [event.id for event in page.messages if event.action is not EventAction.DELETE]


def plan(page: EventPage, known: Mapping[MessageId, Known]) -> Plan:
    """Decide what one event page changes; `known` is what the store has of the messages `touched`."""
    if page.refresh_mail:
        return Plan(refresh=True, read_labels=True, read_identity=True, used_bytes=page.used_bytes)
    changes: list[Change] = []
    unclear: dict[MessageId, None] = {}  # a set that keeps its order
    for event in page.messages:
        if event.action is EventAction.DELETE:
            unclear.pop(event.id, None)
            changes.append(MessageGone(event.id))
        elif event.meta is None:
            unclear[event.id] = None
        else:
            unclear.pop(event.id, None)
            changes += message_changes(event.meta, event.action, known.get(event.id))
    return Plan(
        changes=tuple(changes),
        read_labels=page.labels,
        read_identity=page.identity,
        unclear=tuple(unclear),
        used_bytes=page.used_bytes,
    )


def message_changes(meta: MessageMeta, action: EventAction, known: Known | None) -> list[Change]:
    """The changes that one message's new state makes.

    A message that is here before the event of its creation was made from here; the service joins what happened to it
    since, an edit elsewhere among it, with its creation.
    """
    changes: list[Change] = [MessageSeen(meta)]
    changed = action in (EventAction.UPDATE, EventAction.CREATE)
    if known is not None and changed and has_changing_content(meta):
        changes.append(LiteralStale(meta.id))
    return changes


def has_changing_content(meta: MessageMeta) -> bool:
    """Drafts are edited, and a sent message gets its final form after it was first seen."""
    return meta.is_draft or bool(meta.flags & _SENT)


def relisted(meta: MessageMeta, before: MessageMeta | None) -> list[Change]:
    """What a repair finds out about a message whose events were missed: whether its content may be another now."""
    if before is None or not has_changing_content(meta):
        return []
    same = (meta.time, meta.size, meta.num_attachments) == (before.time, before.size, before.num_attachments)
    return [] if same else [LiteralStale(meta.id)]
