"""Rendered answers that never change, kept within a budget of bytes.

What a message says of itself is the same for ever for its UID; programs ask for it again at each start. A space holds
the rendered text of one question (such as `ENVELOPE RFC822.SIZE`) for one mailbox. The space used longest ago goes
first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

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
