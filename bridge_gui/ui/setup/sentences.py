"""What the wizard says of a state: pure, so that every sentence about a sign-in is in one place and tested."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from bridge_gui.answers import Check, CheckResult, ProgramFound
from bridge_gui.model import Access
from bridge_gui.state import ClientState, SetupPhase, SetupProgress
from bridge_gui.ui.core_words import local
from bridge_gui.ui.setup.flow import Answers, Step, Task
from bridge_gui.ui.theme import Tone
from bridge_gui.ui.words import Line

translate = QCoreApplication.translate


def heading(step: Step, answers: Answers, name: str, signed_in: bool, has_steps: bool) -> tuple[str, str]:
    """A step's title, and the sentence under it. `has_steps`: something is left to the person."""
    program = answers.program
    title, text = "", ""
    match step:
        case Step.PROGRAM:
            title = translate("setup", "Which program?")
            text = translate("setup", "It gets a password of its own, which you can revoke by itself.")
        case Step.WHY_NOT if program is not None and program.problem is not None:
            title = local(program.problem.title)
            parts = (program.problem.message, program.problem.remedy)
            text = "\n\n".join(local(part) for part in parts if part)
        case Step.AGAIN:
            title = translate("setup", "{program} is set up already")
            text = translate(
                "setup",
                "Setting it up again brings addresses, ports, certificate and password in line with what they are now. "
                "Nothing else is changed.",
            )
        case Step.ADDRESS:
            title = translate("setup", "Which address?")
            text = translate("setup", "Each address of this account has a mailbox of its own.")
        case Step.ACCESS:
            title = translate("setup", "What may it do?")
            text = translate("setup", "You can change it later, without touching the program.")
        case Step.PLAN if program is not None:
            title, text = _of_plan(program)
        case Step.WORK:
            title = {
                Task.SET_UP: translate("setup", "Setting up {program}"),
                Task.REPAIR: translate("setup", "Setting up {program} again"),
                Task.UNDO: translate("setup", "Taking back the set-up of {program}"),
            }[answers.task]
        case Step.SIGN_IN if signed_in:
            title = translate("setup", "{program} is set up")
        case Step.SIGN_IN if has_steps:
            title = translate("setup", "Now it is your turn")
            text = translate("setup", "Follow the steps. As soon as {program} signs in, it is seen here.")
        case Step.SIGN_IN:
            title = translate("setup", "Start {program} now")
        case Step.LEFT:
            title = translate("setup", "The set-up of {program} is taken back")
            text = translate(
                "setup", "What Bridge Manager has added is removed, and the password is revoked. This is left to you:"
            )
    return title.replace("{program}", name), text.replace("{program}", name)


def _of_plan(program: ProgramFound) -> tuple[str, str]:
    if program.guided:
        title = translate("setup", "This is to be done")
        text = translate("setup", "Bridge Manager makes the password; the steps in {program} are yours.")
    else:
        title = translate("setup", "This will be written")
        text = translate("setup", "Nothing has been changed yet. What is changed can be taken back later.")
    if program.unproven:
        text += " " + translate("setup", "It is written by the book, and was not tried with the real program yet.")
    return title, text


