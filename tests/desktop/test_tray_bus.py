"""The icon in a panel that asks for it on the session bus (StatusNotifierItem, com.canonical.dbusmenu), and the
desktop's notifications.

Each test goes on where the one before ended, as one application serves them all.
"""

from __future__ import annotations

import imaplib
from collections.abc import Iterator

import pytest

from tests.desktop.bus import Item, Notifications, Tray, session_bus
from tests.desktop.screen import Running, Screen, application, until

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(120)]

WINDOW = r"^Bridge Manager \(demonstration\)$"


@pytest.fixture(scope="module")
def bus() -> Iterator[str]:
    with session_bus() as address:
        yield address


@pytest.fixture(scope="module")
def tray() -> Tray:
    return Tray()


@pytest.fixture(scope="module")
def notifications(bus: str) -> Iterator[Notifications]:
    made = Notifications()
    with made.on(bus):
        yield made


@pytest.fixture(scope="module")
def hosted(
    x11: Screen, bus: str, notifications: Notifications, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The application on a desktop whose tray is not there yet."""
    profile = tmp_path_factory.mktemp("hosted") / "profile"
    environ = {**x11.environ, "DBUS_SESSION_BUS_ADDRESS": bus}
    with application(profile, environ, "--demo", "--no-window") as running:
        until(running.status, "it runs")  # the tray has to come before the window does for want of one
        yield running


@pytest.fixture(scope="module")
def item(hosted: Running, bus: str, tray: Tray) -> Iterator[Item]:
    """Our icon in a tray that came later, went, as panels do when they are restarted, and came again."""
    first = Tray()
    with first.on(bus):
        first.item(bus).close()
    with tray.on(bus):
        found = tray.item(bus)
        hosted.synced()
        yield found
        found.close()


def test_a_tray_that_comes_later_gets_the_icon(item: Item) -> None:
    assert item.get("Id") == "Bridge Manager"
    assert item.get("Status") == "Active"
    until(lambda: item.tooltip == "Bridge Manager\nUp to date", "the tooltip")
    assert {16, 22, 24, 32, 48} <= set(item.pixmaps)


def test_the_menu_on_the_bus(item: Item, hosted: Running) -> None:
    program = hosted.add_program("Mail")

    def texts() -> list[str]:
        return [line.label for line in item.lines()]

    until(lambda: "Copy password of Mail" in texts(), "the new program stands in the menu")
    assert texts() == [
        "Up to date",
        "anna@bridge.example",
        "Up to date",
        "Copy password of Mail",
        f"Copy user name {program['username']}",
        "Copy server data",
        "Add a mail program…",
        "Pause for",
        "15 minutes",
        "An hour",
        "Until I resume",
        "Open Bridge Manager",
        "Settings…",
        "Help",
        "Set-up guide",
        "Doctor",
        "Report a problem…",
        "About",
        "Quit",
    ]
    assert not item.lines()[0].enabled


def test_a_password_copied_on_the_bus_signs_in(x11: Screen, item: Item, hosted: Running) -> None:
    item.choose("anna@bridge.example", "Copy password of Mail")
    until(lambda: len(x11.clipboard()) == 22, "the password is copied")
    assert int(hosted.sign_in("anna@bridge.example", x11.clipboard())[0]) > 0
    item.choose("anna@bridge.example", "Copy server data")
    until(lambda: x11.clipboard().startswith("IMAP 127.0.0.1:"), "the server data is copied")


def test_pausing_and_resuming_on_the_bus(item: Item, hosted: Running) -> None:
    normal = item.pixmap()
    item.choose("Pause for", "An hour")
    until(lambda: hosted.status()["accounts"][0]["sync"]["phase"] == "paused", "the account is paused")
    until(lambda: item.tooltip == "Bridge Manager\nPaused", "the tooltip says so")
    item.choose("Resume")
    until(lambda: item.tooltip == "Bridge Manager\nUp to date", "it goes on")
    assert item.pixmap() == normal


def test_the_left_button_and_the_pages(x11: Screen, item: Item, hosted: Running) -> None:
    if x11.windows(WINDOW):  # on a slow machine: there was no tray for ten seconds
        x11.press("ctrl+w")
    until(lambda: not x11.windows(WINDOW), "the window is hidden")
    item.activate()
    until(lambda: x11.windows(WINDOW), "the window is open")
    item.choose("Help", "Report a problem…")
    until(lambda: x11.windows("Report a problem"), "the report is open")
    x11.press("Escape")


def test_what_needs_the_person_is_announced_once(
    x11: Screen, item: Item, hosted: Running, notifications: Notifications
) -> None:
    """A mail program has a wrong password: the icon, its words and one notification say so, until it has the right
    one. Nothing was announced of all that happened before."""
    x11.press("ctrl+w")
    until(lambda: not x11.windows(WINDOW), "the window is hidden")
    assert notifications.shown == []
    normal = item.pixmap()
    for _ in range(2):
        with pytest.raises(imaplib.IMAP4.error):
            hosted.sign_in("anna@bridge.example", "not the password")
    until(lambda: item.tooltip == "Bridge Manager\nMail uses a wrong password", "the tooltip says so")
    assert item.pixmap() != normal
    shown = until(lambda: list(notifications.shown), "the notification")
    assert [(one.app, one.title) for one in shown] == [("Bridge Manager", "Mail uses a wrong password")]
    assert shown[0].text.endswith("Copy the password into Mail again.")
    assert shown[0].hints == {"desktop-entry": "bridge-gui", "urgency": 1}
    assert shown[0].actions == ("default", "Open")
    notifications.click(1)
    until(lambda: x11.windows(WINDOW), "a click on it opens the window")
    x11.press("ctrl+w")
    until(lambda: not x11.windows(WINDOW), "the window is hidden again")
    hosted.sign_in("anna@bridge.example", hosted.password("Mail"))
    until(lambda: item.tooltip == "Bridge Manager\nUp to date", "it is well again")
    assert item.pixmap() == normal
    assert len(notifications.shown) == 1


def test_the_menu_on_the_bus_quits(item: Item, hosted: Running) -> None:
    item.choose("Quit")
    assert hosted.process.wait(30) == 0
