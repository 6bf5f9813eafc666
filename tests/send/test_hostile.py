"""Keys that must not be used, a service that lies about people, and mails that try to be more than one: refused or
cleaned, with the whole way from the socket to the service, and never sent in clear instead."""

from __future__ import annotations

import asyncio
import base64
import json
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from bridge_gui.demo import contacts, drafts
from bridge_gui.demo.keyring import HeldKey
from bridge_gui.demo.mailbox import SENT
from bridge_gui.demo.records import Card, Person
from bridge_gui.demo.world import PublicKeys
from bridge_gui.openpgp import armor, message, packets, signature
from bridge_gui.openpgp.signature import SignatureType
from bridge_gui.send.outcome import Why
from tests.openpgp.forge import SIGN, Forge, encryption_key, expires, reason, signing_key
from tests.send.counter import Counter, hand_in
from tests.send.post_office import ANNA, BO, CARLA, DIETER, FRANK, PostOffice, letter
from tests.send.test_pipeline import add_contact, certificate_of, fresh_key, key_line, vcard

DAY = 86_400
SECRET = "nobody else may read this"

# ------------------------------------------------------------------------------------------- keys that are none


def _forged_subkey(now: int) -> Forge:
    """A service puts its own subkey into somebody's key: it cannot sign for that."""
    made = now - 30 * DAY
    return Forge(made).user().subkey(encryption_key(made), by=signing_key(made))


def _unbound_subkey(now: int) -> Forge:
    made = now - 30 * DAY
    return Forge(made).user().subkey(encryption_key(made), bound=False)


def _only_signs(now: int) -> Forge:
    made = now - 30 * DAY
    return Forge(made).user().subkey(signing_key(made), SIGN)


def _expired(now: int) -> Forge:
    made = now - 30 * DAY
    return Forge(made).user(extra=signature.subpacket(27, b"\x03") + expires(10 * DAY)).subkey(encryption_key(made))


def _expired_subkey(now: int) -> Forge:
    made = now - 30 * DAY
    return Forge(made).user().subkey(encryption_key(made), extra=expires(10 * DAY))


def _revoked(now: int) -> Forge:
    made = now - 30 * DAY
    return (
        Forge(made).sign(SignatureType.KEY_REVOCATION, now - DAY, extra=reason(2)).user().subkey(encryption_key(made))
    )


def _retired(now: int) -> Forge:
    """Revoked because it is not used any more."""
    made = now - 30 * DAY
    return (
        Forge(made).sign(SignatureType.KEY_REVOCATION, now - DAY, extra=reason(3)).user().subkey(encryption_key(made))
    )


def _revoked_subkey(now: int) -> Forge:
    made = now - 30 * DAY
    key = encryption_key(made)
    forge = Forge(made).user().subkey(key)
    return forge.sign(SignatureType.SUBKEY_REVOCATION, now - DAY, signature.key_part(key.public), extra=reason(2))


def _from_the_future(now: int) -> Forge:
    made = now + 30 * DAY
    return Forge(made).user().subkey(encryption_key(made))


def _older_signature_than_key(now: int) -> Forge:
    """Its signatures are from the past, and the key itself from the future."""
    made = now + 30 * DAY
    return Forge(made).user(at=now - DAY).subkey(encryption_key(made), at=now - DAY)


def _for_something_else(now: int) -> Forge:
    """Its algorithm could encrypt, and its owner says that it is for signing in at servers."""
    made = now - 30 * DAY
    return Forge(made).user().subkey(encryption_key(made), 0x20)


BAD_KEYS: list[Callable[[int], Forge]] = [
    _forged_subkey, _unbound_subkey, _only_signs, _expired, _expired_subkey, _revoked, _retired, _revoked_subkey,
    _from_the_future, _older_signature_than_key, _for_something_else,
]  # fmt: skip


@pytest.mark.parametrize("source", ["internal", "found", "pinned"])
@pytest.mark.parametrize("make", BAD_KEYS, ids=lambda make: make.__name__[1:])
async def test_a_key_that_must_not_be_used(office: PostOffice, make: Callable[[int], Forge], source: str) -> None:
    certificate = make(office.world.now()).certificate()
    who = {"internal": BO, "found": DIETER, "pinned": FRANK}[source]
    if source == "pinned":
        add_contact(office, vcard(who, key_line(certificate), "X-PM-ENCRYPT:true"))
    else:
        office.world.options.public_keys[who] = PublicKeys(source == "internal", ((3, certificate.armored()),))
    refused = await office.refused(letter(SECRET, to=who), who)
    assert refused.why is Why.RECIPIENT
    assert who in refused.text
    _nothing_went(office)


def _nothing_went(office: PostOffice) -> None:
    assert office.world.outside == office.drafts() == office.folder("bo") == office.folder("anna", SENT) == []
    assert not office.world.received.contains(SECRET)
    assert not any(path.startswith("POST /mail/v4/messages/") for path in office.world.received.paths())


