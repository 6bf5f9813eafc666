"""Mailbox names (API document 8.5)."""

from __future__ import annotations

import pytest

from bridge_gui.account import tree
from bridge_gui.account.tree import NotAllowed, Wish
from bridge_gui.model import LabelId, LabelKind
from bridge_gui.store.overlay import is_mailbox
from bridge_gui.store.records import Label
from tests.store.samples import SYSTEM

BOXES = [label for label in SYSTEM if is_mailbox(label.id, label.kind)]


def folder(id: str, name: str, parent: str | None = None, order: int = 0) -> Label:
    return Label(LabelId(id), LabelKind.FOLDER, name, LabelId(parent) if parent else None, order=order)


def label(id: str, name: str, order: int = 0) -> Label:
    return Label(LabelId(id), LabelKind.LABEL, name, order=order)


def test_system_mailboxes_with_their_uses() -> None:
    nodes = tree.build(BOXES).nodes
    assert [node.name for node in nodes] == [
        "INBOX", "Drafts", "Sent", "Starred", "Archive", "Spam", "Trash", "All Mail", "Scheduled", "Folders", "Labels",
    ]  # fmt: skip
    uses = {node.name: {a for a in node.attributes if a not in ("\\HasNoChildren", "\\NoInferiors")} for node in nodes}
    assert uses == {
        "INBOX": set(),
        "Drafts": {"\\Drafts"},
        "Sent": {"\\Sent"},
        "Starred": {"\\Flagged"},
        "Archive": {"\\Archive"},
        "Spam": {"\\Junk"},
        "Trash": {"\\Trash"},
        "All Mail": {"\\All"},
        "Scheduled": set(),
        "Folders": {"\\Noselect"},
        "Labels": {"\\Noselect"},
    }


def test_nested_folders_parents_first_in_the_services_order() -> None:
    names = tree.build(
        [folder("c", "inner", "a"), folder("b", "zebra", order=1), folder("a", "apple", order=2), label("l", "tag")]
    )
    assert [(node.name, node.attributes[0]) for node in names.nodes] == [
        ("Folders", "\\Noselect"),
        ("Folders/zebra", "\\HasNoChildren"),
        ("Folders/apple", "\\HasChildren"),
        ("Folders/apple/inner", "\\HasNoChildren"),
        ("Labels", "\\Noselect"),
        ("Labels/tag", "\\HasNoChildren"),
    ]
    assert [child.id for child in names.children(LabelId("a"))] == ["c"]


def test_a_slash_makes_no_level_and_equal_names_differ() -> None:
    names = tree.build([label("1", "a/b"), label("2", "a∕b"), label("3", "a/b"), label("4", "\r\n"), label("5", " x ")])
    assert {node.name for node in names.nodes} >= {
        "Labels/a∕b",
        "Labels/a∕b (2)",
        "Labels/a∕b (3)",
        "Labels/_",
        "Labels/x",
    }
    assert names.name_of(LabelId("2")) == "Labels/a∕b", "the one that is really called so"


def test_orphans_and_circles_lie_at_the_top() -> None:
    names = tree.build([folder("a", "A", "b"), folder("b", "B", "a"), folder("c", "C", "gone"), folder("d", "D", "d")])
    assert {node.name for node in names.nodes if node.label} == {"Folders/A", "Folders/B", "Folders/C", "Folders/D"}


def test_folders_named_like_a_root() -> None:
    names = tree.build([folder("a", "Folders"), label("b", "Labels"), label("c", "INBOX")])
    assert {node.name for node in names.nodes} == {
        "Folders",
        "Folders/Folders",
        "Labels",
        "Labels/Labels",
        "Labels/INBOX",
    }


def test_inbox_is_found_in_any_case() -> None:
    node = tree.build(BOXES).find("iNbOx")
    assert node is not None
    assert node.name == "INBOX"
    assert tree.build(BOXES).find("drafts") is None


NAMES = tree.build([*BOXES, folder("a", "A"), folder("b", "B", "a"), label("l", "L")])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Folders/new", Wish(LabelKind.FOLDER, None, ("new",))),
        ("Folders/new/", Wish(LabelKind.FOLDER, None, ("new",))),
        ("Folders/A/x/y", Wish(LabelKind.FOLDER, LabelId("a"), ("x", "y"))),
        ("Folders/A/B/x", Wish(LabelKind.FOLDER, LabelId("b"), ("x",))),
        ("Folders/A/B", Wish(LabelKind.FOLDER, LabelId("b"), ())),
        ("Labels/new", Wish(LabelKind.LABEL, None, ("new",))),
    ],
)
def test_what_a_name_asks_for(name: str, expected: Wish) -> None:
    assert tree.wish(NAMES, name) == expected


@pytest.mark.parametrize(
    "name", ["new", "Folders", "Labels/", "Labels/a/b", "INBOX/a", "Trash/x", "Folders//a", "Folders/a\tb"]
)
def test_names_that_cannot_be(name: str) -> None:
    assert isinstance(tree.wish(NAMES, name), NotAllowed)
