"""The durable queue of changes that mail programs made and the service has not confirmed.

    waiting (sent = 0)  ->  sent (sent = n)  ->  settled (the row is gone)

A change waits, is sent by `sync.push`, and stays laid over the service's state until a poll that began after it was
sent has brought its echo; from then on the service's word stands alone. A refused one is left out at once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence, Set

import apsw

from bridge_gui.model import LabelId, MessageId
from bridge_gui.store.connection import numbers, texts
from bridge_gui.store.overlay import State, changed
from bridge_gui.store.projection import project
from bridge_gui.store.records import Action, QueuedChange
from bridge_gui.store.transaction import NATURES, Transaction, labels_text, parse_labels


def add(tx: Transaction, action: Action, label: int, messages: Sequence[int]) -> None:
    """Queue one change of many messages. The caller projects them."""
    if not messages:
        return
    tx.query("INSERT INTO change(action, label, created) VALUES (?, ?, ?)", (action.value, label, tx.now))
    change = tx.connection.last_insert_rowid()
    tx.query("INSERT INTO pending(change, message) SELECT ?, value FROM carray(?)", (change, numbers(messages)))
    tx.outcome.queued = True


def head(connection: apsw.Connection, limit: int) -> QueuedChange | None:
    """The oldest change with messages that still wait."""
    first = connection.execute("SELECT min(change) FROM pending WHERE sent = 0").get
    if first is None:
        return None
    action, label, created, tries = connection.execute(
        "SELECT action, coalesce(label.remote, ''), created, tries FROM change LEFT JOIN label ON label.id ="
        " change.label"
        " WHERE change.id = ?",
        (first,),
    ).get
    ids = tuple(
        MessageId(row[0])
        for row in connection.execute(
            "SELECT remote FROM pending CROSS JOIN message ON message.id = pending.message WHERE change = ? AND sent"
            " = 0 LIMIT ?",
            (first, limit),
        )
    )
    return QueuedChange(first, Action(action), LabelId(label) if label else None, ids, created, tries)


def done(
    tx: Transaction, id: int, messages: Sequence[MessageId], mark: int, told: Set[MessageId] = frozenset()
) -> None:
    """The service did it: its state is now the one with the change, which stays laid over until it is settled.

    What an event has `told` meanwhile is left as it was told, since it may be newer: the change may have been made
    and something else on top of it. If it was older, the echo comes before the change is settled.
    """
    found = tx.query("SELECT action, label FROM change WHERE id = ?", (id,)).fetchone()
    if found is None:
        return
    action, label = Action(found[0]), int(found[1])
    newer = frozenset() if action is Action.DELETE else told
    groups = tx.query(
        "SELECT json_group_array(message.id), labels, unread, forwarded, nature FROM carray(?)"
        " CROSS JOIN message ON remote = value"
        " CROSS JOIN pending ON pending.message = message.id AND change = ? AND sent = 0"
        " GROUP BY labels, unread, forwarded, nature",
        (texts(message for message in messages if message not in newer), id),
    ).fetchall()
    book = tx.book
    for alike, text, unread, forwarded, nature in groups:
        state = changed(
            State(parse_labels(text), bool(unread), bool(forwarded)),
            action,
            label,
            book.places,
            book.number(NATURES[nature]),
        )
        tx.query(
            "UPDATE message SET labels = ?, unread = ?, forwarded = ? WHERE id IN (SELECT value FROM carray(?))",
            (labels_text(state.labels), state.unread, state.forwarded, numbers(json.loads(alike))),
        )
    tx.query(
        "UPDATE pending SET sent = ? WHERE change = ? AND sent = 0 AND message IN"
        " (SELECT id FROM carray(?) CROSS JOIN message ON remote = value)",
        (mark, id, texts(messages)),
    )


def refused(tx: Transaction, id: int, messages: Sequence[MessageId]) -> None:
    """Leave the change out for these messages, and show them as they are without it."""
    numbers_ = _numbers(tx, messages)
    tx.query(
        "DELETE FROM pending WHERE change = ? AND sent = 0 AND message IN (SELECT value FROM carray(?))",
        (id, numbers(numbers_)),
    )
    forget_empty(tx)
    project(tx, numbers_)


def failed(tx: Transaction, id: int) -> None:
    tx.query("UPDATE change SET tries = tries + 1 WHERE id = ?", (id,))


def settle(tx: Transaction, mark: int) -> list[int]:
    """Let go of what was sent up to `mark`; return messages that were deleted for ever and whose deletion was not
    told.

    Not of messages that a listing under way has not come to yet: the refresh that it was begun for may have stood in
    the place of their echo.
    """
    rows = tx.query(
        "SELECT message, action FROM pending CROSS JOIN change ON change.id = change"
        " CROSS JOIN message ON message.id = message WHERE sent BETWEEN 1 AND ? AND stamp >= ?",
        (mark, tx.book.stamp),
    ).fetchall()
    if not rows:
        return []
    messages = sorted({row[0] for row in rows})
    tx.query(
        "DELETE FROM pending WHERE sent BETWEEN 1 AND ? AND message IN (SELECT value FROM carray(?))",
        (mark, numbers(messages)),
    )
    forget_empty(tx)
    project(tx, messages)
    deleted = {message for message, action in rows if action == Action.DELETE}
    return [
        row[0]
        for row in tx.query(
            "SELECT id FROM carray(?) CROSS JOIN message ON id = value WHERE labels = ''", (numbers(deleted),)
        )
        if row[0] in deleted
    ]


def pending_messages(connection: apsw.Connection) -> int:
    count: int = connection.execute("SELECT count(DISTINCT message) FROM pending WHERE sent = 0").get
    return count


def _numbers(tx: Transaction, messages: Collection[MessageId]) -> list[int]:
    return [
        row[0] for row in tx.query("SELECT id FROM carray(?) CROSS JOIN message ON remote = value", (texts(messages),))
    ]


def forget_empty(tx: Transaction) -> None:
    """Remove changes of which nothing is left."""
    tx.query("DELETE FROM change WHERE NOT EXISTS (SELECT 1 FROM pending WHERE pending.change = change.id)")
