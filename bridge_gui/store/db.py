"""The store's door: one account's mail in one encrypted SQLite file.

All work on SQLite happens on the store's own threads (one writer, a few readers); every method here is called on one event
loop and awaited. Signatures are settled; bodies follow.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from bridge_gui.model import EventId, LabelId, MessageId
from bridge_gui.secret import Secret
from bridge_gui.store.changes import Change
from bridge_gui.store.records import Known, Label, Literal, MessageMeta, Missing, QueuedChange, Totals


class Store:
    """One account's local copy of its mail."""

    # ------------------------------------------------------------------------------------------ life

    @classmethod
    async def open(cls, path: Path, key: Secret[bytes], *, uidvalidity_floor: int = 0) -> Store:
        """Open or create the database at `path` (mode 0600) with a key of 32 bytes.

        `uidvalidity_floor`: new mailboxes get a UIDVALIDITY above it (the vault may remember the highest one ever given, so that
        an account that was removed and added again never repeats one). Raise `StoreDamaged` when the file is no
        database, fails its quick check or does not open with the key; `DiskFull`; `StoreError`.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """Finish the work under way, checkpoint, close; idempotent."""
        raise NotImplementedError

    @staticmethod
    async def remove(path: Path) -> None:
        """Delete the database and its journals; missing files are fine."""
        raise NotImplementedError

    async def check(self) -> None:
        """Check the whole file (pages' authentication, B-trees, indexes). Raise `StoreDamaged`."""
        raise NotImplementedError

    async def highest_uidvalidity(self) -> int:
        raise NotImplementedError

    # ------------------------------------------------------------------------------------------ coming in

    async def labels(self) -> list[Label]:
        """All labels known, system labels included."""
        raise NotImplementedError

    async def set_labels(self, labels: Sequence[Label]) -> None:
        """Take the service's whole list: what is not in it is gone. New ones get a mailbox, listed by `finish_listing`."""
        raise NotImplementedError

    async def begin_listing(self) -> None:
        """Start (or start anew, for a repair) to list all messages. Nothing is removed yet; UIDs stay."""
        raise NotImplementedError

    async def add_listing(self, metas: Sequence[MessageMeta], progress: Mapping[str, str] | None = None) -> None:
        """Take a page of the listing, in any order, with new values of `get`/`set` in the same transaction.

        What an event said since `begin_listing` (a newer state, a deletion) is not overwritten by a page.
        """
        raise NotImplementedError

    async def finish_listing(self, label_ids: Collection[LabelId] | None = None) -> None:
        """Give UIDs in date order (oldest lowest) to the mailboxes of these labels that have none yet.

        With None: to all mailboxes; the listing is then complete: messages that were not seen since `begin_listing` are removed,
        and from now on new mailboxes are listed when they appear, new messages get the next UID on arrival.
        """
        raise NotImplementedError

    async def listing_complete(self) -> bool:
        """A listing has been finished once with None and no other is under way."""
        raise NotImplementedError

    async def apply(self, changes: Sequence[Change], cursor: EventId | None = None, mark: int | None = None) -> None:
        """Apply changes in order and move the event cursor, in one transaction; then tell the open mailboxes.

        `mark`: the value of `queue_mark()` taken before the event page was requested, given with the last page of a poll (no
        `More`). Changes sent before it have had their echo: from then on the service's word stands alone for them.
        """
        raise NotImplementedError

    async def cursor(self) -> EventId | None:
        """The event cursor, moved only by `apply` and `set_cursor`."""
        raise NotImplementedError

    async def set_cursor(self, cursor: EventId | None) -> None:
        raise NotImplementedError

    async def known(self, ids: Collection[MessageId]) -> dict[MessageId, Known]:
        """What is here of these messages; unknown ids are left out."""
        raise NotImplementedError

    async def metas(self, ids: Collection[MessageId]) -> list[MessageMeta]:
        """The service's state as last told, without pending changes; unknown ids are left out."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------------ literals

    async def missing_literals(
        self, limit: int, *, labels: Collection[LabelId] | None = None, since: int | None = None
    ) -> list[Missing]:
        """Literals to be downloaded: stale ones first, then the newest; optionally only of messages in one of `labels` and not older
        than `since` (seconds). Not those that were evicted or have failed."""
        raise NotImplementedError

    async def literal(self, id: MessageId) -> bytes | None:
        """The literal's bytes, or None when they are not here."""
        raise NotImplementedError

    async def retry_failed(self) -> int:
        """Make failed literals missing again (after a repair or a change of keys); how many."""
        raise NotImplementedError

    async def evict(self, budget: int, keep: Collection[MessageId] = ()) -> int:
        """Drop literals, the longest unused first, until at most `budget` bytes are kept; how many were dropped."""
        raise NotImplementedError

    async def index(self, limit: int) -> int:
        """Add up to `limit` messages to the full-text index, newest first; how many were added. For the background; a search
        is exact without it too."""
        raise NotImplementedError

    async def totals(self) -> Totals:
        raise NotImplementedError

    # ------------------------------------------------------------------------------------------ the queue

    async def queue_next(self, limit: int = 150) -> QueuedChange | None:
        """The head of the queue with up to `limit` of its messages, or None. Stays there until done or refused."""
        raise NotImplementedError

    async def queue_done(self, id: int, message_ids: Sequence[MessageId]) -> None:
        """The service has accepted the change for these messages."""
        raise NotImplementedError

    async def queue_refused(self, id: int, message_ids: Sequence[MessageId]) -> None:
        """The service refuses the change for these messages: take it back, and tell the open mailboxes."""
        raise NotImplementedError

    async def queue_failed(self, id: int) -> None:
        """An attempt ended without an answer (offline, 5xx): the change stays at the head, `tries` grows."""
        raise NotImplementedError

    def queue_mark(self) -> int:
        """A number that grows with each `queue_done`; see `apply`."""
        raise NotImplementedError

    def on_queued(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back on the loop whenever a change was added to the queue; the result ends it."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------------ small values

    async def get(self, key: str) -> str | None:
        """A small value of the caller's (progress of the first sync, for example)."""
        raise NotImplementedError

    async def set(self, values: Mapping[str, str | None]) -> None:
        """Set or remove (None) small values in one transaction."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------------ rules of UIDs

    async def renew_uidvalidity(self) -> None:
        """Give every mailbox a new, higher UIDVALIDITY (after a switch between combined and split view)."""
        raise NotImplementedError


__all__ = ["Literal", "Store"]
