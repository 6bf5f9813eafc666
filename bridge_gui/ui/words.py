"""From state to sentences: pure functions, so that every word the window says about a state is in one place and tested.

Times are seconds since 1970. A `Line` carries the words and their tone; the colour alone never says anything.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from bridge_gui.model import Access, Protocol
from bridge_gui.state import (
    AccountPhase,
    AccountState,
    BridgeState,
    ClientState,
    CorePhase,
    ListenerPhase,
    ListenerState,
    Mails,
    NoticeKind,
    Problem,
    SessionState,
    SetupProgress,
    SyncPhase,
)
from bridge_gui.ui.core_words import day, local
from bridge_gui.ui.theme import Tone

translate = QCoreApplication.translate

SIZE_STEP = 1024 if sys.platform == "win32" else 1000


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    tone: Tone


def ago(then: float, now: float) -> str:
    """How long ago something was, as people say it."""
    seconds = max(0, int(now - then))
    if seconds < 5:
        return translate("words", "just now")
    if seconds < 60:
        return translate("words", "%n s ago", "", seconds)
    if seconds < 3600:
        return translate("words", "%n min ago", "", seconds // 60)
    return clock(then, now)


def clock(then: float, now: float) -> str:
    """A moment as a time of day, with the day when it is not today's."""
    moment, today = time.localtime(then), time.localtime(now)
    hour = time.strftime("%H:%M", moment)
    if moment[:3] == today[:3]:
        return hour
    if moment[:3] == time.localtime(now - 86400)[:3]:
        return translate("words", "yesterday {time}").format(time=hour)
    return date(then)


def date(moment: float) -> str:
    """The day of a moment, in words."""
    then = time.localtime(moment)
    return day(QDate(then.tm_year, then.tm_mon, then.tm_mday))


def duration(seconds: float) -> str:
    """A time still to wait, rounded so that it does not flicker."""
    if seconds < 60:
        return translate("words", "less than a minute")
    if seconds < 5400:
        return translate("words", "%n min", "", round(seconds / 60))
    return translate("words", "%n h", "", round(seconds / 3600))


def size(count: int) -> str:
    """Bytes in the largest unit that keeps one digit before the point, counted as the system's own programs do."""
    units = (
        translate("words", "{amount} B"),
        translate("words", "{amount} KB"),
        translate("words", "{amount} MB"),
        translate("words", "{amount} GB"),
        translate("words", "{amount} TB"),
    )
    amount, step = float(count), 0
    while amount >= SIZE_STEP and step < len(units) - 1:
        amount, step = amount / SIZE_STEP, step + 1
    digits = 0 if step == 0 or amount >= 100 else 1
    return units[step].format(amount=QLocale().toString(amount, "f", digits))


def disk_line(account: AccountState, kept: str) -> str:
    """What of the mail is here, how much room it takes, and how much is taken at the service."""
    here = size(account.disk_bytes)
    parts = [translate("words", "{kept}: {used}").format(kept=kept[:1].upper() + kept[1:], used=here) if kept else here]
    if account.sync.on_demand:
        parts.append(translate("words", "%n messages are fetched when they are read", "", account.sync.on_demand))
    if account.max_bytes:
        parts.append(
            translate("words", "{space} of {whole} used at Proton").format(
                space=size(account.used_bytes), whole=size(account.max_bytes)
            )
        )
    return " · ".join(parts)


def percent(account: AccountState) -> int:
    sync = account.sync
    return min(99, int(100 * sync.done / sync.total)) if sync.total else 0


