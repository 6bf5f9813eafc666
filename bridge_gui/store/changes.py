"""What `sync` tells the store: frozen values, made by pure planning and applied by `Store.apply` in one transaction.

Each is idempotent: applying it twice, or after a crash once more, changes nothing the second time.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge_gui.model import LabelId, MessageId
from bridge_gui.store.records import Label, Literal, MessageMeta


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The label exists, with this name and parent. A new one gets a mailbox at once."""

    label: Label


@dataclass(frozen=True, slots=True)
class LabelGone:
    """The label is gone, and its mailbox with it; its messages stay. Children are named by changes of their own."""

    id: LabelId


@dataclass(frozen=True, slots=True)
class MessageSeen:
    """The service's state of a message, new or known: labels, read state, metadata. The literal is left alone."""

    meta: MessageMeta


@dataclass(frozen=True, slots=True)
class MessageLabels:
    """Only labels and read state are known anew (event action 3 without the rest); unknown messages are left out."""

    id: MessageId
    label_ids: frozenset[LabelId]
    unread: bool


@dataclass(frozen=True, slots=True)
class MessageGone:
    id: MessageId


@dataclass(frozen=True, slots=True)
class LiteralReady:
    """The literal is here. When another one was shown before, the message gets new UIDs, since what is shown under
    a UID never changes; an equal one changes nothing."""

    id: MessageId
    literal: Literal


@dataclass(frozen=True, slots=True)
class LiteralStale:
    """The service has a newer content (a draft was edited, a sent copy completed): the old literal is shown until
    `LiteralReady` brings the new one; `missing_literals` names it first."""

    id: MessageId


@dataclass(frozen=True, slots=True)
class LiteralFailed:
    """The literal cannot be had now; it is not asked for again by itself. `reason` is for logs and the doctor."""

    id: MessageId
    reason: str


Change = LabelSet | LabelGone | MessageSeen | MessageLabels | MessageGone | LiteralReady | LiteralStale | LiteralFailed
