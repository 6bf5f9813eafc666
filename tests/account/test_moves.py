"""The table of operations, row by row (API document 8.6, 8.7)."""

from __future__ import annotations

import pytest

from bridge_gui.account import moves
from bridge_gui.account.moves import Forbidden
from bridge_gui.model import LabelId, LabelKind
from bridge_gui.store.records import Action, Label
from tests.store.samples import SYSTEM

BOXES = {label.name: label for label in SYSTEM} | {
    "Folder": Label(LabelId("folder-a=="), LabelKind.FOLDER, "a"),
    "Folder 2": Label(LabelId("folder-b=="), LabelKind.FOLDER, "b"),
    "Label": Label(LabelId("label-a=="), LabelKind.LABEL, "a"),
    "Label 2": Label(LabelId("label-b=="), LabelKind.LABEL, "b"),
}
EXCLUSIVE = ("Inbox", "Archive", "Trash", "Spam", "Drafts", "Sent", "Folder")


def label_with(name: str) -> tuple[Action, LabelId]:
    return (Action.LABEL, BOXES[name].id)


def unlabel(name: str) -> tuple[Action, LabelId]:
    return (Action.UNLABEL, BOXES[name].id)


@pytest.mark.parametrize("target", [*EXCLUSIVE, "Label", "Starred"])
@pytest.mark.parametrize("source", [*EXCLUSIVE, "Label", "Starred", "All Mail", "All Scheduled"])
def test_copy_labels_with_the_target(source: str, target: str) -> None:
    assert moves.copy(BOXES[source], BOXES[target]) == (label_with(target),)


@pytest.mark.parametrize("target", ["All Mail", "All Scheduled"])
def test_copy_into_what_the_service_decides_is_refused(target: str) -> None:
    assert isinstance(moves.copy(BOXES["Inbox"], BOXES[target]), Forbidden)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Inbox", "Sent"),
        ("Sent", "Inbox"),
        *[("All Mail", target) for target in ("Inbox", "Folder", "Label", "Trash")],
        *[(source, "All Mail") for source in ("Inbox", "Folder", "Label", "Trash")],
        ("All Scheduled", "Trash"),
        ("Inbox", "All Scheduled"),
    ],
)
def test_moves_that_are_refused(source: str, target: str) -> None:
    assert isinstance(moves.move(BOXES[source], BOXES[target]), Forbidden)


@pytest.mark.parametrize(
    ("source", "target", "leaves"),
    [
        ("Inbox", "Folder", "by itself"),
        ("Inbox", "Archive", "by itself"),
        ("Folder", "Folder 2", "by itself"),
        ("Folder", "Trash", "by itself"),
        ("Trash", "Inbox", "by itself"),
        ("Label", "Label 2", "unlabelled"),
        ("Label", "Folder", "unlabelled"),
        ("Label", "Trash", "unlabelled"),
        ("Label", "Starred", "unlabelled"),
        ("Starred", "Folder", "unlabelled"),
        ("Inbox", "Starred", "unlabelled"),
        ("Folder", "Label", "stays"),
        ("Inbox", "Label", "stays"),
        ("Starred", "Label", "stays"),
    ],
)
def test_what_a_move_does_to_the_source(source: str, target: str, leaves: str) -> None:
    expected = (label_with(target), unlabel(source)) if leaves == "unlabelled" else (label_with(target),)
    assert moves.move(BOXES[source], BOXES[target]) == expected


@pytest.mark.parametrize(
    ("name", "may", "for_ever"),
    [
        ("Inbox", True, False),
        ("Archive", True, False),
        ("Sent", True, False),
        ("Spam", True, False),
        ("Folder", True, False),
        ("Label", True, False),
        ("Starred", True, False),
        ("Trash", True, True),
        ("Drafts", True, True),
        ("All Mail", False, False),
        ("All Scheduled", False, False),
    ],
)
def test_what_expunge_does(name: str, may: bool, for_ever: bool) -> None:
    assert (moves.may_expunge(BOXES[name]), moves.deletes_for_ever(BOXES[name])) == (may, for_ever)


@pytest.mark.parametrize(
    ("others", "nothing_holds_it"),
    [
        ((), True),
        (("5",), True),
        (("1", "5"), True),
        (("2", "5", "12"), True),
        (("5", "15", "16", "24"), True),
        (("5", "10"), False),
        (("0",), False),
        (("5", "label-a=="), False),
        (("5", "never-heard-of=="), False),
    ],
)
def test_what_keeps_a_message_from_being_deleted_for_ever(others: tuple[str, ...], nothing_holds_it: bool) -> None:
    assert moves.unheld([LabelId(id) for id in others]) is nothing_holds_it


def test_permanent_flags() -> None:
    assert moves.permanent_flags(BOXES["All Mail"]) == ("\\Seen", "\\Flagged")
    assert {"\\Seen", "\\Flagged", "\\Deleted", "$Forwarded", "Forwarded", "\\*"} < set(
        moves.permanent_flags(BOXES["Inbox"])
    )
    assert not moves.may_delete_flag(BOXES["All Mail"])
    assert moves.may_delete_flag(BOXES["Trash"])
