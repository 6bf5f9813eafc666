"""What is kept in memory of what was read: within a budget of bytes.

`RenderCache` keeps rendered answers that never change.

What a message says of itself is the same for ever for its UID; programs ask for it again at each start. A space holds
the rendered text of one question (such as `ENVELOPE RFC822.SIZE`) for one mailbox. The space used longest ago goes
first.

`Holder` keeps the one message that a client reads piece by piece, so that each piece does not cost the reading of all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from bridge_gui.imap.backend import Need, Record

BUDGET = 12 * 1024 * 1024
"""Bytes of all answers together: the envelopes of some 15,000 messages."""
LARGEST = 16 * 1024
"""Bytes of one answer. Larger ones are mail itself, which is better read again."""
_OVERHEAD = 120
"""Bytes that a dict's entry and the object's head cost, about."""


class Space:
    """Answers to one question; a plain dict by UID for reading."""

    __slots__ = ("answers", "kept", "size")

    def __init__(self) -> None:
        self.answers: dict[Hashable, bytes] = {}
        self.size = 0
        self.kept = True
        """Still one of the cache's; an answer put into one that was let go is not counted and not kept."""


class RenderCache:
    """All spaces of a server."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._spaces: OrderedDict[Hashable, Space] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return self._size

    def space(self, key: Hashable) -> Space:
        """The space for `key`; it becomes the one used last."""
        found = self._spaces.get(key)
        if found is None:
            found = self._spaces[key] = Space()
        self._spaces.move_to_end(key)
        return found

    def put(self, space: Space, key: Hashable, answer: bytes, *, cost: int | None = None) -> None:
        """Keep an answer, and make room for it. A space that fills the budget alone starts anew.

        `cost` is given for an answer to a whole chunk of messages, with its key's size; else one message's is meant.
        """
        if not space.kept or (cost is None and len(answer) > LARGEST):
            return
        cost = (len(answer) if cost is None else cost) + _OVERHEAD
        if space.size + cost > self._budget:
            self._size -= space.size
            space.answers.clear()
            space.size = 0
        space.answers[key] = answer
        self._grow(space, cost)

    def put_all(self, space: Space, keys: Sequence[Hashable], answers: Sequence[bytes]) -> None:
        """`put` of many messages' answers at once."""
        lengths = list(map(len, answers))
        cost = sum(lengths) + _OVERHEAD * len(lengths)
        if not space.kept or space.size + cost > self._budget or max(lengths, default=0) > LARGEST:
            for key, answer in zip(keys, answers, strict=True):
                self.put(space, key, answer)
            return
        space.answers.update(zip(keys, answers, strict=True))
        self._grow(space, cost)

    def _grow(self, space: Space, cost: int) -> None:
        """Count what was put in, and let spaces go that were used longest ago."""
        space.size += cost
        self._size += cost
        while self._size > self._budget:
            oldest, victim = next(iter(self._spaces.items()))
            if victim is space:
                self._spaces.move_to_end(oldest)
                continue
            del self._spaces[oldest]
            self._size -= victim.size
            victim.answers.clear()
            victim.kept = False


HELD_BUDGET = 64 * 1024 * 1024
"""Bytes of messages held for all clients together: two of the largest that the service takes."""


@dataclass(slots=True)
class Holdings:
    """What the holders of a server hold together."""

    size: int = 0


class Holder:
    """One client's message of which pieces are asked for. Whoever owns it lets go as soon as something else is."""

    def __init__(self, together: Holdings) -> None:
        self._together = together
        self._key: Hashable = None
        self._need = Need(0)
        self._record: Record | None = None

    def hold(self, key: Hashable, need: Need, record: Record) -> None:
        """Keep this message, read as far as `need` says, if there is room for it."""
        self.let_go()
        if self._together.size + len(record.literal) <= HELD_BUDGET:
            self._together.size += len(record.literal)
            self._key, self._need, self._record = key, need, record

    def held(self, key: Hashable, need: Need) -> Record | None:
        """This message, if it is the one held, and with all that is needed."""
        return self._record if key == self._key and not need & ~self._need else None

    @property
    def holds(self) -> bool:
        return self._record is not None

    def let_go(self) -> None:
        if self._record is not None:
            self._together.size -= len(self._record.literal)
            self._key, self._record = None, None
