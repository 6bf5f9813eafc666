"""Sign-in against the running service with an SRP client of the test's own."""

from __future__ import annotations

import time

import httpx
import pytest

from bridge_gui.demo import totp
from bridge_gui.demo.profiles import MAILBOX_PASSWORD, TOTP_SECRET
from bridge_gui.demo.server import DemoServer
from tests.demo.client import Client
from tests.demo.conftest import SignIn


def client_for(demo: DemoServer, http: httpx.AsyncClient, username: str) -> Client:
    return Client(http, username, next(each.password for each in demo.accounts if each.username == username))


@pytest.mark.parametrize("username", ["anna", "rsa", "raw-token", *(f"auth-version-{n}" for n in range(4))])
async def test_signs_in_and_unlocks_every_kind_of_account(sign_in: SignIn, username: str) -> None:
    client = await sign_in(username)
    assert client.address_keys.keys() == {each["ID"] for each in client.addresses}
    assert client.tokens["Scope"].split()[0] == "full"


@pytest.mark.parametrize("name", ["ANNA", " anna\n", "anna@bridge.example", "Anna.Lindqvist@bridge.example"])
def test_any_name_of_the_account_finds_it(demo: DemoServer, name: str) -> None:
    assert demo.world.find(name) is demo.world.account("anna")


async def test_an_alias_opens_the_account(demo: DemoServer, http: httpx.AsyncClient) -> None:
    answer = await client_for(demo, http, "anna").auth(name="Anna.Lindqvist@bridge.example")
    assert answer.status_code == 200


async def test_wrong_password_and_unknown_name_look_alike(demo: DemoServer, http: httpx.AsyncClient) -> None:
    for client in (Client(http, "anna", "wrong"), Client(http, "nobody", "wrong")):
        answer = await client.auth()
        assert (answer.status_code, answer.json()["Code"]) == (422, 8002)


async def test_a_challenge_is_used_once(demo: DemoServer, http: httpx.AsyncClient) -> None:
    client = client_for(demo, http, "anna")
    info = (await client.info()).json()
    body = {"Username": "anna", "ClientEphemeral": "AA==", "ClientProof": "AA==", "SRPSession": info["SRPSession"]}
    first = await client.call("POST", "/auth/v4", json=body)
    second = await client.call("POST", "/auth/v4", json=body)
    assert (first.json()["Code"], second.json()["Code"]) == (8002, 2001)


async def test_second_factor_opens_the_session(demo: DemoServer, http: httpx.AsyncClient) -> None:
    client = client_for(demo, http, "totp")
    answer = await client.auth()
    assert answer.json()["2FA"]["Enabled"] == 1
    closed = await client.call("GET", "/core/v4/users")
    assert closed.status_code == 403
    assert closed.json()["Details"]["MissingScopes"] == ["full"]
    wrong = await client.call("POST", "/auth/v4/2fa", json={"TwoFactorCode": "000000x"})
    assert (wrong.status_code, wrong.json()["Code"]) == (422, 8002)
    right = await client.call("POST", "/auth/v4/2fa", json={"TwoFactorCode": totp.code(TOTP_SECRET, time.time())})
    assert right.status_code == 200
    assert (await client.call("GET", "/core/v4/users")).status_code == 200


async def test_mailbox_password_opens_the_keys(demo: DemoServer, http: httpx.AsyncClient) -> None:
    client = client_for(demo, http, "two-passwords")
    assert (await client.auth()).json()["PasswordMode"] == 2
    await client.unlock(MAILBOX_PASSWORD)
    assert client.address_keys


@pytest.mark.parametrize(
    ("username", "status", "code"),
    [
        ("free", 422, 10004),
        ("disabled", 422, 10003),
        ("restricted", 422, 12100),
        ("busy", 429, 85131),
    ],
)
async def test_accounts_that_are_refused(
    demo: DemoServer, http: httpx.AsyncClient, username: str, status: int, code: int
) -> None:
    answer = await client_for(demo, http, username).auth()
    assert (answer.status_code, answer.json()["Code"]) == (status, code)
    assert ("retry-after" in answer.headers) == (status == 429)


@pytest.mark.parametrize(("username", "status", "code"), [("sso", 422, 8100), ("old-app", 400, 5003)])
async def test_accounts_that_are_refused_at_once(
    demo: DemoServer, http: httpx.AsyncClient, username: str, status: int, code: int
) -> None:
    answer = await client_for(demo, http, username).info()
    assert (answer.status_code, answer.json()["Code"]) == (status, code)


