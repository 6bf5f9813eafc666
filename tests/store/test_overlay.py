"""The service's state with pending changes laid over it."""

from __future__ import annotations

import pytest

from bridge_gui.model import LabelId, LabelKind
from bridge_gui.store.flags import ANSWERED, FORWARDED, UNANSWERED
from bridge_gui.store.overlay import Places, State, effective, is_mailbox, natural_place, shown_flags
from bridge_gui.store.records import Action

INBOX, SENT, FOLDER, TAG, STAR, EVERYTHING = 1, 2, 3, 4, 5, 6
PLACES = Places(frozenset({INBOX, SENT, FOLDER}), frozenset({INBOX, SENT}))


def state(*labels: int, unread: bool = True, forwarded: bool = False) -> State:
    return State(frozenset(labels), unread, forwarded)


@pytest.mark.parametrize(
    ("pending", "expected"),
    [
        ([], state(INBOX, EVERYTHING)),
        ([(Action.READ, 0)], state(INBOX, EVERYTHING, unread=False)),
        ([(Action.READ, 0), (Action.UNREAD, 0)], state(INBOX, EVERYTHING)),
        ([(Action.FORWARDED, 0)], state(INBOX, EVERYTHING, forwarded=True)),
        ([(Action.FORWARDED, 0), (Action.UNFORWARDED, 0)], state(INBOX, EVERYTHING)),
        ([(Action.LABEL, TAG)], state(INBOX, TAG, EVERYTHING)),
        ([(Action.LABEL, STAR), (Action.UNLABEL, STAR)], state(INBOX, EVERYTHING)),
        ([(Action.LABEL, FOLDER)], state(FOLDER, EVERYTHING)),
        ([(Action.LABEL, TAG), (Action.LABEL, FOLDER)], state(FOLDER, TAG, EVERYTHING)),
        ([(Action.LABEL, SENT)], state(INBOX, EVERYTHING)),
        ([(Action.LABEL, FOLDER), (Action.LABEL, SENT)], state(INBOX, EVERYTHING)),
        ([(Action.UNLABEL, INBOX)], state(EVERYTHING)),
        ([(Action.LABEL, TAG), (Action.DELETE, 0)], state()),
    ],
)
def test_changes_in_their_order(pending: list[tuple[Action, int]], expected: State) -> None:
    assert effective(state(INBOX, EVERYTHING), pending, PLACES, natural=INBOX) == expected


def test_where_a_message_belongs() -> None:
    assert [natural_place(flags) for flags in (1, 3, 2, 0, 8)] == ["0", "0", "7", "8", "8"]


def flags(**changes: object) -> frozenset[str]:
    values: dict[str, object] = {
        "unread": True, "forwarded": False, "starred": False, "answered": False, "draft": False, "local": frozenset(),
    }  # fmt: skip
    return shown_flags(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"unread": False}, {"\\Seen"}),
        ({"starred": True, "draft": True}, {"\\Flagged", "\\Draft"}),
        ({"forwarded": True}, set(FORWARDED)),
        ({"answered": True}, {ANSWERED}),
        ({"local": frozenset({ANSWERED, "$Junk"})}, {ANSWERED, "$Junk"}),
        ({"answered": True, "local": frozenset({UNANSWERED})}, set()),
    ],
)
def test_flags_shown(changes: dict[str, object], expected: set[str]) -> None:
    assert flags(**changes) == expected


@pytest.mark.parametrize(
    ("id", "kind", "shown"),
    [
        ("0", LabelKind.SYSTEM, True),
        ("5", LabelKind.SYSTEM, True),
        ("12", LabelKind.SYSTEM, True),
        ("1", LabelKind.SYSTEM, False),
        ("2", LabelKind.SYSTEM, False),
        ("9", LabelKind.SYSTEM, False),
        ("15", LabelKind.SYSTEM, False),
        ("abc==", LabelKind.FOLDER, True),
        ("abc==", LabelKind.LABEL, True),
        ("abc==", LabelKind.CONTACT_GROUP, False),
    ],
)
def test_which_labels_are_mailboxes(id: str, kind: LabelKind, shown: bool) -> None:
    assert is_mailbox(LabelId(id), kind) is shown