@pytest.mark.parametrize("make", [_forged_subkey, _expired_subkey, _revoked_subkey], ids=lambda make: make.__name__[1:])
async def test_of_several_subkeys_the_good_one_is_taken(office: PostOffice, make: Callable[[int], Forge]) -> None:
    """The bad one is newer and stands first in many a library."""
    forge = make(office.world.now())
    bad = {key.public.key_id for key in forge.private[1:]}
    good = encryption_key(forge.created)
    forge.subkey(good)
    held = HeldKey("", "")
    held.__dict__["unlocked"] = forge.unlocked()
    office.world.outsiders[DIETER].__dict__["key"] = held
    office.world.options.public_keys[DIETER] = PublicKeys(False, ((3, forge.certificate().armored()),))
    await office.sent(letter(SECRET, to=DIETER), DIETER)
    (arrived,) = office.outside(DIETER)
    key_packets, _ = message.split(arrived.sealed)
    named = {bytes(packet.body[1:9]).hex().upper() for packet in packets.read(key_packets)}
    assert named == {good.public.key_id}
    assert not named & bad


# ------------------------------------------------------------------------------------------- a service that lies


@pytest.mark.parametrize("attack", ["another signature", "unsigned", "by a stranger", "signed as another"])
async def test_cards_with_bad_signatures(office: PostOffice, attack: str) -> None:
    """The card would switch encryption off."""
    account = office.world.account("anna")
    text = vcard(DIETER, "X-PM-ENCRYPT-UNTRUSTED:false", "X-PM-SIGN:false")
    good = contacts.signed_card(account, text, office.world.now())
    other = contacts.signed_card(account, vcard(CARLA), office.world.now())
    stranger = office.world.outsiders[FRANK].key
    assert stranger is not None
    strange = message.sign_detached(text.encode(), stranger.unlocked, at=office.world.now())
    card = {
        "another signature": replace(good, signature=other.signature),
        "unsigned": replace(good, signature=""),
        "by a stranger": replace(good, signature=armor.armor(armor.SIGNATURE, strange)),
        "signed as another": replace(good, data=good.data.replace(DIETER, DIETER + "\r\nITEM2.EMAIL:x@y.example")),
    }[attack]
    contacts.add(office.world, account, [card], check=False)
    refused = await office.refused(letter(SECRET, to=DIETER), DIETER)
    assert refused.why is Why.RECIPIENT
    assert "contact" in refused.text
    _nothing_went(office)


async def test_a_clear_card_cannot_switch_encryption_off(office: PostOffice) -> None:
    card = Card(0, vcard(DIETER, "X-PM-ENCRYPT-UNTRUSTED:false"))
    contacts.add(office.world, office.world.account("anna"), [card], check=False)
    await office.sent(letter(SECRET, to=DIETER), DIETER)
    assert office.outside(DIETER)[0].encrypted


@pytest.mark.parametrize("also_hidden", [False, True])
async def test_an_internal_recipient_turned_external(office: PostOffice, also_hidden: bool) -> None:
    """Whoever was pinned is not written to in clear because the service says that he is somebody outside."""
    true_key = office.world.account("bo").kit.address_keys[BO][0].certificate
    add_contact(office, vcard(BO, key_line(true_key), "X-PM-ENCRYPT:true"))
    keys = () if also_hidden else ((3, fresh_key(address=BO).armored()),)
    office.world.options.public_keys[BO] = PublicKeys(False, keys)
    await office.refused(letter(SECRET), BO)
    assert office.world.outside == []
    assert not office.world.received.contains(SECRET)


async def test_keys_that_vanish_leave_the_pinned_one(office: PostOffice) -> None:
    """The contact trusts a key and asks for encryption to keys found; the service finds none any more."""
    add_contact(office, vcard(DIETER, key_line(certificate_of(office, DIETER)), "X-PM-ENCRYPT-UNTRUSTED:true"))
    office.world.options.public_keys[DIETER] = PublicKeys(False, ())
    await office.sent(letter(SECRET, to=DIETER), DIETER)
    assert office.outside(DIETER)[0].encrypted
    assert not office.world.received.contains(SECRET)


async def test_one_bad_recipient_stops_all(office: PostOffice) -> None:
    add_contact(office, vcard(DIETER, key_line(fresh_key()), "X-PM-ENCRYPT:true"))
    refused = await office.refused(letter(SECRET, to=f"{BO}, {DIETER}", Cc=CARLA), BO, DIETER, CARLA)
    assert DIETER in refused.text
    _nothing_went(office)


