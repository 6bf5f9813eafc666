"""Listing, reading, actions and their events over HTTP."""

from __future__ import annotations

import httpx
import pytest

from bridge_gui.demo.server import DemoServer
from bridge_gui.openpgp import armor, message
from bridge_gui.openpgp.errors import NoDecryptionKey
from tests.demo.client import Client


async def newest(client: Client, label: str = "0", count: int = 3) -> list[str]:
    page = await client.listing(LabelID=label, Desc=1, PageSize=count)
    return [each["ID"] for each in page["Messages"]]


async def test_the_whole_mailbox_can_be_listed_in_pages(demo: DemoServer, anna: Client) -> None:
    seen: list[str] = []
    end: str | None = None
    while True:
        conditions = {"Desc": 1, "Page": 0, "PageSize": 50, "Sort": "ID"} | ({"EndID": end} if end else {})
        page = (await anna.listing(**conditions))["Messages"]
        fresh = [each["ID"] for each in page if each["ID"] != end]
        if not fresh:
            break
        seen += fresh
        end = fresh[-1]
    assert len(seen) == len(set(seen)) == len(demo.world.account("anna").mailbox.messages)
    ids = (await anna.good("GET", "/mail/v4/messages/ids", params={"Limit": 1000}))["IDs"]
    assert seen[::-1] == ids
    counts = (await anna.good("GET", "/mail/v4/messages/count"))["Counts"]
    assert next(each["Total"] for each in counts if each["LabelID"] == "5") == len(seen)


async def test_get_and_post_listing_agree_and_limit_zero_counts(anna: Client) -> None:
    posted = await anna.listing(LabelID="0", Desc=1, PageSize=5)
    got = await anna.good("GET", "/mail/v4/messages", params={"LabelID": "0", "Desc": 1, "PageSize": 5})
    assert posted == got
    counted = await anna.listing(LabelID="0", Limit="0")
    assert counted["Messages"] == []
    assert counted["Total"] == posted["Total"] > 5


async def test_stale_once(demo: DemoServer, anna: Client) -> None:
    demo.world.options.stale_once = 1
    assert [(await anna.listing(PageSize=1))["Stale"] for _ in range(2)] == [1, 0]


async def test_every_message_opens_but_the_lost_one(demo: DemoServer, anna: Client) -> None:
    lost = []
    attachments = 0
    for message_id in demo.world.account("anna").mailbox.messages:
        full = await anna.message(message_id)
        try:
            body = anna.open_body(full)
        except NoDecryptionKey:
            lost.append(full["Subject"])
            continue
        if full["MIMEType"] == "multipart/mixed":
            assert body.startswith(b"Content-Type: ")
        for attachment in full["Attachments"]:
            assert len(await anna.open_attachment(full, attachment)) == attachment["Size"]
            attachments += 1
        assert full["NumAttachments"] == len(full["Attachments"])
    assert lost == ["You will not be able to read this"]
    assert attachments > 60


async def test_a_message_is_the_same_after_its_ciphertext_was_forgotten(demo: DemoServer, anna: Client) -> None:
    found = (await anna.listing(Subject="The Morning Ferry, no. 312"))["Messages"][0]
    first = await anna.message(found["ID"])
    demo.world.sealer.clear()
    second = await anna.message(found["ID"])
    assert first["Body"] != second["Body"]
    assert anna.open_body(first) == anna.open_body(second)
    old_packets = first["Attachments"][0]
    assert len(await anna.open_attachment(first, old_packets)) == old_packets["Size"]


async def test_header_order_and_repeated_fields(anna: Client) -> None:
    found = (await anna.listing(Subject="attic: backup FAILED"))["Messages"][0]
    full = await anna.message(found["ID"])
    names = list(full["ParsedHeaders"])
    assert names.index("Return-Path") < names.index("Received") < names.index("Date") < names.index("Subject")
    assert len(full["ParsedHeaders"]["Received"]) == 2
    assert full["Header"].count("Received: ") == 2
    assert full["ParsedHeaders"]["Message-Id"] == f"<{full['ExternalID']}>"


async def test_inline_image_has_its_content_id(anna: Client) -> None:
    found = (await anna.listing(Subject="The Morning Ferry, no. 312"))["Messages"][0]
    (attachment,) = (await anna.message(found["ID"]))["Attachments"]
    assert attachment["Disposition"] == "inline"
    assert attachment["Headers"]["content-id"] == "<ferry-head@morningferry.example>"


