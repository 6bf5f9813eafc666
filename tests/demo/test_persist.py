"""A clean restart loses nothing: mail, keys, sessions, event ids."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from pathlib import Path

import httpx
import pytest

from bridge_gui.demo import persist
from bridge_gui.demo.server import DemoServer
from bridge_gui.demo.world import World
from tests.demo.client import Client
from tests.demo.conftest import opened

NOW = int(time.time())


async def test_everything_is_there_after_a_restart(tmp_path: Path, key_cache: Path) -> None:
    path = tmp_path / "state.json"
    async with DemoServer(cache_folder=key_cache, messages=400) as demo:
        async with httpx.AsyncClient(base_url=demo.url, verify=False) as http:
            anna = await opened(demo, http, "anna")
            since = (await anna.good("GET", "/core/v4/events/latest"))["EventID"]
            draft = await anna.draft("Kept\n", NOW)
            await anna.upload(draft["ID"], "a.txt", b"kept", NOW)
            label = await anna.good("POST", "/core/v4/labels", json={"Name": "New", "Type": 1, "Color": "#8080FF"})
            seeded = (await anna.listing(LabelID="0", PageSize=1))["Messages"][0]["ID"]
            change = {"IDs": [seeded], "LabelID": label["Label"]["ID"]}
            await anna.good("PUT", "/mail/v4/messages/label", json=change)
            before = await anna.message(seeded)
        persist.save(demo.world, path)
    world = persist.load(path)
    assert world is not None
    async with DemoServer(world=world) as demo, httpx.AsyncClient(base_url=demo.url, verify=False) as http:
        again = Client(http, "anna", "", anna.tokens, anna.user_key, anna.address_keys, anna.addresses)
        full = await again.message(draft["ID"])
        assert again.open_body(full) == b"Kept\n"
        assert await again.open_attachment(full, full["Attachments"][0]) == b"kept"
        after = await again.message(seeded)
        assert again.open_body(after) == again.open_body(before)
        assert after["LabelIDs"] == before["LabelIDs"]
        event = await again.good("GET", f"/core/v4/events/{since}")
        assert event["Refresh"] == 0
        assert [each["ID"] for each in event["Messages"]] == [draft["ID"], seeded]
        fresh = await again.draft("New\n", NOW)
        assert fresh["ID"] not in (draft["ID"], seeded)
        made = await again.good("POST", "/core/v4/labels", json={"Name": "Newer", "Type": 1, "Color": "#8080FF"})
        assert made["Label"]["ID"] != label["Label"]["ID"]


def test_no_file_is_no_state_and_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    assert persist.load(path) is None
    persist.save(World(profiles=()), path)
    assert persist.load(path) is not None
    path.write_text(json.dumps({"version": 99}))
    with pytest.raises(ValueError, match="version 99"):
        persist.load(path)


async def test_a_process_of_its_own(tmp_path: Path, key_cache: Path) -> None:
    arguments = ["--messages", "40", "--cache", str(key_cache), "--state", str(tmp_path / "state.json")]
    urls = []
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bridge_gui.demo", *arguments, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        ready = json.loads(await process.stdout.readline())
        urls.append(ready["url"])
        assert ready["accounts"][0]["address"] == "anna@bridge.example"
        async with httpx.AsyncClient(base_url=ready["url"], verify=False) as http:
            counts = {
                each["username"]: each["messages"] for each in (await http.get("/demo/accounts")).json()["Accounts"]
            }
            assert counts["anna"] == 40 + len(urls) - 1
            await http.post("/demo/deliver", json={"To": "anna@bridge.example"})
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    assert (tmp_path / "state.json").is_file()
