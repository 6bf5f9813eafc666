"""FETCH and UID FETCH (RFC 3501 6.4.5, RFC 7162 3.1.4, RFC 9394).

Flags and MODSEQ come straight from the columns, in chunks. For the rest the backend gives records in batches of bounded
bytes; each is rendered and written before the next is asked for, so that a slow reader holds up the reading and costs
no memory.
"""

from __future__ import annotations

from array import array
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import cast

from bridge_gui.imap import commands as c
from bridge_gui.imap import responses
from bridge_gui.imap.backend import FlagChange, Need, Record, StoreMode
from bridge_gui.imap.conversation import WRITE_SIZE, Conversation
from bridge_gui.imap.fetch_items import FetchItem
from bridge_gui.imap.grammar import NotSupported
from bridge_gui.imap.handlers.tree import become_condstore
from bridge_gui.imap.render import Plan, UnknownEncoding, fixed, fixed_parts, plan
from bridge_gui.imap.sequences import Saved, Slice, compress, pieces, position, size
from bridge_gui.imap.session import View

FLAG_CHUNK = 2_000
"""Messages whose flags are rendered at once: about 80 KB of answers."""
RECORD_CHUNK = 1_000
"""Messages asked of the backend at once, and looked up in the cache."""


async def fetch(conv: Conversation, command: c.Fetch) -> None:
    view = conv.selected()
    what = plan(command.items, uid=command.uid, modseq=command.changed_since is not None)
    if what.modseq:
        become_condstore(conv)
    if command.vanished and not view.qresync:
        raise NotSupported("VANISHED wants QRESYNC to be enabled (RFC 7162 3.2.6)", "CLIENTBUG")
    slices = view.slices(command.messages, uid=command.uid)
    if command.partial is not None:
        slices = _partial(slices, command.partial)
    if command.changed_since is not None:
        if command.vanished:
            await _say_vanished(conv, view, command)
        slices = _changed_since(view, slices, command.changed_since)
    missing = False
    if not what.fixed:
        missing = await _flags_only(conv, view, what, slices)
    else:
        for chunk in _chunks(slices, RECORD_CHUNK):
            missing = await _records(conv, view, what, chunk) or missing
    conv.tell(command)
    code = "EXPUNGEISSUED" if missing else ""
    conv.say(responses.ok(command.tag, f"{command.name} completed", code))


def _chunks(slices: Sequence[Slice], length: int) -> Iterator[list[Slice]]:
    """Slices in groups of about `length` messages."""
    group: list[Slice] = []
    count = 0
    for piece in pieces(slices, length):
        group.append(piece)
        count += piece[1] - piece[0]
        if count >= length:
            yield group
            group, count = [], 0
    if group:
        yield group


def _partial(slices: Sequence[Slice], wanted: tuple[int, int]) -> list[Slice]:
    """Ranks `wanted` of the messages meant, from the end if negative (RFC 9394 3.2)."""
    total = size(slices)
    first, last = wanted
    start, stop = (first - 1, last) if first > 0 else (total + last, total + first + 1)
    start = max(start, 0)
    found: list[Slice] = []
    rank = 0
    for low, high in slices:
        begin, end = max(low, low + start - rank), min(high, low + stop - rank)
        if begin < end:
            found.append((begin, end))
        rank += high - low
    return found


def _changed_since(view: View, slices: Sequence[Slice], since: int) -> list[Slice]:
    """Of these messages, those with a higher MODSEQ."""
    snapshot = view.snapshot
    if since >= snapshot.highest_modseq:
        return []
    found: list[Slice] = []
    aligned = view.aligned()
    for start, stop in slices:
        for index in range(start, stop):
            at = index if aligned else position(snapshot.uids, len(snapshot.uids), view.uids[index])
            if at >= 0 and snapshot.modseqs[at] > since:
                if found and found[-1][1] == index:
                    found[-1] = (found[-1][0], index + 1)
                else:
                    found.append((index, index + 1))
    return found


async def _say_vanished(conv: Conversation, view: View, command: c.Fetch) -> None:
    """UIDs of the set that were expunged since (RFC 7162 3.2.6)."""
    assert command.changed_since is not None
    gone: Sequence[int] = await view.mailbox.vanished(command.changed_since)
    if isinstance(command.messages, Saved):
        wanted = set(view.saved)
        gone = [uid for uid in gone if uid in wanted]
    else:
        ranges = command.messages.resolve(max(view.snapshot.uidnext - 1, 1))
        gone = [uid for low, high in ranges for uid in _between(gone, low, high)]
    if gone:
        await conv.write(b"* VANISHED (EARLIER) %s\r\n" % compress(gone))


