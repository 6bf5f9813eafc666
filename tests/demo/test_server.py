"""Starting and stopping: in the loop, in a thread, and with connections open."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from bridge_gui.demo.server import DemoServer


async def test_ready_soon(key_cache: Path) -> None:
    async with DemoServer(cache_folder=key_cache):
        pass
    started = time.monotonic()
    async with DemoServer(cache_folder=key_cache) as demo, httpx.AsyncClient(verify=False) as http:
        answer = await http.get(f"{demo.url}/tests/ping", headers={"x-pm-appversion": "x"})
        assert answer.json() == {"Code": 1000}
        assert "date" in answer.headers
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("thread", [False, True])
async def test_nothing_answers_afterwards(key_cache: Path, thread: bool) -> None:
    headers = {"x-pm-appversion": "x"}
    async with httpx.AsyncClient(verify=False, headers=headers) as http:
        async with DemoServer(cache_folder=key_cache, thread=thread) as demo:
            url = f"{demo.url}/tests/ping"
            assert (await http.get(url)).status_code == 200
        with pytest.raises(httpx.TransportError):
            await http.get(url)
        port = int(url.split(":")[2].split("/")[0])
        async with DemoServer(cache_folder=key_cache, port=port) as again:
            assert again.url in url
            assert (await http.get(url)).status_code == 200


async def test_a_cookie_is_set_once(key_cache: Path) -> None:
    headers = {"x-pm-appversion": "x"}
    async with DemoServer(cache_folder=key_cache) as demo, httpx.AsyncClient(verify=False, headers=headers) as http:
        first = await http.get(f"{demo.url}/tests/ping")
        second = await http.get(f"{demo.url}/tests/ping")
        assert "Session-Id" in first.cookies
        assert "set-cookie" not in second.headers
