"""Literals: stored in parts that are read without each other, dropped by last use, replaced under new UIDs."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Iterable, Mapping, Sequence

import apsw

from bridge_gui.model import LabelId, MessageId
from bridge_gui.store.connection import LARGE, Bound, address_ids, let_go, numbers, snapshot, texts
from bridge_gui.store.folding import fold, fold_lines
from bridge_gui.store.projection import project, remove_everywhere
from bridge_gui.store.records import Literal, LiteralState, Missing
from bridge_gui.store.transaction import Transaction

MISSING, PRESENT, EVICTED, FAILED = range(4)
STATES = (LiteralState.MISSING, LiteralState.PRESENT, LiteralState.EVICTED, LiteralState.FAILED)
PARTS = ("shape", "header", "brief", "content", "cached", "sort", "short", "text")
DIGEST_BYTES = 16
SEPARATOR = "\n"
PIECE = 1024 * 1024
"""Bytes of a content that are written at a time."""
INDEX_CHARACTERS = 150_000
"""Text indexed in one transaction: some 30 ms, for which another writer may have to wait."""


def put(tx: Transaction, literals: Mapping[int, Literal]) -> None:
    """Store literals of messages. Another one than was shown gets new UIDs; the same one only becomes present again."""
    digests = {
        message: hashlib.blake2b(literal.data, digest_size=DIGEST_BYTES).digest()
        for message, literal in literals.items()
    }
    shown = dict(
        tx.query("SELECT message, digest FROM carray(?) CROSS JOIN shape ON message = value", (numbers(literals),))
    )
    replaced = [message for message, digest in shown.items() if digest != digests[message]]
    if replaced:
        remove_everywhere(tx, replaced)
        _forget_parts(tx, replaced)
    _put_parts(tx, {m: literal for m, literal in literals.items() if shown.get(m) != digests[m]}, digests)
    _put_contents(tx, {m: memoryview(literal.data)[literal.header_size :] for m, literal in literals.items()})
    tx.large = tx.large or any(len(literal.data) >= LARGE for literal in literals.values())
    sizes = [(message, len(literal.data)) for message, literal in literals.items()]
    tx.many("INSERT OR REPLACE INTO cached VALUES (?, ?, ?)", [(message, size, tx.now) for message, size in sizes])
    tx.many(
        "UPDATE message SET state = ?, stale = 0, size = ? WHERE id = ?",
        [(PRESENT, size, message) for message, size in sizes],
    )
    tx.outcome.sized = True
    if replaced:
        project(tx, replaced)


def _put_contents(tx: Transaction, contents: Mapping[int, memoryview]) -> None:
    """Store what eviction drops. Large ones in pieces: bound as a value, SQLite would copy them whole, and twice."""
    large = [message for message, content in contents.items() if len(content) > PIECE]
    tx.many(
        "INSERT OR REPLACE INTO content VALUES (?, ?)",
        [
            (message, content if len(content) <= PIECE else apsw.zeroblob(len(content)))
            for message, content in contents.items()
        ],
    )
    for message in large:
        with tx.connection.blob_open("main", "content", "data", message, True) as blob:
            for at in range(0, len(contents[message]), PIECE):
                blob.write(contents[message][at : at + PIECE])


def _put_parts(tx: Transaction, literals: Mapping[int, Literal], digests: Mapping[int, bytes]) -> None:
    """Store what stays when the content is dropped."""
    shapes, headers, briefs, sorts, shorts, texts_ = [], [], [], [], [], []
    for message, literal in literals.items():
        sort = literal.sort
        shapes.append(
            (
                message,
                digests[message],
                literal.header_size,
                literal.envelope,
                literal.bodystructure,
                literal.body,
                literal.preview,
            )
        )
        headers.append((message, literal.data[: literal.header_size]))
        briefs.append((message, literal.brief))
        sorts.append(
            (
                message,
                sort.sent,
                sort.sent_day,
                sort.subject,
                sort.sender,
                sort.to,
                sort.cc,
                sort.display_from,
                sort.display_to,
                sort.message_id,
                " ".join(sort.references),
                sort.is_reply,
            )
        )
        lines = fold_lines(literal.search.header)
        shorts.append((message, *(SEPARATOR.join(values) if values else None for values in short_fields(lines))))
        texts_.append((message, lines, fold(literal.search.body)))
    tx.many("INSERT OR REPLACE INTO shape VALUES (?, ?, ?, ?, ?, ?, ?)", shapes)
    tx.many("INSERT OR REPLACE INTO header VALUES (?, ?)", headers)
    tx.many("INSERT OR REPLACE INTO brief VALUES (?, ?)", briefs)
    tx.many("INSERT OR REPLACE INTO sort VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", sorts)
    tx.many("INSERT OR REPLACE INTO short VALUES (?, ?, ?, ?, ?, ?)", shorts)
    tx.many("INSERT OR REPLACE INTO text VALUES (?, ?, ?)", texts_)


def short_fields(folded_header: str) -> list[list[str]]:
    """The values of each field of SHORT, from folded lines `name: value`."""
    found: dict[str, list[str]] = {name: [] for name in SHORT}
    for line in folded_header.split("\n"):
        name, colon, value = line.partition(":")
        if colon and name in found:
            found[name].append(value.lstrip(" "))
    return list(found.values())


SHORT = ("subject", "from", "to", "cc", "bcc")
"""The fields of the table `short`, which most searches ask for."""


def _forget_parts(tx: Transaction, messages: Sequence[int]) -> None:
    bound = numbers(messages)
    for table in PARTS:
        tx.query(f"DELETE FROM {table} WHERE message IN (SELECT value FROM carray(?))", (bound,))
    unindex(tx, messages)


def unindex(tx: Transaction, messages: Sequence[int]) -> None:
    indexed = [
        row[0]
        for row in tx.query(
            "SELECT id FROM carray(?) CROSS JOIN message ON id = value WHERE indexed = 1", (numbers(messages),)
        )
    ]
    if indexed:
        tx.query("DELETE FROM trigram WHERE rowid IN (SELECT value FROM carray(?))", (numbers(indexed),))
        tx.query("UPDATE message SET indexed = 0 WHERE id IN (SELECT value FROM carray(?))", (numbers(indexed),))


def failed(tx: Transaction, id: MessageId) -> None:
    """Not to be asked for again by itself; a stale one goes on being shown as it was."""
    tx.query(
        "UPDATE message SET state = CASE state WHEN ? THEN ? ELSE state END, stale = 0 WHERE remote = ?",
        (MISSING, FAILED, id),
    )


def retry_failed(tx: Transaction) -> int:
    tx.query("UPDATE message SET state = ? WHERE state = ?", (MISSING, FAILED))
    return tx.connection.changes()


def missing(
    connection: apsw.Connection, limit: int, labels: Iterable[LabelId] | None, since: int | None
) -> list[Missing]:
    """What is to be downloaded: stale ones first, then the newest."""
    addresses = address_ids(connection)
    conditions, values = _selected(connection, labels, since)
    found: list[Missing] = []
    for stale, condition in ((True, "stale = 1"), (False, "state = 0 AND stale = 0")):
        rows = connection.execute(
            "SELECT remote, address, time, meta.size FROM message CROSS JOIN meta ON meta.message = message.id"
            f" WHERE {condition}{conditions if not stale else ''} ORDER BY time DESC LIMIT ?",
            (*([] if stale else values), limit - len(found)),
        )
        found += [
            Missing(MessageId(remote), addresses[address], time, size, stale) for remote, address, time, size in rows
        ]
    return found


def stale_count(connection: apsw.Connection) -> int:
    """How many `missing` would name of those that are here, or were."""
    count: int = connection.execute("SELECT count(*) FROM message WHERE stale = 1 AND state <> ?", (MISSING,)).get
    return count


def missing_count(connection: apsw.Connection, labels: Iterable[LabelId] | None, since: int | None) -> int:
    """How many `missing` would name, of those that are not here at all."""
    conditions, values = _selected(connection, labels, since)
    count: int = connection.execute(
        "SELECT count(*) FROM message CROSS JOIN meta ON meta.message = message.id"
        f" WHERE state = 0 AND (stale = 1 OR (1{conditions}))",
        values,
    ).get
    return count


def _selected(
    connection: apsw.Connection, labels: Iterable[LabelId] | None, since: int | None
) -> tuple[str, list[Bound]]:
    """The condition that picks messages of some labels and not older than `since`, with its values."""
    conditions = ""
    values: list[Bound] = []
    if since is not None:
        conditions += " AND time >= ?"
        values.append(since)
    if labels is not None:
        wanted = [
            row[0]
            for row in connection.execute(
                "SELECT id FROM label WHERE remote IN (SELECT value FROM carray(?))", (texts(labels),)
            )
        ]
        conditions += " AND EXISTS (SELECT 1 FROM carray(?) WHERE instr(labels, ',' || value || ','))"
        values.append(numbers(wanted))
    return conditions, values


def whole(connection: apsw.Connection, id: MessageId) -> bytes | None:
    with snapshot(connection):
        row = connection.execute(
            f"SELECT message.id, header.data, {SMALL_CONTENT} FROM message"
            " CROSS JOIN header ON header.message = message.id CROSS JOIN content ON content.message = message.id"
            " WHERE remote = ?",
            (id,),
        ).get
        if row is None:
            return None
        message, header, content = row
        return with_large_content(connection, message, header) if content is None else header + content


SMALL_CONTENT = f"CASE WHEN length(content.data) <= {PIECE} THEN content.data END"
"""A content as a column of a query; NULL when it is large, and to be read by `with_large_content`."""


def with_large_content(connection: apsw.Connection, message: int, header: bytes) -> bytes:
    """A whole literal, its content read in pieces: as a value of a query it would be in memory twice more.

    To be called in the `snapshot` of the query, and when that has come to its end: SQLite would never end the
    transaction of one that is broken off after a blob was opened.
    """
    literal = io.BytesIO()
    literal.write(header)
    with connection.blob_open("main", "content", "data", message, False) as blob:
        while piece := blob.read(PIECE):
            literal.write(piece)
    if literal.tell() >= LARGE:
        let_go(connection)
    return literal.getvalue()


def headers(connection: apsw.Connection, ids: Collection[MessageId]) -> dict[MessageId, bytes]:
    return {
        MessageId(remote): data
        for remote, data in connection.execute(
            "SELECT remote, data FROM carray(?) CROSS JOIN message ON remote = value CROSS JOIN header ON message = id",
            (texts(ids),),
        )
    }


def used(tx: Transaction, messages: Collection[int]) -> None:
    """Note that these were read now."""
    tx.query("UPDATE cached SET used = ? WHERE message IN (SELECT value FROM carray(?))", (tx.now, numbers(messages)))


def evict(tx: Transaction, budget: int, keep: Collection[MessageId], limit: int = 500) -> int:
    """Drop up to `limit` contents, the longest unused first, until the rest fits."""
    total = tx.query("SELECT bytes FROM total WHERE state = ?", (PRESENT,)).get
    kept = {row[0] for row in tx.query("SELECT id FROM carray(?) CROSS JOIN message ON remote = value", (texts(keep),))}
    dropped: list[int] = []
    for message, size in tx.query("SELECT message, size FROM cached ORDER BY used, message"):
        if total <= budget or len(dropped) >= limit:
            break
        if message not in kept:
            dropped.append(message)
            total -= size
    bound = numbers(dropped)
    for table in ("content", "cached"):
        tx.query(f"DELETE FROM {table} WHERE message IN (SELECT value FROM carray(?))", (bound,))
    tx.query("UPDATE message SET state = ? WHERE id IN (SELECT value FROM carray(?))", (EVICTED, bound))
    return len(dropped)


def index(tx: Transaction, limit: int) -> int:
    """Add the newest messages that are not indexed yet, as much text as a transaction may take."""
    rows: list[tuple[int, str]] = []
    size = 0
    for id, header, body in tx.query(
        "SELECT id, header, body FROM message CROSS JOIN text ON text.message = id"
        " WHERE indexed = 0 AND message.size IS NOT NULL ORDER BY time DESC LIMIT ?",
        (limit,),
    ):
        rows.append((id, f"{header}\n{body}"))
        size += len(header) + len(body)
        if size >= INDEX_CHARACTERS:
            break
    tx.many("INSERT INTO trigram(rowid, words) VALUES (?, ?)", rows)
    tx.query(
        "UPDATE message SET indexed = 1 WHERE id IN (SELECT value FROM carray(?))", (numbers(id for id, _ in rows),)
    )
    return len(rows)