async def test_human_verification_once(demo: DemoServer, http: httpx.AsyncClient) -> None:
    client = client_for(demo, http, "human")
    asked = (await client.auth()).json()
    assert asked["Code"] == 9001
    token = asked["Details"]["HumanVerificationToken"]
    page = await http.get(asked["Details"]["WebUrl"])
    assert page.status_code == 200
    headers = {
        "x-pm-human-verification-token": token,
        "x-pm-human-verification-token-type": ",".join(asked["Details"]["HumanVerificationMethods"]),
    }
    assert (await client.auth(headers=headers)).status_code == 200
    assert (await client.auth()).status_code == 200


async def test_human_verification_that_fails(demo: DemoServer, http: httpx.AsyncClient) -> None:
    client = client_for(demo, http, "robot")
    token = (await client.auth()).json()["Details"]["HumanVerificationToken"]
    headers = {"x-pm-human-verification-token": token, "x-pm-human-verification-token-type": "captcha"}
    assert (await client.auth(headers=headers)).json()["Code"] == 12087


def refresh_body(client: Client, token: str | None = None) -> dict[str, str]:
    return {
        "UID": client.tokens["UID"],
        "RefreshToken": token or client.tokens["RefreshToken"],
        "ResponseType": "token",
        "GrantType": "refresh_token",
        "RedirectURI": "https://protonmail.ch",
        "State": "x" * 32,
    }


async def test_refresh_rotates_both_tokens(demo: DemoServer, anna: Client) -> None:
    demo.world.sessions.expire_access()
    expired = await anna.call("GET", "/core/v4/users")
    assert (expired.status_code, expired.content) == (401, b"")
    fresh = (await anna.call("POST", "/auth/v4/refresh", json=refresh_body(anna))).json()
    assert fresh["UID"] == anna.tokens["UID"]
    assert fresh["AccessToken"] != anna.tokens["AccessToken"]
    assert fresh["RefreshToken"] != anna.tokens["RefreshToken"]
    anna.tokens = fresh
    await anna.good("GET", "/core/v4/users")


async def test_a_refresh_token_used_twice_ends_the_session(anna: Client) -> None:
    old = anna.tokens["RefreshToken"]
    anna.tokens = (await anna.call("POST", "/auth/v4/refresh", json=refresh_body(anna))).json()
    again = await anna.call("POST", "/auth/v4/refresh", json=refresh_body(anna, old))
    assert (again.status_code, again.json()["Code"]) == (422, 10013)
    assert (await anna.call("GET", "/core/v4/users")).status_code == 401


async def test_with_grace_a_lost_answer_can_be_asked_for_again(demo: DemoServer, anna: Client) -> None:
    demo.world.sessions.grace = True
    old = anna.tokens["RefreshToken"]
    await anna.call("POST", "/auth/v4/refresh", json=refresh_body(anna, old))
    again = await anna.call("POST", "/auth/v4/refresh", json=refresh_body(anna, old))
    assert again.status_code == 200
    anna.tokens = again.json()
    await anna.good("GET", "/core/v4/users")
    late = await anna.call("POST", "/auth/v4/refresh", json=refresh_body(anna, old))
    assert late.json()["Code"] == 10013


async def test_an_account_whose_refresh_is_refused(sign_in: SignIn) -> None:
    client = await sign_in("signed-out")
    answer = await client.call("POST", "/auth/v4/refresh", json=refresh_body(client))
    assert (answer.status_code, answer.json()["Code"]) == (422, 10013)


async def test_salts_need_a_password_given_not_long_ago(demo: DemoServer, anna: Client) -> None:
    demo.world.sessions.lock(demo.world.account("anna").number)
    answer = await anna.call("GET", "/core/v4/keys/salts")
    assert answer.status_code == 403
    assert answer.json()["Details"]["MissingScopes"] == ["locked"]
    await anna.good("GET", "/core/v4/users")


async def test_logout_and_sessions(demo: DemoServer, sign_in: SignIn) -> None:
    first, second = await sign_in("bo"), await sign_in("bo")
    listed = (await second.good("GET", "/auth/v4/sessions"))["Sessions"]
    assert {each["UID"] for each in listed} == {first.tokens["UID"], second.tokens["UID"]}
    await second.good("DELETE", f"/auth/v4/sessions/{first.tokens['UID']}")
    assert (await first.call("GET", "/core/v4/users")).status_code == 401
    await second.good("DELETE", "/auth/v4")
    assert (await second.call("GET", "/core/v4/users")).status_code == 401


async def test_app_version_is_asked_for(demo: DemoServer, http: httpx.AsyncClient) -> None:
    missing = await http.get("/tests/ping")
    assert (missing.status_code, missing.json()["Code"]) == (400, 5001)
    demo.world.options.app_version = "linux-bridge@9.9.9"
    client = client_for(demo, http, "anna")
    assert (await client.info()).json()["Code"] == 5003
