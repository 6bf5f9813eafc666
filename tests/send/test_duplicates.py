from __future__ import annotations

import asyncio

import pytest

from bridge_gui.model import MessageId
from bridge_gui.send.duplicates import AlreadySent, Claim, Phase, Recorder, StillBeingSent, message_hash
from tests.send.post_office import Dictionary

BASE = (
    b"From: Anna <anna@example.org>\r\nTo: Bo <bo@example.org>\r\nSubject: Hi\r\nDate: now\r\nMessage-ID: <1@x>\r\n"
    b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n"
)
ID = MessageId("sent-1")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Date: now", b"Date: later"),
        (b"<1@x>", b"<2@x>"),
        (b"Anna <anna@example.org>", b"anna@example.org"),
        (b"bo@example.org", b"BO@example.org"),
        (b"Subject: Hi\r\n", b"Subject: Hi\r\nBcc: hidden@example.org\r\nX-Mailer: y\r\n"),
        (b"charset=utf-8; format=flowed", b"FORMAT=flowed;\r\n charset=utf-8"),
        (b"Gr\xc3\xbc\xc3\x9fe\r\n", b"\r\nGr\xc3\xbc\xc3\x9fe\n"),
        (b"\r\n\r\nGr\xc3\xbc\xc3\x9fe", b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe"),
    ],
)
def test_the_same_message(old: bytes, new: bytes) -> None:
    assert old in BASE
    assert message_hash(BASE.replace(old, new)) == message_hash(BASE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Subject: Hi", b"Subject: Hi!"),
        (b"anna@", b"anne@"),
        (b"bo@example.org", b"bo@example.org, rsa@example.org"),
        (b"To: Bo", b"Cc: Bo"),
        (b"format=flowed", b"format=fixed"),
        (b"text/plain", b"text/html"),
        (b"\x9fe", b"\x9fe!"),
        (b"Date: now", b"In-Reply-To: <other@x>"),
        (b"Date: now", b"Reply-To: carla@example.org"),
        (b"format=flowed", b"format=flowed\r\nContent-Disposition: inline; filename=a.txt"),
    ],
)
def test_another_message(old: bytes, new: bytes) -> None:
    assert old in BASE
    assert message_hash(BASE.replace(old, new)) != message_hash(BASE)


WITH_FILE = (
    b'From: anna@example.org\r\nTo: bo@example.org\r\nContent-Type: multipart/mixed; boundary="one"\r\n\r\n'
    b"--one\r\n\r\nHi\r\n--one\r\nContent-Type: application/pdf; name=a.pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--one--\r\n"
)


def test_a_new_boundary_is_the_same_message_and_another_file_is_not() -> None:
    """Programs make a boundary anew each time they hand a message in."""
    assert message_hash(WITH_FILE.replace(b"one", b"two")) == message_hash(WITH_FILE)
    for old, new in ((b"AAAA", b"AAAB"), (b"a.pdf", b"b.pdf"), (b"application/pdf", b"application/zip")):
        assert message_hash(WITH_FILE.replace(old, new)) != message_hash(WITH_FILE)


def test_hash_is_fixed() -> None:
    """It is kept across versions: a change of it would send what was handed in before an update twice."""
    assert message_hash(BASE) == "Oj+yASv7P7QTMFDVJDoH6B+1kATaGNHHYTT/reU9iWE="
    assert message_hash(WITH_FILE) == "jfHoOfeB36LH0LVpUWX+yHH6CeDNUxmj+H0gWWCObCw="


async def claimed(recorder: Recorder, hash_: str = "h", *recipients: str) -> Claim:
    claim = await recorder.claim(hash_, recipients or ("bo@x",))
    assert isinstance(claim, Claim)
    return claim


