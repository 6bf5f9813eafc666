"""Submission for one account, over the wire to the demo service; and the outbox while the service is out of reach."""

from __future__ import annotations

import asyncio
import os
import smtplib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge_gui.account import outbox_mail
from bridge_gui.demo.faults import Fault
from bridge_gui.demo.mailbox import SENT
from bridge_gui.errors import NotFound
from bridge_gui.smtp.backend import Reply
from tests.send.counter import PASSWORD, Counter, listening, tls_files
from tests.send.post_office import ANNA, BO, CARLA, DIETER, letter, post_office

SEND = "POST /mail/v4/messages/[!i]*"


@pytest.fixture(scope="session")
def key_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo-keys")


@pytest.fixture
async def counter(key_cache: Path) -> AsyncIterator[Counter]:
    async with post_office(key_cache) as office:
        made = Counter(office)
        await made.outbox.start()
        yield made
        await made.outbox.close()


# ------------------------------------------------------------------------------------------- replies


async def test_sent_and_again(counter: Counter) -> None:
    assert await counter.submit(letter(), BO) == Reply(250, "2.0.0", "Sent.")
    for _ in range(5):  # nor is that held off as a message that fails
        again = await counter.submit(letter(), BO)
        assert again.code == 250
        assert again.text.startswith("Sent already")
    assert len(counter.office.folder("bo")) == 1


@pytest.mark.parametrize(
    ("fault", "code", "status"),
    [
        (Fault(SEND, status=422, code=2001, error="no"), 554, "5.0.0"),
        (Fault("GET /core/v4/keys", status=422, code=33102, error="no such address"), 550, "5.7.5"),
        (Fault("GET /mail/v4/settings", status=500), 451, "4.3.2"),
        (Fault("GET /mail/v4/settings", cut="before"), 451, "4.4.1"),
        (Fault("GET /mail/v4/settings", status=422, code=10003, error="suspended"), 550, "5.7.1"),
    ],
)
async def test_codes(counter: Counter, fault: Fault, code: int, status: str) -> None:
    counter.office.world.faults.set([fault])
    reply = await counter.submit(letter(to=CARLA), CARLA)
    assert (reply.code, reply.status) == (code, status)
    assert counter.office.world.outside == []


async def test_a_recipient_that_is_refused_stops_all_and_the_reply_says_so(counter: Counter) -> None:
    counter.office.world.faults.set([Fault("GET /core/v4/keys", status=422, code=33102, error="no such address")])
    alone = await counter.submit(letter(to=CARLA), CARLA)
    assert alone.text.startswith(f"Proton says about {CARLA}: no such address")
    assert "others" not in alone.text
    both = await counter.submit(letter(to=f"{CARLA}, {BO}"), CARLA, BO)
    assert both.code == 550
    assert both.text.endswith("no such address. Nothing was sent to the others either.")
    assert counter.office.folder("bo") == counter.office.world.outside == []


async def test_senders(counter: Counter) -> None:
    submitter = counter.outbox.submitter()
    assert (await submitter.check_sender(ANNA.upper())).code == 250
    assert (await submitter.check_sender("anna+tag@bridge.example")).code == 250
    assert (await submitter.check_sender("")).code == 250
    assert (await submitter.check_sender(BO)).code == 550
    counter.connected = False
    assert (await submitter.check_sender(ANNA)).code == 451
    counter.enabled = True
    assert (await submitter.check_sender(ANNA)).code == 250
    assert (await submitter.check_sender(BO)).code == 550


async def test_size_follows_the_account(counter: Counter) -> None:
    submitter = counter.outbox.submitter()
    limit = counter.office.sending.attachment_limit
    assert limit * 4 / 3 < submitter.max_size < limit * 1.5 + 2**20


async def test_the_same_failing_message_in_a_loop_is_held_off(counter: Counter) -> None:
    """Hard-won 47; other messages are not held off with it."""
    counter.office.world.faults.set([Fault("GET /core/v4/keys", status=422, code=33102)])
    assert [(await counter.submit(letter(), BO)).code for _ in range(4)] == [550, 550, 550, 451]
    counter.office.world.faults.clear()
    assert (await counter.submit(letter(), BO)).code == 451
    assert (await counter.submit(letter("other\n"), BO)).code == 250
    counter.now += 21
    assert (await counter.submit(letter(), BO)).code == 250


# ------------------------------------------------------------------------------------------- the outbox


