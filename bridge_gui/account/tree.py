"""The mailbox tree: which name each label has as a mailbox, and what a name means (API document 8.5). Pure.

The service lets names repeat and hold slashes; a mailbox name may do neither. A slash is shown as a division slash,
and of two equal names the later one gets a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from bridge_gui.model import LabelId, LabelKind, SystemLabel
from bridge_gui.store.records import Label

DELIMITER = "/"
FOLDERS = "Folders"
LABELS = "Labels"
SLASH = "\N{DIVISION SLASH}"

SYSTEM: Mapping[LabelId, tuple[str, str]] = MappingProxyType(
    {
        SystemLabel.INBOX: ("INBOX", ""),
        SystemLabel.DRAFTS: ("Drafts", "\\Drafts"),
        SystemLabel.SENT: ("Sent", "\\Sent"),
        SystemLabel.STARRED: ("Starred", "\\Flagged"),
        SystemLabel.ARCHIVE: ("Archive", "\\Archive"),
        SystemLabel.SPAM: ("Spam", "\\Junk"),
        SystemLabel.TRASH: ("Trash", "\\Trash"),
        SystemLabel.ALL_MAIL: ("All Mail", "\\All"),
        SystemLabel.SCHEDULED: ("Scheduled", ""),
    }
)
"""Name and special use (RFC 6154) of system mailboxes, in the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class Node:
    """One name of the tree."""

    name: str
    label: Label | None
    """None: `Folders` and `Labels`, which hold no messages."""
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """All names, parents before children."""

    nodes: tuple[Node, ...]
    by_name: Mapping[str, Node] = field(repr=False)

    def find(self, name: str) -> Node | None:
        """A node by its name; INBOX without case (RFC 3501 5.1)."""
        return self.by_name.get(canonical(name))

    def name_of(self, id: LabelId) -> str | None:
        return next((node.name for node in self.nodes if node.label is not None and node.label.id == id), None)

    def children(self, id: LabelId) -> list[Label]:
        return [node.label for node in self.nodes if node.label is not None and node.label.parent_id == id]


def canonical(name: str) -> str:
    """INBOX in capitals; everything else as it is."""
    return "INBOX" if name.upper() == "INBOX" else name


def shown_name(name: str) -> str:
    """A label's name as one level of a mailbox name."""
    text = "".join(SLASH if c == DELIMITER else c for c in name if c.isprintable())
    return text.strip() or "_"


def build(labels: Iterable[Label]) -> Tree:
    """The tree of these labels."""
    known = {label.id: label for label in labels}
    nodes: list[Node] = []
    for id, (name, use) in SYSTEM.items():
        if id in known:
            attributes = ("\\HasNoChildren", "\\NoInferiors", *((use,) if use else ()))
            nodes.append(Node(name, known[id], attributes))
    folders = [label for label in known.values() if label.kind is LabelKind.FOLDER]
    flat = [label for label in known.values() if label.kind is LabelKind.LABEL]
    nodes.append(Node(FOLDERS, None, ("\\Noselect", "\\HasChildren" if folders else "\\HasNoChildren")))
    by_parent: dict[LabelId | None, list[Label]] = {}
    for folder in folders:
        by_parent.setdefault(_parent(folder, known), []).append(folder)
    _add_folders(nodes, FOLDERS, None, by_parent)
    nodes.append(Node(LABELS, None, ("\\Noselect", "\\HasChildren" if flat else "\\HasNoChildren")))
    for name, label in _named(flat):
        nodes.append(Node(f"{LABELS}{DELIMITER}{name}", label, ("\\HasNoChildren", "\\NoInferiors")))
    return Tree(tuple(nodes), {node.name: node for node in nodes})


def _parent(folder: Label, known: Mapping[LabelId, Label]) -> LabelId | None:
    """Its parent, or None when that is not known, no folder, or below the folder itself."""
    seen = {folder.id}
    at = folder.parent_id
    while at is not None:
        above = known.get(at)
        if above is None or above.kind is not LabelKind.FOLDER or at in seen:
            return None
        seen.add(at)
        at = above.parent_id
    return folder.parent_id


def _add_folders(
    nodes: list[Node], prefix: str, parent: LabelId | None, by_parent: Mapping[LabelId | None, Sequence[Label]]
) -> None:
    for name, folder in _named(by_parent.get(parent, ())):
        full = f"{prefix}{DELIMITER}{name}"
        nodes.append(Node(full, folder, ("\\HasChildren" if folder.id in by_parent else "\\HasNoChildren",)))
        _add_folders(nodes, full, folder.id, by_parent)


def _named(labels: Iterable[Label]) -> list[tuple[str, Label]]:
    """Labels of one level with names that differ, in the service's order."""
    taken: set[str] = set()
    named: dict[LabelId, str] = {}
    # By id, so that the name of a label does not depend on the order in which a person has put them.
    for label in sorted(labels, key=lambda label: (label.name != shown_name(label.name), label.id)):
        name, number = shown_name(label.name), 2
        while name in taken:
            name, number = f"{shown_name(label.name)} ({number})", number + 1
        taken.add(name)
        named[label.id] = name
    ordered = sorted(labels, key=lambda label: (label.order, label.name.casefold(), label.id))
    return [(named[label.id], label) for label in ordered]


# ------------------------------------------------------------------------------------------- what a name asks for


@dataclass(frozen=True, slots=True)
class Wish:
    """A mailbox that CREATE or RENAME asks for: which kind, below which existing folder, and the names still to be
    made."""

    kind: LabelKind
    parent: LabelId | None
    missing: tuple[str, ...]
    """Outermost first; the last is the mailbox itself. Empty: it exists."""


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """Such a mailbox cannot be; `text` says why."""

    text: str


def wish(tree: Tree, name: str) -> Wish | NotAllowed:
    """What is to be made so that `name` exists."""
    parts = canonical(name).rstrip(DELIMITER).split(DELIMITER)
    root, levels = parts[0], parts[1:]
    if root not in (FOLDERS, LABELS) or not levels:
        return NotAllowed(f"Mailboxes can only be made below {FOLDERS}/ and {LABELS}/")
    if any(not level.strip() or not level.isprintable() for level in levels):
        return NotAllowed("A mailbox name cannot have empty or unprintable parts")
    if root == LABELS:
        if len(levels) > 1:
            return NotAllowed("Labels cannot lie in each other")
        known = tree.find(f"{LABELS}{DELIMITER}{levels[0]}")
        return Wish(LabelKind.LABEL, None, () if known else tuple(levels))
    parent: LabelId | None = None
    path = FOLDERS
    for at, level in enumerate(levels):
        path = f"{path}{DELIMITER}{level}"
        node = tree.find(path)
        if node is None or node.label is None:
            return Wish(LabelKind.FOLDER, parent, tuple(levels[at:]))
        parent = node.label.id
    return Wish(LabelKind.FOLDER, parent, ())
