"""Mail and labels as the service tells them: listings, and changes from events. Runs on the writer's thread."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

import apsw

from bridge_gui.model import EmailAddress, EventId, LabelId, LabelKind, MessageId, SystemLabel
from bridge_gui.store import literals
from bridge_gui.store.changes import (
    Change,
    LabelGone,
    LabelSet,
    LiteralFailed,
    LiteralReady,
    LiteralStale,
    MessageGone,
    MessageLabels,
    MessageSeen,
)
from bridge_gui.store.connection import LARGE_VALUE, address_ids, numbers, texts
from bridge_gui.store.overlay import is_mailbox, natural_place
from bridge_gui.store.projection import project, remove_everywhere
from bridge_gui.store.queue import forget_empty, settle
from bridge_gui.store.records import Action, Known, Label, Literal, MessageMeta
from bridge_gui.store.transaction import NATURES, MailboxRow, Transaction, parse_labels

MESSAGE_TABLES = ("meta", *literals.PARTS, "pending")


# ------------------------------------------------------------------------------------------- labels


def set_label(tx: Transaction, label: Label, *, list_now: bool) -> None:
    """Take a label's description; a wanted new one gets a mailbox, with UIDs at once if `list_now`."""
    number = tx.label_number(label.id)
    before = tx.query("SELECT known, kind, name, parent, color, position FROM label WHERE id = ?", (number,)).get
    after = (1, int(label.kind), label.name, label.parent_id, label.color, label.order)
    if before != after:
        tx.query(
            "UPDATE label SET known = ?, kind = ?, name = ?, parent = ?, color = ?, position = ? WHERE id = ?",
            (*after, number),
        )
        tx.book.kinds[number] = (label.id, label.kind)
        tx.book.find_places()
        tx.outcome.tree = True
    if is_mailbox(label.id, label.kind) and number not in tx.book.mailboxes:
        uidvalidity = tx.new_uidvalidity()
        tx.query("INSERT INTO mailbox VALUES (?, ?, 1, ?, 0, 0)", (number, uidvalidity, tx.modseq))
        tx.book.mailboxes[number] = MailboxRow(uidvalidity, 1, False)
        tx.outcome.tree = True
        if list_now:
            list_mailboxes(tx, [number])


def drop_label(tx: Transaction, id: LabelId) -> None:
    """Forget a label and its mailbox; the number stays, should the id come back, but never its UIDVALIDITY."""
    number = tx.book.labels.get(id)
    if number is None or number not in tx.book.kinds:
        return
    tx.query("UPDATE label SET known = 0 WHERE id = ?", (number,))
    tx.book.kinds.pop(number)
    tx.book.find_places()
    tx.outcome.tree = True
    if tx.book.mailboxes.pop(number, None) is not None:
        tx.query("DELETE FROM member WHERE mailbox = ?", (number,))
        tx.query("DELETE FROM vanished WHERE mailbox = ?", (number,))
        tx.query("DELETE FROM mailbox WHERE id = ?", (number,))
        tx.outcome.touched.pop(number, None)
        tx.outcome.gone.append((number, "The mailbox was deleted"))
    holders = [row[0] for row in tx.query("SELECT id FROM message WHERE instr(labels, ?)", (f",{number},",))]
    if holders:
        tx.query(
            "UPDATE message SET labels = replace(labels, ?, ',') WHERE id IN (SELECT value FROM carray(?))",
            (f",{number},", numbers(holders)),
        )
        tx.query("UPDATE message SET labels = '' WHERE labels = ','")
    # What was to be put there shows where it was. The change is left to the service, which refuses it: so it is told.
    # What was to be taken out is out.
    changed = [
        row[0]
        for row in tx.query(
            "SELECT DISTINCT message FROM change CROSS JOIN pending ON change = change.id WHERE label = ?", (number,)
        )
    ]
    tx.query(
        "DELETE FROM pending WHERE change IN (SELECT id FROM change WHERE label = ? AND action = ?)",
        (number, Action.UNLABEL.value),
    )
    forget_empty(tx)
    project(tx, {*holders, *changed})


