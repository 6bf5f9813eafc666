"""What tests do to a world while a client looks on: mail arrives, addresses and keys change."""

from __future__ import annotations

import time

import pytest

from bridge_gui.demo.keyring import KitCache
from bridge_gui.demo.letters import Enclosure, Letter, Shape
from bridge_gui.demo.profiles import AddressProfile, OutsiderProfile
from bridge_gui.demo.records import Person
from bridge_gui.demo.server import DemoServer
from bridge_gui.demo.world import PublicKeys
from bridge_gui.openpgp import armor, message
from tests.demo.client import Client
from tests.demo.conftest import SignIn

NOW = int(time.time())
DIETER = Person("Dieter", "dieter@wkd.example")


def letter(**more: object) -> Letter:
    given: dict[str, object] = {
        "subject": "Grüße",
        "sender": DIETER,
        "to": (Person("", "anna@bridge.example"),),
        "body": "Hällo\n",
        "time": NOW,
        **more,
    }
    return Letter(**given)  # type: ignore[arg-type]


async def test_mail_arrives_for_an_alias_with_attachments(demo: DemoServer, anna: Client) -> None:
    since = (await anna.good("GET", "/core/v4/events/latest"))["EventID"]
    sent = letter(enclosures=(Enclosure("a.txt", "text/plain", b"x"),), labels=("Projects/Harbour house",))
    demo.world.deliver(sent, "Anna.Lindqvist+x@bridge.example")
    (told,) = (await anna.good("GET", f"/core/v4/events/{since}"))["Messages"]
    full = await anna.message(told["ID"])
    assert (told["Action"], full["AddressID"]) == (1, anna.addresses[1]["ID"])
    assert anna.open_body(full) == "Hällo\n".encode()
    assert await anna.open_attachment(full, full["Attachments"][0]) == b"x"
    folders = (await anna.good("GET", "/core/v4/labels", params={"Type": 3}))["Labels"]
    assert next(each["ID"] for each in folders if each["Name"] == "Harbour house") in full["LabelIDs"]


async def test_pgp_mime_with_a_good_signature(demo: DemoServer, anna: Client) -> None:
    made = demo.world.deliver(letter(shape=Shape.SIGNED_MIME, signed=True), "anna@bridge.example")
    full = await anna.message(made.id)
    certificate = await anna.certificate_of("dieter@wkd.example")
    opened = message.decrypt(armor.dearmor(full["Body"]), [anna.primary], verify=[certificate])
    assert (full["MIMEType"], opened.state) == ("multipart/mixed", "valid")
    assert opened.data.startswith(b"Content-Type: text/plain; charset=utf-8\r\n")


@pytest.mark.parametrize("to", ["nobody@bridge.example", "old.anna@bridge.example", "x@elsewhere.example"])
async def test_mail_for_nobody(demo: DemoServer, to: str) -> None:
    with pytest.raises(KeyError):
        demo.world.deliver(letter(), to)


async def test_a_rewritten_message_is_told_as_changed_content(demo: DemoServer, anna: Client) -> None:
    found = (await anna.listing(LabelID="8", PageSize=1))["Messages"][0]
    since = (await anna.good("GET", "/core/v4/events/latest"))["EventID"]
    account = demo.world.account("anna")
    demo.world.rewrite(account, found["ID"], letter(subject="Edited", body="Other words\n"))
    (told,) = (await anna.good("GET", f"/core/v4/events/{since}"))["Messages"]
    assert (told["ID"], told["Action"], told["Message"]["Subject"]) == (found["ID"], 2, "Edited")
    full = await anna.message(found["ID"])
    assert anna.open_body(full) == b"Other words\n"
    assert (full["LabelIDs"], full["Flags"]) == (found["LabelIDs"], found["Flags"])


async def test_a_new_address_opens_with_the_user_key(demo: DemoServer, anna: Client, sign_in: SignIn) -> None:
    since = (await anna.good("GET", "/core/v4/events/latest"))["EventID"]
    made = demo.world.add_address(demo.world.account("anna"), AddressProfile("new@bridge.example", "New"))
    event = await anna.good("GET", f"/core/v4/events/{since}")
    assert [(each["ID"], each["Action"]) for each in event["Addresses"]] == [(made.id, 1)]
    again = await sign_in("anna")
    assert made.id in again.address_keys
    arrived = demo.world.deliver(letter(), "new@bridge.example")
    assert again.open_body(await again.message(arrived.id)) == "Hällo\n".encode()


async def test_a_renewed_key_comes_first_and_the_old_one_stays(demo: DemoServer, anna: Client) -> None:
    account = demo.world.account("anna")
    old_id = anna.addresses[0]["Keys"][0]["ID"]
    demo.world.renew_key(account, account.primary)
    new, old = (await anna.good("GET", "/core/v4/addresses"))["Addresses"][0]["Keys"]
    assert (new["Primary"], old["Primary"], old["ID"]) == (1, 0, old_id)
    assert new["ID"] != old_id
    assert (await anna.certificate_of("anna@bridge.example")).fingerprint.lower() == new["Fingerprint"]


async def test_a_changed_user_is_told(demo: DemoServer, anna: Client) -> None:
    since = (await anna.good("GET", "/core/v4/events/latest"))["EventID"]
    demo.world.change_user(demo.world.account("anna"), max_space=5)
    assert (await anna.good("GET", f"/core/v4/events/{since}"))["User"]["MaxSpace"] == 5


async def test_a_service_that_lies_about_keys(demo: DemoServer, anna: Client) -> None:
    demo.world.options.public_keys["bo@bridge.example"] = PublicKeys(internal=True, keys=())
    answer = await anna.good("GET", "/core/v4/keys", params={"Email": "Bo+x@bridge.example"})
    assert answer["Keys"] == []


async def test_new_people_outside(demo: DemoServer, anna: Client, key_cache: object) -> None:
    made = KitCache(None).outsider("g@new.example", "Greta", "ed25519")
    demo.world.add_outsider(OutsiderProfile("g@new.example", "Greta", published=True), made)
    assert (await anna.certificate_of("g@new.example")).fingerprint == made.certificate.fingerprint


async def test_pages_in_another_order(demo: DemoServer, anna: Client) -> None:
    demo.world.options.shuffled_once = 1
    first, second = [(await anna.listing(Desc=1, PageSize=50))["Messages"] for _ in range(2)]
    assert [each["ID"] for each in first] != [each["ID"] for each in second]
    assert {each["ID"] for each in first} == {each["ID"] for each in second}
