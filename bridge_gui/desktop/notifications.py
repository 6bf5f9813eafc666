"""Desktop notifications by org.freedesktop.Notifications (Desktop Notifications Specification 1.2), without Qt.

Other systems have none here: there the tray icon shows the message. The connection is kept while the program runs, as
GNOME takes back what a vanished sender has shown.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from typing import Any

from bridge_gui.aio import off_loop

log = logging.getLogger(__name__)

BUS_NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
APP_NAME = "Bridge Manager"
ANSWER_SECONDS = 2.0


class Notifier:
    """Show notifications; `show` says whether somebody took one."""

    def __init__(self) -> None:
        self._connection: Any = None
        self._one_at_a_time = asyncio.Lock()

    async def show(self, title: str, text: str) -> bool:
        """Return False where there is no notification service; the caller shows it another way."""
        if sys.platform != "linux" or not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
            return False
        async with self._one_at_a_time:
            return await off_loop(None, self._show, title, text)

    def _show(self, title: str, text: str) -> bool:
        try:
            from jeepney import DBusAddress, MessageType, new_method_call  # type: ignore[import-untyped]
            from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]
        except ImportError:
            return False
        address = DBusAddress(PATH, bus_name=BUS_NAME, interface=BUS_NAME)
        hints: dict[str, tuple[str, Any]] = {"desktop-entry": ("s", "bridge-gui"), "urgency": ("y", 1)}
        actions: list[str] = []
        arguments = (APP_NAME, 0, "bridge-gui", title, _escaped(text), actions, hints, -1)
        try:
            if self._connection is None:
                self._connection = open_dbus_connection(bus="SESSION")
            call = new_method_call(address, "Notify", "susssasa{sv}i", arguments)
            answer = self._connection.send_and_get_reply(call, timeout=ANSWER_SECONDS)
        except (OSError, TimeoutError, EOFError, ValueError) as error:
            log.info("no notification service answers: %s", type(error).__name__)
            self._drop()
            return False
        return bool(answer.header.message_type is MessageType.method_return)

    async def close(self) -> None:
        async with self._one_at_a_time:
            await off_loop(None, self._drop)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _escaped(text: str) -> str:
    """The body may hold markup (chapter 3 of the specification), so what looks like it is written out."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
