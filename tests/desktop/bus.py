"""A session bus of the tests' own, and what a desktop puts on it: a tray (StatusNotifierItem, com.canonical.dbusmenu)
and a notification service (Desktop Notifications 1.2)."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from jeepney import DBusAddress, MessageType, message_bus, new_error, new_method_call, new_method_return, new_signal
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.low_level import HeaderFields, Message

ANSWER_SECONDS = 5.0
NOTIFICATIONS = "org.freedesktop.Notifications"
PROPERTIES = "org.freedesktop.DBus.Properties"

Answer = tuple[str, tuple[Any, ...]]
"""A signature and the values it describes."""


@contextlib.contextmanager
def session_bus() -> Iterator[str]:
    """Run a message bus and yield its address."""
    command = ["dbus-daemon", "--session", "--nofork", "--nosyslog", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stdout is not None
        try:
            yield daemon.stdout.readline().strip()
        finally:
            daemon.terminate()


class Service:
    """Own a name on the bus and answer calls, on a thread of its own, from `with` to its end."""

    def __init__(self, address: str, name: str, answer: Callable[[str, tuple[Any, ...], str], Answer | None]) -> None:
        self._address, self._name, self._answer = address, name, answer

    def __enter__(self) -> Service:
        self._connection = open_dbus_connection(self._address)
        self._connection.send_and_get_reply(message_bus.RequestName(self._name), timeout=ANSWER_SECONDS)
        self._thread = threading.Thread(target=self._serve, name=self._name)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.sock.shutdown(2)
        self._thread.join()
        self._connection.close()

    def tell(self, path: str, interface: str, name: str, signature: str, *values: Any) -> None:
        """Send a signal to whoever listens."""
        signal = new_signal(DBusAddress(path, interface=interface), name, signature, values)
        self._connection.send(signal)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                call = self._connection.receive()
                if call.header.message_type is MessageType.method_call:
                    self._connection.send(self._reply(call))

    def _reply(self, call: Message) -> Message:
        fields = call.header.fields
        answer = self._answer(fields[HeaderFields.member], call.body, fields[HeaderFields.sender])
        if answer is None:
            return new_error(call, "org.freedesktop.DBus.Error.UnknownMethod")
        return new_method_return(call, *answer)


# ---------------------------------------------------------------------------------------------- notifications


@dataclass(frozen=True)
class Shown:
    """One notification as the desktop got it."""

    app: str
    title: str
    text: str
    hints: dict[str, Any]
    actions: tuple[str, ...]


@dataclass
class Notifications:
    """Stands in for the desktop's notification service."""

    shown: list[Shown] = field(default_factory=list)
    capabilities: tuple[str, ...] = ("body", "actions")
    _service: Service | None = None

    def answer(self, member: str, body: tuple[Any, ...], sender: str) -> Answer | None:
        if member == "Notify":
            app, _, _, title, text, actions, hints, _ = body
            plain = {key: value for key, (_, value) in hints.items()}
            self.shown.append(Shown(app, title, text, plain, tuple(actions)))
            return "u", (len(self.shown),)
        if member == "GetCapabilities":
            return "as", (list(self.capabilities),)
        if member == "GetServerInformation":
            return "ssss", ("stand-in", "tests", "1", "1.2")
        return None

    def on(self, address: str) -> Service:
        self._service = Service(address, NOTIFICATIONS, self.answer)
        return self._service

    def click(self, number: int, action: str = "default") -> None:
        """What the desktop tells everybody when the person clicks a notification, which closes by it."""
        assert self._service is not None
        self._service.tell("/org/freedesktop/Notifications", NOTIFICATIONS, "ActionInvoked", "us", number, action)
        self._service.tell("/org/freedesktop/Notifications", NOTIFICATIONS, "NotificationClosed", "uu", number, 2)


# ---------------------------------------------------------------------------------------------- the tray


@dataclass(frozen=True)
class Entry:
    """One line of a menu as a panel would draw it."""

    id: int
    label: str
    enabled: bool
    children: tuple[Entry, ...]


