"""Behaviours that others learned the hard way and no other file tests (API document 12 and 14); docs/acceptance.md
lists where each of them is shown."""

from __future__ import annotations

import asyncio
import base64
import dataclasses

import pytest

from bridge_gui.demo import drafts
from bridge_gui.demo.mailbox import SENT
from bridge_gui.demo.world import PublicKeys
from bridge_gui.openpgp import armor, message
from bridge_gui.openpgp.packets import read
from bridge_gui.send.outcome import Sent, Why
from tests.send.post_office import ANNA, BO, CARLA, DIETER, PostOffice, letter
from tests.send.test_pipeline import fresh_key


async def test_36_from_counts_before_the_envelope(office: PostOffice) -> None:
    alias = next(each.email for each in office.sending.addresses[1:] if each.enabled and each.send)
    mail = letter()
    mail.replace_header("From", f"Alias <{alias}>")
    assert (await office.sent(mail, BO, sender=ANNA)).sender == alias
    unnamed = letter("no From\n")
    del unnamed["From"]
    assert (await office.sent(unnamed, BO, sender=alias.upper())).sender == alias


async def test_36_an_external_address_that_cannot_send_counts_as_disabled(office: PostOffice) -> None:
    first, *others = office.sending.addresses
    office.sending = dataclasses.replace(
        office.sending, addresses=[dataclasses.replace(first, type=5, send=False), *others]
    )
    assert (await office.refused(letter(), BO)).why is Why.SENDER


async def test_37_only_the_first_key_encrypts(office: PostOffice) -> None:
    account = office.world.account("anna")
    office.world.renew_key(account, account.primary)
    keys = [held.unlocked for held in account.keys_of(account.primary)]
    assert len(keys) == 2
    ids = {id_: office.sending.address_keys[id_] for id_ in office.sending.address_keys}
    ids[office.sending.addresses[0].id] = keys
    office.sending = dataclasses.replace(office.sending, address_keys=ids)
    sent = await office.sent(letter(), BO)
    content = sent.record.content
    assert isinstance(content, drafts.Stored)
    key_packets, _ = message.split(armor.dearmor(content.body))
    assert len(list(read(key_packets))) == 1
    assert message.decrypt(armor.dearmor(content.body), keys[:1]).data == b"Dear friend,\r\n"


async def test_39_nobody_of_to_and_cc_is_lost_and_the_rest_gets_blind_copies(office: PostOffice) -> None:
    sent = await office.sent(letter(to=f"Bo <{BO}>", Cc=f"Carla <{CARLA}>"), DIETER, CARLA, BO)
    assert (sent.to, sent.cc, sent.bcc) == ((BO,), (CARLA,), (DIETER,))


@pytest.mark.parametrize(
    "header",
    [
        "Content-Transfer-Encoding: =?us-ascii?Q?quoted-printable?=\r\nContent-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain; charset=utf-8; charset=latin1",
        "Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain charset=utf-8",
        "Content-Transfer-Encoding:quoted-printable\r\nContent-Type:\ttext/plain; charset=utf-8;",
    ],
    ids=["encoded word", "charset twice", "no semicolon", "no space"],
)
async def test_43_odd_headers_of_a_text(office: PostOffice, header: str) -> None:
    raw = f"From: {ANNA}\r\nTo: {BO}\r\nSubject: odd\r\n{header}\r\n\r\nGr=C3=BC=C3=9Fe\r\n".encode()
    await office.sent(raw, BO)
    assert office.folder("bo")[0].body == "Grüße\r\n"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Content-Type: application/pdf", "attachment.pdf"),
        ("Content-Type: application/x-unheard-of", "attachment.bin"),
        ("Content-Type: application/pdf; name=un quoted.pdf", "un quoted.pdf"),
        ("Content-Type: application/pdf; name*0*=utf-8''%C3%9Cber; name*1=sicht.pdf", "Übersicht.pdf"),
        ("Content-Type: application/pdf; name*=iso-8859-1''%DCbersicht.pdf", "Übersicht.pdf"),
    ],
)
async def test_41_names_of_files(office: PostOffice, header: str, name: str) -> None:
    raw = (
        f"From: {ANNA}\r\nTo: {BO}\r\nSubject: files\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"'
        f"\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n{header}\r\nContent-Disposition: attachment\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{base64.b64encode(b'file').decode()}\r\n--b--\r\n"
    ).encode()
    await office.sent(raw, BO)
    ((shown, _, _, _, data),) = office.folder("bo")[0].attachments
    assert (shown, data) == (name, b"file")


async def test_44_keys_found_are_encrypted_to_and_signed_without_being_asked(office: PostOffice) -> None:
    await office.sent(letter("secret\n", to=DIETER), DIETER)
    (arrived,) = office.outside(DIETER)
    assert (arrived.encrypted, arrived.signed) == (True, True)


async def test_46_session_keys_come_from_what_the_service_has(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer with other key packets is noticed: nobody could open the file."""
    honest = drafts.upload

    def upload(world, account, parts):  # type: ignore[no-untyped-def]
        made = honest(world, account, parts)
        foreign = message.split(message.encrypt(b"x", [fresh_key()], at=world.now()))[0]
        return dataclasses.replace(made, key_packets=foreign)

    monkeypatch.setattr(drafts, "upload", upload)
    mail = letter()
    mail.add_attachment(b"file", maintype="application", subtype="pdf", filename="a.pdf")
    assert (await office.refused(mail, BO)).why is Why.KEYS
    assert office.folder("bo") == office.drafts() == []


async def test_two_different_messages_at_the_same_time(office: PostOffice) -> None:
    outcomes = await asyncio.gather(*(office.send(letter(f"mail {n}\n", f"Mail {n}"), BO) for n in range(8)))
    assert all(isinstance(each, Sent) and not each.again for each in outcomes)
    assert sorted(each.body for each in office.folder("bo")) == [f"mail {n}\r\n" for n in range(8)]


async def test_the_same_message_twice_at_the_same_time(office: PostOffice) -> None:
    outcomes = await asyncio.gather(*(office.send(letter(), BO) for _ in range(4)))
    assert sorted(each.again for each in outcomes if isinstance(each, Sent)) == [False, True, True, True]
    assert len(office.folder("bo")) == len(office.folder("anna", SENT)) == 1


async def test_a_key_without_e_mail_encryption_is_refused(office: PostOffice) -> None:
    """Flag 4 of a key (API document 3.3)."""
    office.world.options.public_keys[BO] = PublicKeys(True, ((3 | 4, fresh_key(address=BO).armored()),))
    assert (await office.refused(letter(), BO)).why is Why.RECIPIENT