def account_line(account: AccountState, now: float) -> Line:
    """The state of an account in one sentence."""
    sync = account.sync
    match account.phase:
        case AccountPhase.SIGNED_OUT:
            return Line(translate("words", "Signed out"), Tone.ATTENTION)
        case AccountPhase.LOCKED:
            return Line(translate("words", "Locked"), Tone.ATTENTION)
        case AccountPhase.ERROR:
            title = local(account.problem.title) if account.problem else translate("words", "Needs attention")
            return Line(title, Tone.BAD)
        case AccountPhase.OFFLINE:
            return Line(translate("words", "Offline · mail on this computer stays readable"), Tone.QUIET)
        case AccountPhase.CONNECTING:
            return Line(translate("words", "Connecting"), Tone.BUSY)
        case AccountPhase.CONNECTED if account.problem is not None:
            return Line(local(account.problem.title), Tone.QUIET)  # it is tried again by itself
        case AccountPhase.CONNECTED:
            pass
    match sync.phase:
        case SyncPhase.PAUSED:
            return Line(translate("words", "Paused"), Tone.QUIET)
        case SyncPhase.WAITING | SyncPhase.LISTING if not sync.usable:
            return Line(translate("words", "Reading the list of messages"), Tone.BUSY)
        case SyncPhase.DONE:
            text = translate("words", "Up to date")
            if account.checked_at is not None:
                text += " · " + translate("words", "checked {when}").format(when=ago(account.checked_at, now))
            return Line(text, Tone.GOOD)
    text = translate("words", "Downloading, {percent} %").format(percent=percent(account))
    if sync.remaining_s is not None:
        text += " · " + duration(sync.remaining_s)
    return Line(text, Tone.BUSY)


def account_problem(account: AccountState) -> Problem | None:
    """What the account's banner says: its problem, or that somebody signed it out."""
    if account.problem is None and account.phase is AccountPhase.SIGNED_OUT:
        return Problem(
            "signed-out",
            translate("words", "You signed out of this account"),
            translate(
                "words", "Mail programs cannot use it until you sign in again. The mail on this computer is kept."
            ),
        )
    return account.problem


def short_line(account: AccountState) -> Line:
    """The same for the sidebar and the tray's menu, as short as it goes."""
    line = account_line(account, 0.0)
    if account.phase is AccountPhase.CONNECTED and account.sync.phase is SyncPhase.DONE and account.problem is None:
        return Line(translate("words", "Up to date"), Tone.GOOD)
    if account.phase is AccountPhase.OFFLINE:
        return Line(translate("words", "Offline"), Tone.QUIET)
    return line


def brief_line(account: AccountState) -> Line:
    """For the list of accounts, where little room is."""
    line = short_line(account)
    sync = account.sync
    if account.phase is not AccountPhase.CONNECTED or line.tone is not Tone.BUSY or not sync.total:
        return line
    text = translate("words", "{percent} %").format(percent=percent(account))
    return Line(text if sync.remaining_s is None else f"{text} · {duration(sync.remaining_s)}", Tone.BUSY)


_CORE_TONES = {"locked-by-user": Tone.ATTENTION, "cache-moving": Tone.BUSY}
"""Problems of the whole application that are none: somebody wanted them."""


def core_tone(problem: Problem) -> Tone:
    return _CORE_TONES.get(problem.code, Tone.BAD)


def overall(state: BridgeState) -> Line:
    """The tray's status line: the most pressing thing first."""
    core = state.core
    if core.problem is not None:
        return Line(local(core.problem.title), core_tone(core.problem))
    if core.phase is CorePhase.STARTING:
        return Line(translate("words", "Starting"), Tone.BUSY)
    for listener in state.listeners:
        if listener.phase is ListenerPhase.BUSY:
            title = listener.problem.title if listener.problem is not None else "The port is used by another program"
            return Line(local(title), Tone.BAD)
    if not state.accounts:
        return Line(translate("words", "No account yet"), Tone.QUIET)
    lines = [(short_line(account), account) for account in state.accounts]
    for tone, kind in ((Tone.BAD, NoticeKind.BAD), (Tone.ATTENTION, NoticeKind.ATTENTION)):
        for notice in reversed(state.notices):
            if notice.kind is kind:
                return Line(local(notice.problem.title), tone)
        for line, account in lines:
            if line.tone is tone:
                return Line(f"{account.email}: {line.text}", tone)
    busy = [(line, account) for line, account in lines if line.tone is Tone.BUSY]
    if len(busy) > 1:
        return Line(translate("words", "%n accounts are downloading", "", len(busy)), Tone.BUSY)
    others = busy or [(line, account) for line, account in lines if line.tone is not Tone.GOOD]
    if not others:
        return lines[0][0] if len(lines) == 1 else Line(translate("words", "All accounts up to date"), Tone.GOOD)
    line, account = others[0]
    if not busy and len(others) == len(lines) and all(each.text == line.text for each, _ in others):
        return line  # all are paused, or all offline
    return Line(f"{account.email}: {line.text}", line.tone)


