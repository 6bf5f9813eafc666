"""The icon in a panel that takes icons by XEmbed (tint2): click, menu, copying a password; the panel comes and goes.

Each test goes on where the one before ended, as one application serves them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.desktop.screen import ICON, Running, Screen, application, until

pytestmark = [pytest.mark.desktop, pytest.mark.timeout(120)]

WINDOW = r"^Bridge Manager \(demonstration\)$"


def open_menu(x11: Screen, app: Running) -> None:
    """Press the right button on the icon, which is the only window now, and wait for the menu."""
    until(lambda: len(x11.windows_of(app.process)) == 1, "nothing else is open")
    x11.click(2)  # does nothing, but that two quick tests do not make a double click
    x11.click(3)
    until(lambda: len(x11.windows_of(app.process)) == 2, "the menu is open")


class Panel:
    """A panel that comes and goes."""

    def __init__(self, screen: Screen, folder: Path) -> None:
        self._screen, self._folder = screen, folder
        self._stack = ExitStack()

    def open(self) -> None:
        self._stack.enter_context(self._screen.panel(self._folder))

    def close(self) -> None:
        self._stack.close()

    def has_icon(self) -> bool:
        """Something bright was drawn where the icon belongs."""
        picture = QImage(str(self._screen.picture(self._folder / "screen.png")))
        area = [picture.pixelColor(ICON[0] + dx, ICON[1] + dy) for dx in range(-11, 12) for dy in range(-11, 12)]
        return sum(colour.lightness() > 200 for colour in area) > 20


@pytest.fixture(scope="module")
def panel(x11: Screen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    made = Panel(x11, tmp_path_factory.mktemp("panel"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(x11: Screen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The application as the desktop starts it, before the panel is there."""
    profile = tmp_path_factory.mktemp("xembed") / "profile"
    with application(profile, x11.environ, "--demo", "--no-window") as running:
        until(running.status, "it runs")
        yield running


def test_a_panel_that_comes_later_gets_the_icon(x11: Screen, app: Running, panel: Panel) -> None:
    if x11.windows(WINDOW):  # on a slow machine: there was no tray for ten seconds
        x11.press("ctrl+w")
    until(lambda: not x11.windows(WINDOW), "the window is hidden")
    panel.open()
    until(panel.has_icon, "the icon is drawn")
    assert not x11.windows(WINDOW)
    app.synced()


def test_a_panel_that_starts_again_gets_it_again(x11: Screen, app: Running, panel: Panel) -> None:
    panel.close()
    until(lambda: not panel.has_icon(), "the panel is gone")
    panel.open()
    until(panel.has_icon, "the icon is drawn again")


def test_a_click_opens_the_window_and_closing_keeps_the_icon(x11: Screen, app: Running, panel: Panel) -> None:
    x11.click(1)
    until(lambda: x11.windows(WINDOW), "the window is open")
    x11.press("ctrl+w")
    until(lambda: not x11.windows(WINDOW), "the window is hidden")
    assert panel.has_icon()


def test_a_second_start_raises_the_window(x11: Screen, app: Running, panel: Panel) -> None:
    with application(app.profile, x11.environ) as second:
        assert second.process.wait(30) == 0
    until(lambda: x11.windows(WINDOW), "the window is open")
    x11.press("ctrl+w")
    until(lambda: not x11.windows(WINDOW), "the window is hidden")


def test_a_password_copied_from_the_menu_signs_in(x11: Screen, app: Running, panel: Panel) -> None:
    program = app.add_program("Mail")
    open_menu(x11, app)
    x11.press("Down", "Right", "Return")  # the account, its menu, the first line that can be chosen
    until(lambda: x11.clipboard() == program["password"], "the password is copied")
    assert x11.clipboard("x-kde-passwordManagerHint") == "secret"
    assert int(app.sign_in(program["username"], x11.clipboard())[0]) > 0


def test_the_menu_quits(x11: Screen, app: Running, panel: Panel) -> None:
    open_menu(x11, app)
    x11.press("Up", "Return")
    assert app.process.wait(30) == 0
    until(lambda: not panel.has_icon(), "the icon is gone")
