"""SORT and THREAD (RFC 5256, RFC 5957): pure functions over `SortValues`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bridge_gui.imap.backend import SortValues
from bridge_gui.imap.search_keys import SortBy, SortCriterion

_KEYS: dict[SortBy, Callable[[SortValues], object]] = {
    SortBy.ARRIVAL: lambda value: value.arrival,
    SortBy.CC: lambda value: value.cc.casefold(),
    SortBy.DATE: lambda value: value.sent,
    SortBy.FROM: lambda value: value.sender.casefold(),
    SortBy.SIZE: lambda value: value.size,
    SortBy.SUBJECT: lambda value: value.subject.casefold(),
    SortBy.TO: lambda value: value.to.casefold(),
    SortBy.DISPLAYFROM: lambda value: value.display_from.casefold(),
    SortBy.DISPLAYTO: lambda value: value.display_to.casefold(),
}


def sort_uids(values: Iterable[SortValues], criteria: Sequence[SortCriterion]) -> list[int]:
    """UIDs in the order asked for; equal ones in mailbox order (RFC 5256 3), also under REVERSE."""
    rows = sorted(values, key=lambda value: value.uid)
    for criterion in reversed(criteria):
        rows.sort(key=_KEYS[criterion.by], reverse=criterion.reverse)  # type: ignore[arg-type]
    return [row.uid for row in rows]


@dataclass(slots=True, eq=False)
class Node:
    """A message of a thread, or with `value` None a message that is only referred to."""

    value: SortValues | None = None
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)


def by_subject(values: Iterable[SortValues]) -> list[Node]:
    """ORDEREDSUBJECT (RFC 5256 4): the first of each subject is the parent of the others."""
    threads: dict[str, list[SortValues]] = {}
    for value in sorted(values, key=_by_date):
        threads.setdefault(value.subject.casefold(), []).append(value)
    forest: list[Node] = []
    for members in sorted(threads.values(), key=lambda members: _by_date(members[0])):
        root = Node(members[0])
        root.children = [Node(member, root) for member in members[1:]]
        forest.append(root)
    return forest


def _by_date(value: SortValues) -> tuple[int, int]:
    return value.sent, value.uid


def by_references(values: Iterable[SortValues]) -> list[Node]:
    """REFERENCES (RFC 5256 5): threads by Message-ID, then threads of equal subject are joined."""
    roots = _prune(_link(sorted(values, key=lambda value: value.uid)))
    _sort_tree(roots)
    roots = _join_subjects(roots)
    _sort_tree(roots)
    return roots


def _link(values: Sequence[SortValues]) -> list[Node]:
    """Step 1 and 2: parents and children by References. Without Message-ID, or with one seen before, a message has a
    name of its own."""
    table: dict[str, Node] = {}
    for value in values:
        name = value.message_id
        node = table.get(name) if name else None
        if node is None or node.value is not None:
            node = Node()
            table[name if name and name not in table else f"\0{value.uid}"] = node
        node.value = value
        above: Node | None = None
        for reference in value.references:
            referred = table.get(reference)
            if referred is None:
                referred = table[reference] = Node()
            if above is not None and referred.parent is None and not _is_above(referred, above):
                _adopt(above, referred)
            above = referred
        if above is not None and above is not node and not _is_above(node, above):
            if node.parent is not None:
                node.parent.children.remove(node)
                node.parent = None
            _adopt(above, node)
    return [node for node in table.values() if node.parent is None]


def _adopt(parent: Node, child: Node) -> None:
    child.parent = parent
    parent.children.append(child)


def _is_above(node: Node, other: Node) -> bool:
    """Whether `node` is `other` or one of its ancestors."""
    step: Node | None = other
    while step is not None:
        if step is node:
            return True
        step = step.parent
    return False


def _prune(roots: list[Node]) -> list[Node]:
    """Step 3: messages that are only referred to vanish; their children move up, but several not to the root."""
    order: list[Node] = []
    stack = list(roots)
    while stack:
        node = stack.pop()
        order.append(node)
        stack += node.children
    for node in reversed(order):  # children before parents
        kept: list[Node] = []
        for child in node.children:
            if child.value is not None:
                kept.append(child)
            else:
                kept += child.children
        for child in kept:
            child.parent = node
        node.children = kept
    found: list[Node] = []
    for root in roots:
        if root.value is None and len(root.children) == 1:
            root.children[0].parent = None
            found.append(root.children[0])
        elif root.value is not None or root.children:
            found.append(root)
    return found


def _first(node: Node) -> SortValues:
    """The message that a node is sorted by: itself, or its first child."""
    while node.value is None:
        node = node.children[0]
    return node.value


def _sort_tree(roots: list[Node]) -> None:
    """Step 4 and 6: siblings by sent date, deepest first, so that a node without message is sorted by its first
    child."""
    order: list[Node] = []
    stack = list(roots)
    while stack:
        node = stack.pop()
        order.append(node)
        stack += node.children
    for node in reversed(order):
        node.children.sort(key=lambda child: _by_date(_first(child)))
    roots.sort(key=lambda root: _by_date(_first(root)))


def _join_subjects(roots: list[Node]) -> list[Node]:
    """Step 5: threads with one base subject become one."""
    table: dict[str, Node] = {}
    for root in roots:
        subject = _first(root).subject.casefold()
        if not subject:
            continue
        known = table.get(subject)
        if (
            known is None
            or (root.value is None and known.value is not None)
            or (known.value is not None and known.value.is_reply and root.value is not None and not root.value.is_reply)
        ):
            table[subject] = root
    found: list[Node] = []
    gone: set[int] = set()
    for root in roots:
        subject = _first(root).subject.casefold()
        known = table.get(subject) if subject else None
        if known is None or known is root:
            found.append(root)
            continue
        gone.add(id(root))
        if known.value is None and root.value is None:
            for child in root.children:
                _adopt(known, child)
        elif known.value is None or (root.value is not None and root.value.is_reply and not known.value.is_reply):
            _adopt(known, root)
        else:
            both = Node(known.value, None, known.children)
            for child in both.children:
                child.parent = both
            known.value, known.children = None, [both, root]
            both.parent = root.parent = known
    return [root for root in found if id(root) not in gone]


def thread_text(forest: Sequence[Node], number: Callable[[int], int]) -> bytes:
    """thread-list (RFC 5256 BNF): `(1 2 (3)(4 5))`. Written with a stack of its own: threads may be deep."""
    out: list[str] = []
    stack: list[Node | str] = []
    for root in reversed(forest):
        stack += [")", root, "("]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            out.append(node)
            continue
        if node.value is not None:
            if out and out[-1] not in "()":
                out.append(" ")
            out.append(str(number(node.value.uid)))
        if len(node.children) == 1:
            stack.append(node.children[0])
        elif node.children:
            if node.value is not None:
                out.append(" ")
            for child in reversed(node.children):
                stack += [")", child, "("]
    return "".join(out).encode("ascii")