async def test_nothing_of_a_message_stays_when_it_is_sent_or_cancelled(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge_gui.account.outbox_mail.PIECE", 300)
    counter.enabled, counter.connected = True, False
    await counter.submit(letter("one\n" * 200), BO)
    await counter.submit(letter("two\n" * 200), BO)
    assert [each.pieces > 3 for each in counter.outbox.waiting] == [True, True]
    await counter.outbox.cancel(counter.outbox.waiting[1].id)
    counter.connected = True
    counter.outbox.nudge()
    await counter.empty()
    assert [each.body for each in counter.office.folder("bo")] == ["one\r\n" * 200]
    assert not [key for key in counter.values.values if key.startswith("outbox")]


async def test_one_that_was_interrupted_while_it_was_stored_leaves_nothing(counter: Counter) -> None:
    await outbox_mail.write(counter.values, "killed", b"Subject: half")
    await counter.outbox.close()
    counter.outbox = counter.opened()
    await counter.outbox.start()
    assert counter.values.values == {}


async def test_off_means_try_again(counter: Counter) -> None:
    counter.connected = False
    assert (await counter.submit(letter(), BO)).code == 451
    assert counter.outbox.waiting == ()


async def test_on_takes_and_sends_later(counter: Counter) -> None:
    counter.enabled, counter.connected = True, False
    reply = await counter.submit(letter("later\n", "Later"), BO)
    assert reply.code == 250
    assert "outbox" in reply.text
    assert (await counter.submit(letter("later\n", "Later"), BO)).code == 250  # again, and still one
    (item,) = counter.outbox.waiting
    assert (item.subject, item.recipients) == ("Later", (BO,))
    assert counter.changes > 0
    counter.connected = True
    counter.outbox.nudge()
    await counter.empty()
    assert [each.body for each in counter.office.folder("bo")] == ["later\r\n"]
    assert not any(key.startswith("outbox") for key in counter.values.values)


async def test_a_cut_in_the_middle_goes_to_the_outbox(counter: Counter) -> None:
    counter.enabled = True
    counter.office.world.faults.set([Fault(SEND, cut="before", count=4)])
    assert (await counter.submit(letter(), BO)).code == 250
    counter.outbox.nudge()
    await counter.empty()
    assert len(counter.office.folder("bo")) == len(counter.office.folder("anna", SENT)) == 1
    assert counter.office.drafts() == []


async def test_it_outlives_a_restart(counter: Counter) -> None:
    counter.enabled, counter.connected = True, False
    await counter.submit(letter("kept\n"), BO)
    await counter.outbox.close()
    counter.connected = True
    counter.outbox = counter.opened()
    await counter.outbox.start()
    await counter.empty()
    assert [each.body for each in counter.office.folder("bo")] == ["kept\r\n"]


async def test_cancelled_is_gone(counter: Counter) -> None:
    counter.enabled, counter.connected = True, False
    await counter.submit(letter(), BO)
    await counter.outbox.cancel(counter.outbox.waiting[0].id)
    assert counter.outbox.waiting == ()
    assert counter.values.values == {}
    with pytest.raises(NotFound):
        await counter.outbox.cancel("unknown")


async def test_refused_later_is_shown_and_can_be_tried_again(counter: Counter) -> None:
    counter.enabled, counter.connected = True, False
    await counter.submit(letter(), BO)
    await counter.submit(letter("second\n"), BO)
    counter.office.world.faults.set([Fault(SEND, status=422, code=2001, error="too funny", count=1)])
    counter.connected = True
    counter.outbox.nudge()
    async with asyncio.timeout(20):
        while len(counter.outbox.waiting) > 1 or not counter.outbox.waiting[0].failed:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    (item,) = counter.outbox.waiting
    assert "too funny" in item.problem
    assert [each.body for each in counter.office.folder("bo")] == ["second\r\n"]
    await counter.outbox.retry(item.id)
    await counter.empty()
    assert len(counter.office.folder("bo")) == 2


async def test_full(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge_gui.account.outbox.MAX_WAITING", 1)
    counter.enabled, counter.connected = True, False
    assert (await counter.submit(letter(), BO)).code == 250
    assert (await counter.submit(letter("two\n"), BO)).code == 452


# ------------------------------------------------------------------------------------------- over the wire


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    return tls_files(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def port(counter: Counter, tls: tuple[ssl.SSLContext, Path]) -> AsyncIterator[int]:
    async with listening(counter.outbox, tls[0]) as port:
        yield port


async def test_smtplib_to_every_kind(counter: Counter, port: int, tls: tuple[ssl.SSLContext, Path]) -> None:
    data = os.urandom(200_000)
    message = letter("Grüße\n", "Für alle", to=f"{BO}, {DIETER}", Cc=CARLA, Bcc="rsa@bridge.example")
    message.add_attachment(data, maintype="application", subtype="zip", filename="Größe.zip")

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
            client.starttls(context=ssl.create_default_context(cafile=str(tls[1])))
            client.login(ANNA, PASSWORD)
            client.send_message(message)

    await asyncio.to_thread(send)
    office = counter.office
    assert [each.body for each in (*office.folder("bo"), *office.folder("rsa"))] == ["Grüße\r\n"] * 2
    assert office.folder("bo")[0].attachments[0][0] == "Größe.zip"
    assert office.folder("bo")[0].attachments[0][4] == data
    assert office.outside(CARLA)[0].attachments[0][2] == data
    assert office.outside(DIETER)[0].encrypted
    assert len(office.folder("anna", SENT)) == 1
