"""Which changes are worth a desktop notification: only those that need the person.

Pure: two snapshots in, texts out, each with its kind, by which a person may want it or not, and what a click on it
opens. New mail is not announced: that is what mail programs do, each as it was told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from bridge_gui.state import AccountPhase, BridgeState, CorePhase, ListenerPhase, Notice, NoticeKind, Problem
from bridge_gui.ui import remedies
from bridge_gui.ui.core_words import local
from bridge_gui.ui.wishes import OpenAccount, OpenProgram, OpenWindow, Wish
from bridge_gui.ui.words import problem_text

translate = QCoreApplication.translate

_WINDOW = OpenWindow()


class Kind(StrEnum):
    """As in the settings, `notifications.<kind>`."""

    PROBLEMS = "problems"
    """An account, or something of this computer, needs somebody."""
    PROGRAMS = "programs"
    """A mail program is refused."""
    SENDING = "sending"
    """A message was not sent."""


@dataclass(frozen=True, slots=True)
class Announcement:
    title: str
    text: str
    opens: Wish = _WINDOW
    """What a click on it does."""
    kind: Kind = Kind.PROBLEMS


def wanted(kind: Kind, settings: Mapping[str, str]) -> bool:
    """Whether the settings, by their keys, let announcements of a kind be shown."""
    return settings.get(f"notifications.{kind}", "true") == "true"


_NEEDS_SOMEBODY = (AccountPhase.SIGNED_OUT, AccountPhase.LOCKED, AccountPhase.ERROR)
_WANTED = frozenset({"locked-by-user", "cache-moving"})
"""Problems that the person made, and sees."""
_TO_BE_READ = frozenset({"settings", "change-refused", "changes-lost"})
"""Notices that stand in the window for whoever looks, and ask for nothing."""
_NOTICED = frozenset({"update-forced", "disk-full"})
"""Problems of accounts for which the core gives one notice."""


def announcements(before: BridgeState, after: BridgeState) -> list[Announcement]:
    """What became true between two snapshots and needs somebody. Being offline, syncing or paused never does; signing
    out by hand leaves no problem behind and tells nothing."""
    if after.core.phase is CorePhase.STOPPING:
        return []
    made = []
    problem = after.core.problem
    was = before.core.problem
    if problem is not None and problem.code not in _WANTED and (was is None or was.code != problem.code):
        made.append(announcement(problem))
    busy = {listener.protocol for listener in before.listeners if listener.phase is ListenerPhase.BUSY}
    made += [
        announcement(listener.problem)
        for listener in after.listeners
        if listener.phase is ListenerPhase.BUSY and listener.protocol not in busy and listener.problem is not None
    ]
    old = {account.id: (account.phase, account.problem and account.problem.code) for account in before.accounts}
    made += [
        Announcement(account.email, problem_text(account.problem), OpenAccount(account.id))
        for account in after.accounts
        if account.problem is not None
        and account.phase in _NEEDS_SOMEBODY
        and account.problem.code not in _NOTICED
        and old.get(account.id) != (account.phase, account.problem.code)
    ]
    known = {notice.key for notice in before.notices}
    made += [
        replace(announcement(notice.problem, _place(notice, after)), kind=_kind(notice))
        for notice in after.notices
        if notice.key not in known and notice.kind is not NoticeKind.INFO and notice.problem.code not in _TO_BE_READ
    ]
    return made + _unsent(before, after)


def _unsent(before: BridgeState, after: BridgeState) -> list[Announcement]:
    """Messages of the outbox that will not go by themselves any more."""
    known = {(account.id, item.id) for account in before.accounts for item in account.outbox if item.failed}
    return [
        Announcement(
            translate("announcer", "A message was not sent"),
            problem_text(item.problem) if item.problem is not None else account.email,
            OpenAccount(account.id),
            Kind.SENDING,
        )
        for account in after.accounts
        for item in account.outbox
        if item.failed and (account.id, item.id) not in known
    ]


def _kind(notice: Notice) -> Kind:
    return Kind.PROGRAMS if notice.key.startswith(("password ", "sign-in ")) else Kind.PROBLEMS


def _place(notice: Notice, state: BridgeState) -> Wish:
    """The card of the mail program it is about, or the page of the account; else the window, whose banner has it."""
    client = remedies.refused_program(notice)
    if client is not None and any(one.id == client for one in state.clients):
        return OpenProgram(client)
    return OpenAccount(notice.account) if notice.account else OpenWindow()


def announcement(problem: Problem, opens: Wish = _WINDOW) -> Announcement:
    """What a notification says of a problem. The title says what, so the text does not say it again."""
    title = local(problem.title)
    text = problem_text(problem)
    rest = text.removeprefix(title.rstrip(".") + ".").strip()
    return Announcement(title, rest or text, opens)
