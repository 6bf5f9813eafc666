"""APPEND at the demo service: imports into every mailbox, drafts, and what is recognised instead of doubled."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import sys
from collections.abc import AsyncIterator, Sequence
from email.message import EmailMessage
from pathlib import Path

import pytest

from bridge_gui.account.append import Append
from bridge_gui.account.mailboxes import APPEND_LIMIT
from bridge_gui.account.ports import AppendFailed
from bridge_gui.demo.faults import Fault
from bridge_gui.demo.records import Flag, Message, Stored
from bridge_gui.errors import Unreachable
from bridge_gui.model import AddressId, LabelId, MessageId, SystemLabel
from bridge_gui.openpgp import armor, message
from bridge_gui.openpgp.errors import NoDecryptionKey
from bridge_gui.proton.send_routes import IMPORT_BYTES
from bridge_gui.send.duplicates import Recorder
from bridge_gui.send.outcome import Sent
from tests.send.post_office import ANNA, BO, CARLA, PostOffice, letter, post_office

NOTHING: frozenset[str] = frozenset()
SEEN = frozenset({"\\Seen"})


class Desk:
    """Appends to anna's mailboxes; `literals` is what the store would hold."""

    def __init__(self, office: PostOffice) -> None:
        self.office = office
        self.literals: dict[MessageId, bytes] = {}
        self.arrived: list[MessageId] = []
        self.brought_back: list[tuple[MessageId, tuple[LabelId, ...]]] = []
        self.connected = True
        self.append_to = Append(self, lambda: office.sending if self.connected else None, office.recorder, self._note)

    async def literal(self, id: MessageId) -> bytes | None:
        return self.literals.get(id)

    async def bring_back(self, id: MessageId, labels: Sequence[LabelId], address: AddressId | None = None) -> bool:
        self.brought_back.append((id, tuple(labels)))
        return id in self.literals

    async def waits_for_deletion(self, id: MessageId) -> bool:
        return False

    async def _note(self, id: MessageId) -> None:
        self.arrived.append(id)

    async def append(
        self,
        label: LabelId,
        raw: bytes | EmailMessage,
        flags: frozenset[str] = NOTHING,
        address: AddressId | None = None,
    ) -> Message:
        """Append, and return what the service has then."""
        id_ = await self.append_to.append(label, address, as_bytes(raw), flags, None)
        assert self.arrived[-1] == id_
        return self.office.world.account("anna").mailbox.messages[id_]

    def body(self, record: Message) -> bytes:
        content = record.content
        assert isinstance(content, Stored)
        return message.decrypt(armor.dearmor(content.body), self._keys(record)).data

    def files(self, record: Message) -> list[tuple[str, bytes]]:
        content = record.content
        assert isinstance(content, Stored)
        return [
            (each.name, message.decrypt(each.key_packets + each.data, self._keys(record)).data)
            for each in content.attachments
        ]

    def _keys(self, record: Message):  # type: ignore[no-untyped-def]
        return self.office.sending.address_keys[AddressId(record.address_id)]


def as_bytes(raw: bytes | EmailMessage) -> bytes:
    return raw if isinstance(raw, bytes) else raw.as_bytes(policy=raw.policy.clone(linesep="\r\n"))


@pytest.fixture(scope="session")
def key_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo-keys")


@pytest.fixture
async def desk(key_cache: Path) -> AsyncIterator[Desk]:
    async with post_office(key_cache) as office:
        yield Desk(office)


def received(text: str = "Hello\n", to: str = ANNA) -> EmailMessage:
    made = letter(text, "Imported", to=to)
    made.replace_header("From", f"Carla <{CARLA}>")
    made["Received"] = "from outside.example by bridge.example; Mon, 23 Nov 2026 09:00:00 +0000"
    return made


# ------------------------------------------------------------------------------------------- import