def _between(uids: Sequence[int], low: int, high: int) -> Iterator[int]:
    return (uid for uid in uids if low <= uid <= high)


# ------------------------------------------------------------------------------------------------- flags


async def flag_answers(
    conv: Conversation, view: View, slices: Sequence[Slice], *, uid: bool, flags: bool, modseq: bool
) -> None:
    """FETCH responses of STORE."""
    await _flags_only(conv, view, Plan(uid, flags, modseq, (), Need(0), False), slices)


async def fetch_new(conv: Conversation, view: View, items: tuple[FetchItem, ...], start: int) -> None:
    """What NOTIFY wants to know of messages that came (RFC 5465 5.1): those from position `start` on."""
    what = plan(items, uid=True, modseq=False)
    for chunk in _chunks([(start, view.count)], RECORD_CHUNK):
        if what.fixed:
            await _records(conv, view, what, chunk)
        else:
            await _flags_only(conv, view, what, chunk)


async def _flags_only(conv: Conversation, view: View, what: Plan, slices: Sequence[Slice]) -> bool:
    """The columns hold all of this; no backend is asked. A rendered chunk is kept under its columns' own bytes. Tell
    whether a message turned out to be gone."""
    missing = False
    snapshot = view.snapshot
    aligned = view.aligned()
    space = conv.shared.cache.space(("flags", snapshot.table, what.uid, what.flags))
    for start, stop in pieces(slices, FLAG_CHUNK):
        if not aligned:
            lines = _flags_one_by_one(view, what, start, stop)
            missing = missing or len(lines) < stop - start
            await conv.write(b"".join(lines))
            continue
        if what.modseq:
            await conv.write(_flag_lines(view, what, start, stop))
            continue
        key = (start, view.uids[start:stop].tobytes(), snapshot.flags[start:stop].tobytes() if what.flags else b"")
        text = space.answers.get(key)
        if text is None:
            text = _flag_lines(view, what, start, stop)
            conv.shared.cache.put(space, key, text, cost=len(text) + sum(map(len, key[1:])))
        await conv.write(text)
    return missing


def _flag_lines(view: View, what: Plan, start: int, stop: int) -> bytes:
    """Answers for the messages at `start:stop`; the view's numbers are the snapshot's."""
    snapshot = view.snapshot
    numbers = range(start + 1, stop + 1)
    uids = view.uids[start:stop]
    rendered = view.flag_bytes
    flags = [rendered[number] for number in snapshot.flags[start:stop]] if what.flags else []
    modseqs = snapshot.modseqs[start:stop]
    if what.uid and what.flags and what.modseq:
        return b"".join(
            [b"* %d FETCH (UID %d %s MODSEQ (%d))\r\n" % row for row in zip(numbers, uids, flags, modseqs, strict=True)]
        )
    if what.uid and what.flags:
        return b"".join([b"* %d FETCH (UID %d %s)\r\n" % row for row in zip(numbers, uids, flags, strict=True)])
    if what.uid and what.modseq:
        return b"".join(
            [b"* %d FETCH (UID %d MODSEQ (%d))\r\n" % row for row in zip(numbers, uids, modseqs, strict=True)]
        )
    if what.flags and what.modseq:
        return b"".join([b"* %d FETCH (%s MODSEQ (%d))\r\n" % row for row in zip(numbers, flags, modseqs, strict=True)])
    if what.uid:
        return b"".join([b"* %d FETCH (UID %d)\r\n" % row for row in zip(numbers, uids, strict=True)])
    if what.flags:
        return b"".join([b"* %d FETCH (%s)\r\n" % row for row in zip(numbers, flags, strict=True)])
    return b"".join([b"* %d FETCH (MODSEQ (%d))\r\n" % row for row in zip(numbers, modseqs, strict=True)])


def _flags_one_by_one(view: View, what: Plan, start: int, stop: int) -> list[bytes]:
    """The same while expunges are not told yet: each message is looked up. One that is gone is left out."""
    out: list[bytes] = []
    for index in range(start, stop):
        live = view.live(view.uids[index], what.uid, what.flags, what.modseq)
        if live is not None:
            out.append(b"* %d FETCH (%s)\r\n" % (index + 1, live))
    return out


# ----------------------------------------------------------------------------------------------- records


async def _records(conv: Conversation, view: View, what: Plan, slices: Sequence[Slice]) -> bool:
    """Answer with what the backend holds; tell whether a message turned out to be gone."""
    if what.cacheable:
        return await _small(conv, view, what, slices)
    uids = view.uids_at(slices)
    answered = 0
    async for batch in _read(conv, view, what, uids):
        answered += len(batch)
        marked: set[int] = set()
        if what.marks_seen and not view.read_only:
            marked = await _mark_seen(view, batch)
        await _write_large(conv, view, what, batch, marked)
    return answered < len(uids)


