"""Sending: what arrives, for whom, and every way in which a package is refused."""

from __future__ import annotations

import base64
import copy
import time
from typing import Any

import pytest

from bridge_gui.demo.server import DemoServer
from bridge_gui.openpgp import armor, keys, message, session
from bridge_gui.secret import Secret
from tests.demo.client import Client, b64

NOW = int(time.time())
BO, CARLA, DIETER, ERIN = "bo@bridge.example", "carla@outside.example", "dieter@wkd.example", "erin@wkd.example"


def person(email: str) -> dict[str, str]:
    return {"Name": "", "Address": email}


def key_json(key: session.SessionKey) -> dict[str, str]:
    return {"Key": b64(key.key.reveal()), "Algorithm": key.algorithm}


class Parcel:
    """Builds the packages of one draft."""

    def __init__(self, client: Client, draft: dict[str, Any]) -> None:
        self.client = client
        self.draft = draft
        self.packages: list[dict[str, Any]] = []

    def package(self, mime_type: str, body: str, *, signed: bool = True) -> session.SessionKey:
        key = session.new_session_key()
        data = message.encrypt_data(body.encode(), key, sign=self.client.primary if signed else None, at=NOW)
        self.packages.append({"MIMEType": mime_type, "Type": 0, "Body": b64(data), "Addresses": {}})
        return key

    def recipient(
        self, email: str, kind: int, key: session.SessionKey, certificate: keys.Certificate | None, signature: int = 1
    ) -> None:
        package = self.packages[-1]
        package["Type"] |= kind
        given: dict[str, Any] = {"Type": kind, "Signature": signature}
        if certificate is not None:
            given["BodyKeyPacket"] = b64(session.wrap(key, certificate, NOW))
            if kind in (1, 8):
                given["AttachmentKeyPackets"] = {
                    each["ID"]: b64(session.wrap(self.client.attachment_key(each), certificate, NOW))
                    for each in self.draft["Attachments"]
                }
        else:
            package["BodyKey"] = key_json(key)
            if kind == 4:
                package["AttachmentKeys"] = {
                    each["ID"]: key_json(self.client.attachment_key(each)) for each in self.draft["Attachments"]
                }
        package["Addresses"][email] = given

    async def send(self) -> Any:
        return await self.client.call("POST", f"/mail/v4/messages/{self.draft['ID']}", json={"Packages": self.packages})


async def to_bo(anna: Client, **more: Any) -> Parcel:
    draft = await anna.draft("Dear Bo\n", NOW, ToList=[person(BO)], **more)
    parcel = Parcel(anna, draft)
    key = parcel.package("text/plain", "Dear Bo\n")
    parcel.recipient(BO, 1, key, await anna.certificate_of(BO))
    return parcel


async def test_a_mail_arrives_in_the_other_account(demo: DemoServer, anna: Client, bo: Client) -> None:
    bo_since = (await bo.good("GET", "/core/v4/events/latest"))["EventID"]
    draft = await anna.draft(
        "Dear Bo\n",
        NOW,
        Subject="Übung",
        ToList=[person(BO)],
        BCCList=[person("rsa@bridge.example")],
        ExternalID="u@bridge.example",
    )
    await anna.upload(draft["ID"], "täble.txt", b"1\t2\n", NOW)
    parcel = Parcel(anna, await anna.message(draft["ID"]))
    key = parcel.package("text/plain", "Dear Bo\n")
    for email in (BO, "rsa@bridge.example"):
        parcel.recipient(email, 1, key, await anna.certificate_of(email))
    sent = (await parcel.send()).json()["Sent"]
    assert sent["Flags"] & 0b1110 == 0b1110
    assert {"7", "2", "5"} <= set(sent["LabelIDs"])
    assert "8" not in sent["LabelIDs"]

    event = await bo.good("GET", f"/core/v4/events/{bo_since}")
    (told,) = event["Messages"]
    assert told["Action"] == 1
    arrived = await bo.message(told["ID"])
    certificate = await bo.certificate_of("anna@bridge.example")
    opened = message.decrypt(armor.dearmor(arrived["Body"]), [bo.primary], verify=[certificate])
    assert (opened.data, opened.state) == (b"Dear Bo\n", "valid")
    assert await bo.open_attachment(arrived, arrived["Attachments"][0]) == b"1\t2\n"
    assert arrived["Attachments"][0]["Name"] == "täble.txt"
    assert (arrived["Subject"], arrived["ExternalID"]) == ("Übung", "u@bridge.example")
    assert arrived["BCCList"] == []
    assert (arrived["Unread"], arrived["Flags"] & 0b1111) == (1, 0b1101)
    assert "0" in arrived["LabelIDs"]
    for text in ("Dear Bo", "1\t2"):
        assert not demo.world.received.contains(text)


