"""Sending end to end at the demo service, which opens every package with its recipient's key and checks it."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import email
import email.policy
import os
from email.message import EmailMessage

import pytest

from bridge_gui.demo import contacts
from bridge_gui.demo.faults import Fault
from bridge_gui.demo.letters import Letter
from bridge_gui.demo.mailbox import SENT
from bridge_gui.demo.records import Person, Stored
from bridge_gui.demo.world import PublicKeys
from bridge_gui.openpgp import armor
from bridge_gui.openpgp import keys as openpgp_keys
from bridge_gui.openpgp.message import verify_detached
from bridge_gui.openpgp.signature import SignatureState
from bridge_gui.secret import Secret
from bridge_gui.send import pipeline
from bridge_gui.send.duplicates import Recorder
from bridge_gui.send.outcome import NotSent, Sent, Why
from bridge_gui.send.pipeline import Mail
from tests.send.post_office import ANNA, BO, CARLA, DIETER, ERIN, FRANK, Flag, PostOffice, letter

SEND = "POST /mail/v4/messages/[!i]*"
"""Sending a draft; `/mail/v4/messages` itself makes one, `.../import` imports."""
DRAFT = "POST /mail/v4/messages"
UPLOAD = "POST /mail/v4/attachments"
PNG = bytes.fromhex("89504e470d0a1a0a") + bytes(range(256))


def rich() -> EmailMessage:
    """Text and HTML with a picture in it, a file, a calendar entry and an embedded message."""
    made = letter("Grüße, plain\n", "Ünïcode ☂ subject")
    made.add_alternative('<p>Grüße, <b>rich</b> <img src="cid:pic@x"></p>', subtype="html")
    html = made.get_payload()[1]  # type: ignore[index]
    html.add_related(PNG, "image", "png", cid="<pic@x>", filename="pic.png", disposition="inline")  # type: ignore[union-attr]
    made.add_attachment(os.urandom(3000), maintype="application", subtype="pdf", filename="Übersicht – März.pdf")
    made.add_attachment("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", subtype="calendar", params={"method": "REQUEST"})
    made.add_attachment(letter("inner\n", "Embedded"))
    return made


async def test_internal(office: PostOffice) -> None:
    sent = await office.sent(letter("Hallo Bo\n", "Grüße"), BO)
    (arrived,) = office.folder("bo")
    assert (arrived.subject, arrived.body, arrived.mime_type) == ("Grüße", "Hallo Bo\r\n", "text/plain")
    assert arrived.signed
    assert sent.to == (BO,)
    assert sent.record.sender.name == "Anna Lindqvist"
    assert sent.record.external_id == "letter@client.example"
    assert not office.world.received.contains("Hallo Bo")
    assert office.drafts() == []


async def test_internal_with_everything(office: PostOffice) -> None:
    message = rich()
    await office.sent(message, BO)
    (arrived,) = office.folder("bo")
    assert arrived.subject == "Ünïcode ☂ subject"
    assert arrived.mime_type == "text/html"
    assert "<b>rich</b>" in arrived.body
    parts = {each[0]: each for each in arrived.attachments}
    assert set(parts) == {"pic.png", "Übersicht – März.pdf", "invite.ics", "message.eml"}
    assert parts["pic.png"][1:] == ("image/png", "inline", "pic@x", PNG)
    wanted = next(part for part in message.walk() if part.get_content_type() == "application/pdf")
    assert parts["Übersicht – März.pdf"][4] == wanted.get_content()
    assert "method=REQUEST" in parts["invite.ics"][1]
    assert parts["message.eml"][1] == "message/rfc822"
    assert b"Subject: Embedded" in parts["message.eml"][4]
    for secret in ("rich", "VCALENDAR", "Embedded", base64.b64encode(PNG[:30])):
        assert not office.world.received.contains(secret)
    certificate = office.sending.address_keys[office.sending.addresses[0].id][0].certificate
    content = arrived.record.content
    assert isinstance(content, Stored)
    for kept, (*_, data) in zip(content.attachments, arrived.attachments, strict=True):
        assert kept.signature is not None, "each file is signed by its sender"
        assert verify_detached(data, armor.dearmor(kept.signature), [certificate]) is SignatureState.VALID


@pytest.mark.parametrize("who", [DIETER, ERIN])
async def test_external_with_key_as_pgp_mime(office: PostOffice, who: str) -> None:
    message = rich()
    del message["To"]
    message["To"] = who
    message["Bcc"] = "hidden@outside.example"
    await office.sent(message, who)
    (arrived,) = office.outside(who)
    assert arrived.encrypted
    assert arrived.signed
    entity = email.message_from_bytes(arrived.body, policy=email.policy.default)
    assert [part.get_content_type() for part in entity.walk()] == [part.get_content_type() for part in message.walk()]
    for mine, theirs in zip(message.walk(), entity.walk(), strict=True):
        if not mine.is_multipart():
            assert _content(theirs) == _content(mine)
    assert b"hidden@outside.example" not in arrived.body
    assert not office.world.received.contains("rich")


def _content(part: EmailMessage | email.message.Message) -> object:
    content = part.get_content() if isinstance(part, EmailMessage) else None
    return content.replace("\r\n", "\n") if isinstance(content, str) else bytes(content or b"")


async def test_external_clear(office: PostOffice) -> None:
    message = letter("Hallo Carla\n", to=CARLA)
    message.add_attachment(b"file", maintype="application", subtype="pdf", filename="a.pdf")
    await office.sent(message, CARLA)
    (arrived,) = office.outside(CARLA)
    assert arrived.body == b"Hallo Carla\r\n"
    assert not arrived.encrypted
    assert arrived.attachments == (("a.pdf", "application/pdf", b"file"),)


async def test_external_signed_in_clear(office: PostOffice) -> None:
    office.world.account("anna").change_mail_settings(Sign=1, PGPScheme=16)
    await office.sent(letter("Hallo Carla\n", to=CARLA), CARLA)
    (arrived,) = office.outside(CARLA)
    assert arrived.signed
    assert arrived.mime_type == "multipart/mixed"
    assert arrived.body.startswith(b"Content-Type: text/plain")


async def test_inline_pgp(office: PostOffice) -> None:
    office.world.account("anna").change_mail_settings(PGPScheme=8)
    message = letter("plain\n", to=DIETER)
    message.add_alternative("<p>rich</p>", subtype="html")
    message.add_attachment(b"file", maintype="application", subtype="pdf", filename="a.pdf")
    await office.sent(message, DIETER)
    (arrived,) = office.outside(DIETER)
    assert (arrived.mime_type, arrived.body) == ("text/plain", b"plain\r\n")
    assert arrived.encrypted
    assert [each[2] for each in arrived.attachments] == [b"file"]


async def test_all_kinds_in_one_message(office: PostOffice) -> None:
    message = letter("plain\n", to=f"{BO}, {DIETER}", Cc=CARLA)
    message.add_alternative("<p>rich</p>", subtype="html")
    sent = await office.sent(message, BO, DIETER, CARLA, "rsa@bridge.example")
    assert (sent.to, sent.cc, sent.bcc) == ((BO, DIETER), (CARLA,), ("rsa@bridge.example",))
    assert office.folder("bo")[0].body == "<p>rich</p>\r\n"
    assert office.folder("rsa")[0].body == "<p>rich</p>\r\n"
    assert office.outside(CARLA)[0].body == b"<p>rich</p>\r\n"
    assert b"<p>rich</p>" in office.outside(DIETER)[0].body
    assert office.outside(DIETER)[0].encrypted


@pytest.mark.parametrize("kind", ["header", "envelope only"])
async def test_bcc_arrives_and_is_seen_by_nobody(office: PostOffice, kind: str) -> None:
    message = letter(to=DIETER, **({"Bcc": BO} if kind == "header" else {}))
    await office.sent(message, DIETER, BO)
    (arrived,) = office.folder("bo")
    assert arrived.to == (DIETER,)
    assert BO.encode() not in office.outside(DIETER)[0].body
    assert all(BO not in value for _, value in office.outside(DIETER)[0].header)


async def test_only_bcc(office: PostOffice) -> None:
    sent = await office.sent(letter(to=""), BO)
    assert (sent.to, sent.bcc) == ((), (BO,))
    assert len(office.folder("bo")) == 1


async def test_only_those_of_the_envelope_get_it(office: PostOffice) -> None:
    sent = await office.sent(letter(to=f"{BO}, {DIETER}", Cc=CARLA), BO)
    assert (sent.to, sent.cc) == ((BO,), ())
    assert office.outside(DIETER) == office.outside(CARLA) == []


async def test_addresses_of_other_case(office: PostOffice) -> None:
    sent = await office.sent(letter(to="Bo@Bridge.Example", Cc=BO), "BO@bridge.example", BO)
    assert len(sent.to) + len(sent.cc) + len(sent.bcc) == 1
    assert len(office.folder("bo")) == 1


async def test_own_tag_is_kept(office: PostOffice) -> None:
    message = letter()
    message.replace_header("From", "anna+shop@bridge.example")
    assert (await office.sent(message, BO)).sender == "anna+shop@bridge.example"


@pytest.mark.parametrize("author", ["bo@bridge.example", "someone@outside.example"])
async def test_a_foreign_from_is_refused(office: PostOffice, author: str) -> None:
    message = letter()
    message.replace_header("From", author)
    refused = await office.refused(message, BO)
    assert refused.why is Why.SENDER
    assert author in refused.text


async def test_a_disabled_address_is_refused(office: PostOffice) -> None:
    office.sending = dataclasses.replace(
        office.sending, addresses=[dataclasses.replace(each, status=0) for each in office.sending.addresses]
    )
    assert (await office.refused(letter(), BO)).why is Why.SENDER


async def test_an_alias_sends_with_its_own_key(office: PostOffice) -> None:
    alias = next(each for each in office.sending.addresses[1:] if each.enabled and each.send)
    message = letter("from the alias\n")
    message.replace_header("From", alias.email)
    sent = await office.sent(message, BO)
    assert sent.record.address_id == alias.id
    assert sent.body == "from the alias\r\n"  # opened with the alias's keys
    assert office.folder("bo")[0].signed


async def test_unreadable_addresses_are_refused(office: PostOffice) -> None:
    raw = b"From: anna@bridge.example\r\nTo: Bo <bo at bridge>\r\nSubject: x\r\n\r\nHi\r\n"
    assert (await office.refused(raw, BO)).why is Why.MALFORMED


async def test_public_key_attached(office: PostOffice) -> None:
    office.world.account("anna").change_mail_settings(AttachPublicKey=1)
    await office.sent(letter(to=f"{BO}, {DIETER}"), BO, DIETER)
    (file,) = office.folder("bo")[0].attachments
    fingerprint = office.sending.address_keys[office.sending.addresses[0].id][0].certificate.fingerprint
    assert file[:2] == (f"publickey - {ANNA} - 0x{fingerprint[:8]}.asc", "application/pgp-keys")
    assert openpgp_keys.Certificate.from_armor(file[4]).fingerprint == fingerprint
    entity = email.message_from_bytes(office.outside(DIETER)[0].body, policy=email.policy.default)
    assert [part.get_content_type() for part in entity.iter_parts()] == ["text/plain", "application/pgp-keys"]


async def test_attachments_too_large(office: PostOffice) -> None:
    office.sending = dataclasses.replace(office.sending, max_upload=10_000)
    message = letter()
    message.add_attachment(os.urandom(20_000), maintype="application", subtype="pdf", filename="a.pdf")
    assert (await office.refused(message, BO)).why is Why.TOO_BIG
    assert office.drafts() == []


# ------------------------------------------------------------------------------------------- replies and forwards


async def test_reply_to_a_received_message(office: PostOffice) -> None:
    first = await office.sent(letter(to=ANNA), ANNA)
    received = office.folder("anna")[-1]
    answer = letter("answer\n", In_Reply_To=f"<{received.id}@protonmail.internalid>")
    await office.sent(answer, BO)
    parent = office.world.account("anna").mailbox.messages[received.id]
    assert parent.is_replied
    assert first.id != received.id


@pytest.mark.parametrize("by", ["In-Reply-To", "References", "both"])
async def test_reply_by_message_id(office: PostOffice, by: str) -> None:
    original = await office.sent(letter(subject="Original"), BO)
    fields = {"In_Reply_To": "<letter@client.example>", "References": "<older@x>,<letter@client.example>"}
    if by == "In-Reply-To":
        del fields["References"]
    elif by == "References":
        del fields["In_Reply_To"]
    answer = letter("answer\n", "Re: Original", **fields)
    answer.replace_header("Message-ID", "<answer@client.example>")
    sent = await office.sent(answer, BO)
    assert sent.record.parent_id == original.id
    parent = office.world.account("anna").mailbox.messages[original.id]
    assert parent.is_replied or (parent.is_forwarded and by == "References")


async def test_of_several_parents_the_last(office: PostOffice) -> None:
    for subject in ("one", "two"):
        await office.sent(letter(to=ANNA, subject=subject), ANNA)
    one, two = (each.id for each in office.folder("anna"))
    named = " ".join(f"<{each}@protonmail.internalid>" for each in (one, two))
    assert (await office.sent(letter("answer\n", References=named), BO)).record.parent_id == two


async def test_of_several_received_candidates_none(office: PostOffice) -> None:
    """Two mails with one Message-ID, none of them sent from here: nobody knows which of them is meant."""
    for number in (1, 2):
        office.world.deliver(
            Letter(str(number), Person("", CARLA), (Person("", ANNA),), "x", 1_790_000_000, external_id="twice@x"), ANNA
        )
        answer = letter("answer\n", f"Re: {number}", In_Reply_To="<twice@x>")
        answer.replace_header("Message-ID", f"<answer-{number}@client.example>")
        assert bool((await office.sent(answer, BO)).record.parent_id) is (number == 1)


async def test_thunderbirds_forward_is_no_reply(office: PostOffice) -> None:
    original = await office.sent(letter(subject="Original"), BO)
    forward = letter(
        "see below\n", "Fwd: Original", In_Reply_To="<letter@client.example>",
        X_Forwarded_Message_Id="<letter@client.example>",
    )  # fmt: skip
    await office.sent(forward, BO)
    parent = office.world.account("anna").mailbox.messages[original.id]
    assert parent.is_forwarded
    assert not parent.is_replied


async def test_of_several_candidates_the_sent_one(office: PostOffice) -> None:
    original = await office.sent(letter(to=ANNA, subject="To myself"), ANNA)
    answer = letter("answer\n", "Re", In_Reply_To="<letter@client.example>")
    answer.replace_header("Message-ID", "<answer@client.example>")
    assert (await office.sent(answer, BO)).record.parent_id == original.id


async def test_a_draft_is_never_a_parent_and_goes_when_it_is_sent(office: PostOffice) -> None:
    office.world.faults.set([Fault(SEND, cut="before")])
    assert isinstance(await office.send(letter("draft\n"), BO), NotSent)
    office.world.faults.clear()
    (draft,) = office.drafts()
    final = letter("final\n", References=f"<{draft.id}@protonmail.internalid>")
    sent = await office.sent(final, BO)
    assert sent.record.parent_id == ""
    assert office.drafts() == []


async def test_the_draft_of_a_message_stays_until_that_is_sent(office: PostOffice) -> None:
    """Hard-won 26: it is all there is of the message when the sending fails."""
    office.world.faults.set([Fault(SEND, cut="before")])
    assert isinstance(await office.send(letter("draft\n"), BO), NotSent)
    (draft,) = office.drafts()
    office.world.faults.set([Fault(SEND, status=422, code=2001, error="no")])
    await office.refused(letter("final\n", References=f"<{draft.id}@protonmail.internalid>"), BO)
    assert [each.id for each in office.drafts()] == [draft.id]


async def test_a_draft_is_no_parent_by_its_message_id(office: PostOffice) -> None:
    office.world.faults.set([Fault(SEND, cut="before")])
    assert isinstance(await office.send(letter("draft\n"), BO), NotSent)
    office.world.faults.clear()
    assert len(office.drafts()) == 1
    answer = letter("answer\n", In_Reply_To="<letter@client.example>")
    answer.replace_header("Message-ID", "<answer@client.example>")
    assert (await office.sent(answer, BO)).record.parent_id == ""


async def test_a_failing_search_for_the_parent_is_no_reason(office: PostOffice) -> None:
    office.world.faults.set([Fault("POST /mail/v4/messages", status=422, code=2001, count=1)])
    await office.sent(letter(In_Reply_To="<unknown@x>"), BO)


# ------------------------------------------------------------------------------------------- contacts and keys


def vcard(email_address: str, *lines: str) -> str:
    return "\r\n".join(
        ["BEGIN:VCARD", "VERSION:4.0", "FN:Somebody", "UID:uid-1", f"ITEM1.EMAIL;PREF=1:{email_address}",
         *(f"ITEM1.{line}" for line in lines), "END:VCARD", ""]
    )  # fmt: skip


def add_contact(office: PostOffice, text: str, *, valid: bool = True) -> None:
    account = office.world.account("anna")
    card = contacts.signed_card(account, text, office.world.now())
    if not valid:
        card = dataclasses.replace(card, data=card.data.replace("Somebody", "Somebody else"))
    contacts.add(office.world, account, [card], check=False)


def key_line(certificate: openpgp_keys.Certificate) -> str:
    return "KEY;PREF=1:data:application/pgp-keys;base64," + base64.b64encode(certificate.raw).decode()


def certificate_of(office: PostOffice, who: str) -> openpgp_keys.Certificate:
    held = office.world.outsiders[who].key
    assert held is not None
    return held.certificate


def fresh_key(name: str = "Somebody", address: str = DIETER) -> openpgp_keys.Certificate:
    armored = openpgp_keys.generate(name, address, Secret(b"x"))
    return openpgp_keys.Certificate.from_armor(openpgp_keys.public_armor(armored))


async def test_pinned_key_of_a_contact(office: PostOffice) -> None:
    add_contact(office, vcard(FRANK, key_line(certificate_of(office, FRANK)), "X-PM-ENCRYPT:true"))
    await office.sent(letter("secret\n", to=FRANK), FRANK)
    (arrived,) = office.outside(FRANK)
    assert arrived.encrypted
    assert b"secret" in arrived.body
    assert not office.world.received.contains("secret")


async def test_of_several_contacts_the_one_that_pins_keys(office: PostOffice) -> None:
    """Whoever has pinned a key is not written to in clear because another contact has the address too."""
    add_contact(office, vcard(FRANK, "X-PM-SIGN:false"))
    pinned = vcard(FRANK, key_line(certificate_of(office, FRANK)), "X-PM-ENCRYPT:true").replace("uid-1", "uid-2")
    add_contact(office, pinned)
    await office.sent(letter("secret\n", to=FRANK), FRANK)
    assert office.outside(FRANK)[0].encrypted


@pytest.mark.parametrize(("contact", "written"), [(FRANK.title(), FRANK), (FRANK, FRANK.title())])
async def test_a_contact_is_found_whatever_the_case_of_its_address(
    office: PostOffice, contact: str, written: str
) -> None:
    add_contact(office, vcard(contact, key_line(certificate_of(office, FRANK)), "X-PM-ENCRYPT:true"))
    await office.sent(letter("secret\n", to=written), written)
    assert [each.encrypted for each in office.world.outside] == [True]


async def test_contact_switches_found_keys_off(office: PostOffice) -> None:
    add_contact(office, vcard(DIETER, "X-PM-ENCRYPT-UNTRUSTED:false"))
    await office.sent(letter("open\n", to=DIETER), DIETER)
    assert office.outside(DIETER)[0].package_type == 4


async def test_contact_asks_for_encryption_without_a_key(office: PostOffice) -> None:
    add_contact(office, vcard(CARLA, "X-PM-ENCRYPT:true"))
    refused = await office.refused(letter(to=CARLA), CARLA)
    assert refused.why is Why.RECIPIENT
    assert CARLA in refused.text
    assert office.outside(CARLA) == office.drafts() == []


async def test_a_forged_card_is_refused(office: PostOffice) -> None:
    add_contact(office, vcard(CARLA, "X-PM-SIGN:true"), valid=False)
    assert (await office.refused(letter(to=CARLA), CARLA)).why is Why.RECIPIENT
    assert office.outside(CARLA) == []


@pytest.mark.parametrize("who", [DIETER, BO])
async def test_a_service_that_swaps_a_pinned_key(office: PostOffice, who: str) -> None:
    true_key = certificate_of(office, who) if who == DIETER else office.world.account("bo").kit.user_keys[0].certificate
    add_contact(office, vcard(who, key_line(true_key), "X-PM-ENCRYPT:true"))
    office.world.options.public_keys[who] = PublicKeys(who == BO, ((3, fresh_key(address=who).armored()),))
    refused = await office.refused(letter("secret\n", to=who), who)
    assert refused.why is Why.RECIPIENT
    assert "not one of those trusted" in refused.text
    assert office.world.outside == []
    assert not office.world.received.contains("secret")


async def test_a_service_that_hides_a_pinned_key(office: PostOffice) -> None:
    """Keys taken away by the service must not turn encrypted mail into clear mail."""
    add_contact(office, vcard(DIETER, key_line(certificate_of(office, DIETER)), "X-PM-ENCRYPT:true"))
    office.world.options.public_keys[DIETER] = PublicKeys(False, ())
    await office.sent(letter("secret\n", to=DIETER), DIETER)
    assert office.outside(DIETER)[0].encrypted


@pytest.mark.parametrize(
    ("internal", "flags", "key"),
    [
        (True, 3, "none"),
        (True, 0, "good"),
        (True, 7, "good"),
        (True, 3, "broken"),
        (False, 3, "broken"),
        (False, 4, "good"),
    ],
)
async def test_keys_that_may_not_be_used(office: PostOffice, internal: bool, flags: int, key: str) -> None:
    texts = {"good": fresh_key().armored(), "broken": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n=AAAA\n"}
    answer = PublicKeys(internal, () if key == "none" else ((flags, texts[key]),))
    office.world.options.public_keys[DIETER] = answer
    refused = await office.refused(letter("secret\n", to=DIETER), DIETER)
    assert refused.why is Why.RECIPIENT
    assert office.world.outside == []
    assert not office.world.received.contains("secret")


@pytest.mark.parametrize(("code", "sent"), [(33102, False), (33103, True), (33104, False)])
async def test_refused_key_look_ups(office: PostOffice, code: int, sent: bool) -> None:
    office.world.faults.set([Fault("GET /core/v4/keys", status=422, code=code, error="No such address")])
    outcome = await office.send(letter(to=CARLA), CARLA)
    assert isinstance(outcome, Sent) == sent
    if isinstance(outcome, NotSent):
        assert outcome.why is Why.RECIPIENT
        assert "No such address" in outcome.text


@pytest.mark.parametrize("path", ["GET /core/v4/keys", "GET /contacts/v4/emails", "GET /mail/v4/settings"])
@pytest.mark.parametrize("fault", [Fault(status=500), Fault(cut="before"), Fault(status=200, body="<html>")])
async def test_without_an_answer_about_keys_nothing_goes(office: PostOffice, path: str, fault: Fault) -> None:
    office.world.faults.set([dataclasses.replace(fault, match=path)])
    refused = await office.refused(letter("secret\n", to=CARLA), CARLA)
    assert refused.why in (Why.BUSY, Why.OFFLINE)
    assert office.world.outside == office.drafts() == []


# ------------------------------------------------------------------------------------------- once, and not lost


async def test_the_same_message_again_is_not_sent_again(office: PostOffice) -> None:
    first = await office.send(letter(), BO)
    again = letter()
    again.replace_header("Message-ID", "<other@client.example>")
    again.replace_header("Date", "Mon, 23 Nov 2026 09:05:00 +0000")
    second = await office.send(again, BO)
    assert isinstance(first, Sent)
    assert second == Sent(first.message_id, again=True)
    assert len(office.folder("bo")) == 1


async def test_the_same_message_to_other_people_is_sent(office: PostOffice) -> None:
    await office.sent(letter(), BO)
    await office.sent(letter(), "rsa@bridge.example")
    assert len(office.folder("bo")) == len(office.folder("rsa")) == 1


async def test_the_same_message_twice_at_once(office: PostOffice) -> None:
    outcomes = await asyncio.gather(*(office.send(letter(), BO) for _ in range(4)))
    assert sorted(isinstance(each, Sent) and each.again for each in outcomes) == [False, True, True, True]
    assert len(office.folder("bo")) == 1


async def test_two_messages_at_once(office: PostOffice) -> None:
    await asyncio.gather(office.sent(letter("one\n"), BO), office.sent(letter("two\n"), BO))
    assert sorted(each.body for each in office.folder("bo")) == ["one\r\n", "two\r\n"]


async def test_an_answer_lost_after_sending(office: PostOffice) -> None:
    """The service has sent the message and the answer is cut, each time: its state tells, and nothing is doubled."""
    office.world.faults.set([Fault(SEND, cut="after")])
    assert isinstance(await office.send(letter(), BO), Sent)
    assert len(office.folder("bo")) == len(office.folder("anna", SENT)) == 1


async def test_a_crash_after_sending(office: PostOffice) -> None:
    """Nobody could ask any more what became of the message; the next run asks before it does anything."""
    office.world.faults.set([Fault(SEND, cut="after"), Fault("POST /mail/v4/messages", cut="before", skip=1)])
    outcome = await office.send(letter(), BO)
    assert isinstance(outcome, NotSent)
    assert outcome.why.passes
    office.world.faults.clear()
    office.recorder = Recorder(office.values)  # another process
    assert (await office.send(letter(), BO)) == Sent(office.folder("anna", SENT)[0].id, again=True)
    assert len(office.folder("bo")) == 1


async def test_a_cut_before_sending(office: PostOffice) -> None:
    """The complete draft lies there unsent: that same draft goes out with the next try."""
    message = letter()
    message.add_attachment(b"file", maintype="application", subtype="pdf", filename="a.pdf")
    office.world.faults.set([Fault(SEND, cut="before")])
    outcome = await office.send(message, BO)
    assert isinstance(outcome, NotSent)
    assert outcome.why is Why.OFFLINE
    (draft,) = office.drafts()
    office.world.faults.clear()
    office.recorder = Recorder(office.values)
    sent = await office.sent(message, BO)
    assert sent.id == draft.id
    assert office.folder("bo")[0].attachments[0][4] == b"file"
    assert office.drafts() == []


@pytest.mark.parametrize("fault", [Fault(UPLOAD, status=422, code=2001, error="no"), Fault(UPLOAD, cut="before")])
async def test_a_failing_upload_leaves_no_draft(office: PostOffice, fault: Fault) -> None:
    message = letter()
    message.add_attachment(b"file", maintype="application", subtype="pdf", filename="a.pdf")
    office.world.faults.set([fault])
    assert isinstance(await office.send(message, BO), NotSent)
    assert office.drafts() == []
    office.world.faults.clear()
    await office.sent(message, BO)
    assert len(office.folder("bo")) == 1


async def test_a_refusal_by_the_service(office: PostOffice) -> None:
    office.world.faults.set([Fault(SEND, status=422, code=2001, error="Message is too funny")])
    refused = await office.refused(letter(), BO)
    assert refused.why is Why.SERVICE
    assert "Message is too funny" in refused.text
    assert office.drafts() == []


async def test_a_refusal_of_which_nobody_knows_whether_it_is_one(office: PostOffice) -> None:
    """Sending one draft twice is refused by the service too: without its state a refusal says nothing."""
    office.world.faults.set(
        [Fault(SEND, status=422, code=2001, error="no"), Fault("POST /mail/v4/messages", cut="before", skip=1)]
    )
    outcome = await office.refused(letter(), BO)
    assert outcome.why is Why.PENDING
    assert outcome.why.passes
    office.world.faults.clear()
    await office.sent(letter(), BO)
    assert len(office.folder("bo")) == 1
    assert office.drafts() == []


async def test_a_crash_while_files_go_up_leaves_no_draft_behind(office: PostOffice) -> None:
    """The next try begins anew and throws away what was begun."""
    message = letter()
    message.add_attachment(b"file", maintype="application", subtype="pdf", filename="a.pdf")
    rule = office.world.faults.add(Fault(UPLOAD, delay=30))
    task = asyncio.ensure_future(office.send(message, BO))
    async with asyncio.timeout(20):
        while not rule.hits:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (begun,) = office.drafts()
    office.world.faults.clear()
    office.recorder = Recorder(office.values)  # another process
    assert (await office.sent(message, BO)).id != begun.id
    assert office.drafts() == []


async def test_cancelling_in_the_middle(office: PostOffice) -> None:
    """A closing core cancels; whatever was begun is found by the next one."""
    office.world.faults.set([Fault(SEND, delay=30)])
    task = asyncio.ensure_future(office.send(letter(), BO))
    async with asyncio.timeout(10):
        while not any("sending" in value for value in office.values.values.values()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    office.world.faults.clear()
    office.recorder = Recorder(office.values)
    await office.sent(letter(), BO)
    assert len(office.folder("bo")) == 1
    assert office.drafts() == []


async def test_signed_out(office: PostOffice) -> None:
    office.world.faults.set([Fault("GET /mail/v4/settings", status=401), Fault("POST /auth/v4/refresh", status=422)])
    assert (await office.refused(letter(), BO)).why is Why.SIGNED_OUT


@pytest.mark.parametrize("by", ["Message-ID", "its own id"])
async def test_split_mode_looks_at_its_address_only(office: PostOffice, by: str) -> None:
    original = await office.sent(letter(subject="Original"), BO)
    alias = office.sending.addresses[1]
    fields = {"Message-ID": {"In_Reply_To": "<letter@client.example>"}, "its own id": {
        "References": f"<{original.id}@protonmail.internalid>"}}[by]  # fmt: skip
    raw = letter("answer\n", **fields)
    raw.replace_header("Message-ID", "<a@x>")
    data = raw.as_bytes(policy=raw.policy.clone(linesep="\r\n"))
    outcome = await pipeline.send(
        office.sending, office.recorder, Mail(ANNA, (BO,), data), address_id=alias.id
    )  # fmt: skip
    assert isinstance(outcome, Sent)
    sent = office.folder("anna", SENT)[-1]
    assert sent.record.parent_id == ""
    assert original.id != sent.id
    assert sent.flags & Flag.SENT
