"""What the tray shows, as data: which icon, which words, which menu.

Pure: a snapshot in, values out. `ui.tray` draws them, and whoever owns the tray fulfils the wish of the line that was
chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from bridge_gui.state import AccountState, BridgeState, CorePhase, SyncPhase
from bridge_gui.ui import remedies, words
from bridge_gui.ui.remedies import Remedy
from bridge_gui.ui.wishes import (
    AddProgram,
    CopyPassword,
    CopyText,
    CureAccount,
    OpenPage,
    OpenWindow,
    Pause,
    Quit,
    Resume,
    Wish,
)

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu. Without a wish and children it is there to be read; without a text it is a separator."""

    key: str
    """Tells lines of one menu apart while their texts change."""
    text: str = ""
    wish: Wish | None = None
    children: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Face:
    """The icon's state (a drawing of `resources/tray`) and the words that go with it."""

    state: str
    tooltip: str


def face(state: BridgeState) -> Face:
    return Face(words.tray_state(state), f"Bridge Manager\n{words.overall(state).text}")


def menu(state: BridgeState) -> tuple[Entry, ...]:
    """The menu: the state, the accounts, pausing, the window."""
    entries = [Entry("status", words.overall(state).text)]
    if state.core.phase is CorePhase.LOCKED:
        entries.append(Entry("unlock", translate("tray", "Unlock…"), OpenWindow()))
    entries.append(Entry("after status"))
    if state.accounts:
        entries += [_account(account, state) for account in state.accounts]
        entries += [Entry("after accounts"), _pause(state)]
    entries += [
        Entry("open", translate("tray", "Open Bridge Manager"), OpenWindow()),
        Entry("settings", translate("tray", "Settings…"), OpenPage("settings")),
        Entry(
            "help",
            translate("tray", "Help"),
            children=(
                Entry("guide", translate("tray", "Set-up guide"), OpenPage("help")),
                Entry("doctor", translate("tray", "Doctor"), OpenPage("doctor")),
                Entry("report", translate("tray", "Report a problem…"), OpenPage("report")),
                Entry("about", translate("tray", "About"), OpenPage("about")),
            ),
        ),
        Entry("before quit"),
        Entry("quit", translate("tray", "Quit"), Quit()),
    ]
    return tuple(entries)


def _account(account: AccountState, state: BridgeState) -> Entry:
    entries = [Entry("state", words.short_line(account).text)]
    remedy = remedies.of_account(account)
    if remedy is not Remedy.NONE:
        entries.append(Entry("remedy", remedies.button_text(remedy), CureAccount(remedy, account.id)))
    entries.append(Entry("after state"))
    clients = [client for client in state.clients if client.account == account.id]
    entries += [
        Entry(
            f"password {client.id}",
            translate("tray", "Copy password of {name}").format(name=client.label),
            CopyPassword(client.id),
        )
        for client in clients
    ]
    entries += [
        Entry(f"name {name}", translate("tray", "Copy user name {name}").format(name=name), CopyText(name))
        for name in dict.fromkeys(client.username for client in clients)
    ]
    if clients:
        servers = CopyText(words.server_line(state.listeners))
        entries += [Entry("servers", translate("tray", "Copy server data"), servers), Entry("after programs")]
    entries.append(Entry("add", translate("tray", "Add a mail program…"), AddProgram(account.id)))
    return Entry(f"account {account.id}", account.email, children=tuple(entries))


def _pause(state: BridgeState) -> Entry:
    if all(account.sync.phase is SyncPhase.PAUSED for account in state.accounts):
        return Entry("resume", translate("tray", "Resume"), Resume())
    return Entry(
        "pause",
        translate("tray", "Pause for"),
        children=(
            Entry("quarter", translate("tray", "15 minutes"), Pause(900)),
            Entry("hour", translate("tray", "An hour"), Pause(3600)),
            Entry("open end", translate("tray", "Until I resume"), Pause(None)),
        ),
    )
