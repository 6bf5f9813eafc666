"""Many sends through a service that fails at random, with a fixed seed, in a core that is stopped and started anew:
each mail is in Sent once and at its recipient once, or was refused for good; none is doubled, none told 250 is lost."""

from __future__ import annotations

import asyncio
import os
import random

from bridge_gui.demo.faults import Fault
from bridge_gui.demo.mailbox import SENT
from bridge_gui.send.duplicates import Recorder
from bridge_gui.send.outcome import Outcome, Sent
from tests.send.post_office import BO, PostOffice, letter

SENDS = int(os.environ.get("SENDS", "40"))
SEND = "POST /mail/v4/messages/[!i]*"


def trouble(dice: random.Random) -> list[Fault]:
    """A service in a bad mood: answers lost, connections cut, errors."""
    paths = [SEND, "POST /mail/v4/messages", "POST /mail/v4/attachments", "GET /core/v4/keys", "* *"]
    kinds = [
        Fault(cut="after"),
        Fault(cut="before"),
        Fault(status=500),
        Fault(status=422, code=2001),
        Fault(cut="body"),
    ]
    chosen = dice.choice(kinds)
    return [
        Fault(
            dice.choice(paths), status=chosen.status, code=chosen.code, cut=chosen.cut, count=dice.randint(1, 6),
            probability=dice.choice([0.5, 1.0]), seed=dice.randrange(2**30),
        )
    ]  # fmt: skip


async def test_once_or_not_at_all(office: PostOffice) -> None:
    dice = random.Random(20261123)
    told_sent: set[str] = set()
    refused: set[str] = set()
    for number in range(SENDS):
        text = f"mail {number}\n"
        mail = letter(text, f"Mail {number}")
        if number % 3 == 0:
            mail.add_attachment(b"file" * 100, maintype="application", subtype="pdf", filename="a.pdf")
        office.world.faults.set(trouble(dice))
        for attempt in range(6):
            task: asyncio.Future[Outcome] = asyncio.ensure_future(office.send(mail, BO))
            if dice.random() < 0.3 and attempt < 3:  # the core is killed in the middle
                await asyncio.sleep(dice.random() * 0.06)
                task.cancel()
            done = (await asyncio.gather(task, return_exceptions=True))[0]
            if dice.random() < 0.5:
                office.recorder = Recorder(office.values)
            if isinstance(done, Sent):
                told_sent.add(text)
                break
            if not isinstance(done, BaseException) and not done.why.passes:
                refused.add(text)
                break
            assert isinstance(done, asyncio.CancelledError) or not isinstance(done, BaseException), done
            if attempt >= 2:
                office.world.faults.clear()
    arrived = [each.body.replace("\r\n", "\n") for each in office.folder("bo")]
    in_sent = [each.body.replace("\r\n", "\n") for each in office.folder("anna", SENT)]
    assert len(arrived) == len(set(arrived))
    assert sorted(arrived) == sorted(in_sent)
    assert set(arrived) == told_sent
    assert not refused & set(arrived)
    assert len(told_sent) + len(refused) == SENDS
    assert len(told_sent) > SENDS // 2
