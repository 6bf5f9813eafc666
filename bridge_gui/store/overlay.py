"""What a client sees: the service's state of a message with the queue's pending changes laid over it. Pure.

The service's state is kept as it was last told. Pending changes are applied to it in their order each time either
of the two has changed; so an older event never undoes what the user just did, and a refused change is taken back by
leaving it out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bridge_gui.model import LabelId, LabelKind, SystemLabel
from bridge_gui.store.flags import ANSWERED, DRAFT, FLAGGED, FORWARDED, SEEN, UNANSWERED
from bridge_gui.store.records import Action

WANTED_SYSTEM = frozenset(
    {
        SystemLabel.INBOX,
        SystemLabel.TRASH,
        SystemLabel.SPAM,
        SystemLabel.ALL_MAIL,
        SystemLabel.ARCHIVE,
        SystemLabel.SENT,
        SystemLabel.DRAFTS,
        SystemLabel.STARRED,
        SystemLabel.SCHEDULED,
    }
)
"""System labels that are mailboxes (API document 5.4)."""

EXCLUSIVE_SYSTEM = frozenset(
    {
        SystemLabel.INBOX,
        SystemLabel.TRASH,
        SystemLabel.SPAM,
        SystemLabel.ARCHIVE,
        SystemLabel.SENT,
        SystemLabel.DRAFTS,
    }
)
"""With folders, the places of which a message has one at a time (API document 4.3)."""

BY_NATURE = frozenset({SystemLabel.INBOX, SystemLabel.SENT, SystemLabel.DRAFTS})
"""Putting a message to one of these puts it to the one that fits its flags (API document 4.3)."""

RECEIVED = 1
SENT = 2


def is_mailbox(id: LabelId, kind: LabelKind) -> bool:
    """Whether a label is shown as a mailbox."""
    if kind is LabelKind.SYSTEM:
        return id in WANTED_SYSTEM
    return kind in (LabelKind.LABEL, LabelKind.FOLDER)


def is_exclusive(id: LabelId, kind: LabelKind) -> bool:
    return kind is LabelKind.FOLDER or id in EXCLUSIVE_SYSTEM


def natural_place(flags: int) -> LabelId:
    """Which of Inbox, Sent and Drafts a message belongs to by the service's flags."""
    if flags & RECEIVED:
        return SystemLabel.INBOX
    return SystemLabel.SENT if flags & SENT else SystemLabel.DRAFTS


@dataclass(frozen=True, slots=True)
class State:
    """The part of a message that changes: its labels and what a program can mark. Labels by the store's numbers."""

    labels: frozenset[int]
    unread: bool
    forwarded: bool


@dataclass(frozen=True, slots=True)
class Places:
    """The store's numbers of the labels that follow rules of their own."""

    exclusive: frozenset[int]
    by_nature: frozenset[int]
    """Those of BY_NATURE."""


def changed(state: State, action: Action, label: int, places: Places, natural: int) -> State:
    """The state after the service has done `action`. `natural`: the number of the message's natural place."""
    match action:
        case Action.READ:
            return replace(state, unread=False)
        case Action.UNREAD:
            return replace(state, unread=True)
        case Action.FORWARDED:
            return replace(state, forwarded=True)
        case Action.UNFORWARDED:
            return replace(state, forwarded=False)
        case Action.LABEL:
            target = natural if label in places.by_nature else label
            kept = state.labels - places.exclusive if target in places.exclusive else state.labels
            return replace(state, labels=kept | {target})
        case Action.UNLABEL:
            return replace(state, labels=state.labels - {label})
        case Action.DELETE:
            return replace(state, labels=frozenset())


def effective(state: State, pending: Iterable[tuple[Action, int]], places: Places, natural: int) -> State:
    """The service's state with pending changes laid over it, oldest first."""
    for action, label in pending:
        state = changed(state, action, label, places, natural)
    return state


def shown_flags(
    *, unread: bool, forwarded: bool, starred: bool, answered: bool, draft: bool, local: frozenset[str]
) -> frozenset[str]:
    """The IMAP flags of a message (API document 8.6), \\Deleted left out, which is a matter of each mailbox."""
    flags = {flag for flag in local if flag not in (UNANSWERED, ANSWERED)}
    if not unread:
        flags.add(SEEN)
    if starred:
        flags.add(FLAGGED)
    if ANSWERED in local or (answered and UNANSWERED not in local):
        flags.add(ANSWERED)
    if forwarded:
        flags |= FORWARDED
    if draft:
        flags.add(DRAFT)
    return frozenset(flags)
