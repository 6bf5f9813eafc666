"""The control routes, as a test in another process uses them."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import httpx
import pytest

from bridge_gui.demo.server import DemoServer
from tests.demo.client import Client


async def test_faults_are_set_counted_and_cleared(http: httpx.AsyncClient, anna: Client) -> None:
    rules = {"Rules": [{"match": "GET /tests/ping", "status": 500, "count": 1}]}
    assert (await http.post("/demo/faults", json=rules)).status_code == 200
    assert [(await anna.call("GET", "/tests/ping")).status_code for _ in range(2)] == [500, 200]
    shown = (await http.get("/demo/faults")).json()["Rules"][0]
    assert (shown["seen"], shown["hits"]) == (2, 1)
    more = {"Rules": [{"match": "PUT *", "status": 500}], "Keep": 1}
    assert len((await http.post("/demo/faults", json=more)).json()["Rules"]) == 2
    assert (await http.delete("/demo/faults")).json()["Rules"] == []
    assert (await http.post("/demo/faults", json={"Rules": [{"what": 1}]})).status_code == 422


async def test_options(demo: DemoServer, http: httpx.AsyncClient, anna: Client) -> None:
    changes = {
        "stale_once": 2,
        "access_life": 5,
        "refresh_grace": True,
        "per_event": 3,
        "clock_offset": -86400,
        "app_version": "a@1",
    }
    assert (await http.put("/demo/options", json=changes)).status_code == 200
    world = demo.world
    assert (world.options.stale_once, world.sessions.access_life, world.sessions.grace) == (2, 5.0, True)
    assert world.account("bo").feed.per_event == 3
    answer = await anna.call("GET", "/tests/ping")
    assert answer.json()["Code"] == 5003
    assert abs(parsedate_to_datetime(answer.headers["date"]).timestamp() - world.clock() + 86400) < 5
    for bad in ({"unknown": 1}, {"latency": "fast"}, {"public_keys": {}}):
        assert (await http.put("/demo/options", json=bad)).status_code == 422


async def test_accounts_are_listed(http: httpx.AsyncClient) -> None:
    listed = {each["username"]: each for each in (await http.get("/demo/accounts")).json()["Accounts"]}
    assert listed["anna"]["addresses"][0] == "anna@bridge.example"
    assert listed["totp"]["totp_secret"]
    assert listed["anna"]["messages"] > 300


async def test_mail_can_be_delivered(http: httpx.AsyncClient, bo: Client) -> None:
    given = {"To": "bo@bridge.example", "Subject": "Now", "Body": "Grüße\n", "FromName": "Carla"}
    answer = await http.post("/demo/deliver", json=given)
    full = await bo.message(answer.json()["ID"])
    assert bo.open_body(full) == "Grüße\n".encode()
    assert (full["Subject"], full["Unread"], full["Flags"]) == ("Now", 1, 1)
    assert (await http.post("/demo/deliver", json={"To": "x@y.example"})).status_code == 422


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"Do": "read"}, 3),
        ({"Do": "label", "LabelID": "6"}, 3),
        ({"Do": "delete"}, 0),
        ({"Do": "unlabel", "LabelID": "0"}, 3),
    ],
)
async def test_changes_of_the_service_itself_are_told(
    http: httpx.AsyncClient, anna: Client, wish: dict[str, str], expected: int
) -> None:
    message_id = (await anna.listing(LabelID="0", Unread=1, PageSize=1))["Messages"][0]["ID"]
    since = (await anna.good("GET", "/core/v4/events/latest"))["EventID"]
    answer = await http.post("/demo/act", json={**wish, "Account": "anna", "IDs": [message_id]})
    assert answer.status_code == 200
    event = await anna.good("GET", f"/core/v4/events/{since}")
    assert [(each["ID"], each["Action"]) for each in event["Messages"]] == [(message_id, expected)]


async def test_sessions_and_notifications(http: httpx.AsyncClient, anna: Client) -> None:
    since = (await anna.good("GET", "/core/v4/events/latest"))["EventID"]
    await http.post("/demo/act", json={"Do": "notify", "Account": "anna", "Title": "News"})
    await http.post("/demo/act", json={"Do": "refresh", "Account": "anna", "Bits": 1})
    event = await anna.good("GET", f"/core/v4/events/{since}")
    assert (event["Notifications"][0]["Payload"]["Title"], event["Refresh"]) == ("News", 1)
    assert (await http.post("/demo/act", json={"Do": "dance", "Account": "anna"})).status_code == 422
    await http.post("/demo/act", json={"Do": "revoke", "Account": "anna"})
    assert (await anna.call("GET", "/core/v4/users")).status_code == 401


async def test_what_was_received_can_be_searched(demo: DemoServer, http: httpx.AsyncClient, anna: Client) -> None:
    await anna.call("POST", "/core/v4/labels", json={"Name": "Quarterly", "Type": 1, "Color": "#8080FF"})
    assert (await http.get("/demo/received", params={"contains": "Quarterly"})).json()["Contains"] == 1
    assert (await http.get("/demo/received", params={"contains": "Nowhere"})).json()["Contains"] == 0
    assert (await http.get("/demo/outside")).json()["Outside"] == []
    assert "POST /core/v4/labels" in demo.world.received.paths()