@pytest.mark.parametrize(
    ("label", "has_received", "flag"),
    [
        (SystemLabel.INBOX, True, Flag.RECEIVED),
        (SystemLabel.INBOX, False, Flag.RECEIVED),
        (SystemLabel.SENT, True, Flag.SENT),
        (SystemLabel.SENT, False, Flag.SENT),
        (SystemLabel.ARCHIVE, True, Flag.RECEIVED),
        (SystemLabel.ARCHIVE, False, Flag.SENT),
        (SystemLabel.TRASH, True, Flag.RECEIVED),
        (SystemLabel.SPAM, True, Flag.RECEIVED),
        (SystemLabel.STARRED, True, Flag.RECEIVED),
    ],
)
async def test_into_each_mailbox(desk: Desk, label: LabelId, has_received: bool, flag: Flag) -> None:
    mail = received()
    if not has_received:
        del mail["Received"]
    record = await desk.append(label, mail, SEEN)
    assert label in record.labels
    assert record.flags & (Flag.RECEIVED | Flag.SENT) == flag
    assert record.flags & Flag.IMPORTED
    assert desk.body(record) == b"Hello\r\n"
    assert (record.subject, record.unread, record.sender.address) == ("Imported", False, CARLA)
    assert record.external_id == "letter@client.example"
    assert not desk.office.world.received.contains("Hello")


async def test_flags(desk: Desk) -> None:
    record = await desk.append(SystemLabel.INBOX, received(), frozenset({"\\Flagged", "\\Answered", "$Forwarded"}))
    assert record.unread
    assert record.labels >= {SystemLabel.INBOX, SystemLabel.STARRED}
    assert record.is_replied
    assert record.is_forwarded


async def test_into_a_folder_of_ones_own(desk: Desk) -> None:
    folder = desk.office.world.account("anna").mailbox.create_label("Kept for the test", 3, "#8080FF")
    assert folder.id in (await desk.append(LabelId(folder.id), received())).labels


@pytest.mark.parametrize(
    "label", [SystemLabel.ALL_MAIL, SystemLabel.ALL_SENT, SystemLabel.ALL_DRAFTS, SystemLabel.SCHEDULED]
)
async def test_mailboxes_that_fill_themselves(desk: Desk, label: LabelId) -> None:
    with pytest.raises(AppendFailed) as refused:
        await desk.append(label, received())
    assert refused.value.code == "CANNOT"


@pytest.mark.parametrize(
    "change",
    [
        lambda mail: mail.__delitem__("Date"),
        lambda mail: mail.__delitem__("From"),
        lambda raw: raw.replace(b"From: Carla <carla@outside.example>", b"From: Carla"),
        lambda raw: raw.replace(b"From: Carla <carla@outside.example>", b"From: a@x.example, b@x.example"),
        lambda raw: raw.replace(b"Subject:", b"Sender: nobody at all\r\nSubject:"),
    ],
)
async def test_mail_without_date_or_author_is_refused(desk: Desk, change) -> None:  # type: ignore[no-untyped-def]
    mail = received()
    raw = as_bytes(mail)
    changed = change(mail) if change.__code__.co_varnames[0] == "mail" else change(raw)
    with pytest.raises(AppendFailed):
        await desk.append(SystemLabel.INBOX, mail if changed is None else changed)
    assert desk.arrived == []


async def test_several_authors_with_a_sender(desk: Desk) -> None:
    raw = as_bytes(received()).replace(
        b"From: Carla <carla@outside.example>", b"From: a@x.example, b@x.example\r\nSender: b@x.example"
    )
    assert desk.body(await desk.append(SystemLabel.INBOX, raw)) == b"Hello\r\n"


async def test_attachments_in_part_mode(desk: Desk) -> None:
    mail = received("Grüße\n")
    mail.add_attachment(bytes(range(256)), maintype="image", subtype="png", filename="ä.png")
    record = await desk.append(SystemLabel.INBOX, mail)
    assert desk.body(record).decode() == "Grüße\r\n"
    assert desk.files(record) == [("ä.png", bytes(range(256)))]
    assert not desk.office.world.received.contains(base64.b64encode(bytes(range(30))))


