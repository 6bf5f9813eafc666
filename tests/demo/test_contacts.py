"""Contacts: cards are kept, found by address, and checked."""

from __future__ import annotations

import time

from bridge_gui.demo import contacts
from bridge_gui.demo.records import Card
from bridge_gui.demo.server import DemoServer
from bridge_gui.openpgp import armor, message
from tests.demo.client import Client

NOW = int(time.time())
VCARD = (
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Frank Weber\r\nUID:frank-1\r\nitem1.EMAIL;PREF=1:frank@pinned.example\r\n"
    "item1.X-PM-ENCRYPT:true\r\nitem1.X-PM-SIGN:true\r\nEND:VCARD\r\n"
)


def card(client: Client, vcard: str, kind: int = 2) -> dict[str, object]:
    assert client.user_key is not None
    signature = armor.armor(armor.SIGNATURE, message.sign_detached(vcard.encode(), client.user_key, at=NOW))
    data = vcard
    if kind & 1:
        data = armor.armor(armor.MESSAGE, message.encrypt(vcard.encode(), [client.user_key.certificate], at=NOW))
    return {"Type": kind, "Data": data, "Signature": signature}


async def test_a_contact_is_kept_and_found(anna: Client) -> None:
    since = (await anna.good("GET", "/core/v4/events/latest"))["EventID"]
    cards = [card(anna, VCARD), card(anna, "BEGIN:VCARD\r\nVERSION:4.0\r\nNOTE:secret\r\nEND:VCARD\r\n", 3)]
    answer = await anna.good("POST", "/contacts/v4", json={"Contacts": [{"Cards": cards}], "Overwrite": 0, "Labels": 0})
    made = answer["Responses"][0]["Response"]["Contact"]
    found = await anna.good("GET", "/contacts/v4/emails", params={"Email": "FRANK@pinned.example"})
    assert [each["ContactID"] for each in found["ContactEmails"]] == [made["ID"]]
    assert (await anna.good("GET", "/contacts/v4/emails", params={"Email": "no@body.example"}))["Total"] == 0
    read = (await anna.good("GET", f"/contacts/v4/{made['ID']}"))["Contact"]
    assert (read["Name"], read["UID"]) == ("Frank Weber", "frank-1")
    assert [each["Data"] for each in read["Cards"]] == [each["Data"] for each in cards]
    event = await anna.good("GET", f"/core/v4/events/{since}")
    assert (len(event["Contacts"]), len(event["ContactEmails"])) == (1, 1)

    changed = VCARD.replace("frank@", "franz@")
    await anna.good("PUT", f"/contacts/v4/{made['ID']}", json={"Cards": [card(anna, changed)]})
    emails = (await anna.good("GET", "/contacts/v4/emails"))["ContactEmails"]
    assert [each["Email"] for each in emails] == ["franz@pinned.example"]
    await anna.good("PUT", "/contacts/v4/delete", json={"IDs": [made["ID"]]})
    assert (await anna.good("GET", "/contacts/v4"))["Total"] == 0


async def test_bad_cards_are_refused(anna: Client, bo: Client) -> None:
    good = card(anna, VCARD)
    wrong = [
        {**good, "Data": VCARD.replace("true", "false")},
        card(bo, VCARD),
        {**good, "Signature": "nothing"},
        card(anna, "BEGIN:VCARD\r\nNOTE:no name\r\nEND:VCARD\r\n"),
    ]
    answer = await anna.good("POST", "/contacts/v4", json={"Contacts": [{"Cards": [each]} for each in wrong]})
    assert [each["Response"]["Code"] for each in answer["Responses"]] == [2001] * 4


async def test_tests_can_put_any_card(demo: DemoServer, anna: Client) -> None:
    account = demo.world.account("anna")
    contacts.add(demo.world, account, [contacts.signed_card(account, VCARD, NOW)])
    forged = Card(2, VCARD.replace("frank@", "evil@"), contacts.signed_card(account, VCARD, NOW).signature)
    contacts.add(demo.world, account, [forged], check=False)
    assert (await anna.good("GET", "/contacts/v4"))["Total"] == 2
