"""SELECT, EXAMINE, CLOSE, UNSELECT (RFC 3501 6.3.1, RFC 7162 3.2.5, RFC 3691)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress as pick
from weakref import WeakKeyDictionary

from bridge_gui.imap import commands as c
from bridge_gui.imap import masks, responses
from bridge_gui.imap.backend import MailboxInfo, No, Snapshot
from bridge_gui.imap.connection import State
from bridge_gui.imap.conversation import Conversation
from bridge_gui.imap.sequences import SequenceSet, compress, position
from bridge_gui.imap.session import View


async def select(conv: Conversation, command: c.Select) -> None:
    user = conv.signed_in()
    if command.qresync is not None and "QRESYNC" not in conv.enabled:
        conv.say(responses.bad(command.tag, "QRESYNC has to be enabled first (RFC 7162 3.2.5)"))
        return
    if command.condstore or command.qresync is not None:
        conv.enabled.add("CONDSTORE")
    was_selected = conv.view is not None
    conv.leave_mailbox()
    if was_selected and conv.enabled & {"QRESYNC", "IMAP4REV2"}:
        conv.say(responses.ok("*", "the mailbox before is closed", "CLOSED"))
    mailbox = await user.select(command.mailbox, read_only=command.read_only)
    view = View(mailbox, read_only=command.read_only, on_news=conv.link.stir)
    view.condstore = "CONDSTORE" in conv.enabled
    view.qresync = "QRESYNC" in conv.enabled
    view.recent = not conv.rev2
    conv.view = view
    conv.connection.move_to(State.SELECTED)
    mailbox.on_gone(conv.end)
    user.activity(f"reading {command.mailbox}")
    _say_state(conv, view)
    if command.qresync is not None and command.qresync.uidvalidity == mailbox.uidvalidity:
        await _resynchronise(conv, view, command.qresync)
    mode = "READ-ONLY" if view.read_only else "READ-WRITE"
    conv.say(responses.ok(command.tag, f"{command.name} completed", mode))


def _say_state(conv: Conversation, view: View) -> None:
    """What a client learns of a mailbox that it opens (RFC 3501 6.3.1, RFC 9051 6.3.2)."""
    mailbox, snapshot = view.mailbox, view.snapshot
    seen = _at_a_glance(snapshot)
    known, said = _flags(seen.used, mailbox.permanent_flags, view.read_only)
    view.known_flags = set(known)
    out = [said, b"* %d EXISTS\r\n" % view.count]
    if not conv.rev2:
        out.append(b"* 0 RECENT\r\n")
        if seen.first_unseen:
            out.append(b"* OK [UNSEEN %d] the first unread message\r\n" % seen.first_unseen)
    out.append(
        b"* OK [UIDVALIDITY %d] UIDs are valid\r\n* OK [UIDNEXT %d] the next UID\r\n"
        b"* OK [HIGHESTMODSEQ %d] the highest change\r\n"
        % (mailbox.uidvalidity, snapshot.uidnext, snapshot.highest_modseq)
    )
    if mailbox.mailbox_id:
        out.append(responses.ok("*", "the mailbox's id", f"MAILBOXID ({mailbox.mailbox_id})"))
    if conv.rev2:
        out.append(responses.list_line(b"LIST", MailboxInfo(mailbox.name), [], b"", utf8=conv.utf8))
    conv.say(b"".join(out))


@lru_cache(maxsize=64)
def _flags(used: frozenset[str], permanent: tuple[str, ...], read_only: bool) -> tuple[frozenset[str], bytes]:
    """The flags that a client may meet, and how it is told of them and of those it may change."""
    system = ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")
    known = used.union(system, (flag for flag in permanent if flag != "\\*"))
    changeable = responses.flag_list(() if read_only else permanent).decode("ascii", "replace")
    said = responses.untagged(b"FLAGS " + responses.flag_list(known))
    return known, said + responses.ok("*", "flags that can be changed", f"PERMANENTFLAGS {changeable}")


@dataclass(frozen=True, slots=True)
class _Glance:
    """What SELECT says of a snapshot and has to look through all its messages for."""

    used: frozenset[str]
    """All flags of all messages."""
    first_unseen: int
    """Sequence number of the first message without \\Seen, 0 if there is none."""


_glances: WeakKeyDictionary[Snapshot, _Glance] = WeakKeyDictionary()
"""A mailbox is opened more often than it changes."""


def _at_a_glance(snapshot: Snapshot) -> _Glance:
    found = _glances.get(snapshot)
    if found is None:
        table = snapshot.table
        used = frozenset(flag for number in masks.distinct(snapshot.flags) for flag in table.flags(number))
        unseen = [number for number in range(len(table)) if "\\Seen" not in table.flags(number)]
        found = _Glance(used, masks.of_values(snapshot.flags, unseen).find(1) + 1)
        _glances[snapshot] = found
    return found


async def _resynchronise(conv: Conversation, view: View, wanted: c.Qresync) -> None:
    """What happened since the client was here: expunges, then changed flags (RFC 7162 3.2.5)."""
    known = wanted.known
    gone = await view.mailbox.vanished(wanted.modseq)
    if wanted.match_sequence is not None and wanted.match_uids is not None:
        gone = _only_above(gone, view, wanted.match_sequence, wanted.match_uids)
    if known is not None:
        ranges = known.resolve(view.snapshot.uidnext - 1)
        gone = [uid for uid in gone if _within(uid, ranges)]
    if gone:
        await conv.write(b"* VANISHED (EARLIER) %s\r\n" % compress(gone))
    uids, modseqs = view.snapshot.uids, view.snapshot.modseqs
    if wanted.modseq >= view.snapshot.highest_modseq:
        return
    newer = [modseq > wanted.modseq for modseq in modseqs]
    changed = list(pick(uids, newer))
    if known is not None:
        changed = [uid for uid in changed if _within(uid, ranges)]
    for start in range(0, len(changed), 2_000):
        some = [(position(view.uids, view.count, uid), uid) for uid in changed[start : start + 2_000]]
        await conv.write(view.flags_of([pair for pair in some if pair[0] >= 0], uid=True, modseq=True))


def _within(uid: int, ranges: list[tuple[int, int]]) -> bool:
    at = bisect_left(ranges, (uid + 1, 0)) - 1
    return at >= 0 and ranges[at][0] <= uid <= ranges[at][1]


def _only_above(gone: Sequence[int], view: View, sequence: SequenceSet, uids: SequenceSet) -> list[int]:
    """The client's sample of numbers and UIDs that went together: below the last pair that still does, nothing was
    expunged (RFC 7162 3.2.5.2)."""
    floor = 0
    numbers = [number for low, high in sequence.resolve(view.count) for number in range(low, min(high, view.count) + 1)]
    sample = [uid for low, high in uids.resolve(view.snapshot.uidnext) for uid in _bounded(low, high, len(numbers))]
    for number, uid in zip(numbers, sample, strict=False):
        if number <= view.count and view.uids[number - 1] == uid:
            floor = uid
        else:
            break
    return [uid for uid in gone if uid > floor]


def _bounded(low: int, high: int, most: int) -> range:
    return range(low, min(high, low + most) + 1)


async def close(conv: Conversation, command: c.Close) -> None:
    """CLOSE removes what is marked \\Deleted and says nothing of it; UNSELECT leaves it.

    A mailbox whose rules forbid expunging is closed all the same: nothing can be marked in it, and RFC 3501 6.4.2 knows
    no NO.
    """
    view = conv.selected()
    try:
        if command.expunge and not view.read_only:
            with suppress(No):
                await view.mailbox.expunge()
    finally:
        conv.leave_mailbox()
    conv.signed_in().activity("waiting")
    conv.say(responses.ok(command.tag, f"{command.name} completed"))
