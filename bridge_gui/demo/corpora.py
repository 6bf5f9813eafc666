"""Which mail each account starts with."""

from __future__ import annotations

from bridge_gui.demo import bulk, mails
from bridge_gui.demo.world import World

HOUR = 3600


def populate(world: World, *, messages: int | None = None, now: float | None = None) -> None:
    """Fill the accounts of a new world. `now` is the time of the newest mail; by default the last full hour.

    The first account with the seeded corpus gets exactly `messages` mails when that is given: the newest of the corpus,
    and older ones made from the seed as far as needed.
    """
    newest = int(now if now is not None else world.now_exact() // HOUR * HOUR)
    for account in world.accounts:
        if account.profile.corpus == "seeded":
            for name, color, parent in mails.FOLDERS:
                parent_id = next((each.id for each in account.mailbox.labels.values() if each.name == parent), "")
                account.mailbox.create_label(name, 3, color, parent_id, tell=False)
            for name, color in mails.LABELS:
                account.mailbox.create_label(name, 1, color, tell=False)
            letters = mails.seeded(account.profile, world.seed, newest)
            first = 0 if messages is None else max(0, len(letters) - messages)
            older = 0 if messages is None else max(0, messages - len(letters))
            if older:
                make = bulk.Bulk(account.profile, world.seed, newest=letters[0].time - HOUR, count=older)
                world.fill(account, f"bulk {account.number}", make.letter, range(older), make.metadata)
            world.fill(account, f"seeded {account.number}", letters.__getitem__, range(first, len(letters)))
        elif account.profile.corpus == "welcome":
            welcome = mails.welcome(account.profile, newest)
            world.fill(account, f"welcome {account.number}", welcome.__getitem__, range(len(welcome)))