async def test_a_reply_marks_its_parent(anna: Client) -> None:
    parent = (await anna.listing(Subject="Lunch on Friday?"))["Messages"][0]
    parcel = await to_bo(anna, ParentID=parent["ID"], Action=0)
    since = (await anna.good("GET", "/core/v4/events/latest"))["EventID"]
    answer = (await parcel.send()).json()
    assert (answer["Parent"]["ID"], answer["Parent"]["IsReplied"]) == (parent["ID"], 1)
    told = (await anna.good("GET", f"/core/v4/events/{since}"))["Messages"]
    assert [(each["ID"], each["Action"]) for each in told] == [(parcel.draft["ID"], 2), (parent["ID"], 3)]


async def test_outside_recipients_get_what_was_meant_for_them(demo: DemoServer, anna: Client) -> None:
    everybody = [person(each) for each in (BO, CARLA, DIETER, ERIN)]
    draft = await anna.draft("Hello all\n", NOW, ToList=everybody)
    await anna.upload(draft["ID"], "a.txt", b"content", NOW)
    parcel = Parcel(anna, await anna.message(draft["ID"]))
    key = parcel.package("text/plain", "Hello all\n")
    parcel.recipient(BO, 1, key, await anna.certificate_of(BO))
    parcel.recipient(CARLA, 4, key, None)
    entity = "Content-Type: text/plain\r\n\r\nHello all\r\n"
    key = parcel.package("multipart/mixed", entity)
    parcel.recipient(DIETER, 16, key, await anna.certificate_of(DIETER))
    parcel.recipient(ERIN, 32, key, None)
    assert (await parcel.send()).status_code == 200
    found = {each.recipient: each for each in demo.world.outside}
    assert found.keys() == {CARLA, DIETER, ERIN}
    assert found[CARLA].attachments == (("a.txt", "text/plain", b"content"),)
    assert found[CARLA].body == b"Hello all\n"
    assert found[DIETER].body == entity.encode()
    dieter = demo.world.outsiders[DIETER].key
    assert dieter is not None
    assert message.decrypt(found[DIETER].sealed, [dieter.unlocked]).data == entity.encode()
    assert found[CARLA].sealed == b""
    shown = {who: (each.encrypted, each.signed, each.package_type) for who, each in found.items()}
    assert shown == {CARLA: (False, True, 4), DIETER: (True, True, 16), ERIN: (False, True, 32)}


async def test_inline_encryption_carries_attachments_one_by_one(demo: DemoServer, anna: Client) -> None:
    draft = await anna.draft("Inline\n", NOW, ToList=[person(DIETER)])
    await anna.upload(draft["ID"], "a.txt", b"content", NOW)
    parcel = Parcel(anna, await anna.message(draft["ID"]))
    key = parcel.package("text/plain", "Inline\n")
    parcel.recipient(DIETER, 8, key, await anna.certificate_of(DIETER))
    assert (await parcel.send()).status_code == 200
    (outside,) = demo.world.outside
    assert (outside.encrypted, outside.attachments) == (True, (("a.txt", "text/plain", b"content"),))


async def test_a_mail_is_sent_once(anna: Client, bo: Client) -> None:
    parcel = await to_bo(anna)
    assert (await parcel.send()).status_code == 200
    again = await parcel.send()
    assert (again.status_code, again.json()["Code"]) == (422, 2011)
    assert (await bo.listing(LabelID="0", Subject="Test"))["Total"] == 1


