"""What is announced on the desktop, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge_gui.config import SETTINGS
from bridge_gui.model import AccountId
from bridge_gui.state import AccountPhase, BridgeState, CorePhase, Notice, NoticeKind, OutboxItem, Problem, SyncPhase
from bridge_gui.ui.announcer import Announcement, Kind, announcements, wanted
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


def waiting(*, failed: bool) -> BridgeState:
    item = OutboxItem("o1", "Plans", 1, 0.0, Problem("gone", "The address does not exist"), failed)
    return replace(USUAL, accounts=(replace(ANNA, outbox=(item,)),))


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
        (notice("changes-lost", NoticeKind.ATTENTION), []),
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
    assert [replace(one, kind=Kind.PROBLEMS) for one in announcements(USUAL, after)] == said
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


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (core("vault-locked"), Kind.PROBLEMS),
        (snapshots.PORT_BUSY, Kind.PROBLEMS),
        (account(AccountPhase.SIGNED_OUT, SIGNED_OUT), Kind.PROBLEMS),
        (notice("disk-full", NoticeKind.BAD), Kind.PROBLEMS),
        (replace(USUAL, notices=(Notice("password c1", NoticeKind.ATTENTION, SIGNED_OUT, 1.0),)), Kind.PROGRAMS),
        (replace(USUAL, notices=(Notice("sign-in anna", NoticeKind.ATTENTION, SIGNED_OUT, 1.0),)), Kind.PROGRAMS),
        (waiting(failed=True), Kind.SENDING),
    ],
)
def test_each_has_a_kind_that_a_person_may_not_want(after: BridgeState, kind: Kind) -> None:
    (said,) = announcements(USUAL, after)
    assert said.kind is kind
    assert wanted(kind, {})
    assert wanted(kind, {f"notifications.{other}": "false" for other in Kind if other is not kind})
    assert not wanted(kind, {f"notifications.{kind}": "false"})


def test_each_kind_is_a_setting() -> None:
    assert [f"notifications.{kind}" for kind in Kind] == [key for key in SETTINGS if key.startswith("notifications.")]


def test_a_message_that_still_waits_is_not_announced() -> None:
    assert announcements(USUAL, waiting(failed=False)) == []
    assert announcements(waiting(failed=False), waiting(failed=True)) == [
        Announcement("A message was not sent", "The address does not exist.", OpenAccount(ANNA.id), Kind.SENDING)
    ]