def set_labels(tx: Transaction, labels: Sequence[Label]) -> None:
    there = {label.id for label in labels}
    for id, _ in list(tx.book.kinds.values()):
        if id not in there:
            drop_label(tx, id)
    for label in labels:
        set_label(tx, label, list_now=tx.book.complete)


def all_labels(connection_rows: Iterable[tuple[str, int, str, str | None, str, int]]) -> list[Label]:
    return [
        Label(LabelId(remote), LabelKind(kind), name, LabelId(parent) if parent is not None else None, color, position)
        for remote, kind, name, parent, color, position in connection_rows
    ]


# ------------------------------------------------------------------------------------------- messages


def put_messages(tx: Transaction, metas: Sequence[MessageMeta], *, weak: bool) -> list[int]:
    """Insert or update messages and return their numbers. `weak`: what was told since `begin_listing` wins."""
    stamp = tx.book.stamp
    rows = []
    for meta in metas:
        nature = NATURES.index(natural_place(meta.flags))
        rows.append(
            (
                meta.id,
                tx.address_number(meta.address_id),
                meta.time,
                meta.order,
                tx.labels_text(meta.label_ids),
                meta.unread,
                meta.forwarded,
                meta.replied or meta.replied_all,
                nature,
                stamp,
            )
        )
    tx.many(
        "INSERT INTO message(remote, address, time, position, labels, unread, forwarded, answered, nature, stamp)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(remote) DO UPDATE SET address = excluded.address,"
        " labels = excluded.labels, unread = excluded.unread, forwarded = excluded.forwarded, answered ="
        " excluded.answered,"
        " nature = excluded.nature, stamp = excluded.stamp" + (" WHERE message.stamp < excluded.stamp" if weak else ""),
        rows,
    )
    found: dict[str, int] = dict(
        tx.query(
            "SELECT remote, id FROM carray(?) CROSS JOIN message ON remote = value",
            (texts([meta.id for meta in metas]),),
        )
    )
    tx.many(
        "INSERT OR REPLACE INTO meta VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                found[meta.id],
                meta.size,
                meta.flags,
                meta.replied,
                meta.replied_all,
                meta.conversation_id,
                meta.external_id,
                meta.num_attachments,
                meta.subject,
                people_text(meta),
            )
            for meta in metas
        ],
    )
    return list(found.values())


def people_text(meta: MessageMeta) -> str:
    """Sender and recipients as one JSON text."""
    lists = ((meta.sender,), meta.to, meta.cc, meta.bcc, meta.reply_to)
    return json.dumps(
        [[[p.name, p.address] for p in people] for people in lists], ensure_ascii=False, separators=(",", ":")
    )


def people_of(text: str) -> list[tuple[EmailAddress, ...]]:
    return [tuple(EmailAddress(name, address) for name, address in people) for people in json.loads(text)]


def delete_messages(tx: Transaction, ids: Sequence[int]) -> None:
    """Remove messages and all that is kept of them."""
    bound = numbers(ids)
    remove_everywhere(tx, ids)
    indexed = [
        row[0]
        for row in tx.query("SELECT id FROM carray(?) CROSS JOIN message ON id = value WHERE indexed = 1", (bound,))
    ]
    if indexed:
        tx.query("DELETE FROM trigram WHERE rowid IN (SELECT value FROM carray(?))", (numbers(indexed),))
    for table in MESSAGE_TABLES:
        tx.query(f"DELETE FROM {table} WHERE message IN (SELECT value FROM carray(?))", (bound,))
    tx.query("DELETE FROM message WHERE id IN (SELECT value FROM carray(?))", (bound,))
    forget_empty(tx)


def message_number(tx: Transaction, id: MessageId) -> int | None:
    found: int | None = tx.query("SELECT id FROM message WHERE remote = ?", (id,)).get
    return found


# ------------------------------------------------------------------------------------------- listings


def begin_listing(tx: Transaction, values: Mapping[str, str | None], cursor: EventId | None) -> None:
    set_values(tx, values)
    if cursor is not None:
        tx.put("cursor", cursor)
    tx.book.stamp += 1
    tx.put("stamp", tx.book.stamp)
    tx.put("listing", 1)
    tx.query("DELETE FROM gone")


