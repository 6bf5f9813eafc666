"""Sending end to end at the demo service, which opens every package with its recipient's key and checks it."""

from __future__ import annotations

from bridge_gui.send.outcome import Sent, Why
from tests.send.post_office import ANNA, BO, CARLA, PostOffice, letter


async def test_internal(office: PostOffice) -> None:
    sent = await office.sent(letter("Hallo Bo\n", "Grüße"), BO)
    (arrived,) = office.folder("bo")
    assert (arrived.subject, arrived.body, arrived.mime_type) == ("Grüße", "Hallo Bo\r\n", "text/plain")
    assert arrived.signed
    assert sent.to == (BO,)
    assert not office.world.received.contains("Hallo Bo")
    assert office.drafts() == []


async def test_external_clear(office: PostOffice) -> None:
    await office.sent(letter("Hallo Carla\n", to=CARLA), CARLA)
    (arrived,) = office.outside(CARLA)
    assert arrived.body == b"Hallo Carla\r\n"
    assert not arrived.encrypted