async def test_sent_is_remembered_for_a_while() -> None:
    now = 1000.0
    values = Dictionary()
    recorder = Recorder(values, lambda: now)
    claim = await claimed(recorder)
    await claim.note(Phase.SENT, ID)
    claim.release()
    assert await recorder.claim("h", ["BO@x"]) == AlreadySent(ID)
    assert await Recorder(values, lambda: now).claim("h", ["bo@x"]) == AlreadySent(ID)
    now += 29 * 60
    assert await recorder.claim("h", ["bo@x"]) == AlreadySent(ID)
    now += 61
    claim = await claimed(recorder)
    assert claim.unfinished is None


async def test_other_recipients_are_another_message() -> None:
    recorder = Recorder(Dictionary())
    first = await claimed(recorder, "h", "a@x")
    second = await claimed(recorder, "h", "a@x", "b@x")
    for each in (first, second):
        each.release()


async def test_unfinished_is_handed_to_the_next() -> None:
    values = Dictionary()
    claim = await claimed(Recorder(values))
    await claim.note(Phase.DRAFTING, MessageId("d"))
    await claim.note(Phase.SENDING, MessageId("d"))
    again = await claimed(Recorder(values))
    assert again.unfinished is not None
    assert (again.unfinished.phase, again.unfinished.message_id) == (Phase.SENDING, "d")
    await again.forget()
    again.release()
    assert values.values == {}


async def test_waiting_for_the_same_one() -> None:
    recorder = Recorder(Dictionary())
    first = await claimed(recorder)
    waiting = asyncio.ensure_future(recorder.claim("h", ["bo@x"]))
    await asyncio.sleep(0)
    assert not waiting.done()
    await first.note(Phase.SENT, ID)
    first.release()
    assert await waiting == AlreadySent(ID)


async def test_the_next_one_takes_over_after_a_failure() -> None:
    recorder = Recorder(Dictionary())
    first = await claimed(recorder)
    waiting = [asyncio.ensure_future(recorder.claim("h", ["bo@x"])) for _ in range(3)]
    await asyncio.sleep(0)
    first.release()
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    assert (len(done), len(pending)) == (1, 2)
    second = done.pop().result()
    assert isinstance(second, Claim)
    await second.note(Phase.SENT, ID)
    second.release()
    assert [await each for each in pending] == [AlreadySent(ID)] * 2


async def test_patience_ends() -> None:
    recorder = Recorder(Dictionary())
    first = await claimed(recorder)
    assert isinstance(await recorder.claim("h", ["bo@x"], patience=0.01), StillBeingSent)
    assert await recorder.find_sent("h", ["bo@x"], patience=0.01) is None
    first.release()


async def test_own_copy_is_found() -> None:
    recorder = Recorder(Dictionary())
    for number, recipients in enumerate((("a@x",), ("a@x", "b@x"), ("c@x",))):
        claim = await claimed(recorder, "h", *recipients)
        await claim.note(Phase.SENT, MessageId(str(number)))
        claim.release()
    assert await recorder.find_sent("h", ["A@x"]) == "0"
    assert await recorder.find_sent("h", ["a@x", "b@x"]) == "1"
    assert await recorder.find_sent("h", ["b@x"]) == "1"  # Bcc is not in the copy's header
    assert await recorder.find_sent("h", ["d@x"]) is None
    assert await recorder.find_sent("other", ["a@x"]) is None


async def test_own_copy_waits_for_the_message() -> None:
    recorder = Recorder(Dictionary())
    claim = await claimed(recorder)
    waiting = asyncio.ensure_future(recorder.find_sent("h", ["bo@x"]))
    await asyncio.sleep(0)
    assert not waiting.done()
    await claim.note(Phase.SENT, ID)
    claim.release()
    assert await waiting == ID


async def test_a_clock_set_back_does_not_keep_for_ever() -> None:
    now = 10_000_000.0
    recorder = Recorder(Dictionary(), lambda: now)
    claim = await claimed(recorder)
    await claim.note(Phase.SENT, ID)
    claim.release()
    now = 1000.0
    assert (await claimed(recorder)).unfinished is None