async def test_latin1_with_its_charset(desk: Desk) -> None:
    raw = as_bytes(received()).replace(b'charset="utf-8"', b"charset=iso-8859-1").replace(b"Hello", b"Gr\xfc\xdfe")
    raw = raw.replace(b"Content-Transfer-Encoding: 7bit", b"Content-Transfer-Encoding: 8bit")
    assert desk.body(await desk.append(SystemLabel.INBOX, raw)).decode() == "Grüße\r\n"


async def test_without_any_text(desk: Desk) -> None:
    mail = received()
    mail.set_content(b"pdf", maintype="application", subtype="pdf", filename="a.pdf")
    record = await desk.append(SystemLabel.INBOX, mail)
    assert desk.body(record) == b""
    assert desk.files(record) == [("a.pdf", b"pdf")]


@pytest.mark.parametrize(
    ("kind", "second"),
    [("signed", "application/pgp-signature"), ("alternative", "text/html"), ("encrypted", "application/octet-stream")],
)
async def test_what_must_stay_whole(desk: Desk, kind: str, second: str) -> None:
    """Hard-won 43: the whole literal is inside, to the byte."""
    raw = (
        f"From: {CARLA}\r\nTo: {ANNA}\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nSubject: whole\r\nX-Odd: kept\r\n"
        f'Message-ID: <whole@x>\r\nReceived: from x\r\nContent-Type: multipart/{kind}; boundary="b"\r\n\r\npreamble\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\ntrailing  \r\n--b\r\nContent-Type: {second}\r\n\r\n<p>x\r\n"
        "--b--\r\nepilogue"
    ).encode()
    record = await desk.append(SystemLabel.INBOX, raw)
    assert record.mime_type == "multipart/mixed"
    assert desk.body(record) == raw
    assert (record.subject, record.external_id) == ("whole", "whole@x")
    assert not desk.office.world.received.contains("trailing")


@pytest.mark.parametrize("mark", [b"", b">", b"From x@y Mon Nov 23 09:00:00 2026\r\n>"])
async def test_mbox_line(desk: Desk, mark: bytes) -> None:
    """It is no header field, and whoever reads the header stumbles over it: the service is not given it."""
    line = b"From carla@outside.example Mon Nov 23 09:00:00 2026"
    raw = mark + line + b"\r\n" + as_bytes(received())
    assert desk.body(await desk.append(SystemLabel.INBOX, raw)) == b"Hello\r\n"
    assert not desk.office.world.received.contains(line)
    assert not desk.office.world.received.contains(b"From x@y")


async def test_imported_twice_is_one(desk: Desk) -> None:
    first = await desk.append(SystemLabel.INBOX, received())
    second = await desk.append(SystemLabel.ARCHIVE, received())
    assert first.id == second.id


async def test_belongs_to_the_address_it_names(desk: Desk) -> None:
    alias = next(each for each in desk.office.sending.addresses[1:] if each.enabled and each.send)
    mail = received()
    mail.replace_header("From", alias.email.upper())
    assert (await desk.append(SystemLabel.SENT, mail)).address_id == alias.id
    assert (await desk.append(SystemLabel.INBOX, received("other\n"))).address_id == desk.office.sending.addresses[0].id
    split = await desk.append(
        SystemLabel.INBOX, as_bytes(received("split\n")).replace(b"<letter@", b"<split@"), address=alias.id
    )
    assert split.address_id == alias.id


async def test_belongs_to_the_address_of_its_sender_when_its_author_is_somebody_else(desk: Desk) -> None:
    alias = next(each for each in desk.office.sending.addresses[1:] if each.enabled and each.send)
    raw = as_bytes(received()).replace(b"Subject:", b"Sender: " + alias.email.encode() + b"\r\nSubject:")
    assert (await desk.append(SystemLabel.INBOX, raw)).address_id == alias.id


