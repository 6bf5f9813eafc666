"""Everything that a snapshot says is seen somewhere: in the window, in the tray's words or in its menu. A field that is
new has to be given a change here, or a reason why nobody sees it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, get_args, get_type_hints

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QProgressBar, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from bridge_gui import state as states
from bridge_gui.model import Access, AddressMode, Protocol
from bridge_gui.state import (
    AccountPhase,
    BridgeState,
    CorePhase,
    ListenerPhase,
    Mails,
    Notice,
    NoticeKind,
    OutboxItem,
    Problem,
    SetupPhase,
    SetupProgress,
    SyncPhase,
)
from bridge_gui.ui import tray_menu
from bridge_gui.ui.actions import Actions
from bridge_gui.ui.clipboard import Clipboard
from bridge_gui.ui.main_window import MainWindow
from bridge_gui.ui.theme import Tokens
from bridge_gui.ui.tray_menu import Entry
from tests.ui.snapshots import ANNA, BACKUP, BO, CORE, LISTENERS, NOW, SESSIONS, THUNDERBIRD

NOT_DRAWN = {
    "CoreState.api": "a setting: the page of the settings reads it there",
    "CoreState.version": "the page Help has it from the installed package, before a core is up",
    "CoreState.pid": "for the command line and the report",
    "CoreState.show_requests": "brings the window to the front",
    "CoreState.settings_changes": "a reason to read the settings again",
    "AccountState.id": "names the account to the core",
    "AccountState.username": "shown until an address is known; an address is what people know",
    "AccountState.taken_back": "the core makes a notice of it, which is drawn",
    "TakenBack.problem": "the core makes a notice of it, which is drawn",
    "TakenBack.at": "the core makes a notice of it, which is drawn",
    "TakenBack.messages": "the core makes a notice of it, which is drawn",
    "AddressState.id": "names the address to the core",
    "AddressState.display_name": "the mail program's concern; the set-up hands it over",
    "SyncState.complete": "the phase DONE says the same",
    "OutboxItem.id": "names the message to the core",
    "ClientState.id": "names the program to the core",
    "ClientState.app": "which icon of the list of programs it had; its label is what the person gave it",
    "SessionState.id": "names the session to the core",
    "SessionState.program": "the card has the program's name and version from the client",
    "Notice.key": "names the notice to the core",
    "Notice.account": "whom the notice's button helps",
    "Notice.at": "the newest of a kind comes first",
    "Problem.code": "decides about the button",
    "SetupProgress.app": "the wizard's: which of the set-ups under way is its own",
    "SetupProgress.target": "the wizard's",
    "SetupProgress.account": "the client has it",
    "SetupProgress.imap_at": "the wizard's last page",
    "SetupProgress.smtp_at": "the wizard's last page",
    "SetupProgress.program": "the wizard's last page; later the client has it",
    "SetupProgress.folders": "the wizard's last page",
    "SetupProgress.messages": "the wizard's last page",
    "SetupProgress.phase": "the wizard's line of what happens; REPAIR comes with a problem, which is drawn",
}

WAITING = OutboxItem("o1", "Photos", 2, NOW - 300, Problem("offline", "No way to Proton"))
SET_UP = SetupProgress(ANNA.id, "thunderbird", "t", SetupPhase.SIGNED_IN, THUNDERBIRD.id, written_at=NOW - 9000)
TOLD = Notice(
    "key", NoticeKind.ATTENTION, Problem("certificate-renewed", "Renewed", "It was renewed.", "Look."), NOW,
    messages=Mails(("Lunch", "Invoice"), 2),
)  # fmt: skip
WRONG = Problem("bad-events", "It is wrong", "It went wrong.", "Repair it.", "detail 1")
WHOLE = BridgeState(
    CORE, (replace(ANNA, outbox=(WAITING,)), BO), LISTENERS, (THUNDERBIRD, BACKUP), SESSIONS, (TOLD,), (SET_UP,)
)
"""Something of everything."""


def account(**changes: Any) -> BridgeState:
    return replace(WHOLE, accounts=(replace(WHOLE.accounts[0], **changes), BO))


def sync(**changes: Any) -> tuple[BridgeState, BridgeState]:
    before = replace(ANNA.sync, phase=SyncPhase.DOWNLOADING, done=100, total=400, remaining_s=600.0)
    return account(sync=before), account(sync=replace(before, **changes))


def address(**changes: Any) -> BridgeState:
    first, second, third = ANNA.addresses
    return account(addresses=(first, replace(second, **changes), third))


def client(**changes: Any) -> BridgeState:
    return replace(WHOLE, clients=(replace(THUNDERBIRD, **changes), BACKUP), sessions=())


def session(**changes: Any) -> BridgeState:
    return replace(WHOLE, sessions=(replace(SESSIONS[0], **changes), SESSIONS[1]))


def listener(**changes: Any) -> tuple[BridgeState, BridgeState]:
    busy = replace(LISTENERS[0], phase=ListenerPhase.BUSY, suggested_port=1144)
    return replace(WHOLE, listeners=(busy, LISTENERS[1])), replace(
        WHOLE, listeners=(replace(busy, **changes), LISTENERS[1])
    )


def outbox(**changes: Any) -> BridgeState:
    return account(outbox=(replace(WAITING, **changes),))


def notice(**changes: Any) -> BridgeState:
    return replace(WHOLE, notices=(replace(TOLD, **changes),))


def problem(**changes: Any) -> tuple[BridgeState, BridgeState]:
    return account(phase=AccountPhase.ERROR, problem=WRONG), account(
        phase=AccountPhase.ERROR, problem=replace(WRONG, **changes)
    )


def core(**changes: Any) -> BridgeState:
    return replace(WHOLE, core=replace(CORE, **changes))


def locked(**changes: Any) -> tuple[BridgeState, BridgeState]:
    closed = replace(CORE, phase=CorePhase.LOCKED, problem=Problem("vault-locked", "The keychain is locked"))
    return replace(WHOLE, core=closed), replace(WHOLE, core=replace(closed, **changes))


def setup(**changes: Any) -> BridgeState:
    return replace(WHOLE, setups=(replace(SET_UP, **changes),))


CHANGES: dict[str, BridgeState | tuple[BridgeState, BridgeState]] = {
    "BridgeState.core": core(demo=True),
    "BridgeState.accounts": replace(WHOLE, accounts=WHOLE.accounts[:1]),
    "BridgeState.listeners": replace(WHOLE, listeners=()),
    "BridgeState.clients": replace(WHOLE, clients=(BACKUP,), sessions=()),
    "BridgeState.sessions": replace(WHOLE, sessions=()),
    "BridgeState.notices": replace(WHOLE, notices=()),
    "BridgeState.setups": replace(WHOLE, setups=()),
    "CoreState.phase": (BridgeState(replace(CORE, phase=CorePhase.STARTING)), BridgeState(CORE)),
    "CoreState.problem": core(problem=Problem("cache-moving", "It is moved")),
    "CoreState.demo": core(demo=True),
    "CoreState.passphrase_opens": locked(passphrase_opens=True),
    "CoreState.can_start_anew": locked(can_start_anew=True),
    "AccountState.phase": account(phase=AccountPhase.OFFLINE),
    "AccountState.addresses": account(addresses=ANNA.addresses[:2]),
    "AccountState.mode": account(mode=AddressMode.SPLIT),
    "AccountState.problem": account(problem=WRONG),
    "AccountState.sync": account(sync=BO.sync),
    "AccountState.used_bytes": account(used_bytes=2_000_000_000),
    "AccountState.max_bytes": account(max_bytes=500_000_000_000),
    "AccountState.disk_bytes": account(disk_bytes=400_000_000),
    "AccountState.checked_at": account(checked_at=NOW - 500),
    "AccountState.outbox": account(outbox=()),
    "AddressState.email": address(email="other@bridge.example"),
    "AddressState.enabled": address(enabled=False),
    "AddressState.can_send": address(can_send=False),
    "SyncState.phase": sync(phase=SyncPhase.PAUSED),
    "SyncState.usable": (
        account(sync=replace(ANNA.sync, phase=SyncPhase.LISTING, usable=False)),
        account(sync=replace(ANNA.sync, phase=SyncPhase.LISTING, usable=True)),
    ),
    "SyncState.done": sync(done=300),
    "SyncState.total": sync(total=900),
    "SyncState.remaining_s": sync(remaining_s=None),
    "SyncState.on_demand": sync(on_demand=21),
    "OutboxItem.subject": outbox(subject="Minutes"),
    "OutboxItem.recipients": outbox(recipients=3),
    "OutboxItem.since": outbox(since=NOW - 3000),
    "OutboxItem.problem": outbox(problem=Problem("refused", "Proton refused it")),
    "OutboxItem.failed": outbox(failed=True),
    "ListenerState.protocol": listener(protocol=Protocol.SMTP),
    "ListenerState.host": (WHOLE, replace(WHOLE, listeners=(replace(LISTENERS[0], host="::1"), LISTENERS[1]))),
    "ListenerState.port": (WHOLE, replace(WHOLE, listeners=(replace(LISTENERS[0], port=2143), LISTENERS[1]))),
    "ListenerState.phase": listener(phase=ListenerPhase.LISTENING),
    "ListenerState.problem": listener(problem=Problem("port-busy", "Somebody has port 1143")),
    "ListenerState.suggested_port": listener(suggested_port=1150),
    "ClientState.label": client(label="Laptop"),
    "ClientState.account": client(account=BO.id),
    "ClientState.access": client(access=Access.SEND_ONLY),
    "ClientState.username": client(username="anna.berg@bridge.example"),
    "ClientState.created_at": (client(last_used=None), client(last_used=None, created_at=NOW - 900_000)),
    "ClientState.last_used": client(last_used=NOW - 5000),
    "ClientState.program": client(program="Mutt 2"),
    "ClientState.last_failure": client(last_failure=NOW - 5),
    "SessionState.client": session(client=BACKUP.id),
    "SessionState.protocol": session(protocol=Protocol.SMTP),
    "SessionState.since": session(since=NOW - 4000),
    "SessionState.activity": session(activity="waiting"),
    "Notice.kind": notice(kind=NoticeKind.BAD),
    "Notice.problem": notice(problem=WRONG),
    "Notice.messages": notice(messages=None),
    "Mails.subjects": notice(messages=Mails(("Lunch", "Minutes"), 2)),
    "Mails.more": notice(messages=Mails(("Lunch", "Invoice"), 3)),
    "Problem.title": problem(title="It is broken"),
    "Problem.message": problem(message="It broke."),
    "Problem.remedy": problem(remedy="Mend it."),
    "Problem.detail": problem(detail="detail 2"),
    "SetupProgress.client": setup(client=None),
    "SetupProgress.written_at": setup(written_at=NOW - 90_000),
    "SetupProgress.problem": setup(problem=Problem("setup-certificate", "It trusts an old certificate")),
}
"""Each field with a snapshot that differs from `WHOLE` in it, or with two that differ from each other."""


def all_fields() -> Iterator[str]:
    """Every field of every dataclass of which a snapshot may be made."""
    seen: set[type] = set()
    left: list[Any] = [BridgeState]
    while left:
        kind = left.pop()
        left += get_args(kind)
        if is_dataclass(kind) and isinstance(kind, type) and kind not in seen:
            seen.add(kind)
            hints = get_type_hints(kind, vars(states))
            left += hints.values()
            yield from (f"{kind.__name__}.{field.name}" for field in fields(kind))


def test_every_field_is_drawn_or_has_a_reason() -> None:
    assert set(all_fields()) == CHANGES.keys() | NOT_DRAWN.keys()
    assert not CHANGES.keys() & NOT_DRAWN.keys()


@pytest.fixture
def window(
    qtbot: QtBot,
    actions: Actions,
    clipboard: Clipboard,
    tokens: Tokens,
    places: QSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> MainWindow:
    monkeypatch.setattr(time, "time", lambda: NOW)
    made = MainWindow(actions, clipboard, tokens, places)
    qtbot.addWidget(made)
    made.show()
    return made


def seen(qtbot: QtBot, window: MainWindow, state: BridgeState) -> list[str]:
    """All that can be read of a snapshot."""
    window.render_state(BridgeState())
    window.render_state(state)
    shown = state.core.phase is not CorePhase.LOCKED and window._current is not None
    expected = sum(one.account == window._current for one in state.clients) if shown else 0
    qtbot.waitUntil(lambda: len(window.account_page._cards) >= expected)
    QApplication.processEvents()  # a widget that is new in a layout is shown then
    found = [window.windowTitle()]
    for widget in window.findChildren(QWidget):
        if not widget.isVisibleTo(window):
            continue
        found += [widget.toolTip(), str(widget.property("tone"))]
        if isinstance(widget, QLabel | QAbstractButton):
            found.append(widget.text())
        if isinstance(widget, QProgressBar):
            found.append(f"{widget.value()} of {widget.maximum()}")
        if isinstance(widget, QToolButton) and widget.menu() is not None:
            found += [action.text() for action in widget.menu().actions() if action.isVisible()]
    model = window.sidebar.model
    found += [str(model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)) for row in range(model.rowCount())]
    face = tray_menu.face(state)
    return [*found, face.state, face.tooltip, *lines(tray_menu.menu(state))]


def lines(entries: tuple[Entry, ...]) -> Iterator[str]:
    for entry in entries:
        yield entry.text
        yield from lines(entry.children)


def test_each_change_is_seen(qtbot: QtBot, window: MainWindow) -> None:
    unseen = []
    for field, given in CHANGES.items():
        usual = client() if field.startswith("ClientState") else WHOLE
        before, after = given if isinstance(given, tuple) else (usual, given)
        assert before != after
        if seen(qtbot, window, before) == seen(qtbot, window, after):
            unseen.append(field)
    assert unseen == []
