"""The control interface over its true socket: who is let in, what is answered."""

# ruff: noqa: ASYNC240 - a test may wait for its own small files

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bridge_gui.control import server
from bridge_gui.control.client import Answered, ControlClient
from bridge_gui.control.server import control_interface
from bridge_gui.errors import BridgeError, NoCore, NotFound, UsageError
from tests.core.fakes import Rig


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with Rig(tmp_path / "profile") as made, control_interface(made.bridge, made.profile):
        await made.signed_in()
        yield made


async def ask(rig: Rig, work: Callable[[ControlClient], Any]) -> Any:
    def call() -> Any:
        with ControlClient(rig.profile) as client:
            return work(client)

    return await asyncio.to_thread(call)


async def test_only_the_owner_reaches_it(rig: Rig) -> None:
    card = json.loads(rig.profile.control_file.read_bytes())
    assert stat.S_IMODE(rig.profile.control_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(card["socket"]).stat().st_mode) == 0o600
    for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}):
        transport = httpx.AsyncHTTPTransport(uds=card["socket"])
        async with httpx.AsyncClient(transport=transport, base_url="http://core", headers=header) as client:
            assert (await client.get("/v1/status")).status_code == 403


async def test_the_status_has_the_promised_shape(rig: Rig) -> None:
    await ask(rig, lambda core: core.post("/v1/clients", {"label": "Mail", "account": "anna"}))
    status = await ask(rig, lambda core: core.get("/v1/status"))
    assert {"version", "state", "api"} <= set(status["core"])
    assert status["core"]["state"] == "running"
    (account,) = status["accounts"]
    assert {"id", "username", "addresses", "mode", "state", "reason", "sync"} <= set(account)
    assert account["addresses"] == ["anna@proton.test", "anna.other@proton.test"]
    assert set(account["sync"]) == {"phase", "usable", "complete", "done", "total", "remaining_s", "on_demand"}
    assert [(entry["protocol"], entry["state"]) for entry in status["listeners"]] == [
        ("imap", "listening"),
        ("smtp", "listening"),
    ]
    (client,) = status["clients"]
    assert {"id", "label", "account", "app", "access", "last_used", "program"} <= set(client)
    assert "password" not in json.dumps(status)
    assert status["sessions"] == []


async def test_credentials_have_the_promised_shape(rig: Rig) -> None:
    made = await ask(rig, lambda core: core.post("/v1/clients", {"label": "Mail", "account": "anna"}))
    assert set(made) == {"id", "label", "username", "password", "access", "imap", "smtp"}
    assert set(made["imap"]) == {"host", "port", "security"}
    assert len(made["password"]) == 22
    assert await ask(rig, lambda core: core.get(f"/v1/clients/{made['id']}")) == made


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (lambda core: core.post("/v1/clients", {"account": "anna"}), UsageError),
        (lambda core: core.post("/v1/clients", {"label": "x", "account": "nobody"}), NotFound),
        (lambda core: core.post("/v1/clients", {"label": "x", "account": "anna", "access": "god"}), UsageError),
        (lambda core: core.post("/v1/clients", {"label": 7, "account": "anna"}), UsageError),
        (lambda core: core.post("/v1/accounts/anna/mode", {"mode": "mixed"}), UsageError),
        (lambda core: core.post("/v1/accounts/anna/explode"), NotFound),
        (lambda core: core.post("/v1/accounts/anna/wait", {"timeout": "soon"}), UsageError),
        (lambda core: core.post("/v1/accounts/anna/wait", {"timeout": 0.01}), Answered),
        (lambda core: core.post("/v1/clients/none/revoke"), NotFound),
        (lambda core: core.put("/v1/settings/imap.port", {"value": "x"}), UsageError),
        (lambda core: core.post("/v1/clients", {"label": "x" * 100_000, "account": "anna"}), UsageError),
        (lambda core: core.get("/v1/nothing"), BridgeError),
        (lambda core: core.post("/v1/show"), Answered),
    ],
)
async def test_refusals_arrive_as_what_they_are(
    work: Callable[[ControlClient], Any], expected: type[BridgeError], rig: Rig
) -> None:
    with pytest.raises(expected) as caught:
        await ask(rig, work)
    assert type(caught.value) is expected
    assert caught.value.title


async def test_a_body_that_is_no_object_is_refused(rig: Rig) -> None:
    card = json.loads(rig.profile.control_file.read_bytes())
    headers = {"Authorization": f"Bearer {card['token']}"}
    transport = httpx.AsyncHTTPTransport(uds=card["socket"])
    async with httpx.AsyncClient(transport=transport, base_url="http://core", headers=headers) as client:
        for body in (b"{", b"[]", b"\xff"):
            answer = await client.post("/v1/login", content=body)
            assert answer.status_code == 400
            assert answer.json()["error"]["code"] == "usage"


async def test_events_come_until_the_core_ends(rig: Rig) -> None:
    def listen(core: ControlClient) -> list[Any]:
        seen = []
        for status in core.events():
            seen.append(status)
            if len(seen) == 1:
                core.post("/v1/clients", {"label": "Mail", "account": "anna"})
            elif len(seen) == 2:
                core.post("/v1/quit")
        return seen

    seen = await asyncio.wait_for(ask(rig, listen), 10)
    assert seen[0]["clients"] == []
    assert [entry["label"] for entry in seen[1]["clients"]] == ["Mail"]
    assert seen[-1]["core"]["state"] == "stopping"
    await asyncio.wait_for(rig.bridge.asked_to_quit(), 1)


async def test_nothing_is_left_behind_and_then_there_is_no_core(tmp_path: Path) -> None:
    async with Rig(tmp_path) as rig:
        async with control_interface(rig.bridge, rig.profile) as place:
            assert Path(place).exists()
        assert not Path(place).exists()
        assert not rig.profile.control_file.exists()
        with pytest.raises(NoCore):
            ControlClient(rig.profile)


async def test_a_stale_card_means_no_core(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.profile.control_file.write_text(json.dumps({"token": "t", "socket": str(tmp_path / "gone.sock")}))
    with pytest.raises(NoCore):
        await ask(rig, lambda core: core.get("/v1/status"))


@pytest.mark.parametrize("way", ["a path too long for a socket", "no Unix sockets"])
async def test_it_works_elsewhere(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path
    if way == "no Unix sockets":
        monkeypatch.delattr(server.socket, "AF_UNIX")
    else:
        folder = tmp_path / ("x" * 120)
    async with Rig(folder) as rig, control_interface(rig.bridge, rig.profile):
        status = await ask(rig, lambda core: core.get("/v1/status"))
        assert status["core"]["state"] == "running"
        card = json.loads(rig.profile.control_file.read_bytes())
        assert ("host" in card) is (way == "no Unix sockets")