def tray_state(state: BridgeState) -> str:
    """Which of the tray's icons fits: normal, syncing, attention, offline or error."""
    match overall(state).tone:
        case Tone.BAD:
            return "error"
        case Tone.ATTENTION:
            return "attention"
        case Tone.BUSY:
            return "syncing"
        case _:
            offline = state.accounts and all(account.phase is AccountPhase.OFFLINE for account in state.accounts)
            return "offline" if offline else "normal"


def access(value: Access) -> str:
    return {
        Access.FULL: translate("words", "full access"),
        Access.READ_ONLY: translate("words", "read-only"),
        Access.SEND_ONLY: translate("words", "send-only"),
    }[value]


def client_line(client: ClientState, sessions: int, now: float) -> Line:
    """When a mail program was last here."""
    if sessions:
        return Line(translate("words", "signed in now"), Tone.GOOD)
    if client.last_used is None:
        return Line(translate("words", "not used yet"), Tone.QUIET)
    return Line(translate("words", "last used {when}").format(when=ago(client.last_used, now)), Tone.QUIET)


def setup_line(progress: SetupProgress) -> str:
    """When a mail program was set up by Bridge Manager, or what does not fit any more."""
    if progress.problem is not None:
        return problem_text(progress.problem)
    if progress.written_at is None:
        return translate("words", "Being set up")
    when = date(progress.written_at) + time.strftime(", %H:%M", time.localtime(progress.written_at))
    return translate("words", "Set up by Bridge Manager {when}").format(when=when)


def session_line(session: SessionState, now: float, label: str = "") -> str:
    """One live session: what it does now. It names a time of day, as a count of seconds would flicker."""
    doing = local(session.activity) or translate("words", "waiting")
    since = translate("words", "since {time}").format(time=clock(session.since, now))
    return " · ".join(part for part in (label, session.protocol.value.upper(), doing, since) if part)


def problem_parts(problem: Problem) -> tuple[str, str]:
    """What happened, and what more there is to say of it with what to do, in the window's language."""
    title, message, remedy = local(problem.title), local(problem.message), local(problem.remedy)
    if message.rstrip(".") == title.rstrip("."):
        message = ""
    if message and message[-1].isalnum():
        message += "."  # the service's own words end without
    return title.rstrip(".") + ".", " ".join(part for part in (message, remedy) if part)


def problem_text(problem: Problem) -> str:
    """The same as one text."""
    return " ".join(part for part in problem_parts(problem) if part)


def mails_text(mails: Mails) -> str:
    """`“Lunch”, “Invoice” and 3 more`; nothing when no subject is known."""
    named = ", ".join(
        f"“{subject}”" if subject.strip() else translate("words", "(no subject)") for subject in mails.subjects
    )
    if not named or not mails.more:
        return named
    return f"{named} {translate('words', 'and %n more', '', mails.more)}"


def server_line(listeners: Sequence[ListenerState]) -> str:
    """`IMAP 127.0.0.1:1143 · SMTP 127.0.0.1:1025 · STARTTLS or TLS`."""
    parts = []
    for protocol in (Protocol.IMAP, Protocol.SMTP):
        found = next((listener for listener in listeners if listener.protocol is protocol), None)
        if found is not None:
            parts.append(f"{protocol.value.upper()} {found.host}:{found.port}")
    return " · ".join([*parts, translate("words", "STARTTLS or TLS")])
