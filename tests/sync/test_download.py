"""`sync.download` against the demo service: every shape of message, failures, order, substitutes."""

from __future__ import annotations

import asyncio
import email
import email.policy
import io
import multiprocessing
import os
import random
import tracemalloc
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bridge_gui.demo.faults import Fault
from bridge_gui.demo.letters import Enclosure, Letter, Shape, mime_entity
from bridge_gui.demo.records import Person
from bridge_gui.demo.server import DemoServer
from bridge_gui.mime.message import Message, Undecryptable
from bridge_gui.model import MessageId
from bridge_gui.openpgp import armor, keys
from bridge_gui.openpgp.keys import UnlockedKey
from bridge_gui.openpgp.message import encrypt, encrypt_data
from bridge_gui.openpgp.session import new_session_key, wrap
from bridge_gui.proton.errors import UpdateForced
from bridge_gui.proton.retry import Clock
from bridge_gui.secret import Secret
from bridge_gui.store.records import Literal, LiteralState
from bridge_gui.sync import senders, workshop
from bridge_gui.sync.download import Selection
from bridge_gui.sync.literal import build_and_derive
from bridge_gui.sync.unseal import SealedAttachment, SealedMessage, Unsealed, unseal, with_signature
from tests.store import samples
from tests.sync.account import Account, account, ready
from tests.sync.conftest import Serve
from tests.sync.test_poll import ANNA, letter


@pytest.fixture
async def listed(anna: Account) -> Account:
    await anna.list_all()
    return anna


async def fetch(anna: Account, *ids: str) -> list[str]:
    """Ask for literals on demand; which came."""
    return [str(id) for batch in [each async for each in anna.downloader.urgent(_ids(ids))] for id in batch]


def _ids(ids: object) -> list[MessageId]:
    return [MessageId(id) for id in ids]  # type: ignore[attr-defined]


async def arrived(anna: Account, server: DemoServer, given: Letter) -> email.message.EmailMessage:
    """Deliver a letter, poll, fetch it, and read it with the standard library."""
    message = server.world.deliver(given, ANNA)
    await anna.poller.poll()
    assert await fetch(anna, message.id) == [message.id]
    return parsed(await anna.store.literal(MessageId(message.id)))


def parsed(literal: bytes | None) -> email.message.EmailMessage:
    assert literal is not None
    return email.message_from_bytes(literal, policy=email.policy.default)  # type: ignore[arg-type, return-value]


# ------------------------------------------------------------------------------------------- shapes


async def test_text(listed: Account, server: DemoServer) -> None:
    found = await arrived(listed, server, letter("Grüße", body="Schöne Grüße.\n"))
    assert found["Subject"] == "Grüße"
    assert found.get_content() == "Schöne Grüße.\r\n"
    assert found["X-Bridge-Signature"] is None


async def test_attachments_byte_for_byte(listed: Account, server: DemoServer) -> None:
    data = bytes(range(256)) * 40
    found = await arrived(
        listed,
        server,
        letter(
            mime_type="text/html",
            body='<img src="cid:logo">',
            enclosures=(
                Enclosure("Größe.bin", "application/octet-stream", data),
                Enclosure("logo.png", "image/png", b"\x89PNG", content_id="logo"),
            ),
        ),
    )
    parts = {part.get_content_type(): part for part in found.walk()}
    assert parts["application/octet-stream"].get_payload(decode=True) == data
    assert parts["image/png"].get_payload(decode=True) == b"\x89PNG"
    assert parts["image/png"]["Content-Id"] == "<logo>"
    assert "multipart/related" in parts


async def test_pgp_mime_becomes_the_message(listed: Account, server: DemoServer) -> None:
    enclosure = Enclosure("notes.txt", "text/plain", b"a note")
    found = await arrived(listed, server, letter(shape=Shape.MIME, enclosures=(enclosure,)))
    assert found.get_content_type() == "multipart/mixed"
    assert [part.get_filename() for part in found.iter_parts()] == [None, "notes.txt"]  # type: ignore[union-attr]