@pytest.mark.parametrize("label", [SystemLabel.INBOX, SystemLabel.DRAFTS])
async def test_only_the_first_key_encrypts(desk: Desk, label: LabelId) -> None:
    """Hard-won 37: older keys of an address only open what was encrypted before."""
    office = desk.office
    account = office.world.account("anna")
    office.world.renew_key(account, account.primary)
    keys = [held.unlocked for held in account.keys_of(account.primary)]
    first = office.sending.addresses[0].id
    office.sending = dataclasses.replace(office.sending, address_keys={**office.sending.address_keys, first: keys})
    content = (await desk.append(label, received())).content
    assert isinstance(content, Stored)
    assert message.decrypt(armor.dearmor(content.body), keys[:1]).data == b"Hello\r\n"
    with pytest.raises(NoDecryptionKey):
        message.decrypt(armor.dearmor(content.body), keys[1:])


async def test_refused_by_the_service(desk: Desk) -> None:
    desk.office.world.options.import_limit = 100
    with pytest.raises(AppendFailed):
        await desk.append(SystemLabel.INBOX, received())
    desk.office.world.options.import_limit = 1 << 30


async def test_offline(desk: Desk) -> None:
    desk.connected = False
    with pytest.raises(Unreachable):
        await desk.append(SystemLabel.INBOX, received())
    desk.connected = True
    desk.office.world.faults.set([Fault(cut="before")])
    with pytest.raises(Unreachable):
        await desk.append(SystemLabel.INBOX, received())
    assert desk.arrived == []


# ------------------------------------------------------------------------------------------- recognised


async def test_own_copy_of_what_was_sent(desk: Desk) -> None:
    sent = await desk.office.sent(letter(Bcc=CARLA), BO, CARLA)
    copy = letter()  # its Bcc was taken off, as some programs do
    copy.replace_header("Message-ID", "<copy@client.example>")
    record = await desk.append(SystemLabel.SENT, copy, SEEN)
    assert record.id == sent.id
    assert len(desk.office.folder("anna", SystemLabel.SENT)) == 1


async def test_own_copy_into_another_folder(desk: Desk) -> None:
    folder = desk.office.world.account("anna").mailbox.create_label("Sent 2026", 3, "#8080FF")
    sent = await desk.office.sent(letter(), BO)
    record = await desk.append(LabelId(folder.id), letter(), SEEN)
    assert record.id == sent.id
    assert folder.id in record.labels


async def test_a_message_that_comes_back(desk: Desk) -> None:
    """Programs that move by APPEND and delete (hard-won 25)."""
    record = await desk.append(SystemLabel.INBOX, received())
    served = b"X-Pm-Internal-Id: " + record.id.encode() + b"\r\n" + as_bytes(received())
    desk.literals[MessageId(record.id)] = served
    imported = len(desk.office.world.account("anna").mailbox.messages)
    desk.connected = False
    back = await desk.append_to.append(SystemLabel.ARCHIVE, None, served, frozenset({"\\Flagged"}), None)
    assert back == record.id
    assert desk.brought_back == [(record.id, (SystemLabel.ARCHIVE, SystemLabel.STARRED))]
    assert len(desk.office.world.account("anna").mailbox.messages) == imported, "also without the service"


async def test_a_changed_message_that_comes_back_is_another(desk: Desk) -> None:
    """Thunderbird's Delete Attachment stores the rest with the same header, and removes the old one."""
    record = await desk.append(SystemLabel.INBOX, received())
    served = b"X-Pm-Internal-Id: " + record.id.encode() + b"\r\n" + as_bytes(received())
    desk.literals[MessageId(record.id)] = served
    changed = served.replace(b"Hello", b"Less").replace(b"<letter@", b"<less@")
    back = await desk.append(SystemLabel.INBOX, changed)
    assert back.id != record.id
    assert desk.body(back) == b"Less\r\n"


