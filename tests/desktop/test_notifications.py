"""Notifications over a real session bus, with a stand-in for the desktop's service."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from bridge_gui.desktop.notifications import KEPT, Notifier
from tests.desktop.bus import Notifications, session_bus

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(60)]


@pytest.fixture(scope="module")
def bus() -> Iterator[str]:
    with session_bus() as address:
        yield address


@pytest.fixture
def on_bus(bus: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    return bus


class Clicks:
    """Counts the clicks on some notifications."""

    def __init__(self) -> None:
        self.on: asyncio.Queue[str] = asyncio.Queue()

    async def show(self, notifier: Notifier, name: str) -> bool:
        return await notifier.show(name, "text", "Open", lambda: self.on.put_nowait(name))

    async def next(self) -> str:
        return await asyncio.wait_for(self.on.get(), 10)


async def test_a_click_calls_back_on_the_loop(on_bus: str) -> None:
    desktop, notifier, clicks = Notifications(), Notifier(), Clicks()
    with desktop.on(on_bus):
        for name in ("first", "second", "third"):
            assert await clicks.show(notifier, name)
        assert [one.actions for one in desktop.shown] == [("default", "Open")] * 3
        desktop.click(99)  # of another program
        desktop.click(1, "another-button")
        desktop.click(2)
        assert await clicks.next() == "second"
        desktop.click(2)  # from the list of those that were closed
        assert await clicks.next() == "second"
        desktop.click(1)
        assert await clicks.next() == "first"
        await notifier.close()
    assert clicks.on.empty()


async def test_a_click_that_comes_before_the_answer(on_bus: str) -> None:
    class Quick(Notifications):
        def answer(self, member, body, sender):  # type: ignore[no-untyped-def]
            if member == "Notify":
                self.click(len(self.shown) + 1)
            return super().answer(member, body, sender)

    desktop, notifier, clicks = Quick(), Notifier(), Clicks()
    with desktop.on(on_bus):
        assert await clicks.show(notifier, "at once")
        assert await clicks.next() == "at once"
        await notifier.close()


async def test_a_service_without_buttons_is_offered_none(on_bus: str) -> None:
    desktop, notifier = Notifications(capabilities=("body",)), Notifier()
    with desktop.on(on_bus):
        assert await Clicks().show(notifier, "plain")
        assert desktop.shown[0].actions == ()
        await notifier.close()


async def test_only_the_newest_are_remembered(on_bus: str) -> None:
    desktop, notifier, clicks = Notifications(), Notifier(), Clicks()
    with desktop.on(on_bus):
        for number in range(KEPT + 1):
            assert await clicks.show(notifier, str(number))
        desktop.click(1)
        desktop.click(2)
        assert await clicks.next() == "1"  # the second of them
        await notifier.close()


async def test_nobody_takes_notifications(on_bus: str) -> None:
    notifier = Notifier()
    assert not await Clicks().show(notifier, "lost")
    await notifier.close()


async def test_the_service_is_started_anew_in_between(on_bus: str) -> None:
    notifier, clicks = Notifier(), Clicks()
    with Notifications().on(on_bus):
        assert await clicks.show(notifier, "before")
    assert not await clicks.show(notifier, "lost")
    desktop = Notifications()
    with desktop.on(on_bus):
        assert await clicks.show(notifier, "after")
        desktop.click(1)
        assert await clicks.next() == "after"
        await notifier.close()


async def test_the_bus_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    notifier = Notifier()
    with session_bus() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        with Notifications().on(address):
            assert await Clicks().show(notifier, "before")
    assert not await Clicks().show(notifier, "lost")
    await notifier.close()
