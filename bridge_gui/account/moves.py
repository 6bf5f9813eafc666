"""What COPY, MOVE, EXPUNGE and STORE do in each kind of mailbox (API document 8.6, 8.7). Pure: tables and functions
over them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from bridge_gui.model import LabelId, LabelKind, SystemLabel
from bridge_gui.store.flags import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN
from bridge_gui.store.overlay import WANTED_SYSTEM
from bridge_gui.store.records import Action, Label

Step = tuple[Action, LabelId]


class Place(Enum):
    """The kinds of mailboxes that the rules tell apart."""

    INBOX = "Inbox"
    SENT = "Sent"
    DRAFTS = "Drafts"
    ARCHIVE = "Archive"
    SPAM = "Spam"
    TRASH = "Trash"
    STARRED = "Starred"
    ALL_MAIL = "All Mail"
    SCHEDULED = "Scheduled"
    FOLDER = "folder"
    LABEL = "label"


_SYSTEM = {
    SystemLabel.INBOX: Place.INBOX,
    SystemLabel.SENT: Place.SENT,
    SystemLabel.DRAFTS: Place.DRAFTS,
    SystemLabel.ARCHIVE: Place.ARCHIVE,
    SystemLabel.SPAM: Place.SPAM,
    SystemLabel.TRASH: Place.TRASH,
    SystemLabel.STARRED: Place.STARRED,
    SystemLabel.ALL_MAIL: Place.ALL_MAIL,
    SystemLabel.SCHEDULED: Place.SCHEDULED,
}

FIXED = frozenset({Place.ALL_MAIL, Place.SCHEDULED})
"""The service alone decides what is in them."""
EXCLUSIVE = frozenset({Place.INBOX, Place.SENT, Place.DRAFTS, Place.ARCHIVE, Place.SPAM, Place.TRASH, Place.FOLDER})
"""A message is in one of these at a time; putting it to one takes it out of the other (API document 4.3)."""
FOR_EVER = frozenset({Place.TRASH, Place.DRAFTS})
"""Where EXPUNGE deletes for ever what nothing else holds. Not Spam: that was switched off on purpose."""
UNMOVABLE = frozenset({(Place.INBOX, Place.SENT), (Place.SENT, Place.INBOX)})

NOT_HOLDING = frozenset({SystemLabel.ALL_DRAFTS, SystemLabel.ALL_SENT, SystemLabel.ALL_MAIL, SystemLabel.SCHEDULED})
"""Labels that say what a message is, not where it lies: they keep nothing from being deleted for ever."""

PERMANENT = (SEEN, FLAGGED, ANSWERED, DELETED, "$Forwarded", "Forwarded", "\\*")
PERMANENT_FIXED = (SEEN, FLAGGED)
"""In All Mail and Scheduled."""
READ_ONLY_FLAGS = frozenset({DRAFT, "\\Recent"})
"""The service says what is a draft; \\Recent belongs to the session."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The rules forbid it; `text` tells the user."""

    text: str


def place_of(label: Label) -> Place:
    if label.kind is LabelKind.FOLDER:
        return Place.FOLDER
    if label.kind is LabelKind.LABEL:
        return Place.LABEL
    return _SYSTEM[label.id]


def copy(source: Label, target: Label) -> tuple[Step, ...] | Forbidden:
    """COPY labels with the target; where that is a folder, the service takes the message out of its present one."""
    if (to := place_of(target)) in FIXED:
        return Forbidden(f"Messages cannot be put into {to.value}")
    return ((Action.LABEL, target.id),)


def move(source: Label, target: Label) -> tuple[Step, ...] | Forbidden:
    """MOVE labels with the target, and leaves the source if that is a label or the target no label: so a move from a
    folder to a label keeps the message in its folder."""
    here, to = place_of(source), place_of(target)
    for place in (here, to):
        if place in FIXED:
            return Forbidden(f"Messages cannot be moved out of or into {place.value}")
    if (here, to) in UNMOVABLE:
        return Forbidden("Messages cannot be moved between Inbox and Sent")
    label: Step = (Action.LABEL, target.id)
    if source.id == target.id or (here in EXCLUSIVE and to in EXCLUSIVE):
        return (label,)
    if here is Place.LABEL or to is not Place.LABEL:
        return (label, (Action.UNLABEL, source.id))
    return (label,)


def may_expunge(label: Label) -> bool:
    return place_of(label) not in FIXED


def deletes_for_ever(label: Label) -> bool:
    """Whether EXPUNGE here deletes for ever what `unheld` says yes to; elsewhere it only takes the label off."""
    return place_of(label) in FOR_EVER


def unheld(other_labels: Collection[LabelId]) -> bool:
    """Whether none of a message's other labels is a place to find it. Labels not known here count as places."""
    return all(id in NOT_HOLDING or (_is_system(id) and id not in WANTED_SYSTEM) for id in other_labels)


def _is_system(id: LabelId) -> bool:
    """The service's own labels have short numbers, a user's have long texts."""
    return id.isdigit() and len(id) <= 3


def permanent_flags(label: Label) -> tuple[str, ...]:
    return PERMANENT_FIXED if place_of(label) in FIXED else PERMANENT


def may_delete_flag(label: Label) -> bool:
    """Whether \\Deleted may be set (API document 8.6, hard-won 22)."""
    return place_of(label) not in FIXED