def add_listing(tx: Transaction, metas: Sequence[MessageMeta], values: Mapping[str, str] | None) -> None:
    gone = {
        row[0]
        for row in tx.query(
            "SELECT remote FROM gone WHERE remote IN (SELECT value FROM carray(?))", (texts(m.id for m in metas),)
        )
    }
    latest = {
        row[0]
        for row in tx.query(
            "SELECT remote FROM carray(?) CROSS JOIN message ON remote = value WHERE stamp >= ?",
            (texts(meta.id for meta in metas), tx.book.stamp),
        )
    }
    fresh = [meta for meta in metas if meta.id not in gone and meta.id not in latest]
    if fresh:
        project(tx, put_messages(tx, fresh, weak=True))
    set_values(tx, values or {})


def list_mailboxes(tx: Transaction, mailboxes: Iterable[int]) -> None:
    """Give UIDs in date order to mailboxes that have none yet."""
    for mailbox in mailboxes:
        row = tx.book.mailboxes[mailbox]
        row.listed = True
        tx.query("UPDATE mailbox SET listed = 1 WHERE id = ?", (mailbox,))
        tx.query(
            "INSERT INTO member SELECT ?1, ?2 + row_number() OVER (ORDER BY time, position, id) - 1, id, ?3, 0,"
            " ?4 FROM message"
            " WHERE instr(labels, ?5) AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.message = message.id)",
            (mailbox, row.uidnext, tx.modseq, tx.now, f",{mailbox},"),
        )
        row.uidnext += tx.connection.changes()
        tx.touched(mailbox)
    # What has pending changes may belong elsewhere than the service says; there are few of them.
    project(tx, [row[0] for row in tx.query("SELECT DISTINCT message FROM pending")])
    tx.outcome.tree = True


def finish_listing(tx: Transaction, labels: Collection[LabelId] | None) -> None:
    if labels is None:
        unseen = [row[0] for row in tx.query("SELECT id FROM message WHERE stamp < ?", (tx.book.stamp,))]
        if unseen:
            delete_messages(tx, unseen)
    list_mailboxes(
        tx,
        [
            number
            for number, row in tx.book.mailboxes.items()
            if not row.listed and (labels is None or tx.book.kinds[number][0] in labels)
        ],
    )
    if labels is None:
        tx.book.complete = True
        tx.put("complete", 1)
        tx.put("listing", None)
        tx.query("DELETE FROM gone")


# ------------------------------------------------------------------------------------------- changes


def apply(tx: Transaction, changes: Sequence[Change], cursor: EventId | None, mark: int | None) -> None:
    """Apply changes in order; neighbours of one kind together, since a page of them costs little more than one."""
    seen: list[MessageMeta] = []
    ready: dict[MessageId, Literal] = {}

    def flush() -> None:
        if ready:
            numbered = tx.query(
                "SELECT id, remote FROM carray(?) CROSS JOIN message ON remote = value", (texts(ready),)
            )
            literals.put(tx, {number: ready[id] for number, id in list(numbered)})
            ready.clear()
        if seen:
            tx.query(
                "DELETE FROM gone WHERE remote IN (SELECT value FROM carray(?))", (texts(meta.id for meta in seen),)
            )
            project(tx, put_messages(tx, seen, weak=False))
            seen.clear()

    for change in changes:
        if isinstance(change, LiteralReady):
            if seen or change.id in ready:
                flush()
            ready[change.id] = change.literal
            continue
        if isinstance(change, MessageSeen):
            if ready or any(meta.id == change.meta.id for meta in seen):
                flush()
            seen.append(change.meta)
            continue
        flush()
        match change:
            case LabelSet(label):
                set_label(tx, label, list_now=tx.book.complete)
            case LabelGone(id):
                drop_label(tx, id)
            case MessageLabels(id, label_ids, unread):
                if (number := message_number(tx, id)) is not None:
                    tx.query(
                        "UPDATE message SET labels = ?, unread = ?, stamp = ? WHERE id = ?",
                        (tx.labels_text(label_ids), unread, tx.book.stamp, number),
                    )
                    project(tx, [number])
            case MessageGone(id):
                if (number := message_number(tx, id)) is not None:
                    delete_messages(tx, [number])
                tx.query(
                    "INSERT OR IGNORE INTO gone SELECT ? WHERE EXISTS (SELECT 1 FROM value WHERE key = 'listing')",
                    (id,),
                )
            case LiteralStale(id):
                tx.query("UPDATE message SET stale = 1 WHERE remote = ? AND state <> 0", (id,))
            case LiteralFailed(id):
                literals.failed(tx, id)
    flush()
    if cursor is not None:
        tx.put("cursor", cursor)
    if mark is not None:
        gone = settle(tx, mark)
        if gone:
            delete_messages(tx, gone)


