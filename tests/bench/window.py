"""Figures of the window: `python -m tests.bench.window`.

    answer      20 accounts, 50 programs, 10,000 snapshots a second: the round trip of an event through Qt's loop, from
                the window's first paint on, and the most that Qt's thread works in one go, for a snapshot and for a
                look of the collector (its own CPU time, which does not tell of other programs on the machine)
    tray        from the process's start to an icon that a panel can draw (needs a display and dbus-daemon)
    memory      of the whole application with a mailbox of `--messages`, tray only and with the window open
    idle        CPU with 20 idle sessions

The first one runs anywhere (QT_QPA_PLATFORM=offscreen); the others run `bridge-gui` on a screen of their own.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import imaplib
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bridge_gui import memory
from bridge_gui.config import open_profile
from bridge_gui.control.client import ControlClient
from bridge_gui.state import BridgeState

UPDATES = 10_000
"""A second."""
TICK = os.sysconf("SC_CLK_TCK")
DOWNLOAD_SECONDS = 3600.0
"""Without a figure of its own here: the bench of the first sync measures that."""


def answer(seconds: float) -> dict[str, float]:
    """Milliseconds from posting an event to Qt's loop to its handling, while the core publishes as fast as it may."""
    from PySide6.QtCore import QObject, QSettings, Qt, QTimer, Signal
    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop

    from bridge_gui.app import SWITCH_SECONDS
    from bridge_gui.ui import theme
    from bridge_gui.ui.actions import Actions
    from bridge_gui.ui.clipboard import Clipboard
    from bridge_gui.ui.garbage import Collector
    from bridge_gui.ui.main_window import MainWindow
    from bridge_gui.ui.observer import Observer
    from bridge_gui.ui.tray import Tray
    from tests.ui.conftest import Direct
    from tests.ui.recording import RecordingBridge
    from tests.ui.snapshots import ANNA, THUNDERBIRD, USUAL

    class Echo(QObject):
        asked = Signal(float)

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    loop = QEventLoop(app)
    tokens = theme.apply(app, theme.Scheme.LIGHT)
    places = QSettings(str(Path(tempfile.mkdtemp()) / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(Actions(Direct(), RecordingBridge()), Clipboard(), tokens, places)  # type: ignore[arg-type]
    tray, observer, echo = Tray(), Observer(), Echo()
    worked: list[float] = []

    def render(state: BridgeState) -> None:
        begun = time.thread_time()
        tray.render_state(state)
        window.render_state(state)
        worked.append(1000 * (time.thread_time() - begun))

    observer.changed.connect(render)
    window.show()
    window.render_state(USUAL)
    for _ in range(5):  # the first paint is not what is measured here
        app.processEvents()
    memory.settle()  # as the application does when its core is up
    sys.setswitchinterval(SWITCH_SECONDS)
    collector, looks = Collector(), Looks()
    collector.start()
    gc.callbacks.append(looks)
    accounts = [replace(ANNA, id=f"a{n}", username=f"user{n}") for n in range(20)]
    programs = tuple(replace(THUNDERBIRD, id=f"c{n}", account=f"a{n % 20}", label=f"Program {n}") for n in range(50))
    late: list[float] = []
    echo.asked.connect(
        lambda then: late.append(1000 * (time.perf_counter() - then)), Qt.ConnectionType.QueuedConnection
    )
    ended = threading.Event()
    made = 0

    def storm() -> None:
        nonlocal made
        begun = time.perf_counter()
        while not ended.is_set():
            due = int((time.perf_counter() - begun) * UPDATES)
            for _ in range(min(due - made, 200)):
                made += 1
                number = made % 20
                sync = replace(ANNA.sync, done=made % 1000, total=1000, remaining_s=float(made % 600))
                accounts[number] = replace(accounts[number], sync=sync, disk_bytes=made)
                observer.put(replace(USUAL, accounts=tuple(accounts), clients=programs))
            echo.asked.emit(time.perf_counter())
            time.sleep(0.005)

    worker = threading.Thread(target=storm)
    with loop:
        worker.start()
        QTimer.singleShot(int(seconds * 1000), loop.stop)
        loop.run_forever()
        ended.set()
        worker.join()
        window.quit()
    gc.callbacks.remove(looks)
    collector.stop()
    late.sort()
    return {
        "updates_per_s": round(made / seconds),
        "round_trips": len(late),
        "p50_ms": round(late[len(late) // 2], 2),
        "p99_ms": round(late[int(len(late) * 0.99)], 2),
        "most_ms": round(late[-1], 2),
        "most_cpu_of_a_snapshot_ms": round(max(worked), 2),
        **{f"most_cpu_of_generation_{n}_ms": round(max(each), 2) for n, each in sorted(looks.took.items())},
    }


class Looks:
    """How long the collector looks, in milliseconds of its thread's CPU, by generation."""

    def __init__(self) -> None:
        self.took: dict[int, list[float]] = {}
        self._begun = 0.0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._begun = time.thread_time()
        else:
            self.took.setdefault(info["generation"], []).append(1000 * (time.thread_time() - self._begun))


KINDS = {"Pss": "pss_mb", "Private_Clean": "private_mb", "Private_Dirty": "private_mb", "Rss": "rss_mb"}


def memory_mb(pid: int) -> dict[str, float]:
    """Proportional and private memory of a process and its children."""
    found = {"pss_mb": 0.0, "private_mb": 0.0, "rss_mb": 0.0}
    for each in [pid, *_children(pid)]:
        for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            key = KINDS.get(name)
            if key is not None:
                found[key] += int(rest.split()[0]) / 1024
    return {key: round(value, 1) for key, value in found.items()}


def _children(pid: int) -> list[int]:
    """Those of all its threads."""
    return [int(one) for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def tray(count: int = 5) -> dict[str, list[float]]:
    """Seconds until the icon has registered, and until its pixels can be read; and CPU seconds until the former, which
    do not tell of other programs on the machine."""
    from tests.desktop.bus import Item, Tray, session_bus
    from tests.desktop.screen import screen

    registered, drawn, cpu = [], [], []
    with screen() as x11, session_bus() as address:
        for _ in range(count):
            panel = Tray()
            profile = Path(tempfile.mkdtemp())
            environ = {**x11.environ, "DBUS_SESSION_BUS_ADDRESS": address}
            command = [sys.executable, "-m", "bridge_gui", "--demo", "--no-window", "--profile", str(profile)]
            with panel.on(address):
                begun = time.monotonic()
                process = subprocess.Popen(command, env=environ)
                while not panel.owners:
                    time.sleep(0.002)
                registered.append(round(time.monotonic() - begun, 3))
                cpu.append(round(cpu_seconds(process.pid), 2))
                item = Item(address, panel.owners[-1])
                item.pixmap()
                drawn.append(round(time.monotonic() - begun, 3))
                item.close()
                process.terminate()
                process.wait()
    return {"registered_s": registered, "registered_cpu_s": cpu, "drawn_s": drawn}


@contextlib.contextmanager
def service(messages: int) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "bridge_gui.demo", "--messages", str(messages)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def whole(messages: int) -> dict[str, Any]:
    """Memory and idle CPU of the application on a service in another process."""
    from bridge_gui.store.engine import Engine
    from tests.desktop.screen import application, screen, until

    found: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp())
    (folder / "words").write_text("correct horse\n")
    with screen() as x11, x11.panel(folder), service(messages) as ready:  # without a tray the window opens by itself
        environ = {**x11.environ, "BRIDGE_GUI_API_URL": ready["url"]}
        words = ("--passphrase-file", str(folder / "words"), "--no-window")
        with application(folder / "profile", environ, *words) as app:
            until(lambda: app.status().get("core", {}).get("state") == "running", "the core is up")
            found["empty, tray only"] = memory_mb(app.process.pid)
            with ControlClient(open_profile(app.profile)) as core:
                core.post("/v1/login", {"username": "anna", "password": "anna-demo"})
            begun = time.monotonic()
            most = 0.0
            while (sync := app.status()["accounts"][0]["sync"])["phase"] != "done":  # indexed as well
                assert time.monotonic() - begun < DOWNLOAD_SECONDS, sync
                most = max(most, memory_mb(app.process.pid)["pss_mb"])
                time.sleep(0.5)
            found["first download, s"] = round(time.monotonic() - begun, 1)
            found["most while downloading, pss_mb"] = most
            time.sleep(2 * Engine.rests_after + 5)  # the caches of the download are given back then
            found[f"{messages} messages, tray only"] = memory_mb(app.process.pid)
            with ControlClient(open_profile(app.profile)) as core:
                core.post("/v1/show")
            until(lambda: x11.windows("^Bridge Manager"), "the window is open")
            time.sleep(1)
            found[f"{messages} messages, window open"] = memory_mb(app.process.pid)
            program = app.add_program("idle")
            context = ssl.create_default_context(cafile=app.profile / "certificate.pem")
            port = app.status()["listeners"][0]["port"]
            sessions = []
            for _ in range(20):
                session = imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=context)
                session.login(program["username"], program["password"])
                session.select("INBOX")
                session.send(b"a IDLE\r\n")
                sessions.append(session)
            time.sleep(3)
            before, began = cpu_seconds(app.process.pid), time.monotonic()
            time.sleep(20)
            used = (cpu_seconds(app.process.pid) - before) / (time.monotonic() - began)
            found["CPU with 20 idle sessions, window open, % of a core"] = round(100 * used, 2)
            for session in sessions:
                session.shutdown()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("what", nargs="*", default=["answer", "tray", "whole"])
    chosen = parser.parse_args()
    for what in chosen.what:
        work = {"answer": lambda: answer(chosen.seconds), "tray": tray, "whole": lambda: whole(chosen.messages)}[what]
        print(json.dumps({what: work()}, indent=2))


if __name__ == "__main__":
    main()
