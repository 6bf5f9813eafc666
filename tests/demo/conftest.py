"""A running demo service for each test; its keys are made once for the whole run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from bridge_gui.demo.server import DemoServer
from tests.demo.client import Client

SignIn = Callable[..., Awaitable[Client]]


@pytest.fixture(scope="session")
def key_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo-keys")


@pytest.fixture
async def demo(key_cache: Path) -> AsyncIterator[DemoServer]:
    async with DemoServer(cache_folder=key_cache) as server:
        yield server


@pytest.fixture
async def http(demo: DemoServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=demo.url, timeout=20, verify=False) as client:
        yield client


@pytest.fixture
def sign_in(demo: DemoServer, http: httpx.AsyncClient) -> SignIn:
    """Return a function that signs an account in, with its keys unlocked."""

    async def signed_in(username: str = "anna") -> Client:
        account = next(each for each in demo.accounts if each.username == username)
        client = Client(http, username, account.password)
        answer = await client.auth()
        assert answer.status_code == 200, answer.text
        await client.unlock(account.mailbox_password or None)
        return client

    return signed_in


async def opened(demo: DemoServer, http: httpx.AsyncClient, username: str) -> Client:
    """Return a session that was not signed in for: SRP has its own tests, and takes its time."""
    account = demo.world.account(username)
    client = Client(http, username, account.profile.password)
    session = demo.world.sessions.open(account.number, two_factor=False)
    client.tokens = {"UID": session.uid, "AccessToken": session.access_token, "RefreshToken": session.refresh_token}
    client.user_key = account.kit.user_keys[0].unlocked
    client.addresses = (await client.good("GET", "/core/v4/addresses"))["Addresses"]
    client.address_keys = {each.id: account.key_of(each).unlocked for each in account.ordered}
    return client


@pytest.fixture
async def anna(demo: DemoServer, http: httpx.AsyncClient) -> Client:
    return await opened(demo, http, "anna")


@pytest.fixture
async def bo(demo: DemoServer, http: httpx.AsyncClient) -> Client:
    return await opened(demo, http, "bo")
