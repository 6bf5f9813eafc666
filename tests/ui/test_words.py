from __future__ import annotations

from dataclasses import replace

import pytest

from bridge_gui.model import Access
from bridge_gui.state import AccountPhase, AccountState, BridgeState, CorePhase, Mails, Problem, SyncPhase, SyncState
from bridge_gui.ui import words
from bridge_gui.ui.core_words import local
from bridge_gui.ui.theme import Tone
from tests.ui import snapshots
from tests.ui.snapshots import ANNA, BO, NOW


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "just now"), (-5, "just now"), (12, "12 s ago"), (59, "59 s ago"), (60, "1 min ago"), (3599, "59 min ago")],
)
def test_ago(seconds: float, said: str) -> None:
    assert words.ago(NOW - seconds, NOW) == said


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        (Mails(("Lunch", "", "<b>Plan</b>"), 2), "“Lunch”, (no subject), “<b>Plan</b>” and 2 more"),
        (Mails(("Lunch",)), "“Lunch”"),
        (Mails((), 3), ""),
    ],
)
def test_mails(messages: Mails, said: str) -> None:
    assert words.mails_text(messages) == said


def test_a_day_of_the_core_has_its_month_in_words() -> None:
    assert local("The certificate is valid until 2029-03-03.") == "The certificate is valid until 3 March 2029."
    assert local("2029-13-03") == "2029-13-03"


def test_long_ago_is_a_day() -> None:
    assert words.ago(NOW - 90 * 86400, NOW) == "20 August 2026"
    assert words.ago(NOW - 86400, NOW).startswith("yesterday ")


@pytest.mark.parametrize(
    ("seconds", "said"), [(5, "less than a minute"), (130, "2 min"), (5399, "90 min"), (7200, "2 h")]
)
def test_duration(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 B"), (999, "999 B"), (1240, "1.2 KB"), (312_000_000, "312 MB"), (15e9, "15.0 GB")]
)
def test_size(count: int, said: str) -> None:
    assert words.size(count) == said


def syncing(phase: SyncPhase, **fields: object) -> AccountState:
    return replace(BO, sync=SyncState(phase, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("account", "said", "tone"),
    [
        (ANNA, "Up to date · checked 12 s ago", Tone.GOOD),
        (BO, "Downloading, 41 % · 2 min", Tone.BUSY),
        (syncing(SyncPhase.LISTING), "Reading the list of messages", Tone.BUSY),
        (syncing(SyncPhase.LISTING, usable=True, done=1, total=2), "Downloading, 50 %", Tone.BUSY),
        (syncing(SyncPhase.PAUSED), "Paused", Tone.QUIET),
        (syncing(SyncPhase.DOWNLOADING, done=10, total=10), "Downloading, 99 %", Tone.BUSY),
        (replace(ANNA, phase=AccountPhase.CONNECTING), "Connecting", Tone.BUSY),
        (replace(ANNA, phase=AccountPhase.SIGNED_OUT), "Signed out", Tone.ATTENTION),
        (replace(ANNA, phase=AccountPhase.LOCKED), "Locked", Tone.ATTENTION),
        (replace(ANNA, phase=AccountPhase.OFFLINE), "Offline · mail on this computer stays readable", Tone.QUIET),
        (
            replace(ANNA, phase=AccountPhase.ERROR, problem=Problem("x", "The disk is full")),
            "The disk is full",
            Tone.BAD,
        ),
    ],
)
def test_account_line(account: AccountState, said: str, tone: Tone) -> None:
    assert words.account_line(account, NOW) == words.Line(said, tone)


PAUSED = replace(ANNA, sync=replace(ANNA.sync, phase=SyncPhase.PAUSED))
LOCKED_BY_USER = replace(snapshots.CORE, phase=CorePhase.LOCKED, problem=Problem("locked-by-user", "Locked"))


@pytest.mark.parametrize(
    ("state", "said", "icon"),
    [
        (snapshots.EMPTY, "No account yet", "normal"),
        (snapshots.USUAL, "bo@bridge.example: Downloading, 41 % · 2 min", "syncing"),
        (replace(snapshots.USUAL, accounts=(ANNA,)), "Up to date", "normal"),
        (replace(snapshots.USUAL, accounts=(ANNA, ANNA)), "All accounts up to date", "normal"),
        (replace(snapshots.USUAL, accounts=(PAUSED, PAUSED)), "Paused", "normal"),
        (replace(snapshots.USUAL, accounts=(ANNA, PAUSED)), "anna@bridge.example: Paused", "normal"),
        (replace(snapshots.LOCKED, core=LOCKED_BY_USER), "Locked", "attention"),
        (replace(snapshots.USUAL, accounts=(BO, BO, ANNA)), "2 accounts are downloading", "syncing"),
        (snapshots.SIGNED_OUT, "anna@bridge.example: Signed out", "attention"),
        (snapshots.OFFLINE, "Offline", "offline"),
        (snapshots.PORT_BUSY, "Port 1143 is used by another program", "error"),
        (snapshots.DAMAGED, "anna@bridge.example: The local copy of the mail is damaged", "error"),
        (snapshots.LOCKED, "The keychain is locked", "error"),
        (BridgeState(), "Starting", "syncing"),
    ],
)
def test_overall(state: BridgeState, said: str, icon: str) -> None:
    assert words.overall(state).text == said
    assert words.tray_state(state) == icon


def test_every_access_has_words() -> None:
    assert [words.access(access) for access in Access] == ["full access", "read-only", "send-only"]


def test_problem_text_says_each_thing_once() -> None:
    assert words.problem_text(Problem("x", "The disk is full", "The disk is full", "Free some space.")) == (
        "The disk is full. Free some space."
    )
