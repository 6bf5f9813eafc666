"""What ends an account's work until a person does something, provoked at the demo service: sessions that are not good
any more, keys that cannot be used, and a mistake of ours.

Each is seen in tray, menu, window, status and doctor; its button is pressed; and all is well once it was mended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bridge_gui.demo.keyring import HeldKey
from bridge_gui.demo.server import DemoServer
from bridge_gui.openpgp import armor, packets
from bridge_gui.sync.service import Service
from bridge_gui.ui.report import ReportDialog
from tests.desktop.running import account_of, sign_in_again
from tests.desktop.whole import Whole

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(120), pytest.mark.expects_log]

EMAIL = "anna@bridge.example"


def seen(app: Whole, icon: str, words: str, state: str, code: str, button: str) -> str:
    """Wait for the tray, then look everywhere else; returns the banner's words."""
    app.until(lambda: app.tray == (icon, words), hurry=True)
    assert account_of(app) == {"state": state, "code": code}
    (banner,) = app.shown_banners()
    assert banner.action.text() == button
    assert banner.action.isVisible()
    assert button in app.menu
    checks = {check["key"]: check for check in app.get("/v1/doctor")}
    assert checks[f"account-{app.account.id}"]["state"] != "good"
    return banner.text()


# ---------------------------------------------------------------------------------------------- sessions


def test_a_session_that_may_not_do_this_any_more(app: Whole, service: DemoServer) -> None:
    service.world.sessions.narrow(service.world.account("anna").number)
    app.hurry()
    words = seen(app, "attention", f"{EMAIL}: Signed out", "signed-out", "scope", "Sign in again")
    assert words.startswith("Proton asks for a new sign-in. This session may not do what is needed.")
    sign_in_again(app)


def test_a_session_that_is_refused_however_often_it_is_renewed(app: Whole, service: DemoServer) -> None:
    """No proof that it has ended: it is tried again, and nothing is forgotten. Only a new one helps."""
    account = service.world.account("anna")
    service.world.sessions.refuse(account.number)
    app.hurry()
    words = seen(app, "normal", "Proton refuses this session", "connected", "session-expired", "Sign in again")
    assert "If this stays so, sign in again." in words
    sign_in_again(app)


# ---------------------------------------------------------------------------------------------- keys


def of_a_new_kind(key: HeldKey) -> HeldKey:
    """The same key with a version that nobody knows yet, to the application; the service goes on with what it has."""
    first, *others = packets.read(armor.dearmor(key.private_key))
    body = bytes([9]) + bytes(first.body)[1:]
    changed = [packets.write(first.tag, body), *(packets.write(each.tag, bytes(each.body)) for each in others)]
    new = replace(key, private_key=armor.armor(armor.PRIVATE_KEY, b"".join(changed)))
    new.__dict__["unlocked"] = key.unlocked
    return new


@contextmanager
def other_keys(service: DemoServer, user: list[HeldKey], addresses: dict[str, list[HeldKey]]) -> Iterator[None]:
    """The account's keys are others for a while, and each change is told as the service tells it."""
    account = service.world.account("anna")
    before = account.kit
    account.kit = replace(before, user_keys=user, address_keys=addresses)
    service.world.change_user(account)
    try:
        yield
    finally:
        account.kit = before
        service.world.change_user(account)


def mends_at_proton(app: Whole, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("bridge_gui.ui.main_window.QDesktopServices.openUrl", lambda url: opened.append(url.toString()))
    app.press(words, "Open proton.me")
    assert opened == ["https://account.proton.me/"]


def test_keys_of_a_kind_that_cannot_be_read(app: Whole, service: DemoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    kit = service.world.account("anna").kit
    with other_keys(service, [of_a_new_kind(each) for each in kit.user_keys], kit.address_keys):
        app.hurry()
        title = "The keys are of a new kind"
        words = seen(app, "error", f"{EMAIL}: {title}", "error", "keys-unsupported", "Open proton.me")
        assert words.startswith(title)
        mends_at_proton(app, title, monkeypatch)
    app.hurry()
    app.well()
    app.until(lambda: not app.banners)


def test_addresses_whose_keys_are_all_inactive(
    app: Whole, service: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As they are after a password was reset, until somebody makes them active again with the old one."""
    kit = service.world.account("anna").kit
    inactive = {email: [replace(each, active=False) for each in held] for email, held in kit.address_keys.items()}
    with other_keys(service, kit.user_keys, inactive):
        app.hurry()
        title = "No address of this account can be opened"
        words = seen(app, "error", f"{EMAIL}: {title}", "error", "address-keys-locked", "Open proton.me")
        assert words.startswith(title)
        mends_at_proton(app, title, monkeypatch)
    app.hurry()
    app.well()
    app.until(lambda: not app.banners)


# ---------------------------------------------------------------------------------------------- ourselves


def test_a_mistake_of_ours(app: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    """No service leads to it, so it is made here: something within a poll is broken."""

    async def broken(self: Service, cursor: object) -> None:
        raise LookupError("Lunch on Friday")

    with monkeypatch.context() as patch:
        patch.setattr(Service, "events", broken)
        app.hurry()
        title = "A mistake in Bridge Manager"
        words = seen(app, "error", f"{EMAIL}: {title}", "error", "error", "Report it…")
        assert words.startswith(f"{title}. Something unexpected happened (LookupError).")
        assert "Lunch" not in words
        app.press(title, "Report it…")
        (report,) = [one for one in app.shell.window.findChildren(ReportDialog) if one.isVisible()]
        report.reject()
    app.hurry()
    app.well()
    app.until(lambda: not app.banners)
