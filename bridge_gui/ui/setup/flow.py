"""The steps of setting a mail program up, as data; no Qt.

`path` says which steps there are for what has been answered so far, `following` and `previous` walk on it, `missing`
says whether a step can be left. The pages draw a step and change the answers, nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bridge_gui.answers import ProgramFound, SetupOptions
from bridge_gui.model import Access, AddressMode, ClientId
from bridge_gui.state import AccountState, Problem, SetupPhase, SetupProgress


class Step(StrEnum):
    PROGRAM = "program"
    WHY_NOT = "why-not"
    """The program cannot be set up at all: why, and what to do instead."""
    AGAIN = "again"
    """It is set up already."""
    ADDRESS = "address"
    ACCESS = "access"
    PLAN = "plan"
    WORK = "work"
    """Waits until the program is closed, then writes."""
    SIGN_IN = "sign-in"
    """Our part is done: what is left to the person, and whether the program has signed in."""
    LEFT = "left"
    """Taken back: what is left to the person."""


class Task(StrEnum):
    SET_UP = "set-up"
    REPAIR = "repair"
    UNDO = "undo"


ALL = ""
"""As an address: each of them."""


@dataclass(frozen=True, slots=True)
class Answers:
    task: Task = Task.SET_UP
    program: ProgramFound | None = None
    address: str | None = None
    """With split addresses; `ALL` is an answer as well, None is none."""
    access: Access | None = None
    keep_copies: bool = True
    label: str = ""
    """What the program is called in the list; empty is its own name."""
    clients: tuple[ClientId, ...] = ()
    """The passwords, once they are made."""

    @property
    def options(self) -> SetupOptions:
        return SetupOptions(keep_copies=self.keep_copies, address=self.address or "", label=self.label.strip())


def addresses(account: AccountState) -> tuple[str, ...]:
    """Those between which there is a choice: none while they are combined."""
    if account.mode is not AddressMode.SPLIT:
        return ()
    found = tuple(address.email for address in account.addresses if address.enabled)
    return found if len(found) > 1 else ()


def keeps_copies(program: ProgramFound) -> bool:
    """Whether the program can be told to keep the mail on the disk, or not to."""
    return program.app == "thunderbird"


def has_name(program: ProgramFound) -> bool:
    """Whether a person may want to call it something else: there can be several of one kind."""
    return program.guided


def chosen(answers: Answers, program: ProgramFound) -> Answers:
    """Another program: what was answered stays as far as it fits."""
    access = answers.access if answers.access in program.accesses else program.accesses[0]
    address = None if program.one_address and answers.address == ALL else answers.address
    label = answers.label if answers.program == program else ""
    return replace(answers, program=program, access=access, address=address, label=label)


def path(answers: Answers, choice: Sequence[str]) -> tuple[Step, ...]:
    """All steps for what has been answered; `choice` are the addresses to choose from."""
    if answers.task is Task.UNDO:
        return (Step.WORK, Step.LEFT)
    if answers.task is Task.REPAIR:
        return (Step.WORK, Step.SIGN_IN) if answers.program is None else (Step.PROGRAM, Step.AGAIN, *_END)
    program = answers.program
    if program is None:
        return (Step.PROGRAM,)
    if program.problem is not None:
        return (Step.PROGRAM, Step.WHY_NOT)
    if program.clients and not program.guided:
        return (Step.PROGRAM, Step.AGAIN, *_END)
    asked = []
    if choice:
        asked.append(Step.ADDRESS)
    if len(program.accesses) > 1 or keeps_copies(program) or has_name(program):
        asked.append(Step.ACCESS)
    return (Step.PROGRAM, *asked, Step.PLAN, *_END)


_END = (Step.WORK, Step.SIGN_IN)


def following(step: Step, answers: Answers, choice: Sequence[str]) -> Step | None:
    """The step after this one; None at the end."""
    steps = path(answers, choice)
    place = steps.index(step) + 1
    return steps[place] if place < len(steps) else None


def previous(step: Step, answers: Answers, choice: Sequence[str]) -> Step | None:
    """The step to go back to. What is written is not left by going back: it is taken back, or stays."""
    if step in (Step.WORK, Step.SIGN_IN, Step.LEFT):
        return None
    steps = path(answers, choice)
    place = steps.index(step) - 1
    return steps[place] if place >= 0 else None


def is_answered(step: Step, answers: Answers) -> bool:
    """Whether the step's question has an answer."""
    if step is Step.PROGRAM:
        return answers.program is not None
    if step is Step.ADDRESS:
        return answers.address is not None
    if step is Step.ACCESS:
        return answers.access is not None
    return step is not Step.WHY_NOT


@dataclass(frozen=True, slots=True)
class Group:
    """A heading in the list of programs, and what is under it."""

    here: bool
    """Found on this computer."""
    programs: tuple[ProgramFound, ...]


ANY = "any"
"""The target of what is not in the list."""


def groups(found: Sequence[ProgramFound]) -> tuple[Group, ...]:
    """Those on this computer first, then the others; "another program" is the last of all."""
    rest = [program for program in found if program.target != ANY]
    here = tuple(program for program in rest if program.installed)
    elsewhere = tuple(program for program in rest if not program.installed)
    last = tuple(program for program in found if program.target == ANY)
    return tuple(group for group in (Group(True, here), Group(False, (*elsewhere, *last))) if group.programs)


def of_these(progress: Sequence[SetupProgress], clients: Sequence[ClientId]) -> tuple[SetupProgress, ...]:
    return tuple(entry for entry in progress if entry.client in clients)


def has_signed_in(progress: Sequence[SetupProgress]) -> bool:
    """Each of them has; nothing at all is no."""
    return bool(progress) and all(entry.phase is SetupPhase.SIGNED_IN for entry in progress)


def was_used(progress: Sequence[SetupProgress]) -> bool:
    return any(entry.imap_at is not None or entry.smtp_at is not None for entry in progress)


PATIENCE_SECONDS = 300.0
"""So long a person may be busy with the steps, before it is said that nothing came."""


def trouble(entry: SetupProgress, guided: bool, now: float) -> Problem | None:
    """What is to be said of a program that has not signed in; while a person follows steps, silence is none yet."""
    problem = entry.problem
    if problem is not None and problem.code == "setup-silent" and guided:
        return problem if now - (entry.written_at or now) > PATIENCE_SECONDS else None
    return problem
