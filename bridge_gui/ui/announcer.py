"""Which changes are worth a desktop notification: only those that need the person.

Pure: two snapshots in, texts out.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge_gui.state import AccountPhase, BridgeState, CorePhase, ListenerPhase, NoticeKind
from bridge_gui.ui.core_words import local
from bridge_gui.ui.words import problem_text


@dataclass(frozen=True, slots=True)
class Announcement:
    title: str
    text: str


_NEEDS_SOMEBODY = (AccountPhase.SIGNED_OUT, AccountPhase.ERROR)


def announcements(before: BridgeState, after: BridgeState) -> list[Announcement]:
    """What became true between two snapshots and needs somebody. Being offline, syncing or paused never does; signing
    out by hand leaves no problem behind and tells nothing."""
    if after.core.phase is CorePhase.STOPPING:
        return []
    made = []
    problem = after.core.problem
    if problem is not None and (before.core.problem is None or before.core.problem.code != problem.code):
        made.append(Announcement(local(problem.title), problem_text(problem)))
    busy = {listener.protocol for listener in before.listeners if listener.phase is ListenerPhase.BUSY}
    made += [
        Announcement(local(listener.problem.title), problem_text(listener.problem))
        for listener in after.listeners
        if listener.phase is ListenerPhase.BUSY and listener.protocol not in busy and listener.problem is not None
    ]
    phases = {account.id: account.phase for account in before.accounts}
    made += [
        Announcement(account.email, problem_text(account.problem))
        for account in after.accounts
        if account.problem is not None
        and account.phase in _NEEDS_SOMEBODY
        and phases.get(account.id) is not account.phase
    ]
    known = {notice.key for notice in before.notices}
    made += [
        Announcement(local(notice.problem.title), problem_text(notice.problem))
        for notice in after.notices
        if notice.key not in known and notice.kind is not NoticeKind.INFO
    ]
    return made
