"""What is announced on the desktop, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge_gui.model import AccountId
from bridge_gui.state import AccountPhase, BridgeState, CorePhase, Notice, NoticeKind, Problem, SyncPhase
from bridge_gui.ui.announcer import Announcement, announcements
from bridge_gui.ui.wishes import OpenAccount, OpenProgram, OpenWindow, Wish
from tests.ui import snapshots
from tests.ui.snapshots import ANNA, THUNDERBIRD, USUAL


def account(phase: AccountPhase, problem: Problem | None) -> BridgeState:
    return replace(USUAL, accounts=(replace(ANNA, phase=phase, problem=problem),))


def core(code: str) -> BridgeState:
    problem = Problem(code, "What it is", "What happened.", "What to do.")
    return replace(USUAL, core=replace(USUAL.core, phase=CorePhase.LOCKED, problem=problem))


def notice(code: str, kind: NoticeKind) -> BridgeState:
    problem = Problem(code, "What it is", "What happened.", "What to do.")
    return replace(USUAL, notices=(Notice("key", kind, problem, 1.0),))


SAID = Announcement("What it is", "What happened. What to do.")
BAD_EVENTS = Problem("bad-events", "Changes cannot be followed", "", "Repair the account.")
SIGNED_OUT = Problem("signed-out", "Signed out", "Proton has ended this session.", "Sign in again.")
DISK_FULL = Problem("disk-full", "The disk is full", "", "Free some space.")


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (core("vault-locked"), [SAID]),
        (core("keychain-missing"), [SAID]),
        (core("locked-by-user"), []),
        (core("cache-moving"), []),
        (notice("wrong-password", NoticeKind.ATTENTION), [SAID]),
        (notice("disk-full", NoticeKind.BAD), [SAID]),
        (notice("untrusted", NoticeKind.ATTENTION), [SAID]),
        (notice("change-refused", NoticeKind.ATTENTION), []),
        (notice("settings", NoticeKind.ATTENTION), []),
        (notice("offline", NoticeKind.INFO), []),
        (
            account(AccountPhase.SIGNED_OUT, SIGNED_OUT),
            [
                Announcement(
                    ANNA.email, "Signed out. Proton has ended this session. Sign in again.", OpenAccount(ANNA.id)
                )
            ],
        ),
        (account(AccountPhase.SIGNED_OUT, None), []),
        (
            account(AccountPhase.ERROR, BAD_EVENTS),
            [Announcement(ANNA.email, "Changes cannot be followed. Repair the account.", OpenAccount(ANNA.id))],
        ),
        (account(AccountPhase.ERROR, DISK_FULL), []),
        (account(AccountPhase.OFFLINE, None), []),
        (account(AccountPhase.CONNECTING, Problem("throttled", "Proton asks to wait")), []),
        (
            replace(USUAL, accounts=(replace(ANNA, sync=replace(ANNA.sync, phase=SyncPhase.PAUSED)),)),
            [],
        ),
        (
            snapshots.PORT_BUSY,
            [
                Announcement(
                    "Port 1143 is used by another program", "Close the other program, or use the next free port."
                )
            ],
        ),
    ],
)
def test_what_is_announced(after: BridgeState, said: list[Announcement]) -> None:
    assert announcements(USUAL, after) == said
    assert announcements(after, after) == []


def test_nothing_is_announced_at_the_end() -> None:
    after = core("vault-locked")
    assert announcements(USUAL, replace(after, core=replace(after.core, phase=CorePhase.STOPPING))) == []


def test_an_error_that_becomes_another_is_announced_anew() -> None:
    before = account(AccountPhase.ERROR, BAD_EVENTS)
    after = account(AccountPhase.ERROR, Problem("paid-plan", "This needs a paid plan"))
    assert announcements(before, after) == [Announcement(ANNA.email, "This needs a paid plan.", OpenAccount(ANNA.id))]


@pytest.mark.parametrize(
    ("key", "about", "opens"),
    [
        (f"password {THUNDERBIRD.id}", None, OpenProgram(THUNDERBIRD.id)),
        ("password of-one-that-is-gone", ANNA.id, OpenAccount(ANNA.id)),
        ("sign-in anna", ANNA.id, OpenAccount(ANNA.id)),
        ("certificate", None, OpenWindow()),
    ],
)
def test_a_click_opens_what_it_speaks_of(key: str, about: AccountId | None, opens: Wish) -> None:
    told = Notice(key, NoticeKind.ATTENTION, Problem("wrong-password", "What it is"), 1.0, about)
    (said,) = announcements(USUAL, replace(USUAL, notices=(told,)))
    assert said.opens == opens
