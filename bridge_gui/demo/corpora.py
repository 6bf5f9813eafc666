"""Which mail each account starts with."""

from __future__ import annotations

from bridge_gui.demo import bulk, mails
from bridge_gui.demo.account import Account
from bridge_gui.demo.world import Corpus, World

HOUR = 3600
Part = tuple[str, Corpus, Corpus, range]
"""Name of a corpus, its letters, its letters without their texts, and which of them."""


def populate(world: World, *, messages: int | None = None, now: float | None = None) -> None:
    """Fill the accounts of a new world. `now` is the time of the newest mail; by default the last full hour.

    The first account with the seeded corpus gets exactly `messages` mails when that is given: the newest of the corpus,
    and older ones made from the seed as far as needed.
    """
    newest = int(now if now is not None else world.now_exact() // HOUR * HOUR)
    world.populated = {"messages": messages, "newest": newest}
    for account in world.accounts:
        if account.profile.corpus == "seeded":
            _make_labels(account)
        for name, letters, outline, indexes in _parts(world, account, messages, newest):
            world.fill(account, name, letters, indexes, outline)


def register(world: World, *, messages: int | None, newest: int) -> None:
    """Make the texts of a restored world's seeded mail available again."""
    world.populated = {"messages": messages, "newest": newest}
    for account in world.accounts:
        for name, letters, outline, _ in _parts(world, account, messages, newest):
            world.corpora[name] = letters, outline


def _parts(world: World, account: Account, messages: int | None, newest: int) -> list[Part]:
    """Return the corpora of an account, the oldest mail first."""
    number = account.number
    if account.profile.corpus == "welcome":
        few = mails.welcome(account.profile, newest)
        return [(f"welcome {number}", few.__getitem__, few.__getitem__, range(len(few)))]
    if account.profile.corpus != "seeded":
        return []
    letters = mails.seeded(account.profile, world.seed, newest)
    first = 0 if messages is None else max(0, len(letters) - messages)
    parts: list[Part] = [(f"seeded {number}", letters.__getitem__, letters.__getitem__, range(first, len(letters)))]
    if messages is not None and messages > len(letters):
        older = bulk.Bulk(account.profile, world.seed, newest=letters[0].time - HOUR, count=messages - len(letters))
        parts.insert(0, (f"bulk {number}", older.letter, older.metadata, range(messages - len(letters))))
    return parts


def _make_labels(account: Account) -> None:
    for name, color, parent in mails.FOLDERS:
        parent_id = next((each.id for each in account.mailbox.labels.values() if each.name == parent), "")
        account.mailbox.create_label(name, 3, color, parent_id, tell=False)
    for name, color in mails.LABELS:
        account.mailbox.create_label(name, 1, color, tell=False)
