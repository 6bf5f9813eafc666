"""What the service can refuse or fail in while an account is in use, each provoked at the demo service.

Seen in tray, window, status and doctor, each with its button; and all is well again once the service is."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bridge_gui.demo.faults import Fault
from bridge_gui.demo.server import DemoServer
from tests.desktop.running import account_of
from tests.desktop.whole import Whole

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(120), pytest.mark.expects_log]

EVENTS = "GET /core/v4/events/*"
EMAIL = "anna@bridge.example"


@dataclass(frozen=True)
class Refusal:
    """What the service answers, and what is seen."""

    fault: Fault
    icon: str
    words: str
    state: str
    code: str
    button: str


REFUSALS = [
    Refusal(Fault(EVENTS, status=500), "normal", "Proton has trouble", "connected", "server-trouble", "Try again"),
    Refusal(
        Fault(EVENTS, status=429, retry_after="90000"),
        "normal",
        "Proton asks to wait",
        "connected",
        "throttled",
        "",
    ),
    Refusal(
        Fault(EVENTS, status=200, body="<html>Welcome to the hotel</html>"),
        "normal",
        "Proton's answer cannot be read",
        "connected",
        "service-malformed",
        "Try again",
    ),
    Refusal(
        Fault(EVENTS, status=422, code=9001, details={"HumanVerificationToken": "t"}),
        "error",
        f"{EMAIL}: Proton wants to know that you are human",
        "error",
        "human-check",
        "Sign in again",
    ),
    Refusal(
        Fault(EVENTS, status=422, code=9002),
        "error",
        f"{EMAIL}: Proton asks for a check of this device",
        "error",
        "device-check",
        "Open proton.me",
    ),
    Refusal(
        Fault(EVENTS, status=422, code=10003),
        "error",
        f"{EMAIL}: This account is disabled",
        "error",
        "account-disabled",
        "Open proton.me",
    ),
    Refusal(
        Fault(EVENTS, status=422, code=12100),
        "error",
        f"{EMAIL}: This account is restricted",
        "error",
        "account-restricted",
        "Open proton.me",
    ),
    Refusal(
        Fault(EVENTS, status=400, code=5001),
        "error",
        f"{EMAIL}: The application version is missing",
        "error",
        "version-missing",
        "Open the settings",
    ),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_what_the_service_refuses(app: Whole, service: DemoServer, refusal: Refusal) -> None:
    service.world.faults.set([refusal.fault])
    app.hurry()
    app.until(lambda: app.tray == (refusal.icon, refusal.words), hurry=True)
    assert account_of(app) == {"state": refusal.state, "code": refusal.code}
    (banner,) = app.shown_banners()
    assert banner.text().startswith(refusal.words.removeprefix(f"{EMAIL}: "))
    assert ". " in banner.text()
    assert banner.action.text() == refusal.button
    assert banner.action.isVisible() is bool(refusal.button)
    checks = {check["key"]: check for check in app.get("/v1/doctor")}
    assert checks[f"account-{app.account.id}"]["state"] != "good"
    service.world.faults.clear()
    app.hurry()
    app.well()
    app.until(lambda: not app.banners)