def set_values(tx: Transaction, values: Mapping[str, str | None]) -> None:
    """The callers' values, under a prefix that keeps them apart from ours."""
    for key, value in values.items():
        tx.put(f"_{key}", value)
        tx.large = tx.large or (value is not None and len(value) >= LARGE_VALUE)


def is_durable(changes: Sequence[Change], cursor: EventId | None) -> bool:
    """Whether a mail program may be told of what these changes do. A literal stored anew under its UID is not told."""
    return cursor is not None or any(
        not isinstance(change, LiteralReady | LiteralFailed | LiteralStale) for change in changes
    )


# ------------------------------------------------------------------------------------------- looking up


def known(connection: apsw.Connection, ids: Collection[MessageId]) -> dict[MessageId, Known]:
    addresses = address_ids(connection)
    return {
        MessageId(remote): Known(
            MessageId(remote), addresses[address], NATURES[nature] == SystemLabel.DRAFTS, literals.STATES[state]
        )
        for remote, address, nature, state in connection.execute(
            "SELECT remote, address, nature, state FROM carray(?) CROSS JOIN message ON remote = value", (texts(ids),)
        )
    }


def unlisted(connection: apsw.Connection, ids: Sequence[MessageId]) -> list[MessageId]:
    """Those that were not told of since the listing began; deleted ones were."""
    told = {
        row[0]
        for row in connection.execute(
            "SELECT remote FROM carray(?1) CROSS JOIN message ON remote = value"
            " WHERE stamp >= (SELECT CAST(value AS INTEGER) FROM value WHERE key = 'stamp')"
            " UNION SELECT remote FROM carray(?1) CROSS JOIN gone ON remote = value",
            (texts(ids),),
        )
    }
    return [id for id in ids if id not in told]


def metas(connection: apsw.Connection, ids: Collection[MessageId]) -> list[MessageMeta]:
    labels = {number: LabelId(remote) for number, remote in connection.execute("SELECT id, remote FROM label")}
    addresses = address_ids(connection)
    found = []
    for (
        remote, address, label_text, time, position, unread, forwarded,
        size, flags, replied, replied_all, conversation, external, attachments, subject, people,
    ) in connection.execute(META_SQL, (texts(ids),)):  # fmt: skip
        sender, to, cc, bcc, reply_to = people_of(people)
        found.append(
            MessageMeta(
                id=MessageId(remote),
                address_id=addresses[address],
                label_ids=frozenset(labels[number] for number in parse_labels(label_text)),
                time=time,
                size=size,
                flags=flags,
                unread=bool(unread),
                replied=bool(replied),
                replied_all=bool(replied_all),
                forwarded=bool(forwarded),
                subject=subject,
                sender=sender[0],
                to=to,
                cc=cc,
                bcc=bcc,
                reply_to=reply_to,
                external_id=external,
                conversation_id=conversation,
                num_attachments=attachments,
                order=position,
            )
        )
    return found


META_SQL = (
    "SELECT remote, address, labels, time, position, unread, forwarded, meta.size, meta.flags, replied,"
    " replied_all, conversation,"
    " external, attachments, subject, people FROM carray(?) CROSS JOIN message ON remote = value CROSS JOIN meta ON"
    " meta.message = message.id"
)