class Item:
    """What a panel sees of one tray icon, and what it may ask of it."""

    def __init__(self, address: str, owner: str, path: str = "/StatusNotifierItem") -> None:
        self._connection: DBusConnection = open_dbus_connection(address)
        self._item = DBusAddress(path, owner, "org.kde.StatusNotifierItem")

    def close(self) -> None:
        self._connection.close()

    def _call(self, where: DBusAddress, method: str, signature: str | None = None, *values: Any) -> tuple[Any, ...]:
        call = new_method_call(where, method, signature, values)
        reply = self._connection.send_and_get_reply(call, timeout=ANSWER_SECONDS)
        assert reply.header.message_type is MessageType.method_return, (method, reply.body)
        body: tuple[Any, ...] = reply.body
        return body

    def get(self, name: str) -> Any:
        """Read one property of the icon."""
        where = self._item.with_interface(PROPERTIES)
        return self._call(where, "Get", "ss", self._item.interface, name)[0][1]

    @property
    def tooltip(self) -> str:
        """Title and text, as the panel shows them."""
        _, _, title, text = self.get("ToolTip")
        return "\n".join(part for part in (title, text) if part)

    @property
    def pixmaps(self) -> dict[int, bytes]:
        """The icon's pixels (ARGB) by width."""
        return {wide: bytes(pixels) for wide, _, pixels in self.get("IconPixmap")}

    def pixmap(self) -> bytes:
        return self.pixmaps[22]

    def activate(self) -> None:
        """The left button."""
        self._call(self._item, "Activate", "ii", 10, 10)

    @property
    def _menu(self) -> DBusAddress:
        return DBusAddress(self.get("Menu"), self._item.bus_name, "com.canonical.dbusmenu")

    def menu(self) -> tuple[Entry, ...]:
        """The right button: the lines of the menu, those of submenus below them; separators are left out."""
        self._call(self._menu, "AboutToShow", "i", 0)
        _, root = self._call(self._menu, "GetLayout", "iias", 0, -1, [])
        return _entries(root)

    def lines(self) -> list[Entry]:
        """All lines of the menu, those of submenus after their own."""
        return list(_flat(self.menu()))

    def choose(self, *path: str) -> None:
        """Choose a line by the texts that lead to it."""
        lines = self.menu()
        for text in path:
            found = next((line for line in lines if line.label == text), None)
            assert found is not None, (text, [line.label for line in lines])
            lines = found.children
        self._call(self._menu, "Event", "isvu", found.id, "clicked", ("i", 0), 0)


def _entries(node: tuple[int, dict[str, Any], list[Any]]) -> tuple[Entry, ...]:
    made = []
    for _, (id, properties, children) in node[2]:
        if properties.get("type", ("s", ""))[1] == "separator":
            continue
        label = properties.get("label", ("s", ""))[1].replace("_", "")
        enabled = properties.get("enabled", ("b", True))[1]
        made.append(Entry(id, label, enabled, _entries((id, properties, children))))
    return tuple(made)


def _flat(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    for entry in entries:
        yield entry
        yield from _flat(entry.children)


@dataclass
class Tray:
    """Stands in for a panel that has a tray: the watcher with which icons register."""

    owners: list[str] = field(default_factory=list)

    def answer(self, member: str, body: tuple[Any, ...], sender: str) -> Answer | None:
        known: dict[str, tuple[str, Any]] = {
            "IsStatusNotifierHostRegistered": ("b", True),
            "ProtocolVersion": ("i", 0),
            "RegisteredStatusNotifierItems": ("as", list(self.owners)),
        }
        if member == "RegisterStatusNotifierItem":
            self.owners.append(sender)
            return "", ()
        if member == "RegisterStatusNotifierHost":
            return "", ()
        if member == "Get" and body[1] in known:
            return "v", (known[body[1]],)
        if member == "GetAll":
            return "a{sv}", (known,)
        return None

    def on(self, address: str) -> Service:
        return Service(address, "org.kde.StatusNotifierWatcher", self.answer)

    def item(self, address: str, timeout: float = 20.0) -> Item:
        """Wait for an icon and return it."""
        deadline = time.monotonic() + timeout
        while not self.owners:
            assert time.monotonic() < deadline, "no icon registered"
            time.sleep(0.01)
        return Item(address, self.owners[-1])