def second(at: float) -> str:
    """A moment to the second, as a person compares it with the clock."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def sign_in_line(entry: SetupProgress, name: str) -> Line:
    """`Thunderbird 153.7 signed in to IMAP at 10:42:07, sent nothing yet. It listed 2 folders; INBOX has 1 message.`"""
    line = _sign_in_line(entry, name)
    return Line(" ".join(filter(None, (line.text, seen_line(entry)))), line.tone)


def _sign_in_line(entry: SetupProgress, name: str) -> Line:
    who = entry.program or name
    if entry.imap_at is not None and entry.smtp_at is not None:
        text = translate("setup", "{program} signed in to IMAP at {read} and to SMTP at {sent}.")
        return Line(text.format(program=who, read=second(entry.imap_at), sent=second(entry.smtp_at)), Tone.GOOD)
    if entry.imap_at is not None:
        text = translate("setup", "{program} signed in to IMAP at {time}, sent nothing yet.")
        return Line(text.format(program=who, time=second(entry.imap_at)), Tone.GOOD)
    if entry.smtp_at is not None:
        tone = Tone.GOOD if entry.phase is SetupPhase.SIGNED_IN else Tone.BUSY
        text = translate("setup", "{program} signed in to SMTP at {time}, read nothing yet.")
        return Line(text.format(program=who, time=second(entry.smtp_at)), tone)
    return Line(translate("setup", "Waiting for {program} to sign in…").format(program=who), Tone.BUSY)


def seen_line(entry: SetupProgress) -> str:
    """What the program has fetched: `It listed 22 folders; INBOX has 14 messages.` Empty before that."""
    if not entry.folders:
        return ""
    folders = translate("setup", "%n folders", "", entry.folders)
    if entry.messages is None:
        return translate("setup", "It listed {folders}.").format(folders=folders)
    messages = translate("setup", "%n messages", "", entry.messages)
    return translate("setup", "It listed {folders}; INBOX has {messages}.").format(folders=folders, messages=messages)


def refused_line(client: ClientState | None, entry: SetupProgress, name: str) -> str:
    """What was seen of a failed attempt since it was set up; empty when there was none."""
    if client is None or client.last_failure is None or client.last_failure < (entry.written_at or 0.0):
        return ""
    text = translate("setup", "{program} tried with an old password at {time}.")
    return "• " + text.format(program=entry.program or name, time=second(client.last_failure))


def work_line(progress: Sequence[SetupProgress], app: str, running: bool, name: str, task: Task) -> Line:
    """What is going on while it is written."""
    phase = next((entry.phase for entry in progress if entry.client is None and entry.app == app), None)
    if running:
        text = {
            Task.SET_UP: translate("setup", "Close {program} so that it can be set up. It goes on by itself."),
            Task.REPAIR: translate("setup", "Close {program} so that it can be repaired. It goes on by itself."),
            Task.UNDO: translate("setup", "Close {program} so that it can be taken back. It goes on by itself."),
        }[task]
        return Line(text.format(program=name), Tone.ATTENTION)
    if phase is SetupPhase.PREPARING:
        text = translate("setup", "Starting {program} once, without a window, so that it makes its profile…")
        return Line(text.format(program=name), Tone.BUSY)
    text = {
        Task.SET_UP: translate("setup", "Setting {program} up…"),
        Task.REPAIR: translate("setup", "Repairing the set-up of {program}…"),
        Task.UNDO: translate("setup", "Taking back the set-up of {program}…"),
    }[task]
    return Line(text.format(program=name), Tone.BUSY)


def program_note(program: ProgramFound) -> str:
    """The quiet line under a program's name: which one it is, and what is known of it."""
    parts = [program.title] if program.title else []
    if program.problem is not None:
        parts.append(translate("setup", "cannot be set up"))
    elif program.clients:
        parts.append(translate("setup", "set up already"))
    elif program.guided:
        parts.append(translate("setup", "guided, step by step"))
    elif program.unproven:
        parts.append(translate("setup", "guided, not tried with the real program yet"))
    else:
        parts.append(translate("setup", "set up by itself"))
    if program.running:
        parts.append(translate("setup", "running"))
    if program.addresses:
        more = len(program.addresses) - 2
        shown = ", ".join(program.addresses[:2])
        if more > 0:
            shown = translate("setup", "{addresses} and %n more", "", more).format(addresses=shown)
        parts.append(shown)
    return " · ".join(parts)


def access_choice(access: Access) -> tuple[str, str]:
    """An access as a choice, and what it means."""
    return {
        Access.FULL: (
            translate("setup", "Read and send"),
            translate("setup", "For the program that you use every day."),
        ),
        Access.READ_ONLY: (
            translate("setup", "Only read"),
            translate("setup", "It cannot send, change or delete anything: good for backups."),
        ),
        Access.SEND_ONLY: (
            translate("setup", "Only send"),
            translate("setup", "It cannot read your mail: good for scripts and devices."),
        ),
    }[access]


def value_label(label: str) -> str:
    """The name of a value to copy, which the core gives in English."""
    return {
        "Name": translate("setup", "Name"),
        "Address": translate("setup", "Address"),
        "User name": translate("setup", "User name"),
        "Password": translate("setup", "Password"),
        "IMAP server": translate("setup", "IMAP server"),
        "IMAP port": translate("setup", "IMAP port"),
        "SMTP server": translate("setup", "SMTP server"),
        "SMTP port": translate("setup", "SMTP port"),
        "Encryption": translate("setup", "Encryption"),
        "Fingerprint (SHA-256)": translate("setup", "Fingerprint (SHA-256)"),
    }.get(label, label)


def what_may_help(checks: Sequence[Check], account: str) -> tuple[str, ...]:
    """The doctor's findings that can keep a program from signing in, each with its remedy."""
    concerned = {"vault", "certificate", "port-imap", "port-smtp", f"account-{account}"}
    return tuple(
        "• " + " ".join(filter(None, (local(check.sentence), local(check.remedy))))
        for check in checks
        if (check.key in concerned or check.key.startswith("sign-in-")) and check.result is not CheckResult.GOOD
    )