async def _small(conv: Conversation, view: View, what: Plan, slices: Sequence[Slice]) -> bool:
    """The same where answers are small: those in the cache first."""
    uids = view.uids_at(slices)
    numbers = [number for start, stop in slices for number in range(start + 1, stop + 1)]
    cache = conv.shared.cache
    space = cache.space((view.snapshot.table, view.mailbox.mailbox_id, view.mailbox.uidvalidity, what.fixed))
    cached = list(map(space.answers.get, uids))
    if None not in cached:
        await conv.write(_lines(view, what, numbers, uids, cast(list[bytes], cached)))
        return False
    known = [row for row in zip(numbers, uids, cached, strict=True) if row[2] is not None]
    if known:
        await conv.write(_lines(view, what, *zip(*known, strict=True)))
    left = array("I", [uid for uid, text in zip(uids, cached, strict=True) if text is None])
    number_of = dict(zip(uids, numbers, strict=True))
    answered = len(known)
    async for batch in _read(conv, view, what, left):
        answered += len(batch)
        came = [record.uid for record in batch]
        texts = fixed(what, batch)
        cache.put_all(space, came, texts)
        await conv.write(_lines(view, what, [number_of[uid] for uid in came], came, texts))
    return answered < len(uids)


def _lines(view: View, what: Plan, numbers: Sequence[int], uids: Sequence[int], texts: Sequence[bytes]) -> bytes:
    """FETCH responses: what changes, from the columns, and what does not. A message that is gone is left out."""
    rows = zip(numbers, uids, texts, strict=True)
    if not what.flags and not what.modseq:
        if what.uid:
            return b"".join([b"* %d FETCH (UID %d %s)\r\n" % row for row in rows])
        return b"".join([b"* %d FETCH (%s)\r\n" % row for row in zip(numbers, texts, strict=True)])
    if what.uid and not what.modseq and view.aligned():
        flags, rendered = view.snapshot.flags, view.flag_bytes
        return b"".join(
            [b"* %d FETCH (UID %d %s %s)\r\n" % (n, uid, rendered[flags[n - 1]], text) for n, uid, text in rows]
        )
    out: list[bytes] = []
    for number, uid, text in rows:
        live = view.live(uid, what.uid, what.flags, what.modseq)
        if live is not None:
            out.append(b"* %d FETCH (%s %s)\r\n" % (number, live, text))
    return b"".join(out)


async def _read(conv: Conversation, view: View, what: Plan, uids: Sequence[int]) -> AsyncIterator[Sequence[Record]]:
    """Records from the backend; a message that is asked for piece by piece is read once."""
    if not what.piecewise or len(uids) != 1:
        async for batch in view.mailbox.fetch(uids, what.need):
            yield batch
        return
    key = (view, uids[0])
    held = conv.holder.held(key, what.need)
    if held is not None:
        if what.ends(held):
            conv.holder.let_go()
        yield [held]
        return
    async for batch in view.mailbox.fetch(uids, what.need):
        for record in batch:
            if not what.ends(record):
                conv.holder.hold(key, what.need, record)
        yield batch


async def _write_large(conv: Conversation, view: View, what: Plan, batch: Sequence[Record], marked: set[int]) -> None:
    out: list[bytes] = []
    pending = 0
    for record in batch:
        try:
            parts = fixed_parts(what, record)
        except UnknownEncoding as error:
            await conv.write(b"".join(out))
            raise NotSupported("a part's transfer encoding is not known", "UNKNOWN-CTE") from error
        live = view.live(record.uid, what.uid, what.flags or record.uid in marked, what.modseq)
        if live is None:
            continue
        out.append(b"* %d FETCH (" % view.number(record.uid))
        if live:
            out.append(live + b" ")
        out += parts
        out.append(b")\r\n")
        pending += sum(map(len, parts))
        if pending >= WRITE_SIZE:
            await conv.write_many(out)
            out, pending = [], 0
    if out:
        await conv.write(b"".join(out))


async def _mark_seen(view: View, batch: Sequence[Record]) -> set[int]:
    """BODY[] without PEEK reads the message (RFC 3501 6.4.5). Marked once the text is at hand, and told with it."""
    unseen = [record.uid for record in batch if "\\Seen" not in view.flags(record.uid)]
    if not unseen:
        return set()
    view.own_changes = set()
    try:
        await view.mailbox.store(unseen, FlagChange(StoreMode.ADD, frozenset({"\\Seen"})))
    finally:
        view.own_changes = None
    return set(unseen)