@pytest.mark.parametrize("outcome", ["sent", "already sent"])
async def test_own_copy_is_recognised_across_a_restart(desk: Desk, outcome: str) -> None:
    sent = await desk.office.sent(letter(), BO)
    desk.office.recorder = Recorder(desk.office.values)  # another process, with what is kept
    if outcome == "already sent":
        assert await desk.office.send(letter(), BO) == Sent(MessageId(sent.id), again=True)
    desk.append_to = Append(desk, lambda: desk.office.sending, desk.office.recorder, desk._note)
    assert (await desk.append(SystemLabel.SENT, letter(), SEEN)).id == sent.id
    assert len(desk.office.folder("anna", SystemLabel.SENT)) == 1


async def test_own_copy_waits_for_the_mail_that_is_on_its_way(desk: Desk) -> None:
    """Programs that save their copy while they send: one message, whichever comes first."""
    desk.office.world.faults.set([Fault("POST /mail/v4/messages/[!i]*", delay=0.3)])
    sending = asyncio.ensure_future(desk.office.send(letter(), BO))
    while not desk.office.recorder._claims:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    record = await desk.append(SystemLabel.SENT, letter(), SEEN)
    assert await sending == Sent(MessageId(record.id))
    assert len(desk.office.folder("anna", SystemLabel.SENT)) == 1


@pytest.mark.parametrize("way", [frozenset({"\\Flagged"}), NOTHING])
async def test_a_flag_of_the_own_copy(desk: Desk, way: frozenset[str]) -> None:
    sent = await desk.office.sent(letter(), BO)
    record = await desk.append(SystemLabel.SENT, letter(), way)
    assert record.id == sent.id
    assert (SystemLabel.STARRED in record.labels) == bool(way)


# ------------------------------------------------------------------------------------------- limits and trouble


