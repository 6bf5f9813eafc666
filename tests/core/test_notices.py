"""Notices: what is told once for all accounts, and what a person has dismissed."""

from __future__ import annotations

from dataclasses import replace

from bridge_gui.core.notices import KEPT, Notices
from bridge_gui.model import AccountId
from bridge_gui.state import AccountPhase, AccountState, NoticeKind, Problem

FULL = Problem("disk-full", "The disk is full")
ANNA = AccountState(AccountId("a"), "anna", AccountPhase.ERROR, problem=FULL)
BO = replace(ANNA, id=AccountId("b"), username="bo")
WELL = replace(ANNA, phase=AccountPhase.CONNECTED, problem=None)


def keys(notices: Notices) -> list[str]:
    return [notice.key for notice in notices.all()]


def made() -> Notices:
    return Notices(lambda: None, lambda: 1.0)


def test_what_all_accounts_have_is_told_once() -> None:
    notices = made()
    for _ in range(2):
        notices.follow_accounts([ANNA, BO])
        assert keys(notices) == ["disk-full"]
    notices.follow_accounts([WELL, BO])
    assert keys(notices) == ["disk-full"]
    notices.follow_accounts([WELL])
    assert keys(notices) == []


def test_what_was_dismissed_stays_so_until_it_has_gone() -> None:
    notices = made()
    notices.follow_accounts([ANNA])
    notices.dismiss("disk-full")
    notices.follow_accounts([ANNA])
    assert keys(notices) == []
    notices.follow_accounts([WELL])
    notices.follow_accounts([ANNA])
    assert keys(notices) == ["disk-full"]


def test_the_oldest_go_when_there_are_too_many() -> None:
    notices = made()
    for number in range(KEPT + 5):
        notices.give(f"n{number}", NoticeKind.INFO, FULL)
    notices.give("n7", NoticeKind.INFO, FULL)
    assert len(keys(notices)) == KEPT
    assert keys(notices)[0] == "n5"
    assert keys(notices)[-1] == "n7"