async def test_signed_pgp_mime_keeps_its_signature(listed: Account, server: DemoServer) -> None:
    found = await arrived(
        listed, server, letter(sender=Person("Dieter", "dieter@wkd.example"), shape=Shape.SIGNED_MIME, signed=True)
    )
    assert found.get_content_type() == "multipart/signed"
    _, signature = found.iter_parts()
    assert signature.get_content_type() == "application/pgp-signature"


async def test_what_no_key_opens_is_shown_as_it_is(listed: Account, server: DemoServer) -> None:
    found = await arrived(listed, server, letter(shape=Shape.LOST))
    (part,) = found.iter_parts()
    assert part.get_content().startswith("-----BEGIN PGP MESSAGE-----")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("sender", "state"),
    [("bo@bridge.example", "valid"), (ANNA, "valid")],
)
async def test_signatures_of_members_are_checked(listed: Account, server: DemoServer, sender: str, state: str) -> None:
    found = await arrived(listed, server, letter(sender=Person("Someone", sender), signed=True))
    assert found["X-Bridge-Signature"] == state


@pytest.mark.parametrize(("failures", "state"), [(1, "valid"), (senders.TRIES, "unknown-key")])
async def test_a_look_up_that_fails_for_now_is_waited_for(
    serve: Serve, tmp_path: Path, failures: int, state: str
) -> None:
    """What is shown of a message never changes; but trouble with a key does not hold it up for ever."""
    clock, _ = leaping_clock()
    async with serve(5) as server, account(server, tmp_path / "a.db", clock=clock) as anna:
        await anna.list_all()
        await background(anna)
        message = server.world.deliver(letter(sender=Person("Dieter", "dieter@wkd.example"), signed=True), ANNA)
        await anna.poller.poll()
        failing = server.world.faults.add(Fault("GET /core/v4/keys", status=500, count=failures))
        await background(anna)
        found = parsed(await anna.store.literal(MessageId(message.id)))
        assert found["X-Bridge-Signature"] == state
        assert failing.hits == failures


async def test_a_signature_of_an_unknown_key(listed: Account, server: DemoServer) -> None:
    server.world.faults.set([Fault("GET /core/v4/keys", status=422, code=33102)])
    found = await arrived(listed, server, letter(sender=Person("Bo", "bo@bridge.example"), signed=True))
    assert found["X-Bridge-Signature"] == "unknown-key"


async def test_what_is_refused_to_the_account_is_not_taken_for_a_sender_without_keys(
    listed: Account, server: DemoServer
) -> None:
    """Or the signature of what is built now would be shown as unknown for ever."""
    assert listed.keys.senders is not None
    server.world.faults.set([Fault("GET /core/v4/keys", status=400, code=5003)])
    with pytest.raises(UpdateForced):
        await listed.keys.senders.certificates("bo@bridge.example")
    server.world.faults.clear()
    assert await listed.keys.senders.certificates("bo@bridge.example")


async def test_the_keys_of_a_sender_are_asked_for_once(listed: Account, server: DemoServer) -> None:
    rule = server.world.faults.add(Fault("GET /core/v4/keys"))
    for _ in range(3):
        await arrived(listed, server, letter(sender=Person("Bo", "bo@bridge.example"), signed=True))
    assert rule.hits == 1


async def test_all_of_the_seeded_mail(listed: Account) -> None:
    await listed.download_all()
    totals = await listed.store.totals()
    assert (totals.present, totals.missing, totals.failed) == (40, 0, 0)
    assert listed.troubles == []