async def test_a_service_that_adds_a_recipient(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """The draft's own list decides who gets a package: it has to be the one that was asked for."""
    honest = drafts.create

    def create(world, account, data):  # type: ignore[no-untyped-def]
        draft = honest(world, account, data)
        added = replace(draft, bcc=(*draft.bcc, Person("", CARLA)))
        account.mailbox.put(added, 2)
        return added

    monkeypatch.setattr(drafts, "create", create)
    refused = await office.refused(letter(SECRET), BO)
    assert "other recipients" in refused.text
    assert office.world.outside == office.folder("bo") == office.drafts() == []


# ------------------------------------------------------------------------------------------- mails that are two


def _drafted(counter: Counter) -> dict[str, object]:
    """The last draft as the service was asked for it."""
    bodies = [
        each.body for each in counter.office.world.received if (each.method, each.path) == ("POST", "/mail/v4/messages")
    ]
    drafts = [json.loads(body) for body in bodies]
    found: dict[str, object] = [each["Message"] for each in drafts if "Message" in each][-1]
    return found


def _word(text: str) -> str:
    return "=?utf-8?b?" + base64.b64encode(text.encode()).decode() + "?="


async def test_header_injection_by_encoded_words(counter: Counter, port: int, tls: tuple[ssl.SSLContext, Path]) -> None:
    """Line ends and NUL hide in encoded words and in RFC 2231 names; they come out as blanks."""
    evil = "Bo\r\nBcc: victim@outside.example\r\n\0\x1b"
    raw = (
        f"From: {_word(evil)} <{ANNA}>\r\nTo: {_word(evil)} <{BO}>\r\nSubject: {_word(evil)}\r\n"
        f"Message-ID: <x@y>\r\nIn-Reply-To: {_word('<a' + evil + '@x>')}\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        "--b\r\n\r\ntext\r\n--b\r\n"
        "Content-Type: application/pdf; name*=utf-8''a%0D%0ABcc%3A%20victim%40outside.example%00.pdf\r\n"
        f"Content-Disposition: inline\r\nContent-ID: {_word('<c' + evil + '>')}\r\n\r\nfile\r\n--b--\r\n"
    ).encode()
    await hand_in(port, tls[1], raw, [BO])
    draft = _drafted(counter)
    shown = json.dumps(draft, ensure_ascii=False)
    assert not any(mark in shown for mark in ("\\r\\nBcc", "\\nBcc", "\\u0000", "\\u001b"))
    assert draft["BCCList"] == []
    (arrived,) = counter.office.folder("bo")
    name, kind, _, content_id, _ = arrived.attachments[0]
    assert not any(ord(each) < 32 for each in name + kind + content_id + arrived.subject)
    assert counter.office.world.outside == []
    assert not any(name.lower() == "bcc" for name, _ in arrived.record.content.header)  # type: ignore[union-attr]


async def test_an_address_cannot_bring_another(counter: Counter, port: int, tls: tuple[ssl.SSLContext, Path]) -> None:
    """What stands in To and Cc gets nothing unless the envelope names it."""
    raw = (
        f'From: {ANNA}\r\nTo: "{BO}, {CARLA}" <{BO}>, {_word(f"x>, <{CARLA}")} <{BO}>, =?utf-8?q?{CARLA}?=\r\n'
        f"Cc: group: {CARLA}, {DIETER};\r\nSubject: x\r\n\r\ntext\r\n"
    ).encode()
    await hand_in(port, tls[1], raw, [BO])
    assert counter.office.world.outside == []
    assert len(counter.office.folder("bo")) == 1


@pytest.mark.parametrize("mark", [b"\n.\r\n", b"\r\n.\n", b"\n.\n", b"\r.\r", b"\r\n.\r"])
async def test_smuggling(counter: Counter, port: int, tls: tuple[ssl.SSLContext, Path], mark: bytes) -> None:
    hidden = b"MAIL FROM:<" + ANNA.encode() + b">\r\nRCPT TO:<" + CARLA.encode() + b">\r\nDATA\r\nSubject: 2\r\n\r\ntwo"
    raw = letter().as_bytes(policy=EmailMessage().policy.clone(linesep="\r\n")) + b"one" + mark + hidden

    def talk() -> list[int]:
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
            client.starttls(context=ssl.create_default_context(cafile=str(tls[1])))
            client.login(ANNA, "app-password")
            client.mail(ANNA)
            client.rcpt(BO)
            client.putcmd("data")
            codes = [client.getreply()[0]]
            client.send(raw + b"\r\n.\r\n")
            codes.append(client.getreply()[0])
            codes.append(client.noop()[0])
            return codes

    assert await asyncio.to_thread(talk) == [354, 550, 250]
    assert counter.office.folder("bo") == counter.office.world.outside == counter.office.drafts() == []


async def test_nul_in_a_text_is_content(counter: Counter, port: int, tls: tuple[ssl.SSLContext, Path]) -> None:
    raw = f"From: {ANNA}\r\nTo: {BO}, {DIETER}\r\nSubject: a\0b\r\n\r\none\0two\r\n".encode()
    await hand_in(port, tls[1], raw, [BO, DIETER])
    assert counter.office.folder("bo")[0].body == "one\0two\r\n"
    assert "\0" not in counter.office.folder("bo")[0].subject
    assert b"\0" not in counter.office.outside(DIETER)[0].body
