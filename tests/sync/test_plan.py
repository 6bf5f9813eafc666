"""`sync.plan` as tables: one row for each kind of event."""

from __future__ import annotations

import pytest

from bridge_gui.model import AddressId, EventId, LabelId, MessageId
from bridge_gui.store.changes import Change, LiteralStale, MessageGone, MessageSeen
from bridge_gui.store.records import Known, LiteralState, MessageMeta
from bridge_gui.sync.plan import EventAction, EventPage, MessageEvent, Plan, plan, relisted, touched

RECEIVED, SENT, DRAFT = 1, 2, 0


def meta(id: str = "m", flags: int = RECEIVED, size: int = 10, time: int = 1) -> MessageMeta:
    return MessageMeta(MessageId(id), AddressId("a"), frozenset({LabelId("0")}), time=time, size=size, flags=flags)


def event(action: EventAction, state: MessageMeta | None = None, id: str = "m") -> MessageEvent:
    return MessageEvent(MessageId(id), action, state)


def known(id: str = "m", literal: LiteralState = LiteralState.PRESENT) -> dict[MessageId, Known]:
    return {MessageId(id): Known(MessageId(id), AddressId("a"), False, literal)}


def page(*messages: MessageEvent) -> EventPage:
    return EventPage(EventId("e"), messages=messages)


M = MessageId("m")
NOTHING: dict[MessageId, Known] = {}

ROWS: dict[str, tuple[EventPage, dict[MessageId, Known], list[Change]]] = {
    "nothing": (page(), NOTHING, []),
    "created": (page(event(EventAction.CREATE, meta())), NOTHING, [MessageSeen(meta())]),
    "created again": (page(event(EventAction.CREATE, meta())), known(), [MessageSeen(meta())]),
    "a draft of ours, created and edited elsewhere since": (
        page(event(EventAction.CREATE, meta(flags=DRAFT))),
        known(),
        [MessageSeen(meta(flags=DRAFT)), LiteralStale(M)],
    ),
    "deleted": (page(event(EventAction.DELETE)), known(), [MessageGone(M)]),
    "deleted unknown": (page(event(EventAction.DELETE)), NOTHING, [MessageGone(M)]),
    "flags": (page(event(EventAction.UPDATE_FLAGS, meta())), known(), [MessageSeen(meta())]),
    "flags of unknown": (page(event(EventAction.UPDATE_FLAGS, meta())), NOTHING, [MessageSeen(meta())]),
    "update of received": (page(event(EventAction.UPDATE, meta())), known(), [MessageSeen(meta())]),
    "update of unknown": (
        page(event(EventAction.UPDATE, meta(flags=DRAFT))),
        NOTHING,
        [MessageSeen(meta(flags=DRAFT))],
    ),
    "update of draft": (
        page(event(EventAction.UPDATE, meta(flags=DRAFT))),
        known(),
        [MessageSeen(meta(flags=DRAFT)), LiteralStale(M)],
    ),
    "update of sent": (
        page(event(EventAction.UPDATE, meta(flags=SENT))),
        known(),
        [MessageSeen(meta(flags=SENT)), LiteralStale(M)],
    ),
    "flags of draft": (
        page(event(EventAction.UPDATE_FLAGS, meta(flags=DRAFT))),
        known(),
        [MessageSeen(meta(flags=DRAFT))],
    ),
    "order is kept": (
        page(event(EventAction.DELETE), event(EventAction.CREATE, meta()), event(EventAction.DELETE, id="n")),
        known(),
        [MessageGone(M), MessageSeen(meta()), MessageGone(MessageId("n"))],
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_messages(row: str) -> None:
    given, have, changes = ROWS[row]
    assert plan(given, have) == Plan(changes=tuple(changes))


def test_refresh_lets_nothing_else_of_the_page_count() -> None:
    given = EventPage(EventId("e"), refresh_mail=True, messages=(event(EventAction.DELETE),), used_bytes=7)
    assert plan(given, known()) == Plan(refresh=True, read_labels=True, read_identity=True, used_bytes=7)


def test_labels_and_identity_are_read_again() -> None:
    given = EventPage(EventId("e"), labels=True, identity=True)
    assert plan(given, NOTHING) == Plan(read_labels=True, read_identity=True)


def test_events_without_metadata_are_asked_for_unless_a_later_one_tells() -> None:
    given = page(
        event(EventAction.UPDATE, id="a"),
        event(EventAction.UPDATE, id="b"),
        event(EventAction.UPDATE_FLAGS, id="c"),
        event(EventAction.CREATE, meta("b"), id="b"),
        event(EventAction.DELETE, id="c"),
    )
    result = plan(given, NOTHING)
    assert result.unclear == (MessageId("a"),)
    assert result.changes == (MessageSeen(meta("b")), MessageGone(MessageId("c")))
    assert touched(given) == ["a", "b", "c", "b"]


@pytest.mark.parametrize(
    ("now", "before", "stale"),
    [
        (meta(flags=DRAFT), None, False),
        (meta(flags=DRAFT), meta(flags=DRAFT), False),
        (meta(flags=DRAFT, size=11), meta(flags=DRAFT), True),
        (meta(flags=DRAFT, time=2), meta(flags=DRAFT), True),
        (meta(flags=SENT, size=11), meta(flags=SENT), True),
        (meta(flags=SENT), meta(flags=DRAFT), False),
        (meta(flags=RECEIVED, size=11), meta(flags=RECEIVED), False),
    ],
)
def test_relisted(now: MessageMeta, before: MessageMeta | None, stale: bool) -> None:
    assert relisted(now, before) == ([LiteralStale(M)] if stale else [])
