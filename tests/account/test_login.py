"""Each sign-in a person may meet, against the demo service: its questions, its failures, and what is left behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bridge_gui.account.keys import AddressKeysLocked, KeysLocked, KeysUnsupported
from bridge_gui.account.login import SignIn, problem_of
from bridge_gui.answers import LoginFailed, NeedHumanCheck, NeedMailboxPassword, NeedTwoFactor, SignedIn
from bridge_gui.demo import totp
from bridge_gui.demo.faults import Fault
from bridge_gui.demo.profiles import MAILBOX_PASSWORD, TOTP_SECRET
from bridge_gui.demo.server import DemoServer
from bridge_gui.errors import BridgeError, CryptoError, Refused
from bridge_gui.model import AccountId, FlowId
from bridge_gui.proton import errors
from bridge_gui.proton.api import Api
from bridge_gui.proton.http import Transport
from bridge_gui.proton.retry import Clock
from bridge_gui.proton.types import SessionTokens
from bridge_gui.secret import Secret

FLOW = FlowId("flow-1")


@pytest.fixture(scope="session")
def login_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("login-keys")


@pytest.fixture
async def demo(login_keys: Path) -> AsyncIterator[DemoServer]:
    async with DemoServer(messages=1, cache_folder=login_keys) as server:
        yield server


async def no_wait(_: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture
async def transport(demo: DemoServer) -> AsyncIterator[Transport]:
    async with Transport(demo.url, clock=Clock(sleep=no_wait)) as each:
        yield each


@pytest.fixture
def begin(transport: Transport) -> Callable[[], SignIn]:
    return lambda: SignIn(FLOW, transport, lambda _: False)


def open_sessions(demo: DemoServer, username: str) -> int:
    return len(demo.world.sessions.of(demo.world.account(username).number))


def code() -> str:
    return totp.code(TOTP_SECRET, time.time())


# ---------------------------------------------------------------------------------------------- success


async def test_one_password_is_enough_for_most(demo: DemoServer, transport: Transport) -> None:
    sign_in = SignIn(FLOW, transport, lambda _: False)
    step = await sign_in.start("anna", Secret("anna-demo"))
    account = demo.world.account("anna")
    assert step == SignedIn(AccountId(account.id))
    assert sign_in.result is not None
    assert sign_in.result.user.name == "anna"
    assert sign_in.result.addresses[0].email == "anna@bridge.example"
    assert sign_in.result.keys.primary(sign_in.result.addresses[0].id) is not None
    assert open_sessions(demo, "anna") == 1

    async def unused(_: SessionTokens) -> None:
        raise AssertionError("no refresh was expected")

    api = Api(transport, sign_in.result.tokens, unused)
    assert (await api.user()).name == "anna"
    assert not demo.world.received.contains("anna-demo"), "the password does not leave this computer"
    assert not demo.world.received.contains(sign_in.result.key_pass.reveal())


@pytest.mark.parametrize("typed", ["anna.lindqvist@bridge.example", "Anna@Bridge.Example", " anna \r\n"])
async def test_names_addresses_and_any_case_are_taken(begin: Callable[[], SignIn], typed: str) -> None:
    assert isinstance(await begin().start(typed, Secret("anna-demo")), SignedIn)


@pytest.mark.parametrize("pasted", ["anna-demo\r\n", " anna-demo "])
async def test_blanks_pasted_with_the_password_do_not_matter(begin: Callable[[], SignIn], pasted: str) -> None:
    assert isinstance(await begin().start("anna", Secret(pasted)), SignedIn)


@pytest.mark.parametrize("username", ["rsa", "raw-token", *(f"auth-version-{n}" for n in range(4))])
async def test_old_accounts_sign_in_too(begin: Callable[[], SignIn], username: str) -> None:
    assert isinstance(await begin().start(username, Secret(f"{username}-demo")), SignedIn)


# ---------------------------------------------------------------------------------------------- second factor


async def test_a_code_is_asked_for_and_a_wrong_one_asked_again(demo: DemoServer, begin: Callable[[], SignIn]) -> None:
    sign_in = begin()
    assert await sign_in.start("totp", Secret("totp-demo")) == NeedTwoFactor(FLOW)
    for wrong in ("000000", "12345", "abcdef", "", "١٢٣٤٥٦"):
        step = await sign_in.code(wrong)
        assert isinstance(step, NeedTwoFactor)
        assert step.problem is not None
        assert step.problem.code == "wrong-code"
        assert step.problem.remedy
    shown = code()
    assert isinstance(await sign_in.code(f" {shown[:3]} {shown[3:]}\n"), SignedIn)
    assert open_sessions(demo, "totp") == 1


async def test_the_network_may_fail_while_a_code_is_given(demo: DemoServer, begin: Callable[[], SignIn]) -> None:
    sign_in = begin()
    await sign_in.start("totp", Secret("totp-demo"))
    demo.world.faults.add(Fault("POST /auth/v4/2fa", cut="before", count=4))
    step = await sign_in.code(code())
    assert isinstance(step, NeedTwoFactor)
    assert step.problem is not None
    assert step.problem.code == "offline"
    assert isinstance(await sign_in.code(code()), SignedIn)


async def test_a_security_key_alone_is_named_as_unsupported(demo: DemoServer, begin: Callable[[], SignIn]) -> None:
    step = await begin().start("security-key", Secret("security-key-demo"))
    assert isinstance(step, LoginFailed)
    assert step.problem.title == "Security keys are not supported"
    assert "authenticator app" in step.problem.remedy
    assert not step.retry
    assert open_sessions(demo, "security-key") == 0


async def test_with_a_security_key_and_codes_the_code_is_asked_for(begin: Callable[[], SignIn]) -> None:
    sign_in = begin()
    assert await sign_in.start("both-factors", Secret("both-factors-demo")) == NeedTwoFactor(FLOW)
    assert isinstance(await sign_in.code(code()), SignedIn)


# ---------------------------------------------------------------------------------------------- mailbox password


async def test_the_second_password_has_three_tries(demo: DemoServer, begin: Callable[[], SignIn]) -> None:
    sign_in = begin()
    assert await sign_in.start("two-passwords", Secret("two-passwords-demo")) == NeedMailboxPassword(FLOW, 3)
    for left in (2, 1):
        step = await sign_in.mailbox_password(Secret("two-passwords-demo"))
        assert isinstance(step, NeedMailboxPassword)
        assert step.attempts_left == left
        assert step.problem is not None
        assert open_sessions(demo, "two-passwords") == 1
    step = await sign_in.mailbox_password(Secret("wrong"))
    assert isinstance(step, LoginFailed)
    assert step.problem.code == "wrong-mailbox-password"
    assert open_sessions(demo, "two-passwords") == 0
    assert sign_in.result is None
    assert not demo.world.received.contains("wrong-mailbox")


async def test_code_and_second_password_in_one_sign_in(demo: DemoServer, begin: Callable[[], SignIn]) -> None:
    sign_in = begin()
    assert isinstance(await sign_in.start("totp-two-passwords", Secret("totp-two-passwords-demo")), NeedTwoFactor)
    assert isinstance(await sign_in.code(code()), NeedMailboxPassword)
    assert isinstance(await sign_in.mailbox_password(Secret("oops")), NeedMailboxPassword)
    assert isinstance(await sign_in.mailbox_password(Secret(f"{MAILBOX_PASSWORD} \n")), SignedIn)
    assert not demo.world.received.contains(MAILBOX_PASSWORD), "it is used on this computer only"


# ---------------------------------------------------------------------------------------------- human verification


async def test_a_person_is_asked_for_and_the_whole_sign_in_repeated(
    demo: DemoServer, begin: Callable[[], SignIn]
) -> None:
    sign_in = begin()
    step = await sign_in.start("human", Secret("human-demo"))
    assert isinstance(step, NeedHumanCheck)
    assert demo.world.account("human").human_token in step.url
    demo.world.received.clear()
    assert isinstance(await sign_in.verified(), SignedIn)
    assert demo.world.received.paths()[:2] == ["POST /auth/v4/info", "POST /auth/v4"]


async def test_a_refused_check_starts_over(demo: DemoServer, begin: Callable[[], SignIn]) -> None:
    sign_in = begin()
    await sign_in.start("robot", Secret("robot-demo"))
    step = await sign_in.verified()
    assert isinstance(step, LoginFailed)
    assert step.problem.code == "human-check-refused"
    assert "new task" in step.problem.remedy
    assert isinstance(await begin().start("robot", Secret("robot-demo")), NeedHumanCheck)


async def test_a_person_may_be_asked_for_after_the_password(demo: DemoServer, begin: Callable[[], SignIn]) -> None:
    details = {"HumanVerificationToken": "later", "HumanVerificationMethods": ["captcha"]}
    demo.world.faults.add(Fault("GET /core/v4/users", status=422, code=9001, details=details, count=1))
    sign_in = begin()
    assert isinstance(await sign_in.start("anna", Secret("anna-demo")), NeedHumanCheck)
    demo.world.received.clear()
    assert isinstance(await sign_in.verified(), SignedIn)
    first = next(iter(demo.world.received))
    assert (first.method, first.path) == ("GET", "/core/v4/users"), "the session that stands is used on"
    assert dict(first.headers)["x-pm-human-verification-token"] == "later"
    assert dict(first.headers)["x-pm-human-verification-token-type"] == "captcha"
    assert open_sessions(demo, "anna") == 1


async def test_a_check_after_the_code_does_not_ask_for_the_code_again(
    demo: DemoServer, begin: Callable[[], SignIn]
) -> None:
    """A code is good for one sign-in: the service would not take it a second time."""
    details = {"HumanVerificationToken": "later", "HumanVerificationMethods": ["captcha"]}
    demo.world.faults.add(Fault("GET /core/v4/users", status=422, code=9001, details=details, count=1))
    sign_in = begin()
    assert isinstance(await sign_in.start("totp", Secret("totp-demo")), NeedTwoFactor)
    assert isinstance(await sign_in.code(code()), NeedHumanCheck)
    assert isinstance(await sign_in.verified(), SignedIn)
    assert open_sessions(demo, "totp") == 1


async def test_the_network_may_fail_after_the_check(demo: DemoServer, begin: Callable[[], SignIn]) -> None:
    sign_in = begin()
    asked = await sign_in.start("human", Secret("human-demo"))
    assert isinstance(asked, NeedHumanCheck)
    demo.world.faults.add(Fault("POST /auth/v4/info", cut="before", count=4))
    again = await sign_in.verified()
    assert isinstance(again, NeedHumanCheck)
    assert again.url == asked.url
    assert again.problem is not None
    assert isinstance(await sign_in.verified(), SignedIn)


# ---------------------------------------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("username", "code", "retry", "word"),
    [
        ("free", "paid-plan", False, "paid"),
        ("sso", "sso", False, "single sign-on"),
        ("disabled", "account-disabled", False, "suspended"),
        ("restricted", "account-restricted", False, "restricted"),
        ("old-app", "update-forced", False, "version"),
        ("busy", "throttled", True, "too many"),
    ],
)
async def test_each_refusal_has_its_sentence(
    demo: DemoServer, begin: Callable[[], SignIn], username: str, code: str, retry: bool, word: str
) -> None:
    sign_in = begin()
    step = await sign_in.start(username, Secret(f"{username}-demo"))
    assert isinstance(step, LoginFailed)
    assert (step.problem.code, step.retry) == (code, retry)
    assert word in step.problem.message
    assert step.problem.title
    assert step.problem.remedy
    assert open_sessions(demo, username) == 0


async def test_throttling_says_how_long_to_wait(begin: Callable[[], SignIn]) -> None:
    step = await begin().start("busy", Secret("busy-demo"))
    assert isinstance(step, LoginFailed)
    assert step.problem.remedy == "Wait 2 seconds, then try again."


@pytest.mark.parametrize("username", ["anna", "nobody-here"])
async def test_a_wrong_password_or_name(begin: Callable[[], SignIn], username: str) -> None:
    sign_in = begin()
    step = await sign_in.start(username, Secret("wrong"))
    assert isinstance(step, LoginFailed)
    assert step.problem.code == "wrong-credentials"
    assert step.retry
    assert sign_in.result is None


@pytest.mark.parametrize(("username", "password"), [("", "x"), ("  ", "x"), ("anna", "")])
async def test_an_empty_form_asks_nobody(
    demo: DemoServer, begin: Callable[[], SignIn], username: str, password: str
) -> None:
    step = await begin().start(username, Secret(password))
    assert isinstance(step, LoginFailed)
    assert step.problem.code == "incomplete"
    assert demo.world.received.total == 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault("POST /auth/v4/info", cut="before"), "offline"),
        (Fault("POST /auth/v4", cut="body"), "offline"),
        (Fault("POST /auth/v4/info", status=500), "server-trouble"),
        (Fault("POST /auth/v4", status=429, retry_after="120"), "throttled"),
        (Fault("POST /auth/v4/info", status=200, body="<html>Welcome to the hotel</html>"), "service-malformed"),
        (Fault("POST /auth/v4", status=422, code=9002, error="Device verification"), "device-check"),
        (Fault("POST /auth/v4", status=400, code=5001), "version-missing"),
        (Fault("POST /auth/v4", status=422, code=6003), "wrong-credentials"),
        (Fault("POST /auth/v4", status=401, code=8002), "wrong-credentials"),
        (Fault("POST /auth/v4", status=422, code=8101), "not-sso"),
        (Fault("GET /core/v4/users", status=422, code=10004), "paid-plan"),
        (Fault("GET /core/v4/addresses", cut="before"), "offline"),
        (Fault("GET /core/v4/keys/salts", status=403, code=9101, details={"MissingScopes": ["locked"]}), "scope"),
    ],
)
async def test_trouble_on_the_way_is_told_and_leaves_no_session(
    demo: DemoServer, begin: Callable[[], SignIn], fault: Fault, code: str
) -> None:
    rule = demo.world.faults.add(fault)
    sign_in = begin()
    step = await sign_in.start("anna", Secret("anna-demo"))
    assert isinstance(step, LoginFailed)
    assert step.problem.code == code
    assert step.problem.title
    assert step.problem.message
    assert step.problem.remedy
    assert sign_in.result is None
    if fault.cut != "body":  # a lost answer of the sign-in itself leaves a session nobody knows
        assert open_sessions(demo, "anna") == 0
    assert rule.hits


async def test_no_network_at_all(demo: DemoServer) -> None:
    async with Transport("http://127.0.0.1:9", clock=Clock(sleep=no_wait)) as nowhere:
        step = await SignIn(FLOW, nowhere, lambda _: False).start("anna", Secret("anna-demo"))
    assert isinstance(step, LoginFailed)
    assert step.problem.code == "offline"
    assert "internet connection" in step.problem.remedy


async def test_an_account_in_use_keeps_its_session_and_the_new_one_ends(demo: DemoServer, transport: Transport) -> None:
    number = demo.world.account("anna").number
    kept = demo.world.sessions.open(number, two_factor=False)
    step = await SignIn(FLOW, transport, lambda _: True).start("anna", Secret("anna-demo"))
    assert isinstance(step, LoginFailed)
    assert step.problem.title == "Already signed in"
    assert [each.uid for each in demo.world.sessions.of(number)] == [kept.uid]


async def test_a_session_that_cannot_be_ended_does_not_hide_the_failure(
    demo: DemoServer, begin: Callable[[], SignIn]
) -> None:
    demo.world.faults.add(Fault("DELETE /auth/v4", status=500))
    step = await begin().start("security-key", Secret("security-key-demo"))
    assert isinstance(step, LoginFailed)
    assert step.problem.title == "Security keys are not supported"


# ---------------------------------------------------------------------------------------------- cancel, order


@pytest.mark.parametrize("username", ["totp", "two-passwords"])
async def test_cancel_leaves_nothing_behind(demo: DemoServer, begin: Callable[[], SignIn], username: str) -> None:
    sign_in = begin()
    await sign_in.start(username, Secret(f"{username}-demo"))
    assert open_sessions(demo, username) == 1
    await sign_in.cancel()
    await sign_in.cancel()
    assert open_sessions(demo, username) == 0
    with pytest.raises(Refused):
        await sign_in.code("123456")


async def test_cancel_after_success_ends_nothing(demo: DemoServer, begin: Callable[[], SignIn]) -> None:
    sign_in = begin()
    await sign_in.start("anna", Secret("anna-demo"))
    await sign_in.cancel()
    assert open_sessions(demo, "anna") == 1


async def test_cancel_before_anything_asks_nobody(demo: DemoServer, begin: Callable[[], SignIn]) -> None:
    await begin().cancel()
    assert demo.world.received.total == 0


async def test_answers_to_a_question_not_asked_are_refused(begin: Callable[[], SignIn]) -> None:
    sign_in = begin()
    for call in (sign_in.verified(), sign_in.code("123456"), sign_in.mailbox_password(Secret("x"))):
        with pytest.raises(Refused):
            await call
    assert await sign_in.start("totp", Secret("totp-demo")) == NeedTwoFactor(FLOW)
    with pytest.raises(Refused):
        await sign_in.start("totp", Secret("totp-demo"))
    assert isinstance(await sign_in.code(code()), SignedIn), "a wrong call changed nothing"


async def test_two_answers_at_once_are_one_too_many(demo: DemoServer, begin: Callable[[], SignIn]) -> None:
    sign_in = begin()
    results = await asyncio.gather(
        sign_in.start("anna", Secret("anna-demo")), sign_in.start("anna", Secret("anna-demo")), return_exceptions=True
    )
    assert [type(each) for each in results] == [SignedIn, Refused]
    assert open_sessions(demo, "anna") == 1


async def test_a_cancelled_task_ends_its_session(demo: DemoServer, begin: Callable[[], SignIn]) -> None:
    sign_in = begin()
    demo.world.faults.add(Fault("GET /core/v4/users", delay=30))
    task = asyncio.get_running_loop().create_task(sign_in.start("anna", Secret("anna-demo")))
    while not open_sessions(demo, "anna"):  # noqa: ASYNC110 - the demo has no event for it
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert open_sessions(demo, "anna") == 0


# ---------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    "error",
    [
        errors.Offline(),
        errors.Untrusted(),
        errors.SrpError("x"),
        errors.Malformed(),
        errors.ApiError(418, 0, "What the service says"),
        errors.InvalidInput(400, 2000, "What the service says"),
        KeysLocked("x"),
        KeysUnsupported("x"),
        AddressKeysLocked("x"),
        CryptoError("x"),
    ],
)
def test_every_problem_says_what_happened_and_what_to_do(error: BridgeError) -> None:
    problem = problem_of(error)
    assert problem.title
    assert problem.message
    assert problem.remedy or type(error) is CryptoError
    if isinstance(error, errors.ApiError):
        assert problem.message == "What the service says"
        assert problem.detail.startswith("HTTP ")


@pytest.mark.parametrize(
    ("seconds", "remedy"),
    [
        (None, "Wait some minutes, then try again."),
        (0.0, "Wait 1 seconds, then try again."),
        (59.0, "Wait 59 seconds, then try again."),
        (60.0, "Wait a minute, then try again."),
        (61.0, "Wait 2 minutes, then try again."),
    ],
)
def test_how_long_to_wait_in_words(seconds: float | None, remedy: str) -> None:
    assert problem_of(errors.Throttled(429, retry_after=seconds)).remedy == remedy


@asynccontextmanager
async def answering(handler: Callable[[httpx.Request], httpx.Response]) -> AsyncIterator[Transport]:
    async with Transport("https://api.example", http=httpx.MockTransport(handler)) as each:
        yield each


async def test_a_server_that_is_not_proton_gets_no_further() -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"Version": 4, "Modulus": "made up"})

    async with answering(handler) as transport:
        step = await SignIn(FLOW, transport, lambda _: False).start("anna", Secret("anna-demo"))
    assert isinstance(step, LoginFailed)
    assert step.problem.code == "srp"
    assert not step.retry
