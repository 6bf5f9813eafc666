"""Desktop notifications by org.freedesktop.Notifications (Desktop Notifications Specification 1.2), without Qt.

Other systems have none here: there the tray icon shows the message. The connection is kept while the program runs, as
GNOME takes back what a vanished sender has shown, and as clicks come back over it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from bridge_gui.aio import off_loop

log = logging.getLogger(__name__)

BUS_NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
APP_NAME = "Bridge Manager"
DEFAULT_ACTION = "default"
"""What a click on the notification itself is called (chapter 2 of the specification)."""
ANSWER_SECONDS = 2.0
KEPT = 50
"""So many of the newest notifications do something when they are clicked."""

Clicked = Callable[[], object]


class Notifier:
    """Show notifications; `show` says whether somebody took one, and calls back on its loop when it is clicked."""

    def __init__(self) -> None:
        self._service: _Service | None = None
        self._one_at_a_time = asyncio.Lock()

    async def show(self, title: str, text: str, button: str, clicked: Clicked) -> bool:
        """Return False where there is no notification service; the caller shows it another way.

        `button` says what a click does, for services that draw it as a button.
        """
        if sys.platform != "linux" or not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
            return False
        async with self._one_at_a_time:
            loop = asyncio.get_running_loop()

            def click() -> None:
                loop.call_soon_threadsafe(clicked)

            return await off_loop(None, self._show, title, text, button, click)

    def _show(self, title: str, text: str, button: str, click: Clicked) -> bool:
        try:
            if self._service is None:
                self._service = _Service()
            return self._service.notify(title, text, button, click)
        except ImportError:
            return False
        except (OSError, TimeoutError, EOFError, ValueError) as error:
            log.info("no notification service answers: %s", type(error).__name__)
            self._drop()
            return False

    async def close(self) -> None:
        async with self._one_at_a_time:
            await off_loop(None, self._drop)

    def _drop(self) -> None:
        if self._service is not None:
            self._service.close()
            self._service = None


class _Service:
    """The service over one connection; a thread takes what comes in, as clicks come at any time."""

    def __init__(self) -> None:
        """Connect; raise ImportError without jeepney, and OSError without a bus or a service."""
        from jeepney import MatchRule, message_bus  # type: ignore[import-untyped]
        from jeepney.io.threading import open_dbus_connection  # type: ignore[import-untyped]

        self._replies: dict[int, Future[Any]] = {}
        self._clickable: dict[int, Clicked] = {}
        self._early: set[int] | None = None
        self._connection = open_dbus_connection(bus="SESSION")
        self._thread = threading.Thread(target=self._listen, name="notifications", daemon=True)
        self._thread.start()
        try:
            signals = MatchRule(type="signal", sender=BUS_NAME, interface=BUS_NAME, path=PATH)
            self._ask(message_bus.AddMatch(signals))
            self._buttons = "actions" in (self._call("GetCapabilities") or ((),))[0]
        except BaseException:
            self.close()
            raise

    def notify(self, title: str, text: str, button: str, click: Clicked) -> bool:
        actions = [DEFAULT_ACTION, button] if self._buttons else []
        hints: dict[str, tuple[str, Any]] = {"desktop-entry": ("s", "bridge-gui"), "urgency": ("y", 1)}
        arguments = (APP_NAME, 0, "bridge-gui", title, _escaped(text), actions, hints, -1)
        self._early = set()
        answer = self._call("Notify", "susssasa{sv}i", arguments)
        if answer is None:
            self._early = None
            return False
        while len(self._clickable) >= KEPT:
            del self._clickable[next(iter(self._clickable))]
        self._clickable[answer[0]] = click  # first, so that no click falls between the two
        early, self._early = self._early, None
        if answer[0] in early:
            click()
        return True

    def close(self) -> None:
        self._connection.interrupt()
        self._thread.join(ANSWER_SECONDS)
        self._connection.close()

    def _call(self, method: str, signature: str | None = None, arguments: tuple[Any, ...] = ()) -> Any:
        """Return what the service answers, None for an error."""
        from jeepney import DBusAddress, MessageType, new_method_call

        address = DBusAddress(PATH, bus_name=BUS_NAME, interface=BUS_NAME)
        answer = self._ask(new_method_call(address, method, signature, arguments))
        return answer.body if answer.header.message_type is MessageType.method_return else None

    def _ask(self, call: Any) -> Any:
        if not self._thread.is_alive():
            raise ConnectionError("the session bus has gone")
        serial = next(self._connection.outgoing_serial)
        reply = self._replies[serial] = Future()
        try:
            self._connection.send(call, serial=serial)
            return reply.result(ANSWER_SECONDS)
        finally:
            del self._replies[serial]

    def _listen(self) -> None:
        from jeepney.io.threading import ReceiveStopped

        with contextlib.suppress(ReceiveStopped, OSError, EOFError, ValueError):
            while True:
                self._take(self._connection.receive())

    def _take(self, message: Any) -> None:
        from jeepney import HeaderFields, MessageType

        fields = message.header.fields
        if message.header.message_type is not MessageType.signal:
            reply = self._replies.get(fields.get(HeaderFields.reply_serial, -1))
            if reply is not None and not reply.done():
                reply.set_result(message)
            return
        if fields.get(HeaderFields.interface) != BUS_NAME:
            return
        match fields.get(HeaderFields.member), message.body:
            case "ActionInvoked", (int(number), str(action)) if action == DEFAULT_ACTION:
                # Also after it was closed: desktops keep what nobody looked at in a list that can be clicked.
                if number in self._clickable:
                    self._clickable[number]()
                elif self._early is not None:
                    self._early.add(number)  # before we know that it is ours


def _escaped(text: str) -> str:
    """The body may hold markup (chapter 3 of the specification), so what looks like it is written out."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
