"""Drafts and attachments are made once, although answers are lost."""

from __future__ import annotations

import pytest

from bridge_gui.demo.faults import Fault
from bridge_gui.send.outcome import Sent, Why
from tests.send.post_office import BO, PostOffice, letter

DRAFT = "POST /mail/v4/messages"
UPLOAD = "POST /mail/v4/attachments"


@pytest.mark.parametrize("cut", ["after", "body", "before"])
@pytest.mark.parametrize("named", [True, False], ids=["with Message-ID", "without"])
async def test_a_lost_answer_makes_no_second_draft(office: PostOffice, cut: str, named: bool) -> None:
    mail = letter()
    if not named:
        del mail["Message-ID"]
    office.world.faults.set([Fault(DRAFT, cut=cut, count=1)])  # type: ignore[arg-type]
    sent = await office.sent(mail, BO)
    assert office.drafts() == []
    assert len(office.folder("bo")) == 1
    assert sent.record.external_id.endswith("@client.example" if named else "@bridge.example")


@pytest.mark.parametrize("cut", ["after", "body", "before"])
async def test_a_lost_answer_attaches_nothing_twice(office: PostOffice, cut: str) -> None:
    mail = letter()
    for number in range(3):
        mail.add_attachment(b"%d" % number, maintype="application", subtype="pdf", filename=f"{number}.pdf")
    office.world.faults.set([Fault(UPLOAD, cut=cut, skip=1, count=1)])  # type: ignore[arg-type]
    await office.sent(mail, BO)
    (arrived,) = office.folder("bo")
    assert [each[4] for each in arrived.attachments] == [b"0", b"1", b"2"]
    assert office.drafts() == []


async def test_when_it_cannot_be_told_the_mail_is_not_lost(office: PostOffice) -> None:
    office.world.faults.set([Fault(DRAFT, cut="after", count=30)])  # looking is a POST to the same path
    assert (await office.refused(letter(), BO)).why is Why.OFFLINE
    office.world.faults.clear()
    assert isinstance(await office.send(letter(), BO), Sent)
    assert len(office.folder("bo")) == 1


@pytest.mark.parametrize("cut", ["after", "before"])
async def test_somebody_elses_draft_of_the_same_name_is_left_alone(office: PostOffice, cut: str) -> None:
    """A program's own draft carries the Message-ID that the mail has later."""
    office.world.faults.set([Fault("POST /mail/v4/messages/[!i]*", status=500)])
    await office.refused(letter("a draft of the program\n"), BO)
    (kept,) = office.drafts()
    office.world.faults.set([Fault(DRAFT, cut=cut, count=1)])  # type: ignore[arg-type]
    sent = await office.sent(letter("final\n"), BO)
    assert office.folder("bo")[0].body == "final\r\n"
    assert sent.id != kept.id
    assert [each.id for each in office.drafts()] == [kept.id]