async def test_too_large_to_import(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused before anything is uploaded (hard-won 33)."""
    monkeypatch.setattr("bridge_gui.proton.send_routes.IMPORT_BYTES", 1000)
    with pytest.raises(AppendFailed) as refused:
        await desk.append(SystemLabel.INBOX, received("x" * 2000))
    assert refused.value.code == "TOOBIG"
    assert not any("import" in path for path in desk.office.world.received.paths())


async def test_the_largest_message_that_imap_takes_can_be_imported() -> None:
    """Full mode, the larger of the two: armor adds 4/3 and its line ends."""
    assert APPEND_LIMIT * 4 / 3 * 65 / 64 + 100_000 < IMPORT_BYTES


async def test_a_large_message_is_let_go_before_it_comes_back(desk: Desk) -> None:
    """What came from the program and what comes from the service would be in memory together."""
    raw = as_bytes(received())
    known = sys.getrefcount(raw)

    async def arrived(id: MessageId) -> None:
        async with asyncio.timeout(20):
            while sys.getrefcount(raw) > known:  # noqa: ASYNC110  a thread that has worked on it may still be at its end
                await asyncio.sleep(0.001)

    append_to = Append(desk, lambda: desk.office.sending, desk.office.recorder, arrived)
    await append_to.append(SystemLabel.INBOX, None, raw, SEEN, None)


async def test_one_bad_message_of_several_does_not_stop_the_others(desk: Desk) -> None:
    """Each is imported by itself: what was stored before stays, and the program is told of the first that was not."""
    good = await desk.append(SystemLabel.INBOX, received())
    bad = received("bad\n")
    del bad["Date"]
    with pytest.raises(AppendFailed):
        await desk.append(SystemLabel.INBOX, bad)
    other = as_bytes(received("other\n")).replace(b"<letter@", b"<other@")
    assert (await desk.append(SystemLabel.INBOX, other)).id != good.id
    assert len(desk.arrived) == 2


async def test_an_import_whose_answer_is_lost_is_one(desk: Desk) -> None:
    desk.office.world.faults.set([Fault("POST /mail/v4/messages/import", cut="after", count=1)])
    record = await desk.append(SystemLabel.INBOX, received())
    same = [each for each in desk.office.world.account("anna").mailbox.messages.values() if each.subject == "Imported"]
    assert [each.id for each in same] == [record.id]


async def test_flags_of_a_refused_one_change_nothing(desk: Desk) -> None:
    desk.office.world.faults.set([Fault("POST /mail/v4/messages/import", status=422, code=2001, error="no")])
    with pytest.raises(AppendFailed, match="no"):
        await desk.append(SystemLabel.INBOX, received(), frozenset({"$Forwarded"}))
    assert desk.arrived == []


# ------------------------------------------------------------------------------------------- drafts


async def test_draft(desk: Desk) -> None:
    mail = letter("Dear\n", to=f"Bo <{BO}>", Cc=CARLA, Bcc="x@outside.example")
    mail.add_attachment(b"one", maintype="application", subtype="pdf", filename="1.pdf")
    mail.add_attachment(b"two", maintype="application", subtype="pdf", filename="2.pdf")
    record = await desk.append(SystemLabel.DRAFTS, mail)
    assert record.is_draft
    assert SystemLabel.DRAFTS in record.labels
    assert desk.body(record) == b"Dear\r\n"
    assert desk.files(record) == [("1.pdf", b"one"), ("2.pdf", b"two")]
    assert [each.address for each in (*record.to, *record.cc, *record.bcc)] == [BO, CARLA, "x@outside.example"]
    assert record.sender.name == "Anna Lindqvist"
    assert not record.unread


async def test_half_a_draft(desk: Desk) -> None:
    """Drafts skip the checks of mail (hard-won 32), and may come from nowhere."""
    record = await desk.append(SystemLabel.DRAFTS, b"To: somebody\r\nSubject: idea\r\n\r\nHm\r\n")
    assert record.sender.address == ANNA
    assert desk.body(record) == b"Hm\r\n"
    foreign = await desk.append(SystemLabel.DRAFTS, received("foreign\n"))
    assert foreign.sender.address == ANNA


async def test_each_save_is_a_new_draft(desk: Desk) -> None:
    first = await desk.append(SystemLabel.DRAFTS, letter("v1\n"))
    second = await desk.append(SystemLabel.DRAFTS, letter("v2\n"))
    assert first.id != second.id


async def test_a_draft_whose_attachment_fails_is_not_left_in_half(desk: Desk) -> None:
    mail = letter()
    mail.add_attachment(b"one", maintype="application", subtype="pdf", filename="1.pdf")
    desk.office.world.faults.set([Fault("POST /mail/v4/attachments", status=422, code=2001)])
    with pytest.raises(AppendFailed):
        await desk.append(SystemLabel.DRAFTS, mail)
    assert desk.office.drafts() == []


async def test_the_old_draft_stays_until_the_new_one_is_there(desk: Desk) -> None:
    """A program removes what it saved before when this has succeeded: when it has not, that must still be there."""
    first = await desk.append(SystemLabel.DRAFTS, letter("v1\n"))
    desk.office.world.faults.set([Fault("POST /mail/v4/messages", status=500)])
    with pytest.raises(AppendFailed):
        await desk.append(SystemLabel.DRAFTS, letter("v2\n"))
    assert [each.id for each in desk.office.drafts()] == [first.id]


async def test_a_lost_answer_makes_no_second_draft(desk: Desk) -> None:
    desk.office.world.faults.set([Fault("POST /mail/v4/messages", cut="after", count=1)])
    record = await desk.append(SystemLabel.DRAFTS, letter("once\n"))
    assert [each.id for each in desk.office.drafts()] == [record.id]


async def test_a_draft_of_a_disabled_address(desk: Desk) -> None:
    sending = desk.office.sending
    alias = sending.addresses[1]
    desk.office.sending = dataclasses.replace(
        sending, addresses=[sending.addresses[0], dataclasses.replace(alias, status=0), *sending.addresses[2:]]
    )
    mail = letter()
    mail.replace_header("From", alias.email)
    assert (await desk.append(SystemLabel.DRAFTS, mail)).address_id == sending.addresses[0].id