async def test_a_mail_between_accounts_is_signed_by_its_sender(demo: DemoServer, anna: Client) -> None:
    found = (await anna.listing(Subject="Welcome to the demo mailbox"))["Messages"][0]
    full = await anna.message(found["ID"])
    certificate = await anna.certificate_of("bo@bridge.example")
    opened = message.decrypt(armor.dearmor(full["Body"]), [anna.primary], verify=[certificate])
    assert opened.state == "valid"
    assert full["Flags"] & 0b1101 == 0b1101


async def test_gone_is_422(anna: Client) -> None:
    (message_id,) = await newest(anna, label="3", count=1)
    await anna.good("PUT", "/mail/v4/messages/delete", json={"IDs": [message_id]})
    answer = await anna.call("GET", f"/mail/v4/messages/{message_id}")
    assert (answer.status_code, answer.json()["Code"]) == (422, 2501)


# -------------------------------------------------------------------------------------------------- actions and events


async def events(client: Client, since: str) -> dict[str, list[tuple[str, int]]]:
    event = await client.good("GET", f"/core/v4/events/{since}")
    kinds = ("Messages", "Labels", "Addresses")
    return {kind: [(each["ID"], each["Action"]) for each in event.get(kind, [])] for kind in kinds}


async def latest(client: Client) -> str:
    event_id: str = (await client.good("GET", "/core/v4/events/latest"))["EventID"]
    return event_id


@pytest.mark.parametrize(
    ("route", "more", "field", "value"),
    [
        ("read", {}, "Unread", 0),
        ("unread", {}, "Unread", 1),
        ("forward", {}, "IsForwarded", 1),
        ("label", {"LabelID": "10"}, "Unread", 0),
        ("unlabel", {"LabelID": "0"}, "Unread", 0),
    ],
)
async def test_a_flag_change_is_told_as_such(
    anna: Client, route: str, more: dict[str, str], field: str, value: int
) -> None:
    page = await anna.listing(LabelID="0", Unread=0, Desc=1, PageSize=1)
    message_id = page["Messages"][0]["ID"]
    if route == "read":
        await anna.good("PUT", "/mail/v4/messages/unread", json={"IDs": [message_id]})
    since = await latest(anna)
    answer = await anna.good("PUT", f"/mail/v4/messages/{route}", json={"IDs": [message_id], **more})
    assert answer["Code"] == 1001
    assert answer["Responses"] == [{"ID": message_id, "Response": {"Code": 1000}}]
    event = await anna.good("GET", f"/core/v4/events/{since}")
    (told,) = event["Messages"]
    assert (told["ID"], told["Action"], told["Message"][field]) == (message_id, 3, value)
    assert event["Refresh"] == 0


async def test_a_change_that_changes_nothing_is_not_told(anna: Client) -> None:
    page = await anna.listing(LabelID="0", Unread=0, Desc=1, PageSize=1)
    since = await latest(anna)
    await anna.good("PUT", "/mail/v4/messages/read", json={"IDs": [page["Messages"][0]["ID"]]})
    assert await latest(anna) == since


async def test_undo_by_token(anna: Client) -> None:
    (message_id,) = await newest(anna, count=1)
    moved = await anna.good("PUT", "/mail/v4/messages/label", json={"IDs": [message_id], "LabelID": "3"})
    assert "3" in (await anna.listing(ID=[message_id]))["Messages"][0]["LabelIDs"]
    undone = await anna.good("POST", "/mail/v4/undoactions", json=moved["UndoToken"])
    assert undone["Messages"][0]["LabelIDs"][0] == "0"
    again = await anna.call("POST", "/mail/v4/undoactions", json=moved["UndoToken"])
    assert again.status_code == 422


async def test_empty_answers_on_request(demo: DemoServer, anna: Client) -> None:
    demo.world.options.empty_actions = True
    (message_id,) = await newest(anna, count=1)
    answer = await anna.call("PUT", "/mail/v4/messages/unread", json={"IDs": [message_id]})
    assert (answer.status_code, answer.content) == (200, b"")


async def test_more_events_than_one_answer_holds(demo: DemoServer, anna: Client) -> None:
    demo.world.account("anna").feed.per_event = 2
    since = await latest(anna)
    ids = await newest(anna, count=5)
    await anna.good("PUT", "/mail/v4/messages/label", json={"IDs": ids, "LabelID": "6"})
    told: list[str] = []
    while True:
        event = await anna.good("GET", f"/core/v4/events/{since}")
        told += [each["ID"] for each in event.get("Messages", [])]
        since = event["EventID"]
        if not event["More"]:
            break
    assert told == ids
    quiet = await anna.good("GET", f"/core/v4/events/{since}")
    assert quiet["EventID"] == since
    assert "Messages" not in quiet