def broken(name: str, packages: list[dict[str, Any]], other: str, key: session.SessionKey) -> list[dict[str, Any]]:
    """Return the good packages with one thing wrong."""
    changed = copy.deepcopy(packages)
    recipient = changed[0]["Addresses"][BO]
    match name:
        case "no packages":
            return []
        case "recipient missing":
            changed[0]["Addresses"] = {CARLA: recipient}
        case "recipient twice":
            changed.append(copy.deepcopy(changed[0]))
        case "recipient not in the draft":
            changed[0]["Addresses"][ERIN] = {"Type": 1, "Signature": 1}
        case "wrong union of types":
            changed[0]["Type"] = 5
        case "key of another":
            recipient["BodyKeyPacket"] = other
        case "no key packet":
            del recipient["BodyKeyPacket"]
        case "session key shown to the service":
            changed[0]["BodyKey"] = key_json(key)
        case "signature not promised":
            recipient["Signature"] = 0
        case "internal recipient in clear":
            recipient.update(Type=4)
            del recipient["BodyKeyPacket"]
            changed[0].update(Type=4, BodyKey=key_json(key))
        case "wrong format":
            changed[0]["MIMEType"] = "multipart/mixed"
        case "body cut":
            changed[0]["Body"] = changed[0]["Body"][:80]
        case "password-protected":
            recipient.update(Type=2)
            changed[0]["Type"] = 2
    return changed


@pytest.mark.parametrize(
    "name",
    [
        "no packages",
        "recipient missing",
        "recipient twice",
        "recipient not in the draft",
        "wrong union of types",
        "key of another",
        "no key packet",
        "session key shown to the service",
        "signature not promised",
        "internal recipient in clear",
        "wrong format",
        "body cut",
        "password-protected",
    ],
)
async def test_refused_packages_deliver_nothing(demo: DemoServer, anna: Client, bo: Client, name: str) -> None:
    parcel = await to_bo(anna)
    key = session.open_pkesk(base64.b64decode(parcel.packages[0]["Addresses"][BO]["BodyKeyPacket"]), [bo.primary])
    other = b64(session.wrap(key, await anna.certificate_of(DIETER), NOW))
    good = parcel.packages
    parcel.packages = broken(name, good, other, key)
    answer = await parcel.send()
    assert answer.status_code == 422, name
    assert (await bo.listing(LabelID="0", Subject="Test"))["Total"] == 0
    assert demo.world.outside == []
    assert "8" in (await anna.message(parcel.draft["ID"]))["LabelIDs"]
    parcel.packages = good
    assert (await parcel.send()).status_code == 200


async def test_an_unsigned_or_wrongly_signed_body_is_refused(anna: Client) -> None:
    stranger = keys.unlock(keys.generate("X", "x@y.example", Secret(b"p"), created=NOW - 60), Secret(b"p"))
    for signer in (None, stranger):
        parcel = await to_bo(anna)
        key = session.new_session_key()
        parcel.packages[0]["Body"] = b64(message.encrypt_data(b"x", key, sign=signer, at=NOW))
        parcel.recipient(BO, 1, key, await anna.certificate_of(BO))
        answer = await parcel.send()
        assert answer.status_code == 422
        assert "not signed" in answer.json()["Error"]


async def test_an_attachment_without_key_is_refused(anna: Client) -> None:
    parcel = await to_bo(anna)
    await anna.upload(parcel.draft["ID"], "late.txt", b"x", NOW)
    answer = await parcel.send()
    assert answer.status_code == 422
    assert "late.txt" in answer.json()["Error"]


async def test_clear_html_cannot_be_signed(anna: Client) -> None:
    draft = await anna.draft("<p>x</p>", NOW, ToList=[person(CARLA)], MIMEType="text/html")
    parcel = Parcel(anna, draft)
    key = parcel.package("text/html", "<p>x</p>")
    parcel.recipient(CARLA, 4, key, None, signature=1)
    assert (await parcel.send()).status_code == 422
    parcel.packages[0]["Addresses"][CARLA]["Signature"] = 0
    assert (await parcel.send()).status_code == 200