async def test_a_big_message_is_built_in_another_process(
    listed: Account, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytes(range(256)) * 40
    enclosures = (Enclosure("a", "application/pdf", data), Enclosure("b", "text/plain", b"text\n" * 300))
    message = server.world.deliver(letter(enclosures=enclosures), ANNA)
    await listed.poller.poll()
    await fetch(listed, message.id)
    here = await listed.store.literal(MessageId(message.id))
    monkeypatch.setattr(workshop, "SMALL", 100)
    monkeypatch.setattr(workshop, "BIG", 1000)
    monkeypatch.setattr(workshop, "build_and_derive", _elsewhere)
    await listed.store.evict(0)
    assert await listed.store.literal(MessageId(message.id)) is None
    await fetch(listed, message.id)
    assert await listed.store.literal(MessageId(message.id)) == here


def _elsewhere(message: Message) -> Literal:
    assert os.getpid() != HERE, "it is built where everybody feels it"
    return build_and_derive(message)


HERE = os.getppid() if multiprocessing.parent_process() else os.getpid()


def test_a_large_attachment_is_hardly_twice_in_memory() -> None:
    """Encrypted and open, open and in the literal, but never all three; and pieces of it are nothing."""
    size = 8_000_000
    secret = Secret(b"x")
    key = keys.unlock(keys.generate("Anna", ANNA, secret), secret)
    session_key = new_session_key()
    tracemalloc.start()
    body = armor.armor(armor.MESSAGE, encrypt(b"See it.", [key.certificate], at=key.certificate.created))
    sealed = SealedMessage(
        samples.meta(1), (), "text/plain", body,
        [
            SealedAttachment(
                "a.zip", "application/zip", False, (), wrap(session_key, key.certificate, None),
                encrypt_data(random.Random(1).randbytes(size), session_key),
            )
        ],
    )  # fmt: skip
    tracemalloc.reset_peak()
    opened = unseal(sealed, [key])
    _, peak = tracemalloc.get_traced_memory()
    assert peak < 2.2 * size
    tracemalloc.reset_peak()
    literal = build_and_derive(opened.message)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2.7 * size, "the literal is a third larger than what it holds"
    assert len(literal.data) > size * 4 / 3


@pytest.mark.parametrize("signed", [False, True])
def test_a_large_entity_is_hardly_twice_in_memory(signed: bool) -> None:
    """PGP/MIME: all of a message in one armored body, which is let go when it is read."""
    secret = Secret(b"x")
    key = keys.unlock(keys.generate("Anna", ANNA, secret), secret)
    at = key.certificate.created
    files = (Enclosure("a.zip", "application/zip", random.Random(1).randbytes(8_000_000)),)
    entity = mime_entity(letter(enclosures=files), "boundary")
    tracemalloc.start()
    armored = armor.armor(armor.MESSAGE, encrypt(entity, [key.certificate], at=at, sign=key if signed else None))
    sealed = SealedMessage(samples.meta(1), (), "multipart/mixed", io.BytesIO(armored.encode()), [])
    del armored
    tracemalloc.reset_peak()
    opened = unseal(sealed, [key])
    _, peak = tracemalloc.get_traced_memory()
    assert peak < 2.3 * len(entity), "armored, or encrypted and open"
    tracemalloc.reset_peak()
    assert workshop.looked_into(opened.message) < 1000
    message = with_signature(opened, [key.certificate])
    del opened
    literal = build_and_derive(message)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2.4 * len(entity)
    assert entity.partition(b"\r\n\r\n")[2] in literal.data
    assert (b"X-Bridge-Signature: valid" in literal.data) is signed


async def test_what_was_just_made_is_not_kept_while_it_is_opened(
    listed: Account, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It came with the question whether it is there, and may be large."""
    workshop = listed.downloader._workshop
    unsealed = workshop.unseal
    kept: list[object] = []

    async def unseal(sealed: SealedMessage, ring: Sequence[UnlockedKey]) -> Unsealed:
        kept.extend(job.wire for job in listed.downloader._jobs.values())
        return await unsealed(sealed, ring)

    monkeypatch.setattr(workshop, "unseal", unseal)
    message = server.world.deliver(letter(), ANNA)
    await listed.downloader.take_in(MessageId(message.id))
    assert await listed.store.literal(MessageId(message.id)) is not None
    assert kept == [None]


def test_a_large_body_that_no_key_opens_is_shown_as_it_came() -> None:
    secret = Secret(b"x")
    lost, other = (keys.unlock(keys.generate("Anna", ANNA, secret), secret) for _ in range(2))
    armored = armor.armor(armor.MESSAGE, encrypt(b"secret", [lost.certificate], at=lost.certificate.created))
    for body in (armored, io.BytesIO(armored.encode())):
        found = unseal(SealedMessage(samples.meta(1), (), "text/plain", body, []), [other]).message.body
        assert found == Undecryptable("no key of this account opens it", armored)
    broken = unseal(SealedMessage(samples.meta(1), (), "text/plain", io.BytesIO(b"no armor"), []), [other]).message.body
    assert broken == Undecryptable("it is damaged", "no armor")


# ------------------------------------------------------------------------------------------- built again


async def test_an_evicted_literal_comes_back_to_the_byte(listed: Account, server: DemoServer) -> None:
    signed = server.world.deliver(letter(sender=Person("Bo", "bo@bridge.example"), signed=True), ANNA)
    await listed.poller.poll()
    await listed.download_all()
    before, uids = await listed.literals(), await listed.contents()
    await listed.store.evict(0)
    assert await listed.store.missing_literals(100) == []
    server.world.faults.set([Fault("GET /core/v4/keys", status=422)])  # what was found the first time is kept
    listed.keys.senders = None
    await fetch(listed, *before)
    assert await listed.literals() == before
    assert await listed.contents() == uids
    assert b"X-Bridge-Signature: valid" in (before[MessageId(signed.id)] or b"")


# ------------------------------------------------------------------------------------------- failures


async def test_a_message_that_is_gone_leaves_the_store(listed: Account) -> None:
    gone, kept = list((await listed.contents())["0"])[:2]
    listed.demo.mailbox.remove(gone)
    assert kept in await fetch(listed, gone, kept)
    assert gone not in (await listed.contents())["0"]


async def test_what_was_just_made_at_the_service_is_taken_in_with_one_request(
    listed: Account, server: DemoServer
) -> None:
    made = server.world.deliver(letter("Taken in"), ANNA)
    server.world.received.clear()
    await listed.downloader.take_in(MessageId(made.id))
    assert server.world.received.paths() == [f"GET /mail/v4/messages/{made.id}"]
    assert parsed(await listed.store.literal(MessageId(made.id)))["Subject"] == "Taken in"
    await listed.poller.poll()
    assert (await listed.store.known([MessageId(made.id)]))[MessageId(made.id)].literal is LiteralState.PRESENT


async def test_what_was_just_made_is_there_even_if_it_cannot_be_read_now(listed: Account, server: DemoServer) -> None:
    made = server.world.deliver(letter(), ANNA)
    server.world.faults.set([Fault(f"GET /mail/v4/messages/{made.id}", status=500)])
    await listed.downloader.take_in(MessageId(made.id))
    assert (await listed.store.known([MessageId(made.id)]))[MessageId(made.id)].literal is LiteralState.MISSING
    gone = MessageId("nobody-knows-it==")
    await listed.downloader.take_in(gone)
    assert await listed.store.known([gone]) == {}


async def test_an_attachment_that_is_gone_does_not_hide_the_message(listed: Account, server: DemoServer) -> None:
    server.world.faults.set([Fault("GET /mail/v4/attachments/*", status=422, code=2501)])
    enclosure = Enclosure("a.pdf", "application/pdf", b"%PDF")
    found = await arrived(listed, server, letter(body="Look.", enclosures=(enclosure,)))
    text, lost = found.iter_parts()
    assert text.get_content().strip() == "Look."  # type: ignore[union-attr]
    assert lost.get_filename() == "a.pdf.pgp"  # type: ignore[union-attr]


@pytest.mark.parametrize("status", [500, 502])
async def test_trouble_leaves_the_message_missing(listed: Account, server: DemoServer, status: int) -> None:
    one = next(iter((await listed.contents())["0"]))
    server.world.faults.set([Fault("GET /mail/v4/messages/*", status=status)])
    assert await fetch(listed, one) == []
    known = await listed.store.known(_ids([one]))
    assert known[MessageId(one)].literal is LiteralState.MISSING
    server.world.faults.clear()
    assert await fetch(listed, one) == [one]


@pytest.mark.expects_log
async def test_what_cannot_be_built_is_shown_as_a_substitute_and_tried_again(
    listed: Account, server: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = next(iter((await listed.contents())["0"]))

    def broken(*_: object) -> object:
        raise ValueError("a mistake of ours")

    with monkeypatch.context() as patch:
        patch.setattr(workshop, "unseal", broken)
        assert await fetch(listed, one) == [one]
    shown = parsed(await listed.store.literal(MessageId(one)))
    assert "Bridge Manager cannot read this message" in shown.get_content()
    assert shown["Subject"] == listed.demo.mailbox.messages[one].subject
    await listed.downloader.retry_substitutes()
    assert [each.id for each in await listed.store.missing_literals(1)] == [one]
    await fetch(listed, one)
    assert "cannot read this message" not in str(parsed(await listed.store.literal(MessageId(one))))


async def test_with_a_new_key_encrypted_messages_are_opened_again(
    listed: Account, server: DemoServer, tmp_path: Path
) -> None:
    one = next(iter((await listed.contents())["0"]))
    listed.keys.locked = True
    await fetch(listed, one)
    assert b"BEGIN PGP MESSAGE" in (await listed.store.literal(MessageId(one)) or b"")
    # The list of substitutes outlives a restart.
    await listed.store.close()
    async with account(server, tmp_path / "anna.db") as anna:
        await anna.downloader.retry_substitutes()
        await anna.download_all()
        assert b"BEGIN PGP MESSAGE" not in (await anna.store.literal(MessageId(one)) or b"")


# ------------------------------------------------------------------------------------------- the background


async def test_the_background_downloads_newest_first_and_stops_when_nothing_is_left(
    serve: Serve, tmp_path: Path
) -> None:
    async with serve(30) as server, account(server, tmp_path / "a.db", parallel=1) as anna:
        await anna.list_all()
        order = [each.id for each in await anna.store.missing_literals(100)]
        asked: list[MessageId] = []
        ask = anna.service.message

        async def noted(id: MessageId, begun: Callable[[], None], *, urgent: bool = False) -> object:
            asked.append(id)
            return await ask(id, begun, urgent=urgent)

        anna.service.message = noted  # type: ignore[method-assign, assignment]
        await background(anna)
        assert asked == order
        times = {each.id: each.time for each in await anna.store.metas(order)}
        assert [times[id] for id in asked] == sorted(times.values(), reverse=True)
        assert len(asked) == 30


async def background(anna: Account) -> None:
    """Run the background until it has nothing left."""
    done = asyncio.Event()
    running = asyncio.create_task(anna.downloader.run(ready, done.set))
    waiting = asyncio.create_task(done.wait())
    await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if running.done():
        await running
    running.cancel()


async def test_on_demand_overtakes(serve: Serve, tmp_path: Path) -> None:
    async with serve(60) as server, account(server, tmp_path / "a.db", parallel=2) as anna:
        await anna.list_all()
        oldest = (await anna.store.missing_literals(100))[-1].id
        server.world.faults.set([Fault("GET /mail/v4/messages/*", delay=0.2)])
        done = asyncio.Event()

        async with asyncio.TaskGroup() as group:
            running = group.create_task(anna.downloader.run(ready, done.set))
            await asyncio.sleep(0.05)
            assert await fetch(anna, oldest) == [oldest]
            missing = (await anna.store.totals()).missing
            assert missing > 30
            server.world.faults.clear()
            await done.wait()
            running.cancel()
        assert (await anna.store.totals()).missing == 0


def leaping_clock() -> tuple[Clock, list[float]]:
    """A clock on which every sleep is over at once, and the sleeps."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    return Clock(sleep=sleep, random=lambda: 0.0, monotonic=lambda: sum(slept)), slept


async def test_the_background_stands_still_while_a_mail_program_waits(serve: Serve, tmp_path: Path) -> None:
    """Also one that is told to be quick after its request was sent is waited for; then all goes on to its end."""
    async with serve(200) as server, account(server, tmp_path / "a.db") as anna:
        await anna.list_all()
        newest, *_, oldest = [each.id for each in await anna.store.missing_literals(300)]
        built: list[MessageId] = []
        make = anna.downloader._make

        async def noted(sealed: SealedMessage) -> object:
            built.append(sealed.meta.id)
            return await make(sealed)

        anna.downloader._make = noted  # type: ignore[method-assign, assignment]
        for delayed in (newest, oldest):
            server.world.faults.add(Fault(f"GET /mail/v4/messages/{delayed}", delay=0.3))
        done = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(anna.downloader.run(ready, done.set))
            while not built:  # noqa: ASYNC110 - the download has begun
                await asyncio.sleep(0.002)
            for wanted in (newest, oldest):
                before = len(built)
                assert await fetch(anna, wanted) == [wanted]
                assert built.index(wanted) - before <= 20, "only those go first that were being built already"
            await done.wait()
            running.cancel()
        assert (await anna.store.totals()).missing == 0
        assert sorted(built) == sorted(set(built))


async def test_only_what_is_selected_is_downloaded(listed: Account) -> None:
    sent = set((await listed.contents())["7"])
    listed.downloader.selection = Selection(labels=frozenset({"7"}))  # type: ignore[arg-type]
    await background(listed)
    totals = await listed.store.totals()
    assert totals.present == len(sent)


async def test_trouble_in_the_background_is_waited_out(serve: Serve, tmp_path: Path) -> None:
    clock, slept = leaping_clock()
    async with serve(40) as server, account(server, tmp_path / "a.db", clock=clock) as anna:
        await anna.list_all()
        server.world.faults.set(
            [
                Fault("GET /mail/v4/messages/*", status=500, skip=5, count=3),
                Fault("GET /mail/v4/messages/*", status=429, retry_after="7", skip=10, count=4),
                Fault("GET /mail/v4/messages/*", cut="before", skip=15, count=3),
            ]
        )
        await background(anna)
        totals = await anna.store.totals()
        assert (totals.present, totals.missing) == (40, 0)
        assert 20.0 in slept
        assert 7.0 in slept
        assert {type(error).__name__ for error in anna.troubles} == {"ServerTrouble"}


async def test_an_error_that_waiting_does_not_mend_ends_the_background(listed: Account, server: DemoServer) -> None:
    server.world.faults.set([Fault("GET /mail/v4/messages/*", status=400, code=5003)])
    with pytest.raises(UpdateForced):
        await background(listed)


async def test_a_message_in_trouble_of_its_own_holds_up_nobody(serve: Serve, tmp_path: Path) -> None:
    """Its answer cannot be read; the others go on, and in the end it is shown as what is known of it."""
    clock, slept = leaping_clock()
    async with serve(40) as server, account(server, tmp_path / "mail.db", clock=clock) as anna:
        await anna.list_all()
        bad = next(iter(await anna.store.missing_literals(1))).id
        server.world.faults.add(Fault(f"GET /mail/v4/messages/{bad}", status=200, body="<html>Sign in to the hotel"))
        finished = asyncio.Event()
        task = asyncio.create_task(anna.downloader.run(ready, finished.set))
        async with asyncio.timeout(20):
            while await anna.store.missing_literals(1):
                await finished.wait()
                finished.clear()
        task.cancel()
        assert slept[:3] == [20.0, 40.0, 80.0]
        literals = await anna.literals()
        assert all(literals.values())
        assert b"cannot be read" in (literals[bad] or b"")
        server.world.faults.clear()
        await anna.downloader.retry_substitutes()
        await anna.download_all()
        assert b"cannot be read" not in ((await anna.literals())[bad] or b"")


async def test_a_page_of_a_proxy_does_not_become_an_attachment(listed: Account, server: DemoServer) -> None:
    letter_ = letter("With", enclosures=(Enclosure("notes.txt", "text/plain", b"Notes.\n"),))
    message = server.world.deliver(letter_, ANNA)
    await listed.poller.poll()
    server.world.faults.add(Fault("GET /mail/v4/attachments/*", status=200, body="<html>Sign in", count=1))
    await listed.download_all()
    assert [type(error).__name__ for error in listed.troubles] == ["Malformed"]
    assert b"filename=notes.txt\r" in (await listed.store.literal(MessageId(message.id)) or b"")