async def test_labels_over_http(anna: Client) -> None:
    since = await latest(anna)
    given = {"Name": "Boat", "Color": "#8080FF", "Type": 3}
    folder = (await anna.good("POST", "/core/v4/labels", json=given))["Label"]
    again = await anna.call("POST", "/core/v4/labels", json=given)
    assert (again.status_code, again.json()["Code"]) == (409, 2500)
    changed = {"Name": "Big boat", "Color": "#8080FF"}
    await anna.good("PUT", f"/core/v4/labels/{folder['ID']}", json=changed)
    listed = (await anna.good("GET", "/core/v4/labels", params={"Type": 3}))["Labels"]
    assert "Travel/2026/Lisbon" in [each["Path"] for each in listed]
    assert "Big boat" in [each["Path"] for each in listed]
    await anna.good("DELETE", f"/core/v4/labels/{folder['ID']}")
    assert (await events(anna, since))["Labels"] == [(folder["ID"], 0)]
    system = (await anna.good("GET", "/core/v4/labels", params={"Type": 4}))["Labels"]
    assert {"0", "5", "12", "15"} <= {each["ID"] for each in system}


async def test_addresses_are_ordered_disabled_and_deleted(anna: Client) -> None:
    since = await latest(anna)
    first, second, old = [each["ID"] for each in anna.addresses]
    await anna.good("PUT", "/core/v4/addresses/order", json={"AddressIDs": [second, first, old]})
    listed = (await anna.good("GET", "/core/v4/addresses"))["Addresses"]
    assert [each["ID"] for each in listed] == [second, first, old]
    refused = await anna.call("DELETE", f"/core/v4/addresses/{first}")
    assert refused.status_code == 422
    await anna.good("PUT", f"/core/v4/addresses/{first}/disable")
    await anna.good("DELETE", f"/core/v4/addresses/{first}")
    assert (await events(anna, since))["Addresses"] == [(second, 2), (first, 0)]


async def test_settings_are_told(anna: Client) -> None:
    since = await latest(anna)
    await anna.good("PUT", "/mail/v4/settings/sign", json={"Sign": 1})
    await anna.good("PUT", "/mail/v4/settings/drafttype", json={"MIMEType": "text/plain"})
    bad = await anna.call("PUT", "/mail/v4/settings/pgpscheme", json={"PGPScheme": 3})
    assert bad.status_code == 422
    event = await anna.good("GET", f"/core/v4/events/{since}")
    assert (event["MailSettings"]["Sign"], event["MailSettings"]["DraftMIMEType"]) == (1, "text/plain")


async def test_recipient_keys(anna: Client) -> None:
    for email, kind, count in (
        ("bo@bridge.example", 1, 1),
        ("BO@bridge.example", 1, 1),
        ("dieter@wkd.example", 2, 1),
        ("carla@outside.example", 2, 0),
        ("frank@pinned.example", 2, 0),
    ):
        answer = await anna.good("GET", "/core/v4/keys", params={"Email": email})
        assert (answer["RecipientType"], len(answer["Keys"])) == (kind, count), email
    missing = await anna.call("GET", "/core/v4/keys", params={"Email": "nobody@bridge.example"})
    assert (missing.status_code, missing.json()["Code"]) == (422, 33102)


async def test_a_problem_report_is_kept(demo: DemoServer, http: httpx.AsyncClient) -> None:
    names = ("OS", "OSVersion", "Client", "ClientVersion", "ClientType", "Title", "Description", "Username", "Email")
    fields = {name: f"the {name}" for name in names}
    headers = {"x-pm-appversion": "test@1"}
    files = {"log": ("bridge.log", b"line\n")}
    answer = await http.post("/core/v4/reports/bug", data=fields, files=files, headers=headers)
    assert answer.status_code == 200
    (kept,) = demo.world.reports
    assert (kept.fields, kept.files) == (fields, {"bridge.log": b"line\n"})
    del fields["Title"]
    assert (await http.post("/core/v4/reports/bug", data=fields, files=files, headers=headers)).status_code == 422


async def test_unknown_paths_and_bad_json(anna: Client) -> None:
    assert (await anna.call("GET", "/core/v9/nothing")).status_code == 404
    bad = await anna.call("PUT", "/mail/v4/messages/read", content=b"{")
    assert bad.status_code == 400
