"""The selected mailbox as one client knows it.

A client knows messages by sequence numbers, which shift whenever a message is expunged; and it may be told of an
expunge only when it cannot be holding an old number (RFC 3501 7.4.1: not during FETCH, STORE and SEARCH by sequence
number). So a `View` holds two things: the UIDs that the client knows, in their order, and the newest snapshot.
Changes arrive at any moment and are only noted; `tell` says what may be said, and moves what the client knows to
where the mailbox is.

Nothing is copied as long as only new messages arrive: what the client knows is then the first `count` UIDs of the
newest column. An expunge keeps the old column alive until it has been told.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence

from bridge_gui.imap import masks, responses
from bridge_gui.imap.backend import Delta, Flags, Mailbox, Snapshot
from bridge_gui.imap.grammar import ParseError
from bridge_gui.imap.masks import Mask
from bridge_gui.imap.sequences import STAR, MessageSet, Saved, Slice, compress, position, take, uid_slices

FEW = 16
"""One UID of so many and more are looked up by a walk over all, fewer one by one."""


class View:
    """What one session has selected."""

    def __init__(self, mailbox: Mailbox, *, read_only: bool, on_news: Callable[[], None] | None = None) -> None:
        self.mailbox = mailbox
        self._on_news = on_news
        self.read_only = read_only or mailbox.read_only
        self.snapshot: Snapshot = mailbox.snapshot()
        self.uids: array[int] = self.snapshot.uids
        """UIDs in the order of the client's sequence numbers; `count` of them. Never changed in place."""
        self.count = len(self.uids)
        self.removed: set[int] = set()
        """Expunged and not yet told."""
        self.changed: set[int] = set()
        """Flags changed and not yet told."""
        self.saved: array[int] = array("I")
        """UIDs of `$` (RFC 5182)."""
        self.condstore = False
        """MODSEQ is told with each change (RFC 7162 3.1.2)."""
        self.recent = True
        """New messages are told with RECENT, which IMAP4rev2 has no more."""
        self.qresync = False
        """Expunges are told as VANISHED (RFC 7162 3.2.10)."""
        self.own_changes: set[int] | None = None
        """While a STORE of this session runs: what it changed, which the command itself tells."""
        self.known_flags: set[str] = set()
        self._flag_bytes = FlagBytes(self.snapshot.table)
        mailbox.listen(self._note)

    # -- what happens

    def _note(self, delta: Delta) -> None:
        self.snapshot = delta.snapshot
        if delta.removed:
            self.removed.update(delta.removed)
            self.changed.difference_update(delta.removed)
        if delta.changed:
            if self.own_changes is not None and delta.origin is self.mailbox:
                self.own_changes.update(delta.changed)
            else:
                self.changed.update(delta.changed)
        if self._on_news is not None:
            self._on_news()

    @property
    def news(self) -> bool:
        """Whether there is anything to tell."""
        uids = self.snapshot.uids
        return bool(self.removed or self.changed) or (len(uids) > 0 and (not self.count or uids[-1] > self._last()))

    def _last(self) -> int:
        return self.uids[self.count - 1] if self.count else 0

    # -- telling

    def tell(self, *, expunges: bool, uids: bool = False, flags: bool = True) -> bytes:
        """Say what is new and may be said: expunges (unless `expunges` is false), new messages, changed flags.

        `uids` adds the UID to flags that changed by themselves, as RFC 3501 6.4.8 asks during UID commands. Without
        `flags` they wait.
        """
        out: list[bytes] = []
        if expunges and self.removed:
            out.append(self._tell_removed())
        before = self.count
        self._adopt_new()
        if self.count != before:
            out.append(b"* %d EXISTS\r\n" % self.count)
            if self.recent:
                out.append(b"* 0 RECENT\r\n")
        if flags and self.changed:
            out.append(self._tell_changed(uids))
        return b"".join(out)

    def _tell_removed(self) -> bytes:
        removed, self.removed = self.removed, set()
        known = self._positions(removed)
        if not known:
            return b""
        if self.qresync:
            said = b"* VANISHED %s\r\n" % compress([self.uids[at] for at in known])
        else:
            # Highest first: so each number is still what the client counts.
            said = b"".join([b"* %d EXPUNGE\r\n" % (at + 1) for at in reversed(known)])
        newest = self.snapshot.uids
        last = self._last()
        kept = self.count - len(known)
        if bisect_right(newest, last) == kept:
            self.uids, self.count = newest, kept
        else:  # the snapshot has lost messages that came and went in between; keep what is known, without the removed
            self.uids = array("I", [uid for uid in self.uids[: self.count] if uid not in removed])
            self.count = len(self.uids)
        if self.saved:
            self.saved = array("I", [uid for uid in self.saved if uid not in removed])
        return said

    def _adopt_new(self) -> None:
        """Let the client's numbers grow by the messages that came."""
        newest = self.snapshot.uids
        if not newest:
            return
        last = self._last()
        if newest[-1] <= last:
            return
        if self.count == 0 or (not self.removed and bisect_right(newest, last) == self.count):
            self.uids, self.count = newest, len(newest)
            return
        grown = self.uids[: self.count]
        grown.extend(newest[bisect_right(newest, last) :])
        self.uids, self.count = grown, len(grown)

    def _tell_changed(self, uids: bool) -> bytes:
        changed, self.changed = self.changed, set()
        known = [(at, self.uids[at]) for at in self._positions(changed)]
        return self.new_flags_line([uid for _, uid in known]) + self.flags_of(known, uid=uids, modseq=self.condstore)

    def flags_of(self, known: Sequence[tuple[int, int]], *, uid: bool, modseq: bool) -> bytes:
        """FETCH responses with the flags of messages given as (index, UID); those that are gone are left out."""
        snapshot = self.snapshot
        newest, flags, modseqs = snapshot.uids, snapshot.flags, snapshot.modseqs
        rendered = self._flag_bytes
        aligned = self.aligned()
        out: list[bytes] = []
        for index, number in known:
            at = index if aligned else position(newest, len(newest), number)
            if at < 0:
                continue
            # With MODSEQ also the UID (RFC 7162 3.1).
            head = b"UID %d " % number if uid or self.condstore else b""
            tail = b" MODSEQ (%d)" % modseqs[at] if modseq else b""
            out.append(b"* %d FETCH (%s%s%s)\r\n" % (index + 1, head, rendered[flags[at]], tail))
        return b"".join(out)

    def new_flags_line(self, uids: Sequence[int]) -> bytes:
        """FLAGS again, if a keyword has come up that the client was not told of (RFC 3501 7.2.6): at these messages,
        or where they are many, at any."""
        snapshot = self.snapshot
        table = snapshot.table
        if len(uids) * FEW > len(snapshot.uids):
            numbers = masks.distinct(snapshot.flags)
        else:
            places = (position(snapshot.uids, len(snapshot.uids), uid) for uid in uids)
            numbers = {snapshot.flags[at] for at in places if at >= 0}
        fresh = {flag for number in numbers for flag in table.flags(number)} - self.known_flags
        if not fresh:
            return b""
        self.known_flags |= fresh
        return responses.untagged(b"FLAGS " + responses.flag_list(self.known_flags))

    def aligned(self) -> bool:
        """Whether positions in `uids` are positions in the snapshot's columns."""
        newest = self.snapshot.uids
        if self.uids is newest:
            return True
        return self.count <= len(newest) and self.uids[: self.count] == newest[: self.count]

    def live(self, uid: int, with_uid: bool, with_flags: bool, with_modseq: bool) -> bytes | None:
        """`UID n FLAGS (...) MODSEQ (n)` of one message, as far as asked for; None when it is gone."""
        snapshot = self.snapshot
        at = position(snapshot.uids, len(snapshot.uids), uid)
        if at < 0:
            return None
        parts: list[bytes] = []
        if with_uid:
            parts.append(b"UID %d" % uid)
        if with_flags:
            parts.append(self._flag_bytes[snapshot.flags[at]])
        if with_modseq:
            parts.append(b"MODSEQ (%d)" % snapshot.modseqs[at])
        return b" ".join(parts)

    def flags(self, uid: int) -> frozenset[str]:
        """Flags of one message, none when it is gone."""
        snapshot = self.snapshot
        at = position(snapshot.uids, len(snapshot.uids), uid)
        return snapshot.table.flags(snapshot.flags[at]) if at >= 0 else frozenset()

    @property
    def flag_bytes(self) -> FlagBytes:
        return self._flag_bytes

    # -- numbers

    def slices(self, messages: MessageSet, *, uid: bool) -> list[Slice]:
        """Positions of the messages meant. Raise `ParseError` for a sequence number that does not exist."""
        if isinstance(messages, Saved):
            found: list[Slice] = []
            for wanted in self.saved:
                at = position(self.uids, self.count, wanted)
                if at < 0:
                    continue
                if found and found[-1][1] == at:
                    found[-1] = (found[-1][0], at + 1)
                else:
                    found.append((at, at + 1))
            return found
        if uid:
            return uid_slices(self.uids, self.count, messages)
        if messages.largest > self.count and not (self.count == 0 and _all(messages)):
            raise ParseError(f"there are only {self.count} messages")
        return [(low - 1, min(high, self.count)) for low, high in messages.resolve(self.count) if low <= self.count]

    def uids_at(self, slices: Sequence[Slice]) -> array[int]:
        """UIDs at these positions, ascending."""
        return take(self.uids, slices)

    def present(self) -> Mask:
        """The messages that the client knows and that are not expunged."""
        known = masks.all_of(self.count)
        return masks.without(known, self.mask(self.removed)) if self.removed else known

    def mask(self, uids: Collection[int]) -> Mask:
        """Where the client has these UIDs; others are passed over."""
        if len(uids) * FEW > self.count:
            return bytes(map(frozenset(uids).__contains__, self.uids[: self.count]))
        return masks.of_positions(self._positions(uids), self.count)

    def _positions(self, uids: Collection[int]) -> list[int]:
        """Positions of those of these UIDs that the client knows, ascending."""
        if len(uids) * FEW > self.count:
            return masks.pick(range(self.count), self.mask(uids))
        found = (position(self.uids, self.count, uid) for uid in uids)
        return sorted(at for at in found if at >= 0)

    def mask_of(self, newest: Mask) -> Mask:
        """A mask of the snapshot's messages as one of the client's."""
        if self.aligned():
            return newest[: self.count]
        uids = self.snapshot.uids
        found = (position(uids, len(uids), uid) for uid in self.uids[: self.count])
        return bytes(newest[at] if at >= 0 else 0 for at in found)

    @staticmethod
    def column(uids: Sequence[int]) -> array[int]:
        """UIDs as a column."""
        return array("I", uids)

    def number(self, uid: int) -> int:
        """The client's sequence number of a UID, 0 if it does not know it."""
        return position(self.uids, self.count, uid) + 1

    def close(self) -> None:
        self.mailbox.close()


def _all(messages: MessageSet) -> bool:
    """`1:*`, which programs send without looking whether there is any message."""
    return not isinstance(messages, Saved) and all(STAR in pair and max(pair) <= 1 for pair in messages.ranges)


class FlagBytes(dict[int, bytes]):
    """`FLAGS (...)` of each number of a flag table, made when first asked for."""

    __slots__ = ("_table",)

    def __init__(self, table: Flags) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, number: int) -> bytes:
        made = self[number] = b"FLAGS " + responses.flag_list(self._table.flags(number))
        return made
