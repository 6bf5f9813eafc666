"""SEARCH, SORT and THREAD (RFC 3501 6.4.4, RFC 4731, RFC 5182, RFC 5256, RFC 5267, RFC 9394).

A search narrows a mask of the client's messages key by key. What the columns can answer (sets, flags, MODSEQ) is asked
first, so that the backend, which looks into texts, sees as few messages as possible.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from bridge_gui.imap import commands as c
from bridge_gui.imap import masks, responses
from bridge_gui.imap.backend import DateKey, IdKey, Need, No, SizeKey, TextKey
from bridge_gui.imap.conversation import Conversation
from bridge_gui.imap.handlers.tree import become_condstore
from bridge_gui.imap.masks import Mask
from bridge_gui.imap.search_keys import Age, And, HasFlag, InSet, Modseq, Not, Or, SearchKey, SearchReturn, ThreadBy
from bridge_gui.imap.sequences import compress, position
from bridge_gui.imap.session import View
from bridge_gui.imap.sorting import by_references, by_subject, sort_uids, thread_text
from bridge_gui.mime.structure import string

Uids = Sequence[int]


# ---------------------------------------------------------------------------------------------- evaluation


def _cost(key: SearchKey) -> int:
    """Order in which the keys of a conjunction are asked."""
    match key:
        case InSet():
            return 0
        case HasFlag() | Modseq():
            return 1
        case Not(key=inner):
            return _cost(inner)
        case And(keys=keys):
            return max(map(_cost, keys), default=0)
        case Or(first=first, second=second):
            return max(_cost(first), _cost(second))
        case SizeKey() | DateKey() | IdKey() | Age():
            return 2
        case TextKey():
            return 3


async def evaluate(view: View, key: SearchKey, among: Mask) -> Mask:
    """Those of the messages `among` that match."""
    if masks.empty(among):
        return among
    match key:
        case And(keys=keys):
            for part in sorted(keys, key=_cost):
                among = await evaluate(view, part, among)
            return among
        case Or(first=first, second=second):
            if _cost(first) > _cost(second):
                first, second = second, first
            found = await evaluate(view, first, among)
            return masks.either(found, await evaluate(view, second, masks.without(among, found)))
        case Not(key=inner):
            return masks.without(among, await evaluate(view, inner, among))
        case InSet(messages=messages, uid=uid_set):
            return masks.both(among, masks.of_slices(view.slices(messages, uid=uid_set), view.count))
        case HasFlag(flag=flag):
            return masks.both(among, _with_flag(view, flag))
        case Modseq(least=least):
            return masks.both(among, _with_modseq(view, least))
        case Age(older=older, seconds=seconds):
            return view.mask(await _with_age(view, older, seconds, masks.pick(view.uids, among)))
        case _:
            return view.mask(await view.mailbox.match(masks.pick(view.uids, among), key))


def _with_flag(view: View, flag: str) -> Mask:
    """Keywords match without case (RFC 3501 2.3.2 leaves it open; it is what people mean)."""
    snapshot = view.snapshot
    table = snapshot.table
    low = flag.lower()
    wanted = [number for number in range(len(table)) if any(one.lower() == low for one in table.flags(number))]
    return view.mask_of(masks.of_values(snapshot.flags, wanted))


def _with_modseq(view: View, least: int) -> Mask:
    return view.mask_of(bytes(map(least.__le__, view.snapshot.modseqs)))


async def _with_age(view: View, older: bool, seconds: int, uids: Uids) -> Uids:
    limit = time.time() - seconds
    found: list[int] = []
    async for batch in view.mailbox.fetch(uids, Need.DATE):
        found += [record.uid for record in batch if (record.date <= limit if older else record.date >= limit)]
    return sorted(found)


def _asks_modseq(key: SearchKey) -> bool:
    match key:
        case Modseq():
            return True
        case And(keys=keys):
            return any(map(_asks_modseq, keys))
        case Or(first=first, second=second):
            return _asks_modseq(first) or _asks_modseq(second)
        case Not(key=inner):
            return _asks_modseq(inner)
        case _:
            return False


# ------------------------------------------------------------------------------------------------ commands


async def search(conv: Conversation, command: c.Search) -> None:
    view = conv.selected()
    with_modseq = _asks_modseq(command.key)
    if with_modseq:
        become_condstore(conv)
    found = await _find(view, command)
    returns = command.returns
    saved = returns is not None and SearchReturn.SAVE in returns
    uids = masks.pick(view.uids, found) if command.uid or with_modseq or saved else []
    numbers = uids if command.uid else masks.numbers(found)
    modseq = _highest(view, uids) if with_modseq and uids else 0
    if returns is None and conv.rev2:
        returns = frozenset({SearchReturn.ALL})  # RFC 9051 6.4.4: SEARCH is answered by ESEARCH
    if returns is None and command.partial is None:
        await conv.write(_listed(b"* SEARCH", numbers, modseq))
    else:
        _save(view, returns or frozenset(), uids, uids)
        await _say_esearch(conv, command, returns or frozenset(), command.partial, numbers, modseq)
    conv.tell(command)
    conv.say(responses.ok(command.tag, f"{command.name} completed"))


def _listed(word: bytes, numbers: Sequence[int], modseq: int) -> bytes:
    """SEARCH and SORT (RFC 3501 7.2.5, RFC 7162 3.1.5)."""
    tail = b" (MODSEQ %d)\r\n" % modseq if modseq else b"\r\n"
    return word + (b" %d" * len(numbers)) % tuple(numbers) + tail


async def _find(view: View, command: c.Search | c.Sort) -> Mask:
    """What matches. A search that fails and was to be saved leaves `$` empty (RFC 5182 2.1)."""
    try:
        return await evaluate(view, command.key, view.present())
    except No:
        if command.returns and SearchReturn.SAVE in command.returns:
            view.saved = view.column(())
        raise


def _save(view: View, returns: frozenset[SearchReturn], found: Uids, in_order: Uids) -> None:
    """`$` (RFC 5182 2.4): all that was found; with MIN or MAX alone, only those two."""
    if SearchReturn.SAVE not in returns:
        return
    ends = returns & {SearchReturn.MIN, SearchReturn.MAX}
    if ends and not returns & {SearchReturn.ALL, SearchReturn.COUNT} and in_order:
        kept = set()
        if SearchReturn.MIN in ends:
            kept.add(in_order[0])
        if SearchReturn.MAX in ends:
            kept.add(in_order[-1])
        view.saved = view.column(sorted(kept))
    else:
        view.saved = view.column(sorted(found))


def _highest(view: View, uids: Uids) -> int:
    snapshot = view.snapshot
    count = len(snapshot.uids)
    return max((snapshot.modseqs[at] for uid in uids if (at := position(snapshot.uids, count, uid)) >= 0), default=0)


async def _say_esearch(
    conv: Conversation,
    command: c.Search | c.Sort,
    returns: frozenset[SearchReturn],
    partial: tuple[int, int] | None,
    numbers: Sequence[int],
    modseq: int,
) -> None:
    """ESEARCH (RFC 4731 3.1), unless the result was only to be saved (RFC 5182 2.1). The numbers are in the order
    found, so MIN and MAX of a SORT are its ends (RFC 5267 3.2)."""
    if returns == {SearchReturn.SAVE} and partial is None:
        return
    out = b"* ESEARCH (TAG %s)" % string(command.tag.encode("ascii"))
    if command.uid:
        out += b" UID"
    if numbers:
        if SearchReturn.MIN in returns:
            out += b" MIN %d" % numbers[0]
        if SearchReturn.MAX in returns:
            out += b" MAX %d" % numbers[-1]
        if SearchReturn.ALL in returns:
            out += b" ALL " + compress(numbers)
    if SearchReturn.COUNT in returns:
        out += b" COUNT %d" % len(numbers)
    if partial is not None:
        some = _part(numbers, partial)
        out += b" PARTIAL (%d:%d %s)" % (*partial, compress(some) if some else b"NIL")
    if modseq:
        out += b" MODSEQ %d" % modseq
    await conv.write(out + b"\r\n")


def _part(numbers: Sequence[int], partial: tuple[int, int]) -> Sequence[int]:
    """Ranks first to last, from the end if negative (RFC 9394 3.1)."""
    first, last = partial
    if first > 0:
        return numbers[first - 1 : last]
    total = len(numbers)
    return numbers[max(total + last, 0) : max(total + first + 1, 0)]


async def sort(conv: Conversation, command: c.Sort) -> None:
    view = conv.selected()
    with_modseq = _asks_modseq(command.key)
    if with_modseq:
        become_condstore(conv)
    found = masks.pick(view.uids, await _find(view, command))
    values = await view.mailbox.sort_values(found) if found else []
    ordered = sort_uids(values, command.criteria)
    numbers = ordered if command.uid else [view.number(uid) for uid in ordered]
    modseq = _highest(view, found) if with_modseq and found else 0
    if command.returns is None and command.partial is None:
        await conv.write(_listed(b"* SORT", numbers, modseq))
    else:
        _save(view, command.returns or frozenset(), found, ordered)
        await _say_esearch(conv, command, command.returns or frozenset(), command.partial, numbers, modseq)
    conv.tell(command)
    conv.say(responses.ok(command.tag, f"{command.name} completed"))


async def thread(conv: Conversation, command: c.Thread) -> None:
    view = conv.selected()
    found = masks.pick(view.uids, await evaluate(view, command.key, view.present()))
    values = await view.mailbox.sort_values(found) if found else []
    forest = by_references(values) if command.algorithm is ThreadBy.REFERENCES else by_subject(values)
    number = (lambda uid: uid) if command.uid else view.number
    text = thread_text(forest, number)
    await conv.write(b"* THREAD %s\r\n" % text if text else b"* THREAD\r\n")
    conv.tell(command)
    conv.say(responses.ok(command.tag, f"{command.name} completed"))
